"""Open days, last days and the windows of limits: plain functions of a date."""

from __future__ import annotations

import datetime as dt

from pointsbank.communities.settings import CommunitySettings
from pointsbank.shop.models import LimitPeriod


def is_open(settings: CommunitySettings, day: dt.date) -> bool:
    """Goods are handed over on this day. Without open days, every day."""
    return not settings.open_days or day.day in settings.open_days


def next_open(settings: CommunitySettings, day: dt.date) -> dt.date:
    """The first open day from ``day`` on. A month without a 31st is passed over."""
    while not is_open(settings, day):
        day += dt.timedelta(days=1)
    return day


def last_day(settings: CommunitySettings, placed_on: dt.date) -> dt.date:
    """Until when an order waits. It always meets an open day: a voucher that nobody could use would be a trap."""
    due = placed_on + dt.timedelta(days=settings.pickup_days)
    first = next_open(settings, placed_on + dt.timedelta(days=1)) if not is_open(settings, placed_on) else placed_on
    return max(due, first)


def window(period: LimitPeriod, day: dt.date) -> str:
    """The name of the span in which a limit is counted: ``2026-04-18``, ``2026-04``, ``2026-Q2``, ``2026``,
    ``ever``."""
    if period is LimitPeriod.DAY:
        return day.isoformat()
    if period is LimitPeriod.MONTH:
        return f"{day.year}-{day.month:02d}"
    if period is LimitPeriod.QUARTER:
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return str(day.year) if period is LimitPeriod.YEAR else "ever"
