"""Delivery of what waits in the outbox: the console in development, else the addresses in ``NOTIFY_URLS``.

This is the only file that imports apprise. Only kinds of addresses on the list are used: apprise also knows ones that
run programs or write files. ``{phone}`` in an address is replaced by the receiver's number.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any
from urllib.parse import quote, urlsplit

import sqlalchemy as sa
from flask import current_app

from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from pointsbank.notifications.models import OutboxMessage, OutboxState
from pointsbank.notifications.services import CODE_PREFIX

log = logging.getLogger(__name__)
SCHEMES = frozenset({"jsons", "xmls", "forms", "mailtos", "dingtalk", "feishu", "lark", "wecombot"})
GAPS = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 240))
# A code that comes after its ten minutes only confuses.
CODE_LIFE = dt.timedelta(minutes=10)
BATCH = 200
KEPT = dt.timedelta(days=30)


class NotDelivered(Exception):
    """A channel refused, or there is none that may be used."""


def _urls(phone: str) -> list[str]:
    found = []
    for url in str(current_app.config["NOTIFY_URLS"]).split():
        if urlsplit(url).scheme.lower() not in SCHEMES:
            raise NotDelivered(f"scheme {urlsplit(url).scheme} is not allowed")
        found.append(url.replace("{phone}", quote(phone, safe="")))
    return found


def _send(address: str, body: str) -> None:
    """Hand one message to the channel. Raises NotDelivered."""
    if str(current_app.config["NOTIFY_URLS"]).strip() in {"", "console"}:
        log.warning("to %s: %s", address, body)
        return
    import apprise

    channel = apprise.Apprise()
    for url in _urls(address.rpartition(":")[2]):
        if not channel.add(url):
            raise NotDelivered("the address of the channel can't be read")
    if not channel.notify(body=body):
        raise NotDelivered("the channel did not take it")


def _due() -> list[int]:
    return list(db.session.scalars(
        sa.select(OutboxMessage.id)
        .where(OutboxMessage.state == OutboxState.WAITING, OutboxMessage.due_at <= clock.now())
        .order_by(OutboxMessage.due_at).limit(BATCH)))


def _is_stale(row: OutboxMessage) -> bool:
    return row.address.startswith(CODE_PREFIX) and clock.now() - row.created_at > CODE_LIFE


def _take(message_id: int) -> tuple[str, str] | None:
    """Book the next try before sending, so that a crash in between can't send without end. None if it is not due."""
    row = db.session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.id == message_id, OutboxMessage.state == OutboxState.WAITING,
                                       OutboxMessage.due_at <= clock.now())
        .with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    if row.tries > len(GAPS) or _is_stale(row):
        row.state, row.body = OutboxState.FAILED, _forgotten(row)
        return None
    address, body = row.address, row.body
    row.due_at = clock.now() + GAPS[min(row.tries, len(GAPS) - 1)]
    row.tries += 1
    return address, body


def _forgotten(row: OutboxMessage) -> str:
    """A code is not kept once it is out or stale."""
    return "" if row.address.startswith(CODE_PREFIX) else row.body


def _note(message_id: int, error: str | None) -> None:
    row = db.session.get_one(OutboxMessage, message_id)
    row.error = error
    if error is None:
        row.state, row.sent_at, row.body = OutboxState.SENT, clock.now(), _forgotten(row)
    elif row.tries > len(GAPS):
        row.state, row.body = OutboxState.FAILED, _forgotten(row)


def deliver_due() -> dict[str, int]:
    """Send what is due, each message in its own transactions; what failed comes again after 1, 5, 15, 60 and 240
    minutes. Returns how many were sent and how many failed."""
    with transaction():
        ids = _due()
    counts = {"sent": 0, "failed": 0}
    for message_id in ids:
        with transaction():
            taken = _take(message_id)
        if taken is None:
            continue
        error = None
        try:
            _send(*taken)
        except NotDelivered as refusal:
            error = str(refusal)[:200]
        except Exception as fault:  # apprise's channels raise whatever their networks raise
            log.exception("message %s was not sent", message_id)
            error = type(fault).__name__
        with transaction():
            _note(message_id, error)
        counts["sent" if error is None else "failed"] += 1
    return counts


def forget_old() -> int:
    """Delete what left the house, or failed to, more than thirty days ago; returns how many messages."""
    with transaction():
        result: Any = db.session.execute(sa.delete(OutboxMessage).where(
            OutboxMessage.state != OutboxState.WAITING, OutboxMessage.created_at < clock.now() - KEPT))
    return int(result.rowcount)
