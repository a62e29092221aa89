"""Every page of the room as each of its readers sees it: what it shows, what it refuses, what it costs."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from openpyxl import load_workbook

from pointsbank.core.db import db, run, transaction
from pointsbank.patrols import services
from pointsbank.patrols.models import (
    Checkpoint,
    Finding,
    Patrol,
    PatrolRoute,
    PatrolSetting,
    PatrolState,
    PatrolSwap,
    Proof,
    Proposal,
    ProposalState,
    Shift,
    StopResult,
    SwapState,
)
from pointsbank.patrols.services import ProposalDraft, RoundDraft, StopDraft
from pointsbank.places import codes, queries
from tests.cases.desk import picture
from tests.contributions.funnel import adopt
from tests.patrols.beat import Beat, later

S = PatrolState
Counting = Callable[[], AbstractContextManager[list[str]]]


def as_(beat: Beat, who: str) -> FlaskClient:
    return beat.village.sign_in(beat.app.test_client(), who)


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)[:600]
    return answer.get_data(as_text=True)


def post(client: FlaskClient, address: str, data: Any = None, status: int = 303, **more: Any) -> str:
    answer = client.post(address, data=data or {}, **more)
    assert answer.status_code == status, answer.get_data(as_text=True)[:900]
    return answer.get_data(as_text=True)


def rows(model: Any) -> list[Any]:
    with transaction():
        return list(db.session.scalars(sa.select(model).order_by(model.id).execution_options(populate_existing=True)))


# ── Routes ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_leader_makes_a_route_puts_its_places_in_order_and_changes_a_checklist(beat: Beat) -> None:
    chief = as_(beat, "chief")
    form = {"name": "充电棚一线", "kind": "charging", "team_id": str(beat.team), "note": "带手电"}
    assert "这里要填" in post(chief, "/desk/patrols/routes/new", {**form, "name": ""}, 422)
    assert "东片街路" in post(chief, "/desk/patrols/routes/new", {**form, "name": "东片街路"}, 409)
    post(chief, "/desk/patrols/routes/new", form)
    route = rows(PatrolRoute)[-1]
    address = f"/desk/patrols/routes/{route.id}"
    for place in beat.places[:3]:
        post(chief, f"{address}/checkpoints", {"place_id": place})
    post(chief, f"{address}/checkpoints", {"place_id": beat.places[0]}, 422)
    post(chief, f"{address}/checkpoints", {}, 422)
    first, second, third = [c for c in rows(Checkpoint) if c.route_id == route.id]
    assert len(first.checklist) == 5
    post(chief, f"/desk/patrols/checkpoints/{third.id}/up")
    post(chief, f"/desk/patrols/checkpoints/{first.id}/up")
    post(chief, f"/desk/patrols/checkpoints/{first.id}/down")
    shown = page(chief, address)
    assert [shown.index(f'id="point-{c.id}"') for c in (third, first, second)] == sorted(
        shown.index(f'id="point-{c.id}"') for c in (third, first, second))
    post(chief, f"/desk/patrols/checkpoints/{second.id}/remove")
    post(chief, f"/desk/patrols/checkpoints/{second.id}/remove", status=409)
    key = first.checklist[0]["key"]
    list_ = f"/desk/patrols/checkpoints/{first.id}"
    assert "插头" in page(chief, list_)
    post(chief, list_, {"key": [key, ""], "ask": ["插座有没有进水", "一"], "category_id": [str(beat.lamp), ""]}, 422)
    post(chief, list_, {"key": [key, ""], "ask": ["插座有没有进水", ""], "category_id": [str(beat.lamp), ""]})
    assert rows(Checkpoint)[-3].checklist == [{"key": key, "ask": "插座有没有进水", "category_id": beat.lamp}]
    post(chief, f"{list_}/template", {"kind": "stairwell"})
    assert len(rows(Checkpoint)[-3].checklist) == 5
    post(chief, f"{address}/edit", {**form, "name": "充电棚"})
    post(chief, f"{address}/close")
    assert "已关闭" in page(chief, address)
    post(chief, f"{address}/checkpoints", {"place_id": beat.places[4]}, 409)
    assert "充电棚" in page(chief, "/desk/patrols/routes?only=closed")


def test_the_desk_is_shut_to_observers_and_a_route_to_other_teams_and_communities(beat: Beat) -> None:
    for address in ("/desk/patrols", "/desk/patrols/routes", "/desk/patrols/rota", "/desk/patrols/figures",
                    "/desk/patrols/proposals", f"/desk/patrols/routes/{beat.route}"):
        page(as_(beat, "alice"), address, 403)
        page(beat.app.test_client(), address, 303)
    page(as_(beat, "other_member"), f"/desk/patrols/routes/{beat.route}", 404)
    page(as_(beat, "leader"), f"/desk/patrols/routes/{beat.route}", 404)
    assert "东片街路" not in page(as_(beat, "leader"), "/desk/patrols/routes")
    post(as_(beat, "leader"), f"/desk/patrols/routes/{beat.route}/close", status=403)
    page(as_(beat, "chief"), "/desk/patrols/items", 403)


# ── The rota ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_of_the_rota_makes_rounds_and_ends_them(beat: Beat) -> None:
    chief = as_(beat, "chief")
    form = {"route_id": str(beat.route), "weekday": "0", "starts": "09:00", "ends": "10:30", "wanted": "2"}
    assert "15" in post(chief, "/desk/patrols/shifts", {**form, "ends": "09:10"}, 422)
    post(chief, "/desk/patrols/shifts", {**form, "wanted": "9"}, 422)
    post(chief, "/desk/patrols/shifts", form)
    assert [(p.on.isoformat(), p.state) for p in rows(Patrol)] == [
        ("2026-04-20", S.ASSIGNED), ("2026-04-27", S.ASSIGNED)]
    shown = page(chief, "/desk/patrols/rota?week=2026-04-20")
    assert "9:00–10:30" in shown
    assert "陈桂芳" in shown
    assert "签" in page(chief, "/desk/patrols/rota?week=2026-04-20&print=1")
    page(chief, "/desk/patrols/rota?week=nonsense&team=x")
    post(chief, "/desk/patrols/rounds", {**form, "day": "2026-04-17"}, 422)
    post(chief, "/desk/patrols/rounds", {**form, "day": "2026-04-21"})
    post(chief, f"/desk/patrols/shifts/{rows(Shift)[0].id}/end")
    assert [p.state for p in rows(Patrol)] == [S.VOID, S.VOID, S.ASSIGNED]
    assert any("is called off" in text for text in beat.heard("alice"))


def test_the_leader_says_who_walks_and_a_stranger_to_the_team_does_not(beat: Beat) -> None:
    patrol_id, chief = beat.at(S.PLANNED), as_(beat, "chief")
    address = f"/desk/patrols/{patrol_id}/assign"
    assert "至少" in post(chief, address, {"observers": [beat.of("erin")]}, 422)
    post(chief, address, {}, 422)
    post(chief, address, {"observers": [beat.of("charlie"), beat.of("dora")]})
    assert "周秀兰" in page(chief, f"/desk/patrols/{patrol_id}")


# ── On the phone ────────────────────────────────────────────────────────────────────────────────────────────────


def fields(beat: Beat, patrol_id: int, who: str = "alice") -> dict[str, Any]:
    """The round page filled in as the third checkpoint left out and something found at the fourth."""
    stops = beat.stops(patrol_id)
    data: dict[str, Any] = {"client_id": "round-page-01", "started_at": "2026-04-18T01:00:00.000Z"}
    for stop in stops:
        data[f"s{stop.id}-result"] = "ok"
        data[f"s{stop.id}-at"] = "2026-04-18T01:00:00.000Z"
    third, fourth = stops[2:4]
    data |= {f"s{third.id}-result": "skipped", f"s{third.id}-reason": "围起来了", f"s{fourth.id}-result": "finding",
             f"s{fourth.id}-bad": fourth.checklist[0]["key"], f"s{fourth.id}-f0-text": "建筑垃圾一堆",
             f"s{fourth.id}-f0-id": f"s{fourth.id}-{beat.of(who)}-f00",
             f"s{fourth.id}-f0-category_id": str(beat.rubbish),
             f"s{fourth.id}-f0-photos": (io.BytesIO(picture(33)), "a.jpg")}
    return data


def test_the_page_holds_the_whole_round_and_is_sent_once(beat: Beat) -> None:
    patrol_id, alice = beat.plan("alice", "bob"), as_(beat, "alice")
    shown = page(alice, f"/patrols/{patrol_id}/walk")
    assert len(re.findall(r'data-stop="\d+"', shown)) == 8
    assert 'data-offline="round"' in shown
    for _ in range(2):
        post(alice, f"/patrols/{patrol_id}/walk", fields(beat, patrol_id), content_type="multipart/form-data")
    [finding] = rows(Finding)
    assert (finding.text, beat.patrol(patrol_id).state) == ("建筑垃圾一堆", S.SUBMITTED)
    stops = beat.stops(patrol_id)
    assert (stops[3].proof, stops[2].reason) == (Proof.PHOTO, "围起来了")
    assert stops[3].checks[stops[3].checklist[0]["key"]] is False
    after = page(alice, f"/patrols/{patrol_id}/walk")
    assert "data-offline" not in after
    assert "建筑垃圾一堆" in after
    page(as_(beat, "charlie"), f"/patrols/{patrol_id}/walk", 404)
    page(as_(beat, "mallory"), f"/patrols/{patrol_id}/walk", 404)


def test_the_outbox_of_a_phone_is_answered_in_json(beat: Beat) -> None:
    patrol_id, alice = beat.plan("alice"), as_(beat, "alice")
    writer = beat.actor("alice").writes_as
    data = fields(beat, patrol_id)
    third = beat.stops(patrol_id)[2].id
    refused = json.loads(post(alice, f"/patrols/{patrol_id}/walk", {**data, f"s{third}-reason": ""}, 422,
                              headers={"X-Outbox": writer}, content_type="multipart/form-data"))
    assert list(refused["error"]["fields"]) == [f"s{third}-reason"]
    other = alice.post(f"/patrols/{patrol_id}/walk", data={"client_id": "round-page-01"}, headers={"X-Outbox": "1.1.1"})
    assert other.status_code == 409
    sent = json.loads(post(alice, f"/patrols/{patrol_id}/walk", fields(beat, patrol_id), 200,
                           headers={"X-Outbox": writer}, content_type="multipart/form-data"))
    assert sent["next"].endswith(f"/patrols/{patrol_id}/walk")


def test_a_refused_page_comes_back_filled_in_with_its_photos_and_nothing_is_half_done(beat: Beat) -> None:
    patrol_id, alice = beat.plan("alice"), as_(beat, "alice")
    data = fields(beat, patrol_id)
    fourth = beat.stops(patrol_id)[3].id
    shown = post(alice, f"/patrols/{patrol_id}/walk", {**data, f"s{fourth}-f0-text": ""}, 422,
                 content_type="multipart/form-data")
    assert "围起来了" in shown
    kept = re.search(rf'name="s{fourth}-f0-kept" value="(\d+)"', shown)
    assert kept
    assert (beat.patrol(patrol_id).state, rows(Finding)) == (S.ASSIGNED, [])
    again = fields(beat, patrol_id)
    del again[f"s{fourth}-f0-photos"]
    post(alice, f"/patrols/{patrol_id}/walk", {**again, f"s{fourth}-f0-kept": kept[1]})
    assert beat.stops(patrol_id)[3].proof is Proof.PHOTO


@pytest.mark.parametrize("change", [
    {"started_at": "gestern"}, {"client_id": "x"}, {"s{0}-result": "fine"}, {"s{0}-at": "2026-13-01"},
    {"s{3}-f0-category_id": "999"}, {"s{3}-f0-id": "x"}])
def test_malformed_rounds_are_refused_in_a_sentence(beat: Beat, change: dict[str, str]) -> None:
    patrol_id, alice = beat.plan("alice"), as_(beat, "alice")
    stops = beat.stops(patrol_id)
    wrong = {name.replace("{0}", str(stops[0].id)).replace("{3}", str(stops[3].id)): v for name, v in change.items()}
    post(alice, f"/patrols/{patrol_id}/walk", {**fields(beat, patrol_id), **wrong}, 422,
         content_type="multipart/form-data")
    assert beat.patrol(patrol_id).state is S.ASSIGNED


def test_without_a_script_each_checkpoint_is_kept_by_its_own_button(beat: Beat) -> None:
    patrol_id, alice = beat.plan("alice"), as_(beat, "alice")
    first = beat.stops(patrol_id)[0].id
    address = f"/patrols/{patrol_id}/stops/{first}"
    assert f'formaction="{address}"' in page(alice, f"/patrols/{patrol_id}/walk")
    post(alice, address, {f"s{first}-result": "ok"})
    post(alice, address, {f"s{first}-result": "skipped"}, 422)
    post(alice, address, {}, 422)
    post(alice, f"/patrols/{patrol_id}/stops/999999", {f"s{first}-result": "ok"}, 422)
    assert (beat.stops(patrol_id)[0].result, beat.patrol(patrol_id).state) == (StopResult.OK, S.STARTED)
    post(as_(beat, "bob"), address, {f"s{first}-result": "ok"}, 404)


def test_whoever_scans_a_tag_on_the_round_comes_back_to_that_checkpoint(beat: Beat) -> None:
    patrol_id, alice = beat.plan("alice"), as_(beat, "alice")
    stop = beat.stops(patrol_id)[4]
    with transaction():
        code = codes.code_of(queries.tags_in_force(beat.village.community, [stop.place_id])[stop.place_id])
    assert f"/patrols/at/{code}" in page(alice, f"/t/{code}")
    answer = alice.get(f"/patrols/at/{code}")
    assert answer.location == f"/patrols/{patrol_id}/walk?tag={code}#stop-{stop.id}"
    assert f'name="s{stop.id}-tag" value="{code}"' in page(alice, answer.location)
    assert as_(beat, "dora").get(f"/patrols/at/{code}").location == "/patrols"
    page(alice, "/patrols/at/NONSENSE", 404)


def test_swaps_on_the_page(beat: Beat, clock: Any) -> None:
    clock.at(2026, 4, 17)
    patrol_id = beat.plan("alice", "bob", day=house_day(2026, 4, 20))
    alice, charlie = as_(beat, "alice"), as_(beat, "charlie")
    assert "东片街路" in page(alice, "/patrols")
    post(charlie, f"/patrols/{patrol_id}/swap", status=403)
    for _ in range(2):
        post(alice, f"/patrols/{patrol_id}/swap", {"reason": "去女儿家"})
    [swap] = rows(PatrolSwap)
    assert "陈桂芳" in page(charlie, "/patrols")
    post(as_(beat, "erin"), f"/patrols/swaps/{swap.id}/take", status=403)
    post(as_(beat, "bob"), f"/patrols/swaps/{swap.id}/take", status=409)
    post(charlie, f"/patrols/swaps/{swap.id}/take")
    post(as_(beat, "dora"), f"/patrols/swaps/{swap.id}/take", status=409)
    assert rows(PatrolSwap)[0].state is SwapState.TAKEN
    page(alice, f"/patrols/{patrol_id}/walk", 404)
    page(charlie, f"/patrols/{patrol_id}/walk")
    post(charlie, f"/patrols/{patrol_id}/swap")
    post(charlie, f"/patrols/swaps/{rows(PatrolSwap)[1].id}/withdraw")
    assert any("taken over" in text for text in beat.heard("alice"))


def house_day(year: int, month: int, day: int) -> Any:
    import datetime as dt

    return dt.date(year, month, day)


# ── Deciding, paper ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_desk_looks_at_a_round_sends_it_back_and_accepts_it(beat: Beat) -> None:
    patrol_id, chief = beat.at(S.SUBMITTED), as_(beat, "chief")
    assert "东片街路" in page(chief, "/desk/patrols")
    assert "建筑垃圾一堆" in page(chief, f"/desk/patrols/{patrol_id}")
    post(chief, f"/desk/patrols/{patrol_id}/send-back", {"reason": ""}, 422)
    post(chief, f"/desk/patrols/{patrol_id}/send-back", {"reason": "第三处请补上"})
    assert "第三处请补上" in page(as_(beat, "alice"), f"/patrols/{patrol_id}/walk")
    beat.submit(patrol_id, draft=beat.filled(patrol_id, "round-again"))
    post(as_(beat, "reviewer"), f"/desk/patrols/{patrol_id}/accept", status=403)
    post(as_(beat, "other_member"), f"/desk/patrols/{patrol_id}/accept", status=404)
    post(chief, f"/desk/patrols/{patrol_id}/accept")
    post(chief, f"/desk/patrols/{patrol_id}/accept", status=409)
    assert "东片街路" in page(chief, "/desk/patrols?only=accepted")
    other = beat.plan("dora")
    post(chief, f"/desk/patrols/{other}/void", {"reason": "下暴雨，不走了"})
    assert beat.patrol(other).state is S.VOID


def test_the_sheet_is_printed_and_entered_by_the_leader_and_accepted_by_another(beat: Beat) -> None:
    patrol_id, chief = beat.plan("alice", "bob"), as_(beat, "chief")
    sheet = page(chief, f"/desk/patrols/{patrol_id}/sheet")
    assert sheet.count("垃圾分类亭一") == 1
    assert "<svg" in sheet
    page(as_(beat, "reviewer"), f"/desk/patrols/{patrol_id}/paper", 403)
    page(chief, f"/desk/patrols/{patrol_id}/paper")
    data = {**fields(beat, patrol_id), "from": "09:05", "until": "10:10", "observer": str(beat.of("bob"))}
    third = beat.stops(patrol_id)[2].id
    shown = post(chief, f"/desk/patrols/{patrol_id}/paper", {**data, f"s{third}-reason": ""}, 422,
                 content_type="multipart/form-data")
    assert "09:05" in shown
    data = {**fields(beat, patrol_id), "from": "9:7x", "until": "10:10", "observer": str(beat.of("bob"))}
    post(chief, f"/desk/patrols/{patrol_id}/paper", data, 422, content_type="multipart/form-data")
    data = {**fields(beat, patrol_id), "from": "08:05", "until": "08:55", "observer": str(beat.of("bob"))}
    post(chief, f"/desk/patrols/{patrol_id}/paper", data, content_type="multipart/form-data")
    patrol = beat.patrol(patrol_id)
    assert (patrol.source, patrol.minutes, patrol.state) == ("paper", 50, S.SUBMITTED)
    assert rows(Finding)[0].resident_id == beat.of("bob")
    assert beat.stops(patrol_id)[0].proof is Proof.LEADER
    post(chief, f"/desk/patrols/{patrol_id}/accept", status=403)
    post(as_(beat, "member"), f"/desk/patrols/{patrol_id}/accept")
    assert "周秀兰" in page(chief, f"/desk/patrols/teams/{beat.team}/cards")


# ── Second looks, proposals, figures ────────────────────────────────────────────────────────────────────────────


def test_second_looks_on_the_page(beat: Beat) -> None:
    patrol_id = beat.at(S.SUBMITTED)
    first, second = beat.findings(patrol_id)
    charlie = as_(beat, "charlie")
    assert "建筑垃圾一堆" not in page(charlie, "/patrols/looks")
    beat.close_case(first.case_id or 0)
    assert "建筑垃圾一堆" in page(charlie, "/patrols/looks")
    assert "建筑垃圾一堆" not in page(as_(beat, "alice"), "/patrols/looks")
    post(charlie, f"/patrols/findings/{first.id}/look", {"outcome": "", "text": ""}, 422)
    post(charlie, f"/patrols/findings/{first.id}/look", {"outcome": "reopen", "text": ""}, 422)
    post(charlie, f"/patrols/findings/{first.id}/look", {"outcome": "pass"})
    post(charlie, f"/patrols/findings/{second.id}/look", {"outcome": "pass"}, 409)
    assert "建筑垃圾一堆" not in page(charlie, "/patrols/looks")
    page(charlie, "/patrols/looks?only=spot")


def test_a_proposal_is_answered_in_writing_and_shown_to_everybody_masked(beat: Beat, clock: Any) -> None:
    alice, member = as_(beat, "alice"), as_(beat, "member")
    form = {"client_id": "proposal-0001", "text": "东门加一盏路灯", "place_id": str(beat.places[0])}
    post(alice, "/patrols/proposals", {**form, "text": "。"}, 422)
    post(as_(beat, "erin"), "/patrols/proposals", form, 403)
    for _ in range(2):
        post(alice, "/patrols/proposals", form)
    [proposal] = rows(Proposal)
    assert proposal.due_on.isoformat() == "2026-04-28"
    public = f"/areas/{beat.village.community}/proposals"
    assert "东门加一盏路灯" not in page(beat.app.test_client(), public)
    address = f"/desk/patrols/proposals/{proposal.id}"
    assert "东门加一盏路灯" in page(member, "/desk/patrols/proposals")
    post(as_(beat, "chief"), address, {"outcome": "adopted", "answer": "同意，下月安装"}, 403)
    page(as_(beat, "other_member"), address, 404)
    post(member, address, {"outcome": "adopted", "answer": ""}, 422)
    post(member, address, {"outcome": "later", "answer": "今年预算用完了"})
    post(member, address, {"outcome": "later", "answer": "再等等看吧"}, 409)
    clock.forward(days=10)
    post(member, address, {"outcome": "adopted", "answer": "同意，下月安装"})
    shown = page(beat.app.test_client(), public)
    assert "同意，下月安装" in shown
    assert "陈*芳" in shown
    assert "陈桂芳" not in shown
    assert "同意，下月安装" in page(alice, "/patrols/proposals")
    assert rows(Proposal)[0].state is ProposalState.ADOPTED
    page(beat.app.test_client(), f"/areas/{beat.village.town}/proposals", 404)


def test_what_is_adopted_and_looked_at_earns_where_the_committee_names_an_item(beat: Beat) -> None:
    adopt(beat.village.community)
    member = as_(beat, "member")
    page(member, "/desk/patrols/items")
    with transaction():
        from pointsbank.rules import queries as rules

        code = rules.items(beat.village.community)[0].code
    post(member, "/desk/patrols/items", {"round_item": "", "look_item": code, "proposal_item": "9.99"}, 422)
    post(member, "/desk/patrols/items", {"round_item": "", "look_item": code, "proposal_item": code})
    with transaction():
        assert db.session.get_one(PatrolSetting, beat.village.community).look_item == code
    row = run(lambda: services.propose(beat.actor("alice"), ProposalDraft("proposal-0001", "东门加一盏路灯")))
    run(lambda: services.answer(beat.actor("member"), row.id, ProposalState.ADOPTED, "同意，下月安装"))
    assert [key for key, _r, _m in beat.deeds()] == [f"patrol-proposal:{row.id}"]


def test_the_month_in_figures_is_summed_for_each_route_and_counted_in_a_few_statements(
        beat: Beat, queries: Counting) -> None:
    first = beat.at(S.ACCEPTED)
    beat.at(S.VOID)
    beat.plan("dora")
    finding = beat.findings(first)[0]
    beat.close_case(finding.case_id or 0)
    run(lambda: services.look_again(beat.actor("charlie"), finding.id, services_look(), ""))
    shown = page(as_(beat, "member"), "/desk/patrols/figures?month=2026-04")
    cells = re.findall(r'<td class="pb-r" data-l="[^"]+">([\d.]+)</td>', shown)
    assert cells == ["2", "1", "0", "7", "2", "2", "1", "1", "0"]
    book = load_workbook(io.BytesIO(as_(beat, "member").get("/desk/patrols/figures?month=2026-04&format=xlsx").data))
    assert [c.value for c in list(book.active.rows)[1]][:4] == ["东片街路", "柳荫市民观察团", 2, 1]
    page(as_(beat, "member"), "/desk/patrols/figures?month=nonsense")
    team = page(as_(beat, "alice"), f"/patrols/team/{beat.team}?month=2026-04")
    assert "周秀兰" in team
    page(as_(beat, "erin"), f"/patrols/team/{beat.team}", 404)
    page(as_(beat, "member"), "/desk/patrols/figures")
    with queries() as few:
        page(as_(beat, "member"), "/desk/patrols/figures?month=2026-04")
    for number in range(3):
        beat.plan("dora", window=later(number))
    with queries() as more:
        page(as_(beat, "member"), "/desk/patrols/figures?month=2026-04")
    assert len(more) == len(few) <= 14


def services_look() -> Any:
    from pointsbank.patrols.models import LookOutcome

    return LookOutcome.PASS


@pytest.mark.parametrize(("who", "address", "most"), [
    ("member", "/desk/patrols?only=all", 14), ("alice", "/patrols", 16), ("chief", "/desk/patrols/rota", 22),
    ("member", "/desk/patrols/routes", 12)])
def test_lists_cost_the_same_for_many_rows(beat: Beat, queries: Counting, who: str, address: str, most: int) -> None:
    for number in range(2):
        beat.plan("alice", "bob", window=later(number))
    client = as_(beat, who)
    page(client, address)
    with queries() as few:
        page(client, address)
    for number in range(2, 8):
        beat.plan("alice", "charlie", window=later(number))
    with queries() as many:
        page(client, address)
    assert len(many) == len(few) <= most, "\n".join(many)


def test_a_round_of_eight_costs_a_bounded_number_of_statements(beat: Beat, queries: Counting) -> None:
    patrol_id = beat.plan("alice", "bob")
    plain = RoundDraft("round-0001", tuple(StopDraft(s.id, StopResult.OK) for s in beat.stops(patrol_id)))
    with queries() as seen:
        beat.submit(patrol_id, draft=plain)
    assert len(seen) <= 30, "\n".join(seen)
    with queries() as again:
        beat.submit(patrol_id, draft=replace(plain))
    assert len(again) <= 5


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_interface_lists_shows_and_takes_a_round(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob")
    alice, client = beat.village.bearer(beat.app, "alice"), beat.app.test_client()
    mine = client.get("/api/v1/patrols/mine", headers=alice).get_json()
    assert [(one["id"], one["stops"], one["done"]) for one in mine] == [(patrol_id, 8, 0)]
    whole = client.get(f"/api/v1/patrols/{patrol_id}", headers=alice).get_json()
    assert [stop["result"] for stop in whole["checkpoints"]] == ["blank"] * 8
    body = {"client_id": "round-json-1", "started_at": "2026-04-18T09:00:00+08:00", "checkpoints": [
        {"id": stop["id"], "result": "ok", "checks": {line["key"]: True for line in stop["checklist"]},
         "at": "2026-04-18T09:00:00+08:00"} for stop in whole["checkpoints"]]}
    body["checkpoints"][1] |= {"result": "finding", "findings": [  # type: ignore[index]
        {"client_id": "finding-0001", "category_id": beat.rubbish, "text": "一堆纸箱"}]}
    for _ in range(2):
        answer = client.post(f"/api/v1/patrols/{patrol_id}/submit", json=body, headers=alice)
        assert answer.status_code == 200
    assert answer.get_json()["state"] == "submitted"
    assert len(rows(Finding)) == 1
    for wrong in ({**body, "extra": 1}, {**body, "checkpoints": "x"}, {"client_id": "round-json-2"},
                  {**body, "checkpoints": [{"id": 1, "result": "blank"}]}):
        assert client.post(f"/api/v1/patrols/{patrol_id}/submit", json=wrong, headers=alice).status_code == 422
    charlie, erin = (beat.village.bearer(beat.app, who) for who in ("charlie", "erin"))
    assert client.post(f"/api/v1/patrols/{patrol_id}/submit", json=body, headers=charlie).status_code == 403
    assert client.get(f"/api/v1/patrols/{patrol_id}", headers=erin).status_code == 404
    assert client.get("/api/v1/patrols", headers=alice).status_code == 403
    chief = beat.village.bearer(beat.app, "chief")
    listed = client.get("/api/v1/patrols?state=submitted", headers=chief).get_json()
    assert [one["id"] for one in listed["items"]] == [patrol_id]
    assert client.post(f"/api/v1/patrols/{patrol_id}/accept", json={}, headers=chief).get_json()["state"] == "accepted"
