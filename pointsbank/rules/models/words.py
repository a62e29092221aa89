"""The words that standards are made of: states, kinds, shapes, windows, subjects, measures."""

from __future__ import annotations

import enum


class StandardState(enum.StrEnum):
    """draft -> in_force -> superseded. ``in_force`` is adopted and may start on a day to come; ``superseded`` has a
    successor and still counts for deeds of the days before ``superseded_on``."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


ALLOWED: dict[StandardState, tuple[StandardState, ...]] = {
    StandardState.DRAFT: (StandardState.IN_FORCE, StandardState.SUPERSEDED),
    StandardState.IN_FORCE: (StandardState.SUPERSEDED,),
    StandardState.SUPERSEDED: (),
}


class DeedKind(enum.StrEnum):
    """What a deed is, from where it comes into the funnel. ``base``: nobody's deed, but the points that each household
    or person gets at the beginning of a period."""

    VOLUNTEERING = "volunteering"
    PATROL = "patrol"
    SNAPSHOT = "snapshot"
    OTHER = "other"
    BASE = "base"


class Shape(enum.StrEnum):
    """How points are counted. ``per_score``: for each point of an inspection; ``tiers``: steps that are reached by what
    adds up in a window, each paying the difference; ``brackets``: rates by the size of one deed."""

    PER_TIME = "per_time"
    PER_HOUR = "per_hour"
    PER_UNIT = "per_unit"
    PER_SCORE = "per_score"
    TIERS = "tiers"
    BRACKETS = "brackets"


class Quantity(enum.StrEnum):
    """What of a deed is measured: times, minutes, units, hundredths of an inspection score, or fen."""

    TIMES = "times"
    MINUTES = "minutes"
    UNITS = "units"
    SCORE = "score"
    AMOUNT = "amount"


class Rounding(enum.StrEnum):
    """What becomes of minutes that fill no whole step: dropped, to the nearest step, or counted as a whole one."""

    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"


class Receiver(enum.StrEnum):
    """Whose wallet gets the points: the household of the day, the doer, the head of that household, the relative named
    with the deed (a blood donor's parents), or the team."""

    HOUSEHOLD = "household"
    RESIDENT = "resident"
    HEAD = "head"
    RELATIVE = "relative"
    TEAM = "team"


class Timing(enum.StrEnum):
    """Whether points wait for the notice."""

    AFTER_NOTICE = "after_notice"
    IMMEDIATE = "immediate"


class Window(enum.StrEnum):
    """The span within which a cap or a tier counts, by the date of the deed. ``cycle`` is the standard's own span of
    months; ``ever`` has no end."""

    ACTIVITY = "activity"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    CYCLE = "cycle"
    YEAR = "year"
    EVER = "ever"


class Subject(enum.StrEnum):
    """Whom a cap holds for: one person, one household, or the item for everybody together."""

    PERSON = "person"
    HOUSEHOLD = "household"
    ITEM = "item"


class Measure(enum.StrEnum):
    """What a cap counts: hundredths of a point, deeds that earned, or the quantity itself (minutes or units)."""

    QUANTITY = "quantity"
    TIMES = "times"
    POINTS = "points"


class ConditionKind(enum.StrEnum):
    """What a condition looks at, in the order in which people would ask."""

    TAG = "tag"
    NOT_TAG = "not_tag"
    AGE = "age"
    WEEKDAY = "weekday"
    DAY_KIND = "day_kind"
    HOURS = "hours"
    SHARE = "share"
    STAY = "stay"
    SIZE = "size"
    PHOTOS = "photos"
    FIRST = "first"


class DayKind(enum.StrEnum):
    """What the official calendar calls a day; a make-up working day (调休) is a workday."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class WeightKind(enum.StrEnum):
    """When a deed weighs more (or less): begun at night, at a weekend, on a public holiday."""

    NIGHT = "night"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
