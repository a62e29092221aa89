"""What a phone says about time, bounded by what can be. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

BEFORE = dt.timedelta(hours=2)  # who sets out early is early, not wrong


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
