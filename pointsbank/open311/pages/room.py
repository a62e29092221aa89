"""The room's blueprint for pages, and what several of them ask."""

from __future__ import annotations

from flask import current_app

from pointsbank.core.errors import NotFound
from pointsbank.core.web import Room, current_actor

bp = Room("open311", "pointsbank.open311.pages")


def community_id() -> int:
    """The community acted in. Raises NotFound where none is chosen."""
    found = current_actor().community_id
    if found is None:
        raise NotFound
    return found


def base() -> str:
    """The address under which the house is reached from outside."""
    return str(current_app.config["BASE_URL"])
