"""The room's blueprint, and what several pages ask."""

from __future__ import annotations

from pointsbank.core.errors import NotFound
from pointsbank.core.web import Room, current_actor

bp = Room("cases", "pointsbank.cases.pages")


def community_id() -> int:
    """The community acted in. Raises NotFound where none is chosen."""
    found = current_actor().community_id
    if found is None:
        raise NotFound
    return found
