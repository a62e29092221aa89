"""Pages and the interface: the desk enters, residents find, whoever scans a tag sees where they are."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, transaction
from pointsbank.places import codes, queries, services
from pointsbank.places.facts import Facts
from tests.support.village import Village

GATE = {"name": "东门", "kind": "facility", "aliases": "大门，正门", "area_id": "0", "note": "公告栏", "lat": "27.0943",
        "lon": "113.5218", "crs": "wgs84"}
Door = Callable[[str], FlaskClient]


@pytest.fixture
def door(app: Flask, clock: Any, village: Village) -> Door:
    return lambda key: village.sign_in(app.test_client(), key)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def enter(app: Flask, village: Village, facts: Facts, *, tag: bool = False) -> tuple[int, str]:
    with app.app_context(), transaction():
        place = services.create(village.actor("member"), facts)
        code = codes.code_of(services.issue_tags(village.actor("member"), [place.id])[0]) if tag else ""
        return place.id, code


def test_a_place_goes_over_the_desk_from_entering_to_closing(app: Flask, village: Village, door: Door) -> None:
    member = door("member")
    text_of(member, "/desk/places/new")
    sent = member.post("/desk/places/new", data=GATE)
    assert sent.status_code == 303
    path = sent.headers["Location"]
    assert "大门，正门" in text_of(member, path)
    assert "27.0943, 113.5218" in text_of(member, path)
    assert 'value="大门、正门"' in text_of(member, f"{path}/edit")
    assert member.post(f"{path}/edit", data={**GATE, "name": "东大门"}).status_code == 303
    assert "东大门" in text_of(member, "/desk/places?q=正门")
    assert member.post(f"{path}/tag").status_code == 303
    assert "1 号牌" in text_of(member, path)
    assert member.post(f"{path}/tag/reissue").status_code == 303
    assert member.post(f"{path}/tag/revoke").status_code == 303
    assert member.post(f"{path}/tag/revoke").status_code == 409
    assert member.post(f"{path}/close").status_code == 303
    assert "停用" in text_of(member, path)
    assert "东大门" not in text_of(member, "/desk/places")
    assert "东大门" in text_of(member, "/desk/places?only=closed")


def test_a_refused_form_comes_back_filled_in(app: Flask, village: Village, door: Door) -> None:
    enter(app, village, Facts("东门", lat=27.0943, lon=113.5218))
    member = door("member")
    for change, sentence in (({}, "已经有同名的地点了"),
                             ({"name": "西门", "lat": "28.0"}, "离其他地点的中心有 101 公里"),
                             ({"name": "西门", "lon": ""}, "要么都填"), ({"name": "西门", "lat": "北"}, "西门"),
                             ({"name": ""}, "公告栏"), ({"name": "西门", "crs": "mars"}, "公告栏"),
                             ({"name": "西门", "area_id": "999"}, "公告栏")):
        answer = member.post("/desk/places/new", data={**GATE, **change}, headers={"Accept-Language": "zh-CN"})
        assert answer.status_code in (409, 422)
        assert sentence in answer.get_data(as_text=True)
        assert "大门，正门" in answer.get_data(as_text=True)


def test_residents_read_and_only_the_committee_writes(app: Flask, village: Village, door: Door) -> None:
    place_id, _code = enter(app, village, Facts("东门", note="公告栏", lat=27.0943, lon=113.5218))
    enter(app, village, Facts("老井", lat=27.0949, lon=113.5218))
    alice = door("alice")
    assert "东门" in text_of(alice, "/places")
    assert "东门" in text_of(alice, "/places?q=东")
    shown = text_of(alice, f"/places/{place_id}")
    assert "公告栏" in shown
    assert "老井南边 70 米" in shown
    for path in ("/desk/places", "/desk/places/new", f"/desk/places/{place_id}", "/desk/places/import"):
        assert alice.get(path).status_code == 403
    assert alice.post(f"/desk/places/{place_id}/close").status_code == 403
    assert door("mallory").get(f"/places/{place_id}").status_code == 404
    assert app.test_client().get("/places").status_code == 303


def test_the_plan_stands_beside_the_same_places_as_a_list(app: Flask, village: Village, door: Door) -> None:
    assert "还没有可画的" in text_of(door("alice"), "/places/plan")
    ids = [enter(app, village, Facts(f"{n} 号楼", lat=27.09 + n / 2000, lon=113.52))[0] for n in range(1, 8)]
    for path in ("/places/plan", f"/places/plan?place={ids[2]}", "/places/plan?print=1"):
        page = text_of(door("alice"), path)
        drawn, listed = re.search(r"<svg class=\"pb-plan.*?</svg>", page, re.S), page.split('class="pb-place-list"')[1]
        assert drawn is not None
        assert len(drawn[0].encode()) < 10_000
        assert 'role="img"' in drawn[0]
        for n in range(1, 8):
            assert f"{n} 号楼" in listed
            assert f"{n} 号楼" in drawn[0]
    assert door("alice").get(f"/places/plan?area={village.other}").status_code == 404


def test_whoever_scans_a_tag_sees_where_they_are(app: Flask, village: Village, door: Door) -> None:
    place_id, code = enter(app, village, Facts("东门", note="公告栏", lat=27.0943, lon=113.5218), tag=True)
    for client in (app.test_client(), door("alice"), door("mallory")):
        for path in (f"/t/{code}", f"/T/{code}", f"/t/{code.lower()}"):
            answer = client.get(path, headers={"Accept-Language": "zh-CN"})
            page = answer.get_data(as_text=True)
            assert answer.status_code == 200
            assert "东门" in page
            assert "公告栏" in page
            assert "柳荫社区" in page
            assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert f"/places/{place_id}" in text_of(door("alice"), f"/t/{code}")
    assert f"/places/{place_id}" not in text_of(door("mallory"), f"/t/{code}")
    door("member").post(f"/desk/places/{place_id}/tag/revoke")
    assert "这张牌已经作废" in text_of(app.test_client(), f"/t/{code}", 404)
    assert "不是我们的地点牌" in text_of(app.test_client(), "/t/NOTOURS", 404)


def test_tags_are_printed_several_on_a_sheet_and_each_print_is_on_record(app: Flask, village: Village,
                                                                         door: Door) -> None:
    ids = [enter(app, village, Facts(f"{n} 号楼"))[0] for n in range(10)]
    member = door("member")
    assert "没有可打印的牌" in member.post("/desk/places/tags/print", data={"place": ids},
                                     headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert member.post("/desk/places/tags/issue", data={"place": ids[:9]}).status_code == 303
    page = member.post("/desk/places/tags/print", data={"place": [*ids, ids[0], 10**6]}).get_data(as_text=True)
    assert page.count('class="pb-place-tag"') == 9
    assert page.count('class="pb-tags-sheet"') == 2
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(AuditRow.id)).where(AuditRow.verb == "places.print_tag")) == 9
    assert door("other_member").post("/desk/places/tags/print", data={"place": ids}).get_data(as_text=True).count(
        'class="pb-place-tag"') == 0


def test_a_file_is_taken_over_and_its_faults_are_named(app: Flask, village: Village, door: Door) -> None:
    member = door("member")
    assert "GeoJSON" in text_of(member, "/desk/places/import")
    assert member.get("/desk/places/template.xlsx").status_code == 200
    raw = "名称,类型\n东门,设施\n西门,飞机\n".encode()

    def send(**more: str) -> Any:
        return member.post("/desk/places/import", data={"file": (io.BytesIO(raw), "a.csv"), **more},
                           headers={"Accept-Language": "zh-CN"})

    refused = send()
    assert refused.status_code == 422
    assert "第 3 行" in refused.get_data(as_text=True)
    with app.app_context():
        assert queries.listed(village.community).items == []
    taken = send(good_rows_only="y")
    assert taken.status_code == 200
    with app.app_context():
        assert [p.name for p in queries.listed(village.community).items] == ["东门"]
    assert member.post("/desk/places/import", data={}).status_code == 422
    assert member.post("/desk/places/import", data={"file": (io.BytesIO(b"\xff\0\1"), "a")}).status_code == 422


def test_the_interface_does_all_of_it(app: Flask, client: FlaskClient, clock: Any, village: Village) -> None:
    member, alice = village.bearer(app, "member"), village.bearer(app, "alice")
    made = client.post("/api/v1/places", headers=member, json={
        "name": "东门", "kind": "facility", "aliases": ["大门"], "lat": 27.0943, "lon": 113.5218, "crs": "bd09"})
    assert made.status_code == 201, made.get_json()
    place_id = made.get_json()["id"]
    assert made.get_json()["given_lat"] == 27.0943
    assert made.get_json()["lat"] != 27.0943
    path = f"/api/v1/places/{place_id}"
    assert [p["name"] for p in client.get("/api/v1/places?q=大门", headers=alice).get_json()["items"]] == ["东门"]
    assert client.get(path, headers=alice).get_json()["aliases"] == ["大门"]
    assert client.put(path, headers=member, json={"name": "南门"}).get_json()["lat"] is None
    tag = client.post(f"{path}/tag", headers=member)
    assert tag.status_code == 201
    assert client.get(f"/t/{tag.get_json()['code']}").status_code == 200
    assert client.post(f"{path}/tag", headers=member).get_json()["error"]["code"] == "places.tag_in_force"
    assert client.post(f"{path}/tag/reissue", headers=member).get_json()["number"] == 2
    assert client.post(f"{path}/tag/revoke", headers=member).get_json()["code"] is None
    assert len(client.get(f"{path}/tags", headers=member).get_json()) == 2
    for method, where, body in (("post", "/api/v1/places", {"name": "x"}), ("put", path, {"name": "x"}),
                                ("post", f"{path}/close", None), ("post", f"{path}/tag", None),
                                ("get", f"{path}/tags", None)):
        assert getattr(client, method)(where, headers=alice, **({"json": body} if body else {})).status_code == 403
    assert client.get(path, headers=village.bearer(app, "mallory")).status_code == 404
    assert client.post(f"{path}/close", headers=member).get_json()["closed_at"]
    assert client.put(path, headers=member, json={"name": "x"}).status_code == 409
    assert client.post("/api/v1/places", headers=member, json={"name": "x", "lat": 1}).status_code == 422


def test_the_interface_says_where_a_point_lies(app: Flask, client: FlaskClient, clock: Any, village: Village) -> None:
    enter(app, village, Facts("Well", lat=27.0943, lon=113.5218))
    alice = {**village.bearer(app, "alice"), "Accept-Language": "en"}
    said = client.get("/api/v1/places/where?lat=27.09484&lon=113.5218", headers=alice).get_json()
    assert said["sentence"] == "60 m north of Well"
    assert said["nearest"][0]["name"] == "Well"
    assert client.get("/api/v1/places/where?lat=nan&lon=1", headers=alice).status_code == 422
