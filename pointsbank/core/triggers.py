"""Triggers that a room hangs on its tables, alike for ``create_all``, for migrations and for checks.

Alembic sees no triggers and its batch mode loses them; so each room names its own here, and a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

Statements = Mapping[str, Mapping[str, list[str]]]  # table -> trigger -> the SQL that makes it


@dataclass(frozen=True)
class TriggerSet:
    """The triggers of one room by dialect, and the PostgreSQL functions behind them."""

    postgresql: Statements
    sqlite: Statements
    functions: tuple[str, ...]

    def _of(self, dialect: str) -> Statements:
        return self.sqlite if dialect == "sqlite" else self.postgresql

    def names(self, dialect: str) -> set[str]:
        """The triggers that must be there."""
        return {name for made in self._of(dialect).values() for name in made}

    def create_statements(self, dialect: str, table: str | None = None) -> list[str]:
        """The SQL that makes the triggers, of one table or all."""
        return [sql for name, made in self._of(dialect).items() if table in (None, name)
                for parts in made.values() for sql in parts]

    def drop_statements(self, dialect: str) -> list[str]:
        """The SQL that removes them all."""
        if dialect == "sqlite":
            return [f"DROP TRIGGER IF EXISTS {name}" for name in sorted(self.names(dialect))]
        drops = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for table, made in self.postgresql.items()
                 for name in made]
        return [*drops, *self._drop_functions()]

    def found(self, connection: sa.Connection) -> set[str]:
        """Those on this room's tables that are present and switched on in this database."""
        tables = list(self._of(connection.dialect.name))
        if connection.dialect.name == "sqlite":
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN :tables"
        else:
            query = ("SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal "
                     "AND t.tgenabled IN ('O', 'A') AND c.relname IN :tables AND pg_table_is_visible(c.oid)")
        statement = sa.text(query).bindparams(sa.bindparam("tables", expanding=True))
        return set(connection.execute(statement, {"tables": tables}).scalars())

    def attach(self, *models: Any) -> None:
        """Have ``create_all`` make them. The first model's table is the one that is dropped last."""
        for model in models:
            event.listen(model.__table__, "after_create", self._after_create)
        event.listen(models[0].__table__, "after_drop", self._after_drop)

    def _drop_functions(self) -> list[str]:
        return [f"DROP FUNCTION IF EXISTS {name}()" for name in self.functions]

    def _after_create(self, table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
        for sql in self.create_statements(connection.dialect.name, table.name):
            connection.exec_driver_sql(sql)

    def _after_drop(self, _table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
        """Functions outlive their tables on PostgreSQL."""
        if connection.dialect.name == "postgresql":
            for sql in self._drop_functions():
                connection.exec_driver_sql(sql)
