"""A contribution as the rules read it: with what is known of its people and its day, and kept with it once judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import chinese_calendar
import sqlalchemy as sa

from pointsbank.contributions import queries
from pointsbank.contributions.models import Contribution, State
from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.media.models import Photo
from pointsbank.people import queries as people
from pointsbank.people.models import Resident, Team
from pointsbank.rules import flags
from pointsbank.rules.evaluation import Deed
from pointsbank.rules.models import DayKind

NOT_COUNTED = (State.DRAFT, State.WITHDRAWN, State.REJECTED)


def deeds_of(contributions: Sequence[Contribution]) -> list[Deed]:
    """Deeds for the rules, in the order given; see :func:`known_of`."""
    known = known_of(contributions)
    return [deed_of(c, known[c.id]) for c in contributions]


def known_of(contributions: Sequence[Contribution]) -> dict[int, dict[str, Any]]:
    """What else the rules may ask about deeds, by id, as ``Contribution.facts`` keeps it.

    Of one that was judged before, what was known then. The number of statements doesn't grow with the batch.
    """
    kept = {c.id: c.facts for c in contributions if c.facts is not None}
    return kept | _look_up([c for c in contributions if c.id not in kept])


def _look_up(contributions: Sequence[Contribution]) -> dict[int, dict[str, Any]]:
    if not contributions:
        return {}
    community_id = contributions[0].community_id
    born = _born(community_id, {c.resident_id for c in contributions})
    heads = people.heads_then(community_id, {c.household_id for c in contributions if c.household_id is not None})
    kinds = _team_kinds(community_id, {c.team_id for c in contributions if c.team_id is not None})
    photos = _photos(community_id, contributions)
    excluded = flags.not_counted(community_id, {(c.resident_id, c.household_id, c.done_on) for c in contributions})
    tags = people.tags_then(community_id, {c.resident_id for c in contributions})
    first = _first_of_acts(community_id, {c.act_key for c in contributions if c.act_key})
    return {c.id: {
        "age": _age(born.get(c.resident_id), c.done_on), "head_id": heads(c.household_id, c.done_on),
        "team_kind": kinds.get(c.team_id or 0), "photos": photos.get(c.id, 0),
        "is_first": first.get(c.act_key or "", c.resident_id) == c.resident_id,
        "day_kind": str(day_kind(c.done_on)), "tags": sorted(tags(c.resident_id, c.done_on)),
        "excluded": excluded.get((c.resident_id, c.household_id, c.done_on), "")} for c in contributions}


def deed_of(contribution: Contribution, facts: dict[str, Any]) -> Deed:
    """One deed with what is known about it."""
    started = contribution.started_at
    local = clock.local(started) if started is not None else None
    return Deed(
        kind=str(contribution.kind), on=contribution.done_on, resident_id=contribution.resident_id,
        household_id=contribution.household_id, item_code=contribution.item_code, minutes=contribution.minutes,
        units=contribution.units, activity_key=contribution.activity_key, source_key=contribution.source_key,
        score=contribution.score, amount=contribution.amount_fen, act_key=contribution.act_key,
        beneficiary_id=contribution.beneficiary_id, team_id=contribution.team_id, size=contribution.size,
        share=contribution.share, starts_at=local.hour * 60 + local.minute if local else None,
        team_kind=facts["team_kind"], head_id=facts["head_id"], age=facts["age"], photos=facts["photos"],
        is_first=facts["is_first"], day_kind=DayKind(facts["day_kind"]), tags=frozenset(facts.get("tags", ())),
        excluded=facts.get("excluded", ""))


def day_kind(day: dt.date) -> DayKind:
    """What the State Council's calendar calls a day; for a year that isn't published yet its weekday decides."""
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        free, name = day.isoweekday() > 5, None
    if not free:
        return DayKind.WORKDAY
    return DayKind.HOLIDAY if name else DayKind.WEEKEND


def _age(born_on: dt.date | None, day: dt.date) -> int | None:
    if born_on is None or born_on > day:
        return None
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _born(community_id: int, ids: Iterable[int]) -> dict[int, dt.date | None]:
    rows = db.session.execute(sa.select(Resident.id, Resident.born_on).where(
        Resident.community_id == community_id, Resident.id.in_(set(ids))))
    return {row.id: row.born_on for row in rows}


def _team_kinds(community_id: int, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = db.session.execute(sa.select(Team.id, Team.kind).where(Team.community_id == community_id, Team.id.in_(ids)))
    return {row.id: str(row.kind) for row in rows}


def _photos(community_id: int, contributions: Sequence[Contribution]) -> dict[int, int]:
    """How many photos prove each deed; one recorded anew is proved by those of its earlier rounds as well."""
    rounds = queries.earlier_rounds(community_id, contributions)
    ids = {i for own, earlier in rounds.items() for i in (own, *earlier)}
    rows = db.session.execute(
        sa.select(Photo.owner_key, sa.func.count()).where(
            Photo.community_id == community_id, Photo.owner_key.in_([f"contribution:{i}" for i in ids]))
        .group_by(Photo.owner_key))
    found = {int(str(key).partition(":")[2]): number for key, number in rows}
    return {own: sum(found.get(i, 0) for i in (own, *earlier)) for own, earlier in rounds.items()}


def _first_of_acts(community_id: int, acts: set[str | None]) -> dict[str, int]:
    """Who recorded each act first, among deeds that were handed in and not turned down."""
    if not acts:
        return {}
    firsts = sa.select(sa.func.min(Contribution.id)).where(
        Contribution.community_id == community_id, Contribution.act_key.in_(acts),
        Contribution.state.notin_(NOT_COUNTED)).group_by(Contribution.act_key)
    rows = db.session.execute(sa.select(Contribution.act_key, Contribution.resident_id).where(
        Contribution.community_id == community_id, Contribution.id.in_(firsts)))
    return {str(row.act_key): row.resident_id for row in rows}
