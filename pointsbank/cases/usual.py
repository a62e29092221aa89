"""The kinds of problems that most communities have, to begin with."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from pointsbank.cases.models import CaseClass, SpanUnit
from pointsbank.cases.services.setting_up import CategoryDraft

FILE = Path(__file__).resolve().parent / "usual_kinds.csv"


@cache
def usual_kinds() -> tuple[CategoryDraft, ...]:
    """The kinds of the file, as drafts."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(CategoryDraft(
            row["名称"], row["组"], CaseClass(row["性质"]), nearby_m=int(row["远近"]),
            respond_span=int(row["受理"]), respond_unit=SpanUnit(row["受理单位"]),
            rectify_span=int(row["整改"]), rectify_unit=SpanUnit(row["整改单位"])) for row in csv.DictReader(lines))
