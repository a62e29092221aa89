"""Residents: entering, masking, moving, linking, erasing."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden, Invalid, NotFound
from pointsbank.notifications.models import InboxMessage
from pointsbank.people import listing, queries, services
from pointsbank.people.errors import AlreadyMember, HasLeft
from pointsbank.people.models import Card, HouseholdMember, LinkKind, Resident, User, UserResident


def _audited(verb: str) -> list[AuditRow]:
    return list(db.session.scalars(sa.select(AuditRow).where(AuditRow.verb == verb)))


def test_a_new_resident_joins_the_household_and_may_sign_in(app, village, clock):
    with app.app_context(), transaction():
        made = services.add_resident(village.actor("member"), name=" 赵 小明 ", phone="+86 138 0000-0000",
                                     household_id=village.households["2-0317"], relation="孙子", may_sign_in=True)
        assert (made.name, made.phone) == ("赵 小明", "13800000000")
        users = queries.users_of_resident([made.id])[made.id]
        assert [u.phone for u in queries.users_by_id(users).values()] == ["13800000000"]
        assert len(_audited("people.add_resident")) == 1


def test_a_relatives_phone_becomes_a_family_link(app, village, clock):
    with app.app_context(), transaction():
        made = services.add_resident(village.actor("member"), name="赵小明", phone="10000000001", may_sign_in=True)
        row = db.session.get(UserResident, (village.users["alice"], made.id))
        assert row.kind is LinkKind.FAMILY


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "x" * 61), ("phone", "12"), ("phone", "call me"),
                                              ("born_on", dt.date(2999, 1, 1)), ("area_id", 1)])
def test_what_is_not_right_is_refused_by_field(app, village, field, value):
    given = {"name": "赵小明", field: value}
    with app.app_context(), pytest.raises(Invalid) as refusal, transaction():
        services.add_resident(village.actor("member"), **given)
    assert field in refusal.value.fields


@pytest.mark.parametrize("key", ["alice", "leader", "keeper", "reviewer", "grid", "other_member"])
def test_others_enter_nobody(app, village, key):
    with app.app_context(), pytest.raises((Forbidden, NotFound, Invalid)), transaction():
        services.change_resident(village.actor(key), village.residents["alice"], name="X", phone=None, born_on=None,
                                 area_id=None)


def test_residents_of_another_community_do_not_exist(app, village):
    with app.app_context(), pytest.raises(NotFound), transaction():
        services.move_out(village.actor("other_member"), village.residents["alice"])


def test_each_look_behind_the_mask_leaves_one_audit_row(app, client, village):
    village.sign_in(client, "member")
    url = f"/desk/residents/{village.residents['alice']}"
    assert "10000000001" not in client.get(url).get_data(as_text=True)
    assert client.post(url + "/phone", data={"reason": ""}).status_code == 422
    shown = client.post(url + "/phone", data={"reason": "通知领米"})
    assert "10000000001" in shown.get_data(as_text=True)
    with app.app_context(), transaction():
        rows = _audited("people.reveal_phone")
        assert [r.detail["reason"] for r in rows] == ["通知领米"]
        assert rows[0].actor_key == f"user:{village.users['member']}"


def test_the_list_shows_no_whole_phone(client, village):
    village.sign_in(client, "member")
    assert "1000000000" not in client.get("/desk/residents").get_data(as_text=True)


def test_a_grid_worker_sees_only_the_people_of_the_grid(app, client, village, clock):
    from pointsbank.communities.models import AreaKind
    from pointsbank.communities.services import create_area
    from pointsbank.people.roles import Role

    with app.app_context(), transaction():
        grid = create_area(village.actor("member"), kind=AreaKind.GRID, code="g1", name="第一网格",
                           parent_id=village.community)
        user = services.create_user(village.actor("member"), name="网格员", username="gridworker")
        services.grant(village.actor("member"), user_id=user.id, role=Role.GRID_WORKER, area_id=grid.id)
        village.users["worker"] = user.id
        services.change_resident(village.actor("member"), village.residents["bob"], name="李明贵", phone="10000000003",
                                 born_on=None, area_id=grid.id)
    village.sign_in(client, "worker")
    page = client.get("/desk/residents").get_data(as_text=True)
    assert "李明贵" in page
    assert "陈桂芳" not in page
    assert client.get(f"/desk/residents/{village.residents['bob']}").status_code == 200
    assert client.get(f"/desk/residents/{village.residents['alice']}").status_code == 404
    reason = {"reason": "上门走访"}
    assert client.post(f"/desk/residents/{village.residents['bob']}/phone", data=reason).status_code == 200
    assert client.post(f"/desk/residents/{village.residents['alice']}/phone", data=reason).status_code == 404


def test_moving_out_ends_household_team_and_card(app, village, clock):
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [village.residents["alice"]])
        services.move_out(village.actor("member"), village.residents["alice"])
        assert queries.household_on(village.community, [village.residents["alice"]], dt.date(2026, 4, 18)) == {
            village.residents["alice"]: None}
        assert not queries.is_team_member(village.team, village.residents["alice"], dt.date(2026, 4, 18))
        assert queries.is_team_member(village.team, village.residents["alice"], dt.date(2026, 4, 17))
        assert queries.card_of(village.community, village.residents["alice"]) is None
        with pytest.raises(HasLeft):
            services.move_out(village.actor("member"), village.residents["alice"])


def test_a_link_needs_the_confirmation_and_tells_the_resident(app, village, clock):
    with app.app_context(), transaction():
        with pytest.raises(Invalid):
            services.link(village.actor("member"), village.residents["bob"], "10000000001", LinkKind.FAMILY,
                          confirmed=False)
        services.link(village.actor("member"), village.residents["bob"], "10000000001", LinkKind.FAMILY, confirmed=True)
        with pytest.raises(AlreadyMember):
            services.link(village.actor("member"), village.residents["bob"], "10000000001", LinkKind.FAMILY,
                          confirmed=True)
        told = db.session.scalars(sa.select(InboxMessage)).one()
        assert (told.resident_id, told.params) == (village.residents["bob"], {"name": "陈桂芳"})


def test_a_desk_code_opens_the_sign_in_once_within_a_day(app, client, village, clock):
    village.sign_in(client, "member")
    url = f"/desk/residents/{village.residents['alice']}/links/{village.users['alice']}/code"
    page = client.post(url).get_data(as_text=True)
    code = page.split('<b class="pb-n">')[1][:9].replace(" ", "")
    clock.forward(hours=23)
    alice = app.test_client()
    answer = alice.post("/sign-in", data={"by": "code", "number": "10000000001", "code": code})
    assert answer.location.startswith("/me/password")
    new = {"password": "lotus pond 2026", "again": "lotus pond 2026"}
    assert alice.post("/me/password", data=new).status_code == 303
    again = app.test_client().post("/sign-in", data={"by": "code", "number": "10000000001", "code": code})
    assert again.status_code == 422


@pytest.mark.parametrize(("helper", "target"), [
    ("other_member", "alice"), ("member", "supervisor"), ("member", "second"), ("member", "member"),
    ("member", "admin"), ("reviewer", "alice")])
def test_nobody_takes_over_the_sign_in_of_somebody_above_or_elsewhere(app, village, helper, target):
    with app.app_context(), pytest.raises((Forbidden, NotFound)), transaction():
        services.reset_password(village.actor(helper), village.users[target])


def test_a_resident_entered_with_an_administrators_phone_opens_no_way_to_them(app, village, clock):
    """The village enters somebody with the phone of the town's supervisor, to take over that sign-in."""
    with app.app_context(), transaction():
        db.session.get(User, village.users["supervisor"]).phone = "13900000000"
        db.session.flush()
        services.add_resident(village.actor("member"), name="谁", phone="13900000000", may_sign_in=True)
        with pytest.raises(Forbidden):
            services.reset_password(village.actor("member"), village.users["supervisor"])


