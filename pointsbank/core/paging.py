"""Lists by cursor: a signed position instead of page numbers, so that page 500 costs what page 1 costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from pointsbank.core import tokens
from pointsbank.core.db import db

T = TypeVar("T")
PAGE_SIZE = 20
MOST = 100


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. ``next`` is the cursor of the following page, None at the end."""

    items: Sequence[T]
    next: str | None


def bounded(limit: int | None) -> int:
    """A page size between 1 and :data:`MOST`."""
    return min(max(limit or PAGE_SIZE, 1), MOST)


def page(query: sa.Select[Any], key: Any, *, cursor: str | None = None, limit: int | None = None,
         descending: bool = True, read_key: Callable[[Any], int] = lambda row: row.id) -> Page[Any]:
    """One page of ``query`` ordered by the unique integer column ``key``; newest first by default.

    Raises :class:`~pointsbank.core.tokens.BadToken` for a cursor that isn't ours.
    """
    size = bounded(limit)
    if cursor:
        after = tokens.unsign("cursor", cursor)
        query = query.where(key < after if descending else key > after)
    rows = list(db.session.scalars(query.order_by(key.desc() if descending else key.asc()).limit(size + 1)))
    more = len(rows) > size
    return Page(rows[:size], tokens.sign("cursor", read_key(rows[size - 1])) if more else None)
