"""Points that are taken away: as a spend does, never into a debt, and given back to the very lots."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pointsbank.ledger import errors, queries
from pointsbank.ledger.models import NEVER
from tests.ledger.counter import HOUSE, Counter

MAY, JUNE = dt.date(2026, 5, 31), dt.date(2026, 6, 30)


def test_what_lapses_first_is_taken_first(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    counter.award(HOUSE, 100, "award:2", MAY)
    assert counter.deduct(HOUSE, 150, "deduction:1") == 150
    assert counter.lots() == {JUNE: 50}
    assert counter.faults() == []


def test_no_more_is_taken_than_there_is_and_nothing_is_owed(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 100, "award:1")
    counter.hold(HOUSE, 40, "redemption:1")
    assert counter.deduct(HOUSE, 500, "deduction:1") == 60
    assert (counter.available(), counter.held(), counter.debt()) == (0, 40, 0)
    assert counter.deduct(HOUSE, 500, "deduction:2") == 0
    assert counter.faults() == []


def test_points_whose_day_is_over_are_not_taken(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 100, "award:1", MAY)
    clock.at(2026, 6, 1)
    assert counter.deduct(HOUSE, 50, "deduction:1") == 0


def test_a_deduction_taken_back_reopens_the_very_lots(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    counter.award(HOUSE, 100, "award:2", MAY)
    counter.deduct(HOUSE, 150, "deduction:1")
    counter.reverse("deduction:1")
    counter.reverse("deduction:1")
    assert counter.lots() == {MAY: 100, JUNE: 100}
    with pytest.raises(errors.NotReversible):
        counter.reverse("deduction:1/reversed")
    assert counter.faults() == []


def test_the_same_deduction_again_takes_nothing_more(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 100, "award:1")
    counter.deduct(HOUSE, 30, "deduction:1")
    assert counter.deduct(HOUSE, 30, "deduction:1") == 30
    assert counter.available() == 70
    with pytest.raises(errors.KeyConflict):
        counter.deduct(HOUSE, 31, "deduction:1")


def test_the_sums_of_the_community_count_what_was_taken_away(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 100, "award:1")
    counter.deduct(HOUSE, 30, "deduction:1")
    totals: Any = counter.ask(lambda: queries.totals(counter.community_id))
    assert (totals.issued, totals.wallets, totals.deducted) == (100, 70, 30)
    assert NEVER in {lot or NEVER for lot in counter.lots()}
