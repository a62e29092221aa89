"""Nobody decides about themselves, their family or their household: the one check that all chapters share."""

from __future__ import annotations

from collections.abc import Sequence

from pointsbank.contributions.queries import facts_of
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.honours.errors import OwnHousehold
from pointsbank.honours.services.listing import homes_of


def check_not_kin(actor: Actor, community_id: int, resident_ids: Sequence[int]) -> None:
    """Raises OwnHousehold where one of these residents is the actor's own; three statements for any number."""
    facts, today = facts_of(actor.user_id), clock.today()
    homes = homes_of(community_id, resident_ids)
    for resident_id in resident_ids:
        home = homes[resident_id]
        if facts.is_kin(resident_id, home.id if home is not None else None, today):
            raise OwnHousehold
