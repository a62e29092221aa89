"""Who may propose and confirm cases of households: two people of the office, of none of the households concerned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from pointsbank.contributions.policy import Facts
from pointsbank.core.actor import Actor
from pointsbank.people import policy as people


def may_change(actor: Actor) -> bool:
    """Propose, withdraw, confirm, refuse. Never the system by itself: two people must stand for it."""
    return actor.user_id is not None and people.can(actor, "households.change")


def may_see(actor: Actor) -> bool:
    """Read the community's cases."""
    return people.can(actor, "households.see")


def is_kin(facts: Facts, residents: Collection[int], households: Collection[int], day: dt.date) -> bool:
    """Linked to one of these people, or to somebody who was in one of these households on the day or since."""
    return any(facts.is_kin(r, None, day) for r in residents) or any(facts.is_kin(0, h, day) for h in households)
