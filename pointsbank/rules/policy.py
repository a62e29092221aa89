"""Who may write, adopt and look at standards."""

from __future__ import annotations

from pointsbank.core.actor import Actor
from pointsbank.people.roles import DESK, PROXIES, Role
from pointsbank.rules.models import ScoringStandard

WRITERS = (Role.COMMITTEE_MEMBER, Role.AREA_SUPERVISOR, Role.ADMINISTRATOR)
ADOPTERS = (Role.COMMITTEE_MEMBER, Role.AREA_SUPERVISOR)
READERS = DESK
# Who enters what somebody without a phone thinks of a draft.
CLERKS = tuple(dict.fromkeys((*ADOPTERS, *PROXIES)))
TEMPLATE_WRITERS = (Role.AREA_SUPERVISOR,)


def may_write(actor: Actor) -> bool:
    """Draft versions of the community acted in."""
    return actor.is_system or actor.has_role(*WRITERS)


def may_look(actor: Actor) -> bool:
    """See drafts as well; what is in force is open to everybody."""
    return may_write(actor) or actor.has_role_within(*READERS)


def may_adopt(actor: Actor) -> bool:
    """Put a version in force; only the committee, or an area above it, decides by resolution."""
    return actor.user_id is not None and actor.has_role(*ADOPTERS)


def wrote_in(actor: Actor, standard: ScoringStandard) -> bool:
    """Whoever wrote in a draft never adopts it: a rule for one's own family needs two."""
    return actor.user_id is not None and (actor.user_id == standard.created_by or actor.user_id in standard.editors)


def may_enter_comments(actor: Actor) -> bool:
    """Enter a comment for somebody at the counter or at the door."""
    return actor.user_id is not None and actor.has_role_within(*CLERKS)


def may_write_template(actor: Actor, area_path: str) -> bool:
    """Write and issue the template of the area with this path: its supervisor, or one above."""
    return actor.user_id is not None and any(
        g.role in TEMPLATE_WRITERS and g.team_id is None and area_path.startswith(g.area_path) for g in actor.grants)


def may_read_minutes(actor: Actor, community_id: int) -> bool:
    """Residents and staff of the community: names are called in the minutes of a meeting."""
    return actor.user_id is not None and actor.community_id == community_id and (
        actor.resident_id is not None or actor.has_role_within(*Role))
