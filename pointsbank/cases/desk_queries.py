"""What the office, units and inspectors ask: lists by deadline, one case as a whole, what may be done with it."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import NotYourPart
from pointsbank.cases.models import (
    Case,
    CaseClock,
    CaseRoute,
    CaseState,
    Category,
    ClockKind,
    Joiner,
    Report,
    Unit,
    UnitMember,
    stands_in,
)
from pointsbank.cases.moves import ANSWERS, MOVES, NEW, OPEN, TAKEN, Move, Part
from pointsbank.contributions.queries import facts_of
from pointsbank.core import clock, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import UtcDateTime, db, scoped
from pointsbank.core.errors import NotFound, lazy
from pointsbank.core.masking import mask_name, mask_phone
from pointsbank.core.paging import Page, bounded, page
from pointsbank.media import queries as pictures
from pointsbank.media.models import Photo
from pointsbank.people import queries as people
from pointsbank.people.models import LinkKind, UserResident
from pointsbank.people.roles import Role

FAR = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
WITH_UNITS = (*TAKEN, CaseState.SUSPENDED)


class Tab(enum.StrEnum):
    """What a dispatcher looks for."""

    NEW = "new"
    UNASSIGNED = "unassigned"
    SENT_BACK = "sent_back"
    OVERDUE = "overdue"
    WORK = "work"
    SUSPENDED = "suspended"
    EVALUATE = "evaluate"
    ALL = "all"


STATES: dict[Tab, tuple[CaseState, ...]] = {
    Tab.NEW: NEW, Tab.UNASSIGNED: (CaseState.ACCEPTED,), Tab.SENT_BACK: (CaseState.SENT_BACK,),
    Tab.WORK: (*TAKEN, CaseState.TO_INSPECT), Tab.SUSPENDED: (CaseState.SUSPENDED,),
    Tab.EVALUATE: (CaseState.TO_EVALUATE,),
}


@dataclass(frozen=True)
class Row:
    """A case in a list of the office or a unit. ``reporter`` is masked, ``clock`` the one that is due first."""

    case: Case
    kind: Category
    unit: str
    handler: str
    reporter: str
    text: str
    joiners: int
    photo: Photo | None
    clock: CaseClock | None
    after: Photo | None = None


# ── Lists by deadline ───────────────────────────────────────────────────────────────────────────────────────────


def _runs(*kinds: ClockKind) -> list[sa.ColumnElement[bool]]:
    only = [CaseClock.kind.in_(kinds)] if kinds else []
    return [CaseClock.stopped_at.is_(None), CaseClock.paused_at.is_(None), *only]


def _due(*kinds: ClockKind) -> sa.ColumnElement[dt.datetime]:
    """When the first clock that runs is due; far away where none does."""
    first = sa.select(sa.func.min(CaseClock.due_at)).where(
        CaseClock.community_id == Case.community_id, CaseClock.case_id == Case.id, *_runs(*kinds)
    ).correlate(Case).scalar_subquery()
    return sa.type_coerce(sa.func.coalesce(sa.type_coerce(first, UtcDateTime()), sa.literal(FAR, UtcDateTime())),
                          UtcDateTime())


def is_overdue() -> sa.ColumnElement[bool]:
    """A clock of an open case ran out; an evaluation is nobody's duty."""
    return sa.and_(stands_in(*OPEN), sa.exists().where(
        CaseClock.community_id == Case.community_id, CaseClock.case_id == Case.id, CaseClock.due_at <= clock.now(),
        CaseClock.kind != ClockKind.EVALUATE, *_runs()).correlate(Case))


def by_deadline(query: sa.Select[Any], *, cursor: str | None, limit: int | None) -> Page[Case]:
    """One page, the nearest deadline first; the cursor is the last deadline and number."""
    size, due = bounded(limit), _due()
    if cursor:
        value = tokens.unsign("cases.due", cursor)
        if not (isinstance(value, list) and len(value) == 2):
            raise tokens.BadToken
        at, last_id = dt.datetime.fromisoformat(value[0]), int(value[1])
        query = query.where(sa.or_(due > at, sa.and_(due == at, Case.id > last_id)))
    found = db.session.execute(query.add_columns(due).order_by(due, Case.id).limit(size + 1)).all()
    last = found[size - 1] if len(found) > size else None
    following = tokens.sign("cases.due", [last[1].isoformat(), last[0].id]) if last is not None else None
    return Page([row[0] for row in found[:size]], following)


