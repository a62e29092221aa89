"""Who may plan, lead and approve activities."""

from __future__ import annotations

from pointsbank.activities.models import Activity
from pointsbank.core.actor import Actor
from pointsbank.people.roles import Role

# Who has leader pages at all.
LEADERS = (Role.TEAM_LEADER, Role.COMMITTEE_MEMBER)
# Who sees the desk's list of activities.
DESK = (Role.COMMITTEE_MEMBER, Role.REVIEWER, Role.AREA_SUPERVISOR, Role.ADMINISTRATOR)
APPROVERS = (Role.COMMITTEE_MEMBER, Role.REVIEWER, Role.AREA_SUPERVISOR)


def may_plan(actor: Actor, team_id: int | None) -> bool:
    """A team's leader plans for the team; the committee for any team or for nobody's."""
    return actor.is_system or actor.leads_team(team_id) or actor.has_role(Role.COMMITTEE_MEMBER)


def may_lead(actor: Actor, activity: Activity) -> bool:
    """Show the code, accept, enter and close."""
    if activity.community_id != actor.community_id:
        return False
    return may_plan(actor, activity.team_id)


def is_leader(actor: Actor, activity: Activity) -> bool:
    """Its named leader, or a leader of its team: these never approve it."""
    return actor.user_id == activity.leader_id or actor.leads_team(activity.team_id)


def may_approve(actor: Actor, activity: Activity) -> bool:
    """Publish or send back: somebody of the desk who doesn't lead it."""
    return (activity.community_id == actor.community_id and actor.user_id is not None
            and actor.has_role(*APPROVERS) and not is_leader(actor, activity))


def may_take_down(actor: Actor, activity: Activity) -> bool:
    """Call it off, or take a photo of it down: who leads it, and who approves."""
    return may_lead(actor, activity) or may_approve(actor, activity)


def may_type_without_cap(actor: Actor) -> bool:
    """The monthly cap of rows entered by hand is for leaders; the committee enters what is left."""
    return actor.is_system or actor.has_role(Role.COMMITTEE_MEMBER)
