"""Cases as each reader sees them: those inside, residents, joiners; lists of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from pointsbank.cases import policy
from pointsbank.cases.models import (
    Case,
    CaseClock,
    CaseEvent,
    CaseState,
    CaseVisibility,
    Category,
    Escalation,
    Evaluation,
    Joiner,
    Report,
    Unit,
    UnitMember,
    stands_in,
)
from pointsbank.cases.moves import OPEN
from pointsbank.cases.queries.photos import BeforeAfter, public_photos
from pointsbank.cases.queries.voices import voices
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.masking import mask_name
from pointsbank.core.paging import Page, page
from pointsbank.media import queries as pictures
from pointsbank.media.models import Photo
from pointsbank.people import queries as people


def unit(community_id: int | None, unit_id: int, *, lock: bool = False) -> Unit:
    """One unit of this community. Raises NotFound."""
    return get_scoped(Unit, unit_id, community_id, lock=lock)


def category(community_id: int | None, category_id: int) -> Category:
    """One kind of problem of this community. Raises NotFound."""
    return get_scoped(Category, category_id, community_id)


def units(community_id: int | None, *, cursor: str | None = None, limit: int | None = None) -> Page[Unit]:
    """The units of a community that still work."""
    return page(scoped(Unit, community_id).where(Unit.closed_at.is_(None)), Unit.id, cursor=cursor, limit=limit,
                descending=False)


def categories(community_id: int | None, *, cursor: str | None = None, limit: int | None = None) -> Page[Category]:
    """The kinds of problems that a community offers."""
    return page(scoped(Category, community_id).where(Category.closed_at.is_(None)), Category.id, cursor=cursor,
                limit=limit, descending=False)


def unit_users(community_id: int, unit_id: int | None) -> frozenset[int]:
    """The users who work for a unit."""
    return frozenset(db.session.scalars(sa.select(UnitMember.user_id).where(
        UnitMember.community_id == community_id, UnitMember.unit_id == (unit_id or 0))))


# ── Who sees what ───────────────────────────────────────────────────────────────────────────────────────────────


def is_inside(actor: Actor, case: Case) -> bool:
    """Sees everything of a case: the reporter, staff of the community, and the unit."""
    return policy.is_reporter(actor, case) or policy.is_staff(actor) or actor.user_id == case.handler_id or (
        actor.user_id is not None and actor.user_id in unit_users(case.community_id, case.unit_id))


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
    voices: Mapping[Evaluation, int] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        """What others read: the title that the office gave it, or its kind and place."""
        return self.case.title or f"{self.category} · {self.case.place}"


def sights(actor: Actor, cases: Sequence[Case], inside: bool) -> list[Sight]:
    """Many cases in the same few statements; with the words of their reports for those ``inside``."""
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
    sight = sights(actor, [case], inside)[0]
    community_id = case.community_id
    reports = db.session.scalars(scoped(Report, community_id).where(Report.case_id == case.id).order_by(Report.id)
                                 ).all() if inside else []
    photos: Sequence[Photo]
    if inside:
        hung = pictures.photos_of(community_id, [case.key, *(r.key for r in reports)])
        photos = [photo for found in hung.values() for photo in found]
    else:
        pair = public_photos(actor, community_id, [case.id]).get(case.id, BeforeAfter())
        photos = [*pair.before, *pair.after]
    return Sight(
        case, sight.category, sight.unit, sight.reporter, sight.joiners, inside, sight.text, reports,
        db.session.scalars(scoped(CaseEvent, community_id).where(CaseEvent.case_id == case.id)
                           .order_by(CaseEvent.id)).all(),
        db.session.scalars(scoped(Escalation, community_id).where(Escalation.case_id == case.id)
                           .order_by(Escalation.id)).all(),
        photos, voices(community_id, [case.id])[case.id])


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
    return Page(sights(actor, found.items, inside), found.next)


def mine(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Sight]:
    """The cases of the reports of the resident acted for, newest first."""
    found = page(scoped(Case, actor.community_id).where(Case.reporter_resident_id == actor.resident_id), Case.id,
                 cursor=cursor, limit=limit)
    return Page(sights(actor, found.items, True), found.next)


def for_handler(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Sight]:
    """The open cases given to the actor, newest first."""
    found = page(scoped(Case, actor.community_id).where(
        Case.handler_id == actor.user_id, stands_in(*OPEN)), Case.id, cursor=cursor, limit=limit)
    return Page(sights(actor, found.items, True), found.next)


def clocks_of(community_id: int | None, case_id: int) -> Sequence[CaseClock]:
    """All clocks of a case, the oldest first. Raises NotFound without a community."""
    if community_id is None:
        raise NotFound
    return db.session.scalars(scoped(CaseClock, community_id).where(CaseClock.case_id == case_id)
                              .order_by(CaseClock.id)).all()


def has_children(case: Case) -> bool:
    """Others were merged into it."""
    return db.session.scalar(sa.select(Case.id).where(Case.parent_id == case.id).limit(1)) is not None
