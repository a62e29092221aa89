"""What runs by the clock: declared here in code, done in the rooms, once per period however many schedulers run."""

from __future__ import annotations

import datetime as dt
import importlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask

from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from pointsbank.core.jobs import Job, JobRun, JobState, first_run
from pointsbank.notifications.jobs import deliver_due

log = logging.getLogger(__name__)
LEADER_LOCK = 7_461_234
LOST_AFTER = dt.timedelta(minutes=5)
RUNS_KEPT = dt.timedelta(days=60)


@dataclass(frozen=True)
class Task:
    """A scheduled job: where its function stands, when it runs (Asia/Shanghai), and what a period is."""

    name: str
    target: str
    cron: str
    period: str  # strftime pattern of the period on Shanghai's wall clock
    text: str

    def function(self) -> Callable[[], dict[str, Any] | None]:
        """The room's function; it commits item by item itself."""
        return _resolve(self.target)


TASKS = (
    Task("close-notices", "pointsbank.contributions.jobs:settle_due", "*/5 * * * *", "%Y-%m-%d %H:%M",
         "Close notices whose time is over and post their lines"),
    Task("lapse-redemptions", "pointsbank.shop.jobs:lapse_due", "7 * * * *", "%Y-%m-%d %H",
         "Give back orders that were not picked up in time"),
    Task("expire-lots", "pointsbank.ledger.jobs:expire_due", "5 0 * * *", "%Y-%m-%d",
         "Take points out of wallets whose date has passed"),
    Task("announce-expiry", "pointsbank.contributions.jobs:announce_expiry", "0 8 * * *", "%Y-%m-%d",
         "Tell people what lapses in 30 days"),
    Task("base-points", "pointsbank.contributions.jobs:base_points", "20 0 * * *", "%Y-%m-%d",
         "Record the base points of the period, to be reviewed"),
    Task("remind-panel", "pointsbank.contributions.jobs:remind_panel", "30 8 * * *", "%Y-%m-%d",
         "Tell panel members whose votes are missing two days before they are due"),
    Task("deliver", "pointsbank.notifications.jobs:deliver_due", "* * * * *", "%Y-%m-%d %H:%M",
         "Send what waits in the outbox"),
    Task("verify", "pointsbank.ledger.jobs:verify_nightly", "0 3 * * *", "%Y-%m-%d",
         "Recompute the whole book and report the first wrong row"),
    Task("grant-honours", "pointsbank.honours.jobs:grant_due", "*/5 * * * *", "%Y-%m-%d %H:%M",
         "Grant the honours whose notice is over"),
    Task("note-no-shows", "pointsbank.schedule:note_no_shows", "0 1 * * *", "%Y-%m-%d",
         "Tell the room of honours who signed up and did not come"),
    Task("propose-honours", "pointsbank.honours.jobs:propose_due", "20 1 * * *", "%Y-%m-%d",
         "Propose everybody who has newly reached a step of a ladder"),
    Task("best-observers", "pointsbank.honours.jobs:best_due", "0 7 * * *", "%Y-%m-%d",
         "Open and count the votes for the best observer of the month"),
    # Urgent kinds promise an answer within a minute.
    Task("case-clocks", "pointsbank.cases.jobs:tick", "* * * * *", "%Y-%m-%d %H:%M",
         "Write down overdue cases, take up suspended ones, close what nobody evaluated"),
    Task("draw-cases", "pointsbank.cases.jobs:draw", "10 2 1 * *", "%Y-%m-%d",
         "Draw closed cases of last month to be looked at again"),
    Task("close-honour-year", "pointsbank.honours.jobs:close_years", "40 1 * 1 *", "%Y-%m-%d",
         "Prepare the statement of the honour book of last year"),
    Task("tidy", "pointsbank.schedule:tidy", "30 3 * * *", "%Y-%m-%d",
         "Forget answers older than seven days and photos that belong to nothing"),
)
# Long work asked for on a page: each function takes the job's id and commits its own steps.
LONG_WORK = {"people.import_roster": "pointsbank.people.jobs:run_import",
             "contributions.simulate": "pointsbank.contributions.simulating:run"}


def _resolve(target: str) -> Callable[..., Any]:
    module, name = target.split(":")
    return getattr(importlib.import_module(module), name)


def tidy() -> dict[str, Any]:
    """Old idempotency answers, orphaned photos, spent codes and counted tries, old messages of the outbox,
    names that were typed about people who were erased."""
    from pointsbank.activities import jobs as check_in
    from pointsbank.contributions import jobs as deeds
    from pointsbank.core import idempotency
    from pointsbank.media.jobs import clean_orphans
    from pointsbank.notifications import jobs as outbox
    from pointsbank.people import jobs as people

    with transaction():
        forgotten = idempotency.forget_old()
        db.session.execute(sa.delete(JobRun).where(JobRun.ran_at < clock.now() - RUNS_KEPT))
    return {"answers": forgotten, "photos": clean_orphans(), "messages": outbox.forget_old(),
            "numbers": check_in.forget_old(), **deeds.forget_typed(), **people.forget_old()}


