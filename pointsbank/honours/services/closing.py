"""The year-end close: the sums of 31 December are prepared by the job or a person, and frozen by a second person.

Nothing is deleted or carried over: a year's honour is what was recorded in that year, so the next one starts by itself.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.honours import policy
from pointsbank.honours.errors import (
    FiguresMoved,
    LaterYearClosed,
    NotAllowed,
    NothingToClose,
    SecondPersonNeeded,
    WrongStep,
    YearNotOver,
)
from pointsbank.honours.models import HonourYear, HonourYearLine, YearState
from pointsbank.ledger.gains import gained
from pointsbank.ledger.models import Book
from pointsbank.rules.counters import lock_community


@dataclass(frozen=True)
class YearSum:
    """One owner's line: minutes and hundredths of honour of the year, and since ever."""

    owner_key: str
    minutes: int
    honour: int
    minutes_in_all: int
    honour_in_all: int


def sums_of(community_id: int, year: int) -> list[YearSum]:
    """The lines of a year by owner, from the book; four statements. Who has nothing in either book is absent."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    of_year = [gained(community_id, book, last, first) for book in (Book.MINUTES, Book.HONOUR)]
    in_all = [gained(community_id, book, last) for book in (Book.MINUTES, Book.HONOUR)]
    owners = sorted(set().union(*of_year, *in_all))
    return [YearSum(owner, *(sums.get(owner, 0) for sums in (*of_year, *in_all))) for owner in owners]


def hash_of(community_id: int, year: int, previous_hash: str, lines: Iterable[YearSum]) -> str:
    """SHA-256 of the year before and of all lines in the order of their owners."""
    text = [f"{community_id}|{year}|{previous_hash}"]
    text += [f"{one.owner_key}|{one.minutes}|{one.honour}|{one.minutes_in_all}|{one.honour_in_all}"
             for one in sorted(lines, key=lambda one: one.owner_key)]
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def prepare_year(actor: Actor, community_id: int, year: int) -> HonourYear:
    """The statement of a year that is over; known already, it is answered. A second person freezes it.

    Raises NotAllowed, YearNotOver, LaterYearClosed, NothingToClose.
    """
    if not (actor.is_system or (policy.may_decide(actor) and actor.community_id == community_id)):
        raise NotAllowed
    if year >= clock.today().year:
        raise YearNotOver(year=year)
    lock_community(community_id)
    known = {row.year: row for row in db.session.scalars(scoped(HonourYear, community_id))}
    if year in known:
        return known[year]
    if any(other > year for other in known):
        raise LaterYearClosed
    lines = sums_of(community_id, year)
    if not any(one.minutes or one.honour for one in lines):
        raise NothingToClose(year=year)
    previous = known[max(known)].hash if known else ""
    row = HonourYear(
        community_id=community_id, year=year, state=YearState.PREPARED, line_count=len(lines),
        minutes=sum(one.minutes for one in lines), honour=sum(one.honour for one in lines),
        hash=hash_of(community_id, year, previous, lines), previous_hash=previous, prepared_by_id=actor.user_id,
        prepared_at=clock.now())
    db.session.add(row)
    db.session.flush()
    db.session.execute(sa.insert(HonourYearLine), [
        {"community_id": community_id, "year_id": row.id, **vars(one)} for one in lines])
    audit.write(actor, "honours.prepare_year", f"year:{row.id}", year=year, community_id=community_id)
    return row


def freeze_year(actor: Actor, year_id: int) -> HonourYear:
    """A second person freezes the statement, after it was compared with the book once more.

    Raises NotAllowed, SecondPersonNeeded, WrongStep, FiguresMoved.
    """
    if not policy.may_decide(actor):
        raise NotAllowed
    row = get_scoped(HonourYear, year_id, actor.community_id, lock=True)
    if row.state is not YearState.PREPARED:
        raise WrongStep
    if row.prepared_by_id == actor.user_id:
        raise SecondPersonNeeded
    if not agrees(row):
        raise FiguresMoved
    row.state, row.frozen_by_id, row.frozen_at = YearState.FROZEN, actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, "honours.freeze_year", f"year:{row.id}", year=row.year)
    return row


def agrees(row: HonourYear) -> bool:
    """The stored lines and the book still give the statement's hash."""
    stored = [YearSum(line.owner_key, line.minutes, line.honour, line.minutes_in_all, line.honour_in_all)
              for line in db.session.scalars(scoped(HonourYearLine, row.community_id).where(
                  HonourYearLine.year_id == row.id))]
    return all(hash_of(row.community_id, row.year, row.previous_hash, lines) == row.hash
               for lines in (stored, sums_of(row.community_id, row.year)))
