"""What the room has to know of people: their league, who doesn't want to be shown, who signed up and did not come."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime


class HonourLeague(Base):
    """A group that is shown by itself: whoever carries one of ``tags``. The first league that fits counts."""

    __tablename__ = "honour_league"
    __table_args__ = (sa.UniqueConstraint("community_id", "name"), sa.UniqueConstraint("community_id", "position"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(30))
    tags: Mapped[list[str]] = mapped_column(Json)


class HiddenResident(Base):
    """A resident who doesn't want to stand on boards and lists of figures; the row goes when they change their mind."""

    __tablename__ = "hidden_resident"
    __table_args__ = (sa.UniqueConstraint("community_id", "resident_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    by_user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    since_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class NoShow(Base):
    """Somebody signed up and did not come. ``source_key`` is the sign-up's, or made when the desk enters it by hand.

    An excuse leaves the row and takes it out of every count.
    """

    __tablename__ = "no_show"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "source_key"),
        sa.Index(None, "community_id", "resident_id", "on_day"),
        sa.CheckConstraint("(excused_by_id IS NULL) = (excused_because = '')", name="excused"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    on_day: Mapped[dt.date]
    what: Mapped[str] = mapped_column(sa.String(80), default="")
    source_key: Mapped[str] = mapped_column(sa.String(80))
    noted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    noted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    excused_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    excused_because: Mapped[str] = mapped_column(sa.String(200), default="")
