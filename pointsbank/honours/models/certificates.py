"""Certificates of service hours, with what 民发〔2015〕149号 asks for, and the register that they are."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class CertificateState(enum.StrEnum):
    """requested -> prepared -> issued -> withdrawn; requested or prepared -> refused.

    Between prepared and issued it hangs out on a notice (``notice_id``).
    """

    REQUESTED = "requested"
    PREPARED = "prepared"
    ISSUED = "issued"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


CERTIFICATE_ALLOWED: dict[CertificateState, frozenset[CertificateState]] = {
    CertificateState.REQUESTED: frozenset({CertificateState.PREPARED, CertificateState.REFUSED}),
    CertificateState.PREPARED: frozenset({CertificateState.ISSUED, CertificateState.REFUSED}),
    CertificateState.ISSUED: frozenset({CertificateState.WITHDRAWN}),
    CertificateState.REFUSED: frozenset(),
    CertificateState.WITHDRAWN: frozenset(),
}


class ServiceCertificate(Base):
    """One certificate from the request on. Issued, it is never changed: triggers let it be withdrawn, and nothing else.

    The name is not here but with the resident, so that an erased person leaves only a number. ``content`` is a list of
    ``{"what", "times", "minutes", "first", "last"}``; ``handler_id`` gathered it, ``responsible_id`` issued it.
    """

    __tablename__ = "service_certificate"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "year", "number"),
        sa.Index(None, "community_id", "state", "id"),
        sa.Index(None, "community_id", "resident_id", "id"),
        sa.CheckConstraint("until_on >= since_on", name="span"),
        sa.CheckConstraint("responsible_id IS NULL OR responsible_id <> handler_id", name="second_person"),
        sa.CheckConstraint("withdrawn_by_id IS NULL OR withdrawn_by_id <> responsible_id", name="withdrawn_by_another"),
        sa.CheckConstraint("state NOT IN ('issued', 'withdrawn') OR (number IS NOT NULL AND issued_on IS NOT NULL "
                           "AND handler_id IS NOT NULL AND responsible_id IS NOT NULL AND notice_id IS NOT NULL "
                           "AND minutes > 0)", name="whole"),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name="withdrawn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    state: Mapped[CertificateState] = mapped_column(enum_type(CertificateState))
    since_on: Mapped[dt.date]
    until_on: Mapped[dt.date]
    purpose: Mapped[str] = mapped_column(sa.String(120), default="")
    volunteer_number: Mapped[str] = mapped_column(sa.String(24), default="")
    requested_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    requested_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    minutes: Mapped[int | None]
    content: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    handler_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    handler_contact: Mapped[str] = mapped_column(sa.String(60), default="")
    prepared_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("public_notice.id"))
    year: Mapped[int | None]
    number: Mapped[int | None]
    issuer: Mapped[str] = mapped_column(sa.String(80), default="")
    responsible_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    issued_on: Mapped[dt.date | None]
    refused_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answer: Mapped[str] = mapped_column(sa.String(300), default="")
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    withdrawn_on: Mapped[dt.date | None]
    withdrawn_because: Mapped[str] = mapped_column(sa.String(300), default="")

    @property
    def source_key(self) -> str:
        """The key under which it stands on a notice."""
        return f"certificate:{self.id}"
