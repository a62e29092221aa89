"""The room's blueprint, and what its pages share."""

from __future__ import annotations

from typing import Any

from pointsbank.contributions import appeal_wording, describing, sheet_wording, wording
from pointsbank.core.errors import NotFound
from pointsbank.core.web import Room, current_actor

bp = Room("contributions", "pointsbank.contributions.pages")


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only, no context of the page.
    state.app.jinja_env.globals.update(
        deed_words=wording,
        appeal_words=appeal_wording, sheet_words=sheet_wording,
        deed_state=describing.deed_state, award_state=describing.line_state)


def community() -> int:
    """The community acted in. Raises NotFound without one."""
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id
