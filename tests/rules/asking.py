"""Drafts that are open for comment, and what is said, answered and decided: short ways for tests."""

from __future__ import annotations

import dataclasses
import datetime as dt

from pointsbank.communities import services as communities
from pointsbank.core.actor import system
from pointsbank.core.db import transaction
from pointsbank.rules import services
from pointsbank.rules.models import (
    ScoringStandard,
    StandardComment,
)
from pointsbank.rules.services import CommentDraft
from tests.rules.support import A_DAY, VOTED, hours_rule, visit_rule
from tests.support.village import Village

LAST = A_DAY + dt.timedelta(days=6)
START = dt.date(2026, 5, 1)


def started(village: Village, *rules: object) -> ScoringStandard:
    with transaction():
        return services.start_draft(village.actor("member"), "积分细则", list(rules))  # type: ignore[arg-type]


def asked(village: Village, *rules: object, until: dt.date = LAST) -> ScoringStandard:
    """A draft that is open for comment."""
    row = started(village, *(rules or (hours_rule(), visit_rule())))
    with transaction():
        services.open_comments(village.actor("member"), row.id, until)
    return row


def say(village: Village, row: ScoringStandard, text: str = "看望老人应该给3分", who: str = "alice",
        **more: object) -> StandardComment:
    with transaction():
        return services.comment(village.actor(who), row.id, CommentDraft(text, **more))  # type: ignore[arg-type]


def answer(village: Village, comment: StandardComment, text: str = "有道理，改为3分", *, accepted: bool = True,
           who: str = "second") -> StandardComment:
    with transaction():
        return services.answer(village.actor(who), comment.id, text, accepted=accepted)


def decide(village: Village, row: ScoringStandard, decided: object = VOTED, day: dt.date = START, *,
           on_paper: bool = False, who: str = "second") -> ScoringStandard:
    with transaction():
        return services.adopt(village.actor(who), row.id, day, decided, on_paper=on_paper)  # type: ignore[arg-type]


def voted(**changes: object) -> services.Resolution:
    return dataclasses.replace(VOTED, **changes)  # type: ignore[arg-type]


def ask_first(village: Village, days: int = 7) -> None:
    with transaction():
        communities.update_settings(system(village.community), village.community, {"comment_days": days})
