"""Orders whose last day is over, closed one by one: each is a unit of work of its own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.actor import system
from pointsbank.core.db import db, run
from pointsbank.shop.models import Redemption, RedemptionState
from pointsbank.shop.services import closing


def lapse_due() -> dict[str, Any]:
    """Give back what was not picked up in time, in every community; returns how many orders lapsed."""
    today = clock.today()

    def due() -> list[tuple[int, int]]:
        return [(row.community_id, row.id) for row in db.session.execute(
            sa.select(Redemption.community_id, Redemption.id).where(
                Redemption.state == RedemptionState.RESERVED, Redemption.pick_up_by < today)
            .order_by(Redemption.community_id, Redemption.pick_up_by, Redemption.id))]

    lapsed = 0
    for community_id, redemption_id in run(due, write=False):
        actor = system(community_id)
        lapsed += run(lambda a=actor, i=redemption_id: closing.lapse(a, i, today))  # type: ignore[misc]
    return {"lapsed": lapsed}
