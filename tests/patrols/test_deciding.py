"""Who of the list earns, who walks two rounds at one time, and until when a sheet is entered."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest

from pointsbank.core.db import run, transaction
from pointsbank.patrols import errors, jobs, services, times
from pointsbank.patrols.models import Patrol, PatrolEvent, PatrolState, PatrolSwap, SwapState
from pointsbank.patrols.queries import proposals, rounds
from pointsbank.patrols.services import planning
from pointsbank.people import services as people
from tests.deductions.test_races import at_once, kinds
from tests.patrols.beat import Beat, later
from tests.patrols.test_pages import as_, page, post, rows
from tests.patrols.test_planning import MONDAY, walkers

S = PatrolState


# ── Who was there ───────────────────────────────────────────────────────────────────────────────────────────────


def earners(beat: Beat) -> list[int]:
    return [resident for _key, resident, _minutes in beat.deeds()]


def test_who_was_not_there_is_taken_off_told_and_earns_nothing(beat: Beat) -> None:
    patrol_id = beat.at(S.SUBMITTED)
    for absent in ([beat.of("alice"), beat.of("bob")], [beat.of("charlie")], [999_999]):
        with pytest.raises(errors.BadAbsent):
            run(lambda absent=absent: services.accept(beat.actor("chief"), patrol_id, absent=absent))  # type: ignore[misc]
    assert (beat.patrol(patrol_id).state, earners(beat)) == (S.SUBMITTED, [])
    run(lambda: services.accept(beat.actor("chief"), patrol_id, absent=[beat.of("bob")]))
    assert (earners(beat), walkers(patrol_id)) == ([beat.of("alice")], {beat.of("alice")})
    assert any("were not on it" in text for text in beat.heard("bob"))
    assert not any("is accepted" in text for text in beat.heard("bob"))
    assert [e.verb for e in rows(PatrolEvent)][-2:] == ["absent", "accept"]


def test_who_is_taken_off_still_may_not_have_accepted_it(beat: Beat) -> None:
    """alice leads as well, and takes herself off."""
    with transaction():
        beat._appoint("alice", beat.village.grants["chief"][0].role, beat.team)  # type: ignore[arg-type]
    patrol_id = beat.plan("alice", "bob")
    beat.submit(patrol_id, "bob")
    with pytest.raises(errors.NotIndependent):
        run(lambda: services.accept(beat.actor("alice"), patrol_id, absent=[beat.of("alice")]))


def test_who_had_moved_away_by_then_holds_up_nobody_else(beat: Beat) -> None:
    patrol_id = beat.at(S.SUBMITTED)
    run(lambda: people.move_out(beat.actor("member"), beat.of("bob"), dt.date(2026, 4, 18)))
    beat.do("accept", patrol_id, "chief")
    assert (beat.patrol(patrol_id).state, earners(beat)) == (S.ACCEPTED, [beat.of("alice")])


def test_on_the_page_and_in_the_interface_a_name_is_ticked(beat: Beat) -> None:
    first, second = beat.at(S.SUBMITTED), beat.plan("charlie", "dora")
    beat.submit(second, "charlie", beat.filled(second, "round-0002"))
    chief, address = as_(beat, "chief"), f"/desk/patrols/{first}"
    assert "李明贵没去" in page(chief, address)
    both = [str(beat.of("alice")), str(beat.of("bob"))]
    shown = post(chief, f"{address}/accept", {"absent": both}, 422)
    assert shown.count('name="absent"') == 2
    assert f'name="absent" value="{both[0]}" checked' in shown
    post(chief, f"{address}/accept", {"absent": both[1]})
    assert earners(beat) == [beat.of("alice")]
    bearer, client = beat.village.bearer(beat.app, "chief"), beat.app.test_client()
    accept = f"/api/v1/patrols/{second}/accept"
    assert client.post(accept, json={"absent": [1, 2, 3, 4, 5, 6, 7]}, headers=bearer).status_code == 422
    assert client.post(accept, json={"absent": [beat.of("bob")]}, headers=bearer).status_code == 422
    answer = client.post(accept, json={"absent": [beat.of("dora")]}, headers=bearer).get_json()
    assert [one["resident_id"] for one in answer["observers"]] == [beat.of("charlie")]


# ── Swaps and two rounds at once ────────────────────────────────────────────────────────────────────────────────


def test_a_swap_ends_with_the_part_of_who_asked_for_it(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob", day=MONDAY)
    swap = run(lambda: services.ask_swap(beat.actor("alice"), patrol_id))
    kept = run(lambda: services.ask_swap(beat.actor("bob"), patrol_id))
    run(lambda: services.assign(beat.actor("chief"), patrol_id, [beat.of("bob"), beat.of("dora")]))
    with transaction():
        assert [offer.swap.id for offer in rounds.swaps(beat.actor("charlie"))] == [kept.id]
    with pytest.raises(errors.OutOfTurn):
        run(lambda: services.take_swap(beat.actor("charlie"), swap.id))
    assert walkers(patrol_id) == {beat.of("bob"), beat.of("dora")}
    first, second = rows(PatrolSwap)
    assert (first.state, first.ended_at is not None, second.state) == (SwapState.WITHDRAWN, True, SwapState.ASKED)


def test_nobody_is_put_on_or_takes_over_a_round_that_overlaps_with_another_of_theirs(beat: Beat) -> None:
    beat.plan("charlie", day=MONDAY)
    patrol_id = beat.plan("alice", day=MONDAY)
    with pytest.raises(errors.Busy) as refused:
        run(lambda: services.assign(beat.actor("chief"), patrol_id, [beat.of("dora"), beat.of("charlie")]))
    assert "周秀兰" in refused.value.sentence
    assert "罗光明" not in refused.value.sentence
    shown = post(as_(beat, "chief"), f"/desk/patrols/{patrol_id}/assign", {"observers": beat.of("charlie")}, 409)
    assert "周秀兰" in shown
    assert "周秀兰" in shown[shown.index("<main"):].partition("<h2")[0], "said where a phone shows the page"
    assert walkers(patrol_id) == {beat.of("alice")}
    with pytest.raises(errors.Busy):
        beat.plan("charlie", day=MONDAY)
    assert len(rows(Patrol)) == 2
    swap = run(lambda: services.ask_swap(beat.actor("alice"), patrol_id))
    with pytest.raises(errors.BusyYourself):
        run(lambda: services.take_swap(beat.actor("charlie"), swap.id))
    run(lambda: services.take_swap(beat.actor("dora"), swap.id))
    beat.plan("charlie", day=MONDAY, window=later(0))
    assert walkers(patrol_id) == {beat.of("dora")}


def test_two_leaders_who_put_somebody_on_two_rounds_of_one_time_put_them_on_one(beat: Beat) -> None:
    one, two = beat.plan("alice", day=MONDAY), beat.plan("bob", day=MONDAY)
    found = at_once(beat.app, [lambda i=i: services.assign(  # type: ignore[misc]
        beat.actor("chief"), i, [beat.of("charlie")]).id for i in (one, two) * 2])
    assert kinds(found) == {"done": 2, "Busy": 2}
    assert [walkers(one), walkers(two)].count({beat.of("charlie")}) == 1


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_without_holding_them_two_leaders_believe_that_they_are_free(
        beat: Beat, database_kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: both ask before either has written."""
    one, two = beat.plan("alice", day=MONDAY), beat.plan("bob", day=MONDAY)
    asked, busy = threading.Barrier(2), planning.busy

    def unheld(*given: Any) -> set[int]:
        found = busy(*given)
        asked.wait(20)
        return found

    monkeypatch.setattr(planning, "hold", lambda *_given: None)
    monkeypatch.setattr(planning, "busy", unheld)
    found = at_once(beat.app, [lambda i=i: services.assign(  # type: ignore[misc]
        beat.actor("chief"), i, [beat.of("charlie")]).id for i in (one, two)])
    assert kinds(found) == {"done": 2}
    assert walkers(one) == walkers(two) == {beat.of("charlie")}


