"""Paper: the round sheet to take along, entering it afterwards, and the points cards of a team."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as communities
from pointsbank.core import clock, tokens
from pointsbank.core.errors import DomainError, Forbidden
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    guard,
    reads_first,
    render,
    repeats_itself,
    status_of,
)
from pointsbank.patrols import policy, services
from pointsbank.patrols.pages import reading
from pointsbank.patrols.pages.room import bp, community_id
from pointsbank.patrols.pages.walking import refused, round_page
from pointsbank.patrols.queries import rounds
from pointsbank.patrols.services import RoundDraft, planning
from pointsbank.people import queries as people


def _address(path: str) -> str:
    return f"{current_app.config['BASE_URL']}{path}"


def _kept(patrol_id: int) -> rounds.Whole:
    view = rounds.whole(current_actor(), patrol_id)
    if not policy.may_keep(current_actor(), view.patrol.team_id):
        raise Forbidden
    return view


@bp.get("/desk/patrols/<int:patrol_id>/sheet")
@guard.staff(*policy.LOOKERS)
def sheet(patrol_id: int) -> Response:
    """The round on A4: checkpoints and questions to tick, with the way to its page."""
    view = _kept(patrol_id)
    return render("patrols/print_sheet.html", view=view, patrol=view.patrol, route=view.route,
                  community=communities.area(community_id()), address=_address(f"/patrols/{patrol_id}/walk"))


@bp.get("/desk/patrols/<int:patrol_id>/paper")
@guard.staff(*policy.LOOKERS)
def paper(patrol_id: int) -> Response:
    """Enter the sheet that came back."""
    return _paper(patrol_id)


def _paper(patrol_id: int, status: int = 200, **more: Any) -> Response:
    view = _kept(patrol_id)
    return round_page(view, "patrols/paper.html", view.observers[0][0] if view.observers else 0, status,
                      client_id=more.pop("client_id", "") or tokens.random_token(12),
                      given=reading.given_values(more.pop("form", None)), kept=more.pop("kept", {}),
                      refusal=more.pop("refusal", None), tag="")


@bp.post("/desk/patrols/<int:patrol_id>/paper")
@guard.staff(*policy.LOOKERS)
@reads_first
@repeats_itself
def enter_paper(patrol_id: int) -> BaseResponse:
    """Hand in a round from paper; somebody else accepts it."""
    form, sent = request.form, reading.Sent({})
    try:
        sent = reading.prepare(request.files)
        begin_write()
        actor, view = current_actor(), _kept(patrol_id)
        day = view.patrol.on
        services.submit(actor, patrol_id, RoundDraft(
            form.get("client_id", "")[:80],
            reading.stops_from(form, [v.stop for v in view.stops], sent.stored(actor)),
            reading.wall_time(form.get("from", "")[:8], day), reading.wall_time(form.get("until", "")[:8], day)),
            paper=True, observer_id=form.get("observer", type=int))
    except DomainError as refusal:
        return refused(refusal, sent, lambda said, kept: _paper(
            patrol_id, status_of(said), form=form, kept=kept, refusal=said, client_id=form.get("client_id", "")))
    flash_done(_("The sheet is entered. Somebody who neither walked it nor entered it accepts it."))
    return back_to("patrols.one", patrol_id=patrol_id)


@bp.get("/desk/patrols/teams/<int:team_id>/cards")
@guard.staff(*policy.LOOKERS)
def cards(team_id: int) -> Response:
    """A points card for each member of a team, to write findings down, two on a sheet of A4."""
    team = people.team(community_id(), team_id)
    if not policy.may_keep(current_actor(), team.id):
        raise Forbidden
    members = planning.members(community_id(), team.id, clock.today())
    names = list(members.values())
    return render("patrols/print_cards.html", team=team, address=_address("/patrols"),
                  community=communities.area(community_id()), pages=[names[i:i + 2] for i in range(0, len(names), 2)])
