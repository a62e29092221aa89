"""One household's passbook: what can be used, what is on the way and why, what earned nothing and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.contributions import queries as contributions
from pointsbank.contributions.models import AwardLine, Contribution, LineState, Review, ReviewStep, State
from pointsbank.contributions.queries import Pending
from pointsbank.core.db import db
from pointsbank.ledger import queries as ledger
from pointsbank.ledger.models import AccountKind, Book, PointsAccount
from pointsbank.ledger.queries import LotView
from pointsbank.people import queries as people
from pointsbank.people.models import Resident

MOST_WITHOUT_POINTS = 20


@dataclass(frozen=True)
class Purse:
    """Whose passbook it is and what stands in it. Amounts in hundredths, ``minutes`` in minutes.

    ``own`` is the resident's own wallet where the passbook is the household's: personal awards stand there.
    ``members`` are the residents who share the passbook today.
    """

    owner_key: str
    resident: Resident
    household_id: int | None
    number: str
    holder: str
    available: int
    held: int
    debt: int
    own: int
    minutes: int
    honour: int
    members: tuple[int, ...]
    lots: Sequence[LotView]

    @property
    def first_lot(self) -> LotView | None:
        """The points that lapse first, if any lapse at all."""
        return next((lot for lot in self.lots if lot.expires_on is not None), None)


def purse(community_id: int, resident_id: int, today: dt.date) -> Purse:
    """The passbook that a resident opens: the household's, or one's own for somebody without a household.

    Raises NotFound for a resident of another community.
    """
    resident = people.resident(community_id, resident_id)
    home = people.household_on(community_id, [resident_id], today)[resident_id]
    own_key = f"resident:{resident_id}"
    key = f"household:{home.id}" if home else own_key
    members = people.members_on(community_id, [home.id], today)[home.id] if home else []
    head = next((m.resident for m in members if m.is_head), resident)
    balances = _balances(community_id, {key, own_key})
    lots = ledger.lots(community_id, key, today)

    def held(kind: AccountKind, owner: str, book: Book = Book.POINTS) -> int:
        return balances.get((kind, owner, book), 0)

    both = {key, own_key}
    return Purse(
        owner_key=key, resident=resident, household_id=home.id if home else None, number=home.number if home else "",
        holder=head.name, members=tuple(m.resident_id for m in members) or (resident_id,),
        available=sum(lot.remaining for lot in lots), lots=lots,
        held=held(AccountKind.HELD, key), debt=-held(AccountKind.DEBT, key),
        own=held(AccountKind.WALLET, own_key) if key != own_key else 0,
        minutes=sum(held(AccountKind.WALLET, owner, Book.MINUTES) for owner in both),
        honour=sum(held(AccountKind.WALLET, owner, Book.HONOUR) for owner in both))


def _balances(community_id: int, owner_keys: set[str]) -> dict[tuple[AccountKind, str, Book], int]:
    rows = db.session.execute(
        sa.select(PointsAccount.kind, PointsAccount.owner_key, PointsAccount.book, PointsAccount.balance)
        .where(PointsAccount.community_id == community_id, PointsAccount.owner_key.in_(owner_keys)))
    return {(kind, owner, book): balance or 0 for kind, owner, book, balance in rows}


# ── On the way ──────────────────────────────────────────────────────────────────────────────────────────────────


def on_the_way(community_id: int, opened: Purse) -> list[Pending]:
    """What is on the way to this passbook, also by way of closed ones, and the household's deeds in review."""
    before = ledger.predecessors(community_id, opened.owner_key)
    found = contributions.pending_of(community_id, [opened.owner_key, *before], opened.members)
    return [one for one in found if one.book is Book.POINTS]


def sum_on_the_way(coming: Sequence[Pending]) -> int:
    """Hundredths of a point that are certain but for the notice."""
    return sum(c.amount or 0 for c in coming)


def _mine(opened: Purse) -> sa.ColumnElement[bool]:
    mine = Contribution.resident_id == opened.resident.id
    return sa.or_(mine, Contribution.household_id == opened.household_id) if opened.household_id else mine


# ── What earned nothing ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class WithoutPoints:
    """A deed that earned nothing: rejected (then with the ``reason``), struck, or no rule gives anything for it."""

    deed: Contribution
    struck: bool
    reason: str

    @property
    def rejected(self) -> bool:
        """The committee did not accept it."""
        return self.deed.state is State.REJECTED


def without_points(community_id: int, opened: Purse) -> list[WithoutPoints]:
    """The newest deeds of this household that earned nothing. One statement."""
    live = sa.select(sa.literal(1)).where(
        AwardLine.contribution_id == Contribution.id,
        AwardLine.state.not_in((LineState.STRUCK, LineState.REVERSED))).exists()
    struck = sa.select(sa.literal(1)).where(
        AwardLine.contribution_id == Contribution.id, AwardLine.state == LineState.STRUCK).exists()
    rows = db.session.execute(
        sa.select(Contribution, struck, Review.reason)
        .outerjoin(Review, sa.and_(Review.contribution_id == Contribution.id, Review.step == ReviewStep.REJECTED))
        .where(Contribution.community_id == community_id, _mine(opened),
               Contribution.waits_for_household.is_(False),
               sa.or_(Contribution.state == State.REJECTED, sa.and_(Contribution.state == State.APPROVED, ~live)))
        .order_by(Contribution.id.desc()).limit(MOST_WITHOUT_POINTS))
    return [WithoutPoints(deed, bool(was_struck), reason or "") for deed, was_struck, reason in rows]
