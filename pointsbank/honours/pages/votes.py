"""The best observer of a month: the team's page with the figures and the open vote, and the desk's list."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core import clock
from pointsbank.core.errors import DomainError
from pointsbank.core.web import back_to, current_actor, flash_done, guard, render, status_of
from pointsbank.honours import policy, services
from pointsbank.honours.forms import TieForm, VoteForm
from pointsbank.honours.models import BestState
from pointsbank.honours.pages.room import bp, checked, community, show_refusal
from pointsbank.honours.queries import register, votes
from pointsbank.people import queries as people
from pointsbank.people.models import TeamKind
from pointsbank.people.roles import DESK


@bp.get("/honours/best/<int:best_id>")
@guard.signed_in
def best(best_id: int) -> Response:
    """Figures by name, who voted for whom, and one's own vote."""
    return _shown(best_id)


def _shown(best_id: int, status: int = 200, **forms: Any) -> Response:
    actor = current_actor()
    view = votes.best_month(actor, best_id)
    is_over = clock.today() > view.best.closes_on
    standing = [c for c in view.candidates if c.stands]
    vote, tie = forms.get("vote") or VoteForm(formdata=None), forms.get("tie") or TieForm(formdata=None)
    vote.candidate.choices = [(c.resident.id, c.resident.name) for c in standing if c.resident.id != actor.resident_id]
    vote.voter.choices = [(r.id, r.name) for r in view.not_voted]
    tie.candidate.choices = [(c.resident.id, c.resident.name) for c in standing]
    may_vote = view.open_ballot is not None and not is_over and actor.resident_id in {r.id for r in view.not_voted}
    return render("honours/best.html", status, view=view, best=view.best, vote=vote, tie=tie, may_vote=may_vote,
                  is_over=is_over, may_count=view.may_lead and view.open_ballot is not None
                  and (is_over or not view.not_voted),
                  may_enter=view.may_lead and view.open_ballot is not None and not is_over and bool(view.not_voted),
                  may_decide=view.may_lead and view.best.state is BestState.LEADER)


@bp.post("/honours/best/<int:best_id>/vote")
@guard.signed_in
def vote(best_id: int) -> BaseResponse:
    """One's own vote, or as the leader that of somebody who raised a hand."""
    form = VoteForm()
    view = votes.best_month(current_actor(), best_id)
    form.candidate.choices = [(c.resident.id, c.resident.name) for c in view.candidates]
    on_paper = request.form.get("paper") == "1"
    try:
        checked(form)
        services.vote(current_actor(), best_id, form.candidate.data, voter_id=form.voter.data if on_paper else None)
    except DomainError as refusal:
        show_refusal(form, refusal)
        return _shown(best_id, status_of(refusal), vote=form)
    flash_done(_("The vote is counted. It can't be changed any more."))
    return back_to("honours.best", best_id=best_id)


@bp.post("/honours/best/<int:best_id>/count")
@guard.staff(*policy.LEADERS)
def count(best_id: int) -> BaseResponse:
    """Count a ballot that is over."""
    found = services.count(current_actor(), best_id)
    flash_done({BestState.DECIDED: _("The team has chosen."),
                BestState.SECOND: _("It is a tie. The second ballot is open, among those in front."),
                BestState.LEADER: _("It is a tie again. The leader decides, and says why.")}.get(
                    found.state, _("Nobody voted, so nobody is named this month.")))
    return back_to("honours.best", best_id=best_id)


@bp.post("/honours/best/<int:best_id>/tie")
@guard.staff(*policy.LEADERS)
def tie(best_id: int) -> BaseResponse:
    """The leader's word after two ties."""
    form = TieForm()
    view = votes.best_month(current_actor(), best_id)
    form.candidate.choices = [(c.resident.id, c.resident.name) for c in view.candidates]
    try:
        checked(form)
        services.decide_tie(current_actor(), best_id, form.candidate.data, form.reason.data or "")
    except DomainError as refusal:
        show_refusal(form, refusal)
        return _shown(best_id, status_of(refusal), tie=form)
    flash_done(_("The team has chosen."))
    return back_to("honours.best", best_id=best_id)


@bp.get("/desk/honours/best")
@guard.staff(*DESK, *policy.LEADERS)
def best_list() -> Response:
    """The months of every team of observers."""
    actor = current_actor()
    page = register.best_months(community(), cursor=request.args.get("cursor"))
    teams = {team.id: team for team in people.teams(community(), closed=True)}
    open_to = [team for team in teams.values() if team.kind is TeamKind.OBSERVERS and team.closed_on is None
               and policy.may_lead(actor, team.id)]
    names = people.residents_by_id(community(), {b.chosen_id for b in page.items if b.chosen_id is not None})
    mine = [one for one in page.items if policy.may_look(actor) or policy.may_lead(actor, one.team_id)]
    return render("honours/best_list.html", page=page, months=mine, teams=teams, open_to=open_to, names=names,
                  last=_last_month())


def _last_month() -> dt.date:
    return (clock.today().replace(day=1) - dt.timedelta(days=1)).replace(day=1)


@bp.post("/desk/honours/best/<int:team_id>")
@guard.staff(*policy.LEADERS)
def open_best(team_id: int) -> BaseResponse:
    """Put last month's figures before the team and open its vote."""
    found = services.open_month(current_actor(), team_id, _last_month())
    flash_done(_("The vote is open, and the team has been told.") if found.state is BestState.FIRST else
               _("Nobody stands for this month: there are no figures that may be shown."))
    return back_to("honours.best", best_id=found.id)
