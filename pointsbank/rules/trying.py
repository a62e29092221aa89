"""The try-it box: one item judged for one deed as typed, by the same function as in earnest. Writes nothing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from pointsbank.core import clock
from pointsbank.ledger.models import Book
from pointsbank.rules import queries
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import HOUR, Deed, counter_key, evaluate
from pointsbank.rules.evaluation.counting import given, tier
from pointsbank.rules.evaluation.keys import step_keys
from pointsbank.rules.item_forms import SCALES, TIME, RuleForm, whole
from pointsbank.rules.models import ConditionKind, Measure, Shape, Window

ME = 1
ICONS = {"count": "check-lg", "cut": "scissors", "room": "check-lg", "no": "dash-circle"}


@dataclass(frozen=True)
class Tried:
    """Points in hundredths, and the reasons as (icon, sentence)."""

    points: int
    reasons: list[tuple[str, str]]


def of_form(form: RuleForm, draft: RuleDraft) -> Tried:
    """The deed of the form's try-it fields under an item; what can't be read there counts as nothing."""
    ignored: dict[str, Any] = {}

    def number(name: str, scale: int = 1) -> int:
        return whole(getattr(form, name).data, ignored, name, scale)

    conditions = {c.kind: c for c in draft.conditions}
    # Conditions that the box does not ask about are taken as met: it is the counting that is tried.
    met: dict[str, Any] = {
        "tags": frozenset(conditions[ConditionKind.TAG].words) if ConditionKind.TAG in conditions else frozenset(),
        "share": 100, "size": 10**9, "photos": 9, "head_id": ME, "team_id": ME, "beneficiary_id": ME}
    return attempt(
        draft, minutes=number("try_hours", HOUR), units=number("try_units"), score=number("try_score", 100),
        amount=number("try_amount", 100), age=number("try_age"), starts_at=_minute_of(form.try_begins.data),
        points_before=number("try_points", 100), times_before=number("try_times"),
        reached_before=number("try_before", SCALES[draft.as_rule().measures]), **met)


def _minute_of(text: str | None) -> int | None:
    match = TIME.fullmatch((text or "").strip())
    return int(match[1]) * 60 + int(match[2]) if match else None


def attempt(draft: RuleDraft, *, points_before: int = 0, times_before: int = 0, reached_before: int = 0,
            **done: Any) -> Tried:
    """What one deed of today earns under an item, with so many points and times in each of its longer windows, and so
    much added up towards its steps; ``done`` are fields of :class:`~pointsbank.rules.evaluation.Deed`."""
    rule = dataclasses.replace(draft.as_rule(), by_itself=True, takes_away=False)
    deed = Deed(kind=str(draft.kind), on=clock.today(), resident_id=ME, household_id=ME, team_kind=draft.team_kind,
                activity_key="activity:1", source_key="try:1", **done)
    before = {Measure.POINTS: points_before, Measure.TIMES: times_before,
              Measure.QUANTITY: times_before * given(rule, deed)}
    history = {counter_key(rule, cap, deed): before[cap.measure] for cap in rule.caps
               if cap.window is not Window.ACTIVITY}
    if rule.shape is Shape.TIERS:
        reached, paid = step_keys(rule, deed)
        step = tier(rule.bands, reached_before)
        history |= {reached: reached_before, paid: step.points if step is not None else 0}
    answer = evaluate(deed, dataclasses.replace(draft.as_version(), rules=(rule,)), history)
    entries = [entry for line in answer.lines for entry in line.explanation] + [note.entry for note in answer.notes]
    points = answer.points or sum(line.amount for line in answer.lines if line.book is Book.HONOUR)
    return Tried(points, [(ICONS[entry["kind"]], queries.say(entry)) for entry in entries])
