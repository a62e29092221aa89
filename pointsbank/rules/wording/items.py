"""An item in one sentence, and the sentences behind it: how it is counted, who may earn it, where it goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pointsbank.core.i18n import N_
from pointsbank.rules.models import (
    ConditionKind,
    DeedKind,
    Quantity,
    Receiver,
    Rounding,
    Shape,
    Timing,
    WeightKind,
    Window,
)
from pointsbank.rules.wording.amounts import minutes, points, quantity, score, team
from pointsbank.rules.wording.words import DAY_KINDS, WEEKDAYS, WEIGHTS, Phrase, listed, phrase

if TYPE_CHECKING:
    from pointsbank.rules.evaluation.versions import Band, Condition, Rule, Weight


def head(rule: Rule) -> Phrase:
    """``1 point an hour``, ``2 points a time``, ``0.5 points for each 件``, steps and brackets in full."""
    if rule.takes_away:
        return _taken(rule)
    if rule.kind == DeedKind.BASE:
        return phrase(_BASE[rule.period], points=points(rule.points))
    if rule.shape is Shape.PER_HOUR:
        return phrase(N_("%(points)s an hour"), points=points(rule.points))
    if rule.shape is Shape.PER_TIME:
        return phrase(N_("%(points)s each time"), points=points(rule.points))
    if rule.shape is Shape.PER_SCORE:
        return _per_score(rule)
    if rule.shape is Shape.TIERS:
        return phrase(_TIERS[rule.period], steps=listed([_tier(rule, band) for band in rule.bands]))
    if rule.shape is Shape.BRACKETS:
        text = N_("by amount: %(brackets)s") if rule.by_parts else N_("by where the whole falls: %(brackets)s")
        return phrase(text, brackets=listed([_bracket(rule, band) for band in rule.bands]))
    if rule.unit:
        return phrase(N_("%(points)s for each %(unit)s"), points=points(rule.points), unit=rule.unit)
    return phrase(N_("%(points)s for each one"), points=points(rule.points))


def _taken(rule: Rule) -> Phrase:
    """``2 points taken away each time``."""
    if rule.shape is Shape.PER_TIME:
        return phrase(N_("%(points)s taken away each time"), points=points(rule.points))
    if rule.shape is Shape.PER_UNIT and rule.unit:
        return phrase(N_("%(points)s taken away for each %(unit)s"), points=points(rule.points), unit=rule.unit)
    return phrase(N_("taken away: %(amount)s"), amount=head(replace(rule, takes_away=False)))


def taking(rule: Rule, rectify_days: int | None) -> list[Phrase]:
    """``doubled when repeated within 90 days``, ``after 7 days to put it right``; nothing for what gives points."""
    if not rule.takes_away:
        return []
    found = [phrase(N_("doubled when repeated within %(days)s days"), days=str(rule.repeat_days))
             ] if rule.repeat_days else []
    if rectify_days is None:
        return [*found, phrase(N_("after time to put it right"))]
    return [*found, phrase(N_("after %(days)s days to put it right"), days=str(rectify_days))]


def _per_score(rule: Rule) -> Phrase:
    if rule.full_score:
        return phrase(N_("%(points)s for each mark of the inspection, %(full)s at best"), points=points(rule.points),
                      full=score(rule.full_score))
    return phrase(N_("%(points)s for each mark of the inspection"), points=points(rule.points))


_BASE = {
    Window.ACTIVITY: N_("%(points)s to begin with, each activity"),
    Window.DAY: N_("%(points)s to begin with, each day"),
    Window.WEEK: N_("%(points)s to begin with, each week"),
    Window.MONTH: N_("%(points)s to begin with, each month"),
    Window.QUARTER: N_("%(points)s to begin with, each quarter"),
    Window.CYCLE: N_("%(points)s to begin with, each cycle"),
    Window.YEAR: N_("%(points)s to begin with, each year"),
    Window.EVER: N_("%(points)s to begin with, once"),
}
_TIERS = {
    Window.ACTIVITY: N_("by what adds up in an activity: %(steps)s"),
    Window.DAY: N_("by what adds up in a day: %(steps)s"),
    Window.WEEK: N_("by what adds up in a week: %(steps)s"),
    Window.MONTH: N_("by what adds up in a month: %(steps)s"),
    Window.QUARTER: N_("by what adds up in a quarter: %(steps)s"),
    Window.CYCLE: N_("by what adds up in a cycle: %(steps)s"),
    Window.YEAR: N_("by what adds up in a year: %(steps)s"),
    Window.EVER: N_("by what adds up for good: %(steps)s"),
}


def _tier(rule: Rule, band: Band) -> Phrase:
    return phrase(N_("%(start)s make %(points)s"), start=quantity(rule, band.start), points=points(band.points))


def _bracket(rule: Rule, band: Band) -> Phrase:
    if not band.step:
        return phrase(N_("from %(start)s on %(points)s"), start=quantity(rule, band.start), points=points(band.points))
    if band.start == 0:
        return phrase(N_("%(points)s for each %(step)s"), points=points(band.points), step=quantity(rule, band.step))
    return phrase(N_("above %(start)s %(points)s for each %(step)s"), start=quantity(rule, band.start),
                  points=points(band.points), step=quantity(rule, band.step))


def step(rule: Rule) -> Phrase | None:
    """How time is rounded, where it isn't by full hours."""
    if rule.measures is not Quantity.MINUTES:
        return None
    if rule.rounding_minutes == 60 and rule.rounding is Rounding.DOWN and rule.shape is Shape.PER_HOUR:
        return None
    if rule.rounding_minutes == 1:
        return phrase(N_("counted by the minute"))
    texts = {Rounding.DOWN: N_("each full %(step)s counts"), Rounding.NEAREST: N_("to the nearest %(step)s"),
             Rounding.UP: N_("each started %(step)s counts")}
    return phrase(texts[rule.rounding], step=minutes(rule.rounding_minutes))


