"""The points of a team: what there is, its passbook, sharing them out and confirming it."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.contributions import describing, policy, services
from pointsbank.contributions.forms import RefuseShareForm, ShareForm
from pointsbank.contributions.models import ShareState
from pointsbank.contributions.pages.deeds import form_checked
from pointsbank.contributions.pages.room import bp, community
from pointsbank.contributions.queries import facts_of
from pointsbank.contributions.queries import sharing as queries
from pointsbank.core import clock
from pointsbank.core.errors import DomainError, Forbidden, Invalid
from pointsbank.core.points import NotPoints, parse_points
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.ledger import queries as book
from pointsbank.people import policy as people_policy
from pointsbank.people import queries as people
from pointsbank.people.models import Team
from pointsbank.people.roles import DESK, Role


def team_points(team_id: int) -> queries.TeamPurse:
    """For the page of a team, which stands on a floor below and can't ask."""
    return queries.team_purse(community(), team_id)


@bp.record_once
def _questions(state: Any) -> None:
    state.app.jinja_env.globals.update(team_points=team_points)


def _team(team_id: int) -> Team:
    found = people.team(current_actor().community_id, team_id)
    if not people_policy.can(current_actor(), "teams.see", team_id=found.id):
        raise Forbidden
    return found


@bp.get("/desk/teams/<int:team_id>/points")
@guard.staff(*DESK, Role.TEAM_LEADER)
def team_passbook(team_id: int) -> Response:
    """What a team has, its passbook, and how its points were shared."""
    return render("contributions/team_points.html", form=ShareForm(formdata=None), **_values(_team(team_id)))


def _values(team: Team) -> dict[str, Any]:
    actor, community_id = current_actor(), community()
    entries = book.passbook(community_id, f"team:{team.id}", cursor=request.args.get("cursor"), limit=20)
    keys = [entry.source_key for entry in entries.items]
    told = {key: (found.title, found.note) for key, found in describing.describe(community_id, keys).items()}
    told |= queries.describe_shares(community_id, keys)
    shares = queries.shares(community_id, team.id, limit=5).items
    lines = queries.lines_of(community_id, [s.id for s in shares])
    return {"team": team, "purse": queries.team_purse(community_id, team.id), "entries": entries, "words": told,
            "shares": shares, "lines": lines, "first_page": not request.args.get("cursor"),
            "names": queries.names_of(community_id, [line for some in lines.values() for line in some]),
            "members": people.team_members(community_id, team.id, clock.today()),
            "may_propose": actor.leads_team(team.id) and not any(s.state is ShareState.PROPOSED for s in shares)}


@bp.post("/desk/teams/<int:team_id>/points")
@guard.staff(Role.TEAM_LEADER)
def propose_share(team_id: int) -> BaseResponse:
    """The leader proposes who gets how many."""
    team, form = _team(team_id), ShareForm()
    try:
        form_checked(form)
        share = services.propose_share(current_actor(), team.id, _amounts(), form.reason.data or "")
    except DomainError as refusal:
        return form_refused("contributions/team_points.html", form, refusal, **_values(team), typed=request.form)
    flash_done(_("Proposed. Somebody of the committee who is not of the team confirms it."))
    return back_to("contributions.team_share", share_id=share.id)


def _amounts() -> dict[int, int]:
    """What was typed beside the names (``points-<resident>``); an empty field is nobody's. Raises Invalid."""
    found: dict[int, int] = {}
    for name, text in request.form.items():
        number = name.removeprefix("points-")
        if name == number or not number.isdecimal() or not text.strip():
            continue
        try:
            found[int(number)] = parse_points(text)
        except NotPoints as refusal:
            raise Invalid(refusal.sentence) from None
    return found


@bp.get("/desk/team-shares/<int:share_id>")
@guard.staff(*DESK, Role.TEAM_LEADER)
def team_share(share_id: int) -> Response:
    """One proposal, for whoever confirms it."""
    return render("contributions/team_share.html", form=RefuseShareForm(formdata=None), **_share_values(share_id))


def _share_values(share_id: int) -> dict[str, Any]:
    actor, community_id = current_actor(), community()
    share = queries.share(community_id, share_id)
    team = _team(share.team_id)
    lines = queries.lines_of(community_id, [share.id])[share.id]
    own = share.team_id in facts_of(actor.user_id).team_ids
    is_open = share.state is ShareState.PROPOSED
    return {"share": share, "team": team, "lines": lines, "names": queries.names_of(community_id, lines),
            "users": people.names_of_users([share.proposed_by_id, share.decided_by_id or 0]), "is_open": is_open,
            "total": sum(line.amount for line in lines), "purse": queries.team_purse(community_id, team.id),
            "proposed_it": share.proposed_by_id == actor.user_id, "own_team": own,
            "may_decide": is_open and policy.may_correct(actor) and not own and share.proposed_by_id != actor.user_id}


@bp.post("/desk/team-shares/<int:share_id>/confirm")
@guard.staff(*DESK)
def confirm_share(share_id: int) -> BaseResponse:
    """Agree: the points are in the members' passbooks."""
    services.confirm_share(current_actor(), share_id)
    flash_done(_("Shared. The members have been told."))
    return back_to("contributions.team_share", share_id=share_id)


@bp.post("/desk/team-shares/<int:share_id>/refuse")
@guard.staff(*DESK)
def refuse_share(share_id: int) -> BaseResponse:
    """Disagree, with a reason."""
    form = RefuseShareForm()
    try:
        form_checked(form)
        services.refuse_share(current_actor(), share_id, form.answer.data or "")
    except DomainError as refusal:
        return form_refused("contributions/team_share.html", form, refusal, **_share_values(share_id))
    flash_done(_("Refused. Nothing was changed in the book."))
    return back_to("contributions.team_share", share_id=share_id)


@bp.post("/desk/team-shares/<int:share_id>/withdraw")
@guard.staff(Role.TEAM_LEADER)
def withdraw_share(share_id: int) -> BaseResponse:
    """Whoever proposed it takes it back."""
    share = services.withdraw_share(current_actor(), share_id)
    flash_done(_("Withdrawn. Nothing has changed."))
    return back_to("contributions.team_passbook", team_id=share.team_id)
