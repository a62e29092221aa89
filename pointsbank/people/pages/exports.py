"""Whole lists as files: asked for, decided by a second person, taken along by the one who asked."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.communities.queries import by_ids
from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.web import (
    answers_secret,
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
from pointsbank.people import exporting, listing, policy, queries, services
from pointsbank.people.forms import ExportForm, RefusalForm
from pointsbank.people.models import MOST_DOWNLOADS, ExportKind, ExportRequest
from pointsbank.people.pages.room import bp
from pointsbank.people.roles import DESK, OFFICE
from pointsbank.people.texts import EXPORT_NAMES, export_chip


def _around(found: list[ExportRequest]) -> dict[str, object]:
    """What a page says about requests: who, where it went, in words."""
    users = {i for r in found for i in (r.asked_by_id, r.decided_by_id) if i is not None}
    return {"names": queries.names_of_users(users), "titles": EXPORT_NAMES, "chip_of": export_chip,
            "above": by_ids({r.sent_up_area_id for r in found if r.sent_up_area_id is not None}),
            "most": MOST_DOWNLOADS}


@bp.get("/desk/exports")
@guard.staff(*DESK)
def exports() -> Response:
    """Who asked for which list and what for, newest first."""
    page = listing.exports(current_actor(), cursor=request.args.get("cursor"))
    return render("people/exports.html", page=page, **_around(list(page.items)))


@bp.get("/desk/exports/new")
@guard.staff(*DESK)
def new_export() -> Response:
    """What is the list for?"""
    form = ExportForm(formdata=None, kind=request.args.get("kind", ExportKind.RESIDENTS.value),
                      search=request.args.get("q", "")[:listing.LONGEST_SEARCH],
                      moved_out=request.args.get("left") == "1")
    return render("people/new_export.html", form=form)


@bp.post("/desk/exports")
@guard.staff(*DESK)
def ask_for_export() -> Response:
    """Ask."""
    form = ExportForm()
    try:
        if not form.validate():
            raise Invalid
        found = services.ask_for_export(
            current_actor(), ExportKind(form.kind.data), form.reason.data or "", search=form.search.data or "",
            moved_out=bool(form.moved_out.data))
    except DomainError as refusal:
        return form_refused("people/new_export.html", form, refusal)
    flash_done(_("Asked. As soon as a second person has approved it, you can download it here."))
    return back_to("people.export_request", export_id=found.id)


def _shown(found: ExportRequest, form: RefusalForm, refusal: DomainError | None = None) -> Response:
    actor = current_actor()
    values = {"asked": found, "is_own": found.asked_by_id == actor.user_id,
              "may_decide": policy.can(actor, "exports.decide"), **_around([found])}
    if refusal is not None:
        return form_refused("people/export.html", form, refusal, **values)
    return render("people/export.html", form=form, **values)


@bp.get("/desk/exports/<int:export_id>")
@guard.staff(*DESK)
def export_request(export_id: int) -> Response:
    """One request, for its second person and for who asked."""
    return _shown(listing.export(current_actor(), export_id), RefusalForm(formdata=None))


@bp.post("/desk/exports/<int:export_id>/approve")
@guard.staff(*OFFICE)
def approve_export(export_id: int) -> Response:
    """The second person agrees."""
    services.approve_export(current_actor(), export_id)
    flash_done(_("Approved. Who asked can download the list for 24 hours."))
    return back_to("people.export_request", export_id=export_id)


@bp.post("/desk/exports/<int:export_id>/refuse")
@guard.staff(*OFFICE)
def refuse_export(export_id: int) -> Response:
    """The second person disagrees."""
    form = RefusalForm()
    try:
        services.refuse_export(current_actor(), export_id, form.answer.data or "")
    except Invalid as refusal:
        return _shown(listing.export(current_actor(), export_id), form, refusal)
    flash_done(_("Refused. Nothing leaves the house."))
    return back_to("people.export_request", export_id=export_id)


@bp.post("/desk/exports/<int:export_id>/file")
@guard.staff(*DESK)
@reads_first
@answers_secret
def download_export(export_id: int) -> Response:
    """The file, for who asked; each time it is counted and stands in the audit."""
    made = exporting.workbook(current_actor(), export_id)
    begin_write()
    services.take_export(current_actor(), export_id, made.rows)
    return xlsx_response(made.name, made.content)
