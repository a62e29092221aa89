"""Who reached what: a ladder and figures in, steps out. Pure functions, so that recomputing always gives the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pointsbank.honours.models import Period

LIFE = "life"


@dataclass(frozen=True)
class Figures:
    """What somebody has over the ladder's period: minutes served, hundredths of honour."""

    minutes: int = 0
    honour: int = 0


@dataclass(frozen=True)
class Step:
    """One step; a threshold of None asks for nothing."""

    id: int
    level: int
    name: str
    minutes: int | None = None
    honour: int | None = None


@dataclass(frozen=True)
class Ladder:
    """A version of a ladder as it is judged by. ``steps`` go upwards."""

    id: int
    series: int
    number: int
    title: str
    period: Period
    steps: tuple[Step, ...]
    cycle_minutes: int | None = None
    no_show_limit: int | None = None
    note: str = ""
    resolution: str = ""
    in_force_on: dt.date | None = None
    superseded_on: dt.date | None = None


@dataclass(frozen=True)
class Reached:
    """A step reached, in which period: ``life``, ``2026`` or ``cycle:2``."""

    step: Step
    period_key: str


@dataclass(frozen=True)
class Missing:
    """What is still missing to the next step; both are 0 or more, one of them is more."""

    step: Step
    period_key: str
    minutes: int
    honour: int


def _lacks(step: Step, figures: Figures) -> tuple[int, int]:
    return (max((step.minutes or 0) - figures.minutes, 0), max((step.honour or 0) - figures.honour, 0))


def cycle_of(period_key: str) -> int | None:
    """``cycle:2`` -> 2; None for other periods."""
    kind, _colon, number = period_key.partition(":")
    return int(number) if kind == "cycle" else None


def _cycles(ladder: Ladder, minutes: int) -> Iterable[tuple[str, Figures]]:
    """Each cycle begun, with what falls into it: the hours of a full cycle count towards it, not towards the next."""
    length = ladder.cycle_minutes or 1
    for number in range(1, max(minutes, 0) // length + 2):
        yield f"cycle:{number}", Figures(minutes=min(minutes - length * (number - 1), length))


def reached(ladder: Ladder, figures: Figures, year: int) -> list[Reached]:
    """Every step that these figures reach, lowest first. ``year`` names the period of a ladder that counts by year.

    For a ladder by year ``figures`` are those of that year, otherwise those of the whole life.
    """
    if ladder.period is Period.CYCLE:
        parts = list(_cycles(ladder, figures.minutes))
    else:
        parts = [(str(year) if ladder.period is Period.YEAR else LIFE, figures)]
    return [Reached(step, key) for key, part in parts for step in ladder.steps if _lacks(step, part) == (0, 0)]


def due(ladder: Ladder, figures: Figures, year: int, known: Collection[tuple[int, str]]) -> list[Reached]:
    """What is to be proposed, given the (level, period) pairs that were ever proposed before.

    In a cycle every step is given once; otherwise only the highest step reached, for it stands for those below.
    """
    found = reached(ladder, figures, year)
    if ladder.period is Period.CYCLE:
        return [one for one in found if (one.step.level, one.period_key) not in known]
    top = found[-1:]
    highest = max((level for level, key in known if top and key == top[0].period_key), default=0)
    return [one for one in top if one.step.level > highest]


def next_step(ladder: Ladder, figures: Figures, year: int) -> Missing | None:
    """The lowest step not reached yet, with what is missing to it; None at the top of a ladder without cycles."""
    if ladder.period is Period.CYCLE:
        key, part = list(_cycles(ladder, figures.minutes))[-1]
    else:
        key, part = (str(year) if ladder.period is Period.YEAR else LIFE), figures
    for step in ladder.steps:
        minutes, honour = _lacks(step, part)
        if minutes or honour:
            return Missing(step, key, minutes, honour)
    return None
