"""What a community's rows look like now, so that a test can say that nothing of them was changed."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from pointsbank.core.db import db
from tests.support.street import Street

# Who knocked and was refused, and who counted it, may be written down.
NOTED = {"audit_row", "sign_in_try", "number_try", "idempotency_key"}


def _of(table: sa.Table, community: int) -> sa.Select | None:
    """The table's rows of a community: by its own column, or by the row it hangs on. None where it has neither."""
    if "community_id" in table.c:
        return sa.select(table).where(table.c.community_id == community)
    for key in table.foreign_keys:
        parent = key.column.table
        if "community_id" in parent.c and parent is not table:
            return sa.select(table).join(parent, key.parent == key.column).where(parent.c.community_id == community)
    return None


def fingerprint(street: Street, community: int) -> dict[str, tuple[int, str]]:
    """Number and hash of a community's rows in each table."""
    found = {}
    for table in db.metadata.sorted_tables:
        query = None if table.name in NOTED else _of(table, community)
        if query is not None:
            lines = sorted(repr(tuple(row)) for row in street.rows(query))
            found[table.name] = (len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found


def everything(street: Street) -> dict[str, tuple[int, str]]:
    """Number and hash of all rows in each table, but for the notes of refusals."""
    found = {}
    for table in db.metadata.sorted_tables:
        if table.name not in NOTED:
            lines = sorted(repr(tuple(row)) for row in street.rows(sa.select(table)))
            found[table.name] = (len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found


def changed(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> list[str]:
    """The tables that differ, with the numbers of their rows."""
    return [f"{name}: {before[name][0]} -> {after[name][0]} rows" for name in before if before[name] != after[name]]


def crossings(street: Street) -> list[str]:
    """Rows that point at a row of another community."""
    found = []
    for table in db.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            other = key.referred_table.alias()
            if "community_id" not in table.c or "community_id" not in other.c or "community_id" in key.column_keys:
                continue
            same = sa.and_(*(e.parent == other.c[e.column.name] for e in key.elements))
            number = street.rows(sa.select(sa.func.count()).select_from(table.join(other, same))
                                 .where(table.c.community_id != other.c.community_id))[0][0]
            if number:
                found.append(f"{table.name}.{','.join(key.column_keys)}: {number}")
    return found
