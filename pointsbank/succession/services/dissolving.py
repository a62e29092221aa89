"""A household that was entered by mistake is taken off the door list: nobody belongs to it and nothing lies in it."""

from __future__ import annotations

from pointsbank.contributions import queries as deeds
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.ledger import queries as book
from pointsbank.people import services as people
from pointsbank.people.models import Household
from pointsbank.succession.errors import NotAllowed, NotEmpty
from pointsbank.succession.plans import household_key
from pointsbank.succession.policy import may_change


def dissolve(actor: Actor, household_id: int) -> Household:
    """Close an empty household. Raises NotAllowed, NotEmpty where points would be left behind, and those of
    ``people.close_household``."""
    if not may_change(actor) or actor.community_id is None:
        raise NotAllowed
    home = people.close_household(actor, household_id)
    key, community_id = household_key(household_id), actor.community_id
    if (book.available(community_id, key, clock.today()) or book.held(community_id, key)
            or book.debt(community_id, key) or deeds.pending_total(community_id, [key])):
        raise NotEmpty
    return home
