"""The database's own refusal to change the book, as plain SQL for both databases.

``create_all`` makes them; a migration runs ``create_statements`` itself, and again after SQLite's batch mode has
rebuilt a table, which loses its triggers. None of the texts holds ``%`` or ``:``, so every way of sending them leaves
them alone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from pointsbank.ledger.models import Allocation, PostedTransfer

_REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'the book is append-only, ' || lower(TG_OP) || ' on ' || TG_TABLE_NAME || ' is refused';
END $$"""

_REVERSAL_FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM transfer o WHERE o.id = NEW.reverses_id AND o.from_id = NEW.to_id AND o.to_id = NEW.from_id
    AND o.amount = NEW.amount AND o.reverses_id IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
      MESSAGE = 'a reversal mirrors one transfer that is no reversal itself';
  END IF;
  RETURN NEW;
END $$"""

_POSTGRESQL = {
    "transfer": {
        "transfer_append_only": [
            _REFUSE_FUNCTION,
            "CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer"
            " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
        ],
        "transfer_reversal_mirrors": [
            _REVERSAL_FUNCTION,
            "CREATE TRIGGER transfer_reversal_mirrors BEFORE INSERT ON transfer"
            " FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION ledger_check_reversal()",
        ],
    },
    "allocation": {
        "allocation_append_only": [
            _REFUSE_FUNCTION,
            "CREATE TRIGGER allocation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation"
            " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
        ],
    },
}


def _sqlite_refusal(name: str, verb: str, table: str) -> list[str]:
    return [f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN "
            f"SELECT RAISE(ABORT, 'the book is append-only, {verb.lower()} on {table} is refused'); END"]


_SQLITE = {
    "transfer": {
        "transfer_no_update": _sqlite_refusal("transfer_no_update", "UPDATE", "transfer"),
        "transfer_no_delete": _sqlite_refusal("transfer_no_delete", "DELETE", "transfer"),
        "transfer_reversal_mirrors": [
            "CREATE TRIGGER transfer_reversal_mirrors BEFORE INSERT ON transfer WHEN NEW.reverses_id IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM transfer o WHERE o.id = NEW.reverses_id AND o.from_id = NEW.to_id "
            "AND o.to_id = NEW.from_id AND o.amount = NEW.amount AND o.reverses_id IS NULL) BEGIN "
            "SELECT RAISE(ABORT, 'a reversal mirrors one transfer that is no reversal itself'); END"],
    },
    "allocation": {
        "allocation_no_update": _sqlite_refusal("allocation_no_update", "UPDATE", "allocation"),
        "allocation_no_delete": _sqlite_refusal("allocation_no_delete", "DELETE", "allocation"),
    },
}

_BY_DIALECT = {"postgresql": _POSTGRESQL, "sqlite": _SQLITE}


def names(dialect: str) -> set[str]:
    """The triggers that must be there."""
    return {name for table in _BY_DIALECT[dialect].values() for name in table}


def create_statements(dialect: str, table: str | None = None) -> list[str]:
    """The SQL that makes the triggers (of one table, or all), for a migration's ``upgrade``."""
    tables = _BY_DIALECT[dialect]
    return [sql for name, made in tables.items() if table in (None, name) for parts in made.values() for sql in parts]


def drop_statements(dialect: str) -> list[str]:
    """The SQL that removes them all, for a migration's ``downgrade``."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in sorted(names(dialect))]
    drops = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for table, made in _POSTGRESQL.items() for name in made]
    return [*drops, *_drop_functions()]


def _drop_functions() -> list[str]:
    return ["DROP FUNCTION IF EXISTS ledger_refuse_change()", "DROP FUNCTION IF EXISTS ledger_check_reversal()"]


def found(connection: sa.Connection) -> set[str]:
    """The ledger's triggers that are present and switched on in this database."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('transfer', 'allocation')"
    else:
        query = ("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
                 " AND tgrelid IN (to_regclass('transfer'), to_regclass('allocation'))")
    return set(connection.execute(sa.text(query)).scalars())


def _after_create(table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
    for sql in create_statements(connection.dialect.name, table.name):
        connection.exec_driver_sql(sql)


def _after_drop(_table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
    """Functions outlive their tables on PostgreSQL; ``allocation`` is always dropped before ``transfer``."""
    if connection.dialect.name == "postgresql":
        for sql in _drop_functions():
            connection.exec_driver_sql(sql)


for _table_class in (PostedTransfer, Allocation):
    event.listen(_table_class.__table__, "after_create", _after_create)
event.listen(PostedTransfer.__table__, "after_drop", _after_drop)
