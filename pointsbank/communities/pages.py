"""The tree of areas and the settings, as pages of the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.communities import policy, queries, services, working_days
from pointsbank.communities import settings as settings_module
from pointsbank.communities.forms import GROUPS, AreaForm, CalendarForm, RenameForm, SettingsForm
from pointsbank.communities.models import BELOW, AreaKind
from pointsbank.communities.policy import MAY_SET
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.errors import DomainError, Invalid, NotFound, lazy
from pointsbank.core.web import Room, back_to, current_actor, flash_done, form_refused, guard, render

bp = Room("communities", __name__)
KIND_NAMES: dict[AreaKind, Any] = {
    AreaKind.COUNTY: lazy("County"), AreaKind.TOWN: lazy("Town or street"),
    AreaKind.COMMUNITY: lazy("Village or community"), AreaKind.GRID: lazy("Grid"),
    AreaKind.MICRO_GRID: lazy("Micro-grid"), AreaKind.BUILDING: lazy("Building"),
}

# As the calendar of the country names them.
HOLIDAY_NAMES: dict[str, Any] = {
    "New Year's Day": lazy("New Year’s Day"), "Spring Festival": lazy("Spring Festival"),
    "Tomb-sweeping Day": lazy("Tomb-sweeping Day"), "Labour Day": lazy("Labour Day"),
    "Dragon Boat Festival": lazy("Dragon Boat Festival"), "Mid-autumn Festival": lazy("Mid-Autumn Festival"),
    "National Day": lazy("National Day"),
}


@bp.get("/desk/settings")
@guard.staff(*MAY_SET, "reviewer")
def settings_page() -> Response:
    """What the community decides for itself."""
    actor = current_actor()
    form = SettingsForm(formdata=None)
    form.fill(settings_module.of(actor.community_id or 0))
    return render("communities/settings_page.html", form=form, groups=GROUPS,
                  may_change=policy.can_change_settings(actor))


@bp.post("/desk/settings")
@guard.staff(*MAY_SET)
def save_settings() -> Response:
    """Keep what was changed."""
    actor = current_actor()
    form = SettingsForm()
    try:
        if not form.validate():
            raise Invalid
        services.update_settings(actor, actor.community_id or 0, form.values())
    except DomainError as refusal:
        return form_refused("communities/settings_page.html", form, refusal, groups=GROUPS, may_change=True)
    flash_done(_("The settings are kept. They hold from now on."))
    return back_to("communities.settings_page")


def _top(actor: Actor) -> str:
    """The path that the visitor sees the tree from: their highest office, else the community acted in."""
    paths = [g.area_path for g in actor.grants if g.role in policy.MAY_BUILD and g.team_id is None
             and actor.area_path.startswith(g.area_path)]
    return min(paths, key=len, default=actor.area_path)


@bp.get("/desk/areas")
@guard.staff(*MAY_SET, "reviewer")
def areas() -> Response:
    """The tree: town, communities, grids, buildings."""
    actor = current_actor()
    found = queries.inside(_top(actor))
    top = found[0]
    may = {a.id: policy.can_change_below(actor, a) for a in found}
    return render("communities/areas.html", areas=found, depth={a.id: queries.depth(a) - queries.depth(top)
                  for a in found}, kinds=KIND_NAMES, may=may, below=BELOW)


def _area_form(form: AreaForm) -> AreaForm:
    actor = current_actor()
    parents = [a for a in queries.inside(_top(actor)) if BELOW[a.kind] and policy.can_change_below(actor, a)]
    form.parent_id.choices = [(a.id, a.name) for a in parents]
    kinds = sorted({k for a in parents for k in BELOW[a.kind]}, key=list(AreaKind).index)
    form.kind.choices = [(k.value, KIND_NAMES[k]) for k in kinds]
    return form


@bp.get("/desk/areas/new")
@guard.staff(*MAY_SET)
def new_area() -> Response:
    """A new grid, building or community."""
    form = _area_form(AreaForm(formdata=None))
    parent_id = request.args.get("parent", type=int)
    if parent_id:
        form.parent_id.data = parent_id
        form.kind.data = next((k.value for k in BELOW[queries.area(parent_id).kind]), None)
    return render("communities/new_area.html", form=form)


@bp.post("/desk/areas/new")
@guard.staff(*MAY_SET)
def create_area() -> Response:
    """Add it."""
    form = _area_form(AreaForm())
    try:
        if not form.validate():
            raise Invalid
        made = services.create_area(current_actor(), kind=AreaKind(form.kind.data), code=form.code.data or "",
                                    name=form.name.data or "", parent_id=form.parent_id.data)
    except DomainError as refusal:
        return form_refused("communities/new_area.html", form, refusal)
    flash_done(_("%(name)s is part of the tree.", name=made.name))
    return back_to("communities.areas")


@bp.get("/desk/areas/<int:area_id>/rename")
@guard.staff(*MAY_SET)
def rename_page(area_id: int) -> Response:
    """Another name for an area."""
    found = queries.area(area_id)
    if not policy.can_change_below(current_actor(), found):
        raise NotFound
    return render("communities/rename_page.html", form=RenameForm(formdata=None, obj=found), area=found)


@bp.post("/desk/areas/<int:area_id>/rename")
@guard.staff(*MAY_SET)
def rename_area(area_id: int) -> Response:
    """Keep the name."""
    form = RenameForm()
    try:
        if not form.validate():
            raise Invalid
        services.rename_area(current_actor(), area_id, form.name.data or "")
    except NotFound:
        raise
    except DomainError as refusal:
        return form_refused("communities/rename_page.html", form, refusal, area=queries.area(area_id))
    flash_done(_("The new name is kept."))
    return back_to("communities.areas")


@bp.post("/desk/areas/<int:area_id>/close")
@guard.staff(*MAY_SET)
def close_area(area_id: int) -> Response:
    """Dissolve an area without others inside."""
    services.close_area(current_actor(), area_id)
    flash_done(_("The area can no longer be chosen."))
    return back_to("communities.areas")


# ── The calendar ────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/calendar")
@guard.staff(*MAY_SET, "reviewer")
def calendar() -> Response:
    """By which days answers are counted: the country's holidays of a year, and what the place adds."""
    return _calendar_page(CalendarForm(formdata=None))


