"""The desk: routes with their checkpoints in order, their checklists, and what is filed under which item."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core.errors import DomainError, NotFound
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render, status_of
from pointsbank.patrols import policy, services
from pointsbank.patrols.checklists import MOST_LINES
from pointsbank.patrols.errors import BadPlace
from pointsbank.patrols.forms import ItemsForm, RouteForm
from pointsbank.patrols.models import RouteKind
from pointsbank.patrols.pages.room import bp, community_id
from pointsbank.patrols.queries import routes
from pointsbank.patrols.services import Line
from pointsbank.patrols.services.routing import items_of, open_kinds
from pointsbank.places import queries as places
from pointsbank.rules import queries as rules


@bp.get("/desk/patrols/routes")
@guard.staff(*policy.LOOKERS)
def routes_page() -> Response:
    """The routes, and the closed ones."""
    closed = request.args.get("only") == "closed"
    page = routes.routes(current_actor(), closed=closed, cursor=request.args.get("cursor"))
    return render("patrols/routes.html", page=page, closed=closed, teams=routes.teams_of(current_actor()))


def _form(**options: Any) -> RouteForm:
    form = RouteForm(**options)
    form.offer(routes.teams_of(current_actor()))
    return form


@bp.route("/desk/patrols/routes/new", methods=["GET", "POST"])
@guard.staff(*policy.LOOKERS)
def new_route() -> BaseResponse:
    """Enter a route."""
    form = _form()
    if request.method == "GET":
        return render("patrols/route_edit.html", form=form, route=None)
    try:
        form.check()
        made = services.create_route(current_actor(), form.draft())
    except DomainError as refusal:
        return form_refused("patrols/route_edit.html", form, refusal, route=None)
    flash_done(_("“%(name)s” is entered. Now add its places in the order in which they are walked.", name=made.name))
    return back_to("patrols.route", route_id=made.id)


@bp.get("/desk/patrols/routes/<int:route_id>")
@guard.staff(*policy.LOOKERS)
def route(route_id: int) -> Response:
    """One route: its checkpoints in order, and what can be done with them."""
    return _route(route_id)


def _route(route_id: int, status: int = 200, **more: Any) -> Response:
    actor = current_actor()
    found = routes.route(actor, route_id)
    points = routes.checkpoints(found)
    text = request.values.get("q", "")[:60]
    have = {place.id for _point, place in points}
    near = [p for p in places.listed(community_id(), text=text, limit=60).items if p.id not in have]
    kinds = {c.id: c.name for c in routes.categories(community_id())}
    return render("patrols/route.html", status, route=found, points=points, q=text, near=near, kinds=kinds,
                  may_keep=policy.may_keep(actor, found.team_id) and found.closed_at is None, **more)


@bp.route("/desk/patrols/routes/<int:route_id>/edit", methods=["GET", "POST"])
@guard.staff(*policy.LOOKERS)
def edit_route(route_id: int) -> BaseResponse:
    """Say name, kind and note anew."""
    found = routes.route(current_actor(), route_id)
    if request.method == "GET":
        form = _form(name=found.name, kind=found.kind.value, team_id=found.team_id, note=found.note)
        return render("patrols/route_edit.html", form=form, route=found)
    form = _form()
    try:
        form.check()
        services.change_route(current_actor(), route_id, form.draft())
    except DomainError as refusal:
        return form_refused("patrols/route_edit.html", form, refusal, route=found)
    flash_done(_("Changed."))
    return back_to("patrols.route", route_id=route_id)


@bp.post("/desk/patrols/routes/<int:route_id>/close")
@guard.staff(*policy.LOOKERS)
def close_route(route_id: int) -> BaseResponse:
    """It is walked no more."""
    services.close_route(current_actor(), route_id)
    flash_done(_("The route is closed, its rota has ended, and rounds to come are called off."))
    return back_to("patrols.route", route_id=route_id)


@bp.post("/desk/patrols/routes/<int:route_id>/checkpoints")
@guard.staff(*policy.LOOKERS)
def add_checkpoint(route_id: int) -> BaseResponse:
    """Put a place at the end."""
    try:
        place_id = request.form.get("place_id", type=int)
        if place_id is None:
            raise BadPlace
        services.add_checkpoint(current_actor(), route_id, place_id)
    except DomainError as refusal:
        if refusal.code not in ("patrols.bad_place", "patrols.too_many_checkpoints"):
            raise
        return _route(route_id, status_of(refusal), refusal=refusal)
    flash_done(_("Added at the end. Move it to where it is walked."))
    return back_to("patrols.route", route_id=route_id, _anchor="end")


@bp.post("/desk/patrols/checkpoints/<int:checkpoint_id>/<way>")
@guard.staff(*policy.LOOKERS)
def move_checkpoint(checkpoint_id: int, way: str) -> BaseResponse:
    """One place up or down."""
    if way not in ("up", "down"):
        raise NotFound
    row = services.move_checkpoint(current_actor(), checkpoint_id, up=way == "up")
    return back_to("patrols.route", route_id=row.route_id, _anchor=f"point-{row.id}")


@bp.post("/desk/patrols/checkpoints/<int:checkpoint_id>/remove")
@guard.staff(*policy.LOOKERS)
def remove_checkpoint(checkpoint_id: int) -> BaseResponse:
    """Take it out of the route."""
    row = services.remove_checkpoint(current_actor(), checkpoint_id)
    flash_done(_("Taken out. Rounds that are planned already keep it."))
    return back_to("patrols.route", route_id=row.route_id)


# ── Checklists ──────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/patrols/checkpoints/<int:checkpoint_id>")
@guard.staff(*policy.LOOKERS)
def checkpoint(checkpoint_id: int) -> Response:
    """The questions of one checkpoint."""
    return _checkpoint(checkpoint_id)


def _checkpoint(checkpoint_id: int, status: int = 200, lines: list[Line] | None = None, **more: Any) -> Response:
    found, point, place = routes.checkpoint(current_actor(), checkpoint_id)
    shown = lines if lines is not None else [Line(one["ask"], one["category_id"], one["key"])
                                             for one in point.checklist]
    room = max(min(MOST_LINES - len(shown), 3), 0)
    return render("patrols/checkpoint.html", status, route=found, point=point, place=place,
                  lines=[*shown, *[Line("")] * room], kinds=open_kinds(community_id()), **more)


def _lines() -> list[Line]:
    """The questions as they were typed; an empty one is left out."""
    asks, keys = request.form.getlist("ask"), request.form.getlist("key")
    chosen = request.form.getlist("category_id")
    found = []
    for n, ask in enumerate(asks[:3 * MOST_LINES]):
        kind = chosen[n] if n < len(chosen) else ""
        if ask.strip():
            found.append(Line(ask, int(kind) if kind.isascii() and kind.isdigit() and len(kind) < 10 else None,
                              keys[n] if n < len(keys) else ""))
    return found


@bp.post("/desk/patrols/checkpoints/<int:checkpoint_id>")
@guard.staff(*policy.LOOKERS)
def set_checklist(checkpoint_id: int) -> BaseResponse:
    """Say the questions anew."""
    lines = _lines()
    try:
        row = services.set_checklist(current_actor(), checkpoint_id, lines)
    except DomainError as refusal:
        if refusal.code != "patrols.bad_checklist":
            raise
        return _checkpoint(checkpoint_id, status_of(refusal), lines, refusal=refusal)
    flash_done(_("The checklist is changed, for rounds planned from now on."))
    return back_to("patrols.route", route_id=row.route_id, _anchor=f"point-{row.id}")


@bp.post("/desk/patrols/checkpoints/<int:checkpoint_id>/template")
@guard.staff(*policy.LOOKERS)
def use_template(checkpoint_id: int) -> BaseResponse:
    """Begin anew from one of the five templates."""
    wanted = request.form.get("kind", "")
    if wanted not in set(RouteKind):
        raise NotFound
    services.use_template(current_actor(), checkpoint_id, RouteKind(wanted))
    flash_done(_("The checklist begins anew from that template."))
    return back_to("patrols.checkpoint", checkpoint_id=checkpoint_id)


# ── What it earns ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/desk/patrols/items", methods=["GET", "POST"])
@guard.staff(*policy.ANSWERERS)
def items() -> BaseResponse:
    """Under which items of the standard rounds, second looks and proposals are filed."""
    actor, known = current_actor(), items_of(community_id())
    form = ItemsForm(round_item=known.round_item, look_item=known.look_item, proposal_item=known.proposal_item)
    form.offer(rules.items(community_id()))
    if request.method == "GET":
        return render("patrols/items.html", form=form)
    try:
        form.check()
        services.set_items(actor, round_item=form.round_item.data or "", look_item=form.look_item.data or "",
                           proposal_item=form.proposal_item.data or "")
    except DomainError as refusal:
        return form_refused("patrols/items.html", form, refusal)
    flash_done(_("Changed. It holds for what comes from now on."))
    return back_to("patrols.items")
