"""The pages of the office and the inspectors: what waits, what may be done, what is refused and how it comes back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from pointsbank.cases import desk_queries, jobs, services
from pointsbank.cases.desk_queries import Tab
from pointsbank.cases.models import Case, CaseClock, CaseState, Report, Source
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run, transaction
from pointsbank.people.models import Appointment, LinkKind, UserResident
from pointsbank.people.roles import Role
from tests.cases.desk import Desk, picture

S = CaseState
Door = Callable[[str], FlaskClient]
Counter = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def door(desk: Desk) -> Door:
    return lambda who: desk.village.sign_in(desk.app.test_client(), who)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def post(client: FlaskClient, path: str, **fields: Any) -> Any:
    return client.post(path, data={name.replace("__", "-"): value for name, value in fields.items()})


# ── The list ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_tab_shows_its_cases_and_their_number(desk: Desk, door: Door, clock: Any) -> None:
    new, accepted, back = desk.send(), desk.at(S.ACCEPTED), desk.at(S.SENT_BACK)
    held, asked, work = desk.at(S.SUSPENDED), desk.at(S.TO_EVALUATE), desk.at(S.RECTIFYING)
    member = door("member")
    for tab, wanted in (("new", new), ("unassigned", accepted), ("sent_back", back), ("suspended", held),
                        ("evaluate", asked), ("work", work)):
        page = text_of(member, f"/desk/cases?tab={tab}")
        assert [one for one in (new, accepted, back, held, asked, work)
                if f'href="/desk/cases/{one}"' in page] == [wanted]
    assert all(f'href="/desk/cases/{one}"' in text_of(member, "/desk/cases?tab=all")
               for one in (new, accepted, back, held, asked, work))
    assert "待交办 1" in text_of(member, "/desk/cases")
    assert f'href="/desk/cases/{new}"' not in text_of(member, "/desk/cases?tab=overdue")
    clock.forward(days=9)
    late = text_of(member, "/desk/cases?tab=overdue")
    assert f'href="/desk/cases/{new}"' in late
    assert f'href="/desk/cases/{held}"' not in late
    assert f'href="/desk/cases/{asked}"' not in late
    assert "受理晚了" in late
    assert text_of(member, "/desk/cases?tab=nonsense")


def test_the_nearest_deadline_stands_first_and_pages_follow_each_other(desk: Desk, clock: Any) -> None:
    late = desk.send()
    clock.forward(days=3)
    urgent = desk.send(category_id=desk.family)  # answered within four working hours
    others = [desk.send() for _ in range(4)]
    with transaction():
        actor, seen, cursor = desk.actor("member"), [], None
        for _ in range(10):
            found = desk_queries.dispatched(actor, Tab.NEW, cursor=cursor, limit=2)
            seen += [row.case.id for row in found.items]
            cursor = found.next
            if cursor is None:
                break
    assert seen == [late, urgent, *others]


def test_a_list_names_nobody_in_full_and_a_bad_cursor_is_refused(desk: Desk, door: Door) -> None:
    desk.send()
    desk.send(anonymous=True)
    page = text_of(door("member"), "/desk/cases")
    assert "陈*芳" in page
    assert "陈桂芳" not in page
    assert "对外不具名" in page
    assert door("member").get("/desk/cases?cursor=nonsense").status_code == 422


@pytest.mark.parametrize("path", ["/desk/cases", "/desk/cases/{}", "/desk/inspections", "/desk/supervision",
                                  "/desk/cases/settings", "/desk/cases/new"])
def test_residents_are_refused_and_other_communities_find_nothing(desk: Desk, door: Door, path: str) -> None:
    case_id = desk.at(S.TO_INSPECT)
    assert door("bob").get(path.format(case_id)).status_code == 403
    other = door("other_member").get(path.format(case_id))
    assert other.status_code == (404 if "{}" in path else 200)
    assert f'href="/desk/cases/{case_id}"' not in other.get_data(as_text=True)
    assert desk.app.test_client().get(path.format(case_id)).status_code in (302, 303, 401)


def many_cases(desk: Desk, count: int) -> None:
    """Rows as the services write them, without their course."""
    with transaction():
        first = db.session.get_one(Case, desk.send())
        report = db.session.scalars(sa.select(Report).where(Report.case_id == first.id)).one()
        row = db.session.scalars(sa.select(CaseClock).where(CaseClock.case_id == first.id)).one()
        known = {c.name: getattr(first, "class_" if c.name == "class" else c.name) for c in Case.__table__.columns
                 if c.name != "id"}
        said = {c.name: getattr(report, c.name) for c in Report.__table__.columns if c.name != "id"}
        runs = {c.name: getattr(row, c.name) for c in CaseClock.__table__.columns if c.name != "id"}
        last = db.session.scalar(sa.select(sa.func.max(Case.id))) or 0
        ids = range(last + 1, last + count)
        db.session.execute(sa.insert(Case.__table__), [{**known, "id": one} for one in ids])
        db.session.execute(sa.insert(Report.__table__), [
            {**said, "case_id": one, "client_id": f"client-{one:06d}", "code_hash": None} for one in ids])
        db.session.execute(sa.insert(CaseClock.__table__), [
            {**runs, "case_id": one, "due_at": row.due_at + dt.timedelta(minutes=one)} for one in ids])


def test_a_hundred_of_a_thousand_take_the_statements_of_twenty(desk: Desk, queries: Counter) -> None:
    many_cases(desk, 1000)

    def cost(limit: int) -> int:
        with transaction(), queries() as seen:
            assert len(desk_queries.dispatched(desk.actor("member"), Tab.NEW, limit=limit).items) == limit
            db.session.expunge_all()
        return len(seen)

    assert cost(20) == cost(100) <= 9


def test_the_page_of_the_dispatcher_costs_the_same_for_one_and_for_twenty(
        desk: Desk, door: Door, queries: Counter) -> None:
    member = door("member")

    def cost() -> int:
        with queries() as seen:
            text_of(member, "/desk/cases?tab=unassigned")
        return len(seen)

    desk.at(S.ACCEPTED)
    text_of(member, "/desk/cases?tab=unassigned")
    few = cost()
    for _ in range(6):
        desk.at(S.ACCEPTED)
    assert cost() == few <= 36


# ── Many at once ────────────────────────────────────────────────────────────────────────────────────────────────


def test_many_are_accepted_then_given_out_and_refusals_are_named(desk: Desk, door: Door) -> None:
    ids, member = [desk.send() for _ in range(3)], door("member")
    assert post(member, "/desk/cases/many", case=ids, do="accept", tab="new").status_code == 303
    assert {desk.state(one) for one in ids} == {S.ACCEPTED}
    new = desk.send()
    assert post(member, "/desk/cases/many", case=[*ids, new], do="assign", tab="unassigned").status_code == 303
    page = text_of(member, "/desk/cases")
    assert "已交办 3 件。" in page
    assert f"#{new}：" in page
    assert desk.state(new) is S.RECEIVED
    for ticked in ([], ["x"], range(1, 150)):
        refused = post(member, "/desk/cases/many", case=list(ticked), do="assign", tab="unassigned")
        assert refused.status_code == 422
        assert "请勾选 1 到 100 件" in refused.get_data(as_text=True)
    assert post(door("reviewer"), "/desk/cases/many", case=ids, do="accept").status_code == 403


def test_a_row_is_given_out_with_one_tap_and_the_list_comes_back(desk: Desk, door: Door) -> None:
    case_id, member = desk.at(S.ACCEPTED), door("member")
    page = text_of(member, "/desk/cases?tab=unassigned")
    taker = f"{desk.unit}:{desk.village.users['dora']}"
    assert f'name="assign-handler_id" value="{taker}"' in page
    sent = post(member, f"/desk/cases/{case_id}/assign", assign__handler_id=taker, next="/desk/cases?tab=unassigned")
    assert (sent.status_code, sent.headers["Location"]) == (303, "/desk/cases?tab=unassigned")
    assert desk.case(case_id).handler_id == desk.village.users["dora"]


# ── One case ────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── Supervision ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_ran_out_stays_on_the_list_until_it_is_closed(desk: Desk, door: Door, clock: Any) -> None:
    case_id, other = desk.at(S.RECTIFYING), desk.at(S.ACCEPTED)
    clock.forward(days=6)
    jobs.tick()
    page = text_of(door("supervisor"), "/desk/supervision")
    assert f'href="/desk/cases/{case_id}"' in page
    assert f'href="/desk/cases/{other}"' in page
    with transaction():
        found = desk_queries.breaches(desk.village.community, dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
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
    desk.at(S.TO_INSPECT)
    desk.send()
    clock.forward(days=9)
    page = text_of(door("member"), "/desk")
    for words in ("件随手拍要受理交办", "件超期挂单", "件整改要督查"):
        assert words in page
    with transaction():
        for who, found in (("member", (1, 2, 1)), ("reviewer", (0, 0, 1)), ("alice", (0, 0, 0))):
            assert db.session.execute(sa.select(*desk_queries.waiting_columns(desk.actor(who)))).one() == found


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
    short = post(member, path, no__text="不")
    assert short.status_code == 422
    assert "不</textarea>" in short.get_data(as_text=True)
    assert post(member, path, no__text="仓库里有现成的配件").status_code == 303
    twice = post(member, path, no__text="仓库里有现成的配件")
    assert twice.status_code == 409
    assert "期限只能延长一次" in twice.get_data(as_text=True)
    assert post(door("reviewer"), path, no__text="仓库里有现成的配件").status_code == 403
    assert post(door("other_member"), path, no__text="仓库里有现成的配件").status_code == 404
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
