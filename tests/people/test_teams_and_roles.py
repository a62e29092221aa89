"""Teams, and roles given and ended."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from pointsbank.core.actor import system
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden, Invalid, NotFound
from pointsbank.people import queries, services
from pointsbank.people.errors import AlreadyAppointed, AlreadyMember, MayNotAppoint, NameTaken, PhoneTaken, WeakPassword
from pointsbank.people.models import Appointment, TeamKind, User
from pointsbank.people.roles import Role


def test_a_team_is_founded_and_its_leader_appointed(app, client, village, clock):
    village.sign_in(client, "member")
    assert client.post("/desk/teams/new", data={"name": "夕阳红队", "kind": "volunteers"}).status_code == 303
    with app.app_context(), transaction():
        team = next(t for t in queries.teams(village.community) if t.name == "夕阳红队")
        team_id = team.id
    data = {"number": "10000000003", "role": "team_leader", "area_id": village.community, "team_id": team_id}
    assert client.post("/desk/appointments/new", data=data).status_code == 303
    with app.app_context(), transaction():
        assert [u.id for u in queries.leaders_of([team_id])[team_id]] == [village.users["bob"]]


def test_a_leader_keeps_the_roster_of_the_own_team_only(app, village, clock):
    with app.app_context(), transaction():
        other = services.create_team(village.actor("member"), name="夕阳红队", kind=TeamKind.VOLUNTEERS)
        services.add_team_member(village.actor("leader"), village.team, village.residents["dora"])
        with pytest.raises(AlreadyMember):
            services.add_team_member(village.actor("leader"), village.team, village.residents["dora"])
        with pytest.raises(Forbidden):
            services.add_team_member(village.actor("leader"), other.id, village.residents["dora"])
        with pytest.raises(NotFound):
            services.add_team_member(village.actor("leader"), village.team, village.residents["mallory"])
        with pytest.raises(NameTaken):
            services.create_team(village.actor("member"), name="夕阳红队", kind=TeamKind.OBSERVERS)


def test_a_name_that_several_bear_is_asked_back(client, village):
    village.sign_in(client, "member")
    answer = client.post(f"/desk/teams/{village.team}/members", data={"person": "陈"})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "陈桂芳" in page
    assert "陈志强" in page
    chosen = {"person": "陈", "resident_id": village.residents["andrew"]}
    assert client.post(f"/desk/teams/{village.team}/members", data=chosen).status_code == 303


def test_the_committee_appoints_below_itself_only(app, village, clock):
    with app.app_context(), transaction():
        for role in (Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR, Role.AREA_SUPERVISOR):
            with pytest.raises(MayNotAppoint):
                services.grant(village.actor("member"), user_id=village.users["bob"], role=role,
                               area_id=village.community)
        with pytest.raises(MayNotAppoint):
            services.grant(village.actor("member"), user_id=village.users["bob"], role=Role.REVIEWER,
                           area_id=village.other)
        row = services.grant(village.actor("member"), user_id=village.users["bob"], role=Role.REVIEWER,
                             area_id=village.community)
        assert row.appointed_by == f"user:{village.users['member']}"
        with pytest.raises(AlreadyAppointed):
            services.grant(village.actor("member"), user_id=village.users["bob"], role=Role.REVIEWER,
                           area_id=village.community)


def test_nobody_appoints_themselves(app, village):
    with app.app_context(), pytest.raises(MayNotAppoint), transaction():
        services.grant(village.actor("member"), user_id=village.users["member"], role=Role.SHOP_KEEPER,
                       area_id=village.community)


def test_a_role_is_held_only_where_it_belongs(app, village):
    with app.app_context(), transaction():
        for role, area, team in ((Role.SHOP_KEEPER, village.town, None), (Role.TEAM_LEADER, village.community, None),
                                 (Role.REVIEWER, village.community, village.team),
                                 (Role.AREA_SUPERVISOR, village.community, None)):
            with pytest.raises(Invalid):
                services.grant(system(), user_id=village.users["bob"], role=role, area_id=area, team_id=team)


def test_who_may_give_a_role_may_end_it_and_others_may_not(app, village, clock):
    with app.app_context(), transaction():
        keeper = db.session.scalar(sa.select(Appointment.id).where(Appointment.role == Role.SHOP_KEEPER))
        admin = db.session.scalar(sa.select(Appointment.id).where(Appointment.role == Role.ADMINISTRATOR))
        with pytest.raises(NotFound):
            services.end_appointment(village.actor("other_member"), keeper)
        with pytest.raises(MayNotAppoint):
            services.end_appointment(village.actor("member"), admin)
        assert services.end_appointment(village.actor("member"), keeper).until_at is not None
        assert queries.holders(village.community, Role.SHOP_KEEPER) == []


def test_the_command_line_makes_users_and_appoints_them(app, village, clock):
    with app.app_context(), transaction():
        user = services.create_user(system(), username="chief", name="主任", password="lotus pond 2026")
        row = services.grant_by_name(system(), username="chief", role="administrator", area_code="c")
        assert (row.user_id, row.role) == (user.id, Role.ADMINISTRATOR)
        with pytest.raises(PhoneTaken):
            services.create_user(system(), username="chief", name="又一个")
        with pytest.raises(WeakPassword):
            services.create_user(system(), username="weak", name="弱", password="123456789012")
        with pytest.raises(Invalid):
            services.grant_by_name(system(), username="chief", role="king", area_code="c")
        with pytest.raises(NotFound):
            services.grant_by_name(system(), username="nobody", role="administrator", area_code="c")


def test_demo_accounts_are_noticed(app, village):
    with app.app_context(), transaction():
        assert not queries.has_demo_accounts()
        db.session.get(User, village.users["alice"]).is_demo = True
        db.session.flush()
        assert queries.has_demo_accounts()
