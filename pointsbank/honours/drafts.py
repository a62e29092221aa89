"""A ladder as it is being written, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pointsbank.core.errors import lazy
from pointsbank.honours.models import Period
from pointsbank.honours.reaching import Ladder

MOST_STEPS = 12
MOST_MINUTES = 100_000 * 60
MOST_HONOUR = 10**9
MOST_NO_SHOWS = 100


@dataclass(frozen=True)
class StepDraft:
    """One step: minutes served and hundredths of honour, None where it asks for none."""

    name: str
    minutes: int | None = None
    honour: int | None = None


@dataclass(frozen=True)
class LadderDraft:
    """A ladder to be written down; see :class:`~pointsbank.honours.models.HonourLadder`."""

    title: str
    period: Period
    steps: tuple[StepDraft, ...]
    cycle_minutes: int | None = None
    no_show_limit: int | None = None
    note: str = ""


def of_ladder(ladder: Ladder) -> LadderDraft:
    """A stored version as a draft."""
    return LadderDraft(ladder.title, ladder.period,
                       tuple(StepDraft(s.name, s.minutes, s.honour) for s in ladder.steps), ladder.cycle_minutes,
                       ladder.no_show_limit, ladder.note)


def faults(draft: LadderDraft) -> dict[str, Any]:
    """A sentence for each field that can't stay as it is; empty when all is well."""
    found: dict[str, Any] = {}
    if not 1 <= len(draft.title.strip()) <= 60:
        found["title"] = lazy("The title has 1 to 60 characters.")
    if len(draft.note) > 400:
        found["note"] = lazy("At most 400 characters.")
    if draft.no_show_limit is not None and not 1 <= draft.no_show_limit <= MOST_NO_SHOWS:
        found["no_show_limit"] = lazy("A whole number from 1 to 100, or nothing.")
    in_cycles = draft.period is Period.CYCLE
    if in_cycles and not draft.cycle_minutes:
        found["cycle_hours"] = lazy("Say how many hours a cycle has, for example 300.")
    elif draft.cycle_minutes and not in_cycles:
        found["cycle_hours"] = lazy("Only a ladder in cycles has a length. Empty this, or choose cycles.")
    elif draft.cycle_minutes and draft.cycle_minutes > MOST_MINUTES:
        found["cycle_hours"] = lazy("This number is too large.")
    wrong = _wrong_steps(draft)
    if wrong is not None:
        found["steps"] = wrong
    return found


def _wrong_steps(draft: LadderDraft) -> Any:
    """The first thing that is wrong with the steps, in the order in which people would read them."""
    if not 1 <= len(draft.steps) <= MOST_STEPS:
        return lazy("A ladder has 1 to 12 steps.")
    before: StepDraft | None = None
    for place, step in enumerate(draft.steps, 1):
        wrong = _wrong_step(draft, step, before)
        if wrong is not None:
            return lazy("Step %(place)s: %(what)s", place=place, what=wrong)
        before = step
    if len({step.name.strip() for step in draft.steps}) < len(draft.steps):
        return lazy("Two steps have the same name.")
    return None


def _wrong_step(draft: LadderDraft, step: StepDraft, before: StepDraft | None) -> Any:
    if not 1 <= len(step.name.strip()) <= 30:
        return lazy("its name has 1 to 30 characters.")
    if not step.minutes and not step.honour:
        return lazy("it asks for nothing. Write hours, honour points, or both.")
    if (step.minutes or 0) > MOST_MINUTES or (step.honour or 0) > MOST_HONOUR:
        return lazy("this number is too large.")
    if draft.period is Period.CYCLE:
        if step.honour or not step.minutes:
            return lazy("in a ladder of cycles only hours count.")
        if draft.cycle_minutes and step.minutes > draft.cycle_minutes:
            return lazy("it asks for more hours than a cycle has.")
    if before is not None:
        more = ((step.minutes or 0) - (before.minutes or 0), (step.honour or 0) - (before.honour or 0))
        if min(more) < 0 or max(more) == 0:
            return lazy("it has to ask for more than the step below it, and for less of nothing.")
    return None
