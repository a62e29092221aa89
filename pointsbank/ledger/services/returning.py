"""Successions taken back, and what waited for an heir passed on: the very lots return, with the days they had."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from pointsbank.core.db import db
from pointsbank.ledger.errors import HasSuccessor
from pointsbank.ledger.models import AccountKind, Book, TransferKind
from pointsbank.ledger.services import reading
from pointsbank.ledger.services.accounts import Name, find_accounts, open_accounts
from pointsbank.ledger.services.deciding import Transfer
from pointsbank.ledger.services.reading import accounts, allocations, among, listed, transfers
from pointsbank.ledger.services.succeeding import HOUSE_BOOKS
from pointsbank.ledger.services.verbs import mirror, posted_rows


@dataclass(frozen=True)
class Return:
    """One transfer of a succession that can still be taken back: ``amount`` goes from ``giver``, who has it now, to
    ``receiver``, whose it was, into the lot of ``day`` (None: a debt)."""

    id: int
    key: str
    book: Book
    giver: str
    receiver: str
    amount: int
    day: dt.date | None


def returns(community_id: int, today: dt.date, *, keys: Sequence[str] = (),
            waiting: Sequence[str] = (), after: int = 0) -> list[Return]:
    """What can be taken back of the successions with these keys, and of all that came to the owners ``waiting`` after
    the transfer ``after`` (:func:`latest`): what came to them earlier has gone its way already.

    Left out: what was taken back before, and points whose last day is over. Two statements.
    """
    later, source, target = transfers.alias("later"), accounts.alias("source"), accounts.alias("target")
    dialect = db.session.connection().dialect.name
    t = transfers.c
    receiving = sa.case((t.kind == TransferKind.SUCCESSION, target.c.owner_key), else_=source.c.owner_key)
    rows = db.session.connection().execute(
        sa.select(t.id, t.source_key, t.book, t.kind, t.amount, source.c.owner_key, target.c.owner_key)
        .join(source, source.c.id == t.from_id).join(target, target.c.id == t.to_id)
        .outerjoin(later, later.c.reverses_id == t.id)
        .where(t.community_id == community_id, later.c.id.is_(None), sa.or_(
            sa.and_(t.kind == TransferKind.SUCCESSION, t.expires_on >= today), t.kind == TransferKind.DEBT_SUCCESSION),
            sa.or_(among(t.source_key, "keys", dialect), sa.and_(t.id > after, among(receiving, "waiting", dialect))))
        .order_by(t.id), {"keys": listed(keys, dialect), "waiting": listed(waiting, dialect)}).all()
    days: dict[int, dt.date] = {row[0]: row[1] for row in db.session.connection().execute(
        sa.select(allocations.c.transfer_id, allocations.c.expires_on)
        .where(among(allocations.c.transfer_id, "ids", dialect)), {"ids": listed([r.id for r in rows], dialect)})}
    # A debt that passed on runs the other way: the heir's account paid for the one it came from.
    return [Return(r.id, r.source_key, Book(r.book), *((r[6], r[5]) if r.kind == TransferKind.SUCCESSION else r[5:7]),
                   r.amount, days.get(r.id)) for r in rows]


def latest(community_id: int) -> int:
    """The newest transfer of the book: read under the locks of a case, it parts what came before from what follows."""
    return db.session.connection().execute(
        sa.select(sa.func.max(transfers.c.id)).where(transfers.c.community_id == community_id)).scalar() or 0


def return_transfers(community_id: int, found: Sequence[Return], key: str) -> list[Transfer]:
    """The reversals of these transfers, keyed ``<key>:<transfer>``."""
    rows = posted_rows(community_id, [one.key for one in found]) if found else []
    return _mirrors(rows, key)


def _mirrors(rows: Sequence[Any], key: str) -> list[Transfer]:
    # Not their own keys with a word behind: passed on and back a few times, these would become too long.
    return [replace(mirror(row, TransferKind.REVERSAL, ""), source_key=f"{key}:{row.id}") for row in rows]


def reopen(community_id: int, owner_keys: Iterable[str]) -> None:
    """These passbooks are open again: what arrives stays. Locked in the order that ``post`` repeats."""
    connection = db.session.connection()
    dialect = connection.dialect.name
    closed = connection.execute(
        sa.select(accounts.c.id).where(
            accounts.c.community_id == community_id, accounts.c.successor_id.is_not(None),
            among(accounts.c.owner_key, "owners", dialect)),
        {"owners": listed(set(owner_keys), dialect)}).scalars().all()
    if closed:
        reading.lock(connection, community_id, closed)
        _succeed(closed, None)


def pass_on(community_id: int, waiting: str, heir: str, key: str, today: dt.date, *,
            after: int = 0) -> list[Transfer]:
    """What waits in ``waiting`` for somebody to be found goes to ``heir`` with the last days that it had before.

    Every transfer that filled it and can be taken back is reversed, and the passbook it came from, whose successor is
    now the heir, sends it on. Whatever comes to ``waiting`` later follows. Raises ``HasSuccessor``.
    """
    mine, theirs = _pair(community_id, waiting, heir)
    sources = _led_to(community_id, mine.values())
    locked = reading.lock(db.session.connection(), community_id, {*mine.values(), *theirs.values(), *sources})
    if any(locked[i].successor is not None for i in theirs.values()):
        raise HasSuccessor
    heirs = {mine[book, kind, owner]: theirs[book, kind, heir] for book, kind, owner in mine}
    for account_id, before in [*sources.items(), *((i, i) for i in mine.values())]:
        _succeed([account_id], heirs[before], today)
    return return_transfers(community_id, returns(community_id, today, waiting=[waiting], after=after), key)


def pass_back(community_id: int, waiting: str, heir: str, passed: Sequence[str], key: str, days: int,
              today: dt.date) -> list[Transfer]:
    """Not the right heir: what was passed on under the keys ``passed`` waits again, for ``days`` more."""
    mine, theirs = _pair(community_id, waiting, heir)
    rows = list(posted_rows(community_id, [one.key for one in returns(community_id, today, keys=passed)]))
    back = {theirs[book, kind, heir]: mine[book, kind, owner] for book, kind, owner in mine}
    # Of a debt that passed on, the account it came from is the payee.
    sources = {(r.from_id, r.to_id) if r.kind == TransferKind.SUCCESSION else (r.to_id, r.from_id) for r in rows}
    reading.lock(db.session.connection(), community_id,
                 {*mine.values(), *theirs.values(), *(account_id for account_id, _heir in sources)})
    for account_id, heir_id in sources:
        _succeed([account_id], back[heir_id], today, days)
    _succeed(list(mine.values()), None)
    return _mirrors(rows, key)


def _pair(community_id: int, waiting: str, heir: str) -> tuple[dict[Name, int], dict[Name, int]]:
    names = [(book, kind, waiting) for book in HOUSE_BOOKS for kind in (AccountKind.WALLET, AccountKind.DEBT)]
    mine = find_accounts(community_id, names)
    return mine, open_accounts(community_id, {(book, kind, heir) for book, kind, _owner in mine})


def _led_to(community_id: int, account_ids: Iterable[int]) -> dict[int, int]:
    """The closed accounts that send on to these, with the one each sends to."""
    rows = db.session.connection().execute(
        sa.select(accounts.c.id, accounts.c.successor_id)
        .where(accounts.c.community_id == community_id, accounts.c.successor_id.in_(list(account_ids))))
    return {row[0]: row[1] for row in rows}


def _succeed(account_ids: Sequence[int], successor_id: int | None, on: dt.date | None = None,
             days: int | None = None) -> None:
    db.session.execute(sa.update(accounts).where(accounts.c.id.in_(account_ids)).values(
        successor_id=successor_id, successor_days=days, succeeded_on=on))
