"""A round handed in by two phones, or once more after it came back: nothing twice, nothing lost."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from pointsbank.cases.models import Case, Joiner
from pointsbank.core.db import run, transaction
from pointsbank.media import queries as pictures
from pointsbank.patrols import errors, services
from pointsbank.patrols.models import FindingState, PatrolState, Proof, StopResult
from pointsbank.patrols.services import FindingDraft, RoundDraft, StopDraft
from tests.patrols.beat import Beat
from tests.patrols.test_pages import as_, fields, page, post

S = PatrolState


# ── Two phones ──────────────────────────────────────────────────────────────────────────────────────────────────


def found_at(beat: Beat, patrol_id: int, number: str, *findings: FindingDraft) -> RoundDraft:
    return RoundDraft(number, (StopDraft(beat.stops(patrol_id)[0].id, StopResult.FINDING, findings=findings),))


def test_what_both_phones_of_a_round_saw_at_one_place_is_one_case(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob")
    beat.submit(patrol_id, "alice", found_at(
        beat, patrol_id, "round-alice", FindingDraft("finding-a001", beat.lamp, "灯灭了一盏")))
    beat.submit(patrol_id, "bob", found_at(
        beat, patrol_id, "round-bob-1", FindingDraft("finding-b001", beat.lamp, "东门的灯不亮"),
        FindingDraft("finding-b002", beat.rubbish, "一堆纸箱"),
        FindingDraft("finding-b003", beat.rubbish, "一袋装修垃圾")))
    findings = beat.findings(patrol_id)
    assert [f.state for f in findings] == [
        FindingState.RAISED, FindingState.JOINED, FindingState.RAISED, FindingState.RAISED]
    assert findings[0].case_id == findings[1].case_id
    assert (beat.count(Case), beat.count(Joiner)) == (3, 1)


def test_the_tag_and_the_photos_of_the_second_phone_stay_with_what_the_first_noted(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob")
    code = beat.filled(patrol_id).checkpoints[0].tag
    stops = beat.stops(patrol_id)
    beat.submit(patrol_id, "alice", RoundDraft("round-alice", tuple(
        StopDraft(stop.id, StopResult.OK) for stop in stops)))
    beat.submit(patrol_id, "bob", RoundDraft("round-bob-1", (
        StopDraft(stops[0].id, StopResult.OK, tag=code),
        StopDraft(stops[1].id, StopResult.OK, photo_ids=(beat.photo("bob"),)),
        StopDraft(stops[2].id, StopResult.SKIPPED, reason="我没走到"))))
    stops = beat.stops(patrol_id)
    assert [s.proof for s in stops[:4]] == [Proof.TAG, Proof.PHOTO, Proof.NONE, Proof.NONE]
    assert {s.result for s in stops} == {StopResult.OK}
    with transaction():
        assert len(pictures.photos_of(beat.village.community, [stops[1].key])[stops[1].key]) == 1
    with pytest.raises(errors.FindingMissing):
        beat.submit(patrol_id, "bob", found_at(beat, patrol_id, "round-bob-2"))


def test_a_phone_after_paper_takes_nothing_from_the_leaders_word(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob")
    whole = beat.filled(patrol_id)
    beat.submit(patrol_id, "chief", whole, paper=True, observer_id=beat.of("alice"))
    stops = beat.stops(patrol_id)
    photo = beat.photo("bob")
    beat.submit(patrol_id, "bob", RoundDraft("round-bob-1", (
        StopDraft(stops[1].id, StopResult.OK), StopDraft(stops[4].id, StopResult.OK, photo_ids=(photo,)),
        StopDraft(stops[6].id, StopResult.SKIPPED, reason="我没走到"),
        StopDraft(stops[7].id, StopResult.FINDING, findings=(
            FindingDraft("finding-b001", beat.lamp, "西门的灯不亮"),)))))
    stops = beat.stops(patrol_id)
    assert [stops[n].proof for n in (1, 4, 6, 7)] == [Proof.LEADER, Proof.PHOTO, Proof.LEADER, Proof.LEADER]


# ── Once more ───────────────────────────────────────────────────────────────────────────────────────────────────


def come_back(beat: Beat, clock: Any) -> tuple[int, RoundDraft]:
    """Walked from 9:00 to 9:35, sent at 11, back again the next morning."""
    patrol_id = beat.plan("alice", "bob")
    draft = beat.filled(patrol_id)
    clock.at(2026, 4, 18, 11)
    beat.submit(patrol_id, draft=draft)
    clock.at(2026, 4, 19, 8)
    beat.do("send_back", patrol_id)
    return patrol_id, draft


def test_sent_once_more_a_round_was_walked_when_it_was_walked(beat: Beat, clock: Any) -> None:
    patrol_id, draft = come_back(beat, clock)
    before, said = beat.patrol(patrol_id), [stop.said_at for stop in beat.stops(patrol_id)]
    assert before.minutes == 35
    untimed = tuple(replace(one, at=None) for one in draft.checkpoints)
    beat.submit(patrol_id, draft=RoundDraft("round-again", untimed))
    after = beat.patrol(patrol_id)
    assert (after.minutes, after.said_from, after.said_until, after.clock_off) == (
        35, before.said_from, before.said_until, False)
    assert [stop.said_at for stop in beat.stops(patrol_id)] == said
    beat.do("send_back", patrol_id)
    beat.submit(patrol_id, draft=RoundDraft("round-third", (replace(
        draft.checkpoints[0], at=dt.datetime(2031, 1, 1, tzinfo=dt.UTC)),)))
    assert (beat.patrol(patrol_id).minutes, beat.patrol(patrol_id).clock_off) == (35, True)


def test_the_page_that_came_back_asks_for_no_finding_again(beat: Beat, clock: Any) -> None:
    patrol_id, draft = come_back(beat, clock)
    alice, address = as_(beat, "alice"), f"/patrols/{patrol_id}/walk"
    line = beat.stops(patrol_id)[3].checklist[0]["key"]
    again = replace(draft.checkpoints[3], checks={line: False})
    run(lambda: services.note_stop(beat.actor("alice"), patrol_id, again))
    first, _second, third, fourth = [stop.id for stop in beat.stops(patrol_id)][:4]
    shown = page(alice, address)
    assert shown.count("data-found") == 2
    assert re.search(rf'name="s{fourth}-bad" value="{line}"[^>]* checked', shown)
    chosen = dict(re.findall(r'name="(s\d+-result)" value="(\w+)" checked', shown))
    assert (len(chosen), f"s{fourth}-result" in chosen) == (6, False)
    data = {**chosen, "client_id": "round-page-02", f"s{third}-reason": "施工，过不去",
            f"s{fourth}-result": "finding", f"s{fourth}-bad": line}
    shown = post(alice, address, {**data, f"s{third}-reason": "", f"s{first}-result": ""}, 422)
    assert not re.search(rf'name="s{first}-result" value="\w+" checked', shown)
    post(alice, address, data)
    assert (len(beat.findings(patrol_id)), beat.count(Case), beat.patrol(patrol_id).minutes) == (2, 2, 35)
    assert beat.stops(patrol_id)[3].result is StopResult.FINDING
    assert beat.stops(patrol_id)[3].checks[line] is False


def test_a_sheet_that_came_back_shows_the_times_that_it_had(beat: Beat) -> None:
    patrol_id, chief = beat.plan("alice", "bob"), as_(beat, "chief")
    address = f"/desk/patrols/{patrol_id}/paper"

    def times_in(shown: str) -> list[str]:
        return re.findall(r'type="time" id="\w+" name="\w+" value="([\d:]*)"', shown)

    assert times_in(page(chief, address)) == ["09:00", "10:30"]
    data = {**fields(beat, patrol_id), "from": "08:05", "until": "08:55", "observer": str(beat.of("bob"))}
    post(chief, address, data, content_type="multipart/form-data")
    beat.do("send_back", patrol_id)
    assert times_in(page(chief, address)) == ["08:05", "08:55"]


def test_without_a_script_the_minutes_run_from_the_first_checkpoint_kept_to_the_last(beat: Beat, clock: Any) -> None:
    patrol_id, alice = beat.plan("alice"), as_(beat, "alice")
    for number, stop in enumerate([stop.id for stop in beat.stops(patrol_id)][:3]):
        clock.at(2026, 4, 18, 9, 10 * number)
        post(alice, f"/patrols/{patrol_id}/stops/{stop}", {f"s{stop}-result": "ok"})
    clock.at(2026, 4, 18, 9, 40)
    shown = page(alice, f"/patrols/{patrol_id}/walk")
    sent = dict(re.findall(r'name="(s\d+-result)" value="(\w+)" checked', shown))
    assert len(sent) == 3
    post(alice, f"/patrols/{patrol_id}/walk", {**sent, "client_id": "round-plain", "started_at": ""})
    assert beat.patrol(patrol_id).minutes == 20
    assert beat.patrol(patrol_id).state is S.SUBMITTED


def test_nothing_wrong_after_all_leaves_no_question_answered_with_no(beat: Beat) -> None:
    patrol_id, alice = beat.plan("alice"), as_(beat, "alice")
    fourth = beat.stops(patrol_id)[3].id
    data = {**fields(beat, patrol_id), f"s{fourth}-result": "ok"}
    post(alice, f"/patrols/{patrol_id}/walk", data, content_type="multipart/form-data")
    stop = beat.stops(patrol_id)[3]
    assert (stop.result, set(stop.checks.values())) == (StopResult.OK, {True})
