"""Reading the inbox."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from pointsbank.core.db import db, scoped
from pointsbank.core.formats import format_day, format_moment, format_month
from pointsbank.core.paging import Page, page
from pointsbank.core.points import format_points
from pointsbank.notifications.models import InboxMessage


def inbox(community_id: int, resident_id: int, *, cursor: str | None = None, limit: int | None = None) -> Page[Any]:
    """The messages to a resident, newest first."""
    query = scoped(InboxMessage, community_id).where(InboxMessage.resident_id == resident_id)
    return page(query, InboxMessage.id, cursor=cursor, limit=limit)


def unread_count(community_id: int | None, resident_id: int | None) -> int:
    """How many messages are new; 0 without a resident."""
    if community_id is None or resident_id is None:
        return 0
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(InboxMessage).where(
            InboxMessage.community_id == community_id, InboxMessage.resident_id == resident_id,
            InboxMessage.read_at.is_(None))) or 0


def is_own_link(link: str | None) -> bool:
    """The link is a path of this house."""
    return bool(link) and str(link).startswith("/") and not str(link).startswith(("//", "/\\"))


def _spoken(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "day" in value:
        return format_day(dt.date.fromisoformat(value["day"]))
    if "month" in value:
        return format_month(dt.date.fromisoformat(value["month"]))
    if "moment" in value:
        return format_moment(dt.datetime.fromisoformat(value["moment"]))
    if "points" in value:
        return format_points(int(value["points"]))
    return said(str(value.get("text", "")), value.get("params") or {})


def said(text: str, params: dict[str, Any]) -> str:
    """A stored message in the reader's language (see :func:`pointsbank.notifications.services.tell`)."""
    spoken = {name: _spoken(value) for name, value in params.items()}
    whole = gettext(text) if text else ""
    return whole % spoken if spoken and "%(" in whole else whole
