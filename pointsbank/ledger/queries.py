"""What can be asked of the book: balances, lots, passbook pages, sums of a community."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.core import clock, tokens
from pointsbank.core.db import db
from pointsbank.core.paging import Page, bounded
from pointsbank.ledger.errors import NoWallet
from pointsbank.ledger.models import NEVER, AccountKind, Book, OpeningBatch, TransferKind
from pointsbank.ledger.services.reading import accounts, allocations, among, listed, transfers
from pointsbank.ledger.services.reading import lots as lot_rows
from pointsbank.ledger.services.rolling import rollups
from pointsbank.ledger.verify import Fault, verify

__all__ = ["Entry", "Fault", "Flow", "Liabilities", "LotView", "Posted", "Totals", "available", "availables", "balance",
           "balances", "debt", "expiring", "held", "liabilities", "lots", "lots_taken", "monthly_flow",
           "opening_batches", "passbook", "posted", "predecessors", "totals", "verify"]


@dataclass(frozen=True)
class LotView:
    """What is left of the points that expire on one day (None: never)."""

    expires_on: dt.date | None
    remaining: int


@dataclass(frozen=True)
class Entry:
    """One line of a passbook. ``amount`` is signed; ``balance_after`` was true right after this line."""

    id: int
    recorded_at: dt.datetime
    kind: TransferKind
    amount: int
    balance_after: int
    source_key: str
    book: Book
    expires_on: dt.date | None


@dataclass(frozen=True)
class Totals:
    """A community's book in sums that add up: issued = spendable + held + redeemed + expired + deducted - owed."""

    issued: int
    wallets: int
    held: int
    redeemed: int
    expired: int
    deducted: int
    owed: int


@dataclass(frozen=True)
class Flow:
    """What one month brought; ``month`` is its first day. ``returned`` are collected orders taken back."""

    month: dt.date
    issued: int
    taken_back: int
    redeemed: int
    returned: int
    expired: int


@dataclass(frozen=True)
class Liabilities:
    """What the community owes its residents in goods: points in wallets that still live, and points put aside."""

    spendable: int
    held: int
    by_day: Sequence[LotView]

    @property
    def total(self) -> int:
        """Hundredths of a point that may still be exchanged for goods."""
        return self.spendable + self.held


@dataclass(frozen=True)
class Posted:
    """A line of the book by its source key."""

    id: int
    kind: TransferKind
    amount: int
    recorded_at: dt.datetime
    reversed_by_id: int | None


# ── One owner ───────────────────────────────────────────────────────────────────────────────────────────────────


def _cached(community_id: int, owner_keys: Sequence[str], kind: AccountKind, book: Book) -> dict[str, int]:
    dialect = db.session.connection().dialect.name
    rows = db.session.execute(
        sa.select(accounts.c.owner_key, accounts.c.balance)
        .where(accounts.c.community_id == community_id, accounts.c.book == book, accounts.c.kind == kind,
               among(accounts.c.owner_key, "owners", dialect)), {"owners": listed(set(owner_keys), dialect)})
    return {owner: amount or 0 for owner, amount in rows}


def balances(community_id: int, owner_keys: Sequence[str], book: Book = Book.POINTS) -> dict[str, int]:
    """Wallet balances of many owners in one query; owners without a wallet are absent."""
    return _cached(community_id, owner_keys, AccountKind.WALLET, book)


def balance(community_id: int, owner_key: str, book: Book = Book.POINTS) -> int:
    """The wallet's balance in hundredths, 0 where there is no wallet yet."""
    return balances(community_id, [owner_key], book).get(owner_key, 0)


def held(community_id: int, owner_key: str, book: Book = Book.POINTS) -> int:
    """What is put aside for orders that are not collected yet."""
    return _cached(community_id, [owner_key], AccountKind.HELD, book).get(owner_key, 0)


def debt(community_id: int, owner_key: str, book: Book = Book.POINTS) -> int:
    """What the owner still has to earn back, as a positive number."""
    return -_cached(community_id, [owner_key], AccountKind.DEBT, book).get(owner_key, 0)


