"""Questions about people that rooms above ask. All are set-based: one statement for any number of people."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from pointsbank.communities.models import Area
from pointsbank.core import clock, tenancy, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.people.errors import CardBlocked, NoSuchCard, WrongNumber
from pointsbank.people.models import (
    Appointment,
    Card,
    CardState,
    Household,
    HouseholdMember,
    LinkKind,
    Resident,
    ResidentTag,
    Team,
    TeamMember,
    User,
    UserResident,
)
from pointsbank.people.roles import JUDGES, Role

CARD_CODE_LENGTH = 16  # 80 bits in base32


def residents_by_id(community_id: int, ids: Iterable[int]) -> dict[int, Resident]:
    """Residents of one community by id; ids of other communities are left out."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = db.session.scalars(scoped(Resident, community_id).where(Resident.id.in_(wanted)))
    return {r.id: r for r in rows}


def resident(community_id: int | None, resident_id: int) -> Resident:
    """One resident of this community. Raises NotFound."""
    return get_scoped(Resident, resident_id, community_id)


def _on(day: dt.date) -> sa.ColumnElement[bool]:
    return sa.and_(HouseholdMember.since_on <= day,
                   sa.or_(HouseholdMember.until_on.is_(None), HouseholdMember.until_on > day))


def household_on(community_id: int, resident_ids: Iterable[int], day: dt.date) -> dict[int, Household | None]:
    """Each resident's household on a day; None for those who belonged to none."""
    wanted = set(resident_ids)
    found: dict[int, Household | None] = dict.fromkeys(wanted)
    if wanted:
        rows = db.session.execute(
            sa.select(HouseholdMember.resident_id, Household)
            .join(Household, Household.id == HouseholdMember.household_id)
            .where(HouseholdMember.community_id == community_id, HouseholdMember.resident_id.in_(wanted), _on(day)))
        found.update((row[0], row[1]) for row in rows)
    return found


