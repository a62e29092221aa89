"""The desk: items of a draft, their live sentence and the try-it box."""

from __future__ import annotations

from typing import Any

from flask import make_response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core.errors import DomainError, Forbidden, Invalid, NotFound, lazy
from pointsbank.core.web import (
    back_to,
    current_actor,
    flash_done,
    form_refused,
    guard,
    render,
    repeats_itself,
)
from pointsbank.rules import policy, services, trying, wording
from pointsbank.rules.drafts import from_rule
from pointsbank.rules.evaluation import Rule, Version
from pointsbank.rules.item_forms import RuleForm, faults_of, fill_rule, read_rule
from pointsbank.rules.models import Shape
from pointsbank.rules.pages.room import SHARED, bp, full_sentence, load

# Each shape with an example that committees know.
SHAPES = (
    (Shape.PER_TIME, "check2-square", lazy("Each time"), lazy("A visit: 2 points each time")),
    (Shape.PER_HOUR, "clock-history", lazy("By the hour"), lazy("Volunteering: 1 point an hour, at most 2 hours")),
    (Shape.PER_UNIT, "123", lazy("By number"), lazy("Clearing a ditch: 0.5 points a metre")),
    (Shape.PER_SCORE, "clipboard-check", lazy("By the score of an inspection"),
     lazy("A clean yard: up to 50 points a month, as the inspection says")),
    (Shape.TIERS, "graph-up", lazy("By steps that add up"), lazy("10 hours a year 2 points, 20 hours 5, 50 hours 10")),
    (Shape.BRACKETS, "journal-text", lazy("By brackets"),
     lazy("A donation: 1 point for 100 yuan, above 1,000 for 400 yuan")),
)

# What takes points away is counted plainly, so that everybody can work it out.
TAKING = (
    (Shape.PER_TIME, "dash-circle", lazy("Taken away each time"), lazy("Rubbish beside the bin: 2 points each time")),
    (Shape.PER_UNIT, "dash-circle", lazy("Taken away by number"), lazy("Rubbish left lying: 1 point for each bag")),
)


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
    row, version = load(standard_id)
    stored = next((r for r in version.rules if r.id == rule_id), None)
    if rule_id is not None and stored is None:
        raise NotFound
    if not policy.may_write(current_actor()):
        raise Forbidden
    wanted = request.args.get("shape")
    if stored is None and wanted not in set(Shape) and request.method == "GET":
        return render("rules/choose_shape.html", standard=row, shapes=SHAPES, taking=TAKING, **SHARED)
    form = RuleForm(data=fill_rule(from_rule(stored)) if stored is not None else _blank(version, wanted))
    if request.method == "GET" and wanted in set(Shape):
        form.shape.data = wanted
        form.takes_away.data = "1" if row.deductions and request.args.get("takes") else ""
    page = {"standard": row, "stored": stored, "shown": stored, "tried": None, "shapes": Shape, "words": wording,
            "more_open": False, **SHARED}
    if request.method == "GET":
        page["tried"] = trying.of_form(form, from_rule(stored)) if stored is not None else None
        return render("rules/rule.html", form=form, **page)
    try:
        if not form.validate():
            raise Invalid
        draft, errors = read_rule(form)
        errors = {**faults_of(draft, errors), **errors}
        page["shown"] = draft.as_rule() if not errors else stored
        page["tried"] = trying.of_form(form, draft) if not errors else None
        if errors:
            page["more_open"] = True
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


def _blank(version: Version, shape: str | None) -> dict[str, Any]:
    """A new item starts as the most common one of its shape: a point, for the household."""
    last: Rule | None = version.rules[-1] if version.rules else None
    measured = {"tiers": "minutes", "brackets": "amount"}.get(shape or "", "minutes")
    return {"shape": shape, "points": "1", "by_itself": shape in ("per_hour", "tiers"), "quantity": measured,
            "kind": "volunteering" if shape in ("per_hour", "tiers") else "other",
            "category": last.category if last else ""}


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
        if not errors and not faults_of(draft, errors):
            return make_response(str(full_sentence(draft.as_rule())))
    return make_response("", 204)
