"""Who may make notices, see their lines, enter objections and decide about them."""

from __future__ import annotations

from collections.abc import Collection

from pointsbank.core.actor import Actor
from pointsbank.people.roles import DESK, JUDGES, PROXIES
from pointsbank.publicity.models import NoticeLine, Objection

CLERKS = tuple(dict.fromkeys((*JUDGES, *PROXIES)))


def may_make(actor: Actor) -> bool:
    """Draft, publish and discard notices."""
    return actor.user_id is not None and actor.has_role(*JUDGES)


def may_enter_on_paper(actor: Actor) -> bool:
    """Enter an objection for somebody at the counter."""
    return actor.user_id is not None and actor.has_role_within(*CLERKS)


def may_see_desk(actor: Actor) -> bool:
    """See drafts, and objections with their contacts."""
    return actor.has_role(*DESK)


def may_see_closed_lines(actor: Actor, community_id: int) -> bool:
    """Lines of a notice that is over: members of the community only, never the public."""
    return actor.user_id is not None and actor.community_id == community_id and (
        actor.resident_id is not None or actor.has_role(*DESK) or actor.has_role_within(*CLERKS))


def may_read_answer(actor: Actor, objection: Objection) -> bool:
    """The objector, whoever entered it for them, and the desk."""
    if actor.user_id is None:
        return False
    own = actor.resident_id is not None and objection.resident_id == actor.resident_id
    return own or objection.entered_by_id == actor.user_id or may_see_desk(actor)


def is_independent(actor: Actor, line: NoticeLine, objection: Objection | None, own_households: Collection[int],
                   own_residents: Collection[int]) -> bool:
    """Neither recorded nor approved what the line stands for, not of that household, and not the one who objects."""
    if actor.user_id is None or actor.user_id in line.barred_user_ids:
        return False
    if line.household_id is not None and line.household_id in own_households:
        return False
    return objection is None or (objection.entered_by_id != actor.user_id
                                 and objection.resident_id not in own_residents)


def may_decide(actor: Actor) -> bool:
    """Answer objections."""
    return actor.user_id is not None and actor.has_role(*JUDGES)
