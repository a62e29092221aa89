"""The room's blueprint, and the words its templates use."""

from __future__ import annotations

from typing import Any

from pointsbank.core.errors import NotFound
from pointsbank.core.web import Room, current_actor
from pointsbank.patrols import wording
from pointsbank.people.roles import Role

bp = Room("patrols", "pointsbank.patrols.pages")


def community_id() -> int:
    """The community acted in. Raises NotFound where none is chosen."""
    found = current_actor().community_id
    if found is None:
        raise NotFound
    return found


def is_observer() -> bool:
    """Appointed as an observer, or leading a team: for the navigation, which asks the database nothing."""
    actor = current_actor()
    return actor.resident_id is not None and actor.has_role_within(Role.OBSERVER, Role.TEAM_LEADER)


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only.
    state.app.jinja_env.globals.update(patrol_words=wording, is_observer=is_observer)
