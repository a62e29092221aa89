"""The clocks of a case: begun, paused and stopped by its moves; each level told once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.cases import policy, spans
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
from pointsbank.cases.services.steps import concerned, note, residents_of, tell_about
from pointsbank.communities import queries as areas
from pointsbank.communities import working_days
from pointsbank.core import clock
from pointsbank.core.actor import system
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.i18n import N_
from pointsbank.people import queries as people

EVALUATE_DAYS = 7
AHEAD = dt.timedelta(days=1500)
K, S = ClockKind, CaseState
OVER = (S.DECLINED, S.MERGED, S.WITHDRAWN, S.CLOSED)
# What a state ends, lets stand and takes up again; which clocks begin is said in ``follow``.
STOPS: dict[CaseState, tuple[ClockKind, ...]] = {
    **dict.fromkeys((*OVER, S.ACCEPTED), tuple(ClockKind)),
    S.ASSIGNED: (K.DISPATCH,), S.ACKNOWLEDGED: (K.ACKNOWLEDGE,), S.ON_SITE: (K.ARRIVE,), S.RECTIFYING: (K.ARRIVE,),
    S.TO_INSPECT: (K.ARRIVE, K.FEED_BACK, K.RECTIFY), S.REWORK: (K.INSPECT,), S.TO_EVALUATE: (K.INSPECT,),
}
PAUSES = {S.MORE_INFORMATION: (K.RESPOND,), S.SUSPENDED: (K.RECTIFY, K.FEED_BACK)}
PROMISED = (K.RECTIFY, K.DISPATCH, K.ARRIVE, K.FEED_BACK)


class Calendar:
    """The working days of a community, own days included: read once, when the first clock asks, however many do."""

    def __init__(self, community_id: int, since: dt.datetime) -> None:
        self.community_id = community_id
        self.first = clock.local_date(since)
        self.own: dict[dt.date, bool] | None = None

    def worked(self, day: dt.date) -> bool:
        """People work on this day."""
        if self.own is None:
            path = areas.area(self.community_id).path
            self.own = {row.day: row.is_worked
                        for row, _area in working_days.own_days(path, self.first, self.first + AHEAD)}
        return self.own.get(day, working_days.is_national_working_day(day))


def calendar_of(community_id: int, rows: Sequence[CaseClock]) -> Calendar:
    """One calendar that reaches back to the oldest of these clocks."""
    return Calendar(community_id, min((row.started_at for row in rows), default=clock.now()))


def follow(case: Case, before: CaseState | None) -> None:
    """Set the clocks as the case's new state asks."""
    after, rows = case.state, list(of(case, *ClockKind))
    calendar = calendar_of(case.community_id, rows)
    for row in rows:
        if row.kind in STOPS.get(after, ()):
            row.stopped_at, row.next_at = clock.now(), None
        elif row.kind in PAUSES.get(after, ()):
            row.paused_at, row.next_at = clock.now(), None
        elif row.paused_at is not None and before is not None and row.kind in PAUSES.get(before, ()):
            row.pauses = [*row.pauses, [row.paused_at.isoformat(), clock.now().isoformat()]]
            row.paused_at = None
            reckon(row, calendar)
    kind = db.session.get_one(Category, case.category_id)
    if after is S.RECEIVED and before is not S.MORE_INFORMATION:
        _start(case, K.RESPOND, kind.respond_span, kind.respond_unit, calendar)
    elif after is S.ACCEPTED:
        for one in PROMISED:
            _start(case, one, getattr(kind, f"{one}_span"), getattr(kind, f"{one}_unit"), calendar)
    elif after is S.ASSIGNED and not any(row.kind is K.ACKNOWLEDGE for row in rows):
        _start(case, K.ACKNOWLEDGE, *_to_acknowledge(kind), calendar)
    elif after is S.TO_INSPECT:
        _start(case, K.INSPECT, 2, SpanUnit.WORK_DAYS, calendar)
    elif after is S.REWORK:
        _run_on(case, K.RECTIFY)
    elif after is S.TO_EVALUATE:
        _start(case, K.EVALUATE, EVALUATE_DAYS * 1440, SpanUnit.MINUTES, calendar)
    db.session.flush()


def _to_acknowledge(kind: Category) -> tuple[int, SpanUnit]:
    """One working day; where somebody has to be there within minutes, those."""
    if kind.arrive_span is not None and kind.arrive_unit is SpanUnit.MINUTES:
        return kind.arrive_span, kind.arrive_unit
    return 1, SpanUnit.WORK_DAYS


