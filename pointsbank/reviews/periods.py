"""Days, weeks from Monday, and months: the periods that reviews are made for."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from pointsbank.core import clock


class PeriodKind(enum.StrEnum):
    """How long the period of a review is."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True)
class Period:
    """A period by its first and last day, in Shanghai."""

    kind: PeriodKind
    starts_on: dt.date
    ends_on: dt.date

    @property
    def begin(self) -> dt.datetime:
        """Its first instant."""
        return clock.at_local(self.starts_on)

    @property
    def end(self) -> dt.datetime:
        """The first instant after it."""
        return clock.at_local(self.ends_on + dt.timedelta(days=1))

    @property
    def is_over(self) -> bool:
        """Nothing can happen in it any more."""
        return clock.now() >= self.end


def containing(kind: PeriodKind, day: dt.date) -> Period:
    """The period of this kind that a day lies in."""
    if kind is PeriodKind.DAILY:
        return Period(kind, day, day)
    if kind is PeriodKind.WEEKLY:
        monday = day - dt.timedelta(days=day.weekday())
        return Period(kind, monday, monday + dt.timedelta(days=6))
    first = day.replace(day=1)
    return Period(kind, first, (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1))


def before(period: Period) -> Period:
    """The period of the same kind before it."""
    return containing(period.kind, period.starts_on - dt.timedelta(days=1))


def over(kind: PeriodKind, today: dt.date, most: int) -> list[Period]:
    """The last ``most`` periods of a kind that ended before ``today``, the earliest first."""
    found = [before(containing(kind, today))]
    while len(found) < most:
        found.append(before(found[-1]))
    return found[::-1]