def availables(community_id: int, owner_keys: Sequence[str], today: dt.date,
               book: Book = Book.POINTS) -> dict[str, int]:
    """What each owner can spend on ``today``: lots whose last day is not over. One query."""
    dialect = db.session.connection().dialect.name
    rows = db.session.execute(
        sa.select(accounts.c.owner_key, sa.func.sum(lot_rows.c.remaining))
        .join(lot_rows, lot_rows.c.account_id == accounts.c.id)
        .where(accounts.c.community_id == community_id, accounts.c.book == book, accounts.c.kind == AccountKind.WALLET,
               among(accounts.c.owner_key, "owners", dialect), lot_rows.c.expires_on >= today)
        .group_by(accounts.c.owner_key), {"owners": listed(set(owner_keys), dialect)})
    return {owner: int(total) for owner, total in rows}


def available(community_id: int, owner_key: str, today: dt.date, book: Book = Book.POINTS) -> int:
    """What can be spent on ``today``; time decides, not whether the expiry job has run."""
    return availables(community_id, [owner_key], today, book).get(owner_key, 0)


def lots(community_id: int, owner_key: str, today: dt.date, book: Book = Book.POINTS) -> list[LotView]:
    """The live lots of a wallet, earliest first: the order in which they are spent."""
    rows = db.session.execute(
        sa.select(lot_rows.c.expires_on, lot_rows.c.remaining).join(accounts, accounts.c.id == lot_rows.c.account_id)
        .where(accounts.c.community_id == community_id, accounts.c.book == book, accounts.c.kind == AccountKind.WALLET,
               accounts.c.owner_key == owner_key, lot_rows.c.expires_on >= today, lot_rows.c.remaining > 0)
        .order_by(lot_rows.c.expires_on))
    return [_lot(day, remaining) for day, remaining in rows]


def _lot(day: dt.date, remaining: int) -> LotView:
    return LotView(None if day == NEVER else day, int(remaining))


# ── The passbook ────────────────────────────────────────────────────────────────────────────────────────────────


def passbook(community_id: int, owner_key: str, cursor: str | None = None, limit: int | None = None,
             book: Book = Book.POINTS) -> Page[Entry]:
    """One page of a wallet, newest first, each line with the balance right after it.

    Two keyset halves (in, out) are merged, so a page costs the same at the end of a long history. The running balance
    travels in the cursor; the first page starts at the cached one, read in the same statement. Raises ``BadToken`` for
    a cursor that is not ours or belongs to another wallet.
    """
    size = bounded(limit)
    account_id = db.session.execute(sa.select(accounts.c.id).where(
        accounts.c.community_id == community_id, accounts.c.book == book, accounts.c.kind == AccountKind.WALLET,
        accounts.c.owner_key == owner_key)).scalar_one_or_none()
    if account_id is None:
        return Page([], None)
    before, start = _from_cursor(cursor, account_id)
    rows = db.session.execute(_passbook_statement(account_id, before, start, size + 1)).all()
    entries = [Entry(r.id, r.recorded_at, TransferKind(r.kind), r.change, int(r.balance_after), r.source_key, book,
                     None if r.expires_on in (None, NEVER) else r.expires_on) for r in rows[:size]]
    if len(rows) <= size:
        return Page(entries, None)
    last = entries[-1]
    return Page(entries, tokens.sign("passbook", [account_id, last.id, last.balance_after - last.amount]))


def _from_cursor(cursor: str | None, account_id: int) -> tuple[int | None, int | None]:
    if not cursor:
        return None, None
    value = tokens.unsign("passbook", cursor)
    if not (isinstance(value, list) and len(value) == 3 and value[0] == account_id):
        raise tokens.BadToken
    return value[1], value[2]


def _passbook_statement(account_id: int, before: int | None, start: int | None, count: int) -> sa.Select[Any]:
    def half(side: sa.ColumnElement[int], change: sa.ColumnElement[int]) -> sa.Select[Any]:
        query = sa.select(transfers.c.id, transfers.c.recorded_at, transfers.c.kind, change.label("change"),
                          transfers.c.source_key, transfers.c.expires_on).where(side == account_id)
        if before is not None:
            query = query.where(transfers.c.id < before)
        # A subquery of its own: SQLite takes no ORDER BY inside the parts of a UNION.
        inner = query.order_by(transfers.c.id.desc()).limit(count).subquery()
        return sa.select(inner)

    both = sa.union_all(half(transfers.c.to_id, transfers.c.amount),
                        half(transfers.c.from_id, -transfers.c.amount)).subquery("both_halves")
    opening: Any = sa.literal(start, sa.BigInteger)
    if start is None:
        opening = sa.select(accounts.c.balance).where(accounts.c.id == account_id).scalar_subquery()
    newer = sa.func.sum(both.c.change).over(order_by=both.c.id.desc(), rows=(None, -1))
    return (sa.select(both, (opening - sa.func.coalesce(newer, 0)).label("balance_after"))
            .order_by(both.c.id.desc()).limit(count))


