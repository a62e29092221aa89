"""The one source of time. Instants are UTC and aware; calendar days are those of Asia/Shanghai."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from pointsbank.core.errors import Unavailable, lazy

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def _system() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


# One for the whole process: worker threads of a test or of the demo must see the same instant.
_source: list[Callable[[], dt.datetime]] = [_system]


class ClockUnset(Unavailable):
    """A machine that lost its battery starts in 1970: deeds dated then would be kept for ever."""

    code = "core.clock_unset"
    message = lazy("The clock of this server is wrong. Nothing was recorded. Please tell the office.")


def now() -> dt.datetime:
    """The present instant in UTC. Raises :class:`ClockUnset` when the clock stands before 2020."""
    instant = _source[-1]()
    if instant < EARLIEST:
        raise ClockUnset
    return instant


def today() -> dt.date:
    """The calendar day in Asia/Shanghai."""
    return local(now()).date()


def local(instant: dt.datetime) -> dt.datetime:
    """The same instant on the wall clock of Asia/Shanghai."""
    return instant.astimezone(SHANGHAI)


def local_date(instant: dt.datetime) -> dt.date:
    """The Shanghai calendar day of an instant."""
    return local(instant).date()


def at_local(day: dt.date, time: dt.time = dt.time(0, 0)) -> dt.datetime:
    """The UTC instant of a Shanghai wall-clock time."""
    return dt.datetime.combine(day, time, SHANGHAI).astimezone(dt.UTC)


@contextmanager
def fixed(instant: dt.datetime | Callable[[], dt.datetime]) -> Iterator[None]:
    """Run a block at a given instant (tests, the demo's simulated days)."""
    source = instant if callable(instant) else lambda: instant
    _source.append(source)
    try:
        yield
    finally:
        _source.remove(source)
