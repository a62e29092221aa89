"""What can be asked about reports and cases."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.cases import policy
from pointsbank.cases.models import (
    Case,
    CaseEvent,
    CaseState,
    CaseVisibility,
    Category,
    Escalation,
    Joiner,
    Outcome,
    Report,
    Unit,
    UnitMember,
)
from pointsbank.cases.moves import OPEN
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.masking import mask_name
from pointsbank.core.paging import Page, page
from pointsbank.media import queries as pictures
from pointsbank.media.models import Photo, Purpose
from pointsbank.people import queries as people
from pointsbank.places.coordinates import EARTH, distance

RECENT = dt.timedelta(days=14)
NEAR_BITS = 10
MOST_PICTURES = 2000
MOST_SIMILAR = 10


def place_key(place: str) -> str:
    """The place to compare: full width folded, without spaces and signs."""
    return "".join(c for c in unicodedata.normalize("NFKC", place).casefold() if c.isalnum())[:120]


def unit(community_id: int | None, unit_id: int, *, lock: bool = False) -> Unit:
    """One unit of this community. Raises NotFound."""
    return get_scoped(Unit, unit_id, community_id, lock=lock)


def category(community_id: int | None, category_id: int) -> Category:
    """One kind of problem of this community. Raises NotFound."""
    return get_scoped(Category, category_id, community_id)


def units(community_id: int | None, *, cursor: str | None = None, limit: int | None = None) -> Page[Unit]:
    """The units of a community."""
    return page(scoped(Unit, community_id), Unit.id, cursor=cursor, limit=limit, descending=False)


def categories(community_id: int | None, *, cursor: str | None = None, limit: int | None = None) -> Page[Category]:
    """The kinds of problems of a community."""
    return page(scoped(Category, community_id), Category.id, cursor=cursor, limit=limit, descending=False)


def unit_users(community_id: int, unit_id: int | None) -> frozenset[int]:
    """The users who work for a unit."""
    return frozenset(db.session.scalars(sa.select(UnitMember.user_id).where(
        UnitMember.community_id == community_id, UnitMember.unit_id == (unit_id or 0))))


# ── Who sees what ───────────────────────────────────────────────────────────────────────────────────────────────


def is_inside(actor: Actor, case: Case) -> bool:
    """Sees everything of a case: the reporter, staff of the community, and the unit."""
    return policy.is_reporter(actor, case) or policy.is_staff(actor) or actor.user_id == case.handler_id or (
        actor.user_id is not None and actor.user_id in unit_users(case.community_id, case.unit_id))


def is_brought_by(case: Case, sender_key: str) -> bool:
    """The report of this case came from this sender."""
    return db.session.scalar(sa.select(Report.id).where(
        Report.community_id == case.community_id, Report.case_id == case.id, Report.sender_key == sender_key)
        .limit(1)) is not None


def may_join(actor: Actor, case: Case) -> bool:
    """Residents may say "me too" to what isn't kept from them."""
    return case.visibility is not CaseVisibility.STAFF or is_inside(actor, case)


def may_see(actor: Actor, case: Case) -> bool:
    """Those inside; residents what has been accepted and isn't a family's matter; joiners what they joined."""
    if actor.user_id is None or case.community_id != actor.community_id:
        return False
    if is_inside(actor, case) or (case.visibility is not CaseVisibility.STAFF and case.accepted_at is not None):
        return True
    return actor.resident_id is not None and db.session.get(Joiner, (case.id, actor.resident_id)) is not None


@dataclass(frozen=True)
class Sight:
    """A case as one reader sees it. ``reporter`` is masked, and empty where the report is anonymous to the reader."""

    case: Case
    category: str
    unit: str
    reporter: str
    joiners: int
    inside: bool
    text: str
    reports: Sequence[Report] = ()
    events: Sequence[CaseEvent] = ()
    escalations: Sequence[Escalation] = ()
    photos: Sequence[Photo] = ()


