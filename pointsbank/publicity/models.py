"""Notices with their lines, objections to a line, and the counter that numbers notices."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class NoticeKind(enum.StrEnum):
    """What hangs out: the awards of a month, the balances that the paper book held before the bank opened, the scoring
    rules, honours, or what the shop received and handed out."""

    AWARDS = "awards"
    OPENING_BALANCES = "opening_balances"
    STANDARD = "standard"
    HONOURS = "honours"
    STOCK = "stock"


# Their lines become entries of the book; those of the other kinds are only read and objected to.
POINTS_KINDS = (NoticeKind.AWARDS, NoticeKind.OPENING_BALANCES)


class Grouping(enum.StrEnum):
    """What the lines of a list stand together by, with a sum for each group."""

    NONE = "none"
    GRID = "grid"
    HOUSEHOLD = "household"


class NoticeState(enum.StrEnum):
    """draft -> published -> closed; a draft that was never shown may be thrown away."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    DISCARDED = "discarded"


NOTICE_ALLOWED: dict[NoticeState, frozenset[NoticeState]] = {
    NoticeState.DRAFT: frozenset({NoticeState.PUBLISHED, NoticeState.DISCARDED}),
    NoticeState.PUBLISHED: frozenset({NoticeState.CLOSED}),
    NoticeState.CLOSED: frozenset(),
    NoticeState.DISCARDED: frozenset(),
}


class LineState(enum.StrEnum):
    """listed -> posted; listed -> frozen -> posted | struck; an opening balance goes back to listed while it hangs out.

    A line shown for information is posted from the start, and struck when an objection to it is upheld. A line that
    stands for no points (goods, rules, honours) stays listed, or is struck.
    """

    LISTED = "listed"
    FROZEN = "frozen"
    POSTED = "posted"
    STRUCK = "struck"


LINE_ALLOWED: dict[LineState, frozenset[LineState]] = {
    LineState.LISTED: frozenset({LineState.FROZEN, LineState.POSTED, LineState.STRUCK}),
    LineState.FROZEN: frozenset({LineState.LISTED, LineState.POSTED, LineState.STRUCK}),
    LineState.POSTED: frozenset({LineState.STRUCK}),
    LineState.STRUCK: frozenset(),
}


