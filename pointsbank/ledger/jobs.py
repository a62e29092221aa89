"""What the book does by the clock: sweep what has expired, carry the sums forward, check itself."""

from __future__ import annotations

import logging
from typing import Any

from pointsbank.communities import queries as communities
from pointsbank.core import clock
from pointsbank.core.db import run
from pointsbank.ledger.services import expiry_transfers, post, roll_up
from pointsbank.ledger.verify import verify

log = logging.getLogger(__name__)


def expire_due() -> dict[str, Any]:
    """Take what has expired out of all wallets, community by community; returns how many lots were swept."""
    today = clock.today()
    swept = 0
    for community_id in run(lambda: [area.id for area in communities.all_communities()], write=False):
        swept += run(lambda c=community_id: len(post(c, expiry_transfers(c, today), today)))  # type: ignore[misc]
    return {"swept": swept}


def verify_nightly() -> dict[str, Any]:
    """Roll the uncached accounts up and replay every book; faults go to the log and into the answer."""
    through = run(roll_up)
    faults = run(verify, write=False)
    for fault in faults:
        log.error("book of community %s: %s at %s: %s", fault.community_id, fault.code, fault.row, fault.text)
    return {"rolled_up_through": through, "faults": [f"{fault.code} {fault.row}" for fault in faults]}
