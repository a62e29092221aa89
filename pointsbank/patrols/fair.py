"""Whose turn it is: whoever has done fewest rounds, of these whoever waited longest. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """What somebody had to do lately: rounds planned or walked, and the day of the latest of them."""

    rounds: int = 0
    last_on: dt.date | None = None


def in_turn(loads: Mapping[int, Load], wanted: int, busy: Collection[int] = ()) -> list[int]:
    """The next ``wanted`` people of ``loads`` who are not ``busy``; fewer where there are not so many.

    Over many plannings nobody of an unchanging team gets more than one round more than anybody else.
    """
    free = [who for who in loads if who not in busy]
    free.sort(key=lambda who: (loads[who].rounds, loads[who].last_on or dt.date.min, who))
    return free[:max(wanted, 0)]
