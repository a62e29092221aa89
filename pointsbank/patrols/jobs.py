"""What runs by the clock: rounds made of the rota, a reminder on the day before, rounds that nobody handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from pointsbank.communities import queries as communities
from pointsbank.core import clock
from pointsbank.core.actor import system
from pointsbank.core.db import run, transaction
from pointsbank.patrols import services

MOST = 500


def _communities() -> list[int]:
    with transaction():
        return [area.id for area in communities.all_communities()]


def plan_due() -> dict[str, Any]:
    """The rounds of the coming two weeks, community by community; then tomorrow's observers are reminded."""
    tomorrow = clock.today() + dt.timedelta(days=1)
    made = told = 0
    for community_id in _communities():
        made += run(_planning(community_id))
        told += run(_reminding(community_id, tomorrow))
    return {"planned": made, "reminded": told}


def _planning(community_id: int) -> Callable[[], int]:
    return lambda: services.plan_ahead(system(community_id), community_id)


def _reminding(community_id: int, day: dt.date) -> Callable[[], int]:
    return lambda: services.remind(community_id, day)


def miss_due() -> dict[str, Any]:
    """Rounds whose window is over, each in a unit of its own; what came in meanwhile stays as it is."""
    missed = 0
    for community_id in _communities():
        with transaction():
            ids = services.due_misses(community_id, MOST)
        missed += sum(run(_missing(community_id, one)) for one in ids)
    return {"missed": missed}


def _missing(community_id: int, patrol_id: int) -> Callable[[], int]:
    return lambda: services.miss(community_id, patrol_id)
