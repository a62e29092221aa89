"""Fixtures of the whole house: an application on each database, a small village, a clock, a counter of statements."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from pointsbank.app import create_app
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db
from tests.support import probe, schema
from tests.support.postgres import PostgresServer, start
from tests.support.street import Streets
from tests.support.village import Village, found_village

CONFIG = {"TESTING": True, "SECRET_KEY": "test-secret", "BASE_URL": "http://localhost", "WTF_CSRF_ENABLED": False,
          "RATELIMIT_ENABLED": False, "NOTIFY_URLS": "console", "PROPAGATE_EXCEPTIONS": True}
KINDS = [pytest.param("sqlite", id="sqlite"), pytest.param("postgres", id="postgres", marks=pytest.mark.postgres)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that names PostgreSQL itself, because the other has no such locks, needs the server as well. Files
    with the most long tests come first: one that begins last would leave a worker alone with it for minutes."""
    long: Counter[Path] = Counter()
    for item in items:
        if getattr(item, "callspec", None) is not None and item.callspec.params.get("database_kind") == "postgres":
            item.add_marker(pytest.mark.postgres)
        if item.get_closest_marker("slow") is not None or item.path.parent.name == "journeys":
            long[item.path] += 1
    items.sort(key=lambda item: -long[item.path])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with start() as server:
        yield server


class Houses:
    """One application per database kind for the whole run; each test gets it with an empty database."""

    def __init__(self, folder: Path, server: Callable[[], PostgresServer]) -> None:
        self.folder = folder
        self.server = server
        self.apps: dict[str, Flask] = {}

    def empty(self, kind: str) -> Flask:
        """The application of this kind, its database as new."""
        return getattr(self, f"_{kind}")()

    def _make(self, kind: str, url: str) -> Flask:
        data = self.folder / kind
        data.mkdir()
        app = create_app({**CONFIG, "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": str(data)})
        schema.build(app)
        app.register_blueprint(probe.bp)
        self.apps[kind] = app
        return app

    def _sqlite(self) -> Flask:
        file, template = self.folder / "test.db", self.folder / "template.db"
        if "sqlite" not in self.apps:
            app = self._make("sqlite", f"sqlite:///{file}")
            with app.app_context():
                db.engine.dispose()
            shutil.copy(file, template)
        app = self.apps["sqlite"]
        with app.app_context():
            db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        shutil.copy(template, file)
        return app

    def _postgres(self) -> Flask:
        if "postgres" not in self.apps:
            url = self.server().create_database("pointsbank_test")
            self._make("postgres", url)
        app = self.apps["postgres"]
        with app.app_context():
            schema.empty_postgres(db.engine)
        return app


@pytest.fixture(scope="session")
def houses(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Houses:
    return Houses(tmp_path_factory.mktemp("houses"), lambda: request.getfixturevalue("postgres_server"))


@pytest.fixture(scope="session")
def streets(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Streets:
    """The demo street as a template, lived once in a run; ``streets.fresh("sqlite")`` is a copy of it."""
    return Streets(tmp_path_factory.mktemp("streets"), lambda: request.getfixturevalue("postgres_server"))


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def app(houses: Houses, database_kind: str) -> Flask:
    """The application on an empty database; tests that use it run once on SQLite and once on PostgreSQL."""
    return houses.empty(database_kind)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def village(app: Flask) -> Village:
    """A street with two communities and a few households; see tests/support/village.py."""
    with app.app_context():
        return found_village()


class SettableClock:
    """``clock.at(2026, 4, 18, 9, 0)`` sets the Shanghai wall clock; ``clock.forward(minutes=5)`` moves it."""

    def __init__(self) -> None:
        self.instant = dt.datetime(2026, 4, 18, 1, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.instant

    def at(self, year: int, month: int, day: int, hour: int = 9, minute: int = 0, second: int = 0) -> None:
        wall = dt.datetime(year, month, day, hour, minute, second, tzinfo=house_clock.SHANGHAI)
        self.instant = wall.astimezone(dt.UTC)

    def forward(self, **span: float) -> None:
        self.instant += dt.timedelta(**span)


@pytest.fixture
def clock() -> Iterator[SettableClock]:
    """The house's clock, standing at Saturday 18 April 2026, 9:00 in Shanghai, until the test moves it."""
    settable = SettableClock()
    with house_clock.fixed(settable):
        yield settable


@pytest.fixture
def queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """``with queries() as seen: ...`` collects the statements sent to the database, transaction control aside."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_c: object, _k: object, statement: str, _p: object, _x: object, _m: object) -> None:
            if not statement.upper().startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

        with app.app_context():
            engine: sa.Engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting
