"""What stands around a standard: the template it began with, the comments on its draft, the resolution that adopted it.

All of it lies beside the standard, so that the standard's own row stays what it was.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type

POINT = 100


class TemplateState(enum.StrEnum):
    """draft -> issued -> superseded by the next one of the same area."""

    DRAFT = "draft"
    ISSUED = "issued"
    SUPERSEDED = "superseded"


TEMPLATE_ALLOWED: dict[TemplateState, frozenset[TemplateState]] = {
    TemplateState.DRAFT: frozenset({TemplateState.ISSUED}),
    TemplateState.ISSUED: frozenset({TemplateState.SUPERSEDED}),
    TemplateState.SUPERSEDED: frozenset(),
}


class Stage(enum.StrEnum):
    """How far a version has come: draft <-> commenting -> in_force -> superseded; a draft may also go straight on.

    ``commenting`` is a draft with an open round of comments: frozen, and read by everybody.
    """

    DRAFT = "draft"
    COMMENTING = "commenting"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


STAGE_ALLOWED: dict[Stage, frozenset[Stage]] = {
    Stage.DRAFT: frozenset({Stage.COMMENTING, Stage.IN_FORCE, Stage.SUPERSEDED}),
    Stage.COMMENTING: frozenset({Stage.DRAFT, Stage.IN_FORCE, Stage.SUPERSEDED}),
    Stage.IN_FORCE: frozenset({Stage.SUPERSEDED}),
    Stage.SUPERSEDED: frozenset(),
}


class CommentKind(enum.StrEnum):
    """A remark on what is there, or an item that is missing."""

    REMARK = "remark"
    PROPOSAL = "proposal"


class CommentState(enum.StrEnum):
    """open -> accepted into the draft | declined | withdrawn by whoever wrote it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


COMMENT_ALLOWED: dict[CommentState, frozenset[CommentState]] = {
    CommentState.OPEN: frozenset({CommentState.ACCEPTED, CommentState.DECLINED, CommentState.WITHDRAWN}),
    CommentState.ACCEPTED: frozenset(),
    CommentState.DECLINED: frozenset(),
    CommentState.WITHDRAWN: frozenset(),
}


class Meeting(enum.StrEnum):
    """Who decided: all residents, their representatives, the committee."""

    ASSEMBLY = "assembly"
    REPRESENTATIVES = "representatives"
    COMMITTEE = "committee"


