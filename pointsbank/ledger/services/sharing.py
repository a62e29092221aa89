"""Points of one wallet shared among several: each gets a part of the same lots, so nobody gets only the last days.

Between wallets a succession is the only way, and it never gives points a longer life than they had.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pointsbank.core.db import db
from pointsbank.core.points import format_points
from pointsbank.ledger.errors import NotEnough
from pointsbank.ledger.models import AccountKind, Book, TransferKind
from pointsbank.ledger.services import reading
from pointsbank.ledger.services.accounts import Name, open_accounts
from pointsbank.ledger.services.deciding import Transfer
from pointsbank.ledger.services.succeeding import divide


@dataclass(frozen=True)
class Share:
    """What goes to one owner; ``label`` tells two shares of one owner apart in their keys."""

    label: str
    owner_key: str
    amount: int


def share_transfers(community_id: int, giver: str, shares: Sequence[Share], key: str, today: dt.date) -> list[Transfer]:
    """Wallet -> wallets, a transfer per share and lot, keyed ``<key>:<label>:<lot day>``; what lapses first goes first.

    The wallets are locked here already, as ``post`` repeats it. Raises ``NotEnough``.
    """
    connection = db.session.connection()
    names: list[Name] = [(Book.POINTS, AccountKind.WALLET, owner) for owner in (giver, *(s.owner_key for s in shares))]
    ids = open_accounts(community_id, names)
    reading.lock(connection, community_id, ids.values())
    source = ids[names[0]]
    live = {day: left for day, left in reading.lots_of(connection, [source], today, []).get(source, {}).items()
            if day >= today}
    total = sum(share.amount for share in shares)
    if total > sum(live.values()):
        raise NotEnough(available=format_points(sum(live.values())), needed=format_points(total))
    left = _first(live, total)
    built = []
    for share in shares:
        parts = divide(left, share.amount, sum(left.values()))
        for day, amount in parts.items():
            left[day] -= amount
            built.append(Transfer(source, ids[Book.POINTS, AccountKind.WALLET, share.owner_key], amount,
                                  TransferKind.SUCCESSION, f"{key}:{share.label}:{day}", expires_on=day))
    return built


def _first(lots: dict[dt.date, int], total: int) -> dict[dt.date, int]:
    """So much of these lots, the earliest first."""
    taken = {}
    for day in sorted(lots):
        taken[day] = min(lots[day], total)
        total -= taken[day]
    return {day: amount for day, amount in taken.items() if amount}
