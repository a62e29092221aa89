"""A resident scans the leader's screen, or types its number."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from pointsbank.activities import codes, services
from pointsbank.activities.models import Attendance, AttendanceState, CheckInEvent, CheckInMode, EventKind, NumberTry
from pointsbank.core.db import db, transaction
from tests.activities.support import bearer, found_morning, press, receipt_for, scan_in


def rows(app, model):
    with app.app_context():
        return db.session.scalars(sa.select(model).order_by(model.id)).all()


def test_looking_at_the_code_checks_nobody_in(app, clock, village, client, queries):
    with app.app_context():
        morning = found_morning(village)
        token = morning.token()
    village.sign_in(client, "alice")
    with queries() as seen:
        answer = client.get(f"/s/{token.lower()}")
    assert answer.status_code == 303
    assert seen == []
    assert client.get(answer.location).status_code == 200
    assert client.head(f"/s/{token}").status_code == 303
    assert rows(app, CheckInEvent) == []


def test_one_tap_checks_a_team_member_in(app, clock, village, client, queries):
    with app.app_context():
        morning = found_morning(village)
    village.sign_in(client, "alice")
    receipt = receipt_for(client, morning, app)
    with queries() as seen:
        answer = press(client, receipt)
    assert answer.status_code == 303, answer.text
    assert len(seen) <= 8
    assert client.get(answer.location).status_code == 200
    [row] = rows(app, Attendance)
    assert row.state is AttendanceState.PRESENT
    assert row.minutes == 120


def test_a_second_scan_gets_the_same_attendance(app, clock, village, client, queries):
    with app.app_context():
        morning = found_morning(village)
    village.sign_in(client, "alice")
    clock.forward(minutes=2)
    first = press(client, receipt_for(client, morning, app))
    clock.forward(minutes=20)
    receipt = receipt_for(client, morning, app)
    with queries() as seen:
        second = press(client, receipt)
    assert len(seen) <= 8
    assert second.location == first.location
    with client.session_transaction() as session:
        session["locale"] = "zh_CN"
    assert "9:02" in client.get(second.location).text
    assert len(rows(app, Attendance)) == 1
    assert len(rows(app, CheckInEvent)) == 2


def test_the_same_receipt_sent_again_changes_nothing(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
    village.sign_in(client, "alice")
    receipt = receipt_for(client, morning, app)
    assert press(client, receipt).location == press(client, receipt).location
    assert len(rows(app, CheckInEvent)) == 1


def test_a_receipt_that_somebody_else_used_is_refused(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
    receipt = receipt_for(client, morning, app)
    village.sign_in(client, "alice")
    assert press(client, receipt).status_code == 303
    village.sign_in(client, "bob")
    assert press(client, receipt).status_code == 409
    assert len(rows(app, Attendance)) == 1


def test_signed_out_the_page_keeps_the_receipt_for_after_signing_in(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
        token = morning.token()
    page = client.get(f"/S/{token}", follow_redirects=True)
    assert page.status_code == 200
    assert "/sign-in?next=/check-in?receipt" in page.text.replace("%3F", "?").replace("%3D", "=")
    receipt = receipt_for(client, morning, app)
    assert press(client, receipt).status_code == 401
    village.sign_in(client, "alice")
    assert press(client, receipt).status_code == 303


def test_somebody_who_did_not_sign_up_waits_for_the_leader(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village, sign_up=("dora",))
        assert scan_in(village, morning, "dora").state is AttendanceState.PRESENT
        done = scan_in(village, morning, "erin")
        assert done.state is AttendanceState.PENDING
        with transaction():
            row = services.accept(village.actor("leader"), done.attendance_id)
        assert row.state is AttendanceState.CONFIRMED
        assert row.minutes == 120


def test_a_late_code_waits_for_the_leader_and_is_no_error(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
        token = morning.token()
    village.sign_in(client, "alice")
    clock.forward(seconds=70)
    page = client.get(f"/s/{token}", follow_redirects=True)
    assert page.status_code == 200
    receipt = receipt_for(client, morning, app, at=clock.instant.replace(minute=0, second=0))
    assert press(client, receipt).status_code == 303
    [row] = rows(app, Attendance)
    assert row.state is AttendanceState.PENDING
    assert row.flags == ["late_code"]


def test_a_code_of_a_renewed_screen_waits(app, clock, village):
    with app.app_context():
        morning = found_morning(village)
        text, _scan = services.scan(morning.token(), "b")
        with transaction():
            services.renew_screen(village.actor("leader"), morning.occurrence)
        with transaction():
            done = services.check_in(village.actor("alice"), codes.read_receipt(text, "b"))
        assert done.state is AttendanceState.PENDING


def test_in_and_out_pay_the_time_between(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village, mode=CheckInMode.IN_OUT)
        scan_in(village, morning, "alice")
        clock.forward(minutes=90)
        done = scan_in(village, morning, "alice", EventKind.OUT)
        assert (done.minutes, done.is_new) == (90, True)
        again = scan_in(village, morning, "alice", EventKind.OUT)
        assert again.is_new is False


def test_another_communitys_code_does_not_exist_here(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
    village.sign_in(client, "mallory")
    receipt = receipt_for(client, morning, app)
    assert press(client, receipt).status_code == 404
    assert rows(app, Attendance) == []


def test_after_closing_only_those_who_were_there_are_told_so(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
        first = scan_in(village, morning, "alice")
        with transaction():
            services.close(village.actor("leader"), morning.occurrence, 1)
        assert scan_in(village, morning, "alice").attendance_id == first.attendance_id
    village.sign_in(client, "bob")
    assert press(client, receipt_for(client, morning, app)).status_code == 409


@pytest.mark.parametrize("hours", [-3, 5])
def test_long_before_and_after_check_in_is_shut(app, clock, village, client, hours):
    with app.app_context():
        morning = found_morning(village)
    clock.forward(hours=hours)
    village.sign_in(client, "alice")
    answer = press(client, receipt_for(client, morning, app))
    assert answer.status_code == 409


def test_a_cancelled_activity_takes_nobody_in(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
        with transaction():
            services.cancel(village.actor("leader"), morning.activity, "下雨")
    village.sign_in(client, "alice")
    assert press(client, receipt_for(client, morning, app)).status_code == 409


def number_of(morning) -> str:
    from pointsbank.core import clock as house_clock

    return codes.number(codes.screen_key(morning.occurrence, morning.screen), EventKind.IN, house_clock.now())


def test_the_number_checks_in_whoever_signed_up(app, clock, village, client, queries):
    with app.app_context():
        morning = found_morning(village, sign_up=("dora",))
        digits = number_of(morning)
    village.sign_in(client, "dora")
    assert client.get("/check-in").status_code == 200
    with queries() as seen:
        answer = client.post("/check-in/number", data={"number": digits, "once": "a"})
    assert len(seen) <= 10
    assert "/attendances/" in answer.location
    village.sign_in(client, "erin")
    assert client.post("/check-in/number", data={"number": digits, "once": "b"}).location.endswith("/check-in")
    assert len(rows(app, Attendance)) == 1


def test_five_wrong_numbers_block_the_right_one_for_ten_minutes(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village, sign_up=("dora",))
    village.sign_in(client, "dora")
    for _try in range(5):
        with app.app_context():
            wrong = f"{(int(number_of(morning)) + 1) % 10_000:04d}"
        assert client.post("/check-in/number", data={"number": wrong}).status_code == 303
    with app.app_context():
        right = number_of(morning)
    assert client.post("/check-in/number", data={"number": right}).status_code == 429
    assert len(rows(app, NumberTry)) == 5
    clock.forward(minutes=11)
    with app.app_context():
        right = number_of(morning)
    assert "/attendances/" in client.post("/check-in/number", data={"number": right}).location


def test_the_api_answers_201_and_then_200_with_the_same_attendance(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
        head = bearer(village, "alice")
        token = morning.token()
    got = client.post("/api/v1/scans", json={"token": f"http://localhost/S/{token}"}, headers=head)
    assert got.status_code == 200, got.text
    url = f"/api/v1/occurrences/{morning.occurrence}/check-ins"
    first = client.post(url, json={"receipt": got.json["receipt"]}, headers=head)
    again = client.post(url, json={"receipt": got.json["receipt"]}, headers=head)
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.json["attendance_id"] == again.json["attendance_id"]
    assert (first.json["is_new"], again.json["is_new"]) == (True, False)
    wrong = client.post("/api/v1/occurrences/999/check-ins", json={"receipt": got.json["receipt"]}, headers=head)
    assert wrong.status_code == 404


def test_any_idempotency_key_beside_a_receipt_changes_nothing(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
        head = bearer(village, "alice")
        token = morning.token()
    got = client.post("/api/v1/scans", json={"token": token}, headers=head).json
    url = f"/api/v1/occurrences/{morning.occurrence}/check-ins"
    answers = [client.post(url, json={"receipt": got["receipt"]}, headers={**head, "Idempotency-Key": key})
               for key in (got["id"], got["id"], "another")]
    assert [a.status_code for a in answers] == [201, 200, 200]
    assert [e.client_id for e in rows(app, CheckInEvent)] == [got["id"]]


def test_a_receipt_made_for_nobodys_browser_does_not_exist(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
        with pytest.raises(codes.ForgedCode):
            services.scan(morning.token(), "")
