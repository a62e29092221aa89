"""A panel's sittings: who sits, which deeds are on the list, every vote ever cast; and relatives that were declared."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.contributions.models.deeds import DeedKind
from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class SittingState(enum.StrEnum):
    """open -> closed | cancelled."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


SITTING_ALLOWED: dict[SittingState, frozenset[SittingState]] = {
    SittingState.OPEN: frozenset({SittingState.CLOSED, SittingState.CANCELLED}),
    SittingState.CLOSED: frozenset(),
    SittingState.CANCELLED: frozenset(),
}


class Outcome(enum.StrEnum):
    """What became of a deed on the list: waiting -> approved | rejected | returned | no_quorum | dropped.

    ``dropped``: its resident took it back meanwhile, or the sitting was called off.
    """

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    RETURNED = "returned"
    NO_QUORUM = "no_quorum"
    DROPPED = "dropped"


class Choice(enum.StrEnum):
    """A vote. Abstaining counts for the quorum, not for the majority."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class Sitting(Base):
    """One sitting of a community's panel. ``quorum`` is the setting of the day it was opened (0: more than half).

    Votes are asked for by ``due_on`` and taken until it is closed. ``from_on``, ``to_on``, ``kind`` and ``team_id`` are
    what its list was made from; ``reason`` says why it was called off. Once over it is never changed (triggers).
    """

    __tablename__ = "sitting"
    __table_args__ = (
        sa.Index(None, "community_id", "state", "id"),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by"),
        sa.CheckConstraint("quorum >= 0", name="quorum"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    title: Mapped[str] = mapped_column(sa.String(80))
    held_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    from_on: Mapped[dt.date | None]
    to_on: Mapped[dt.date | None]
    kind: Mapped[DeedKind | None] = mapped_column(enum_type(DeedKind))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    quorum: Mapped[int]
    state: Mapped[SittingState] = mapped_column(enum_type(SittingState))
    opened_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")


class SittingMember(Base):
    """Somebody who sits: named when the sitting is opened. ``reminded_at``: told that votes are missing."""

    __tablename__ = "sitting_member"
    __table_args__ = (sa.UniqueConstraint("sitting_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    sitting_id: Mapped[int] = mapped_column(sa.ForeignKey("sitting.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    reminded_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class SittingItem(Base):
    """A deed on the list of a sitting, with its number there; on one open list at most. Decided once, then never
    changed (triggers).

    ``carried_over``: an earlier sitting had no quorum for it. The numbers are those of the moment it was decided:
    ``entitled`` members could vote, ``needed`` votes were the quorum; the votes of ``barred_user_ids`` did not count,
    for a conflict of interest or because they held their seat no more.
    """

    __tablename__ = "sitting_item"
    __table_args__ = (
        sa.UniqueConstraint("sitting_id", "contribution_id"),
        # Votes point at this pair: none for an item of another sitting.
        sa.UniqueConstraint("id", "sitting_id"),
        sa.Index("uq_sitting_item_waiting", "contribution_id", unique=True,
                 sqlite_where=sa.text("outcome = 'waiting'"), postgresql_where=sa.text("outcome = 'waiting'")),
        sa.Index(None, "community_id", "contribution_id"),
        sa.CheckConstraint("(outcome = 'waiting') = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    sitting_id: Mapped[int] = mapped_column(sa.ForeignKey("sitting.id"))
    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"))
    position: Mapped[int]
    carried_over: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[Outcome] = mapped_column(enum_type(Outcome))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    votes_for: Mapped[int] = mapped_column(default=0)
    votes_against: Mapped[int] = mapped_column(default=0)
    abstained: Mapped[int] = mapped_column(default=0)
    entitled: Mapped[int] = mapped_column(default=0)
    needed: Mapped[int] = mapped_column(default=0)
    barred_user_ids: Mapped[list[int] | None] = mapped_column(Json)
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class PanelVote(Base):
    """One vote as it was cast; changing one's mind adds another row, and the last one counts. Append-only (triggers).

    From paper: ``entered_by_id`` is the clerk who entered it, ``paper_note`` where the signed sheet is kept.
    """

    __tablename__ = "panel_vote"
    __table_args__ = (
        sa.ForeignKeyConstraint(["item_id", "sitting_id"], ["sitting_item.id", "sitting_item.sitting_id"]),
        sa.ForeignKeyConstraint(["sitting_id", "user_id"], ["sitting_member.sitting_id", "sitting_member.user_id"]),
        sa.Index(None, "sitting_id", "item_id", "user_id", "id"),
        sa.CheckConstraint("choice <> 'against' OR reason <> ''", name="against_has_a_reason"),
        sa.CheckConstraint("(entered_by_id IS NULL) = (paper_note = '')", name="paper_has_a_note"),
        sa.CheckConstraint("entered_by_id IS NULL OR entered_by_id <> user_id", name="paper_is_entered_for_others"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    sitting_id: Mapped[int]
    item_id: Mapped[int]
    user_id: Mapped[int]
    choice: Mapped[Choice] = mapped_column(enum_type(Choice))
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    paper_note: Mapped[str] = mapped_column(sa.String(120), default="")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class DeclaredRelative(Base):
    """A relative outside one's own household: a resident or a whole household, declared by whoever judges deeds.

    It holds for every deed done before ``until_on``. It is ended with that day, once, and never deleted (triggers).
    """

    __tablename__ = "declared_relative"
    __table_args__ = (
        sa.Index(None, "community_id", "user_id"),
        sa.Index("uq_declared_relative_resident", "user_id", "resident_id", unique=True,
                 sqlite_where=sa.text("until_on IS NULL"), postgresql_where=sa.text("until_on IS NULL")),
        sa.Index("uq_declared_relative_household", "user_id", "household_id", unique=True,
                 sqlite_where=sa.text("until_on IS NULL"), postgresql_where=sa.text("until_on IS NULL")),
        sa.CheckConstraint("(resident_id IS NULL) <> (household_id IS NULL)", name="one_of_two"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    household_id: Mapped[int | None] = mapped_column(sa.ForeignKey("household.id"))
    relation: Mapped[str] = mapped_column(sa.String(20))
    declared_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    until_on: Mapped[dt.date | None]
