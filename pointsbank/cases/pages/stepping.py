"""What the pages of the office, the units and the inspectors share: a step as its form says, or what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.cases import desk_forms, desk_queries, desk_wording, queries, services
from pointsbank.cases.desk_forms import AssignForm, MergeForm, StepForm
from pointsbank.cases.desk_queries import Possible
from pointsbank.cases.errors import BadParent
from pointsbank.cases.models import Case, CaseVisibility
from pointsbank.cases.moves import MOVES
from pointsbank.cases.pages.photos import Batch, keep, numbers, prepared, stored
from pointsbank.cases.pages.room import bp, community_id
from pointsbank.cases.services.dispatching import Board
from pointsbank.core.errors import DomainError, Invalid, NotFound
from pointsbank.core.web import back_to, begin_write, current_actor, flash_done, form_refused, safe_next
from pointsbank.media.models import Purpose
from pointsbank.places import drawing
from pointsbank.places import queries as places
from pointsbank.places.positions import Spot, describe


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only.
    state.app.jinja_env.globals.update(case_desk_words=desk_wording, works_for_a_unit=works_for_a_unit)


def works_for_a_unit() -> bool:
    """Whether the visitor has cases of a unit to put right, so that the way there is shown to nobody else."""
    actor = current_actor()
    known: dict[Any, bool] = g.setdefault("works_for_a_unit", {})
    if actor not in known:
        known[actor] = bool(desk_queries.units_of(actor))
    return known[actor]


def forms_of(case: Case, steps: list[Possible], sent: dict[str, StepForm]) -> dict[str, StepForm]:
    """A form for each step that isn't locked, with its choices; ``sent`` are those that came back."""
    forms = {one.move.verb: sent.get(one.move.verb) or desk_forms.form_for(one.move.verb)
             for one in steps if not one.locked}
    assign, merge = forms.get("assign"), forms.get("merge")
    if isinstance(assign, AssignForm):
        taker = Board(case.community_id).takers([case]).get(case.id)
        assign.offer(desk_queries.crews(case.community_id), queries.reporting_users([case])[case.id],
                     f"{taker.unit_id}:{taker.user_id}" if taker is not None else "")
    for form in forms.values():
        if "show_photos" in form and case.visibility is CaseVisibility.STAFF:
            del form["show_photos"]
    if isinstance(merge, MergeForm):
        merge.offer(desk_queries.alike(current_actor(), case))
    return forms


def take(case_id: int, verb: str, *, again: Callable[[dict[str, StepForm]], dict[str, Any]], template: str,
         endpoint: str) -> BaseResponse:
    """Take a step; refused, the page comes back as it was filled in. For views that read first."""
    form = desk_forms.form_for(verb, sent=True)
    actor = current_actor()
    case = queries.seen(actor, case_id).case
    kept = numbers(form["kept"].data) if "kept" in form else []
    batch = prepared(form["photo_ids"].name, len(kept), "photo_ids") if "photo_ids" in form else Batch()
    try:
        if batch.refusal is not None:
            raise batch.refusal
        forms_of(case, [Possible(MOVES[verb])], {verb: form})
        if not form.validate():
            raise Invalid
        begin_write()
        photo_ids = stored(current_actor(), kept, batch, Purpose.REPAIR)
        services.attempt(current_actor(), case_id, verb, form.step(photo_ids))
    except DomainError as refusal:
        if isinstance(refusal, NotFound):
            if not isinstance(form, MergeForm):
                raise
            refusal = BadParent(fields={"number": BadParent.message})
        if "kept" in form:
            keep(form["kept"], batch, Purpose.REPAIR)
        return form_refused(template, form, refusal, **again({verb: form}))
    flash_done(str(desk_wording.VERBS[verb][3]))
    return redirect(safe_next(url_for(endpoint, case_id=case_id)), 303)


def submitted(form: Any, service: Callable[[], Any], template: str, again: Callable[[], dict[str, Any]]
              ) -> Response | None:
    """Do what a form asks for. None once it is done; refused, the page with the form as it was filled in. Raises
    NotFound: there is no page to come back to."""
    try:
        if not form.validate():
            raise Invalid
        service()
    except NotFound:
        raise
    except DomainError as refusal:
        return form_refused(template, form, refusal, **again())
    return None


def speak(case_id: int, again: Callable[[desk_forms.WordsForm], dict[str, Any]], template: str, endpoint: str
          ) -> BaseResponse:
    """A word to the reporter and those who joined, from the office or from a unit."""
    form = desk_forms.words_form("word", sent=True)
    refused = submitted(form, lambda: services.feed_back(current_actor(), case_id, form.text.data or ""), template,
                        lambda: again(form))
    if refused is None:
        flash_done(_("Sent to whoever reported it and to the neighbours who joined."))
    return refused or back_to(endpoint, case_id=case_id)


def where_of(case: Case) -> dict[str, Any]:
    """The place of a case in words and on the plan, where its position is known."""
    if case.lat is None or case.lon is None:
        return {"where": "", "plan": None}
    spots = [Spot(p.id, p.name, p.lat, p.lon) for p in places.on_the_plan(community_id())
             if p.lat is not None and p.lon is not None and p.id != case.place_id]
    where = describe((case.lat, case.lon), spots) if spots else ""
    here = Spot(case.place_id or 0, case.place, case.lat, case.lon)
    plan = drawing.draw([*spots, here], title=desk_wording.where_title(case), highlighted=here.id)
    return {"where": where, "plan": plan}
