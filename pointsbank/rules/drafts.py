"""An item as somebody wrote it, and what must be right about it: the same for the form, the interface and a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pointsbank.core.errors import lazy
from pointsbank.rules.evaluation import HOUR, Cap, Rule, Version
from pointsbank.rules.models import DeedKind, Measure, Receiver, Rounding, Shape, Timing
from pointsbank.rules.wording import TEAMS

# No bar: counter keys are put together with it. No space: a code is read aloud and typed.
CODE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff.\-]{0,11}")
LOOKS_LIKE_A_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*")
STEPS = (1, 5, 10, 15, 20, 30, 60)
MOST_POINTS = 10_000_000
MOST_CAPS = 8


@dataclass(frozen=True)
class RuleDraft:
    """The values of one item. ``points`` in hundredths; caps as :class:`~pointsbank.rules.evaluation.Cap`."""

    code: str
    name: str
    category: str
    kind: DeedKind
    shape: Shape
    points: int
    receiver: Receiver
    unit: str = ""
    rounding_minutes: int = HOUR
    rounding: Rounding = Rounding.DOWN
    timing: Timing = Timing.AFTER_NOTICE
    team_kind: str | None = None
    by_itself: bool = False
    records_minutes: bool = False
    who: str = ""
    evidence: str = ""
    caps: tuple[Cap, ...] = field(default=())

    def values(self) -> dict[str, Any]:
        """The columns of a stored rule."""
        return {name: getattr(self, name) for name in (
            "code", "name", "category", "kind", "shape", "points", "receiver", "unit", "rounding_minutes", "rounding",
            "timing", "team_kind", "by_itself", "records_minutes", "who", "evidence")}

    def as_rule(self, rule_id: int = 0) -> Rule:
        """As evaluation reads it, to try it before it is saved."""
        return Rule(id=rule_id, caps=self.caps, **{**self.values(), "kind": str(self.kind)})

    def as_version(self) -> Version:
        """A standard of this one item."""
        return Version(0, 0, "", None, None, "", (self.as_rule(),))


def from_rule(rule: Rule) -> RuleDraft:
    """The draft that would make this rule again."""
    names = ("code", "name", "category", "shape", "points", "receiver", "unit", "rounding_minutes", "rounding",
             "timing", "team_kind", "by_itself", "records_minutes", "who", "evidence", "caps")
    return RuleDraft(kind=DeedKind(rule.kind), **{name: getattr(rule, name) for name in names})


def one_step(draft: RuleDraft) -> int:
    """Hundredths for the smallest deed that counts: one time, one unit, one step of time."""
    return draft.points * draft.rounding_minutes // HOUR if draft.shape is Shape.PER_HOUR else draft.points


def faults(draft: RuleDraft) -> dict[str, Any]:
    """What is wrong with a draft: a sentence for each field, empty when it is sound."""
    found: dict[str, Any] = {}
    if LOOKS_LIKE_A_DATE.fullmatch(draft.code):
        found["code"] = lazy("This became a date in Excel. Make the column a text column and write the number again.")
    elif not CODE.fullmatch(draft.code):
        found["code"] = lazy("A number such as 1.1: at most 12 digits, letters, dots or dashes, without spaces.")
    for name, most in (("name", 80), ("category", 40)):
        text = getattr(draft, name)
        if not text.strip():
            found[name] = lazy("This must not be empty.")
        elif len(text) > most:
            found[name] = lazy("This is too long. Please shorten it.")
    for name, most in (("unit", 12), ("who", 120), ("evidence", 120)):
        if len(getattr(draft, name)) > most:
            found[name] = lazy("This is too long. Please shorten it.")
    if draft.points <= 0:
        found["points"] = lazy("Only points that are given: more than 0. Taking points away is switched off.")
    elif draft.points > MOST_POINTS:
        found["points"] = lazy("At most 100,000 points.")
    if draft.shape is Shape.PER_UNIT and not draft.unit.strip():
        found["unit"] = lazy("What is counted? For instance 人, 件 or 斤.")
    if draft.rounding_minutes not in STEPS:
        found["rounding_minutes"] = lazy("1, 5, 10, 15, 20, 30 or 60 minutes.")
    if draft.team_kind is not None and draft.team_kind not in TEAMS:
        found["team_kind"] = lazy("Volunteers, observers, or left empty.")
    cap_fault = _cap_fault(draft)
    if cap_fault is not None:
        found["caps"] = cap_fault
    return found


def _cap_fault(draft: RuleDraft) -> Any:
    places = [(cap.window, cap.subject, cap.measure) for cap in draft.caps]
    if len(set(places)) < len(places):
        return lazy("Two caps say the same with different numbers. Keep one of them.")
    if len(draft.caps) > MOST_CAPS:
        return lazy("At most 8 caps for one item.")
    for cap in draft.caps:
        if cap.most <= 0:
            return lazy("A cap is more than 0. Leave it empty where there is none.")
        if cap.most > 10**9:
            return lazy("This cap is too large to mean anything. Leave it empty where there is none.")
        if cap.measure is Measure.QUANTITY and draft.shape is Shape.PER_TIME:
            return lazy("A cap on hours or pieces needs an item that counts by hours or pieces.")
        if cap.measure is Measure.POINTS and 0 < cap.most < one_step(draft):
            return lazy("A cap in points is smaller than what a single time gives. Raise the cap or lower the points.")
        if cap.measure is Measure.QUANTITY and draft.shape is Shape.PER_HOUR and cap.most < draft.rounding_minutes:
            return lazy("A cap in hours is shorter than the time that has to be filled. Raise it.")
    return None
