"""A small made-up street for tests: two communities, their people, and somebody in each role."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient

from pointsbank.communities.models import Area, AreaKind
from pointsbank.core import clock, tokens
from pointsbank.core.actor import Actor, Grant
from pointsbank.core.db import db, transaction
from pointsbank.people.models import (
    Appointment,
    Household,
    HouseholdMember,
    LinkKind,
    Resident,
    SignInSession,
    Team,
    TeamKind,
    TeamMember,
    User,
    UserResident,
)
from pointsbank.people.roles import Role

LONG_AGO = dt.date(2025, 1, 1)
PEOPLE = {  # key: name, household number, head?
    "alice": ("陈桂芳", "2-0317", True), "andrew": ("陈志强", "2-0317", False),
    "bob": ("李明贵", "1-0412", True), "charlie": ("周秀兰", "2-0108", True),
    "dora": ("罗光明", "3-0226", True), "erin": ("唐小芹", "2-0531", True),
    "frank": ("蒋玉珍", "1-0077", True), "grace": ("谭永康", "3-0310", True),
}
STAFF = {  # key: role; each is a user without a resident unless PEOPLE has the key
    "leader": Role.TEAM_LEADER, "reviewer": Role.REVIEWER, "member": Role.COMMITTEE_MEMBER,
    "second": Role.COMMITTEE_MEMBER, "keeper": Role.SHOP_KEEPER, "stock": Role.STOCK_MANAGER,
    "shop_boss": Role.SHOP_SUPERVISOR, "grid": Role.GRID_WORKER, "admin": Role.ADMINISTRATOR,
}


@dataclass
class Village:
    """Ids by key. ``community`` is 柳荫社区; ``other`` is a second one of the same town, where only 'mallory' lives."""

    county: int = 0
    town: int = 0
    community: int = 0
    other: int = 0
    path: str = ""
    other_path: str = ""
    team: int = 0
    residents: dict[str, int] = field(default_factory=dict)
    households: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    grants: dict[str, tuple[Grant, ...]] = field(default_factory=dict)

    def actor(self, key: str, *, resident: str | None = None) -> Actor:
        """The actor that the web edge would load for this user."""
        home = self.other if key == "mallory" or key.startswith("other_") else self.community
        chosen = resident if resident is not None else (key if key in self.residents else None)
        return Actor(user_id=self.users[key], community_id=home,
                     resident_id=self.residents[chosen] if chosen else None,
                     area_path=self.other_path if home == self.other else self.path, name=key,
                     is_self=chosen == key, grants=self.grants.get(key, ()))

    def sign_in(self, client: FlaskClient, key: str, *, resident: str | None = None) -> FlaskClient:
        """Sign a user in on this client (cookie) without going through the form."""
        actor = self.actor(key, resident=resident)
        token = tokens.random_token()
        with client.application.app_context(), transaction():
            db.session.add(SignInSession(
                token_hash=tokens.digest(token), user_id=actor.user_id, community_id=actor.community_id,
                resident_id=actor.resident_id, device="test", created_at=clock.now(),
                expires_at=clock.now() + dt.timedelta(days=30)))
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return client

    def bearer(self, app: Flask, key: str, *, resident: str | None = None) -> dict[str, str]:
        """The headers of an API client signed in as this user."""
        actor = self.actor(key, resident=resident)
        token = tokens.random_token()
        with app.app_context(), transaction():
            db.session.add(SignInSession(
                token_hash=tokens.digest(token), user_id=actor.user_id, community_id=actor.community_id,
                resident_id=actor.resident_id, device="test", is_bearer=True, created_at=clock.now(),
                expires_at=clock.now() + dt.timedelta(days=30)))
        return {"Authorization": f"Bearer {token}"}


def _area(kind: AreaKind, code: str, name: str, parent: Area | None) -> Area:
    area = Area(kind=kind, code=code, name=name, parent_id=parent.id if parent else None, path=code, settings={},
                created_at=clock.now())
    db.session.add(area)
    db.session.flush()
    area.path = (parent.path if parent else "") + f"{area.id}."
    area.community_id = area.id if kind is AreaKind.COMMUNITY else parent.community_id if parent else None
    return area


def found_village() -> Village:
    """Make the village; call inside an application context. In few flushes: thousands of tests begin with it."""
    village = Village()
    with transaction():
        county = _area(AreaKind.COUNTY, "c", "青川县", None)
        town = _area(AreaKind.TOWN, "t", "柳河街道", county)
        home = _area(AreaKind.COMMUNITY, "liuyin", "柳荫社区", town)
        other = _area(AreaKind.COMMUNITY, "heping", "和平村", town)
        village.county, village.town, village.community, village.other = county.id, town.id, home.id, other.id
        village.path, village.other_path = home.path, other.path
        team = Team(community_id=home.id, name="柳荫志愿服务队", kind=TeamKind.VOLUNTEERS, created_at=clock.now())
        staff = [*((k, r, home) for k, r in STAFF.items()), ("other_member", Role.COMMITTEE_MEMBER, other),
                 ("supervisor", Role.AREA_SUPERVISOR, town)]
        users = {key: User(name=key, username=key, created_at=clock.now()) for key, _role, _area_ in staff}
        db.session.add_all([team, *users.values()])
        people = [_person(home.id, key, *PEOPLE[key], number) for number, key in enumerate(PEOPLE, 1)]
        people.append(_person(other.id, "mallory", "马丽", "9-0001", True, 99))
        homes = {p.household: Household(community_id=p.community, number=p.household, created_at=clock.now())
                 for p in people}
        db.session.add_all([*homes.values(), *(row for p in people for row in (p.resident, p.user))])
        db.session.flush()
        village.team = team.id
        village.households = {number: row.id for number, row in homes.items()}
        village.residents = {p.key: p.resident.id for p in people}
        village.users = {key: row.id for key, row in [*((p.key, p.user) for p in people), *users.items()]}
        for p in people:
            db.session.add(HouseholdMember(
                community_id=p.community, household_id=village.households[p.household], resident_id=p.resident.id,
                relation="户主" if p.head else "家人", is_head=p.head, since_on=LONG_AGO))
            db.session.add(UserResident(user_id=p.user.id, resident_id=p.resident.id, kind=LinkKind.SELF,
                                        created_at=clock.now()))
        db.session.add_all(TeamMember(team_id=team.id, resident_id=village.residents[key], since_on=LONG_AGO)
                           for key in ("alice", "bob", "charlie"))
        for key, role, area in staff:
            team_id = village.team if role is Role.TEAM_LEADER else None
            db.session.add(Appointment(user_id=users[key].id, role=role, area_id=area.id, team_id=team_id,
                                       since_at=clock.at_local(LONG_AGO), appointed_by="system"))
            village.grants[key] = (Grant(role, area.id, area.path, team_id),)
    return village


@dataclass
class _Person:
    key: str
    community: int
    household: str
    head: bool
    resident: Resident
    user: User


def _person(community: int, key: str, name: str, household: str, head: bool, number: int) -> _Person:
    phone = f"100{number:08d}"
    return _Person(
        key, community, household, head,
        Resident(community_id=community, public_id=f"r-{key}", name=name, phone=phone, born_on=dt.date(1955, 5, 5),
                 created_at=clock.now()),
        User(name=name, phone=phone, created_at=clock.now()))
