"""The desk: entering, changing and closing places, taking over a file."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as communities
from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.formats import is_chinese
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
    xlsx_response,
)
from pointsbank.places import importing, policy, queries, services
from pointsbank.places.forms import ImportForm, PlaceForm
from pointsbank.places.pages.room import areas_of, bp, community_id

MOST_FAULTS = 100


@bp.get("/desk/places")
@guard.staff(*policy.EDITORS)
def desk() -> Response:
    """The community's places, searched by name or alias; or those that are closed."""
    text, closed = request.args.get("q", "")[:60], request.args.get("only") == "closed"
    page = queries.listed(community_id(), text=text, closed=closed, cursor=request.args.get("cursor"))
    tags = queries.tags_in_force(community_id(), (p.id for p in page.items))
    return render("places/desk.html", page=page, q=text, closed=closed, tags=tags, areas=areas_of(page.items))


def _form() -> PlaceForm:
    form = PlaceForm()
    form.offer(communities.areas_of(community_id()), community_id())
    return form


@bp.route("/desk/places/new", methods=["GET", "POST"])
@guard.staff(*policy.EDITORS)
def new() -> BaseResponse:
    """Enter a place."""
    form = _form()
    if request.method == "GET":
        return render("places/edit.html", form=form, place=None)
    try:
        if not form.validate():
            raise Invalid
        place = services.create(current_actor(), form.facts())
    except DomainError as refusal:
        return form_refused("places/edit.html", form, refusal, place=None)
    flash_done(_("“%(name)s” is entered.", name=place.name))
    return back_to("places.one", place_id=place.id)


@bp.get("/desk/places/<int:place_id>")
@guard.staff(*policy.EDITORS)
def one(place_id: int) -> Response:
    """One place, its tags, and what can be done about it."""
    place = queries.place(community_id(), place_id)
    tags = queries.tags_of(community_id(), place.id)
    return render("places/one.html", place=place, tags=tags, areas=areas_of([place]),
                  tag=next((t for t in tags if t.revoked_at is None), None))


@bp.route("/desk/places/<int:place_id>/edit", methods=["GET", "POST"])
@guard.staff(*policy.EDITORS)
def edit(place_id: int) -> BaseResponse:
    """Say it anew."""
    place, form = queries.place(community_id(), place_id), _form()
    if request.method == "GET":
        form.fill(place)
        return render("places/edit.html", form=form, place=place)
    try:
        if not form.validate():
            raise Invalid
        services.change(current_actor(), place_id, form.facts())
    except DomainError as refusal:
        return form_refused("places/edit.html", form, refusal, place=place)
    flash_done(_("Changed."))
    return back_to("places.one", place_id=place_id)


@bp.post("/desk/places/<int:place_id>/close")
@guard.staff(*policy.EDITORS)
def close(place_id: int) -> BaseResponse:
    """It is gone."""
    services.close(current_actor(), place_id)
    flash_done(_("The place is closed. What happened there can still be looked up."))
    return back_to("places.one", place_id=place_id)


# ── A file ──────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/places/import")
@guard.staff(*policy.EDITORS)
def import_page() -> Response:
    """Choose a file."""
    return render("places/import.html", form=ImportForm(), report=None, most=MOST_FAULTS)


@bp.get("/desk/places/template.xlsx")
@guard.staff(*policy.EDITORS)
def import_template() -> Response:
    """An empty file to fill in."""
    return xlsx_response("places", importing.template(english=not is_chinese()))


@bp.post("/desk/places/import")
@guard.staff(*policy.EDITORS)
@reads_first
def take_over() -> BaseResponse:
    """Read a file; take it over whole, or its good rows if that was chosen, and name every fault."""
    form = ImportForm()
    try:
        if not form.validate():
            raise Invalid
        raw = form.file.data.read()
        begin_write()
        report = importing.import_places(current_actor(), raw, good_rows_only=bool(form.good_rows_only.data))
    except DomainError as refusal:
        return form_refused("places/import.html", form, refusal, report=None, most=MOST_FAULTS)
    if report.faults:
        return render("places/import.html", 200 if report.imported else 422, form=form, report=report,
                      most=MOST_FAULTS)
    flash_done(ngettext("%(num)s place was entered.", "%(num)s places were entered.", report.imported))
    return back_to("places.desk")
