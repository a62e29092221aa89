"""The verbs of the book. Each only builds transfers; the caller collects them and posts once.

Keys: a hold is ``redemption:88``; its collection and its release are both ``redemption:88/close``, so that the book
itself lets only one of the two happen.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.core.db import db
from pointsbank.ledger.errors import NotReversible, UnknownEntry
from pointsbank.ledger.models import NEVER, AccountKind, Book, TransferKind
from pointsbank.ledger.services import reading
from pointsbank.ledger.services.accounts import Name, community_key, open_accounts
from pointsbank.ledger.services.deciding import EARNED, Transfer
from pointsbank.ledger.services.reading import accounts as account_table
from pointsbank.ledger.services.reading import among, listed, lots, transfers

CLOSE = "/close"


@dataclass(frozen=True)
class Award:
    """Points for one deed. ``expires_on`` None: never."""

    owner_key: str
    amount: int
    source_key: str
    expires_on: dt.date | None = None
    book: Book = Book.POINTS


@dataclass(frozen=True)
class Hold:
    """Points put aside for one order."""

    owner_key: str
    amount: int
    source_key: str
    book: Book = Book.POINTS


def award_transfers(community_id: int, awards: Sequence[Award],
                    kind: TransferKind = TransferKind.AWARD) -> list[Transfer]:
    """Issuance -> wallet. Where the owner has a debt account, ``post`` repays what is owed out of the award."""
    source = community_key(community_id)
    wanted: set[Name] = {(a.book, AccountKind.WALLET, a.owner_key) for a in awards}
    wanted |= {(a.book, AccountKind.ISSUANCE, source) for a in awards}
    debts: set[Name] = {(a.book, AccountKind.DEBT, a.owner_key) for a in awards}
    ids = open_accounts(community_id, wanted, maybe=debts)
    return [Transfer(ids[a.book, AccountKind.ISSUANCE, source], ids[a.book, AccountKind.WALLET, a.owner_key], a.amount,
                     kind, a.source_key, expires_on=a.expires_on or NEVER,
                     debt_id=ids.get((a.book, AccountKind.DEBT, a.owner_key))) for a in awards]


def hold_transfers(community_id: int, holds: Sequence[Hold]) -> list[Transfer]:
    """Wallet -> held, one held account per owner."""
    wanted: set[Name] = {(h.book, kind, h.owner_key) for h in holds for kind in (AccountKind.WALLET, AccountKind.HELD)}
    ids = open_accounts(community_id, wanted)
    return [Transfer(ids[h.book, AccountKind.WALLET, h.owner_key], ids[h.book, AccountKind.HELD, h.owner_key], h.amount,
                     TransferKind.HOLD, h.source_key) for h in holds]


def collect_transfers(community_id: int, hold_keys: Sequence[str]) -> list[Transfer]:
    """Held -> redeemed of whole holds, by the source keys of the holds. Raises ``UnknownEntry``."""
    found = posted_rows(community_id, hold_keys, TransferKind.HOLD)
    owner = community_key(community_id)
    ids = open_accounts(community_id, {(row.book, AccountKind.REDEEMED, owner) for row in found})
    return [Transfer(row.to_id, ids[row.book, AccountKind.REDEEMED, owner], row.amount, TransferKind.COLLECT,
                     row.source_key + CLOSE) for row in found]


def release_transfers(community_id: int, hold_keys: Sequence[str]) -> list[Transfer]:
    """Held -> wallet: each hold is reversed, so its points return to the very lots that they came from."""
    return [mirror(row, TransferKind.RELEASE, CLOSE) for row in posted_rows(community_id, hold_keys, TransferKind.HOLD)]


def reversal_transfers(community_id: int, source_keys: Sequence[str], suffix: str = "/reversed") -> list[Transfer]:
    """The exact inverse of posted transfers, keyed by their own key and ``suffix``.

    What was already spent of an award becomes a debt of its owner (see ``Transfer.debt_id``). Raises ``UnknownEntry``,
    and ``NotReversible`` for reversals, debts, repayments and expiries.
    """
    rows = posted_rows(community_id, source_keys)
    if any(row.reverses_id is not None or row.kind not in _REVERSIBLE for row in rows):
        raise NotReversible
    earned = [row for row in rows if row.kind in EARNED]
    owners = _owner_keys([row.to_id for row in earned])
    debts: set[Name] = {(row.book, AccountKind.DEBT, owners[row.to_id]) for row in earned}
    ids = open_accounts(community_id, debts) if debts else {}
    return [mirror(row, TransferKind.REVERSAL, suffix,
                    ids[row.book, AccountKind.DEBT, owners[row.to_id]] if row.kind in EARNED else None) for row in rows]


_REVERSIBLE = EARNED | {TransferKind.HOLD, TransferKind.COLLECT, TransferKind.DEDUCTION, TransferKind.SUCCESSION,
                        TransferKind.DEBT_SUCCESSION}


def expiry_transfers(community_id: int, run_date: dt.date) -> list[Transfer]:
    """Wallet -> expired, one per lot whose last day was before ``run_date``.

    The wallets are locked here already, in the order that ``post`` repeats, so that nothing is used in between. A lot
    swept today and reopened today by a cancelled order waits for tomorrow's run: its key is taken.
    """
    connection = db.session.connection()
    due = connection.execute(
        sa.select(account_table.c.id, account_table.c.book).join(lots, lots.c.account_id == account_table.c.id)
        .where(account_table.c.community_id == community_id, lots.c.expires_on < run_date, lots.c.remaining > 0)
        .distinct()).all()
    if not due:
        return []
    owner = community_key(community_id)
    ids = open_accounts(community_id, {(Book(row.book), AccountKind.EXPIRED, owner) for row in due})
    locked = reading.lock(connection, community_id, [row.id for row in due])
    rows = connection.execute(
        sa.select(lots).where(among(lots.c.account_id, "ids", connection.dialect.name), lots.c.expires_on < run_date,
                              lots.c.remaining > 0).order_by(lots.c.account_id, lots.c.expires_on),
        {"ids": listed(locked, connection.dialect.name)}).all()
    built = [Transfer(row.account_id, ids[Book(locked[row.account_id].book), AccountKind.EXPIRED, owner], row.remaining,
                      TransferKind.EXPIRY, f"expiry:{run_date}:{row.account_id}:{row.expires_on}",
                      expires_on=row.expires_on) for row in rows]
    swept = reading.stored(connection, community_id, [t.source_key for t in built])
    return [t for t in built if t.source_key not in swept]


def lock_wallet(community_id: int, owner_key: str, today: dt.date) -> int:
    """What can be taken from a wallet on ``today``, in hundredths, with the wallet locked as ``post`` repeats it.

    Nothing is spent from it and nothing comes to it before this unit of work ends. A closed passbook has nothing.
    """
    connection = db.session.connection()
    name: Name = (Book.POINTS, AccountKind.WALLET, owner_key)
    account_id = open_accounts(community_id, {name})[name]
    locked = reading.lock(connection, community_id, [account_id])[account_id]
    if locked.successor is not None:
        return 0
    live = reading.lots_of(connection, [account_id], today, []).get(account_id, {})
    return sum(amount for day, amount in live.items() if day >= today)


def deduction_transfers(community_id: int, owner_key: str, amount: int, source_key: str) -> list[Transfer]:
    """Wallet -> deducted: points taken away by a committee, earliest last day first as in a spend.

    It never makes a debt: ``post`` refuses more than there is; :func:`lock_wallet` says how much that is.
    """
    owner = community_key(community_id)
    wallet: Name = (Book.POINTS, AccountKind.WALLET, owner_key)
    deducted: Name = (Book.POINTS, AccountKind.DEDUCTED, owner)
    ids = open_accounts(community_id, {wallet, deducted})
    return [Transfer(ids[wallet], ids[deducted], amount, TransferKind.DEDUCTION, source_key)]


def mirror(row: Any, kind: TransferKind, suffix: str, debt_id: int | None = None) -> Transfer:
    """The reversal of a posted transfer; out of a wallet it should first take from the lot that was filled."""
    return Transfer(row.to_id, row.from_id, row.amount, kind, row.source_key + suffix, expires_on=row.expires_on,
                    reverses_id=row.id, debt_id=debt_id)


@functools.cache
def _posted_statement(dialect: str) -> sa.Select[Any]:
    return sa.select(transfers).where(transfers.c.community_id == sa.bindparam("community_id"),
                                      among(transfers.c.source_key, "keys", dialect)).order_by(transfers.c.id)


def posted_rows(community_id: int, keys: Sequence[str], kind: TransferKind | None = None) -> Sequence[Any]:
    """The rows of these keys, in their order. Raises ``UnknownEntry`` if one is missing or of another kind."""
    connection = db.session.connection()
    dialect = connection.dialect.name
    rows = connection.execute(_posted_statement(dialect), {"community_id": community_id, "keys": listed(keys, dialect)})
    by_key = {row.source_key: row for row in rows if kind is None or row.kind == kind}
    if any(key not in by_key for key in keys):
        raise UnknownEntry
    return [by_key[key] for key in dict.fromkeys(keys)]


def _owner_keys(account_ids: Sequence[int]) -> dict[int, str]:
    if not account_ids:
        return {}
    connection = db.session.connection()
    rows = connection.execute(
        sa.select(account_table.c.id, account_table.c.owner_key)
        .where(among(account_table.c.id, "ids", connection.dialect.name)),
        {"ids": listed(set(account_ids), connection.dialect.name)})
    return {row[0]: row[1] for row in rows}
