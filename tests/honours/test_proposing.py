"""From the figures to the proposal: set-based, once only, never for whom a person has to look at first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.core import clock as house_clock
from pointsbank.core import db as edge
from pointsbank.core.actor import system
from pointsbank.core.db import db, transaction
from pointsbank.honours import jobs, services
from pointsbank.honours.errors import (
    NoLongerReached,
    NotAllowed,
    NothingReached,
    OwnHousehold,
    ReasonMissing,
    SecondPersonNeeded,
    WrongStep,
)
from pointsbank.honours.models import HonourProposal, LadderStep, NoShow, Period, ProposalState
from pointsbank.honours.queries import standing
from pointsbank.people.models import LinkKind, UserResident
from tests.honours.support import confirm, give, hang_out, ladder, proposals, propose, small, take_back
from tests.support.village import Village

RUNS = 5


def kin(street: Village, user: str, resident: str) -> None:
    with transaction():
        db.session.add(UserResident(user_id=street.users[user], resident_id=street.residents[resident],
                                    kind=LinkKind.FAMILY, created_at=house_clock.now()))


def absent(street: Village, key: str, times: int) -> None:
    with transaction():
        services.note_no_shows(system(street.community), [
            services.Absence(street.residents[key], house_clock.today(), "义务植树", f"sign_up:{key}{n}")
            for n in range(times)])


def who(found: list[HonourProposal], street: Village) -> list[tuple[str, int, str]]:
    names = {i: key for key, i in street.residents.items()}
    return sorted((names[p.resident_id], p.level, p.period_key) for p in found)


def test_the_job_proposes_whoever_reached_a_step_with_the_figures_of_the_day(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    give(street, "bob", 20, 50)
    give(street, "charlie", 9.9)
    give(street, "dora", 20, 49.99)
    assert len(propose(street).proposed) == 3
    found = proposals()
    assert who(found, street) == [("alice", 1, "life"), ("bob", 2, "life"), ("dora", 1, "life")]
    bob = next(p for p in found if p.resident_id == street.residents["bob"])
    assert (bob.minutes, bob.honour, bob.figures_on, bob.proposed_by_id) == (1200, 5000, house_clock.today(), None)


def test_running_the_job_again_proposes_nobody_twice(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    assert len(propose(street).proposed) == 1
    assert propose(street).proposed == []
    give(street, "alice", 5)
    assert propose(street).proposed == []
    give(street, "alice", 5, 50)
    assert len(propose(street).proposed) == 1
    assert who(proposals(), street) == [("alice", 1, "life"), ("alice", 2, "life")]


def test_cycles_are_proposed_step_by_step_and_cycle_by_cycle(street: Village) -> None:
    ladder(street, "cycle")
    give(street, "alice", 330)
    propose(street)
    assert who(proposals(), street) == [("alice", 1, "cycle:1"), ("alice", 1, "cycle:2"), ("alice", 2, "cycle:1"),
                                        ("alice", 3, "cycle:1"), ("alice", 4, "cycle:1"), ("alice", 5, "cycle:1")]


def test_a_ladder_by_year_begins_anew_and_january_looks_back_once_more(street: Village, clock: Any) -> None:
    clock.at(2026, 12, 31, 8)
    ladder(street, "yearly")
    give(street, "alice", 12)
    clock.at(2026, 12, 31, 23)
    give(street, "bob", 25)
    clock.at(2027, 1, 1, 2)
    propose(street)
    assert who(proposals(), street) == [("alice", 1, "2026"), ("bob", 2, "2026")]
    give(street, "alice", 10)
    propose(street)
    assert who(proposals(), street)[:2] == [("alice", 1, "2026"), ("alice", 1, "2027")]


def test_hours_of_a_household_and_points_for_goods_make_no_star(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 50, 100, household=True)
    assert propose(street).proposed == []


def test_without_a_ladder_nobody_is_proposed(street: Village) -> None:
    give(street, "alice", 5000)
    assert propose(street).proposed == []


def test_somebody_who_moved_away_is_not_proposed(street: Village) -> None:
    from pointsbank.people import services as people

    ladder(street, small())
    give(street, "alice", 10)
    with transaction():
        people.move_out(street.actor("member"), street.residents["alice"])
    assert propose(street).proposed == []


def test_the_neighbours_figures_stay_with_the_neighbours(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    with transaction():
        assert services.propose(system(street.other), street.other).proposed == []
        with pytest.raises(NotAllowed):
            services.propose(street.actor("other_member"), street.community)


# ── No-shows: shown to a person, nothing else ───────────────────────────────────────────────────────────────────


def test_who_missed_five_times_is_shown_to_the_desk_and_not_proposed(street: Village) -> None:
    ladder(street, small(no_show_limit=5))
    for key, times in (("alice", 5), ("bob", 4)):
        give(street, key, 10)
        absent(street, key, times)
    found = propose(street)
    assert who(proposals(), street) == [("bob", 1, "life")]
    assert [(c.resident_id, c.no_shows) for c in found.held_back] == [(street.residents["alice"], 5)]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(NoShow)) == 9
    db.session.rollback()


def test_an_excuse_takes_a_no_show_out_of_the_count(street: Village) -> None:
    ladder(street, small(no_show_limit=5))
    give(street, "alice", 10)
    absent(street, "alice", 5)
    assert propose(street).proposed == []
    row_id = db.session.scalar(sa.select(sa.func.min(NoShow.id)))
    db.session.rollback()
    with transaction():
        services.excuse(street.actor("member"), row_id, "住院了")
    assert len(propose(street).proposed) == 1


def test_no_shows_of_last_year_do_not_count(street: Village, clock: Any) -> None:
    clock.at(2025, 12, 1)
    absent(street, "alice", 7)
    clock.at(2026, 4, 18)
    ladder(street, small(no_show_limit=5))
    give(street, "alice", 10)
    assert len(propose(street).proposed) == 1


def test_a_person_may_propose_by_hand_whom_the_job_leaves_out(street: Village) -> None:
    ladder(street, small(no_show_limit=5))
    give(street, "alice", 10)
    absent(street, "alice", 6)
    propose(street)
    alice = street.residents["alice"]
    with transaction(), pytest.raises(ReasonMissing):
        services.propose_by_hand(street.actor("member"), 1, alice, " ")
    with transaction():
        ids = services.propose_by_hand(street.actor("member"), 1, alice, "都是因为照顾老伴")
    (row,) = proposals()
    assert (row.id, row.proposed_by_id, row.no_shows) == (ids[0], street.users["member"], 6)
    with pytest.raises(SecondPersonNeeded):
        confirm(street, ids, by="member")
    confirm(street, ids, by="second")


def test_by_hand_the_figures_decide_all_the_same(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 9)
    for resident in ("alice", "bob"):
        with pytest.raises(NothingReached), transaction():
            services.propose_by_hand(street.actor("member"), 1, street.residents[resident], "请照顾一下")


# ── Deciding ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_declined_is_proposed_again_by_a_person_only(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    (first,) = propose(street).proposed
    with pytest.raises(ReasonMissing), transaction():
        services.decide(street.actor("member"), [first], confirm=False)
    with transaction():
        services.decide(street.actor("member"), [first], confirm=False, answer="时长还在核对")
    assert propose(street).proposed == []
    with transaction():
        (second,) = services.propose_by_hand(street.actor("second"), 1, street.residents["alice"], "核对过了")
    assert [p.state for p in proposals()] == [ProposalState.DECLINED, ProposalState.PROPOSED]
    confirm(street, [second])


def test_nobody_decides_for_the_own_household(street: Village) -> None:
    kin(street, "member", "andrew")  # andrew lives with alice
    ladder(street, small())
    give(street, "alice", 10)
    ids = propose(street).proposed
    with pytest.raises(OwnHousehold):
        confirm(street, ids)
    with pytest.raises(OwnHousehold), transaction():
        services.decide(street.actor("member"), ids, confirm=False, answer="不合适")
    confirm(street, ids, by="second")


def test_one_that_cannot_be_confirmed_stops_the_whole_list(street: Village) -> None:
    kin(street, "member", "bob")
    ladder(street, small())
    give(street, "alice", 10)
    give(street, "bob", 10)
    ids = propose(street).proposed
    with pytest.raises(OwnHousehold):
        confirm(street, ids)
    assert {p.state for p in proposals()} == {ProposalState.PROPOSED}


def test_figures_that_were_taken_back_are_not_confirmed(street: Village) -> None:
    ladder(street, small())
    keys = give(street, "alice", 10)
    ids = propose(street).proposed
    take_back(street, keys)
    with pytest.raises(NoLongerReached) as refusal:
        confirm(street, ids)
    assert "陈桂芳" in refusal.value.sentence


@pytest.mark.parametrize("key", ["alice", "leader", "grid", "keeper", "admin", "other_member"])
def test_others_decide_nothing(street: Village, key: str) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    ids = propose(street).proposed
    with pytest.raises((NotAllowed, WrongStep)):
        confirm(street, ids, by=key)


@pytest.mark.parametrize("key", ["reviewer", "supervisor"])
def test_reviewers_and_the_supervisor_above_may_confirm(street: Village, key: str) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    confirm(street, propose(street).proposed, by=key)


def test_what_is_decided_or_hangs_out_is_not_decided_again(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    ids = propose(street).proposed
    confirm(street, ids)
    with pytest.raises(WrongStep):
        confirm(street, ids, by="second")
    hang_out(street)
    with pytest.raises(WrongStep), transaction():
        services.decide(street.actor("second"), ids, confirm=False, answer="再想想")


def test_the_database_refuses_one_person_for_both(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    with transaction():
        services.propose(street.actor("member"), street.community)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(HonourProposal).values(
            state=ProposalState.CONFIRMED, decided_by_id=street.users["member"]))


# ── Once only ───────────────────────────────────────────────────────────────────────────────────────────────────


def at_once(app: Any, work: Callable[[int], Any]) -> list[Any]:
    """Five threads, each one unit of work; what each returned or raised."""
    answers: list[Any] = [None] * RUNS
    start = threading.Barrier(RUNS)

    def one(place: int) -> None:
        with app.app_context():
            start.wait(30)
            try:
                answers[place] = work(place)
            except Exception as error:
                answers[place] = error

    threads = [threading.Thread(target=one, args=(i,)) for i in range(RUNS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_five_jobs_at_once_propose_everybody_once(app: Any, street: Village) -> None:
    ladder(street, "cycle")
    for key in ("alice", "bob", "charlie"):
        give(street, key, 120)
    answers = at_once(app, lambda _n: jobs.propose_due())
    assert all(isinstance(a, dict) and a["failed"] == 0 for a in answers), answers
    assert sum(a["done"] for a in answers) == 9
    assert len(proposals()) == 9


def test_without_the_unique_index_the_same_steps_propose_five_times(app: Any, street: Village) -> None:
    """The negative control: look, wait for each other, write, as a careless job would."""
    ladder(street, small())
    give(street, "alice", 10)
    with transaction():
        db.session.execute(sa.text("DROP INDEX uq_honour_proposal_live"))
    seen = threading.Barrier(RUNS)

    def careless(_place: int) -> str:
        with edge.transaction():
            found = standing.candidates(street.community, house_clock.today())
        seen.wait(30)
        with edge.transaction():
            services.proposing._insert(system(street.community), street.community, found)
        return "proposed"

    try:
        assert at_once(app, careless) == ["proposed"] * RUNS
        assert len(proposals()) == RUNS
    finally:
        with transaction():
            db.session.execute(sa.delete(HonourProposal))
            db.session.execute(sa.text(
                "CREATE UNIQUE INDEX uq_honour_proposal_live ON honour_proposal (community_id, resident_id, series, "
                "level, period_key) WHERE state IN ('proposed', 'confirmed', 'granted')"))


def test_with_the_index_back_the_careless_job_proposes_once(app: Any, street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    seen = threading.Barrier(RUNS)

    def careless(_place: int) -> int:
        with edge.transaction():
            found = standing.candidates(street.community, house_clock.today())
        seen.wait(30)
        with edge.transaction():
            return len(services.proposing._insert(system(street.community), street.community, found))

    assert sorted(at_once(app, careless)) == [0, 0, 0, 0, 1]


def test_a_step_of_a_later_version_is_the_same_step(street: Village, clock: Any) -> None:
    """Who holds the first star of version 1 isn't proposed for the first star of version 2."""
    ladder(street, small())
    give(street, "alice", 10)
    propose(street)
    clock.forward(days=1)
    with transaction():
        draft = services.start_ladder(street.actor("member"), series=1)
        services.adopt_ladder(street.actor("second"), draft.id, house_clock.today(), "村民代表会议第三次会议通过")
    assert propose(street).proposed == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LadderStep)) == 4
    db.session.rollback()


# ── What it costs ───────────────────────────────────────────────────────────────────────────────────────────────


def test_proposing_takes_the_same_statements_for_few_and_for_many(street: Village, queries: Any) -> None:
    ladder(street, small())
    ladder(street, small(Period.YEAR))
    counts = []
    for keys in (["alice"], ["bob", "charlie", "dora", "erin", "frank", "grace"]):
        for key in keys:
            give(street, key, 30, 60)
        with queries() as seen:
            propose(street)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[1] <= 13
