"""The command line ``pointsbank``."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import click
from flask import Flask

from pointsbank import __version__


def _app(**overrides: Any) -> Flask:
    from pointsbank.app import create_app

    return create_app(overrides)


def _ready() -> Flask:
    """The application on a database of this version; otherwise one sentence that says what to do."""
    from pointsbank.core.schema import is_current

    app = _app()
    with app.app_context():
        if not is_current():
            raise click.ClickException("The database is not of this version. Run: pointsbank db upgrade")
    return app


def _upgrade(app: Flask) -> None:
    from flask_migrate import upgrade

    with app.app_context():
        upgrade()


def _refuse(error: Exception) -> None:
    """One sentence and exit 1: a command's reader wants no traceback for a refusal."""
    raise click.ClickException(getattr(error, "sentence", str(error)))


@click.group()
@click.version_option(__version__)
def main() -> None:
    """PointsBank (积分银行): an open points bank for villages and neighbourhoods."""


@main.group("db")
def database() -> None:
    """The database."""


@database.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the version of this code."""
    _upgrade(_app())
    click.echo("The database is up to date.")


def _lan_address() -> str:
    """This machine's address in the local network, as a phone would reach it (no packet is sent)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve on one machine with the embedded database; the scheduler runs in the same process."""
    from waitress.server import create_server

    from pointsbank.schedule import Scheduler

    shown = _lan_address() if host in {"0.0.0.0", "::"} else host
    base = os.environ.get("POINTSBANK_BASE_URL") or f"http://{shown}:{port}"
    os.environ["POINTSBANK_BASE_URL"] = base
    app = _app()
    _upgrade(app)
    try:
        server = create_server(app, host=host, port=port, threads=8, ident="PointsBank")
    except OSError as error:
        raise click.ClickException(f"Port {port} can't be used ({error.strerror}). Choose another: PORT=8011") from None
    scheduler = Scheduler(app)
    scheduler.start()
    from pointsbank.demo import sign_ins

    click.echo(f"PointsBank is open: {base}   (end with Ctrl-C)")
    with app.app_context():
        for line in sign_ins():
            click.echo(line)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.close).start())
    try:
        server.run()
    except (KeyboardInterrupt, OSError):
        pass
    finally:
        scheduler.stop()


@main.command()
def worker() -> None:
    """Run the scheduler alone, beside gunicorn."""
    from pointsbank.schedule import Scheduler

    scheduler = Scheduler(_ready())
    scheduler.start()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    click.echo("The worker is running.")
    ended.wait()
    scheduler.stop()


@main.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when the database holds a community already.")
def demo(if_empty: bool) -> None:
    """Fill an empty database with a street of three communities and three months of their life."""
    from pointsbank import demo as story

    app = _app()
    _upgrade(app)
    with app.app_context():
        if story.has_communities():
            if if_empty:
                return
            raise click.ClickException("This database is not empty. The demo needs one of its own.")
    with click.progressbar(length=100, label="Building the demo community", file=sys.stderr) as bar:
        story.build(app, lambda percent: bar.update(percent - bar.pos))


@main.group()
def residents() -> None:
    """Residents."""


