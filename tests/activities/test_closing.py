"""Closing: count heads, flag, pay each minute once, hand on."""

from __future__ import annotations

import datetime as dt
import difflib

import pytest
import sqlalchemy as sa

from pointsbank.activities import codes, services
from pointsbank.activities import queries as asked
from pointsbank.activities.errors import AlreadyClosed, HeadcountDiffers, NotBegun
from pointsbank.activities.models import Attendance, AttendanceState, CheckInEvent, CheckInMode
from pointsbank.activities.services import closing
from pointsbank.contributions.models import Contribution, Review, ReviewStep
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import NotFound
from tests.activities.support import END, START, add_people, found_morning, scan_in


@pytest.fixture
def house(app, clock, village, monkeypatch):
    monkeypatch.setattr(closing, "SAMPLE_ONE_IN", 10**12)
    with app.app_context():
        yield village


def deeds():
    return {c.resident_id: c for c in db.session.scalars(
        sa.select(Contribution).execution_options(populate_existing=True))}


def looked_at():
    return set(db.session.scalars(
        sa.select(Contribution.resident_id).join(Review, Review.contribution_id == Contribution.id)
        .where(Review.step == ReviewStep.CHECKED)))


def test_each_attendance_becomes_one_contribution(house, clock):
    morning = found_morning(house, sign_up=("dora",))
    for key in ("alice", "bob", "dora"):
        scan_in(house, morning, key)
    clock.forward(hours=2)
    with transaction():
        services.close(house.actor("leader"), morning.occurrence, 3)
    found = deeds()
    assert {c.minutes for c in found.values()} == {120}
    rows = {a.resident_id: a.id for a in db.session.scalars(sa.select(Attendance))}
    assert {c.source_key for c in found.values()} == {f"attendance:{i}" for i in rows.values()}
    assert {c.activity_key for c in found.values()} == {f"occurrence:{morning.occurrence}"}
    assert looked_at() == set(rows)
    with pytest.raises(AlreadyClosed), transaction():
        services.close(house.actor("leader"), morning.occurrence, 3)


def test_closing_looks_at_nothing_but_unflagged_scans_of_ones_own(house, clock):
    morning = found_morning(house, sign_up=("dora",))
    scan_in(house, morning, "alice")
    waits = scan_in(house, morning, "erin")
    with transaction():
        services.accept(house.actor("leader"), waits.attendance_id)
        services.log_sheet(house.actor("leader"), morning.occurrence, [house.residents["bob"]], reason="x")
    clock.forward(hours=2)
    with transaction():
        services.close(house.actor("leader"), morning.occurrence, 3)
    assert looked_at() == {house.residents["alice"]}
    found = deeds()
    assert found[house.residents["bob"]].outside_team
    assert found[house.residents["erin"]].flagged


def test_the_leaders_own_household_is_never_looked_at_by_closing(house, clock):
    house.grants["alice"] = house.grants["leader"]
    morning = found_morning(house, sign_up=("andrew", "dora"))
    for key in ("alice", "andrew", "dora"):
        scan_in(house, morning, key)
    clock.forward(hours=2)
    with transaction():
        services.close(house.actor("alice"), morning.occurrence, 3)
    assert looked_at() == {house.residents["dora"]}


def test_a_headcount_that_differs_brings_the_rows_up_and_then_makes_all_wait(house, clock):
    morning = found_morning(house)
    scan_in(house, morning, "alice")
    clock.forward(hours=2)
    with pytest.raises(HeadcountDiffers), transaction():
        services.close(house.actor("leader"), morning.occurrence, 2)
    assert deeds() == {}
    with transaction():
        services.close(house.actor("leader"), morning.occurrence, 2, anyway=True)
    assert looked_at() == set()
    assert deeds()[house.residents["alice"]].flagged


def test_two_activities_at_a_time_are_both_attended_and_each_minute_is_paid_once(house, clock):
    first = found_morning(house)
    second = found_morning(house, starts_at=START + dt.timedelta(hours=1), ends_at=END + dt.timedelta(hours=1))
    scan_in(house, first, "alice")
    clock.forward(minutes=60)
    scan_in(house, second, "alice")
    clock.forward(hours=2)
    for morning in (first, second):
        with transaction():
            services.close(house.actor("leader"), morning.occurrence, 1)
    rows = db.session.scalars(sa.select(Attendance).order_by(Attendance.id)).all()
    assert [a.minutes for a in rows] == [120, 120]
    assert [a.paid_minutes for a in rows] == [120, 60]
    assert "overlap" in rows[1].closing_flags


def test_who_still_waits_is_handed_on_when_the_leader_nods_after_closing(house, clock):
    morning = found_morning(house)
    scan_in(house, morning, "alice")
    waits = scan_in(house, morning, "erin")
    clock.forward(hours=2)
    with transaction():
        services.close(house.actor("leader"), morning.occurrence, 1)
    assert set(deeds()) == {house.residents["alice"]}
    with transaction():
        row = services.accept(house.actor("leader"), waits.attendance_id)
    assert row.settled_at is not None
    assert deeds()[house.residents["erin"]].flagged


