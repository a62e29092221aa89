"""A resident's own page: figures, the star held, what is missing to the next one, certificates, votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.errors import NotFound
from pointsbank.honours.models import BestMonth, HonourAward, HonourRevocation, Period, RevocationState
from pointsbank.honours.queries import people as own
from pointsbank.honours.queries import register, standing
from pointsbank.honours.queries.ladders import in_force
from pointsbank.honours.reaching import Figures, Ladder, Missing, Reached, next_step, reached
from pointsbank.people import queries as people
from pointsbank.people.models import TeamKind


@dataclass(frozen=True)
class OnLadder:
    """How somebody stands on a ladder. ``waiting``: reached by the figures, not granted yet."""

    ladder: Ladder
    figures: Figures
    held: HonourAward | None
    waiting: Reached | None
    missing: Missing | None


@dataclass(frozen=True)
class MyAward:
    """An honour with what became of it."""

    award: HonourAward
    revoked: HonourRevocation | None


@dataclass(frozen=True)
class Mine:
    """Everything of one resident in this room."""

    ladders: list[OnLadder]
    awards: list[MyAward]
    no_shows: int
    is_hidden: bool
    votes: Sequence[BestMonth]


def mine(actor: Actor) -> Mine:
    """The page of the resident acted for; about fifteen statements. Raises NotFound without one."""
    if actor.resident_id is None or actor.community_id is None:
        raise NotFound
    community_id, resident_id, today = actor.community_id, actor.resident_id, clock.today()
    awards = register.awards_of(community_id, resident_id)
    undone = {award_id: row for award_id, rows in register.revocations_of(
        community_id, [award.id for award in awards]).items()
        for row in rows if row.state is RevocationState.CONFIRMED}
    has = standing.standing(community_id, [resident_id], today)
    standing_awards = [award for award in awards if award.id not in undone]
    teams = [team.id for team in people.teams_of_resident(resident_id, today) if team.kind is TeamKind.OBSERVERS]
    return Mine(
        [_on(ladder, has.of(ladder, resident_id), standing_awards, today.year)
         for ladder in in_force(community_id, today)],
        [MyAward(award, undone.get(award.id)) for award in awards],
        standing.no_shows(community_id, [resident_id], today.year).get(resident_id, 0),
        own.is_hidden(community_id, resident_id), register.best_of_teams(community_id, teams))


def _on(ladder: Ladder, figures: Figures, awards: Sequence[HonourAward], year: int) -> OnLadder:
    of_period = [a for a in awards if a.series == ladder.series
                 and (ladder.period is not Period.YEAR or a.period_key == str(year))]
    held = max(of_period, key=_height, default=None)
    top = max(reached(ladder, figures, year), key=lambda one: (_order(one.period_key), one.step.level), default=None)
    above = top if top is not None and (
        held is None or (_order(top.period_key), top.step.level) > _height(held)) else None
    return OnLadder(ladder, figures, held, above, next_step(ladder, figures, year))


def _order(period_key: str) -> int:
    """Cycles in their order; one period otherwise."""
    return int(period_key.partition(":")[2]) if period_key.startswith("cycle:") else 0


def _height(award: HonourAward) -> tuple[int, int]:
    return _order(award.period_key), award.level
