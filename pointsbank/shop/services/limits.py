"""Counted limits: taken by guarded updates in one order for everybody, and given back exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pointsbank.core.db import db
from pointsbank.core.errors import DomainError
from pointsbank.shop.models import LimitUse

TABLE = cast(sa.Table, LimitUse.__table__)


@dataclass(frozen=True)
class Want:
    """So much of a limit of ``most``; ``refusal`` is raised if it does not fit any more."""

    subject: str
    period: str
    amount: int
    most: int
    refusal: DomainError


def take(community_id: int, wants: Sequence[Want]) -> list[list[Any]]:
    """Take all of them or raise the first refusal; returns what was taken, for :func:`give_back`.

    The row is made first and changed by an update that carries the limit: two that come at once queue at the row, and
    the second sees what the first left.
    """
    taken = []
    for want in sorted(wants, key=lambda w: (w.subject, w.period)):
        row = {"community_id": community_id, "subject": want.subject, "period": want.period, "used": 0}
        insert: Any = {"sqlite": sqlite, "postgresql": postgresql}[db.session.connection().dialect.name].insert(TABLE)
        db.session.execute(insert.values(row).on_conflict_do_nothing())
        changed: Any = db.session.execute(
            sa.update(TABLE).where(*_is(community_id, want.subject, want.period),
                                   TABLE.c.used + want.amount <= want.most)
            .values(used=TABLE.c.used + want.amount))
        if changed.rowcount != 1:
            raise want.refusal
        taken.append([want.subject, want.period, want.amount])
    return taken


def give_back(community_id: int, takings: Sequence[Sequence[Any]]) -> None:
    """What a cancelled or lapsed order had taken may be used again in the same window."""
    for subject, period, amount in sorted(takings, key=lambda taken: (taken[0], taken[1])):
        db.session.execute(sa.update(TABLE).where(*_is(community_id, subject, period))
                           .values(used=TABLE.c.used - amount))


def _is(community_id: int, subject: str, period: str) -> tuple[sa.ColumnElement[bool], ...]:
    return TABLE.c.community_id == community_id, TABLE.c.subject == subject, TABLE.c.period == period
