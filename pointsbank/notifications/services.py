"""Telling people: rows in the inbox, messages that leave the house."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import NotFound
from pointsbank.notifications.models import InboxMessage, OutboxMessage, OutboxState

CODE_PREFIX = "code:"


@dataclass(frozen=True)
class Message:
    """One message to one resident; see :func:`tell` for ``text`` and ``params``."""

    resident_id: int
    text: str
    params: dict[str, Any] = field(default_factory=dict)
    link: str | None = None


def tell(community_id: int, resident_ids: Iterable[int], text: str, params: dict[str, Any] | None = None,
         link: str | None = None) -> int:
    """Tell residents the same thing, in one statement; returns how many rows were written.

    ``text`` is an English message (marked with ``N_``), ``params`` its values as JSON. A value may also be
    ``{"day": "2026-04-18"}``, ``{"month": "2026-04-01"}``, ``{"moment": "…Z"}``, ``{"points": 250}`` (hundredths) or
    ``{"text": …, "params": …}``: these are put into the reader's language when the message is shown. ``link`` is a
    path of this house.
    """
    return tell_each(community_id, [Message(i, text, params or {}, link) for i in dict.fromkeys(resident_ids)])


def tell_each(community_id: int, messages: Sequence[Message]) -> int:
    """Tell each resident something of their own, in one statement; returns how many rows were written."""
    if not messages:
        return 0
    now = clock.now()
    # Into the table: an ORM insert would break the batch at every change between a link and none.
    table: Any = InboxMessage.__table__
    db.session.execute(sa.insert(table), [
        {"community_id": community_id, "resident_id": m.resident_id, "text": m.text, "params": m.params,
         "link": m.link, "created_at": now} for m in messages])
    return len(messages)


def send_code(phone: str, code: str) -> None:
    """Put a one-time code into the outbox. Its text is forgotten once it was sent."""
    body = _("%(code)s is your code for PointsBank. It is good for 10 minutes. Tell it to nobody, not even to us.",
             code=code)
    send(f"{CODE_PREFIX}{phone}", body)


def send(address: str, body: str, *, due_in: dt.timedelta = dt.timedelta(0)) -> None:
    """Put a message into the outbox; the delivery job takes it from there. ``address`` is ``sms:<phone>``,
    ``code:<phone>`` or ``staff``."""
    now = clock.now()
    db.session.execute(sa.insert(OutboxMessage), {
        "address": address[:120], "body": body[:500], "state": OutboxState.WAITING, "due_at": now + due_in,
        "tries": 0, "created_at": now})


def mark_read(actor: Actor, message_id: int) -> InboxMessage:
    """The resident acted for has read this message. Raises NotFound for anybody else's."""
    row = db.session.scalars(
        sa.select(InboxMessage).where(
            InboxMessage.community_id == actor.community_id, InboxMessage.resident_id == actor.resident_id,
            InboxMessage.id == message_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound
    row.read_at = row.read_at or clock.now()
    return row


def mark_all_read(actor: Actor) -> int:
    """Everything of the resident acted for is read; returns how many messages were new."""
    result: Any = db.session.execute(
        sa.update(InboxMessage).where(
            InboxMessage.community_id == actor.community_id, InboxMessage.resident_id == actor.resident_id,
            InboxMessage.read_at.is_(None)).values(read_at=clock.now()))
    return int(result.rowcount)


def forget(community_id: int, resident_id: int) -> None:
    """Delete the inbox of an erased resident: its texts may name people."""
    db.session.execute(sa.delete(InboxMessage).where(
        InboxMessage.community_id == community_id, InboxMessage.resident_id == resident_id))
