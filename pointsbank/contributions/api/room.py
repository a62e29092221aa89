"""The room's JSON blueprint, and what its routes share."""

from __future__ import annotations

from pointsbank.core.api import ApiRoom
from pointsbank.core.errors import NotFound
from pointsbank.core.web import current_actor

api = ApiRoom("contributions", __name__, prefix="", description="Deeds on their way to points.")


def community() -> int:
    """The community acted in. Raises NotFound without one."""
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id
