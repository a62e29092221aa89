"""The page and the interface of black boxes: without JavaScript, filled in again when refused, shut to others."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db
from pointsbank.media.models import CoverStep, Photo
from tests.media.bombs import BOMBS, encoded, picture
from tests.media.covers import BOX, covered, file_of, hung_photo, is_dark, white
from tests.support.village import Village

ROW = {"left": "25", "top": "25", "width": "20", "height": "30"}


def page_of(app: Flask, village: Village, who: str) -> FlaskClient:
    return village.sign_in(app.test_client(), who)


def key_of(app: Flask, photo_id: int) -> str:
    with app.app_context():
        return str(db.session.scalar(sa.select(Photo.key).where(Photo.id == photo_id)))


def test_boxes_are_typed_looked_at_and_drawn_without_javascript(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    before = key_of(app, photo_id)
    client = page_of(app, village, "reviewer")
    path = f"/desk/photos/{photo_id}/cover?next=/desk/reviews"
    page = client.get(path).get_data(as_text=True)
    assert page.count('name="left"') == 20
    assert before in page
    looked = client.post(path, data={**ROW, "do": "preview"})
    assert looked.status_code == 200
    text = looked.get_data(as_text=True)
    assert '<rect x="25.00" y="25.00" width="20.00" height="30.00"' in text
    assert 'value="25"' in text
    assert key_of(app, photo_id) == before
    done = client.post(path, data={**ROW, "left": "25,0 %", "do": "cover"})
    assert done.status_code == 303
    assert done.location == f"/desk/photos/{photo_id}/cover?next=/desk/reviews"
    after = key_of(app, photo_id)
    assert is_dark(file_of(app, after), BOX)
    page = client.get(done.location).get_data(as_text=True)
    assert after in page
    assert before not in page
    assert "/restore" not in page


def test_a_wrong_box_comes_back_filled_in_with_its_sentence(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    before = key_of(app, photo_id)
    client = page_of(app, village, "reviewer")
    for sent, said in (({**ROW, "width": "90"}, "超出了照片的边"), ({**ROW, "height": "0.5"}, "太小了"),
                       ({**ROW, "top": "上面"}, "要填四个数"), ({**ROW, "top": ""}, "要填四个数"),
                       ({}, "至少标出一个")):
        for do in ("preview", "cover"):
            answer = client.post(f"/desk/photos/{photo_id}/cover", data={**sent, "do": do})
            text = answer.get_data(as_text=True)
            assert answer.status_code == 422
            assert said in text
            assert not sent or f'value="{sent["width"]}"' in text
    many = {side: [number] * 21 for side, number in ROW.items()}
    assert "最多画 20 个" in client.post(f"/desk/photos/{photo_id}/cover", data=many).get_data(as_text=True)
    assert key_of(app, photo_id) == before


def test_the_committee_sees_before_and_after_beside_each_other(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    before = key_of(app, photo_id)
    covered(app, village, photo_id)
    client = page_of(app, village, "member")
    refused = client.post(f"/desk/photos/{photo_id}/original", data={"reason": " "})
    assert refused.status_code == 422
    assert "请写明原因" in refused.get_data(as_text=True)
    opened = client.post(f"/desk/photos/{photo_id}/original", data={"reason": "有人投诉"})
    assert opened.status_code == 303
    page = client.get(opened.location).get_data(as_text=True)
    assert before not in page
    address = re.search(r'src="(/desk/photos/originals/[^"]+)"', page)
    assert address is not None
    picture = client.get(address[1])
    assert picture.status_code == 200
    assert not is_dark(picture.data, BOX)
    assert "no-store" in picture.headers["Cache-Control"]
    assert page_of(app, village, "second").get(address[1]).status_code == 404
    assert page_of(app, village, "reviewer").get(address[1]).status_code == 403
    with app.app_context():
        verbs = db.session.scalars(sa.select(AuditRow.verb).where(AuditRow.verb == "media.cover_opened")).all()
        assert len(verbs) == 1
    assert client.post(f"/desk/photos/{photo_id}/restore", data={"reason": "遮错了"}).status_code == 422
    assert client.post(f"/desk/photos/{photo_id}/restore", data={"reason": "遮错地方了"}).status_code == 303
    assert key_of(app, photo_id) == before


def test_the_page_is_the_desks_alone(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    for who, status in (("alice", 403), ("leader", 403), ("keeper", 403), ("other_member", 404), ("reviewer", 200)):
        client = page_of(app, village, who)
        assert client.get(f"/desk/photos/{photo_id}/cover").status_code == status, who
        if status != 200:
            assert client.post(f"/desk/photos/{photo_id}/cover", data={**ROW, "do": "cover"}).status_code == status
    assert page_of(app, village, "reviewer").post(f"/desk/photos/{photo_id}/original",
                                                  data={"reason": "just looking"}).status_code == 403
    assert app.test_client().get(f"/desk/photos/{photo_id}/cover").status_code in {302, 303, 401}


def test_the_interface_covers_tells_the_history_opens_and_takes_back(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    reviewer, member = village.bearer(app, "reviewer"), village.bearer(app, "member")
    client, root = app.test_client(), f"/api/v1/photos/{photo_id}"
    boxes = {"boxes": [dict(zip(("left", "top", "width", "height"), BOX, strict=True))]}

    def post(path: str, body: Any, who: dict[str, str] = reviewer) -> Any:
        return client.post(f"{root}/{path}", json=body, headers=who)

    made = post("boxes", boxes)
    assert made.status_code == 200, made.text
    assert is_dark(client.get(made.json["full_url"], headers=reviewer).data, BOX)
    for body, code in (({"boxes": []}, "media.no_boxes"), ({"boxes": boxes["boxes"] * 21}, "media.too_many_boxes"),
                       ({"boxes": [{**boxes["boxes"][0], "left": 0.95}]}, "media.box_outside"),
                       ({"boxes": [{**boxes["boxes"][0], "width": 0.001}]}, "media.box_too_small")):
        answer = post("boxes", body)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, code)
    for body in ({}, {"boxes": 7}, {"boxes": [{"left": 0.1}]}, {"boxes": [{**boxes["boxes"][0], "colour": "red"}]},
                 {"boxes": [{**boxes["boxes"][0], "left": "NaN"}]}):
        assert post("boxes", body).status_code == 422
    assert post("boxes", boxes, village.bearer(app, "alice")).status_code == 403
    assert post("boxes", boxes, village.bearer(app, "other_member")).status_code == 404
    assert post("original", {"reason": "a complaint"}).status_code == 403
    opened = post("original", {"reason": "a complaint"}, member)
    assert opened.json["minutes"] == 5
    assert not is_dark(client.get(opened.json["url"], headers=member).data, BOX)
    assert client.get(opened.json["url"], headers=village.bearer(app, "second")).status_code == 404
    assert post("restore", {"reason": "wrong place"}, member).status_code == 200
    assert post("restore", {"reason": "wrong place"}, member).json["error"]["code"] == "media.no_original"
    told = client.get(f"{root}/history?limit=2", headers=reviewer).json
    assert [step["kind"] for step in told["items"]] == ["restored", "opened"]
    rest = client.get(f"{root}/history?limit=2&cursor={told['next']}", headers=reviewer).json
    assert [step["boxes"] for step in rest["items"]] == [[list(BOX)]]
    assert client.get(f"{root}/history", headers=village.bearer(app, "alice")).status_code == 403


def test_the_same_request_sent_twice_covers_once(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    headers = {**village.bearer(app, "reviewer"), "Idempotency-Key": "cover-once"}
    body = {"boxes": [dict(zip(("left", "top", "width", "height"), BOX, strict=True))]}
    answers = [app.test_client().post(f"/api/v1/photos/{photo_id}/boxes", json=body, headers=headers).json
               for _ in range(2)]
    assert answers[0] == answers[1]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CoverStep)) == 1


def test_covering_asks_the_database_little_however_long_the_history(app: Flask, village: Village, queries: Any) -> None:
    photo_id = hung_photo(app, village)
    client, counts = page_of(app, village, "member"), []
    for _ in range(2):
        covered(app, village, photo_id)
        client.get(f"/desk/photos/{photo_id}/cover")
        with queries() as seen:
            assert client.get(f"/desk/photos/{photo_id}/cover").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_what_is_no_photo_is_refused_with_a_sentence_and_a_stable_code(app: Flask, village: Village) -> None:
    """Too many pixels, a renamed PDF, a file that was cut off."""
    client, headers = app.test_client(), village.bearer(app, "alice")
    for raw, status, code in ((BOMBS["169-megapixel-jpeg"](), 413, "media.too_many_pixels"),
                              (b"%PDF-1.7\n%%EOF", 422, "media.not_a_photo"), (white()[:400], 422, "media.broken")):
        answer = client.post("/api/v1/photos", data={"photo": (io.BytesIO(raw), "a.jpg")}, headers=headers,
                             content_type="multipart/form-data")
        assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
        assert answer.json["error"]["message"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Photo)) == 0


def test_a_heic_is_taken_like_any_other_photo(app: Flask, village: Village) -> None:
    raw = encoded(picture(), "HEIF")
    answer = app.test_client().post("/api/v1/photos", data={"photo": (io.BytesIO(raw), "IMG_1.HEIC")},
                                    headers=village.bearer(app, "alice"), content_type="multipart/form-data")
    assert answer.status_code == 201
    assert file_of(app, key_of(app, answer.json["id"]))[:3] == b"\xff\xd8\xff"


WRONG_PHOTOS = {"ten": (409, "这里最多放 9 张照片"), "pdf": (422, "这个文件不是能看的照片"),
                "pixels": (413, "像素"),
                "broken": (422, "这张照片坏了")}


@pytest.mark.parametrize("wrong", sorted(WRONG_PHOTOS))
def test_a_form_with_wrong_photos_keeps_its_words_and_stores_nothing(app: Flask, village: Village, wrong: str) -> None:
    files = {"ten": [white(40, 30)] * 10, "pdf": [white(40, 30), b"%PDF-1.7\n%%EOF"],
             "pixels": [white(40, 30), BOMBS["169-megapixel-jpeg"]()], "broken": [white(40, 30), white()[:400]]}[wrong]
    status, said = WRONG_PHOTOS[wrong]
    answer = page_of(app, village, "alice").post("/deeds/new", content_type="multipart/form-data", data={
        "item": "", "title": "扫楼道", "on": "2026-04-12", "number": "2", "later": "1",
        "photos": [(io.BytesIO(raw), f"{n}.jpg") for n, raw in enumerate(files)]})
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert said in text
    assert "扫楼道" in text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Photo)) == 0
