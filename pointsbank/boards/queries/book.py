"""The general book: every transfer of a community with the names of both sides, for the desk and its Excel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.boards import describe
from pointsbank.core import clock
from pointsbank.core.db import db, scoped
from pointsbank.core.masking import mask_name
from pointsbank.core.paging import Page, page
from pointsbank.ledger.models import AccountKind, Book, PointsAccount, PostedTransfer, TransferKind
from pointsbank.people.models import Household
from pointsbank.succession.queries import owner_names

# What most people look for; a repayment belongs to its correction, and so on.
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Side:
    """One account of a transfer: what it is, and whose (household number or resident's name) where it is somebody's."""

    kind: AccountKind
    owner: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the general book in words."""

    id: int
    recorded_at: dt.datetime
    kind: TransferKind
    amount: int
    source: Side
    target: Side
    words: describe.Words
    source_key: str


@dataclass(frozen=True)
class Filters:
    """What to look for; empty fields don't narrow. ``month`` is its first day, ``owner`` a household number."""

    kind: str = ""
    month: dt.date | None = None
    owner: str = ""
    book: Book = Book.POINTS


def _query(community_id: int, wanted: Filters) -> sa.Select[Any]:
    query = scoped(PostedTransfer, community_id).where(PostedTransfer.book == wanted.book)
    if wanted.kind in set(TransferKind):
        query = query.where(PostedTransfer.kind == TransferKind(wanted.kind))
    if wanted.month is not None:
        after = (wanted.month + dt.timedelta(days=32)).replace(day=1)
        query = query.where(PostedTransfer.recorded_on >= wanted.month, PostedTransfer.recorded_on < after)
    if wanted.owner:
        homes = sa.select(sa.literal("household:") + sa.cast(Household.id, sa.String)).where(
            Household.community_id == community_id, Household.number == wanted.owner)
        theirs = sa.select(PointsAccount.id).where(
            PointsAccount.community_id == community_id, PointsAccount.owner_key.in_(homes))
        query = query.where(sa.or_(PostedTransfer.from_id.in_(theirs), PostedTransfer.to_id.in_(theirs)))
    return query


def rows(community_id: int, wanted: Filters, *, cursor: str | None = None, limit: int | None = None) -> Page[Row]:
    """One page of the book, newest first. At most six statements. Raises BadToken for a foreign cursor."""
    found = page(_query(community_id, wanted), PostedTransfer.id, cursor=cursor, limit=limit)
    return Page(_in_words(community_id, found.items), found.next)


def all_rows(community_id: int, wanted: Filters) -> list[Row]:
    """The newest rows of the book for a sheet, at most 20,000; names are masked there."""
    found = db.session.scalars(
        _query(community_id, wanted).order_by(PostedTransfer.id.desc()).limit(MOST_ROWS)).all()
    return _in_words(community_id, found, mask_name)


def _in_words(community_id: int, found: Sequence[PostedTransfer], named: Callable[[str], str] = str) -> list[Row]:
    sides = _sides(community_id, {account for t in found for account in (t.from_id, t.to_id)}, named)
    texts = describe.words(community_id, found)
    return [Row(t.id, t.recorded_at, t.kind, t.amount, sides[t.from_id], sides[t.to_id], texts[t.source_key],
                t.source_key) for t in found]


def _sides(community_id: int, account_ids: set[int], named: Callable[[str], str]) -> dict[int, Side]:
    found = db.session.execute(sa.select(PointsAccount.id, PointsAccount.kind, PointsAccount.owner_key).where(
        PointsAccount.community_id == community_id, PointsAccount.id.in_(account_ids))).all()
    owners = _owners(community_id, {key for _id, _kind, key in found}, named)
    return {i: Side(kind, owners.get(key, "")) for i, kind, key in found}


def _owners(community_id: int, keys: Iterable[str], named: Callable[[str], str]) -> dict[str, str]:
    return owner_names(community_id, [key for key in keys if not key.startswith("community:")], named)


def months_back(count: int = 12) -> list[dt.date]:
    """The first days of the last months, this one first."""
    first = clock.today().replace(day=1)
    months = []
    for _ in range(count):
        months.append(first)
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return months
