"""When something is due: a pure reckoning of minutes, hours of work and days of work, with pauses taken out.

Offices work from 9:00 to 17:00 Shanghai time on working days, so a day of work is 480 minutes. Hours count from the
very moment; days count from the opening of the next working day, as deadlines in law do, and end when the office shuts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from pointsbank.cases.models import SpanUnit
from pointsbank.core import clock

OPENS, SHUTS = dt.time(9), dt.time(17)
DAY_MINUTES = 480
LEVELS = (80, 100, 200, 300)
LONGEST_DAYS = 4000
Pause = tuple[dt.datetime, dt.datetime]
Worked = Callable[[dt.date], bool]
Stretch = tuple[dt.datetime, dt.datetime]
_MINUTES = {SpanUnit.MINUTES: 1, SpanUnit.WORK_HOURS: 60, SpanUnit.WORK_DAYS: DAY_MINUTES}


def minutes_of(span: int, unit: SpanUnit) -> int:
    """The span in minutes on the wall or of work."""
    return span * _MINUTES[unit]


def due(start: dt.datetime, span: int, unit: SpanUnit, pauses: Sequence[Pause] = (), *, worked: Worked,
        percent: int = 100) -> dt.datetime:
    """The instant at which ``percent`` of the span has run, pauses not counted. ``worked(day)`` knows the calendar.

    Raises OverflowError where no working day comes for years.
    """
    left = dt.timedelta(minutes=minutes_of(span, unit) * percent / 100)
    for begins, ends in _running(_stretches(start, unit, worked), pauses):
        if ends - begins >= left:
            return begins + left
        left -= ends - begins
    raise OverflowError("no working day ahead")


def _stretches(start: dt.datetime, unit: SpanUnit, worked: Worked) -> Iterator[Stretch]:
    """The time that counts, from ``start`` on."""
    day = clock.local_date(start)
    if unit is SpanUnit.MINUTES:
        yield start, start + dt.timedelta(days=LONGEST_DAYS)
        return
    if unit is SpanUnit.WORK_DAYS:
        day += dt.timedelta(days=1)
    for _ in range(LONGEST_DAYS):
        if worked(day):
            opens, shuts = clock.at_local(day, OPENS), clock.at_local(day, SHUTS)
            if shuts > start:
                yield max(opens, start), shuts
        day += dt.timedelta(days=1)


def _running(stretches: Iterator[Stretch], pauses: Sequence[Pause]) -> Iterator[Stretch]:
    """The stretches without what lies in a pause."""
    ordered = sorted(pauses)
    for begins, ends in stretches:
        at = begins
        for off, on in ordered:
            if on <= at or off >= ends:
                continue
            if off > at:
                yield at, off
            at = max(at, on)
        if at < ends:
            yield at, ends
