"""The end of an order, once: handed over, cancelled, lapsed; and goods taken back after that.

The row of the order is locked first, so of two that come at once the second finds it closed. Behind that stands the
book, where collection and release share one key.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import settings as community_settings
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.formats import format_day, format_moment
from pointsbank.ledger.services import (
    Transfer,
    collect_transfers,
    post,
    release_transfers,
    reversal_transfers,
)
from pointsbank.notifications import services as notifications
from pointsbank.people import queries as people
from pointsbank.shop import policy, texts
from pointsbank.shop.errors import (
    AlreadyCollected,
    BadStep,
    ClosedToday,
    HasLapsed,
    NotAllowed,
    NotCancellable,
    NotYourOutlet,
    OtherOutlet,
    ProxyNeeded,
    ReasonNeeded,
    WasCancelled,
    one_of,
)
from pointsbank.shop.models import (
    ALLOWED,
    Outlet,
    OutletKeeper,
    Receiver,
    Redemption,
    RedemptionLine,
    RedemptionState,
)
from pointsbank.shop.services import days, limits, ordering, shelving


def own_outlets(actor: Actor) -> list[int]:
    """The open outlets that a shop-keeper stands at. Raises :class:`NotAllowed` for anybody else."""
    if not policy.can_stand_at_counter(actor):
        raise NotAllowed
    return list(db.session.scalars(
        sa.select(OutletKeeper.outlet_id).join(Outlet, Outlet.id == OutletKeeper.outlet_id).where(
            OutletKeeper.community_id == actor.community_id, OutletKeeper.user_id == actor.user_id,
            OutletKeeper.until_at.is_(None), Outlet.closed_at.is_(None)).order_by(OutletKeeper.outlet_id)))


def refuse_closed_day(community_id: int) -> None:
    """Raises :class:`ClosedToday` outside the open days."""
    settings = community_settings.of(community_id)
    today = clock.today()
    if not days.is_open(settings, today):
        raise ClosedToday(day=format_day(days.next_open(settings, today)))


def refuse_closed_order(redemption: Redemption, outlet_name: str) -> None:
    """Raises what a voucher answers that is not to be handed over: when and where it was, or why not."""
    told: dict[str, Any] = {"moment": format_moment(redemption.closed_at)} if redemption.closed_at else {}
    if redemption.state in {RedemptionState.COLLECTED, RedemptionState.RETURNED}:
        raise AlreadyCollected(outlet=outlet_name, **told)
    if redemption.state is RedemptionState.CANCELLED:
        raise WasCancelled(**told)
    if redemption.state is RedemptionState.LAPSED or redemption.pick_up_by < clock.today():
        raise HasLapsed(day=format_day(redemption.pick_up_by))


def hand_over(actor: Actor, redemption_id: int, received_by: str = Receiver.SELF, *, proxy_name: str = "",
              reason: str = "") -> Redemption:
    """The goods are in somebody's hands: held points become redeemed, the goods leave the shelf.

    Only a keeper of the voucher's own outlet, on an open day, in time, once. Raises :class:`NotYourOutlet`,
    :class:`OtherOutlet`, :class:`AlreadyCollected`, :class:`WasCancelled`, :class:`HasLapsed`, :class:`ClosedToday`,
    ``shop.frozen`` and :class:`ProxyNeeded`.
    """
    mine = own_outlets(actor)
    if not mine:
        raise NotYourOutlet
    redemption = get_scoped(Redemption, redemption_id, actor.community_id, lock=True)
    outlet = get_scoped(Outlet, redemption.outlet_id, actor.community_id)
    if redemption.outlet_id not in mine:
        raise OtherOutlet(outlet=outlet.name)
    refuse_closed_order(redemption, outlet.name)
    refuse_closed_day(redemption.community_id)
    ordering.refuse_frozen(redemption.ordered_by_id)
    who = one_of(Receiver, received_by)
    if who is Receiver.PROXY and not (proxy_name.strip() and reason.strip()):
        raise ProxyNeeded
    _close(actor, redemption, RedemptionState.COLLECTED)
    redemption.received_by = who
    redemption.proxy_name, redemption.reason = proxy_name.strip()[:40], reason.strip()[:200]
    shelving.collect(actor, redemption.community_id, redemption.id)
    post(redemption.community_id, collect_transfers(redemption.community_id, [redemption.key]), clock.today())
    audit.write(actor, "shop.hand_over", redemption.key, received_by=who)
    _tell(redemption, texts.COLLECTED_TOLD)
    return redemption


def cancel(actor: Actor, redemption_id: int, reason: str = "") -> Redemption:
    """The order is off: the points return to the very lots they came from, the goods to the shelf.

    By the resident or a member of the household while the community lets them, or by the supervisor with a reason.
    Raises
    :class:`NotCancellable`, :class:`AlreadyCollected`, :class:`WasCancelled`, :class:`HasLapsed`; NotFound for others.
    """
    redemption = get_scoped(Redemption, redemption_id, actor.community_id, lock=True)
    outlet = get_scoped(Outlet, redemption.outlet_id, actor.community_id)
    checks = policy.can_check(actor)
    theirs = policy.is_theirs(actor, redemption, _households(actor))
    if not checks and not theirs:
        raise NotFound
    if redemption.state is not RedemptionState.RESERVED:
        refuse_closed_order(redemption, outlet.name)
    if not theirs and not reason.strip():
        raise ReasonNeeded(fields={"reason": ReasonNeeded.message})
    if theirs and not checks and not community_settings.of(redemption.community_id).resident_cancel:
        raise NotCancellable
    redemption.reason = reason.strip()[:200]
    _give_back(actor, redemption, RedemptionState.CANCELLED)
    audit.write(actor, "shop.cancel", redemption.key)
    if not theirs:
        _tell(redemption, texts.CANCELLED_TOLD, reason=redemption.reason)
    return redemption


def lapse(actor: Actor, redemption_id: int, today: dt.date) -> bool:
    """An order whose last day is over: points and goods go back. False if somebody else closed it meanwhile."""
    redemption = get_scoped(Redemption, redemption_id, actor.community_id, lock=True)
    if redemption.state is not RedemptionState.RESERVED or redemption.pick_up_by >= today:
        return False
    _give_back(actor, redemption, RedemptionState.LAPSED)
    audit.write(actor, "shop.lapse", redemption.key)
    _tell(redemption, texts.LAPSED_TOLD, day={"day": redemption.pick_up_by.isoformat()})
    return True


def take_back(actor: Actor, redemption_id: int, reason: str) -> Redemption:
    """Goods that were handed over come back whole: onto the shelf, and their points into the very lots.

    By the supervisor only, with a reason: whoever hands over must not be able to undo it. Raises :class:`NotAllowed`,
    :class:`ReasonNeeded` and :class:`BadStep`.
    """
    if not policy.can_check(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonNeeded(fields={"reason": ReasonNeeded.message})
    redemption = get_scoped(Redemption, redemption_id, actor.community_id, lock=True)
    if RedemptionState.RETURNED not in ALLOWED[redemption.state]:
        raise BadStep
    if redemption.closed_by_id == actor.user_id:
        raise NotAllowed
    redemption.state, redemption.reason = RedemptionState.RETURNED, reason.strip()[:200]
    shelving.put_back(actor, redemption.community_id, redemption.id, redemption.reason)
    back = [*reversal_transfers(redemption.community_id, [f"{redemption.key}/close"], "/returned"),
            *reversal_transfers(redemption.community_id, [redemption.key], "/returned")]
    post(redemption.community_id, back, clock.today())
    audit.write(actor, "shop.take_back", redemption.key, reason=redemption.reason)
    _tell(redemption, texts.RETURNED_TOLD)
    return redemption


def _close(actor: Actor, redemption: Redemption, state: RedemptionState) -> None:
    if state not in ALLOWED[redemption.state]:
        raise BadStep
    redemption.state = state
    redemption.closed_at, redemption.closed_by_id = clock.now(), actor.user_id


def _give_back(actor: Actor, redemption: Redemption, state: RedemptionState) -> None:
    """Limits, goods, points: in the order in which they are locked everywhere."""
    _close(actor, redemption, state)
    limits.give_back(redemption.community_id, redemption.takings)
    shelving.release(actor, redemption.community_id, redemption.id)
    back: list[Transfer] = release_transfers(redemption.community_id, [redemption.key])
    post(redemption.community_id, back, clock.today())


def _households(actor: Actor) -> set[int]:
    if actor.resident_id is None or actor.community_id is None:
        return set()
    home = people.household_on(actor.community_id, [actor.resident_id], clock.today()).get(actor.resident_id)
    return {home.id} if home else set()


def _tell(redemption: Redemption, text: str, **values: Any) -> None:
    line = db.session.scalars(sa.select(RedemptionLine).where(
        RedemptionLine.redemption_id == redemption.id).order_by(RedemptionLine.id)).first()
    what = f"{line.name} × {line.quantity}" if line else ""
    notifications.tell(redemption.community_id, [redemption.resident_id], text,
                       {"what": what, "points": {"points": redemption.points}, **values},
                       link=f"/redemptions/{redemption.id}")