def test_a_sheet_after_closing_goes_to_a_second_person(house, clock):
    morning = found_morning(house)
    scan_in(house, morning, "alice")
    clock.forward(hours=2)
    with transaction():
        services.close(house.actor("leader"), morning.occurrence, 1)
        services.log_sheet(house.actor("leader"), morning.occurrence, [house.residents["bob"]], reason="漏记")
    assert deeds()[house.residents["bob"]].flagged
    assert "after_closing" in db.session.scalars(sa.select(Attendance).where(
        Attendance.resident_id == house.residents["bob"])).one().closing_flags


def test_without_scanning_everybody_who_signed_up_counts_unless_declined(house, clock):
    morning = found_morning(house, mode=CheckInMode.AUTOMATIC, sign_up=("dora", "erin", "frank"), opened=False)
    clock.forward(hours=2)
    with transaction():
        services.mark_absent(house.actor("leader"), morning.occurrence, house.residents["frank"])
    assert asked.screen_facts(asked.occurrence(house.community, morning.occurrence)).here == 2
    with pytest.raises(NotFound), transaction():
        services.mark_absent(house.actor("leader"), morning.occurrence, house.residents["alice"])
    with transaction():
        services.close(house.actor("leader"), morning.occurrence, 2)
    assert set(deeds()) == {house.residents["dora"], house.residents["erin"]}
    assert {c.minutes for c in deeds().values()} == {120}
    assert looked_at() == set()


def test_many_typed_rows_are_flagged(house, clock):
    morning = found_morning(house)
    scan_in(house, morning, "alice")
    with transaction():
        services.log_sheet(house.actor("leader"), morning.occurrence, [house.residents["bob"]], reason="x")
    clock.forward(hours=2)
    with transaction():
        services.close(house.actor("leader"), morning.occurrence, 2)
    rows = {a.resident_id: a for a in db.session.scalars(sa.select(Attendance))}
    assert rows[house.residents["bob"]].closing_flags == ["typed_share"]
    assert rows[house.residents["alice"]].closing_flags == []


def test_a_screenshot_passed_on_shows_as_a_burst(house, clock):
    keys = add_people(house, 5)
    morning = found_morning(house, sign_up=tuple(keys))
    token = morning.token()
    clock.forward(seconds=40)
    for key in keys:
        text, _scan = services.scan(token, key)
        with transaction():
            done = services.check_in(house.actor(key), codes.read_receipt(text, key))
        assert done.state is AttendanceState.PRESENT
    clock.forward(hours=2)
    with transaction():
        services.close(house.actor("leader"), morning.occurrence, 5)
    assert {tuple(a.closing_flags) for a in db.session.scalars(sa.select(Attendance))} == {("burst",)}
    assert looked_at() == set()


def test_one_phone_for_five_people_is_flagged_and_for_four_is_not(house, clock):
    keys = add_people(house, 5)
    morning = found_morning(house, sign_up=tuple(keys))
    for key in keys:
        text, _scan = services.scan(morning.token(), "one phone")
        with transaction():
            services.check_in(house.actor(key), codes.read_receipt(text, "one phone"))
    rows = db.session.scalars(sa.select(Attendance).order_by(Attendance.id)).all()
    occurrence = asked.occurrence(house.community, morning.occurrence)
    events = closing._events(occurrence)
    assert set.union(*closing.closing_flags(occurrence, rows, events).values()) == {"shared_phone"}
    few = [e for e in events if e.resident_id != rows[0].resident_id]
    assert set.union(*closing.closing_flags(occurrence, rows[1:], few).values()) == set()


def test_one_in_fifty_rows_is_drawn_for_a_second_look(app, clock, village):
    with app.app_context():
        morning = found_morning(village, opened=False)
        occurrence = asked.occurrence(village.community, morning.occurrence)
        rows = [Attendance(id=n, resident_id=n, flags=[], method="self") for n in range(1, 5001)]
        drawn = closing.closing_flags(occurrence, rows, [])
        assert 50 <= sum("sample" in f for f in drawn.values()) <= 150


def test_nothing_is_closed_before_it_begins(house, clock):
    morning = found_morning(house, opened=False)
    clock.at(2026, 4, 18, 8, 0)
    with pytest.raises(NotBegun), transaction():
        services.close(house.actor("leader"), morning.occurrence, 0)


def test_closing_sends_no_statement_a_person(app, clock, village, queries, client):
    def sent(count: int) -> list[str]:
        with app.app_context():
            keys = add_people(village, count, name=f"crowd{count}-")
            morning = found_morning(village, sign_up=tuple(keys))
            for key in keys:
                scan_in(village, morning, key)
        village.sign_in(client, "leader")
        with queries() as seen:
            answer = client.post(f"/lead/occurrences/{morning.occurrence}/close", data={"headcount": count})
        assert answer.status_code == 303, answer.text
        return seen

    # Of two each the shorter one: a unit of work that was begun anew sends some of its statements twice.
    many, few = min(sent(12), sent(13), key=len), min(sent(3), sent(4), key=len)
    assert abs(len(many) - len(few)) <= 3, "\n".join(difflib.ndiff(few, many))


def test_every_event_keeps_who_recorded_it(house):
    morning = found_morning(house)
    scan_in(house, morning, "alice")
    assert db.session.scalars(sa.select(CheckInEvent.recorded_by_id)).all() == [house.users["alice"]]