def of(case: Case, *kinds: ClockKind) -> Sequence[CaseClock]:
    """The clocks of these kinds that run or stand, in order."""
    return db.session.scalars(scoped(CaseClock, case.community_id).where(
        CaseClock.case_id == case.id, CaseClock.kind.in_(kinds), CaseClock.stopped_at.is_(None))
        .order_by(CaseClock.id)).all()


def stop(case: Case, kind: ClockKind) -> None:
    """What this clock waited for has come."""
    for row in of(case, kind):
        row.stopped_at, row.next_at = clock.now(), None
    db.session.flush()


def _start(case: Case, kind: ClockKind, span: int | None, unit: SpanUnit | None, calendar: Calendar) -> None:
    if span is None or unit is None:
        return
    now = clock.now()
    row = CaseClock(community_id=case.community_id, case_id=case.id, kind=kind, span=span, unit=unit, started_at=now,
                    due_at=now, pauses=[], next_level=spans.LEVELS[0], extra=0, round=case.round)
    reckon(row, calendar)
    db.session.add(row)


def _run_on(case: Case, kind: ClockKind) -> None:
    """The clock that was stopped last goes on as if it never had: the first due date stays."""
    row = db.session.scalars(scoped(CaseClock, case.community_id).where(
        CaseClock.case_id == case.id, CaseClock.kind == kind).order_by(CaseClock.id.desc()).limit(1)).one()
    row.stopped_at = None
    reckon(row, calendar_of(case.community_id, [row]))


def reckon(row: CaseClock, calendar: Calendar) -> None:
    """When it is due, and when its next level is reached."""
    pauses = [(dt.datetime.fromisoformat(a), dt.datetime.fromisoformat(b)) for a, b in row.pauses]
    span = row.span + (row.extra if row.extended_by_id is not None else 0)
    row.due_at = spans.due(row.started_at, span, row.unit, pauses, worked=calendar.worked)
    row.next_at = None if not row.next_level else spans.due(
        row.started_at, span, row.unit, pauses, worked=calendar.worked, percent=row.next_level)


# ── Levels ──────────────────────────────────────────────────────────────────────────────────────────────────────

_SAID = {
    80: N_("Case %(number)s (%(what)s) is due soon."),
    100: N_("Case %(number)s (%(what)s) is overdue. It is with the supervisor now."),
    200: N_("Case %(number)s (%(what)s) is overdue twice over. It goes to the joint meeting."),
    300: N_("Case %(number)s (%(what)s) is overdue three times over. It stands on the list of the joint meeting."),
}
_LATE = N_("Report %(number)s (%(what)s) is taking longer than promised. The supervisor has been told.")


def escalate(community_id: int, case_id: int) -> int:
    """Write down each level that the clocks of a case have reached, once, and tell who has to act; returns how many.
    Whoever reported it hears when an answer or the work is overdue."""
    case = get_scoped(Case, case_id, community_id, lock=True)
    now, made, late = clock.now(), 0, False
    rows = of(case, *ClockKind)
    calendar = calendar_of(community_id, rows)
    for row in rows:
        while row.next_at is not None and row.next_at <= now:
            level = row.next_level
            db.session.add(Escalation(community_id=community_id, case_id=case.id, clock_id=row.id, level=level, at=now))
            case.level = max(case.level, {80: 0, 100: 1}.get(level, 2))
            note(system(community_id), case, "escalate", case.state, clock=row.kind.value, level=level)
            if row.kind is not K.EVALUATE:
                tell_about(case, residents_of(case, _responsible(case, level)), _SAID[level])
            late |= level == 100 and row.kind in (K.RESPOND, K.RECTIFY)
            later = [one for one in spans.LEVELS if one > level]
            row.next_level = later[0] if later else 0
            reckon(row, calendar)
            made += 1
    if late:
        tell_about(case, concerned(case), _LATE)
    db.session.flush()
    return made


def _responsible(case: Case, level: int) -> set[int]:
    """Who acts at a level: the unit, from 100% on the committee as well."""
    users = set(db.session.scalars(sa.select(UnitMember.user_id).where(
        UnitMember.community_id == case.community_id, UnitMember.unit_id == (case.unit_id or 0))))
    if level >= 100 or case.unit_id is None:
        users |= {user.id for user in people.holders(case.community_id, *policy.DISPATCHERS)}
    return users