def households_by_id(community_id: int, ids: Iterable[int]) -> dict[int, Household]:
    """Households of one community by id."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {h.id: h for h in db.session.scalars(scoped(Household, community_id).where(Household.id.in_(wanted)))}


def household_numbered(community_id: int, number: str) -> Household | None:
    """The household of this number on the door list."""
    plain = "".join(number.split())
    return db.session.scalars(scoped(Household, community_id).where(
        Household.number == plain, Household.closed_on.is_(None))).one_or_none()


def members_on(community_id: int, household_ids: Iterable[int], day: dt.date) -> dict[int, list[HouseholdMember]]:
    """The members of households on a day with their residents, heads first."""
    wanted = set(household_ids)
    found: dict[int, list[HouseholdMember]] = {i: [] for i in wanted}
    if wanted:
        rows = db.session.scalars(
            scoped(HouseholdMember, community_id)
            .where(HouseholdMember.household_id.in_(wanted), _on(day))
            .options(joinedload(HouseholdMember.resident))
            .order_by(HouseholdMember.is_head.desc(), HouseholdMember.id))
        for row in rows:
            found[row.household_id].append(row)
    return found


def present_members(community_id: int, household_id: int) -> list[HouseholdMember]:
    """Who belongs to a household as far as is entered, with their residents, the head first. Read anew."""
    return list(db.session.scalars(
        scoped(HouseholdMember, community_id)
        .where(HouseholdMember.household_id == household_id, HouseholdMember.until_on.is_(None))
        .options(joinedload(HouseholdMember.resident)).execution_options(populate_existing=True)
        .order_by(HouseholdMember.is_head.desc(), HouseholdMember.id)))


def present_membership(community_id: int, resident_id: int) -> HouseholdMember | None:
    """The household that somebody belongs to as far as is entered. Read anew."""
    return db.session.scalars(
        scoped(HouseholdMember, community_id)
        .where(HouseholdMember.resident_id == resident_id, HouseholdMember.until_on.is_(None))
        .execution_options(populate_existing=True)).one_or_none()


def heads(community_id: int, household_ids: Iterable[int]) -> dict[int, Resident]:
    """The present heads of households."""
    wanted = set(household_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        sa.select(HouseholdMember.household_id, Resident).join(Resident, Resident.id == HouseholdMember.resident_id)
        .where(HouseholdMember.community_id == community_id, HouseholdMember.household_id.in_(wanted),
               HouseholdMember.until_on.is_(None), HouseholdMember.is_head))
    return {row[0]: row[1] for row in rows}


def households_then(community_id: int, resident_ids: Iterable[int]) -> Callable[[int, dt.date], int | None]:
    """To which household somebody belonged on any day, in one statement: ``households_then(...)(resident_id, day)``."""
    rows = db.session.execute(
        sa.select(HouseholdMember.resident_id, HouseholdMember.household_id, HouseholdMember.since_on,
                  HouseholdMember.until_on)
        .where(HouseholdMember.community_id == community_id, HouseholdMember.resident_id.in_(set(resident_ids)))).all()
    of: dict[int, list[tuple[int, dt.date, dt.date | None]]] = defaultdict(list)
    for row in rows:
        of[row.resident_id].append((row.household_id, row.since_on, row.until_on))
    return lambda resident_id, day: next((home for home, since_on, until_on in of.get(resident_id, ())
                                          if since_on <= day and (until_on is None or day < until_on)), None)


def heads_then(community_id: int, household_ids: Iterable[int]) -> Callable[[int | None, dt.date], int | None]:
    """Who was the head of each household on any day, in one statement: ``heads_then(...)(household_id, day)``."""
    wanted = set(household_ids)
    rows = db.session.execute(
        sa.select(HouseholdMember.household_id, HouseholdMember.resident_id, HouseholdMember.since_on,
                  HouseholdMember.until_on)
        .where(HouseholdMember.community_id == community_id, HouseholdMember.household_id.in_(wanted),
               HouseholdMember.is_head)).all() if wanted else []
    of: dict[int | None, list[tuple[int, dt.date, dt.date | None]]] = defaultdict(list)
    for row in rows:
        of[row.household_id].append((row.resident_id, row.since_on, row.until_on))

    def on_day(household_id: int | None, day: dt.date) -> int | None:
        return next((resident_id for resident_id, since_on, until_on in of[household_id]
                     if since_on <= day and (until_on is None or day < until_on)), None)

    return on_day


def relatives(community_id: int, resident_id: int, day: dt.date) -> dict[int, Resident]:
    """The family of a resident by id: who shared the household on a day, or has the same user to act for them."""
    home = household_on(community_id, [resident_id], day)[resident_id]
    members = members_on(community_id, [home.id], day)[home.id] if home is not None else []
    users = users_of_resident([resident_id]).get(resident_id, set())
    linked = set(db.session.scalars(sa.select(UserResident.resident_id).where(UserResident.user_id.in_(users))))
    found = residents_by_id(community_id, {member.resident_id for member in members} | linked)
    return {i: person for i, person in found.items() if i != resident_id}


def headless(community_id: int) -> sa.Select[int]:
    """The ids of households that somebody belongs to, but nobody as the head: nobody is told when points are spent."""
    present = sa.and_(HouseholdMember.household_id == Household.id, HouseholdMember.until_on.is_(None))
    somebody = sa.select(sa.literal(1)).where(present).exists()
    head = sa.select(sa.literal(1)).where(present, HouseholdMember.is_head).exists()
    return sa.select(Household.id).where(Household.community_id == community_id, somebody, ~head)


def households_of_user(user_id: int, day: dt.date) -> set[int]:
    """Every household that a resident of this user's belongs to on a day.

    Inside a request PostgreSQL leaves out those of other communities; they are compared with households of this one.
    """
    return set(db.session.scalars(
        sa.select(HouseholdMember.household_id)
        .join(UserResident, UserResident.resident_id == HouseholdMember.resident_id)
        .where(UserResident.user_id == user_id, _on(day))))


def households_of_actor(actor: Actor, day: dt.date) -> set[int]:
    """Every household that the actor's user is linked to: nobody decides about these."""
    return households_of_user(actor.user_id, day) if actor.user_id is not None else set()


def residents_of_user(user_id: int) -> Sequence[Resident]:
    """The residents that a user may act for, in every community; oneself first."""
    query = (sa.select(Resident).join(UserResident, UserResident.resident_id == Resident.id)
             .where(UserResident.user_id == user_id, Resident.erased_at.is_(None), Resident.left_on.is_(None))
             .order_by(UserResident.kind.desc(), Resident.id))
    with tenancy.unscoped():  # a family may live in two communities
        return db.session.scalars(query).all()


def users_of_resident(resident_ids: Iterable[int]) -> dict[int, set[int]]:
    """The users who may act for each of these residents."""
    found: dict[int, set[int]] = defaultdict(set)
    wanted = set(resident_ids)
    if wanted:
        rows = db.session.execute(sa.select(UserResident.resident_id, UserResident.user_id)
                                  .where(UserResident.resident_id.in_(wanted)))
        for resident_id, user_id in rows:
            found[resident_id].add(user_id)
    return dict(found)


