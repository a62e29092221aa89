"""Expiry: a transfer per lot, once, never early."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pointsbank.core.db import run
from pointsbank.ledger import errors, queries
from pointsbank.ledger.models import AccountKind, Book, TransferKind
from pointsbank.ledger.services import Award, Transfer, accounts, expiry_transfers, post
from tests.ledger.counter import HOUSE, NEIGHBOUR, Counter

JUNE, JULY = dt.date(2026, 6, 30), dt.date(2026, 7, 31)


def test_what_is_over_is_swept_once(counter: Counter, clock: Any) -> None:
    counter.award_all([Award(HOUSE, 100, "award:1", JUNE), Award(HOUSE, 70, "award:2", JULY),
                       Award(NEIGHBOUR, 30, "award:3", JUNE), Award(HOUSE, 5, "award:4")])
    assert counter.expire() == {}
    clock.at(2026, 7, 1, 0, 5)
    assert len(counter.expire()) == 2
    assert counter.expire() == {}
    assert counter.balance() == counter.available() == 75
    assert counter.faults() == []


def test_the_last_day_itself_is_not_over(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    clock.at(2026, 6, 30, 23, 59)
    assert counter.expire() == {}


def test_a_lot_that_a_cancelled_order_reopened_is_swept_on_the_next_day(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    counter.hold(HOUSE, 40, "redemption:1")
    clock.at(2026, 7, 1)
    assert len(counter.expire()) == 1
    counter.release("redemption:1")
    assert counter.expire() == {}
    clock.at(2026, 7, 2)
    assert len(counter.expire()) == 1
    assert counter.balance() == 0
    assert counter.faults() == []


def test_an_expiry_built_before_the_points_were_used_is_refused(counter: Counter, clock: Any) -> None:
    counter.award_all([Award(HOUSE, 100, "award:1", JUNE), Award(HOUSE, 500, "award:2", JULY)])
    clock.at(2026, 7, 1)
    with counter.app.app_context():
        built = run(lambda: expiry_transfers(counter.community_id, dt.date(2026, 7, 1)))
    counter.reverse("award:1")
    with pytest.raises(errors.LotChanged):
        counter.post(lambda: built)
    assert counter.faults() == []


def test_nothing_expires_early(counter: Counter) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    with counter.app.app_context():
        owner = f"community:{counter.community_id}"
        wanted = [(AccountKind.WALLET, HOUSE), (AccountKind.EXPIRED, owner)]
        ids = run(lambda: accounts(counter.community_id, Book.POINTS, wanted))
        early = Transfer(ids[wanted[0]], ids[wanted[1]], 100, TransferKind.EXPIRY, "expiry:x", expires_on=JUNE)
        with pytest.raises(errors.LotChanged):
            run(lambda: post(counter.community_id, [early], JUNE))


def test_one_can_ask_what_will_expire_soon(counter: Counter) -> None:
    counter.award_all([Award(HOUSE, 100, "award:1", JUNE), Award(NEIGHBOUR, 70, "award:2", JULY),
                       Award(HOUSE, 5, "award:3")])
    found = counter.ask(lambda: queries.expiring(counter.community_id, dt.date(2026, 6, 10), dt.date(2026, 7, 10)))
    assert found == [(HOUSE, JUNE, 100)]
