"""The funnel over JSON: the whole way, strict fields, stable codes."""

from __future__ import annotations

from typing import Any

import pytest

from pointsbank.contributions import jobs
from tests.contributions import funnel
from tests.contributions.funnel import balance, draft, filed, on_notice, recorded
from tests.support.village import Village

API = "/api/v1"
VISIT = {"kind": "other", "title": "看望王奶奶", "on": "2026-04-12", "item_code": funnel.VISIT, "units": 2}


def test_the_whole_way_from_a_deed_to_points(ask: Any, street: Village, clock: Any) -> None:
    deed = ask("alice", f"{API}/contributions", json=VISIT, status=201).json
    assert deed["state"] == "submitted"
    queue = ask("reviewer", f"{API}/reviews?show=mine").json["items"]
    assert [d["id"] for d in queue] == [deed["id"]]
    ask("reviewer", f"{API}/reviews", json={"deed_ids": [deed["id"]], "decision": "approve"}, status=201)
    story = ask("alice", f"{API}/contributions/{deed['id']}").json
    assert story["lines"][0]["amount"] == "4"
    assert story["lines"][0]["explanation"]
    assert [s["step"] for s in story["steps"]] == ["submitted", "approved"]
    notice = ask("member", f"{API}/notices", json={"month": "2026-04"}, status=201).json
    refused = ask("member", f"{API}/notices/{notice['id']}/publish", json={}, status=403).json
    assert refused["error"]["code"] == "publicity.second_person_needed"
    ask("second", f"{API}/notices/{notice['id']}/publish", json={}, status=200)
    (line,) = ask("nobody", f"{API}/notices/{notice['id']}/lines").json["items"]
    assert (line["masked_name"], line["amount"], line["state"]) == ("陈*芳", "4", "listed")
    objection = ask("bob", f"{API}/objections", json={"line_id": line["id"], "text": "没看见"}, status=201).json
    assert objection["answer_due_on"] == "2026-04-28"
    assert "decided_by_id" not in objection
    answer = {"upheld": False, "answer": "有照片"}
    ask("member", f"{API}/objections/{objection['id']}/decision", json=answer, status=200)
    assert balance(street, "alice") == 400
    clock.forward(days=8)
    jobs.settle_due()
    assert balance(street, "alice") == 400
    assert ask("nobody", f"{API}/notices/{notice['id']}/lines", status=404)
    assert ask("bob", f"{API}/objections").json["items"][0]["answer"] == "有照片"


def test_a_correction_takes_two(ask: Any, street: Village) -> None:
    (deed_id,) = recorded(street, draft(street, "bob", kind="snapshot", minutes=None, team_id=None))
    funnel.approved(street, [deed_id])
    made = ask("member", f"{API}/corrections", json={"deed_id": deed_id, "reason": "照片是旧的"}, status=201).json
    path = f"{API}/corrections/{made['id']}/decision"
    assert ask("member", path, json={"confirm": True}, status=403).json["error"]["code"] == (
        "contributions.second_person_needed")
    ask("second", path, json={"confirm": True}, status=200)
    assert balance(street, "bob", person=True) == 0
    assert ask("second", f"{API}/corrections").json["items"][0]["state"] == "confirmed"


def test_a_returned_deed_is_changed_and_sent_again(ask: Any, street: Village) -> None:
    deed_id = filed(street)
    back = {"deed_ids": [deed_id], "decision": "return", "reason": "写清楚"}
    ask("reviewer", f"{API}/reviews", json=back, status=201)
    answer = ask("reviewer", f"{API}/reviews", json={"deed_ids": [deed_id], "decision": "approve"}, status=409)
    assert answer.json["error"]["code"] == "contributions.not_open"
    ask("alice", f"{API}/contributions/{deed_id}/submit", json={}, status=200)
    ask("alice", f"{API}/contributions/{deed_id}/withdraw", json={}, status=200)


@pytest.mark.parametrize("extra", [
    {"state": "approved"}, {"approver_user_id": 1}, {"amount": "99"}, {"community_id": 2}, {"recorder_user_id": 5},
    {"source_key": "x"}, {"household_id": 1}, {"points": "5"}, {"id": 3}, {"recorded_via": "self"},
    {"flagged": False}, {"sent_up_area_id": 1}])
def test_a_field_that_is_not_asked_for_is_refused(ask: Any, extra: dict[str, Any]) -> None:
    ask("alice", f"{API}/contributions", json={**VISIT, **extra}, status=422)
    assert ask("alice", f"{API}/contributions").json["items"] == []


def test_other_communities_see_nothing(ask: Any, street: Village) -> None:
    deed_id = filed(street)
    notice_id, lines = on_notice(street, "alice")
    for path in (f"/contributions/{deed_id}",):
        ask("mallory", API + path, status=404)
    ask("other_member", f"{API}/reviews", json={"deed_ids": [deed_id], "decision": "approve"}, status=404)
    ask("other_member", f"{API}/notices/{notice_id}/publish", json={}, status=404)
    ask("mallory", f"{API}/objections", json={"line_id": lines["alice"], "text": "不对"}, status=404)
    ask("nobody", f"{API}/contributions", status=401)
    ask("alice", f"{API}/reviews", status=403)
