"""The two writers of a decided batch: portable Core statements, and one statement for PostgreSQL.

Both write the same rows. A wallet or lot is changed by exactly one net amount per batch: two changes of one row in one
statement would silently lose the second.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pointsbank.ledger.services.deciding import Decision, request_hash
from pointsbank.ledger.services.reading import accounts, allocations, array_of, lots, transfers


def write(connection: sa.Connection, community_id: int, decision: Decision, now: dt.datetime,
          today: dt.date) -> dict[str, int]:
    """Write a decided batch with the writer of the database; the new ids by source key."""
    writer = write_at_once if connection.dialect.name == "postgresql" else write_portably
    return writer(connection, community_id, decision, now, today)


# ── Core: five statements, both databases ───────────────────────────────────────────────────────────────────────

_INSERT = sa.insert(transfers).returning(transfers.c.source_key, transfers.c.id)
_BALANCE = (sa.update(accounts).where(accounts.c.id == sa.bindparam("account"))
            .values(balance=accounts.c.balance + sa.bindparam("change")))
_DRAIN = (sa.update(lots).where(lots.c.account_id == sa.bindparam("account"), lots.c.expires_on == sa.bindparam("day"))
          .values(remaining=lots.c.remaining + sa.bindparam("change")))
_ALLOCATE = sa.insert(allocations)


def _filling(module: Any) -> Any:
    statement = module.insert(lots)
    return statement.on_conflict_do_update(index_elements=[lots.c.account_id, lots.c.expires_on],
                                           set_={"remaining": lots.c.remaining + statement.excluded.remaining})


_FILL = {"sqlite": _filling(sqlite), "postgresql": _filling(postgresql)}


def write_portably(connection: sa.Connection, community_id: int, decision: Decision, now: dt.datetime,
                   today: dt.date) -> dict[str, int]:
    """At most five Core statements; SQLite's writer, and the fallback for PostgreSQL."""
    rows = [{"from_id": t.from_id, "to_id": t.to_id, "amount": t.amount, "reverses_id": t.reverses_id,
             "recorded_at": now, "community_id": community_id, "expires_on": t.expires_on, "recorded_on": today,
             "book": book, "kind": t.kind, "source_key": t.source_key, "request_hash": request_hash(community_id, t)}
            for t, book in decision.rows]
    # RETURNING promises no order, so ids are found by key.
    ids: dict[str, int] = dict(connection.execute(_INSERT, rows).all())
    net = [{"account": account, "change": change} for account, change in decision.net.items() if change]
    if net:
        connection.execute(_BALANCE, net)
    # CHECK judges the proposed row of an upsert too, so what is taken goes by UPDATE.
    fill = [{"account_id": a, "expires_on": day, "remaining": n} for (a, day), n in decision.lots.items() if n > 0]
    if fill:
        connection.execute(_FILL[connection.dialect.name], fill)
    drain = [{"account": a, "day": day, "change": n} for (a, day), n in decision.lots.items() if n < 0]
    if drain:
        connection.execute(_DRAIN, drain)
    made = [{"transfer_id": ids[key], "expires_on": day, "amount": n} for key, day, n in decision.allocations]
    if made:
        connection.execute(_ALLOCATE, made)
    return ids


# ── PostgreSQL: one statement ───────────────────────────────────────────────────────────────────────────────────

_ROWS = """WITH ins AS (
INSERT INTO transfer (community_id, recorded_at, recorded_on, from_id, to_id, amount, reverses_id, expires_on, book,
 kind, source_key, request_hash)
SELECT %(community)s::int, %(now)s::timestamptz, %(today)s::date, r.* FROM unnest(%(froms)s::int[], %(tos)s::int[],
 %(amounts)s::bigint[], %(reverses)s::bigint[], %(expires)s::date[], %(books)s::text[], %(kinds)s::text[],
 %(keys)s::text[], %(hashes)s::bytea[]) r
RETURNING id, source_key)"""
_NET = """,
bal AS (UPDATE points_account a SET balance = a.balance + v.d
 FROM unnest(%(net_ids)s::int[], %(net)s::bigint[]) v(i, d) WHERE a.id = v.i)"""
_FILL_CTE = """,
fill AS (INSERT INTO lot (account_id, expires_on, remaining)
 SELECT * FROM unnest(%(fill_ids)s::int[], %(fill_days)s::date[], %(fill)s::bigint[])
 ON CONFLICT (account_id, expires_on) DO UPDATE SET remaining = lot.remaining + excluded.remaining)"""
_DRAIN_CTE = """,
drain AS (UPDATE lot l SET remaining = l.remaining + v.d
 FROM unnest(%(drain_ids)s::int[], %(drain_days)s::date[], %(drain)s::bigint[]) v(i, e, d)
 WHERE l.account_id = v.i AND l.expires_on = v.e)"""
_ALLOCATE_CTE = """,
rec AS (INSERT INTO allocation (transfer_id, expires_on, amount)
 SELECT ins.id, v.e, v.d FROM unnest(%(rec_keys)s::text[], %(rec_days)s::date[], %(rec)s::bigint[]) v(k, e, d)
 JOIN ins ON ins.source_key = v.k)"""
_ANSWER = "\nSELECT source_key, id FROM ins"


def _text(*, fill: bool, drain: bool, allocate: bool) -> str:
    parts = [_ROWS, _NET, _FILL_CTE if fill else "", _DRAIN_CTE if drain else "", _ALLOCATE_CTE if allocate else ""]
    return "".join(parts) + _ANSWER


# Eight texts, so that each is prepared once and none carries a part that is empty.
_TEXTS = {(f, d, a): _text(fill=f, drain=d, allocate=a)
          for f in (False, True) for d in (False, True) for a in (False, True)}


def write_at_once(connection: sa.Connection, community_id: int, decision: Decision, now: dt.datetime,
                  today: dt.date) -> dict[str, int]:
    """Everything in one statement with arrays; optional parts are left out when they are empty."""
    wishes = [t for t, _book in decision.rows]
    values: dict[str, Any] = {
        "community": community_id, "now": now, "today": today,
        "froms": array_of(t.from_id for t in wishes), "tos": array_of(t.to_id for t in wishes),
        "amounts": array_of(t.amount for t in wishes), "reverses": array_of(t.reverses_id for t in wishes),
        "expires": array_of(t.expires_on for t in wishes), "books": array_of(book for _t, book in decision.rows),
        "kinds": array_of(t.kind for t in wishes), "keys": array_of(t.source_key for t in wishes),
        "hashes": array_of(request_hash(community_id, t) for t in wishes),
        "net_ids": array_of(decision.net), "net": array_of(decision.net.values()),
    }
    fill = [(a, day, n) for (a, day), n in decision.lots.items() if n > 0]
    drain = [(a, day, n) for (a, day), n in decision.lots.items() if n < 0]
    for names, parts in ((("fill_ids", "fill_days", "fill"), fill), (("drain_ids", "drain_days", "drain"), drain),
                         (("rec_keys", "rec_days", "rec"), decision.allocations)):
        if parts:
            values.update(zip(names, map(array_of, zip(*parts, strict=True)), strict=True))
    text = _TEXTS[bool(fill), bool(drain), bool(decision.allocations)]
    return dict(connection.exec_driver_sql(text, values).all())
