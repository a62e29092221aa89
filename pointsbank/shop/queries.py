"""What can be asked of the shop: what is on offer, whose order waits where, what lies on the shelf and how it got
there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from pointsbank.communities import settings as community_settings
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.formats import format_short_day
from pointsbank.core.masking import mask_name
from pointsbank.core.paging import Page, page
from pointsbank.media import queries as media
from pointsbank.media.models import Photo
from pointsbank.people import queries as people
from pointsbank.people.models import User
from pointsbank.shop import policy, texts
from pointsbank.shop.errors import NoSuchVoucher, OtherOutlet
from pointsbank.shop.models import (
    CheckState,
    MovementKind,
    Offer,
    OfferState,
    Outlet,
    OutletKeeper,
    Redemption,
    RedemptionLine,
    RedemptionState,
    Shelf,
    StockCheck,
    StockLot,
    StockMovement,
    StockSource,
)
from pointsbank.shop.services import days, vouchers
from pointsbank.shop.services.shelving import good_on


@dataclass(frozen=True)
class Shown:
    """An offer as it stands on the shelf: what is left (None: not counted), by outlet, its picture and its donors."""

    offer: Offer
    left: int | None
    by_outlet: dict[int, int] = field(default_factory=dict)
    donors: tuple[str, ...] = ()
    photo: Photo | None = None

    @property
    def sold_out(self) -> bool:
        """Nothing left to order."""
        return self.left is not None and self.left <= 0


@dataclass(frozen=True)
class Described:
    """What a line of a passbook was for."""

    title: str
    note: str


# ── Offers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def offers(community_id: int, today: dt.date, *, available: int | None = None,
           shelf: Shelf | None = None) -> list[Shown]:
    """What can be ordered today: first what ``available`` pays for, then the rest, the sold out last; cheap before
    dear.

    Three statements whatever the number of offers.
    """
    query = scoped(Offer, community_id).where(
        Offer.state == OfferState.OPEN, sa.or_(Offer.from_on.is_(None), Offer.from_on <= today),
        sa.or_(Offer.until_on.is_(None), Offer.until_on >= today))
    if shelf is not None:
        query = query.where(Offer.shelf == shelf)
    found = _shown(community_id, db.session.scalars(query.order_by(Offer.id)).all(), today)
    too_dear = available if available is not None else 10**15
    return sorted(found, key=lambda s: (s.sold_out, s.offer.price > too_dear, s.offer.price, s.offer.id))


def offer(community_id: int | None, offer_id: int, today: dt.date, *, drafts: bool = False) -> Shown:
    """One offer with what is left of it. Raises NotFound; drafts only for the desk."""
    found = get_scoped(Offer, offer_id, community_id)
    if found.state is OfferState.DRAFT and not drafts:
        raise NotFound
    return _shown(found.community_id, [found], today)[0]


def all_offers(community_id: int, today: dt.date) -> list[Shown]:
    """Every offer for the desk's list, the closed ones last."""
    order = sa.case({OfferState.OPEN: 0, OfferState.PAUSED: 1, OfferState.DRAFT: 2}, value=Offer.state, else_=3)
    return _shown(community_id, db.session.scalars(scoped(Offer, community_id).order_by(order, Offer.id)).all(), today)


