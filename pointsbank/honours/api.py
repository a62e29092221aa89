"""JSON routes: one's own honours, the desk's proposals, certificates and their check."""

from __future__ import annotations

from typing import Any

from pointsbank.core.api import ApiRoom, PageInput, paged
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page
from pointsbank.core.web import current_actor, guard
from pointsbank.honours import services
from pointsbank.honours.models import HonourProposal, ServiceCertificate
from pointsbank.honours.queries import certificates, register
from pointsbank.honours.queries import mine as mines
from pointsbank.honours.queries.certificates import Verified
from pointsbank.honours.schemas import (
    CertificateInput,
    CertificateView,
    CheckInput,
    DecidedView,
    DecideInput,
    FoundView,
    MineView,
    ProposalView,
    ShownInput,
    VerifiedView,
)
from pointsbank.people.roles import DESK

api = ApiRoom("honours", __name__, prefix="", description="Stars, and certificates of service.")


def _community() -> int:
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id


# ── Honours ─────────────────────────────────────────────────────────────────────────────────────────────────────


@api.get("/honours")
@guard.resident
@api.response(200, MineView)
def honours() -> mines.Mine:
    """How the resident acted for stands on each ladder, and what was granted."""
    return mines.mine(current_actor())


@api.post("/honours/shown")
@guard.resident
@api.arguments(ShownInput)
@api.response(200, MineView)
def show_me(values: dict[str, Any]) -> mines.Mine:
    """Stand on the board of honours, or don't."""
    services.show_me(current_actor(), shown=values["shown"])
    return mines.mine(current_actor())


@api.get("/honours/proposals")
@guard.staff(*DESK)
@api.arguments(PageInput, location="query")
@api.response(200, paged(ProposalView))
def proposals(values: dict[str, Any]) -> Page[HonourProposal]:
    """Who reached which step and waits to be confirmed, the oldest first."""
    return register.proposals(_community(), **values)


@api.post("/honours/proposals")
@guard.staff(*DESK)
@api.response(200, FoundView)
def propose() -> services.Found:
    """Look at the figures now, as the job does every night."""
    return services.propose(current_actor(), _community())


@api.post("/honours/decisions")
@guard.staff(*DESK)
@api.arguments(DecideInput)
@api.response(200, DecidedView)
def decide(values: dict[str, Any]) -> dict[str, Any]:
    """Confirm or decline proposals; a second person does."""
    return {"items": services.decide(current_actor(), values["ids"], confirm=values["confirm"],
                                     answer=values["answer"])}


# ── Certificates ────────────────────────────────────────────────────────────────────────────────────────────────


@api.get("/certificates")
@guard.resident
@api.response(200, CertificateView(many=True))
def my_certificates() -> Any:
    """The certificates of the resident acted for, newest first."""
    return certificates.mine(current_actor())


@api.post("/certificates")
@guard.signed_in
@api.arguments(CertificateInput)
@api.response(201, CertificateView)
def request_certificate(values: dict[str, Any]) -> ServiceCertificate:
    """Ask for a certificate of the hours of some days. It is free."""
    return services.request_certificate(current_actor(), values.pop("since_on"), values.pop("until_on"), **values)


@api.get("/certificates/register")
@guard.staff(*DESK)
@api.arguments(PageInput, location="query")
@api.response(200, paged(CertificateView))
def certificate_register(values: dict[str, Any]) -> Page[ServiceCertificate]:
    """What was ever issued, newest first."""
    return certificates.register(_community(), **values)


@api.get("/certificates/<int:certificate_id>")
@guard.signed_in
@api.response(200, CertificateView)
def certificate(certificate_id: int) -> ServiceCertificate:
    """One certificate."""
    return certificates.certificate(current_actor(), certificate_id)


@api.get("/certificates/check")
@guard.public
@api.arguments(CheckInput, location="query")
@api.response(200, VerifiedView)
def check_certificate(values: dict[str, Any]) -> Verified:
    """Whether a certificate is genuine and still stands; tries are limited."""
    return certificates.verify(values["number"], values["code"])