def require_wallet_key(owner_key: str) -> str:
    """``household:17``, ``resident:5``, or ``remainder:5`` of somebody who is gone. Raises :class:`NoWallet` for any
    other text."""
    kind, _, number = owner_key.partition(":")
    known = kind in ("household", "resident", "remainder")
    if not known or not (number.isascii() and number.isdecimal()) or len(number) > 12:
        raise NoWallet
    return owner_key


def predecessors(community_id: int, owner_key: str, book: Book = Book.POINTS) -> list[str]:
    """The owners of closed wallets whose later points come to this one, however many steps back. One statement."""
    led = sa.select(accounts.c.id, accounts.c.owner_key).where(
        accounts.c.community_id == community_id, accounts.c.book == book, accounts.c.kind == AccountKind.WALLET,
        accounts.c.owner_key == owner_key).cte("led", recursive=True)
    before = accounts.alias("before")
    led = led.union_all(sa.select(before.c.id, before.c.owner_key).where(before.c.successor_id == led.c.id,
                                                                        before.c.community_id == community_id))
    return [key for key in db.session.scalars(sa.select(led.c.owner_key)) if key != owner_key]


def posted(community_id: int, source_keys: Sequence[str]) -> dict[str, Posted]:
    """Which of these keys stand in the book, and whether they were taken back. One query."""
    dialect = db.session.connection().dialect.name
    later = transfers.alias("later")
    rows = db.session.execute(
        sa.select(transfers.c.source_key, transfers.c.id, transfers.c.kind, transfers.c.amount, transfers.c.recorded_at,
                  later.c.id.label("reversed_by_id"))
        .outerjoin(later, later.c.reverses_id == transfers.c.id)
        .where(transfers.c.community_id == community_id, among(transfers.c.source_key, "keys", dialect)),
        {"keys": listed(set(source_keys), dialect)})
    return {row[0]: Posted(row[1], TransferKind(row[2]), row[3], row[4], row[5]) for row in rows}


def lots_taken(community_id: int, source_keys: Sequence[str]) -> dict[str, dict[dt.date, int]]:
    """From which lots these transfers took how much, by source key and last day. One query."""
    dialect = db.session.connection().dialect.name
    rows = db.session.execute(
        sa.select(transfers.c.source_key, allocations.c.expires_on, allocations.c.amount)
        .join(allocations, allocations.c.transfer_id == transfers.c.id)
        .where(transfers.c.community_id == community_id, allocations.c.amount < 0,
               among(transfers.c.source_key, "keys", dialect)), {"keys": listed(set(source_keys), dialect)})
    found: dict[str, dict[dt.date, int]] = {}
    for key, day, amount in rows:
        found.setdefault(key, {})[day] = -amount
    return found


# ── A community ─────────────────────────────────────────────────────────────────────────────────────────────────


