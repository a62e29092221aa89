"""What the book stores: accounts, transfers, lots with their allocations, and the roll-up of uncached accounts."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, UtcDateTime, enum_type

# The lot of points that never expire: every wallet has lots, so "lots = balance" holds without exception.
NEVER = dt.date(9999, 12, 31)
# SQLite gives only INTEGER keys its own row number; BIGINT would cost an index of its own there.
BigKey = sa.BigInteger().with_variant(sa.Integer, "sqlite")


class Book(enum.StrEnum):
    """Three quantities that are never exchanged for one another (a transfer stays inside one book)."""

    POINTS = "points"
    HONOUR = "honour"
    MINUTES = "minutes"


class AccountKind(enum.StrEnum):
    """Whose account it is: the community's (issuance, redeemed, expired, deducted) or one household's or resident's."""

    ISSUANCE = "issuance"
    WALLET = "wallet"
    HELD = "held"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    DEDUCTED = "deducted"
    DEBT = "debt"


# Balance NULL = not cached: one row that every award had to update would be the queue of the whole community.
UNCACHED = frozenset({AccountKind.ISSUANCE, AccountKind.REDEEMED, AccountKind.EXPIRED, AccountKind.DEDUCTED})
# Below zero only: issuance (what was ever given out) and debt (what an owner still owes).
FLOORS: dict[AccountKind, int | None] = {AccountKind.WALLET: 0, AccountKind.HELD: 0, AccountKind.DEBT: None}


class TransferKind(enum.StrEnum):
    """What a transfer is, as the passbook names it."""

    AWARD = "award"
    OPENING = "opening"
    HOLD = "hold"
    RELEASE = "release"
    COLLECT = "collect"
    REVERSAL = "reversal"
    EXPIRY = "expiry"
    DEDUCTION = "deduction"
    DEBT = "debt"
    REPAYMENT = "repayment"
    SUCCESSION = "succession"
    DEBT_SUCCESSION = "debt_succession"


# (from, to) of each kind. A reversal is absent: it swaps the sides of the transfer that it names.
ROUTES: dict[TransferKind, tuple[AccountKind, AccountKind]] = {
    TransferKind.AWARD: (AccountKind.ISSUANCE, AccountKind.WALLET),
    TransferKind.OPENING: (AccountKind.ISSUANCE, AccountKind.WALLET),
    TransferKind.HOLD: (AccountKind.WALLET, AccountKind.HELD),
    TransferKind.RELEASE: (AccountKind.HELD, AccountKind.WALLET),
    TransferKind.COLLECT: (AccountKind.HELD, AccountKind.REDEEMED),
    TransferKind.EXPIRY: (AccountKind.WALLET, AccountKind.EXPIRED),
    TransferKind.DEDUCTION: (AccountKind.WALLET, AccountKind.DEDUCTED),
    TransferKind.DEBT: (AccountKind.DEBT, AccountKind.WALLET),
    TransferKind.REPAYMENT: (AccountKind.WALLET, AccountKind.DEBT),
    # A debt that passes on: the heir's account goes down, and the other one up.
    TransferKind.SUCCESSION: (AccountKind.WALLET, AccountKind.WALLET),
    TransferKind.DEBT_SUCCESSION: (AccountKind.DEBT, AccountKind.DEBT),
}


class PointsAccount(Base):
    """One account. ``balance`` in hundredths, NULL where it is not cached; it never goes below ``floor``.

    ``successor_id``: the wallet (or debt) was closed on ``succeeded_on``, and whatever still arrives goes on to that
    account in the same batch, to be used for at most ``successor_days`` more days (NULL: as long as it lasts).

    No index mentions ``balance``: an update of it would otherwise no longer stay inside its page.
    """

    __tablename__ = "points_account"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "book", "kind", "owner_key"),
        sa.UniqueConstraint("id", "community_id", "book"),
        sa.CheckConstraint("balance >= floor", name="not_below_floor"),
        sa.CheckConstraint("floor IS NULL OR balance IS NOT NULL", name="floor_needs_balance"),
        sa.CheckConstraint("kind <> 'debt' OR balance <= 0", name="debt_not_overpaid"),
        sa.CheckConstraint("successor_id IS NULL OR (successor_id <> id AND kind IN ('wallet', 'debt')"
                           " AND succeeded_on IS NOT NULL)", name="successor"),
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    book: Mapped[Book] = mapped_column(enum_type(Book))
    kind: Mapped[AccountKind] = mapped_column(enum_type(AccountKind))
    owner_key: Mapped[str] = mapped_column(sa.String(40))
    floor: Mapped[int | None] = mapped_column(sa.BigInteger)
    balance: Mapped[int | None] = mapped_column(sa.BigInteger)
    succeeded_on: Mapped[dt.date | None]
    successor_days: Mapped[int | None]
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("points_account.id"))