def selves_of_users(user_ids: Iterable[int]) -> list[tuple[int, int]]:
    """(community, resident) that these users are themselves, wherever they live: whose inbox reaches them."""
    wanted = set(user_ids)
    if not wanted:
        return []
    query = (sa.select(Resident.community_id, Resident.id)
             .join(UserResident, UserResident.resident_id == Resident.id)
             .where(UserResident.user_id.in_(wanted), UserResident.kind == LinkKind.SELF, Resident.left_on.is_(None))
             .order_by(Resident.id))
    with tenancy.unscoped():  # an office above is somebody's neighbour elsewhere
        return [(community_id, resident_id) for community_id, resident_id in db.session.execute(query)]


def users_by_id(ids: Iterable[int]) -> dict[int, User]:
    """Users by id."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {u.id: u for u in db.session.scalars(sa.select(User).where(User.id.in_(wanted)))}


def names_of_users(ids: Iterable[int]) -> dict[int, str]:
    """The names of users, for "who and when" beside each step."""
    return {i: u.name for i, u in users_by_id(ids).items()}


def member_called(community_id: int, name: str, household_number: str, day: dt.date) -> Resident | None:
    """The resident of this name who belongs to this household on a day; None where nobody, or more than one, fits."""
    found = db.session.scalars(
        scoped(Resident, community_id).join(HouseholdMember, HouseholdMember.resident_id == Resident.id)
        .join(Household, Household.id == HouseholdMember.household_id)
        .where(Resident.name == name, Household.number == household_number, Resident.left_on.is_(None),
               Resident.erased_at.is_(None), _on(day)).limit(2)).all()
    return found[0] if len(found) == 1 else None


def adults_of_household(community_id: int, household_id: int, day: dt.date) -> list[Resident]:
    """The grown-up members on a day: any of them may spend the household's wallet."""
    members = members_on(community_id, [household_id], day)[household_id]
    return [m.resident for m in members if not m.resident.is_minor(day)]


def search_residents(community_id: int, text: str, limit: int = 20) -> Sequence[Resident]:
    """Present residents by part of the name, household number, or the whole phone or card number."""
    clean = text.strip()[:60]  # no name or number is longer
    query = scoped(Resident, community_id).where(Resident.left_on.is_(None), Resident.erased_at.is_(None))
    if clean:
        in_household = (
            sa.select(HouseholdMember.resident_id).join(Household, Household.id == HouseholdMember.household_id)
            .where(HouseholdMember.community_id == community_id, HouseholdMember.until_on.is_(None),
                   Household.number.startswith(clean, autoescape=True)))
        by_card = sa.select(Card.resident_id).where(
            Card.community_id == community_id, Card.number == clean, Card.state == CardState.ACTIVE)
        query = query.where(sa.or_(
            Resident.name.contains(clean, autoescape=True), Resident.phone == clean,
            Resident.id.in_(in_household), Resident.id.in_(by_card)))
    return db.session.scalars(query.order_by(Resident.name, Resident.id).limit(min(limit, 100))).all()


# ── Teams ───────────────────────────────────────────────────────────────────────────────────────────────────────


def team(community_id: int | None, team_id: int) -> Team:
    """One team of this community. Raises NotFound."""
    return get_scoped(Team, team_id, community_id)


def teams(community_id: int, *, closed: bool = False) -> Sequence[Team]:
    """The teams of a community by name."""
    query = scoped(Team, community_id)
    if not closed:
        query = query.where(Team.closed_on.is_(None))
    return db.session.scalars(query.order_by(Team.name)).all()


def _in_team_on(day: dt.date) -> sa.ColumnElement[bool]:
    return sa.and_(TeamMember.since_on <= day, sa.or_(TeamMember.until_on.is_(None), TeamMember.until_on > day))


def is_team_member(team_id: int, resident_id: int, day: dt.date) -> bool:
    """Somebody belongs to the team on a day."""
    return bool(db.session.scalar(sa.select(sa.literal(1)).where(
        TeamMember.team_id == team_id, TeamMember.resident_id == resident_id, _in_team_on(day)).limit(1)))


def team_members(community_id: int, team_id: int, day: dt.date) -> Sequence[TeamMember]:
    """The members of a team on a day, with their residents, by name."""
    return db.session.scalars(
        sa.select(TeamMember).join(Resident, Resident.id == TeamMember.resident_id)
        .where(Resident.community_id == community_id, TeamMember.team_id == team_id, _in_team_on(day))
        .options(joinedload(TeamMember.resident)).order_by(Resident.name, Resident.id)).all()


