"""Every page and route of people, communities and notifications, tried by the wrong people."""

from __future__ import annotations

import re

import pytest

ROOMS = ("people.", "communities.", "notifications.", "api_people.", "api_communities.", "api_notifications.")


def _routes(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(ROOMS):
            guard = app.view_functions[rule.endpoint].guard
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, guard.kind


def _path(rule, ids: dict[str, int]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(ids.get(m.group(1), 1)), rule.rule)


def _ids(village) -> dict[str, int]:
    return {"resident_id": village.residents["alice"], "household_id": village.households["2-0317"],
            "team_id": village.team, "user_id": village.users["alice"], "area_id": village.community,
            "appointment_id": 1, "session_id": 1, "job_id": 1, "message_id": 1}


def test_nobody_without_a_sign_in_gets_past_the_door(app, client, village):
    for rule, method, kind in _routes(app):
        if kind == "public":
            continue
        answer = client.open(_path(rule, _ids(village)), method=method, json={} if "/api/" in rule.rule else None)
        assert answer.status_code in {303, 401}, (method, rule.rule, answer.status_code)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["alice", "keeper"])
def test_residents_and_shop_keepers_open_no_page_of_the_desk(app, client, village, who):
    village.sign_in(client, who)
    for rule, method, _kind in _routes(app):
        guard = app.view_functions[rule.endpoint].guard
        if guard.kind == "staff":
            answer = client.open(_path(rule, _ids(village)), method=method, json={} if "/api/" in rule.rule else None)
            assert answer.status_code == 403, (method, rule.rule, answer.status_code)


def test_the_committee_of_another_community_finds_nothing_of_ours(app, client, village):
    village.sign_in(client, "other_member")
    for rule, method, kind in _routes(app):
        if kind != "staff" or "<" not in rule.rule:
            continue
        data = {"json": {"name": "x", "reason": "warum", "number": "1"}} if "/api/" in rule.rule else {"data": {
            "name": "x", "reason": "warum", "number": "1", "on": "2026-01-01", "confirmation": "x", "person": "x",
            "kind": "family", "resident_id": village.residents["mallory"], "area_id": "0"}}
        answer = client.open(_path(rule, _ids(village)), method=method, **data)
        assert answer.status_code in {404, 422}, (method, rule.rule, answer.status_code)
