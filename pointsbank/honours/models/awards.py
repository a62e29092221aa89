"""Who reached a step: proposed from figures, confirmed, hung out, granted under a number; and revocations."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, UtcDateTime, enum_type


class ProposalState(enum.StrEnum):
    """proposed -> confirmed -> granted -> revoked; proposed or confirmed -> declined; on the notice -> struck.

    Whether a confirmed one hangs out is the notice's to say (``notice_id``): a discarded draft lets it go by itself.
    """

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    GRANTED = "granted"
    DECLINED = "declined"
    STRUCK = "struck"
    REVOKED = "revoked"


ALLOWED: dict[ProposalState, frozenset[ProposalState]] = {
    ProposalState.PROPOSED: frozenset({ProposalState.CONFIRMED, ProposalState.DECLINED}),
    ProposalState.CONFIRMED: frozenset({ProposalState.GRANTED, ProposalState.STRUCK, ProposalState.DECLINED}),
    ProposalState.GRANTED: frozenset({ProposalState.REVOKED}),
    ProposalState.DECLINED: frozenset(),
    ProposalState.STRUCK: frozenset(),
    ProposalState.REVOKED: frozenset(),
}
LIVE = (ProposalState.PROPOSED, ProposalState.CONFIRMED, ProposalState.GRANTED)
_IS_LIVE = sa.text("state IN ('proposed', 'confirmed', 'granted')")


class HonourProposal(Base):
    """Somebody reached a step, with the figures of ``figures_on`` (minutes, hundredths of honour, no-shows that year).

    ``period_key`` is ``life``, ``2026`` or ``cycle:2``: for each step and period there is at most one live row a
    resident, whoever proposes how often. ``proposed_by_id`` is empty where the job did; ``reason`` is why a person
    proposed by hand, ``answer`` what the one who decided wrote.
    """

    __tablename__ = "honour_proposal"
    __table_args__ = (
        sa.Index("uq_honour_proposal_live", "community_id", "resident_id", "series", "level", "period_key", unique=True,
                 sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
        sa.Index(None, "community_id", "state", "id"),
        sa.Index(None, "community_id", "notice_id"),
        sa.CheckConstraint("decided_by_id IS NULL OR proposed_by_id IS NULL OR decided_by_id <> proposed_by_id",
                           name="second_person"),
        sa.CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided"),
        sa.CheckConstraint("state NOT IN ('granted', 'struck', 'revoked') OR notice_id IS NOT NULL", name="published"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    ladder_id: Mapped[int] = mapped_column(sa.ForeignKey("honour_ladder.id"))
    step_id: Mapped[int] = mapped_column(sa.ForeignKey("ladder_step.id"))
    series: Mapped[int]
    level: Mapped[int]
    period_key: Mapped[str] = mapped_column(sa.String(12))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    minutes: Mapped[int] = mapped_column(sa.BigInteger)
    honour: Mapped[int] = mapped_column(sa.BigInteger)
    no_shows: Mapped[int] = mapped_column(default=0)
    figures_on: Mapped[dt.date]
    state: Mapped[ProposalState] = mapped_column(enum_type(ProposalState))
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    proposed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(400), default="")
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.String(400), default="")
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("public_notice.id"))

    @property
    def source_key(self) -> str:
        """The key under which it stands on a notice."""
        return f"honour:{self.id}"


class HonourAward(Base):
    """A granted honour. Append-only: triggers refuse every change. ``number`` counts per community and year.

    It carries the words and figures of that day, so that it reads the same when its ladder is long superseded.
    """

    __tablename__ = "honour_award"
    __table_args__ = (
        sa.UniqueConstraint("proposal_id"),
        sa.UniqueConstraint("community_id", "year", "number"),
        sa.Index(None, "community_id", "resident_id", "id"),
        sa.Index(None, "community_id", "series", "period_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    year: Mapped[int]
    number: Mapped[int]
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("honour_proposal.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    ladder_id: Mapped[int] = mapped_column(sa.ForeignKey("honour_ladder.id"))
    step_id: Mapped[int] = mapped_column(sa.ForeignKey("ladder_step.id"))
    series: Mapped[int]
    level: Mapped[int]
    period_key: Mapped[str] = mapped_column(sa.String(12))
    ladder_title: Mapped[str] = mapped_column(sa.String(60))
    step_name: Mapped[str] = mapped_column(sa.String(30))
    minutes: Mapped[int] = mapped_column(sa.BigInteger)
    honour: Mapped[int] = mapped_column(sa.BigInteger)
    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("public_notice.id"))
    granted_on: Mapped[dt.date]
    granted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class RevocationState(enum.StrEnum):
    """proposed -> confirmed | refused."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class HonourRevocation(Base):
    """An honour is taken back by resolution, from a day on: one person proposes, another confirms. The award stays."""

    __tablename__ = "honour_revocation"
    __table_args__ = (
        sa.Index("uq_honour_revocation_live", "award_id", unique=True, sqlite_where=sa.text("state <> 'refused'"),
                 postgresql_where=sa.text("state <> 'refused'")),
        sa.Index(None, "community_id", "state", "id"),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="second_person"),
        sa.CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    award_id: Mapped[int] = mapped_column(sa.ForeignKey("honour_award.id"))
    state: Mapped[RevocationState] = mapped_column(enum_type(RevocationState))
    resolution: Mapped[str] = mapped_column(sa.String(400))
    revoked_on: Mapped[dt.date]
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    proposed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.String(400), default="")
