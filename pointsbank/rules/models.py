"""Scoring standards with their rules and caps, what the caps have used up, and each community's first award."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type
from pointsbank.ledger.models import BigKey, Book


class StandardState(enum.StrEnum):
    """draft -> in_force -> superseded. ``in_force`` is adopted and may start on a day to come; ``superseded`` has a
    successor and still counts for deeds of the days before ``superseded_on``."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


ALLOWED: dict[StandardState, tuple[StandardState, ...]] = {
    StandardState.DRAFT: (StandardState.IN_FORCE, StandardState.SUPERSEDED),
    StandardState.IN_FORCE: (StandardState.SUPERSEDED,),
    StandardState.SUPERSEDED: (),
}


class DeedKind(enum.StrEnum):
    """What a deed is, from where it comes into the funnel."""

    VOLUNTEERING = "volunteering"
    PATROL = "patrol"
    SNAPSHOT = "snapshot"
    OTHER = "other"


class Shape(enum.StrEnum):
    """How points are counted."""

    PER_TIME = "per_time"
    PER_HOUR = "per_hour"
    PER_UNIT = "per_unit"


class Rounding(enum.StrEnum):
    """What becomes of minutes that fill no whole step: dropped, to the nearest step, or counted as a whole one."""

    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"


class Receiver(enum.StrEnum):
    """Whose wallet gets the points."""

    HOUSEHOLD = "household"
    RESIDENT = "resident"


class Timing(enum.StrEnum):
    """Whether points wait for the notice."""

    AFTER_NOTICE = "after_notice"
    IMMEDIATE = "immediate"


class Window(enum.StrEnum):
    """The span within which a cap counts, by the date of the deed."""

    ACTIVITY = "activity"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Subject(enum.StrEnum):
    """Whom a cap holds for: one person, one household, or the item for everybody together."""

    PERSON = "person"
    HOUSEHOLD = "household"
    ITEM = "item"


class Measure(enum.StrEnum):
    """What a cap counts: hundredths of a point, deeds that earned, or the quantity itself (minutes or units)."""

    QUANTITY = "quantity"
    TIMES = "times"
    POINTS = "points"


class ScoringStandard(Base):
    """One version of a community's standard. ``resolution`` is how it was adopted, in the committee's words.

    In force on a day: ``in_force_on <= day`` and (``superseded_on`` is empty or ``day < superseded_on``). ``editors``
    are the users who wrote in the draft; none of them may adopt it. ``on_paper``: in force before it was entered here.
    """

    __tablename__ = "scoring_standard"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "number"),
        sa.UniqueConstraint("community_id", "in_force_on"),
        sa.Index("uq_scoring_standard_draft", "community_id", unique=True, sqlite_where=sa.text("state = 'draft'"),
                 postgresql_where=sa.text("state = 'draft'")),
        sa.CheckConstraint("(state = 'draft') = (in_force_on IS NULL)", name="dated"),
        sa.CheckConstraint("superseded_on IS NULL OR superseded_on > in_force_on", name="span"),
        sa.CheckConstraint("adopted_by IS NULL OR created_by IS NULL OR adopted_by <> created_by", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(80))
    state: Mapped[StandardState] = mapped_column(enum_type(StandardState))
    in_force_on: Mapped[dt.date | None]
    superseded_on: Mapped[dt.date | None]
    on_paper: Mapped[bool] = mapped_column(default=False)
    resolution: Mapped[str] = mapped_column(sa.String(400), default="")
    copied_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("scoring_standard.id"))
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    editors: Mapped[list[int]] = mapped_column(Json, default=list)
    adopted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    adopted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_draft(self) -> bool:
        """Still open for editing."""
        return self.state is StandardState.DRAFT


class ScoringRule(Base):
    """One item of a standard. ``points`` are hundredths per time, hour or unit.

    ``code`` is what the item is called by on paper and across versions: caps go on counting from one version to the
    next under the same code. ``by_itself``: applies to every deed of its kind that names no item; otherwise it has to
    be chosen. ``records_minutes``: the time served is also kept in the book of minutes, uncapped.
    """

    __tablename__ = "scoring_rule"
    __table_args__ = (
        sa.UniqueConstraint("standard_id", "code"),
        sa.Index(None, "community_id", "standard_id", "position"),
        sa.CheckConstraint("points > 0", name="points"),
        sa.CheckConstraint("rounding_minutes > 0", name="rounding"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("scoring_standard.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(sa.String(12))
    name: Mapped[str] = mapped_column(sa.String(80))
    category: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[DeedKind] = mapped_column(enum_type(DeedKind))
    shape: Mapped[Shape] = mapped_column(enum_type(Shape))
    book: Mapped[Book] = mapped_column(enum_type(Book), default=Book.POINTS)
    points: Mapped[int]
    unit: Mapped[str] = mapped_column(sa.String(12), default="")
    rounding_minutes: Mapped[int] = mapped_column(default=60)
    rounding: Mapped[Rounding] = mapped_column(enum_type(Rounding), default=Rounding.DOWN)
    receiver: Mapped[Receiver] = mapped_column(enum_type(Receiver))
    timing: Mapped[Timing] = mapped_column(enum_type(Timing), default=Timing.AFTER_NOTICE)
    team_kind: Mapped[str | None] = mapped_column(sa.String(16))
    by_itself: Mapped[bool] = mapped_column(default=False)
    records_minutes: Mapped[bool] = mapped_column(default=False)
    who: Mapped[str] = mapped_column(sa.String(120), default="")
    evidence: Mapped[str] = mapped_column(sa.String(120), default="")


class RuleCap(Base):
    """At most ``most`` (hundredths, deeds, minutes or units, by ``measure``) for a subject within a window."""

    __tablename__ = "rule_cap"
    __table_args__ = (
        sa.UniqueConstraint("rule_id", "cap_window", "subject", "measure"),
        sa.Index(None, "community_id", "rule_id"),
        sa.CheckConstraint("most > 0", name="most"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    rule_id: Mapped[int] = mapped_column(sa.ForeignKey("scoring_rule.id"))
    window: Mapped[Window] = mapped_column("cap_window", enum_type(Window))
    subject: Mapped[Subject] = mapped_column(enum_type(Subject))
    measure: Mapped[Measure] = mapped_column(enum_type(Measure))
    most: Mapped[int]


class CapCounter(Base):
    """How much of a cap is used up. ``key`` is ``<item code>|<measure>|<subject key>|<window key>``, for instance
    ``1.1|points|resident:5|month:2026-04``. Locked and changed in the order of its keys, by a guarded update."""

    __tablename__ = "cap_counter"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "key"),
        sa.CheckConstraint("used >= 0", name="used"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    key: Mapped[str] = mapped_column(sa.String(200))
    used: Mapped[int] = mapped_column(sa.BigInteger)


class CommunityScoring(Base):
    """One row a community: the lock under which versions are adopted, and when the first award was counted.

    A version may start on a day gone by only while ``first_award_at`` is empty.
    """

    __tablename__ = "community_scoring"

    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"), primary_key=True)
    first_award_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
