"""One month's choice as the team sees it: figures by name, who voted for whom, who has still to vote."""

from __future__ import annotations

from dataclasses import dataclass

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.honours import policy
from pointsbank.honours.models import BestCandidate, BestMonth, BestState, BestVote
from pointsbank.people import queries as people
from pointsbank.people.models import Resident, Team

BALLOTS = {BestState.FIRST: 1, BestState.SECOND: 2}


def is_present_adult(resident: Resident) -> bool:
    """Lives here and is of age: only then somebody votes or is named."""
    return not resident.is_minor(clock.today()) and resident.left_on is None and resident.erased_at is None


def voters_of(community_id: int, team_id: int) -> list[Resident]:
    """Who may vote today: the grown-up members of the team, by name."""
    return [m.resident for m in people.team_members(community_id, team_id, clock.today())
            if is_present_adult(m.resident)]


@dataclass(frozen=True)
class CandidateView:
    """A member with the month's figures; ``stands``: in the present ballot."""

    resident: Resident
    rounds: int
    snapshots: int
    stands: bool


@dataclass(frozen=True)
class BestView:
    """A month with its team, candidates and voters (both by name), and the votes of each ballot."""

    best: BestMonth
    team: Team
    candidates: list[CandidateView]
    voters: list[Resident]
    votes: dict[int, list[tuple[Resident, Resident, bool]]]
    open_ballot: int | None
    not_voted: list[Resident]
    may_lead: bool
    chosen: Resident | None


def best_month(actor: Actor, best_id: int) -> BestView:
    """For members of the team, its leader and the desk; eight statements. Raises NotFound for everybody else."""
    best = get_scoped(BestMonth, best_id, actor.community_id)
    team = people.team(best.community_id, best.team_id)
    voters = voters_of(best.community_id, best.team_id)
    may_lead = policy.may_lead(actor, team.id)
    if not (may_lead or policy.may_look(actor) or actor.resident_id in {r.id for r in voters}):
        raise NotFound
    rows = db.session.scalars(scoped(BestCandidate, best.community_id).where(BestCandidate.best_id == best.id)).all()
    votes = db.session.scalars(scoped(BestVote, best.community_id).where(BestVote.best_id == best.id)
                               .order_by(BestVote.id)).all()
    ids = {c.resident_id for c in rows} | {v.voter_id for v in votes}
    residents = people.residents_by_id(best.community_id, ids)
    ballot = BALLOTS.get(best.state)
    last = 2 if best.state in {BestState.SECOND, BestState.LEADER} else 1
    candidates = [CandidateView(residents[c.resident_id], c.rounds, c.snapshots, c.ballot >= last) for c in rows]
    cast: dict[int, list[tuple[Resident, Resident, bool]]] = {}
    for v in votes:
        cast.setdefault(v.ballot, []).append((residents[v.voter_id], residents[v.candidate_id], v.on_paper))
    done = {v.voter_id for v in votes if v.ballot == ballot}
    return BestView(
        best, team, sorted(candidates, key=lambda c: (c.resident.name, c.resident.id)), voters, cast, ballot,
        [r for r in voters if r.id not in done], may_lead, residents.get(best.chosen_id or 0))
