"""Who may change areas and settings."""

from __future__ import annotations

from pointsbank.communities.models import Area
from pointsbank.core.actor import Actor

# Role names as plain words: the roles themselves live one floor above.
MAY_BUILD = ("administrator", "area_supervisor", "committee_member")
MAY_SET = ("administrator", "area_supervisor", "committee_member")


def can_change_below(actor: Actor, parent: Area | None) -> bool:
    """May add or change areas inside ``parent``: an office of ``parent`` or of an area above it."""
    if actor.is_system:
        return True
    return parent is not None and any(
        g.role in MAY_BUILD and g.team_id is None and parent.path.startswith(g.area_path) for g in actor.grants)


def can_change_settings(actor: Actor) -> bool:
    """May change the settings of the community acted in."""
    return actor.is_system or actor.has_role(*MAY_SET)