def _shown(community_id: int, found: Sequence[Offer], today: dt.date) -> list[Shown]:
    ids = [o.id for o in found]
    free: dict[int, dict[int, int]] = {i: {} for i in ids}
    donors: dict[int, set[str]] = {i: set() for i in ids}
    if ids:
        rows = db.session.execute(
            sa.select(StockLot.offer_id, StockLot.outlet_id, StockLot.donor, StockLot.source,
                      sa.func.sum(StockLot.on_hand - StockLot.reserved), sa.func.sum(StockLot.on_hand))
            .join(Outlet, Outlet.id == StockLot.outlet_id)
            .where(StockLot.community_id == community_id, StockLot.offer_id.in_(ids), good_on(today),
                   Outlet.closed_at.is_(None))
            .group_by(StockLot.offer_id, StockLot.outlet_id, StockLot.donor, StockLot.source))
        for offer_id, outlet_id, donor, source, left, on_hand in rows:
            free[offer_id][outlet_id] = free[offer_id].get(outlet_id, 0) + int(left)
            if source is StockSource.DONATION and on_hand and donor:
                donors[offer_id].add(donor)
    photos = media.first_photos(community_id, [f"offer:{i}" for i in ids])
    return [Shown(o, sum(free[o.id].values()) if o.stocked else None, free[o.id], tuple(sorted(donors[o.id])),
                  photos.get(f"offer:{o.id}")) for o in found]


def outlets(community_id: int, *, closed: bool = False) -> Sequence[Outlet]:
    """The outlets of a community."""
    query = scoped(Outlet, community_id)
    if not closed:
        query = query.where(Outlet.closed_at.is_(None))
    return db.session.scalars(query.order_by(Outlet.id)).all()


def keepers(community_id: int) -> dict[int, list[User]]:
    """Who stands at each outlet now."""
    found: dict[int, list[User]] = {}
    rows = db.session.execute(
        sa.select(OutletKeeper.outlet_id, User).join(User, User.id == OutletKeeper.user_id)
        .where(OutletKeeper.community_id == community_id, OutletKeeper.until_at.is_(None)).order_by(OutletKeeper.id))
    for outlet_id, user in rows:
        found.setdefault(outlet_id, []).append(user)
    return found


def next_open_day(community_id: int, today: dt.date) -> dt.date:
    """The next day on which goods are handed over."""
    return days.next_open(community_settings.of(community_id), today)


def is_open(community_id: int, day: dt.date) -> bool:
    """Goods are handed over on this day."""
    return days.is_open(community_settings.of(community_id), day)


def last_day(community_id: int, placed_on: dt.date) -> dt.date:
    """Until when an order of this day would wait."""
    return days.last_day(community_settings.of(community_id), placed_on)


# ── Orders ──────────────────────────────────────────────────────────────────────────────────────────────────────


def with_lines(community_id: int | None) -> sa.Select[Any]:
    """Orders of a community with outlet, lines and offers: three statements for any number of them."""
    return scoped(Redemption, community_id).options(
        joinedload(Redemption.outlet), selectinload(Redemption.lines).joinedload(RedemptionLine.offer))


def redemptions(community_id: int, owner_keys: Iterable[str], resident_id: int | None = None, *,
                cursor: str | None = None, limit: int | None = None) -> Page[Redemption]:
    """The orders paid from these wallets or made for this resident, newest first."""
    query = with_lines(community_id).where(
        sa.or_(Redemption.owner_key.in_(list(owner_keys)), Redemption.resident_id == resident_id))
    return page(query, Redemption.id, cursor=cursor, limit=limit)


def all_redemptions(community_id: int, *, state: RedemptionState | None = None, outlet_ids: Sequence[int] | None = None,
                    since: dt.datetime | None = None, cursor: str | None = None,
                    limit: int | None = None) -> Page[Redemption]:
    """The community's orders, newest first; by state, of some outlets, closed since an instant."""
    query = with_lines(community_id)
    if state is not None:
        query = query.where(Redemption.state == state)
    if outlet_ids is not None:
        query = query.where(Redemption.outlet_id.in_(list(outlet_ids)))
    if since is not None:
        query = query.where(Redemption.closed_at >= since)
    return page(query, Redemption.id, cursor=cursor, limit=limit)


def put_aside(community_id: int, owner_keys: Collection[str]) -> Sequence[Redemption]:
    """The orders of these wallets that nobody has picked up yet, with their lines, oldest first."""
    return db.session.scalars(
        with_lines(community_id).where(Redemption.owner_key.in_(list(owner_keys)),
                                       Redemption.state == RedemptionState.RESERVED).order_by(Redemption.id)).all()