def dispatched(actor: Actor, tab: Tab, *, cursor: str | None = None, limit: int | None = None) -> Page[Row]:
    """The dispatcher's list: the nearest deadline first, all of them newest first. Whoever enters reports for a grid
    has there what they entered themselves. Raises NotYourPart."""
    query = scoped(Case, actor.community_id).where(*_open_to(actor))
    if tab is Tab.ALL:
        found = page(query, Case.id, cursor=cursor, limit=limit)
    elif tab is Tab.OVERDUE:
        found = by_deadline(query.where(is_overdue()), cursor=cursor, limit=limit)
    else:
        found = by_deadline(query.where(stands_in(*STATES[tab])), cursor=cursor, limit=limit)
    return Page(rows(actor, found.items), found.next)


def _open_to(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """All cases for staff of the community; for who enters reports in a part of it those they entered."""
    if policy.is_staff(actor):
        return []
    if actor.user_id is None or not actor.has_role_within(*policy.ENTERERS):
        raise NotYourPart
    return [Case.reporter_user_id == actor.user_id]


def tab_counts(actor: Actor) -> dict[Tab, int]:
    """How many cases stand under each tab but the last. Two statements. Raises NotYourPart."""
    community_id, only = actor.community_id, _open_to(actor)
    by_state = {row[0]: row[1] for row in db.session.execute(
        sa.select(Case.state, sa.func.count()).where(Case.community_id == community_id, stands_in(*OPEN), *only)
        .group_by(Case.state))}
    counts = {tab: sum(by_state.get(state, 0) for state in states) for tab, states in STATES.items()}
    counts[Tab.OVERDUE] = db.session.scalar(sa.select(sa.func.count()).select_from(Case).where(
        Case.community_id == community_id, is_overdue(), *only)) or 0
    return counts


def to_inspect(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Row]:
    """What waits for an inspection, the nearest deadline first, with the newest photo taken afterwards.

    Raises NotYourPart.
    """
    if not policy.is_staff(actor):
        raise NotYourPart
    found = by_deadline(scoped(Case, actor.community_id).where(stands_in(CaseState.TO_INSPECT)),
                         cursor=cursor, limit=limit)
    return Page(rows(actor, found.items, after=True), found.next)


def rows(actor: Actor, cases: Sequence[Case], *, after: bool = False) -> list[Row]:
    """Many cases in the same few statements."""
    if not cases:
        return []
    community_id = cases[0].community_id
    ids = [case.id for case in cases]
    kinds = {one.id: one for one in db.session.scalars(scoped(Category, community_id).where(
        Category.id.in_({case.category_id for case in cases})))}
    names = {one.id: one.name for one in db.session.scalars(scoped(Unit, community_id).where(
        Unit.id.in_({case.unit_id for case in cases if case.unit_id is not None})))}
    who = people.residents_by_id(community_id, {c.reporter_resident_id for c in cases if c.reporter_resident_id})
    handlers = people.names_of_users({case.handler_id for case in cases if case.handler_id is not None})
    joined = {row[0]: row[1] for row in db.session.execute(sa.select(Joiner.case_id, sa.func.count()).where(
        Joiner.community_id == community_id, Joiner.case_id.in_(ids)).group_by(Joiner.case_id))}
    first: dict[int, Report] = {}
    for report in db.session.scalars(scoped(Report, community_id).where(Report.case_id.in_(ids)).order_by(Report.id)):
        first.setdefault(report.case_id, report)
    photos = pictures.photos_of(community_id, [*(report.key for report in first.values()),
                                               *((case.key for case in cases) if after else ())])
    clocks, staff = _first_clocks(community_id, ids), policy.is_staff(actor)
    return [Row(
        case, kinds[case.category_id], names.get(case.unit_id or 0, ""), handlers.get(case.handler_id or 0, ""),
        mask_name(who[case.reporter_resident_id].name)
        if case.reporter_resident_id in who and (staff or not case.anonymous) else "",
        first[case.id].text if case.id in first else "", joined.get(case.id, 0),
        next(iter(photos.get(first[case.id].key, [])), None) if case.id in first else None, clocks.get(case.id),
        next(reversed(photos.get(case.key, [])), None)) for case in cases]


def _first_clocks(community_id: int, case_ids: Collection[int]) -> dict[int, CaseClock]:
    """By case: the clock that is due first, one that stands only where none runs."""
    found: dict[int, CaseClock] = {}
    for one in db.session.scalars(scoped(CaseClock, community_id).where(
            CaseClock.case_id.in_(case_ids), CaseClock.stopped_at.is_(None)).order_by(
            CaseClock.paused_at.is_not(None), CaseClock.due_at, CaseClock.id)):
        found.setdefault(one.case_id, one)
    return found


# ── What may be done ────────────────────────────────────────────────────────────────────────────────────────────

REPORTED = lazy("You reported this. Somebody else has to take this step.")
KIN = lazy("This concerns your family. Somebody else has to take this step.")
HANDLES = lazy("You put this right yourself. Somebody else has to take this step.")
MEETING = lazy("It came back twice: the joint meeting decides, and the supervisor above gives it out.")
OWN_UNIT = lazy("Your own unit puts this right. Somebody else inspects it.")


@dataclass(frozen=True)
class Possible:
    """A step open to the reader by their role in the state of the case; ``locked`` says why another has to take it."""

    move: Move
    locked: str = ""


@dataclass(frozen=True)
class Independence:
    """What has to be known once of a reader to judge many cases. Read by :func:`independence`."""

    actor: Actor
    facts: Any
    units: frozenset[int] = field(default=frozenset())

    def barred(self, case: Case) -> set[Part]:
        """The parts taken away by another part in this case."""
        users = frozenset({self.actor.user_id or 0}) if case.unit_id in self.units else frozenset()
        return policy.barred(self.actor, case, self.facts, users)

    def why(self, case: Case, part: Part = Part.INSPECTOR) -> str:
        """Why somebody else has to take this part; empty where the reader may."""
        if part not in self.barred(case):
            return ""
        if policy.is_reporter(self.actor, case):
            return str(REPORTED)
        if self.actor.user_id == case.handler_id:
            return str(HANDLES)
        return str(OWN_UNIT if part is Part.INSPECTOR and case.unit_id in self.units else KIN)


def independence(actor: Actor) -> Independence:
    """Family, relatives and units of the reader. Three statements."""
    return Independence(actor, facts_of(actor.user_id), units_of(actor))


def units_of(actor: Actor) -> frozenset[int]:
    """The units of the community that the actor works for. One statement."""
    if actor.user_id is None or actor.community_id is None:
        return frozenset()
    return frozenset(db.session.scalars(sa.select(UnitMember.unit_id).where(
        UnitMember.community_id == actor.community_id, UnitMember.user_id == actor.user_id)))


def possible(actor: Actor, case: Case) -> list[Possible]:
    """The steps of the table that the actor's parts open from here, in its order; the locked ones with the reason."""
    mine, known = policy.parts_by_role(actor, case), independence(actor)
    barred = known.barred(case)
    found = []
    for move in MOVES.values():
        open_to = mine & move.parts
        if case.state not in move.sources or not open_to:
            continue
        if move.verb == "refuse_return" and case.handler_id is None:
            continue  # taken away by the office: there is nobody to give it back to
        if not _is_worth_asking(actor, case, move.verb):
            continue
        free = bool(open_to & {Part.REPORTER, Part.SYSTEM}) or bool(open_to - barred)
        locked = "" if free else known.why(case, min(open_to))
        if move.verb in ("assign", "refuse_return") and case.sent_back > 1 and not actor.has_role(Role.AREA_SUPERVISOR):
            locked = locked or str(MEETING)
        found.append(Possible(move, locked))
    return found


def _is_worth_asking(actor: Actor, case: Case, verb: str) -> bool:
    """Not so for what is refused whoever asks, or where another word is waited for: a second appeal, opening again too
    late, an answer of who entered it for a resident."""
    if verb == "appeal":
        return not case.appeals
    if verb == "reopen":
        return policy.may_reopen(case)
    return verb not in ANSWERS or policy.answers(actor, case)


# ── One case ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Whole:
    """One case for the office: every report with its photos, what was photographed afterwards, what follows it."""

    sight: queries.Sight
    kind: Category
    reports: Sequence[tuple[Report, Sequence[Photo]]]
    after: Sequence[Photo]
    children: Sequence[Row]
    clocks: Sequence[CaseClock]
    names: dict[int, str]
    handler: str

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.sight.case

    @property
    def photo_keys(self) -> set[str]:
        """All its photos, also those of the reports that follow it."""
        return {photo.key for photos in (self.after, *(found for _report, found in self.reports)) for photo in photos}

    @property
    def before(self) -> Photo | None:
        """The first photo of what was reported."""
        return next((photo for _report, photos in self.reports for photo in photos), None)


def whole(actor: Actor, case_id: int) -> Whole:
    """One case with everything around it. Raises NotFound for those who are not inside."""
    sight = queries.seen(actor, case_id)
    if not sight.inside:
        raise NotFound
    case = sight.case
    community_id = case.community_id
    children = db.session.scalars(scoped(Case, community_id).where(Case.parent_id == case.id).order_by(Case.id)).all()
    follow = db.session.scalars(scoped(Report, community_id).where(
        Report.case_id.in_([one.id for one in children])).order_by(Report.id)).all() if children else []
    reports = [*sight.reports, *follow]
    photos = pictures.photos_of(community_id, [case.key, *(report.key for report in reports)])
    names = people.names_of_users({*(event.by_user_id for event in sight.events if event.by_user_id is not None),
                                   *([case.handler_id] if case.handler_id is not None else [])})
    return Whole(sight, queries.category(community_id, case.category_id),
                 [(report, photos[report.key]) for report in reports], photos[case.key], rows(actor, children),
                 queries.clocks_of(community_id, case.id), names, names.get(case.handler_id or 0, ""))


def alike(actor: Actor, case: Case) -> list[Row]:
    """What a new case may be merged into, with a photo and words to compare."""
    if case.state not in NEW:
        return []
    return rows(actor, [sight.case for sight in queries.proposed(actor, case.id) if sight.case.state in OPEN])


# ── Units ───────────────────────────────────────────────────────────────────────────────────────────────────────


def for_units(actor: Actor, unit_ids: Iterable[int], *, cursor: str | None = None,
              limit: int | None = None) -> Page[Row]:
    """What the units have to put right, the nearest deadline first."""
    query = scoped(Case, actor.community_id).where(Case.unit_id.in_(set(unit_ids)), stands_in(*WITH_UNITS))
    found = by_deadline(query, cursor=cursor, limit=limit)
    return Page(rows(actor, found.items), found.next)


@dataclass(frozen=True)
class Crew:
    """A unit with the people who work for it."""

    unit: Unit
    members: Sequence[tuple[int, str]]


def crews(community_id: int | None, *, closed: bool = False) -> list[Crew]:
    """The units of a community with their members by name. Three statements."""
    query = scoped(Unit, community_id).order_by(Unit.name, Unit.id)
    found = db.session.scalars(query if closed else query.where(Unit.closed_at.is_(None))).all()
    pairs = db.session.execute(sa.select(UnitMember.unit_id, UnitMember.user_id).where(
        UnitMember.community_id == community_id)).all()
    names = people.names_of_users({user_id for _unit, user_id in pairs})
    return [Crew(unit, sorted(((user_id, names.get(user_id, "")) for unit_id, user_id in pairs if unit_id == unit.id),
                              key=lambda one: (one[1], one[0]))) for unit in found]


# ── Settings ────────────────────────────────────────────────────────────────────────────────────────────────────


def kinds(community_id: int | None, *, closed: bool = False) -> Sequence[Category]:
    """The kinds of problems that are offered, or all of them, by name."""
    query = scoped(Category, community_id).order_by(Category.closed_at.is_not(None), Category.id)
    return db.session.scalars(query if closed else query.where(Category.closed_at.is_(None))).all()


def routes(community_id: int | None, category_id: int) -> Sequence[CaseRoute]:
    """Who puts a kind right in which area."""
    return db.session.scalars(scoped(CaseRoute, community_id).where(CaseRoute.category_id == category_id)
                              .order_by(CaseRoute.area_id)).all()


def people_called(community_id: int, text: str) -> list[tuple[int, str, str]]:
    """Who could work for a unit: users who live here, by name or number, and whoever holds a role; with a masked phone
    to tell namesakes apart."""
    found = {one.id: one for one in people.search_residents(community_id, text)}
    pairs = db.session.execute(sa.select(UserResident.user_id, UserResident.resident_id).where(
        UserResident.resident_id.in_(list(found)), UserResident.kind == LinkKind.SELF)).all()
    living = {user_id: (user_id, found[resident_id].name, mask_phone(found[resident_id].phone or ""))
              for user_id, resident_id in pairs}
    staff = {user.id: (user.id, user.name, "") for user in people.holders(community_id, *Role)
             if text.strip() in user.name and user.id not in living}
    return [*living.values(), *staff.values()]


def waiting_columns(actor: Actor) -> tuple[Any, ...]:
    """For the desk's one statement: what waits for a dispatcher, what is overdue, what waits for an inspector; nothing
    for who is neither, and nothing that the actor reported or handles."""
    def count(may: bool, *where: sa.ColumnElement[bool]) -> Any:
        return sa.select(sa.func.count()).select_from(Case).where(
            Case.community_id == actor.community_id, *where, sa.true() if may else sa.false()).scalar_subquery()

    own = Case.reporter_user_id.is_distinct_from(actor.user_id)
    dispatches, inspects = actor.has_role(*policy.DISPATCHERS), actor.has_role(*policy.INSPECTORS)
    to_give = (CaseState.RECEIVED, CaseState.ACCEPTED, CaseState.SENT_BACK)
    # From the few open cases to their clocks, never over all clocks there ever were.
    late = count(dispatches, stands_in(*OPEN), sa.exists().where(
        CaseClock.community_id == Case.community_id, CaseClock.case_id == Case.id,
        *queries.late_repairs()).correlate(Case))
    return (count(dispatches, stands_in(*to_give), own), late,
            count(inspects, stands_in(CaseState.TO_INSPECT), own, Case.handler_id.is_distinct_from(actor.user_id)))
