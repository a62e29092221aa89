"""What runs by the clock: counted tries at the four digits are forgotten when they no longer count."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pointsbank.activities.models import NumberTry
from pointsbank.activities.services.checking_in import TRIES_SPAN
from pointsbank.core import clock
from pointsbank.core.db import db, transaction


def forget_old() -> int:
    """Delete tries that lie further back than they are counted; returns how many."""
    with transaction():
        result: Any = db.session.execute(sa.delete(NumberTry).where(NumberTry.at < clock.now() - 10 * TRIES_SPAN))
    return int(result.rowcount)
