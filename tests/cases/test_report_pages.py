"""The report form as a phone without a script sends it, and as its outbox does: what is taken, what is refused."""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.cases import services as cases
from pointsbank.cases.models import CaseClass, Joiner, Report
from pointsbank.cases.services import CategoryDraft, ReportDraft
from pointsbank.core.db import db, run, transaction
from pointsbank.media.models import Photo
from pointsbank.places import codes
from pointsbank.places import services as places
from pointsbank.places.facts import Facts
from tests.cases.desk import Desk, picture
from tests.cases.test_budget import adopt
from tests.media.bombs import BOMBS, encoded
from tests.media.bombs import picture as drawn

Door = Callable[[str], FlaskClient]
GATE = (27.0943, 113.5218)


@pytest.fixture
def door(desk: Desk) -> Door:
    return lambda key: desk.village.sign_in(desk.app.test_client(), key)


@pytest.fixture
def gate(desk: Desk) -> int:
    """Two places; the first one's number."""
    return put_place(desk, "东门", *GATE)


def put_place(desk: Desk, name: str, lat: float | None = None, lon: float | None = None, who: str = "member") -> int:
    return run(lambda: places.create(desk.actor(who), Facts(name, lat=lat, lon=lon)).id)


def form(desk: Desk, **given: Any) -> dict[str, Any]:
    return {"client_id": secrets.token_hex(16), "category": str(desk.lamp), "text": "三天没亮了", "place_id": "0",
            "place": "东巷 3 号门口", **given}


