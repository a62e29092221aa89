"""Inbox rows and the outbox."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class InboxMessage(Base):
    """One message to a resident: the English text and its values, put into the reader's language when shown."""

    __tablename__ = "inbox_message"
    __table_args__ = (sa.Index(None, "community_id", "resident_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    resident_id: Mapped[int]
    text: Mapped[str] = mapped_column(sa.String(300))
    params: Mapped[dict[str, Any]] = mapped_column(Json)
    link: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class OutboxState(enum.StrEnum):
    """waiting -> sent | failed (after the last try)."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class OutboxMessage(Base):
    """A message that leaves the house (one-time codes, staff alerts); a job delivers it, again with growing gaps."""

    __tablename__ = "outbox_message"
    __table_args__ = (sa.Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(sa.String(120))
    body: Mapped[str] = mapped_column(sa.String(500))
    state: Mapped[OutboxState] = mapped_column(enum_type(OutboxState))
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
