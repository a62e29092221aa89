"""Reports and cases over the interface: the whole course, refusals with codes, and who sees what."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from pointsbank.cases.models import CaseState
from tests.cases.desk import Desk

ROOT = "/api/v1"


@pytest.fixture
def door(desk: Desk, client: FlaskClient) -> Any:
    """``door("alice", "get", "/cases")`` asks as somebody; None is nobody."""
    heads: dict[str | None, dict[str, str]] = {None: {}}

    def ask(who: str | None, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if who not in heads:
            heads[who] = desk.village.bearer(desk.app, who or "")
        more = {"json": body} if method != "get" else {"query_string": body}
        return client.open(ROOT + path, method=method.upper(), headers=heads[who], **more)  # type: ignore[arg-type]

    return ask


def body(desk: Desk, **given: Any) -> dict[str, Any]:
    return {"client_id": "draft-0001", "category_id": desk.lamp, "text": "路灯三天没亮", "place": "东巷 3 号", **given}


def test_a_report_goes_all_the_way_to_its_evaluation(desk: Desk, door: Any) -> None:
    unit = door("member", "post", "/case-units", {"name": "路灯所", "member_ids": [desk.village.users["dora"]]})
    assert unit.status_code == 201
    kind = door("member", "post", "/case-categories", {
        "name": "井盖", "group_code": "road", "unit_id": unit.json["id"]})
    assert kind.status_code == 201
    sent = door("alice", "post", "/reports", body(desk, category_id=kind.json["id"]))
    assert sent.status_code == 201
    again = door("alice", "post", "/reports", body(desk, category_id=kind.json["id"]))
    assert again.json["id"] == sent.json["id"]
    case = f"/cases/{sent.json['case_id']}"
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("member", "accept", {}), ("member", "assign", {"handler_id": desk.village.users["dora"]}),
        ("dora", "acknowledge", {}), ("dora", "start", {}), ("dora", "finish", {"photo_ids": [desk.photo("dora")]}),
        ("reviewer", "approve", {}), ("alice", "satisfied", {})]
    for who, verb, given in steps:
        answer = door(who, "post", f"{case}/{verb}", given)
        assert answer.status_code == 200, (verb, answer.json)
    assert (answer.json["state"], answer.json["outcome"]) == ("closed", "fixed")
    assert [row["verb"] for row in answer.json["events"]][-1] == "satisfied"
    assert [row["id"] for row in door("alice", "get", "/reports/mine").json["items"]] == [sent.json["case_id"]]
    assert {row["kind"] for row in door("alice", "get", f"{case}/clocks").json} >= {"respond", "rectify", "evaluate"}


@pytest.mark.parametrize(("who", "path", "given", "status", "code"), [
    ("bob", "accept", {}, 404, "core.not_found"), ("alice", "accept", {}, 403, "cases.not_your_part"),
    ("member", "explode", {}, 422, "cases.unknown_verb"), ("member", "assign", {}, 409, "cases.out_of_turn"),
    ("member", "decline", {"text": ""}, 422, "cases.reason_missing"),
    ("other_member", "accept", {}, 404, "core.not_found"), (None, "accept", {}, 401, "core.sign_in_required"),
])
def test_a_refusal_has_a_sentence_and_a_code(desk: Desk, door: Any, who: str | None, path: str,
                                             given: dict[str, Any], status: int, code: str) -> None:
    answer = door(who, "post", f"/cases/{desk.send()}/{path}", given)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert answer.json["error"]["message"]


def test_malformed_bodies_are_refused(desk: Desk, door: Any) -> None:
    for wrong in ({}, body(desk, lat="north"), body(desk, unknown=1), body(desk, photo_ids=list(range(10)))):
        assert door("alice", "post", "/reports", wrong).status_code == 422
    bad = body(desk, text="!!!")
    assert door("alice", "post", "/reports", bad).json["error"]["code"] == "cases.words_missing"


def test_residents_see_accepted_cases_masked_and_without_words(desk: Desk, door: Any) -> None:
    hidden, shown = desk.send(), desk.at(CaseState.ACCEPTED)
    unnamed = desk.at(CaseState.ACCEPTED, desk.send(anonymous=True))
    family = desk.at(CaseState.ACCEPTED, desk.send(category_id=desk.family))
    rows = {row["id"]: row for row in door("bob", "get", "/cases").json["items"]}
    assert set(rows) == {shown, unnamed}
    assert (rows[shown]["reporter"], rows[unnamed]["reporter"], rows[shown]["text"]) == ("陈*芳", "", "")
    whole = door("bob", "get", f"/cases/{shown}")
    assert whole.status_code == 200
    assert whole.json["reports"] == []
    assert all("text" not in row for row in whole.json["events"])
    assert "陈桂芳" not in whole.get_data(as_text=True)
    for one in (hidden, family):
        assert door("bob", "get", f"/cases/{one}").status_code == 404
    assert len(door("member", "get", "/cases").json["items"]) == 4
    assert door("member", "get", f"/cases/{unnamed}").json["reporter"] == "陈*芳"
    assert door("alice", "get", f"/cases/{family}").json["text"] == "三天没亮了"


def test_another_community_sees_nothing_at_all(desk: Desk, door: Any) -> None:
    case_id = desk.at(CaseState.ACCEPTED)
    for who in ("other_member", "mallory"):
        assert door(who, "get", "/cases").json["items"] == []
        assert door(who, "get", "/case-units").json["items"] == []
        assert door(who, "get", "/case-categories").json["items"] == []
        for tail in ("", "/clocks"):
            assert door(who, "get", f"/cases/{case_id}{tail}").status_code == 404
    assert door("mallory", "post", f"/cases/{case_id}/join", {}).status_code == 404
    put = door("other_member", "put", f"/case-units/{desk.unit}/members", {"member_ids": []})
    assert put.status_code == 404


def test_a_handler_finds_what_is_theirs_and_the_unit_sees_the_whole(desk: Desk, door: Any) -> None:
    case_id = desk.at(CaseState.ASSIGNED, desk.send(category_id=desk.lamp))
    assert [row["id"] for row in door("dora", "get", "/cases/given").json["items"]] == [case_id]
    assert door("erin", "get", "/cases/given").json["items"] == []
    assert door("erin", "get", f"/cases/{case_id}").json["text"] == "三天没亮了"


def test_units_and_kinds_are_for_the_office_and_checked(desk: Desk, door: Any) -> None:
    assert door("alice", "post", "/case-units", {"name": "某组"}).status_code == 403
    for given in ({"name": "物业维修组"}, {"name": "新组", "member_ids": [desk.village.users["mallory"]]}):
        assert door("member", "post", "/case-units", given).json["error"]["code"] == "cases.bad_setting"
    for given in ({"name": "路灯不亮", "group_code": "x"}, {"name": "新类", "group_code": "x", "nearby_m": 31},
                  {"name": "新类", "group_code": "x", "respond_span": 0}):
        assert door("member", "post", "/case-categories", given).json["error"]["code"] == "cases.bad_setting"
    members = {"member_ids": [desk.village.users["bob"]]}
    assert door("member", "put", f"/case-units/{desk.unit}/members", members).status_code == 200


def test_lists_are_paged(desk: Desk, door: Any) -> None:
    ids = [desk.send() for _ in range(3)]
    first = door("member", "get", "/cases", {"limit": 2}).json
    assert [row["id"] for row in first["items"]] == ids[:0:-1]
    rest = door("member", "get", "/cases", {"limit": 2, "cursor": first["next"]}).json
    assert ([row["id"] for row in rest["items"]], rest["next"]) == ([ids[0]], None)
    assert door("member", "get", "/cases", {"limit": 10**9}).status_code == 200
