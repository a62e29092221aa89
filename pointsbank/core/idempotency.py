"""The same POST sent twice has one effect and gets the same answer, for seven days."""

from __future__ import annotations

import datetime as dt
import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import Base, UtcDateTime, db
from pointsbank.core.errors import Conflict, KeyReused, lazy

KEPT = dt.timedelta(days=7)


class StillRunning(Conflict):
    """The first of two equal requests has not ended."""

    code = "core.still_running"
    message = lazy("This is just being done. Please wait a moment.")


class IdempotencyKey(Base):
    """One answered request: unique per community and actor; ``answer`` is None until it is known."""

    __tablename__ = "idempotency_key"
    __table_args__ = (sa.UniqueConstraint("scope", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(sa.String(80))
    key: Mapped[str] = mapped_column(sa.String(80))
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int | None]
    location: Mapped[str | None] = mapped_column(sa.String(500))
    content_type: Mapped[str | None] = mapped_column(sa.String(80))
    answer: Mapped[bytes | None]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


def hash_of(*parts: bytes) -> str:
    """The hash that tells a repeat from another request under the same key."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def begin(actor: Actor, key: str, body_hash: str) -> IdempotencyKey:
    """The row of this key, new or with its stored answer. Raises :class:`KeyReused` and :class:`StillRunning`.

    On PostgreSQL a repeat that arrives while the first still runs is told so at once instead of queueing behind it.
    """
    scope = f"{actor.community_id or 0}:{actor.key}"
    if db.engine.dialect.name == "postgresql":
        number = int(hash_of(scope.encode(), key.encode())[:15], 16)
        if not db.session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(number))):
            raise StillRunning
    row = db.session.scalars(
        sa.select(IdempotencyKey).where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)).one_or_none()
    if row is None:
        row = IdempotencyKey(scope=scope, key=key, body_hash=body_hash, created_at=clock.now())
        db.session.add(row)
        db.session.flush()
    elif row.body_hash != body_hash:
        raise KeyReused
    return row


def forget_old() -> int:
    """Delete answers older than seven days; returns how many."""
    result = db.session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEPT))
    return int(result.rowcount)  # type: ignore[attr-defined]
