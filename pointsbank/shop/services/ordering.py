"""Ordering: goods, points and limits are put aside in one transaction, and a voucher says so."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import settings as community_settings
from pointsbank.communities.settings import CommunitySettings
from pointsbank.core import audit, clock, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.formats import format_day
from pointsbank.core.points import format_points
from pointsbank.ledger import queries as book
from pointsbank.ledger.services import Hold, hold_transfers, post
from pointsbank.notifications import services as notifications
from pointsbank.people import queries as people
from pointsbank.people.models import Household, Resident
from pointsbank.rules import flags
from pointsbank.shop import texts
from pointsbank.shop.errors import (
    BadQuantity,
    ChooseOutlet,
    DailyCap,
    Frozen,
    HouseholdLimit,
    NotOnOffer,
    NotYourWallet,
    PersonLimit,
    SoldOut,
    Suspended,
)
from pointsbank.shop.models import (
    Channel,
    Offer,
    Outlet,
    Redemption,
    RedemptionLine,
    RedemptionState,
    StockLot,
)
from pointsbank.shop.services import days, limits, shelving, vouchers

MOST_AT_ONCE = 99


@dataclass(frozen=True)
class Wallet:
    """A wallet that somebody may spend; ``household_id`` None: their own."""

    owner_key: str
    available: int
    household_id: int | None


def wallets_of(community_id: int, resident: Resident, today: dt.date) -> list[Wallet]:
    """The wallets that a resident may spend today: the household's for its grown-ups, then one's own.

    Somebody who has moved away spends what remains to them, and only that.
    """
    if resident.left_on is not None:
        key = f"remainder:{resident.id}"
        return [Wallet(key, book.available(community_id, key, today), None)]
    home = people.household_on(community_id, [resident.id], today).get(resident.id)
    keys: list[tuple[str, int | None]] = []
    if home is not None and not resident.is_minor(today):
        keys.append((f"household:{home.id}", home.id))
    keys.append((f"resident:{resident.id}", None))
    sums = book.availables(community_id, [key for key, _home in keys], today)
    return [Wallet(key, sums.get(key, 0), household_id) for key, household_id in keys]


def choose_wallet(wallets: list[Wallet], owner_key: str | None, points: int) -> Wallet:
    """The wallet asked for, or the first with enough in it, or the fullest. Raises :class:`NotYourWallet`."""
    if owner_key:
        found = next((w for w in wallets if w.owner_key == owner_key), None)
        if found is None:
            raise NotYourWallet
        return found
    return next((w for w in wallets if w.available >= points), max(wallets, key=lambda w: w.available))


def refuse_frozen(user_id: int | None) -> None:
    """Raises :class:`Frozen` for a user whose account was frozen or closed."""
    if user_id is None:
        return
    user = people.users_by_id([user_id]).get(user_id)
    if user is None or user.frozen_at is not None or user.disabled_at is not None:
        raise Frozen


def order(actor: Actor, offer_id: int, quantity: int, *, outlet_id: int | None = None,
          owner_key: str | None = None) -> Redemption:
    """Order on the phone for the resident acted for; the goods wait until the last day.

    Raises :class:`NotOnOffer`, :class:`SoldOut`, the limits, ``ledger.not_enough``, :class:`ChooseOutlet`,
    :class:`NotYourWallet`, :class:`Frozen` and :class:`BadQuantity`, each with nothing done.
    """
    if actor.community_id is None or actor.resident_id is None:
        raise NotFound
    refuse_frozen(actor.user_id)
    resident = people.resident(actor.community_id, actor.resident_id)
    settings = community_settings.of(actor.community_id)
    today = clock.today()
    redemption = reserve(actor, resident, offer_id, quantity, outlet_id=outlet_id, owner_key=owner_key,
                         channel=Channel.ONLINE, settings=settings)
    holds = hold_transfers(actor.community_id, [Hold(redemption.owner_key, redemption.points, redemption.key)])
    post(actor.community_id, holds, today)
    refuse_moved(redemption, resident)
    audit.write(actor, "shop.order", redemption.key, offer=offer_id, quantity=quantity)
    tell_head(redemption, resident)
    return redemption


def refuse_moved(redemption: Redemption, resident: Resident) -> None:
    """Once the wallet is locked, look again: a household may have been divided since its members were read.

    Raises :class:`NotYourWallet`.
    """
    if redemption.owner_key.startswith("household:"):
        home = people.household_on(resident.community_id, [resident.id], clock.today())[resident.id]
        if home is None or redemption.owner_key != f"household:{home.id}":
            raise NotYourWallet


def reserve(actor: Actor, resident: Resident, offer_id: int, quantity: int, *, outlet_id: int | None,
            owner_key: str | None, channel: Channel, settings: CommunitySettings) -> Redemption:
    """The order with its limits and goods, everything but the points: those come last, in one batch."""
    today = clock.today()
    if not 1 <= quantity <= MOST_AT_ONCE:
        raise BadQuantity(most=MOST_AT_ONCE)
    offer = get_scoped(Offer, offer_id, resident.community_id)
    if not offer.on_offer(today):
        raise NotOnOffer(name=offer.name)
    points = offer.price * quantity
    wallet = choose_wallet(wallets_of(resident.community_id, resident, today), owner_key, points)
    home = people.household_on(resident.community_id, [resident.id], today).get(resident.id)
    _refuse_suspended(resident, home, wallet, today)
    number = tokens.random_number(vouchers.DIGITS)
    redemption = Redemption(
        community_id=resident.community_id, outlet_id=_outlet(offer, outlet_id, quantity, today),
        owner_key=wallet.owner_key, resident_id=resident.id, household_id=home.id if home else None,
        ordered_by_id=actor.user_id, channel=channel, state=RedemptionState.RESERVED, points=points,
        top_up_fen=offer.top_up_fen * quantity, number=number, code_hash=secrets.token_hex(32), placed_at=clock.now(),
        pick_up_by=days.last_day(settings, today), takings=[])
    db.session.add(redemption)
    db.session.flush()
    redemption.code_hash = tokens.digest(vouchers.code_of(redemption))
    line = RedemptionLine(community_id=resident.community_id, redemption_id=redemption.id, offer_id=offer.id,
                          name=f"{offer.name} {offer.portion}".strip(), unit=offer.unit, quantity=quantity,
                          price=offer.price)
    db.session.add(line)
    redemption.takings = limits.take(resident.community_id, _wants(redemption, offer, quantity, settings, today))
    db.session.flush()
    if offer.stocked:
        shelving.reserve(actor, line, redemption.outlet_id, today)
    return redemption


def _refuse_suspended(resident: Resident, home: Household | None, wallet: Wallet, today: dt.date) -> None:
    """Neither the wallet's owner nor the person or household that asks may be suspended. Raises :class:`Suspended`."""
    keys = {wallet.owner_key, f"resident:{resident.id}", *([f"household:{home.id}"] if home is not None else [])}
    flag = flags.no_redemption(resident.community_id, keys, today)
    if flag is not None and flag.until_on is not None:
        raise Suspended(until=format_day(flag.until_on), why=flag.reason)


