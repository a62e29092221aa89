"""Who did what, on what, when and with what outcome. If the row can't be written, the action fails with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import Base, Json, UtcDateTime, db


class AuditRow(Base):
    """One change, or one denied try. Append-only; kept six months at least. ``detail`` holds no personal data."""

    __tablename__ = "audit_row"
    __table_args__ = (sa.Index(None, "community_id", "id"), sa.Index(None, "object_key", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int | None]
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    actor_key: Mapped[str] = mapped_column(sa.String(40))
    verb: Mapped[str] = mapped_column(sa.String(60))
    object_key: Mapped[str] = mapped_column(sa.String(80))
    outcome: Mapped[str] = mapped_column(sa.String(16))
    request_id: Mapped[str | None] = mapped_column(sa.String(32))
    detail: Mapped[dict[str, Any] | None] = mapped_column(Json)


def write(actor: Actor, verb: str, object_key: str, *, outcome: str = "done", community_id: int | None = None,
          **detail: Any) -> None:
    """Add one audit row to the unit of work, e.g. ``write(actor, "contributions.approve", "contribution:8")``."""
    write_many(actor, verb, [object_key], outcome=outcome, community_id=community_id, **detail)


def write_many(actor: Actor, verb: str, object_keys: Sequence[str], *, outcome: str = "done",
               community_id: int | None = None, **detail: Any) -> None:
    """One audit row for each of many objects, in one statement."""
    if not object_keys:
        return
    same = {
        "community_id": community_id if community_id is not None else actor.community_id, "at": clock.now(),
        "actor_key": actor.key, "verb": verb, "outcome": outcome,
        "request_id": g.get("request_id") if has_request_context() else None, "detail": detail or None,
    }
    db.session.execute(sa.insert(AuditRow), [{**same, "object_key": key} for key in object_keys])