def redemption(actor: Actor, redemption_id: int, today: dt.date) -> Redemption:
    """One's own order or the household's, or any for those who read the shop's books. Raises NotFound."""
    found = _one(actor.community_id, Redemption.id == redemption_id)
    if found is None:
        raise NotFound
    homes: set[int] = set()
    if actor.resident_id is not None:
        home = people.household_on(found.community_id, [actor.resident_id], today).get(actor.resident_id)
        homes = {home.id} if home else set()
    if not policy.is_theirs(actor, found, homes) and not policy.can_read_books(actor):
        raise NotFound
    return found


def at_counter(actor: Actor, redemption_id: int, own_outlets: Sequence[int]) -> Redemption:
    """An order as the keeper of its outlet sees it. Raises NotFound and :class:`OtherOutlet`."""
    found = _one(actor.community_id, Redemption.id == redemption_id)
    if found is None:
        raise NotFound
    if found.outlet_id not in own_outlets:
        raise OtherOutlet(outlet=found.outlet.name)
    return found


def by_voucher(community_id: int | None, text: str) -> Redemption:
    """The order behind a scanned code, its address or a typed number. Raises :class:`NoSuchVoucher`,
    ``WrongNumber``."""
    code_hash, number = vouchers.read(text)
    found = _one(community_id, Redemption.code_hash == code_hash if code_hash else Redemption.number == number)
    if found is None:
        raise NoSuchVoucher
    return found


def _one(community_id: int | None, where: sa.ColumnElement[bool]) -> Redemption | None:
    if community_id is None:
        return None
    found: Redemption | None = db.session.scalars(with_lines(community_id).where(where)).one_or_none()
    return found


def lots_of(redemption_id: int) -> Sequence[tuple[StockLot, int]]:
    """From which lots an order is taken, and how many of each: the keeper takes these, residents see the donor."""
    rows = db.session.execute(
        sa.select(StockLot, sa.func.sum(StockMovement.reserved_change))
        .join(StockMovement, StockMovement.lot_id == StockLot.id)
        .join(RedemptionLine, RedemptionLine.id == StockMovement.line_id)
        .where(RedemptionLine.redemption_id == redemption_id, StockMovement.kind == MovementKind.RESERVE)
        .group_by(StockLot.id).order_by(StockLot.expires_on, StockLot.id))
    return [(lot, int(quantity)) for lot, quantity in rows]


def people_of(community_id: int, found: Iterable[Redemption]) -> dict[int, tuple[str, str]]:
    """Masked name and household number by order id, for lists: two statements."""
    rows = list(found)
    residents = people.residents_by_id(community_id, {r.resident_id for r in rows})
    homes = people.households_by_id(community_id, {r.household_id for r in rows if r.household_id})
    return {r.id: (mask_name(residents[r.resident_id].name) if r.resident_id in residents else "",
                   homes[r.household_id].number if r.household_id in homes else "") for r in rows}


def describe(community_id: int, source_keys: Iterable[str]) -> dict[str, Described]:
    """What the shop's lines in a passbook were for: ``redemption:88``, ``redemption:88/close``, ``…/returned``."""
    keys = [key for key in source_keys if key.startswith("redemption:")]
    ids = {int(number) for key in keys if (number := key[11:].partition("/")[0]).isdigit()}
    if not ids:
        return {}
    rows = {r.id: r for r in db.session.scalars(scoped(Redemption, community_id).where(Redemption.id.in_(ids))
                                                .options(selectinload(Redemption.lines)))}
    found = {}
    for key in keys:
        number, _slash, rest = key[11:].partition("/")
        row = rows.get(int(number)) if number.isdigit() else None
        if row is not None:
            title = "、".join(f"{line.name} × {line.quantity}" for line in row.lines)
            found[key] = Described(title, _note(row, rest))
    return found


