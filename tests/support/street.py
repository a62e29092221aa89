"""The demo street as a template: lived once in a run, rounded off so that every shelf holds something, and copied for
each module that walks over it. On PostgreSQL the rows are carried over, so that both databases hold the same ids."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank import demo
from pointsbank.app import create_app
from pointsbank.core import clock
from pointsbank.core.db import db
from tests.support import players, schema
from tests.support.postgres import PostgresServer

# Monday, 20 April 2026, 10:30 in Shanghai: in the middle of a week, with a notice hanging out.
PRESENT = dt.datetime(2026, 4, 20, 2, 30, tzinfo=dt.UTC)
CONFIG = {"TESTING": True, "SECRET_KEY": "test-secret", "BASE_URL": "http://localhost", "WTF_CSRF_ENABLED": False,
          "RATELIMIT_ENABLED": False, "NOTIFY_URLS": "console", "PROPAGATE_EXCEPTIONS": False}


@dataclass
class Street:
    """An application whose database holds the whole street, and the people of the tests with their open sessions."""

    app: Flask
    people: dict[str, players.Player]
    home: int
    away: int
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def client(self, who: str) -> FlaskClient:
        """The browser of one of the cast; "nobody" has no cookie."""
        client = self.app.test_client()
        if who != "nobody":
            with client.session_transaction() as session:
                session["_user_id"] = self.people[who].cookie
                session["_fresh"] = True
        return client

    def bearer(self, who: str) -> dict[str, str]:
        """The headers of an API client of one of the cast."""
        return {} if who == "nobody" else {"Authorization": f"Bearer {self.people[who].bearer}"}

    def rows(self, statement: sa.Executable) -> list[sa.Row]:
        """What a statement finds, outside every unit of work."""
        with self.app.app_context():
            found = db.session.execute(statement).all()  # type: ignore[call-overload]
            db.session.rollback()
            return list(found)


class Streets:
    """Builds the template when it is first wanted; ``fresh(kind)`` lays a new copy under the application."""

    def __init__(self, folder: Path, server: Callable[[], PostgresServer]) -> None:
        self.folder = folder
        self.server = server
        self.apps: dict[str, Flask] = {}
        self.made: tuple[dict[str, players.Player], int, int] | None = None
        self.template = folder / "template.db"

    def fresh(self, kind: str) -> Street:
        """The street as it was when the tests began."""
        with clock.fixed(PRESENT):
            if self.made is None:
                self._build()
            app = self._sqlite() if kind == "sqlite" else self._postgres()
        assert self.made is not None
        people, home, away = self.made
        return Street(app, people, home, away)

    def _app(self, kind: str, url: str) -> Flask:
        data = self.folder / f"data-{kind}"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.folder / "data", data, dirs_exist_ok=True)
        if kind not in self.apps:
            self.apps[kind] = create_app({**CONFIG, "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": str(data)})
        return self.apps[kind]

    def _build(self) -> None:
        data = self.folder / "data"
        data.mkdir(parents=True)
        app = create_app({**CONFIG, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.template}", "DATA_DIR": str(data)})
        schema.build(app)
        demo.build(app, lambda _percent: None)
        with app.app_context():
            self.made = players.assemble()
            db.session.remove()
            db.engine.dispose()
        self.builder = app

    def _sqlite(self) -> Flask:
        file = self.folder / "street.db"
        app = self._app("sqlite", f"sqlite:///{file}")
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.template, file)
        return app

    def _postgres(self) -> Flask:
        server = self.server()
        if "postgres" not in self.apps:
            server.drop_database("street_template")
            self._carry_over(server.create_database("street_template"))
        else:
            with self.apps["postgres"].app_context():
                db.session.remove()
                db.engine.dispose()
        server.drop_database("street")
        return self._app("postgres", server.create_database("street", "street_template"))

    def _carry_over(self, url: str) -> None:
        """All rows of the template into an empty PostgreSQL; no trigger fires, and the sequences go on behind them."""
        source = sa.create_engine(f"sqlite:///{self.template}")
        target = create_app({**CONFIG, "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": str(self.folder / "data")})
        schema.build(target)
        with target.app_context():
            with source.connect() as reader, schema.superuser(db.engine.url).begin() as writer:
                writer.exec_driver_sql("SET session_replication_role = replica")
                for table in db.metadata.sorted_tables:
                    rows = [dict(row) for row in reader.execute(sa.select(table)).mappings()]
                    if rows:
                        writer.execute(sa.insert(table), rows)
                    if "id" in table.c and rows:
                        writer.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), "
                                               f"(SELECT max(id) FROM \"{table.name}\"))")
            db.engine.dispose()
        source.dispose()
