"""Requests for a review: a resident asks, somebody who had no hand in the deed answers in writing."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, UtcDateTime, enum_type


class AppealState(enum.StrEnum):
    """open -> upheld | dismissed | withdrawn."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


APPEAL_ALLOWED: dict[AppealState, frozenset[AppealState]] = {
    AppealState.OPEN: frozenset({AppealState.UPHELD, AppealState.DISMISSED, AppealState.WITHDRAWN}),
    AppealState.UPHELD: frozenset(),
    AppealState.DISMISSED: frozenset(),
    AppealState.WITHDRAWN: frozenset(),
}


class Appeal(Base):
    """A resident does not agree with what was decided about a deed; one open request for each deed.

    ``entered_by_id`` is who wrote it down: the resident, family, or with ``on_paper`` a member for somebody at the
    counter (``paper_reason``: why there is no photo of the slip). ``answer_due_on`` is set when it comes and doesn't
    move. Once it is answered or withdrawn nothing of it changes any more (triggers). What follows from an upheld one is
    a correction that names it, or a deed recorded anew: see ``queries.appeals``.
    """

    __tablename__ = "appeal"
    __table_args__ = (
        sa.Index(None, "community_id", "state", "id"),
        sa.Index(None, "community_id", "resident_id", "id"),
        sa.Index(None, "community_id", "contribution_id"),
        sa.Index("uq_appeal_open", "contribution_id", unique=True,
                 sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> entered_by_id", name="second_person"),
        sa.CheckConstraint("(state IN ('upheld', 'dismissed')) = (decided_by_id IS NOT NULL)", name="decided"),
        sa.CheckConstraint("(decided_by_id IS NULL) = (answer = '')", name="in_writing"),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    state: Mapped[AppealState] = mapped_column(enum_type(AppealState))
    text: Mapped[str] = mapped_column(sa.String(500))
    on_paper: Mapped[bool] = mapped_column(default=False)
    paper_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    answer_due_on: Mapped[dt.date]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.String(500), default="")

    @property
    def renewed_key(self) -> str:
        """The source key of the deed that is recorded anew when nothing has to be taken back first."""
        return f"contribution:{self.contribution_id}{APPEALED}{self.id}"


APPEALED = "/appeal:"
