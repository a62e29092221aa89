"""Who may write ladders, decide about honours, issue certificates, close a year, and see what."""

from __future__ import annotations

from pointsbank.core.actor import Actor
from pointsbank.honours.models import HonourLadder, ServiceCertificate
from pointsbank.people.roles import DESK, JUDGES, OFFICE, PROXIES, Role
from pointsbank.rules.policy import ADOPTERS, WRITERS, may_adopt, may_write

__all__ = ["ADOPTERS", "HELPERS", "LEADERS", "WRITERS", "may_adopt", "may_decide", "may_help", "may_keep", "may_lead",
           "may_look", "may_see_certificate", "may_write", "wrote_in"]

LEADERS = (Role.TEAM_LEADER, *OFFICE)
HELPERS = tuple(dict.fromkeys((*JUDGES, *PROXIES)))


def wrote_in(actor: Actor, ladder: HonourLadder) -> bool:
    """Whoever wrote in a draft never adopts it."""
    return actor.user_id is not None and (actor.user_id == ladder.created_by or actor.user_id in ladder.editors)


def may_look(actor: Actor) -> bool:
    """See the desk's lists of honours and certificates."""
    return actor.is_system or actor.has_role(*DESK)


def may_decide(actor: Actor) -> bool:
    """Propose, confirm and decline honours; prepare, issue and withdraw certificates; freeze a year."""
    return actor.user_id is not None and actor.has_role(*JUDGES)


def may_keep(actor: Actor) -> bool:
    """Name the leagues, enter and excuse no-shows."""
    return actor.is_system or actor.has_role(*OFFICE)


def may_help(actor: Actor) -> bool:
    """Ask for a certificate for somebody at the counter."""
    return actor.user_id is not None and actor.has_role_within(*HELPERS)


def may_lead(actor: Actor, team_id: int) -> bool:
    """Open a team's vote, enter a show of hands, decide a tie: the team's leader, else the office."""
    return actor.is_system or actor.leads_team(team_id) or actor.has_role(*OFFICE)


def may_see_certificate(actor: Actor, certificate: ServiceCertificate) -> bool:
    """The resident, whoever asked for it at the counter, and the desk."""
    own = actor.resident_id == certificate.resident_id or actor.user_id == certificate.requested_by_id
    return actor.user_id is not None and (own or may_look(actor))
