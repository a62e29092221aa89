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
from tests.support.village import Village

# April as it was lived once in this process, on SQLite: the file, and what was in it. A month takes seconds to live.
_LIVED: list[tuple[bytes, April]] = []


@pytest.fixture
def april(app: Flask, clock: Any, village: Village, database_kind: str) -> Iterator[April]:
    with app.app_context():
        if database_kind == "sqlite" and _LIVED:
            yield _laid_out(app, clock)
            return
        clock.at(2026, 3, 30, 9)
        lived = April(Desk(app, village).set_up(), clock).live()
        if database_kind == "sqlite":
            db.session.rollback()
            db.session.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
            db.session.rollback()
            _LIVED.append((_file().read_bytes(), lived))
        yield lived


def _file() -> Path:
    return Path(str(db.engine.url.database))


def _laid_out(app: Flask, clock: Any) -> April:
    """The file of the month under this application again; people and cases have the same numbers."""
    raw, lived = _LIVED[0]
    db.session.remove()
    db.engine.dispose()
    for suffix in ("-wal", "-shm"):
        Path(f"{_file()}{suffix}").unlink(missing_ok=True)
    _file().write_bytes(raw)
    found = replace(lived, clock=clock)
    found.at(1, 0, 15, month=5)
    return found


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
