"""Supervision, returns, more time, titles and pictures for others, and what the office enters."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from pointsbank.cases import desk_queries, errors, jobs, services, supervising_queries
from pointsbank.cases.models import Case, CaseState, Report, Source
from pointsbank.communities.models import AreaKind
from pointsbank.communities.services import create_area
from pointsbank.core.db import db, run, transaction
from pointsbank.media.models import Photo
from pointsbank.people.models import Appointment
from tests.cases.desk import Desk, Door, picture, post, text_of

S = CaseState
Counter = Callable[[], AbstractContextManager[list[str]]]


def test_what_ran_out_stays_on_the_list_until_it_is_closed(desk: Desk, door: Door, clock: Any) -> None:
    case_id, other = desk.at(S.RECTIFYING), desk.at(S.ACCEPTED)
    clock.forward(days=6)
    jobs.tick()
    page = text_of(door("supervisor"), "/desk/supervision")
    assert f'href="/desk/cases/{case_id}"' in page
    assert f'href="/desk/cases/{other}"' in page
    with transaction():
        found = supervising_queries.breaches(desk.village.community, dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    assert [(one.unit, one.kind, one.cases, one.still_open) for one in found] == [("物业维修组", "路灯不亮", 2, 2)]
    desk.do("dora", "finish", case_id)
    assert f'href="/desk/cases/{case_id}"' in text_of(door("supervisor"), "/desk/supervision")
    for who, verb in (("reviewer", "approve"), ("alice", "satisfied")):
        desk.do(who, verb, case_id)
    assert f'href="/desk/cases/{case_id}"' not in text_of(door("member"), "/desk/supervision")
    assert door("reviewer").get("/desk/supervision").status_code == 403


def test_more_time_is_asked_by_the_unit_and_given_by_the_office_once(desk: Desk, door: Door) -> None:
    case_id, dora = desk.at(S.RECTIFYING), door("dora")
    path = f"/unit/cases/{case_id}/more-time"
    for extra, words in (("0", "配件要等厂家发货"), ("3", "短"), ("x", "配件要等发货"), ("500", "配件要等发货")):
        refused = post(dora, path, more__extra=extra, more__text=words)
        assert refused.status_code in (409, 422)
        assert words in refused.get_data(as_text=True)
    assert post(dora, path, more__extra="3", more__text="配件要等厂家发货").status_code == 303
    assert post(dora, path, more__extra="3", more__text="配件要等厂家发货").status_code == 409
    assert "配件要等厂家发货" in text_of(door("member"), "/desk/supervision")
    assert post(door("reviewer"), f"/desk/cases/{case_id}/more-time").status_code == 403
    assert post(door("other_member"), f"/desk/cases/{case_id}/more-time").status_code == 404
    assert post(door("member"), f"/desk/cases/{case_id}/more-time").status_code == 303
    assert post(door("member"), f"/desk/cases/{case_id}/more-time").status_code == 409


# ── Returns, words, pictures ────────────────────────────────────────────────────────────────────────────────────


def test_a_return_is_refused_with_words_and_the_unit_keeps_it(desk: Desk, door: Door) -> None:
    case_id, member = desk.at(S.SENT_BACK), door("member")
    assert 'id="refuse_return"' in text_of(member, f"/desk/cases/{case_id}")
    assert post(member, f"/desk/cases/{case_id}/refuse_return", refuse_return__text="").status_code == 422
    assert post(member, f"/desk/cases/{case_id}/refuse_return", refuse_return__text="这盏灯归物业").status_code == 303
    assert (desk.state(case_id), desk.case(case_id).handler_id) == (S.ASSIGNED, desk.village.users["dora"])
    assert "不同意退回" in text_of(door("dora"), f"/unit/cases/{case_id}")


def test_the_second_return_is_locked_for_the_committee(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.SENT_BACK)
    for verb, who in (("assign", "member"), ("send_back", "dora")):
        desk.do(who, verb, case_id)
    page = text_of(door("member"), f"/desk/cases/{case_id}")
    assert "由联席会议定" in page
    assert 'id="assign"' not in page
    assert 'id="assign"' in text_of(door("supervisor"), f"/desk/cases/{case_id}")


def test_more_time_is_refused_with_a_reason(desk: Desk, door: Door) -> None:
    case_id, member = desk.at(S.RECTIFYING), door("member")
    run(lambda: services.ask_extension(desk.actor("dora"), case_id, 3, "配件要等厂家发货"))
    path = f"/desk/cases/{case_id}/no-more-time"
    short = post(member, path, **{f"no{case_id}-text": "不"})
    assert short.status_code == 422
    assert "不</textarea>" in short.get_data(as_text=True)
    assert post(member, path, **{f"no{case_id}-text": "仓库里有现成的配件"}).status_code == 303
    twice = post(member, path, **{f"no{case_id}-text": "仓库里有现成的配件"})
    assert twice.status_code == 409
    assert "期限只能延长一次" in twice.get_data(as_text=True)
    assert post(door("reviewer"), path, **{f"no{case_id}-text": "仓库里有现成的配件"}).status_code == 403
    assert post(door("other_member"), path, **{f"no{case_id}-text": "仓库里有现成的配件"}).status_code == 404
    assert "仓库里有现成的配件" in text_of(door("dora"), f"/unit/cases/{case_id}")


def test_accepting_names_a_title_and_shows_the_photos_only_where_it_was_ticked(desk: Desk, door: Door) -> None:
    member = door("member")
    plain, shown = (desk.send(photo_ids=[desk.photo("alice", "report", tint)]) for tint in (10, 90))
    assert post(member, f"/desk/cases/{plain}/accept").status_code == 303
    assert post(member, f"/desk/cases/{shown}/accept", accept__title="东巷路灯", accept__show_photos="y",
                ).status_code == 303
    assert [(desk.case(one).title, desk.case(one).photos_public) for one in (plain, shown)] == [
        ("", False), ("东巷路灯", True)]
    path = f"/desk/cases/{plain}"
    for value, public in (("1", True), ("0", False)):
        assert post(member, f"{path}/photos", shown=value).status_code == 303
        assert desk.case(plain).photos_public is public
    long = post(member, f"{path}/title", title__title="灯")
    assert long.status_code == 422
    assert 'value="灯"' in long.get_data(as_text=True)
    assert post(member, f"{path}/title", title__title="西巷路灯").status_code == 303
    assert desk.case(plain).title == "西巷路灯"
    for tail in ("photos", "title", "say"):
        assert post(door("reviewer"), f"{path}/{tail}").status_code == 403
        stranger = post(door("other_member"), f"{path}/{tail}", title__title="别处的", word__text="别处来的话")
        assert stranger.status_code == 404


def test_a_family_matter_offers_no_photos_to_others(desk: Desk, door: Door) -> None:
    case_id, member = desk.send(category_id=desk.family), door("member")
    assert "accept-show_photos" not in text_of(member, f"/desk/cases/{case_id}")
    assert post(member, f"/desk/cases/{case_id}/accept", accept__show_photos="y").status_code == 303
    assert not desk.case(case_id).photos_public
    refused = post(member, f"/desk/cases/{case_id}/photos", shown="1")
    assert refused.status_code == 409


def test_a_word_to_the_reporter_from_the_office_and_the_unit(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.RECTIFYING)
    for who, path in (("member", "/desk/cases"), ("dora", "/unit/cases"), ("erin", "/unit/cases")):
        client = door(who)
        assert f'action="{path}/{case_id}/say"' in text_of(client, f"{path}/{case_id}")
        assert post(client, f"{path}/{case_id}/say", word__text="短").status_code == 422
        assert post(client, f"{path}/{case_id}/say", word__text="灯杆明天送到").status_code == 303
    assert post(door("bob"), f"/unit/cases/{case_id}/say", word__text="灯杆明天送到").status_code in (403, 404)
    new = desk.send()
    assert post(door("member"), f"/desk/cases/{new}/say", word__text="灯杆明天送到").status_code == 409


def test_a_neighbour_in_the_course_is_not_named(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.CLOSED)
    for who in ("bob", "charlie", "frank"):
        run(lambda who=who: services.support_reopening(desk.actor(who), case_id, "灯还是不亮"))  # type: ignore[misc]
    page = text_of(door("member"), f"/desk/cases/{case_id}")
    assert "有邻居要求重新办理" in page
    assert not [who for who in ("bob", "charlie", "frank") if desk.resident(who).name in page]


# ── Entering, and what waits ────────────────────────────────────────────────────────────────────────────────────


def entered(desk: Desk, **more: Any) -> dict[str, Any]:
    return {"client_id": "desk-000001", "source": "hotline", "category_id": str(desk.lamp), "place": "东巷 3 号",
            "text": "居民来电说路灯不亮", **more}


def test_the_office_enters_for_a_resident_with_a_place_of_the_list(desk: Desk, door: Door) -> None:
    from pointsbank.places import services as places
    from pointsbank.places.facts import Facts

    with transaction():
        place = places.create(desk.actor("member"), Facts("东门", aliases=("大门",), lat=27.1, lon=113.5)).id
    grid = door("grid")
    assert 'value="东门"' in text_of(grid, "/desk/cases/new")
    sent = grid.post("/desk/cases/new", data=entered(
        desk, place="大门", person="陈桂芳", photos=(io.BytesIO(picture()), "a.jpg")))
    assert sent.status_code == 303
    case = desk.case(int(sent.headers["Location"].rsplit("/", 1)[1]))
    assert (case.source, case.place_id, case.reporter_resident_id, case.reporter_user_id) == (
        Source.HOTLINE, place, desk.village.residents["alice"], desk.village.users["grid"])
    again = grid.post("/desk/cases/new", data=entered(desk, place="大门", person="陈桂芳"))
    assert again.headers["Location"] == sent.headers["Location"]
    assert "大门" in text_of(grid, sent.headers["Location"])


def test_a_refused_entry_keeps_its_good_photos_for_whom_it_is(desk: Desk, door: Door) -> None:
    grid = door("grid")
    refused = grid.post("/desk/cases/new", data=entered(desk, person="查无此人", photos=[
        (io.BytesIO(picture(1)), "a.jpg"), (io.BytesIO(b"%PDF-1.4"), "b.jpg"), (io.BytesIO(picture(2)), "c.jpg")]))
    page = refused.get_data(as_text=True)
    assert "第 2 张照片" in page
    assert "照片已收到 2 张" in page
    kept = re.search(r'name="kept"[^>]*value="(\d+,\d+)"', page)
    assert kept is not None
    again = grid.post("/desk/cases/new", data=entered(desk, person="查无此人", kept=kept[1])).get_data(as_text=True)
    assert f'value="{kept[1]}"' in again
    assert "没找到，或者找到不止一个人" in again
    sent = grid.post("/desk/cases/new", data=entered(desk, person=" 陈桂芳 ", kept=kept[1]))
    assert sent.status_code == 303
    with transaction():
        photos = db.session.scalars(sa.select(Photo)).all()
        report = db.session.scalars(sa.select(Report)).one()
    assert [(one.owner_key, one.resident_id) for one in photos] == [
        (report.key, desk.village.residents["alice"])] * 2


def test_the_only_name_that_merely_holds_what_was_typed_is_nobodys(desk: Desk, door: Door) -> None:
    grid = door("grid")
    refused = grid.post("/desk/cases/new", data=entered(desk, person="桂芳"))
    assert refused.status_code == 422
    assert "没找到，或者找到不止一个人" in refused.get_data(as_text=True)
    sent = grid.post("/desk/cases/new", data=entered(desk, person=desk.resident("alice").phone))
    assert "报给陈桂芳，每一步都会通知。" in text_of(grid, sent.headers["Location"])


def test_who_enters_for_a_grid_finds_the_door_and_what_they_entered(desk: Desk, door: Door) -> None:
    theirs = desk.send("bob")
    grid = in_a_grid(desk, door)
    assert 'href="/desk/cases/new"' in text_of(grid, "/me")
    assert "代为登记" in text_of(grid, "/me")
    own = grid.post("/desk/cases/new", data=entered(desk)).headers["Location"]
    assert text_of(grid, own)
    listed = text_of(grid, "/desk/cases")
    assert f'href="{own}"' in listed
    assert f'href="/desk/cases/{theirs}"' not in listed
    assert "新报的 1" in listed
    assert f'href="/desk/cases/{theirs}"' not in text_of(grid, "/desk/cases?tab=all")
    assert grid.get(f"/desk/cases/{theirs}").status_code == 404
    assert 'href="/desk/cases/new"' not in text_of(door("alice"), "/me")
    with transaction(), pytest.raises(errors.NotYourPart):
        desk_queries.dispatched(desk.actor("alice"), desk_queries.Tab.NEW)
    with transaction(), pytest.raises(errors.NotYourPart):
        desk_queries.tab_counts(desk.actor("alice"))


def in_a_grid(desk: Desk, door: Door) -> FlaskClient:
    """The browser of a worker who is appointed to a grid, not to the community."""
    with transaction():
        area = create_area(desk.actor("member"), kind=AreaKind.GRID, code="g1", name="第一网格",
                           parent_id=desk.village.community)
        db.session.execute(sa.update(Appointment).where(
            Appointment.user_id == desk.village.users["grid"]).values(area_id=area.id))
    return door("grid")


@pytest.mark.parametrize(("change", "sentence"), [
    ({"place": ""}, "这里要填"), ({"text": "！"}, "2 到 1,000"), ({"person": "查无此人"}, "没找到，或者找到不止一个人"),
    ({"person": "陈"}, "没找到，或者找到不止一个人"), ({"category_id": "9999"}, ""), ({"source": "snapshot"}, ""),
    ({"photos": (io.BytesIO(b"%PDF-1.4"), "a.jpg")}, ""), ({"client_id": "x"}, "重新打开")])
def test_a_wrong_entry_comes_back_filled_in(desk: Desk, door: Door, change: dict[str, Any], sentence: str) -> None:
    if isinstance(change.get("photos"), tuple):
        change = {"photos": (io.BytesIO(b"%PDF-1.4"), "a.jpg")}
    answer = door("grid").post("/desk/cases/new", data=entered(desk, **change))
    assert answer.status_code in (415, 422)
    page = answer.get_data(as_text=True)
    assert sentence in page
    assert change.get("text", "居民来电说路灯不亮") in page
    with transaction():
        assert db.session.scalars(sa.select(Case)).all() == []


def test_what_waits_stands_on_the_committees_desk(desk: Desk, door: Door, clock: Any) -> None:
    for state in (S.TO_INSPECT, S.RECTIFYING):
        desk.at(state)
    desk.send()
    clock.forward(days=9)
    page = text_of(door("member"), "/desk")
    for words in ("件随手拍要受理交办", "件超期挂单", "件整改要督查"):
        assert words in page
    with transaction():
        for who, found in (("member", (1, 1, 1)), ("reviewer", (0, 0, 1)), ("alice", (0, 0, 0))):
            assert db.session.execute(sa.select(*desk_queries.waiting_columns(desk.actor(who)))).one() == found