class PostedTransfer(Base):
    """One line of the book, append-only (triggers refuse the rest).

    ``expires_on``: into a wallet the lot it fills; out of a wallet the lot it must (expiry) or should first (a reversed
    award, a repayment, a succession) take from. ``recorded_on`` is the Shanghai day by which lots were judged live, so
    that a replay judges them alike. The order of ``id`` is the truth; both dates are labels.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "source_key"),
        sa.Index(None, "from_id", "id"),
        sa.Index(None, "to_id", "id"),
        # Partial on both databases, so that ordinary rows have no entry in it.
        sa.Index("uq_transfer_reverses_id", "reverses_id", unique=True,
                 postgresql_where=sa.text("reverses_id IS NOT NULL"), sqlite_where=sa.text("reverses_id IS NOT NULL")),
        # The pairs hold both sides in one book and one community.
        sa.ForeignKeyConstraint(["from_id", "community_id", "book"],
                                ["points_account.id", "points_account.community_id", "points_account.book"]),
        sa.ForeignKeyConstraint(["to_id", "community_id", "book"],
                                ["points_account.id", "points_account.community_id", "points_account.book"]),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("from_id <> to_id", name="two_accounts"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    from_id: Mapped[int]
    to_id: Mapped[int]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    reverses_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    community_id: Mapped[int]
    expires_on: Mapped[dt.date | None]
    recorded_on: Mapped[dt.date]
    book: Mapped[Book] = mapped_column(enum_type(Book))
    kind: Mapped[TransferKind] = mapped_column(enum_type(TransferKind))
    source_key: Mapped[str] = mapped_column(sa.String(80))
    request_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(16))


class Lot(Base):
    """What is left in a wallet of the points that expire on one day. Wallet and day are its name."""

    __tablename__ = "lot"
    __table_args__ = (
        sa.CheckConstraint("remaining >= 0", name="remaining_not_negative"),
        {"postgresql_with": {"fillfactor": 70}},
    )

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("points_account.id"), primary_key=True, autoincrement=False)
    expires_on: Mapped[dt.date] = mapped_column(primary_key=True)
    remaining: Mapped[int] = mapped_column(sa.BigInteger)


class Allocation(Base):
    """Which lots a transfer took from (negative) or gave back to (positive). Append-only.

    A transfer that simply fills the lot named by its ``expires_on`` has no row here.
    """

    __tablename__ = "allocation"
    __table_args__ = (sa.CheckConstraint("amount <> 0", name="amount_not_zero"),)

    transfer_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("transfer.id"), primary_key=True,
                                             autoincrement=False)
    expires_on: Mapped[dt.date] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(sa.BigInteger)


class AccountRollup(Base):
    """The sum of an uncached account up to and including ``through_id``; see ``services/rolling.py``."""

    __tablename__ = "account_rollup"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("points_account.id"), primary_key=True, autoincrement=False)
    through_id: Mapped[int] = mapped_column(sa.BigInteger)
    balance: Mapped[int] = mapped_column(sa.BigInteger)


class OpeningState(enum.StrEnum):
    """Opening balances: one person brings the file, another confirms, a notice shows it, one batch posts it."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"
    POSTED = "posted"
    WITHDRAWN = "withdrawn"


OPENING_ALLOWED: dict[OpeningState, frozenset[OpeningState]] = {
    OpeningState.DRAFT: frozenset({OpeningState.CONFIRMED, OpeningState.WITHDRAWN}),
    OpeningState.CONFIRMED: frozenset({OpeningState.PUBLISHED, OpeningState.WITHDRAWN}),
    OpeningState.PUBLISHED: frozenset({OpeningState.POSTED, OpeningState.WITHDRAWN}),
    OpeningState.POSTED: frozenset(),
    OpeningState.WITHDRAWN: frozenset(),
}


class OpeningBatch(Base):
    """One imported file of balances from the time before. ``notice_id`` is publicity's, known here as a number only."""

    __tablename__ = "opening_batch"
    __table_args__ = (sa.Index(None, "community_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    state: Mapped[OpeningState] = mapped_column(enum_type(OpeningState))
    file_name: Mapped[str] = mapped_column(sa.String(200))
    imported_by_id: Mapped[int]
    imported_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    confirmed_by_id: Mapped[int | None]
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    notice_id: Mapped[int | None]
    posted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class OpeningLine(Base):
    """One balance: the row of the sheet, whose it is and how much. ``struck_because``: an objection was upheld."""

    __tablename__ = "opening_line"
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "row_number"),
        sa.UniqueConstraint("batch_id", "owner_key"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("opening_batch.id"))
    row_number: Mapped[int]
    owner_key: Mapped[str] = mapped_column(sa.String(40))
    household_number: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(80))
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    expires_on: Mapped[dt.date | None]
    struck_because: Mapped[str | None] = mapped_column(sa.String(500))