class StandardTemplate(Base):
    """A standard that a county or town hands to the communities below it. Owned by ``area_id``, above all communities.

    What a community may do with it: at most ``additions_most`` items of its own that give and as many that take away,
    each of at most ``addition_points_most`` (hundredths). ``caps`` are those on categories and on the whole, as
    ``{"category", "window", "subject", "measure", "book", "most"}``.
    """

    __tablename__ = "standard_template"
    __table_args__ = (
        sa.UniqueConstraint("area_id", "number"),
        sa.Index("uq_standard_template_draft", "area_id", unique=True, sqlite_where=sa.text("state = 'draft'"),
                 postgresql_where=sa.text("state = 'draft'")),
        sa.CheckConstraint("(state = 'draft') = (issued_at IS NULL)", name="issued"),
        sa.CheckConstraint("additions_most >= 0 AND addition_points_most >= 0", name="bounds"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(80))
    note: Mapped[str] = mapped_column(sa.String(400), default="")
    state: Mapped[TemplateState] = mapped_column(enum_type(TemplateState))
    additions_most: Mapped[int] = mapped_column(default=5)
    addition_points_most: Mapped[int] = mapped_column(default=2 * POINT)
    cycle_months: Mapped[int] = mapped_column(default=12)
    cycle_first_month: Mapped[int] = mapped_column(default=1)
    caps: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    issued_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class TemplateItem(Base):
    """One item of a template: ``content`` is what makes it again (``rules.packing``).

    ``points_percent`` and ``caps_percent``: by so much a community may change its points and its caps, 0 for not at
    all. ``may_drop``: a community may leave it out.
    """

    __tablename__ = "template_item"
    __table_args__ = (
        sa.UniqueConstraint("template_id", "code"),
        sa.Index(None, "area_id", "template_id", "position"),
        sa.CheckConstraint("points_percent BETWEEN 0 AND 100 AND caps_percent BETWEEN 0 AND 100", name="percent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    template_id: Mapped[int] = mapped_column(sa.ForeignKey("standard_template.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(sa.String(12))
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    points_percent: Mapped[int] = mapped_column(default=0)
    caps_percent: Mapped[int] = mapped_column(default=0)
    may_drop: Mapped[bool] = mapped_column(default=False)


class StandardOrigin(Base):
    """Which template a version was built on. Later versions inherit it, so that copying is no way round its bounds."""

    __tablename__ = "standard_origin"

    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("scoring_standard.id"), primary_key=True,
                                             autoincrement=False)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    template_id: Mapped[int] = mapped_column(sa.ForeignKey("standard_template.id"))


class CommentRound(Base):
    """The days on which everybody may say what they think of a draft; ``closes_on`` is the last of them.

    The draft is frozen until somebody ends the round (takes it back, or puts it in force). ``snapshot`` is the draft
    as it was read then: items and wide caps, to show later what the comments changed.
    """

    __tablename__ = "comment_round"
    __table_args__ = (
        sa.UniqueConstraint("standard_id", "number"),
        sa.Index("uq_comment_round_open", "community_id", unique=True, sqlite_where=sa.text("ended_at IS NULL"),
                 postgresql_where=sa.text("ended_at IS NULL")),
        sa.CheckConstraint("closes_on >= opens_on", name="span"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("scoring_standard.id"))
    number: Mapped[int]
    opens_on: Mapped[dt.date]
    closes_on: Mapped[dt.date]
    snapshot: Mapped[dict[str, Any]] = mapped_column(Json)
    opened_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    def is_heard(self, day: dt.date) -> bool:
        """Comments are taken on this day."""
        return self.ended_at is None and self.opens_on <= day <= self.closes_on


class StandardComment(Base):
    """What somebody says about a draft: on the whole, on the item ``item_code``, or an item that is missing.

    ``resident_id`` is who says so; on paper ``author_name`` and ``author_household`` as written there, and the resident
    where exactly one fits. ``proposed_points`` in hundredths. Public pages mask the name.
    """

    __tablename__ = "standard_comment"
    __table_args__ = (
        sa.Index(None, "community_id", "standard_id", "state"),
        sa.Index(None, "community_id", "resident_id"),
        sa.CheckConstraint("(state IN ('accepted', 'declined')) = (answered_by_id IS NOT NULL)", name="answered"),
        sa.CheckConstraint("answered_by_id IS NULL OR answered_by_id <> entered_by_id", name="second_person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("scoring_standard.id"))
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("comment_round.id"))
    kind: Mapped[CommentKind] = mapped_column(enum_type(CommentKind))
    state: Mapped[CommentState] = mapped_column(enum_type(CommentState))
    item_code: Mapped[str] = mapped_column(sa.String(12), default="")
    text: Mapped[str] = mapped_column(sa.String(500))
    proposed_name: Mapped[str] = mapped_column(sa.String(80), default="")
    proposed_points: Mapped[int | None]
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    on_paper: Mapped[bool] = mapped_column(default=False)
    author_name: Mapped[str] = mapped_column(sa.String(60), default="")
    author_household: Mapped[str] = mapped_column(sa.String(24), default="")
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.String(500), default="")
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class StandardResolution(Base):
    """How a version was adopted: which meeting, when, with how many votes. Never changed.

    Votes are missing only for one that was in force on paper before it was entered here. The minutes hang on
    ``resolution:<standard_id>``, as photos or as a PDF.
    """

    __tablename__ = "standard_resolution"
    __table_args__ = (
        sa.CheckConstraint("on_paper OR votes_for IS NOT NULL", name="voted"),
        sa.CheckConstraint("(votes_for IS NULL) = (meeting IS NULL) AND (votes_for IS NULL) = (held_on IS NULL) AND "
                           "(votes_for IS NULL) = (present IS NULL) AND (votes_for IS NULL) = (votes_against IS NULL) "
                           "AND (votes_for IS NULL) = (votes_abstain IS NULL)", name="whole"),
        sa.CheckConstraint("votes_for > votes_against AND votes_against >= 0 AND votes_abstain >= 0 AND "
                           "votes_for + votes_against + votes_abstain <= present", name="carried"),
    )

    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("scoring_standard.id"), primary_key=True,
                                             autoincrement=False)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    meeting: Mapped[Meeting | None] = mapped_column(enum_type(Meeting))
    held_on: Mapped[dt.date | None]
    present: Mapped[int | None]
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    votes_abstain: Mapped[int | None]
    text: Mapped[str] = mapped_column(sa.String(400))
    on_paper: Mapped[bool] = mapped_column(default=False)
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