def shot(colour: int = 90, name: str = "a.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(picture(colour)), name


def post(client: FlaskClient, data: dict[str, Any], **heads: str) -> Any:
    return client.post("/report", data=data, content_type="multipart/form-data", headers=heads)


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def kept_ids(page: str) -> list[str]:
    return re.findall(r'name="photo_ids" value="(\d+)"', page)


def all_of(model: Any) -> list[Any]:
    with transaction():
        return list(db.session.scalars(sa.select(model).order_by(model.id)))


# ── What is taken ───────────────────────────────────────────────────────────────────────────────────────────────


def test_photo_place_and_send_are_a_report(desk: Desk, door: Door, gate: int) -> None:
    client = door("alice")
    page = text_of(client.get("/report"))
    assert all(word in page for word in ("1 照片", "2 在哪里？", "3 说一句，发送", "东门", "路灯不亮"))
    client_id = re.search(r'name="client_id" type="hidden" value="([0-9a-f]{32})"', page)
    assert client_id is not None
    sent = post(client, {"client_id": client_id[1], "category": str(desk.lamp), "place_id": str(gate), "text": "",
                         "photos": [shot(1), shot(2)]})
    assert sent.status_code == 303
    [report] = all_of(Report)
    assert (report.place, report.place_id, report.text, report.lat) == ("东门", gate, "", GATE[0])
    assert sent.headers["Location"].endswith(f"/cases/{report.case_id}")
    assert [p.owner_key for p in all_of(Photo)] == [report.key, report.key]
    story = text_of(client.get(sent.headers["Location"]))
    assert "收到了" in story
    assert "收到随手拍" in story


def test_without_words_and_photo_the_kind_is_what_it_says(desk: Desk, door: Door) -> None:
    assert post(door("alice"), form(desk, text=" ")).status_code == 303
    assert all_of(Report)[0].text == "路灯不亮"


def test_the_kind_and_the_place_used_last_stand_there_again(desk: Desk, door: Door, gate: int) -> None:
    run(lambda: cases.add_category(desk.actor("member"), CategoryDraft("井盖", "road")))
    far = put_place(desk, "凉亭")
    client = door("alice")
    assert post(client, form(desk, category=str(desk.family), place_id=str(far), place="")).status_code == 303
    page = text_of(client.get("/report"))
    assert f'<option selected value="{desk.family}">' in page
    assert page.index('data-name="凉亭"') < page.index('data-name="东门"')


def test_one_draft_sent_five_times_is_one_report(desk: Desk, door: Door) -> None:
    client, data = door("alice"), form(desk)
    answers = [post(client, {**data, "photos": [shot()]}) for _ in range(5)]
    assert {a.status_code for a in answers} == {303}
    assert len({a.headers["Location"] for a in answers}) == 1
    assert len(all_of(Report)) == 1
    assert [photo.owner_key for photo in all_of(Photo)] == [all_of(Report)[0].key]


def test_a_draft_that_came_in_is_answered_though_there_is_no_room_for_its_photos_again(
        desk: Desk, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    client, data, heads = door("alice"), form(desk), {"X-Outbox": desk.actor("alice").writes_as}
    first = post(client, {**data, "photos": [shot()]}, **heads)
    assert first.status_code == 200
    monkeypatch.setattr("pointsbank.media.services.MOST_LOOSE", 0)
    again = post(client, {**data, "photos": [shot()]}, **heads)
    assert again.get_json() == first.get_json()
    other = post(client, {**form(desk), "photos": [shot()]}, **heads)
    assert other.status_code == 429
    monkeypatch.undo()
    mended = post(client, {**data, "text": "说的是另一件事", "photos": [shot()]}, **heads)
    assert mended.get_json()["error"]["code"] == "cases.client_id_reused"
    assert len(all_of(Report)) == 1


def test_the_outbox_gets_the_address_in_json_and_no_question_in_between(desk: Desk, door: Door) -> None:
    desk.send("bob", place="东巷 3 号门口")
    heads, data = {"X-Outbox": desk.actor("alice").writes_as}, form(desk)
    client = door("alice")
    answers = [post(client, {**data, "photos": [shot()]}, **heads) for _ in range(5)]
    assert {a.status_code for a in answers} == {200}
    assert len({a.get_json()["next"] for a in answers}) == 1
    assert len([r for r in all_of(Report) if r.client_id == data["client_id"]]) == 1
    other = post(door("bob"), data, **heads)
    assert (other.status_code, other.get_json()["error"]["code"]) == (409, "core.other_person")
    bad = post(client, form(desk, text="😀😀"), **heads)
    assert bad.status_code == 422
    assert bad.get_json()["error"]["fields"]["text"]
    assert bad.get_json()["error"]["code"] == "cases.words_missing"


def test_who_reports_without_a_name_gets_a_code(desk: Desk, door: Door) -> None:
    client = door("alice")
    sent = post(client, form(desk, anonymous="y"))
    page = text_of(client.get(sent.headers["Location"]))
    code = re.search(r"\d{4} \d{4} \d{4}", page)
    assert code is not None
    assert all_of(Report)[0].anonymous
    stranger = desk.app.test_client()
    assert stranger.get("/report/code").status_code == 200
    found = text_of(stranger.post("/report/code", data={"code": code[0]}))
    assert "路灯不亮" in found
    assert "东巷" not in found
    wrong = stranger.post("/report/code", data={"code": "0000 0000 0001"})
    assert wrong.status_code == 404
    assert "0000 0000 0001" in text_of(wrong)


# ── What is refused, with everything still there ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("given", "status", "said"), [
    ({"text": "😀😀😀"}, 422, "请用几句话说明问题"), ({"place": ""}, 422, "请写明地点"),
    ({"place": "？"}, 422, "请写明地点"), ({"category": "99999"}, 422, "请选是什么问题"),
    ({"category": ""}, 422, "请选是什么问题"), ({"place_id": "99999"}, 422, "不在名单里"),
    ({"client_id": "x"}, 422, "编号"), ({"text": "字" * 1001}, 422, "字"),
    ({"lat": "30.5", "lon": "114.3"}, 422, "公里"), ({"lat": "north", "lon": "1"}, 422, "手机说不出在哪里"),
])
def test_a_refusal_keeps_everything_and_the_photos(desk: Desk, door: Door, gate: int, given: dict[str, str],
                                                   status: int, said: str) -> None:
    client, data = door("alice"), form(desk, **given)
    answer = post(client, {**data, "photos": [shot(1), shot(2)]})
    page = text_of(answer)
    assert answer.status_code == status
    assert said in page
    assert data["text"][:1000] in page
    assert data["client_id"] in page
    ids = kept_ids(page)
    assert len(ids) == 2
    assert not all_of(Report)
    good = post(client, {**form(desk), "photo_ids": ids})
    assert good.status_code == 303
    assert len([p for p in all_of(Photo) if p.owner_key == all_of(Report)[0].key]) == 2


def test_a_location_300_km_away_is_told_in_kilometres(desk: Desk, door: Door, gate: int) -> None:
    client = door("alice")
    assert "公里" in text_of(post(client, form(desk, lat="29.8", lon="113.5")))
    near = client.get("/report/places", query_string={"lat": GATE[0] + 0.001, "lon": GATE[1]}).get_json()
    assert [p["name"] for p in near["places"]] == ["东门"]
    far = client.get("/report/places", query_string={"lat": 29.8, "lon": 113.5}).get_json()
    assert far["places"] == []
    assert "公里" in far["said"]
    for wrong in ({"lat": "nan", "lon": 1}, {"lat": 200, "lon": 1}, {}):
        assert client.get("/report/places", query_string=wrong).get_json()["said"]


def test_where_the_phone_was_is_kept_only_if_no_place_fits(desk: Desk, door: Door, gate: int) -> None:
    client, here = door("alice"), {"lat": str(GATE[0] + 0.002), "lon": str(GATE[1])}
    assert post(client, form(desk, place_id=str(gate), place="", **here)).status_code == 303
    assert post(client, form(desk, **here)).status_code == 303
    assert [r.lat for r in all_of(Report)] == [GATE[0], GATE[0] + 0.002]


