"""The database and its only commit.

Every unsafe request, job item and command runs in one unit of work (:func:`run`): all of it is committed, or none.
On SQLite the write lock is taken before the first read (``BEGIN IMMEDIATE``); on PostgreSQL deadlocks and lost races
for a unique key are tried again from the start.
"""

from __future__ import annotations

import datetime as dt
import enum
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask, has_request_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, orm
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Engine

from pointsbank.core.errors import NotFound

T = TypeVar("T")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(orm.DeclarativeBase):
    """All tables."""

    metadata = sa.MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """An aware UTC instant on both databases; SQLite would hand back naive ones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Refuses naive instants: nobody could tell whose wall clock they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Gives SQLite's naive values their zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def enum_type(cls: type[enum.StrEnum]) -> sa.Enum:
    """A StrEnum stored as its value in a plain string column on both databases."""
    return sa.Enum(cls, native_enum=False, create_constraint=False, length=32, validate_strings=True,
                   values_callable=lambda members: [m.value for m in members])


# ── The unit of work ────────────────────────────────────────────────────────────────────────────────────────────


class Unit:
    """One run of the edge: may it write, what is to be recorded even after a refusal."""

    def __init__(self, *, write: bool) -> None:
        self.write = write
        self.locked = False
        self.afterthoughts: list[Callable[[], None]] = []


_unit: ContextVar[Unit | None] = ContextVar("unit_of_work", default=None)
_sqlite_writer = threading.RLock()
RETRIED_CODES = {"40001", "40P01", "55P03"}
RETRIED_CONSTRAINTS = ("uq_transfer_", "uq_idempotency_key_", "uq_household_change_community_id_number")


class ReadOnlyUnit(AssertionError):
    """A GET, or a query, tried to write. That is a fault in the house, not of its visitor."""


def _is_retryable(error: BaseException) -> bool:
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    code = getattr(error.orig, "sqlstate", None)
    if code in RETRIED_CODES:
        return True
    return isinstance(error, sa.exc.IntegrityError) and any(name in str(error.orig) for name in RETRIED_CONSTRAINTS)


def _connection_was_lost(error: BaseException) -> bool:
    """The server went away. SQLAlchemy then renews the whole pool, so the next try gets a fresh connection."""
    return isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated


def _take_lock(unit: Unit) -> None:
    """SQLite's own waiting sleeps in steps of up to 100 ms; writers of one process queue here instead."""
    if not unit.locked and db.engine.dialect.name == "sqlite":
        _sqlite_writer.acquire()
        unit.locked = True


def _leave_lock(unit: Unit) -> None:
    if unit.locked:
        unit.locked = False
        _sqlite_writer.release()


def run(work: Callable[[], T], *, write: bool = True, keep: Callable[[T], bool] | None = None, attempts: int = 4) -> T:
    """Run ``work`` as one unit of work and return what it returned.

    With ``write`` it is committed unless it raises or ``keep(result)`` is False; without, nothing may be written.
    Deadlocks, races for a key and a lost connection are tried again, so ``work`` must have no effect outside the
    database. A connection lost while committing is not: nobody knows whether the commit arrived.
    """
    for attempt in range(1, attempts + 1):
        unit = Unit(write=write)
        committing = settled = False
        token = _unit.set(unit)
        try:
            if write:
                _take_lock(unit)
            result = work()
            if unit.write and (keep is None or keep(result)):
                committing = True
                db.session.commit()
            else:
                db.session.rollback()
            settled = True  # whatever happens from here on, the work itself must not run again
            _afterthoughts(unit)
            return result
        except Exception as error:
            db.session.rollback()
            if settled:
                raise
            if attempt < attempts and (_is_retryable(error) or (_connection_was_lost(error) and not committing)):
                continue
            _afterthoughts(unit)
            raise
        finally:
            _leave_lock(unit)
            _unit.reset(token)
    raise AssertionError("unreachable")


