"""What everybody may see of cases: those that are public and were taken on. No names, nobody's words.

Every list walks an index of its own (``cases.models.PUBLIC_LISTS``), whose condition stands here as it stands there:
SQLite takes a partial index only where it can read the same words.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.cases.models import (
    IS_SHOWN,
    Case,
    CaseEvent,
    CaseState,
    CaseVisibility,
    Category,
    Evaluation,
    Outcome,
)
from pointsbank.cases.moves import MOVES, Part
from pointsbank.core import clock, tenancy
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page, page
from pointsbank.places import queries as places
from pointsbank.places.models import Place

ON_THE_MAP = 200  # the newest cases of a list that are drawn
MOST_STEPS = 200
MOST_IN_A_FILE = 5000  # years of a community; whoever wants more asks by kind or by place
SUPPORT = "support_reopening"  # a neighbour's voice; the third of them opens the case again


class Course(enum.StrEnum):
    """Whether a case goes on."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Wanted:
    """A filter of the public list."""

    kind_id: int | None = None
    course: Course | None = None
    place_id: int | None = None


@dataclass(frozen=True)
class Shown:
    """A case as everybody sees it. ``title`` is what the committee wrote for the public, empty for none."""

    id: int
    kind: str
    title: str
    place_id: int | None
    place: str
    state: CaseState
    outcome: Outcome | None
    evaluation: Evaluation | None
    opened_at: dt.datetime
    closed_at: dt.datetime | None

    @property
    def minutes(self) -> int:
        """From the report to the closing, or until now."""
        return int(((self.closed_at or clock.now()) - self.opened_at).total_seconds() // 60)


def _shown(community_id: int, wanted: Wanted) -> sa.Select[Case]:
    # A case has an accepted_at only once somebody else took it on, and family matters are never public (a CHECK).
    query = scoped(Case, community_id).where(*_conditions(wanted.course is Course.OPEN))
    if wanted.course is Course.CLOSED:
        query = query.where(Case.state == CaseState.CLOSED)
    if wanted.kind_id is not None:
        query = query.where(Case.category_id == wanted.kind_id)
    if wanted.place_id is not None:
        query = query.where(Case.place_id == wanted.place_id)
    return query


def _conditions(only_open: bool) -> list[sa.TextClause]:
    shown = IS_SHOWN.replace("visibility", "problem_case.visibility").replace("accepted_at", "problem_case.accepted_at")
    return [sa.text(shown), *([sa.text("problem_case.closed_at IS NULL")] if only_open else [])]


def listed(community_id: int, wanted: Wanted, *, cursor: str | None = None, limit: int | None = None) -> Page[Case]:
    """Public cases, newest first; one statement, the same work from the first page to the last."""
    return page(_shown(community_id, wanted), Case.id, cursor=cursor, limit=limit)


def newest(community_id: int, wanted: Wanted, most: int = MOST_IN_A_FILE) -> Sequence[Case]:
    """So many public cases at once, the newest first, for a file."""
    return db.session.scalars(_shown(community_id, wanted).order_by(Case.id.desc()).limit(most)).all()


def kinds(community_id: int) -> dict[int, str]:
    """The kinds of problems that everybody may see, by name."""
    rows = db.session.scalars(scoped(Category, community_id).where(
        Category.visibility == CaseVisibility.PUBLIC).order_by(Category.name))
    return {one.id: one.name for one in rows}


def sights(cases: Sequence[Case], names: dict[int, str]) -> list[Shown]:
    """Cases as everybody sees them; at most two statements for as many as there are."""
    if not cases:
        return []
    community_id = cases[0].community_id
    missing = {case.category_id for case in cases} - names.keys()
    if missing:
        names = names | {one.id: one.name for one in db.session.scalars(scoped(Category, community_id).where(
            Category.id.in_(missing)))}
    # What a reporter typed is theirs and stays inside.
    spots = places.names(community_id, {case.place_id for case in cases if case.place_id is not None})
    return [Shown(case.id, names[case.category_id], case.title, case.place_id,
                  spots.get(case.place_id or 0, ""), case.state, case.outcome, case.evaluation, case.opened_at,
                  case.closed_at) for case in cases]


def put_right(community_id: int, since: dt.datetime) -> int:
    """How many public cases were put right and closed since then, and stayed closed. One statement, which looks at no
    step before."""
    return db.session.scalar(
        sa.select(sa.func.count(sa.distinct(Case.id))).join(CaseEvent, CaseEvent.case_id == Case.id).where(
            Case.community_id == community_id, Case.state == CaseState.CLOSED, Case.outcome == Outcome.FIXED,
            Case.visibility == CaseVisibility.PUBLIC, Case.accepted_at.is_not(None),
            CaseEvent.community_id == community_id, CaseEvent.at >= since, CaseEvent.after == CaseState.CLOSED,
            CaseEvent.before != CaseState.CLOSED)) or 0


# ── The map ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Pins:
    """How many of the newest cases of a list lie at each place, and at none that has a name."""

    at: dict[int, int]
    elsewhere: int


def pins(community_id: int, wanted: Wanted) -> Pins:
    """Counted over the newest cases of the list only, so that the map costs the same however many there are."""
    newest = _shown(community_id, wanted).with_only_columns(Case.place_id).order_by(Case.id.desc()).limit(
        ON_THE_MAP).subquery()
    rows = db.session.execute(sa.select(newest.c.place_id, sa.func.count()).group_by(newest.c.place_id))
    found = {row[0]: row[1] for row in rows}
    return Pins({place_id: count for place_id, count in found.items() if place_id is not None}, found.get(None, 0))


def spots(community_id: int) -> Sequence[Place]:
    """The open places that have a position."""
    return places.on_the_plan(community_id, most=300)


# ── One case ────────────────────────────────────────────────────────────────────────────────────────────────────


def case(case_id: int) -> Case:
    """A public case that was taken on, of whatever community: it is public. Raises NotFound."""
    found = db.session.get(Case, case_id)
    if found is None:
        with tenancy.unscoped():  # whoever is signed in elsewhere may look in as well
            found = db.session.get(Case, case_id)
    if found is None or found.visibility is not CaseVisibility.PUBLIC or found.accepted_at is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Passed:
    """A step of a case for everybody: when, into which state, and in which part somebody took it; no name, no words."""

    at: dt.datetime
    state: CaseState
    part: Part


def steps(found: Case) -> list[Passed]:
    """The changes of state, the newest first."""
    rows = db.session.execute(sa.select(
        CaseEvent.at, CaseEvent.verb, CaseEvent.before, CaseEvent.after, CaseEvent.by_user_id).where(
        CaseEvent.community_id == found.community_id, CaseEvent.case_id == found.id,
        sa.or_(CaseEvent.before.is_(None), CaseEvent.before != CaseEvent.after, CaseEvent.verb == SUPPORT))
        .order_by(CaseEvent.id.desc()).limit(MOST_STEPS)).all()
    neighbours = {row.by_user_id for row in rows if row.verb == SUPPORT}
    return [Passed(row.at, row.after, _part(found, row.verb, row.by_user_id, neighbours)) for row in rows
            if row.verb != SUPPORT]


def _part(found: Case, verb: str, by_user_id: int | None, neighbours: set[int | None]) -> Part:
    """The part that a step belongs to; where several could take it, the one that this person plays."""
    if verb not in MOVES:
        return Part.REPORTER if verb == "report" else Part.SYSTEM if by_user_id is None else Part.DISPATCHER
    parts = MOVES[verb].parts
    if by_user_id is None and Part.SYSTEM in parts:
        return Part.SYSTEM
    if len(parts) == 1:
        return next(iter(parts))
    if Part.REPORTER in parts and by_user_id in (None, found.reporter_user_id):
        return Part.REPORTER
    if Part.NEIGHBOURS in parts and by_user_id in neighbours:
        return Part.NEIGHBOURS
    if Part.HANDLER in parts and by_user_id == found.handler_id:
        return Part.HANDLER
    return next(one for one in (Part.INSPECTOR, Part.DISPATCHER, Part.HANDLER, Part.REPORTER) if one in parts)
