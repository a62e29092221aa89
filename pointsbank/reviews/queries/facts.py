"""What happened to the cases of a community in a period: eight statements, however many cases there are.

Events say what happened and are never changed, so a period counted again later comes out the same. How cases stood at
the end of the period is their present state, taken back by the first event after it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from pointsbank.cases.models import (
    Case,
    CaseClock,
    CaseEvent,
    CaseState,
    CaseVisibility,
    Category,
    ClockKind,
    Evaluation,
    Outcome,
    Unit,
    stands_in,
)
from pointsbank.cases.moves import OPEN
from pointsbank.core.db import db, scoped
from pointsbank.reviews import figures
from pointsbank.reviews.figures import Happened, Subject
from pointsbank.reviews.periods import Period

_SUBJECT = (Case.id, Case.unit_id, Case.category_id, Case.visibility)
# As above, with the unit that had the case when the step was taken, which the event keeps.
_THEN = (Case.id, sa.func.coalesce(CaseEvent.detail["unit"].as_integer(), Case.unit_id).label("unit_id"),
         Case.category_id, Case.visibility)
# Verbs whose event is a figure by itself.
_VERBS = {"accept": figures.ACCEPTED, "decline": figures.DECLINED, "merge": figures.MERGED,
          "withdraw": figures.WITHDRAWN, "rework": figures.REWORK, "send_back": figures.SENT_BACK}
ANSWERS = frozenset(one.value for one in Evaluation)
BESIDE = "evaluate"  # a neighbour's answer: it moves nothing


def _subject(row: Any) -> Subject:
    return Subject(row.id, row.unit_id, row.category_id, row.visibility == CaseVisibility.PUBLIC)


def happened(community_id: int, period: Period) -> Happened:
    """Everything that the figures of a period count."""
    found = Happened()
    begin, end = period.begin, period.end
    for row in db.session.execute(sa.select(*_SUBJECT).where(
            Case.community_id == community_id, Case.opened_at >= begin, Case.opened_at < end)):
        found.add(figures.RECEIVED, _subject(row))
    late = _late(community_id, begin, end)
    for row in db.session.execute(
            sa.select(*_THEN, Case.opened_at, CaseEvent.verb, CaseEvent.before, CaseEvent.after, CaseEvent.at,
                      sa.func.coalesce(CaseEvent.detail["outcome"].as_string(), sa.cast(Case.outcome, sa.String))
                      .label("outcome"), CaseEvent.detail["answer"].as_string().label("answer"))
            .join(Case, Case.id == CaseEvent.case_id)
            .where(CaseEvent.community_id == community_id, CaseEvent.at >= begin, CaseEvent.at < end,
                   CaseEvent.before.is_not(None),
                   sa.or_(CaseEvent.before != CaseEvent.after, CaseEvent.verb == BESIDE))
            .order_by(CaseEvent.id)):
        _count(found, row, late)
    _at_the_end(found, community_id, end)
    return found


def _count(found: Happened, row: Any, late: set[int]) -> None:
    case = _subject(row)
    if row.verb == BESIDE:
        found.add(figures.JOINER + row.answer, case)
        return
    if row.verb in _VERBS:
        found.add(_VERBS[row.verb], case)
    if row.before is CaseState.TO_EVALUATE and row.verb in ANSWERS:
        found.add(figures.ANSWER + row.verb, case)
    if row.after is CaseState.ACCEPTED and row.before in (CaseState.CLOSED, CaseState.TO_EVALUATE):
        found.add(figures.REOPENED, case)
    if row.after is CaseState.CLOSED:
        _closed(found, case, row, late)


def _closed(found: Happened, case: Subject, row: Any, late: set[int]) -> None:
    """The last closing in the period counts: an earlier one of the same case gives way."""
    for code, cases in found.cases.items():
        if code in (figures.ON_TIME, figures.LATE, figures.MEDIAN) or code.startswith(figures.OUTCOME):
            cases.pop(case.id, None)
    found.add(figures.CLOSED, case)
    if row.outcome is not None:
        found.add(figures.OUTCOME + row.outcome, case)
    if row.outcome == Outcome.FALSE:
        return
    found.add(figures.LATE if case.id in late else figures.ON_TIME, case)
    found.add(figures.MEDIAN, case)
    found.minutes[case.id] = int((row.at - row.opened_at).total_seconds() // 60)


def _late(community_id: int, begin: dt.datetime, end: dt.datetime) -> set[int]:
    """The cases closed in the period that were put right after a day on which they were due; a reopening begins new
    clocks, the old breach stays."""
    return set(db.session.scalars(
        sa.select(CaseClock.case_id).distinct()
        .join(CaseEvent, CaseEvent.case_id == CaseClock.case_id)
        .where(CaseEvent.community_id == community_id, CaseEvent.at >= begin, CaseEvent.at < end,
               CaseEvent.after == CaseState.CLOSED, CaseEvent.before != CaseState.CLOSED,
               CaseClock.community_id == community_id, CaseClock.kind == ClockKind.RECTIFY,
               CaseClock.started_at <= CaseEvent.at,
               sa.func.coalesce(CaseClock.stopped_at, CaseEvent.at) > CaseClock.due_at)))


def _at_the_end(found: Happened, community_id: int, end: dt.datetime) -> None:
    """How cases stood when the period ended."""
    states: dict[int, CaseState | None] = {}
    cases: dict[int, Subject] = {}
    for row in db.session.execute(sa.select(*_SUBJECT, Case.state).where(
            Case.community_id == community_id, stands_in(*OPEN), Case.opened_at < end)):
        states[row.id], cases[row.id] = row.state, _subject(row)
    moved: set[int] = set()
    for step in db.session.execute(
            sa.select(*_SUBJECT, CaseEvent.before).join(Case, Case.id == CaseEvent.case_id)
            .where(CaseEvent.community_id == community_id, CaseEvent.at >= end, Case.opened_at < end,
                   CaseEvent.before.is_not(None), CaseEvent.before != CaseEvent.after).order_by(CaseEvent.id)):
        if step.id not in moved:
            moved.add(step.id)
            states[step.id], cases[step.id] = step.before, _subject(step)
    overdue = set(db.session.scalars(sa.select(CaseClock.case_id).distinct().where(
        CaseClock.community_id == community_id, CaseClock.kind != ClockKind.EVALUATE, CaseClock.due_at < end,
        sa.or_(CaseClock.stopped_at.is_(None), CaseClock.stopped_at >= end),
        sa.or_(CaseClock.paused_at.is_(None), CaseClock.paused_at > CaseClock.due_at))))
    for case_id, state in states.items():
        if state not in OPEN:
            continue
        found.add(figures.OPEN, cases[case_id])
        if state is CaseState.SUSPENDED:
            found.add(figures.SUSPENDED, cases[case_id])
        if case_id in overdue:
            found.add(figures.OVERDUE, cases[case_id])


def names(community_id: int) -> tuple[dict[int, str], dict[int, str]]:
    """The units and the kinds of problems by id; two statements."""
    units = {one.id: one.name for one in db.session.scalars(scoped(Unit, community_id))}
    kinds = {one.id: one.name for one in db.session.scalars(scoped(Category, community_id))}
    return units, kinds


def has_any(community_id: int, before: dt.datetime) -> bool:
    """Somebody had reported something by then: there is something to review."""
    return db.session.scalar(sa.select(Case.id).where(
        Case.community_id == community_id, Case.opened_at < before).limit(1)) is not None


