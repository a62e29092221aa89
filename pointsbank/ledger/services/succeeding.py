"""Points that pass from one owner to another: lot by lot, so that each keeps its last day, and debts by the same share.

A passbook that is closed on the way gets a successor: what is still to come goes on by itself (see ``deciding``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.core.db import db
from pointsbank.core.points import format_points
from pointsbank.ledger.errors import HasSuccessor, NotEnough, StillHeld
from pointsbank.ledger.models import NEVER, AccountKind, Book, TransferKind
from pointsbank.ledger.services import reading
from pointsbank.ledger.services.accounts import Name, find_accounts, open_accounts
from pointsbank.ledger.services.deciding import Account, Transfer
from pointsbank.ledger.services.reading import accounts as account_table
from pointsbank.ledger.services.reading import among, listed

HOUSE_BOOKS = (Book.POINTS, Book.HONOUR)  # time given belongs to a person, whatever becomes of a household


@dataclass(frozen=True)
class Bequest:
    """What passes from one owner to another: ``part`` of ``whole`` of each lot and of the debt.

    ``exact`` says instead how many hundredths of points; the other books and the debt then follow in proportion (and
    by ``part`` of ``whole`` where there are no points at all). ``days``: to be used within so many days from today, or
    earlier if the lot says so. ``closes``: the giver's passbook ends, and what still arrives goes on to the receiver.
    """

    giver: str
    receiver: str
    part: int = 1
    whole: int = 1
    exact: int | None = None
    days: int | None = None
    closes: bool = False
    books: tuple[Book, ...] = (Book.POINTS,)


@dataclass(frozen=True)
class Piece:
    """A part of one lot that passes on. ``from_day`` is the giver's lot, ``to_day`` the receiver's (never later)."""

    book: Book
    from_day: dt.date
    to_day: dt.date
    amount: int


@dataclass(frozen=True)
class Portion:
    """What a bequest comes to today: its pieces, earliest first, and the debt by book."""

    pieces: tuple[Piece, ...]
    debts: Mapping[Book, int]

    @property
    def points(self) -> int:
        """Hundredths of points that pass on."""
        return sum(piece.amount for piece in self.pieces if piece.book is Book.POINTS)


def divide(lots: Mapping[dt.date, int], part: int, whole: int) -> dict[dt.date, int]:
    """``part`` of ``whole`` of each lot in whole hundredths; together exactly that share of the sum, rounded down.

    What rounding leaves over goes to the lots with the largest fractions, the earlier first, so that nothing is lost
    and nothing is made, however many lots there are.
    """
    shares = {day: amount * part // whole for day, amount in lots.items()}
    rest = sum(lots.values()) * part // whole - sum(shares.values())
    for day in sorted(lots, key=lambda day: (-(lots[day] * part % whole), day))[:rest]:
        shares[day] += 1
    return {day: amount for day, amount in sorted(shares.items()) if amount}


def portion(bequest: Bequest, lots: Mapping[Book, Mapping[dt.date, int]], debts: Mapping[Book, int],
            today: dt.date) -> Portion:
    """What of these live lots and debts (positive numbers) passes on. Raises ``NotEnough``."""
    part, whole = bequest.part, bequest.whole
    if bequest.exact is not None:
        total = sum(lots.get(Book.POINTS, {}).values())
        if bequest.exact > total:
            raise NotEnough(available=format_points(total), needed=format_points(bequest.exact))
        part, whole = (bequest.exact, total) if total else (part, whole)
    latest = NEVER if bequest.days is None else today + dt.timedelta(bequest.days)
    pieces = [Piece(book, day, min(day, latest), amount) for book in bequest.books
              for day, amount in divide(lots.get(book, {}), part, whole).items()]
    owed = {book: debts.get(book, 0) * part // whole for book in bequest.books}
    return Portion(tuple(pieces), {book: amount for book, amount in owed.items() if amount})


def foreseen(community_id: int, bequests: Sequence[Bequest], today: dt.date) -> list[Portion]:
    """What these bequests would come to if they were made now; nothing is locked. Raises ``NotEnough``."""
    connection = db.session.connection()
    ids = find_accounts(community_id, [name for b in bequests for name in _giving(b)])
    rows = connection.execute(
        sa.select(account_table.c.id, account_table.c.kind, account_table.c.book, account_table.c.floor,
                  account_table.c.balance).where(among(account_table.c.id, "ids", connection.dialect.name)),
        {"ids": listed(ids.values(), connection.dialect.name)})
    found = {row[0]: Account(row[1], row[2], row[3], row[4]) for row in rows}
    return _portions(connection, bequests, ids, found, today)


def bequest_transfers(community_id: int, bequests: Sequence[Bequest], key: str,
                      today: dt.date) -> tuple[list[Transfer], list[Portion]]:
    """Wallet -> wallet, one transfer per lot, keyed ``<key>:<account>:<lot day>``; a debt ``<key>:<account>:debt``.

    The accounts are locked here already, as ``post`` repeats it, so that nothing is spent in between; a closed giver
    gets its successor. Raises ``StillHeld`` while an order of the giver isn't closed, ``HasSuccessor`` where the
    receiver is itself closed, ``NotEnough`` for an exact amount that isn't there.
    """
    if not bequests:
        return [], []
    connection = db.session.connection()
    ids = _opened(community_id, bequests)
    locked = reading.lock(connection, community_id, ids.values())
    for bequest in bequests:
        for book in bequest.books:
            held = locked.get(ids.get((book, AccountKind.HELD, bequest.giver), 0))
            if held is not None and held.balance:
                raise StillHeld(points=format_points(held.balance))
            if locked[ids[book, AccountKind.WALLET, bequest.receiver]].successor is not None:
                raise HasSuccessor
    portions = _portions(connection, bequests, ids, locked, today)
    built = [t for bequest, one in zip(bequests, portions, strict=True) for t in _transfers(bequest, one, ids, key)]
    for bequest in bequests:
        if bequest.closes:
            _close(bequest, ids, today)
    return built, portions


def _giving(bequest: Bequest) -> list[Name]:
    kinds = (AccountKind.WALLET, AccountKind.HELD, AccountKind.DEBT)
    return [(book, kind, bequest.giver) for book in bequest.books for kind in kinds]


def _opened(community_id: int, bequests: Sequence[Bequest]) -> dict[Name, int]:
    """All accounts concerned. A debt account of the receiver is opened wherever one may be needed later: the debt of a
    correction that comes after the passbook was closed."""
    maybe = [name for b in bequests for name in _giving(b)]
    known = find_accounts(community_id, maybe)
    wanted: set[Name] = set()
    for b in bequests:
        for book in b.books:
            wanted |= {(book, AccountKind.WALLET, b.receiver)}
            if b.closes:
                wanted |= {(book, kind, b.giver) for kind in (AccountKind.WALLET, AccountKind.DEBT)}
            if b.closes or (book, AccountKind.DEBT, b.giver) in known:
                wanted |= {(book, AccountKind.DEBT, b.receiver)}
    return open_accounts(community_id, wanted, maybe=maybe)


def _portions(connection: sa.Connection, bequests: Sequence[Bequest], ids: Mapping[Name, int],
              found: Mapping[int, Account], today: dt.date) -> list[Portion]:
    wallets = [ids[name] for b in bequests for name in _giving(b) if name[1] is AccountKind.WALLET and name in ids]
    lots = reading.lots_of(connection, wallets, today, []) if wallets else {}
    portions = []
    for b in bequests:
        debts = {book: ids.get((book, AccountKind.DEBT, b.giver), 0) for book in b.books}
        portions.append(portion(
            b, {book: lots.get(ids.get((book, AccountKind.WALLET, b.giver), 0), {}) for book in b.books},
            {book: -found[i].balance for book, i in debts.items() if i in found}, today))
    return portions


def _transfers(bequest: Bequest, one: Portion, ids: Mapping[Name, int], key: str) -> list[Transfer]:
    built = []
    for piece in one.pieces:
        source = ids[piece.book, AccountKind.WALLET, bequest.giver]
        built.append(Transfer(source, ids[piece.book, AccountKind.WALLET, bequest.receiver], piece.amount,
                              TransferKind.SUCCESSION, f"{key}:{source}:{piece.from_day}", expires_on=piece.to_day))
    for book, amount in one.debts.items():
        debt = ids[book, AccountKind.DEBT, bequest.giver]
        built.append(Transfer(ids[book, AccountKind.DEBT, bequest.receiver], debt, amount,
                              TransferKind.DEBT_SUCCESSION, f"{key}:{debt}:debt"))
    return built


def _close(bequest: Bequest, ids: Mapping[Name, int], today: dt.date) -> None:
    for book in bequest.books:
        for kind in (AccountKind.WALLET, AccountKind.DEBT):
            db.session.execute(
                sa.update(account_table).where(account_table.c.id == ids[book, kind, bequest.giver])
                .values(successor_id=ids[book, kind, bequest.receiver], successor_days=bequest.days,
                        succeeded_on=today))
