"""The people of a unit on a phone: what is due by urgency, one case, what is refused and keeps what was typed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from pointsbank.cases import desk_queries, services
from pointsbank.cases.models import CaseState
from pointsbank.core.db import transaction
from tests.cases.desk import Desk, Door, picture, text_of

S = CaseState


def test_what_is_due_stands_under_its_urgency(desk: Desk, door: Door, clock: Any) -> None:
    late = desk.at(S.RECTIFYING)
    clock.at(2026, 4, 27, 10)
    later = desk.at(S.RECTIFYING)
    page = text_of(door("dora"), "/unit/cases")
    assert page.index("已超期") < page.index(f"/unit/cases/{late}") < page.index(f"/unit/cases/{later}")
    assert "本周" in page
    assert "您负责" in page
    colleague = text_of(door("erin"), "/unit/cases")
    assert f"/unit/cases/{late}" in colleague
    assert "您负责" not in colleague


def test_who_works_for_no_unit_is_told_so(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.ASSIGNED)
    for who in ("bob", "member", "other_member", "mallory"):
        assert door(who).get("/unit/cases").status_code == 403
        assert door(who).get(f"/unit/cases/{case_id}").status_code == 404
    assert "/unit/cases" in text_of(door("dora"), "/me")
    assert "/unit/cases" not in text_of(door("bob"), "/me")


def test_a_colleague_looks_and_only_the_handler_acts(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.ASSIGNED)
    page = text_of(door("erin"), f"/unit/cases/{case_id}")
    assert "这件由 罗光明 处理" in page
    assert 'id="acknowledge"' not in page
    assert door("erin").post(f"/unit/cases/{case_id}/acknowledge").status_code == 403
    assert 'id="acknowledge"' in text_of(door("dora"), f"/unit/cases/{case_id}")
    assert door("dora").post(f"/unit/cases/{case_id}/acknowledge").status_code == 303
    twice = door("dora").post(f"/unit/cases/{case_id}/acknowledge")
    assert twice.status_code == 409
    assert "这件事已经有了新进展" in twice.get_data(as_text=True)
    assert door("dora").post(f"/unit/cases/{case_id}/arrive").status_code == 303
    assert desk.state(case_id) is S.ON_SITE


def test_without_a_photo_nothing_is_done_and_the_words_stay(desk: Desk, door: Door) -> None:
    case_id, dora = desk.at(S.RECTIFYING), door("dora")
    path = f"/unit/cases/{case_id}/finish"
    for fields in ({"finish-outcome": "fixed"}, {"finish-outcome": "cannot_be_fixed"},
                   {"finish-outcome": "fixed", "finish-photo_ids": (io.BytesIO(b"no picture"), "a.jpg")}):
        refused = dora.post(path, data={**fields, "finish-text": "换了两只灯泡"})
        assert refused.status_code in (415, 422)
        page = refused.get_data(as_text=True)
        assert "换了两只灯泡" in page
        assert 'id="finish"' in page
        assert (desk.state(case_id), desk.case(case_id).outcome) == (S.RECTIFYING, None)
    assert "请附上处理之后拍的照片" in dora.post(path, data={"finish-outcome": "fixed"}).get_data(as_text=True)
    silent = dora.post(path, data={"finish-outcome": "not_ours", "finish-photo_ids": (io.BytesIO(picture()), "a.jpg")})
    assert silent.status_code == 422
    page = silent.get_data(as_text=True)
    assert "照片已收到 1 张" in page
    found = re.search(r'name="finish-kept"[^>]*value="(\d+)"', page)
    assert found is not None
    kept = dora.post(path, data={"finish-outcome": "not_ours", "finish-kept": f"{found[1]},9999999999,x"})
    assert kept.status_code == 422, "the words are still missing"
    assert f'value="{found[1]}"' in kept.get_data(as_text=True), "and the photo is still here"
    sent = dora.post(path, data={"finish-outcome": "fixed", "finish-photo_ids": [
        (io.BytesIO(picture()), "a.jpg"), (io.BytesIO(picture(33)), "b.jpg")]})
    assert sent.status_code == 303
    assert desk.state(case_id) is S.TO_INSPECT


def test_a_photo_kept_from_a_refused_try_is_the_one_of_the_next(desk: Desk, door: Door) -> None:
    case_id, dora = desk.at(S.RECTIFYING), door("dora")
    path = f"/unit/cases/{case_id}/finish"
    refused = dora.post(path, data={"finish-outcome": "not_ours", "finish-photo_ids": (io.BytesIO(picture()), "a.jpg")})
    found = re.search(r'name="finish-kept"[^>]*value="(\d+)"', refused.get_data(as_text=True))
    assert found is not None
    strange = door("erin").post(path, data={"finish-outcome": "fixed", "finish-kept": found[1]})
    assert strange.status_code in (403, 404, 422), "nobody else's photo is taken"
    assert desk.state(case_id) is S.RECTIFYING
    sent = dora.post(path, data={"finish-outcome": "not_ours", "finish-kept": found[1], "finish-text": "归供电所管"})
    assert sent.status_code == 303
    assert desk.state(case_id) is S.TO_INSPECT


def test_one_bad_photo_of_a_step_costs_the_others_nothing(desk: Desk, door: Door) -> None:
    case_id, dora = desk.at(S.RECTIFYING), door("dora")
    path = f"/unit/cases/{case_id}/finish"
    refused = dora.post(path, data={"finish-outcome": "fixed", "finish-photo_ids": [
        (io.BytesIO(picture(1)), "a.jpg"), (io.BytesIO(b"no picture"), "b.jpg"), (io.BytesIO(picture(2)), "c.jpg")]})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "第 2 张照片" in page
    found = re.search(r'name="finish-kept"[^>]*value="(\d+,\d+)"', page)
    assert found is not None
    assert dora.post(path, data={"finish-outcome": "fixed", "finish-kept": found[1]}).status_code == 303
    with transaction():
        assert len(desk_queries.whole(desk.actor("dora"), case_id).after) == 2


def test_sending_back_says_why(desk: Desk, door: Door) -> None:
    case_id, dora = desk.at(S.ASSIGNED), door("dora")
    refused = dora.post(f"/unit/cases/{case_id}/send_back", data={"send_back-text": "不"})
    assert refused.status_code == 422
    assert dora.post(f"/unit/cases/{case_id}/send_back", data={"send_back-text": "这盏灯归供电所管"}).status_code == 303
    assert desk.state(case_id) is S.SENT_BACK


def test_the_unit_sees_photos_without_a_role_and_no_name_of_who_reported_unnamed(desk: Desk, door: Door) -> None:
    photo = desk.photo("alice", "report")
    case_id = desk.at(S.ASSIGNED, desk.send(anonymous=True, photo_ids=[photo]))
    dora = door("dora")
    page = text_of(dora, f"/unit/cases/{case_id}")
    start = page.index(f"/unit/cases/{case_id}/photos/")
    address = page[start:page.index('"', start)]
    assert dora.get(address).status_code == 200
    assert door("bob").get(address).status_code == 404
    assert dora.get(f"/unit/cases/{case_id}/photos/{'0' * 32}/full").status_code == 404
    for one in (page, text_of(dora, "/unit/cases")):
        assert "陈*芳" not in one
        assert "陈桂芳" not in one


def test_the_photo_of_a_report_that_follows_is_shown_to_the_unit(desk: Desk, door: Door) -> None:
    case_id = desk.send()
    follows = desk.send("bob", photo_ids=[desk.photo("bob", "report")])
    desk.do("member", "merge", follows, services.Step(parent_id=case_id))
    desk.at(S.TO_INSPECT, case_id)
    dora = door("dora")
    found = re.findall(r'src="(/unit/cases/\d+/photos/[0-9a-f]+/\w+)"', text_of(dora, f"/unit/cases/{case_id}"))
    assert found
    assert {dora.get(one).status_code for one in found} == {200}
    assert {door("bob").get(one).status_code for one in found} == {404}
    other = desk.at(S.ASSIGNED)
    assert dora.get(found[0].replace(f"/{case_id}/", f"/{other}/")).status_code == 404


def test_the_list_of_a_unit_costs_the_same_for_one_and_for_many(
        desk: Desk, door: Door, queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    dora = door("dora")
    desk.at(S.ASSIGNED)
    text_of(dora, "/unit/cases")

    def cost() -> int:
        with queries() as seen:
            text_of(dora, "/unit/cases")
        return len(seen)

    few = cost()
    for _ in range(8):
        desk.at(S.ASSIGNED)
    assert cost() == few <= 24


def test_whoever_left_the_unit_keeps_what_was_given_to_them(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.RECTIFYING)
    with transaction():
        services.remove_member(desk.actor("member"), desk.unit, desk.village.users["dora"])
    assert 'id="finish"' in text_of(door("dora"), f"/unit/cases/{case_id}")
