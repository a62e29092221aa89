"""What supervisors ask: late repairs, the joint meeting, figures of units and kinds, what has to be decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.cases import policy, queries
from pointsbank.cases.desk_queries import Row, by_deadline, rows
from pointsbank.cases.errors import NotYourPart
from pointsbank.cases.models import Case, CaseClock, CaseEvent, Category, ClockKind, Escalation, Unit, stands_in
from pointsbank.cases.moves import OPEN
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.paging import Page


@dataclass(frozen=True)
class Line:
    """A case on the list. ``until``: when its repair ended, or the present; None with the joint meeting, where another
    clock may have run out."""

    row: Row
    due_at: dt.datetime | None = None
    until: dt.datetime | None = None


def supervised(actor: Actor, *, joint: bool = False, cursor: str | None = None, limit: int | None = None) -> Page[Line]:
    """What was not put right in time and isn't closed yet, the longest running first; ``joint``: what is with the joint
    meeting, the oldest deadline first. Raises NotYourPart."""
    if not actor.has_role(*policy.DISPATCHERS):
        raise NotYourPart
    if joint:
        query = scoped(Case, actor.community_id).where(stands_in(*OPEN), Case.level > 1)
        cases = by_deadline(query, cursor=cursor, limit=limit)
        return Page([Line(row) for row in rows(actor, cases.items)], cases.next)
    found = queries.supervised(actor, cursor=cursor, limit=limit)
    known = rows(actor, [one.sight.case for one in found.items])
    return Page([Line(row, one.due_at, one.due_at + one.late) for row, one in zip(known, found.items, strict=True)],
                found.next)


@dataclass(frozen=True)
class Breaches:
    """How many cases of a kind ran out with a unit: a figure about work, never about persons."""

    unit: str
    kind: str
    cases: int
    twice: int
    still_open: int


def breaches(community_id: int, since: dt.datetime) -> list[Breaches]:
    """Cases with a deadline that ran out since then, by unit and kind in the order of their names. One statement."""
    late = sa.select(Escalation.case_id, sa.func.max(Escalation.level).label("level")).join(
        CaseClock, CaseClock.id == Escalation.clock_id).where(
        Escalation.community_id == community_id, Escalation.level >= 100, Escalation.at >= since,
        CaseClock.kind != ClockKind.EVALUATE).group_by(Escalation.case_id).subquery()
    unit, count = sa.func.coalesce(Unit.name, ""), sa.func.count()
    found = db.session.execute(
        sa.select(unit, Category.name, count, count.filter(late.c.level >= 200), count.filter(stands_in(*OPEN)))
        .select_from(Case).join(late, late.c.case_id == Case.id).join(Category, Category.id == Case.category_id)
        .outerjoin(Unit, Unit.id == Case.unit_id).where(Case.community_id == community_id)
        .group_by(unit, Category.name).order_by(unit, Category.name))
    return [Breaches(*row) for row in found]


def asking_for_time(actor: Actor) -> list[tuple[Row, CaseClock]]:
    """The cases for which more time was asked and nobody answered yet, the oldest first."""
    asked = db.session.scalars(scoped(CaseClock, actor.community_id).where(
        CaseClock.asked_by_id.is_not(None), CaseClock.extended_by_id.is_(None), CaseClock.refused_by_id.is_(None),
        CaseClock.stopped_at.is_(None)).order_by(CaseClock.id).limit(50)).all()
    cases = db.session.scalars(scoped(Case, actor.community_id).where(
        Case.id.in_([row.case_id for row in asked]))).all() if asked else []
    by_id = {row.case.id: row for row in rows(actor, cases)}
    return [(by_id[one.case_id], one) for one in asked if one.case_id in by_id]


def took_part(actor: Actor, case_ids: Collection[int]) -> frozenset[int]:
    """Those of these cases in which the actor took a step: they don't look at them a second time. One statement."""
    return frozenset(db.session.scalars(sa.select(CaseEvent.case_id).where(
        CaseEvent.community_id == actor.community_id, CaseEvent.case_id.in_(list(case_ids)),
        CaseEvent.by_user_id == actor.user_id).distinct()))