def _sights(actor: Actor, cases: Sequence[Case], inside: bool) -> list[Sight]:
    """Many cases in the same few statements."""
    if not cases:
        return []
    community_id = cases[0].community_id
    kinds = {c.id: c.name for c in db.session.scalars(scoped(Category, community_id).where(
        Category.id.in_({case.category_id for case in cases})))}
    names = {u.id: u.name for u in db.session.scalars(scoped(Unit, community_id).where(
        Unit.id.in_({case.unit_id for case in cases if case.unit_id is not None})))}
    who = people.residents_by_id(community_id, {case.reporter_resident_id for case in cases
                                                if case.reporter_resident_id is not None})
    ids = [case.id for case in cases]
    joined = {row[0]: row[1] for row in db.session.execute(sa.select(Joiner.case_id, sa.func.count()).where(
        Joiner.case_id.in_(ids)).group_by(Joiner.case_id))}
    texts = {r.case_id: r.text for r in db.session.scalars(scoped(Report, community_id).where(Report.case_id.in_(ids)))
             } if inside else {}
    staff = policy.is_staff(actor)
    return [Sight(case, kinds[case.category_id], names.get(case.unit_id or 0, ""),
                  "" if case.reporter_resident_id is None or (
                      case.anonymous and not (staff or policy.is_reporter(actor, case)))
                  else mask_name(who[case.reporter_resident_id].name), joined.get(case.id, 0), inside,
                  texts.get(case.id, "")) for case in cases]


def seen(actor: Actor, case_id: int) -> Sight:
    """One case with its history. Raises NotFound for who may not see it. Others than those inside see no words of
    reporters or staff: they may name people."""
    case = get_scoped(Case, case_id, actor.community_id)
    if not may_see(actor, case):
        raise NotFound
    inside = is_inside(actor, case)
    sight = _sights(actor, [case], inside)[0]
    community_id = case.community_id
    reports = db.session.scalars(scoped(Report, community_id).where(Report.case_id == case.id).order_by(Report.id)
                                 ).all() if inside else []
    photos = pictures.photos_of(community_id, [case.key, *(r.key for r in reports)]) if inside else {}
    return Sight(
        case, sight.category, sight.unit, sight.reporter, sight.joiners, inside, sight.text, reports,
        db.session.scalars(scoped(CaseEvent, community_id).where(CaseEvent.case_id == case.id)
                           .order_by(CaseEvent.id)).all(),
        db.session.scalars(scoped(Escalation, community_id).where(Escalation.case_id == case.id)
                           .order_by(Escalation.id)).all(),
        [photo for found in photos.values() for photo in found])


def listed(actor: Actor, *, state: CaseState | None = None, category_id: int | None = None,
           unit_id: int | None = None, cursor: str | None = None, limit: int | None = None) -> Page[Sight]:
    """Cases, newest first: for staff all of the community, for others what residents may see."""
    query = scoped(Case, actor.community_id)
    inside = policy.is_staff(actor)
    if not inside:
        query = query.where(Case.visibility != CaseVisibility.STAFF, Case.accepted_at.is_not(None))
    for column, wanted in ((Case.state, state), (Case.category_id, category_id), (Case.unit_id, unit_id)):
        if wanted is not None:
            query = query.where(column == wanted)
    found = page(query, Case.id, cursor=cursor, limit=limit)
    return Page(_sights(actor, found.items, inside), found.next)


def mine(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Sight]:
    """The cases of the reports of the resident acted for, newest first."""
    found = page(scoped(Case, actor.community_id).where(Case.reporter_resident_id == actor.resident_id), Case.id,
                 cursor=cursor, limit=limit)
    return Page(_sights(actor, found.items, True), found.next)


def for_handler(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Sight]:
    """The open cases given to the actor, newest first."""
    found = page(scoped(Case, actor.community_id).where(
        Case.handler_id == actor.user_id, Case.state.in_(OPEN)), Case.id, cursor=cursor, limit=limit)
    return Page(_sights(actor, found.items, True), found.next)


def has_children(case: Case) -> bool:
    """Others were merged into it."""
    return db.session.scalar(sa.select(Case.id).where(Case.parent_id == case.id).limit(1)) is not None


# ── Duplicates ──────────────────────────────────────────────────────────────────────────────────────────────────


def _alike(kind: Category, key: str, spot: tuple[float, float] | None) -> sa.ColumnElement[bool]:
    """Same group and same place, or in the square around it; the circle is asked afterwards."""
    near: list[sa.ColumnElement[bool]] = [Case.place_key == key]
    if spot is not None:
        north = math.degrees(kind.nearby_m / EARTH)
        east = north / max(math.cos(math.radians(spot[0])), 0.01)
        near.append(sa.and_(Case.lat.between(spot[0] - north, spot[0] + north),
                            Case.lon.between(spot[1] - east, spot[1] + east)))
    group = sa.select(Category.id).where(Category.community_id == kind.community_id,
                                         Category.group_code == kind.group_code)
    return sa.and_(Case.category_id.in_(group), sa.or_(*near))


