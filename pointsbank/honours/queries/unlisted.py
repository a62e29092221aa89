"""What waits for a notice: confirmed honours and prepared certificates that hang on none."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pointsbank.core.db import scoped
from pointsbank.honours.models import CertificateState, HonourProposal, ProposalState, ServiceCertificate
from pointsbank.publicity.models import NoticeState, PublicNotice


def not_hanging(notice_id: Any) -> sa.ColumnElement[bool]:
    """The row stands on no notice, or on a draft that was thrown away."""
    gone = sa.select(PublicNotice.id).where(PublicNotice.id == notice_id, PublicNotice.state == NoticeState.DISCARDED)
    return sa.or_(notice_id.is_(None), sa.exists(gone))


def honours(community_id: int) -> sa.Select[Any]:
    """Confirmed proposals for the next list."""
    return scoped(HonourProposal, community_id).where(
        HonourProposal.state == ProposalState.CONFIRMED, not_hanging(HonourProposal.notice_id))


def certificates(community_id: int) -> sa.Select[Any]:
    """Prepared certificates for the next list."""
    return scoped(ServiceCertificate, community_id).where(
        ServiceCertificate.state == CertificateState.PREPARED, not_hanging(ServiceCertificate.notice_id))
