"""Many at once: scans and the last place, each with its guard, and with the guard off, where the race must show."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.activities import codes, services
from pointsbank.activities.errors import Closed, Full, HeadcountDiffers
from pointsbank.activities.models import Attendance, CheckInEvent, EventKind, NumberTry, SignUp, SignUpState
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run
from tests.activities.crowd import NOW, in_a_process, send_all
from tests.activities.support import add_people, bearer, found_morning

PEOPLE, EACH = 16, 4


@pytest.fixture
def crowd(app, clock, village):
    """16 people who signed up, each with two receipts that are sent twice each: 64 sends."""
    clock.instant = NOW
    with app.app_context():
        keys = add_people(village, PEOPLE)
        morning = found_morning(village, sign_up=tuple(keys))
        sends = []
        for key in keys:
            head = bearer(village, key)
            for _receipt in range(EACH // 2):
                receipt, _scan = services.scan(morning.token(), head["Authorization"])
                sends += [(head, receipt)] * 2
    return morning, sends


def check(app: Any, answers: list[tuple[int, Any]]) -> None:
    assert Counter(status for status, _id in answers) == {201: PEOPLE, 200: PEOPLE * (EACH - 1)}
    assert Counter(attendance for _status, attendance in answers) == dict.fromkeys(
        {attendance for _status, attendance in answers}, EACH)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Attendance)) == PEOPLE
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CheckInEvent)) == PEOPLE * EACH // 2
        assert set(db.session.scalars(sa.select(Attendance.minutes))) == {120}


@pytest.mark.slow
def test_64_simultaneous_scans_by_16_people_are_16_attendances(app, crowd):
    morning, sends = crowd
    # Sorted so that the four sends of one person start side by side.
    check(app, send_all(app, morning.occurrence, sends))


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_64_simultaneous_scans_over_four_processes_are_16_attendances(app, crowd, tmp_path):
    morning, sends = crowd
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(in_a_process, url, str(tmp_path / str(n)), morning.occurrence, sends[n::4])
                for n in range(4)]
        check(app, [answer for job in jobs for answer in job.result(110)])


def test_without_the_guard_the_same_statements_write_people_twice(app):
    """Negative control: read, wait for the others, insert, with no unique key and no lock."""
    start = threading.Barrier(8)
    engine = sa.create_engine(app.config["SQLALCHEMY_DATABASE_URI"])

    def say(statement: str) -> Any:
        with engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            return result.scalar() if result.returns_rows else None

    def one(number: int) -> None:
        known = say(f"SELECT 1 FROM loose_attendance WHERE resident_id = {number % 2}")
        start.wait(30)
        if known is None:
            say(f"INSERT INTO loose_attendance VALUES ({number % 2})")

    say("CREATE TABLE loose_attendance (resident_id INTEGER)")
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(one, range(8)))
        assert say("SELECT count(*) FROM loose_attendance") > 2
    finally:
        say("DROP TABLE loose_attendance")
        engine.dispose()


def rush(app: Any, village: Any, keys: list[str], occurrence: int) -> Counter[str]:
    start = threading.Barrier(len(keys))

    def one(key: str) -> str:
        with app.app_context(), house_clock.fixed(NOW):
            start.wait(30)
            try:
                run(lambda: services.sign_up(village.actor(key), occurrence))
            except Full:
                return "full"
            return "in"

    with ThreadPoolExecutor(len(keys)) as pool:
        return Counter(pool.map(one, keys))


def test_twenty_people_want_three_places_and_three_get_them(app, clock, village):
    clock.instant = NOW
    with app.app_context():
        keys = add_people(village, 20)
        morning = found_morning(village, capacity=3, opened=False)
    assert rush(app, village, keys, morning.occurrence) == {"in": 3, "full": 17}
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignUp).where(
            SignUp.state == SignUpState.SIGNED_UP)) == 3


@pytest.mark.postgres
@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_without_the_lock_more_people_get_in_than_there_are_places(app, clock, village, monkeypatch):
    """Negative control: the occurrence is read without its lock, and everybody counts before anybody writes."""
    clock.instant = NOW
    with app.app_context():
        keys = add_people(village, 8)
        morning = found_morning(village, capacity=1, opened=False)
    from pointsbank.activities.services import signing_up

    counted = threading.Barrier(8)
    honest = signing_up.get_scoped

    def loose(model: Any, row_id: int, community_id: int | None, *, lock: bool = False) -> Any:
        return honest(model, row_id, community_id)

    monkeypatch.setattr(signing_up, "get_scoped", loose)
    monkeypatch.setattr(signing_up, "SignUp", _after(counted))
    assert rush(app, village, keys, morning.occurrence)["in"] > 1


def _after(counted: threading.Barrier) -> Any:
    """The model, except that making a row first waits until everybody has counted."""

    class Waiting:
        def __getattr__(self, name: str) -> Any:
            return getattr(SignUp, name)

        def __call__(self, **values: Any) -> SignUp:
            counted.wait(30)
            return SignUp(**values)

        def __clause_element__(self) -> Any:
            return sa.inspect(SignUp).local_table

    return Waiting()


def test_a_scan_and_a_closing_at_the_same_moment_leave_nobody_unsettled(app, clock, village):
    clock.instant = NOW
    with app.app_context():
        keys = add_people(village, 8)
        morning = found_morning(village, sign_up=tuple(keys))
        receipts = {key: services.scan(morning.token(), key)[0] for key in keys}
    start = threading.Barrier(len(keys) + 1)

    def scan(key: str) -> str:
        with app.app_context(), house_clock.fixed(NOW):
            start.wait(30)
            try:
                run(lambda: services.check_in(village.actor(key), codes.read_receipt(receipts[key], key)))
            except Closed:
                return "closed"
            return "in"

    def shut(_key: str) -> str:
        with app.app_context(), house_clock.fixed(NOW):
            start.wait(30)
            try:
                run(lambda: services.close(village.actor("leader"), morning.occurrence, 4, anyway=True))
            except HeadcountDiffers:
                return "differs"
            return "shut"

    with ThreadPoolExecutor(len(keys) + 1) as pool:
        works = [pool.submit(shut, ""), *(pool.submit(scan, key) for key in keys)]
        answers = Counter(work.result() for work in works)
    with app.app_context():
        rows = db.session.scalars(sa.select(Attendance)).all()
    assert len(rows) == answers["in"]
    assert all(row.settled_at is not None for row in rows)


def test_guesses_of_the_number_sent_at_once_are_all_counted(app, clock, village):
    clock.instant = NOW
    with app.app_context():
        morning = found_morning(village, sign_up=("dora",))
        head = bearer(village, "dora")
        right = codes.number(codes.screen_key(morning.occurrence, morning.screen), EventKind.IN, NOW)
    wrong = [f"{(int(right) + 1 + n) % 10_000:04d}" for n in range(40)]
    start = threading.Barrier(len(wrong))

    def guess(number: str) -> int:
        client = app.test_client()
        start.wait(30)
        return client.post("/api/v1/check-ins/number", json={"number": number}, headers=head).status_code

    with ThreadPoolExecutor(len(wrong)) as pool:
        assert Counter(pool.map(guess, wrong)) == {200: 5, 429: 35}
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(NumberTry)) == 5