def test_an_erased_person_leaves_no_identifier(app, client, village, clock):
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [village.residents["alice"]])
    village.sign_in(app.test_client(), "alice")
    village.sign_in(client, "member")
    url = f"/desk/residents/{village.residents['alice']}/erase"
    assert client.get(url).status_code == 200
    assert client.post(url, data={"confirmation": "陈"}).status_code == 422
    assert client.post(url, data={"confirmation": "陈桂芳"}).status_code == 303
    with app.app_context(), transaction():
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(sa.select(table)):
                assert "陈桂芳" not in str(row), table.name
                assert "10000000001" not in str(row), table.name
                assert "1955, 5, 5" not in str(row) or table.name == "resident"
        gone = db.session.get(Resident, village.residents["alice"])
        assert (gone.name, gone.phone, gone.born_on, gone.area_id) == (f"#{gone.id}", None, None, None)
        assert db.session.get(User, village.users["alice"]).disabled_at is not None
        assert db.session.scalars(sa.select(Card.state)).one() == "blocked"


def test_a_family_phone_stays_when_one_of_the_family_is_erased(app, village, clock):
    with app.app_context(), transaction():
        services.link(village.actor("member"), village.residents["bob"], "10000000001", LinkKind.FAMILY, confirmed=True)
        services.erase_resident(village.actor("member"), village.residents["alice"], confirmation="陈桂芳")
        user = db.session.get(User, village.users["alice"])
        assert (user.disabled_at, user.phone) == (None, "10000000001")


def test_residents_see_and_take_along_their_own_data(client, village):
    village.sign_in(client, "alice")
    data = client.get("/me/data.json").get_json()
    assert (data["name"], data["phone"]) == ("陈桂芳", "10000000001")
    assert data["households"][0]["number"] == "2-0317"
    assert "李明贵" not in client.get("/me/data.json").get_data(as_text=True)


def test_a_page_of_the_list_costs_the_same_for_two_and_for_twenty(app, client, village, clock, queries):
    village.sign_in(client, "member")
    with queries() as few:
        client.get("/desk/residents")
    with app.app_context(), transaction():
        for n in range(30):
            services.add_resident(village.actor("member"), name=f"人{n}", household_id=village.households["2-0317"])
    with queries() as many:
        client.get("/desk/residents")
    assert len(many) == len(few)
    assert len(many) <= 12


def test_a_list_is_paged_and_never_longer_than_a_hundred(app, village, clock):
    with app.app_context(), transaction():
        page = listing.residents(village.actor("member"), limit=3)
        assert len(page.items) == 3
        rest = listing.residents(village.actor("member"), limit=10**9, cursor=page.next)
        assert len(rest.items) == 5
        assert rest.next is None
        assert db.session.scalar(sa.select(sa.func.count()).select_from(HouseholdMember)) == 9
