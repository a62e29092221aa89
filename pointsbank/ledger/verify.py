"""Checks the whole book and names the first row that is wrong, for each way in which it can be wrong.

The replay reads the transfers in the order of their ids, which for one wallet is the order of their effect, and decides
each of them again with the same rules: floors at every step, the lots taken, the reversals. Nothing here writes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.core.errors import DomainError
from pointsbank.ledger import triggers
from pointsbank.ledger.errors import AlreadyReversed, NotReversible
from pointsbank.ledger.models import NEVER, ROUTES, AccountKind, TransferKind
from pointsbank.ledger.services.deciding import Account, Decider, Original, Transfer, request_hash
from pointsbank.ledger.services.reading import accounts, allocations, lots, transfers
from pointsbank.ledger.services.rolling import rollups

BATCH = 2_000


@dataclass(frozen=True)
class Fault:
    """One finding: a stable code, where, and what was found against what must be. For operators, in English."""

    code: str
    community_id: int | None
    row: str
    text: str


class Findings:
    """The first fault of each code and community; after the first one a replay only finds its consequences."""

    def __init__(self) -> None:
        self.first: dict[tuple[str, int | None], Fault] = {}

    def add(self, code: str, community_id: int | None, row: str, text: str) -> None:
        """Keep a fault unless its kind was found before."""
        self.first.setdefault((code, community_id), Fault(f"ledger.{code}", community_id, row, text))


def verify(community_id: int | None = None) -> list[Fault]:
    """All faults of one community's book, or of every book, as committed: an empty list means that it is right.

    Checked: triggers present; each transfer between two accounts of one book, community and fitting kinds, unaltered
    by its hash; floors never crossed; reversals mirror one transfer once; allocations as decided; lots, cached balances
    and roll-ups equal to what the transfers add up to; closed passbooks empty; every book sums to zero.
    """
    findings = Findings()
    if db.engine.dialect.name == "sqlite":
        _verify(db.session.connection(), community_id, findings)
    else:
        # Statement by statement, others' commits in between would look like faults: one snapshot for all.
        with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            _verify(connection, community_id, findings)
    return list(findings.first.values())


def _verify(connection: sa.Connection, community_id: int | None, findings: Findings) -> None:
    dialect = connection.dialect.name
    missing = triggers.names(dialect) - triggers.found(connection)
    for name in sorted(missing):
        findings.add("trigger_missing", None, f"trigger:{name}", "the trigger is missing or switched off")
    scope = sa.select(accounts.c.community_id).distinct().order_by(accounts.c.community_id)
    if community_id is not None:
        scope = scope.where(accounts.c.community_id == community_id)
    for one in connection.execute(scope).scalars().all():
        _Replay(connection, one, findings).run()
    _strays(connection, community_id, findings)


def _strays(connection: sa.Connection, community_id: int | None, findings: Findings) -> None:
    """What no replay meets: transfers whose accounts are elsewhere, allocations of nothing."""
    source, target = accounts.alias("source"), accounts.alias("target")

    def beside(side: Any, account_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        return sa.and_(side.c.id == account_id, side.c.community_id == transfers.c.community_id,
                       side.c.book == transfers.c.book)

    lost = (sa.select(transfers.c.id, transfers.c.community_id)
            .outerjoin(source, beside(source, transfers.c.from_id)).outerjoin(target, beside(target, transfers.c.to_id))
            .where(sa.or_(source.c.id.is_(None), target.c.id.is_(None))))
    if community_id is not None:
        lost = lost.where(transfers.c.community_id == community_id)
    row = connection.execute(lost.order_by(transfers.c.id).limit(1)).first()
    if row is not None:
        findings.add("unknown_account", row.community_id, f"transfer:{row.id}",
                     "not between two accounts of its book and community")
    orphan = connection.execute(
        sa.select(allocations.c.transfer_id).outerjoin(transfers, transfers.c.id == allocations.c.transfer_id)
        .where(transfers.c.id.is_(None)).order_by(allocations.c.transfer_id).limit(1)).first()
    if orphan is not None:
        findings.add("allocation_differs", None, f"transfer:{orphan[0]}", "allocations of a transfer that is not there")


class _Replay:
    """One community's book from its first transfer to its last."""

    def __init__(self, connection: sa.Connection, community_id: int, findings: Findings) -> None:
        self.connection = connection
        self.community_id = community_id
        self.findings = findings
        self.stored = {row.id: row for row in connection.execute(
            sa.select(accounts).where(accounts.c.community_id == community_id))}
        self.kinds = {i: AccountKind(row.kind) for i, row in self.stored.items()}
        cached = {i: Account(row.kind, row.book, row.floor, 0) for i, row in self.stored.items()
                  if row.balance is not None}
        # What reversals need; filled along the way, so that only earlier transfers can be reversed.
        self.originals: dict[int, Original] = {}
        self.decider = Decider(dt.date.min, cached, {}, self.originals)
        self.sums: dict[int, int] = dict.fromkeys(self.stored, 0)
        self.reach = {row.account_id: row for row in connection.execute(
            sa.select(rollups).join(accounts, accounts.c.id == rollups.c.account_id)
            .where(accounts.c.community_id == community_id))}
        self.rolled: dict[int, int] = dict.fromkeys(self.reach, 0)
        self.reversible = set(connection.execute(
            sa.select(transfers.c.reverses_id).where(transfers.c.community_id == community_id,
                                                     transfers.c.reverses_id.is_not(None))).scalars())

    def fault(self, code: str, row: str, text: str) -> None:
        self.findings.add(code, self.community_id, row, text)

    def run(self) -> None:
        """Replay, then compare what is stored with what came out."""
        for row, taken in self._rows():
            self._check(row)
            if row.from_id in self.stored and row.to_id in self.stored:
                self._apply(row, taken)
        self._compare_accounts()
        self._compare_lots()
        self._check_successors()

    def _rows(self) -> Iterator[tuple[Any, dict[dt.date, int]]]:
        """Transfers by id, each with its allocations: two streams in one order, so that memory stays small."""
        mine = (accounts.c.community_id == self.community_id, transfers.c.community_id == self.community_id)
        rows = self._stream(sa.select(transfers).join(accounts, accounts.c.id == transfers.c.from_id)
                            .where(*mine).order_by(transfers.c.id))
        parts = self._stream(sa.select(allocations).join(transfers, transfers.c.id == allocations.c.transfer_id)
                             .join(accounts, accounts.c.id == transfers.c.from_id)
                             .where(*mine).order_by(allocations.c.transfer_id))
        part = next(parts, None)
        for row in rows:
            taken: dict[dt.date, int] = {}
            while part is not None and part.transfer_id == row.id:
                taken[part.expires_on] = part.amount
                part = next(parts, None)
            yield row, taken

    def _stream(self, query: sa.Select[Any]) -> Iterator[Any]:
        return iter(self.connection.execute(query, execution_options={"stream_results": True, "yield_per": BATCH}))

    def _check(self, row: Any) -> None:
        """The row by itself: its content against its hash, its amount, its two accounts and their kinds."""
        where = f"transfer:{row.id}"
        if request_hash(self.community_id, _as_transfer(row)) != bytes(row.request_hash):
            self.fault("row_altered", where, f"{row.source_key}: the content does not fit its hash")
        if row.amount <= 0:
            self.fault("amount", where, f"{row.source_key}: the amount is {row.amount}")
        source, target = self.stored.get(row.from_id), self.stored.get(row.to_id)
        if source is None or target is None or row.from_id == row.to_id:
            self.fault("unknown_account", where, f"{row.source_key}: not between two accounts of this community")
        elif not source.book == target.book == row.book:
            self.fault("two_books", where, f"{row.source_key}: from {source.book} to {target.book} in {row.book}")
        elif not self._fits(row):
            self.fault("kinds", where, f"{row.source_key}: {row.kind} from {source.kind} to {target.kind}")

    def _fits(self, row: Any) -> bool:
        pair = (self.kinds[row.from_id], self.kinds[row.to_id])
        if row.kind == TransferKind.REVERSAL:
            return row.reverses_id is not None
        if (row.kind == TransferKind.RELEASE) != (row.reverses_id is not None):
            return False
        return ROUTES[TransferKind(row.kind)] == pair

    def _apply(self, row: Any, taken: dict[dt.date, int]) -> None:
        """Decide the row again; where that refuses, follow what is stored, so that the rest can still be compared."""
        where = f"transfer:{row.id}"
        self._sum(row)
        decider, transfer = self.decider, _as_transfer(row)
        decider.today = row.recorded_on
        mark = len(decider.out.allocations)
        before = {side: (decider.accounts[side].balance, dict(decider.lots.get(side, {})))
                  for side in (row.from_id, row.to_id) if side in decider.accounts}
        try:
            decider.apply(transfer)
            decided = {day: amount for _key, day, amount in decider.out.allocations[mark:]}
        except (AlreadyReversed, NotReversible):
            self.fault("reversal", where, f"{row.source_key}: does not mirror transfer:{row.reverses_id} exactly once")
            self._force(row, taken, before)
            decided = taken
        except DomainError as refusal:
            self.fault("not_covered", where, f"{row.source_key}: refused on replay with {refusal.code}")
            self._force(row, taken, before)
            decided = taken
        if decided != taken:
            self.fault("allocation_differs", where, f"{row.source_key}: took {_days(taken)}, must be {_days(decided)}")
        if row.id in self.reversible:
            given = {day: -amount for day, amount in decided.items()}
            self.originals[row.id] = Original(row.from_id, row.to_id, row.amount, row.reverses_id, None, given)
        # The decider's own lists are for writing; only the running state matters here.
        decider.out.rows.clear()
        decider.out.allocations.clear()
        decider.out.net.clear()
        decider.out.lots.clear()

    def _sum(self, row: Any) -> None:
        for side, change in ((row.from_id, -row.amount), (row.to_id, row.amount)):
            self.sums[side] += change
            if side in self.reach and row.id <= self.reach[side].through_id:
                self.rolled[side] += change

    def _force(self, row: Any, taken: dict[dt.date, int], before: dict[int, tuple[int, dict[dt.date, int]]]) -> None:
        for side, change in ((row.from_id, -row.amount), (row.to_id, row.amount)):
            if side not in before:
                continue
            account = self.decider.accounts[side]
            balance, mine = before[side]
            account.balance = balance + change
            if account.kind == AccountKind.WALLET:
                for day, amount in (taken or {row.expires_on or NEVER: change}).items():
                    mine[day] = mine.get(day, 0) + amount
                self.decider.lots[side] = mine

    def _compare_accounts(self) -> None:
        total: dict[str, int] = {}
        for account_id, row in sorted(self.stored.items()):
            derived = self.sums[account_id]
            held = derived if row.balance is None else row.balance
            if row.balance is not None and row.balance != derived:
                self.fault("balance_differs", f"points_account:{account_id}",
                           f"{row.owner_key} {row.kind}: cached {row.balance}, the transfers give {derived}")
            if account_id in self.reach and self.reach[account_id].balance != self.rolled[account_id]:
                self.fault("rollup_differs", f"account_rollup:{account_id}",
                           f"stored {self.reach[account_id].balance}, the transfers give {self.rolled[account_id]}")
            total[row.book] = total.get(row.book, 0) + held
        for book, amount in total.items():
            if amount:
                self.fault("sum_not_zero", f"community:{self.community_id}", f"the book of {book} sums to {amount}")

    def _compare_lots(self) -> None:
        derived = {(account_id, day): amount for account_id, days in self.decider.lots.items()
                   for day, amount in days.items() if amount}
        rows = {(row.account_id, row.expires_on): row.remaining for row in self.connection.execute(
            sa.select(lots).join(accounts, accounts.c.id == lots.c.account_id)
            .where(accounts.c.community_id == self.community_id)) if row.remaining}
        for key in sorted(derived.keys() | rows.keys()):
            if derived.get(key, 0) != rows.get(key, 0):
                self.fault("lot_differs", f"lot:{key[0]}/{key[1]}",
                           f"stored {rows.get(key, 0)}, the transfers give {derived.get(key, 0)}")


    def _check_successors(self) -> None:
        """A closed passbook has an open one in its place and holds nothing that could still be used."""
        today = clock.today()
        for account_id, row in sorted(self.stored.items()):
            if row.successor_id is None:
                continue
            heir = self.stored.get(row.successor_id)
            if heir is None or (heir.book, heir.kind) != (row.book, row.kind):
                self.fault("successor", f"points_account:{account_id}", f"{row.owner_key}: no such successor")
            lots_left = self.decider.lots.get(account_id, {})
            left = sum(amount for day, amount in lots_left.items() if day >= today)
            if left or (row.kind == AccountKind.DEBT and self.sums[account_id]):
                self.fault("left_behind", f"points_account:{account_id}",
                           f"{row.owner_key} {row.kind} is closed and still holds {left or self.sums[account_id]}")


def _as_transfer(row: Any) -> Transfer:
    return Transfer(row.from_id, row.to_id, row.amount, row.kind, row.source_key, row.expires_on, row.reverses_id)


def _days(parts: dict[dt.date, int]) -> str:
    return "{" + ", ".join(f"{day}: {amount}" for day, amount in sorted(parts.items())) + "}"