# ── Conditions and weights ──────────────────────────────────────────────────────────────────────────────────────


def condition(wanted: Condition) -> Phrase:
    """``from 60 years on``, ``at weekends``, ``at least 60% of the planned time``."""
    kind = wanted.kind
    if kind is ConditionKind.TAG:
        return phrase(N_("only for %(groups)s"), groups=_named(wanted.words))
    if kind is ConditionKind.NOT_TAG:
        return phrase(N_("not for %(groups)s"), groups=_named(wanted.words))
    if kind is ConditionKind.WEEKDAY:
        return phrase(N_("only on %(days)s"), days=listed([phrase(WEEKDAYS[w]) for w in wanted.words]))
    if kind is ConditionKind.DAY_KIND:
        return phrase(N_("only on %(days)s"), days=listed([phrase(DAY_KINDS[w]) for w in wanted.words]))  # type: ignore[index]
    if kind is ConditionKind.HOURS:
        return phrase(N_("only begun between %(begin)s and %(end)s"), begin=clock(wanted.least or 0),
                      end=clock(wanted.most or 0))
    if kind is ConditionKind.FIRST:
        return phrase(N_("only the first to report it"))
    return _between(wanted)


_LEAST = {ConditionKind.AGE: N_("from %(least)s years on"),
          ConditionKind.SHARE: N_("at least %(least)s%% of the planned time"),
          ConditionKind.STAY: N_("at least %(least)s there"), ConditionKind.SIZE: N_("at least %(least)s large"),
          ConditionKind.PHOTOS: N_("with at least %(least)s photos")}

_MOST = {ConditionKind.AGE: N_("up to %(most)s years"), ConditionKind.SIZE: N_("at most %(most)s large"),
         ConditionKind.STAY: N_("at most %(most)s there")}


def _between(wanted: Condition) -> Phrase:
    parts = []
    if wanted.least is not None:
        parts.append(phrase(_LEAST[wanted.kind], least=_number(wanted, wanted.least)))
    if wanted.most is not None:
        parts.append(phrase(_MOST[wanted.kind], most=_number(wanted, wanted.most)))
    return listed(parts)


