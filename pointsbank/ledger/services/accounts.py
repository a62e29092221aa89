"""Accounts by name, opened where they are missing: always before ``post``, never inside it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pointsbank.core.db import db
from pointsbank.ledger.models import FLOORS, UNCACHED, AccountKind, Book
from pointsbank.ledger.services.reading import accounts as table
from pointsbank.ledger.services.reading import among, listed

Name = tuple[Book, AccountKind, str]


def accounts(community_id: int, book: Book, wanted: Sequence[tuple[AccountKind, str]]) -> dict[tuple[AccountKind, str],
                                                                                              int]:
    """The ids of accounts of one book by (kind, owner key); missing ones are opened. One to three statements."""
    names = [(book, kind, owner) for kind, owner in wanted]
    return {(kind, owner): found for (_book, kind, owner), found in open_accounts(community_id, names).items()}


def open_accounts(community_id: int, wanted: Iterable[Name], maybe: Iterable[Name] = ()) -> dict[Name, int]:
    """The ids of ``wanted`` accounts, opened where missing, and of those among ``maybe`` that exist already."""
    needed = set(wanted)
    found = find_accounts(community_id, needed | set(maybe))
    missing = needed - found.keys()
    if missing:
        # In one order for everybody: an insert waits for another's insert of the same account.
        rows = [_new_row(community_id, name) for name in sorted(missing)]
        db.session.execute(_insert(db.session.connection().dialect.name), rows)
        # Somebody else may have opened some of them meanwhile; only a new statement sees those.
        found |= find_accounts(community_id, missing)
    return found


def find_accounts(community_id: int, names: Iterable[Name]) -> dict[Name, int]:
    """The ids of those accounts that exist. One statement."""
    wanted = set(names)
    connection = db.session.connection()
    dialect = connection.dialect.name
    values = {"community_id": community_id, "books": listed({str(n[0]) for n in wanted}, dialect),
              "kinds": listed({str(n[1]) for n in wanted}, dialect), "owners": listed({n[2] for n in wanted}, dialect)}
    rows = ((((Book(row[1]), AccountKind(row[2]), row[3])), row[0])
            for row in connection.execute(_find_statement(dialect), values))
    return {name: account_id for name, account_id in rows if name in wanted}


@functools.cache
def _find_statement(dialect: str) -> sa.Select[Any]:
    return (sa.select(table.c.id, table.c.book, table.c.kind, table.c.owner_key)
            .where(table.c.community_id == sa.bindparam("community_id"), among(table.c.book, "books", dialect),
                   among(table.c.kind, "kinds", dialect), among(table.c.owner_key, "owners", dialect)))


def _insert(dialect: str) -> Any:
    module: Any = {"sqlite": sqlite, "postgresql": postgresql}[dialect]
    return module.insert(table).on_conflict_do_nothing()


def _new_row(community_id: int, name: Name) -> dict[str, Any]:
    book, kind, owner = name
    return {"community_id": community_id, "book": book, "kind": kind, "owner_key": owner, "floor": FLOORS.get(kind),
            "balance": None if kind in UNCACHED else 0}


def community_key(community_id: int) -> str:
    """The owner key of a community's own accounts."""
    return f"community:{community_id}"
