"""The people who try the demo street's doors, and the few things that its three months left empty."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import sqlalchemy as sa

from pointsbank.activities import services as activities
from pointsbank.cases import queries as case_queries
from pointsbank.cases import services as cases
from pointsbank.communities import services as communities
from pointsbank.communities.models import Area, AreaKind
from pointsbank.contributions import services as contributions
from pointsbank.contributions.models import AwardLine, LineState
from pointsbank.core import clock, tokens
from pointsbank.core.actor import Actor, Grant, system
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import DomainError
from pointsbank.demo import accounts
from pointsbank.demo.trade import picture
from pointsbank.honours import services as honours
from pointsbank.honours.models import HonourAward
from pointsbank.ledger.services import opening
from pointsbank.media import services as media
from pointsbank.people import jobs as roster_jobs
from pointsbank.people import roster
from pointsbank.people import services as people
from pointsbank.people.models import (
    Appointment,
    ExportKind,
    Household,
    LinkKind,
    Resident,
    SignInSession,
    Team,
    User,
    UserResident,
)
from pointsbank.people.roles import Role
from pointsbank.reviews import services as reviews
from pointsbank.reviews.periods import PeriodKind, containing
from pointsbank.shop import services as shop
from pointsbank.shop.models import Outlet, StockLot

HOME, AWAY, NEAR = "liuyin", "shiqiao", "xingshi"


@dataclass(frozen=True)
class Player:
    """Somebody with an open session: ``cookie`` in a browser, ``bearer`` in an API client."""

    user_id: int
    community_id: int
    resident_id: int | None
    cookie: str
    bearer: str


def area(code: str) -> Area:
    """The area of this code."""
    return db.session.scalars(sa.select(Area).where(Area.code == code)).one()


def play(user_id: int, community_id: int, resident_id: int | None) -> Player:
    """Open both kinds of session for a user."""
    found = []
    for is_bearer in (False, True):
        token = tokens.random_token()
        db.session.add(SignInSession(
            token_hash=tokens.digest(token), user_id=user_id, community_id=community_id, resident_id=resident_id,
            device="test", is_bearer=is_bearer, created_at=clock.now(),
            expires_at=clock.now() + dt.timedelta(days=300)))
        found.append(token)
    db.session.flush()
    return Player(user_id, community_id, resident_id, *found)


def appoint(name: str, place: Area, *roles: Role, resident_id: int | None = None) -> int:
    """A user with these roles on an area, acting for a resident if one is given."""
    user = people.create_user(system(place.id), name=name, username=name, is_demo=True)
    team = db.session.scalars(sa.select(Team.id).where(Team.community_id == place.id).order_by(Team.id)).first()
    for role in roles:  # not granted by anybody: no real person may hold them all on one area
        db.session.add(Appointment(user_id=user.id, role=role, area_id=place.id, since_at=clock.now(),
                                   team_id=team if role is Role.TEAM_LEADER else None, appointed_by="system"))
    if resident_id is not None:
        db.session.add(UserResident(user_id=user.id, resident_id=resident_id, kind=LinkKind.FAMILY,
                                    created_at=clock.now()))
    db.session.flush()
    return user.id


def grown_up(place: Area, number: int) -> int:
    """A resident with a phone and no birth date in the book: an adult."""
    return db.session.scalars(
        sa.select(Resident.id).where(Resident.community_id == place.id, Resident.born_on.is_(None),
                                     Resident.phone.is_not(None)).order_by(Resident.id).offset(number).limit(1)).one()


def _keeper(place: Area, user_id: int) -> None:
    outlet = db.session.scalars(sa.select(Outlet.id).where(Outlet.community_id == place.id).limit(1)).one()
    boss = Actor(user_id=user_id, community_id=place.id, area_path=place.path, name="boss",
                 grants=(Grant(Role.SHOP_SUPERVISOR.value, place.id, place.path),))
    shop.put_keeper(boss, outlet, user_id)


def _players() -> dict[str, Player]:
    """An insider and a stranger with every role at home and away; plain residents; one committee member each of the two
    other communities; the supervisor of another town."""
    home, away = area(HOME), area(AWAY)
    everything = [role for role in Role if role is not Role.ADMINISTRATOR]
    cast: dict[str, Player] = {}
    for key, place in (("insider", home), ("stranger", away)):
        resident = grown_up(place, 5)
        user_id = appoint(f"{key}-{place.code}", place, *everything, Role.ADMINISTRATOR, resident_id=resident)
        _keeper(place, user_id)
        cast[key] = play(user_id, place.id, resident)
    for key, place in (("resident", home), ("neighbour", away)):
        resident = grown_up(place, 9)
        user_id = db.session.scalars(sa.select(UserResident.user_id).where(
            UserResident.resident_id == resident, UserResident.kind == LinkKind.SELF)).first() or 0
        cast[key] = play(user_id, place.id, resident)
    county = area("yunxi")
    town = communities.create_area(system(), kind=AreaKind.TOWN, code="qinghe", name="清河镇", parent_id=county.id)
    far = communities.create_area(system(), kind=AreaKind.COMMUNITY, code="qinghe-1", name="清河一村",
                                  parent_id=town.id)
    boss = people.create_user(system(far.id), name="清河督导", username="qinghe-boss", is_demo=True)
    people.grant(system(far.id), user_id=boss.id, role=Role.AREA_SUPERVISOR, area_id=town.id)
    cast["supervisor"] = play(boss.id, far.id, None)
    for each in accounts.STAFF:
        if each.home in {HOME, NEAR}:
            user_id = db.session.scalars(sa.select(User.id).where(User.username == each.username)).one()
            cast[each.username] = play(user_id, area(each.home).id, None)
    return cast


def _actor(username: str, place: Area) -> Actor:
    user_id = db.session.scalars(sa.select(User.id).where(User.username == username)).one()
    return accounts.actor_of(user_id, accounts.Ground(place.id, place.path, place.name))


def _round_off() -> None:
    """What three months of the street leave empty: a place with a code, a draft, a count of stock, a correction,
    opening balances, a roster that waits for its answer."""
    home = area(HOME)
    clerk, keeper = _actor("weiyuan", home), _actor("kuguan", home)
    activities.add_venue(clerk, "柳荫文化室")
    team = db.session.scalars(sa.select(Team).where(Team.community_id == home.id).order_by(Team.id)).first()
    start = clock.now() + dt.timedelta(days=3)
    draft = activities.ActivityDraft(title="楼道小广告清理", starts_at=start, ends_at=start + dt.timedelta(hours=2),
                                     team_id=team.id if team else None, place="柳荫 2 栋")
    activities.submit(clerk, activities.plan(clerk, draft).id)
    activities.plan(clerk, draft)
    lot = db.session.scalars(sa.select(StockLot.id).where(StockLot.community_id == home.id, StockLot.on_hand > 3)
                             .limit(1)).one()
    shop.propose(keeper, lot, "write_off", 1, "包装破了")
    stocked = db.session.get_one(StockLot, lot)
    shop.receive(keeper, shop.Receipt(outlet_id=stocked.outlet_id, offer_id=stocked.offer_id, quantity=5,
                                      source="purchase", document="入库单 2026-09", unit_value_fen=100),
                 media.prepare(picture("box", "#8fb9a4")))
    posted = db.session.scalars(
        sa.select(AwardLine.contribution_id).where(AwardLine.community_id == home.id,
                                                   AwardLine.state == LineState.POSTED).order_by(AwardLine.id))
    for deed_id in list(posted)[:40]:
        try:
            with db.session.begin_nested():
                contributions.correct_award(clerk, deed_id, "多记了一小时")
        except DomainError:
            continue
        break
    award = db.session.scalars(sa.select(HonourAward).where(HonourAward.community_id == home.id)
                               .order_by(HonourAward.id)).first()
    if award is not None:
        honours.propose_revocation(clerk, award.id, "居民代表会议 2026 年第 3 次会议决定", clock.today())
    number = db.session.scalars(sa.select(Household.number).where(Household.community_id == home.id).limit(1)).one()
    sheet = f"户号,积分\n{number},12\n".encode()
    opening.import_opening(clerk, opening.read_opening(sheet), "老账.csv")
    raw = "姓名,户号,与户主关系,手机号\n新来人,新-0001,户主,10088887777\n".encode()
    roster_jobs.keep_upload(clerk, raw, roster.plan(clerk, raw), "花名册.csv")


def _lists(insider: Player) -> None:
    """A list that waits, one that was refused, and one that the insider may download."""
    home = area(HOME)
    clerk = _actor("weiyuan", home)
    asker = accounts.actor_of(insider.user_id, accounts.Ground(home.id, home.path, home.name))
    people.ask_for_export(clerk, ExportKind.HOUSEHOLDS, "核对门牌")
    people.refuse_export(clerk, people.ask_for_export(asker, ExportKind.HOUSEHOLDS, "核对户主").id, "门牌已经够用")
    people.approve_export(clerk, people.ask_for_export(asker, ExportKind.RESIDENTS, "发放防汛物资").id)


def _cases(place: Area, office: Player, sender: Player) -> None:
    """Kinds of problems, a unit of the one who holds every role, and cases that are new, given out, to inspect."""
    actor = _as(office, place)
    kinds = case_queries.categories(place.id).items  # the street's own
    unit = cases.add_unit(actor, "物业维修组", member_ids=[office.user_id]).id
    clerk, reporter = _as(_second(place), place), _as(sender, place)
    steps = [("accept", clerk, cases.Step()), ("assign", clerk, cases.Step(unit_id=unit, handler_id=office.user_id)),
             ("acknowledge", actor, cases.Step()), ("start", actor, cases.Step())]
    for number, far in enumerate((0, 0, 1, 2, 4, 5)):
        sent = cases.send(reporter, cases.ReportDraft(
            f"street-{number:04d}", kinds[number % 3].id, f"第 {number} 处坏了", f"柳荫路 {number} 号"))
        for verb, who, step in steps[:far]:
            cases.move(who, sent.case_id, verb, step)
        if far > len(steps):
            shot = media.store(actor, picture("box", "#7799aa"), "", "repair").id
            cases.move(actor, sent.case_id, "finish", cases.Step(photo_ids=[shot]))


def _as(player: Player, place: Area) -> Actor:
    found = accounts.actor_of(player.user_id, accounts.Ground(place.id, place.path, place.name))
    return replace(found, resident_id=player.resident_id)


def _second(place: Area) -> Player:
    """Somebody of the office beside whoever holds every role."""
    user_id = appoint(f"desk-{place.code}", place, Role.COMMITTEE_MEMBER)
    return Player(user_id, place.id, None, "", "")


def _reviews(place: Area) -> None:
    """The review of yesterday's cases, with a remark that an office would sign."""
    yesterday = containing(PeriodKind.DAILY, clock.today() - dt.timedelta(days=1))
    made = reviews.make(system(place.id), place.id, yesterday)
    assert made is not None
    reviews.remark(_actor("weiyuan" if place.code == HOME else "sq-weiyuan", place), made.id, "雨后先查下水井盖")


def assemble() -> tuple[dict[str, Player], int, int]:
    """Let the players come in; call inside an application context. Returns them with the ids of home and away."""
    with transaction():
        _round_off()
        cast = _players()
        _lists(cast["insider"])
        _cases(area(HOME), cast["insider"], cast["resident"])
        _cases(area(AWAY), cast["stranger"], cast["neighbour"])
        _reviews(area(HOME))
        _reviews(area(AWAY))
        return cast, area(HOME).id, area(AWAY).id
