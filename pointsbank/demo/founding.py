"""The first day of the demo: areas, teams, offices, and the rosters as the offices' own sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from pointsbank.communities import services as communities
from pointsbank.communities.models import Area, AreaKind
from pointsbank.core import sheets
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, transaction
from pointsbank.demo import accounts
from pointsbank.demo.cast import COUNTY, PLACES, TOWN, Cast, Person, Place
from pointsbank.people import passwords, roster
from pointsbank.people import services as people
from pointsbank.people.models import LinkKind, Resident, Team, TeamKind, User, UserResident
from pointsbank.people.roles import Role

HEADINGS = ["姓名", "户号", "与户主关系", "手机号", "楼栋"]
TEAMS = (
    ("liuyin", "柳荫志愿服务队", TeamKind.VOLUNTEERS, 24), ("liuyin", "夕阳红巡逻队", TeamKind.VOLUNTEERS, 12),
    ("xingshi", "啄木鸟市民观察团", TeamKind.OBSERVERS, 15), ("shiqiao", "石桥村志愿服务队", TeamKind.VOLUNTEERS, 30),
)
SETTINGS = {
    "liuyin": {"notice_days": 7, "objection_window": "柳荫社区服务中心 1 号窗口", "objection_phone": "0000-8123456",
               "objection_box": "服务中心门口意见箱", "budget_fen": 60_000, "monthly_cap": 65_000},
    "xingshi": {"notice_days": 7, "objection_window": "兴石花园党群服务站", "objection_phone": "0000-8123457",
                "budget_fen": 40_000},
    "shiqiao": {"notice_days": 5, "objection_window": "石桥村村务公开栏旁意见箱", "objection_phone": "0000-8123458",
                "budget_fen": 150_000},
}


@dataclass(frozen=True)
class Neighbour:
    """A resident as the story knows one: plain values that outlive the day's unit of work."""

    id: int
    name: str
    is_child: bool


@dataclass
class Home:
    """One community of the demo as the story uses it: ids, actors by username, residents, team members."""

    place: Place
    area: accounts.Ground
    staff: dict[str, Actor] = field(default_factory=dict)
    residents: list[Neighbour] = field(default_factory=list)
    users: dict[int, int] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)
    members: dict[str, list[Neighbour]] = field(default_factory=dict)

    def actor(self, resident: Neighbour) -> Actor:
        """Somebody who acts for this resident: the phone's owner."""
        return Actor(user_id=self.users[resident.id], community_id=self.area.id, resident_id=resident.id,
                     area_path=self.area.path, name=resident.name, community_name=self.area.name)


def _areas() -> dict[str, Area]:
    root = system()
    county = communities.create_area(root, kind=AreaKind.COUNTY, code=COUNTY[0], name=COUNTY[1])
    town = communities.create_area(root, kind=AreaKind.TOWN, code=TOWN[0], name=TOWN[1], parent_id=county.id)
    areas = {COUNTY[0]: county, TOWN[0]: town}
    for place in PLACES:
        area = communities.create_area(root, kind=AreaKind.COMMUNITY, code=place.code, name=place.name,
                                       parent_id=town.id)
        areas[place.code] = area
        grids = [communities.create_area(root, kind=AreaKind.GRID, code=f"{place.code}-g{number}",
                                         name=f"{place.name}第{number}网格", parent_id=area.id) for number in (1, 2)]
        for number, name in enumerate(place.buildings, 1):
            communities.create_area(root, kind=AreaKind.BUILDING, code=f"{place.code}-b{number}", name=name,
                                    parent_id=grids[number > 2].id)
        communities.update_settings(system(area.id), area.id, SETTINGS[place.code])
    return areas


def _import(home: Home, people_of: Sequence[Person]) -> None:
    sheet = sheets.write_xlsx(home.place.name, HEADINGS, [person.row for person in people_of])
    report = roster.import_roster(system(home.area.id), sheet)
    assert not report.faults, report.faults[:3]
    # A birthday matters where somebody is a minor; the sheet doesn't carry it, the office adds it.
    known = {r.name: r for r in db.session.scalars(sa.select(Resident).where(Resident.community_id == home.area.id))}
    for person in people_of:
        if person.relation == "孙辈":
            child = known[person.name]
            people.change_resident(system(home.area.id), child.id, name=child.name, phone=child.phone,
                                   born_on=person.born_on, area_id=child.area_id)


def _staff(homes: dict[str, Home], areas: dict[str, Area], hashed: str) -> None:
    for each in accounts.STAFF:
        area = areas[each.home]
        home = homes.get(each.home)
        actor = system(area.id)
        user = people.create_user(actor, name=each.name, username=each.username, password_hash=hashed, is_demo=True)
        team_id = home.teams[each.team] if home is not None and each.team else None
        people.grant(actor, user_id=user.id, role=Role(each.role), area_id=area.id, team_id=team_id)
        for place in homes.values():
            if home is None or place is home:
                place.staff[each.username] = accounts.actor_of(user.id, place.area)


def _load(home: Home) -> None:
    home.residents = [Neighbour(r.id, r.name, r.born_on is not None) for r in db.session.scalars(
        sa.select(Resident).where(Resident.community_id == home.area.id).order_by(Resident.id))]
    links = db.session.execute(
        sa.select(UserResident.resident_id, UserResident.user_id)
        .join(Resident, Resident.id == UserResident.resident_id)
        .where(Resident.community_id == home.area.id, UserResident.kind == LinkKind.SELF))
    home.users = {row.resident_id: row.user_id for row in links}


def _teams(homes: dict[str, Home], cast: Cast) -> None:
    for code, name, kind, size in TEAMS:
        home = homes[code]
        actor = system(home.area.id)
        team: Team = people.create_team(actor, name=name, kind=kind)
        home.teams[name] = team.id
        taken = {r.id for members in home.members.values() for r in members}
        grown = [r for r in home.residents if r.id in home.users and not r.is_child and r.id not in taken]
        chosen = cast.random.sample(grown, size)
        home.members[name] = sorted(chosen, key=lambda r: r.id)
        for resident in home.members[name]:
            people.add_team_member(actor, team.id, resident.id)


def _open_to_visitors(homes: dict[str, Home], hashed: str) -> None:
    """The demo's password for two members of each first team, so that visitors can be residents."""
    for home in homes.values():
        for resident in next(iter(home.members.values()))[:2]:
            user = db.session.get_one(User, home.users[resident.id])
            user.is_demo = True
            people.set_password(home.actor(resident), hashed)


def found(cast: Cast) -> dict[str, Home]:
    """Everything that is there before the story begins; one unit of work per community's roster."""
    hashed = passwords.hash_password(accounts.PASSWORD)
    with transaction():
        areas = _areas()
    homes = {place.code: Home(place, accounts.Ground(areas[place.code].id, areas[place.code].path, place.name))
             for place in PLACES}
    for home in homes.values():
        with transaction():
            _import(home, cast.roster(home.place))
            _load(home)
    with transaction():
        _teams(homes, cast)
        _staff(homes, areas, hashed)
        _open_to_visitors(homes, hashed)
        for home in homes.values():
            people.issue_cards(system(home.area.id), [r.id for r in home.residents[:60]])
    return homes