def totals(community_id: int, book: Book = Book.POINTS) -> Totals:
    """The community's book in sums. Uncached accounts are rolled up, only what came since is added."""
    since = sa.func.coalesce(rollups.c.through_id, 0)

    def flow(side: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
        total = sa.select(sa.func.coalesce(sa.func.sum(transfers.c.amount), 0)).where(
            side == accounts.c.id, transfers.c.id > since)
        return total.correlate(accounts, rollups).scalar_subquery()

    uncached = sa.func.coalesce(rollups.c.balance, 0) + flow(transfers.c.to_id) - flow(transfers.c.from_id)
    mine = (accounts.c.community_id == community_id, accounts.c.book == book)
    sums: dict[str, int] = {}
    # One statement, so that both halves are of the same moment.
    cached = sa.select(accounts.c.kind, sa.func.sum(accounts.c.balance).label("total")).where(
        *mine, accounts.c.balance.is_not(None)).group_by(accounts.c.kind)
    rest = sa.select(accounts.c.kind, uncached.label("total")).select_from(
        accounts.outerjoin(rollups, rollups.c.account_id == accounts.c.id)).where(*mine, accounts.c.balance.is_(None))
    for kind, total in db.session.execute(sa.union_all(cached, rest)):
        sums[kind] = sums.get(kind, 0) + int(total)
    return Totals(issued=-sums.get(AccountKind.ISSUANCE, 0), wallets=sums.get(AccountKind.WALLET, 0),
                  held=sums.get(AccountKind.HELD, 0), redeemed=sums.get(AccountKind.REDEEMED, 0),
                  expired=sums.get(AccountKind.EXPIRED, 0), deducted=sums.get(AccountKind.DEDUCTED, 0),
                  owed=-sums.get(AccountKind.DEBT, 0))


def monthly_flow(community_id: int, months: int = 12, book: Book = Book.POINTS) -> list[Flow]:
    """The last ``months`` months, this one included, oldest first; months without a transfer are there with zeros."""
    this = clock.today().replace(day=1)
    firsts = [_month_before(this, back) for back in range(months - 1, -1, -1)]
    source, target = accounts.alias("source"), accounts.alias("target")
    year, month = (sa.extract(part, transfers.c.recorded_on) for part in ("year", "month"))
    rows = db.session.execute(
        sa.select(year, month, source.c.kind, target.c.kind, sa.func.sum(transfers.c.amount))
        .join(source, source.c.id == transfers.c.from_id).join(target, target.c.id == transfers.c.to_id)
        .where(source.c.community_id == community_id, source.c.book == book, transfers.c.book == book,
               transfers.c.recorded_on >= firsts[0],
               sa.or_(source.c.balance.is_(None), target.c.balance.is_(None)))
        .group_by(year, month, source.c.kind, target.c.kind))
    sums: dict[tuple[dt.date, str, str], int] = {}
    for y, m, from_kind, to_kind, total in rows:
        sums[dt.date(int(y), int(m), 1), from_kind, to_kind] = int(total)
    kinds = AccountKind
    return [Flow(first, sums.get((first, kinds.ISSUANCE, kinds.WALLET), 0),
                 sums.get((first, kinds.WALLET, kinds.ISSUANCE), 0), sums.get((first, kinds.HELD, kinds.REDEEMED), 0),
                 sums.get((first, kinds.REDEEMED, kinds.HELD), 0), sums.get((first, kinds.WALLET, kinds.EXPIRED), 0))
            for first in firsts]


def _month_before(first: dt.date, back: int) -> dt.date:
    year, month = divmod(first.year * 12 + first.month - 1 - back, 12)
    return dt.date(year, month + 1, 1)


def liabilities(community_id: int, today: dt.date, book: Book = Book.POINTS) -> Liabilities:
    """What may still be exchanged for goods on ``today``, and when it would lapse."""
    wallets = sa.select(lot_rows.c.expires_on, sa.func.sum(lot_rows.c.remaining)).join(
        accounts, accounts.c.id == lot_rows.c.account_id).where(
        accounts.c.community_id == community_id, accounts.c.book == book, accounts.c.kind == AccountKind.WALLET,
        lot_rows.c.expires_on >= today, lot_rows.c.remaining > 0,
    ).group_by(lot_rows.c.expires_on).order_by(lot_rows.c.expires_on)
    by_day = [_lot(day, remaining) for day, remaining in db.session.execute(wallets)]
    aside = db.session.execute(sa.select(sa.func.coalesce(sa.func.sum(accounts.c.balance), 0)).where(
        accounts.c.community_id == community_id, accounts.c.book == book,
        accounts.c.kind == AccountKind.HELD)).scalar_one()
    return Liabilities(sum(lot.remaining for lot in by_day), int(aside), by_day)


def expiring(community_id: int, today: dt.date, until: dt.date) -> list[tuple[str, dt.date, int]]:
    """(owner key, last day, hundredths) of what lapses from ``today`` until ``until``, both included."""
    rows = db.session.execute(
        sa.select(accounts.c.owner_key, lot_rows.c.expires_on, lot_rows.c.remaining)
        .join(accounts, accounts.c.id == lot_rows.c.account_id)
        .where(accounts.c.community_id == community_id, accounts.c.kind == AccountKind.WALLET,
               lot_rows.c.expires_on.between(today, until), lot_rows.c.remaining > 0)
        .order_by(lot_rows.c.expires_on, accounts.c.owner_key))
    return [(owner, day, remaining) for owner, day, remaining in rows]


def opening_batches(community_id: int) -> Sequence[OpeningBatch]:
    """All batches of opening balances, newest first."""
    return db.session.scalars(sa.select(OpeningBatch).where(OpeningBatch.community_id == community_id)
                              .order_by(OpeningBatch.id.desc())).all()
