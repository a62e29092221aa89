"""Whose turn it is, and when: the rota, fair shares, swaps, what a phone says about time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from pointsbank.core.db import db, run, transaction
from pointsbank.patrols import errors, fair, jobs, services, times
from pointsbank.patrols.checklists import MOST_LINES, TEMPLATES
from pointsbank.patrols.fair import Load
from pointsbank.patrols.models import (
    ALLOWED,
    FINDING_MOVES,
    PROPOSAL_MOVES,
    Patrol,
    PatrolObserver,
    PatrolState,
    ProposalState,
    RouteKind,
    Shift,
)
from pointsbank.patrols.services import ProposalDraft, Window
from pointsbank.people import services as people
from tests.deductions.test_races import at_once, kinds
from tests.patrols.beat import MEMBERS, Beat

MONDAY = dt.date(2026, 4, 20)
MORNING = Window(9 * 60, 10 * 60 + 30, 2)


# ── Pure ────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(team=st.integers(1, 12), wanted=st.integers(1, 6), rounds=st.integers(1, 60))
def test_over_many_plannings_nobody_has_more_than_one_round_more(team: int, wanted: int, rounds: int) -> None:
    loads, day = dict.fromkeys(range(team), Load()), dt.date(2026, 1, 1)
    for _ in range(rounds):
        day += dt.timedelta(days=1)
        for who in fair.in_turn(loads, wanted):
            loads[who] = Load(loads[who].rounds + 1, day)
    counts = [load.rounds for load in loads.values()]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == rounds * min(wanted, team)


@given(loads=st.dictionaries(st.integers(1, 50), st.builds(Load, st.integers(0, 9), st.none() | st.dates()),
                             max_size=12),
       wanted=st.integers(0, 8), busy=st.sets(st.integers(1, 50)))
def test_who_is_proposed_is_free_once_and_has_done_no_more_than_who_is_not(
        loads: dict[int, Load], wanted: int, busy: set[int]) -> None:
    chosen = fair.in_turn(loads, wanted, busy)
    assert len(chosen) == len(set(chosen)) == min(wanted, len(set(loads) - busy))
    assert not set(chosen) & busy
    left = set(loads) - busy - set(chosen)
    assert all(loads[a].rounds <= loads[b].rounds for a in chosen for b in left)


INSTANTS = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC))


@given(said=st.none() | INSTANTS, starts=INSTANTS, received=INSTANTS)
def test_what_a_phone_says_is_never_later_than_it_came_in_nor_earlier_than_it_can_be(
        said: dt.datetime | None, starts: dt.datetime, received: dt.datetime) -> None:
    kept = times.bounded(said, starts, received)
    assert kept.at <= received
    assert kept.at >= min(starts - times.BEFORE, received)
    assert kept.off == (said is not None and kept.at != said)


@given(a=INSTANTS, b=INSTANTS, starts=INSTANTS, length=st.integers(15, 1440))
def test_nobody_walks_longer_than_the_window_or_less_than_nothing(
        a: dt.datetime, b: dt.datetime, starts: dt.datetime, length: int) -> None:
    assert 0 <= times.walked_minutes(a, b, starts, starts + dt.timedelta(minutes=length)) <= length


def test_each_kind_of_route_has_a_checklist_and_each_table_of_moves_an_end() -> None:
    assert set(TEMPLATES) == set(RouteKind)
    assert all(3 <= len(lines) <= MOST_LINES for lines in TEMPLATES.values())
    for table in (ALLOWED, FINDING_MOVES, PROPOSAL_MOVES):
        assert any(not targets for targets in table.values())
        assert all(state not in targets for state, targets in table.items())  # type: ignore[operator]


# ── The rota ────────────────────────────────────────────────────────────────────────────────────────────────────


def walkers(patrol_id: int) -> set[int]:
    with transaction():
        return set(db.session.scalars(sa.select(PatrolObserver.resident_id).where(
            PatrolObserver.patrol_id == patrol_id)))


def planned() -> list[int]:
    with transaction():
        return list(db.session.scalars(sa.select(Patrol.id).where(Patrol.state != PatrolState.VOID)
                                       .order_by(Patrol.on, Patrol.id)))


def test_rounds_of_the_rota_are_made_two_weeks_ahead_once_and_go_round_the_team(beat: Beat, clock: Any) -> None:
    for weekday in (0, 3):
        run(lambda d=weekday: services.add_shift(beat.actor("chief"), beat.route, d, MORNING))  # type: ignore[misc]
    assert len(planned()) == 4
    assert [len(walkers(i)) for i in planned()] == [2, 2, 2, 2]
    counts = [sum(beat.of(who) in walkers(i) for i in planned()) for who in MEMBERS]
    assert counts == [2, 2, 2, 2]
    assert jobs.plan_due() == {"planned": 0, "reminded": 0}
    clock.forward(days=7)
    assert jobs.plan_due()["planned"] == 2
    found = at_once(beat.app, [lambda: services.plan_ahead(beat.actor("system"), beat.village.community)] * 4)
    assert found == [0, 0, 0, 0]
    assert len(planned()) == 6


def test_four_who_plan_at_once_make_each_round_once(beat: Beat, clock: Any) -> None:
    run(lambda: services.add_shift(beat.actor("chief"), beat.route, 0, MORNING))
    clock.forward(days=14)
    found = at_once(beat.app, [lambda: services.plan_ahead(beat.actor("system"), beat.village.community)] * 4)
    assert kinds(found) == {"done": 4}
    assert sum(found) == 2
    assert len(planned()) == 4


def test_nobody_walks_two_rounds_at_one_time_and_no_child_and_nobody_who_left_walks(beat: Beat) -> None:
    first = beat.plan("alice", "bob", day=MONDAY)
    run(lambda: people.remove_team_member(beat.actor("chief"), beat.team, beat.of("dora")))
    second = run(lambda: services.plan_round(beat.actor("chief"), beat.route, MONDAY, MORNING).id)
    assert walkers(second) == {beat.of("charlie")}
    assert walkers(first) == {beat.of("alice"), beat.of("bob")}
    with transaction():
        from pointsbank.people.models import Resident

        db.session.get_one(Resident, beat.of("charlie")).born_on = dt.date(2012, 1, 1)
    with pytest.raises(errors.BadObservers):
        run(lambda: services.assign(beat.actor("chief"), second, [beat.of("charlie")]))
    with pytest.raises(errors.BadObservers):
        run(lambda: services.assign(beat.actor("chief"), second, []))


@pytest.mark.parametrize("window", [Window(600, 610), Window(600, 500), Window(-1, 60), Window(0, 1500),
                                    Window(540, 600, 0), Window(540, 600, 7)])
def test_a_window_that_is_none_is_refused(beat: Beat, window: Window) -> None:
    with pytest.raises(errors.BadShift):
        run(lambda: services.add_shift(beat.actor("chief"), beat.route, 0, window))
    with pytest.raises(errors.BadShift):
        run(lambda: services.plan_round(beat.actor("chief"), beat.route, MONDAY, window))
    assert beat.count(Shift) == 0


def test_only_the_leader_of_the_team_and_the_office_plan(beat: Beat) -> None:
    for who in ("alice", "leader", "reviewer", "grid"):
        with pytest.raises(errors.NotAllowed):
            run(lambda who=who: services.add_shift(beat.actor(who), beat.route, 0, MORNING))  # type: ignore[misc]
    run(lambda: services.add_shift(beat.actor("member"), beat.route, 0, MORNING))


def test_a_route_without_checkpoints_or_closed_is_not_planned(beat: Beat) -> None:
    route = run(lambda: services.create_route(beat.actor("chief"), services.RouteDraft(
        "空路线", RouteKind.ESTATE, beat.team)).id)
    with pytest.raises(errors.NoCheckpoints):
        run(lambda: services.plan_round(beat.actor("chief"), route, MONDAY, MORNING))
    run(lambda: services.close_route(beat.actor("chief"), route))
    with pytest.raises(errors.RouteClosed):
        run(lambda: services.add_shift(beat.actor("chief"), route, 0, MORNING))


def test_the_observers_of_tomorrow_are_reminded(beat: Beat, clock: Any) -> None:
    beat.plan("alice", day=MONDAY)
    clock.at(2026, 4, 19, 17)
    assert jobs.plan_due() == {"planned": 0, "reminded": 1}
    assert beat.heard("alice")[-1].startswith("Tomorrow")


# ── Swaps ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_who_take_a_swap_at_once_take_it_once(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob", day=MONDAY)
    swap = run(lambda: services.ask_swap(beat.actor("alice"), patrol_id, "去女儿家").id)
    actors = [beat.actor(who) for who in ("charlie", "dora", "charlie", "dora")]
    found = at_once(beat.app, [lambda a=a: services.take_swap(a, swap).id for a in actors])  # type: ignore[misc]
    assert kinds(found) == {"done": 1, "OutOfTurn": 3}
    assert len(walkers(patrol_id)) == 2
    assert beat.of("alice") not in walkers(patrol_id)


def test_a_swap_is_asked_before_the_round_begins_and_by_who_walks_it(beat: Beat, clock: Any) -> None:
    patrol_id = beat.plan("alice", day=MONDAY)
    with pytest.raises(errors.NotYourRound):
        run(lambda: services.ask_swap(beat.actor("charlie"), patrol_id))
    swap = run(lambda: services.ask_swap(beat.actor("alice"), patrol_id).id)
    assert any("Can you take it over" in text for text in beat.heard("charlie"))
    with pytest.raises(errors.AlreadyYours):
        run(lambda: services.take_swap(beat.actor("alice"), swap))
    with pytest.raises(errors.NotYourRound):
        run(lambda: services.withdraw_swap(beat.actor("bob"), swap))
    clock.at(2026, 4, 20, 9)
    with pytest.raises(errors.OutOfTurn):
        run(lambda: services.take_swap(beat.actor("bob"), swap))


# ── Proposals ───────────────────────────────────────────────────────────────────────────────────────────────────


def propose(beat: Beat, who: str = "alice", **given: Any) -> int:
    values = {"client_id": "proposal-0001", "text": "东门加一盏路灯", **given}
    return run(lambda: services.propose(beat.actor(who), ProposalDraft(**values)).id)


def test_a_proposal_sent_five_times_at_once_is_one(beat: Beat) -> None:
    actor, sent = beat.actor("alice"), ProposalDraft("proposal-0001", "东门加一盏路灯")
    found = at_once(beat.app, [lambda: services.propose(actor, sent).id for _ in range(5)])
    assert len(set(found)) == 1
    with pytest.raises(errors.ClientIdReused):
        propose(beat, text="西门加一盏路灯")


def test_proposals_that_cannot_be_are_refused(beat: Beat) -> None:
    for given_, refusal in (({"client_id": "x"}, errors.BadClientId), ({"text": "😀"}, errors.WordsMissing),
                            ({"text": "字" * 501}, errors.WordsMissing), ({"place_id": 999}, errors.BadPlace)):
        with pytest.raises(refusal):
            propose(beat, **given_)
    with pytest.raises(errors.NotAnObserver):
        propose(beat, "erin")
    for number in range(10):
        propose(beat, client_id=f"proposal-{number:04}")
    with pytest.raises(errors.TooManyProposals):
        propose(beat, client_id="proposal-9999")


def test_nobody_answers_their_own_or_their_familys_and_only_the_committee_answers(beat: Beat) -> None:
    from pointsbank.people.roles import Role

    with transaction():
        beat._appoint("alice", Role.COMMITTEE_MEMBER)
        beat._appoint("andrew", Role.COMMITTEE_MEMBER)
    row = propose(beat)
    for who, refusal in (("alice", errors.NotIndependent), ("andrew", errors.NotIndependent),
                         ("chief", errors.NotAllowed), ("reviewer", errors.NotAllowed)):
        with pytest.raises(refusal):
            run(lambda who=who: services.answer(beat.actor(who), row, ProposalState.ADOPTED, "同意，下月安装"))  # type: ignore[misc]
    for outcome, text in ((ProposalState.WAITING, "再想想看吧"), (ProposalState.ADOPTED, "好")):
        with pytest.raises(errors.BadAnswer):
            run(lambda o=outcome, t=text: services.answer(beat.actor("member"), row, o, t))  # type: ignore[misc]
    run(lambda: services.answer(beat.actor("member"), row, ProposalState.NOT_ADOPTED, "那里已经有灯了"))
    with pytest.raises(errors.OutOfTurn):
        run(lambda: services.answer(beat.actor("member"), row, ProposalState.ADOPTED, "同意，下月安装"))
