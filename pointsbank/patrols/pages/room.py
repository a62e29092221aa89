"""The room's blueprint, and the words its templates use."""

from __future__ import annotations

from typing import Any

from pointsbank.core.errors import NotFound
from pointsbank.core.web import Room, current_actor
from pointsbank.patrols import wording

bp = Room("patrols", "pointsbank.patrols.pages")


def community_id() -> int:
    """The community acted in. Raises NotFound where none is chosen."""
    found = current_actor().community_id
    if found is None:
        raise NotFound
    return found


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only.
    state.app.jinja_env.globals.update(patrol_words=wording)
