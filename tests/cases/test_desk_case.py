"""One case at the desk: what may be done, what is refused and how it comes back, who inspects."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from pointsbank.cases import jobs, services
from pointsbank.cases.models import CaseState, Source
from pointsbank.core import clock as house_clock
from pointsbank.core.actor import system
from pointsbank.core.db import db, run, transaction
from pointsbank.people.models import Appointment, LinkKind, UserResident
from pointsbank.people.roles import Role
from tests.cases.desk import Desk, Door, picture, post, text_of

S = CaseState
Counter = Callable[[], AbstractContextManager[list[str]]]


def test_a_case_goes_over_the_desk_from_its_report_to_its_inspection(desk: Desk, door: Door) -> None:
    case_id = desk.send(photo_ids=[desk.photo("alice", "report")])
    path, member, dora = f"/desk/cases/{case_id}", door("member"), door("dora")
    page = text_of(member, path)
    assert "三天没亮了" in page
    assert "陈*芳" in page
    assert "陈桂芳" not in page
    assert 'id="accept"' in page
    assert 'id="assign"' not in page
    assert post(member, f"{path}/ask_more", ask_more__text="是哪一盏灯？").status_code == 303
    with transaction():
        services.move(desk.actor("alice"), case_id, "supply", services.Step(text="东边第二盏"))
    assert post(member, f"{path}/accept").status_code == 303
    assert post(member, f"{path}/assign", assign__handler_id=f"{desk.unit}:{desk.village.users['dora']}",
                assign__text="请今天看").status_code == 303
    unit = f"/unit/cases/{case_id}"
    for verb in ("acknowledge", "start"):
        assert post(dora, f"{unit}/{verb}").status_code == 303
    done = post(dora, f"{unit}/finish", finish__outcome="fixed", finish__photo_ids=(io.BytesIO(picture()), "a.jpg"))
    assert done.status_code == 303
    reviewer = door("reviewer")
    waits = text_of(reviewer, "/desk/inspections")
    assert "整改前" in waits
    assert "整改后" in waits
    assert post(reviewer, f"{path}/rework", rework__text="灯罩没装好").status_code == 303
    assert "灯罩没装好" in text_of(dora, unit)
    again = post(dora, f"{unit}/finish", finish__outcome="fixed",
                 finish__photo_ids=(io.BytesIO(picture(7)), "b.jpg"))
    assert again.status_code == 303
    assert post(reviewer, f"{path}/approve", next="/desk/inspections").headers["Location"] == "/desk/inspections"
    assert desk.state(case_id) is S.TO_EVALUATE
    course = text_of(member, path)
    for words in ("督查：不合格", "东边第二盏", "请今天看", "灯罩没装好", "督查人 reviewer"):
        assert words in course


def test_what_another_system_did_is_no_matter_of_dates(desk: Desk, door: Door, clock: Any) -> None:
    case_id = run(lambda: services.take_in(system(desk.village.community), services.ReportDraft(
        "draft-0001", desk.lamp, "路灯不亮", "西巷 9 号"), Source.OPEN311, services.Sender("client:3")).case_id)
    desk.do("member", "accept", case_id)
    for client, path in ((door("member"), f"/desk/cases/{case_id}"), (door("bob"), f"/cases/{case_id}")):
        page = text_of(client, path)
        assert "其他系统" in page.rpartition("经过")[2]
        assert "到期自动" not in page
    clock.forward(days=8)
    jobs.tick()
    assert "到期自动" in text_of(door("bob"), f"/cases/{case_id}")


def test_words_of_a_case_fit_their_place(desk: Desk, door: Door) -> None:
    member = door("member")
    assert "这里没有要办的" in text_of(member, "/desk/cases?tab=overdue")
    late = desk.at(S.RECTIFYING)
    assert post(door("dora"), f"/unit/cases/{late}/more-time", more__extra="3",
                more__text="配件要等厂家发货").status_code == 303
    shown = text_of(member, "/desk/supervision")
    assert "不同意</button>" in shown
    assert "不予开具" not in shown
    own = run(lambda: services.enter(desk.actor("member"), services.ReportDraft(
        "draft-0001", desk.lamp, "路灯不亮", "西巷 9 号"), Source.HOTLINE).case_id)
    page = text_of(member, f"/desk/cases/{own}")
    assert "撤回</button>" in page
    assert "作废" not in page
    many = [desk.at(S.WITHDRAWN) for _ in range(12)]
    member.post("/desk/cases/many", data={"do": "accept", "case": many})
    assert "还有 2 件" in text_of(member, "/desk/cases")


@pytest.mark.parametrize(("verb", "fields", "sentence"), [
    ("decline", {"decline__why": "private", "decline__text": "够"}, "4 到 500"),
    ("decline", {"decline__text": "请找物业公司协商"}, "请选一项"),
    ("ask_more", {"ask_more__text": ""}, "这里要填"), ("merge", {"merge__number": "999999"}, "请选择同一类别"),
    ("merge", {}, "请选择同一类别"), ("ask_more", {"ask_more__text": "问" * 501}, "ask_more"),
])
def test_a_refused_step_comes_back_filled_in(desk: Desk, door: Door, verb: str, fields: dict[str, str],
                                             sentence: str) -> None:
    case_id = desk.send()
    answer = post(door("member"), f"/desk/cases/{case_id}/{verb}", **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert all(value in page for value in fields.values())
    assert desk.state(case_id) is S.RECEIVED


def test_declining_says_the_chosen_reason_and_the_words(desk: Desk, door: Door) -> None:
    case_id = desk.send()
    assert post(door("member"), f"/desk/cases/{case_id}/decline", decline__why="private",
                decline__text="请找物业公司协商").status_code == 303
    assert "属于私人之间的事：请找物业公司协商" in text_of(door("member"), f"/desk/cases/{case_id}")


def test_twice_is_out_of_turn_and_says_so(desk: Desk, door: Door) -> None:
    case_id, member = desk.send(), door("member")
    assert post(member, f"/desk/cases/{case_id}/accept").status_code == 303
    twice = post(member, f"/desk/cases/{case_id}/accept")
    assert twice.status_code == 409
    assert "这件事已经有了新进展" in twice.get_data(as_text=True)
    assert post(member, f"/desk/cases/{case_id}/explode").status_code == 404
    assert post(door("other_member"), f"/desk/cases/{case_id}/accept").status_code == 404
    assert post(door("bob"), f"/desk/cases/{case_id}/accept").status_code == 403
    assert post(door("grid"), f"/desk/cases/{case_id}/assign").status_code in (403, 422)
    assert desk.state(case_id) is S.ACCEPTED


def test_what_one_reported_oneself_is_shown_locked_with_the_reason(desk: Desk, door: Door) -> None:
    with transaction():
        case_id = services.enter(desk.actor("second"), services.ReportDraft(
            "draft-0001", desk.lamp, "热线反映路灯不亮", "东巷 3 号"), Source.HOTLINE).case_id
    second = door("second")
    page = text_of(second, f"/desk/cases/{case_id}")
    assert "您是报的人，请别人办" in page
    assert 'id="accept"' not in page
    assert "您是报的人，请别人办" in text_of(second, "/desk/cases")
    refused = post(second, f"/desk/cases/{case_id}/accept")
    assert refused.status_code == 403
    assert desk.state(case_id) is S.RECEIVED
    assert 'id="accept"' in text_of(door("member"), f"/desk/cases/{case_id}")


def test_family_and_own_unit_are_locked_for_an_inspector(desk: Desk, door: Door) -> None:
    own, family = desk.at(S.TO_INSPECT, desk.send("bob")), desk.at(S.TO_INSPECT)
    with transaction():
        services.add_member(desk.actor("member"), desk.unit, desk.village.users["reviewer"])
    assert "这是您单位办的，请别人督查" in text_of(door("reviewer"), "/desk/inspections")
    with transaction():
        services.remove_member(desk.actor("member"), desk.unit, desk.village.users["reviewer"])
        db.session.add(UserResident(user_id=desk.village.users["reviewer"], kind=LinkKind.FAMILY,
                                    resident_id=desk.village.residents["alice"], created_at=house_clock.now()))
    page = text_of(door("reviewer"), f"/desk/cases/{family}")
    assert "这是您家的事，请别人办" in page
    assert 'id="approve"' not in page
    assert 'id="approve"' in text_of(door("reviewer"), f"/desk/cases/{own}")


def test_an_observer_inspects_on_a_phone(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.TO_INSPECT)
    with transaction():
        home = desk.village.grants["member"][0]
        db.session.add(Appointment(user_id=desk.village.users["frank"], role=Role.OBSERVER, area_id=home.area_id,
                                   since_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), appointed_by="system"))
    frank = door("frank")
    assert f'action="/desk/cases/{case_id}/approve"' in text_of(frank, "/desk/inspections")
    assert post(frank, f"/desk/cases/{case_id}/approve", next="/desk/inspections").status_code == 303
    assert desk.state(case_id) is S.TO_EVALUATE
    assert frank.get("/desk/supervision").status_code == 403
    assert frank.get("/desk/cases/settings").status_code == 403


def test_merging_and_splitting_again(desk: Desk, door: Door) -> None:
    first, again = desk.send(place="东巷 3 号"), desk.send("bob", place="东巷3号", text="我家门口的灯")
    member = door("member")
    page = text_of(member, f"/desk/cases/{again}")
    assert f'name="merge-number" value="{first}"' in page
    assert "三天没亮了" in page
    assert post(member, f"/desk/cases/{again}/merge", merge__number=first).status_code == 303
    assert desk.case(again).parent_id == first
    parent = text_of(member, f"/desk/cases/{first}")
    assert "我家门口的灯" in parent
    assert f'href="/desk/cases/{again}#split"' in parent
    assert post(member, f"/desk/cases/{again}/split", split__text="两个不同的灯").status_code == 303
    assert desk.state(again) is S.RECEIVED


def test_after_two_returns_only_the_supervisor_gives_it_out(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.SENT_BACK)
    for verb, who in (("assign", "member"), ("send_back", "dora")):
        desk.do(who, verb, case_id)
    taker = f"{desk.unit}:{desk.village.users['erin']}"
    assert post(door("member"), f"/desk/cases/{case_id}/assign", assign__handler_id=taker).status_code == 403
    assert "联席会议" in text_of(door("supervisor"), f"/desk/cases/{case_id}")
    assert post(door("supervisor"), f"/desk/cases/{case_id}/assign", assign__handler_id=taker).status_code == 303
