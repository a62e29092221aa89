"""The pages and the interface: each of the three people finds what they may do, everybody else finds nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from pointsbank.core.db import transaction
from pointsbank.deductions import services
from pointsbank.deductions.models import DeductionState
from pointsbank.media import services as media
from tests.deductions.cases import Cases
from tests.support.village import Village

LETTER = {"item": "9.1", "household": "2-0317", "seen_on": "2026-04-18", "seen": "垃圾放在桶外", "how": "放进桶里"}


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def door(app: Flask, village: Village) -> Any:
    """A client signed in as somebody."""
    def open_for(key: str, **more: Any) -> FlaskClient:
        return village.sign_in(app.test_client(), key, **more)

    return open_for


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def test_a_whole_case_goes_over_the_pages(cases: Cases, clock: Any, door: Any) -> None:
    cases.give(1000)
    announcer = door("reviewer")
    sent = announcer.post("/desk/deductions/new", data={**LETTER, "photos": (io.BytesIO(photo()), "a.jpg")})
    assert sent.status_code == 303
    path = sent.headers["Location"]
    row = int(path.rsplit("/", 1)[1])
    assert "垃圾放在桶外" in text_of(announcer, path)
    alice = door("alice")
    own = text_of(alice, f"/deductions/{row}")
    assert "放进桶里" in own
    assert f"/deductions/{row}/photos/" in own
    alice.post(f"/deductions/{row}/answer", data={"said": "answer", "text": "那天不是我们家的"})
    assert "那天不是我们家的" in text_of(door("member"), path)
    clock.forward(days=8)
    decider = door("member")
    refused = decider.post(f"{path}/impose", data={"impose-text": ""})
    assert refused.status_code == 422
    assert decider.post(f"{path}/impose", data={"impose-text": "照片里是你们家的袋子"}).status_code == 303
    assert "−2" in text_of(alice, "/passbook")
    assert f'href="/deductions/{row}"' in text_of(alice, "/passbook")
    assert alice.post(f"/deductions/{row}/appeal", data={"text": "袋子是邻居家的"}).status_code == 303
    third = door("second")
    assert "袋子是邻居家的" in text_of(third, path)
    answer = {"decide-outcome": "reversed", "decide-text": "邻居已承认"}
    assert third.post(f"{path}/decide", data=answer).status_code == 303
    assert cases.state(row) is DeductionState.REVERSED
    assert "邻居已承认" in text_of(alice, f"/deductions/{row}/letter")
    assert cases.available() == 1000


def test_the_form_comes_back_filled_in(cases: Cases, door: Any) -> None:
    client = door("reviewer")
    wrong = client.post("/desk/deductions/new", data={**LETTER, "household": "9-9999"})
    assert wrong.status_code == 422
    assert "垃圾放在桶外" in wrong.get_data(as_text=True)
    early = client.post("/desk/deductions/new", data={**LETTER, "rectify_by": "2026-04-20"})
    assert early.status_code == 422
    assert client.post("/desk/deductions/new", data={**LETTER, "seen": ""}).status_code == 422
    assert client.post("/desk/deductions/new", data=LETTER).status_code == 303
    assert client.post("/desk/deductions/new", data=LETTER).status_code == 409


def test_the_desk_sees_what_is_overdue_first_and_pages_through_the_rest(cases: Cases, clock: Any, door: Any) -> None:
    first = cases.announced()
    clock.forward(days=12)
    for number, home in enumerate(("1-0412", "2-0108", "3-0226"), 1):
        cases.announced(household_id=cases.village.households[home], item_code="9.3", quantity=number)
    clock.forward(days=9)
    client = door("member")
    page = text_of(client, "/desk/deductions")
    assert page.index(f"/desk/deductions/{first}") < page.index(f"/desk/deductions/{first + 1}")
    assert "pb-chip is-stop" in page
    headers = cases.village.bearer(cases.app, "member")
    seen, cursor = [], ""
    while True:
        answer = client.get(f"/api/v1/deductions?waiting=true&limit=2&cursor={cursor}", headers=headers).get_json()
        seen += [one["id"] for one in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert seen == [first, first + 1, first + 2, first + 3]
    assert text_of(client, "/desk/deductions?only=all").count('class="pb-first"') == 4


def test_nothing_of_it_is_shown_where_it_is_switched_off(bare: Cases, door: Any) -> None:
    bare.adopt(deductions=False)
    client = door("member")
    assert 'href="/desk/deductions"' not in text_of(client, "/desk")
    assert 'name="item"' not in text_of(client, "/desk/deductions/new")
    assert "/deductions" not in text_of(door("alice"), "/passbook")


def test_a_grid_worker_sees_only_their_own_letters(cases: Cases, door: Any) -> None:
    theirs = cases.announced()
    own = cases.announced(by="grid", household_id=cases.village.households["1-0412"])
    client = door("grid")
    page = text_of(client, "/desk/deductions?only=all")
    assert f"/desk/deductions/{own}" in page
    assert f"/desk/deductions/{theirs}" not in page
    text_of(client, f"/desk/deductions/{own}")
    text_of(client, f"/desk/deductions/{theirs}", 404)
    assert client.post(f"/desk/deductions/{theirs}/rectified", data={}).status_code in (403, 404)


# ── Nobody else ─────────────────────────────────────────────────────────────────────────────────────────────────


STRANGERS = ["bob", "mallory", "keeper", "leader", "other_member"]


@pytest.mark.parametrize("who", STRANGERS)
def test_to_everybody_else_it_is_not_there(cases: Cases, clock: Any, door: Any, who: str) -> None:
    cases.give(1000)
    with transaction():
        actor = cases.village.actor("reviewer")
        kept = media.store(actor, photo(), "a.jpg", "deduction")
        key = kept.key
        row = services.announce(actor, cases.wish(photo_ids=(kept.id,))).id
    client, headers = door(who), cases.village.bearer(cases.app, who)
    for path in (f"/deductions/{row}", f"/deductions/{row}/letter", f"/desk/deductions/{row}",
                 f"/deductions/{row}/photos/{key}/full", f"/media/{key}/full"):
        assert client.get(path).status_code in (303, 403, 404), path
    for path in (f"/api/v1/deductions/{row}", "/api/v1/deductions"):
        answer = cases.app.test_client().get(path, headers=headers)
        assert answer.status_code in (403, 404) or answer.get_json()["items"] == [], path
    mine = cases.app.test_client().get("/api/v1/deductions/mine", headers=headers)
    assert mine.status_code in (401, 403) or mine.get_json()["items"] == []
    assert door("alice").get(f"/deductions/{row}/photos/{key}/full").status_code == 200
    assert cases.app.test_client().get(f"/deductions/{row}").status_code == 303


@pytest.mark.slow
def test_it_stands_on_no_page_that_others_read(cases: Cases, clock: Any, door: Any) -> None:
    """Every page that a neighbour, a visitor or a shop-keeper can open, while points are taken and appealed about."""
    cases.give(1000)
    done = cases.taken(clock, seen="门口堆了九只旧沙发")
    cases.appealed(done.id)
    words = ("乱倒垃圾", "九只旧沙发", f"/deductions/{done.id}")
    walked = 0
    for who in ("bob", "keeper", None):
        client = door(who) if who else cases.app.test_client()
        for rule in cases.app.url_map.iter_rules():
            passed_over = rule.endpoint.startswith(("probe.", "static")) or rule.rule.startswith("/api/v1/standards")
            if "GET" not in (rule.methods or ()) or rule.arguments or passed_over:
                continue
            answer = client.get(rule.rule)
            if answer.status_code != 200 or not answer.mimetype.startswith(("text/", "application/json")):
                continue
            walked += 1
            found = [word for word in words if word in answer.get_data(as_text=True)]
            # The rules themselves are for everybody: they name the item, and nobody.
            if rule.rule in {"/rules", "/rules/poster"}:
                found = [word for word in found if word != "乱倒垃圾"]
            assert found == [], (who, rule.rule)
    assert walked > 20
    own = door("alice")
    assert all(word in text_of(own, f"/deductions/{done.id}") + f"/deductions/{done.id}" for word in words)  # control


def test_the_interface_does_the_same_as_the_pages(cases: Cases, clock: Any) -> None:
    cases.give(1000)
    bearer = cases.village.bearer
    client = cases.app.test_client()

    def call(who: str, path: str, **body: Any) -> Any:
        return client.post(f"/api/v1/deductions{path}", json=body, headers=bearer(cases.app, who))

    letter = {"item_code": "9.1", "seen_on": "2026-04-18", "seen": "垃圾放在桶外", "how": "放进桶里",
              "household_id": cases.village.households["2-0317"]}
    assert call("alice", "", **letter).status_code == 403
    assert call("reviewer", "", **{**letter, "points": "3"}).status_code == 422
    made = call("reviewer", "", **letter)
    assert made.status_code == 201
    row = made.get_json()["id"]
    assert made.get_json()["foreseen"] == "2"
    assert call("alice", f"/{row}/answer", put_right=True).status_code == 200
    early = call("member", f"/{row}/impose", text="去看过，没有整改")
    assert (early.status_code, early.get_json()["error"]["code"]) == (409, "deductions.too_early")
    clock.forward(days=8)
    assert call("reviewer", f"/{row}/impose", text="去看过，没有整改").status_code == 403
    done = call("member", f"/{row}/impose", text="去看过，没有整改").get_json()
    assert (done["state"], done["taken"]) == ("imposed", "2")
    assert call("alice", f"/{row}/appeal", text="已经整改了").status_code == 200
    assert call("second", f"/{row}/appeal/decision", reversed=False, text="照片日期不对").status_code == 200
    whole = client.get(f"/api/v1/deductions/{row}", headers=bearer(cases.app, "andrew")).get_json()
    assert [step["kind"] for step in whole["steps"]] == ["announced", "put_right", "imposed", "appealed", "upheld"]
    assert "announced_by_id" not in whole
    mine = client.get("/api/v1/deductions/mine", headers=bearer(cases.app, "alice")).get_json()
    assert [one["id"] for one in mine["items"]] == [row]
    assert call("member", f"/{row}/drop", text="门牌看错了").status_code == 409


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_many(
        cases: Cases, door: Any, queries: Any) -> None:
    client = door("member")
    cases.announced()
    text_of(client, "/desk/deductions")  # the first visit of a session asks once more
    with queries() as one:
        text_of(client, "/desk/deductions")
    for number, home in enumerate(("1-0412", "2-0108", "3-0226", "2-0531"), 1):
        cases.announced(household_id=cases.village.households[home], item_code="9.3", quantity=number)
    with queries() as many:
        text_of(client, "/desk/deductions")
    assert len(one) == len(many)


def test_paper_is_taken_down_for_those_without_a_phone(cases: Cases, clock: Any, door: Any) -> None:
    row = cases.announced()
    client = door("second")
    assert client.post(f"/desk/deductions/{row}/paper", data={"paper-said": "answer", "paper-text": "下雨没法清"}
                       ).status_code == 303
    clock.forward(days=8)
    cases.imposed(row)
    assert client.post(f"/desk/deductions/{row}/paper-appeal", data={"paper_appeal-text": "请再看一次"}
                       ).status_code == 303
    assert client.post(f"/desk/deductions/{row}/decide", data={"decide-outcome": "upheld", "decide-text": "已看过了"}
                       ).status_code == 403
    assert cases.state(row) is DeductionState.APPEALED
