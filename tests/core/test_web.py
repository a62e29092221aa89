"""The edge as a visitor meets it: guards, the same request twice, refusals with nothing half done."""

from __future__ import annotations

import concurrent.futures

import pytest
import sqlalchemy as sa
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from pointsbank.core.audit import AuditRow
from pointsbank.core.db import ReadOnlyUnit, db
from pointsbank.core.errors import lazy
from tests.support.village import Village


def written(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).where(AuditRow.verb == "probe.write")) or 0


def test_a_route_without_a_guard_stays_shut(client: FlaskClient) -> None:
    assert client.get("/api/v1/probe/undeclared").status_code == 403


def test_a_stranger_is_asked_to_sign_in(client: FlaskClient) -> None:
    answer = client.post("/api/v1/probe/write", json={})
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "core.sign_in_required"


def test_a_get_that_writes_is_a_fault(client: FlaskClient, app: Flask) -> None:
    with pytest.raises(ReadOnlyUnit):
        client.get("/api/v1/probe/writing-read")
    assert written(app) == 0


def test_a_refusal_leaves_nothing(client: FlaskClient, village: Village, app: Flask) -> None:
    village.sign_in(client, "alice")
    answer = client.post("/api/v1/probe/refused", json={}, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 409
    assert written(app) == 0


@pytest.mark.parametrize("path", ["write", "slow"])
def test_the_same_key_has_one_effect_and_one_answer(client: FlaskClient, village: Village, app: Flask,
                                                    path: str) -> None:
    village.sign_in(client, "alice")
    headers = {"Idempotency-Key": "k1"}
    answers = [client.post(f"/api/v1/probe/{path}", json={"a": 1}, headers=headers) for _ in range(5)]
    assert {a.status_code for a in answers} == {201}
    assert len({a.data for a in answers}) == 1
    assert answers[4].headers["Idempotent-Replay"] == "true"
    other = client.post(f"/api/v1/probe/{path}", json={"a": 2}, headers=headers)
    assert other.status_code == 422
    assert other.json["error"]["code"] == "core.key_reused"
    assert written(app) == 1


def test_two_people_may_use_the_same_key(client: FlaskClient, village: Village, app: Flask) -> None:
    for key in ("alice", "bob"):
        village.sign_in(client, key)
        assert client.post("/api/v1/probe/write", json={}, headers={"Idempotency-Key": "k"}).status_code == 201
    assert written(app) == 2


@pytest.mark.slow
def test_parallel_repeats_have_one_effect_each(village: Village, app: Flask) -> None:
    """40 keys, each sent 5 times from 8 threads: as many effects as keys; who comes while it runs is told so."""
    answers: list[int] = []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        def send(number: int) -> int:
            client = village.sign_in(app.test_client(), "alice")
            return client.post("/api/v1/probe/write", json={},
                               headers={"Idempotency-Key": f"key-{number // 5}"}).status_code
        answers = list(pool.map(send, range(200)))
    assert set(answers) <= {201, 409}
    assert written(app) == 40


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/healthz", "/api/v1/probe/read", "/nothing-here", "/api/v1/nothing-here"):
        answer = client.get(path)
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_address_is_a_sentence_in_the_readers_language(client: FlaskClient) -> None:
    chinese = client.get("/api/v1/nothing-here")
    english = client.get("/api/v1/nothing-here", headers={"Accept-Language": "en"})
    assert chinese.status_code == english.status_code == 404
    assert chinese.json["error"]["code"] == "core.not_found"
    assert english.json["error"]["message"] == "This page or item does not exist here."
    assert any("\u4e00" <= c <= "\u9fff" for c in chinese.json["error"]["message"])


def test_a_cookie_without_its_form_token_cannot_write_through_the_interface(village: Village, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = village.sign_in(app.test_client(), "alice")
        answer = client.post("/api/v1/probe/write", json={})
        assert answer.status_code == 400
        assert answer.json["error"]["code"] == "core.csrf"
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert written(app) == 0


def test_a_sentence_filled_with_a_hostile_name_stays_text(app: Flask) -> None:
    with app.test_request_context("/"):
        sentence = lazy("%(name)s", name="<svg onload=zq7=1>")
        assert render_template_string("{{ s }}|{{ s|e }}|{{ s ~ '' }}", s=sentence) == "|".join(
            3 * ["&lt;svg onload=zq7=1&gt;"])
