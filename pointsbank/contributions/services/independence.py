"""If nobody independent can approve a deed here, it goes to the parent area, and everybody can see that it did."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.communities import queries as communities
from pointsbank.contributions import policy, queries
from pointsbank.contributions.models import Contribution, Review, ReviewStep, State
from pointsbank.core import audit, clock
from pointsbank.core.actor import system
from pointsbank.core.db import db, scoped
from pointsbank.people import queries as people
from pointsbank.people.roles import JUDGES


def send_up(community_id: int, submitted: Sequence[Contribution]) -> list[Contribution]:
    """Give deeds that nobody of the community may decide to the parent area; returns those that went up now.

    One that went up before comes back here once somebody independent was appointed. Constant statements.
    """
    if not submitted:
        return []
    judges = queries.facts_of_users({user.id for user in people.holders(community_id, *JUDGES)})
    stuck = [c for c in submitted if not any(policy.conflict(facts, c) is None for facts in judges.values())]
    stuck_ids = {c.id for c in stuck}
    for contribution in submitted:
        if contribution.sent_up_area_id is not None and contribution.id not in stuck_ids:
            contribution.sent_up_area_id = None
    new = [c for c in stuck if c.sent_up_area_id is None]
    if not new:
        return []
    above = people.supervisors_above(community_id)
    area_id = above[0].area_id if above else communities.area(community_id).parent_id
    if area_id is None:
        return []
    for contribution in new:
        contribution.sent_up_area_id = area_id
    db.session.flush()
    db.session.execute(sa.insert(Review), [
        {"community_id": community_id, "contribution_id": c.id, "step": ReviewStep.SENT_UP, "by_user_id": None,
         "reason": "", "at": clock.now()} for c in new])
    audit.write_many(system(community_id), "contributions.send_up", [f"contribution:{c.id}" for c in new], area=area_id)
    return new


def look_again(community_id: int) -> list[Contribution]:
    """Ask anew about everything that waits: appointments may have ended since it was handed in."""
    waiting = db.session.scalars(
        scoped(Contribution, community_id).where(Contribution.state == State.SUBMITTED)
        .order_by(Contribution.id).limit(1000).with_for_update(key_share=True)
        .execution_options(populate_existing=True)).all()
    return send_up(community_id, waiting)
