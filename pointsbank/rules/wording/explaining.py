"""What a deed came to, and why, in sentences that are kept with the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pointsbank.core.i18n import N_
from pointsbank.rules.models import Rounding, Shape
from pointsbank.rules.wording.amounts import minutes, points, quantity, units
from pointsbank.rules.wording.items import weighs
from pointsbank.rules.wording.words import Phrase, entry

if TYPE_CHECKING:
    from pointsbank.rules.evaluation.versions import Band, Rule, Weight


def rounding(rule: Rule, given: int, counted: int) -> Phrase:
    """Which part of the time counts."""
    texts = {
        Rounding.DOWN: N_("%(given)s count as %(counted)s: only each full %(step)s counts"),
        Rounding.NEAREST: N_("%(given)s count as %(counted)s: to the nearest %(step)s"),
        Rounding.UP: N_("%(given)s count as %(counted)s: each started %(step)s counts"),
    }
    return entry("count", texts[rule.rounding], given=minutes(given), counted=minutes(counted),
                 step=minutes(rule.rounding_minutes))


def products(rule: Rule, number: int, amount: int) -> list[Phrase]:
    """Quantity times points; of brackets one sentence each."""
    if rule.shape is Shape.PER_TIME:
        return [entry("count", N_("Once: %(amount)s"), amount=points(amount))]
    if rule.shape is Shape.PER_HOUR:
        return [entry("count", N_("%(quantity)s × %(points)s an hour = %(amount)s"), quantity=minutes(number),
                      points=points(rule.points), amount=points(amount))]
    if rule.shape is Shape.PER_SCORE:
        return [entry("count", N_("%(quantity)s × %(points)s each = %(amount)s"), quantity=quantity(rule, number),
                      points=points(rule.points), amount=points(amount))]
    if rule.shape is Shape.BRACKETS:
        return _brackets(rule, number)
    return [entry("count", N_("%(quantity)s × %(points)s each = %(amount)s"), quantity=units(number, rule.unit),
                  points=points(rule.points), amount=points(amount))]


def _brackets(rule: Rule, number: int) -> list[Phrase]:
    from pointsbank.rules.evaluation.counting import parts

    found = []
    for band, steps, amount in parts(rule, number):
        if band.step:
            text = N_("From %(start)s on: %(steps)s × %(points)s (each full %(step)s) = %(amount)s")
            found.append(entry("count", text, start=quantity(rule, band.start), steps=str(steps),
                               points=points(band.points), step=quantity(rule, band.step), amount=points(amount)))
        else:
            found.append(entry("count", N_("From %(start)s on: %(amount)s"), start=quantity(rule, band.start),
                               amount=points(amount)))
    if not found:
        found.append(entry("count", N_("%(quantity)s fill no step"), quantity=quantity(rule, number)))
    return found


def weighed(weight: Weight, amount: int) -> Phrase:
    """More or less for the time at which it was done."""
    return entry("count", N_("%(when)s: %(percent)s%% = %(amount)s"), when=weighs(weight),
                 percent=str(weight.percent), amount=points(amount))


def below_step(rule: Rule, sum_so_far: int, paid: int, following: Band | None) -> Phrase:
    """No new step was reached."""
    if following is None:
        return entry("no", N_("%(sum)s so far: the highest step was paid already, %(paid)s in all."),
                     sum=quantity(rule, sum_so_far), paid=points(paid))
    return entry("no", N_("%(sum)s so far: the next step is %(next)s and makes it %(points)s in all."),
                 sum=quantity(rule, sum_so_far), next=quantity(rule, following.start), points=points(following.points))


def step_reached(rule: Rule, sum_so_far: int, band: Band, paid: int) -> Phrase:
    """A new step, and the difference that it pays."""
    if paid:
        text = N_("%(sum)s so far, the step of %(step)s is reached: %(total)s, less %(paid)s paid before")
        return entry("count", text, sum=quantity(rule, sum_so_far), step=quantity(rule, band.start),
                     total=points(band.points), paid=points(paid))
    return entry("count", N_("%(sum)s so far, the step of %(step)s is reached: %(total)s"),
                 sum=quantity(rule, sum_so_far), step=quantity(rule, band.start), total=points(band.points))
