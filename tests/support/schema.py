"""Builds and empties the tests' databases."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from flask import Flask
from flask_migrate import stamp

from pointsbank.core.db import db
from tests.support.postgres import USER


def build(app: Flask) -> None:
    """All tables and triggers, as the models say."""
    with app.app_context():
        db.create_all()
        stamp()  # tests/test_migrations.py proves that migrating builds the same


@cache
def superuser(url: sa.URL) -> sa.Engine:
    """Another way into the same test database, which neither policies nor triggers bind."""
    return sa.create_engine(url.set(username=USER), poolclass=sa.NullPool)


@cache
def _emptier(url: sa.URL) -> sa.Engine:
    """One connection that stays open: a new one would look all tables up again, for every test."""
    return sa.create_engine(url.set(username=USER), poolclass=sa.StaticPool, isolation_level="AUTOCOMMIT")


@cache
def _emptying() -> str:
    tables = "".join(f'DELETE FROM "{t.name}";' for t in db.metadata.sorted_tables)
    return f"BEGIN; SET LOCAL session_replication_role = replica; {tables} COMMIT"


def empty_postgres(engine: sa.Engine) -> None:
    """Take all rows away, in one statement. As a replica no trigger fires, so that append-only tables are emptied too;
    only a superuser may be one."""
    with _emptier(engine.url).connect() as connection:
        connection.exec_driver_sql(_emptying())
