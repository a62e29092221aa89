"""Who reads, corrects, signs and takes away the reviews of cases."""

from __future__ import annotations

from pointsbank.cases import policy as cases
from pointsbank.core.actor import Actor
from pointsbank.people.roles import Role

READERS = cases.LOOKERS
WRITERS = cases.DISPATCHERS
TAKERS = (*WRITERS, Role.REVIEWER, Role.ADMINISTRATOR)


def may_write(actor: Actor) -> bool:
    """Signs remarks and makes corrections in the community acted in."""
    return actor.user_id is not None and actor.has_role(*WRITERS)


def may_take(actor: Actor) -> bool:
    """Takes figures and masked lists away as files."""
    return actor.user_id is not None and actor.has_role(*TAKERS)
