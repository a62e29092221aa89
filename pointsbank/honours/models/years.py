"""The closed years: frozen sums of the honour book; and the counters that number awards and certificates."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, UtcDateTime, enum_type


class YearState(enum.StrEnum):
    """prepared (by the job or a person) -> frozen (by a second person)."""

    PREPARED = "prepared"
    FROZEN = "frozen"


class HonourYear(Base):
    """A community's statement of one year. Triggers refuse every change but the freezing.

    ``hash`` is the SHA-256 of all lines and of the year before's hash, so that no line can be exchanged later on.
    """

    __tablename__ = "honour_year"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "year"),
        sa.CheckConstraint("frozen_by_id IS NULL OR prepared_by_id IS NULL OR frozen_by_id <> prepared_by_id",
                           name="second_person"),
        sa.CheckConstraint("(state = 'frozen') = (frozen_by_id IS NOT NULL)", name="frozen"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    year: Mapped[int]
    state: Mapped[YearState] = mapped_column(enum_type(YearState))
    line_count: Mapped[int]
    minutes: Mapped[int] = mapped_column(sa.BigInteger)
    honour: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[str] = mapped_column(sa.String(64))
    previous_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    prepared_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    prepared_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    frozen_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    frozen_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class HonourYearLine(Base):
    """One owner (``household:17``, ``resident:5``) on 31 December: what the year brought, and what there is in all."""

    __tablename__ = "honour_year_line"
    __table_args__ = (
        sa.UniqueConstraint("year_id", "owner_key"),
        sa.Index(None, "community_id", "owner_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    year_id: Mapped[int] = mapped_column(sa.ForeignKey("honour_year.id"))
    owner_key: Mapped[str] = mapped_column(sa.String(40))
    minutes: Mapped[int] = mapped_column(sa.BigInteger)
    honour: Mapped[int] = mapped_column(sa.BigInteger)
    minutes_in_all: Mapped[int] = mapped_column(sa.BigInteger)
    honour_in_all: Mapped[int] = mapped_column(sa.BigInteger)


class HonourCounter(Base):
    """The last number given out in a year; counting rows would give two the same number."""

    __tablename__ = "honour_counter"

    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