@residents.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--community", required=True, help="The community's code.")
@click.option("--good-rows-only", is_flag=True, help="Take the good rows and report the others.")
def residents_import(file: Path, community: str, good_rows_only: bool) -> None:
    """Import a roster from Excel or CSV: all or nothing, unless --good-rows-only."""
    from pointsbank.communities.queries import community_by_code
    from pointsbank.core.actor import system
    from pointsbank.core.db import transaction
    from pointsbank.core.errors import DomainError
    from pointsbank.people import roster

    app = _ready()
    with app.app_context(), app.test_request_context():
        try:
            with click.progressbar(length=100, label="Importing", file=sys.stderr) as bar, transaction():
                area = community_by_code(community)
                report = roster.import_roster(system(area.id), file.read_bytes(), good_rows_only=good_rows_only,
                                              progress=lambda done, total: bar.update(done * 100 // total - bar.pos))
        except DomainError as error:
            _refuse(error)
    for fault in report.faults:
        click.echo(f"{fault.row}: {fault.sentence}", err=True)
    click.echo(f"{report.imported} residents imported, {len(report.faults)} rows not understood.")
    sys.exit(1 if report.faults and not good_rows_only else 0)


@main.group()
def rules() -> None:
    """Scoring standards."""


def _print_faults(faults: Any) -> None:
    for fault in faults:
        click.echo(f"{fault.row}: {fault.sentence}", err=True)


@rules.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--deductions", is_flag=True, help="Items may take points away.")
def rules_check(file: Path, deductions: bool) -> None:
    """Read a standard and say, row by row, what can't be understood."""
    from pointsbank.core.errors import DomainError
    from pointsbank.rules import sheets

    app = _app()
    with app.test_request_context():
        try:
            parsed = sheets.read_standard(file.read_bytes(), deductions=deductions)
        except DomainError as error:
            _refuse(error)
        _print_faults(parsed.faults)
        click.echo(f"{len(parsed.rules)} rules understood, {len({fault.row for fault in parsed.faults})} rows not.")
    sys.exit(1 if parsed.faults else 0)


@rules.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--community", required=True, help="The community's code.")
@click.option("--good-rows-only", is_flag=True, help="Take the good rows and report the others.")
@click.option("--deductions", is_flag=True, help="Items may take points away; the resolution will have to say so.")
def rules_import(file: Path, community: str, good_rows_only: bool, deductions: bool) -> None:
    """Import a standard as a new draft, all or nothing; the committee adopts it at its desk."""
    from pointsbank.communities.queries import community_by_code
    from pointsbank.core.actor import system
    from pointsbank.core.db import transaction
    from pointsbank.core.errors import DomainError
    from pointsbank.rules import services, sheets

    app = _ready()
    with app.test_request_context():
        raw = file.read_bytes()
        try:
            _print_faults(sheets.read_standard(raw, deductions=deductions).faults)
            with transaction():
                area = community_by_code(community)
                standard = services.import_draft(
                    system(area.id), raw, title=file.stem, good_rows_only=good_rows_only, deductions=deductions)
                title = standard.title
        except DomainError as error:
            _refuse(error)
    click.echo(f"The draft “{title}” is at the committee's desk.")


@main.group()
def ledger() -> None:
    """The book."""


@ledger.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def ledger_verify(as_json: bool) -> None:
    """Recompute the whole book and name every wrong row; exit 1 if there is one."""
    from pointsbank.ledger import queries

    app = _ready()
    with app.test_request_context():
        faults = queries.verify(None)
        listed = [{"check": f.code, "row": f.row, "detail": f.text} for f in faults]
    if as_json:
        click.echo(json.dumps({"clean": not listed, "faults": listed}, ensure_ascii=False))
    else:
        for fault in listed:
            click.echo(f"{fault['check']}: {fault['row']}: {fault['detail']}")
        click.echo("The book is right." if not listed else f"{len(listed)} faults.")
    sys.exit(1 if listed else 0)


@main.group()
def jobs() -> None:
    """What runs by the clock."""


@jobs.command("list")
def jobs_list() -> None:
    """All jobs with their times (Asia/Shanghai)."""
    from pointsbank.schedule import TASKS

    for each in TASKS:
        click.echo(f"{each.name:<20}{each.cron:<16}{each.text}")


@jobs.command("run")
@click.argument("name")
def jobs_run(name: str) -> None:
    """Run a job now, whether or not it ran in this period."""
    from pointsbank import schedule

    chosen = schedule.task(name)
    if chosen is None:
        raise click.ClickException(f"There is no job “{name}”. See: pointsbank jobs list")
    app = _ready()
    with app.test_request_context():
        result = schedule.run_task(chosen, once=False)
    click.echo(json.dumps(result or {}, ensure_ascii=False, default=str))


@main.group()
def user() -> None:
    """Users and their appointments."""


@user.command("create")
@click.argument("username")
@click.option("--name", required=True, help="The name shown on pages.")
@click.option("--phone", default=None)
@click.password_option()
def user_create(username: str, name: str, phone: str | None, password: str) -> None:
    """Make a user, such as the first administrator."""
    from pointsbank.core.actor import system
    from pointsbank.core.db import transaction
    from pointsbank.core.errors import DomainError
    from pointsbank.people import services

    app = _ready()
    with app.test_request_context():
        try:
            with transaction():
                services.create_user(system(), username=username, name=name, phone=phone, password=password)
        except DomainError as error:
            _refuse(error)
    click.echo(f"User {username} made. Now: pointsbank user grant {username} administrator --area CODE")


@user.command("grant")
@click.argument("username")
@click.argument("role")
@click.option("--area", required=True, help="The code of a county, town or community.")
def user_grant(username: str, role: str, area: str) -> None:
    """Appoint a user to a role on an area."""
    from pointsbank.core.actor import system
    from pointsbank.core.db import transaction
    from pointsbank.core.errors import DomainError
    from pointsbank.people import services

    app = _ready()
    with app.test_request_context():
        try:
            with transaction():
                services.grant_by_name(system(), username=username, role=role, area_code=area)
        except (DomainError, ValueError) as error:
            _refuse(error)
    click.echo(f"{username} is now {role} of {area}.")


if __name__ == "__main__":
    main()
