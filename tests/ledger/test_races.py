"""Many at once: each race with its guard, and with the guard off, where it must show."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter as Tally
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run
from pointsbank.ledger.errors import KeyConflict, NotEnough
from pointsbank.ledger.services import Award, Hold, hold_transfers, post, posting, reading
from tests.ledger import worker
from tests.ledger.counter import HOUSE, Counter

CROWD = 12
DAY = dt.datetime(2026, 4, 18, 1, tzinfo=dt.UTC)


def at_once(works: Iterable[Callable[[], Any]]) -> list[Any]:
    """Run all at the same moment, each in its own thread; results, or the exceptions as values."""
    works = list(works)
    start = threading.Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        with house_clock.fixed(DAY):
            start.wait(20)
            try:
                return work()
            except Exception as error:
                return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def kinds(results: Iterable[Any]) -> Tally[str]:
    return Tally(type(result).__name__ for result in results)


def test_only_one_of_many_gets_the_last_points(counter: Counter) -> None:
    for number in range(8):
        owner = f"household:{number}"
        counter.award(owner, 100, f"award:{number}")
        results = at_once([lambda n=number, i=i, o=owner: counter.hold(o, 100, f"redemption:{n}-{i}")  # type: ignore
                           for i in range(CROWD)])
        assert kinds(results) == {"dict": 1, "NotEnough": CROWD - 1}
    assert counter.faults() == []


def test_the_same_key_from_everybody_is_one_row_with_one_answer(counter: Counter) -> None:
    for number in range(8):
        results = at_once([lambda n=number: counter.award(HOUSE, 100, f"award:{n}")] * CROWD)  # type: ignore[misc]
        assert len({result[f"award:{number}"] for result in results}) == 1
    assert counter.balance() == 800
    assert counter.faults() == []


def test_one_new_key_on_different_wallets_goes_to_one_of_them(counter: Counter) -> None:
    for number in range(8):
        results = at_once([lambda n=number, i=i: counter.award(f"household:{i}", 100, f"award:{n}")  # type: ignore
                           for i in range(CROWD)])
        assert kinds(results) == {"dict": 1, "KeyConflict": CROWD - 1}
        assert all(isinstance(r, dict | KeyConflict) for r in results)
    assert counter.rows() == 8
    assert counter.faults() == []


def test_an_order_is_collected_or_released_never_both(counter: Counter) -> None:
    counter.award(HOUSE, 1000, "award:1")
    for number in range(8):
        key = f"redemption:{number}"
        counter.hold(HOUSE, 100, key)
        results = at_once([*[lambda k=key: counter.collect(k)] * 4, *[lambda k=key: counter.release(k)] * 4])  # type: ignore
        assert kinds(results) == {"dict": 4, "KeyConflict": 4}
    assert counter.held() == 0
    assert counter.faults() == []


def test_crossing_batches_do_not_deadlock(counter: Counter) -> None:
    owners = [f"household:{i}" for i in range(20)]

    def batch(number: int) -> dict[str, int]:
        order = owners if number % 2 else owners[::-1]
        return counter.award_all([Award(owner, 10, f"award:{number}:{owner}") for owner in order])

    results = at_once([lambda n=n: batch(n) for n in range(CROWD)])  # type: ignore[misc]
    assert kinds(results) == {"dict": CROWD}
    assert {counter.balance(owner) for owner in owners} == {10 * CROWD}
    assert counter.faults() == []


def test_debts_are_repaid_once_by_simultaneous_awards(counter: Counter) -> None:
    counter.award(HOUSE, 500, "award:0")
    counter.hold(HOUSE, 500, "redemption:1")
    counter.reverse("award:0")
    assert counter.debt() == 500
    at_once([lambda i=i: counter.award(HOUSE, 60, f"award:{i}") for i in range(1, CROWD + 1)])  # type: ignore[misc]
    assert (counter.debt(), counter.balance()) == (0, 60 * CROWD - 500)
    assert counter.faults() == []


# ── With the guard off ──────────────────────────────────────────────────────────────────────────────────────────


def _unlocked(connection: sa.Connection, community_id: int, ids: Iterable[int]) -> Any:
    """``reading.lock`` without its lock."""
    statement = reading._lock_statement(connection.dialect.name)._generate()
    statement._for_update_arg = None
    rows = connection.execute(statement, {"community_id": community_id,
                                          "ids": reading.listed(ids, connection.dialect.name)})
    return {row[0]: reading.Account(row[1], row[2], row[3], row[4]) for row in rows}


def test_without_the_row_lock_the_race_shows(
        counter: Counter, app: Flask, database_kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL: row lock and both CHECKs off, and the wallet is overdrawn. SQLite: without the write lock before
    the first read, a reader that turns into a writer is thrown out ("database is locked")."""
    counter.award(HOUSE, 100, "award:1")
    barrier = threading.Barrier(4)
    genuine = posting.write

    def late(*given: Any) -> dict[str, int]:
        barrier.wait(20)  # everybody has read, nobody has written
        return genuine(*given)

    def spend(number: int) -> dict[str, int]:
        with app.app_context():
            if database_kind == "postgres":
                return run(lambda: _held(number))
            try:  # outside a unit of work: BEGIN without IMMEDIATE
                answer = _held(number)
                db.session.commit()
                return answer
            finally:
                db.session.rollback()

    def _held(number: int) -> dict[str, int]:
        return post(counter.community_id, hold_transfers(counter.community_id, [Hold(HOUSE, 100, f"r:{number}")]),
                    house_clock.today())

    counter.award("household:0", 1, "open")
    with app.app_context():  # the held account exists before, so that nobody queues for it
        run(lambda: hold_transfers(counter.community_id, [Hold(HOUSE, 100, "x")]))
    monkeypatch.setattr(posting, "write", late)
    monkeypatch.setattr(reading, "lock", _unlocked)
    with ExitStack() as undo:
        if database_kind == "postgres":
            _without_checks(app, undo)
        results = at_once([lambda n=n: spend(n) for n in range(4)])  # type: ignore[misc]
        if database_kind == "sqlite":
            assert kinds(results) == {"dict": 1, "OperationalError": 3}
            assert any("database is locked" in str(result) for result in results)
        else:
            assert kinds(results) == {"dict": 4}
            assert counter.balance() == -300
            assert any(fault.startswith("ledger.not_covered") for fault in counter.faults())


