"""Passbook pages, sums of a community, the months, and the roll-up of uncached accounts."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run, transaction
from pointsbank.core.tokens import BadToken
from pointsbank.ledger import queries as book
from pointsbank.ledger.models import Book
from pointsbank.ledger.services import Award, award_transfers, post, roll_up
from tests.ledger.counter import HOUSE, NEIGHBOUR, Counter

JUNE = dt.date(2026, 6, 30)


def pages(counter: Counter, owner: str = HOUSE, limit: int = 3) -> list[book.Entry]:
    """A whole passbook, page by page."""
    entries: list[book.Entry] = []
    cursor: str | None = None
    while True:
        page: Any = counter.ask(lambda c=cursor: book.passbook(counter.community_id, owner, c, limit))
        entries += page.items
        cursor = page.next
        if cursor is None:
            return entries
        assert len(page.items) == limit


def test_the_running_balance_is_right_across_pages(counter: Counter) -> None:
    for i in range(5):
        counter.award(HOUSE, 100 + i, f"award:{i}", JUNE)
    counter.hold(HOUSE, 30, "redemption:1")
    counter.release("redemption:1")
    counter.hold(HOUSE, 40, "redemption:2")
    counter.collect("redemption:2")
    entries = pages(counter)
    assert [e.source_key for e in entries] == [
        "redemption:2", "redemption:1/close", "redemption:1", *(f"award:{i}" for i in (4, 3, 2, 1, 0))]
    assert entries[0].balance_after == counter.balance() == 470
    for newer, older in itertools.pairwise(entries):
        assert newer.balance_after - newer.amount == older.balance_after
    assert entries[-1].balance_after == entries[-1].amount == 100
    assert entries[-1].expires_on == JUNE


def test_what_comes_in_while_somebody_pages_does_not_disturb_the_next_page(counter: Counter) -> None:
    for i in range(6):
        counter.award(HOUSE, 100, f"award:{i}")
    first: Any = counter.ask(lambda: book.passbook(counter.community_id, HOUSE, None, 2))
    counter.award(HOUSE, 5000, "award:new")
    second: Any = counter.ask(lambda: book.passbook(counter.community_id, HOUSE, first.next, 2))
    assert [e.balance_after for e in second.items] == [400, 300]


def test_a_cursor_of_another_wallet_is_refused(counter: Counter) -> None:
    counter.award_all([Award(owner, 100, f"award:{owner}:{i}") for owner in (HOUSE, NEIGHBOUR) for i in range(3)])
    page: Any = counter.ask(lambda: book.passbook(counter.community_id, HOUSE, None, 1))
    for cursor in (page.next, "nonsense"):
        with pytest.raises(BadToken):
            counter.ask(lambda cursor=cursor: book.passbook(counter.community_id, NEIGHBOUR, cursor, 1))


def test_a_passbook_page_takes_two_statements(
        counter: Counter, queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    counter.award_all([Award(HOUSE, 100, f"award:{i}") for i in range(40)])
    with queries() as seen:
        counter.ask(lambda: book.passbook(counter.community_id, HOUSE, None, 30))
    assert len(seen) == 2


def test_an_owner_without_a_wallet_has_an_empty_passbook(counter: Counter) -> None:
    assert pages(counter, "household:404") == []
    assert counter.balance("household:404") == 0


def test_the_sums_of_a_community_add_up_before_and_after_the_roll_up(counter: Counter, clock: Any) -> None:
    counter.award_all([Award(HOUSE, 1000, "award:1", JUNE), Award(NEIGHBOUR, 500, "award:2")])
    counter.hold(HOUSE, 300, "redemption:1")
    counter.collect("redemption:1")
    counter.hold(NEIGHBOUR, 100, "redemption:2")
    counter.reverse("award:1")
    clock.at(2026, 7, 1)
    counter.award(HOUSE, 120, "award:3", dt.date(2026, 7, 5))
    expected = book.Totals(issued=620, wallets=400, held=100, redeemed=300, expired=0, deducted=0, owed=180)
    assert counter.ask(lambda: book.totals(counter.community_id)) == expected
    with counter.app.app_context():
        assert run(roll_up) is not None
    assert counter.ask(lambda: book.totals(counter.community_id)) == expected
    counter.award(NEIGHBOUR, 7, "award:4")
    after: Any = counter.ask(lambda: book.totals(counter.community_id))
    assert after.issued == 627
    assert after.issued == after.wallets + after.held + after.redeemed + after.expired - after.owed
    with counter.app.app_context():
        run(roll_up)
    assert counter.ask(lambda: book.totals(counter.community_id)) == after
    assert counter.faults() == []


def test_the_months_show_what_came_and_went(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 1000, "award:1", dt.date(2026, 4, 30))
    counter.award(HOUSE, 500, "award:2")
    counter.reverse("award:2")
    clock.at(2026, 5, 1, 0, 30)  # still April in UTC
    counter.award(HOUSE, 70, "award:3")
    counter.hold(HOUSE, 20, "redemption:1")
    counter.collect("redemption:1")
    counter.expire()
    flow: Any = counter.ask(lambda: book.monthly_flow(counter.community_id, 3))
    assert flow == [book.Flow(dt.date(2026, 3, 1), 0, 0, 0, 0, 0), book.Flow(dt.date(2026, 4, 1), 1500, 500, 0, 0, 0),
                    book.Flow(dt.date(2026, 5, 1), 70, 0, 20, 0, 1000)]


def test_liabilities_count_what_can_still_become_goods(counter: Counter) -> None:
    counter.award_all([Award(HOUSE, 100, "award:1", JUNE), Award(NEIGHBOUR, 50, "award:2")])
    counter.hold(NEIGHBOUR, 20, "redemption:1")
    owed: Any = counter.ask(lambda: book.liabilities(counter.community_id, dt.date(2026, 7, 1)))
    assert (owed.spendable, owed.held, owed.total) == (30, 20, 50)
    assert owed.by_day == [book.LotView(None, 30)]


def test_many_balances_come_in_one_query(
        counter: Counter, queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    counter.award_all([Award(f"household:{i}", i + 1, f"award:{i}") for i in range(50)])
    owners = [f"household:{i}" for i in range(60)]
    with queries() as seen:
        found: Any = counter.ask(lambda: book.balances(counter.community_id, owners, Book.POINTS))
    assert (len(seen), len(found), found["household:49"]) == (1, 50, 50)


def test_posted_tells_what_stands_in_the_book(counter: Counter) -> None:
    counter.award_all([Award(HOUSE, 100, "award:1"), Award(HOUSE, 50, "award:2")])
    counter.reverse("award:2")
    found: Any = counter.ask(lambda: book.posted(counter.community_id, ["award:1", "award:2", "award:3"]))
    assert found.keys() == {"award:1", "award:2"}
    assert found["award:1"].reversed_by_id is None
    assert found["award:2"].reversed_by_id is not None


def test_the_roll_up_waits_for_ids_that_are_still_on_their_way(counter: Counter, app: Flask,
                                                               database_kind: str) -> None:
    """On PostgreSQL an older id may be committed after a newer one; rolling past it would lose it for ever."""
    if database_kind == "sqlite":
        counter.award(HOUSE, 5, "award:1")
        with app.app_context():
            assert run(lambda: roll_up(patience=0)) is not None
        return
    community, posted_first, may_commit = counter.community_id, threading.Event(), threading.Event()
    counter.award_all([Award(HOUSE, 1, "open:1"), Award(NEIGHBOUR, 1, "open:2")])

    def slow() -> None:
        with app.app_context(), transaction():
            post(community, award_transfers(community, [Award(HOUSE, 100, "award:slow")]), house_clock.today())
            posted_first.set()
            may_commit.wait(20)

    thread = threading.Thread(target=slow)
    thread.start()
    assert posted_first.wait(20)
    counter.award(NEIGHBOUR, 10, "award:quick")
    with app.app_context():
        # The guard off: rolling up to the highest id seen would leave the slow one out.
        assert run(lambda: db.session.execute(sa.text("SELECT count(*) FROM transfer")).scalar_one()) == 3
        assert run(lambda: roll_up(patience=0.1)) is None
    may_commit.set()
    thread.join(20)
    with app.app_context():
        assert run(roll_up) is not None
    totals: Any = counter.ask(lambda: book.totals(community))
    assert totals.issued == 112
    assert counter.faults() == []