# ── Until when ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sheet_is_entered_two_weeks_long_and_a_phone_sends_three_days(beat: Beat, clock: Any) -> None:
    patrol_id, other = beat.plan("alice"), beat.plan("bob")
    draft, late = beat.filled(patrol_id), beat.filled(other, "round-late")
    chief, address = as_(beat, "chief"), f"/desk/patrols/{patrol_id}"
    clock.at(2026, 4, 18, 13)
    jobs.miss_due()
    clock.at(2026, 5, 2)
    assert f"/desk/patrols/{patrol_id}/paper" in page(chief, address)
    with pytest.raises(errors.TooLate):
        beat.submit(patrol_id, "alice", draft)
    beat.submit(patrol_id, "chief", draft, paper=True, observer_id=beat.of("alice"))
    patrol = beat.patrol(patrol_id)
    assert (patrol.state, patrol.arrived_late) == (S.SUBMITTED, True)
    clock.at(2026, 5, 3)
    assert f"/desk/patrols/{other}/paper" not in page(chief, f"/desk/patrols/{other}")
    with pytest.raises(errors.SheetTooLate):
        beat.submit(other, "chief", late, paper=True, observer_id=beat.of("bob"))


@pytest.mark.parametrize("state", list(PatrolState), ids=str)
def test_the_page_is_open_and_the_sheet_is_taken_by_one_rule(state: PatrolState) -> None:
    day = dt.date(2026, 4, 18)
    patrol = Patrol(on=day, state=state)
    walkable = state in (S.ASSIGNED, S.STARTED, S.SENT_BACK, S.MISSED)
    for days in (times.LATE_DAYS, times.PAPER_DAYS):
        open_on = [n for n in range(-1, 20) if times.is_walkable(patrol, day + dt.timedelta(days=n), days)]
        last = 19 if state is S.SENT_BACK else days
        assert open_on == (list(range(last + 1)) if walkable else [])


