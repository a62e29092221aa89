"""An observer's own pages: the next rounds, swaps, second looks, the team's month, the points card."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core.errors import DomainError, NotFound
from pointsbank.core.formats import format_day
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
)
from pointsbank.honours.queries import register
from pointsbank.media import services as media
from pointsbank.patrols import services
from pointsbank.patrols.forms import LookForm, ProposalForm, month_of
from pointsbank.patrols.models import LookOutcome
from pointsbank.patrols.pages.room import bp, community_id
from pointsbank.patrols.queries import figures, proposals, rounds, routes
from pointsbank.patrols.services import proposing
from pointsbank.people import queries as people
from pointsbank.places import queries as places


@bp.get("/patrols")
@guard.resident
def index() -> Response:
    """My next rounds, what the team looks for, what I have done."""
    actor = current_actor()
    offers = rounds.swaps(actor)
    return render("patrols/index.html", coming=rounds.coming(actor), offers=offers, teams=proposing.own_teams(actor),
                  asked={o.swap.patrol_id: o.swap for o in offers if o.own},
                  page=rounds.past(actor, cursor=request.args.get("cursor")))


@bp.post("/patrols/<int:patrol_id>/swap")
@guard.resident
def ask_swap(patrol_id: int) -> BaseResponse:
    """I can't come."""
    services.ask_swap(current_actor(), patrol_id, request.form.get("reason", ""))
    flash_done(_("The team and the leader have been told. Until somebody takes it over, the round stays yours."))
    return back_to("patrols.index")


@bp.post("/patrols/swaps/<int:swap_id>/take")
@guard.resident
def take_swap(swap_id: int) -> BaseResponse:
    """I walk instead."""
    services.take_swap(current_actor(), swap_id)
    flash_done(_("The round is yours now. Thank you."))
    return back_to("patrols.index")


@bp.post("/patrols/swaps/<int:swap_id>/withdraw")
@guard.resident
def withdraw_swap(swap_id: int) -> BaseResponse:
    """I can come after all."""
    services.withdraw_swap(current_actor(), swap_id)
    flash_done(_("You walk this round after all."))
    return back_to("patrols.index")


# ── Second looks ────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/patrols/looks")
@guard.resident
def looks() -> Response:
    """What others found and somebody should look at again."""
    spot = request.args.get("only") == "spot"
    return render("patrols/looks.html", form=LookForm(formdata=None), finding_id=0, **_looks(spot))


def _looks(spot: bool) -> dict[str, Any]:
    cursor = request.args.get("cursor")
    return {"spot": spot, "cursor": cursor,
            "page": rounds.to_look(current_actor(), on_the_spot=spot, cursor=cursor)}


@bp.post("/patrols/findings/<int:finding_id>/look")
@guard.resident
def look(finding_id: int) -> BaseResponse:
    """I went there: it stayed put right, or it did not."""
    form = LookForm()
    try:
        form.check()
        services.look_again(current_actor(), finding_id, LookOutcome(form.outcome.data), form.text.data or "")
    except DomainError as refusal:
        return form_refused("patrols/looks.html", form, refusal, finding_id=finding_id, **_looks(False))
    flash_done(_("Written down. Thank you for looking."))
    return back_to("patrols.looks")


@bp.post("/patrols/findings/<int:finding_id>/confirm")
@guard.resident
def confirm(finding_id: int) -> BaseResponse:
    """What somebody put right on the spot is put right, or is not."""
    services.confirm_fixed(current_actor(), finding_id, is_fixed=request.form.get("fixed") == "1")
    flash_done(_("Written down. Thank you for looking."))
    return back_to("patrols.looks", only="spot")


# ── The team ────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/patrols/team/<int:team_id>")
@guard.resident
def team(team_id: int) -> Response:
    """The month of one's team, for its members: sums of its routes, whose turn comes next, who is best of the month."""
    actor, first = current_actor(), month_of(request.args.get("month"))
    found = next((t for t in proposing.own_teams(actor) if t.id == team_id), None)
    if found is None:
        raise NotFound
    best = [b for b in register.best_months(community_id(), limit=50).items if b.team_id == team_id][:3]
    names = people.residents_by_id(community_id(), {b.chosen_id for b in best if b.chosen_id is not None})
    return render("patrols/team.html", team=found, first=first, rows=figures.month(actor, first, team_id=team_id),
                  shares=routes.shares(community_id(), team_id), best=best, names=names,
                  own=figures.own_month(actor, first))


# ── Proposals ───────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/patrols/proposals")
@guard.resident
def my_proposals() -> Response:
    """What I proposed, with the answers, and a form for more."""
    return render("patrols/proposals.html", form=_proposal_form(formdata=None), **_around())


def _around() -> dict[str, Any]:
    actor = current_actor()
    return {"page": proposals.mine(actor, cursor=request.args.get("cursor")), "teams": proposing.own_teams(actor),
            "client_id": request.form.get("client_id") or uuid.uuid4().hex}


def _proposal_form(**options: Any) -> ProposalForm:
    form = ProposalForm(**options)
    form.offer(places.listed(community_id(), limit=100).items)
    return form


@bp.post("/patrols/proposals")
@guard.resident
@reads_first
def propose() -> BaseResponse:
    """Propose something."""
    form = _proposal_form()
    try:
        form.check()
        prepared = media.prepare_uploads(request.files.getlist("photos"))
        begin_write()
        actor = current_actor()
        ids = [media.store(actor, None, "", "report", prepared=one).id for one in prepared]
        row = services.propose(actor, services.ProposalDraft(
            request.form.get("client_id", "")[:80], form.text.data or "", form.place_id.data or None, ids))
    except DomainError as refusal:
        return form_refused("patrols/proposals.html", form, refusal, **_around())
    flash_done(_("Your proposal is in. The committee answers within 7 working days, by %(day)s.",
                 day=format_day(row.due_on)))
    return back_to("patrols.my_proposals")

