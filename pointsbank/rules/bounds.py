"""What a community may make of the template of its county or town: a pure comparison, with a sentence for each excess.

Source: Wendeng rulebook, art. 23: a village adds at most 5 plus and 5 minus items of at most 2 points each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pointsbank.core.errors import lazy
from pointsbank.core.points import format_points
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import Cap, WideCap
from pointsbank.rules.models import Shape

# How an item is explained is the community's own; what it counts is not.
OWN_WORDS = ("who", "evidence")


@dataclass(frozen=True)
class Bounded:
    """An item of a template and by how much (percent) its points and caps may be changed."""

    rule: RuleDraft
    points_percent: int = 0
    caps_percent: int = 0
    may_drop: bool = False


@dataclass(frozen=True)
class Bounds:
    """A template as it binds a community; ``addition_points_most`` in hundredths."""

    items: tuple[Bounded, ...]
    caps: tuple[WideCap, ...] = ()
    additions_most: int = 5
    addition_points_most: int = 200


def worth(rule: RuleDraft) -> int:
    """What one time of an item gives at most, in hundredths: a time, an hour, a piece, a full inspection, the highest
    step or bracket, weighed as heavily as it can be."""
    if rule.shape is Shape.PER_SCORE and rule.full_score:
        once = rule.points * rule.full_score // 100
    else:
        once = max([band.points for band in rule.bands], default=rule.points)
    return once * max([100, *(weight.percent for weight in rule.weights)]) // 100


def excesses(bounds: Bounds, rules: Sequence[RuleDraft], caps: Sequence[WideCap] = ()) -> Iterator[tuple[Any, Any]]:
    """What goes beyond the template: (which item, a lazy sentence), in the order of the draft."""
    known = {item.rule.code: item for item in bounds.items}
    given = {True: 0, False: 0}
    for rule in rules:
        item = known.get(rule.code)
        if item is not None:
            yield from ((_name(rule), sentence) for sentence in _changed(item, rule))
            continue
        given[rule.takes_away] += 1
        if given[rule.takes_away] > bounds.additions_most:
            yield _name(rule), lazy("The template leaves room for %(most)s items of your own, and this is one more.",
                                    most=bounds.additions_most)
        if worth(rule) > bounds.addition_points_most:
            yield _name(rule), lazy("An item of your own gives at most %(most)s points at a time, and this one gives "
                                    "%(points)s.", most=format_points(bounds.addition_points_most),
                                    points=format_points(worth(rule)))
    codes = {rule.code for rule in rules}
    for item in bounds.items:
        if item.rule.code not in codes and not item.may_drop:
            yield _name(item.rule), lazy("The template has this item, and it may not be left out.")
    yield from _loosened(bounds, caps)


def _name(rule: RuleDraft) -> str:
    return f"{rule.code} {rule.name}"


def _changed(item: Bounded, rule: RuleDraft) -> Iterator[Any]:
    wanted, own = item.rule, rule
    moved = {name: getattr(wanted, name) for name in (*OWN_WORDS, "points", "bands", "caps")}
    if dataclasses.replace(own, **moved) != wanted:
        yield lazy("This item of the template was changed in more than its numbers. Put it back as it was, or make it "
                   "an item of your own under another number.")
        return
    if not _numbers_fit(wanted, own, item.points_percent):
        yield _bound_of(item.points_percent, lazy("The template fixes the points of this item."),
                        lazy("The points of this item may be changed by %(percent)s%% at most.",
                             percent=item.points_percent))
    if not _caps_fit(wanted.caps, own.caps, item.caps_percent):
        yield _bound_of(item.caps_percent, lazy("The template fixes the caps of this item."),
                        lazy("The caps of this item may be changed by %(percent)s%% at most, none may be added or "
                             "left out.", percent=item.caps_percent))


def _bound_of(percent: int, fixed: Any, bounded: Any) -> Any:
    return bounded if percent else fixed


def _numbers_fit(wanted: RuleDraft, own: RuleDraft, percent: int) -> bool:
    """Points within the percentage; steps and brackets start where they started."""
    if [(b.start, b.step) for b in wanted.bands] != [(b.start, b.step) for b in own.bands]:
        return False
    pairs = [(wanted.points, own.points), *((a.points, b.points) for a, b in zip(wanted.bands, own.bands,
                                                                                 strict=True))]
    return all(_near(a, b, percent) for a, b in pairs)


def _near(wanted: int, own: int, percent: int) -> bool:
    return abs(own - wanted) * 100 <= wanted * percent


def _caps_fit(wanted: Sequence[Cap], own: Sequence[Cap], percent: int) -> bool:
    before = {(c.window, c.subject, c.measure): c.most for c in wanted}
    after = {(c.window, c.subject, c.measure): c.most for c in own}
    return before.keys() == after.keys() and all(_near(most, after[key], percent) for key, most in before.items())


def _loosened(bounds: Bounds, caps: Sequence[WideCap]) -> Iterator[tuple[Any, Any]]:
    """Caps on categories and on the whole may be tightened and added to, never loosened."""
    own = {(c.category, c.window, c.subject, c.measure, c.book): c.most for c in caps}
    for cap in bounds.caps:
        most = own.get((cap.category, cap.window, cap.subject, cap.measure, cap.book))
        if most is None or most > cap.most:
            yield cap.category or lazy("All items together"), lazy(
                "The template has a cap here, and it may be lowered but not raised or left out.")
