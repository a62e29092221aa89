"""Deeds, the steps of their review, the award lines they earned, and corrections of awards."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type
from pointsbank.ledger.models import Book
from pointsbank.rules.models import DeedKind, Receiver, Timing

__all__ = ["ALLOWED", "LINE_ALLOWED", "PENDING", "AwardLine", "Contribution", "Correction", "CorrectionState",
           "DeedKind", "LineState", "Receiver", "RecordedVia", "Review", "ReviewStep", "State", "Timing"]


class State(enum.StrEnum):
    """draft -> submitted <-> returned -> approved | rejected | withdrawn."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


ALLOWED: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.WITHDRAWN}),
    State.SUBMITTED: frozenset({State.RETURNED, State.APPROVED, State.REJECTED, State.WITHDRAWN}),
    State.RETURNED: frozenset({State.SUBMITTED, State.WITHDRAWN}),
    State.APPROVED: frozenset(),
    State.REJECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
}


class RecordedVia(enum.StrEnum):
    """How the deed came into the house; all but ``self`` need an approver from outside the team."""

    SELF = "self"
    LEADER_SCAN = "leader_scan"
    LEADER_TYPED = "leader_typed"
    PAPER = "paper"
    PROXY = "proxy"


class LineState(enum.StrEnum):
    """proposed -> listed -> posted; listed -> frozen -> posted | struck; posted -> reversed. An immediate line is
    posted from the start; one not listed yet is struck where a review was asked for and the deed is judged anew.
    *Pending* is proposed, listed and frozen."""

    PROPOSED = "proposed"
    LISTED = "listed"
    FROZEN = "frozen"
    POSTED = "posted"
    STRUCK = "struck"
    REVERSED = "reversed"


LINE_ALLOWED: dict[LineState, frozenset[LineState]] = {
    LineState.PROPOSED: frozenset({LineState.LISTED, LineState.POSTED, LineState.STRUCK}),
    LineState.LISTED: frozenset({LineState.FROZEN, LineState.POSTED}),
    LineState.FROZEN: frozenset({LineState.POSTED, LineState.STRUCK}),
    LineState.POSTED: frozenset({LineState.REVERSED}),
    LineState.STRUCK: frozenset(),
    LineState.REVERSED: frozenset(),
}
PENDING = (LineState.PROPOSED, LineState.LISTED, LineState.FROZEN)
CORRECTED = "/corrected:"
RENEWED = re.compile(r"^contribution:(\d+)/(?:corrected|appeal):\d+$")


class ReviewStep(enum.StrEnum):
    """What somebody did about a deed."""

    RECORDED = "recorded"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SENT_UP = "sent_up"
    TO_PANEL = "to_panel"
    PUT_OFF = "put_off"
    APPEALED = "appealed"
    APPEAL_WITHDRAWN = "appeal_withdrawn"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    SAME_ACT = "same_act"
    OWN_ACT = "own_act"


