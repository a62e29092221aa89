"""The desk's pages about households."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.people import listing, policy, services
from pointsbank.people.forms import HouseholdForm
from pointsbank.people.pages.room import area_choices, bp, community_of
from pointsbank.people.roles import DESK, OFFICE, ROUNDS


@bp.get("/desk/households")
@guard.staff(*DESK, *ROUNDS)
def households() -> Response:
    """The door list."""
    actor, text = current_actor(), request.args.get("q", "")
    page = listing.households(actor, text=text, cursor=request.args.get("cursor"))
    return render("people/households.html", page=page, q=text, may_change=policy.can(actor, "households.change"))


@bp.get("/desk/households/new")
@guard.staff(*OFFICE)
def new_household() -> Response:
    """A household that moved in."""
    form = HouseholdForm(formdata=None)
    form.area_id.choices = area_choices(current_actor())
    return render("people/new_household.html", form=form)


@bp.post("/desk/households/new")
@guard.staff(*OFFICE)
def found_household() -> Response:
    """Put it on the list."""
    form = HouseholdForm()
    form.area_id.choices = area_choices(current_actor())
    try:
        if not form.validate():
            raise Invalid
        home = services.found_household(current_actor(), form.number.data or "", area_id=form.area_id.data or None)
    except DomainError as refusal:
        return form_refused("people/new_household.html", form, refusal)
    flash_done(_("Household %(number)s is on the list. Now enter who belongs to it.", number=home.number))
    return back_to("people.household", household_id=home.id)


@bp.get("/desk/households/<int:household_id>")
@guard.staff(*DESK, *ROUNDS)
def household(household_id: int) -> Response:
    """One household, its members now and before."""
    actor = current_actor()
    home = listing.visible_household(actor, household_id)
    return render("people/household.html", household=home, members=listing.history(community_of(actor), home.id),
                  may_change=policy.can(actor, "households.change"))


@bp.get("/desk/households/<int:household_id>/edit")
@guard.staff(*OFFICE)
def edit_household(household_id: int) -> Response:
    """Correct the number or the building."""
    home = listing.visible_household(current_actor(), household_id)
    form = HouseholdForm(formdata=None, obj=home)
    form.area_id.choices = area_choices(current_actor())
    form.area_id.data = home.area_id or 0
    return render("people/edit_household.html", form=form, household=home)


@bp.post("/desk/households/<int:household_id>/edit")
@guard.staff(*OFFICE)
def change_household(household_id: int) -> Response:
    """Keep the corrections."""
    home = listing.visible_household(current_actor(), household_id)
    form = HouseholdForm()
    form.area_id.choices = area_choices(current_actor())
    try:
        if not form.validate():
            raise Invalid
        services.renumber_household(current_actor(), household_id, form.number.data or "",
                                    area_id=form.area_id.data or None)
    except DomainError as refusal:
        return form_refused("people/edit_household.html", form, refusal, household=home)
    flash_done(_("The changes are kept."))
    return back_to("people.household", household_id=household_id)
