"""Points, times, hours, pieces, marks and yuan in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pointsbank.core.i18n import N_
from pointsbank.rules.models import Quantity
from pointsbank.rules.wording.words import TEAMS, Phrase, phrase

if TYPE_CHECKING:
    from pointsbank.rules.evaluation.versions import Rule


def points(amount: int) -> Phrase:
    """``1 point``, ``2.5 points``."""
    return phrase(N_("%(n)s point") if amount == 100 else N_("%(n)s points"), n={"points": amount})


def times(number: int) -> Phrase:
    """``1 time``, ``3 times``."""
    return phrase(N_("%(n)s time") if number == 1 else N_("%(n)s times"), n=str(number))


def as_hours(number: int) -> str | None:
    """Minutes as hours with at most two decimals, None where they would not be exact."""
    if number % 3:
        return None
    return f"{number / 60:.2f}".rstrip("0").rstrip(".")


def minutes(number: int) -> Phrase:
    """``2 hours``, ``1.5 hours``; ``20 minutes`` where hours would not be exact."""
    hours = as_hours(number)
    if hours is not None and number >= 60:
        return phrase(N_("%(n)s hour") if number == 60 else N_("%(n)s hours"), n=hours)
    return phrase(N_("%(n)s minute") if number == 1 else N_("%(n)s minutes"), n=str(number))


def units(number: int, label: str) -> Phrase:
    """``12 人``: the unit is called what the committee calls it."""
    return phrase(N_("%(n)s %(unit)s"), n=str(number), unit=label) if label else phrase("%(n)s", n=str(number))


def score(hundredths: int) -> Phrase:
    """``92.5 marks``: what an inspection gave."""
    return phrase(N_("%(n)s mark") if hundredths == 100 else N_("%(n)s marks"), n={"points": hundredths})


def yuan(fen: int) -> Phrase:
    """``100 yuan``."""
    return phrase(N_("%(n)s yuan"), n={"points": fen})


def quantity(rule: Rule, number: int) -> Phrase:
    """A quantity of a rule, in what it measures."""
    spoken = {Quantity.TIMES: times, Quantity.MINUTES: minutes, Quantity.SCORE: score, Quantity.AMOUNT: yuan}
    return units(number, rule.unit) if rule.measures is Quantity.UNITS else spoken[rule.measures](number)


def team(kind: str) -> Phrase:
    """Members of a kind of team."""
    return phrase(TEAMS.get(kind, kind))
