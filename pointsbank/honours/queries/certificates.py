"""Certificates: the register, one's own, and what anybody may learn with number and code."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities import queries as communities
from pointsbank.core import tenancy, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.masking import mask_name
from pointsbank.core.paging import Page, page
from pointsbank.honours import policy
from pointsbank.honours.errors import UnknownCertificate
from pointsbank.honours.models import (
    CertificateState,
    HonourAward,
    HonourProposal,
    ProposalState,
    ServiceCertificate,
)
from pointsbank.people.models import Resident

SERVICE, STAR = "S", "H"
CODE_BYTES = 5  # 8 letters: to be typed from paper; tries are limited at the edge
REGISTER = (CertificateState.ISSUED, CertificateState.WITHDRAWN)
NUMBER = re.compile(r"([a-z0-9-]{1,32})-([0-9]{4})-([SH])([0-9]{4,8})", re.IGNORECASE | re.ASCII)


def code_of(kind: str, row_id: int) -> str:
    """The code printed beside the number; made from the secret, so that it can be printed again and is kept nowhere."""
    return tokens.to_base32(tokens.mac(tokens.derive("certificate"), f"{kind}:{row_id}")[:CODE_BYTES])


def full_number(area_code: str, year: int | None, kind: str, number: int | None) -> str:
    """``liuyin-2026-S0007``: S for service, H for honours."""
    return f"{area_code}-{year}-{kind}{number or 0:04d}"


def mine(actor: Actor) -> Sequence[ServiceCertificate]:
    """The certificates of the resident acted for, newest first."""
    return db.session.scalars(scoped(ServiceCertificate, actor.community_id).where(
        ServiceCertificate.resident_id == actor.resident_id).order_by(ServiceCertificate.id.desc()).limit(100)).all()


def certificate(actor: Actor, certificate_id: int) -> ServiceCertificate:
    """One that the actor may see. Raises NotFound."""
    row = get_scoped(ServiceCertificate, certificate_id, actor.community_id)
    if not policy.may_see_certificate(actor, row):
        raise NotFound
    return row


def waiting(community_id: int) -> Sequence[ServiceCertificate]:
    """What is asked for or prepared, the oldest first."""
    return db.session.scalars(scoped(ServiceCertificate, community_id).where(
        ServiceCertificate.state.in_([CertificateState.REQUESTED, CertificateState.PREPARED]))
        .order_by(ServiceCertificate.id).limit(200)).all()


def register(community_id: int, *, cursor: str | None = None, limit: int | None = None) -> Page[ServiceCertificate]:
    """What was ever issued, newest first."""
    query = scoped(ServiceCertificate, community_id).where(ServiceCertificate.state.in_(REGISTER))
    return page(query, ServiceCertificate.id, cursor=cursor, limit=limit)


def whole_register(community_id: int) -> Sequence[ServiceCertificate]:
    """All of it by number, for a download."""
    return db.session.scalars(scoped(ServiceCertificate, community_id).where(ServiceCertificate.state.in_(REGISTER))
                              .order_by(ServiceCertificate.year, ServiceCertificate.number)).all()


# ── For everybody ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Verified:
    """What a stranger with number and code in hand may learn. ``what`` is the star's name, empty for service hours."""

    number: str
    community: str
    masked_name: str
    what: str
    minutes: int
    since_on: dt.date | None
    until_on: dt.date | None
    issued_on: dt.date | None
    stands: bool


def verify(number: str, code: str) -> Verified:
    """The certificate with this number, if the code is its own. Raises UnknownCertificate, whatever was wrong."""
    parts = NUMBER.fullmatch(number.strip())
    if parts is None:
        raise UnknownCertificate
    area_code, year, kind, serial = parts[1].lower(), int(parts[2]), parts[3].upper(), int(parts[4])
    try:
        place = communities.community_by_code(area_code)
    except NotFound:
        raise UnknownCertificate from None
    with tenancy.visiting(place.id):
        find = _service if kind == SERVICE else _star
        row_id, found = find(place.id, place.name, year, serial, number.strip())
    if not tokens.same(code_of(kind, row_id).encode(), "".join(code.split()).upper().encode()):
        raise UnknownCertificate
    return found


def _service(community_id: int, place: str, year: int, number: int, text: str) -> tuple[int, Verified]:
    found = db.session.execute(
        sa.select(ServiceCertificate, Resident).join(Resident, Resident.id == ServiceCertificate.resident_id)
        .where(ServiceCertificate.community_id == community_id, ServiceCertificate.year == year,
               ServiceCertificate.number == number, ServiceCertificate.state.in_(REGISTER))).first()
    if found is None:
        raise UnknownCertificate
    row, resident = found
    return row.id, Verified(text, place, _masked(resident), "", row.minutes or 0, row.since_on, row.until_on,
                            row.issued_on, row.state is CertificateState.ISSUED)


def _star(community_id: int, place: str, year: int, number: int, text: str) -> tuple[int, Verified]:
    found = db.session.execute(
        sa.select(HonourAward, Resident, HonourProposal.state)
        .join(Resident, Resident.id == HonourAward.resident_id)
        .join(HonourProposal, HonourProposal.id == HonourAward.proposal_id)
        .where(HonourAward.community_id == community_id, HonourAward.year == year,
               HonourAward.number == number)).first()
    if found is None:
        raise UnknownCertificate
    row, resident, state = found
    return row.id, Verified(text, place, _masked(resident), f"{row.ladder_title} {row.step_name}", row.minutes, None,
                            None, row.granted_on, state is ProposalState.GRANTED)


def _masked(resident: Resident) -> str:
    """Nothing is left of the name of somebody erased."""
    return "–" if resident.erased_at is not None else mask_name(resident.name)
