"""What caps have used up, and each community's first award."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, UtcDateTime
from pointsbank.ledger.models import BigKey


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
