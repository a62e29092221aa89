"""The clocks of a case: begun, paused and stopped by its moves; extended once; each level told once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.cases import policy, spans
from pointsbank.cases.errors import NoExtension, NotIndependent, NotYourPart
from pointsbank.cases.models import (
    Case,
    CaseClock,
    CaseState,
    Category,
    ClockKind,
    Escalation,
    SpanUnit,
    UnitMember,
)
from pointsbank.cases.services.steps import note, residents_of, tell_about, words
from pointsbank.communities import queries as areas
from pointsbank.communities import working_days
from pointsbank.core import clock
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.i18n import N_
from pointsbank.people import queries as people

EVALUATE_DAYS = 7
MOST_EXTRA = {SpanUnit.MINUTES: 1440, SpanUnit.WORK_HOURS: 80, SpanUnit.WORK_DAYS: 30}
AHEAD = dt.timedelta(days=1500)


def worked_here(community_id: int, since: dt.datetime) -> spans.Worked:
    """The calendar of the community from a day on, own days included; two statements."""
    first = clock.local_date(since)
    path = areas.area(community_id).path
    own = {row.day: row.is_worked for row, _area in working_days.own_days(path, first, first + AHEAD)}

    def worked(day: dt.date) -> bool:
        return own.get(day, working_days.is_national_working_day(day))

    return worked


def follow(case: Case, before: CaseState | None) -> None:
    """Set the clocks as the case's new state asks."""
    after, state = case.state, CaseState
    if after in (state.DECLINED, state.MERGED, state.WITHDRAWN, state.CLOSED, state.ACCEPTED):
        _stop(case, *ClockKind)
    if after is state.RECEIVED and before is state.MORE_INFORMATION:
        _resume(case, ClockKind.RESPOND)
    elif after is state.RECEIVED:
        category = db.session.get_one(Category, case.category_id)
        _start(case, ClockKind.RESPOND, category.respond_span, category.respond_unit)
    elif after is state.ACCEPTED:
        category = db.session.get_one(Category, case.category_id)
        _start(case, ClockKind.RECTIFY, category.rectify_span, category.rectify_unit)
    elif after is state.MORE_INFORMATION:
        _pause(case, ClockKind.RESPOND)
    elif after is state.ASSIGNED and not _of(case, ClockKind.ACKNOWLEDGE):
        _start(case, ClockKind.ACKNOWLEDGE, 1, SpanUnit.WORK_DAYS)
    elif after is state.ACKNOWLEDGED:
        _stop(case, ClockKind.ACKNOWLEDGE)
    elif after is state.SUSPENDED:
        _pause(case, ClockKind.RECTIFY)
    elif after is state.RECTIFYING and before is state.SUSPENDED:
        _resume(case, ClockKind.RECTIFY)
    elif after is state.TO_INSPECT:
        _stop(case, ClockKind.RECTIFY)
        _start(case, ClockKind.INSPECT, 2, SpanUnit.WORK_DAYS)
    elif after is state.REWORK:
        _stop(case, ClockKind.INSPECT)
        _run_on(case, ClockKind.RECTIFY)
    elif after is state.TO_EVALUATE:
        _stop(case, ClockKind.INSPECT)
        _start(case, ClockKind.EVALUATE, EVALUATE_DAYS * 1440, SpanUnit.MINUTES)
    db.session.flush()


def _of(case: Case, *kinds: ClockKind) -> Sequence[CaseClock]:
    return db.session.scalars(scoped(CaseClock, case.community_id).where(
        CaseClock.case_id == case.id, CaseClock.kind.in_(kinds), CaseClock.stopped_at.is_(None))
        .order_by(CaseClock.id)).all()


def _start(case: Case, kind: ClockKind, span: int, unit: SpanUnit) -> None:
    now = clock.now()
    row = CaseClock(community_id=case.community_id, case_id=case.id, kind=kind, span=span, unit=unit, started_at=now,
                    due_at=now, pauses=[], next_level=spans.LEVELS[0], extra=0)
    _reckon(row)
    db.session.add(row)


def _stop(case: Case, *kinds: ClockKind) -> None:
    for row in _of(case, *kinds):
        row.stopped_at, row.next_at = clock.now(), None


def _pause(case: Case, kind: ClockKind) -> None:
    for row in _of(case, kind):
        row.paused_at, row.next_at = clock.now(), None


def _resume(case: Case, kind: ClockKind) -> None:
    for row in _of(case, kind):
        if row.paused_at is not None:
            row.pauses = [*row.pauses, [row.paused_at.isoformat(), clock.now().isoformat()]]
            row.paused_at = None
        _reckon(row)


def _run_on(case: Case, kind: ClockKind) -> None:
    """The clock that was stopped last goes on as if it never had: the first due date stays."""
    row = db.session.scalars(scoped(CaseClock, case.community_id).where(
        CaseClock.case_id == case.id, CaseClock.kind == kind).order_by(CaseClock.id.desc()).limit(1)).one()
    row.stopped_at = None
    _reckon(row)


