"""Certificates on paper, A4: service hours and stars. For their holder and for the desk."""

from __future__ import annotations

from flask import Response

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.core.errors import NotFound
from pointsbank.core.web import current_actor, guard, render
from pointsbank.honours import policy
from pointsbank.honours.errors import NoCertificate
from pointsbank.honours.models import CertificateState, ProposalState
from pointsbank.honours.pages.room import bp, proof, unlisted
from pointsbank.honours.queries import certificates, register
from pointsbank.honours.queries.certificates import SERVICE, STAR
from pointsbank.honours.reaching import cycle_of
from pointsbank.people import queries as people

ROWS_A_SHEET = 16


@bp.get("/certificates/<int:certificate_id>/print")
@guard.signed_in
def certificate_sheet(certificate_id: int) -> Response:
    """The certificate of service, once it is issued."""
    row = certificates.certificate(current_actor(), certificate_id)
    if row.state is not CertificateState.ISSUED:
        raise NotFound
    content = row.content or []
    names = people.names_of_users([row.handler_id or 0, row.responsible_id or 0])
    return unlisted(render(
        "honours/certificate_sheet.html", row=row, names=names,
        sheets=[content[i:i + ROWS_A_SHEET] for i in range(0, len(content), ROWS_A_SHEET)],
        resident=people.resident(row.community_id, row.resident_id), place=communities.area(row.community_id),
        proof=proof(SERVICE, row.id, row.year, row.number, row.community_id)))


@bp.get("/honours/awards/<int:award_id>/print")
@guard.signed_in
def award_sheet(award_id: int) -> Response:
    """The certificate of a star. In a further cycle only the prize is given, and of what was taken back nothing."""
    actor = current_actor()
    row = register.award(actor.community_id, award_id)
    if actor.resident_id != row.resident_id and not policy.may_look(actor):
        raise NotFound
    if register.state_of(row) is not ProposalState.GRANTED or (cycle_of(row.period_key) or 1) > 1:
        raise NoCertificate
    place = communities.area(row.community_id)
    return unlisted(render(
        "honours/award_sheet.html", row=row, place=place, resident=people.resident(row.community_id, row.resident_id),
        issuer=settings.of(row.community_id).office_name or place.name,
        proof=proof(STAR, row.id, row.year, row.number, row.community_id)))
