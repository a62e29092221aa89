"""The supervision list, and signals: what is said, to whom, and that nothing follows by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import errors, jobs, queries, services
from pointsbank.cases.models import Case, CaseSignal, CaseState, SignalKind, Source
from pointsbank.cases.services import ReportDraft, Step
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.people.models import Household, HouseholdMember
from tests.cases.desk import Desk

ROOT = "/api/v1"


def said(*kinds: SignalKind) -> list[tuple[SignalKind, int]]:
    """The signals there are, of these kinds if some are named, by case."""
    with transaction():
        rows = db.session.scalars(sa.select(CaseSignal).order_by(CaseSignal.id))
        return [(row.kind, row.case_id) for row in rows if not kinds or row.kind in kinds]


# ── The supervision list ────────────────────────────────────────────────────────────────────────────────────────


def listed(desk: Desk, who: str = "member", **asked: Any) -> list[int]:
    with transaction():
        return [row.sight.case.id for row in queries.supervised(desk.actor(who), **asked).items]


def test_a_late_case_stands_on_the_list_until_it_is_closed_out(desk: Desk, clock: Any) -> None:
    case_id, other = desk.at(CaseState.RECTIFYING), desk.at(CaseState.CLOSED, desk.send())
    clock.at(2026, 4, 22, 16, 59)
    assert listed(desk) == []
    clock.at(2026, 4, 22, 18)
    assert listed(desk) == [case_id]  # whether or not the schedule has come round
    jobs.tick()
    with transaction():
        row = queries.supervised(desk.actor("member")).items[0]
    assert (row.late.total_seconds(), row.level) == (3600, 100)
    for verb, who in (("finish", "dora"), ("approve", "reviewer")):
        desk.do(who, verb, case_id)
        clock.forward(hours=5)
        assert listed(desk) == [case_id]
    with transaction():
        assert queries.supervised(desk.actor("member")).items[0].late.total_seconds() == 3600
    desk.do("alice", "satisfied", case_id)
    assert listed(desk) == []
    assert other not in listed(desk)


def test_more_time_afterwards_does_not_take_it_off_and_a_pause_does_not_put_it_on(desk: Desk, clock: Any) -> None:
    late, waits = desk.at(CaseState.RECTIFYING), desk.at(CaseState.SUSPENDED, desk.send())
    clock.at(2026, 4, 23, 9)
    jobs.tick()
    run(lambda: services.ask_extension(desk.actor("dora"), late, 5, "要等停电的日子"))
    run(lambda: services.approve_extension(desk.actor("member"), late))
    assert listed(desk) == [late]
    assert waits not in listed(desk)


def test_a_new_round_begins_off_the_list(desk: Desk, clock: Any) -> None:
    case_id = desk.at(CaseState.RECTIFYING)
    clock.at(2026, 4, 23, 9)
    for verb, who in (("finish", "dora"), ("approve", "reviewer"), ("unhappy", "alice")):
        desk.do(who, verb, case_id)
    assert listed(desk) == []


def test_residents_see_of_it_what_they_may_and_it_is_paged(desk: Desk, clock: Any, queries: Callable[[], Any]) -> None:
    from pointsbank.cases import queries as asked

    ids = [desk.at(CaseState.RECTIFYING, desk.send()) for _ in range(3)]
    family = desk.at(CaseState.RECTIFYING, desk.send(category_id=desk.family))
    clock.at(2026, 4, 30, 9)
    jobs.tick()
    assert listed(desk, "bob") == ids
    assert listed(desk) == [*ids, family]
    assert listed(desk, "other_member") == []
    with transaction():
        first = asked.supervised(desk.actor("member"), limit=3)
        rest = asked.supervised(desk.actor("member"), limit=3, cursor=first.next)
    assert [row.sight.case.id for row in rest.items] == [family]
    costs = []
    for limit in (1, 4):
        with transaction(), queries() as seen:
            asked.supervised(desk.actor("member"), limit=limit)
            db.session.expunge_all()
        costs.append(len(seen))
    assert costs[0] == costs[1]


# ── Signals ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_photo_that_was_sent_before_is_said_once(desk: Desk, clock: Any) -> None:
    first = desk.send("bob", photo_ids=[desk.photo("bob", "report", 10)])
    jobs.tick()
    clock.forward(days=30)
    again = desk.send(photo_ids=[desk.photo("alice", "report", 12)])
    assert said() == []  # never in the request
    for _ in range(2):
        jobs.tick()
    assert said() == [(SignalKind.REUSED_PHOTO, again)]
    with transaction():
        assert db.session.scalars(sa.select(CaseSignal)).one().detail == {"case": first}
        assert not db.session.scalars(sa.select(Case.id).where(Case.to_watch)).all()
    assert desk.state(again) is CaseState.RECEIVED


def test_a_before_that_shows_an_earlier_after_is_said(desk: Desk, clock: Any) -> None:
    done = desk.at(CaseState.RECTIFYING)
    desk.do("dora", "finish", done, Step(photo_ids=[desk.photo("dora", "repair", 40)]))
    clock.forward(days=1)
    again = desk.send("bob", photo_ids=[desk.photo("bob", "report", 42)])
    jobs.tick()
    assert said() == [(SignalKind.BEFORE_IS_AFTER, again)]


def test_an_after_that_is_the_before_or_of_another_repair_is_said(desk: Desk, clock: Any) -> None:
    case_id = desk.send(photo_ids=[desk.photo("alice", "report", 10)])
    desk.at(CaseState.RECTIFYING, case_id)
    clock.forward(hours=1)
    desk.do("dora", "finish", case_id, Step(photo_ids=[desk.photo("dora", "repair", 11)]))
    jobs.tick()
    assert said() == [(SignalKind.BEFORE_IS_AFTER, case_id)]
    other = desk.at(CaseState.RECTIFYING, desk.send())
    clock.forward(hours=1)
    desk.do("dora", "finish", other, Step(photo_ids=[desk.photo("dora", "repair", 11)]))
    jobs.tick()
    assert (SignalKind.REUSED_PHOTO, other) in said()


def test_who_reports_to_the_unit_they_work_for_is_said(desk: Desk) -> None:
    plain = desk.at(CaseState.ASSIGNED)
    own = desk.send("erin")
    desk.at(CaseState.ASSIGNED, own)
    with transaction():  # bob moves in with dora
        home = db.session.scalars(sa.select(Household).where(Household.number == "3-0226")).one()
        row = db.session.scalars(sa.select(HouseholdMember).where(
            HouseholdMember.resident_id == desk.village.residents["bob"])).one()
        row.household_id, row.is_head = home.id, False
    family = desk.at(CaseState.ASSIGNED, desk.send("bob"))
    jobs.tick()
    assert said() == [(SignalKind.OWN_FIXER, own), (SignalKind.OWN_FIXER, family)]
    assert plain not in {case_id for _kind, case_id in said()}


@pytest.mark.parametrize(("minutes", "metres", "told"), [(1, 5000, True), (10, 5000, False), (0, 200, False),
                                                         (0, 400, True), (13 * 60, 5_000_000, False)])
def test_nobody_is_faster_than_a_car(desk: Desk, clock: Any, minutes: int, metres: int, told: bool) -> None:
    desk.send(lat=30.0, lon=104.0)
    clock.forward(minutes=minutes)
    second = desk.send(lat=30.0 + metres / 111_195, lon=104.0) if metres < 1_000_000 else desk.send(lat=70.0, lon=104.0)
    jobs.tick()
    assert said() == ([(SignalKind.IMPOSSIBLE_TRAVEL, second)] if told else [])


def test_staff_who_enter_what_they_are_told_are_nowhere(desk: Desk) -> None:
    for n, lat in enumerate((30.0, 31.0)):
        run(lambda n=n, lat=lat: services.enter(desk.actor("grid"), ReportDraft(  # type: ignore[misc]
            f"draft-{n:04}", desk.lamp, "路灯不亮", f"西巷 {n} 号", lat=lat, lon=104.0), Source.HOTLINE))
    jobs.tick()
    assert said() == []


def test_many_within_a_minute_are_said_once(desk: Desk, clock: Any) -> None:
    ids = [desk.send() for _ in range(7)]
    jobs.tick()
    assert said() == [(SignalKind.MANY_AT_ONCE, ids[4])]
    for _ in range(5):
        clock.forward(seconds=16)
        desk.send("bob")
    jobs.tick()
    assert len(said()) == 1


def test_a_signal_is_settled_once_by_somebody_apart(desk: Desk, client: Any) -> None:
    desk.village.grants["alice"] = desk.village.grants["member"]
    case_id = desk.send()
    with transaction():
        db.session.add(CaseSignal(community_id=desk.village.community, case_id=case_id, kind=SignalKind.MANY_AT_ONCE,
                                  about="report:1", detail={}, at=desk.case(case_id).opened_at))
    with transaction():
        rows = queries.signals(desk.actor("member")).items
    signal = rows[0].signal.id
    for who, refusal in (("alice", errors.NotIndependent), ("reviewer", errors.NotYourPart),
                         ("other_member", NotFound)):
        with pytest.raises(refusal):
            run(lambda who=who: services.settle_signal(  # type: ignore[misc]
                desk.actor(who), signal, "两张是同一天拍的"))
    with pytest.raises(errors.ReasonMissing):
        run(lambda: services.settle_signal(desk.actor("second"), signal, "好"))
    run(lambda: services.settle_signal(desk.actor("second"), signal, "两张是同一天拍的"))
    with pytest.raises(errors.SettledAlready):
        run(lambda: services.settle_signal(desk.actor("member"), signal, "两张是同一天拍的"))
    with transaction():
        assert len(queries.signals(desk.actor("member")).items) == len(rows) - 1
        assert len(queries.signals(desk.actor("member"), open_only=False).items) == len(rows)
        for who in ("reviewer", "grid"):
            with pytest.raises(NotFound):
                queries.signals(desk.actor(who))
    head = desk.village.bearer(desk.app, "bob")
    assert client.get(f"{ROOT}/cases/{case_id}", headers=head).status_code == 404
    assert client.get(ROOT + "/case-signals", headers=head).status_code == 403
