"""Goods put aside, given out and put back: lots are locked in id order, changed by guarded updates, each with its line.

Only this file and ``stock.py`` change a lot. Earliest expiry leaves first; what is over its date leaves no more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.shop.errors import SoldOut, StockMoved
from pointsbank.shop.models import MovementKind, RedemptionLine, StockLot, StockMovement

FAR = dt.date(9999, 12, 31)


@dataclass(frozen=True)
class Move:
    """One line for the stock book with its effect on the lot."""

    lot_id: int
    on_hand: int
    reserved: int
    line_id: int | None = None


def good_on(day: dt.date) -> sa.ColumnElement[bool]:
    """Lots that are not over their date."""
    return sa.or_(StockLot.expires_on.is_(None), StockLot.expires_on >= day)


def reserve(actor: Actor, line: RedemptionLine, outlet_id: int, day: dt.date) -> None:
    """Put the line's quantity aside at an outlet, over several lots if one is not enough. Raises :class:`SoldOut`.

    The lock is taken in id order and judged anew once it is held, so that of two who want the last one the second finds
    nothing left; the guard in :func:`apply` and the table's check stand behind it.
    """
    lots = db.session.execute(
        sa.select(StockLot.id, StockLot.expires_on, (StockLot.on_hand - StockLot.reserved).label("free"))
        .where(StockLot.community_id == line.community_id, StockLot.offer_id == line.offer_id,
               StockLot.outlet_id == outlet_id, StockLot.on_hand > StockLot.reserved, good_on(day))
        .order_by(StockLot.id).with_for_update()).all()
    moves, missing = [], line.quantity
    for lot in sorted(lots, key=lambda row: (row.expires_on or FAR, row.id)):
        part = min(missing, lot.free)
        if part > 0:
            moves.append(Move(lot.id, 0, part, line.id))
            missing -= part
    if missing:
        raise SoldOut(name=line.name, left=line.quantity - missing)
    apply(actor, line.community_id, MovementKind.RESERVE, moves)


def reserved_of(redemption_id: int) -> list[Move]:
    """From which lots the lines of an order were put aside, by lot id."""
    rows = db.session.execute(
        sa.select(StockMovement.lot_id, StockMovement.line_id, sa.func.sum(StockMovement.reserved_change))
        .join(RedemptionLine, RedemptionLine.id == StockMovement.line_id)
        .where(RedemptionLine.redemption_id == redemption_id, StockMovement.kind == MovementKind.RESERVE)
        .group_by(StockMovement.lot_id, StockMovement.line_id).order_by(StockMovement.lot_id))
    return [Move(lot_id, 0, int(total), line_id) for lot_id, line_id, total in rows]


def collect(actor: Actor, community_id: int, redemption_id: int) -> None:
    """What was put aside leaves the shelf."""
    moves = [Move(m.lot_id, -m.reserved, -m.reserved, m.line_id) for m in reserved_of(redemption_id)]
    apply(actor, community_id, MovementKind.COLLECT, moves)


def release(actor: Actor, community_id: int, redemption_id: int) -> None:
    """What was put aside is free again, in the very lots it came from."""
    moves = [Move(m.lot_id, 0, -m.reserved, m.line_id) for m in reserved_of(redemption_id)]
    apply(actor, community_id, MovementKind.RELEASE, moves)


def put_back(actor: Actor, community_id: int, redemption_id: int, reason: str) -> None:
    """What was handed over stands on the shelf again."""
    moves = [Move(m.lot_id, m.reserved, 0, m.line_id) for m in reserved_of(redemption_id)]
    apply(actor, community_id, MovementKind.RETURN, moves, reason=reason)


def apply(actor: Actor, community_id: int, kind: MovementKind, moves: Sequence[Move], *, reason: str = "",
          second_user_id: int | None = None, by_user_id: int | None = None) -> None:
    """Change the lots and write the lines. Raises :class:`StockMoved` if a lot has less than is to leave it."""
    now = clock.now()
    for move in sorted(moves, key=lambda m: m.lot_id):
        changed: Any = db.session.execute(
            sa.update(StockLot).where(
                StockLot.community_id == community_id, StockLot.id == move.lot_id,
                StockLot.reserved + move.reserved >= 0,
                StockLot.on_hand + move.on_hand >= StockLot.reserved + move.reserved)
            .values(on_hand=StockLot.on_hand + move.on_hand, reserved=StockLot.reserved + move.reserved)
            .execution_options(synchronize_session=False))
        if changed.rowcount != 1:
            raise StockMoved(left=_free(community_id, move.lot_id))
    if moves:
        db.session.execute(sa.insert(StockMovement), [
            {"community_id": community_id, "lot_id": m.lot_id, "line_id": m.line_id, "kind": kind,
             "on_hand_change": m.on_hand, "reserved_change": m.reserved, "reason": reason,
             "by_user_id": by_user_id if by_user_id is not None else actor.user_id, "second_user_id": second_user_id,
             "recorded_at": now} for m in moves])


def _free(community_id: int, lot_id: int) -> int:
    return db.session.scalar(sa.select(StockLot.on_hand - StockLot.reserved).where(
        StockLot.community_id == community_id, StockLot.id == lot_id)) or 0
