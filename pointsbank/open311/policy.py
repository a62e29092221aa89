"""Who keeps the keys of other platforms, and who links an account."""

from __future__ import annotations

from pointsbank.core.actor import Actor
from pointsbank.people.roles import Role

KEEPERS = (Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR)


def can_keep(actor: Actor) -> bool:
    """Makes and revokes keys of the community acted in."""
    return actor.community_id is not None and actor.user_id is not None and actor.has_role(*KEEPERS)
