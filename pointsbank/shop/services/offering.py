"""What is on offer and where: offers with their pictures, outlets, and who stands at them."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Invalid, lazy
from pointsbank.media import services as media
from pointsbank.media.services import Prepared
from pointsbank.people import queries as people
from pointsbank.people.models import User
from pointsbank.people.roles import Role
from pointsbank.shop import policy
from pointsbank.shop.errors import BadStep, NameTaken, NotAllowed, one_of
from pointsbank.shop.models import (
    OFFER_ALLOWED,
    LimitPeriod,
    Offer,
    OfferState,
    Outlet,
    OutletKeeper,
    Redemption,
    RedemptionState,
    RewardKind,
    Shelf,
)


@dataclass(frozen=True)
class OfferDraft:
    """An offer as it is written at the desk. ``price`` in hundredths of a point, ``top_up_fen`` in fen."""

    name: str
    price: int
    unit: str = "份"
    portion: str = ""
    text: str = ""
    kind: str = RewardKind.GOODS
    shelf: str = Shelf.OTHER
    top_up_fen: int = 0
    stocked: bool = True
    from_on: dt.date | None = None
    until_on: dt.date | None = None
    per_person: int | None = None
    per_household: int | None = None
    period: str = LimitPeriod.MONTH


def save_offer(actor: Actor, draft: OfferDraft, *, offer_id: int | None = None, photo: Prepared | None = None) -> Offer:
    """Write a new offer (a draft until it is opened) or change one. Orders keep name and price of their day.

    Raises :class:`NotAllowed`, :class:`BadStep` for a closed one, and Invalid with a sentence for each field.
    """
    if actor.community_id is None or not policy.can_price(actor):
        raise NotAllowed
    _check(draft)
    now = clock.now()
    values = {**asdict(draft), "name": draft.name.strip(), "unit": draft.unit.strip(), "portion": draft.portion.strip(),
              "text": draft.text.strip(), "kind": one_of(RewardKind, draft.kind), "shelf": one_of(Shelf, draft.shelf),
              "period": one_of(LimitPeriod, draft.period), "changed_at": now}
    if offer_id is None:
        offer = Offer(community_id=actor.community_id, state=OfferState.DRAFT, created_at=now, **values)
        db.session.add(offer)
    else:
        offer = get_scoped(Offer, offer_id, actor.community_id, lock=True)
        if offer.state is OfferState.CLOSED:
            raise BadStep
        for name, value in values.items():
            setattr(offer, name, value)
    db.session.flush()
    if photo is not None:
        media.detach(actor, f"offer:{offer.id}")
        kept = media.store(actor, None, "", "offer", photo)
        media.attach(actor, [kept.id], f"offer:{offer.id}")
    audit.write(actor, "shop.save_offer", f"offer:{offer.id}", price=draft.price)
    return offer


def _check(draft: OfferDraft) -> None:
    wrong = {}
    if not draft.name.strip():
        wrong["name"] = lazy("What is it called?")
    if draft.price <= 0:
        wrong["price"] = lazy("The price is above zero.")
    if not draft.unit.strip():
        wrong["unit"] = lazy("Bag, bottle, time: what is one of it called?")
    if draft.top_up_fen < 0:
        wrong["top_up_fen"] = lazy("The amount can't be below zero.")
    if draft.from_on and draft.until_on and draft.until_on < draft.from_on:
        wrong["until_on"] = lazy("The last day is before the first.")
    for name in ("per_person", "per_household"):
        if getattr(draft, name) is not None and getattr(draft, name) <= 0:
            wrong[name] = lazy("At least 1, or empty for no limit.")
    if wrong:
        raise Invalid(fields=wrong)


def set_offer_state(actor: Actor, offer_id: int, state: str) -> Offer:
    """Open, pause or close an offer. What was ordered before stays ordered. Raises :class:`BadStep`."""
    if not policy.can_price(actor):
        raise NotAllowed
    offer = get_scoped(Offer, offer_id, actor.community_id, lock=True)
    wanted = one_of(OfferState, state)
    if wanted not in OFFER_ALLOWED[offer.state]:
        raise BadStep
    offer.state, offer.changed_at = wanted, clock.now()
    db.session.flush()
    audit.write(actor, "shop.set_offer_state", f"offer:{offer.id}", state=wanted)
    return offer


def save_outlet(actor: Actor, name: str, place: str = "", hours: str = "", *, outlet_id: int | None = None) -> Outlet:
    """Open an outlet or change what people read about it. Raises :class:`NotAllowed` and :class:`NameTaken`."""
    if actor.community_id is None or not policy.can_price(actor):
        raise NotAllowed
    if not name.strip():
        raise Invalid(fields={"name": lazy("What is it called?")})
    bounds = {"name": (name, 60), "place": (place, 120), "hours": (hours, 60)}
    if too_long := [field for field, (text, most) in bounds.items() if len(text.strip()) > most]:
        raise Invalid(fields={field: lazy("This text is too long.") for field in too_long})
    same = db.session.scalars(scoped(Outlet, actor.community_id).where(Outlet.name == name.strip())).one_or_none()
    if same is not None and same.id != outlet_id:
        raise NameTaken(fields={"name": NameTaken.message})
    if outlet_id is None:
        outlet = Outlet(community_id=actor.community_id, name=name.strip(), created_at=clock.now())
        db.session.add(outlet)
    else:
        outlet = get_scoped(Outlet, outlet_id, actor.community_id, lock=True)
    outlet.name, outlet.place, outlet.hours = name.strip(), place.strip(), hours.strip()
    db.session.flush()
    audit.write(actor, "shop.save_outlet", f"outlet:{outlet.id}")
    return outlet


def close_outlet(actor: Actor, outlet_id: int) -> Outlet:
    """Close an outlet for good. Raises :class:`BadStep` while orders wait there."""
    if not policy.can_price(actor):
        raise NotAllowed
    outlet = get_scoped(Outlet, outlet_id, actor.community_id, lock=True)
    waiting = db.session.scalar(sa.select(Redemption.id).where(
        Redemption.community_id == outlet.community_id, Redemption.outlet_id == outlet.id,
        Redemption.state == RedemptionState.RESERVED).limit(1))
    if outlet.closed_at is not None or waiting is not None:
        raise BadStep
    outlet.closed_at = clock.now()
    audit.write(actor, "shop.close_outlet", f"outlet:{outlet.id}")
    return outlet


def keepers_to_choose(community_id: int) -> list[User]:
    """The users appointed shop-keepers here."""
    return people.holders(community_id, Role.SHOP_KEEPER)


def put_keeper(actor: Actor, outlet_id: int, user_id: int) -> OutletKeeper:
    """Put a shop-keeper down for an outlet; again: the same row. Raises Invalid for somebody who is no keeper here."""
    if not policy.can_price(actor):
        raise NotAllowed
    outlet = get_scoped(Outlet, outlet_id, actor.community_id, lock=True)
    if outlet.closed_at is not None:
        raise BadStep
    if user_id not in {user.id for user in keepers_to_choose(outlet.community_id)}:
        raise Invalid(fields={"user_id": lazy("Appoint this person shop-keeper first.")})
    row = _present(outlet.id, user_id)
    if row is None:
        row = OutletKeeper(community_id=outlet.community_id, outlet_id=outlet.id, user_id=user_id, since_at=clock.now())
        db.session.add(row)
        db.session.flush()
        audit.write(actor, "shop.put_keeper", f"outlet:{outlet.id}", user=user_id)
    return row


def end_keeper(actor: Actor, outlet_id: int, user_id: int) -> None:
    """From now on this keeper does not stand at the outlet any more."""
    if not policy.can_price(actor):
        raise NotAllowed
    outlet = get_scoped(Outlet, outlet_id, actor.community_id, lock=True)
    row = _present(outlet.id, user_id)
    if row is not None:
        row.until_at = clock.now()
        audit.write(actor, "shop.end_keeper", f"outlet:{outlet.id}", user=user_id)


def _present(outlet_id: int, user_id: int) -> OutletKeeper | None:
    return db.session.scalars(sa.select(OutletKeeper).where(
        OutletKeeper.outlet_id == outlet_id, OutletKeeper.user_id == user_id,
        OutletKeeper.until_at.is_(None))).one_or_none()
