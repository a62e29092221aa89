"""Runs the migrations of PointsBank on the database that the application is configured for."""

from __future__ import annotations

from alembic import context
from flask import current_app

config = context.config
database = current_app.extensions["migrate"].db


def only_tables_of_ours(_object: object, name: str | None, kind: str, reflected: bool, _compare: object) -> bool:
    """Compares everything that the models know; tables of others in the same schema are left alone."""
    return not (kind == "table" and reflected and name not in database.metadata.tables)


def run() -> None:
    """One connection, one transaction for all steps: a migration that fails leaves nothing half done."""
    connectable = config.attributes.get("connection") or database.engine
    with connectable.connect() as connection:
        context.configure(
            connection=connection, target_metadata=database.metadata, compare_type=True, render_as_batch=False,
            include_object=only_tables_of_ours, transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
