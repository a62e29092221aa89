"""Writing a ladder at the desk and putting it in force."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core import clock
from pointsbank.core.errors import DomainError, Forbidden, Invalid
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.honours import policy, services
from pointsbank.honours.drafts import faults, of_ladder
from pointsbank.honours.forms import AdoptForm, LadderForm, SampleForm, fill_ladder, read_ladder
from pointsbank.honours.pages.room import bp, checked, community
from pointsbank.honours.queries import ladders
from pointsbank.honours.samples import SAMPLES
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK


@bp.route("/desk/honours/ladders/new", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
def new_ladder() -> BaseResponse:
    """A new ladder from one of the samples."""
    form = SampleForm()
    if request.method == "GET":
        return render("honours/new_ladder.html", form=form)
    try:
        checked(form)
        row = services.start_ladder(current_actor(), SAMPLES[form.sample.data])
    except DomainError as refusal:
        return form_refused("honours/new_ladder.html", form, refusal)
    flash_done(_("The draft is open. Nothing changes for anybody until it is in force."))
    return back_to("honours.ladder", ladder_id=row.id)


@bp.post("/desk/honours/ladders/<int:ladder_id>/next")
@guard.staff(*policy.WRITERS)
def next_version(ladder_id: int) -> BaseResponse:
    """The next version of a ladder, as a draft that begins as a copy."""
    row, _version = ladders.ladder(community(), ladder_id)
    draft = services.start_ladder(current_actor(), series=row.series)
    flash_done(_("The draft is open. Nothing changes for anybody until it is in force."))
    return back_to("honours.ladder", ladder_id=draft.id)


def _values(ladder_id: int) -> dict[str, Any]:
    actor = current_actor()
    row, version = ladders.ladder(community(), ladder_id)
    others = [one for one in ladders.rows(community()) if one.series == row.series and one.id != row.id]
    users = [u for u in (row.created_by, row.adopted_by) if u is not None]
    return {"row": row, "version": version, "others": others, "names": people.names_of_users(users),
            "has_draft": row.is_draft or any(one.is_draft for one in others),
            "may_write": policy.may_write(actor), "may_adopt": policy.may_adopt(actor) and row.is_draft,
            "wrote": policy.wrote_in(actor, row)}


@bp.get("/desk/honours/ladders/<int:ladder_id>")
@guard.staff(*DESK)
def ladder(ladder_id: int) -> Response:
    """One version of a ladder, and its other versions."""
    return render("honours/ladder.html", **_values(ladder_id))


@bp.route("/desk/honours/ladders/<int:ladder_id>/edit", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
def edit_ladder(ladder_id: int) -> BaseResponse:
    """The whole draft on one page."""
    values = _values(ladder_id)
    if not values["may_write"]:
        raise Forbidden
    if request.method == "GET":
        form = LadderForm(data=fill_ladder(of_ladder(values["version"])))
        return render("honours/edit_ladder.html", form=form, **values)
    form = LadderForm()
    try:
        checked(form)
        draft, errors = read_ladder(form)
        errors = {**faults(draft), **errors}
        if errors:
            raise Invalid(fields=errors)
        services.change_ladder(current_actor(), ladder_id, draft)
    except DomainError as refusal:
        return form_refused("honours/edit_ladder.html", form, refusal, **values)
    flash_done(_("The draft is kept. Somebody else puts it in force."))
    return back_to("honours.ladder", ladder_id=ladder_id)


@bp.post("/desk/honours/ladders/<int:ladder_id>/discard")
@guard.staff(*policy.WRITERS)
def discard_ladder(ladder_id: int) -> BaseResponse:
    """Throw a draft away."""
    services.discard_ladder(current_actor(), ladder_id)
    flash_done(_("The draft was thrown away."))
    return back_to("honours.desk")


@bp.route("/desk/honours/ladders/<int:ladder_id>/adopt", methods=["GET", "POST"])
@guard.staff(*policy.ADOPTERS)
def adopt_ladder(ladder_id: int) -> BaseResponse:
    """Put a draft in force."""
    form, values = AdoptForm(), _values(ladder_id)
    if request.method == "GET":
        form.in_force_on.data = clock.today()
        return render("honours/adopt_ladder.html", form=form, **values)
    try:
        checked(form)
        services.adopt_ladder(current_actor(), ladder_id, form.in_force_on.data, form.resolution.data or "")
    except DomainError as refusal:
        return form_refused("honours/adopt_ladder.html", form, refusal, **values)
    flash_done(_("Adopted. It can't be changed any more."))
    return back_to("honours.ladder", ladder_id=ladder_id)