def teams_of_resident(resident_id: int, day: dt.date) -> Sequence[Team]:
    """The teams that somebody belongs to on a day."""
    return db.session.scalars(
        sa.select(Team).join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.resident_id == resident_id, _in_team_on(day)).order_by(Team.name)).all()


def leaders_of(team_ids: Iterable[int]) -> dict[int, list[User]]:
    """Who leads each of these teams now."""
    found: dict[int, list[User]] = defaultdict(list)
    wanted = set(team_ids)
    if wanted:
        rows = db.session.execute(
            sa.select(Appointment.team_id, User).join(User, User.id == Appointment.user_id)
            .where(Appointment.team_id.in_(wanted), Appointment.role == Role.TEAM_LEADER, _in_force())
            .order_by(User.id))
        for team_id, user in rows:
            found[team_id or 0].append(user)
    return dict(found)


# ── Tags ────────────────────────────────────────────────────────────────────────────────────────────────────────


def tags_on(community_id: int, resident_ids: Iterable[int], day: dt.date) -> dict[int, frozenset[str]]:
    """The tags that each of these residents carries on a day; one statement. Never for public pages."""
    found: dict[int, set[str]] = {i: set() for i in resident_ids}
    if found:
        rows = db.session.execute(sa.select(ResidentTag.resident_id, ResidentTag.tag).where(
            ResidentTag.community_id == community_id, ResidentTag.resident_id.in_(found), ResidentTag.since_on <= day,
            sa.or_(ResidentTag.until_on.is_(None), ResidentTag.until_on > day)))
        for resident_id, tag in rows:
            found[resident_id].add(tag)
    return {i: frozenset(tags) for i, tags in found.items()}


def tags_then(community_id: int, resident_ids: Iterable[int]) -> Callable[[int, dt.date], frozenset[str]]:
    """What tags somebody carried on any day, in one statement: ``tags_then(...)(resident_id, day)``."""
    rows = db.session.scalars(scoped(ResidentTag, community_id).where(
        ResidentTag.resident_id.in_(set(resident_ids)))).all()
    of: dict[int, list[ResidentTag]] = defaultdict(list)
    for row in rows:
        of[row.resident_id].append(row)

    def on_day(resident_id: int, day: dt.date) -> frozenset[str]:
        return frozenset(row.tag for row in of.get(resident_id, ())
                         if row.since_on <= day and (row.until_on is None or day < row.until_on))

    return on_day


def tags_of(community_id: int, resident_id: int) -> Sequence[ResidentTag]:
    """Every tag that a resident carries or carried, those of today first."""
    return db.session.scalars(
        scoped(ResidentTag, community_id).where(ResidentTag.resident_id == resident_id)
        .order_by(ResidentTag.until_on.is_not(None), ResidentTag.since_on.desc(), ResidentTag.id)).all()


# ── Appointments ────────────────────────────────────────────────────────────────────────────────────────────────


def _in_force() -> sa.ColumnElement[bool]:
    now = clock.now()
    return sa.and_(Appointment.since_at <= now, sa.or_(Appointment.until_at.is_(None), Appointment.until_at > now))


@dataclass(frozen=True)
class Judge:
    """Somebody who may decide on a deed or an objection; ``from_above`` tells that the item went to the parent area."""

    user_id: int
    name: str
    role: Role
    area_id: int
    from_above: bool = False


def _judges(paths: sa.ColumnElement[bool], roles: Sequence[Role]) -> list[tuple[Appointment, User, Area]]:
    return [tuple(row) for row in db.session.execute(  # type: ignore[misc]
        sa.select(Appointment, User, Area).join(User, User.id == Appointment.user_id)
        .join(Area, Area.id == Appointment.area_id)
        .where(paths, Appointment.role.in_(roles), Appointment.team_id.is_(None), _in_force(),
               User.disabled_at.is_(None), User.frozen_at.is_(None))
        .order_by(sa.func.length(Area.path).desc(), Appointment.id))]


def _kin(user_ids: Iterable[int], household_ids: Iterable[int]) -> set[int]:
    """The users among these who are linked to somebody of these households now."""
    users, homes = set(user_ids), set(household_ids)
    if not users or not homes:
        return set()
    return set(db.session.scalars(
        sa.select(UserResident.user_id).join(HouseholdMember, HouseholdMember.resident_id == UserResident.resident_id)
        .where(UserResident.user_id.in_(users), HouseholdMember.household_id.in_(homes), _on(clock.today()))))


