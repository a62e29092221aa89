"""The desk's lists: proposals, the register of awards, revocations, closed years, what waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.paging import Page, page
from pointsbank.honours.models import (
    BestMonth,
    BestState,
    CertificateState,
    HonourAward,
    HonourProposal,
    HonourRevocation,
    HonourYear,
    HonourYearLine,
    ProposalState,
    RevocationState,
    ServiceCertificate,
    YearState,
)
from pointsbank.honours.queries import unlisted
from pointsbank.honours.queries.unlisted import not_hanging
from pointsbank.publicity.models import NoticeState, PublicNotice


def proposals(community_id: int, state: ProposalState = ProposalState.PROPOSED, *, cursor: str | None = None,
              limit: int | None = None) -> Page[HonourProposal]:
    """Proposals in one state, the oldest first."""
    query = scoped(HonourProposal, community_id).where(HonourProposal.state == state)
    return page(query, HonourProposal.id, cursor=cursor, limit=limit, descending=False)


def to_list(community_id: int) -> Sequence[HonourProposal]:
    """Confirmed, and on no notice yet."""
    return db.session.scalars(unlisted.honours(community_id).order_by(HonourProposal.id).limit(300)).all()


def awards(community_id: int, *, cursor: str | None = None, limit: int | None = None) -> Page[HonourAward]:
    """The register, newest first."""
    return page(scoped(HonourAward, community_id), HonourAward.id, cursor=cursor, limit=limit)


def all_awards(community_id: int) -> Sequence[HonourAward]:
    """The whole register, for a download."""
    return db.session.scalars(scoped(HonourAward, community_id).order_by(HonourAward.id)).all()


def awards_of(community_id: int, resident_id: int) -> Sequence[HonourAward]:
    """What was granted to somebody, newest first."""
    return db.session.scalars(scoped(HonourAward, community_id).where(HonourAward.resident_id == resident_id)
                              .order_by(HonourAward.id.desc())).all()


def award(community_id: int | None, award_id: int) -> HonourAward:
    """One award of this community. Raises NotFound."""
    return get_scoped(HonourAward, award_id, community_id)


def state_of(row: HonourAward) -> ProposalState:
    """Granted, or taken back since."""
    return get_scoped(HonourProposal, row.proposal_id, row.community_id).state


def revocations_of(community_id: int, award_ids: Collection[int]) -> dict[int, list[HonourRevocation]]:
    """Revocations by award, the oldest first; one statement."""
    found: dict[int, list[HonourRevocation]] = {i: [] for i in award_ids}
    if found:
        for row in db.session.scalars(scoped(HonourRevocation, community_id).where(
                HonourRevocation.award_id.in_(found)).order_by(HonourRevocation.id)):
            found[row.award_id].append(row)
    return found


def open_revocations(community_id: int) -> Sequence[HonourRevocation]:
    """Those that wait for a second person."""
    return db.session.scalars(scoped(HonourRevocation, community_id).where(
        HonourRevocation.state == RevocationState.PROPOSED).order_by(HonourRevocation.id).limit(100)).all()


# ── Years ───────────────────────────────────────────────────────────────────────────────────────────────────────


def years(community_id: int) -> Sequence[HonourYear]:
    """The closed years, the latest first."""
    return db.session.scalars(scoped(HonourYear, community_id).order_by(HonourYear.year.desc())).all()


def year(community_id: int | None, year_id: int) -> HonourYear:
    """One closed year. Raises NotFound."""
    return get_scoped(HonourYear, year_id, community_id)


def year_lines(row: HonourYear, *, cursor: str | None = None, limit: int | None = 50) -> Page[HonourYearLine]:
    """Its lines, a page."""
    query = scoped(HonourYearLine, row.community_id).where(HonourYearLine.year_id == row.id)
    return page(query, HonourYearLine.id, cursor=cursor, limit=limit, descending=False)


def all_year_lines(row: HonourYear) -> Sequence[HonourYearLine]:
    """All of them, for a download."""
    return db.session.scalars(scoped(HonourYearLine, row.community_id).where(
        HonourYearLine.year_id == row.id).order_by(HonourYearLine.owner_key)).all()


def own_years(community_id: int, owner_keys: Sequence[str]) -> list[tuple[HonourYear, HonourYearLine]]:
    """What frozen statements say of these owners, the latest year first."""
    rows = db.session.execute(
        sa.select(HonourYear, HonourYearLine).join(HonourYearLine, HonourYearLine.year_id == HonourYear.id)
        .where(HonourYear.community_id == community_id, HonourYear.state == YearState.FROZEN,
               HonourYearLine.owner_key.in_(owner_keys)).order_by(HonourYear.year.desc()))
    return [(row[0], row[1]) for row in rows]


# ── What waits ──────────────────────────────────────────────────────────────────────────────────────────────────


def waiting_columns(actor: Actor) -> list[sa.ScalarSelect[int]]:
    """Two counts for the desk, so that it asks for everything that waits in one statement: honours that somebody else
    put forward or that are ready for a list, and certificates to gather, to hang out or to issue."""
    def one(table: Any, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return (sa.select(sa.func.count()).select_from(table)
                .where(table.community_id == actor.community_id, *where).scalar_subquery())

    def by_another(column: Any) -> sa.ColumnElement[bool]:
        return sa.or_(column.is_(None), column != actor.user_id)

    over = sa.exists(sa.select(PublicNotice.id).where(PublicNotice.id == ServiceCertificate.notice_id,
                                                      PublicNotice.state == NoticeState.CLOSED))
    prepared = ServiceCertificate.state == CertificateState.PREPARED
    honours = [
        one(HonourProposal, HonourProposal.state == ProposalState.PROPOSED, by_another(HonourProposal.proposed_by_id)),
        one(HonourProposal, HonourProposal.state == ProposalState.CONFIRMED, not_hanging(HonourProposal.notice_id)),
        one(HonourRevocation, HonourRevocation.state == RevocationState.PROPOSED,
            by_another(HonourRevocation.proposed_by_id)),
        one(HonourYear, HonourYear.state == YearState.PREPARED, by_another(HonourYear.prepared_by_id))]
    papers = one(ServiceCertificate, sa.or_(
        ServiceCertificate.state == CertificateState.REQUESTED,
        sa.and_(prepared, not_hanging(ServiceCertificate.notice_id)),
        sa.and_(prepared, over, by_another(ServiceCertificate.handler_id))))
    return [honours[0] + honours[1] + honours[2] + honours[3], papers]  # type: ignore[list-item]


# ── The best of the month ───────────────────────────────────────────────────────────────────────────────────────


def best_months(community_id: int, *, cursor: str | None = None, limit: int | None = None) -> Page[BestMonth]:
    """Every team's months, the latest first."""
    return page(scoped(BestMonth, community_id), BestMonth.id, cursor=cursor, limit=limit)


def best_of_teams(community_id: int, team_ids: Collection[int]) -> Sequence[BestMonth]:
    """The last months of these teams; what is still open comes first."""
    if not team_ids:
        return []
    is_open = sa.case((BestMonth.state.in_([BestState.FIRST, BestState.SECOND]), 0), else_=1)
    return db.session.scalars(scoped(BestMonth, community_id).where(BestMonth.team_id.in_(team_ids))
                              .order_by(is_open, BestMonth.month.desc()).limit(6)).all()
