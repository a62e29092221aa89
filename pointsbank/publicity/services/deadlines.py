"""When an objection has to be answered, and until when a notice hangs."""

from __future__ import annotations

import datetime as dt

from pointsbank.communities import working_days
from pointsbank.core import clock

WORKING_DAYS = 7
CLOSING_TIME = dt.time(18, 0)


def answer_due(community_id: int, opened_on: dt.date) -> dt.date:
    """The seventh working day after the day of the objection, as the community's office works."""
    return working_days.after(community_id, opened_on, WORKING_DAYS)


def closing_instant(opens_at: dt.datetime, days: int) -> dt.datetime:
    """Six in the evening so many days later, and never less than the whole days."""
    local = clock.local(opens_at)
    last = local.date() + dt.timedelta(days=days + (local.time() > CLOSING_TIME))
    return clock.at_local(last, CLOSING_TIME)
