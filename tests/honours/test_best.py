"""The best observer of a month: figures by name, an open vote, a second ballot, the leader's word; all recorded."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.core import clock as house_clock
from pointsbank.core.actor import Grant, system
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import NotFound
from pointsbank.honours import jobs, services
from pointsbank.honours.errors import (
    AlreadyVoted,
    MonthNotOver,
    NotAllowed,
    NotAnObserversTeam,
    NotAVoter,
    OwnHousehold,
    ReasonMissing,
    VoteClosed,
    VoteGoesOn,
)
from pointsbank.honours.models import BestCandidate, BestMonth, BestState, BestVote
from pointsbank.honours.queries import votes
from pointsbank.notifications.models import InboxMessage
from pointsbank.people.models import Appointment, Resident, Team, TeamKind, TeamMember
from pointsbank.people.roles import Role
from tests.contributions import funnel
from tests.honours.support import refused
from tests.honours.test_proposing import at_once, kin
from tests.support.village import LONG_AGO, Village

MARCH = dt.date(2026, 3, 1)
MEMBERS = ("alice", "bob", "charlie", "dora", "erin")


@pytest.fixture
def team(street: Village) -> int:
    """A team of five observers led by "leader", with a standard in force."""
    funnel.adopt(street.community)
    with transaction():
        row = Team(community_id=street.community, name="啄木鸟市民观察团", kind=TeamKind.OBSERVERS,
                   created_at=house_clock.now())
        db.session.add(row)
        db.session.flush()
        db.session.add_all([TeamMember(team_id=row.id, resident_id=street.residents[key], since_on=LONG_AGO)
                            for key in MEMBERS])
        db.session.add(Appointment(user_id=street.users["leader"], role=Role.TEAM_LEADER, area_id=street.community,
                                   team_id=row.id, since_at=house_clock.at_local(LONG_AGO), appointed_by="system"))
        team_id = row.id
    street.grants["leader"] += (Grant(Role.TEAM_LEADER, street.community, street.path, team_id),)
    return team_id


def deeds(street: Village, key: str, rounds: int = 0, snapshots: int = 0, on: dt.date = dt.date(2026, 3, 10)) -> None:
    """Approved rounds and snapshots of somebody."""
    drafts = [funnel.draft(street, key, 1000 * n + place, kind=kind, on=on, minutes=60 if kind == "patrol" else None,
                           source_key=f"{kind}:{key}:{on}:{place}", activity_key=f"{kind}:{key}:{on}:{place}")
              for n, (kind, count) in enumerate((("patrol", rounds), ("snapshot", snapshots)), 1)
              for place in range(count)]
    if drafts:
        funnel.approved(street, funnel.recorded(street, *drafts))


def opened(street: Village, team: int, by: str = "leader", month: dt.date = MARCH) -> int:
    with transaction():
        return services.open_month(street.actor(by), team, month).id


def vote(street: Village, best_id: int, **of: str) -> None:
    """alice="bob": alice votes for bob."""
    for voter, candidate in of.items():
        with transaction():
            services.vote(street.actor(voter), best_id, street.residents[candidate])


def count(street: Village, best_id: int, by: str = "leader") -> BestState:
    with transaction():
        return services.count(street.actor(by), best_id).state


def found(best_id: int) -> BestMonth:
    row = db.session.get(BestMonth, best_id, populate_existing=True)
    db.session.expunge_all()
    db.session.rollback()
    assert row is not None
    return row


def test_the_figures_are_the_accepted_deeds_of_the_month(street: Village, team: int) -> None:
    deeds(street, "alice", 3, 2)
    deeds(street, "bob", 0, 1)
    deeds(street, "charlie", 5, 0, on=dt.date(2026, 4, 1))
    deeds(street, "dora", 1, 0, on=dt.date(2026, 3, 31))
    best_id = opened(street, team)
    rows = {street_key(street, c.resident_id): (c.rounds, c.snapshots) for c in db.session.scalars(
        sa.select(BestCandidate).where(BestCandidate.best_id == best_id))}
    db.session.rollback()
    assert rows == {"alice": (3, 2), "bob": (0, 1), "dora": (1, 0)}


def street_key(street: Village, resident_id: int) -> str:
    return next(key for key, i in street.residents.items() if i == resident_id)


def test_the_page_of_the_vote_lists_by_name_and_ranks_nobody(street: Village, team: int) -> None:
    for key, rounds in (("alice", 1), ("bob", 9), ("charlie", 4)):
        deeds(street, key, rounds)
    best_id = opened(street, team)
    view = votes.best_month(street.actor("alice"), best_id)
    assert [c.resident.name for c in view.candidates] == sorted(c.resident.name for c in view.candidates)
    assert [c.rounds for c in view.candidates] != sorted((c.rounds for c in view.candidates), reverse=True)
    db.session.rollback()


def test_the_one_with_most_votes_is_chosen_and_the_team_is_told(street: Village, team: int) -> None:
    for key in ("alice", "bob"):
        deeds(street, key, 1)
    best_id = opened(street, team)
    vote(street, best_id, alice="bob", bob="alice", charlie="bob", dora="bob", erin="alice")
    assert count(street, best_id) is BestState.DECIDED
    assert found(best_id).chosen_id == street.residents["bob"]
    told = db.session.scalars(sa.select(InboxMessage.resident_id).where(InboxMessage.text.contains("has chosen"))).all()
    assert sorted(told) == sorted(street.residents[key] for key in MEMBERS)
    db.session.rollback()


def test_one_vote_each_and_none_for_oneself_or_from_outside(street: Village, team: int) -> None:
    for key in ("alice", "bob"):
        deeds(street, key, 1)
    best_id = opened(street, team)
    vote(street, best_id, charlie="alice")
    with pytest.raises(AlreadyVoted):
        vote(street, best_id, charlie="bob")
    with pytest.raises(NotAVoter):
        vote(street, best_id, alice="alice")
    with pytest.raises(NotAVoter):
        vote(street, best_id, frank="alice")
    with pytest.raises(VoteClosed):
        vote(street, best_id, erin="dora")
    with pytest.raises(NotFound):
        vote(street, best_id, mallory="alice")


def test_five_votes_of_one_member_at_once_are_one(app: Any, street: Village, team: int) -> None:
    from pointsbank.core import db as edge

    for key in ("alice", "bob"):
        deeds(street, key, 1)
    best_id = opened(street, team)
    choices = ["alice", "bob", "alice", "bob", "alice"]
    answers = at_once(app, lambda n: edge.run(lambda: bool(
        services.vote(street.actor("charlie"), best_id, street.residents[choices[n]]))))
    assert sum(a is True for a in answers) == 1
    assert {type(a) for a in answers if a is not True} == {AlreadyVoted}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BestVote)) == 1
    db.session.rollback()


def test_the_database_takes_no_second_vote_and_changes_none(street: Village, team: int) -> None:
    for key in ("alice", "bob"):
        deeds(street, key, 1)
    best_id = opened(street, team)
    vote(street, best_id, charlie="alice")
    columns = "community_id, best_id, ballot, voter_id, candidate_id, on_paper, entered_by_id, at"
    assert refused(f"INSERT INTO best_vote ({columns}) SELECT {columns} FROM best_vote", "DELETE FROM best_vote",
                   "UPDATE best_vote SET candidate_id = voter_id + 1") == []


def test_a_tie_goes_to_a_second_ballot_among_those_in_front(street: Village, team: int, clock: Any) -> None:
    for key in ("alice", "bob", "charlie"):
        deeds(street, key, 1)
    best_id = opened(street, team)
    vote(street, best_id, alice="bob", bob="alice", charlie="bob", dora="alice", erin="charlie")
    assert count(street, best_id) is BestState.SECOND
    with pytest.raises(VoteClosed):
        vote(street, best_id, dora="charlie")
    vote(street, best_id, alice="bob", bob="alice", charlie="bob", dora="bob", erin="alice")
    assert count(street, best_id) is BestState.DECIDED
    assert found(best_id).chosen_id == street.residents["bob"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BestVote)) == 10
    db.session.rollback()


def tied_twice(street: Village, team: int, clock: Any) -> int:
    for key in ("alice", "bob"):
        deeds(street, key, 1)
    best_id = opened(street, team)
    for _ballot in range(2):
        vote(street, best_id, alice="bob", bob="alice", charlie="bob", dora="alice")
        clock.forward(days=6)
        count(street, best_id)
    assert found(best_id).state is BestState.LEADER
    return best_id


def test_after_two_ties_the_leader_decides_and_says_why(street: Village, team: int, clock: Any) -> None:
    best_id = tied_twice(street, team, clock)
    bob = street.residents["bob"]
    with pytest.raises(ReasonMissing), transaction():
        services.decide_tie(street.actor("leader"), best_id, bob, " ")
    with pytest.raises(VoteClosed), transaction():
        services.decide_tie(street.actor("leader"), best_id, street.residents["dora"], "她最认真")
    with pytest.raises(NotAllowed), transaction():
        services.decide_tie(street.actor("alice"), best_id, bob, "他最认真")
    with transaction():
        services.decide_tie(street.actor("leader"), best_id, bob, "这个月他天天早上都在")
    row = found(best_id)
    assert (row.state, row.chosen_id, row.decided_by_id) == (BestState.DECIDED, bob, street.users["leader"])


def test_a_leader_does_not_decide_for_the_own_family(street: Village, team: int, clock: Any) -> None:
    best_id = tied_twice(street, team, clock)
    kin(street, "leader", "bob")
    with pytest.raises(OwnHousehold), transaction():
        services.decide_tie(street.actor("leader"), best_id, street.residents["bob"], "他最认真")
    with transaction():
        services.decide_tie(street.actor("member"), best_id, street.residents["bob"], "居委会看过记录")


def test_a_vote_goes_on_until_its_day_or_until_everybody_has_voted(street: Village, team: int, clock: Any) -> None:
    for key in ("alice", "bob"):
        deeds(street, key, 1)
    best_id = opened(street, team)
    vote(street, best_id, charlie="bob")
    with pytest.raises(VoteGoesOn):
        count(street, best_id)
    clock.at(2026, 4, 23, 23, 59)
    with pytest.raises(VoteGoesOn):
        count(street, best_id)
    clock.at(2026, 4, 24, 0, 1)
    with pytest.raises(VoteClosed):
        vote(street, best_id, dora="alice")
    assert jobs.best_due()["counted"] == 1
    assert found(best_id).chosen_id == street.residents["bob"]


def test_the_leader_enters_a_show_of_hands_and_it_says_so(street: Village, team: int) -> None:
    for key in ("alice", "bob"):
        deeds(street, key, 1)
    best_id = opened(street, team)
    with transaction():
        row = services.vote(street.actor("leader"), best_id, street.residents["bob"],
                            voter_id=street.residents["erin"])
        assert (row.on_paper, row.entered_by_id) == (True, street.users["leader"])
    with pytest.raises(NotAllowed), transaction():
        services.vote(street.actor("alice"), best_id, street.residents["bob"], voter_id=street.residents["dora"])
    with pytest.raises(AlreadyVoted):
        vote(street, best_id, erin="alice")


def test_nobody_under_age_stands_or_votes_and_whoever_hides_is_not_listed(street: Village, team: int) -> None:
    for key in ("alice", "bob", "charlie"):
        deeds(street, key, 1)
    with transaction():
        db.session.execute(sa.update(Resident).where(Resident.id == street.residents["alice"]).values(
            born_on=dt.date(2012, 1, 1)))
        services.show_me(street.actor("bob"), shown=False)
    best_id = opened(street, team)
    view = votes.best_month(street.actor("charlie"), best_id)
    assert [c.resident.id for c in view.candidates] == [street.residents["charlie"]]
    assert street.residents["alice"] not in {r.id for r in view.voters}
    assert street.residents["bob"] in {r.id for r in view.voters}, "who isn't shown may still vote"
    db.session.rollback()
    with pytest.raises(NotAVoter):
        vote(street, best_id, alice="charlie")


def test_without_figures_or_votes_nobody_is_named(street: Village, team: int, clock: Any) -> None:
    assert found(opened(street, team)).state is BestState.NOBODY
    deeds(street, "alice", 1, on=dt.date(2026, 2, 3))
    best_id = opened(street, team, month=dt.date(2026, 2, 1))
    clock.forward(days=6)
    assert count(street, best_id) is BestState.NOBODY


def test_a_month_is_opened_once_by_the_job_or_the_leader(app: Any, street: Village, team: int, clock: Any) -> None:
    deeds(street, "alice", 1)
    clock.at(2026, 4, 3, 7)
    assert jobs.best_due() == {"counted": 0, "opened": 1, "failed": 0}
    assert jobs.best_due() == {"counted": 0, "opened": 0, "failed": 0}
    assert opened(street, team) == opened(street, team, by="member")
    clock.at(2026, 4, 8, 7)
    answers = at_once(app, lambda _n: jobs.best_due())
    assert all(a["failed"] == 0 for a in answers)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BestMonth)) == 1
    db.session.rollback()


def test_only_a_month_that_is_over_and_a_team_of_observers(street: Village, team: int) -> None:
    for month in (dt.date(2026, 4, 1), dt.date(2026, 5, 1), dt.date(2024, 1, 1)):
        with pytest.raises(MonthNotOver):
            opened(street, team, month=month)
    with pytest.raises(NotAnObserversTeam):
        opened(street, street.team)
    with pytest.raises(NotAllowed):
        opened(street, team, by="alice")
    with pytest.raises(NotFound), transaction():
        services.open_month(system(street.other), team, MARCH)


def test_strangers_to_the_team_do_not_see_its_vote(street: Village, team: int) -> None:
    deeds(street, "alice", 1)
    best_id = opened(street, team)
    for key in ("frank", "mallory", "grid"):
        with pytest.raises(NotFound):
            votes.best_month(street.actor(key), best_id)
    for key in ("alice", "leader", "member", "reviewer"):
        assert votes.best_month(street.actor(key), best_id).best.id == best_id
    db.session.rollback()