# ── The desk ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_leader_counts_the_proposals_that_the_list_behind_the_number_shows(beat: Beat) -> None:
    run(lambda: services.propose(beat.actor("alice"), services.ProposalDraft("proposal-0001", "东门加一盏路灯")))
    for who, number in (("member", 1), ("chief", 1), ("leader", 0)):
        with transaction():
            actor = beat.actor(who)
            assert proposals.waiting_count(actor) == len(proposals.listed(actor, waiting=True).items) == number


def test_the_words_of_the_room_are_its_own(beat: Beat) -> None:
    chief, member = as_(beat, "chief"), as_(beat, "member")
    shown = page(chief, "/desk/patrols/routes")
    assert "在用" in shown
    assert "已停用" in shown
    patrol_id = beat.plan("alice")
    assert "队长 ____" in page(chief, f"/desk/patrols/{patrol_id}/sheet")
    row = run(lambda: services.propose(beat.actor("alice"), services.ProposalDraft("proposal-0001", "东门加一盏路灯")))
    shown = page(member, f"/desk/patrols/proposals/{row.id}")
    assert "暂缓" in shown
    assert "下个月" not in shown


def test_a_refused_look_comes_back_on_its_page(beat: Beat, monkeypatch: Any) -> None:
    from pointsbank.core import paging

    patrol_id = beat.at(S.SUBMITTED)
    for finding in beat.findings(patrol_id):
        beat.close_case(finding.case_id or 0)
    older = beat.findings(patrol_id)[0].id
    monkeypatch.setattr(paging, "PAGE_SIZE", 1)
    charlie = as_(beat, "charlie")
    first = page(charlie, "/patrols/looks")
    found = re.search(r'href="(/patrols/looks\?cursor=[^"]+)"', first)
    assert found
    second = page(charlie, found[1])
    action = re.search(rf'action="(/patrols/findings/{older}/look[^"]*)"', second)
    assert action
    shown = post(charlie, action[1], {"outcome": ""}, 422)
    assert f'id="finding-{older}"' in shown
