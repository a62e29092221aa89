"""Kinds of problems and units are set up over the pages; the usual kinds once; running clocks never move."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import desk_queries, services
from pointsbank.cases.errors import KindsThere, NotYourPart, OutOfTurn
from pointsbank.cases.models import CaseClass, CaseClock, CaseState, CaseVisibility, Category, SpanUnit
from pointsbank.cases.usual import usual_kinds
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from tests.cases.desk import Desk, Door, text_of
from tests.cases.test_dispatching import grid_of

ROOT = "/desk/cases/settings"
KIND: dict[str, Any] = {
    "name": "井盖破损", "group_code": "道路", "class_": "public", "visibility": "", "unit_id": "0", "nearby_m": "30",
    "respond_span": "30", "respond_unit": "minutes", "rectify_span": "1440", "rectify_unit": "minutes",
    "accepted_item": "", "fixed_item": ""}


def kinds(community_id: int) -> list[Category]:
    with transaction():
        return list(desk_queries.kinds(community_id, closed=True))


def test_the_usual_kinds_come_in_one_go_and_only_once(desk: Desk, door: Door) -> None:
    other, home = door("other_member"), desk.village.other
    assert "采用常用类别" in text_of(other, ROOT)
    assert other.post(f"{ROOT}/usual").status_code == 303
    found = {kind.name: kind for kind in kinds(home)}
    assert len(found) == len(usual_kinds()) == 14
    assert (found["邻里矛盾"].class_, found["邻里矛盾"].visibility) == (CaseClass.FAMILY, CaseVisibility.STAFF)
    assert found["消防通道占用"].is_urgent
    assert not found["绿化"].is_urgent
    assert other.post(f"{ROOT}/usual").status_code == 409
    assert len(kinds(home)) == 14
    with pytest.raises(KindsThere):
        run(lambda: services.take_over_usual_kinds(desk.actor("member")))
    with pytest.raises(NotYourPart):
        run(lambda: services.take_over_usual_kinds(desk.actor("reviewer")))
    assert "采用常用类别" not in text_of(door("member"), ROOT)


def test_a_kind_is_added_changed_closed_and_opened_again(desk: Desk, door: Door) -> None:
    member = door("member")
    sent = member.post(f"{ROOT}/kinds/new", data=KIND)
    assert sent.status_code == 303
    path = sent.headers["Location"]
    assert 'value="井盖破损"' in text_of(member, path)
    assert member.post(path, data={**KIND, "name": "井盖缺失", "unit_id": str(desk.unit)}).status_code == 303
    assert "急件" in text_of(member, ROOT)
    category_id = int(path.rsplit("/", 1)[1])
    assert member.post(f"{path}/close").status_code == 303
    assert member.post(f"{path}/close").status_code == 409
    with pytest.raises(NotFound):
        desk.send(category_id=category_id)
    with transaction():
        assert category_id not in {kind.id for kind in desk_queries.kinds(desk.village.community)}
    assert member.post(f"{path}/open").status_code == 303
    assert member.post(f"{path}/open").status_code == 409
    assert desk.send(category_id=category_id)


@pytest.mark.parametrize("change", [
    {"name": ""}, {"name": "路灯不亮"}, {"group_code": ""}, {"respond_span": "0"}, {"respond_span": "x"},
    {"rectify_span": "99999"}, {"nearby_m": "31"}, {"class_": "family", "visibility": "public"}, {"class_": "none"},
    {"unit_id": "99999"}, {"respond_unit": "weeks"}])
def test_a_wrong_kind_comes_back_filled_in(desk: Desk, door: Door, change: dict[str, str]) -> None:
    before = len(kinds(desk.village.community))
    refused = door("member").post(f"{ROOT}/kinds/new", data={**KIND, **change})
    assert refused.status_code == 422
    assert 'value="道路"' in refused.get_data(as_text=True) or "group_code" in change
    assert len(kinds(desk.village.community)) == before


def test_changing_a_kind_moves_no_clock_that_runs(desk: Desk, door: Door) -> None:
    case_id = desk.at(CaseState.RECTIFYING)

    def clocks() -> list[tuple[Any, ...]]:
        with transaction():
            return [(c.kind, c.span, c.unit, c.due_at) for c in db.session.scalars(
                sa.select(CaseClock).where(CaseClock.case_id == case_id).order_by(CaseClock.id))]

    before = clocks()
    changed = door("member").post(f"{ROOT}/kinds/{desk.lamp}", data={**KIND, "name": "路灯不亮", "rectify_span": "5"})
    assert changed.status_code == 303
    assert clocks() == before
    desk.do("dora", "finish", case_id)
    desk.do("reviewer", "rework", case_id)
    assert [(span, unit) for _kind, span, unit, _due in clocks()[:2]] == [(s, u) for _k, s, u, _d in before[:2]]
    later = desk.send()
    with transaction():
        row = db.session.scalars(sa.select(CaseClock).where(CaseClock.case_id == later)).one()
        assert (row.span, row.unit) == (30, SpanUnit.MINUTES)


def test_a_unit_gets_its_people_by_search(desk: Desk, door: Door) -> None:
    member = door("member")
    sent = member.post(f"{ROOT}/units/new", data={"name": "东片小组", "area_id": "0"})
    path = sent.headers["Location"]
    unit_id = int(path.rsplit("/", 1)[1])
    page = text_of(member, f"{path}?q=李明贵")
    assert f'name="user_id" value="{desk.village.users["bob"]}"' in page
    assert "10000000002" not in page
    assert "grid" in text_of(member, f"{path}?q=grid")
    for _ in range(2):
        assert member.post(f"{path}/member", data={"user_id": desk.village.users["bob"]}).status_code == 303
    with transaction():
        assert desk_queries.units_of(desk.actor("bob")) == {unit_id}
    assert member.post(f"{path}/member", data={"user_id": desk.village.users["mallory"]}).status_code == 422
    assert member.post(f"{path}/member", data={"user_id": "x"}).status_code == 422
    assert member.post(f"{path}/member/remove", data={"user_id": desk.village.users["bob"]}).status_code == 303
    with transaction():
        assert desk_queries.units_of(desk.actor("bob")) == frozenset()
    assert member.post(path, data={"name": "物业维修组", "area_id": "0"}).status_code == 422
    assert member.post(path, data={"name": "东片维修队", "area_id": "0"}).status_code == 303
    assert "东片维修队" in text_of(member, ROOT)


def test_a_closed_unit_is_offered_and_proposed_no_longer(desk: Desk, door: Door) -> None:
    member, case_id, path = door("member"), desk.at(CaseState.ACCEPTED), f"{ROOT}/units/{desk.unit}"
    assert f'"{desk.unit}:' in text_of(member, "/desk/cases?tab=unassigned")
    assert member.post(f"{path}/close").status_code == 303
    with pytest.raises(OutOfTurn):
        run(lambda: services.close_unit(desk.actor("member"), desk.unit))
    assert f'"{desk.unit}:' not in text_of(member, "/desk/cases?tab=unassigned")
    came = run(lambda: services.assign_many(desk.actor("member"), [case_id]))
    assert came.done == []
    assert member.post(f"{path}/open").status_code == 303
    assert f'"{desk.unit}:' in text_of(member, "/desk/cases?tab=unassigned")


def test_a_kind_keeps_its_unit_though_it_is_closed_and_no_other_kind_gets_it(desk: Desk, door: Door) -> None:
    member, path = door("member"), f"{ROOT}/kinds/{desk.lamp}"
    assert member.post(f"{ROOT}/units/{desk.unit}/close").status_code == 303
    assert f'<option selected value="{desk.unit}">物业维修组（已停用）</option>' in text_of(member, path)
    saved = {**KIND, "name": "路灯不亮", "unit_id": str(desk.unit)}
    assert member.post(path, data=saved).status_code == 303
    assert [kind.unit_id for kind in kinds(desk.village.community) if kind.id == desk.lamp] == [desk.unit]
    other = f"{ROOT}/kinds/{desk.family}"
    assert "物业维修组" not in text_of(member, other).partition('id="unit_id"')[2].partition("</select>")[0]
    assert member.post(other, data={**saved, "name": "家庭纠纷"}).status_code == 422
    assert member.post(path, data={**saved, "unit_id": "0"}).status_code == 303
    assert "物业维修组（已停用）" not in text_of(member, path)


def test_an_area_may_have_a_unit_of_its_own(desk: Desk, door: Door) -> None:
    grid, member, path = grid_of(desk), door("member"), f"{ROOT}/kinds/{desk.lamp}"
    assert member.post(f"{path}/route", data={"area_id": grid, "unit_id": desk.unit}).status_code == 303
    page = text_of(member, path)
    assert "东片" in page
    assert ">去掉<" in re.sub(r"<svg.*?</svg>|<span class=\"visually-hidden\">.*?</span>", "", page)
    with transaction():
        assert [row.unit_id for row in desk_queries.routes(desk.village.community, desk.lamp)] == [desk.unit]
    for wrong in ({"area_id": desk.village.other, "unit_id": desk.unit}, {"area_id": "x", "unit_id": desk.unit}):
        assert member.post(f"{path}/route", data=wrong).status_code == 422
    assert member.post(f"{path}/route", data={"area_id": grid, "unit_id": "9999"}).status_code == 404
    assert member.post(f"{path}/route", data={"area_id": grid}).status_code == 303
    with transaction():
        assert list(desk_queries.routes(desk.village.community, desk.lamp)) == []


@pytest.mark.parametrize("path", ["/kinds/{lamp}", "/kinds/{lamp}/close", "/kinds/{lamp}/route", "/units/{unit}",
                                  "/units/{unit}/close", "/units/{unit}/member", "/units/{unit}/member/remove"])
def test_settings_are_the_offices_and_of_its_own_community(desk: Desk, door: Door, path: str) -> None:
    address = ROOT + path.format(lamp=desk.lamp, unit=desk.unit)
    assert door("reviewer").post(address).status_code == 403
    assert door("bob").post(address).status_code == 403
    data = {**KIND, "area_id": desk.village.community, "user_id": desk.village.users["bob"]}
    assert door("other_member").post(address, data=data).status_code == 404
