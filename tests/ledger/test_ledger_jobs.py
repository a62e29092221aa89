"""The book's nightly work."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pointsbank.ledger import jobs
from tests.ledger.counter import HOUSE, Counter
from tests.support.village import Village


def test_the_nightly_sweep_goes_through_all_communities_once(counter: Counter, village: Village, clock: Any) -> None:
    other = Counter(counter.app, village.other)
    for one in (counter, other):
        one.award(HOUSE, 100, "award:1", dt.date(2026, 4, 30))
        one.award(HOUSE, 50, "award:2")
    clock.at(2026, 5, 1, 0, 5)
    with counter.app.app_context():
        assert jobs.expire_due() == {"swept": 2}
        assert jobs.expire_due() == {"swept": 0}
    assert counter.balance() == other.balance() == 50


def test_the_nightly_check_carries_the_sums_forward_and_finds_nothing(counter: Counter) -> None:
    ids = counter.award(HOUSE, 100, "award:1")
    with counter.app.app_context():
        assert jobs.verify_nightly() == {"rolled_up_through": ids["award:1"], "faults": []}
