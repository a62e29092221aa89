"""What must be right about an item and about a whole standard: the same for the form, the interface and a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from pointsbank.core.errors import lazy
from pointsbank.ledger.models import Book
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import HOUR, Cap, Condition, WideCap
from pointsbank.rules.models import ConditionKind, DayKind, DeedKind, Measure, Quantity, Receiver, Shape
from pointsbank.rules.wording import TEAMS, WEEKDAYS

# No bar: counter keys are put together with it. No space: a code is read aloud and typed.
CODE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff.\-]{0,11}")
# As Excel shows 1-2 once it has taken it for a day or a time: 2026-01-02, 1月2日, 2-Jan, 10:02:00.
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
LOOKS_LIKE_A_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}.*|(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{1,2}:\d{2}:\d{2}"
                               rf"|\d{{1,2}}-{_MONTH}|{_MONTH}-\d{{2}}")
STEPS = (1, 5, 10, 15, 20, 30, 60)
MOST_POINTS = 10_000_000
MOST_CAPS = 12
MOST_BANDS = 20
MOST_CONDITIONS = 8
MOST_ITEMS = 2_000
MOST_WIDE_CAPS = 200
BANDED = (Shape.TIERS, Shape.BRACKETS)
A_DAY = 24 * 60
_TEXTS = (("name", 80), ("category", 40), ("unit", 12), ("highest_group", 20), ("who", 120), ("evidence", 120))
_MEASURABLE = {
    Shape.TIERS: (Quantity.MINUTES, Quantity.TIMES, Quantity.UNITS, Quantity.AMOUNT),
    Shape.BRACKETS: (Quantity.AMOUNT, Quantity.UNITS, Quantity.SCORE, Quantity.MINUTES),
}


def one_step(draft: RuleDraft) -> int:
    """Hundredths for the smallest deed that counts: one time, one unit, one step of time, the first band."""
    if draft.shape in BANDED:
        return min((band.points for band in draft.bands), default=0)
    if draft.shape is Shape.PER_HOUR:
        return draft.points * draft.rounding_minutes // HOUR
    return draft.points


def is_plain(draft: RuleDraft) -> bool:
    """Nothing about it depends on other deeds, so that everybody can work out what an item that takes away comes to."""
    more = (draft.caps, draft.conditions, draft.weights, draft.highest_group, draft.least, draft.honour_percent,
            draft.team_kind)
    return (not any(more) and draft.shape is not Shape.TIERS
            and draft.receiver in (Receiver.HOUSEHOLD, Receiver.HEAD, Receiver.RESIDENT))


def faults(draft: RuleDraft) -> dict[str, Any]:
    """What is wrong with a draft: a sentence for each field, empty when it is sound."""
    found: dict[str, Any] = {}
    if LOOKS_LIKE_A_DATE.fullmatch(draft.code):
        found["code"] = lazy("This became a date in Excel. Make the column a text column and write the number again.")
    elif not CODE.fullmatch(draft.code):
        found["code"] = lazy("A number such as 1.1: at most 12 digits, letters, dots or dashes, without spaces.")
    for name, most in _TEXTS:
        text = getattr(draft, name)
        if name in ("name", "category") and not text.strip():
            found[name] = lazy("This must not be empty.")
        elif len(text) > most:
            found[name] = lazy("This is too long. Please shorten it.")
        elif "|" in text and name in ("category", "highest_group"):
            found[name] = lazy("Please write this without the sign |.")
    if draft.points <= 0:
        found["points"] = lazy("Only points that are given: more than 0. Taking points away is switched off.")
    elif draft.points > MOST_POINTS:
        found["points"] = lazy("At most 100,000 points.")
    if Quantity.UNITS in (draft.as_rule().measures, draft.quantity) and not draft.unit.strip():
        found["unit"] = lazy("What is counted? For instance 人, 件 or 斤.")
    if draft.rounding_minutes not in STEPS:
        found["rounding_minutes"] = lazy("1, 5, 10, 15, 20, 30 or 60 minutes.")
    if draft.team_kind is not None and draft.team_kind not in TEAMS:
        found["team_kind"] = lazy("Volunteers, observers, or left empty.")
    checks = (("bands", _band_fault), ("caps", _cap_fault), ("conditions", _condition_fault),
              ("weights", _weight_fault), ("book", _book_fault), ("least", _least_fault))
    found |= {name: fault for name, check in checks if (fault := check(draft)) is not None}
    return found


# ── Steps and brackets ──────────────────────────────────────────────────────────────────────────────────────────


def _band_fault(draft: RuleDraft) -> Any:
    if draft.shape not in BANDED:
        return lazy("Steps and brackets belong to items that are counted by them.") if draft.bands else None
    if draft.quantity not in _MEASURABLE[draft.shape]:
        return lazy("Choose what adds up or is measured: time, number, score or amount.")
    if not draft.bands:
        return lazy("Write at least one step, for instance 10 hours: 2 points.")
    if len(draft.bands) > MOST_BANDS:
        return lazy("At most 20 steps.")
    for earlier, later in pairwise(draft.bands):
        if later.start <= earlier.start:
            return lazy("The steps overlap: each has to begin above the one before.")
        if draft.shape is Shape.TIERS and later.points <= earlier.points:
            return lazy("A higher step has to be worth more than the one before: its points are the total, of which "
                        "the difference is paid.")
    for band in draft.bands:
        if band.points <= 0 or band.points > MOST_POINTS or band.start < 0 or band.step < 0 or band.start > 10**10:
            return lazy("Each step begins at 0 or above and gives more than 0 points.")
        if draft.shape is Shape.TIERS and (band.step or band.start == 0):
            return lazy("A step begins above 0 and gives its points once.")
    return None


# ── Caps ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _cap_fault(draft: RuleDraft) -> Any:
    places = [(cap.window, cap.subject, cap.measure) for cap in draft.caps]
    if len(set(places)) < len(places):
        return lazy("Two caps say the same with different numbers. Keep one of them.")
    if len(draft.caps) > MOST_CAPS:
        return lazy("At most 12 caps for one item.")
    for cap in draft.caps:
        size_fault = _most_fault(cap)
        if size_fault is not None:
            return size_fault
        if cap.measure is Measure.QUANTITY and draft.as_rule().measures is Quantity.TIMES:
            return lazy("A cap on hours or pieces needs an item that counts by hours or pieces.")
        if cap.measure is Measure.POINTS and cap.most < one_step(draft) and not draft.full_score:
            return lazy("A cap in points is smaller than what a single time gives. Raise the cap or lower the points.")
        if (cap.measure is Measure.QUANTITY and draft.as_rule().measures is Quantity.MINUTES
                and cap.most < draft.rounding_minutes):
            return lazy("A cap in hours is shorter than the time that has to be filled. Raise it.")
    return None


def _most_fault(cap: Cap) -> Any:
    if cap.most <= 0:
        return lazy("A cap is more than 0. Leave it empty where there is none.")
    if cap.most > 10**9:
        return lazy("This cap is too large to mean anything. Leave it empty where there is none.")
    return None


# ── Conditions, weights and the rest ────────────────────────────────────────────────────────────────────────────

LIMITED = (ConditionKind.AGE, ConditionKind.STAY, ConditionKind.SIZE)
_BOUNDS = {ConditionKind.AGE: 120, ConditionKind.SHARE: 100, ConditionKind.STAY: A_DAY, ConditionKind.SIZE: 10**9,
           ConditionKind.PHOTOS: 9}
_WORDS = {ConditionKind.WEEKDAY: frozenset(WEEKDAYS), ConditionKind.DAY_KIND: frozenset(DayKind)}


def _condition_fault(draft: RuleDraft) -> Any:
    if len(draft.conditions) > MOST_CONDITIONS:
        return lazy("At most 8 conditions for one item.")
    kinds = [c.kind for c in draft.conditions]
    if len(set(kinds)) < len(kinds):
        return lazy("Two conditions ask the same. Put them into one.")
    return next((fault for c in draft.conditions if (fault := _one_condition(c)) is not None), None)


def _one_condition(wanted: Condition) -> Any:
    kind = wanted.kind
    if kind in (ConditionKind.TAG, ConditionKind.NOT_TAG):
        short = all(0 < len(word) <= 12 for word in wanted.words)
        if any(set(word) & set(",，、;；“”\"|\n") for word in wanted.words):
            return lazy("Write the names of groups without commas, semicolons and quotes.")
        return None if wanted.words and short else lazy("Name at least one group, each in at most 12 characters.")
    if kind in _WORDS:
        known = _WORDS[kind].issuperset(wanted.words)
        return None if wanted.words and known else lazy("Choose at least one day.")
    if kind is ConditionKind.HOURS:
        times = (wanted.least, wanted.most)
        fine = all(t is not None and 0 <= t < A_DAY for t in times) and times[0] != times[1]
        return None if fine else lazy("Write two different times of day, such as 22:00-6:00.")
    if kind is ConditionKind.FIRST:
        return None
    least, most = wanted.least, wanted.most
    if most is not None and kind not in LIMITED:
        return lazy("Only an age, a stay and a size have an upper limit.")
    if least is None and most is None:
        return lazy("A condition needs a number: from, up to, or both.")
    if any(n is not None and not 0 <= n <= _BOUNDS[kind] for n in (least, most)):
        return lazy("A number of a condition is too small or too large.")
    if least is not None and most is not None and least > most:
        return lazy("A condition asks for more than it allows: “from” is above “up to”.")
    return None


def _weight_fault(draft: RuleDraft) -> Any:
    if draft.weights and draft.shape is Shape.TIERS:
        return lazy("Steps that add up cannot weigh more at night or on holidays.")
    kinds = [w.kind for w in draft.weights]
    if len(set(kinds)) < len(kinds):
        return lazy("Two weights are for the same time. Keep one of them.")
    for weight in draft.weights:
        if not 10 <= weight.percent <= 1000:
            return lazy("A weight lies between 0.1 and 10 times.")
        if not (0 <= weight.begins < A_DAY and 0 <= weight.ends < A_DAY):
            return lazy("Write two different times of day, such as 22:00-6:00.")
        if weight.kind == "night" and weight.begins == weight.ends:
            return lazy("Write two different times of day, such as 22:00-6:00.")
    return None


def _book_fault(draft: RuleDraft) -> Any:
    if draft.book not in (Book.POINTS, Book.HONOUR):
        return lazy("Points or honour score.")
    if not 0 <= draft.honour_percent <= 1000:
        return lazy("Between 0 and 1000 percent.")
    if draft.honour_percent and draft.book is not Book.POINTS:
        return lazy("An item of the honour score pays no share into it.")
    if draft.takes_away and (draft.book is not Book.POINTS or draft.by_itself or draft.records_minutes):
        return lazy("An item that takes points away is chosen by hand and touches only spendable points.")
    if draft.takes_away and not is_plain(draft):
        return lazy("An item that takes points away is plain: no steps that add up, no caps, conditions or weights, "
                    "and it concerns a household, its head or one person.")
    if draft.kind is DeedKind.BASE and (not draft.by_itself or draft.shape is not Shape.PER_TIME
                                        or draft.receiver not in (Receiver.HOUSEHOLD, Receiver.RESIDENT)):
        return lazy("Base points are given once a period, by themselves, to each household or each person.")
    return None


def _least_fault(draft: RuleDraft) -> Any:
    if draft.least < 0 or draft.least > MOST_POINTS or not 0 <= draft.repeat_days <= 3660:
        return lazy("This number is too small or too large.")
    if any(cap.measure is Measure.POINTS and cap.most < draft.least for cap in draft.caps):
        return lazy("A cap in points is smaller than the least that is given: the item could never pay.")
    return None


# ── A whole standard ────────────────────────────────────────────────────────────────────────────────────────────


def standard_faults(rules: Sequence[RuleDraft], caps: Sequence[WideCap]) -> Iterator[tuple[str, Any]]:
    """What is wrong between items and caps of one standard: (number of the item or name of the category, sentence)."""
    yield from cap_faults(rules, caps)
    yield from _group_faults(rules)


def cap_faults(rules: Sequence[RuleDraft], caps: Sequence[WideCap]) -> Iterator[tuple[str, Any]]:
    """What is wrong with the caps on categories and on the whole standard."""
    if len(caps) > MOST_WIDE_CAPS:
        yield "", lazy("A standard has at most %(most)s caps on categories and on the whole.", most=MOST_WIDE_CAPS)
        return
    categories = {rule.category for rule in rules}
    places = [(cap.category, cap.window, cap.subject, cap.measure, cap.book) for cap in caps]
    for place, cap in zip(places, caps, strict=True):
        if cap.category and cap.category not in categories:
            yield cap.category, lazy("There is a cap for this category, but no item of it.")
        if places.count(place) > 1:
            yield cap.category, lazy("Two caps say the same with different numbers. Keep one of them.")
        if cap.measure is Measure.QUANTITY:
            yield cap.category, lazy("A cap for a whole category counts points or times, for hours and pieces differ.")
        size_fault = _most_fault(cap)
        if size_fault is not None:
            yield cap.category, size_fault
        yield from _too_small(cap, rules)


def _too_small(cap: WideCap, rules: Sequence[RuleDraft]) -> Iterator[tuple[str, Any]]:
    if cap.measure is not Measure.POINTS or cap.book is not Book.POINTS:
        return
    for rule in rules:
        if cap.category in ("", rule.category) and cap.most < one_step(rule) and not rule.takes_away:
            yield rule.code, lazy("The cap of its category or of the whole standard is smaller than what this item "
                                  "gives at a single time.")


def _group_faults(rules: Sequence[RuleDraft]) -> Iterator[tuple[str, Any]]:
    """A group is a name of its own. Items that name each other go round in a circle, and nobody could say who wins."""
    codes = {rule.code: rule for rule in rules}
    for rule in rules:
        other = codes.get(rule.highest_group)
        if other is None:
            continue
        seen = {rule.code}
        while other is not None and other.code not in seen:
            seen.add(other.code)
            other = codes.get(other.highest_group)
        if other is not None:
            yield rule.code, lazy("Its group goes round in a circle: it names item %(other)s, which leads back here. "
                                  "Give the group a name of its own, such as 表彰.", other=rule.highest_group)
        else:
            yield rule.code, lazy("A group needs a name of its own, such as 表彰, not the number of item %(other)s.",
                                  other=rule.highest_group)
