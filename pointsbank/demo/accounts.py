"""Who can sign in to the demo, with which password, and as whom the story acts."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities.models import Area, AreaKind
from pointsbank.core.actor import Actor, Grant
from pointsbank.core.db import db
from pointsbank.people.models import Appointment, User, UserResident
from pointsbank.people.roles import Role

PASSWORD = "demo-points-2026"


@dataclass(frozen=True)
class Staff:
    """A demo sign-in with an appointment. ``home`` is the code of an area; ``team`` a team's name for leaders."""

    username: str
    name: str
    role: Role
    home: str
    team: str | None = None


@dataclass(frozen=True)
class Ground:
    """A community as the story knows it: plain values that outlive the day's unit of work."""

    id: int
    path: str
    name: str


STAFF = (
    Staff("admin", "系统管理员", Role.ADMINISTRATOR, "yunxi"),
    Staff("jiedao", "街道督导员 何敏", Role.AREA_SUPERVISOR, "liuyin-street"),
    Staff("weiyuan", "居委会 罗光明", Role.COMMITTEE_MEMBER, "liuyin"),
    Staff("weiyuan2", "居委会 蔡文英", Role.COMMITTEE_MEMBER, "liuyin"),
    Staff("shenhe", "评议员 许静", Role.REVIEWER, "liuyin"),
    Staff("duizhang", "队长 唐小芹", Role.TEAM_LEADER, "liuyin", "柳荫志愿服务队"),
    Staff("duizhang2", "队长 沈国梁", Role.TEAM_LEADER, "liuyin", "夕阳红巡逻队"),
    Staff("dianzhang", "店长 方秀英", Role.SHOP_KEEPER, "liuyin"),
    Staff("kuguan", "库管员 马建国", Role.STOCK_MANAGER, "liuyin"),
    Staff("jianguan", "超市监督 石玉兰", Role.SHOP_SUPERVISOR, "liuyin"),
    Staff("wangge", "网格员 韩雪", Role.GRID_WORKER, "liuyin"),
    Staff("wuye", "物业维修 高志强", Role.MICRO_GRID_WORKER, "liuyin"),
    Staff("xs-weiyuan", "居委会 白雪梅", Role.COMMITTEE_MEMBER, "xingshi"),
    Staff("xs-shenhe", "评议员 丁力", Role.REVIEWER, "xingshi"),
    Staff("xs-tuanzhang", "观察团团长 江海涛", Role.TEAM_LEADER, "xingshi", "啄木鸟市民观察团"),
    Staff("xs-dianzhang", "店长 陆小曼", Role.SHOP_KEEPER, "xingshi"),
    Staff("xs-kuguan", "库管员 孔德明", Role.STOCK_MANAGER, "xingshi"),
    Staff("xs-wuye", "物业维修 雷大勇", Role.MICRO_GRID_WORKER, "xingshi"),
    Staff("sq-weiyuan", "村委会 石大海", Role.COMMITTEE_MEMBER, "shiqiao"),
    Staff("sq-shenhe", "评议员 石春花", Role.REVIEWER, "shiqiao"),
    Staff("sq-duizhang", "队长 石磊", Role.TEAM_LEADER, "shiqiao", "石桥村志愿服务队"),
    Staff("sq-dianzhang", "店长 桥翠翠", Role.SHOP_KEEPER, "shiqiao"),
    Staff("sq-kuguan", "库管员 石有福", Role.STOCK_MANAGER, "shiqiao"),
    Staff("sq-weixiu", "维修组 石建军", Role.MICRO_GRID_WORKER, "shiqiao"),
)
SHOWN = ("weiyuan", "shenhe", "duizhang", "dianzhang", "wuye", "jiedao", "xs-tuanzhang", "xs-weiyuan")


def has_communities() -> bool:
    """True when the database holds a community already."""
    return db.session.scalar(sa.select(sa.literal(1)).where(Area.kind == AreaKind.COMMUNITY).limit(1)) is not None


def demo_residents() -> list[tuple[str, str]]:
    """Phone number and name of the demo's residents who can sign in with the password."""
    rows = db.session.execute(
        sa.select(User.phone, User.name).join(UserResident, UserResident.user_id == User.id).distinct()
        .where(User.is_demo, User.password_hash.is_not(None), User.phone.is_not(None)).order_by(User.phone))
    return [(str(phone), name) for phone, name in rows]


def sign_ins() -> list[str]:
    """Lines to print at start-up; empty where there is no demo."""
    users = {u.username: u for u in db.session.scalars(sa.select(User).where(User.is_demo, User.username.in_(SHOWN)))}
    if not users:
        return []
    lines = [f"Sign-ins of the demo, all with the password {PASSWORD}:"]
    lines += [f"  {phone:<14}{name}" for phone, name in demo_residents()[:3]]
    lines += [f"  {s.username:<14}{s.name} ({s.role.value}, {s.home})" for s in STAFF if s.username in users]
    return lines


def actor_of(user_id: int, community: Ground, resident_id: int | None = None) -> Actor:
    """The actor that the web edge would load for this user in this community."""
    rows = db.session.execute(
        sa.select(Appointment.role, Appointment.area_id, Area.path, Appointment.team_id)
        .join(Area, Area.id == Appointment.area_id)
        .where(Appointment.user_id == user_id, Appointment.until_at.is_(None)))
    grants = tuple(Grant(role.value, area_id, path, team_id) for role, area_id, path, team_id in rows)
    return Actor(user_id=user_id, community_id=community.id, resident_id=resident_id, area_path=community.path,
                 name="demo", grants=grants, community_name=community.name)
