"""Long work as a row with progress, and the record that makes each scheduled run happen once."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core import clock
from pointsbank.core.db import Base, Json, UtcDateTime, db, enum_type


class JobState(enum.StrEnum):
    """waiting -> running -> done | failed; a run that lost its process is taken up again by the next worker."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One piece of long work. ``arguments`` and ``result`` are JSON; ``done`` of ``total`` steps are through."""

    __tablename__ = "job"
    __table_args__ = (sa.Index(None, "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int | None]
    actor_key: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[str] = mapped_column(sa.String(60))
    arguments: Mapped[dict[str, Any]] = mapped_column(Json)
    payload: Mapped[bytes | None]
    state: Mapped[JobState] = mapped_column(enum_type(JobState))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    beat_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class JobRun(Base):
    """A scheduled job did its work for a period (a day, an hour): the unique row makes it happen once."""

    __tablename__ = "job_run"
    __table_args__ = (sa.UniqueConstraint("job", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(sa.String(60))
    period: Mapped[str] = mapped_column(sa.String(40))
    ran_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)


def enqueue(kind: str, arguments: dict[str, Any], *, actor_key: str, community_id: int | None,
            payload: bytes | None = None, total: int = 0) -> Job:
    """Add long work to be done by the worker."""
    job = Job(kind=kind, arguments=arguments, actor_key=actor_key, community_id=community_id, payload=payload,
              total=total, state=JobState.WAITING, created_at=clock.now())
    db.session.add(job)
    db.session.flush()
    return job


def first_run(job: str, period: str) -> bool:
    """True once per (job, period); the row is part of the caller's unit of work."""
    if db.engine.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as pg_insert

        statement: Any = pg_insert(JobRun).values(job=job, period=period, ran_at=clock.now())
    else:
        from sqlalchemy.dialects.sqlite import insert as lite_insert

        statement = lite_insert(JobRun).values(job=job, period=period, ran_at=clock.now())
    return db.session.scalar(statement.on_conflict_do_nothing().returning(JobRun.id)) is not None