def test_the_checks_are_the_second_net_under_the_row_lock(
        counter: Counter, app: Flask, database_kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if database_kind == "sqlite":
        counter.award(HOUSE, 100, "award:1")
        overdraw = sa.text("UPDATE points_account SET balance = -1 WHERE floor = 0")
        with app.app_context(), pytest.raises(sa.exc.IntegrityError, match="not_below_floor"):
            run(lambda: db.session.execute(overdraw))
        return
    counter.award(HOUSE, 100, "award:1")
    with app.app_context():
        run(lambda: hold_transfers(counter.community_id, [Hold(HOUSE, 100, "x")]))
    barrier = threading.Barrier(2)
    genuine = posting.write
    monkeypatch.setattr(posting, "write", lambda *given: (barrier.wait(20), genuine(*given))[1])
    monkeypatch.setattr(reading, "lock", _unlocked)
    results = at_once([lambda i=i: counter.hold(HOUSE, 100, f"r:{i}") for i in range(2)])  # type: ignore[misc]
    assert kinds(results) == {"dict": 1, "IntegrityError": 1}
    assert any("not_below_floor" in str(r) or "remaining_not_negative" in str(r) for r in results)


def _without_checks(app: Flask, undo: ExitStack) -> None:
    """Drop the second nets, and put them back when the test is over."""
    checks = (("points_account", "ck_points_account_not_below_floor", "balance >= floor"),
              ("lot", "ck_lot_remaining_not_negative", "remaining >= 0"))

    def sql(text: str) -> None:
        with app.app_context():
            run(lambda: db.session.execute(sa.text(text)))

    for table, name, check in checks:
        sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        undo.callback(sql, f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({check}) NOT VALID")


# ── Several processes ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_several_processes_spend_one_wallet_exactly_once(counter: Counter, app: Flask) -> None:
    rounds = 100
    counter.award_all([Award(f"household:{number}", 100, f"award:{number}") for number in range(rounds)])
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    # Forked from a server that never held a connection: children share nothing with this process.
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.ledger.worker"])
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        jobs = [pool.submit(worker.spend_all, url, counter.community_id, rounds, f"p{i}", 4) for i in range(2)]
        outcomes = [job.result(100) for job in jobs]
    total = Tally[str]()
    for outcome in outcomes:
        total.update(outcome)
    assert total == {"spent": rounds, NotEnough.code: rounds * 7}
    assert all(counter.balance(f"household:{n}") == 0 for n in range(rounds))
    assert counter.faults() == []


