"""Effects that are no number: nothing counted for a time, no redemption for a time, no honours."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, UtcDateTime, enum_type


class FlagKind(enum.StrEnum):
    """``excluded``: earns nothing (studies elsewhere, moved away); ``no_redemption``: the points stay and can't be
    spent; ``veto``: earns nothing and gets no honours (一票否决)."""

    EXCLUDED = "excluded"
    NO_REDEMPTION = "no_redemption"
    VETO = "veto"


class FlagState(enum.StrEnum):
    """proposed -> in_force | refused; in_force -> lifted."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    LIFTED = "lifted"


FLAG_ALLOWED: dict[FlagState, frozenset[FlagState]] = {
    FlagState.PROPOSED: frozenset({FlagState.IN_FORCE, FlagState.REFUSED}),
    FlagState.IN_FORCE: frozenset({FlagState.LIFTED}),
    FlagState.REFUSED: frozenset(),
    FlagState.LIFTED: frozenset(),
}


class StandingFlag(Base):
    """One such effect on a person or household (``owner_key``), from a day on and before ``until_on``, by a resolution.

    Never in a public list. Two people stand for it; lifting it ends it early and leaves the row.
    """

    __tablename__ = "standing_flag"
    __table_args__ = (
        sa.Index(None, "community_id", "owner_key"), sa.Index(None, "community_id", "state", "id"),
        sa.CheckConstraint("until_on IS NULL OR until_on > since_on", name="span"),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="second_person"),
        sa.CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    owner_key: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[FlagKind] = mapped_column(enum_type(FlagKind))
    state: Mapped[FlagState] = mapped_column(enum_type(FlagState))
    since_on: Mapped[dt.date]
    until_on: Mapped[dt.date | None]
    reason: Mapped[str] = mapped_column(sa.String(200))
    resolution: Mapped[str] = mapped_column(sa.String(400))
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    proposed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    lifted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    lifted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    lift_reason: Mapped[str] = mapped_column(sa.String(200), default="")
