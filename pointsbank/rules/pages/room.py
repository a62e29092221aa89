"""The blueprint of the room, and what its pages share."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from pointsbank.communities import settings
from pointsbank.core import clock
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.web import (
    Room,
    current_actor,
)
from pointsbank.rules import policy, queries
from pointsbank.rules.evaluation import Rule, Version
from pointsbank.rules.models import ScoringStandard

bp = Room("rules", "pointsbank.rules.pages")


def rectify_days(community_id: int | None = None) -> int | None:
    """How long the community gives to put right what would cost points; that acted in unless told otherwise."""
    place = community_id or current_actor().community_id
    return settings.of(place).rectify_days if place is not None else None


def sentence(rule: Rule) -> str:
    """An item in one sentence."""
    return queries.sentence(rule, rectify_days() if rule.takes_away else None)


def full_sentence(rule: Rule) -> Markup:
    """The same with its numbers marked and all that goes with it."""
    return queries.full_sentence(rule, rectify_days() if rule.takes_away else None)


SHARED = {"receiver_word": queries.receiver_word, "wide_sentence": queries.wide_sentence,
          "sentence": sentence, "full_sentence": full_sentence, "by_category": queries.by_category,
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
    before = _compared_with(row)
    return {"standard": row, "version": version, "standing": standing, "before": before,
            "changes": queries.differences(before, version) if row.is_draft and before is not None else [],
            "may_write": policy.may_write(actor) and row.is_draft,
            "rectify_days": rectify_days(row.community_id),
            "may_adopt": policy.may_adopt(actor) and row.is_draft, "wrote": policy.wrote_in(actor, row), **SHARED}


def _compared_with(row: ScoringStandard) -> Version | None:
    """What a draft is compared with: the version it was copied from, else the one in force."""
    if row.copied_from_id is not None:
        return queries.version(row.community_id, row.copied_from_id)
    return queries.version_in_force(row.community_id, clock.today())
