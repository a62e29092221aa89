"""Working days: the State Council's holidays and worked weekends (调休), and what an area adds of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import chinese_calendar
import sqlalchemy as sa

from pointsbank.communities import queries
from pointsbank.communities.models import Area, CalendarDay
from pointsbank.core.db import db

WARN_BEFORE = dt.timedelta(days=31)
# Further ahead than any count of working days reaches, over the longest holidays.
LOOK_AHEAD = dt.timedelta(days=90)


@dataclass(frozen=True)
class Holiday:
    """Days off in a row under one name."""

    name: str
    first: dt.date
    last: dt.date


def is_national_working_day(day: dt.date) -> bool:
    """A working day by the country's calendar.

    The calendar of a year is published in the autumn before. For a year that isn't known yet, Monday to Friday count.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def is_known(year: int) -> bool:
    """The country's calendar of this year is known here."""
    try:
        chinese_calendar.is_workday(dt.date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def year_without_calendar(today: dt.date) -> int | None:
    """The year whose holidays will be needed within a month and aren't known here; None while all is well."""
    soon = (today + WARN_BEFORE).year
    return None if is_known(soon) else soon


def holidays(year: int) -> list[Holiday]:
    """The country's holidays of a year in order; empty for an unknown year."""
    found: list[Holiday] = []
    for day, name in sorted(chinese_calendar.constants.holidays.items()):
        if day.year != year:
            continue
        if found and found[-1].name == name and found[-1].last == day - dt.timedelta(days=1):
            found[-1] = Holiday(name, found[-1].first, day)
        else:
            found.append(Holiday(name, day, day))
    return found


def worked_weekends(year: int) -> list[dt.date]:
    """The Saturdays and Sundays of a year that are worked for a holiday."""
    return sorted(day for day in chinese_calendar.constants.workdays if day.year == year)


# ── What an area says of its own ────────────────────────────────────────────────────────────────────────────────


def own_days(path: str, first: dt.date, last: dt.date) -> Sequence[tuple[CalendarDay, Area]]:
    """What an area and those above it say about these days, the days in order, of one day the widest area first."""
    ids = [int(part) for part in path.split(".") if part]
    rows = db.session.execute(
        sa.select(CalendarDay, Area).join(Area, Area.id == CalendarDay.area_id)
        .where(Area.id.in_(ids), CalendarDay.day.between(first, last))
        .order_by(CalendarDay.day, sa.func.length(Area.path), CalendarDay.id))
    return [(day, area) for day, area in rows]


def after(area_id: int, start: dt.date, count: int) -> dt.date:
    """The ``count``-th working day after ``start``, as the area's offices work. Raises NotFound for no such area."""
    path = queries.area(area_id).path
    own = {row.day: row.is_worked for row, _area in own_days(path, start, start + LOOK_AHEAD)}
    day, left = start, count
    while left:
        day += dt.timedelta(days=1)
        left -= own.get(day, is_national_working_day(day))
    return day
