"""The database's version against the migrations that came with the code."""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pointsbank.core.db import db
from pointsbank.core.settings import resource


def is_current() -> bool:
    """True when every migration has been applied to the connected database."""
    heads = set(ScriptDirectory(str(resource("migrations"))).get_heads())
    context = MigrationContext.configure(db.session.connection())
    return set(context.get_current_heads()) == heads
