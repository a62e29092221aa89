"""Working days: when an objection has to be answered, and until when a notice hangs."""

from __future__ import annotations

import datetime as dt

import chinese_calendar

from pointsbank.core import clock

WORKING_DAYS = 7
CLOSING_TIME = dt.time(18, 0)
WARN_BEFORE = dt.timedelta(days=31)


def is_working_day(day: dt.date) -> bool:
    """A working day by the State Council's calendar, with its holidays and the weekends worked instead (调休).

    The calendar of a year is published in the autumn before. For a year that isn't known yet, Monday to Friday count.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def answer_due(opened_on: dt.date) -> dt.date:
    """The seventh working day after the day of the objection."""
    day, left = opened_on, WORKING_DAYS
    while left:
        day += dt.timedelta(days=1)
        left -= is_working_day(day)
    return day


def year_without_calendar(today: dt.date) -> int | None:
    """The year whose holidays will be needed within a month and aren't known here; None while all is well."""
    soon = today + WARN_BEFORE
    try:
        chinese_calendar.is_workday(soon)
    except NotImplementedError:
        return soon.year
    return None


def closing_instant(opens_at: dt.datetime, days: int) -> dt.datetime:
    """Six in the evening so many days later, and never less than the whole days."""
    local = clock.local(opens_at)
    last = local.date() + dt.timedelta(days=days + (local.time() > CLOSING_TIME))
    return clock.at_local(last, CLOSING_TIME)