def _note(row: Redemption, rest: str) -> str:
    if rest.endswith("returned"):
        return _(texts.TAKEN_BACK)
    if rest and row.state is RedemptionState.CANCELLED:
        return _(texts.CAME_BACK)
    if rest and row.state is RedemptionState.LAPSED:
        return _(texts.LAPSED_NOTE)
    if row.state is RedemptionState.RESERVED:
        return _(texts.WAITS, day=format_short_day(row.pick_up_by))
    return _(texts.HANDED_OVER) if row.state is RedemptionState.COLLECTED else str(texts.STATES[row.state])


# ── Stock ───────────────────────────────────────────────────────────────────────────────────────────────────────


def lots(community_id: int, *, offer_id: int | None = None, empty: bool = False, cursor: str | None = None,
         limit: int | None = None) -> Page[StockLot]:
    """The lots, newest first; those that are used up only if asked for."""
    query = scoped(StockLot, community_id).options(joinedload(StockLot.offer), joinedload(StockLot.outlet))
    if offer_id is not None:
        query = query.where(StockLot.offer_id == offer_id)
    if not empty:
        query = query.where(StockLot.on_hand > 0)
    return page(query, StockLot.id, cursor=cursor, limit=limit)


def lot(community_id: int | None, lot_id: int) -> StockLot:
    """One lot with its offer and outlet. Raises NotFound."""
    found = db.session.scalars(
        scoped(StockLot, community_id).where(StockLot.id == lot_id)
        .options(joinedload(StockLot.offer), joinedload(StockLot.outlet))).one_or_none()
    if found is None:
        raise NotFound
    return found


def movements(community_id: int, *, lot_id: int | None = None, cursor: str | None = None,
              limit: int | None = None) -> Page[StockMovement]:
    """The stock book, newest first."""
    query = scoped(StockMovement, community_id).options(
        joinedload(StockMovement.lot).joinedload(StockLot.offer),
        joinedload(StockMovement.lot).joinedload(StockLot.outlet))
    if lot_id is not None:
        query = query.where(StockMovement.lot_id == lot_id)
    return page(query, StockMovement.id, cursor=cursor, limit=limit)


def checks(community_id: int, *, state: CheckState | None = None, cursor: str | None = None) -> Page[StockCheck]:
    """Write-offs and counts, newest first."""
    query = scoped(StockCheck, community_id).options(
        joinedload(StockCheck.lot).joinedload(StockLot.offer), joinedload(StockCheck.lot).joinedload(StockLot.outlet))
    if state is not None:
        query = query.where(StockCheck.state == state)
    return page(query, StockCheck.id, cursor=cursor)


def waiting_checks(community_id: int) -> int:
    """How many write-offs and counts wait for their second person."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(StockCheck).where(
        StockCheck.community_id == community_id, StockCheck.state == CheckState.WAITING)) or 0


def waiting_orders(community_id: int) -> int:
    """How many orders wait to be picked up."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Redemption).where(
        Redemption.community_id == community_id, Redemption.state == RedemptionState.RESERVED)) or 0


def expiring_lots(community_id: int, today: dt.date, within: int = 30) -> Sequence[StockLot]:
    """What has to leave soon, or is over its date and has to be written off, the earliest first."""
    return db.session.scalars(
        scoped(StockLot, community_id).where(
            StockLot.on_hand > 0, StockLot.expires_on <= today + dt.timedelta(days=within))
        .options(joinedload(StockLot.offer), joinedload(StockLot.outlet))
        .order_by(StockLot.expires_on, StockLot.id).limit(50)).all()


def pictures(community_id: int, offer_ids: Iterable[int]) -> dict[int, Photo]:
    """The first picture of each offer that has one."""
    found = media.first_photos(community_id, [f"offer:{i}" for i in set(offer_ids)])
    return {int(key.partition(":")[2]): photo for key, photo in found.items()}
