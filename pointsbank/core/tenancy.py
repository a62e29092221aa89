"""The second line between communities: PostgreSQL itself shows and takes only rows of the community acted in.

The first line is :func:`pointsbank.core.db.scoped` in every query. Should one forget it, the policies made here still
hold: the edge writes the community into a setting of the transaction (:func:`entering`, in the statement that loads
who is signed in), and each table of communities has a policy that compares. Where the setting is empty (jobs, the
command line, signing in, visitors) nothing is restricted. SQLite has no such thing; there the first line is the only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from pointsbank.core.db import Base, db

SETTING = "pointsbank.community"
POLICY = "one_community"
# Above the communities, or written across them on purpose: see docs/decisions/0070-row-level-security.md.
NOT_KEPT_APART = frozenset({"area", "sign_in_session", "audit_row"})
# A CASE, not "... OR ...": of a comparison the planner would believe that it leaves one row in as many as there are
# communities, on top of the query's own condition, and would plan for far too few rows.
_MATCHES = (f"CASE WHEN coalesce(current_setting('{SETTING}', true), '') = '' THEN true "
            f"ELSE community_id = current_setting('{SETTING}', true)::integer END")
_NOTED = "pointsbank.community"


# ── The policies ────────────────────────────────────────────────────────────────────────────────────────────────


def tables(metadata: sa.MetaData = Base.metadata) -> list[str]:
    """The names of the tables whose rows each belong to one community."""
    return sorted(t.name for t in metadata.tables.values() if "community_id" in t.c and t.name not in NOT_KEPT_APART)


def create_statements(names: Iterable[str]) -> list[str]:
    """The SQL that puts these tables under the policy. ``FORCE`` makes it hold for their owner too."""
    return [sql for name in names for sql in (
        f'CREATE POLICY {POLICY} ON "{name}" USING ({_MATCHES}) WITH CHECK ({_MATCHES})',
        f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY', f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY')]


def drop_statements(names: Iterable[str]) -> list[str]:
    """The SQL that takes them out again."""
    return [sql for name in names for sql in (
        f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY', f'ALTER TABLE "{name}" DISABLE ROW LEVEL SECURITY',
        f'DROP POLICY IF EXISTS {POLICY} ON "{name}"')]


def _after_create(metadata: sa.MetaData, connection: sa.Connection, **options: Any) -> None:
    if connection.dialect.name == "postgresql":
        made = {table.name for table in options["tables"]}
        for sql in create_statements(name for name in tables(metadata) if name in made):
            connection.exec_driver_sql(sql)


event.listen(Base.metadata, "after_create", _after_create)


def bypassed() -> bool:
    """True where the connected role passes by every policy: a superuser, or one with BYPASSRLS."""
    if db.engine.dialect.name != "postgresql":
        return False
    return bool(db.session.scalar(sa.text(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")))


# ── The setting ─────────────────────────────────────────────────────────────────────────────────────────────────


def is_kept() -> bool:
    """This database knows policies."""
    return db.engine.dialect.name == "postgresql"


def entering(community_id: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A column of the statement that loads who is signed in: it sets the scope until this transaction ends.

    No statement of its own: the one budgeted statement before each page stays one.
    """
    return sa.func.set_config(SETTING, sa.func.coalesce(sa.cast(community_id, sa.Text), ""), True)


def note(community_id: int | None) -> None:
    """Remember what :func:`entering` set, for as long as the transaction lasts, so that it can be put back."""
    db.session.info[_NOTED] = (db.session().get_transaction(), community_id)


def noted() -> int | None:
    """The community that this transaction is confined to; None where it is not."""
    transaction, community_id = db.session.info.get(_NOTED, (None, None))
    return community_id if transaction is not None and transaction is db.session().get_transaction() else None


def _set(community_id: int | None) -> None:
    text = "" if community_id is None else str(community_id)
    db.session.connection().execute(sa.select(sa.func.set_config(SETTING, text, True)))
    note(community_id)


def _put_back(community_id: int | None, error: BaseException | None) -> None:
    try:
        _set(community_id)
    except sa.exc.SQLAlchemyError:
        # After an error of the database the transaction takes no statement any more, and its end lifts the setting.
        if error is None:
            raise


@contextmanager
def _confined(community_id: int | None) -> Iterator[None]:
    before = noted()
    if before == community_id or not is_kept():
        yield
        return
    db.session.flush()  # what was written before is judged by the scope it was written in
    db.session.connection()
    transaction = db.session().get_transaction()
    _set(community_id)
    error: BaseException | None = None
    try:
        yield
        db.session.flush()
    except BaseException as raised:
        error = raised
        raise
    finally:
        if db.session().get_transaction() is transaction:
            _put_back(before, error)


def scope(community_id: int) -> Any:
    """``with scope(3): ...`` keeps this transaction to one community's rows."""
    return _confined(community_id)


def unscoped() -> Any:
    """``with unscoped(): ...`` lifts the scope, for one of the few questions that cross communities on purpose.

    Each use says why. Costs two statements, and none where no scope is set.
    """
    return _confined(None)


def visiting(community_id: int) -> Any:
    """``with visiting(3): ...`` looks at what another community shows to everybody.

    Who is confined to a community is confined to the other one meanwhile; nothing is sent for anybody else.
    """
    return _confined(community_id if noted() is not None else None)
