"""Long work about people: the import of a roster, and forgetting what is no longer needed."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from pointsbank.communities.models import Area
from pointsbank.core import clock
from pointsbank.core.actor import Actor, Grant
from pointsbank.core.db import db, transaction
from pointsbank.core.jobs import Job, JobState, enqueue
from pointsbank.people import roster
from pointsbank.people.models import Appointment, OneTimeCode, SignInSession, SignInTry

UPLOAD = "people.roster_upload"
IMPORT = "people.import_roster"
MOST_FAULTS = 500
# A roster that nobody decided about is personal data without a purpose.
UPLOAD_KEPT = dt.timedelta(days=2)
TRIES_KEPT = dt.timedelta(days=2)
# As long as audit rows: a session says which device did what.
SESSIONS_KEPT = dt.timedelta(days=180)


def keep_upload(actor: Actor, raw: bytes, planned: roster.Plan, filename: str) -> Job:
    """Keep a file that was looked through, until somebody decides what to do with it."""
    return enqueue(UPLOAD, {
        "filename": filename[:120], "rows": planned.rows, "good": len(planned.people), "known": planned.known,
        "households": planned.new_households, "buildings": planned.new_buildings[:50],
        "building_count": len(planned.new_buildings), "fault_count": len(planned.faults),
        "faults": [asdict(f) for f in planned.faults[:MOST_FAULTS]],
    }, actor_key=actor.key, community_id=actor.community_id, payload=raw, total=max(planned.rows, 1) * 2)


def start_import(job: Job, *, good_rows_only: bool) -> None:
    """Hand a kept file to the worker."""
    job.kind = IMPORT
    job.arguments = {**job.arguments, "good_rows_only": good_rows_only}


def _actor_of(job: Job) -> Actor:
    """Who asked for it, with the appointments of now: a right that has ended since imports nothing."""
    area = db.session.get_one(Area, job.community_id)
    user_id = int(job.actor_key.removeprefix("user:"))
    now = clock.now()
    rows = db.session.execute(
        sa.select(Appointment.role, Appointment.team_id, Area.id, Area.path).join(Area, Area.id == Appointment.area_id)
        .where(Appointment.user_id == user_id, Appointment.since_at <= now,
               sa.or_(Appointment.until_at.is_(None), Appointment.until_at > now)))
    grants = tuple(Grant(r.role.value, r.id, r.path, r.team_id) for r in rows)
    return Actor(user_id=user_id, community_id=area.id, area_path=area.path, grants=grants)


def _beat(job_id: int, **values: Any) -> None:
    with transaction():
        db.session.execute(sa.update(Job).where(Job.id == job_id).values(beat_at=clock.now(), **values))


def run_import(job_id: int) -> dict[str, Any]:
    """Do one import: the reading shows its progress, the writing is one transaction with the job's end."""
    with transaction():
        job = db.session.get_one(Job, job_id)
        if job.state is JobState.DONE:
            return job.result or {}
        raw, actor, good_only = job.payload or b"", _actor_of(job), bool(job.arguments["good_rows_only"])
    planned = roster.plan(actor, raw, lambda done, total: _beat(job_id, done=done, total=total))
    _beat(job_id, done=max(planned.rows, 1), total=max(planned.rows, 1) * 2)
    with transaction():
        # Looked through again inside the writing transaction: somebody may have entered people since.
        report = roster.import_roster(actor, raw, good_rows_only=good_only)
        result = {"imported": report.imported, "known": report.known, "households": report.households,
                  "fault_count": len(report.faults), "faults": [asdict(f) for f in report.faults[:MOST_FAULTS]]}
        db.session.execute(sa.update(Job).where(Job.id == job_id).values(
            state=JobState.DONE, result=result, done=Job.total, ended_at=clock.now(), payload=None))
    return result


def forget_old() -> dict[str, int]:
    """Delete spent codes, counted tries, sessions long over, and the contents of rosters nobody decided about."""
    now = clock.now()
    counts = {}
    with transaction():
        for name, statement in (
            ("codes", sa.delete(OneTimeCode).where(OneTimeCode.created_at < now - TRIES_KEPT)),
            ("tries", sa.delete(SignInTry).where(SignInTry.at < now - TRIES_KEPT)),
            ("sessions", sa.delete(SignInSession).where(SignInSession.expires_at < now - SESSIONS_KEPT)),
            ("uploads", sa.update(Job).where(Job.kind == UPLOAD, Job.created_at < now - UPLOAD_KEPT,
                                             Job.payload.is_not(None)).values(payload=None, state=JobState.FAILED)),
        ):
            result: Any = db.session.execute(statement)
            counts[name] = int(result.rowcount)
    return counts
