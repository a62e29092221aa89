"""The chair's pages: what the votes make of the list, closing, calling off; ballots and minutes on paper."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import settings
from pointsbank.contributions import policy, queries, services
from pointsbank.contributions.errors import VotesChanged, VotesStillDue
from pointsbank.contributions.forms import CancelForm
from pointsbank.contributions.models import Outcome, SittingState
from pointsbank.contributions.pages.deeds import form_checked
from pointsbank.contributions.pages.room import bp
from pointsbank.contributions.printing import sheets
from pointsbank.contributions.queries import sittings as panel
from pointsbank.contributions.services.closing import Ruling, why_not
from pointsbank.core import clock
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render, status_of
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK


def _people(found: panel.Standing) -> dict[str, Any]:
    """The residents and households of a list."""
    deeds = [entry.deed for entry in found.entries]
    community_id = found.sitting.community_id
    return {"residents": people.residents_by_id(community_id, {c.resident_id for c in deeds}),
            "homes": people.households_by_id(community_id, {c.household_id for c in deeds if c.household_id})}


@bp.get("/desk/sittings/<int:sitting_id>/result")
@guard.staff(*DESK)
def result(sitting_id: int) -> Response:
    """What the votes make of the list now, and what is left to decide for the chair."""
    return render("contributions/result.html", form=CancelForm(formdata=None), **_result_values(sitting_id))


def _result_values(sitting_id: int, **given: Any) -> dict[str, Any]:
    actor = current_actor()
    sitting = panel.sitting(actor, sitting_id)
    if sitting.state is not SittingState.OPEN:
        raise NotFound
    found = panel.standing(sitting)
    facts = queries.facts_of(actor.user_id)
    open_ = [entry for entry in found.entries if entry.is_open]
    carried = [entry for entry in open_ if entry.count.is_carried]
    no_quorum = [entry for entry in open_ if not entry.count.has_quorum]
    failed = [entry for entry in open_ if entry not in carried and entry not in no_quorum]
    return {"sitting": sitting, "standing": found, "carried": carried, "failed": failed, "no_quorum": no_quorum,
            "why_not": {entry.item.id: why_not(entry) for entry in failed},
            "own": {entry.item.id for entry in failed if policy.conflict(facts, entry.deed) is not None},
            "may_chair": policy.may_chair(actor), "too_early": found.votes_missing and clock.today() < sitting.due_on,
            "given": {}, **_people(found), **given}


@bp.post("/desk/sittings/<int:sitting_id>/close")
@guard.staff(*policy.CHAIRS)
def close_sitting(sitting_id: int) -> Response | BaseResponse:
    """Close it: the votes are carried out."""
    seen = request.form.get("seen_vote_id", "")
    try:
        services.close_sitting(current_actor(), sitting_id, _rulings(),
                               seen_vote_id=int(seen) if seen.isdecimal() else None)
    except (VotesChanged, VotesStillDue) as refusal:
        return render("contributions/result.html", status_of(refusal), form=CancelForm(formdata=None),
                      **_result_values(sitting_id, given=request.form, refusal=refusal))
    flash_done(_("The sitting is closed. What was carried is accepted, and everybody has been told."))
    return back_to("contributions.sitting", sitting_id=sitting_id)


def _rulings() -> dict[int, Ruling]:
    found = {}
    for name, value in request.form.items():
        kind, _dash, number = name.partition("-")
        if kind == "ruling" and number.isdecimal():
            found[int(number)] = Ruling(value == "return", request.form.get(f"reason-{number}", ""))
    return found


@bp.post("/desk/sittings/<int:sitting_id>/cancel")
@guard.staff(*policy.CHAIRS)
def cancel_sitting(sitting_id: int) -> Response | BaseResponse:
    """Call it off."""
    form = CancelForm()
    try:
        form_checked(form)
        services.cancel_sitting(current_actor(), sitting_id, form.reason.data or "")
    except DomainError as refusal:
        if not refusal.fields and not form.errors:
            raise
        return form_refused("contributions/result.html", form, refusal, **_result_values(sitting_id))
    flash_done(_("The sitting is called off. Its deeds wait for the next one."))
    return back_to("contributions.sittings")


# ── Paper ───────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/sittings/<int:sitting_id>/minutes")
@guard.staff(*DESK)
def minutes(sitting_id: int) -> Response:
    """The minutes of a closed sitting, A4, for the office's file."""
    sitting = panel.sitting(current_actor(), sitting_id)
    if sitting.state is not SittingState.CLOSED:
        raise NotFound
    found = panel.standing(sitting)
    on_paper = {v.user_id for entry in found.entries for v in entry.votes.values() if v.entered_by_id is not None}
    outcomes = {outcome: sum(e.item.outcome is outcome for e in found.entries) for outcome in Outcome}
    return render("contributions/minutes.html", sitting=sitting, standing=found, pages=sheets(found.entries),
                  on_paper=on_paper, outcomes=outcomes, settings=settings.of(sitting.community_id),
                  names=people.names_of_users({sitting.opened_by_id, sitting.ended_by_id or 0}), **_people(found))


@bp.get("/desk/sittings/<int:sitting_id>/ballot")
@guard.staff(*policy.SITTERS)
def ballot(sitting_id: int) -> Response:
    """A sheet to vote on paper: the visitor's own, or for the desk that of the ``member`` named."""
    actor = current_actor()
    sitting = panel.sitting(actor, sitting_id)
    wanted = request.args.get("member", type=int) or actor.user_id
    if sitting.state is not SittingState.OPEN or (wanted != actor.user_id and not policy.is_desk(actor)):
        raise NotFound
    found = panel.standing(sitting)
    seat = next((s for s in found.seats if s.user_id == wanted), None)
    if seat is None:
        raise NotFound
    return render("contributions/ballot.html", sitting=sitting, seat=seat,
                  pages=sheets([entry for entry in found.entries if entry.is_open]), **_people(found))
