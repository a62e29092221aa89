"""Migrations build exactly what the models say, with the triggers and policies, on both databases, up and down."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from pointsbank.app import create_app
from pointsbank.core import tenancy
from pointsbank.core.db import db
from tests.conftest import CONFIG, KINDS
from tests.support.postgres import PostgresServer


def triggers(engine: sa.Engine) -> dict[str, str]:
    """Each trigger with the text that makes it, and on PostgreSQL the functions behind them."""
    if engine.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = ("SELECT tgname || ' on ' || tgrelid::regclass, pg_get_triggerdef(oid) || pg_get_functiondef(tgfoid) "
                 "FROM pg_trigger WHERE NOT tgisinternal")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(query).all()
    return {name: " ".join(str(text).split()) for name, text in rows}


def policies(engine: sa.Engine) -> dict[str, str]:
    """What keeps communities apart on PostgreSQL: each table's policy, and whether it holds for the owner too."""
    if engine.dialect.name == "sqlite":
        return {}
    query = ("SELECT c.relname, concat_ws(' ', p.policyname, p.permissive, p.roles, p.cmd, p.qual, p.with_check, "
             "c.relrowsecurity, c.relforcerowsecurity) FROM pg_class c "
             "LEFT JOIN pg_policies p ON p.tablename = c.relname WHERE c.relkind = 'r' "
             "AND c.relnamespace = 'public'::regnamespace "
             "AND (c.relrowsecurity OR c.relforcerowsecurity OR p.policyname IS NOT NULL)")
    with engine.connect() as connection:
        return {name: str(text) for name, text in connection.exec_driver_sql(query)}


@pytest.fixture(params=KINDS)
def bare_apps(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Flask, Flask]:
    """Two applications on two databases without a table."""
    apps = []
    for name in ("migrated", "modelled"):
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / name}.db"
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            server.drop_database(name)
            url = server.create_database(name)
        apps.append(create_app({**CONFIG, "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": str(tmp_path / f"{name}-data")}))
    return apps[0], apps[1]


def test_migrations_build_what_the_models_say_up_and_down(bare_apps: tuple[Flask, Flask]) -> None:
    migrated, modelled = bare_apps
    with modelled.app_context():
        db.create_all()
        wanted = triggers(db.engine)
        apart = policies(db.engine)
        assert sorted(apart) == (tenancy.tables() if db.engine.dialect.name == "postgresql" else [])
        assert all(text.endswith("t t") for text in apart.values())
        db.engine.dispose()
    with migrated.app_context():
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []
        assert triggers(db.engine) == wanted
        assert policies(db.engine) == apart
        downgrade(revision="0001")
        assert policies(db.engine) == {}
        downgrade(revision="base")
        left = [name for name in sa.inspect(db.engine).get_table_names() if name != "alembic_version"]
        assert left == []
        assert triggers(db.engine) == {}
        upgrade()
        assert triggers(db.engine) == wanted
        assert policies(db.engine) == apart
        db.engine.dispose()
