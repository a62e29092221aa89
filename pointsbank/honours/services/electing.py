"""The best observer of a month: the job puts the figures up, the team votes in the open, a tie gets a second ballot."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.contributions.models import DeedKind
from pointsbank.contributions.queries import accepted_counts
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_short_day
from pointsbank.core.i18n import N_
from pointsbank.honours import policy
from pointsbank.honours.errors import (
    AlreadyVoted,
    MonthNotOver,
    NotAllowed,
    NotAnObserversTeam,
    NotAVoter,
    ReasonMissing,
    VoteClosed,
    VoteGoesOn,
)
from pointsbank.honours.models import BestCandidate, BestMonth, BestState, BestVote
from pointsbank.honours.queries.people import hidden_ids
from pointsbank.honours.queries.votes import BALLOTS, is_present_adult, voters_of
from pointsbank.honours.services.independence import check_not_kin
from pointsbank.honours.services.numbering import insert
from pointsbank.notifications.services import tell
from pointsbank.people import queries as people
from pointsbank.people.models import Resident, TeamKind

FIRST_BALLOT = dt.timedelta(days=5)
SECOND_BALLOT = dt.timedelta(days=3)
OLDEST = dt.timedelta(days=366)


def last_day(month: dt.date) -> dt.date:
    """The last day of the month that starts on this day."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def open_month(actor: Actor, team_id: int, month: dt.date) -> BestMonth:
    """Put the figures of a month that is over before the team and open the vote; known already, it is answered.

    Up stand grown-up members of that month's last day who did something and don't mind being shown. Raises NotAllowed,
    NotAnObserversTeam, MonthNotOver.
    """
    team = people.team(actor.community_id, team_id)
    if not policy.may_lead(actor, team.id):
        raise NotAllowed
    if team.kind is not TeamKind.OBSERVERS or team.closed_on is not None:
        raise NotAnObserversTeam
    month, today = month.replace(day=1), clock.today()
    if last_day(month) >= today or month < today - OLDEST:
        raise MonthNotOver
    voters = voters_of(team.community_id, team.id)
    best_id = db.session.scalar(insert(BestMonth).values(
        community_id=team.community_id, team_id=team.id, month=month, state=BestState.FIRST, members=len(voters),
        closes_on=today + FIRST_BALLOT, opened_by_id=actor.user_id, opened_at=clock.now(), reason="")
        .on_conflict_do_nothing(index_elements=["team_id", "month"]).returning(BestMonth.id))
    if best_id is None:
        return db.session.scalars(scoped(BestMonth, team.community_id).where(
            BestMonth.team_id == team.id, BestMonth.month == month)).one()
    best = get_scoped(BestMonth, best_id, team.community_id)
    if not _put_up(best):
        _decide(best, None)
    else:
        _tell_team(best, voters)
    audit.write(actor, "honours.open_month", f"best:{best.id}", community_id=best.community_id)
    return best


def _put_up(best: BestMonth) -> int:
    """The candidates with their figures; how many there are."""
    end = last_day(best.month)
    members = people.team_members(best.community_id, best.team_id, end)
    hidden = hidden_ids(best.community_id)
    shown = [m.resident for m in members if m.resident_id not in hidden and is_present_adult(m.resident)]
    counts = accepted_counts(best.community_id, [r.id for r in shown], best.month, end)
    rows = []
    for resident in shown:
        of = counts.get(resident.id, {})
        rounds, snapshots = of.get(DeedKind.PATROL, 0), of.get(DeedKind.SNAPSHOT, 0)
        if rounds or snapshots:
            rows.append({"community_id": best.community_id, "best_id": best.id, "resident_id": resident.id,
                         "rounds": rounds, "snapshots": snapshots, "ballot": 1})
    if rows:
        db.session.execute(sa.insert(BestCandidate), rows)
    return len(rows)


def vote(actor: Actor, best_id: int, candidate_id: int, *, voter_id: int | None = None) -> BestVote:
    """One member's vote, seen by the team; given, it stays. With ``voter_id`` the leader enters a show of hands.

    Raises NotAllowed, NotAVoter, VoteClosed, AlreadyVoted.
    """
    best = get_scoped(BestMonth, best_id, actor.community_id, lock=True)
    on_paper = voter_id is not None
    if actor.user_id is None or (on_paper and not policy.may_lead(actor, best.team_id)):
        raise NotAllowed
    voter = voter_id if voter_id is not None else actor.resident_id
    if best.state not in BALLOTS or clock.today() > best.closes_on:
        raise VoteClosed
    ballot = BALLOTS[best.state]
    if voter == candidate_id or voter not in {r.id for r in voters_of(best.community_id, best.team_id)}:
        raise NotAVoter
    if candidate_id not in {c.resident_id for c in _standing(best)}:
        raise VoteClosed
    if any(v.voter_id == voter for v in _votes(best, ballot)):
        raise AlreadyVoted
    row = BestVote(community_id=best.community_id, best_id=best.id, ballot=ballot, voter_id=voter,
                   candidate_id=candidate_id, on_paper=on_paper, entered_by_id=actor.user_id, at=clock.now())
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "honours.vote", f"best:{best.id}", ballot=ballot, on_paper=on_paper)
    return row