def similar(community_id: int, kind: Category, place: str, spot: tuple[float, float] | None = None,
            but: int = 0) -> list[Case]:
    """Open or lately closed cases that look like the same problem, the oldest first."""
    key = place_key(place)
    rows = db.session.scalars(
        scoped(Case, community_id).where(
            Case.id != but, _alike(kind, key, spot),
            sa.or_(Case.state.in_(OPEN), sa.and_(Case.state == CaseState.CLOSED,
                                                 Case.closed_at > clock.now() - RECENT)))
        .order_by(Case.id).limit(100))
    return [case for case in rows if case.place_key == key or (
        spot is not None and case.lat is not None and case.lon is not None
        and distance(spot, (case.lat, case.lon)) <= kind.nearby_m)][:MOST_SIMILAR]


def proposed(actor: Actor, case_id: int) -> list[Sight]:
    """For the desk: what the case may be merged into, by place or by a near-equal photo. Raises NotFound."""
    case = get_scoped(Case, case_id, actor.community_id)
    if not policy.is_staff(actor):
        raise NotFound
    spot = (case.lat, case.lon) if case.lat is not None and case.lon is not None else None
    found = similar(case.community_id, category(case.community_id, case.category_id), case.place, spot, case.id)
    known = {one.id for one in found}
    wanted = _by_picture(case) - known - {case.id}
    if wanted:
        found += db.session.scalars(scoped(Case, case.community_id).where(Case.id.in_(wanted)).order_by(Case.id)
                                    .limit(MOST_SIMILAR)).all()
    return _sights(actor, found, True)


def offered(actor: Actor, category_id: int, place: str, lat: float | None = None,
            lon: float | None = None) -> list[Sight]:
    """While writing: open cases nearby that a resident may join, without anybody's words."""
    if actor.community_id is None:
        raise NotFound
    kind = category(actor.community_id, category_id)
    spot = (lat, lon) if lat is not None and lon is not None else None
    return _sights(actor, [case for case in similar(actor.community_id, kind, place, spot)
                           if case.visibility is not CaseVisibility.STAFF], False)


def _by_picture(case: Case) -> set[int]:
    """Cases with a photo near-equal to one of this case, also older ones: a photo used again."""
    own = db.session.scalars(sa.select(Report.id).where(Report.community_id == case.community_id,
                                                        Report.case_id == case.id)).all()
    keys = {f"report:{one}" for one in own}
    prints = [int(p, 16) for p in db.session.scalars(sa.select(Photo.fingerprint).where(
        Photo.community_id == case.community_id, Photo.owner_key.in_(keys)))]
    if not prints:
        return set()
    rows = db.session.execute(
        sa.select(Photo.owner_key, Photo.fingerprint).where(
            Photo.community_id == case.community_id, Photo.purpose == Purpose.REPORT, Photo.owner_key.is_not(None),
            Photo.owner_key.not_in(keys)).order_by(Photo.id.desc()).limit(MOST_PICTURES))
    near = {str(key) for key, text in rows if any((int(text, 16) ^ one).bit_count() <= NEAR_BITS for one in prints)}
    return _cases_of(case.community_id, {int(key.partition(":")[2]) for key in near})


def _cases_of(community_id: int, report_ids: Collection[int]) -> set[int]:
    if not report_ids:
        return set()
    return set(db.session.scalars(sa.select(Report.case_id).where(
        Report.community_id == community_id, Report.id.in_(report_ids))))


def is_piece(case: Case, kind: Category) -> bool:
    """An accepted case of the same reporter, at most 14 days apart, looks like the same problem."""
    if case.reporter_resident_id is None:
        return False
    spot = (case.lat, case.lon) if case.lat is not None and case.lon is not None else None
    rows = db.session.scalars(scoped(Case, case.community_id).where(
        Case.reporter_resident_id == case.reporter_resident_id, Case.id != case.id, Case.accepted_at.is_not(None),
        Case.outcome.is_distinct_from(Outcome.FALSE),
        Case.opened_at.between(case.opened_at - RECENT, case.opened_at + RECENT),
        _alike(kind, case.place_key, spot)))
    return any(one.place_key == case.place_key or (
        spot is not None and one.lat is not None and one.lon is not None
        and distance(spot, (one.lat, one.lon)) <= kind.nearby_m) for one in rows)
