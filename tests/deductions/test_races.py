"""Two who take at once take once; a deduction and an order never take the same points. Each with its guard off too."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run
from pointsbank.deductions import services
from pointsbank.deductions.models import Deduction
from pointsbank.deductions.services import announcing, deciding
from pointsbank.ledger import errors as ledger_errors
from pointsbank.ledger import services as ledger
from tests.deductions.cases import Cases

ROUNDS = 12


def at_once(app: Flask, works: list[Callable[[], Any]]) -> list[Any]:
    """All works in threads of their own, begun together with the clock of this moment; results or exceptions."""
    now, gate = house_clock.now(), threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def one(place: int, work: Callable[[], Any]) -> None:
        with house_clock.fixed(lambda: now), app.app_context():
            gate.wait(20)
            try:
                found[place] = run(work)
            except Exception as error:
                found[place] = error

    threads = [threading.Thread(target=one, args=(i, work)) for i, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def kinds(found: list[Any]) -> dict[str, int]:
    names = [type(one).__name__ if isinstance(one, Exception) else "done" for one in found]
    return {name: names.count(name) for name in names}


def test_two_who_impose_at_once_take_once(cases: Cases, clock: Any) -> None:
    cases.give(1000)
    row = cases.announced()
    clock.forward(days=8)
    actors = [cases.village.actor(who) for who in ("member", "second", "member", "second")]
    found = at_once(cases.app, [lambda a=a: services.impose(a, row).id for a in actors])  # type: ignore[misc]
    assert kinds(found) == {"done": 1, "AlreadyDecided": 3}
    assert cases.available() == 800


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_without_the_lock_two_believe_that_they_took(
        cases: Cases, clock: Any, database_kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the row is read without its lock, and both go on before either has written. What then
    still holds the points together is the key in the book."""
    cases.give(1000)
    row = cases.announced()
    clock.forward(days=8)
    both = threading.Barrier(2)

    def unlocked(actor: Any, deduction_id: int, *states: Any) -> Deduction:
        found: Deduction = db.session.get(Deduction, deduction_id)  # type: ignore[assignment]
        both.wait(20)
        if found.state not in states:
            raise AssertionError
        return found

    monkeypatch.setattr(deciding, "locked", unlocked)
    monkeypatch.setattr(deciding, "tell_concerned", lambda *_given: None)
    actors = [cases.village.actor(who) for who in ("member", "second")]
    found = at_once(cases.app, [lambda a=a: services.impose(a, row).id for a in actors])  # type: ignore[misc]
    assert kinds(found).get("AlreadyDecided", 0) == 0
    assert cases.available() == 800


@pytest.mark.slow
@pytest.mark.parametrize("has", [250, 300])
def test_a_deduction_and_an_order_never_take_the_same_points(cases: Cases, clock: Any, has: int) -> None:
    """2 points are due and 2 are ordered, where there are 2.5 or 3: whoever comes second gets what is left."""
    for number in range(ROUNDS):
        home = cases.village.households["2-0317"]
        cases.give(has - cases.available())
        row = cases.announced(item_code="9.3", quantity=4, household_id=home)
        clock.forward(days=8)
        hold = ledger.Hold(cases.house, 200, f"redemption:{number + 1}")

        def spend(hold: Any = hold) -> Any:
            return ledger.post(cases.community, ledger.hold_transfers(cases.community, [hold]), house_clock.today())

        found = at_once(cases.app, [lambda row=row: services.impose(  # type: ignore[misc]
            cases.village.actor("member"), row).taken, spend])
        taken, order = found
        assert cases.available() >= 0
        if isinstance(order, ledger_errors.NotEnough):
            assert taken == 200
            assert cases.available() == has - 200
        else:
            assert (taken, cases.available()) == (has - 200, 0)


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_without_the_wallet_s_lock_an_order_may_come_between(
        cases: Cases, clock: Any, database_kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: what there is was looked up without the lock, an order comes, and the book refuses."""
    cases.give(250)
    row = cases.announced()
    clock.forward(days=8)
    ordered, looked = threading.Event(), threading.Event()

    def unlocked(*_given: Any) -> int:
        looked.set()
        assert ordered.wait(20)
        return 250

    monkeypatch.setattr(ledger, "lock_wallet", unlocked)
    hold = ledger.Hold(cases.house, 200, "redemption:1")

    def spend() -> Any:
        assert looked.wait(20)
        found = ledger.post(cases.community, ledger.hold_transfers(cases.community, [hold]), house_clock.today())
        db.session.commit()  # only in this test: the deduction goes on once the order stands
        ordered.set()
        return len(found)

    found = at_once(cases.app, [lambda: services.impose(cases.village.actor("member"), row).taken, spend])
    assert kinds(found) == {"NotEnough": 1, "done": 1}
    assert cases.available() == 50


def test_two_of_the_same_item_imposed_at_once_double_once(cases: Cases, clock: Any) -> None:
    cases.give(5000)
    first = cases.announced()
    clock.forward(days=1)
    second = cases.announced()
    clock.forward(days=9)
    actors = {row: cases.village.actor(who) for row, who in ((first, "member"), (second, "second"))}
    found = at_once(cases.app, [lambda r=r, a=a: services.impose(a, r).id  # type: ignore[misc]
                                for r, a in actors.items()])
    assert kinds(found) == {"done": 2}
    amounts = [cases.row(row).amount for row in (first, second)]
    # Whichever came first in the book: the later day doubles if the earlier one stood already.
    assert amounts in ([200, 400], [200, 200])
    assert cases.available() == 5000 - sum(amount or 0 for amount in amounts)
    assert (cases.row(second).doubled_by_id is not None) == (amounts[1] == 400)


def test_two_who_announce_the_same_at_once_announce_it_once(
        cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "_refuse_twice", lambda *_given: None)  # the unique index alone
    works = [lambda who=who: services.announce(cases.village.actor(who), cases.wish()).id  # type: ignore[misc]
             for who in ("member", "second", "reviewer")]
    assert kinds(at_once(cases.app, works)) == {"done": 1, "AlreadyAnnounced": 2}


def test_an_appeal_is_answered_once(cases: Cases, clock: Any) -> None:
    cases.give(1000)
    done = cases.taken(clock)
    cases.appealed(done.id)
    works = [lambda who=who, back=back: services.decide_appeal(  # type: ignore[misc]
        cases.village.actor(who), done.id, back, "已核对照片与门牌").id
        for who, back in (("second", True), ("supervisor", False), ("second", True))]
    found = at_once(cases.app, works)
    assert kinds(found) == {"done": 1, "AlreadyDecided": 2}
    assert cases.available() in (800, 1000)

