"""The database's own refusal: nobody's deed is approved from inside their household, and no step is rewritten.

CHECK constraints already hold recorder and approver apart (``models.py``); these need a look into other tables, or
forbid a change altogether. Made by ``create_all`` and by the migration alike, as in ``ledger.triggers``.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from pointsbank.contributions.models import Contribution, Review

# Linked to the resident, or to anybody who was in the household on the day of the deed or joined it later.
_KIN = ("SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id "
        "AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) "
        "WHERE u.user_id = NEW.approver_user_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL)")
_MESSAGE = "nobody approves a deed of their own household"

_FUNCTIONS = [
    f"""
CREATE OR REPLACE FUNCTION contributions_check_approver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS ({_KIN});
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{_MESSAGE}';
  END IF;
  RETURN NEW;
END $$""",
    """
CREATE OR REPLACE FUNCTION contributions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'steps of a review are append-only, ' || lower(TG_OP) || ' is refused';
END $$""",
]

_POSTGRESQL = {
    "contribution": {
        "contribution_own_household": [
            _FUNCTIONS[0],
            "CREATE TRIGGER contribution_own_household BEFORE INSERT OR UPDATE OF approver_user_id, household_id"
            " ON contribution"
            " FOR EACH ROW WHEN (NEW.approver_user_id IS NOT NULL)"
            " EXECUTE FUNCTION contributions_check_approver()"],
    },
    "contribution_review": {
        "contribution_review_append_only": [
            _FUNCTIONS[1],
            "CREATE TRIGGER contribution_review_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contribution_review"
            " FOR EACH STATEMENT EXECUTE FUNCTION contributions_refuse_change()"],
    },
}


def _sqlite_household(name: str, when: str) -> list[str]:
    return [f"CREATE TRIGGER {name} BEFORE {when} ON contribution WHEN NEW.approver_user_id IS NOT NULL "
            f"AND EXISTS ({_KIN}) BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"]


def _sqlite_refusal(name: str, verb: str) -> list[str]:
    return [f"CREATE TRIGGER {name} BEFORE {verb} ON contribution_review BEGIN "
            f"SELECT RAISE(ABORT, 'steps of a review are append-only, {verb.lower()} is refused'); END"]


_SQLITE = {
    "contribution": {
        "contribution_own_household_insert": _sqlite_household("contribution_own_household_insert", "INSERT"),
        "contribution_own_household_update": _sqlite_household("contribution_own_household_update",
                                                               "UPDATE OF approver_user_id, household_id"),
    },
    "contribution_review": {
        "contribution_review_no_update": _sqlite_refusal("contribution_review_no_update", "UPDATE"),
        "contribution_review_no_delete": _sqlite_refusal("contribution_review_no_delete", "DELETE"),
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
    return ["DROP FUNCTION IF EXISTS contributions_check_approver()",
            "DROP FUNCTION IF EXISTS contributions_refuse_change()"]


def found(connection: sa.Connection) -> set[str]:
    """The room's triggers that are present and switched on in this database."""
    if connection.dialect.name == "sqlite":
        query = ("SELECT name FROM sqlite_master WHERE type = 'trigger' "
                 "AND tbl_name IN ('contribution', 'contribution_review')")
    else:
        query = ("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
                 " AND tgrelid IN (to_regclass('contribution'), to_regclass('contribution_review'))")
    return set(connection.execute(sa.text(query)).scalars())


def _after_create(table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
    for sql in create_statements(connection.dialect.name, table.name):
        connection.exec_driver_sql(sql)


def _after_drop(_table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
    """Functions outlive their tables on PostgreSQL; the reviews are always dropped before the deeds."""
    if connection.dialect.name == "postgresql":
        for sql in _drop_functions():
            connection.exec_driver_sql(sql)


for _table_class in (Contribution, Review):
    event.listen(_table_class.__table__, "after_create", _after_create)
event.listen(Contribution.__table__, "after_drop", _after_drop)
