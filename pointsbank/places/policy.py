"""Who writes places: the committee and administrators. Everybody of the community reads them."""

from __future__ import annotations

from pointsbank.core.actor import Actor
from pointsbank.people.roles import Role

EDITORS = (Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR)


def may_write(actor: Actor) -> bool:
    """Enter, change and close places; issue, print and revoke their tags."""
    return actor.is_system or (actor.user_id is not None and actor.has_role(*EDITORS))
