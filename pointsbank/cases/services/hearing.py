"""What is said about a case without moving it."""

from __future__ import annotations

from typing import Any

from pointsbank.cases import queries
from pointsbank.cases.errors import NotYourPart
from pointsbank.cases.models import Case
from pointsbank.cases.services.steps import LONGEST, note
from pointsbank.core.actor import Actor
from pointsbank.core.db import get_scoped


def comment(actor: Actor, case_id: int, text: str, *, sender_key: str, **detail: Any) -> Case:
    """Write down what another system says about a case that it brought; a long text becomes several events, so that
    nothing is lost. Raises NotFound, NotYourPart for who did not bring it."""
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if not queries.is_sender(case, sender_key):
        raise NotYourPart
    for start in range(0, max(len(text), 1), LONGEST):
        note(actor, case, "comment", case.state, text[start:start + LONGEST], sender=sender_key, **detail)
    return case
