"""Who may do what about people. ``docs/grants.md`` shows this table to people, and the tests compare the two."""

from __future__ import annotations

import enum

from pointsbank.communities.models import Area, AreaKind
from pointsbank.core.actor import Actor, Grant
from pointsbank.people.roles import MAY_APPOINT, Role


class Scope(enum.StrEnum):
    """Where a role may use a verb: all of its community, only its own grid or building, only its own team."""

    COMMUNITY = "community"
    AREA = "area"
    TEAM = "team"


_OFFICE = dict.fromkeys((Role.COMMITTEE_MEMBER, Role.AREA_SUPERVISOR, Role.ADMINISTRATOR), Scope.COMMUNITY)
_ROUNDS = dict.fromkeys((Role.GRID_WORKER, Role.MICRO_GRID_WORKER, Role.BUILDING_CAPTAIN), Scope.AREA)

GRANTS: dict[str, dict[Role, Scope]] = {
    "residents.see": {**_OFFICE, **_ROUNDS, Role.REVIEWER: Scope.COMMUNITY},
    "residents.reveal": {**_OFFICE, Role.GRID_WORKER: Scope.AREA},
    "residents.change": dict(_OFFICE),
    "residents.import": dict(_OFFICE),
    "residents.erase": dict(_OFFICE),
    "exports.ask": {**_OFFICE, Role.REVIEWER: Scope.COMMUNITY},
    "exports.decide": dict(_OFFICE),
    "residents.tags": dict(_OFFICE),
    "households.see": {**_OFFICE, **_ROUNDS, Role.REVIEWER: Scope.COMMUNITY},
    "households.change": dict(_OFFICE),
    "teams.see": {**_OFFICE, Role.REVIEWER: Scope.COMMUNITY, Role.TEAM_LEADER: Scope.TEAM},
    "teams.change": dict(_OFFICE),
    "teams.members": {**_OFFICE, Role.TEAM_LEADER: Scope.TEAM},
    "cards.issue": dict(_OFFICE),
    "cards.block": {**_OFFICE, **_ROUNDS, Role.SHOP_SUPERVISOR: Scope.COMMUNITY},
    "users.link": dict(_OFFICE),
    "users.reset": dict(_OFFICE),
    "appointments.see": {**_OFFICE, Role.REVIEWER: Scope.COMMUNITY},
    "appointments.change": dict(_OFFICE),
}

# On what kind of area a role can be held. A team leader is held on the community and one of its teams.
_COMMUNITY = (AreaKind.COMMUNITY,)
_INSIDE = (AreaKind.COMMUNITY, AreaKind.GRID, AreaKind.MICRO_GRID, AreaKind.BUILDING)
_ABOVE = (AreaKind.COUNTY, AreaKind.TOWN)
PLACES: dict[Role, tuple[AreaKind, ...]] = {
    Role.TEAM_LEADER: _COMMUNITY, Role.OBSERVER: _COMMUNITY, Role.GRID_WORKER: _INSIDE,
    Role.MICRO_GRID_WORKER: _INSIDE, Role.BUILDING_CAPTAIN: _INSIDE, Role.REVIEWER: (*_ABOVE, *_COMMUNITY),
    Role.PANEL_MEMBER: _COMMUNITY, Role.COMMITTEE_MEMBER: (*_ABOVE, *_COMMUNITY), Role.SHOP_KEEPER: _COMMUNITY,
    Role.STOCK_MANAGER: _COMMUNITY, Role.SHOP_SUPERVISOR: _COMMUNITY, Role.AREA_SUPERVISOR: _ABOVE,
    Role.ADMINISTRATOR: (*_ABOVE, *_COMMUNITY),
}


def _holds(actor: Actor, grant: Grant, scope: Scope | None, path: str | None, team_id: int | None) -> bool:
    if scope is Scope.COMMUNITY:
        return grant.team_id is None and bool(actor.area_path) and actor.area_path.startswith(grant.area_path)
    if scope is Scope.AREA:
        near = actor.area_path.startswith(grant.area_path) or grant.area_path.startswith(actor.area_path)
        return bool(actor.area_path) and near and path is not None and path.startswith(grant.area_path)
    return scope is Scope.TEAM and team_id is not None and grant.team_id == team_id


def can(actor: Actor, verb: str, *, path: str | None = None, team_id: int | None = None) -> bool:
    """May ``actor`` do this in the community acted in? ``path`` is the path of the area that the person or household
    lives in, ``team_id`` the team it is about; without them only community-wide roles count."""
    if actor.is_system:
        return True
    allowed = GRANTS[verb]
    return any(_holds(actor, g, allowed.get(Role(g.role)), path, team_id) for g in actor.grants)


def own_paths(actor: Actor, verb: str) -> list[str]:
    """The paths of the areas in which the actor may use a verb; its own community's path if everywhere."""
    if can(actor, verb):
        return [actor.area_path]
    allowed = GRANTS[verb]
    return [g.area_path for g in actor.grants if allowed.get(Role(g.role)) is Scope.AREA and bool(actor.area_path)
            and (g.area_path.startswith(actor.area_path) or actor.area_path.startswith(g.area_path))]


def may_appoint(actor: Actor, role: Role, area: Area) -> bool:
    """Only below one's own level and inside one's own area: the same role only on an area below one's own."""
    if actor.is_system:
        return True
    return any(
        g.team_id is None and role in MAY_APPOINT.get(Role(g.role), ()) and area.path.startswith(g.area_path)
        and (role != g.role or area.path != g.area_path)
        for g in actor.grants)


def appointable(actor: Actor) -> list[Role]:
    """The roles that the actor may give to somebody somewhere in the community acted in."""
    here = [g for g in actor.grants if g.team_id is None and actor.area_path.startswith(g.area_path)]
    roles = {r for g in here for r in MAY_APPOINT.get(Role(g.role), ())
             if r != g.role or g.area_path != actor.area_path}
    return [r for r in Role if r in roles and PLACES[r] != _ABOVE]
