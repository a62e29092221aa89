"""What lies on the shelves and what it is worth, for the figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.core.db import db
from pointsbank.shop.models import Offer, OfferState, StockLot


@dataclass(frozen=True)
class Shelved:
    """An offer with what is left of it; None where nothing is counted. ``first_expiry`` is the goods' own last day."""

    name: str
    portion: str
    unit: str
    price: int
    left: int | None
    reserved: int
    value_fen: int
    first_expiry: dt.date | None


def stock(community_id: int) -> list[Shelved]:
    """Every open offer with its stock, by name. One statement."""
    free = StockLot.on_hand - StockLot.reserved
    stocked = (
        sa.select(StockLot.offer_id, sa.func.sum(free).label("free"), sa.func.sum(StockLot.reserved).label("reserved"),
                  sa.func.sum(StockLot.on_hand * StockLot.unit_value_fen).label("value"),
                  sa.func.min(sa.case((free > 0, StockLot.expires_on))).label("expires"))
        .where(StockLot.community_id == community_id).group_by(StockLot.offer_id).subquery("stocked"))
    rows = db.session.execute(
        sa.select(Offer, stocked.c.free, stocked.c.reserved, stocked.c.value,
                  sa.type_coerce(stocked.c.expires, sa.Date()).label("expires"))
        .outerjoin(stocked, stocked.c.offer_id == Offer.id)
        .where(Offer.community_id == community_id, Offer.state == OfferState.OPEN).order_by(Offer.name, Offer.id))
    return [Shelved(offer.name, offer.portion, offer.unit, offer.price, int(left or 0) if offer.stocked else None,
                    int(reserved or 0), int(value or 0), expires)
            for offer, left, reserved, value, expires in rows]
