"""The first condition of an item that a deed doesn't meet, in the order in which people would ask."""

from __future__ import annotations

from typing import Any

from pointsbank.core.i18n import N_
from pointsbank.rules import wording
from pointsbank.rules.evaluation.deeds import Deed, Note
from pointsbank.rules.evaluation.versions import Condition, Rule
from pointsbank.rules.models import ConditionKind, Quantity, Receiver

_KINDS = {kind: place for place, kind in enumerate(ConditionKind)}
_GIVEN = {
    Quantity.MINUTES: ("minutes", "no_minutes", N_("It counts by the hour, and no time was noted.")),
    Quantity.UNITS: ("units", "no_units", N_("It counts by number, and no number was noted.")),
    Quantity.SCORE: ("score", "no_score", N_("It counts by the score of an inspection, and no score was noted.")),
    Quantity.AMOUNT: ("amount", "no_amount", N_("It counts by an amount of money, and none was noted.")),
}


def failed(rule: Rule, deed: Deed) -> Note | None:
    """The first condition that isn't met, as a note; None when all are."""
    if rule.kind != deed.kind:
        return note(rule, "other_kind", N_("This item is for deeds of another kind."))
    if rule.takes_away:
        return note(rule, "takes_away", N_("This item takes points away; it gives none."))
    if rule.team_kind and rule.team_kind != deed.team_kind:
        return note(rule, "wrong_team", N_("Only for %(team)s."), team=wording.team(rule.team_kind))
    for condition in sorted(rule.conditions, key=lambda c: _KINDS[c.kind]):
        if not holds(condition, deed):
            return note(rule, str(condition.kind), N_("Not met: %(condition)s."),
                        condition=wording.condition(condition))
    return _missing(rule, deed)


def _missing(rule: Rule, deed: Deed) -> Note | None:
    """What has to be known for counting and for giving, and isn't."""
    needed = _GIVEN.get(rule.measures)
    if needed is not None and not getattr(deed, needed[0]):
        return note(rule, needed[1], needed[2])
    if rule.receiver in (Receiver.HOUSEHOLD, Receiver.HEAD) and deed.household_id is None:
        return note(rule, "no_household", N_("The points go to the household, and none was entered for that day."))
    if rule.receiver is Receiver.HEAD and deed.head_id is None:
        return note(rule, "no_head", N_("The points go to the head of the household, and none was entered for that "
                                        "day."))
    if rule.receiver is Receiver.TEAM and deed.team_id is None:
        return note(rule, "no_team", N_("The points go to the team, and no team was named."))
    return None


def note(rule: Rule, reason: str, text: str, counted: dict[str, dict[str, int]] | None = None, **params: Any) -> Note:
    """Why an item gave nothing."""
    return Note(reason, wording.entry("no", text, **params), rule.code, rule.name, counted or {})


def holds(condition: Condition, deed: Deed) -> bool:
    """One condition. What isn't known about a deed doesn't meet a condition on it."""
    kind, words = condition.kind, condition.words
    if kind is ConditionKind.TAG:
        return not deed.tags.isdisjoint(words)
    if kind is ConditionKind.NOT_TAG:
        return deed.tags.isdisjoint(words)
    if kind is ConditionKind.WEEKDAY:
        return str(deed.on.isoweekday()) in words
    if kind is ConditionKind.DAY_KIND:
        return deed.calls_day in words
    if kind is ConditionKind.FIRST:
        return deed.is_first
    if kind is ConditionKind.HOURS:
        return deed.starts_at is not None and within(deed.starts_at, condition.least or 0, condition.most or 0)
    given = {ConditionKind.AGE: deed.age, ConditionKind.SHARE: deed.share, ConditionKind.STAY: deed.minutes,
             ConditionKind.SIZE: deed.size, ConditionKind.PHOTOS: deed.photos}[kind]
    return (given is not None and (condition.least is None or given >= condition.least)
            and (condition.most is None or given <= condition.most))


def within(minute: int, begins: int, ends: int) -> bool:
    """A time of day lies between two others; a span that ends before it begins goes over midnight."""
    return begins <= minute < ends if begins < ends else minute >= begins or minute < ends
