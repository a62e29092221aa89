"""What waited on a phone: taken from its writer only, answered in words that a script understands."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.cases.pages import reporting
from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from pointsbank.people.models import LinkKind, SignInSession, UserResident
from tests.support.village import Village


def writer(village: Village, who: str, resident: str | None = None) -> str:
    return village.actor(who, resident=resident).writes_as


def test_the_worker_stands_at_the_root_and_is_asked_for_again(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def test_the_page_without_a_network_holds_nothing_of_anybody(client: FlaskClient, village: Village) -> None:
    village.sign_in(client, "alice")
    answer = client.get("/offline")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "没有网络" in text
    assert not any(word in text for word in ("陈桂芳", "柳荫", "pb-writer", "csrf_token"))


def test_who_is_signed_in_is_told_with_a_token(client: FlaskClient, village: Village) -> None:
    nobody = client.get("/outbox/ready").get_json()
    assert nobody["who"] == ""
    village.sign_in(client, "alice")
    ready = client.get("/outbox/ready")
    assert ready.get_json()["who"] == writer(village, "alice")
    assert ready.get_json()["token"]
    assert ready.headers["Cache-Control"] == "no-store"


def test_a_draft_goes_under_no_other_name(app: Flask, client: FlaskClient, village: Village) -> None:
    village.sign_in(client, "bob")
    for wrong in (writer(village, "alice"), "", "1.1", writer(village, "bob", resident="alice")):
        answer = client.post("/view", data={"elder": "1"}, headers={"X-Outbox": wrong})
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "core.other_person"), wrong
        assert answer.get_json()["error"]["message"]
    own = client.post("/view", data={"elder": "1"}, headers={"X-Outbox": writer(village, "bob")})
    assert (own.status_code, own.get_json()) == (200, {"next": "/"})


def test_whoever_writes_is_asked_again_after_the_slow_part(
        app: Flask, client: FlaskClient, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    """While photos are prepared the same sign-in may begin to act for somebody else of the family."""
    village.sign_in(client, "alice")
    slow = "pointsbank.cases.pages.reporting.prepared"
    prepared = reporting.prepared

    def meanwhile(sent_as: str, kept: int) -> reporting.Batch:
        def switch() -> None:
            with app.app_context(), transaction():
                db.session.add(UserResident(user_id=village.users["alice"], resident_id=village.residents["bob"],
                                            kind=LinkKind.FAMILY, created_at=clock.now()))
                db.session.execute(sa.update(SignInSession).values(resident_id=village.residents["bob"]))

        other = threading.Thread(target=switch)
        other.start()
        other.join()
        return prepared(sent_as, kept)

    monkeypatch.setattr(slow, meanwhile)
    answer = client.post("/report", data={"client_id": "draft-0001"}, headers={"X-Outbox": writer(village, "alice")})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "core.other_person")


def test_refusals_of_pages_come_in_json(app: Flask, client: FlaskClient, village: Village) -> None:
    out = client.post("/sign-out", headers={"X-Outbox": writer(village, "alice")})
    assert (out.status_code, out.get_json()["error"]["code"]) == (401, "core.sign_in_required")
    village.sign_in(client, "alice")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        token = client.post("/sign-out", headers={"X-Outbox": writer(village, "alice")})
        assert (token.status_code, token.get_json()["error"]["code"]) == (400, "core.csrf")
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    gone = client.post("/deeds/999/withdraw", headers={"X-Outbox": writer(village, "alice")})
    assert (gone.status_code, gone.get_json()["error"]["code"]) == (404, "core.not_found")
    form = client.post("/deeds/new", data={}, headers={"X-Outbox": writer(village, "alice")})
    assert form.status_code == 422
    assert form.get_json()["error"]["fields"]["title"]
