"""When a round can be walked or entered, and what a phone says about time, bounded by what can be. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pointsbank.patrols.models import WALKABLE, Patrol, PatrolState

LATE_DAYS = 3  # after its day a phone may still send a round
PAPER_DAYS = 14  # after its day a sheet may still be entered
BEFORE = dt.timedelta(hours=2)  # who sets out early is early, not wrong


def is_walkable(patrol: Patrol, today: dt.date, days: int = LATE_DAYS) -> bool:
    """It can be walked, or handed in: from its day on, so many days long; what came back at any time."""
    late = patrol.state is not PatrolState.SENT_BACK and today > patrol.on + dt.timedelta(days=days)
    return patrol.state in WALKABLE and today >= patrol.on and not late


@dataclass(frozen=True)
class Said:
    """An instant as it is kept; ``off`` where the phone said something that can't be."""

    at: dt.datetime
    off: bool


def bounded(said: dt.datetime | None, starts_at: dt.datetime, received_at: dt.datetime) -> Said:
    """The said instant, never later than it came in and never earlier than two hours before the round may begin.

    Nothing said: the moment it came in. What arrives before the window has no room between both bounds: then it is the
    moment it came in.
    """
    if said is None:
        return Said(received_at, False)
    earliest = min(starts_at - BEFORE, received_at)
    kept = min(max(said, earliest), received_at)
    return Said(kept, kept != said)


def walked_minutes(said_from: dt.datetime, said_until: dt.datetime, starts_at: dt.datetime,
                   ends_at: dt.datetime) -> int:
    """Whole minutes between the first and the last instant, at most as long as the window of the round."""
    spent = int((said_until - said_from).total_seconds() // 60)
    window = int((ends_at - starts_at).total_seconds() // 60)
    return max(0, min(spent, window))
