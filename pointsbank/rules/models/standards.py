"""Standards: one row a version, and how it was adopted."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type
from pointsbank.rules.models.words import StandardState


class ScoringStandard(Base):
    """One version of a community's standard. ``resolution`` is how it was adopted, in the committee's words.

    In force on a day: ``in_force_on <= day`` and (``superseded_on`` is empty or ``day < superseded_on``). ``editors``
    are the users who wrote in the draft; none of them may adopt it. ``on_paper``: in force before it was entered here.
    A cycle has ``cycle_months`` months, and one begins with the month ``cycle_first_month`` of the year.
    ``deductions``: items may take points away; off unless this version's resolution switched it on.
    """

    __tablename__ = "scoring_standard"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "number"),
        sa.UniqueConstraint("community_id", "in_force_on"),
        sa.Index("uq_scoring_standard_draft", "community_id", unique=True, sqlite_where=sa.text("state = 'draft'"),
                 postgresql_where=sa.text("state = 'draft'")),
        sa.CheckConstraint("(state = 'draft') = (in_force_on IS NULL)", name="dated"),
        sa.CheckConstraint("superseded_on IS NULL OR superseded_on > in_force_on", name="span"),
        sa.CheckConstraint("adopted_by IS NULL OR created_by IS NULL OR adopted_by <> created_by", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(80))
    state: Mapped[StandardState] = mapped_column(enum_type(StandardState))
    in_force_on: Mapped[dt.date | None]
    superseded_on: Mapped[dt.date | None]
    cycle_months: Mapped[int] = mapped_column(default=12)
    cycle_first_month: Mapped[int] = mapped_column(default=1)
    on_paper: Mapped[bool] = mapped_column(default=False)
    deductions: Mapped[bool] = mapped_column(default=False)
    resolution: Mapped[str] = mapped_column(sa.String(400), default="")
    copied_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("scoring_standard.id"))
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    editors: Mapped[list[int]] = mapped_column(Json, default=list)
    adopted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    adopted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_draft(self) -> bool:
        """Still open for editing."""
        return self.state is StandardState.DRAFT
