"""The best observer of a month: figures of a team's members, and their open vote."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, UtcDateTime, enum_type


class BestState(enum.StrEnum):
    """first -> decided, or on a tie -> second -> decided, or on a tie again -> leader -> decided; nobody: no vote."""

    FIRST = "first"
    SECOND = "second"
    LEADER = "leader"
    DECIDED = "decided"
    NOBODY = "nobody"


class BestMonth(Base):
    """One team's choice for one month (``month`` is its first day). Votes are taken until the end of ``closes_on``.

    ``reason`` is what the leader wrote when two ballots ended in a tie.
    """

    __tablename__ = "best_month"
    __table_args__ = (
        sa.UniqueConstraint("team_id", "month"),
        sa.Index(None, "community_id", "state", "id"),
        sa.CheckConstraint("(state = 'decided') = (chosen_id IS NOT NULL)", name="chosen"),
        sa.CheckConstraint("(state IN ('decided', 'nobody')) = (decided_at IS NOT NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    month: Mapped[dt.date]
    state: Mapped[BestState] = mapped_column(enum_type(BestState))
    members: Mapped[int]
    closes_on: Mapped[dt.date]
    opened_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    chosen_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")


class BestCandidate(Base):
    """A member with the month's figures as they were when the vote was opened. ``ballot`` is the last one stood in."""

    __tablename__ = "best_candidate"
    __table_args__ = (sa.UniqueConstraint("best_id", "resident_id"), sa.Index(None, "community_id", "best_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    best_id: Mapped[int] = mapped_column(sa.ForeignKey("best_month.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    rounds: Mapped[int]
    snapshots: Mapped[int]
    ballot: Mapped[int] = mapped_column(default=1)


class BestVote(Base):
    """One member's vote in one ballot, open to the team. Append-only. ``on_paper``: entered by the leader."""

    __tablename__ = "best_vote"
    __table_args__ = (
        sa.UniqueConstraint("best_id", "ballot", "voter_id"),
        sa.Index(None, "community_id", "best_id"),
        sa.CheckConstraint("voter_id <> candidate_id", name="not_oneself"),
        sa.CheckConstraint("ballot IN (1, 2)", name="ballot"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    best_id: Mapped[int] = mapped_column(sa.ForeignKey("best_month.id"))
    ballot: Mapped[int]
    voter_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    candidate_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    on_paper: Mapped[bool] = mapped_column(default=False)
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
