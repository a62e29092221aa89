"""Where from, where to: what came to the shelves in a period and what left them, as the public may read it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.core.masking import mask_name
from pointsbank.shop.models import MovementKind, Offer, StockLot, StockMovement, StockSource


@dataclass(frozen=True)
class StockLine:
    """What happened to one kind of goods from one donor (or bought) in a period, in units.

    ``before + received - handed_out + other = left``. ``lot_id`` is the first lot of them, ``donor`` as the public may
    read it.
    """

    lot_id: int
    name: str
    unit: str
    source: StockSource
    donor: str
    before: int
    received: int
    handed_out: int
    other: int
    left: int


def stock_lines(community_id: int, first: dt.date, last: dt.date) -> list[StockLine]:
    """The stock book from the first to the last day, all outlets together: donated goods first, by name.

    What was never there in this time is left out. Names of persons who gave something are masked. One statement.
    """
    start, end = clock.at_local(first), clock.at_local(last + dt.timedelta(days=1))
    change, kind = StockMovement.on_hand_change, StockMovement.kind

    def total(*where: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.cast(sa.func.sum(sa.case((sa.and_(*where), change), else_=0)), sa.BigInteger)

    now = StockMovement.recorded_at >= start
    rows = db.session.execute(
        sa.select(sa.func.min(StockLot.id), Offer.name, Offer.portion, Offer.unit, StockLot.source, StockLot.donor,
                  StockLot.donor_is_organisation, total(~now), total(now, kind == MovementKind.RECEIVE),
                  total(now, kind.in_([MovementKind.COLLECT, MovementKind.RETURN])),
                  total(now, kind.in_([MovementKind.WRITE_OFF, MovementKind.COUNT])),
                  sa.cast(sa.func.sum(change), sa.BigInteger))
        .join(StockLot, StockLot.id == StockMovement.lot_id).join(Offer, Offer.id == StockLot.offer_id)
        .where(StockMovement.community_id == community_id, StockMovement.recorded_at < end, change != 0)
        .group_by(Offer.id, Offer.name, Offer.portion, Offer.unit, StockLot.source, StockLot.donor,
                  StockLot.donor_is_organisation)
        .order_by(StockLot.source, Offer.name, sa.func.min(StockLot.id)))
    found = [StockLine(lot_id, f"{name} {portion}".strip(), unit, source, donor if is_known or not donor
                       else mask_name(donor), int(before), int(received), -int(handed), int(other), int(left))
             for lot_id, name, portion, unit, source, donor, is_known, before, received, handed, other, left in rows]
    return [one for one in found if one.before or one.received or one.handed_out or one.other or one.left]
