"""The desk: versions, their items as a page and as a file, new drafts."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.web import (
    back_to,
    csv_response,
    current_actor,
    flash_done,
    form_refused,
    guard,
    render,
    xlsx_response,
)
from pointsbank.people.roles import DESK
from pointsbank.rules import flags, papers, policy, queries, services, sheets
from pointsbank.rules.forms import TitleForm, source_choices
from pointsbank.rules.models import CommentState, ScoringStandard
from pointsbank.rules.pages.room import SHARED, bp, community, load, page_of, papers_of, standing


@bp.get("/desk/rules")
@guard.staff(*DESK)
def desk() -> Response:
    """All versions, and the items of the one in force."""
    community_id = community()
    known = queries.standards(community_id)
    now = next((s for s in known if standing(s) == "in_force"), None)
    version = queries.versions(community_id, [now])[now.id] if now is not None else None
    heard = papers.open_round(community_id)
    to_answer = papers.counts(community_id, heard.standard_id)[CommentState.OPEN] if heard is not None else 0
    return render("rules/desk.html", standards=known, standing=standing, now=now, version=version,
                  may_write=policy.may_write(current_actor()), flags_waiting=flags.waiting(community_id),
                  has_draft=any(s.is_draft for s in known), heard=heard, to_answer=to_answer,
                  templates=papers.in_use(current_actor().area_path), **SHARED)


@bp.get("/desk/rules/<int:standard_id>")
@guard.staff(*DESK)
def standard(standard_id: int) -> Response:
    """One version with its items; a draft with everything that can be done to it."""
    row, version = load(standard_id)
    return render("rules/standard.html", **page_of(row, version), **papers_of(row, version))


@bp.get("/desk/rules/<int:standard_id>/export")
@guard.staff(*DESK)
def export(standard_id: int) -> BaseResponse:
    """The items as Excel, or with ``?format=csv`` as CSV, in the form that can be brought in again."""
    row, version = load(standard_id)
    name = _("rules-%(number)s", number=row.number)
    if request.args.get("format") != "csv":
        return xlsx_response(name, sheets.write_standard(version.rules, row.title, caps=version.caps))
    return csv_response(name, sheets.write_standard(version.rules, row.title, caps=version.caps, as_csv=True))


@bp.get("/desk/rules/template")
@guard.staff(*DESK)
def template() -> BaseResponse:
    """A file to fill in, with an example of each shape and a sheet that explains the columns."""
    return xlsx_response(_("rules-template"), sheets.write_template())



@bp.route("/desk/rules/new", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
def new_draft() -> BaseResponse:
    """Start a draft from the version in force, a sample or nothing."""
    actor = current_actor()
    known = queries.standards(community())
    form = TitleForm()
    offered = papers.in_use(actor.area_path)
    form.source.choices = list(source_choices(any(not s.is_draft for s in known),
                                              [(template.id, area.name) for template, area in offered]))
    if request.method == "GET":
        wanted = request.args.get("source")
        known_sources = [value for value, _label in form.source.choices]
        form.source.data = wanted if wanted in known_sources else known_sources[0]
        form.title.data = next((s.title for s in known if not s.is_draft), _("%(place)s scoring rules",
                                                                              place=actor.community_name))
        return render("rules/new_draft.html", form=form, **SHARED)
    try:
        if not form.validate():
            raise Invalid
        row = _started(form.source.data or "", form.title.data or "")
    except DomainError as refusal:
        return form_refused("rules/new_draft.html", form, refusal, **SHARED)
    flash_done(_("Version %(number)s is open as a draft. Nothing changes for anybody until it is in force.",
                 number=row.number))
    return back_to("rules.standard", standard_id=row.id)


def _started(source: str, title: str) -> ScoringStandard:
    if source.startswith("template-"):
        return services.start_from_template(current_actor(), int(source.removeprefix("template-")), title)
    rules = None if source == "current" else [] if source == "empty" else sheets.sample(source)
    caps = sheets.sample_caps(source) if source in sheets.SAMPLE_NAMES else ()
    return services.start_draft(current_actor(), title, rules, caps=caps)


@bp.post("/desk/rules/<int:standard_id>/deductions")
@guard.staff(*policy.WRITERS)
def deductions(standard_id: int) -> BaseResponse:
    """Say whether items of a draft may take points away."""
    row = services.switch_deductions(current_actor(), standard_id, request.form.get("on") == "1")
    flash_done(_("Items of this draft may take points away now. Read it out at the meeting that adopts it.")
               if row.deductions else _("Taking points away is switched off in this draft."))
    return back_to("rules.standard", standard_id=standard_id)


@bp.post("/desk/rules/<int:standard_id>/discard")
@guard.staff(*policy.WRITERS)
def discard(standard_id: int) -> BaseResponse:
    """Throw a draft away."""
    services.discard(current_actor(), standard_id)
    flash_done(_("The draft was thrown away."))
    return back_to("rules.desk")
