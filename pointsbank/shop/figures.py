"""The shop in figures: what is popular, what was handed over in a month, and whether the goods cover what is owed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities import settings as community_settings
from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.core.points import HUNDRED
from pointsbank.ledger import queries as book
from pointsbank.shop.models import (
    MovementKind,
    Outlet,
    Redemption,
    RedemptionLine,
    RedemptionState,
    StockLot,
    StockMovement,
    StockSource,
)
from pointsbank.shop.queries import with_lines


@dataclass(frozen=True)
class Popular:
    """So many units of an offer were wanted."""

    offer_id: int
    name: str
    units: int
    points: int


@dataclass(frozen=True)
class Settled:
    """What one outlet handed over in a month: orders, points (hundredths), cash noted beside them and the goods'
    value."""

    outlet_id: int
    outlet: str
    orders: int
    points: int
    top_up_fen: int
    goods_fen: int


@dataclass(frozen=True)
class Month:
    """A month of the shop; ``month`` is its first day."""

    month: dt.date
    orders: int
    points: int


@dataclass(frozen=True)
class Cover:
    """What is owed in goods against what is there for it, in fen. ``ratio`` None: nothing stands against it."""

    owed_points: int
    owed_fen: int
    stock_fen: int
    budget_fen: int

    @property
    def cover_fen(self) -> int:
        """Goods on the shelf and what is left of the budget."""
        return self.stock_fen + self.budget_fen

    @property
    def ratio(self) -> float | None:
        """1.0: all of it is spoken for."""
        return self.owed_fen / self.cover_fen if self.cover_fen > 0 else None


WANTED = (RedemptionState.RESERVED, RedemptionState.COLLECTED)


def popular(community_id: int, since: dt.datetime, limit: int = 5) -> list[Popular]:
    """What was ordered most since an instant."""
    units = sa.func.sum(RedemptionLine.quantity)
    rows = db.session.execute(
        sa.select(RedemptionLine.offer_id, sa.func.max(RedemptionLine.name), units,
                  sa.func.sum(RedemptionLine.quantity * RedemptionLine.price))
        .join(Redemption, Redemption.id == RedemptionLine.redemption_id)
        .where(RedemptionLine.community_id == community_id, Redemption.placed_at >= since, Redemption.state.in_(WANTED))
        .group_by(RedemptionLine.offer_id).order_by(units.desc(), RedemptionLine.offer_id).limit(limit))
    return [Popular(offer_id, name, int(total), int(points)) for offer_id, name, total, points in rows]


def _span(month: dt.date) -> tuple[dt.datetime, dt.datetime]:
    first = month.replace(day=1)
    after = (first + dt.timedelta(days=32)).replace(day=1)
    return clock.at_local(first), clock.at_local(after)


def settlement(community_id: int, month: dt.date) -> list[Settled]:
    """A month by outlet: what was handed over and not taken back."""
    start, end = _span(month)
    done = (Redemption.community_id == community_id, Redemption.state == RedemptionState.COLLECTED,
            Redemption.closed_at >= start, Redemption.closed_at < end)
    value = dict(db.session.execute(
        sa.select(Redemption.outlet_id, sa.func.sum(-StockMovement.on_hand_change * StockLot.unit_value_fen))
        .join(RedemptionLine, RedemptionLine.redemption_id == Redemption.id)
        .join(StockMovement, sa.and_(StockMovement.line_id == RedemptionLine.id,
                                     StockMovement.kind == MovementKind.COLLECT))
        .join(StockLot, StockLot.id == StockMovement.lot_id).where(*done).group_by(Redemption.outlet_id)).all())
    rows = db.session.execute(
        sa.select(Outlet.id, Outlet.name, sa.func.count(Redemption.id), sa.func.sum(Redemption.points),
                  sa.func.sum(Redemption.top_up_fen))
        .join(Redemption, Redemption.outlet_id == Outlet.id).where(*done).group_by(Outlet.id, Outlet.name)
        .order_by(Outlet.id))
    return [Settled(i, name, orders, int(points), int(cash), int(value.get(i) or 0))
            for i, name, orders, points, cash in rows]


def settlement_rows(community_id: int, month: dt.date) -> Sequence[Redemption]:
    """The month voucher by voucher, in the order of handing over."""
    start, end = _span(month)
    return db.session.scalars(with_lines(community_id).where(
        Redemption.state == RedemptionState.COLLECTED, Redemption.closed_at >= start, Redemption.closed_at < end)
        .order_by(Redemption.closed_at, Redemption.id)).all()


def months(community_id: int, count: int = 6) -> list[Month]:
    """The last months, this one included, oldest first."""
    first = clock.today().replace(day=1)
    firsts = [first]
    while len(firsts) < count:
        firsts.insert(0, (firsts[0] - dt.timedelta(days=1)).replace(day=1))
    found = []
    for month in firsts:
        start, end = _span(month)
        orders, points = db.session.execute(
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Redemption.points), 0)).where(
                Redemption.community_id == community_id, Redemption.state == RedemptionState.COLLECTED,
                Redemption.closed_at >= start, Redemption.closed_at < end)).one()
        found.append(Month(month, orders, int(points)))
    return found


def stock_value(community_id: int, source: StockSource | None = None) -> int:
    """What lies on the shelves, in fen; bought and donated goods are kept in separate books."""
    query = sa.select(sa.func.coalesce(sa.func.sum(StockLot.on_hand * StockLot.unit_value_fen), 0)).where(
        StockLot.community_id == community_id)
    if source is not None:
        query = query.where(StockLot.source == source)
    return int(db.session.scalar(query) or 0)


def bought_this_year(community_id: int, today: dt.date) -> int:
    """What was spent on goods this year, in fen."""
    received = sa.select(sa.func.coalesce(sa.func.sum(StockMovement.on_hand_change * StockLot.unit_value_fen), 0)).join(
        StockLot, StockLot.id == StockMovement.lot_id).where(
        StockMovement.community_id == community_id, StockMovement.kind == MovementKind.RECEIVE,
        StockLot.source == StockSource.PURCHASE, StockLot.received_on >= today.replace(month=1, day=1))
    return int(db.session.scalar(received) or 0)


def cover(community_id: int, today: dt.date) -> Cover:
    """Liability at the community's rate against goods on the shelf and the rest of the year's budget."""
    settings = community_settings.of(community_id)
    owed = book.liabilities(community_id, today).total
    rest = max(settings.budget_fen - bought_this_year(community_id, today), 0) if settings.budget_fen else 0
    return Cover(owed, owed * settings.fen_per_point // HUNDRED, stock_value(community_id), rest)
