"""The desk: items of a draft, their live sentence and the try-it box."""

from __future__ import annotations

from typing import Any

from flask import make_response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core.errors import DomainError, Forbidden, Invalid, NotFound
from pointsbank.core.web import (
    back_to,
    current_actor,
    flash_done,
    form_refused,
    guard,
    render,
    repeats_itself,
)
from pointsbank.rules import policy, queries, services, trying
from pointsbank.rules.drafts import from_rule
from pointsbank.rules.evaluation import Rule, Version
from pointsbank.rules.forms import RuleForm, fill_rule, read_rule
from pointsbank.rules.pages.room import SHARED, bp, load


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
