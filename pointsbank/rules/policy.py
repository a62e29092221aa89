"""Who may write, adopt and look at standards."""

from __future__ import annotations

from pointsbank.core.actor import Actor
from pointsbank.people.roles import DESK, Role
from pointsbank.rules.models import ScoringStandard

WRITERS = (Role.COMMITTEE_MEMBER, Role.AREA_SUPERVISOR, Role.ADMINISTRATOR)
ADOPTERS = (Role.COMMITTEE_MEMBER, Role.AREA_SUPERVISOR)
READERS = DESK


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
