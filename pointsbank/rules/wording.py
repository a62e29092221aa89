"""The sentences of rules and judgements, kept in English with their values and put into the reader's language later.

A phrase is ``{"text": message, "params": {...}}`` and may stand inside another; ``notifications.queries.said`` speaks
them. Whole sentences are translated, never parts glued together: Chinese puts who and when before how much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pointsbank.core.i18n import N_
from pointsbank.rules.models import DeedKind, Measure, Receiver, Rounding, Shape, Subject, Timing, Window

if TYPE_CHECKING:
    from pointsbank.rules.evaluation import Cap, Rule

Phrase = dict[str, Any]

KINDS = {DeedKind.VOLUNTEERING: N_("volunteering"), DeedKind.PATROL: N_("patrol"),
         DeedKind.SNAPSHOT: N_("snapshot"), DeedKind.OTHER: N_("other deed")}
SHAPES = {Shape.PER_TIME: N_("per time"), Shape.PER_HOUR: N_("per hour"), Shape.PER_UNIT: N_("per unit")}
RECEIVERS = {Receiver.HOUSEHOLD: N_("the household"), Receiver.RESIDENT: N_("the person")}
TIMINGS = {Timing.AFTER_NOTICE: N_("after the notice"), Timing.IMMEDIATE: N_("at once")}
ROUNDINGS = {Rounding.DOWN: N_("only full ones count"), Rounding.NEAREST: N_("to the nearest"),
             Rounding.UP: N_("a started one counts as full")}
WINDOWS = {Window.ACTIVITY: N_("each activity"), Window.DAY: N_("each day"), Window.MONTH: N_("each month"),
           Window.YEAR: N_("each year")}
SUBJECTS = {Subject.PERSON: N_("each person"), Subject.HOUSEHOLD: N_("each household"),
            Subject.ITEM: N_("all together")}
TEAMS = {"volunteers": N_("members of a volunteer team"), "observers": N_("members of an observer group")}

_CAPS = {
    (Window.ACTIVITY, Subject.PERSON): N_("at most %(limit)s an activity"),
    (Window.ACTIVITY, Subject.HOUSEHOLD): N_("at most %(limit)s an activity per household"),
    (Window.ACTIVITY, Subject.ITEM): N_("at most %(limit)s an activity for all together"),
    (Window.DAY, Subject.PERSON): N_("at most %(limit)s a day per person"),
    (Window.DAY, Subject.HOUSEHOLD): N_("at most %(limit)s a day per household"),
    (Window.DAY, Subject.ITEM): N_("at most %(limit)s a day for all together"),
    (Window.MONTH, Subject.PERSON): N_("at most %(limit)s a month per person"),
    (Window.MONTH, Subject.HOUSEHOLD): N_("at most %(limit)s a month per household"),
    (Window.MONTH, Subject.ITEM): N_("at most %(limit)s a month for all together"),
    (Window.YEAR, Subject.PERSON): N_("at most %(limit)s a year per person"),
    (Window.YEAR, Subject.HOUSEHOLD): N_("at most %(limit)s a year per household"),
    (Window.YEAR, Subject.ITEM): N_("at most %(limit)s a year for all together"),
}
# The same in English; in Chinese hours and pieces are "counted" (算), points and times are not.
_QUANTITY_CAPS = {
    (Window.ACTIVITY, Subject.PERSON): N_("at most %(quantity)s an activity"),
    (Window.ACTIVITY, Subject.HOUSEHOLD): N_("at most %(quantity)s an activity per household"),
    (Window.ACTIVITY, Subject.ITEM): N_("at most %(quantity)s an activity for all together"),
    (Window.DAY, Subject.PERSON): N_("at most %(quantity)s a day per person"),
    (Window.DAY, Subject.HOUSEHOLD): N_("at most %(quantity)s a day per household"),
    (Window.DAY, Subject.ITEM): N_("at most %(quantity)s a day for all together"),
    (Window.MONTH, Subject.PERSON): N_("at most %(quantity)s a month per person"),
    (Window.MONTH, Subject.HOUSEHOLD): N_("at most %(quantity)s a month per household"),
    (Window.MONTH, Subject.ITEM): N_("at most %(quantity)s a month for all together"),
    (Window.YEAR, Subject.PERSON): N_("at most %(quantity)s a year per person"),
    (Window.YEAR, Subject.HOUSEHOLD): N_("at most %(quantity)s a year per household"),
    (Window.YEAR, Subject.ITEM): N_("at most %(quantity)s a year for all together"),
}


def phrase(text: str, **params: Any) -> Phrase:
    """A text with its values."""
    return {"text": text, "params": params}


def entry(kind: str, text: str, **params: Any) -> Phrase:
    """A sentence of an explanation; ``kind`` is "count", "cut" (a cap cost something), "room" or "no"."""
    return {"kind": kind, "text": text, "params": params}


# ── Amounts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def points(amount: int) -> Phrase:
    """``1 point``, ``2.5 points``."""
    return phrase(N_("%(n)s point") if amount == 100 else N_("%(n)s points"), n={"points": amount})


def times(number: int) -> Phrase:
    """``1 time``, ``3 times``."""
    return phrase(N_("%(n)s time") if number == 1 else N_("%(n)s times"), n=str(number))


def _as_hours(number: int) -> str | None:
    """Minutes as hours with at most two decimals, None where they would not be exact."""
    if number % 3:
        return None
    return f"{number / 60:.2f}".rstrip("0").rstrip(".")


def minutes(number: int) -> Phrase:
    """``2 hours``, ``1.5 hours``; ``20 minutes`` where hours would not be exact."""
    hours = _as_hours(number)
    if hours is not None and number >= 60:
        return phrase(N_("%(n)s hour") if number == 60 else N_("%(n)s hours"), n=hours)
    return phrase(N_("%(n)s minute") if number == 1 else N_("%(n)s minutes"), n=str(number))


def units(number: int, label: str) -> Phrase:
    """``12 人``: the unit is called what the committee calls it."""
    return phrase(N_("%(n)s %(unit)s"), n=str(number), unit=label) if label else phrase("%(n)s", n=str(number))


def quantity(rule: Rule, number: int) -> Phrase:
    """A quantity of a rule: time, or units."""
    return minutes(number) if rule.shape is Shape.PER_HOUR else units(number, rule.unit)


def team(kind: str) -> Phrase:
    """Members of a kind of team."""
    return phrase(TEAMS.get(kind, kind))


def cap(rule: Rule, limit: Cap) -> Phrase:
    """``at most 20 points a month per person``."""
    place = (limit.window, limit.subject)
    if limit.measure is Measure.QUANTITY:
        return phrase(_QUANTITY_CAPS[place], quantity=quantity(rule, limit.most))
    return phrase(_CAPS[place], limit=points(limit.most) if limit.measure is Measure.POINTS else times(limit.most))


# ── Explanations ────────────────────────────────────────────────────────────────────────────────────────────────


def rounding(rule: Rule, given: int, counted: int) -> Phrase:
    """Which part of the time counts."""
    texts = {
        Rounding.DOWN: N_("%(given)s count as %(counted)s: only each full %(step)s counts"),
        Rounding.NEAREST: N_("%(given)s count as %(counted)s: to the nearest %(step)s"),
        Rounding.UP: N_("%(given)s count as %(counted)s: each started %(step)s counts"),
    }
    return entry("count", texts[rule.rounding], given=minutes(given), counted=minutes(counted),
                 step=minutes(rule.rounding_minutes))


def product(rule: Rule, number: int, amount: int) -> Phrase:
    """Quantity times points."""
    if rule.shape is Shape.PER_TIME:
        return entry("count", N_("Once: %(amount)s"), amount=points(amount))
    if rule.shape is Shape.PER_HOUR:
        return entry("count", N_("%(quantity)s × %(points)s an hour = %(amount)s"), quantity=minutes(number),
                     points=points(rule.points), amount=points(amount))
    return entry("count", N_("%(quantity)s × %(points)s each = %(amount)s"), quantity=units(number, rule.unit),
                 points=points(rule.points), amount=points(amount))


def quantity_cut(rule: Rule, limit: Cap, room: int, wanted: int, used: int) -> Phrase:
    """``2 of 3 hours counted: at most 2 hours an activity``."""
    counted, given = str(room), quantity(rule, wanted)
    if rule.shape is Shape.PER_HOUR:
        counted_hours = _as_hours(room)
        exact = counted_hours is not None and _as_hours(wanted) is not None and wanted >= 60
        counted = str(counted_hours) if exact else str(room)
        given = given if exact else phrase(N_("%(n)s minutes"), n=str(wanted))
    if used:
        return entry("cut", N_("%(counted)s of %(given)s counted: %(cap)s, and %(used)s had counted before"),
                     counted=counted, given=given, cap=cap(rule, limit), used=quantity(rule, used))
    return entry("cut", N_("%(counted)s of %(given)s counted: %(cap)s"), counted=counted, given=given,
                 cap=cap(rule, limit))


def points_cut(rule: Rule, limit: Cap, cut: int, used: int) -> Phrase:
    """``1 point less: at most 4 points an activity``."""
    if used:
        return entry("cut", N_("%(cut)s less: %(cap)s, and %(used)s were given before"), cut=points(cut),
                     cap=cap(rule, limit), used=points(used))
    return entry("cut", N_("%(cut)s less: %(cap)s"), cut=points(cut), cap=cap(rule, limit))


def points_room(rule: Rule, limit: Cap, room: int) -> Phrase:
    """A cap that had begun to fill and left enough."""
    return entry("room", N_("%(cap)s: %(left)s were left, that is enough"), cap=cap(rule, limit), left=points(room))


def reached(rule: Rule, limit: Cap, used: int) -> Phrase:
    """A cap was full."""
    amounts = {Measure.POINTS: points, Measure.TIMES: times, Measure.QUANTITY: lambda n: quantity(rule, n)}
    return entry("no", N_("The cap was reached: %(cap)s, and %(used)s had counted before."), cap=cap(rule, limit),
                 used=amounts[limit.measure](used))


# ── The rule in one sentence ────────────────────────────────────────────────────────────────────────────────────


def head(rule: Rule) -> Phrase:
    """``1 point an hour``, ``2 points a time``, ``0.5 points for each 件``."""
    if rule.shape is Shape.PER_HOUR:
        return phrase(N_("%(points)s an hour"), points=points(rule.points))
    if rule.shape is Shape.PER_TIME:
        return phrase(N_("%(points)s each time"), points=points(rule.points))
    if rule.unit:
        return phrase(N_("%(points)s for each %(unit)s"), points=points(rule.points), unit=rule.unit)
    return phrase(N_("%(points)s for each one"), points=points(rule.points))


def step(rule: Rule) -> Phrase | None:
    """How time is rounded, where it isn't by full hours."""
    if rule.shape is not Shape.PER_HOUR or (rule.rounding_minutes == 60 and rule.rounding is Rounding.DOWN):
        return None
    if rule.rounding_minutes == 1:
        return phrase(N_("counted by the minute"))
    texts = {Rounding.DOWN: N_("each full %(step)s counts"), Rounding.NEAREST: N_("to the nearest %(step)s"),
             Rounding.UP: N_("each started %(step)s counts")}
    return phrase(texts[rule.rounding], step=minutes(rule.rounding_minutes))


_DESTINATIONS = {
    (Timing.AFTER_NOTICE, Receiver.HOUSEHOLD): N_("After the notice it goes into the household passbook."),
    (Timing.AFTER_NOTICE, Receiver.RESIDENT): N_("After the notice it goes into the personal passbook."),
    (Timing.IMMEDIATE, Receiver.HOUSEHOLD): N_("Once approved it goes into the household passbook."),
    (Timing.IMMEDIATE, Receiver.RESIDENT): N_("Once approved it goes into the personal passbook."),
}


def conditions(rule: Rule) -> list[Phrase]:
    """The sentences after the first: who may earn it, where it goes, whether the time is kept."""
    found = [phrase(N_("Only for %(team)s."), team=team(rule.team_kind))] if rule.team_kind else []
    found.append(phrase(_DESTINATIONS[rule.timing, rule.receiver]))
    if rule.records_minutes:
        found.append(phrase(N_("The whole time is kept as service time.")))
    return found
