"""The office sets up kinds of problems and units; the usual kinds come in one go where there are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.cases import desk_queries, policy, queries, services
from pointsbank.cases.desk_forms import KindForm, RouteForm, UnitForm
from pointsbank.cases.pages.room import bp, community_id
from pointsbank.cases.usual import usual_kinds
from pointsbank.communities import queries as communities
from pointsbank.communities.models import Area
from pointsbank.core import clock
from pointsbank.core.errors import DomainError, Invalid, NotFound
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Rule
from pointsbank.rules.models import DeedKind


@bp.get("/desk/cases/settings")
@guard.staff(*policy.SETTERS)
def settings() -> Response:
    """All kinds and units."""
    home = community_id()
    return render("cases/settings.html", kinds=desk_queries.kinds(home, closed=True),
                  crews=desk_queries.crews(home, closed=True), usual=len(usual_kinds()), areas=_names())


@bp.post("/desk/cases/settings/usual")
@guard.staff(*policy.SETTERS)
def take_usual() -> BaseResponse:
    """The usual kinds in one go."""
    found = services.take_over_usual_kinds(current_actor())
    flash_done(ngettext("%(num)d kind of problem is taken over. Say now which unit puts it right.",
                        "%(num)d kinds of problems are taken over. Say now which unit puts each right.", len(found)))
    return back_to("cases.settings")


def _areas() -> list[Area]:
    return list(communities.areas_of(community_id()))


def _names() -> dict[int, str]:
    return {area.id: area.name for area in _areas()}


def _items() -> list[Rule]:
    """The items of the rules in force that take snapshots."""
    version = rules.version_in_force(community_id(), clock.today())
    return [rule for rule in version.rules if rule.kind == DeedKind.SNAPSHOT] if version is not None else []


# ── Kinds of problems ───────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/desk/cases/settings/kinds/new", methods=["GET", "POST"])
@guard.staff(*policy.SETTERS)
def new_kind() -> BaseResponse:
    """A kind more."""
    form = KindForm()
    form.offer(desk_queries.crews(community_id()), _items())
    if request.method == "GET":
        return render("cases/kind.html", form=form, kind=None)
    try:
        if not form.validate():
            raise Invalid
        kind = services.add_category(current_actor(), form.draft())
    except DomainError as refusal:
        return form_refused("cases/kind.html", form, refusal, kind=None)
    flash_done(_("“%(name)s” is added.", name=kind.name))
    return back_to("cases.kind", category_id=kind.id)


@bp.route("/desk/cases/settings/kinds/<int:category_id>", methods=["GET", "POST"])
@guard.staff(*policy.SETTERS)
def kind(category_id: int) -> BaseResponse:
    """Say a kind anew; clocks that run stay as they are."""
    found, form = queries.category(community_id(), category_id), KindForm()
    if request.method == "GET":
        form.fill(found)
    form.offer(desk_queries.crews(community_id(), closed=True), _items(), found.unit_id)
    if request.method == "GET":
        return render("cases/kind.html", form=form, kind=found, **_routes(category_id))
    try:
        if not form.validate():
            raise Invalid
        services.change_category(current_actor(), category_id, form.draft())
    except DomainError as refusal:
        return form_refused("cases/kind.html", form, refusal, kind=found, **_routes(category_id))
    flash_done(_("Changed, for what is reported from now on. Clocks that run stay as they are."))
    return back_to("cases.kind", category_id=category_id)


def _routes(category_id: int) -> dict[str, Any]:
    crews, areas = desk_queries.crews(community_id()), _areas()
    form = RouteForm(formdata=None)
    form.offer(areas, community_id(), crews)
    return {"routes": desk_queries.routes(community_id(), category_id), "route_form": form, "areas": _names(),
            "units": {crew.unit.id: crew.unit.name for crew in crews}}


@bp.post("/desk/cases/settings/kinds/<int:category_id>/close")
@guard.staff(*policy.SETTERS)
def close_kind(category_id: int) -> BaseResponse:
    """Offer it no longer."""
    services.close_category(current_actor(), category_id)
    flash_done(_("It is no longer offered. What was reported goes its way."))
    return back_to("cases.settings")


@bp.post("/desk/cases/settings/kinds/<int:category_id>/open")
@guard.staff(*policy.SETTERS)
def open_kind(category_id: int) -> BaseResponse:
    """Offer it again."""
    services.open_category(current_actor(), category_id)
    flash_done(_("It is offered again."))
    return back_to("cases.kind", category_id=category_id)


@bp.post("/desk/cases/settings/kinds/<int:category_id>/route")
@guard.staff(*policy.SETTERS)
def route(category_id: int) -> BaseResponse:
    """In one grid or building another unit; an empty unit takes the line away."""
    area_id, unit_id = request.form.get("area_id", 0, type=int), request.form.get("unit_id", type=int)
    services.set_route(current_actor(), category_id, area_id, unit_id)
    flash_done(_("Noted. It counts for what is given out from now on."))
    return back_to("cases.kind", category_id=category_id)


# ── Units ───────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/desk/cases/settings/units/new", methods=["GET", "POST"])
@guard.staff(*policy.SETTERS)
def new_unit() -> BaseResponse:
    """A unit more; its people come next."""
    form = UnitForm()
    form.offer(_areas(), community_id())
    if request.method == "GET":
        return render("cases/case_unit.html", form=form, crew=None)
    try:
        if not form.validate():
            raise Invalid
        unit = services.add_unit(current_actor(), form.name.data or "", area_id=form.area_id.data or None)
    except DomainError as refusal:
        return form_refused("cases/case_unit.html", form, refusal, crew=None)
    flash_done(_("The unit is there. Say now who works for it."))
    return back_to("cases.unit_settings", unit_id=unit.id)


@bp.route("/desk/cases/settings/units/<int:unit_id>", methods=["GET", "POST"])
@guard.staff(*policy.SETTERS)
def unit_settings(unit_id: int) -> BaseResponse:
    """Name, area and people of a unit; ``?q=`` looks for people."""
    form = UnitForm()
    form.offer(_areas(), community_id())
    values = _unit(unit_id)
    if request.method == "GET":
        form.name.data, form.area_id.data = values["crew"].unit.name, values["crew"].unit.area_id or 0
        return render("cases/case_unit.html", form=form, **values)
    try:
        if not form.validate():
            raise Invalid
        services.change_unit(current_actor(), unit_id, form.name.data or "", area_id=form.area_id.data or None)
    except DomainError as refusal:
        return form_refused("cases/case_unit.html", form, refusal, **values)
    flash_done(_("Changed."))
    return back_to("cases.unit_settings", unit_id=unit_id)


def _unit(unit_id: int) -> dict[str, Any]:
    home, text = community_id(), request.args.get("q", "")[:60]
    crew = next((one for one in desk_queries.crews(home, closed=True) if one.unit.id == unit_id), None)
    if crew is None:
        raise NotFound
    there = {user_id for user_id, _name in crew.members}
    found = [one for one in desk_queries.people_called(home, text) if one[0] not in there] if text.strip() else []
    return {"crew": crew, "q": text, "found": found}


def _with_unit(unit_id: int, work: Callable[[], Any], said: str) -> BaseResponse:
    work()
    flash_done(said)
    return back_to("cases.unit_settings", unit_id=unit_id)


@bp.post("/desk/cases/settings/units/<int:unit_id>/member")
@guard.staff(*policy.SETTERS)
def add_member(unit_id: int) -> BaseResponse:
    """Somebody works for it from now on."""
    user_id = request.form.get("user_id", 0, type=int)
    return _with_unit(unit_id, lambda: services.add_member(current_actor(), unit_id, user_id),
                      _("They work for the unit from now on."))


@bp.post("/desk/cases/settings/units/<int:unit_id>/member/remove")
@guard.staff(*policy.SETTERS)
def remove_member(unit_id: int) -> BaseResponse:
    """Somebody works for it no longer."""
    user_id = request.form.get("user_id", 0, type=int)
    return _with_unit(unit_id, lambda: services.remove_member(current_actor(), unit_id, user_id),
                      _("They no longer work for the unit. Take away what they still have."))


@bp.post("/desk/cases/settings/units/<int:unit_id>/close")
@guard.staff(*policy.SETTERS)
def close_unit(unit_id: int) -> BaseResponse:
    """Offer it no longer."""
    return _with_unit(unit_id, lambda: services.close_unit(current_actor(), unit_id),
                      _("Nothing more is given to it. What it has it finishes."))


@bp.post("/desk/cases/settings/units/<int:unit_id>/open")
@guard.staff(*policy.SETTERS)
def open_unit(unit_id: int) -> BaseResponse:
    """Offer it again."""
    return _with_unit(unit_id, lambda: services.open_unit(current_actor(), unit_id), _("It is offered again."))
