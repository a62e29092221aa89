"""Caps in words. Whole sentences are translated, never parts glued together: Chinese puts who and when first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pointsbank.core.i18n import N_
from pointsbank.rules.models import Measure, Quantity, Subject, Window
from pointsbank.rules.wording import amounts
from pointsbank.rules.wording.words import Phrase, entry, phrase

if TYPE_CHECKING:
    from pointsbank.rules.evaluation.versions import Cap, Rule

_CAPS = {
    (Window.ACTIVITY, Subject.PERSON): N_("at most %(limit)s an activity"),
    (Window.ACTIVITY, Subject.HOUSEHOLD): N_("at most %(limit)s an activity per household"),
    (Window.ACTIVITY, Subject.ITEM): N_("at most %(limit)s an activity for all together"),
    (Window.DAY, Subject.PERSON): N_("at most %(limit)s a day per person"),
    (Window.DAY, Subject.HOUSEHOLD): N_("at most %(limit)s a day per household"),
    (Window.DAY, Subject.ITEM): N_("at most %(limit)s a day for all together"),
    (Window.WEEK, Subject.PERSON): N_("at most %(limit)s a week per person"),
    (Window.WEEK, Subject.HOUSEHOLD): N_("at most %(limit)s a week per household"),
    (Window.WEEK, Subject.ITEM): N_("at most %(limit)s a week for all together"),
    (Window.MONTH, Subject.PERSON): N_("at most %(limit)s a month per person"),
    (Window.MONTH, Subject.HOUSEHOLD): N_("at most %(limit)s a month per household"),
    (Window.MONTH, Subject.ITEM): N_("at most %(limit)s a month for all together"),
    (Window.QUARTER, Subject.PERSON): N_("at most %(limit)s a quarter per person"),
    (Window.QUARTER, Subject.HOUSEHOLD): N_("at most %(limit)s a quarter per household"),
    (Window.QUARTER, Subject.ITEM): N_("at most %(limit)s a quarter for all together"),
    (Window.CYCLE, Subject.PERSON): N_("at most %(limit)s a cycle per person"),
    (Window.CYCLE, Subject.HOUSEHOLD): N_("at most %(limit)s a cycle per household"),
    (Window.CYCLE, Subject.ITEM): N_("at most %(limit)s a cycle for all together"),
    (Window.YEAR, Subject.PERSON): N_("at most %(limit)s a year per person"),
    (Window.YEAR, Subject.HOUSEHOLD): N_("at most %(limit)s a year per household"),
    (Window.YEAR, Subject.ITEM): N_("at most %(limit)s a year for all together"),
    (Window.EVER, Subject.PERSON): N_("at most %(limit)s ever per person"),
    (Window.EVER, Subject.HOUSEHOLD): N_("at most %(limit)s ever per household"),
    (Window.EVER, Subject.ITEM): N_("at most %(limit)s ever for all together"),
}
# The same in English; in Chinese hours and pieces are "counted" (算), points and times are not.
_QUANTITY_CAPS = {
    (Window.ACTIVITY, Subject.PERSON): N_("at most %(quantity)s an activity"),
    (Window.ACTIVITY, Subject.HOUSEHOLD): N_("at most %(quantity)s an activity per household"),
    (Window.ACTIVITY, Subject.ITEM): N_("at most %(quantity)s an activity for all together"),
    (Window.DAY, Subject.PERSON): N_("at most %(quantity)s a day per person"),
    (Window.DAY, Subject.HOUSEHOLD): N_("at most %(quantity)s a day per household"),
    (Window.DAY, Subject.ITEM): N_("at most %(quantity)s a day for all together"),
    (Window.WEEK, Subject.PERSON): N_("at most %(quantity)s a week per person"),
    (Window.WEEK, Subject.HOUSEHOLD): N_("at most %(quantity)s a week per household"),
    (Window.WEEK, Subject.ITEM): N_("at most %(quantity)s a week for all together"),
    (Window.MONTH, Subject.PERSON): N_("at most %(quantity)s a month per person"),
    (Window.MONTH, Subject.HOUSEHOLD): N_("at most %(quantity)s a month per household"),
    (Window.MONTH, Subject.ITEM): N_("at most %(quantity)s a month for all together"),
    (Window.QUARTER, Subject.PERSON): N_("at most %(quantity)s a quarter per person"),
    (Window.QUARTER, Subject.HOUSEHOLD): N_("at most %(quantity)s a quarter per household"),
    (Window.QUARTER, Subject.ITEM): N_("at most %(quantity)s a quarter for all together"),
    (Window.CYCLE, Subject.PERSON): N_("at most %(quantity)s a cycle per person"),
    (Window.CYCLE, Subject.HOUSEHOLD): N_("at most %(quantity)s a cycle per household"),
    (Window.CYCLE, Subject.ITEM): N_("at most %(quantity)s a cycle for all together"),
    (Window.YEAR, Subject.PERSON): N_("at most %(quantity)s a year per person"),
    (Window.YEAR, Subject.HOUSEHOLD): N_("at most %(quantity)s a year per household"),
    (Window.YEAR, Subject.ITEM): N_("at most %(quantity)s a year for all together"),
    (Window.EVER, Subject.PERSON): N_("at most %(quantity)s ever per person"),
    (Window.EVER, Subject.HOUSEHOLD): N_("at most %(quantity)s ever per household"),
    (Window.EVER, Subject.ITEM): N_("at most %(quantity)s ever for all together"),
}


def cap(rule: Rule, limit: Cap) -> Phrase:
    """``at most 20 points a month per person``; of a wide cap with what it is for."""
    if limit.measure is Measure.QUANTITY:
        return phrase(_QUANTITY_CAPS[limit.window, limit.subject], quantity=amounts.quantity(rule, limit.most))
    return wide_cap(limit)


def wide_cap(limit: Cap) -> Phrase:
    """A cap that counts points or times, which needs no item to be read."""
    words = amounts.points if limit.measure is Measure.POINTS else amounts.times
    said = phrase(_CAPS[limit.window, limit.subject], limit=words(limit.most))
    category = getattr(limit, "category", None)
    if category is None:
        return said
    if category:
        return phrase(N_("for “%(category)s” in all %(cap)s"), category=category, cap=said)
    return phrase(N_("for all items in all %(cap)s"), cap=said)


def quantity_cut(rule: Rule, limit: Cap, room: int, wanted: int, used: int) -> Phrase:
    """``2 of 3 hours counted: at most 2 hours an activity``."""
    if rule.measures is Quantity.MINUTES:
        hours = amounts.as_hours(room)
        exact = hours is not None and amounts.as_hours(wanted) is not None and wanted >= 60
        counted = str(hours) if exact else str(room)
        given = amounts.minutes(wanted) if exact else phrase(N_("%(n)s minutes"), n=str(wanted))
    elif rule.measures in (Quantity.SCORE, Quantity.AMOUNT):
        counted, given = {"points": room}, amounts.quantity(rule, wanted)  # type: ignore[assignment]
    else:
        counted, given = str(room), amounts.quantity(rule, wanted)
    if used:
        return entry("cut", N_("%(counted)s of %(given)s counted: %(cap)s, and %(used)s had counted before"),
                     counted=counted, given=given, cap=cap(rule, limit), used=amounts.quantity(rule, used))
    return entry("cut", N_("%(counted)s of %(given)s counted: %(cap)s"), counted=counted, given=given,
                 cap=cap(rule, limit))


def points_cut(rule: Rule, limit: Cap, cut: int, used: int) -> Phrase:
    """``1 point less: at most 4 points an activity``."""
    if used:
        return entry("cut", N_("%(cut)s less: %(cap)s, and %(used)s were given before"), cut=amounts.points(cut),
                     cap=cap(rule, limit), used=amounts.points(used))
    return entry("cut", N_("%(cut)s less: %(cap)s"), cut=amounts.points(cut), cap=cap(rule, limit))


def points_room(rule: Rule, limit: Cap, room: int) -> Phrase:
    """A cap that had begun to fill and left enough."""
    return entry("room", N_("%(cap)s: %(left)s were left, that is enough"), cap=cap(rule, limit),
                 left=amounts.points(room))


def reached(rule: Rule, limit: Cap, used: int) -> Phrase:
    """A cap was full."""
    spoken = {Measure.POINTS: amounts.points, Measure.TIMES: amounts.times,
              Measure.QUANTITY: lambda n: amounts.quantity(rule, n)}
    return entry("no", N_("The cap was reached: %(cap)s, and %(used)s had counted before."), cap=cap(rule, limit),
                 used=spoken[limit.measure](used))
