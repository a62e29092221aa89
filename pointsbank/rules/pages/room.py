"""The blueprint of the room, and what its pages share."""

from __future__ import annotations

from typing import Any

from pointsbank.core import clock
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.web import (
    Room,
    current_actor,
)
from pointsbank.rules import policy, queries
from pointsbank.rules.evaluation import Version
from pointsbank.rules.models import ScoringStandard

bp = Room("rules", "pointsbank.rules.pages")
SHARED = {"receiver_word": queries.receiver_word, "wide_sentence": queries.wide_sentence,
          "sentence": queries.sentence, "full_sentence": queries.full_sentence, "by_category": queries.by_category,
          "section": "rules.desk"}


def community() -> int:
    """The community acted in. Raises NotFound without one."""
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id


def standing(standard: ScoringStandard) -> str:
    """Where a version stands today: draft, coming, in_force, past."""
    today = clock.today()
    if standard.in_force_on is None:
        return "draft"
    if standard.in_force_on > today:
        return "coming"
    return "past" if standard.superseded_on is not None and standard.superseded_on <= today else "in_force"


def load(standard_id: int) -> tuple[ScoringStandard, Version]:
    """A version of the community acted in, with its items. Raises NotFound."""
    row = get_scoped(ScoringStandard, standard_id, community())
    return row, queries.versions(row.community_id, [row])[row.id]


def page_of(row: ScoringStandard, version: Version) -> dict[str, Any]:
    """What the page of a version shows."""
    actor = current_actor()
    before = queries.compared_with(row)
    return {"standard": row, "version": version, "standing": standing, "before": before,
            "changes": queries.said_differences(before, version) if before is not None else [],
            "may_write": policy.may_write(actor) and row.is_draft,
            "may_adopt": policy.may_adopt(actor) and row.is_draft, "wrote": policy.wrote_in(actor, row), **SHARED}