# A leader may still put a row right for some days; after that who did not come did not come.
LOOKED_BACK, SETTLED = dt.timedelta(days=30), dt.timedelta(days=3)


def note_no_shows() -> dict[str, Any]:
    """Two rooms of one floor never meet: what the one counted is handed to the other here."""
    from pointsbank.activities import queries as activities
    from pointsbank.communities import queries as communities
    from pointsbank.core.actor import system
    from pointsbank.core.db import run
    from pointsbank.honours import services as honours

    now = clock.now()

    def work(community_id: int) -> int:
        found = activities.no_shows(community_id, now - LOOKED_BACK, now - SETTLED)
        return honours.note_no_shows(system(community_id), [
            honours.Absence(one.resident_id, one.on, one.title, f"sign_up:{one.sign_up_id}") for one in found])

    with transaction():
        ids = [area.id for area in communities.all_communities()]
    return {"noted": sum(run(lambda c=community_id: work(c)) for community_id in ids)}  # type: ignore[misc]


def task(name: str) -> Task | None:
    """The task of this name."""
    return next((t for t in TASKS if t.name == name), None)


def run_task(chosen: Task, *, once: bool = True) -> dict[str, Any] | None:
    """Run a task now. With ``once``, only if no scheduler ran it in this period; returns None then."""
    period = clock.local(clock.now()).strftime(chosen.period)
    if once:
        with transaction():
            if not first_run(chosen.name, period):
                return None
    result = chosen.function()() or {}
    if once:
        with transaction():
            db.session.execute(sa.update(JobRun).where(JobRun.job == chosen.name, JobRun.period == period)
                               .values(result=result))
    return result


def run_long_work() -> int:
    """Do the waiting long work, oldest first, also what a lost process left behind; returns how many were done."""
    done = 0
    while (taken := _take_one()) is not None:
        job_id, kind = taken
        try:
            _resolve(LONG_WORK[kind])(job_id)
        except Exception:
            log.exception("job %s failed", job_id)
            with transaction():
                db.session.execute(sa.update(Job).where(Job.id == job_id).values(
                    state=JobState.FAILED, ended_at=clock.now()))
        done += 1
    return done


def _take_one() -> tuple[int, str] | None:
    now = clock.now()
    with transaction():
        lost = sa.and_(Job.state == JobState.RUNNING, Job.beat_at < now - LOST_AFTER)
        row = db.session.execute(
            sa.select(Job.id, Job.kind).where(sa.or_(Job.state == JobState.WAITING, lost), Job.kind.in_(LONG_WORK))
            .order_by(Job.id).limit(1).with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        db.session.execute(sa.update(Job).where(Job.id == row.id).values(state=JobState.RUNNING, beat_at=now))
    return row.id, row.kind


class Scheduler:
    """Runs the tasks in a background thread. On PostgreSQL only the holder of the advisory lock works."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.inner = BackgroundScheduler(timezone=str(clock.SHANGHAI), job_defaults={
            "coalesce": True, "max_instances": 1, "misfire_grace_time": 3600})
        self._lock: sa.Connection | None = None
        self._guard = threading.Lock()

    def start(self) -> None:
        """Begin; returns at once."""
        for each in TASKS:
            self.inner.add_job(self._run, CronTrigger.from_crontab(each.cron, timezone=clock.SHANGHAI), args=[each],
                               id=each.name)
        self.inner.add_job(self._pulse, "interval", seconds=5, id="pulse")
        self.inner.start()

    def stop(self) -> None:
        """End after the running job."""
        self.inner.shutdown(wait=True)

    def _leads(self) -> bool:
        with self._guard:
            if db.engine.dialect.name != "postgresql":
                return True
            try:
                if self._lock is None:
                    self._lock = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                    self._lock.detach()
                return bool(self._lock.scalar(sa.text(
                    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() "
                    "AND objid = :n) OR pg_try_advisory_lock(:n)"), {"n": LEADER_LOCK}))
            except sa.exc.DBAPIError:
                self._lock = None
                return False

    def _run(self, chosen: Task) -> None:
        with self.app.app_context():
            if self._leads():
                run_task(chosen)

    def _pulse(self) -> None:
        """Somebody waits for these: a one-time code, the progress of an import."""
        with self.app.app_context():
            if self._leads():
                deliver_due()
                run_long_work()
