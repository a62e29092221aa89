"""Frozen reviews, their figures, and the remarks signed under them. All of it is only ever added."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type
from pointsbank.reviews.figures import By, Scope
from pointsbank.reviews.periods import Period, PeriodKind


class CaseReview(Base):
    """The figures of a community's cases in one period, as they were when they were made.

    ``version`` counts from 1; a later one names the review it corrects and says why. ``definitions`` is the edition of
    the sentences that say what is counted. ``hash`` is the SHA-256 of all figures with their cases. ``made_by_id`` is
    None for the schedule.
    """

    __tablename__ = "case_review"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "kind", "starts_on", "version"),
        sa.UniqueConstraint("corrects_id"), sa.Index(None, "community_id", "id"),
        sa.CheckConstraint("(version = 1) = (corrects_id IS NULL)", name="corrects_one"),
        sa.CheckConstraint("version = 1 OR (made_by_id IS NOT NULL AND reason <> '')", name="corrected_by_somebody"),
        sa.CheckConstraint("ends_on >= starts_on", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    kind: Mapped[PeriodKind] = mapped_column(enum_type(PeriodKind))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    version: Mapped[int]
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case_review.id"))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    definitions: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    @property
    def period(self) -> Period:
        """What it is about."""
        return Period(self.kind, self.starts_on, self.ends_on)

    @property
    def key(self) -> str:
        """Its name in the audit."""
        return f"case_review:{self.id}"


class ReviewFigure(Base):
    """One number of a review: of the whole community, of one unit or of one kind of problem.

    ``value`` counts cases; that of ``median`` is minutes, None where there was nothing to take it of. ``case_ids`` are
    the cases it counts, in order; figures for everybody (``scope``) keep none. ``group_name`` is as it was then.
    """

    __tablename__ = "case_review_figure"
    __table_args__ = (sa.UniqueConstraint("review_id", "scope", "by", "group_id", "code"),
                      sa.Index(None, "community_id", "review_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("case_review.id"))
    scope: Mapped[Scope] = mapped_column(enum_type(Scope))
    by: Mapped[By] = mapped_column(enum_type(By))
    group_id: Mapped[int]
    group_name: Mapped[str] = mapped_column(sa.String(60))
    code: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[int | None] = mapped_column(sa.BigInteger)
    case_ids: Mapped[list[int]] = mapped_column(Json, deferred=True)


class ReviewRemark(Base):
    """A few words of the committee under a review, with the name of who signed them."""

    __tablename__ = "case_review_remark"
    __table_args__ = (sa.Index(None, "community_id", "review_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("case_review.id"))
    text: Mapped[str] = mapped_column(sa.String(500))
    by_user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
