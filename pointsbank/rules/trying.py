"""The try-it box: one item judged for one deed as typed, by the same function as in earnest. Writes nothing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from pointsbank.core import clock
from pointsbank.rules import queries
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import HOUR, Deed, counter_key, evaluate
from pointsbank.rules.faults import faults
from pointsbank.rules.forms import RuleForm, whole
from pointsbank.rules.models import Measure, Shape, Window

ME = 1
ICONS = {"count": "check-lg", "cut": "scissors", "room": "check-lg", "no": "dash-circle"}


@dataclass(frozen=True)
class Tried:
    """Points in hundredths, and the reasons as (icon, sentence)."""

    points: int
    reasons: list[tuple[str, str]]


def faults_of(draft: RuleDraft, errors: dict[str, Any]) -> dict[str, Any]:
    """What is wrong with a draft, leaving alone what could not even be read."""
    return {name: text for name, text in faults(draft).items() if name not in errors}


def of_form(form: RuleForm, draft: RuleDraft) -> Tried:
    """The deed of the form's try-it fields under an item; what can't be read there counts as nothing."""
    ignored: dict[str, Any] = {}
    return attempt(
        draft, minutes=whole(form.try_hours.data, ignored, "h", HOUR), units=whole(form.try_units.data, ignored, "u"),
        points_before=whole(form.try_points.data, ignored, "p", 100),
        times_before=whole(form.try_times.data, ignored, "t"))


def attempt(draft: RuleDraft, *, minutes: int, units: int, points_before: int = 0, times_before: int = 0) -> Tried:
    """What one deed of today earns under an item, with so many points and times in each of its longer windows."""
    rule = dataclasses.replace(draft.as_rule(), by_itself=True)
    deed = Deed(kind=str(draft.kind), on=clock.today(), resident_id=ME, household_id=ME, minutes=minutes, units=units,
                team_kind=draft.team_kind, activity_key="activity:1", source_key="try:1")
    before = {Measure.POINTS: points_before, Measure.TIMES: times_before,
              Measure.QUANTITY: times_before * (minutes if rule.shape is Shape.PER_HOUR else units)}
    history = {counter_key(rule, cap, deed): before[cap.measure] for cap in rule.caps
               if cap.window is not Window.ACTIVITY}
    answer = evaluate(deed, dataclasses.replace(draft.as_version(), rules=(rule,)), history)
    entries = [entry for line in answer.lines for entry in line.explanation] + [note.entry for note in answer.notes]
    return Tried(answer.points, [(ICONS[entry["kind"]], queries.say(entry)) for entry in entries])