class CorrectionState(enum.StrEnum):
    """proposed -> confirmed | refused."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Contribution(Base):
    """One deed of one resident. ``household_id`` is the household on the day of the deed.

    ``units`` counts times or things, ``minutes`` the time, ``score`` (hundredths) is what an inspection gave,
    ``amount_fen`` a donation, ``size`` in hundredths (m²), ``share`` the percent of the planned time. ``activity_key``
    groups deeds of one activity for caps (``occurrence:17``), ``act_key`` deeds of one and the same act (an honour at
    county and at province, one problem reported by two). ``beneficiary_id``: the relative who is to have the points.
    ``recorder_user_id`` is who entered it (None: the system), ``checker_user_id`` who looked at it first (a leader
    closing the activity), ``outside_team`` that the approver must not belong to the team.
    ``sent_up_area_id``: nobody independent here, so the parent area decides. ``notes`` say what earned nothing and why;
    ``waits_for_household``: approved, and its points wait until a household is entered. ``facts`` is what else the
    rules knew when they judged (age, groups, kind of day), ``counted`` what counters took without a line: with both
    the judgement can be computed again. ``barred`` are users who had a hand in an earlier round of the same deed and
    don't approve this one, as ``,5,17,``.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "source_key"),
        # Award lines point at this pair: no line without the approver who stands for it.
        sa.UniqueConstraint("id", "approver_user_id"),
        sa.Index(None, "community_id", "state", "id"),
        sa.Index(None, "community_id", "resident_id", "id"),
        sa.Index(None, "community_id", "household_id"),
        # In the order in which deeds are judged: simulations read a season in pages.
        sa.Index(None, "community_id", "done_on", "source_key"),
        sa.CheckConstraint("approver_user_id IS NULL OR recorder_user_id IS NULL "
                           "OR approver_user_id <> recorder_user_id", name="approver_is_not_recorder"),
        sa.CheckConstraint("approver_user_id IS NULL OR checker_user_id IS NULL "
                           "OR approver_user_id <> checker_user_id", name="approver_is_not_checker"),
        sa.CheckConstraint("(state = 'approved') = (approver_user_id IS NOT NULL)", name="approved_by_somebody"),
        sa.CheckConstraint("minutes IS NULL OR minutes >= 0", name="minutes"),
        sa.CheckConstraint("units IS NULL OR units > 0", name="units"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    kind: Mapped[DeedKind] = mapped_column(enum_type(DeedKind))
    state: Mapped[State] = mapped_column(enum_type(State))
    source_key: Mapped[str] = mapped_column(sa.String(80))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    household_id: Mapped[int | None] = mapped_column(sa.ForeignKey("household.id"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    title: Mapped[str] = mapped_column(sa.String(120))
    done_on: Mapped[dt.date]
    minutes: Mapped[int | None]
    units: Mapped[int | None]
    item_code: Mapped[str | None] = mapped_column(sa.String(12))
    activity_key: Mapped[str | None] = mapped_column(sa.String(80))
    act_key: Mapped[str | None] = mapped_column(sa.String(80))
    score: Mapped[int | None]
    amount_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    size: Mapped[int | None]
    share: Mapped[int | None]
    started_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    beneficiary_id: Mapped[int | None]
    text: Mapped[str] = mapped_column(sa.String(500), default="")
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    recorder_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    recorded_via: Mapped[RecordedVia] = mapped_column(enum_type(RecordedVia))
    proxy_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    flagged: Mapped[bool] = mapped_column(default=False)
    outside_team: Mapped[bool] = mapped_column(default=False)
    checker_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    approver_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    sent_up_area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    notes: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    facts: Mapped[dict[str, Any] | None] = mapped_column(Json)
    counted: Mapped[dict[str, dict[str, int]] | None] = mapped_column(Json)
    waits_for_household: Mapped[bool] = mapped_column(default=False)
    version_id: Mapped[int | None]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    barred: Mapped[str] = mapped_column(sa.String(400), default="", server_default="")

    lines: Mapped[list[AwardLine]] = relationship(lazy="raise", viewonly=True, order_by="AwardLine.id",
                                                  foreign_keys="AwardLine.contribution_id",
                                                  primaryjoin="Contribution.id == AwardLine.contribution_id")

    @property
    def act(self) -> str:
        """The act that this deed belongs to, as the rules count "only the highest for one act"."""
        return self.act_key or self.activity_key or self.source_key

    @property
    def first_deed_id(self) -> int | None:
        """The deed that this one was recorded anew for, by a correction or an upheld request; None for any other."""
        found = RENEWED.match(self.source_key)
        return int(found.group(1)) if found is not None else None

    @property
    def barred_user_ids(self) -> frozenset[int]:
        """Who had a hand in an earlier round of this deed."""
        return frozenset(int(part) for part in self.barred.split(",") if part)


class Review(Base):
    """One step in the life of a deed: who, what, why, when. Append-only (triggers refuse the rest)."""

    __tablename__ = "contribution_review"
    __table_args__ = (sa.Index(None, "contribution_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"))
    step: Mapped[ReviewStep] = mapped_column(enum_type(ReviewStep))
    by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class AwardLine(Base):
    """What one rule gave for one deed. ``amount`` in hundredths (minutes in the book of minutes).

    ``explanation`` is a list of sentences as ``rules`` stores them, ``cap_left`` what the caps still had before this
    line. The database lets a line be only for an approved deed, under its very approver, and at most one live line per
    deed, rule and book. ``notice_id`` is the notice on which it stands, from the draft on.
    """

    __tablename__ = "award_line"
    __table_args__ = (
        sa.ForeignKeyConstraint(["contribution_id", "approver_user_id"],
                                ["contribution.id", "contribution.approver_user_id"]),
        sa.Index("uq_award_line_live", "contribution_id", "rule_id", "book", unique=True,
                 sqlite_where=sa.text("state NOT IN ('struck', 'reversed')"),
                 postgresql_where=sa.text("state NOT IN ('struck', 'reversed')")),
        sa.Index(None, "community_id", "state", "id"),
        sa.Index(None, "community_id", "owner_key", "state"),
        sa.Index(None, "community_id", "notice_id"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("(state IN ('posted', 'reversed')) = (posted_at IS NOT NULL)", name="posted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    contribution_id: Mapped[int]
    approver_user_id: Mapped[int]
    rule_id: Mapped[int]
    rule_code: Mapped[str] = mapped_column(sa.String(12))
    rule_name: Mapped[str] = mapped_column(sa.String(80))
    version_id: Mapped[int]
    receiver: Mapped[Receiver] = mapped_column(enum_type(Receiver))
    owner_key: Mapped[str] = mapped_column(sa.String(40))
    book: Mapped[Book] = mapped_column(enum_type(Book))
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    timing: Mapped[Timing] = mapped_column(enum_type(Timing))
    state: Mapped[LineState] = mapped_column(enum_type(LineState))
    explanation: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    cap_left: Mapped[Any] = mapped_column(Json, nullable=True)
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("public_notice.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    posted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    contribution: Mapped[Contribution] = relationship(lazy="raise", viewonly=True,
                                                      foreign_keys="AwardLine.contribution_id",
                                                      primaryjoin="Contribution.id == AwardLine.contribution_id")

    @property
    def source_key(self) -> str:
        """The key under which the line is published and posted."""
        return f"award:{self.id}"


class Correction(Base):
    """A deed whose award should not have been posted: one person proposes to take it back, another confirms.

    ``right_minutes``, ``right_units``, ``right_score`` (hundredths), ``right_amount_fen`` and ``right_item_code`` are
    what was really done: on confirmation the deed is recorded anew with them and goes through the funnel again. One
    that follows from an upheld request (``appeal_id``) records it anew in any case. Nothing is overwritten.
    """

    __tablename__ = "award_correction"
    __table_args__ = (
        sa.Index(None, "community_id", "state", "id"),
        sa.Index("uq_award_correction_open", "contribution_id", unique=True,
                 sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'")),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="second_person"),
        sa.CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"))
    state: Mapped[CorrectionState] = mapped_column(enum_type(CorrectionState))
    reason: Mapped[str] = mapped_column(sa.String(500))
    right_minutes: Mapped[int | None]
    right_units: Mapped[int | None]
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    proposed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.String(500), default="")
    right_item_code: Mapped[str | None] = mapped_column(sa.String(12))
    right_score: Mapped[int | None]
    right_amount_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    appeal_id: Mapped[int | None]

    @property
    def records_anew(self) -> bool:
        """On confirmation the deed goes through the funnel again."""
        right = (self.right_minutes, self.right_units, self.right_score, self.right_amount_fen, self.right_item_code)
        return self.appeal_id is not None or any(value is not None for value in right)

    @property
    def renewed_key(self) -> str:
        """The source key of the deed recorded anew."""
        return f"contribution:{self.contribution_id}{CORRECTED}{self.id}"


def as_barred(user_ids: Collection[int | None]) -> str:
    """Users as ``Contribution.barred`` keeps them; those who had most to do with it come first."""
    text = ","
    for user_id in dict.fromkeys(u for u in user_ids if u is not None):
        if len(text) + len(str(user_id)) < 399:
            text += f"{user_id},"
    return text if len(text) > 1 else ""
