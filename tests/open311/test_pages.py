"""The desk that gives keys out, the page that explains, a resident's codes; the measure of requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.app import create_app, limiter
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, run, transaction
from pointsbank.open311 import services
from pointsbank.open311.models import Open311Client, Open311Link
from tests.conftest import CONFIG
from tests.open311.conftest import ROOT, Platform
from tests.open311.reader import read
from tests.support.village import Village, found_village

Door = Callable[[str], FlaskClient]
TYPED = re.compile(r'<pre class="pb-typed[^"]*" translate="no"><code>([^<]+)</code></pre>')


@pytest.fixture
def door(app: Flask, clock: Any, village: Village) -> Door:
    return lambda key: village.sign_in(app.test_client(), key)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def rows(app: Flask, model: Any) -> list[Any]:
    with app.app_context(), transaction():
        return list(db.session.scalars(sa.select(model).order_by(model.id)))


def test_a_key_is_made_shown_once_used_and_revoked(platform: Platform, door: Door) -> None:
    app, member = platform.app, door("member")
    assert "县随手拍" in text_of(member, "/desk/open311")
    made = member.post("/desk/open311/keys", data={"name": "城管随手拍", "contact": "李工 12345"})
    assert made.status_code == 201
    key = TYPED.findall(made.get_data(as_text=True))[0]
    page = text_of(member, "/desk/open311")
    assert key not in page
    assert f"{key[:6]}…" in page
    assert platform.send(api_key=key)
    client = rows(app, Open311Client)[-1]
    assert member.post(f"/desk/open311/keys/{client.id}/revoke").status_code == 303
    assert "已作废" in text_of(member, "/desk/open311")
    assert member.post(f"/desk/open311/keys/{client.id}/revoke").status_code == 409
    assert platform.send(403, api_key=key) == "open311.key_wrong"
    assert [r.verb for r in rows(app, AuditRow) if r.verb.startswith("open311")] == [
        "open311.make_key", "open311.make_key", "open311.take", "open311.revoke_key"]


def test_a_lost_key_is_renewed_at_the_desk(platform: Platform, door: Door) -> None:
    client, = rows(platform.app, Open311Client)
    member = door("member")
    assert f"/desk/open311/keys/{client.id}/renew" in text_of(member, "/desk/open311")
    made = member.post(f"/desk/open311/keys/{client.id}/renew")
    assert made.status_code == 201
    key = TYPED.findall(made.get_data(as_text=True))[0]
    assert key not in text_of(member, "/desk/open311")
    assert f"{key[:6]}…" in text_of(member, "/desk/open311")
    assert platform.send(403) == "open311.key_wrong"
    assert platform.send(api_key=key)
    assert [r.verb for r in rows(platform.app, AuditRow) if r.verb.startswith("open311")] == [
        "open311.make_key", "open311.renew_key", "open311.take"]
    for who, status in (("alice", 403), ("reviewer", 403), ("other_member", 404)):
        assert door(who).post(f"/desk/open311/keys/{client.id}/renew").status_code == status
    assert platform.send(api_key=key), "nobody else changed it"


def test_a_key_needs_a_name_of_its_own_and_somebody_to_call(platform: Platform, door: Door) -> None:
    member = door("member")
    for form in ({"name": "县随手拍", "contact": "王工"}, {"name": "", "contact": "王工"},
                 {"name": "新的", "contact": ""}, {"name": "x", "contact": "王工"},
                 {"name": "长" * 61, "contact": "王工"}):
        answer = member.post("/desk/open311/keys", data=form)
        assert answer.status_code == 422, form
        assert f'value="{form["name"]}"' in answer.get_data(as_text=True), "the form comes back filled in"
    assert len(rows(platform.app, Open311Client)) == 1


@pytest.mark.parametrize(("who", "status"), [
    ("member", 200), ("admin", 200), ("reviewer", 403), ("grid", 403), ("alice", 403), ("leader", 403),
    ("supervisor", 403)])
def test_keys_are_kept_by_the_committee_and_the_administrator(
        platform: Platform, door: Door, who: str, status: int) -> None:
    if who != "supervisor":  # whose community is chosen on the way
        text_of(door(who), "/desk/open311", status)
    made = door(who).post("/desk/open311/keys", data={"name": "城管随手拍", "contact": "李工"})
    assert made.status_code == (201 if status == 200 else 403)


def test_keys_of_another_community_are_not_there(platform: Platform, door: Door) -> None:
    client, = rows(platform.app, Open311Client)
    other = door("other_member")
    assert "县随手拍" not in text_of(other, "/desk/open311")
    assert other.post(f"/desk/open311/keys/{client.id}/revoke").status_code == 404


def test_the_page_for_technicians_is_open_to_everybody(platform: Platform, client: FlaskClient, door: Door) -> None:
    page = text_of(client, "/open311")
    assert "柳荫社区" in page
    assert f'<code translate="no">{platform.code}</code>' not in page, "first which community"
    page = text_of(client, "/open311?community=liuyin")
    assert platform.code in page
    assert "家庭纠纷" not in page
    commands = [one for block in TYPED.findall(page) for one in block.split("\n") if "curl" in one]
    assert len(commands) == 5
    for url in re.findall(r"http://localhost(/open311/v2/services[^\s&#]+)", " ".join(commands)):
        assert client.get(url).status_code == 200, "what stands there works"
    assert platform.code in text_of(door("alice"), "/open311"), "one's own"
    text_of(client, "/open311?community=nowhere", 404)


def test_a_resident_gives_a_code_away_and_takes_it_back(platform: Platform, door: Door) -> None:
    alice = door("alice")
    assert "别的应用里的上报" in text_of(alice, "/me")
    text_of(alice, "/me/open311")
    made = alice.post("/me/open311")
    assert made.status_code == 201
    code = TYPED.findall(made.get_data(as_text=True))[0]
    assert code not in text_of(alice, "/me/open311")
    assert platform.send(account_id=code)[0]["account_id"] == code
    assert "县随手拍" in text_of(alice, "/me/open311")
    assert '<th scope="col">关联码</th>' in text_of(alice, "/me/open311")
    link, = rows(platform.app, Open311Link)
    assert link.code_hash != code.replace(" ", "")
    assert door("bob").post(f"/me/open311/{link.id}/unlink").status_code == 404
    assert alice.post(f"/me/open311/{link.id}/unlink").status_code == 303
    assert alice.post(f"/me/open311/{link.id}/unlink").status_code == 409
    assert platform.send(account_id=code)[0]["account_id"] == ""
    for _n in range(5):
        assert alice.post("/me/open311").status_code == 201
    full = alice.post("/me/open311")
    assert full.status_code == 409
    assert "5 个关联码" in full.get_data(as_text=True)
    assert door("member").post("/me/open311").status_code in {303, 401}, "nobody's without a resident"


def test_pages_cost_the_same_for_one_key_and_for_twenty(platform: Platform, door: Door, queries: Any) -> None:
    member, counts = door("member"), []
    for number in (0, 19):
        for n in range(number):
            member.post("/desk/open311/keys", data={"name": f"平台{n}", "contact": "李工"})
        with queries() as seen:
            text_of(member, "/desk/open311")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8


@pytest.mark.slow
def test_each_key_has_its_measure_of_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application of its own: everywhere else in the tests nobody counts."""
    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setattr(limiter, "initialized", False)
    busy = create_app({**CONFIG, "RATELIMIT_ENABLED": True, "DATA_DIR": str(tmp_path),
                       "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/busy.db"})
    with busy.app_context():
        db.create_all()
        member = found_village().actor("member")
        one, another = (run(lambda name=name: services.make_key(member, name, "王工"))[1]  # type: ignore[misc]
                        for name in ("平台一", "平台二"))
    client = busy.test_client()

    def posts(*keys: str, at: str = "127.0.0.1") -> list[int]:
        return [client.post(f"{ROOT}/requests.json", data={"api_key": key},
                            environ_base={"REMOTE_ADDR": at}).status_code for key in keys]

    assert posts(*[one] * 61) == [400] * 60 + [429]
    assert posts(another) == [400], "a key of its own, a measure of its own"
    over = client.post(f"{ROOT}/requests.xml", data={"api_key": one})
    assert read(over, "errors", "xml")[0]["code"] == 429
    assert [client.get(f"{ROOT}/discovery.json").status_code for _n in range(301)] == [200] * 300 + [429]
    guesses = [f"guess-{n}" for n in range(61)]
    assert posts(*guesses) == [403] * 60 + [429], "whoever guesses keys is counted by address"
    guess = client.get(f"{ROOT}/requests.json", query_string={"api_key": "guess-62"})
    assert guess.status_code == 429, "at whichever door"
    assert posts(another, "guess-63", at="10.1.2.3") == [400, 403], "nobody else is held up"
