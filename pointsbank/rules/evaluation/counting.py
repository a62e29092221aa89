"""What of a deed counts, and what it comes to before any cap: by time, number, score, steps or brackets."""

from __future__ import annotations

from collections.abc import Sequence

from pointsbank.rules.evaluation.conditions import within
from pointsbank.rules.evaluation.deeds import Deed
from pointsbank.rules.evaluation.versions import HOUR, Band, Rule, Weight
from pointsbank.rules.models import DayKind, Quantity, Rounding, Shape, WeightKind


def given(rule: Rule, deed: Deed) -> int:
    """The quantity as it was noted: 1, minutes, units, hundredths of a score, or fen."""
    return {Quantity.TIMES: 1, Quantity.MINUTES: deed.minutes or 0, Quantity.UNITS: deed.units or 0,
            Quantity.SCORE: deed.score or 0, Quantity.AMOUNT: deed.amount or 0}[rule.measures]


def rounded(rule: Rule, minutes: int) -> int:
    """Minutes in whole steps of the rule."""
    step = rule.rounding_minutes
    if rule.rounding is Rounding.UP:
        return -(-minutes // step) * step
    if rule.rounding is Rounding.NEAREST:
        return (2 * minutes + step) // (2 * step) * step
    return minutes // step * step


def product(rule: Rule, quantity: int) -> int:
    """Hundredths for a quantity, for every shape but tiers. Rounded down: nobody gets more than was earned."""
    if rule.shape is Shape.PER_HOUR:
        return rule.points * quantity // HOUR
    if rule.shape is Shape.PER_SCORE:
        return rule.points * quantity // 100
    if rule.shape is Shape.BRACKETS:
        return sum(points for _band, _steps, points in parts(rule, quantity))
    return rule.points * quantity


def parts(rule: Rule, quantity: int) -> list[tuple[Band, int, int]]:
    """How a quantity falls into brackets: (bracket, full steps in it, hundredths).

    By parts each piece counts at its own bracket's rate, so that more never pays less; otherwise the whole counts at
    the rate of the bracket that it falls into. A bracket without a step gives its points once.
    """
    reached = [band for band in rule.bands if band.start <= quantity]
    if not reached:
        return []
    if not rule.by_parts:
        return [_part(reached[-1], quantity)]
    found = []
    for band, following in zip(reached, [*reached[1:], None], strict=True):
        found.append(_part(band, (min(quantity, following.start) if following else quantity) - band.start))
    return [part for part in found if part[1]]


def _part(band: Band, size: int) -> tuple[Band, int, int]:
    steps = size // band.step if band.step else 1
    return band, steps, steps * band.points


def tier(bands: Sequence[Band], reached: int) -> Band | None:
    """The highest step that is reached."""
    return next((band for band in reversed(bands) if band.start <= reached), None)


def weight(rule: Rule, deed: Deed) -> Weight | None:
    """What a deed weighs more or less for; of several the heaviest."""
    fitting = [w for w in rule.weights if _fits(w, deed)]
    return max(fitting, key=lambda w: w.percent, default=None)


def _fits(weight: Weight, deed: Deed) -> bool:
    if weight.kind is WeightKind.NIGHT:
        return deed.starts_at is not None and within(deed.starts_at, weight.begins, weight.ends)
    wanted = DayKind.HOLIDAY if weight.kind is WeightKind.HOLIDAY else DayKind.WEEKEND
    return deed.calls_day is wanted
