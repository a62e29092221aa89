"""Builds and empties the tests' databases."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask
from flask_migrate import stamp

from pointsbank.core.db import db


def build(app: Flask) -> None:
    """All tables and triggers, as the models say."""
    with app.app_context():
        db.create_all()
        stamp()  # tests/test_migrations.py proves that migrating builds the same


def empty_postgres(engine: sa.Engine) -> None:
    """Take all rows away. As a replica no trigger fires, so that append-only tables are emptied too."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        full = [t.name for t in db.metadata.sorted_tables
                if connection.execute(sa.select(sa.literal(1)).select_from(t).limit(1)).first()]
        for name in full:
            connection.exec_driver_sql(f'DELETE FROM "{name}"')
        connection.exec_driver_sql("SET session_replication_role = DEFAULT")
        connection.commit()
