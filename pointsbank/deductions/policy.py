"""Who may announce, decide and see: three people for each deduction, none of them family, and nobody else looks on."""

from __future__ import annotations

from pointsbank.contributions.policy import Facts
from pointsbank.core.actor import Actor
from pointsbank.deductions.models import Deduction
from pointsbank.people.roles import DESK, JUDGES, Role

# Grid workers within their own grid only.
ANNOUNCERS = (*JUDGES, Role.GRID_WORKER)
LOOKERS = (*DESK, Role.GRID_WORKER)


def is_judge(actor: Actor) -> bool:
    """Reviewer, committee member or supervisor of an area above: may impose and decide appeals."""
    return actor.user_id is not None and actor.has_role(*JUDGES)


def is_desk(actor: Actor) -> bool:
    """Sees the deductions of the community."""
    return actor.user_id is not None and actor.has_role(*DESK)


def may_announce(actor: Actor, area_path: str | None) -> bool:
    """``area_path`` is where the household lives; while nobody has entered that, any grid worker of the community."""
    if is_judge(actor):
        return True
    if actor.user_id is None:
        return False
    if area_path is None:
        return actor.has_role_within(Role.GRID_WORKER)
    return any(g.role == Role.GRID_WORKER and g.team_id is None and area_path.startswith(g.area_path)
               for g in actor.grants)


def may_see(actor: Actor, deduction: Deduction, is_concerned: bool) -> bool:
    """The people concerned, the desk, and whoever announced it."""
    return is_concerned or is_desk(actor) or (
        actor.user_id is not None and deduction.announced_by_id == actor.user_id)


def may_close(actor: Actor, deduction: Deduction) -> bool:
    """Confirm that it was put right, or drop it: a judge, and whoever announced it."""
    return is_judge(actor) or (actor.user_id is not None and deduction.announced_by_id == actor.user_id)


def may_take_down(actor: Actor, deduction: Deduction) -> bool:
    """Write down an answer or an appeal for somebody who brings it on paper."""
    return is_desk(actor) or (actor.user_id is not None and deduction.announced_by_id == actor.user_id)


def is_family(facts: Facts, deduction: Deduction) -> bool:
    """Linked to the person or the household of that day, or to a declared relative among them."""
    return facts.is_kin(deduction.resident_id or 0, deduction.household_id, deduction.seen_on)
