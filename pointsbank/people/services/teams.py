"""Teams and who belongs to them."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import tell
from pointsbank.people import policy
from pointsbank.people.errors import AlreadyMember, HasLeft, NameTaken
from pointsbank.people.models import Resident, Team, TeamKind, TeamMember
from pointsbank.people.services.users import clean_name


def _check_name(actor: Actor, name: str) -> str:
    name = clean_name(name)
    if db.session.scalar(sa.select(sa.literal(1)).where(Team.community_id == actor.community_id, Team.name == name)):
        raise NameTaken
    return name


def create_team(actor: Actor, *, name: str, kind: TeamKind) -> Team:
    """Found a team. Its leader is appointed with :func:`pointsbank.people.services.grant`."""
    if not policy.can(actor, "teams.change"):
        raise Forbidden
    team = Team(community_id=actor.community_id, name=_check_name(actor, name), kind=kind, created_at=clock.now())
    db.session.add(team)
    db.session.flush()
    audit.write(actor, "people.create_team", f"team:{team.id}")
    return team


def rename_team(actor: Actor, team_id: int, name: str) -> Team:
    """Give a team another name."""
    if not policy.can(actor, "teams.change"):
        raise Forbidden
    team = get_scoped(Team, team_id, actor.community_id, lock=True)
    if name.strip() != team.name:
        team.name = _check_name(actor, name)
        audit.write(actor, "people.rename_team", f"team:{team.id}")
    return team


def close_team(actor: Actor, team_id: int) -> Team:
    """Dissolve a team: all memberships end today."""
    if not policy.can(actor, "teams.change"):
        raise Forbidden
    team = get_scoped(Team, team_id, actor.community_id, lock=True)
    today = clock.today()
    db.session.execute(sa.delete(TeamMember).where(TeamMember.team_id == team.id, TeamMember.until_on.is_(None),
                                                   TeamMember.since_on >= today))
    db.session.execute(sa.update(TeamMember).where(TeamMember.team_id == team.id, TeamMember.until_on.is_(None))
                       .values(until_on=today))
    team.closed_on = team.closed_on or today
    audit.write(actor, "people.close_team", f"team:{team.id}")
    return team


def add_team_member(actor: Actor, team_id: int, resident_id: int, *, since_on: dt.date | None = None) -> TeamMember:
    """Take a resident into a team; the office or the team's leader does. Raises AlreadyMember, HasLeft."""
    team = get_scoped(Team, team_id, actor.community_id, lock=True)
    if not policy.can(actor, "teams.members", team_id=team.id):
        raise Forbidden
    resident = get_scoped(Resident, resident_id, actor.community_id)
    if resident.left_on or resident.erased_at or team.closed_on:
        raise HasLeft
    if db.session.scalar(sa.select(sa.literal(1)).where(
            TeamMember.team_id == team.id, TeamMember.resident_id == resident_id, TeamMember.until_on.is_(None))):
        raise AlreadyMember
    row = TeamMember(team_id=team.id, resident_id=resident_id, since_on=since_on or clock.today())
    db.session.add(row)
    db.session.flush()
    tell(team.community_id, [resident_id], N_("You are now a member of %(team)s."), {"team": team.name}, link="/me")
    audit.write(actor, "people.add_team_member", f"team:{team.id}", resident=resident_id)
    return row


def remove_team_member(actor: Actor, team_id: int, resident_id: int) -> None:
    """Somebody leaves a team today."""
    team = get_scoped(Team, team_id, actor.community_id, lock=True)
    if not policy.can(actor, "teams.members", team_id=team.id):
        raise Forbidden
    row = db.session.scalars(sa.select(TeamMember).where(
        TeamMember.team_id == team.id, TeamMember.resident_id == resident_id,
        TeamMember.until_on.is_(None))).one_or_none()
    if row is None:
        raise NotFound
    if row.since_on >= clock.today():
        db.session.delete(row)
    else:
        row.until_on = clock.today()
    audit.write(actor, "people.remove_team_member", f"team:{team.id}", resident=resident_id)
