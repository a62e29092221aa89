"""Any sequence of business, in any order, on both databases, against a book kept in plain dictionaries."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from pointsbank.communities.models import Area, AreaKind
from pointsbank.core import clock
from pointsbank.core.db import db, run
from pointsbank.ledger import errors
from pointsbank.ledger.models import NEVER
from pointsbank.ledger.services import Award
from tests.ledger.counter import Counter

OWNERS = ("household:1", "household:2", "resident:3")
START = dt.datetime(2026, 4, 18, 1, tzinfo=dt.UTC)
numbers = itertools.count(1)


@dataclass
class Wallet:
    """What one owner has, in the simplest form that can be right."""

    lots: dict[dt.date, int] = field(default_factory=lambda: defaultdict(int))
    held: int = 0
    debt: int = 0

    def live(self, today: dt.date, first: dt.date | None = None) -> list[dt.date]:
        days = sorted(day for day, left in self.lots.items() if left and day >= today and day != first)
        return ([first] if first and self.lots[first] else []) + days

    def take(self, amount: int, today: dt.date, first: dt.date | None = None) -> dict[dt.date, int] | None:
        days = self.live(today, first)
        if sum(self.lots[day] for day in days) < amount:
            return None
        taken = {}
        for day in days:
            part = min(amount, self.lots[day])
            if part:
                taken[day] = part
                self.lots[day] -= part
                amount -= part
        return taken


class Machine(RuleBasedStateMachine):
    """Rules do the same to the book and to the dictionaries; after each step both are compared."""

    app: Flask
    awards: Bundle[str] = Bundle("awards")
    holds: Bundle[str] = Bundle("holds")
    deductions: Bundle[str] = Bundle("deductions")

    @initialize()
    def open_the_bank(self) -> None:
        self.now = START
        self.fixed = clock.fixed(lambda: self.now)
        self.fixed.__enter__()
        number = next(numbers)
        with self.app.app_context():
            def found() -> int:
                area = Area(kind=AreaKind.COMMUNITY, code=f"machine-{number}", name="x", path=f"machine-{number}",
                            settings={}, created_at=START)
                db.session.add(area)
                db.session.flush()
                return area.id

            self.counter = Counter(self.app, run(found))
        self.wallets: dict[str, Wallet] = defaultdict(Wallet)
        self.given: dict[str, tuple[str, int, dt.date]] = {}
        self.reversed: set[str] = set()
        self.orders: dict[str, tuple[str, int, dict[dt.date, int]]] = {}
        self.closed: dict[str, str] = {}
        self.deducted: dict[str, tuple[str, dict[dt.date, int]]] = {}
        self.keys = itertools.count(1)

    def teardown(self) -> None:
        if hasattr(self, "counter"):
            assert self.counter.faults() == []
            self.fixed.__exit__(None, None, None)

    @property
    def today(self) -> dt.date:
        return clock.today()

    def give(self, owner: str, amount: int, day: dt.date) -> None:
        wallet = self.wallets[owner]
        repaid = min(wallet.debt, amount)
        wallet.debt -= repaid
        wallet.lots[day] += amount - repaid

    @rule(target=awards, owner=st.sampled_from(OWNERS), amount=st.integers(1, 500),
          days=st.sampled_from([0, 1, 5, 30, None]))
    def award(self, owner: str, amount: int, days: int | None) -> str:
        key = f"award:{next(self.keys)}"
        day = NEVER if days is None else self.today + dt.timedelta(days)
        self.counter.award(owner, amount, key, day)
        self.given[key] = (owner, amount, day)
        self.give(owner, amount, day)
        return key

    @rule(batch=st.lists(st.tuples(st.sampled_from(OWNERS), st.integers(1, 300), st.sampled_from([2, 9])), max_size=6))
    def award_a_batch(self, batch: list[tuple[str, int, int]]) -> None:
        awards = [Award(owner, amount, f"award:{next(self.keys)}", self.today + dt.timedelta(days))
                  for owner, amount, days in batch]
        self.counter.award_all(awards)
        for award in awards:
            assert award.expires_on is not None
            self.given[award.source_key] = (award.owner_key, award.amount, award.expires_on)
            self.give(award.owner_key, award.amount, award.expires_on)

    @rule(target=holds, owner=st.sampled_from(OWNERS), amount=st.integers(1, 300))
    def spend(self, owner: str, amount: int) -> Any:
        key = f"redemption:{next(self.keys)}"
        taken = self.wallets[owner].take(amount, self.today)
        if taken is None:
            with pytest.raises(errors.NotEnough):
                self.counter.hold(owner, amount, key)
            return multiple()
        self.counter.hold(owner, amount, key)
        self.wallets[owner].held += amount
        self.orders[key] = (owner, amount, taken)
        return key

    @rule(key=consumes(holds), how=st.sampled_from(["collect", "release"]))
    def close(self, key: str, how: str) -> None:
        owner, amount, taken = self.orders[key]
        getattr(self.counter, how)(key)
        self.closed[key] = how
        self.wallets[owner].held -= amount
        if how == "release":
            for day, part in taken.items():
                self.wallets[owner].lots[day] += part

    @rule(key=awards)
    def reverse(self, key: str) -> None:
        owner, amount, day = self.given[key]
        self.counter.reverse(key)  # a second time it is a repeat and changes nothing
        if key in self.reversed:
            return
        self.reversed.add(key)
        wallet = self.wallets[owner]
        reach = sum(wallet.lots[d] for d in wallet.live(self.today, day))
        short = max(0, amount - reach)
        wallet.debt += short
        assert wallet.take(amount - short, self.today, day) is not None

    @rule(target=deductions, owner=st.sampled_from(OWNERS), due=st.integers(1, 400))
    def take_away(self, owner: str, due: int) -> Any:
        """As much as there is and never a debt; what is missing is written off."""
        key = f"deduction:{next(self.keys)}"
        wallet = self.wallets[owner]
        expected = min(due, sum(wallet.lots[day] for day in wallet.live(self.today)))
        assert self.counter.deduct(owner, due, key) == expected
        taken = wallet.take(expected, self.today)
        if not expected or taken is None:
            return multiple()
        self.deducted[key] = (owner, taken)
        return key

    @rule(key=consumes(deductions))
    def give_back_what_was_taken_away(self, key: str) -> None:
        owner, taken = self.deducted[key]
        self.counter.reverse(key)
        for day, part in taken.items():
            self.wallets[owner].lots[day] += part

    @rule()
    def expire(self) -> None:
        self.counter.expire()
        for wallet in self.wallets.values():
            for day in [d for d in wallet.lots if d < self.today and wallet.lots[d]]:
                if (id(wallet), day) not in self.swept_today:
                    wallet.lots[day] = 0
                    self.swept_today.add((id(wallet), day))

    @property
    def swept_today(self) -> set[Any]:
        """A lot swept today and reopened by a cancelled order waits for the next day."""
        by_day: dict[dt.date, set[Any]] = self.__dict__.setdefault("swept", defaultdict(set))
        return by_day[self.today]

    @rule(hours=st.sampled_from([3, 24, 72, 240]))
    def time_passes(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)

    @rule(key=awards)
    def retry_an_award(self, key: str) -> None:
        owner, amount, day = self.given[key]
        assert list(self.counter.award(owner, amount, key, day)) == [key]
        with pytest.raises(errors.KeyConflict):
            self.counter.award(owner, amount + 1, key, day)

    @rule(key=holds)
    def retry_a_hold(self, key: str) -> None:
        owner, amount, _taken = self.orders[key]
        assert list(self.counter.hold(owner, amount, key)) == [key]

    @rule()
    def retry_a_closing(self) -> None:
        for key, how in self.closed.items():
            getattr(self.counter, how)(key)
            with pytest.raises(errors.KeyConflict):
                getattr(self.counter, {"collect": "release", "release": "collect"}[how])(key)
            break

    @invariant()
    def the_book_says_the_same(self) -> None:
        if not hasattr(self, "counter"):
            return
        balances, lots = self.counter.ask(self.stored)  # type: ignore[misc]
        for owner in OWNERS:
            wallet = self.wallets[owner]
            assert balances.get((owner, "wallet"), 0) == sum(wallet.lots.values())
            assert balances.get((owner, "held"), 0) == wallet.held
            assert -balances.get((owner, "debt"), 0) == wallet.debt
            assert lots.get(owner, {}) == {day: left for day, left in wallet.lots.items() if left}

    def stored(self) -> tuple[dict[tuple[str, str], int], dict[str, dict[dt.date, int]]]:
        values = {"c": self.counter.community_id}
        balances = {(r[0], r[1]): r[2] for r in db.session.execute(sa.text(
            "SELECT owner_key, kind, balance FROM points_account WHERE community_id = :c AND balance IS NOT NULL"),
            values)}
        lots: dict[str, dict[dt.date, int]] = {}
        for owner, day, left in db.session.execute(sa.text(
                "SELECT owner_key, expires_on, remaining FROM lot JOIN points_account a ON a.id = account_id"
                " WHERE community_id = :c AND remaining > 0"), values):
            lots.setdefault(owner, {})[dt.date.fromisoformat(str(day))] = left
        return balances, lots


@pytest.mark.slow
def test_any_sequence_of_business_gives_the_book_that_dictionaries_give(app: Flask) -> None:
    machine = type("MachineHere", (Machine,), {"app": app})
    run_state_machine_as_test(machine, settings=settings(
        max_examples=70, stateful_step_count=60, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink)))
