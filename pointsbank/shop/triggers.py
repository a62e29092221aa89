"""The database's own refusal to change the stock book, as plain SQL for both databases.

``create_all`` makes them; a migration runs :func:`create_statements` itself.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from pointsbank.shop.models import StockMovement

_FUNCTION = """
CREATE OR REPLACE FUNCTION shop_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'the stock book is append-only, ' || lower(TG_OP) || ' on ' || TG_TABLE_NAME || ' is refused';
END $$"""

_CREATE = {
    "postgresql": [
        _FUNCTION,
        "CREATE TRIGGER stock_movement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movement"
        " FOR EACH STATEMENT EXECUTE FUNCTION shop_refuse_change()",
    ],
    "sqlite": [
        f"CREATE TRIGGER stock_movement_no_{verb.lower()} BEFORE {verb} ON stock_movement BEGIN "
        f"SELECT RAISE(ABORT, 'the stock book is append-only, {verb.lower()} on stock_movement is refused'); END"
        for verb in ("UPDATE", "DELETE")
    ],
}
_DROP = {
    "postgresql": ["DROP TRIGGER IF EXISTS stock_movement_append_only ON stock_movement",
                   "DROP FUNCTION IF EXISTS shop_refuse_change()"],
    "sqlite": ["DROP TRIGGER IF EXISTS stock_movement_no_update", "DROP TRIGGER IF EXISTS stock_movement_no_delete"],
}


def create_statements(dialect: str) -> list[str]:
    """The SQL that makes the triggers, for a migration's ``upgrade``."""
    return list(_CREATE[dialect])


def drop_statements(dialect: str) -> list[str]:
    """The SQL that removes them, for a migration's ``downgrade``."""
    return list(_DROP[dialect])


def _after_create(_table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
    for sql in create_statements(connection.dialect.name):
        connection.exec_driver_sql(sql)


def _after_drop(_table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
    # The table's end takes its triggers along; the function stays behind and goes here.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS shop_refuse_change()")


event.listen(StockMovement.__table__, "after_create", _after_create)
event.listen(StockMovement.__table__, "after_drop", _after_drop)
