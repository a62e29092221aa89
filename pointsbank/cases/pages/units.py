"""For the people of a unit, on a phone: what is due, by urgency, and one case with what comes next."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.cases import desk_queries, policy, queries, services
from pointsbank.cases.desk_forms import MoreTimeForm, StepForm, WordsForm, words_form
from pointsbank.cases.errors import NotYourPart
from pointsbank.cases.models import ClockKind
from pointsbank.cases.moves import Part
from pointsbank.cases.pages.room import bp, community_id
from pointsbank.cases.pages.stepping import forms_of, speak, submitted, take, where_of
from pointsbank.core.errors import NotFound
from pointsbank.core.web import back_to, current_actor, flash_done, guard, reads_first, render
from pointsbank.media.pages import file_of


@bp.get("/unit/cases")
@guard.signed_in
def unit() -> Response:
    """What one's units have to put right, the nearest deadline first. Raises NotYourPart for who works for none."""
    actor = current_actor()
    units = desk_queries.units_of(actor)
    if not units:
        raise NotYourPart
    found = desk_queries.for_units(actor, units, cursor=request.args.get("cursor"))
    mine = [crew for crew in desk_queries.crews(community_id(), closed=True) if crew.unit.id in units]
    return render("cases/unit.html", page=found, crews=mine)


@bp.get("/unit/cases/<int:case_id>")
@guard.signed_in
def unit_case(case_id: int) -> Response:
    """One case of one's unit, and what comes next."""
    return render("cases/unit_case.html", **_values(case_id))


def _values(case_id: int, sent: dict[str, StepForm] | None = None, *, more: MoreTimeForm | None = None,
            word: WordsForm | None = None) -> dict[str, Any]:
    actor = current_actor()
    found = desk_queries.whole(actor, case_id)
    case = found.case
    if actor.user_id != case.handler_id and case.unit_id not in desk_queries.units_of(actor):
        raise NotFound  # the office has a page of its own
    steps = [one for one in desk_queries.possible(actor, case) if Part.HANDLER in one.move.parts]
    forms = forms_of(case, steps, sent or {})
    running = next((row for row in found.clocks if row.kind is ClockKind.RECTIFY and row.stopped_at is None), None)
    return {"whole": found, "case": case, "steps": steps, "forms": forms,
            "is_mine": actor.user_id == case.handler_id, "running": running, "sent": set(sent or {}),
            "astray": bool(set(sent or {}) - set(forms)),
            "word": word or words_form("word"),
            "may_speak": policy.may_speak(actor, case, {actor.user_id or 0}) and policy.is_told_of(case),
            "may_ask": actor.user_id == case.handler_id and running is not None and running.paused_at is None
            and running.asked_by_id is None,
            "more": more or MoreTimeForm(formdata=None, prefix="more-"), **where_of(case)}


@bp.post("/unit/cases/<int:case_id>/<verb>")
@guard.signed_in
@reads_first
def unit_step(case_id: int, verb: str) -> BaseResponse:
    """One step of the table."""
    return take(case_id, verb, again=lambda sent: _values(case_id, sent), template="cases/unit_case.html",
                endpoint="cases.unit_case")


@bp.post("/unit/cases/<int:case_id>/more-time")
@guard.signed_in
def more_time(case_id: int) -> BaseResponse:
    """Ask for more time, once."""
    form = MoreTimeForm(prefix="more-")
    refused = submitted(form, lambda: services.ask_extension(
        current_actor(), case_id, form.extra.data or 0, form.text.data or ""), "cases/unit_case.html",
        lambda: _values(case_id, more=form))
    if refused is None:
        flash_done(_("Asked. The office answers; until then the deadline stays."))
    return refused or back_to("cases.unit_case", case_id=case_id)


@bp.post("/unit/cases/<int:case_id>/say")
@guard.signed_in
def unit_say(case_id: int) -> BaseResponse:
    """A word to the reporter and those who joined."""
    return speak(case_id, lambda form: _values(case_id, word=form), "cases/unit_case.html", "cases.unit_case")


@bp.get("/unit/cases/<int:case_id>/photos/<key>/<size>")
@guard.signed_in
def unit_photo(case_id: int, key: str, size: str) -> Response:
    """A photo of a case for the people of its unit, who need no role in the community."""
    sight = queries.seen(current_actor(), case_id)
    if not sight.inside or not (key in {photo.key for photo in sight.photos}
                                or key in desk_queries.whole(current_actor(), case_id).photo_keys):
        raise NotFound
    return file_of(key, size)
