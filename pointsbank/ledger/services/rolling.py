"""The roll-up of accounts without a cached balance, so that their sums never have to be taken from the beginning.

"Nothing below this id is still on its way" is the whole difficulty: ids are not commit order. Every transaction that
posts has its number before its first transfer id, because it locks a wallet first. So once the oldest running
transaction is younger than the moment at which the highest id was noted, all ids up to that one are final.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pointsbank.core.db import db
from pointsbank.ledger.models import AccountRollup
from pointsbank.ledger.services.reading import accounts, transfers

rollups = cast(sa.Table, AccountRollup.__table__)


@dataclass(frozen=True)
class Note:
    """The highest id at a moment, and the number of the first transaction that had not begun by then."""

    through_id: int
    xmax: int | None


def note() -> Note:
    """Note the present end of the book."""
    last = sa.select(sa.func.coalesce(sa.func.max(transfers.c.id), 0)).scalar_subquery()
    if db.session.connection().dialect.name != "postgresql":
        return Note(db.session.execute(sa.select(last)).scalar_one(), None)
    snapshot = sa.text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, coalesce(max(id), 0)"
                       " FROM transfer")
    xmax, through_id = db.session.execute(snapshot).one()
    return Note(through_id, xmax)


def is_final(noted: Note) -> bool:
    """True once every id up to the noted one is committed or will never be."""
    if noted.xmax is None:
        return True
    oldest = db.session.execute(sa.text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")).scalar_one()
    return oldest >= noted.xmax


def roll_up(patience: float = 5.0) -> int | None:
    """Carry the sums of all uncached accounts forward; the id they now reach, or None when others kept writing.

    It waits for running transactions at most ``patience`` seconds and holds no lock. Call it first in its unit of work:
    a transaction that has written anything would wait for itself. The next run tries anew.
    """
    noted = note()
    deadline = time.monotonic() + patience
    while not is_final(noted):
        if time.monotonic() > deadline:
            return None
        time.sleep(0.02)
    _carry_forward(noted.through_id)
    return noted.through_id


def _carry_forward(through_id: int) -> None:
    since = sa.func.coalesce(rollups.c.through_id, 0)
    span = (transfers.c.id > since, transfers.c.id <= through_id)

    def flow(side: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
        total = sa.select(sa.func.coalesce(sa.func.sum(transfers.c.amount), 0)).where(side == accounts.c.id, *span)
        return total.correlate(accounts, rollups).scalar_subquery()

    balance = sa.func.coalesce(rollups.c.balance, 0) + flow(transfers.c.to_id) - flow(transfers.c.from_id)
    rows = db.session.execute(
        sa.select(accounts.c.id, balance.label("balance"))
        .select_from(accounts.outerjoin(rollups, rollups.c.account_id == accounts.c.id))
        .where(accounts.c.balance.is_(None), since < through_id).order_by(accounts.c.id)).all()
    if not rows:
        return
    dialect = db.session.connection().dialect.name
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(rollups)
    # Two runs at once reach the same sums; the one that got further wins.
    upsert = insert.on_conflict_do_update(
        index_elements=[rollups.c.account_id],
        set_={"through_id": insert.excluded.through_id, "balance": insert.excluded.balance},
        where=rollups.c.through_id < insert.excluded.through_id)
    # SUM of bigint comes back as Decimal.
    sums = [{"account_id": row.id, "through_id": through_id, "balance": int(row.balance)} for row in rows]
    db.session.execute(upsert, sums)
