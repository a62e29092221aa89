"""A reversed award whose points were already spent: the owner owes, and earns it back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pointsbank.ledger import errors
from pointsbank.ledger.models import AccountKind, Book, TransferKind
from pointsbank.ledger.services import Award, Transfer, accounts
from tests.ledger.counter import HOUSE, NEIGHBOUR, Counter

JUNE, JULY = dt.date(2026, 6, 30), dt.date(2026, 7, 31)


def in_debt(counter: Counter, owed: int = 60) -> None:
    """An award of 100 of which ``owed`` was spent is taken back."""
    counter.award(HOUSE, 100, "award:1", JUNE)
    counter.hold(HOUSE, owed, "redemption:1")
    counter.collect("redemption:1")
    counter.reverse("award:1")


def test_only_what_was_spent_becomes_a_debt(counter: Counter) -> None:
    in_debt(counter, owed=60)
    assert (counter.balance(), counter.debt()) == (0, 60)
    assert counter.faults() == []


def test_an_unspent_award_is_taken_back_without_a_debt(counter: Counter) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    counter.reverse("award:1")
    assert (counter.balance(), counter.debt()) == (0, 0)
    assert counter.faults() == []


def test_other_points_cover_before_a_debt_is_made(counter: Counter) -> None:
    counter.award(HOUSE, 30, "award:0")
    in_debt(counter, owed=60)
    # June's 60 were spent; 40 of June and the other 30 are taken, 30 are owed.
    assert (counter.balance(), counter.debt()) == (0, 30)
    assert counter.faults() == []


def test_later_awards_repay_in_part_and_then_in_full(counter: Counter) -> None:
    in_debt(counter, owed=60)
    counter.award(HOUSE, 25, "award:2", JULY)
    assert (counter.balance(), counter.debt()) == (0, 35)
    counter.award(HOUSE, 100, "award:3", JULY)
    assert (counter.balance(), counter.debt()) == (65, 0)
    assert counter.lots() == {JULY: 65}
    counter.award(HOUSE, 10, "award:4", JULY)
    assert counter.balance() == 75
    assert counter.faults() == []


def test_two_awards_of_one_batch_repay_one_debt_once(counter: Counter) -> None:
    in_debt(counter, owed=60)
    counter.award_all([Award(HOUSE, 40, "award:2"), Award(NEIGHBOUR, 40, "award:3"), Award(HOUSE, 40, "award:4")])
    assert (counter.balance(), counter.debt(), counter.balance(NEIGHBOUR)) == (20, 0, 40)
    assert counter.faults() == []


def test_repeating_an_award_does_not_repay_twice(counter: Counter) -> None:
    in_debt(counter, owed=60)
    first = counter.award(HOUSE, 25, "award:2")
    assert counter.award(HOUSE, 25, "award:2") == first
    assert counter.debt() == 35
    # The repeat of an award from before the debt is still the same award.
    assert counter.award(HOUSE, 100, "award:1", JUNE)
    assert counter.debt() == 35
    assert counter.faults() == []


def test_reversing_the_award_that_repaid_brings_the_debt_back(counter: Counter) -> None:
    in_debt(counter, owed=60)
    counter.award(HOUSE, 80, "award:2")
    assert (counter.balance(), counter.debt()) == (20, 0)
    counter.reverse("award:2")
    assert (counter.balance(), counter.debt()) == (0, 60)
    assert counter.faults() == []


def test_a_batch_of_reversals_shares_what_is_left(counter: Counter) -> None:
    counter.award_all([Award(HOUSE, 100, "award:1", JUNE), Award(HOUSE, 100, "award:2", JULY)])
    counter.hold(HOUSE, 150, "redemption:1")
    counter.reverse("award:1", "award:2")
    assert (counter.balance(), counter.debt(), counter.held()) == (0, 150, 150)
    assert counter.faults() == []


def test_points_that_came_back_from_a_cancelled_order_do_not_repay_by_themselves(counter: Counter) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    counter.hold(HOUSE, 100, "redemption:1")
    counter.reverse("award:1")
    counter.release("redemption:1")
    assert (counter.balance(), counter.debt()) == (100, 100)
    counter.award(HOUSE, 30, "award:2")
    assert (counter.balance(), counter.debt()) == (100, 70)
    assert counter.faults() == []


def test_nobody_can_pay_back_more_than_is_owed(counter: Counter) -> None:
    in_debt(counter, owed=60)
    counter.award(NEIGHBOUR, 500, "award:2")
    found: Any = counter.ask(lambda: accounts(counter.community_id, Book.POINTS, [
        (AccountKind.DEBT, HOUSE), (AccountKind.WALLET, NEIGHBOUR)]))
    with pytest.raises(errors.DebtOverpaid):
        counter.post(lambda: [Transfer(found[AccountKind.WALLET, NEIGHBOUR], found[AccountKind.DEBT, HOUSE], 61,
                                       TransferKind.REPAYMENT, "x")])


def test_debts_repayments_and_expiries_are_not_reversed(counter: Counter) -> None:
    in_debt(counter, owed=60)
    counter.award(HOUSE, 25, "award:2")
    for key in ("award:1/reversed/debt", "award:2/repaid", "award:1/reversed"):
        with pytest.raises(errors.NotReversible):
            counter.reverse(key)
