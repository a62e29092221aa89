"""Cards, nods, everyone out, the sheet entered afterwards."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from pointsbank.activities import queries, services
from pointsbank.activities.errors import NobodyTicked, NotLeader, NotOpen, ReasonNeeded, TypedCap
from pointsbank.activities.models import Attendance, AttendanceState, CheckInEvent, CheckInMode, EventKind, Method
from pointsbank.communities.models import Area
from pointsbank.core import clock as house_clock
from pointsbank.core import tokens
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.notifications.models import InboxMessage
from pointsbank.people.models import Card, CardState
from tests.activities.support import END, found_morning, scan_in


@pytest.fixture
def house(app, clock, village):
    with app.app_context():
        yield village


def give_card(village, key, *, state=CardState.ACTIVE):
    code, number = tokens.to_base32(bytes(range(10))), tokens.random_number(8)
    with transaction():
        db.session.add(Card(community_id=village.community, resident_id=village.residents[key], issue=1,
                            code_hash=tokens.digest(code), number=number, state=state, issued_at=house_clock.now()))
    return code, number


def test_a_card_or_its_number_checks_its_holder_in(house):
    code, number = give_card(house, "grace")
    morning = found_morning(house)
    with transaction():
        done = services.check_in_card(house.actor("leader"), morning.occurrence, f"HTTP://LOCALHOST/C/{code}")
    assert (done.state, done.is_new) == (AttendanceState.PRESENT, True)
    with transaction():
        again = services.check_in_card(house.actor("leader"), morning.occurrence, number)
    assert (again.attendance_id, again.is_new) == (done.attendance_id, False)
    assert [e.method for e in db.session.scalars(sa.select(CheckInEvent).order_by(CheckInEvent.id))] == [
        Method.LEADER_SCAN, Method.LEADER_NUMBER]


def test_a_blocked_card_checks_nobody_in(house):
    code, _number = give_card(house, "grace", state=CardState.BLOCKED)
    morning = found_morning(house)
    with pytest.raises(Exception, match="card_blocked"), transaction():
        services.check_in_card(house.actor("leader"), morning.occurrence, code)


@pytest.mark.parametrize("key", ["alice", "keeper", "grid"])
def test_only_leaders_take_cards(house, key):
    code, _number = give_card(house, "grace")
    morning = found_morning(house)
    with pytest.raises(NotLeader), transaction():
        services.check_in_card(house.actor(key), morning.occurrence, code)


def test_another_communitys_leader_finds_nothing(house):
    morning = found_morning(house)
    with pytest.raises(NotFound), transaction():
        services.open_screen(house.actor("other_member"), morning.occurrence)


def test_who_was_declined_has_no_minutes_and_is_told(house, clock):
    morning = found_morning(house)
    done = scan_in(house, morning, "alice")
    with transaction():
        row = services.decline(house.actor("leader"), done.attendance_id)
    assert (row.state, row.minutes) == (AttendanceState.DECLINED, 0)
    assert db.session.scalar(sa.select(InboxMessage.resident_id)) == house.residents["alice"]
    clock.forward(seconds=1)
    with transaction():
        row = services.accept(house.actor("leader"), done.attendance_id)
    assert (row.state, row.minutes) == (AttendanceState.PRESENT, 120)


def test_nobody_nods_to_the_own_row(house):
    morning = found_morning(house)
    done = scan_in(house, morning, "erin")
    grants = house.grants["leader"]
    house.grants["erin"] = grants
    with pytest.raises(Forbidden), transaction():
        services.accept(house.actor("erin"), done.attendance_id)


def test_everyone_out_checks_out_who_is_still_in_and_says_who_entered_it(house, clock):
    morning = found_morning(house, mode=CheckInMode.IN_OUT)
    for key in ("alice", "bob", "charlie"):
        scan_in(house, morning, key)
    clock.forward(minutes=110)
    scan_in(house, morning, "alice", EventKind.OUT)
    clock.forward(minutes=10)
    with transaction():
        assert services.everyone_out(house.actor("leader"), morning.occurrence) == 2
    found = {a.resident_id: a for a in db.session.scalars(sa.select(Attendance))}
    assert found[house.residents["alice"]].method is Method.SELF
    assert found[house.residents["bob"]].method is Method.EVERYONE_OUT
    assert {a.minutes for a in found.values()} == {120}


def test_a_sheet_entered_afterwards_says_where_it_came_from_and_tells_its_people(house, clock):
    morning = found_morning(house)
    scan_in(house, morning, "alice")
    clock.forward(hours=3)
    ids = [house.residents[k] for k in ("alice", "bob", "grace")]
    with transaction():
        rows = services.log_sheet(house.actor("leader"), morning.occurrence, ids, reason="手机没电")
    assert [(r.method, r.minutes) for r in rows] == [(Method.SELF, 120), (Method.PAPER, 120), (Method.PAPER, 120)]
    told = db.session.scalars(sa.select(InboxMessage.resident_id)).all()
    assert sorted(told) == sorted(ids[1:])
    with transaction():
        services.log_sheet(house.actor("leader"), morning.occurrence, ids, reason="再来一次")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CheckInEvent)) == 5


def test_nobody_is_entered_as_having_left_before_the_end(house, clock):
    morning = found_morning(house, mode=CheckInMode.IN_OUT)
    clock.forward(minutes=10)
    with transaction():
        [row] = services.log_sheet(house.actor("leader"), morning.occurrence, [house.residents["bob"]], reason="x")
    assert (row.out_at, row.flags) == (None, ["no_out"])
    clock.forward(minutes=110)
    with transaction():
        services.everyone_out(house.actor("leader"), morning.occurrence)
    assert db.session.scalars(sa.select(Attendance).execution_options(populate_existing=True)).one().minutes == 120


def test_a_sheet_needs_a_reason_people_and_people_of_this_community(house):
    morning = found_morning(house)
    with pytest.raises(ReasonNeeded), transaction():
        services.log_sheet(house.actor("leader"), morning.occurrence, [house.residents["bob"]], reason=" ")
    with pytest.raises(NobodyTicked), transaction():
        services.log_sheet(house.actor("leader"), morning.occurrence, [], reason="x")
    with pytest.raises(NotFound), transaction():
        services.log_sheet(house.actor("leader"), morning.occurrence,
                           [house.residents["bob"], house.residents["mallory"]], reason="x")


def test_the_monthly_cap_stops_a_leader_and_not_the_committee(house, clock):
    morning = found_morning(house)
    with transaction():
        db.session.get(Area, house.community).settings = {"typed_rows_cap": 2}
    three = [house.residents[k] for k in ("bob", "dora", "grace")]
    with pytest.raises(TypedCap), transaction():
        services.log_sheet(house.actor("leader"), morning.occurrence, three, reason="x")
    with transaction():
        services.log_sheet(house.actor("leader"), morning.occurrence, three[:2], reason="x")
    with pytest.raises(TypedCap), transaction():
        services.log_sheet(house.actor("leader"), morning.occurrence, three[2:], reason="x")
    with transaction():
        services.log_sheet(house.actor("member"), morning.occurrence, three[2:], reason="x")
    clock.at(2026, 5, 1, 9)
    assert services.leading.typed_left(house.actor("leader")) == 2


def test_the_screen_opens_two_hours_before_and_not_earlier(house, clock):
    morning = found_morning(house, opened=False)
    clock.at(2026, 4, 18, 6, 59)
    with pytest.raises(NotOpen), transaction():
        services.open_screen(house.actor("leader"), morning.occurrence)
    clock.at(2026, 4, 18, 7, 1)
    with transaction():
        first = services.open_screen(house.actor("leader"), morning.occurrence)
        assert services.open_screen(house.actor("leader"), morning.occurrence).id == first.id


def test_the_roster_is_in_the_order_of_the_sheet(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village, sign_up=("dora", "erin"))
        scan_in(village, morning, "frank")
        rows = queries.roster(queries.occurrence(village.community, morning.occurrence))
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    names = [row.resident.name for row in rows]
    assert names == sorted(names)
    village.sign_in(client, "leader")
    page = f"/lead/occurrences/{morning.occurrence}"
    for text in (client.get(f"{page}/roster").text, client.post(f"{page}/sheet").text):
        assert all(name in text for name in names)


def test_rows_entered_long_after_the_end_are_flagged(house, clock):
    morning = found_morning(house)
    clock.instant = END + dt.timedelta(days=8)
    with transaction():
        services.log_sheet(house.actor("leader"), morning.occurrence, [house.residents["bob"]], reason="x")
        services.close(house.actor("leader"), morning.occurrence, 1)
    assert "back_dated" in db.session.scalars(sa.select(Attendance)).one().closing_flags
