"""Appointments: given only below one's own level and inside one's own area; ended, never deleted."""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.communities import queries as communities
from pointsbank.communities.models import Area
from pointsbank.core import audit, clock, tenancy
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import Invalid, NotFound, lazy
from pointsbank.people import policy
from pointsbank.people.errors import AlreadyAppointed, MayNotAppoint
from pointsbank.people.models import Appointment, Team, User
from pointsbank.people.roles import Role
from pointsbank.people.services.users import user_by_name


def grant(actor: Actor, *, user_id: int, role: Role, area_id: int, team_id: int | None = None) -> Appointment:
    """Appoint a user to a role on an area (and one of its teams for a leader).

    Raises MayNotAppoint, AlreadyAppointed, Invalid, NotFound. Nobody appoints themselves.
    """
    area = communities.area(area_id)
    if not policy.may_appoint(actor, role, area) or user_id == actor.user_id:
        raise MayNotAppoint
    if area.kind not in policy.PLACES[role] or area.closed_at is not None:
        raise Invalid(fields={"area_id": lazy("This role is not held on an area of this kind.")})
    _check_team(role, area, team_id)
    user = db.session.get(User, user_id, with_for_update={"key_share": True}, populate_existing=True)
    if user is None or user.disabled_at is not None:
        raise NotFound
    now = clock.now()
    if db.session.scalar(sa.select(sa.literal(1)).where(
            Appointment.user_id == user_id, Appointment.role == role, Appointment.area_id == area_id,
            Appointment.team_id.is_(None) if team_id is None else Appointment.team_id == team_id,
            sa.or_(Appointment.until_at.is_(None), Appointment.until_at > now)).limit(1)):
        raise AlreadyAppointed
    row = Appointment(user_id=user_id, role=role, area_id=area_id, team_id=team_id, since_at=now,
                      appointed_by=actor.key)
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "people.grant", f"appointment:{row.id}", community_id=area.community_id, role=role.value,
                user=user_id)
    return row


def _check_team(role: Role, area: Area, team_id: int | None) -> None:
    if (role is Role.TEAM_LEADER) != (team_id is not None):
        raise Invalid(fields={"team_id": lazy("A team leader leads one team; other roles have none.")})
    if team_id is not None:
        with tenancy.visiting(area.id):  # an office above appoints in communities it is not acting in
            team = db.session.get(Team, team_id)
        if team is None or team.community_id != area.id or team.closed_on is not None:
            raise Invalid(fields={"team_id": lazy("Choose a team of this community.")})


def end_appointment(actor: Actor, appointment_id: int) -> Appointment:
    """End an appointment now. Who may give a role may also end it; nobody ends their own superior's."""
    row = db.session.get(Appointment, appointment_id, with_for_update={"key_share": True}, populate_existing=True)
    area = db.session.get(Area, row.area_id) if row is not None else None
    if row is None or area is None:
        raise NotFound
    inside = actor.is_system or (bool(actor.area_path) and area.path.startswith(actor.area_path))
    if not inside:
        raise NotFound
    if not policy.may_appoint(actor, row.role, area):
        raise MayNotAppoint
    if row.until_at is None:
        # One that was given this very instant still gets a span, so that "from" stands before "until".
        row.until_at = clock.now()
        audit.write(actor, "people.end_appointment", f"appointment:{row.id}", community_id=area.community_id)
    return row


def grant_by_name(actor: Actor, *, username: str, role: str, area_code: str) -> Appointment:
    """Appoint by sign-in name (or phone), role and the area's code, for the command line."""
    if role not in set(Role):
        raise Invalid(lazy("There is no role “%(role)s”. The roles are: %(roles)s."), role=role,
                      roles=", ".join(r.value for r in Role))
    user, area = user_by_name(username), communities.by_code(area_code)
    return grant(actor, user_id=user.id, role=Role(role), area_id=area.id)