def _number(wanted: Condition, number: int) -> Phrase | str:
    if wanted.kind is ConditionKind.STAY:
        return minutes(number)
    if wanted.kind is ConditionKind.SIZE:
        return phrase(N_("%(n)s %(unit)s"), n={"points": number}, unit=wanted.words[0] if wanted.words else "")
    return str(number)


def _named(words: tuple[str, ...]) -> Phrase:
    return listed([phrase("%(word)s", word=word) for word in words])


def clock(minute: int) -> str:
    """``22:00``."""
    return f"{minute // 60}:{minute % 60:02d}"


def weighs(weight: Weight) -> Phrase:
    """``begun between 22:00 and 6:00``, ``on public holidays``."""
    if weight.kind is WeightKind.NIGHT:
        return phrase(N_("begun between %(begin)s and %(end)s"), begin=clock(weight.begins), end=clock(weight.ends))
    return phrase(WEIGHTS[weight.kind])


# ── The sentences after the first ───────────────────────────────────────────────────────────────────────────────

_DESTINATIONS = {
    (Timing.AFTER_NOTICE, Receiver.HOUSEHOLD): N_("After the notice it goes into the household passbook."),
    (Timing.AFTER_NOTICE, Receiver.RESIDENT): N_("After the notice it goes into the personal passbook."),
    (Timing.AFTER_NOTICE, Receiver.HEAD): N_("After the notice it goes to the head of the household."),
    (Timing.AFTER_NOTICE, Receiver.RELATIVE): N_("After the notice it goes to the relative named with the deed."),
    (Timing.AFTER_NOTICE, Receiver.TEAM): N_("After the notice it goes to the team."),
    (Timing.IMMEDIATE, Receiver.HOUSEHOLD): N_("Once approved it goes into the household passbook."),
    (Timing.IMMEDIATE, Receiver.RESIDENT): N_("Once approved it goes into the personal passbook."),
    (Timing.IMMEDIATE, Receiver.HEAD): N_("Once approved it goes to the head of the household."),
    (Timing.IMMEDIATE, Receiver.RELATIVE): N_("Once approved it goes to the relative named with the deed."),
    (Timing.IMMEDIATE, Receiver.TEAM): N_("Once approved it goes to the team."),
}


_TAKEN_FROM = {
    Receiver.HOUSEHOLD: N_("It is taken from the household passbook."),
    Receiver.RESIDENT: N_("It is taken from the personal passbook."),
    Receiver.HEAD: N_("It is taken from the head of the household."),
}


def conditions(rule: Rule) -> list[Phrase]:
    """The sentences after the first: who may earn it, what weighs more, where it goes, whether the time is kept."""
    found = [phrase(N_("Only for %(team)s."), team=team(rule.team_kind))] if rule.team_kind else []
    if rule.conditions:
        found.append(phrase(N_("Condition: %(conditions)s."),
                            conditions=listed([condition(wanted) for wanted in rule.conditions])))
    found += [phrase(N_("%(when)s it counts %(percent)s%%."), when=weighs(w), percent=str(w.percent))
              for w in rule.weights]
    if rule.shape is Shape.TIERS:
        found.append(phrase(N_("Each step pays the difference to the one before.")))
    if rule.highest_group:
        found.append(phrase(N_("Of “%(group)s” only the highest counts for the same act."), group=rule.highest_group))
    if rule.least:
        found.append(phrase(N_("Less than %(least)s is not given."), least=points(rule.least)))
    if rule.takes_away:
        found.append(phrase(_TAKEN_FROM[rule.receiver]))
        found.append(phrase(N_("First there is a letter; whoever puts it right in time loses nothing.")))
        return found
    found.append(phrase(_DESTINATIONS[rule.timing, rule.receiver]))
    if rule.honour_percent:
        found.append(phrase(N_("%(percent)s%% of it also counts as honour score."), percent=str(rule.honour_percent)))
    if rule.records_minutes:
        found.append(phrase(N_("The whole time is kept as service time.")))
    return found
