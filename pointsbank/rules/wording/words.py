"""What kinds, shapes, windows and the rest are called, and the two forms in which sentences are kept."""

from __future__ import annotations

from typing import Any

from pointsbank.core.i18n import N_
from pointsbank.rules.models import (
    ConditionKind,
    DayKind,
    DeedKind,
    Measure,
    Quantity,
    Receiver,
    Rounding,
    Shape,
    Subject,
    Timing,
    WeightKind,
    Window,
)

Phrase = dict[str, Any]

KINDS = {DeedKind.VOLUNTEERING: N_("volunteering"), DeedKind.PATROL: N_("patrol"),
         DeedKind.SNAPSHOT: N_("snapshot"), DeedKind.OTHER: N_("other deed"), DeedKind.BASE: N_("base points")}
SHAPES = {Shape.PER_TIME: N_("per time"), Shape.PER_HOUR: N_("per hour"), Shape.PER_UNIT: N_("per unit"),
          Shape.PER_SCORE: N_("per point of an inspection"), Shape.TIERS: N_("by steps that add up"),
          Shape.BRACKETS: N_("by brackets")}
QUANTITIES = {Quantity.MINUTES: N_("time"), Quantity.TIMES: N_("times"), Quantity.UNITS: N_("number"),
              Quantity.SCORE: N_("inspection score"), Quantity.AMOUNT: N_("amount in yuan")}
RECEIVERS = {Receiver.HOUSEHOLD: N_("the household"), Receiver.RESIDENT: N_("the person"),
             Receiver.HEAD: N_("the head of the household"), Receiver.RELATIVE: N_("the relative named"),
             Receiver.TEAM: N_("the team")}
TIMINGS = {Timing.AFTER_NOTICE: N_("after the notice"), Timing.IMMEDIATE: N_("at once")}
ROUNDINGS = {Rounding.DOWN: N_("only full ones count"), Rounding.NEAREST: N_("to the nearest"),
             Rounding.UP: N_("a started one counts as full")}
WINDOWS = {Window.ACTIVITY: N_("each activity"), Window.DAY: N_("each day"), Window.WEEK: N_("each week"),
           Window.MONTH: N_("each month"), Window.QUARTER: N_("each quarter"), Window.CYCLE: N_("each cycle"),
           Window.YEAR: N_("each year"), Window.EVER: N_("ever")}
SUBJECTS = {Subject.PERSON: N_("each person"), Subject.HOUSEHOLD: N_("each household"),
            Subject.ITEM: N_("all together")}
MEASURES = {Measure.POINTS: N_("in points"), Measure.TIMES: N_("in times"), Measure.QUANTITY: N_("hours or pieces")}
TEAMS = {"volunteers": N_("members of a volunteer team"), "observers": N_("members of an observer group")}
CONDITIONS = {ConditionKind.TAG: N_("belongs to"), ConditionKind.NOT_TAG: N_("does not belong to"),
              ConditionKind.AGE: N_("age in years"), ConditionKind.WEEKDAY: N_("day of the week"),
              ConditionKind.DAY_KIND: N_("kind of day"), ConditionKind.HOURS: N_("time of day"),
              ConditionKind.SHARE: N_("share of the planned time"), ConditionKind.STAY: N_("length of stay"),
              ConditionKind.SIZE: N_("size"), ConditionKind.PHOTOS: N_("photos"),
              ConditionKind.FIRST: N_("first to report")}
DAY_KINDS = {DayKind.WORKDAY: N_("working days"), DayKind.WEEKEND: N_("weekends"),
             DayKind.HOLIDAY: N_("public holidays")}
WEIGHTS = {WeightKind.NIGHT: N_("at night"), WeightKind.WEEKEND: N_("at weekends"),
           WeightKind.HOLIDAY: N_("on public holidays")}
WEEKDAYS = {"1": N_("Monday"), "2": N_("Tuesday"), "3": N_("Wednesday"), "4": N_("Thursday"), "5": N_("Friday"),
            "6": N_("Saturday"), "7": N_("Sunday")}


def phrase(text: str, **params: Any) -> Phrase:
    """A text with its values."""
    return {"text": text, "params": params}


def entry(kind: str, text: str, **params: Any) -> Phrase:
    """A sentence of an explanation; ``kind`` is "count", "cut" (a cap cost something), "room" or "no"."""
    return {"kind": kind, "text": text, "params": params}


def listed(parts: list[Phrase]) -> Phrase:
    """Several phrases one after the other, as a list is read."""
    whole = parts[0]
    for part in parts[1:]:
        whole = phrase(N_("%(first)s, %(second)s"), first=whole, second=part)
    return whole
