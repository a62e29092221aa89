"""Which cases look like the same problem: by place, by distance, by photo; and which is a piece of another."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Collection

import sqlalchemy as sa

from pointsbank.cases import policy
from pointsbank.cases.models import Case, CaseState, CaseVisibility, Category, Outcome, Report, stands_in
from pointsbank.cases.moves import OPEN
from pointsbank.cases.queries.sights import Sight, category, sights
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.media.models import Photo, Purpose
from pointsbank.places.coordinates import EARTH, distance

RECENT = dt.timedelta(days=14)
NEAR_BITS = 10
MOST_PICTURES = 2000
MOST_SIMILAR = 10


def place_key(place: str) -> str:
    """The place to compare: full width folded, without spaces and signs."""
    return "".join(c for c in unicodedata.normalize("NFKC", place).casefold() if c.isalnum())[:120]


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
            sa.or_(stands_in(*OPEN), sa.and_(Case.state == CaseState.CLOSED,
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
    return sights(actor, found, True)


def offered(actor: Actor, category_id: int, place: str, lat: float | None = None,
            lon: float | None = None) -> list[Sight]:
    """While writing: open cases nearby that a resident may join, without anybody's words."""
    if actor.community_id is None:
        raise NotFound
    kind = category(actor.community_id, category_id)
    spot = (lat, lon) if lat is not None and lon is not None else None
    return sights(actor, [case for case in similar(actor.community_id, kind, place, spot)
                           if case.visibility is not CaseVisibility.STAFF], False)


def _by_picture(case: Case) -> set[int]:
    """Cases with a photo near-equal to one of this case, also older ones: a photo used again."""
    near = near_owners(case.community_id, report_keys(case), Purpose.REPORT)
    return cases_of(case.community_id, {int(key.partition(":")[2]) for key in near})


def report_keys(case: Case) -> set[str]:
    """What the photos of a case's reports hang on."""
    return {f"report:{one}" for one in db.session.scalars(sa.select(Report.id).where(
        Report.community_id == case.community_id, Report.case_id == case.id))}


def near_owners(community_id: int, owner_keys: Collection[str], purpose: Purpose,
                until: dt.datetime | None = None) -> set[str]:
    """The other reports (for repairs: cases) with a photo, kept before ``until``, that is near-equal to one of these
    owners' photos. What rounds hang on their own findings is none of them."""
    prints = [int(p, 16) for p in db.session.scalars(sa.select(Photo.fingerprint).where(
        Photo.community_id == community_id, Photo.owner_key.in_(owner_keys)))]
    if not prints:
        return set()
    query = sa.select(Photo.owner_key, Photo.fingerprint).where(
        Photo.community_id == community_id, Photo.purpose == purpose,
        Photo.owner_key.startswith("report:" if purpose is Purpose.REPORT else "case:"),
        Photo.owner_key.not_in(owner_keys))
    if until is not None:
        query = query.where(Photo.created_at < until)
    rows = db.session.execute(query.order_by(Photo.id.desc()).limit(MOST_PICTURES))
    return {str(key) for key, text in rows if any((int(text, 16) ^ one).bit_count() <= NEAR_BITS for one in prints)}


def last_hung(community_id: int, owner_key: str) -> dt.datetime | None:
    """When the newest photo of an owner was sent."""
    return db.session.scalar(sa.select(sa.func.max(Photo.created_at)).where(
        Photo.community_id == community_id, Photo.owner_key == owner_key))


def cases_of(community_id: int, report_ids: Collection[int]) -> set[int]:
    """The cases of these reports."""
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
