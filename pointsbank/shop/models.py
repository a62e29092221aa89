"""What the shop stores: outlets and their keepers, offers, lots with their movements, orders and counters of limits."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class Outlet(Base):
    """A place where goods are handed over. ``hours`` and ``place`` are texts for people (``9:00–11:30``)."""

    __tablename__ = "outlet"
    __table_args__ = (sa.UniqueConstraint("community_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    hours: Mapped[str] = mapped_column(sa.String(60), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class OutletKeeper(Base):
    """Which shop-keeper stands at which outlet. The role alone opens no counter. Ends, never deleted."""

    __tablename__ = "outlet_keeper"
    __table_args__ = (
        sa.Index(None, "community_id", "user_id"),
        sa.Index("uq_outlet_keeper_present", "outlet_id", "user_id", unique=True,
                 sqlite_where=sa.text("until_at IS NULL"), postgresql_where=sa.text("until_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    outlet_id: Mapped[int] = mapped_column(sa.ForeignKey("outlet.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    since_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class RewardKind(enum.StrEnum):
    """Goods lie on a shelf; a service is done; a coupon is a piece of paper that another shop takes."""

    GOODS = "goods"
    SERVICE = "service"
    COUPON = "coupon"


class Shelf(enum.StrEnum):
    """Where an offer stands on the page."""

    FOOD = "food"
    HOME = "home"
    HELP = "help"
    OTHER = "other"


class LimitPeriod(enum.StrEnum):
    """Over which span the limits of an offer are counted."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVER = "ever"