@pytest.mark.parametrize(("body", "said"), [
    (lambda: BOMBS["169-megapixel-jpeg"](), "百万像素"), (lambda: b"%PDF-1.7\n1 0 obj", "照片"),
    (lambda: picture()[:200], "照片"), (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "照片"),
], ids=["169 megapixels", "PDF renamed", "torn", "SVG"])
def test_a_bad_photo_costs_the_good_ones_nothing(desk: Desk, door: Door, body: Callable[[], bytes],
                                                 said: str) -> None:
    client = door("alice")
    answer = post(client, {**form(desk), "photos": [shot(), (io.BytesIO(body()), "b.jpg"), shot(7)]})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "第 2 张照片" in page
    assert said in page
    assert len(kept_ids(page)) == 2
    assert not all_of(Report)
    assert post(client, {**form(desk), "photo_ids": kept_ids(page)}).status_code == 303


def test_a_heic_is_a_photo(desk: Desk, door: Door) -> None:
    heic = encoded(drawn(), "HEIF")
    assert post(door("alice"), {**form(desk), "photos": [(io.BytesIO(heic), "a.heic")]}).status_code == 303


def test_ten_photos_are_one_too_many_and_nine_stay(desk: Desk, door: Door) -> None:
    client = door("alice")
    answer = post(client, {**form(desk), "photos": [shot(n) for n in range(10)]})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "最多" in page
    ids = kept_ids(page)
    assert len(ids) == 9
    tenth = post(client, {**form(desk), "photo_ids": ids, "photos": [shot(77)]})
    assert tenth.status_code == 409
    assert post(client, {**form(desk), "photo_ids": ids}).status_code == 303


def test_a_photo_is_taken_out_again_without_a_script(desk: Desk, door: Door) -> None:
    client = door("alice")
    page = text_of(post(client, {**form(desk, text="!"), "photos": [shot(1), shot(2)]}))
    first, second = kept_ids(page)
    fewer = post(client, {**form(desk, text="还没写完"), "photo_ids": [first, second], "drop": first})
    assert fewer.status_code == 200
    assert kept_ids(text_of(fewer)) == [second]
    assert "还没写完" in text_of(fewer)


def test_somebody_elses_photo_is_not_ones_own(desk: Desk, door: Door) -> None:
    theirs = desk.photo("bob", "report")
    sent = post(door("alice"), {**form(desk), "photo_ids": [theirs]})
    assert sent.status_code == 303
    assert all_of(Photo)[0].owner_key is None


