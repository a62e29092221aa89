"""What wallets gained within a span of days: given out less taken back, by the day of the recording.

Only what comes from the community's issuance and goes back to it counts; redeeming, lapsing and moving between wallets
are neither. A reversal counts on its own day, so a year that is over never changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pointsbank.core.db import db
from pointsbank.ledger.models import AccountKind, Book
from pointsbank.ledger.services.reading import accounts, transfers


def _flow(community_id: int, book: Book, wallet: sa.ColumnElement[int], other: sa.ColumnElement[int],
          amount: sa.ColumnElement[int], owners: Sequence[str] | None) -> sa.Select[Any]:
    """Transfers of a book between wallets and the community's issuance, one way."""
    issuance = accounts.alias("issuance")
    query = (sa.select(accounts.c.owner_key, amount.label("amount"))
             .join(transfers, wallet == accounts.c.id).join(issuance, issuance.c.id == other)
             .where(accounts.c.community_id == community_id, accounts.c.book == book,
                    accounts.c.kind == AccountKind.WALLET, issuance.c.kind == AccountKind.ISSUANCE))
    return query if owners is None else query.where(accounts.c.owner_key.in_(owners))


def gained(community_id: int, book: Book, until: dt.date, since: dt.date | None = None,
           owners: Sequence[str] | None = None) -> dict[str, int]:
    """Net gain by owner key from ``since`` (always) until ``until``, both included; owners without any are absent.

    One statement for the whole community, or for ``owners``. Below zero where more was taken back than given.
    """
    days = [transfers.c.recorded_on <= until] + ([transfers.c.recorded_on >= since] if since is not None else [])
    given = _flow(community_id, book, transfers.c.to_id, transfers.c.from_id, transfers.c.amount, owners).where(*days)
    taken = _flow(community_id, book, transfers.c.from_id, transfers.c.to_id, -transfers.c.amount, owners).where(*days)
    both = sa.union_all(given, taken).subquery("both_ways")
    rows = db.session.execute(sa.select(both.c.owner_key, sa.func.sum(both.c.amount)).group_by(both.c.owner_key))
    return {owner: int(total) for owner, total in rows if total}


def taken_back_later(community_id: int, book: Book, since: dt.date, until: dt.date) -> dict[str, int]:
    """What was gained from ``since`` until ``until`` and taken back after ``until``, by owner key; one statement."""
    original = transfers.alias("original")
    query = _flow(community_id, book, transfers.c.from_id, transfers.c.to_id, transfers.c.amount, None).join(
        original, original.c.id == transfers.c.reverses_id).where(
        original.c.recorded_on.between(since, until), transfers.c.recorded_on > until).subquery("taken_back")
    rows = db.session.execute(sa.select(query.c.owner_key, sa.func.sum(query.c.amount)).group_by(query.c.owner_key))
    return {owner: int(total) for owner, total in rows}
