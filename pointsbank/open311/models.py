"""Who may send through the interface, which residents consented, and which updates came in."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, UtcDateTime


class Open311Client(Base):
    """Another platform with a key for one community. Of the key only its hash is kept, and its beginning to know it by.

    ``created_at`` and ``created_by_id`` are those of the key in force. ``last_sent_at`` is when it last sent a report
    or an update; reading leaves no trace.
    """

    __tablename__ = "open311_client"
    __table_args__ = (sa.UniqueConstraint("community_id", "name"),
                      sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_somebody"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    contact: Mapped[str] = mapped_column(sa.String(120))
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(8))
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_sent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    @property
    def sender_key(self) -> str:
        """Names the platform as the sender of its reports."""
        return f"client:{self.id}"


class Open311Link(Base):
    """A resident's consent that what one platform sends with this code (``account_id``) counts as theirs.

    The first platform that uses the code is the only one from then on.
    """

    __tablename__ = "open311_link"
    __table_args__ = (sa.Index(None, "community_id", "resident_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(8))
    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("open311_client.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Open311Update(Base):
    """An update that a platform sent, with its own number if it gave one: the same one sent again is the same update,
    and a platform is not told what it said itself."""

    __tablename__ = "open311_update"
    __table_args__ = (sa.UniqueConstraint("client_id", "given_id"), sa.Index(None, "event_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    client_id: Mapped[int] = mapped_column(sa.ForeignKey("open311_client.id"))
    given_id: Mapped[str | None] = mapped_column(sa.String(64))
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("case_event.id"))
