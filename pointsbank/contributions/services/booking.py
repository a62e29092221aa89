"""From award lines to the book: one batch, each line under its own key, so that it is booked once."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence

from pointsbank.communities.settings import CommunitySettings, ExpiryPolicy, of
from pointsbank.contributions.models import AwardLine
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.ledger import services as ledger
from pointsbank.ledger.models import Book


def book(actor: Actor, lines: Sequence[AwardLine]) -> dict[str, int]:
    """Post award lines of one community. Call it last in the unit of work, and once: see ``ledger.services.post``."""
    if not lines:
        return {}
    community_id = lines[0].community_id
    today = clock.today()
    last_day = expires_on(of(community_id), today)
    awards = [ledger.Award(line.owner_key, line.amount, line.source_key,
                           last_day if line.book is Book.POINTS else None, line.book)
              for line in sorted(lines, key=lambda line: line.id)]
    posted = ledger.post(community_id, ledger.award_transfers(community_id, awards), today)
    audit.write_many(actor, "contributions.post", [line.source_key for line in lines], community_id=community_id)
    return posted


def expires_on(settings: CommunitySettings, posted_on: dt.date) -> dt.date | None:
    """The last day of points posted on a day, by the community's policy; None: they never lapse."""
    if settings.expiry == ExpiryPolicy.YEAR_END:
        return dt.date(posted_on.year, 12, 31)
    if settings.expiry == ExpiryPolicy.QUARTER:
        return _month_end(posted_on.year, (posted_on.month - 1) // 3 * 3 + 3)
    if settings.expiry == ExpiryPolicy.MONTHS:
        months = posted_on.year * 12 + posted_on.month - 1 + settings.expiry_months
        return _month_end(months // 12, months % 12 + 1)
    return None


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])