def _independent(found: list[tuple[Appointment, User, Area]], users: set[int], homes: set[int], *,
                 from_above: bool) -> list[Judge]:
    kin = _kin((user.id for _a, user, _p in found), homes)
    judges: dict[int, Judge] = {}
    for appointment, user, area in found:
        if user.id not in users and user.id not in kin:
            judges.setdefault(user.id, Judge(user.id, user.name, appointment.role, area.id, from_above))
    return list(judges.values())


def independent_judges(community_id: int, excluded_user_ids: Iterable[int] = (),
                       excluded_household_ids: Iterable[int] = (), roles: Sequence[Role] = JUDGES) -> list[Judge]:
    """Who of the community itself may decide: no excluded user, nobody linked to an excluded household.

    Empty means that nobody independent is here: the item goes to :func:`supervisors_above`.
    """
    found = _judges(Area.id == community_id, roles)
    return _independent(found, set(excluded_user_ids), set(excluded_household_ids), from_above=False)


def supervisors_above(community_id: int, excluded_user_ids: Iterable[int] = (),
                      excluded_household_ids: Iterable[int] = (), roles: Sequence[Role] = JUDGES) -> list[Judge]:
    """The area supervisors and committees of the areas above a community, the nearest area first."""
    path = db.session.scalar(sa.select(Area.path).where(Area.id == community_id)) or ""
    ids = [int(part) for part in path.split(".") if part and int(part) != community_id]
    found = _judges(Area.id.in_(ids), roles)
    return _independent(found, set(excluded_user_ids), set(excluded_household_ids), from_above=True)


def deciders(community_id: int, excluded_user_ids: Iterable[int] = (), excluded_household_ids: Iterable[int] = (),
             roles: Sequence[Role] = JUDGES) -> list[Judge]:
    """The independent judges of the community or, if there are none, those above it, marked ``from_above``."""
    users, homes = set(excluded_user_ids), set(excluded_household_ids)
    return (independent_judges(community_id, users, homes, roles)
            or supervisors_above(community_id, users, homes, roles))


def holders(community_id: int, *roles: Role) -> list[User]:
    """The users with one of these roles on the community itself."""
    return [user for _a, user, _p in _judges(Area.id == community_id, roles)]


# ── Cards ───────────────────────────────────────────────────────────────────────────────────────────────────────


def find_card(community_id: int | None, text: str, *, moved_away: bool = False) -> Card:
    """The active card behind a scanned code (or its address ``…/c/CODE``) or a spoken number, with its resident.

    ``moved_away``: also that of somebody who may only spend what is left. Raises WrongNumber for a digit misread,
    NoSuchCard, CardBlocked.
    """
    clean = text.strip().rsplit("/", 1)[-1].replace(" ", "").replace("-", "")
    if clean.isdigit() and len(clean) != CARD_CODE_LENGTH:
        if len(clean) != 8 or not tokens.damm_valid(clean):
            raise WrongNumber
        where = Card.number == clean
    else:
        where = Card.code_hash == tokens.digest(tokens.to_base32(tokens.from_base32(clean)))
    card = db.session.scalars(
        scoped(Card, community_id).where(where).options(joinedload(Card.resident))
        .order_by(Card.issue.desc()).limit(1)).one_or_none()
    if card is None or card.resident.erased_at is not None:
        raise NoSuchCard
    if card.state is not CardState.ACTIVE or (card.resident.left_on is not None and not moved_away):
        raise CardBlocked
    return card


def card_of(community_id: int, resident_id: int) -> Card | None:
    """The active card of a resident."""
    return db.session.scalars(
        scoped(Card, community_id).where(Card.resident_id == resident_id, Card.state == CardState.ACTIVE)).one_or_none()


def cards_of(community_id: int, resident_ids: Iterable[int]) -> dict[int, Card]:
    """The active cards of residents."""
    wanted = set(resident_ids)
    if not wanted:
        return {}
    rows = db.session.scalars(
        scoped(Card, community_id).where(Card.resident_id.in_(wanted), Card.state == CardState.ACTIVE))
    return {c.resident_id: c for c in rows}


def has_demo_accounts() -> bool:
    """The database holds sign-ins whose passwords are public."""
    return bool(db.session.scalar(sa.select(sa.literal(1)).where(User.is_demo, User.disabled_at.is_(None)).limit(1)))
