"""The database itself refuses to change the book."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core.db import db, transaction
from pointsbank.ledger import triggers
from tests.ledger.counter import HOUSE, Counter

CHANGES = [
    "UPDATE transfer SET amount = amount + 1", "DELETE FROM transfer", "UPDATE allocation SET amount = amount - 1",
    "DELETE FROM allocation", "UPDATE transfer SET source_key = 'x' WHERE id = (SELECT max(id) FROM transfer)",
]
BY_DATABASE = {"postgres": ["TRUNCATE transfer CASCADE", "TRUNCATE allocation"],
               "sqlite": ["INSERT OR REPLACE INTO transfer SELECT * FROM transfer",
                          "INSERT OR REPLACE INTO allocation SELECT * FROM allocation"]}


def run_sql(app: Flask, sql: str) -> None:
    with app.app_context(), transaction():
        db.session.execute(sa.text(sql))


def test_changing_removing_and_emptying_are_refused(counter: Counter, app: Flask, database_kind: str) -> None:
    counter.award(HOUSE, 100, "award:1")
    counter.hold(HOUSE, 40, "redemption:1")
    for sql in CHANGES + BY_DATABASE[database_kind]:
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):
            run_sql(app, sql)
    assert counter.rows() == 2
    assert counter.faults() == []


def test_without_the_triggers_the_same_statements_go_through(counter: Counter, app: Flask, database_kind: str) -> None:
    """The control: it is the trigger that refuses, nothing else."""
    dialect = {"postgres": "postgresql", "sqlite": "sqlite"}[database_kind]
    counter.award(HOUSE, 100, "award:1")
    try:
        for sql in triggers.drop_statements(dialect):
            run_sql(app, sql)
        run_sql(app, CHANGES[0])
    finally:
        for sql in triggers.create_statements(dialect):
            run_sql(app, sql)
    assert any(fault.startswith("ledger.row_altered") for fault in counter.faults())


COLUMNS = ("from_id, to_id, amount, recorded_at, community_id, expires_on, recorded_on, book, kind, request_hash")


@pytest.mark.parametrize(("sides", "amount", "target"), [
    ("from_id, to_id", "amount", "award:1"), ("to_id, from_id", "amount + 1", "award:1"),
    ("to_id, from_id", "amount", "award:1/reversed"),
], ids=["not mirrored", "other amount", "reversing a reversal"])
def test_a_wrong_reversal_is_refused_by_the_database_too(
        counter: Counter, app: Flask, sides: str, amount: str, target: str) -> None:
    counter.award(HOUSE, 100, "award:1")
    counter.award(HOUSE, 100, "award:2")
    counter.reverse("award:1")
    sql = (f"INSERT INTO transfer ({COLUMNS}, source_key, reverses_id) SELECT {sides}, {amount}, recorded_at,"
           f" community_id, expires_on, recorded_on, book, kind, request_hash, 'x', id FROM transfer"
           f" WHERE source_key = '{target}'")
    with pytest.raises(sa.exc.DatabaseError, match=r"mirrors|UNIQUE|uq_transfer_reverses_id"):
        run_sql(app, sql)


def test_all_triggers_are_found_where_they_belong(app: Flask) -> None:
    with app.app_context():
        connection = db.session.connection()
        assert triggers.found(connection) == triggers.names(connection.dialect.name)
        db.session.rollback()


def test_the_statements_can_be_undone_and_made_again(app: Flask, database_kind: str) -> None:
    dialect = {"postgres": "postgresql", "sqlite": "sqlite"}[database_kind]
    with app.app_context():
        connection = db.session.connection()
        for sql in triggers.drop_statements(dialect):
            connection.exec_driver_sql(sql)
        assert triggers.found(connection) == set()
        for sql in triggers.create_statements(dialect):
            connection.exec_driver_sql(sql)
        assert triggers.found(connection) == triggers.names(dialect)
        db.session.rollback()