def _afterthoughts(unit: Unit) -> None:
    if not unit.afterthoughts:
        return
    unit.write = True
    _take_lock(unit)
    for thought in unit.afterthoughts:
        thought()
    db.session.commit()


def record_refusal(thought: Callable[[], None]) -> None:
    """Have ``thought`` committed in a second transaction after this unit ends, also when it is refused.

    The one exception to "all or nothing": counted tries and rows about denied access must outlive the rollback.
    """
    unit = _unit.get()
    if unit is None:
        raise RuntimeError("outside a unit of work")
    unit.afterthoughts.append(thought)


def begin_write() -> None:
    """Turn a unit that only read so far into a writing one, in a new transaction.

    Hashing, image and Excel work come before this call; what was read before it must be read again after it.
    """
    unit = _unit.get()
    if unit is None:
        raise RuntimeError("outside a unit of work")
    db.session.rollback()
    db.session.expunge_all()
    unit.write = True
    _take_lock(unit)


@contextmanager
def transaction() -> Iterator[None]:
    """A unit of work as a block, for jobs, commands and tests. Not retried."""
    unit = Unit(write=True)
    token = _unit.set(unit)
    try:
        _take_lock(unit)
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _leave_lock(unit)
        _unit.reset(token)


def may_write() -> bool:
    """True outside a unit of work (migrations, set-up) and inside a writing one."""
    unit = _unit.get()
    return unit is None or unit.write


# ── Engine ──────────────────────────────────────────────────────────────────────────────────────────────────────

_WRITING_WORDS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REPLACE")


def _on_connect_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own transactions off: BEGIN is ours
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "recursive_triggers=ON",
                   "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin_sqlite(connection: sa.Connection) -> None:
    unit = _unit.get()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if unit is not None and unit.write else "BEGIN")


def _before_execute(_conn: Any, _cursor: Any, statement: str, _params: Any, _context: Any, _many: bool) -> None:
    if not may_write() and statement.lstrip().upper().startswith(_WRITING_WORDS):
        raise ReadOnlyUnit(statement[:200])


def prepare_engine(engine: Engine) -> None:
    """Give an engine the house's manners: transactions, foreign keys, no writing in a reading unit."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect_sqlite)
        event.listen(engine, "begin", _on_begin_sqlite)
    event.listen(engine, "before_cursor_execute", _before_execute)


def engine_options(url: str) -> dict[str, Any]:
    """Connection settings by database. ``force_generic_plan``: array statements would be replanned at each call.

    No ping when a connection is taken from the pool: it took a third of the time of an award. :func:`run` begins anew
    when a connection turns out to be lost.
    """
    if not url.startswith("postgresql"):
        return {}
    return {
        "pool_size": 10, "max_overflow": 20,
        "connect_args": {
            "options": "-c plan_cache_mode=force_generic_plan -c statement_timeout=60000 -c timezone=UTC",
            "tcp_user_timeout": 5000,
        },
    }


def init_app(app: Flask) -> None:
    """Bind the database to the application."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(url))
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


# ── Reading by community ────────────────────────────────────────────────────────────────────────────────────────

M = TypeVar("M", bound=Any)


def scoped(model: type[M], community_id: int | None) -> sa.Select[M]:
    """``SELECT`` of one community's rows only. The first line of every query on tenant data."""
    return sa.select(model).where(model.community_id == community_id)


def get_scoped(model: type[M], row_id: int, community_id: int | None, *, lock: bool = False) -> M:
    """One row of this community. Raises :class:`NotFound` otherwise: other communities' rows do not exist here.

    ``lock`` takes the row lock (PostgreSQL) and reads the row anew: one fetched before its lock is stale.
    """
    query = scoped(model, community_id).where(model.id == row_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = db.session.scalars(query).one_or_none() if community_id is not None else None
    if row is None:
        raise NotFound
    return row


def in_request() -> bool:
    """True while a request is answered."""
    return has_request_context()
