"""When things are due: forty examples reckoned by hand around holidays and worked weekends of 2026, pauses, levels."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import jobs, queries, services, spans
from pointsbank.cases.errors import BadSetting, NoExtension, NotIndependent, NotOpen, NotYourPart, ReasonMissing
from pointsbank.cases.models import CaseClock, CaseState, ClockKind, Escalation, Evaluation, SpanUnit
from pointsbank.cases.services import CategoryDraft, Step
from pointsbank.communities import working_days
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from tests.cases.desk import Desk

M, H, D = SpanUnit.MINUTES, SpanUnit.WORK_HOURS, SpanUnit.WORK_DAYS
# Off in 2026: 1-3 January, 15-23 February, 4-6 April, 1-5 May, 19-21 June, 25-27 September, 1-7 October.
# Worked: Sunday 4 January, Saturdays 14 and 28 February, Saturday 9 May, Sunday 20 September, Saturday 10 October.
EXAMPLES = [
    # minutes run on any day
    ("2026-04-18 09:00", 1, M, [], "2026-04-18 09:01"),
    ("2026-04-18 23:58", 5, M, [], "2026-04-19 00:03"),
    ("2026-02-16 12:00", 10, M, [], "2026-02-16 12:10"),
    ("2026-04-18 09:00", 10080, M, [], "2026-04-25 09:00"),
    ("2026-12-31 23:50", 30, M, [], "2027-01-01 00:20"),
    ("2026-04-18 09:00", 60, M, [("2026-04-18 09:30", "2026-04-18 11:00")], "2026-04-18 11:30"),
    ("2026-04-18 09:00", 30, M, [("2026-04-18 08:00", "2026-04-18 09:15")], "2026-04-18 09:45"),
    ("2026-04-18 09:00", 30, M, [("2026-04-18 09:30", "2026-04-18 10:00")], "2026-04-18 09:30"),
    # hours of work
    ("2026-04-15 09:00", 4, H, [], "2026-04-15 13:00"),
    ("2026-04-15 15:00", 4, H, [], "2026-04-16 11:00"),
    ("2026-04-15 07:00", 8, H, [], "2026-04-15 17:00"),
    ("2026-04-15 17:00", 1, H, [], "2026-04-16 10:00"),
    ("2026-04-15 20:00", 1, H, [], "2026-04-16 10:00"),
    ("2026-04-17 16:00", 2, H, [], "2026-04-20 10:00"),
    ("2026-04-18 09:00", 1, H, [], "2026-04-20 10:00"),
    ("2026-04-03 16:00", 2, H, [], "2026-04-07 10:00"),
    ("2026-02-13 16:30", 1, H, [], "2026-02-14 09:30"),
    ("2026-02-14 16:30", 1, H, [], "2026-02-24 09:30"),
    ("2026-05-08 16:00", 2, H, [], "2026-05-09 10:00"),
    ("2026-05-09 16:00", 2, H, [], "2026-05-11 10:00"),
    ("2026-09-30 16:00", 2, H, [], "2026-10-08 10:00"),
    ("2026-10-09 16:00", 9, H, [], "2026-10-10 17:00"),
    ("2026-09-18 16:00", 2, H, [], "2026-09-20 10:00"),
    ("2026-04-15 09:00", 4, H, [("2026-04-15 10:00", "2026-04-15 12:00")], "2026-04-15 15:00"),
    ("2026-04-15 15:00", 4, H, [("2026-04-15 18:00", "2026-04-16 08:00")], "2026-04-16 11:00"),
    ("2026-04-15 15:00", 4, H, [("2026-04-15 16:00", "2026-04-16 10:00")], "2026-04-16 13:00"),
    # days of work, from the opening of the next one
    ("2026-04-15 10:00", 1, D, [], "2026-04-16 17:00"),
    ("2026-04-17 10:00", 1, D, [], "2026-04-20 17:00"),
    ("2026-04-18 10:00", 3, D, [], "2026-04-22 17:00"),
    ("2026-04-03 10:00", 1, D, [], "2026-04-07 17:00"),
    ("2026-02-13 10:00", 1, D, [], "2026-02-14 17:00"),
    ("2026-02-13 10:00", 2, D, [], "2026-02-24 17:00"),
    ("2026-02-27 10:00", 2, D, [], "2026-03-02 17:00"),
    ("2026-04-30 10:00", 1, D, [], "2026-05-06 17:00"),
    ("2026-04-30 10:00", 5, D, [], "2026-05-11 17:00"),
    ("2026-06-18 10:00", 1, D, [], "2026-06-22 17:00"),
    ("2026-09-24 10:00", 4, D, [], "2026-10-08 17:00"),
    ("2026-10-07 10:00", 3, D, [], "2026-10-10 17:00"),
    ("2026-01-02 10:00", 2, D, [], "2026-01-05 17:00"),
    ("2026-04-15 10:00", 3, D, [("2026-04-16 13:00", "2026-04-17 13:00")], "2026-04-21 17:00"),
]


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=house_clock.SHANGHAI)


def test_there_are_forty_examples() -> None:
    assert len(EXAMPLES) == 40


@pytest.mark.parametrize(("start", "span", "unit", "pauses", "wanted"), EXAMPLES)
def test_it_is_due_as_reckoned_by_hand(start: str, span: int, unit: SpanUnit, pauses: list[tuple[str, str]],
                                       wanted: str) -> None:
    found = spans.due(at(start), span, unit, [(at(a), at(b)) for a, b in pauses],
                      worked=working_days.is_national_working_day)
    assert house_clock.local(found).strftime("%Y-%m-%d %H:%M") == wanted


def test_levels_come_in_order_and_no_working_day_is_an_error() -> None:
    found = [spans.due(at("2026-04-15 10:00"), 5, D, worked=working_days.is_national_working_day, percent=level)
             for level in spans.LEVELS]
    assert [house_clock.local(one).strftime("%m-%d %H:%M") for one in found] == [
        "04-21 17:00", "04-22 17:00", "04-29 17:00", "05-09 17:00"]
    with pytest.raises(OverflowError):
        spans.due(at("2026-04-15 10:00"), 1, D, worked=lambda day: False)


def clock_of(desk: Desk, case_id: int, kind: ClockKind) -> CaseClock:
    with transaction():
        return db.session.scalars(sa.select(CaseClock).where(CaseClock.case_id == case_id, CaseClock.kind == kind)
                                  .order_by(CaseClock.id.desc()).execution_options(populate_existing=True)).first()


def due(desk: Desk, case_id: int, kind: ClockKind) -> str:
    return house_clock.local(clock_of(desk, case_id, kind).due_at).strftime("%m-%d %H:%M")


def levels(case_id: int) -> list[int]:
    with transaction():
        return list(db.session.scalars(sa.select(Escalation.level).where(Escalation.case_id == case_id)
                                       .order_by(Escalation.id)))


def test_a_question_stops_the_clock_until_it_is_answered(desk: Desk, clock: Any) -> None:
    case_id = desk.send(category_id=desk.family)  # 4 hours of work, from Saturday: Monday 13:00
    assert due(desk, case_id, ClockKind.RESPOND) == "04-20 13:00"
    clock.at(2026, 4, 20, 10)
    desk.do("member", "ask_more", case_id)
    clock.at(2026, 4, 20, 16)
    jobs.tick()
    assert levels(case_id) == []
    desk.do("alice", "supply", case_id)
    assert due(desk, case_id, ClockKind.RESPOND) == "04-21 11:00"


def test_rework_keeps_the_first_due_date_and_reopening_begins_anew(desk: Desk, clock: Any) -> None:
    case_id = desk.at(CaseState.TO_INSPECT)
    assert due(desk, case_id, ClockKind.RECTIFY) == "04-22 17:00"
    clock.at(2026, 4, 21)
    desk.do("reviewer", "rework", case_id)
    row = clock_of(desk, case_id, ClockKind.RECTIFY)
    assert row.stopped_at is None
    assert due(desk, case_id, ClockKind.RECTIFY) == "04-22 17:00"
    for verb, who in (("finish", "dora"), ("approve", "reviewer"), ("unhappy", "alice")):
        desk.do(who, verb, case_id)
    assert clock_of(desk, case_id, ClockKind.RECTIFY).id != row.id
    assert due(desk, case_id, ClockKind.RECTIFY) == "04-24 17:00"


def test_each_level_is_written_down_once_and_told(desk: Desk, clock: Any) -> None:
    case_id = desk.at(CaseState.ACKNOWLEDGED)
    clock.at(2026, 4, 22, 12, 11)
    jobs.tick()
    assert levels(case_id) == []
    clock.at(2026, 4, 22, 12, 12)
    jobs.tick()
    jobs.tick()
    assert levels(case_id) == [80]
    assert sum("due soon" in text for text in desk.heard("dora")) == 1
    clock.at(2026, 5, 30)
    assert jobs.tick()["levels"] == 3
    assert jobs.tick()["levels"] == 0
    assert levels(case_id) == [80, 100, 200, 300]
    assert desk.case(case_id).level == 2


def test_a_suspended_case_comes_back_by_itself_and_its_clock_had_stood(desk: Desk, clock: Any) -> None:
    case_id = desk.at(CaseState.RECTIFYING)
    clock.at(2026, 4, 20, 9)
    desk.do("second", "suspend", case_id, Step(text="等待配件到货", days=7))
    clock.at(2026, 4, 27, 8, 59)
    assert jobs.tick() == {"levels": 0, "resumed": 0, "unanswered": 0, "signals": 0}
    clock.at(2026, 4, 27, 9)
    assert jobs.tick()["resumed"] == 1
    assert desk.state(case_id) is CaseState.RECTIFYING
    assert due(desk, case_id, ClockKind.RECTIFY) == "04-29 17:00"


def test_silence_for_seven_days_closes_it_as_unanswered(desk: Desk, clock: Any) -> None:
    case_id = desk.at(CaseState.TO_EVALUATE)
    clock.forward(days=7, minutes=-1)
    assert jobs.tick()["unanswered"] == 0
    clock.forward(minutes=1)
    assert jobs.tick()["unanswered"] == 1
    closed = desk.case(case_id)
    assert (closed.state, closed.evaluation) == (CaseState.CLOSED, Evaluation.UNANSWERED)


def test_more_time_is_asked_once_and_approved_once_by_somebody_else(desk: Desk, clock: Any) -> None:
    case_id = desk.at(CaseState.RECTIFYING)

    def ask(who: str, extra: int = 2) -> Any:
        return run(lambda: services.ask_extension(desk.actor(who), case_id, extra, "要等停电的日子"))

    def approve(who: str) -> Any:
        return run(lambda: services.approve_extension(desk.actor(who), case_id))

    for who, extra, refusal in (("erin", 2, NotYourPart), ("dora", 0, NoExtension), ("dora", 31, NoExtension)):
        with pytest.raises(refusal):
            ask(who, extra)
    with pytest.raises(NoExtension):
        approve("member")
    ask("dora")
    assert due(desk, case_id, ClockKind.RECTIFY) == "04-22 17:00"
    with pytest.raises(NoExtension):
        ask("dora")
    desk.village.grants["dora"] = desk.village.grants["member"]
    with pytest.raises(NotIndependent):
        approve("dora")
    approve("member")
    assert due(desk, case_id, ClockKind.RECTIFY) == "04-24 17:00"
    with pytest.raises(NoExtension):
        approve("second")


def test_more_time_is_refused_once_with_a_reason_and_stands_in_the_history(desk: Desk, clock: Any) -> None:
    case_id = desk.at(CaseState.RECTIFYING)

    def refuse(who: str, why: str = "配件已经到了") -> Any:
        return run(lambda: services.refuse_extension(desk.actor(who), case_id, why))

    with pytest.raises(NoExtension):
        refuse("member")
    run(lambda: services.ask_extension(desk.actor("dora"), case_id, 2, "要等停电的日子"))
    for who, why, refusal in (("alice", "不行不行", NotYourPart), ("dora", "不行不行", NotYourPart),
                              ("member", "不", ReasonMissing)):
        with pytest.raises(refusal):
            refuse(who, why)
    refuse("member")
    assert due(desk, case_id, ClockKind.RECTIFY) == "04-22 17:00"
    for again in (lambda: refuse("second"), lambda: run(lambda: services.approve_extension(
            desk.actor("second"), case_id)), lambda: run(lambda: services.ask_extension(
                desk.actor("dora"), case_id, 2, "还是要等停电"))):
        with pytest.raises(NoExtension):
            again()
    for who in ("alice", "dora"):
        assert any("no more time" in text for text in desk.heard(who))
    with transaction():
        seen = queries.seen(desk.actor("bob"), case_id)
    assert [(e.verb, e.detail) for e in seen.events][-2:] == [
        ("ask_extension", {"extra": 2, "unit": "work_days"}), ("refuse_extension", {"extra": 2, "unit": "work_days"})]


# ── The eight clocks ────────────────────────────────────────────────────────────────────────────────────────────

# One, five and ten minutes by day and night; what begins each clock and what ends it.
EIGHT = [(ClockKind.RESPOND, CaseState.RECEIVED, "04-18 09:01", CaseState.ACCEPTED),
         (ClockKind.DISPATCH, CaseState.ACCEPTED, "04-18 09:03", CaseState.ASSIGNED),
         (ClockKind.ACKNOWLEDGE, CaseState.ASSIGNED, "04-18 09:05", CaseState.ACKNOWLEDGED),
         (ClockKind.ARRIVE, CaseState.ACCEPTED, "04-18 09:05", CaseState.ON_SITE),
         (ClockKind.ARRIVE, CaseState.ACCEPTED, "04-18 09:05", CaseState.RECTIFYING),
         (ClockKind.FEED_BACK, CaseState.ACCEPTED, "04-18 09:10", CaseState.TO_INSPECT),
         (ClockKind.RECTIFY, CaseState.ACCEPTED, "04-22 17:00", CaseState.TO_INSPECT),
         (ClockKind.INSPECT, CaseState.TO_INSPECT, "04-21 17:00", CaseState.TO_EVALUATE),
         (ClockKind.EVALUATE, CaseState.TO_EVALUATE, "04-25 09:00", CaseState.CLOSED)]


def urgent(desk: Desk) -> int:
    return run(lambda: services.add_category(desk.actor("member"), CategoryDraft(
        "燃气泄漏", "gas", unit_id=desk.unit, urgent=True, dispatch_span=3, dispatch_unit=M)).id)


@pytest.mark.parametrize(("kind", "begins", "wanted", "ends"), EIGHT)
def test_each_clock_runs_from_one_state_to_another(desk: Desk, kind: ClockKind, begins: CaseState, wanted: str,
                                                   ends: CaseState) -> None:
    assert {row[0] for row in EIGHT} == set(ClockKind)
    gas = urgent(desk)
    case_id = desk.at(begins, desk.send(category_id=gas))
    row = clock_of(desk, case_id, kind)
    assert (due(desk, case_id, kind), row.stopped_at, row.round) == (wanted, None, 1)
    other = desk.at(ends, desk.send(category_id=gas))
    assert clock_of(desk, other, kind).stopped_at is not None


def test_a_kind_without_a_promise_has_no_clock_for_it(desk: Desk) -> None:
    case_id = desk.at(CaseState.ACCEPTED)
    for kind in (ClockKind.DISPATCH, ClockKind.ARRIVE, ClockKind.FEED_BACK):
        assert clock_of(desk, case_id, kind) is None


def test_word_to_the_reporter_ends_the_clock_that_waits_for_it(desk: Desk, clock: Any) -> None:
    case_id = desk.at(CaseState.ACKNOWLEDGED, desk.send(category_id=urgent(desk)))
    for who, refusal in (("alice", NotYourPart), ("reviewer", NotYourPart), ("other_member", NotFound)):
        with pytest.raises(refusal):
            run(lambda who=who: services.feed_back(desk.actor(who), case_id, "已经关了总阀"))  # type: ignore[misc]
    with pytest.raises(ReasonMissing):
        run(lambda: services.feed_back(desk.actor("erin"), case_id, "好"))
    run(lambda: services.feed_back(desk.actor("erin"), case_id, "已经关了总阀"))
    assert clock_of(desk, case_id, ClockKind.FEED_BACK).stopped_at is not None
    assert desk.state(case_id) is CaseState.ACKNOWLEDGED
    assert any("There is news" in text for text in desk.heard("alice"))
    clock.forward(minutes=11)
    jobs.tick()
    with transaction():
        told = db.session.scalars(sa.select(CaseClock.kind).join(Escalation, Escalation.clock_id == CaseClock.id)).all()
    assert ClockKind.FEED_BACK not in told
    assert ClockKind.ARRIVE in told
    fresh = desk.send()
    with pytest.raises(NotOpen):
        run(lambda: services.feed_back(desk.actor("member"), fresh, "我们正在看"))


def test_whoever_reported_hears_once_that_it_takes_longer(desk: Desk, clock: Any) -> None:
    case_id = desk.at(CaseState.RECTIFYING)
    clock.at(2026, 4, 22, 17)
    for _ in range(2):
        jobs.tick()
    assert levels(case_id) == [80, 100]
    assert sum("longer than promised" in text for text in desk.heard("alice")) == 1


def test_however_many_clocks_begin_the_calendar_is_read_once(desk: Desk, queries: Any) -> None:
    kind = run(lambda: services.add_category(desk.actor("member"), CategoryDraft(
        "井盖", "road", dispatch_span=1, arrive_span=1, feed_back_span=2)).id)
    case_id = desk.send(category_id=kind)
    with transaction(), queries() as seen:
        services.move(desk.actor("member"), case_id, "accept")
    assert sum("calendar_day" in text for text in seen) == 1
    with transaction():
        assert len(db.session.scalars(sa.select(CaseClock.id).where(
            CaseClock.case_id == case_id, CaseClock.stopped_at.is_(None))).all()) == 4


@pytest.mark.parametrize(("given", "wanted"), [
    ({"urgent": True}, (1, M, 5, M, 10, M)), ({}, (1, D, None, None, None, None)),
    ({"urgent": True, "arrive_span": 8}, (1, M, 8, M, 10, M)),
    ({"respond_span": 4, "respond_unit": H, "feed_back_span": 2}, (4, H, None, None, 2, D)),
])
def test_an_urgent_kind_promises_one_five_and_ten_minutes(desk: Desk, given: dict[str, Any],
                                                          wanted: tuple[Any, ...]) -> None:
    row = run(lambda: services.add_category(desk.actor("member"), CategoryDraft("井盖", "road", **given)))
    assert (row.respond_span, row.respond_unit, row.arrive_span, row.arrive_unit, row.feed_back_span,
            row.feed_back_unit) == wanted


def test_a_span_of_nothing_is_no_promise(desk: Desk) -> None:
    for name in ("dispatch", "arrive", "feed_back"):
        with pytest.raises(BadSetting):
            run(lambda name=name: services.add_category(desk.actor("member"), CategoryDraft(  # type: ignore[misc]
                "井盖", "road", **{f"{name}_span": 0})))


def test_a_year_without_calendar_is_announced_a_month_ahead_and_its_clocks_run_on(desk: Desk, clock: Any) -> None:
    """Long before anything falls due in it the desk says so; until then Monday to Friday count, never silence."""
    known = max(year for year in range(2026, 2060) if working_days.is_known(year))
    last = dt.date(known, 12, 1)
    assert working_days.year_without_calendar(last - dt.timedelta(days=1)) is None
    assert working_days.year_without_calendar(last) == known + 1
    clock.at(known, 12, 30, 10)
    case_id = desk.at(CaseState.ACCEPTED)
    row = clock_of(desk, case_id, ClockKind.RECTIFY)
    assert row.due_at > house_clock.now()
    assert house_clock.local(row.due_at).weekday() < 5
    assert row.due_at - house_clock.now() < working_days.WARN_BEFORE
