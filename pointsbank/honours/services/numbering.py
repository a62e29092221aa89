"""Numbers that count per community and year, given out without a gap and to nobody twice."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from pointsbank.core.db import db
from pointsbank.honours.models import HonourCounter

AWARD, CERTIFICATE = "award", "certificate"


def insert(model: Any) -> Any:
    """The insert of this database's dialect, for what to do on a conflict."""
    module: Any = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name]
    return module.insert(model)


def take(community_id: int, kind: str, year: int, count: int = 1) -> range:
    """The next ``count`` numbers; the counter's row is locked until the unit of work ends."""
    statement = insert(HonourCounter).values(community_id=community_id, kind=kind, year=year, last=count)
    statement = statement.on_conflict_do_update(index_elements=["community_id", "kind", "year"],
                                                set_={"last": HonourCounter.last + count})
    last = int(db.session.scalar(statement.returning(HonourCounter.last)) or 0)
    return range(last - count + 1, last + 1)
