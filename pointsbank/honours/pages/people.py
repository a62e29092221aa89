"""Leagues and no-shows at the desk."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import settings
from pointsbank.core import clock
from pointsbank.core.errors import DomainError
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.honours import policy, services
from pointsbank.honours.forms import ExcuseForm, LeaguesForm, NoShowForm
from pointsbank.honours.pages.room import bp, checked, community, household_numbers, meant
from pointsbank.honours.queries import people as own
from pointsbank.honours.services.keeping import MOST_LEAGUES
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK, OFFICE


@bp.route("/desk/honours/leagues", methods=["GET", "POST"])
@guard.staff(*OFFICE)
def leagues() -> BaseResponse:
    """Who is shown in which league; one row more than there are."""
    tags = [(tag, tag) for tag in settings.of(community()).resident_tags]
    if request.method == "GET":
        found = own.leagues(community())
        rows: list[dict[str, Any]] = [{"name": one.name, "tags": one.tags} for one in found]
        form = LeaguesForm(data={"leagues": [*rows, *([{}] if len(rows) < MOST_LEAGUES else [])]})
        return render("honours/leagues.html", form=_offering(form, tags), named=bool(rows))
    form = _offering(LeaguesForm(), tags)
    try:
        checked(form)
        services.set_leagues(current_actor(), [
            ((row.form.name.data or "").strip(), row.form.tags.data or []) for row in form.leagues
            if (row.form.name.data or "").strip() or row.form.tags.data])
    except DomainError as refusal:
        return form_refused("honours/leagues.html", form, refusal, named=True)
    flash_done(_("The leagues are kept."))
    return back_to("honours.leagues")


def _offering(form: LeaguesForm, tags: list[tuple[str, str]]) -> LeaguesForm:
    for row in form.leagues:
        row.form.tags.choices = tags
    return form


@bp.get("/desk/honours/no-shows")
@guard.staff(*DESK)
def no_shows() -> Response:
    """Who signed up and did not come, newest first."""
    return render("honours/no_shows.html", form=NoShowForm(formdata=None, on_day=clock.today()), **_absent())


def _absent() -> dict[str, Any]:
    page = own.no_shows(community(), cursor=request.args.get("cursor"))
    names = people.residents_by_id(community(), {row.resident_id for row in page.items})
    return {"page": page, "names": names, "numbers": household_numbers(community(), list(names)),
            "may_keep": policy.may_keep(current_actor()), "excuse": ExcuseForm(formdata=None)}


@bp.post("/desk/honours/no-shows")
@guard.staff(*OFFICE)
def enter_no_show() -> BaseResponse:
    """Enter one by hand."""
    form = NoShowForm()
    try:
        checked(form)
        services.enter_no_show(current_actor(), meant(form.person.data), form.on_day.data, form.what.data or "")
    except DomainError as refusal:
        return form_refused("honours/no_shows.html", form, refusal, **_absent())
    flash_done(_("Entered."))
    return back_to("honours.no_shows")


@bp.post("/desk/honours/no-shows/<int:no_show_id>/excuse")
@guard.staff(*OFFICE)
def excuse(no_show_id: int) -> BaseResponse:
    """There was a good reason: it counts no more."""
    form = ExcuseForm()
    try:
        checked(form)
        services.excuse(current_actor(), no_show_id, form.because.data or "")
    except DomainError as refusal:
        return form_refused("honours/no_shows.html", NoShowForm(formdata=None, on_day=clock.today()), refusal,
                            **_absent())
    flash_done(_("Excused. It counts no more."))
    return back_to("honours.no_shows")
