"""Who somebody is, for separation of duties: their people and households, their teams, the relatives they declared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from pointsbank.contributions.models import Contribution, DeclaredRelative
from pointsbank.contributions.policy import Facts, Stay, Tie
from pointsbank.core.db import db, scoped
from pointsbank.core.paging import Page, page
from pointsbank.people import queries as people
from pointsbank.people.models import Appointment, Household, HouseholdMember, Resident, TeamMember, UserResident
from pointsbank.people.roles import Role


def facts_of(user_id: int | None) -> Facts:
    """What separation of duties has to know of one user; two statements."""
    if user_id is None:
        return Facts(None)
    return facts_of_users([user_id])[user_id]


def facts_of_users(user_ids: Collection[int]) -> dict[int, Facts]:
    """The same for many users, still in two statements."""
    wanted = set(user_ids)
    own, declared = _links(wanted)
    teams: dict[int, set[int]] = {u: set() for u in wanted}
    rows: Any = db.session.execute(_teams(UserResident.user_id.in_(wanted), Appointment.user_id.in_(wanted)))
    for user, team in rows:
        teams[user].add(team)
    return {u: Facts(u, frozenset(own[u].residents), tuple(own[u].stays), frozenset(teams[u]),
                     tuple(Tie(r, until) for r, until in declared[u].residents.items()), tuple(declared[u].stays))
            for u in wanted}


@dataclass
class _Family:
    """People with the day until which they count, and their time in households."""

    residents: dict[int, dt.date | None] = field(default_factory=dict)
    stays: list[Stay] = field(default_factory=list)


def _links(wanted: set[int]) -> tuple[dict[int, _Family], dict[int, _Family]]:
    """Those whom users act for, and those whom they declared as relatives, with the households of both."""
    linked = sa.select(UserResident.user_id, UserResident.resident_id, sa.cast(sa.null(), sa.Integer).label("home"),
                       sa.cast(sa.null(), sa.Date).label("until_on"), sa.literal(0).label("told"))
    told = sa.select(DeclaredRelative.user_id, DeclaredRelative.resident_id, DeclaredRelative.household_id,
                     DeclaredRelative.until_on, sa.literal(1))
    links = linked.where(UserResident.user_id.in_(wanted)).union_all(
        told.where(DeclaredRelative.user_id.in_(wanted))).subquery()
    rows = db.session.execute(
        sa.select(links, HouseholdMember.household_id, HouseholdMember.since_on, HouseholdMember.until_on)
        .outerjoin(HouseholdMember, HouseholdMember.resident_id == links.c.resident_id))
    own, declared = {u: _Family() for u in wanted}, {u: _Family() for u in wanted}
    for user, resident, home, until, is_told, household, since, left in rows:
        family = (declared if is_told else own)[user]
        if resident is not None:
            family.residents[resident] = _longer(until, family.residents.get(resident, until))
        if home is not None:
            family.stays.append(Stay(home, dt.date.min, until))
        if household is not None:
            family.stays.append(Stay(household, since, min((d for d in (until, left) if d), default=None)))
    return own, declared


def _longer(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    """The later of two days; None lasts."""
    return None if one is None or other is None else max(one, other)


def _teams(members: sa.ColumnElement[bool], leaders: sa.ColumnElement[bool]) -> sa.CompoundSelect[Any, Any]:
    """(user, team) of those who belong to a team or lead it now."""
    belong = (sa.select(UserResident.user_id, TeamMember.team_id)
              .join(TeamMember, TeamMember.resident_id == UserResident.resident_id)
              .where(members, TeamMember.until_on.is_(None)))
    lead = sa.select(Appointment.user_id, Appointment.team_id).where(
        leaders, Appointment.role == Role.TEAM_LEADER, Appointment.until_at.is_(None),
        Appointment.team_id.is_not(None))
    return belong.union(lead)


def independent_of(user_id: int | None) -> tuple[sa.ColumnElement[bool], ...]:
    """``policy.conflict`` as conditions on deeds: those that this user may decide about. For counts and filters of
    lists; a decision itself asks the policy again."""
    deed = Contribution
    in_it = sa.and_(HouseholdMember.household_id == deed.household_id,
                    sa.or_(HouseholdMember.until_on.is_(None), HouseholdMember.until_on > deed.done_on))
    linked = sa.select(UserResident.user_id).where(UserResident.user_id == user_id,
                                                   UserResident.resident_id == deed.resident_id)
    lives_there = (sa.select(HouseholdMember.id)
                   .join(UserResident, UserResident.resident_id == HouseholdMember.resident_id)
                   .where(UserResident.user_id == user_id, in_it))
    related = (sa.select(DeclaredRelative.id)
               .outerjoin(HouseholdMember, sa.and_(HouseholdMember.resident_id == DeclaredRelative.resident_id, in_it))
               .where(DeclaredRelative.community_id == deed.community_id, DeclaredRelative.user_id == user_id,
                      sa.or_(DeclaredRelative.until_on.is_(None), DeclaredRelative.until_on > deed.done_on),
                      sa.or_(DeclaredRelative.resident_id == deed.resident_id,
                             DeclaredRelative.household_id == deed.household_id, HouseholdMember.id.is_not(None))))
    teams = _teams(UserResident.user_id == user_id, Appointment.user_id == user_id).subquery()
    return (
        sa.or_(deed.recorder_user_id.is_(None), deed.recorder_user_id != user_id),
        sa.or_(deed.checker_user_id.is_(None), deed.checker_user_id != user_id),
        deed.barred.not_like(f"%,{user_id or 0},%"),
        ~linked.correlate(deed).exists(), ~lives_there.correlate(deed).exists(), ~related.correlate(deed).exists(),
        sa.or_(~deed.outside_team, deed.team_id.is_(None), deed.team_id.not_in(sa.select(teams.c.team_id))))


# ── Declared relatives ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Declared:
    """A declaration with the names in it: ``who`` declared, ``whom``: a resident or a household number."""

    row: DeclaredRelative
    who: str
    resident: Resident | None
    household: Household | None


def relatives_of(community_id: int, user_id: int) -> list[Declared]:
    """What one user declared, what holds first, the newest first."""
    rows = db.session.scalars(scoped(DeclaredRelative, community_id).where(DeclaredRelative.user_id == user_id)
                              .order_by(DeclaredRelative.until_on.is_not(None), DeclaredRelative.id.desc())).all()
    return _with_names(community_id, rows)


def all_relatives(community_id: int, *, cursor: str | None = None) -> tuple[list[Declared], Page[DeclaredRelative]]:
    """Every declaration of the community, the newest first, for the committee."""
    found = page(scoped(DeclaredRelative, community_id), DeclaredRelative.id, cursor=cursor)
    return _with_names(community_id, found.items), found


def _with_names(community_id: int, rows: Sequence[DeclaredRelative]) -> list[Declared]:
    residents = people.residents_by_id(community_id, {r.resident_id for r in rows if r.resident_id is not None})
    homes = people.households_by_id(community_id, {r.household_id for r in rows if r.household_id is not None})
    names = people.names_of_users({r.user_id for r in rows})
    return [Declared(r, names.get(r.user_id, ""), residents.get(r.resident_id or 0), homes.get(r.household_id or 0))
            for r in rows]
