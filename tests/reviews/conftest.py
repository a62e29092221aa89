"""April 2026 as it was lived, on the first of May at a quarter past midnight; and somebody who asks for pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core.actor import system
from pointsbank.core.db import db, run
from pointsbank.reviews import services
from pointsbank.reviews.models import CaseReview
from tests.cases.desk import Desk
from tests.reviews.april import APRIL, April
from tests.support import schema
from tests.support.village import Village, found_village

# April as it was lived once in this process on each database: what lay in the tables, and who is who. A month takes
# seconds to live.
Rows = list[tuple[sa.Table, list[dict[str, Any]]]]
_LIVED: dict[str, tuple[bytes | Rows, April]] = {}


@pytest.fixture
def april(app: Flask, clock: Any, database_kind: str) -> Iterator[April]:
    with app.app_context():
        if database_kind not in _LIVED:
            clock.at(2026, 3, 30, 9)
            lived = April(Desk(app, found_village()).set_up(), clock).live()
            _LIVED[database_kind] = (_kept(database_kind), lived)
            yield replace(lived, cases=dict(lived.cases))
            return
        kept, lived = _LIVED[database_kind]
        db.session.remove()
        _lay_out(kept)
        found = replace(lived, clock=clock, cases=dict(lived.cases))  # what a test adds is its own
        found.at(1, 0, 15, month=5)
        yield found


@pytest.fixture
def village(april: April) -> Village:
    """The street on which April was lived."""
    return april.desk.village


def _file() -> Path:
    return Path(str(db.engine.url.database))


def _kept(database_kind: str) -> bytes | Rows:
    """The file of SQLite; the rows of PostgreSQL."""
    db.session.rollback()
    if database_kind == "sqlite":
        db.session.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.rollback()
        return _file().read_bytes()
    with db.engine.connect() as reader:
        return [(table, [dict(row) for row in reader.execute(sa.select(table)).mappings()])
                for table in db.metadata.sorted_tables]


def _lay_out(kept: bytes | Rows) -> None:
    """Put it under this application again, with the same numbers; PostgreSQL counts on behind them."""
    if isinstance(kept, bytes):
        db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{_file()}{suffix}").unlink(missing_ok=True)
        _file().write_bytes(kept)
        return
    with schema.superuser(db.engine.url).begin() as writer:
        writer.exec_driver_sql("SET session_replication_role = replica")  # no trigger fires
        for table, rows in kept:
            if rows:
                writer.execute(sa.insert(table), rows)
        writer.exec_driver_sql("SET session_replication_role = DEFAULT")


@pytest.fixture
def frozen(april: April) -> CaseReview:
    """The review of April."""
    home = april.desk.village.community
    made = run(lambda: services.make(system(home), home, APRIL))
    assert made is not None
    db.session.expunge(made)  # it is read between requests, and would begin a transaction each time
    return made


@pytest.fixture
def ask(app: Flask, village: Village) -> Callable[..., Any]:
    """``ask("member", "/desk/case-reviews")``; ``"nobody"`` is not signed in."""

    def asking(who: str, path: str, *, status: int | None = 200, **form: Any) -> Any:
        client = app.test_client()
        if who != "nobody":
            village.sign_in(client, who)
        db.session.rollback()  # the request shares this context: it must see who has just come in
        answer = client.post(path, data=form) if form else client.get(path)
        if status is not None:
            assert answer.status_code == status, (path, answer.status_code, answer.text[:600])
        return answer

    return asking
