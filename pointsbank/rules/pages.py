"""HTML routes: the standard for everybody, and the desk where the committee writes it."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as communities
from pointsbank.core import clock, tenancy
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import DomainError, Forbidden, Invalid, NotFound
from pointsbank.core.web import (
    Room,
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
    repeats_itself,
    xlsx_response,
)
from pointsbank.people.roles import DESK
from pointsbank.rules import policy, queries, services, sheets, trying
from pointsbank.rules.drafts import from_rule
from pointsbank.rules.evaluation import Rule, Version
from pointsbank.rules.forms import AdoptForm, ImportForm, RuleForm, TitleForm, fill_rule, read_rule, source_choices
from pointsbank.rules.models import ScoringStandard

bp = Room("rules", __name__)
SHARED = {"sentence": queries.sentence, "full_sentence": queries.full_sentence, "by_category": queries.by_category,
          "section": "rules.desk"}


def _community() -> int:
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id


def _standing(standard: ScoringStandard) -> str:
    """Where a version stands today: draft, coming, in_force, past."""
    today = clock.today()
    if standard.in_force_on is None:
        return "draft"
    if standard.in_force_on > today:
        return "coming"
    return "past" if standard.superseded_on is not None and standard.superseded_on <= today else "in_force"


# ── For everybody ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/rules")
@guard.public
def public() -> Response:
    """The standard in force, or an older version: what counted on the day of a deed stays readable."""
    code = request.args.get("community", "")
    actor = current_actor()
    community_id = communities.community_by_code(code).id if code else actor.community_id
    if community_id is None:
        return render("rules/public.html", standard=None, places=communities.all_communities(), version=None,
                      others=[], standing=_standing, place=None, code="", **{**SHARED, "section": "boards.around"})
    wanted = request.args.get("version", type=int)
    with tenancy.visiting(community_id):
        adopted = [s for s in queries.standards(community_id) if not s.is_draft]
        standard = next((s for s in adopted if s.number == wanted or (wanted is None and _standing(s) == "in_force")),
                        None)
        if standard is None and wanted is not None:
            raise NotFound
        version = queries.versions(community_id, [standard])[standard.id] if standard is not None else None
    return render("rules/public.html", standard=standard, version=version, others=adopted, standing=_standing,
                  places=[], place=communities.area(community_id), code=code,
                  **{**SHARED, "section": "boards.around"})


# ── The desk: reading ───────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/rules")
@guard.staff(*DESK)
def desk() -> Response:
    """All versions, and the items of the one in force."""
    community_id = _community()
    known = queries.standards(community_id)
    now = next((s for s in known if _standing(s) == "in_force"), None)
    version = queries.versions(community_id, [now])[now.id] if now is not None else None
    return render("rules/desk.html", standards=known, standing=_standing, now=now, version=version,
                  may_write=policy.may_write(current_actor()), has_draft=any(s.is_draft for s in known), **SHARED)


@bp.get("/desk/rules/<int:standard_id>")
@guard.staff(*DESK)
def standard(standard_id: int) -> Response:
    """One version with its items; a draft with everything that can be done to it."""
    row, version = _load(standard_id)
    return render("rules/standard.html", **_page_of(row, version))


def _load(standard_id: int) -> tuple[ScoringStandard, Version]:
    row = get_scoped(ScoringStandard, standard_id, _community())
    return row, queries.versions(row.community_id, [row])[row.id]


def _page_of(row: ScoringStandard, version: Version) -> dict[str, Any]:
    actor = current_actor()
    before = _compared_with(row)
    return {"standard": row, "version": version, "standing": _standing, "before": before,
            "changes": queries.differences(before, version) if row.is_draft and before is not None else [],
            "may_write": policy.may_write(actor) and row.is_draft,
            "may_adopt": policy.may_adopt(actor) and row.is_draft, "wrote": policy.wrote_in(actor, row), **SHARED}


def _compared_with(row: ScoringStandard) -> Version | None:
    """What a draft is compared with: the version it was copied from, else the one in force."""
    if row.copied_from_id is not None:
        return queries.version(row.community_id, row.copied_from_id)
    return queries.version_in_force(row.community_id, clock.today())


@bp.get("/desk/rules/<int:standard_id>/export")
@guard.staff(*DESK)
def export(standard_id: int) -> BaseResponse:
    """The items as Excel, or with ``?format=csv`` as CSV, in the form that can be brought in again."""
    row, version = _load(standard_id)
    name = _("rules-%(number)s", number=row.number)
    if request.args.get("format") != "csv":
        return xlsx_response(name, sheets.write_standard(version.rules, row.title))
    answer = make_response(sheets.write_standard(version.rules, row.title, as_csv=True))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return answer


@bp.get("/desk/rules/template")
@guard.staff(*DESK)
def template() -> BaseResponse:
    """A file to fill in, with three examples."""
    return xlsx_response(_("rules-template"), sheets.write_standard(sheets.sample("community")[:3], _("Rules")))


# ── The desk: drafting ──────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/desk/rules/new", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
def new_draft() -> BaseResponse:
    """Start a draft from the version in force, a sample or nothing."""
    actor = current_actor()
    known = queries.standards(_community())
    form = TitleForm()
    form.source.choices = list(source_choices(any(not s.is_draft for s in known)))
    if request.method == "GET":
        form.source.data = form.source.choices[0][0]
        form.title.data = next((s.title for s in known if not s.is_draft), _("%(place)s scoring rules",
                                                                              place=actor.community_name))
        return render("rules/new_draft.html", form=form, **SHARED)
    try:
        if not form.validate():
            raise Invalid
        source = form.source.data
        rules = None if source == "current" else [] if source == "empty" else sheets.sample(source)
        row = services.start_draft(actor, form.title.data or "", rules)
    except DomainError as refusal:
        return form_refused("rules/new_draft.html", form, refusal, **SHARED)
    flash_done(_("Version %(number)s is open as a draft. Nothing changes for anybody until it is in force.",
                 number=row.number))
    return back_to("rules.standard", standard_id=row.id)


@bp.post("/desk/rules/<int:standard_id>/discard")
@guard.staff(*policy.WRITERS)
def discard(standard_id: int) -> BaseResponse:
    """Throw a draft away."""
    services.discard(current_actor(), standard_id)
    flash_done(_("The draft was thrown away."))
    return back_to("rules.desk")


@bp.route("/desk/rules/<int:standard_id>/items/new", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
@repeats_itself
def new_rule(standard_id: int) -> BaseResponse:
    """A new item. "Try it" comes back with the result and saves nothing."""
    return _edit(standard_id, None)


@bp.route("/desk/rules/<int:standard_id>/items/<int:rule_id>", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
@repeats_itself
def rule(standard_id: int, rule_id: int) -> BaseResponse:
    """An item: its form, its sentence, and a deed to try it with."""
    return _edit(standard_id, rule_id)


def _edit(standard_id: int, rule_id: int | None) -> BaseResponse:
    row, version = _load(standard_id)
    stored = next((r for r in version.rules if r.id == rule_id), None)
    if rule_id is not None and stored is None:
        raise NotFound
    if not policy.may_write(current_actor()):
        raise Forbidden
    form = RuleForm(data=fill_rule(from_rule(stored)) if stored is not None else _blank(version))
    page = {"standard": row, "stored": stored, "shown": stored, "tried": None, **SHARED}
    if request.method == "GET":
        page["tried"] = trying.of_form(form, from_rule(stored)) if stored is not None else None
        return render("rules/rule.html", form=form, **page)
    try:
        if not form.validate():
            raise Invalid
        draft, errors = read_rule(form)
        errors = {**trying.faults_of(draft, errors), **errors}
        page["shown"] = draft.as_rule() if not errors else stored
        page["tried"] = trying.of_form(form, draft) if not errors else None
        if errors:
            raise Invalid(fields=errors)
        if request.form.get("do") == "try":
            return render("rules/rule.html", form=form, **page)
        if rule_id is None:
            services.add_rule(current_actor(), standard_id, draft)
        else:
            services.change_rule(current_actor(), standard_id, rule_id, draft)
    except DomainError as refusal:
        return form_refused("rules/rule.html", form, refusal, **page)
    flash_done(_("Item %(code)s is in the draft.", code=draft.code))
    return back_to("rules.standard", standard_id=standard_id)


def _blank(version: Version) -> dict[str, Any]:
    """A new item starts as the most common one: an hour, a point, for the household."""
    last: Rule | None = version.rules[-1] if version.rules else None
    return {"shape": "per_hour", "points": "1", "by_itself": True, "category": last.category if last else ""}


@bp.post("/desk/rules/<int:standard_id>/items/<int:rule_id>/remove")
@guard.staff(*policy.WRITERS)
def remove_rule(standard_id: int, rule_id: int) -> BaseResponse:
    """Take an item out of a draft."""
    services.remove_rule(current_actor(), standard_id, rule_id)
    flash_done(_("The item was taken out of the draft."))
    return back_to("rules.standard", standard_id=standard_id)


@bp.post("/desk/rules/sentence")
@guard.staff(*policy.WRITERS)
@repeats_itself
def sentence() -> BaseResponse:
    """The sentence of an item as typed so far, for the page to show while typing; nothing is saved.

    Half-typed values have none, and that is no fault: 204.
    """
    form = RuleForm()
    if form.validate():
        draft, errors = read_rule(form)
        if not errors and not trying.faults_of(draft, errors):
            return make_response(str(queries.full_sentence(draft.as_rule())))
    return make_response("", 204)


@bp.route("/desk/rules/<int:standard_id>/import", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
@reads_first
def import_file(standard_id: int) -> BaseResponse:
    """Bring items in from a file. They replace those of the draft; rows not understood are listed."""
    row, _version = _load(standard_id)
    form = ImportForm()
    page: dict[str, Any] = {"standard": row, "faults": [], **SHARED}
    if request.method == "GET":
        return render("rules/import_file.html", form=form, **page)
    try:
        if not form.validate() or not form.file.data:
            raise Invalid(fields={"file": lazy("Choose a file first.")})
        parsed = sheets.read_standard(form.file.data.read())
        page["faults"] = parsed.faults
        begin_write()
        count = services.replace_rules(current_actor(), standard_id, parsed, good_rows_only=form.rows.data == "good")
    except DomainError as refusal:
        page["standard"] = _load(standard_id)[0]
        return form_refused("rules/import_file.html", form, refusal, **page)
    flash_done(_("Items brought in: %(count)s.", count=count) if not parsed.faults else
               _("Items brought in: %(count)s. Cells not understood, their rows left out: %(faults)s.",
                 count=count, faults=len(parsed.faults)), "wait" if parsed.faults else "done")
    return back_to("rules.standard", standard_id=standard_id)


@bp.route("/desk/rules/<int:standard_id>/adopt", methods=["GET", "POST"])
@guard.staff(*policy.ADOPTERS)
def adopt(standard_id: int) -> BaseResponse:
    """Put a draft in force."""
    row, version = _load(standard_id)
    form = AdoptForm()
    page = {"counted": _counted(row), **_page_of(row, version)}
    if request.method == "GET":
        return render("rules/adopt.html", form=form, **page)
    try:
        if not form.validate() or form.in_force_on.data is None:
            raise Invalid(fields={"in_force_on": lazy("Choose the day from which it counts.")})
        row = services.adopt(current_actor(), standard_id, form.in_force_on.data, form.resolution.data or "",
                             on_paper=bool(form.on_paper.data))
    except DomainError as refusal:
        return form_refused("rules/adopt.html", form, refusal, **page)
    flash_done(_("Version %(number)s is adopted. It can't be changed any more.", number=row.number))
    return back_to("rules.standard", standard_id=standard_id)


def _counted(row: ScoringStandard) -> bool:
    scoring = queries.scoring(row.community_id)
    return scoring is not None and scoring.first_award_at is not None
