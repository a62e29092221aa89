"""The room's blueprint, and the words its templates use."""

from __future__ import annotations

from typing import Any

from pointsbank.core.web import Room, current_actor
from pointsbank.deductions import queries, wording

bp = Room("deductions", "pointsbank.deductions.pages")


def own_deductions() -> int:
    """How many concern the resident acted for, so that the passbook leads there only where there is something."""
    actor = current_actor()
    return queries.own_count(actor) if actor.resident_id is not None and actor.community_id is not None else 0


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only.
    state.app.jinja_env.globals.update(deduction_words=wording, own_deductions=own_deductions)
