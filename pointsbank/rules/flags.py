"""Asking for effects that are no number: whom nothing is counted for, who may not spend, who gets no honours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from pointsbank.core.clock import local_date
from pointsbank.core.db import db, scoped
from pointsbank.core.paging import Page, page
from pointsbank.rules.models import FlagKind, FlagState, StandingFlag

COUNTS_NOTHING = (FlagKind.EXCLUDED, FlagKind.VETO)


def listed(community_id: int, *, cursor: str | None = None) -> Page[Any]:
    """All flags of a community, newest first."""
    return page(scoped(StandingFlag, community_id), StandingFlag.id, cursor=cursor)


def waiting(community_id: int) -> int:
    """How many wait for a second person."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(StandingFlag).where(
        StandingFlag.community_id == community_id, StandingFlag.state == FlagState.PROPOSED)) or 0


def covers(flag: StandingFlag, day: dt.date) -> bool:
    """In effect on a day. One that was lifted ended with the day of lifting."""
    ends = [flag.until_on, local_date(flag.lifted_at) if flag.lifted_at is not None else None]
    return flag.since_on <= day and all(end is None or day < end for end in ends)


def of_owners(community_id: int, owner_keys: Iterable[str], kinds: Collection[FlagKind]) -> Sequence[StandingFlag]:
    """The flags of these kinds that ever were in force for these people and households. One statement."""
    return db.session.scalars(scoped(StandingFlag, community_id).where(
        StandingFlag.owner_key.in_(set(owner_keys)), StandingFlag.kind.in_(kinds),
        StandingFlag.state.in_([FlagState.IN_FORCE, FlagState.LIFTED]))).all()


def not_counted(community_id: int, people: Collection[tuple[int, int | None, dt.date]]) -> dict[
        tuple[int, int | None, dt.date], str]:
    """Why nothing is counted for (resident, household, day), for those of whom that holds. One statement."""
    keys = {key for resident, home, _day in people for key in _keys(resident, home)}
    flags = of_owners(community_id, keys, COUNTS_NOTHING) if keys else []
    found = {}
    for resident, home, day in people:
        hit = next((f for f in flags if f.owner_key in _keys(resident, home) and covers(f, day)), None)
        if hit is not None:
            found[resident, home, day] = hit.reason
    return found


def no_redemption(community_id: int, owner_keys: Iterable[str], day: dt.date) -> StandingFlag | None:
    """What keeps these owners from spending on a day; None while they may. One statement."""
    flags = of_owners(community_id, owner_keys, (FlagKind.NO_REDEMPTION,))
    return next((flag for flag in flags if covers(flag, day)), None)


def _keys(resident_id: int, household_id: int | None) -> set[str]:
    return {f"resident:{resident_id}", *([f"household:{household_id}"] if household_id is not None else [])}
