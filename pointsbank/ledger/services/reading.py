"""What ``post`` reads: the lock, the keys that are already known, lots, and the transfers to be reversed.

Each is one statement whatever the size of the batch. Lists travel as one parameter (an array on PostgreSQL, JSON on
SQLite), so that the text of a statement never changes and no limit on parameters is met.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import psycopg

from pointsbank.ledger.models import Allocation, Lot, PointsAccount, PostedTransfer
from pointsbank.ledger.services.deciding import Account, Original


def _table(model: type[Any]) -> sa.Table:
    return cast(sa.Table, model.__table__)


accounts = _table(PointsAccount)
transfers = _table(PostedTransfer)
lots = _table(Lot)
allocations = _table(Allocation)


def among(column: sa.ColumnElement[Any], name: str, dialect: str) -> sa.ColumnElement[bool]:
    """``column`` is one of the list bound as ``name`` (see :func:`listed`)."""
    if dialect == "postgresql":
        return column == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(_plain(column.type))))
    each = sa.func.json_each(sa.bindparam(name, type_=sa.String))
    values: sa.Select[Any] = sa.select(sa.column("value")).select_from(each)
    return column.in_(values)


def listed(values: Iterable[Any], dialect: str) -> Any:
    """The value of a list parameter of :func:`among`."""
    if dialect == "postgresql":
        return list(values)
    return json.dumps([v.isoformat() if isinstance(v, dt.date) else v for v in values])


def array_of(values: Iterable[Any]) -> str:
    """A PostgreSQL array as text: of numbers, dates, texts, bytes or None.

    One text is sent an order of magnitude faster than a list that the driver takes apart, and its type never varies
    with the size of the numbers, which would make another prepared statement.
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    return str(value)


def _plain(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Enums are stored as plain strings; arrays of them are sent as such."""
    if isinstance(kind, sa.Enum | sa.String):
        return sa.Text()
    return sa.BigInteger() if isinstance(kind, sa.Integer) else kind


@functools.cache
def _text(build: Callable[[str], sa.Select[Any]]) -> str:
    return str(build("postgresql").compile(dialect=psycopg.dialect()))


def _rows(connection: sa.Connection, build: Callable[[str], sa.Select[Any]], values: dict[str, Any]) -> Sequence[Any]:
    """The rows of a statement. On PostgreSQL it goes as its text: on the way of every award each layer counts, and the
    driver's own types are the right ones there. SQLite needs the types of the columns, for its dates."""
    if connection.dialect.name == "postgresql":
        texts = {name: array_of(value) if isinstance(value, list) else value for name, value in values.items()}
        return connection.exec_driver_sql(_text(build), texts).all()
    return connection.execute(build(connection.dialect.name), values).all()


@functools.cache
def _lock_statement(dialect: str) -> sa.Select[Any]:
    # NO KEY UPDATE does not block the foreign key checks of others; one order for everybody prevents deadlocks.
    return (sa.select(accounts.c.id, accounts.c.kind, accounts.c.book, accounts.c.floor, accounts.c.balance,
                      accounts.c.successor_id, accounts.c.successor_days)
            .where(among(accounts.c.id, "ids", dialect), accounts.c.balance.is_not(None),
                   # "+ 0" keeps the planner from reading all accounts of the community instead of these few by key.
                   accounts.c.community_id + sa.literal_column("0") == sa.bindparam("community_id"))
            .order_by(accounts.c.id).with_for_update(key_share=True))


def lock(connection: sa.Connection, community_id: int, ids: Iterable[int]) -> dict[int, Account]:
    """The cached accounts among ``ids``, locked in id order. Always the first statement that touches the book.

    On PostgreSQL the lock also gives the transaction its number before its first transfer id, which the roll-up
    relies on. SQLite has the lock of the whole unit of work instead. Whether an account has a successor is read from
    the locked row itself: a statement with a join would still see the time before it waited.
    """
    name = connection.dialect.name
    rows = _rows(connection, _lock_statement, {"community_id": community_id, "ids": listed(ids, name)})
    return {row[0]: Account(row[1], row[2], row[3], row[4], row[5], row[6]) for row in rows}


@functools.cache
def _stored_statement(dialect: str) -> sa.Select[Any]:
    return (sa.select(transfers.c.source_key, transfers.c.request_hash, transfers.c.id)
            .where(transfers.c.community_id == sa.bindparam("community_id"),
                   among(transfers.c.source_key, "keys", dialect)))


def stored(connection: sa.Connection, community_id: int, keys: Sequence[str]) -> dict[str, tuple[bytes, int]]:
    """The keys that the book already knows, with hash and id."""
    name = connection.dialect.name
    rows = _rows(connection, _stored_statement, {"community_id": community_id, "keys": listed(keys, name)})
    return {row[0]: (bytes(row[1]), row[2]) for row in rows}


@functools.cache
def _lots_statement(dialect: str) -> sa.Select[Any]:
    return (sa.select(lots.c.account_id, lots.c.expires_on, lots.c.remaining)
            .where(among(lots.c.account_id, "ids", dialect),
                   sa.or_(lots.c.expires_on >= sa.bindparam("today"), among(lots.c.expires_on, "named", dialect)),
                   lots.c.remaining > sa.literal_column("0")))


def lots_of(connection: sa.Connection, ids: Iterable[int], today: dt.date,
            named: Iterable[dt.date]) -> dict[int, dict[dt.date, int]]:
    """Live lots of the wallets that pay, and those that a transfer names although their day is over."""
    name = connection.dialect.name
    values = {"ids": listed(ids, name), "today": today, "named": listed(named, name)}
    found: dict[int, dict[dt.date, int]] = {}
    for account_id, day, remaining in _rows(connection, _lots_statement, values):
        found.setdefault(account_id, {})[day] = remaining
    return found


@functools.cache
def _originals_statement(dialect: str) -> sa.Select[Any]:
    later = transfers.alias("later")
    return (sa.select(transfers.c.id, transfers.c.from_id, transfers.c.to_id, transfers.c.amount,
                      transfers.c.reverses_id, later.c.id, allocations.c.expires_on, allocations.c.amount)
            .outerjoin(later, later.c.reverses_id == transfers.c.id)
            .outerjoin(allocations, allocations.c.transfer_id == transfers.c.id)
            .where(transfers.c.community_id == sa.bindparam("community_id"), among(transfers.c.id, "ids", dialect)))


def originals(connection: sa.Connection, community_id: int, ids: Iterable[int]) -> dict[int, Original]:
    """The transfers to be reversed: their sides, whether that already happened, and the lots they took from."""
    name = connection.dialect.name
    found: dict[int, Original] = {}
    values = {"community_id": community_id, "ids": listed(ids, name)}
    for row in _rows(connection, _originals_statement, values):
        original = found.setdefault(row[0], Original(*row[1:6]))
        if row[6] is not None:
            original.taken[row[6]] = -row[7]
    return found
