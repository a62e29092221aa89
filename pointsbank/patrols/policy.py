"""Who keeps routes and rota, who decides about rounds, and who is too near to decide."""

from __future__ import annotations

from collections.abc import Collection

from pointsbank.core.actor import Actor
from pointsbank.people.roles import DESK, OFFICE, Role

# Who opens the pages of the desk; a leader sees the own teams there, the others the whole community.
LOOKERS = (Role.TEAM_LEADER, *DESK)
# Who keeps routes, rota and rounds of every team; a leader those of the own team.
KEEPERS = OFFICE
# Who accepts rounds and confirms what was put right, beside the leader of the team.
DECIDERS = (Role.COMMITTEE_MEMBER, Role.AREA_SUPERVISOR)
# Who answers proposals and says what they, and second looks, are filed under.
ANSWERERS = (Role.COMMITTEE_MEMBER, Role.AREA_SUPERVISOR)
# Who may open a closed case again: as the room of cases has it.
OPENERS = (*ANSWERERS, Role.REVIEWER, Role.OBSERVER)


def may_keep(actor: Actor, team_id: int) -> bool:
    """Change routes, rota and assignments of a team, enter its rounds from paper."""
    return actor.is_system or actor.leads_team(team_id) or (actor.user_id is not None and actor.has_role(*KEEPERS))


def may_decide(actor: Actor, team_id: int) -> bool:
    """Accept, send back and call off rounds of a team; who had a part in it is asked afterwards."""
    return actor.user_id is not None and (actor.leads_team(team_id) or actor.has_role(*DECIDERS))


def may_answer(actor: Actor) -> bool:
    """Answer proposals."""
    return actor.user_id is not None and actor.has_role(*ANSWERERS)


def sees_all(actor: Actor) -> bool:
    """Sees the rounds of every team of the community."""
    return actor.is_system or (actor.user_id is not None and actor.has_role(*DESK))


def led_teams(actor: Actor) -> frozenset[int]:
    """The teams that the actor leads."""
    return frozenset(g.team_id for g in actor.grants if g.role == Role.TEAM_LEADER and g.team_id is not None)


def may_see(actor: Actor, team_id: int, observers: Collection[int] = ()) -> bool:
    """The desk, the leader of the team, and who walks it."""
    return sees_all(actor) or actor.leads_team(team_id) or (
        actor.resident_id is not None and actor.resident_id in observers)
