"""Who is in which league, who isn't shown, who signed up and did not come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from pointsbank.core.db import db, scoped
from pointsbank.core.paging import Page, page
from pointsbank.honours.models import HiddenResident, HonourLeague, NoShow
from pointsbank.people import queries as people

# Until a community has named its own leagues: whoever holds an office or the party's card is never beside the others.
BUILT_IN = (("", frozenset({"干部", "党员"})),)
ORDINARY = 0


def hidden_ids(community_id: int) -> set[int]:
    """The residents who don't want to stand on boards and lists of figures."""
    return set(db.session.scalars(sa.select(HiddenResident.resident_id).where(
        HiddenResident.community_id == community_id)))


def is_hidden(community_id: int, resident_id: int) -> bool:
    """One resident's own choice."""
    return bool(db.session.scalar(sa.select(sa.literal(1)).where(
        HiddenResident.community_id == community_id, HiddenResident.resident_id == resident_id)))


def leagues(community_id: int) -> Sequence[HonourLeague]:
    """The leagues that a community has named, in their order."""
    return db.session.scalars(scoped(HonourLeague, community_id).order_by(HonourLeague.position)).all()


def places_in_leagues(community_id: int, resident_ids: Collection[int], day: dt.date,
                      named: Sequence[HonourLeague]) -> dict[int, int]:
    """Each resident's league: 0 for ordinary residents, else its place from 1 on (1 is the built-in one where none is
    named). One statement."""
    groups = [frozenset(one.tags) for one in named] or [tags for _name, tags in BUILT_IN]
    tags = people.tags_on(community_id, resident_ids, day)
    return {i: next((place for place, group in enumerate(groups, 1) if tags[i] & group), ORDINARY)
            for i in resident_ids}


def no_shows(community_id: int, *, resident_id: int | None = None, cursor: str | None = None,
             limit: int | None = None) -> Page[NoShow]:
    """Newest first, of everybody or of one resident."""
    query = scoped(NoShow, community_id)
    if resident_id is not None:
        query = query.where(NoShow.resident_id == resident_id)
    return page(query, NoShow.id, cursor=cursor, limit=limit)
