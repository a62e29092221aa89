"""What the clock does: when a day, week or month is over it makes the review of it, also those that were missed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from pointsbank.communities import queries as communities
from pointsbank.core import clock
from pointsbank.core.actor import system
from pointsbank.core.db import run, transaction
from pointsbank.reviews import services
from pointsbank.reviews.periods import Period, PeriodKind, over
from pointsbank.reviews.queries import facts

log = logging.getLogger(__name__)
LOOKED_BACK = {PeriodKind.DAILY: 7, PeriodKind.WEEKLY: 4, PeriodKind.MONTHLY: 3}


def make_due() -> dict[str, Any]:
    """Every review that is missing, each in a unit of its own. Run twice, or by two workers at once, made once."""
    with transaction():
        ids = [area.id for area in communities.all_communities()]
    made = failed = 0
    for community_id in ids:
        for kind, most in LOOKED_BACK.items():
            for period in over(kind, clock.today(), most):
                try:
                    made += run(_making(community_id, period))
                except Exception:
                    log.exception("review of community %s, %s %s failed", community_id, kind, period.starts_on)
                    failed += 1
    return {"made": made, "failed": failed}


def _making(community_id: int, period: Period) -> Callable[[], int]:
    def work() -> int:
        if not facts.has_any(community_id, period.end):
            return 0
        return services.make(system(community_id), community_id, period) is not None

    return work