def test_the_21st_report_of_a_day_waits(desk: Desk, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsbank.cases.services.reporting.MOST_A_DAY", 1)
    client = door("alice")
    assert post(client, form(desk)).status_code == 303
    late = post(client, form(desk, place="西巷 8 号", text="另一盏也不亮"))
    assert late.status_code == 429
    assert "另一盏也不亮" in text_of(late)


# ── Places ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tag_fills_the_place_in(desk: Desk, door: Door, gate: int) -> None:
    put_place(desk, "凉亭", GATE[0] + 0.003, GATE[1])
    tag = run(lambda: codes.code_of(places.issue_tags(desk.actor("member"), [gate])[0]))
    client = door("alice")
    assert f"/report?tag={tag}" in text_of(client.get(f"/t/{tag}"))
    assert re.search(rf'value="{gate}" data-name="东门" checked', text_of(client.get(f"/report?tag={tag}")))
    assert "checked" in text_of(client.get(f"/report?place={gate}"))
    elsewhere = text_of(door("mallory").get(f"/report?tag={tag}"))
    assert "东门" not in elsewhere
    for wrong in ("nonsense", tag[:-2] + "xx"):
        answer = client.get(f"/report?tag={wrong}")
        assert answer.status_code == 200
        assert "pb-banner is-stop" in text_of(answer)


def test_a_tag_of_another_community_is_refused_in_a_sentence(desk: Desk, door: Door) -> None:
    run(lambda: cases.add_category(desk.actor("other_member"), CategoryDraft("路灯", "street")))
    theirs = put_place(desk, "和平亭", who="other_member")
    tag = run(lambda: codes.code_of(places.issue_tags(desk.actor("other_member"), [theirs])[0]))
    page = text_of(door("alice").get(f"/report?tag={tag}"))
    assert "别的社区" in page
    assert "和平亭" not in page
    assert f"/report?tag={tag}" not in text_of(door("alice").get(f"/t/{tag}"))


def test_another_place_is_searched_without_a_script(desk: Desk, door: Door) -> None:
    for n in range(12):
        put_place(desk, f"{n + 1}栋")
    client = door("alice")
    assert "11栋" not in text_of(client.get("/report"))
    found = post(client, {**form(desk, q="11"), "look": "1", "photos": [shot()]})
    page = text_of(found)
    assert found.status_code == 200
    assert "11栋" in page
    assert "三天没亮了" in page
    assert len(kept_ids(page)) == 1
    assert "没有找到" in text_of(post(client, {**form(desk, q="火星"), "look": "1"}))
    asked = client.get("/report/places?q=11").get_json()
    assert [p["name"] for p in asked["places"]] == ["11栋"]
    assert "没有找到" in client.get("/report/places?q=火星").get_json()["said"]


# ── Somebody reported it already ────────────────────────────────────────────────────────────────────────────────


def test_without_a_script_the_question_comes_in_between(desk: Desk, door: Door, gate: int) -> None:
    first = desk.send("bob", place_id=gate, place="")
    client, data = door("alice"), form(desk, place_id=str(gate), place="")
    asked = post(client, {**data, "photos": [shot()]})
    page = text_of(asked)
    assert asked.status_code == 200
    assert all(word in page for word in ("这里好像有人报过了", f"/cases/{first}/join", "不是一件事，照样发"))
    assert "李" not in page.partition("这里好像有人报过了")[2]
    assert len(all_of(Report)) == 1
    sent = post(client, {**data, "photo_ids": kept_ids(page), "sure": "1"})
    assert sent.status_code == 303
    assert len(all_of(Report)) == 2
    again = post(client, {**data, "photo_ids": kept_ids(page), "sure": "1"})
    assert again.headers["Location"] == sent.headers["Location"]


def test_while_writing_only_others_open_cases_are_offered(desk: Desk, door: Door, gate: int) -> None:
    client, asked = door("alice"), {"category": desk.lamp, "place_id": gate}
    assert text_of(client.get("/report/similar", query_string=asked)).strip() == ""
    desk.send("alice", place_id=gate, place="")
    assert text_of(client.get("/report/similar", query_string=asked)).strip() == ""
    theirs = desk.send("bob", place_id=gate, place="")
    found = text_of(client.get("/report/similar", query_string=asked))
    assert f"/cases/{theirs}/join" in found
    assert "三天没亮了" not in found
    joined = client.post(f"/cases/{theirs}/join")
    assert joined.status_code == 303
    assert client.post(f"/cases/{theirs}/join").status_code == 303
    with transaction():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Joiner)) == 1
    assert client.get("/report/similar?category=99999&place_id=1").status_code in (200, 404)
    assert text_of(client.get("/report/similar?category=&place=")).strip() == ""


def test_what_a_report_may_still_earn_is_said(desk: Desk, door: Door) -> None:
    client = door("alice")
    assert "现在的细则里随手拍不得分" in text_of(client.get("/report"))
    adopt(desk.village.community)
    assert "您的上限还剩 4 分" in text_of(client.get("/report"))


# ── Who, and how dear ───────────────────────────────────────────────────────────────────────────────────────────


def test_strangers_and_staff_without_a_resident_do_not_report(desk: Desk, door: Door) -> None:
    nobody = desk.app.test_client()
    assert "/sign-in" in nobody.get("/report").headers["Location"]
    assert nobody.post("/report", data={}).status_code == 401
    assert "/for-whom" in door("member").get("/report").headers["Location"]
    assert "还不能报" in text_of(door("mallory").get("/report"))


def test_the_form_costs_the_same_with_many_places(desk: Desk, door: Door, app: Flask,
                                                  queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    client = door("alice")
    put_place(desk, "1栋", *GATE)
    with queries() as few:
        client.get("/report")
    for n in range(2, 40):
        put_place(desk, f"{n}栋", GATE[0] + n / 10_000, GATE[1])
    with queries() as many:
        assert client.get("/report").status_code == 200
    assert len(many) == len(few) <= 26, many


def test_a_report_with_two_photos_costs_a_bounded_number_of_statements(
        desk: Desk, door: Door, gate: int, queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    client = door("alice")
    with queries() as seen:
        sent = post(client, {**form(desk, place_id=str(gate), place=""), "photos": [shot(1), shot(2)]})
    assert sent.status_code == 303
    assert len(seen) <= 48, seen


def test_family_matters_can_be_reported_and_are_offered_to_nobody(desk: Desk, door: Door, gate: int) -> None:
    kind = run(lambda: cases.add_category(desk.actor("member"), CategoryDraft(
        "邻里矛盾", "home", class_=CaseClass.FAMILY)).id)
    run(lambda: cases.send(desk.actor("bob"), ReportDraft("draft-0001", kind, "两家吵架", "东门", place_id=gate)))
    assert text_of(door("alice").get(f"/report/similar?category={kind}&place_id={gate}")).strip() == ""
