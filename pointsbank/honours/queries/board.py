"""The public board: stars by league, masked, nobody ranked, nobody under age, nobody who doesn't want to be there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.core.db import db, scoped
from pointsbank.core.masking import mask_name
from pointsbank.honours.models import (
    BestMonth,
    BestState,
    HonourAward,
    HonourProposal,
    Period,
    ProposalState,
)
from pointsbank.honours.queries import people as own
from pointsbank.honours.queries.ladders import in_force
from pointsbank.honours.reaching import Ladder
from pointsbank.people import queries as people
from pointsbank.people.models import Resident

MONTHS_SHOWN = 12


@dataclass(frozen=True)
class StepNames:
    """Who holds a step, masked, in the order of the names: never in that of any figure."""

    name: str
    level: int
    names: list[str]


@dataclass(frozen=True)
class LeagueStars:
    """One league on the board. ``name`` is empty for a league without a name of the community's own."""

    place: int
    name: str
    steps: list[StepNames]


@dataclass(frozen=True)
class LadderStars:
    """One ladder on the board, league by league."""

    ladder: Ladder
    leagues: list[LeagueStars]
    year: int | None


@dataclass(frozen=True)
class BestShown:
    """The best observer of a month, masked."""

    month: dt.date
    team: str
    name: str


def _held(community_id: int, ladders: Sequence[Ladder], year: int) -> list[tuple[int, int, int]]:
    """(series, resident, highest level held) of honours that stand; one statement."""
    yearly = [one.series for one in ladders if one.period is Period.YEAR]
    rows = db.session.execute(
        sa.select(HonourAward.series, HonourAward.resident_id, sa.func.max(HonourAward.level))
        .join(HonourProposal, HonourProposal.id == HonourAward.proposal_id)
        .where(HonourAward.community_id == community_id, HonourProposal.state == ProposalState.GRANTED,
               HonourAward.series.in_([one.series for one in ladders]),
               sa.or_(HonourAward.series.not_in(yearly), HonourAward.period_key == str(year)))
        .group_by(HonourAward.series, HonourAward.resident_id))
    return [(series, resident_id, level) for series, resident_id, level in rows]


def years(community_id: int) -> list[int]:
    """The years for which honours of a ladder by year were granted, the latest first."""
    found = db.session.scalars(sa.select(HonourAward.period_key).distinct().where(
        HonourAward.community_id == community_id, HonourAward.period_key.like("2___")))
    return sorted({int(key) for key in found}, reverse=True)


def _shown(community_id: int, ids: set[int], today: dt.date) -> dict[int, Resident]:
    """Whoever may stand in public: present, of age, and not against it."""
    hidden = own.hidden_ids(community_id)
    return {i: r for i, r in people.residents_by_id(community_id, ids - hidden).items()
            if r.left_on is None and r.erased_at is None and not r.is_minor(today)}


def stars(community_id: int, today: dt.date, year: int) -> list[LadderStars]:
    """The ladders in force with who holds which step; of a ladder by year those of ``year``. Eight statements."""
    ladders = in_force(community_id, today)
    held = _held(community_id, ladders, year)
    residents = _shown(community_id, {resident_id for _series, resident_id, _level in held}, today)
    named = own.leagues(community_id)
    places = own.places_in_leagues(community_id, list(residents), today, named)
    names = {0: "", **{place: one.name for place, one in enumerate(named, 1)}} if named else {0: "", 1: ""}
    found = []
    for ladder in ladders:
        mine = [(residents[i], level) for series, i, level in held if series == ladder.series and i in residents]
        groups = [LeagueStars(place, name, _steps(ladder, [(r, level) for r, level in mine if places[r.id] == place]))
                  for place, name in names.items()]
        found.append(LadderStars(ladder, [one for one in groups if one.steps],
                                 year if ladder.period is Period.YEAR else None))
    return found


def _steps(ladder: Ladder, holders: Sequence[tuple[Resident, int]]) -> list[StepNames]:
    steps = []
    for step in reversed(ladder.steps):
        at = sorted((r for r, level in holders if level == step.level), key=lambda r: (r.name, r.id))
        if at:
            steps.append(StepNames(step.name, step.level, [mask_name(r.name) for r in at]))
    return steps


def best_of(community_id: int, today: dt.date) -> list[BestShown]:
    """The best observers of the last twelve months, the latest first; three statements at most."""
    rows = db.session.scalars(
        scoped(BestMonth, community_id).where(BestMonth.state == BestState.DECIDED,
                                              BestMonth.month >= today - dt.timedelta(days=31 * MONTHS_SHOWN))
        .order_by(BestMonth.month.desc(), BestMonth.team_id).limit(4 * MONTHS_SHOWN)).all()
    residents = _shown(community_id, {row.chosen_id for row in rows if row.chosen_id is not None}, today)
    teams = {team.id: team.name for team in people.teams(community_id, closed=True)}
    return [BestShown(row.month, teams.get(row.team_id, ""), mask_name(residents[row.chosen_id].name))
            for row in rows if row.chosen_id in residents]