class OfferState(enum.StrEnum):
    """draft -> open <-> paused -> closed."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


OFFER_ALLOWED: dict[OfferState, frozenset[OfferState]] = {
    OfferState.DRAFT: frozenset({OfferState.OPEN, OfferState.CLOSED}),
    OfferState.OPEN: frozenset({OfferState.PAUSED, OfferState.CLOSED}),
    OfferState.PAUSED: frozenset({OfferState.OPEN, OfferState.CLOSED}),
    OfferState.CLOSED: frozenset(),
}


class Offer(Base):
    """A reward and its price. ``price`` in hundredths of a point for one unit; ``top_up_fen`` is cash noted beside
    it and
    never handled here. ``stocked`` False: nothing is counted (a service that is always there). Limits None: none."""

    __tablename__ = "offer"
    __table_args__ = (
        sa.Index(None, "community_id", "state"),
        sa.CheckConstraint("price > 0", name="price_positive"),
        sa.CheckConstraint("top_up_fen >= 0", name="top_up_not_negative"),
        sa.CheckConstraint("per_person > 0", name="per_person_positive"),
        sa.CheckConstraint("per_household > 0", name="per_household_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    name: Mapped[str] = mapped_column(sa.String(40))
    portion: Mapped[str] = mapped_column(sa.String(40), default="")
    unit: Mapped[str] = mapped_column(sa.String(8))
    text: Mapped[str] = mapped_column(sa.String(400), default="")
    kind: Mapped[RewardKind] = mapped_column(enum_type(RewardKind))
    shelf: Mapped[Shelf] = mapped_column(enum_type(Shelf))
    price: Mapped[int] = mapped_column(sa.BigInteger)
    top_up_fen: Mapped[int] = mapped_column(default=0)
    stocked: Mapped[bool] = mapped_column(default=True)
    from_on: Mapped[dt.date | None]
    until_on: Mapped[dt.date | None]
    per_person: Mapped[int | None]
    per_household: Mapped[int | None]
    period: Mapped[LimitPeriod] = mapped_column(enum_type(LimitPeriod))
    state: Mapped[OfferState] = mapped_column(enum_type(OfferState))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    def on_offer(self, day: dt.date) -> bool:
        """May be ordered on ``day``."""
        return (self.state is OfferState.OPEN and (self.from_on is None or self.from_on <= day)
                and (self.until_on is None or day <= self.until_on))


class StockSource(enum.StrEnum):
    """Bought and donated goods are kept in separate books."""

    PURCHASE = "purchase"
    DONATION = "donation"


class StockLot(Base):
    """What came in at once, of one offer at one outlet. ``expires_on`` is the last good day.

    The name of a donor stands on public notices as it is only where ``donor_is_organisation``; a person's is masked.
    ``on_hand`` and ``reserved`` are the sums of the movements, changed only by guarded updates beside a movement.
    """

    __tablename__ = "stock_lot"
    __table_args__ = (
        sa.Index(None, "community_id", "offer_id", "outlet_id"),
        sa.CheckConstraint("reserved >= 0 AND on_hand >= reserved", name="never_negative"),
        sa.CheckConstraint("unit_value_fen >= 0", name="value_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    outlet_id: Mapped[int] = mapped_column(sa.ForeignKey("outlet.id"))
    offer_id: Mapped[int] = mapped_column(sa.ForeignKey("offer.id"))
    source: Mapped[StockSource] = mapped_column(enum_type(StockSource))
    donor: Mapped[str] = mapped_column(sa.String(80), default="")
    donor_is_organisation: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    wish: Mapped[str] = mapped_column(sa.String(200), default="")
    document: Mapped[str] = mapped_column(sa.String(60), default="")
    unit_value_fen: Mapped[int] = mapped_column(default=0)
    received_on: Mapped[dt.date]
    expires_on: Mapped[dt.date | None]
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)

    offer: Mapped[Offer] = relationship(lazy="raise")
    outlet: Mapped[Outlet] = relationship(lazy="raise")


class MovementKind(enum.StrEnum):
    """What happened to goods."""

    RECEIVE = "receive"
    RESERVE = "reserve"
    RELEASE = "release"
    COLLECT = "collect"
    RETURN = "return"
    WRITE_OFF = "write_off"
    COUNT = "count"


class StockMovement(Base):
    """One line of the stock book, append-only (triggers refuse the rest). Both changes are signed.

    The check says which movement changes what, so that no line can be written that its kind does not allow.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (
        sa.Index(None, "community_id", "id"), sa.Index(None, "lot_id", "id"),
        sa.Index(None, "line_id", sqlite_where=sa.text("line_id IS NOT NULL"),
                 postgresql_where=sa.text("line_id IS NOT NULL")),
        sa.CheckConstraint(
            "(kind = 'receive' AND on_hand_change > 0 AND reserved_change = 0)"
            " OR (kind = 'reserve' AND on_hand_change = 0 AND reserved_change > 0)"
            " OR (kind = 'release' AND on_hand_change = 0 AND reserved_change < 0)"
            " OR (kind = 'collect' AND on_hand_change < 0 AND reserved_change = on_hand_change)"
            " OR (kind = 'return' AND on_hand_change > 0 AND reserved_change = 0)"
            " OR (kind = 'write_off' AND on_hand_change < 0 AND reserved_change = 0)"
            " OR (kind = 'count' AND on_hand_change <> 0 AND reserved_change = 0)", name="kind_tells_change"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("stock_lot.id"))
    line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("redemption_line.id"))
    kind: Mapped[MovementKind] = mapped_column(enum_type(MovementKind))
    on_hand_change: Mapped[int]
    reserved_change: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    by_user_id: Mapped[int | None]
    second_user_id: Mapped[int | None]
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    lot: Mapped[StockLot] = relationship(lazy="raise")


