"""Standards as JSON. On both databases."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.rules.support import adopted, hours_rule, visit_rule
from tests.support.village import Village

pytestmark = pytest.mark.usefixtures("clock")
ENGLISH = {"Accept-Language": "en"}
RULE = {"code": "1.1", "name": "参加志愿服务", "category": "志愿服务", "kind": "volunteering", "shape": "per_hour",
        "points": "1", "receiver": "household", "by_itself": True,
        "caps": [{"window": "activity", "subject": "person", "measure": "quantity", "most": 120}]}


@pytest.fixture
def standing(app: Flask, village: Village) -> None:
    with app.app_context():
        adopted(village, [hours_rule(), visit_rule()])


def test_the_version_in_force_is_told_with_sentences(client: FlaskClient, village: Village, standing: None) -> None:
    village.sign_in(client, "alice")
    body = client.get("/api/v1/standards/in-force", headers=ENGLISH).get_json()
    assert body["number"] == 1
    assert body["rules"][0]["points"] == "1"
    assert body["rules"][0]["sentence"].startswith("1 point an hour, at most 2 hours an activity")
    assert client.get("/api/v1/standards/in-force?on=2020-01-01").status_code == 404


def test_a_deed_is_tried_for_the_resident_acted_for(client: FlaskClient, village: Village, standing: None) -> None:
    village.sign_in(client, "alice")
    body = client.post("/api/v1/standards/preview", headers=ENGLISH, json={
        "kind": "volunteering", "on": "2026-04-18", "minutes": 180}).get_json()
    assert body["points"] == "2"
    assert body["lines"][0]["explanation"][0] == "2 of 3 hours counted: at most 2 hours an activity"
    body = client.post("/api/v1/standards/preview", json={"kind": "patrol", "on": "2026-04-18"}).get_json()
    assert body["notes"][0]["reason"] == "no_rule"


def test_a_standard_is_written_and_adopted_by_two(client: FlaskClient, village: Village) -> None:
    village.sign_in(client, "member")
    made = client.post("/api/v1/standards", json={"title": "积分细则"})
    assert made.status_code == 201
    path = f"/api/v1/standards/{made.get_json()['id']}"
    rule = client.post(f"{path}/rules", json=RULE)
    assert rule.status_code == 201
    changed = client.put(f"{path}/rules/{rule.get_json()['id']}", json={**RULE, "points": "2.5"})
    assert changed.get_json()["points"] == "2.5"
    refused = client.post(f"{path}/rules", json={**RULE, "code": "1.2", "points": "0"})
    assert (refused.status_code, list(refused.get_json()["error"]["fields"])) == (422, ["points"])
    adopt = {"in_force_on": "2026-05-01", "resolution": "4月10日居民代表会议",
             "votes": {"meeting": "representatives", "held_on": "2026-04-10", "present": 31, "votes_for": 29}}
    assert client.post(f"{path}/adopt", json=adopt).get_json()["error"]["code"] == "rules.own_draft"
    village.sign_in(client, "second")
    assert client.post(f"{path}/adopt", json=adopt).get_json()["state"] == "in_force"
    late = client.delete(f"{path}/rules/{rule.get_json()['id']}")
    assert (late.status_code, late.get_json()["error"]["code"]) == (409, "rules.not_a_draft")


def test_drafts_are_hidden_from_residents_and_strangers(client: FlaskClient, village: Village) -> None:
    village.sign_in(client, "member")
    row = client.post("/api/v1/standards", json={"title": "积分细则"}).get_json()
    assert len(client.get("/api/v1/standards").get_json()["items"]) == 1
    for who in ("alice", "other_member"):
        village.sign_in(client, who)
        assert client.get(f"/api/v1/standards/{row['id']}").status_code == 404
        assert client.get("/api/v1/standards").get_json()["items"] == []
    assert client.delete(f"/api/v1/standards/{row['id']}").status_code == 404


@pytest.mark.parametrize("field", ["id", "community_id", "standard_id", "position", "book", "adopted_by", "state"])
def test_fields_that_are_not_for_sending_are_refused(client: FlaskClient, village: Village, field: str) -> None:
    village.sign_in(client, "member")
    row = client.post("/api/v1/standards", json={"title": "积分细则"}).get_json()
    answer = client.post(f"/api/v1/standards/{row['id']}/rules", json={**RULE, field: 1})
    assert answer.status_code == 422
