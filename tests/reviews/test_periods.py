"""Days, weeks from Monday and months, at the turn of months and years."""

from __future__ import annotations

import datetime as dt

import pytest

from pointsbank.reviews.periods import PeriodKind, before, containing, over

D = dt.date


@pytest.mark.parametrize(("kind", "day", "first", "last"), [
    (PeriodKind.DAILY, D(2026, 4, 18), D(2026, 4, 18), D(2026, 4, 18)),
    (PeriodKind.WEEKLY, D(2026, 4, 18), D(2026, 4, 13), D(2026, 4, 19)),
    (PeriodKind.WEEKLY, D(2026, 4, 13), D(2026, 4, 13), D(2026, 4, 19)),
    (PeriodKind.WEEKLY, D(2027, 1, 2), D(2026, 12, 28), D(2027, 1, 3)),
    (PeriodKind.MONTHLY, D(2026, 12, 31), D(2026, 12, 1), D(2026, 12, 31)),
    (PeriodKind.MONTHLY, D(2028, 2, 1), D(2028, 2, 1), D(2028, 2, 29)),
])
def test_the_period_of_a_day(kind: PeriodKind, day: dt.date, first: dt.date, last: dt.date) -> None:
    found = containing(kind, day)
    assert (found.starts_on, found.ends_on) == (first, last)
    assert found.end - found.begin == dt.timedelta(days=(last - first).days + 1)
    assert before(found).ends_on == first - dt.timedelta(days=1)


def test_periods_that_are_over_end_yesterday_at_the_latest() -> None:
    assert [p.starts_on for p in over(PeriodKind.DAILY, D(2026, 5, 1), 3)] == [D(2026, 4, 28), D(2026, 4, 29),
                                                                              D(2026, 4, 30)]
    assert [p.ends_on for p in over(PeriodKind.WEEKLY, D(2026, 4, 20), 1)] == [D(2026, 4, 19)]
    assert [p.ends_on for p in over(PeriodKind.WEEKLY, D(2026, 4, 19), 1)] == [D(2026, 4, 12)]
    assert [p.starts_on for p in over(PeriodKind.MONTHLY, D(2026, 5, 1), 2)] == [D(2026, 3, 1), D(2026, 4, 1)]


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    found = containing(PeriodKind.DAILY, D(2026, 4, 18))
    assert found.begin == dt.datetime(2026, 4, 17, 16, tzinfo=dt.UTC)
