"""A deduction and its steps. What was announced is never rewritten; steps are only added."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class DeductionState(enum.StrEnum):
    """announced -> rectified | dropped | imposed; imposed -> appealed -> upheld (it stands) | reversed."""

    ANNOUNCED = "announced"
    RECTIFIED = "rectified"
    DROPPED = "dropped"
    IMPOSED = "imposed"
    APPEALED = "appealed"
    UPHELD = "upheld"
    REVERSED = "reversed"


ALLOWED: dict[DeductionState, frozenset[DeductionState]] = {
    DeductionState.ANNOUNCED: frozenset({DeductionState.RECTIFIED, DeductionState.DROPPED, DeductionState.IMPOSED}),
    DeductionState.IMPOSED: frozenset({DeductionState.APPEALED}),
    DeductionState.APPEALED: frozenset({DeductionState.UPHELD, DeductionState.REVERSED}),
    DeductionState.RECTIFIED: frozenset(), DeductionState.DROPPED: frozenset(),
    DeductionState.UPHELD: frozenset(), DeductionState.REVERSED: frozenset(),
}
# Points were taken and still are: what a repetition is counted from.
STANDING = (DeductionState.IMPOSED, DeductionState.APPEALED, DeductionState.UPHELD)
OPEN = (DeductionState.ANNOUNCED, DeductionState.APPEALED)


class Deduction(Base):
    """One case. ``owner_key`` is the wallet it would be taken from: a household's or a grown-up's own.

    ``household_id`` is the household of ``seen_on`` (family can't decide), ``resident_id`` the one person concerned,
    None where it is the household's. ``quantity`` is what was counted, in the unit of the item. ``foreseen`` is what
    the letter says it would come to, ``amount`` what it came to, ``taken`` what there was to take; all hundredths.
    ``due_on`` is the day by which the desk has to say something, None where it need not. ``doubled_by_id`` is the
    earlier one of which this is a repetition, ``booked_as`` its key in the book.
    """

    __tablename__ = "deduction"
    __table_args__ = (
        sa.Index(None, "community_id", "owner_key", "rule_code"), sa.Index(None, "community_id", "due_on", "id"),
        sa.Index(None, "community_id", "announced_by_id"), sa.Index(None, "community_id", "doubled_by_id"),
        sa.Index("uq_deduction_standing", "community_id", "owner_key", "rule_code", "seen_on", unique=True,
                 sqlite_where=sa.text("state NOT IN ('rectified', 'dropped', 'reversed')"),
                 postgresql_where=sa.text("state NOT IN ('rectified', 'dropped', 'reversed')")),
        sa.CheckConstraint("(state = 'announced') = (decided_by_id IS NULL)", name="decided"),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> announced_by_id"
                           " OR state IN ('rectified', 'dropped')", name="second_person"),
        sa.CheckConstraint("(state IN ('upheld', 'reversed')) = (appeal_decided_by_id IS NOT NULL)",
                           name="appeal_decided"),
        sa.CheckConstraint("appeal_decided_by_id IS NULL OR (appeal_decided_by_id <> announced_by_id"
                           " AND appeal_decided_by_id <> decided_by_id)", name="third_person"),
        sa.CheckConstraint("(state IN ('imposed', 'appealed', 'upheld', 'reversed')) = (taken IS NOT NULL)",
                           name="taken_when_imposed"),
        sa.CheckConstraint("taken IS NULL OR (amount > 0 AND taken >= 0 AND taken <= amount)", name="never_more"),
        sa.CheckConstraint("rectify_by > announced_on", name="time_to_rectify"),
        sa.CheckConstraint("(imposed_on IS NULL) = (taken IS NULL)", name="imposed_on_a_day"),
        sa.CheckConstraint("imposed_on IS NULL OR imposed_on > rectify_by", name="not_too_early"),
        sa.CheckConstraint("household_id IS NOT NULL OR resident_id IS NOT NULL", name="somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    state: Mapped[DeductionState] = mapped_column(enum_type(DeductionState))
    owner_key: Mapped[str] = mapped_column(sa.String(40))
    household_id: Mapped[int | None] = mapped_column(sa.ForeignKey("household.id"))
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("scoring_standard.id"))
    rule_code: Mapped[str] = mapped_column(sa.String(12))
    rule_name: Mapped[str] = mapped_column(sa.String(80))
    seen_on: Mapped[dt.date]
    seen: Mapped[str] = mapped_column(sa.String(500))
    how: Mapped[str] = mapped_column(sa.String(500))
    quantity: Mapped[int | None] = mapped_column(sa.BigInteger)
    foreseen: Mapped[int] = mapped_column(sa.BigInteger)
    announced_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    announced_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    announced_on: Mapped[dt.date]
    rectify_by: Mapped[dt.date]
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    put_right_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    due_on: Mapped[dt.date | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    imposed_on: Mapped[dt.date | None]
    amount: Mapped[int | None] = mapped_column(sa.BigInteger)
    taken: Mapped[int | None] = mapped_column(sa.BigInteger)
    explanation: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    doubled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deduction.id"))
    booked_as: Mapped[str] = mapped_column(sa.String(80), default="")
    appeal_by: Mapped[dt.date | None]
    appealed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    appeal_decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    appeal_decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    @property
    def key(self) -> str:
        """What its photos hang on and its line in the book begins with."""
        return f"deduction:{self.id}"

    @property
    def written_off(self) -> int:
        """Hundredths that were not there to take; nobody owes them."""
        return (self.amount or 0) - (self.taken or 0)

    def is_overdue(self, today: dt.date) -> bool:
        """The desk should have said something by now."""
        return self.due_on is not None and self.due_on < today


class StepKind(enum.StrEnum):
    """What happened: the states, what the people concerned said, and a doubling that lost its ground."""

    ANNOUNCED = "announced"
    ANSWERED = "answered"
    PUT_RIGHT = "put_right"
    RECTIFIED = "rectified"
    DROPPED = "dropped"
    IMPOSED = "imposed"
    APPEALED = "appealed"
    UPHELD = "upheld"
    REVERSED = "reversed"
    HALVED = "halved"


class DeductionStep(Base):
    """One step in the words of whoever took it. ``on_paper``: taken down by a member for somebody without a phone."""

    __tablename__ = "deduction_step"
    __table_args__ = (sa.Index(None, "community_id", "deduction_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    deduction_id: Mapped[int] = mapped_column(sa.ForeignKey("deduction.id"))
    kind: Mapped[StepKind] = mapped_column(enum_type(StepKind))
    by_user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    on_paper: Mapped[bool] = mapped_column(default=False)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(sa.String(500))
