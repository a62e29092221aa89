"""The counters of caps: locked in the order of their keys and changed by a guarded update, a few statements a batch.

Two approvals of the same person's deeds queue for the same rows; without the lock and the guard both would read the
same rest and give it out twice. Lists travel as one parameter, so that a batch of 300 deeds costs what one deed costs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from pointsbank.core.db import db
from pointsbank.rules.errors import CountersMoved
from pointsbank.rules.models import CommunityScoring

_OPEN = {
    "postgresql": "INSERT INTO cap_counter (community_id, key, used) SELECT :community_id, k, 0"
                  " FROM unnest(CAST(:keys AS text[])) AS k ORDER BY k ON CONFLICT DO NOTHING",
    "sqlite": "INSERT INTO cap_counter (community_id, key, used) SELECT :community_id, value, 0"
              " FROM json_each(:keys) WHERE true ON CONFLICT DO NOTHING",
}
_READ = {
    "postgresql": "SELECT key, used FROM cap_counter WHERE community_id = :community_id"
                  " AND key = ANY(CAST(:keys AS text[])) ORDER BY key",
    "sqlite": "SELECT key, used FROM cap_counter WHERE community_id = :community_id"
              " AND key IN (SELECT value FROM json_each(:keys))",
}
_ADD = {
    "postgresql": "UPDATE cap_counter AS c SET used = c.used + d.more FROM (SELECT * FROM unnest(CAST(:keys AS text[]),"
                  " CAST(:more AS bigint[]), CAST(:seen AS bigint[]))) AS d (key, more, seen)"
                  " WHERE c.community_id = :community_id AND c.key = d.key AND c.used = d.seen",
    # Run for many rows at once, prepared a single time: a join with a list would read the table for each of them.
    "sqlite": "UPDATE cap_counter SET used = used + :more WHERE community_id = :community_id AND key = :key"
              " AND used = :seen",
}


def _dialect() -> str:
    return str(db.session.connection().dialect.name)


def _keys(keys: Iterable[str], dialect: str) -> Any:
    listed = sorted(set(keys))
    return listed if dialect == "postgresql" else json.dumps(listed)


def read(community_id: int, keys: Iterable[str]) -> dict[str, int]:
    """What each counter has used up; 0 for one that was never needed. One statement, no lock."""
    wanted = set(keys)
    if not wanted:
        return {}
    dialect = _dialect()
    values = {"community_id": community_id, "keys": _keys(wanted, dialect)}
    return dict.fromkeys(wanted, 0) | _read(_READ[dialect], values)


def lock(community_id: int, keys: Iterable[str]) -> dict[str, int]:
    """The same, each counter locked in the order of its key; missing ones are opened. Two statements.

    A row that another transaction opened a moment ago makes the insert wait, and the second statement sees it.
    """
    wanted = set(keys)
    if not wanted:
        return {}
    dialect = _dialect()
    values = {"community_id": community_id, "keys": _keys(wanted, dialect)}
    db.session.execute(sa.text(_OPEN[dialect]), values)
    locking = " FOR NO KEY UPDATE" if dialect == "postgresql" else ""
    return _read(_READ[dialect] + locking, values)


def _read(statement: str, values: Mapping[str, Any]) -> dict[str, int]:
    return {row.key: row.used for row in db.session.execute(sa.text(statement), values)}


def add(community_id: int, changes: Mapping[str, int], seen: Mapping[str, int]) -> None:
    """Change counters by ``changes``, each only if it still stands at ``seen``. One statement.

    Raises :class:`~pointsbank.rules.errors.CountersMoved` if one doesn't: then nothing of the unit of work may stay.
    """
    if not changes:
        return
    dialect = _dialect()
    keys = sorted(changes)
    values: Any = {"community_id": community_id, "keys": keys, "more": [changes[k] for k in keys],
                   "seen": [seen[k] for k in keys]}
    if dialect == "sqlite":
        values = [{"community_id": community_id, "key": k, "more": changes[k], "seen": seen[k]} for k in keys]
    result: Any = db.session.execute(sa.text(_ADD[dialect]), values)
    if result.rowcount != len(keys):
        raise CountersMoved


def lock_community(community_id: int) -> CommunityScoring:
    """The community's row, made where it is missing, under its lock: adoption and the very first award queue here."""
    db.session.execute(sa.text("INSERT INTO community_scoring (community_id) VALUES (:community_id)"
                               " ON CONFLICT DO NOTHING"), {"community_id": community_id})
    return db.session.scalars(
        sa.select(CommunityScoring).where(CommunityScoring.community_id == community_id)
        .with_for_update(key_share=True).execution_options(populate_existing=True)).one()
