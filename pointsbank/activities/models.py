"""Activities, their occurrences, sign-ups, the append-only check-in events and the attendances derived from them."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class ActivityKind(enum.StrEnum):
    """The kind of deed that an attendance becomes."""

    VOLUNTEERING = "volunteering"
    PATROL = "patrol"


class CheckInMode(enum.StrEnum):
    """automatic: whoever signed up counts unless unticked; in: one check-in counts to the planned end; in_out: both."""

    AUTOMATIC = "automatic"
    IN = "in"
    IN_OUT = "in_out"


class ActivityState(enum.StrEnum):
    """draft -> published -> cancelled; a draft that waits for its approver has ``submitted_at``."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


ALLOWED: dict[ActivityState, tuple[ActivityState, ...]] = {
    ActivityState.DRAFT: (ActivityState.PUBLISHED, ActivityState.CANCELLED),
    ActivityState.PUBLISHED: (ActivityState.CANCELLED,),
    ActivityState.CANCELLED: (),
}


class Venue(Base):
    """A place with a printed code on its wall. A new ``epoch`` makes the old print invalid."""

    __tablename__ = "venue"
    __table_args__ = (sa.UniqueConstraint("community_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Activity(Base):
    """Something a team or the community does together.

    The database itself refuses a published activity whose approver is its leader (or that has none).
    """

    __tablename__ = "activity"
    __table_args__ = (
        sa.Index(None, "community_id", "state", "id"), sa.Index(None, "team_id"),
        sa.CheckConstraint("state <> 'published' OR (published_by_id IS NOT NULL AND published_by_id <> leader_id)",
                           name="approver"),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    leader_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    venue_id: Mapped[int | None] = mapped_column(sa.ForeignKey("venue.id"))
    kind: Mapped[ActivityKind] = mapped_column(enum_type(ActivityKind))
    title: Mapped[str] = mapped_column(sa.String(80))
    text: Mapped[str] = mapped_column(sa.String(1000), default="")
    place: Mapped[str] = mapped_column(sa.String(80), default="")
    mode: Mapped[CheckInMode] = mapped_column(enum_type(CheckInMode))
    capacity: Mapped[int | None]
    needs_sign_up: Mapped[bool] = mapped_column(default=True)
    item_code: Mapped[str | None] = mapped_column(sa.String(12))
    state: Mapped[ActivityState] = mapped_column(enum_type(ActivityState))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    returned_note: Mapped[str | None] = mapped_column(sa.String(300))
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    published_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str | None] = mapped_column(sa.String(300))

    @property
    def photo_key(self) -> str:
        """The owner key of its photos."""
        return f"activity:{self.id}"


class OccurrenceState(enum.StrEnum):
    """planned -> open (the first code screen, card or sheet) -> closed (with a headcount)."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class Occurrence(Base):
    """One time an activity takes place (one by default)."""

    __tablename__ = "occurrence"
    __table_args__ = (
        sa.Index(None, "community_id", "starts_at"), sa.Index(None, "activity_id"),
        sa.CheckConstraint("ends_at > starts_at", name="span"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    activity_id: Mapped[int] = mapped_column(sa.ForeignKey("activity.id"))
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    state: Mapped[OccurrenceState] = mapped_column(enum_type(OccurrenceState))
    headcount: Mapped[int | None]
    counted: Mapped[int | None]
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    activity: Mapped[Activity] = relationship(lazy="raise")


class SignUpState(enum.StrEnum):
    """signed_up <-> cancelled."""

    SIGNED_UP = "signed_up"
    CANCELLED = "cancelled"


class SignUp(Base):
    """A resident wants to come."""

    __tablename__ = "sign_up"
    __table_args__ = (sa.UniqueConstraint("occurrence_id", "resident_id"),
                      sa.Index(None, "community_id", "resident_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    occurrence_id: Mapped[int] = mapped_column(sa.ForeignKey("occurrence.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    state: Mapped[SignUpState] = mapped_column(enum_type(SignUpState))
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


class LeaderScreen(Base):
    """A leader's code screen of one occurrence: its id goes into the key, so a stolen phone exposes one activity.

    A raised ``epoch`` is a new key; the row of the old one is revoked and what is scanned from it waits.
    """

    __tablename__ = "leader_screen"
    __table_args__ = (sa.UniqueConstraint("occurrence_id", "user_id", "epoch"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"), index=True)
    occurrence_id: Mapped[int] = mapped_column(sa.ForeignKey("occurrence.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    epoch: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class EventKind(enum.StrEnum):
    """What happened; accept and decline are the leader's answer to somebody who waits."""

    IN = "in"
    OUT = "out"
    ACCEPT = "accept"
    DECLINE = "decline"


class Method(enum.StrEnum):
    """Where a row came from, from the most to the least trusted."""

    SELF = "self"
    SELF_NUMBER = "self_number"
    LEADER_SCAN = "leader_scan"
    LEADER_NUMBER = "leader_number"
    EVERYONE_OUT = "everyone_out"
    AUTOMATIC = "automatic"
    LEADER_TYPED = "leader_typed"
    PAPER = "paper"


TYPED = (Method.LEADER_TYPED, Method.PAPER)


class CheckInEvent(Base):
    """One thing that was seen. Append-only; ``client_id`` is made by whoever saw it (online: the receipt's id).

    ``holds`` are the reasons why this event alone does not count before the leader agrees.
    """

    __tablename__ = "check_in_event"
    __table_args__ = (
        sa.Index(None, "community_id", "occurrence_id", "resident_id"),
        sa.Index(None, "recorded_by_id", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    occurrence_id: Mapped[int] = mapped_column(sa.ForeignKey("occurrence.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    client_id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    kind: Mapped[EventKind] = mapped_column(enum_type(EventKind))
    method: Mapped[Method] = mapped_column(enum_type(Method))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    screen_id: Mapped[int | None] = mapped_column(sa.ForeignKey("leader_screen.id"))
    step: Mapped[int | None]
    step_age: Mapped[int | None]
    browser: Mapped[str | None] = mapped_column(sa.String(16))
    holds: Mapped[list[str]] = mapped_column(Json, default=list)
    reason: Mapped[str | None] = mapped_column(sa.String(200))


class AttendanceState(enum.StrEnum):
    """present: counts; pending: waits for the leader; confirmed: the leader agreed; declined: the leader did not."""

    PRESENT = "present"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


COUNTING = (AttendanceState.PRESENT, AttendanceState.CONFIRMED)


class Attendance(Base):
    """What the events of one person at one occurrence come to. Everything but the settlement is derived.

    ``minutes`` are those derived; ``paid_minutes`` those handed on at closing (less what another activity already
    counted), fixed from then on: a later change is a correction of the award.
    """

    __tablename__ = "attendance"
    __table_args__ = (sa.UniqueConstraint("occurrence_id", "resident_id"),
                      sa.Index(None, "community_id", "resident_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    occurrence_id: Mapped[int] = mapped_column(sa.ForeignKey("occurrence.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    state: Mapped[AttendanceState] = mapped_column(enum_type(AttendanceState))
    method: Mapped[Method] = mapped_column(enum_type(Method))
    in_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    out_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    minutes: Mapped[int] = mapped_column(default=0)
    flags: Mapped[list[str]] = mapped_column(Json, default=list)
    closing_flags: Mapped[list[str]] = mapped_column(Json, default=list)
    version: Mapped[int] = mapped_column(default=1)
    paid_minutes: Mapped[int | None]
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class NumberTry(Base):
    """A wrong four-digit number, counted in the database so that all workers count together."""

    __tablename__ = "number_try"
    __table_args__ = (sa.Index(None, "community_id", "user_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
