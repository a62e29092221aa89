"""Ladders (星级): versions of a document that a committee adopts, and their steps."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class Period(enum.StrEnum):
    """Over what a ladder counts: a whole life, each calendar year anew, or cycles of so many hours."""

    LIFETIME = "lifetime"
    YEAR = "year"
    CYCLE = "cycle"


class LadderState(enum.StrEnum):
    """draft -> in_force -> superseded; as with scoring standards, ``in_force`` may start on a day to come."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


class HonourLadder(Base):
    """One version of one ladder. Versions of the same ladder share ``series``; a community may have several ladders.

    In force on a day: ``in_force_on <= day`` and (``superseded_on`` is empty or later). ``cycle_minutes`` is the length
    of a cycle. ``no_show_limit``: from so many no-shows in a year on nobody is proposed by the job, a person decides.
    ``note`` says what goes with a step (prizes, medals) in the committee's words. ``editors`` wrote in the draft; none
    of them adopts it.
    """

    __tablename__ = "honour_ladder"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "series", "number"),
        sa.UniqueConstraint("community_id", "series", "in_force_on"),
        sa.Index("uq_honour_ladder_draft", "community_id", "series", unique=True,
                 sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'")),
        sa.CheckConstraint("(state = 'draft') = (in_force_on IS NULL)", name="dated"),
        sa.CheckConstraint("superseded_on IS NULL OR superseded_on > in_force_on", name="span"),
        sa.CheckConstraint("(period = 'cycle') = (cycle_minutes IS NOT NULL)", name="cycle"),
        sa.CheckConstraint("cycle_minutes > 0", name="cycle_minutes"),
        sa.CheckConstraint("no_show_limit > 0", name="no_show_limit"),
        sa.CheckConstraint("adopted_by IS NULL OR created_by IS NULL OR adopted_by <> created_by", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    series: Mapped[int]
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(60))
    period: Mapped[Period] = mapped_column(enum_type(Period))
    cycle_minutes: Mapped[int | None]
    no_show_limit: Mapped[int | None]
    note: Mapped[str] = mapped_column(sa.String(400), default="")
    state: Mapped[LadderState] = mapped_column(enum_type(LadderState))
    in_force_on: Mapped[dt.date | None]
    superseded_on: Mapped[dt.date | None]
    resolution: Mapped[str] = mapped_column(sa.String(400), default="")
    copied_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("honour_ladder.id"))
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    editors: Mapped[list[int]] = mapped_column(Json, default=list)
    adopted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    adopted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_draft(self) -> bool:
        """Still open for editing."""
        return self.state is LadderState.DRAFT


class LadderStep(Base):
    """One step: from ``minutes`` served and ``honour`` (hundredths) on, both where both are given.

    ``level`` counts from 1 upwards and is what a step is known by across versions.
    """

    __tablename__ = "ladder_step"
    __table_args__ = (
        sa.UniqueConstraint("ladder_id", "level"),
        sa.Index(None, "community_id", "ladder_id"),
        sa.CheckConstraint("minutes IS NOT NULL OR honour IS NOT NULL", name="threshold"),
        sa.CheckConstraint("minutes > 0", name="minutes"),
        sa.CheckConstraint("honour > 0", name="honour"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    ladder_id: Mapped[int] = mapped_column(sa.ForeignKey("honour_ladder.id"))
    level: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(30))
    minutes: Mapped[int | None]
    honour: Mapped[int | None] = mapped_column(sa.BigInteger)
