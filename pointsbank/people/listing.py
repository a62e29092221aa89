"""The desk's lists of residents, households and appointments: searched, paged, and limited to what a role may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from pointsbank.communities.models import Area
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.core.paging import Page, page
from pointsbank.people import policy
from pointsbank.people.models import (
    Appointment,
    Card,
    CardState,
    ExportKind,
    ExportRequest,
    Household,
    HouseholdMember,
    LinkKind,
    Resident,
    Team,
    TeamMember,
    User,
    UserResident,
)

# No name or number is longer; a pattern of any length would be the database's trouble.
LONGEST_SEARCH = 60


@dataclass(frozen=True)
class Row:
    """A resident with the present household and what stands beside it."""

    resident: Resident
    number: str
    relation: str
    is_head: bool
    place: str


def _in_paths(actor: Actor, verb: str, area_column: Any) -> sa.ColumnElement[bool]:
    """Everything of the community, or only what lies in the grids and buildings of a role on the rounds."""
    paths = policy.own_paths(actor, verb)
    if not paths:
        raise Forbidden
    if actor.area_path in paths or any(actor.area_path.startswith(p) for p in paths):
        return sa.true()
    areas = sa.select(Area.id).where(sa.or_(*(Area.path.startswith(p, autoescape=True) for p in paths)))
    return area_column.in_(areas)


def _matching(community_id: int, text: str) -> sa.ColumnElement[bool]:
    text = text[:LONGEST_SEARCH]
    homes = (
        sa.select(HouseholdMember.resident_id).join(Household, Household.id == HouseholdMember.household_id)
        .where(HouseholdMember.community_id == community_id, HouseholdMember.until_on.is_(None),
               Household.number.startswith(text, autoescape=True)))
    cards = sa.select(Card.resident_id).where(Card.community_id == community_id, Card.number == text,
                                              Card.state == CardState.ACTIVE)
    return sa.or_(Resident.name.contains(text, autoescape=True), Resident.phone == text, Resident.id.in_(homes),
                  Resident.id.in_(cards))


def _residents(actor: Actor, text: str, *, left: bool) -> sa.Select[Any]:
    query = scoped(Resident, actor.community_id).where(_in_paths(actor, "residents.see", Resident.area_id))
    query = query.where(Resident.left_on.is_not(None) if left else Resident.left_on.is_(None))
    return query.where(_matching(actor.community_id or 0, text.strip())) if text.strip() else query


def _with_homes(actor: Actor, residents: Sequence[Resident]) -> list[Row]:
    ids = [r.id for r in residents]
    homes = {row.resident_id: row for row in db.session.execute(
        sa.select(HouseholdMember.resident_id, Household.number, HouseholdMember.relation, HouseholdMember.is_head)
        .join(Household, Household.id == HouseholdMember.household_id)
        .where(HouseholdMember.community_id == actor.community_id, HouseholdMember.resident_id.in_(ids),
               HouseholdMember.until_on.is_(None)))} if ids else {}
    places = {row.id: row.name for row in db.session.execute(
        sa.select(Area.id, Area.name).where(Area.id.in_({r.area_id for r in residents if r.area_id})))}
    found = []
    for resident in residents:
        home = homes.get(resident.id)
        found.append(Row(resident, home.number if home else "", home.relation if home else "",
                         bool(home and home.is_head), places.get(resident.area_id or 0, "")))
    return found


def residents(actor: Actor, *, text: str = "", left: bool = False, cursor: str | None = None,
              limit: int | None = None) -> Page[Row]:
    """Residents whom the actor may see, newest first. Raises Forbidden."""
    found = page(_residents(actor, text, left=left), Resident.id, cursor=cursor, limit=limit)
    return Page(_with_homes(actor, found.items), found.next)


def all_residents(actor: Actor, *, text: str = "", left: bool = False) -> list[Row]:
    """The whole list, for a download; by name."""
    found = db.session.scalars(_residents(actor, text, left=left).order_by(Resident.name, Resident.id)).all()
    return _with_homes(actor, found)


def count_listed(actor: Actor, kind: ExportKind, *, text: str = "", left: bool = False) -> int:
    """How long a whole list would be. Raises Forbidden."""
    query = _residents(actor, text, left=left) if kind is ExportKind.RESIDENTS else _households(actor, text)
    return db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def count_residents(community_id: int) -> int:
    """How many people live here now."""
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(Resident).where(
            Resident.community_id == community_id, Resident.left_on.is_(None))) or 0


def visible_resident(actor: Actor, resident_id: int) -> Resident:
    """One resident whom the actor may see. Raises NotFound."""
    row = db.session.scalars(
        scoped(Resident, actor.community_id)
        .where(Resident.id == resident_id, _in_paths(actor, "residents.see", Resident.area_id))).one_or_none()
    if row is None:
        raise NotFound
    return row


def memberships(community_id: int, resident_id: int) -> Sequence[HouseholdMember]:
    """Every household somebody belonged to, the latest first."""
    return db.session.scalars(
        scoped(HouseholdMember, community_id).where(HouseholdMember.resident_id == resident_id)
        .options(joinedload(HouseholdMember.household)).order_by(HouseholdMember.since_on.desc())).all()


def links(resident_id: int) -> list[tuple[User, LinkKind]]:
    """Who may act for a resident."""
    rows = db.session.execute(
        sa.select(User, UserResident.kind).join(UserResident, UserResident.user_id == User.id)
        .where(UserResident.resident_id == resident_id).order_by(UserResident.kind.desc(), User.id))
    return [(row[0], row[1]) for row in rows]


# ── Households ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class HomeRow:
    """A household with its head and how many belong to it."""

    household: Household
    head: str
    members: int
    place: str


def _households(actor: Actor, text: str) -> sa.Select[Any]:
    query = scoped(Household, actor.community_id).where(
        Household.closed_on.is_(None), _in_paths(actor, "households.see", Household.area_id))
    clean = text.strip()[:LONGEST_SEARCH]
    if clean:
        named = (
            sa.select(HouseholdMember.household_id).join(Resident, Resident.id == HouseholdMember.resident_id)
            .where(HouseholdMember.community_id == actor.community_id, HouseholdMember.until_on.is_(None),
                   Resident.name.contains(clean, autoescape=True)))
        query = query.where(sa.or_(Household.number.startswith(clean, autoescape=True), Household.id.in_(named)))
    return query


def _with_heads(actor: Actor, homes: Sequence[Household]) -> list[HomeRow]:
    ids = [h.id for h in homes]
    about = {row.household_id: row for row in db.session.execute(
        sa.select(HouseholdMember.household_id, sa.func.count().label("members"),
                  sa.func.max(sa.case((HouseholdMember.is_head, Resident.name))).label("head"))
        .join(Resident, Resident.id == HouseholdMember.resident_id)
        .where(HouseholdMember.community_id == actor.community_id, HouseholdMember.household_id.in_(ids),
               HouseholdMember.until_on.is_(None)).group_by(HouseholdMember.household_id))} if ids else {}
    places = {row.id: row.name for row in db.session.execute(
        sa.select(Area.id, Area.name).where(Area.id.in_({h.area_id for h in homes if h.area_id})))}
    return [HomeRow(h, about[h.id].head or "" if h.id in about else "", about[h.id].members if h.id in about else 0,
                    places.get(h.area_id or 0, "")) for h in homes]


def households(actor: Actor, *, text: str = "", cursor: str | None = None, limit: int | None = None) -> Page[HomeRow]:
    """Households the actor may see, newest first."""
    found = page(_households(actor, text), Household.id, cursor=cursor, limit=limit)
    return Page(_with_heads(actor, found.items), found.next)


def all_households(actor: Actor, *, text: str = "") -> list[HomeRow]:
    """The whole list by number, for a download."""
    return _with_heads(actor, db.session.scalars(_households(actor, text).order_by(Household.number)).all())


def visible_household(actor: Actor, household_id: int) -> Household:
    """One household that the actor may see. Raises NotFound."""
    row = db.session.scalars(
        scoped(Household, actor.community_id)
        .where(Household.id == household_id, _in_paths(actor, "households.see", Household.area_id))).one_or_none()
    if row is None:
        raise NotFound
    return row


def household_by_number(community_id: int | None, number: str) -> Household | None:
    """The household with this number."""
    return db.session.scalars(scoped(Household, community_id).where(
        Household.number == "".join(number.split()))).one_or_none()


def history(community_id: int, household_id: int) -> Sequence[HouseholdMember]:
    """Who belongs and belonged to a household, present members first."""
    return db.session.scalars(
        scoped(HouseholdMember, community_id).where(HouseholdMember.household_id == household_id)
        .options(joinedload(HouseholdMember.resident))
        .order_by(HouseholdMember.until_on.is_not(None), HouseholdMember.is_head.desc(), HouseholdMember.id)).all()


# ── Lists to take along ─────────────────────────────────────────────────────────────────────────────────────────


def exports(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[ExportRequest]:
    """Requests for whole lists, newest first. Raises Forbidden."""
    if not policy.can(actor, "exports.ask"):
        raise Forbidden
    return page(scoped(ExportRequest, actor.community_id), ExportRequest.id, cursor=cursor, limit=limit)


def export(actor: Actor, export_id: int) -> ExportRequest:
    """One request. Raises Forbidden and NotFound."""
    if not policy.can(actor, "exports.ask"):
        raise Forbidden
    return get_scoped(ExportRequest, export_id, actor.community_id)


# ── Teams and appointments ──────────────────────────────────────────────────────────────────────────────────────


def teams_page(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Team]:
    """The open teams of the community acted in."""
    query = scoped(Team, actor.community_id).where(Team.closed_on.is_(None))
    return page(query, Team.id, cursor=cursor, limit=limit)


def team_sizes(team_ids: Sequence[int]) -> dict[int, int]:
    """How many belong to each team now."""
    rows = db.session.execute(
        sa.select(TeamMember.team_id, sa.func.count()).where(
            TeamMember.team_id.in_(team_ids), TeamMember.until_on.is_(None)).group_by(TeamMember.team_id))
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class Held:
    """An appointment with its holder and place, and whether the viewer may end it."""

    appointment: Appointment
    user: User
    area: Area
    team: Team | None
    may_end: bool


def appointments(actor: Actor, *, ended: bool = False) -> list[Held]:
    """The roles held in the community acted in, by role. Raises Forbidden."""
    if not policy.can(actor, "appointments.see"):
        raise Forbidden
    now = clock.now()
    over = sa.and_(Appointment.until_at.is_not(None), Appointment.until_at <= now)
    rows = db.session.execute(
        sa.select(Appointment, User, Area, Team).join(User, User.id == Appointment.user_id)
        .join(Area, Area.id == Appointment.area_id).outerjoin(Team, Team.id == Appointment.team_id)
        .where(Area.path.startswith(actor.area_path, autoescape=True), over if ended else sa.not_(over))
        .order_by(Appointment.role, Appointment.id).limit(500))
    return [Held(a, u, area, team, policy.may_appoint(actor, a.role, area)) for a, u, area, team in rows]
