"""The database server restarts, or cuts a connection: the next request does not notice, and nothing is done twice."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core import clock
from pointsbank.core.db import db, run, transaction
from pointsbank.core.jobs import Job, JobState
from tests.conftest import Houses

PID = sa.text("SELECT pg_backend_pid()")


@pytest.fixture
def cut(houses: Houses) -> Flask:
    return houses.empty("postgres")


def cut_all(app: Flask) -> None:
    """End every other connection to this database, as a restart would."""
    url = db.engine.url
    other = sa.create_engine(url)
    with other.connect() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                   " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                                   # The server's own workers, such as autovacuum, belong to its superuser.
                                   " AND backend_type = 'client backend'"))
    other.dispose()


def add_job(kind: str) -> None:
    db.session.add(Job(kind=kind, arguments={}, actor_key="x", state=JobState.WAITING, created_at=clock.now()))
    db.session.flush()


def kinds() -> list[str]:
    return list(run(lambda: db.session.scalars(sa.select(Job.kind)).all(), write=False))


@pytest.mark.postgres
@pytest.mark.parametrize("write", [True, False])
def test_a_pooled_connection_that_was_cut_is_replaced(cut: Flask, write: bool) -> None:
    with cut.app_context():
        before = run(lambda: db.session.execute(PID).scalar_one(), write=write)
        cut_all(cut)
        assert run(lambda: db.session.execute(PID).scalar_one(), write=write) != before


@pytest.mark.postgres
def test_a_unit_that_loses_its_connection_halfway_is_done_once(cut: Flask) -> None:
    tries = []

    def work() -> None:
        add_job(f"try-{len(tries)}")
        tries.append(1)
        if len(tries) == 1:
            cut_all(cut)
        add_job("end")

    with cut.app_context():
        run(work)
        assert kinds() == ["try-1", "end"]


@pytest.mark.postgres
def test_a_connection_lost_while_committing_is_not_tried_again(cut: Flask) -> None:
    tries = []

    def work() -> None:
        tries.append(1)
        add_job("x")
        cut_all(cut)

    with cut.app_context():
        with pytest.raises(sa.exc.OperationalError):
            run(work)
        assert len(tries) == 1
        with transaction():
            assert db.session.scalars(sa.select(Job.kind)).all() == []