def _calendar_page(form: CalendarForm, refusal: DomainError | None = None) -> Response:
    actor, today = current_actor(), clock.today()
    asked = request.values.get("year", type=int) or today.year
    year = min(max(asked, today.year - 5), today.year + 1)
    areas = [a for a in (*queries.above(actor.area_path), queries.area(actor.community_id or 0))
             if policy.can_change_below(actor, a)]
    form.area_id.choices = [(a.id, a.name) for a in reversed(areas)]
    values = {
        "year": year, "this_year": today.year, "holidays": working_days.holidays(year), "names": HOLIDAY_NAMES,
        "worked": working_days.worked_weekends(year), "known": working_days.is_known(year),
        "own": working_days.own_days(actor.area_path, dt.date(year, 1, 1), dt.date(year, 12, 31)),
        "may": {a.id for a in areas}, "missing_year": working_days.year_without_calendar(today)}
    if refusal is not None:
        return form_refused("communities/calendar.html", form, refusal, **values)
    return render("communities/calendar.html", form=form, **values)


@bp.post("/desk/calendar")
@guard.staff(*MAY_SET)
def add_days() -> Response:
    """Enter days that the place keeps otherwise."""
    form = CalendarForm()
    form.area_id.choices = [(form.area_id.data or 0, "")]  # the service says for whom somebody may decide
    try:
        if not form.validate():
            raise Invalid
        services.add_days(current_actor(), form.area_id.data, form.first.data, form.last.data,
                          is_worked=form.kind.data == "worked", name=form.name.data or "")
    except DomainError as refusal:
        return _calendar_page(form, refusal)
    flash_done(_("Entered. Answers that fall due are counted by it from now on."))
    return back_to("communities.calendar", year=form.first.data.year)


@bp.post("/desk/calendar/remove")
@guard.staff(*MAY_SET)
def remove_day() -> Response:
    """Take a day out again that is still to come."""
    try:
        day = dt.date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        raise NotFound from None
    services.remove_day(current_actor(), request.form.get("area_id", type=int) or 0, day)
    flash_done(_("Taken out."))
    return back_to("communities.calendar", year=day.year)
