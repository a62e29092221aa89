"""What everybody has, and what of it reaches a step: set-based, a handful of statements for a whole community."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from pointsbank.core.db import db
from pointsbank.honours.models import LIVE, HonourProposal, NoShow, Period
from pointsbank.honours.queries.ladders import in_force
from pointsbank.honours.reaching import Figures, Ladder, Reached, due
from pointsbank.ledger import queries as ledger
from pointsbank.ledger.gains import gained
from pointsbank.ledger.models import Book
from pointsbank.people.models import Resident

NOBODY = Figures()
Known = dict[tuple[int, int], set[tuple[int, str]]]


def owner_key(resident_id: int) -> str:
    """How the book calls a resident."""
    return f"resident:{resident_id}"


@dataclass(frozen=True)
class Standing:
    """The figures of many residents on a day: of their whole life, and of the calendar year of that day."""

    day: dt.date
    life: dict[int, Figures]
    year: dict[int, Figures]

    def of(self, ladder: Ladder, resident_id: int) -> Figures:
        """What counts for this ladder."""
        return (self.year if ladder.period is Period.YEAR else self.life).get(resident_id, NOBODY)


def standing(community_id: int, resident_ids: Iterable[int], day: dt.date) -> Standing:
    """The figures of residents; four statements, however many.

    A life's sum is the wallet's own (as of now, for nothing but awards and their reversals moves these two books), a
    year's is added up from the recorded days.
    """
    owners = {owner_key(i): i for i in resident_ids}
    keys = list(owners)
    first, last = dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)

    def both(minutes: dict[str, int], honour: dict[str, int]) -> dict[int, Figures]:
        return {owners[key]: Figures(minutes.get(key, 0), honour.get(key, 0))
                for key in owners.keys() & (minutes.keys() | honour.keys())}

    # For a few the book is asked about these only; for a community the whole of it is added up.
    few = keys if len(keys) <= 50 else None
    return Standing(day, both(ledger.balances(community_id, keys, Book.MINUTES),
                              ledger.balances(community_id, keys, Book.HONOUR)),
                    both(gained(community_id, Book.MINUTES, last, first, few),
                         gained(community_id, Book.HONOUR, last, first, few)))


def no_shows(community_id: int, resident_ids: Collection[int], year: int) -> dict[int, int]:
    """How often each of these did not come in a year, excuses left out; who always came is absent."""
    rows = db.session.execute(
        sa.select(NoShow.resident_id, sa.func.count()).where(
            NoShow.community_id == community_id, NoShow.excused_by_id.is_(None),
            NoShow.on_day.between(dt.date(year, 1, 1), dt.date(year, 12, 31))).group_by(NoShow.resident_id))
    wanted = set(resident_ids)
    return {resident_id: count for resident_id, count in rows if resident_id in wanted}


def present_ids(community_id: int) -> list[int]:
    """Everybody who lives here now."""
    return list(db.session.scalars(sa.select(Resident.id).where(
        Resident.community_id == community_id, Resident.left_on.is_(None), Resident.erased_at.is_(None))
        .order_by(Resident.id)))


def proposed_before(community_id: int, resident_ids: Collection[int] | None = None, *,
                    live_only: bool = False) -> Known:
    """(resident, ladder series) -> the (level, period) pairs ever proposed, or only those that still stand."""
    query = sa.select(HonourProposal.resident_id, HonourProposal.series, HonourProposal.level,
                      HonourProposal.period_key).where(HonourProposal.community_id == community_id)
    if resident_ids is not None:
        query = query.where(HonourProposal.resident_id.in_(resident_ids))
    if live_only:
        query = query.where(HonourProposal.state.in_(LIVE))
    known: Known = {}
    for resident_id, series, level, key in db.session.execute(query):
        known.setdefault((resident_id, series), set()).add((level, key))
    return known


@dataclass(frozen=True)
class Candidate:
    """Somebody has reached a step that was never proposed: with the figures, and the no-shows of that year."""

    resident_id: int
    ladder: Ladder
    one: Reached
    figures: Figures
    no_shows: int

    @property
    def is_held_back(self) -> bool:
        """So many no-shows that a person has to look first; nothing else happens because of them."""
        limit = self.ladder.no_show_limit
        return limit is not None and self.no_shows >= limit


@dataclass
class _Asked:
    """One day that is judged, with the ladders that are judged on it."""

    day: dt.date
    ladders: list[Ladder] = field(default_factory=list)


def _asked(community_id: int, today: dt.date) -> list[_Asked]:
    """Today's ladders; in January also last year's, for ladders by year: the last postings came after the last run."""
    asked = [_Asked(today, in_force(community_id, today))]
    if today.month == 1:
        last = dt.date(today.year - 1, 12, 31)
        asked.append(_Asked(last, [one for one in in_force(community_id, last) if one.period is Period.YEAR]))
    return [one for one in asked if one.ladders]


def candidates(community_id: int, today: dt.date, resident_ids: Collection[int] | None = None, *,
               again: bool = False) -> list[Candidate]:
    """Who is to be proposed; about ten statements for any number of residents and ladders.

    ``again``: also what was declined, struck or revoked before, which only a person proposes anew.
    """
    ids = list(resident_ids) if resident_ids is not None else present_ids(community_id)
    known = proposed_before(community_id, resident_ids, live_only=again)
    found = []
    for asked in _asked(community_id, today):
        figures = standing(community_id, ids, asked.day)
        absent = no_shows(community_id, ids, asked.day.year)
        for ladder in asked.ladders:
            for i in ids:
                has = figures.of(ladder, i)
                found += [Candidate(i, ladder, one, has, absent.get(i, 0))
                          for one in due(ladder, has, asked.day.year, known.get((i, ladder.series), ()))]
    return found