class ObjectionState(enum.StrEnum):
    """open -> upheld | dismissed."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class PublicNotice(Base):
    """One list on the notice board. ``number`` counts per community and year and is given when it is published.

    ``standard_label`` and ``resolution`` say by which rules the figures came about. ``subject_key`` names what the
    list was made from (``month:2026-04``, ``opening:3``). ``sections`` are the parts of a notice in words, in order,
    each ``{"heading": ..., "columns": [...]}``, without columns for paragraphs; None for a list of points.
    ``sealed_root`` stays empty until the book is sealed.
    """

    __tablename__ = "public_notice"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "year", "number"),
        sa.Index(None, "community_id", "state", "closes_at"),
        sa.Index(None, "state", "closes_at"),
        sa.CheckConstraint("published_by_id IS NULL OR published_by_id <> made_by_id", name="second_person"),
        sa.CheckConstraint("state IN ('draft', 'discarded') OR (number IS NOT NULL AND opens_at IS NOT NULL "
                           "AND closes_at IS NOT NULL AND published_by_id IS NOT NULL)", name="whole"),
        sa.CheckConstraint("closes_at > opens_at", name="span"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    kind: Mapped[NoticeKind] = mapped_column(enum_type(NoticeKind))
    state: Mapped[NoticeState] = mapped_column(enum_type(NoticeState))
    year: Mapped[int | None]
    number: Mapped[int | None]
    title: Mapped[str] = mapped_column(sa.String(120))
    subject_key: Mapped[str] = mapped_column(sa.String(60), default="")
    standard_label: Mapped[str] = mapped_column(sa.String(160), default="")
    resolution: Mapped[str] = mapped_column(sa.String(400), default="")
    grouped_by: Mapped[Grouping] = mapped_column(enum_type(Grouping), default=Grouping.NONE, server_default="none")
    sections: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    days: Mapped[int]
    opens_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    line_count: Mapped[int]
    total: Mapped[int] = mapped_column(sa.BigInteger)
    sealed_number: Mapped[int | None]
    sealed_root: Mapped[str | None] = mapped_column(sa.String(64))


class NoticeLine(Base):
    """One row of a notice: source key and masked text. ``position`` is the line number that people object to.

    ``amount`` is in hundredths (points, honour) or minutes, by ``unit``; ``item`` is what was done, ``detail`` how
    much of it, as an English text with its values (see ``notifications.queries.said``), put into the reader's language.
    ``household_id`` and ``barred_user_ids`` (who recorded, who approved) say who can't decide about the line; neither
    is ever shown. ``plain`` makes it a line in words: ``{"section": 0, "text": ...}`` or ``{"section": 0, "cells":
    [...]}``. ``corrects_line_id`` is the line of an earlier notice that this one puts right.
    """

    __tablename__ = "notice_line"
    __table_args__ = (
        sa.UniqueConstraint("notice_id", "position"),
        sa.UniqueConstraint("notice_id", "source_key"),
        sa.Index(None, "community_id", "source_key"),
        sa.Index(None, "corrects_line_id", sqlite_where=sa.text("corrects_line_id IS NOT NULL"),
                 postgresql_where=sa.text("corrects_line_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("public_notice.id"))
    position: Mapped[int]
    source_key: Mapped[str] = mapped_column(sa.String(80))
    grouping: Mapped[str] = mapped_column(sa.String(80), default="")
    household_number: Mapped[str] = mapped_column(sa.String(24))
    masked_name: Mapped[str] = mapped_column(sa.String(60))
    item: Mapped[str] = mapped_column(sa.String(200))
    detail: Mapped[dict[str, Any] | None] = mapped_column(Json)
    done_on: Mapped[dt.date | None]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    unit: Mapped[str] = mapped_column(sa.String(16), default="points")
    state: Mapped[LineState] = mapped_column(enum_type(LineState))
    household_id: Mapped[int | None]
    barred_user_ids: Mapped[list[int]] = mapped_column(Json, default=list)
    plain: Mapped[dict[str, Any] | None] = mapped_column(Json)
    corrects_line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notice_line.id"))


class Objection(Base):
    """Somebody thinks that a line is wrong. ``on_paper``: a member entered it for somebody without a phone.

    On paper the objector is named by ``objector_name`` and ``objector_household``; ``resident_id`` is set where exactly
    one resident fits. The photo of the paper hangs on ``objection:<id>``; ``paper_reason`` says why there is none.
    Texts are for those who decide, never for the list. ``answer_due_on`` is the seventh working day.
    """

    __tablename__ = "objection"
    __table_args__ = (
        sa.Index(None, "community_id", "state", "answer_due_on"),
        sa.Index(None, "line_id", "state"),
        sa.Index("uq_objection_open", "line_id", "resident_id", unique=True,
                 sqlite_where=sa.text("state = 'open' AND resident_id IS NOT NULL"),
                 postgresql_where=sa.text("state = 'open' AND resident_id IS NOT NULL")),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> entered_by_id", name="second_person"),
        sa.CheckConstraint("(state = 'open') = (decided_by_id IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("public_notice.id"))
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("notice_line.id"))
    state: Mapped[ObjectionState] = mapped_column(enum_type(ObjectionState))
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    on_paper: Mapped[bool] = mapped_column(default=False)
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    text: Mapped[str] = mapped_column(sa.String(500))
    contact: Mapped[str] = mapped_column(sa.String(80), default="")
    objector_name: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    objector_household: Mapped[str] = mapped_column(sa.String(24), default="", server_default="")
    paper_reason: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    answer_due_on: Mapped[dt.date]
    answer: Mapped[str] = mapped_column(sa.String(500), default="")
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class NoticeCounter(Base):
    """The last number given out in a year; counting rows of notices would give two the same number."""

    __tablename__ = "notice_counter"

    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


# Imported for its effect: the tables carry their triggers from the moment they are made.
from pointsbank.publicity import triggers as triggers  # noqa: E402
