"""The items of a standard, and their caps."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, enum_type
from pointsbank.ledger.models import Book
from pointsbank.rules.models.words import (
    DeedKind,
    Measure,
    Quantity,
    Receiver,
    Rounding,
    Shape,
    Subject,
    Timing,
    Window,
)


class ScoringRule(Base):
    """One item of a standard. ``points`` are hundredths per time, hour, unit or score; of the first band where there
    are bands.

    ``bands``: ``[[start, step, points], ...]`` in the ``quantity`` that is measured; of tiers ``points`` is the total
    at ``start``, of brackets what each full ``step`` gives (step 0: given once). ``by_parts``: each part of an amount
    counts at its own bracket's rate, otherwise the whole at the rate of the bracket that it falls into. ``period``:
    within which tiers add up, or for which base points are given. ``full_score``: the best score of an inspection, in
    hundredths. ``highest_group``: of the items of one group only the highest counts for one act. ``least``: an award
    under it is not given. ``honour_percent``: so much of the points is also put down as honour score. ``takes_away``:
    a deduction; it counts only where a resolution switched deductions on, and doubles within ``repeat_days`` of the
    last one.

    ``code`` is what the item is called by on paper and across versions: caps go on counting from one version to the
    next under the same code. ``by_itself``: applies to every deed of its kind that names no item; otherwise it has to
    be chosen. ``records_minutes``: the time served is also kept in the book of minutes, uncapped.
    """

    __tablename__ = "scoring_rule"
    __table_args__ = (
        sa.UniqueConstraint("standard_id", "code"),
        sa.Index(None, "community_id", "standard_id", "position"),
        sa.CheckConstraint("points > 0", name="points"),
        sa.CheckConstraint("rounding_minutes > 0", name="rounding"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("scoring_standard.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(sa.String(12))
    name: Mapped[str] = mapped_column(sa.String(80))
    category: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[DeedKind] = mapped_column(enum_type(DeedKind))
    shape: Mapped[Shape] = mapped_column(enum_type(Shape))
    book: Mapped[Book] = mapped_column(enum_type(Book), default=Book.POINTS)
    points: Mapped[int]
    unit: Mapped[str] = mapped_column(sa.String(12), default="")
    rounding_minutes: Mapped[int] = mapped_column(default=60)
    rounding: Mapped[Rounding] = mapped_column(enum_type(Rounding), default=Rounding.DOWN)
    receiver: Mapped[Receiver] = mapped_column(enum_type(Receiver))
    timing: Mapped[Timing] = mapped_column(enum_type(Timing), default=Timing.AFTER_NOTICE)
    team_kind: Mapped[str | None] = mapped_column(sa.String(16))
    by_itself: Mapped[bool] = mapped_column(default=False)
    records_minutes: Mapped[bool] = mapped_column(default=False)
    quantity: Mapped[Quantity | None] = mapped_column(enum_type(Quantity))
    bands: Mapped[list[list[int]]] = mapped_column(Json, default=list)
    by_parts: Mapped[bool] = mapped_column(default=True)
    period: Mapped[Window] = mapped_column(enum_type(Window), default=Window.YEAR)
    full_score: Mapped[int] = mapped_column(default=0)
    highest_group: Mapped[str] = mapped_column(sa.String(20), default="")
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    weights: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    least: Mapped[int] = mapped_column(default=0)
    honour_percent: Mapped[int] = mapped_column(default=0)
    takes_away: Mapped[bool] = mapped_column(default=False)
    repeat_days: Mapped[int] = mapped_column(default=0)
    who: Mapped[str] = mapped_column(sa.String(120), default="")
    evidence: Mapped[str] = mapped_column(sa.String(120), default="")


class RuleCap(Base):
    """At most ``most`` (hundredths, deeds, minutes or units, by ``measure``) for a subject within a window."""

    __tablename__ = "rule_cap"
    __table_args__ = (
        sa.UniqueConstraint("rule_id", "cap_window", "subject", "measure"),
        sa.Index(None, "community_id", "rule_id"),
        sa.CheckConstraint("most > 0", name="most"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    rule_id: Mapped[int] = mapped_column(sa.ForeignKey("scoring_rule.id"))
    window: Mapped[Window] = mapped_column("cap_window", enum_type(Window))
    subject: Mapped[Subject] = mapped_column(enum_type(Subject))
    measure: Mapped[Measure] = mapped_column(enum_type(Measure))
    most: Mapped[int]


class StandardCap(Base):
    """A cap on a category, or with an empty ``category`` on the whole standard; it counts one book."""

    __tablename__ = "standard_cap"
    __table_args__ = (
        sa.UniqueConstraint("standard_id", "category", "cap_window", "subject", "measure", "book"),
        sa.Index(None, "community_id", "standard_id"),
        sa.CheckConstraint("most > 0", name="most"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("scoring_standard.id"))
    category: Mapped[str] = mapped_column(sa.String(40), default="")
    window: Mapped[Window] = mapped_column("cap_window", enum_type(Window))
    subject: Mapped[Subject] = mapped_column(enum_type(Subject))
    measure: Mapped[Measure] = mapped_column(enum_type(Measure))
    book: Mapped[Book] = mapped_column(enum_type(Book), default=Book.POINTS)
    most: Mapped[int]
