"""The desk: templates of the county and the town, for communities to start from and for supervisors to write."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities.models import Area
from pointsbank.core.errors import DomainError, Invalid, NotFound, lazy
from pointsbank.core.points import format_points
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
from pointsbank.people.roles import DESK
from pointsbank.rules import papers, policy, services, sheets
from pointsbank.rules.document_forms import BoundsForm, TemplateFileForm, TemplateForm, points_or
from pointsbank.rules.models import StandardTemplate, TemplateState
from pointsbank.rules.pages.room import SHARED, bp


def _own_areas() -> list[Area]:
    """The areas above the community acted in whose templates the visitor writes."""
    actor = current_actor()
    return [area for area in papers.areas_above(actor.area_path) if policy.may_write_template(actor, area.path)]


@bp.get("/desk/rules/templates")
@guard.staff(*DESK)
def templates() -> Response:
    """All templates issued above this community; the supervisor's own drafts with them."""
    actor = current_actor()
    own = _own_areas()
    page = papers.templates(actor.area_path, drafts_of=[area.id for area in own], cursor=request.args.get("cursor"))
    return render("rules/templates.html", page=page, may_write=bool(own),
                  areas={area.id: area for area in papers.areas_above(actor.area_path)}, **SHARED)


@bp.route("/desk/rules/templates/new", methods=["GET", "POST"])
@guard.staff(*policy.TEMPLATE_WRITERS)
def new_template() -> BaseResponse:
    """Start a template from the one before, a sample, or nothing."""
    form = TemplateForm()
    form.area_id.choices = [(area.id, area.name) for area in _own_areas()]
    form.source.choices = [("last", lazy("the template before, if there is one")), *sheets.SAMPLE_NAMES.items()]
    if request.method == "GET":
        form.source.data = "last"
        return render("rules/new_template.html", form=form, **SHARED)
    try:
        if not form.validate():
            raise Invalid
        source = form.source.data
        sampled = source in sheets.SAMPLE_NAMES
        row = services.start_template(
            current_actor(), form.area_id.data, form.title.data or "", sheets.sample(source) if sampled else (),
            caps=sheets.sample_caps(source) if sampled else (), note=form.note.data or "")
    except DomainError as refusal:
        return form_refused("rules/new_template.html", form, refusal, **SHARED)
    flash_done(_("The template is a draft. Communities see it once you issue it."))
    return back_to("rules.template_page", template_id=row.id)


def _load(template_id: int) -> tuple[StandardTemplate, Area, bool]:
    """A template, its area, and may the visitor write it. Somebody else's draft does not exist."""
    actor = current_actor()
    row = papers.template(actor.area_path, template_id)
    area = next(a for a in papers.areas_above(actor.area_path) if a.id == row.area_id)
    may_write = policy.may_write_template(actor, area.path)
    if row.state is TemplateState.DRAFT and not may_write:
        raise NotFound
    return row, area, may_write and row.state is TemplateState.DRAFT


def _values(template_id: int) -> dict[str, Any]:
    row, area, may_write = _load(template_id)
    version = papers.template_version(row)
    return {"source": row, "area": area, "may_write": may_write, "version": version,
            "items": list(zip(papers.template_items(row.id), version.rules, strict=True)), "faults": [], **SHARED}


def _bounds_form(values: dict[str, Any]) -> BoundsForm:
    row = values["source"]
    return BoundsForm(formdata=None, data={
        "additions_most": row.additions_most,
        "addition_points_most": format_points(row.addition_points_most).replace(",", ""),
        "items": [{"code": item.code, "points_percent": item.points_percent, "caps_percent": item.caps_percent,
                   "may_drop": item.may_drop} for item, _rule in values["items"]]})


@bp.get("/desk/rules/templates/<int:template_id>")
@guard.staff(*DESK)
def template_page(template_id: int) -> Response:
    """One template with its items, and what a community may change of each."""
    values = _values(template_id)
    return render("rules/template_page.html", form=_bounds_form(values), file_form=TemplateFileForm(formdata=None),
                  **values)


@bp.post("/desk/rules/templates/<int:template_id>/bounds")
@guard.staff(*policy.TEMPLATE_WRITERS)
def template_bounds(template_id: int) -> BaseResponse:
    """Keep what communities may change."""
    form = BoundsForm()
    try:
        if not form.validate():
            raise Invalid
        services.set_bounds(current_actor(), template_id, form.bounds(), additions_most=form.additions_most.data or 0,
                            addition_points_most=points_or(form.addition_points_most.data, -1))
    except NotFound:
        raise
    except DomainError as refusal:
        return form_refused("rules/template_page.html", form, refusal, file_form=TemplateFileForm(formdata=None),
                            **_values(template_id))
    flash_done(_("Kept."))
    return back_to("rules.template_page", template_id=template_id)


@bp.post("/desk/rules/templates/<int:template_id>/import")
@guard.staff(*policy.TEMPLATE_WRITERS)
@reads_first
def template_import(template_id: int) -> BaseResponse:
    """All items anew from a file in the same form as a standard's."""
    form, parsed = TemplateFileForm(), None
    try:
        if not form.validate() or not form.file.data:
            raise Invalid(fields={"file": lazy("Choose a file first.")})
        parsed = sheets.read_standard(form.file.data.read())
        begin_write()
        count = services.fill_template(current_actor(), template_id, parsed)
    except NotFound:
        raise
    except DomainError as refusal:
        values = _values(template_id)
        values["faults"] = parsed.faults if parsed is not None else []
        return form_refused("rules/template_page.html", _bounds_form(values), refusal, file_form=form, **values)
    flash_done(_("Items brought in: %(count)s.", count=count))
    return back_to("rules.template_page", template_id=template_id)


@bp.get("/desk/rules/templates/<int:template_id>/export")
@guard.staff(*DESK)
def template_export(template_id: int) -> BaseResponse:
    """The items as Excel, to be changed and brought in again."""
    row, _area, _may = _load(template_id)
    version = papers.template_version(row)
    return xlsx_response(_("template-%(number)s", number=row.number),
                         sheets.write_standard(version.rules, row.title, caps=version.caps))


@bp.post("/desk/rules/templates/<int:template_id>/issue")
@guard.staff(*policy.TEMPLATE_WRITERS)
def issue_template(template_id: int) -> BaseResponse:
    """Hand it to the communities below."""
    row = services.issue_template(current_actor(), template_id)
    flash_done(_("Issued. Communities can start a draft from it; it can't be changed any more."))
    return back_to("rules.template_page", template_id=row.id)


@bp.post("/desk/rules/templates/<int:template_id>/discard")
@guard.staff(*policy.TEMPLATE_WRITERS)
def discard_template(template_id: int) -> BaseResponse:
    """Throw a draft away."""
    services.discard_template(current_actor(), template_id)
    flash_done(_("The draft was thrown away."))
    return back_to("rules.templates")


