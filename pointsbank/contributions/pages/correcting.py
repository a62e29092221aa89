"""Corrections of awards: proposed from the page of a deed, confirmed by a second person."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.contributions import policy, queries, services
from pointsbank.contributions.forms import AnswerForm, CorrectionForm
from pointsbank.contributions.models import CorrectionState
from pointsbank.contributions.pages.deeds import form_checked, story
from pointsbank.contributions.pages.reviewing import _values
from pointsbank.contributions.pages.room import bp, community
from pointsbank.core.errors import DomainError
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK


@bp.get("/desk/corrections")
@guard.staff(*DESK)
def corrections() -> Response:
    """All corrections, newest first."""
    only_open = request.args.get("only") == "open"
    page = queries.corrections(community(), open_only=only_open, cursor=request.args.get("cursor"))
    deeds = queries.by_ids(community(), {c.contribution_id for c in page.items})
    users = {c.proposed_by_id for c in page.items}
    return render("contributions/corrections.html", page=page, deeds=deeds, only_open=only_open,
                  names=people.names_of_users(users))


@bp.post("/desk/deeds/<int:deed_id>/correct")
@guard.staff(*DESK)
def correct(deed_id: int) -> Response | BaseResponse:
    """Propose to take back what a deed earned."""
    form = CorrectionForm()
    try:
        form_checked(form)
        found = services.correct_award(current_actor(), deed_id, form.reason.data or "", right_minutes=form.minutes,
                                       right_units=form.units)
    except DomainError as refusal:
        return form_refused("contributions/review.html", form, refusal, **_values(deed_id, correction_form=form))
    flash_done(_("Proposed. Somebody else confirms it before anything changes."))
    return back_to("contributions.correction", correction_id=found.id)


@bp.get("/desk/corrections/<int:correction_id>")
@guard.staff(*DESK)
def correction(correction_id: int) -> Response:
    """One correction, for its second person."""
    return render("contributions/correction.html", form=AnswerForm(formdata=None), **_correction_values(correction_id))


def _correction_values(correction_id: int) -> dict[str, Any]:
    actor = current_actor()
    found = queries.correction(community(), correction_id)
    deed = queries.by_ids(community(), [found.contribution_id])[found.contribution_id]
    told = story(deed)
    told["names"] = {**told["names"], **people.names_of_users([found.proposed_by_id, found.decided_by_id or 0])}
    return {**told, "correction": found, "is_open": found.state is CorrectionState.PROPOSED,
            "proposed_it": found.proposed_by_id == actor.user_id, "may_correct": policy.may_correct(actor)}


@bp.post("/desk/corrections/<int:correction_id>/confirm")
@guard.staff(*DESK)
def confirm(correction_id: int) -> BaseResponse:
    """The second person agrees."""
    found = services.confirm_correction(current_actor(), correction_id)
    flash_done(_("Taken back. The resident has been told."))
    return back_to("contributions.review", deed_id=found.contribution_id)


@bp.post("/desk/corrections/<int:correction_id>/refuse")
@guard.staff(*DESK)
def refuse(correction_id: int) -> Response | BaseResponse:
    """The second person disagrees."""
    form = AnswerForm()
    try:
        form_checked(form)
        services.refuse_correction(current_actor(), correction_id, form.answer.data or "")
    except DomainError as refusal:
        return form_refused("contributions/correction.html", form, refusal, **_correction_values(correction_id))
    flash_done(_("The award stands. Nothing was changed in the book."))
    return back_to("contributions.corrections")
