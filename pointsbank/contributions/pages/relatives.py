"""Declaring relatives: one's own declarations, and those of everybody for the committee."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.contributions import policy, services
from pointsbank.contributions.forms import RelativeForm
from pointsbank.contributions.pages.deeds import form_checked
from pointsbank.contributions.pages.room import bp, community
from pointsbank.contributions.queries import kinship
from pointsbank.core import clock
from pointsbank.core.errors import DomainError
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.people import queries as people
from pointsbank.people.roles import OFFICE, VOICES

LEAST_LETTERS = 2


@bp.get("/desk/relatives")
@guard.staff(*VOICES)
def relatives() -> Response:
    """My declared relatives; found people to declare."""
    return render("contributions/relatives.html", **_values(RelativeForm(formdata=None)))


def _values(form: RelativeForm) -> dict[str, Any]:
    actor = current_actor()
    text = request.values.get("q", "").strip()
    found = people.search_residents(community(), text) if len(text) >= LEAST_LETTERS else []
    homes = people.household_on(community(), [r.id for r in found], clock.today())
    choices = []
    for resident in found:
        home = homes[resident.id]
        where = home.number if home else _("no household")
        choices.append((f"resident-{resident.id}", resident.name, {"small": where}))
        if home is not None and f"household-{home.id}" not in {value for value, *_rest in choices}:
            choices.append((f"household-{home.id}", _("The whole household %(number)s", number=home.number),
                            {"small": _("everybody who lives there")}))
    form.whom.choices = choices
    return {"form": form, "q": text, "own": kinship.relatives_of(community(), actor.user_id or 0),
            "may_see_all": actor.has_role(*OFFICE), "least": LEAST_LETTERS}


@bp.post("/desk/relatives")
@guard.staff(*VOICES)
def declare() -> Response | BaseResponse:
    """Declare somebody."""
    form = RelativeForm()
    values = _values(form)
    try:
        form_checked(form)
        kind, _dash, number = str(form.whom.data).partition("-")
        wanted = int(number) if number.isdecimal() else 0
        services.declare_relative(
            current_actor(), form.relation.data or "", resident_id=wanted if kind == "resident" else None,
            household_id=wanted if kind == "household" else None)
    except DomainError as refusal:
        values.pop("form")
        return form_refused("contributions/relatives.html", form, refusal, **values)
    flash_done(_("Declared. From now on others decide about their deeds."))
    return back_to("contributions.relatives")


@bp.post("/desk/relatives/<int:relative_id>/end")
@guard.staff(*VOICES)
def end_relative(relative_id: int) -> BaseResponse:
    """It holds no more for deeds of today and later."""
    services.end_relative(current_actor(), relative_id)
    flash_done(_("Ended today. Deeds done before stay with others."))
    return back_to("contributions.relatives")


@bp.get("/desk/relatives/all")
@guard.staff(*OFFICE)
def all_relatives() -> Response:
    """What everybody declared, for the committee."""
    found, page = kinship.all_relatives(community(), cursor=request.args.get("cursor"))
    return render("contributions/all_relatives.html", found=found, page=page, may_declare=policy.may_declare(
        current_actor()))