class CheckState(enum.StrEnum):
    """waiting -> confirmed | refused."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class StockCheck(Base):
    """A write-off or a count that waits for its second person. ``quantity`` is what is to be written off, or what was
    counted; ``expected`` is what the book said at that moment, so that later hand-overs do not disturb the
    difference."""

    __tablename__ = "stock_check"
    __table_args__ = (
        sa.Index(None, "community_id", "state"),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
        sa.CheckConstraint("quantity >= 0", name="quantity_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("stock_lot.id"))
    kind: Mapped[MovementKind] = mapped_column(enum_type(MovementKind))
    quantity: Mapped[int]
    expected: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[CheckState] = mapped_column(enum_type(CheckState))
    proposed_by_id: Mapped[int]
    proposed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None]
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(sa.String(200), default="")

    lot: Mapped[StockLot] = relationship(lazy="raise")

    @property
    def change(self) -> int:
        """What confirming it does to the number on the shelf."""
        return -self.quantity if self.kind is MovementKind.WRITE_OFF else self.quantity - self.expected


class RedemptionState(enum.StrEnum):
    """Put aside, then closed once: handed over, cancelled or lapsed. What was handed over may come back."""

    RESERVED = "reserved"
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    RETURNED = "returned"


ALLOWED: dict[RedemptionState, frozenset[RedemptionState]] = {
    RedemptionState.RESERVED: frozenset({RedemptionState.COLLECTED, RedemptionState.CANCELLED, RedemptionState.LAPSED}),
    RedemptionState.COLLECTED: frozenset({RedemptionState.RETURNED}),
    RedemptionState.CANCELLED: frozenset(),
    RedemptionState.LAPSED: frozenset(),
    RedemptionState.RETURNED: frozenset(),
}


class Channel(enum.StrEnum):
    """Ordered on a phone, or redeemed at the counter with a card."""

    ONLINE = "online"
    COUNTER = "counter"


class Receiver(enum.StrEnum):
    """Into whose hands the goods went."""

    SELF = "self"
    FAMILY = "family"
    PROXY = "proxy"


class Redemption(Base):
    """An order and its voucher. ``owner_key`` is the wallet that pays, ``redemption:<id>`` its key in the book.

    The voucher is an 80-bit code (drawn again for its holder; only its SHA-256 is kept) and a 12-digit number.
    ``takings`` lists what it took of counted limits, to be given back exactly: [subject, window, amount].
    """

    __tablename__ = "redemption"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "number"), sa.Index(None, "community_id", "state", "pick_up_by"),
        sa.Index(None, "community_id", "owner_key", "id"), sa.Index(None, "community_id", "outlet_id", "id"),
        sa.CheckConstraint("points > 0", name="points_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    outlet_id: Mapped[int] = mapped_column(sa.ForeignKey("outlet.id"))
    owner_key: Mapped[str] = mapped_column(sa.String(40))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    household_id: Mapped[int | None] = mapped_column(sa.ForeignKey("household.id"))
    ordered_by_id: Mapped[int | None]
    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    state: Mapped[RedemptionState] = mapped_column(enum_type(RedemptionState))
    points: Mapped[int] = mapped_column(sa.BigInteger)
    top_up_fen: Mapped[int] = mapped_column(default=0)
    number: Mapped[str] = mapped_column(sa.String(12))
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    placed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    pick_up_by: Mapped[dt.date]
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None]
    received_by: Mapped[Receiver | None] = mapped_column(enum_type(Receiver))
    proxy_name: Mapped[str] = mapped_column(sa.String(40), default="")
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    takings: Mapped[list[Any]] = mapped_column(Json, default=list)

    outlet: Mapped[Outlet] = relationship(lazy="raise")
    lines: Mapped[list[RedemptionLine]] = relationship(lazy="raise", order_by="RedemptionLine.id")

    @property
    def key(self) -> str:
        """Its key in the book."""
        return f"redemption:{self.id}"

    @property
    def spoken_number(self) -> str:
        """The number in groups of four, as it is read out."""
        return " ".join(self.number[i:i + 4] for i in range(0, len(self.number), 4))


class RedemptionLine(Base):
    """So many units of an offer, with name and price as they were on the day of the order."""

    __tablename__ = "redemption_line"
    __table_args__ = (sa.Index(None, "redemption_id"), sa.Index(None, "community_id", "offer_id"),
                      sa.CheckConstraint("quantity > 0", name="quantity_positive"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    redemption_id: Mapped[int] = mapped_column(sa.ForeignKey("redemption.id"))
    offer_id: Mapped[int] = mapped_column(sa.ForeignKey("offer.id"))
    name: Mapped[str] = mapped_column(sa.String(80))
    unit: Mapped[str] = mapped_column(sa.String(8))
    quantity: Mapped[int]
    price: Mapped[int] = mapped_column(sa.BigInteger)

    offer: Mapped[Offer] = relationship(lazy="raise")


class LimitUse(Base):
    """How much of a limit is used: one row per subject and window, changed only by a guarded update.

    ``subject`` is ``offer:3/household:17``, ``offer:3/resident:5`` (units) or ``spend/household:17`` (hundredths).
    """

    __tablename__ = "shop_limit_use"
    __table_args__ = (sa.UniqueConstraint("community_id", "subject", "period"),
                      sa.CheckConstraint("used >= 0", name="used_not_negative"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    subject: Mapped[str] = mapped_column(sa.String(60))
    period: Mapped[str] = mapped_column(sa.String(12))
    used: Mapped[int] = mapped_column(sa.BigInteger)


# Imported for its effect: the tables carry their triggers from the moment they are made.
from pointsbank.shop import triggers as triggers  # noqa: E402