def _standing(best: BestMonth) -> Sequence[BestCandidate]:
    """Who stands in the present ballot, or stood in the last one."""
    ballot = 1 if best.state is BestState.FIRST else 2
    return db.session.scalars(scoped(BestCandidate, best.community_id).where(
        BestCandidate.best_id == best.id, BestCandidate.ballot >= ballot)).all()


def _votes(best: BestMonth, ballot: int) -> Sequence[BestVote]:
    return db.session.scalars(scoped(BestVote, best.community_id).where(
        BestVote.best_id == best.id, BestVote.ballot == ballot)).all()


def count(actor: Actor, best_id: int) -> BestMonth:
    """Count a ballot that is over: decided, or on a tie a second one, or then the leader's to decide.

    The job does, or the leader once everybody has voted. Raises NotAllowed, VoteClosed, VoteGoesOn.
    """
    best = get_scoped(BestMonth, best_id, actor.community_id, lock=True)
    if not policy.may_lead(actor, best.team_id):
        raise NotAllowed
    if best.state not in BALLOTS:
        raise VoteClosed
    votes = _votes(best, BALLOTS[best.state])
    voters = {r.id for r in voters_of(best.community_id, best.team_id)}
    if clock.today() <= best.closes_on and not voters <= {v.voter_id for v in votes}:
        raise VoteGoesOn(day=format_short_day(best.closes_on))
    tally = Counter(v.candidate_id for v in votes)
    most = max(tally.values(), default=0)
    tied = sorted(i for i, number in tally.items() if number == most)
    if len(tied) == 1:
        _decide(best, tied[0])
    elif best.state is BestState.SECOND:
        best.state = BestState.LEADER
    elif tied:
        _second_ballot(best, tied)
    else:
        _decide(best, None)
    db.session.flush()
    audit.write(actor, "honours.count", f"best:{best.id}", votes=len(votes), tied=len(tied), state=best.state.value,
                community_id=best.community_id)
    return best


def _second_ballot(best: BestMonth, tied: Sequence[int]) -> None:
    best.state, best.closes_on = BestState.SECOND, clock.today() + SECOND_BALLOT
    db.session.execute(sa.update(BestCandidate).where(
        BestCandidate.community_id == best.community_id, BestCandidate.best_id == best.id,
        BestCandidate.resident_id.in_(tied)).values(ballot=2))
    _tell_team(best, voters_of(best.community_id, best.team_id))


def decide_tie(actor: Actor, best_id: int, candidate_id: int, reason: str) -> BestMonth:
    """After two ties the leader confirms one of those that stood in the second ballot, and says why.

    Not for one's own family: then somebody of the office does. Raises NotAllowed, VoteClosed, OwnHousehold,
    ReasonMissing.
    """
    best = get_scoped(BestMonth, best_id, actor.community_id, lock=True)
    if actor.user_id is None or not policy.may_lead(actor, best.team_id):
        raise NotAllowed
    if best.state is not BestState.LEADER or candidate_id not in {c.resident_id for c in _standing(best)}:
        raise VoteClosed
    if not 2 <= len(reason.strip()) <= 300:
        raise ReasonMissing(fields={"reason": lazy("Write why, in a sentence that the team may read.")})
    check_not_kin(actor, best.community_id, [candidate_id])
    best.reason, best.decided_by_id = reason.strip(), actor.user_id
    _decide(best, candidate_id)
    audit.write(actor, "honours.decide_tie", f"best:{best.id}")
    return best


def _decide(best: BestMonth, chosen_id: int | None) -> None:
    best.state = BestState.DECIDED if chosen_id is not None else BestState.NOBODY
    best.chosen_id, best.decided_at = chosen_id, clock.now()
    db.session.flush()
    if chosen_id is None:
        return
    name = people.residents_by_id(best.community_id, [chosen_id])[chosen_id].name
    tell(best.community_id, [r.id for r in voters_of(best.community_id, best.team_id)],
         N_("The team has chosen %(name)s as best observer of %(month)s."),
         {"name": name, "month": {"month": best.month.isoformat()}}, f"/honours/best/{best.id}")


def _tell_team(best: BestMonth, voters: Sequence[Resident]) -> None:
    tell(best.community_id, [r.id for r in voters],
         N_("Please vote for the best observer of %(month)s by %(day)s. One vote each, open to the team."),
         {"month": {"month": best.month.isoformat()}, "day": {"day": best.closes_on.isoformat()}},
         f"/honours/best/{best.id}")


def due_counts(today: dt.date) -> list[tuple[int, int]]:
    """(community id, id) of votes whose time is over, in all communities."""
    rows = db.session.execute(sa.select(BestMonth.community_id, BestMonth.id).where(
        BestMonth.state.in_(list(BALLOTS)), BestMonth.closes_on < today).order_by(BestMonth.id))
    return [(community_id, best_id) for community_id, best_id in rows]