def _reckon(row: CaseClock) -> None:
    """When it is due, and when its next level is reached."""
    pauses = [(dt.datetime.fromisoformat(a), dt.datetime.fromisoformat(b)) for a, b in row.pauses]
    worked = worked_here(row.community_id, row.started_at)
    span = row.span + (row.extra if row.extended_by_id is not None else 0)
    row.due_at = spans.due(row.started_at, span, row.unit, pauses, worked=worked)
    row.next_at = None if not row.next_level else spans.due(
        row.started_at, span, row.unit, pauses, worked=worked, percent=row.next_level)


# ── Levels ──────────────────────────────────────────────────────────────────────────────────────────────────────

_SAID = {
    80: N_("Case %(number)s (%(what)s) is due soon."),
    100: N_("Case %(number)s (%(what)s) is overdue. It is with the supervisor now."),
    200: N_("Case %(number)s (%(what)s) is overdue twice over. It goes to the joint meeting."),
    300: N_("Case %(number)s (%(what)s) is overdue three times over. It stands on the list of the joint meeting."),
}


def escalate(community_id: int, case_id: int) -> int:
    """Write down each level that the clocks of a case have reached, once, and tell who has to act; returns how many."""
    case = get_scoped(Case, case_id, community_id, lock=True)
    now, made = clock.now(), 0
    for row in _of(case, *ClockKind):
        while row.next_at is not None and row.next_at <= now:
            level = row.next_level
            db.session.add(Escalation(community_id=community_id, case_id=case.id, clock_id=row.id, level=level, at=now))
            case.level = max(case.level, {80: 0, 100: 1}.get(level, 2))
            note(system(community_id), case, "escalate", case.state, clock=row.kind.value, level=level)
            if row.kind is not ClockKind.EVALUATE:
                tell_about(case, residents_of(case, _responsible(case, level)), _SAID[level])
            later = [one for one in spans.LEVELS if one > level]
            row.next_level = later[0] if later else 0
            _reckon(row)
            made += 1
    db.session.flush()
    return made


def _responsible(case: Case, level: int) -> set[int]:
    """Who acts at a level: the unit, from 100% on the committee as well."""
    users = set(db.session.scalars(sa.select(UnitMember.user_id).where(
        UnitMember.community_id == case.community_id, UnitMember.unit_id == (case.unit_id or 0))))
    if level >= 100 or case.unit_id is None:
        users |= {user.id for user in people.holders(case.community_id, *policy.DISPATCHERS)}
    return users


# ── Extensions ──────────────────────────────────────────────────────────────────────────────────────────────────


def ask_extension(actor: Actor, case_id: int, extra: int, why: str) -> CaseClock:
    """The handler asks for more time to put it right, once; ``extra`` in the unit of the span.

    Raises NotFound, NotYourPart, NoExtension, ReasonMissing.
    """
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if actor.user_id is None or actor.user_id != case.handler_id:
        raise NotYourPart
    row = _rectifying(case)
    if row.asked_by_id is not None or not 0 < extra <= MOST_EXTRA[row.unit]:
        raise NoExtension
    row.asked_why, row.extra, row.asked_by_id = words(why), extra, actor.user_id
    db.session.flush()
    note(actor, case, "ask_extension", case.state, row.asked_why, extra=extra)
    return row


def approve_extension(actor: Actor, case_id: int) -> CaseClock:
    """A dispatcher who neither asked nor handles agrees, once. Raises NotFound, NotYourPart, NotIndependent,
    NoExtension."""
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if actor.user_id is None or not actor.has_role(*policy.DISPATCHERS):
        raise NotYourPart
    row = _rectifying(case)
    if row.asked_by_id is None or row.extended_by_id is not None:
        raise NoExtension
    if actor.user_id in (row.asked_by_id, case.handler_id) or policy.is_reporter(actor, case):
        raise NotIndependent
    row.extended_by_id = actor.user_id
    _reckon(row)
    db.session.flush()
    note(actor, case, "approve_extension", case.state, extra=row.extra)
    return row


def _rectifying(case: Case) -> CaseClock:
    """The clock under way. Raises NoExtension while none runs."""
    rows = [row for row in _of(case, ClockKind.RECTIFY) if row.paused_at is None]
    if not rows:
        raise NoExtension
    return rows[0]


def clocks_of(community_id: int | None, case_id: int) -> Sequence[CaseClock]:
    """All clocks of a case in order. Raises NotFound without a community."""
    if community_id is None:
        raise NotFound
    return db.session.scalars(scoped(CaseClock, community_id).where(CaseClock.case_id == case_id)
                              .order_by(CaseClock.id)).all()
