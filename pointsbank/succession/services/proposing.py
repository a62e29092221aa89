"""One person writes a case down; nothing changes before another has confirmed it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from flask_babel import gettext as _

from pointsbank.contributions import queries as deeds
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.formats import format_short_day
from pointsbank.core.points import format_points
from pointsbank.media import services as media
from pointsbank.shop import queries as shop
from pointsbank.succession import policy
from pointsbank.succession.errors import (
    AlreadyDecided,
    AlreadyProposed,
    NotAllowed,
    OpenOrders,
    OwnHousehold,
    SecondPersonNeeded,
)
from pointsbank.succession.models import ChangeState, HouseholdChange, HouseholdChangePerson
from pointsbank.succession.plans import NEW, Plan, Wish
from pointsbank.succession.services.planning import members_now, plan


def propose(actor: Actor, wish: Wish, *, photo_ids: Sequence[int] = ()) -> HouseholdChange:
    """Write a case down for a second person, with its papers. Nothing changes yet.

    Raises NotAllowed, OwnHousehold, AlreadyProposed, OpenOrders, and what is wrong with the wish (see ``plan``).
    """
    if not policy.may_change(actor) or actor.community_id is None:
        raise NotAllowed
    found = plan(actor.community_id, wish)
    refuse_kin(found, {actor.user_id or 0})
    refuse_orders(actor.community_id, [b.giver for b in found.bequests])
    _refuse_second(actor.community_id, found)
    kept = dataclasses.replace(wish, reason=" ".join(wish.reason.split())[:500],
                               members=members_now(actor.community_id, found.household_id))
    change = HouseholdChange(
        community_id=actor.community_id, kind=wish.kind, state=ChangeState.PROPOSED, on=wish.on, reason=kept.reason,
        household_id=found.household_id, other_household_id=None if found.other_id == NEW else found.other_id,
        resident_id=found.resident_id, undoes_id=wish.undoes_id, wish=kept.to_json(),
        proposed_by_id=actor.user_id or 0, proposed_at=clock.now())
    db.session.add(change)
    db.session.flush()
    db.session.add_all(HouseholdChangePerson(change_id=change.id, resident_id=r, community_id=change.community_id)
                       for r in found.resident_ids)
    db.session.flush()
    media.attach(actor, list(photo_ids), change.key)
    audit.write(actor, "succession.propose", change.key, kind=wish.kind.value)
    return change


def withdraw(actor: Actor, change_id: int) -> HouseholdChange:
    """Whoever entered it takes it back before it is decided. Raises NotFound for others, AlreadyDecided."""
    change = get_scoped(HouseholdChange, change_id, actor.community_id, lock=True)
    if change.proposed_by_id != actor.user_id:
        raise NotFound
    if change.state is not ChangeState.PROPOSED:
        raise AlreadyDecided
    change.state, change.decided_at = ChangeState.WITHDRAWN, clock.now()
    db.session.flush()
    audit.write(actor, "succession.withdraw", change.key)
    return change


def waiting_change(actor: Actor, change_id: int) -> HouseholdChange:
    """A proposed case, locked, for its second person. Raises NotAllowed, AlreadyDecided, SecondPersonNeeded."""
    if not policy.may_change(actor):
        raise NotAllowed
    change = get_scoped(HouseholdChange, change_id, actor.community_id, lock=True)
    if change.state is not ChangeState.PROPOSED:
        raise AlreadyDecided
    if change.proposed_by_id == actor.user_id:
        raise SecondPersonNeeded
    return change


def refuse_kin(found: Plan, user_ids: Collection[int]) -> None:
    """Raises OwnHousehold if one of these users belongs to somebody whom the case concerns."""
    homes = [h for h in (found.household_id, found.other_id) if h]
    for facts in deeds.facts_of_users(user_ids).values():
        if policy.is_kin(facts, found.resident_ids, homes, found.wish.on):
            raise OwnHousehold


def open_orders(community_id: int, givers: Collection[str]) -> list[str]:
    """The orders of these wallets that wait to be picked up, in words."""
    return [_("%(what)s (%(points)s points, to be picked up by %(day)s)",
              what="、".join(f"{line.name} × {line.quantity}" for line in order.lines),
              points=format_points(order.points), day=format_short_day(order.pick_up_by))
            for order in shop.put_aside(community_id, givers)]


def refuse_orders(community_id: int, givers: Collection[str]) -> None:
    """Raises OpenOrders with the list while points of these wallets are put aside."""
    waiting = open_orders(community_id, givers)
    if waiting:
        raise OpenOrders(orders=_("; ").join(waiting))


def _refuse_second(community_id: int, found: Plan) -> None:
    mine = [column == value for column, value in (
        (HouseholdChange.household_id, found.household_id), (HouseholdChange.resident_id, found.resident_id))
        if value is not None]
    query = sa.select(sa.literal(1)).where(HouseholdChange.community_id == community_id,
                                           HouseholdChange.state == ChangeState.PROPOSED, sa.or_(*mine))
    if mine and db.session.scalar(query.limit(1)) is not None:
        raise AlreadyProposed
