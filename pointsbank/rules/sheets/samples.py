"""Sample standards in our own form: what a draft may start from."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pointsbank.core.errors import NotFound, lazy
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import WideCap
from pointsbank.rules.sheets.reading import Parsed, read_standard

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
SAMPLE_NAMES: dict[str, Any] = {
    "community": lazy("the sample for a town community"),
    "village": lazy("the sample for a village"),
    "villages": lazy("a village's items one by one: base points, clean yards, inspections, moving in"),
    "household_plan": lazy("a household plan: honours, education, helping one another"),
    "hailin_hours": lazy("volunteering: a point an hour"),
    "volunteer_steps": lazy("volunteering: steps of hours that pay the difference"),
    "donations": lazy("donations by brackets"),
    "snapshots": lazy("snapshots and observers"),
}
"""The names of the samples, and what each of them is."""


def sample(name: str) -> list[RuleDraft]:
    """The items of a sample. Raises NotFound."""
    return list(_sample(name).rules)


def sample_caps(name: str) -> tuple[WideCap, ...]:
    """A sample's caps on categories and on the whole. Raises NotFound."""
    return _sample(name).caps


@cache
def _sample(name: str) -> Parsed:
    if name not in SAMPLE_NAMES:
        raise NotFound
    return read_standard((SAMPLES / f"{name}.csv").read_bytes())