def _outlet(offer: Offer, outlet_id: int | None, quantity: int, today: dt.date) -> int:
    """Where it is picked up: as asked, or the only open outlet that has enough of it."""
    open_outlets = db.session.scalars(sa.select(Outlet.id).where(
        Outlet.community_id == offer.community_id, Outlet.closed_at.is_(None)).order_by(Outlet.id)).all()
    if outlet_id is not None:
        if outlet_id not in open_outlets:
            raise NotFound
        return outlet_id
    free = free_by_outlet(offer, today)
    fitting = [i for i in open_outlets if not offer.stocked or free.get(i, 0) >= quantity]
    if not fitting:
        raise SoldOut(name=offer.name, left=max((free.get(i, 0) for i in open_outlets), default=0))
    if len(fitting) > 1:
        raise ChooseOutlet(fields={"outlet_id": ChooseOutlet.message})
    return fitting[0]


def free_by_outlet(offer: Offer, today: dt.date) -> dict[int, int]:
    """What can still be ordered of an offer, by outlet."""
    rows = db.session.execute(
        sa.select(StockLot.outlet_id, sa.func.sum(StockLot.on_hand - StockLot.reserved))
        .where(StockLot.community_id == offer.community_id, StockLot.offer_id == offer.id, shelving.good_on(today))
        .group_by(StockLot.outlet_id))
    return {outlet_id: int(free) for outlet_id, free in rows}


def _wants(redemption: Redemption, offer: Offer, quantity: int, settings: CommunitySettings,
           today: dt.date) -> list[limits.Want]:
    window = days.window(offer.period, today)
    told: dict[str, Any] = {"name": offer.name, "period": texts.PERIODS[offer.period]}
    wants = []
    if offer.per_person is not None:
        wants.append(limits.Want(f"offer:{offer.id}/resident:{redemption.resident_id}", window, quantity,
                                 offer.per_person, PersonLimit(most=offer.per_person, **told)))
    if offer.per_household is not None:
        home = (f"household:{redemption.household_id}" if redemption.household_id
                else f"resident:{redemption.resident_id}")
        wants.append(limits.Want(f"offer:{offer.id}/{home}", window, quantity, offer.per_household,
                                 HouseholdLimit(most=offer.per_household, **told)))
    if settings.daily_redeem_cap:
        cap = settings.daily_redeem_cap
        wants.append(limits.Want(f"spend/{redemption.owner_key}", today.isoformat(), redemption.points, cap,
                                 DailyCap(most=format_points(cap))))
    return wants


def tell_head(redemption: Redemption, resident: Resident) -> None:
    """The head of the household learns who spent its points."""
    if not redemption.owner_key.startswith("household:") or redemption.household_id is None:
        return
    head = people.heads(redemption.community_id, [redemption.household_id]).get(redemption.household_id)
    if head is not None and head.id != resident.id:
        notifications.tell(
            redemption.community_id, [head.id], texts.HEAD_TOLD,
            {"name": resident.name, "points": {"points": redemption.points}}, link=f"/redemptions/{redemption.id}")
