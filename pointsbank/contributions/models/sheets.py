"""Paper sheets: a month's deeds entered in one go, kept as they were typed, confirmed by a second person."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type

MOST_ROWS = 500


class SheetState(enum.StrEnum):
    """draft -> submitted <-> returned; submitted -> confirmed; draft | returned -> discarded."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


SHEET_ALLOWED: dict[SheetState, frozenset[SheetState]] = {
    SheetState.DRAFT: frozenset({SheetState.SUBMITTED, SheetState.DISCARDED}),
    SheetState.SUBMITTED: frozenset({SheetState.CONFIRMED, SheetState.RETURNED}),
    SheetState.RETURNED: frozenset({SheetState.SUBMITTED, SheetState.DISCARDED}),
    SheetState.CONFIRMED: frozenset(),
    SheetState.DISCARDED: frozenset(),
}
SHEET_OPEN = (SheetState.DRAFT, SheetState.RETURNED)


class Sheet(Base):
    """A sheet of paper that somebody types in. ``reason`` says why its deeds did not come in the usual way.

    ``team_id`` is the leader's team, None for a sheet of the office. Photos of the paper hang under ``sheet:<id>``.
    ``month`` is its first day, ``rows_shown`` how many lines the form has. Confirmed or discarded it is never changed
    (triggers).
    """

    __tablename__ = "deed_sheet"
    __table_args__ = (
        sa.Index(None, "community_id", "state", "id"),
        sa.Index(None, "community_id", "entered_by_id", "id"),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> entered_by_id", name="second_person"),
        sa.CheckConstraint("state NOT IN ('confirmed', 'returned') OR decided_by_id IS NOT NULL", name="decided"),
        sa.CheckConstraint("state NOT IN ('submitted', 'confirmed') OR reason <> ''", name="reason"),
        sa.CheckConstraint(f"rows_shown BETWEEN 1 AND {MOST_ROWS}", name="rows_shown"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    state: Mapped[SheetState] = mapped_column(enum_type(SheetState))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    title: Mapped[str] = mapped_column(sa.String(60))
    month: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    rows_shown: Mapped[int]
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.String(300), default="")


class SheetRow(Base):
    """One line of a sheet: first as it was typed, then what it was understood as.

    ``faults`` are stored sentences, each with the column it is about and whether it stops the sheet or only has to be
    ticked (``double_ok``). ``minutes``, ``units``, ``score`` and ``amount_fen`` as in a deed. Rows change only while
    their sheet is a draft or came back (triggers).
    """

    __tablename__ = "deed_sheet_row"
    __table_args__ = (
        sa.UniqueConstraint("sheet_id", "position"),
        sa.Index(None, "community_id", "sheet_id", "position"),
        sa.CheckConstraint(f"position BETWEEN 1 AND {MOST_ROWS}", name="position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("deed_sheet.id"))
    position: Mapped[int]
    who: Mapped[str] = mapped_column(sa.String(60))
    household: Mapped[str] = mapped_column(sa.String(24))
    day: Mapped[str] = mapped_column(sa.String(20))
    item: Mapped[str] = mapped_column(sa.String(80))
    amount: Mapped[str] = mapped_column(sa.String(20))
    note: Mapped[str] = mapped_column(sa.String(120))
    double_ok: Mapped[bool] = mapped_column(default=False)
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    done_on: Mapped[dt.date | None]
    item_code: Mapped[str | None] = mapped_column(sa.String(12))
    minutes: Mapped[int | None]
    units: Mapped[int | None]
    score: Mapped[int | None]
    amount_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    faults: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)

    @property
    def source_key(self) -> str:
        """The key under which the deed of this row is recorded, once."""
        return f"sheet:{self.sheet_id}/row:{self.position}"
