"""The dispatcher: what is new, unassigned, overdue; one case with everything around it; many at once."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.cases import desk_forms, desk_queries, desk_wording, policy, services
from pointsbank.cases.desk_forms import StepForm, TitleForm, WordsForm
from pointsbank.cases.desk_queries import Tab
from pointsbank.cases.models import CaseState, CaseVisibility
from pointsbank.cases.pages.room import bp, community_id
from pointsbank.cases.pages.stepping import forms_of, speak, submitted, take, where_of
from pointsbank.cases.services.dispatching import MOST_AT_ONCE, Board, Dispatch
from pointsbank.core.errors import DomainError
from pointsbank.core.web import back_to, current_actor, flash_done, guard, reads_first, render, status_of

MOST_NAMED = 10


@bp.get("/desk/cases")
@guard.staff(*policy.LOOKERS)
def desk() -> Response:
    """What waits, under its tab, the nearest deadline first."""
    return render("cases/desk.html", **_list(request.args))


def _list(asked: Any) -> dict[str, Any]:
    actor, text = current_actor(), asked.get("tab")
    tab = Tab(text) if text in list(Tab) else Tab.NEW
    found = desk_queries.dispatched(actor, tab, cursor=asked.get("cursor"))
    dispatches = actor.has_role(*policy.DISPATCHERS)
    crews = desk_queries.crews(community_id()) if dispatches else []
    free = [row.case for row in found.items if row.case.state in (CaseState.ACCEPTED, CaseState.SENT_BACK)]
    counts = desk_queries.tab_counts(actor)
    links = [(f"{said} {counts[one]}" if one in counts else str(said), url_for("cases.desk", tab=one), one == tab)
             for one, said in desk_wording.TABS.items()]
    return {"page": found, "chosen": tab, "links": links, "crews": crews,
            "dispatches": dispatches, "units": {one.unit.id: one.unit.name for one in crews},
            "takers": Board(community_id()).takers(free) if free and dispatches else {},
            "names": dict(pair for one in crews for pair in one.members),
            "known": desk_queries.independence(actor) if dispatches else None}


@bp.post("/desk/cases/many")
@guard.staff(*policy.DISPATCHERS)
def many() -> BaseResponse:
    """Accept or give out what was ticked; each that is refused is named with its reason."""
    actor, ids = current_actor(), request.form.getlist("case", type=int)[:MOST_AT_ONCE + 1]
    try:
        if request.form.get("do") == "accept":
            came = services.accept_many(actor, ids)
            done = ngettext("%(num)d report is accepted.", "%(num)d reports are accepted.", len(came.done))
        else:
            unit_id, user_id = desk_forms.pair_of(request.form.get("taker"))
            came = services.assign_many(actor, ids, unit_id=unit_id, handler_id=user_id)
            done = ngettext("%(num)d case is given out.", "%(num)d cases are given out.", len(came.done))
    except DomainError as refusal:
        return render("cases/desk.html", status_of(refusal), refusal=refusal, **_list(request.form))
    _say(came, done)
    return back_to("cases.desk", tab=request.form.get("tab"))


def _say(came: Dispatch, done: str) -> None:
    """What was done, and each that wasn't with its reason."""
    if came.done:
        flash_done(done)
    if came.refused:
        reasons = [_("No. %(number)s: %(why)s", number=number, why=refusal.sentence)
                   for number, refusal in list(came.refused.items())[:MOST_NAMED]]
        left = len(came.refused) - len(reasons)
        if left:
            reasons.append(ngettext("and %(num)d more case", "and %(num)d more cases", left))
        flash_done(_("Not done, and nothing was changed there: %(list)s", list=" ".join(reasons)), "stop")


# ── One case ────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/cases/<int:case_id>")
@guard.staff(*policy.LOOKERS)
def desk_case(case_id: int) -> Response:
    """Everything about one case, and what the reader may do now."""
    return render("cases/desk_case.html", **_values(case_id))


def _values(case_id: int, sent: dict[str, StepForm] | None = None, *, word: WordsForm | None = None,
            title: TitleForm | None = None) -> dict[str, Any]:
    actor = current_actor()
    found = desk_queries.whole(actor, case_id)
    steps = desk_queries.possible(actor, found.case)
    forms = forms_of(found.case, steps, sent or {})
    return {"whole": found, "case": found.case, "steps": steps, "forms": forms,
            "word": word or desk_forms.words_form("word"),
            "title": title or desk_forms.TitleForm(formdata=None, prefix="title-", data={"title": found.case.title}),
            "may_speak": actor.has_role(*policy.DISPATCHERS) and policy.may_speak(actor, found.case)
            and policy.is_told_of(found.case),
            "may_show": actor.has_role(*policy.DISPATCHERS) and found.case.accepted_at is not None
            and found.case.visibility is not CaseVisibility.STAFF,
            "alike": desk_queries.alike(actor, found.case) if actor.has_role(*policy.DISPATCHERS) else [],
            "sent": set(sent or {}), "astray": bool(set(sent or {}) - set(forms)), **where_of(found.case)}


@bp.post("/desk/cases/<int:case_id>/<verb>")
@guard.staff(*policy.LOOKERS)
@reads_first
def step(case_id: int, verb: str) -> BaseResponse:
    """One step of the table."""
    return take(case_id, verb, again=lambda sent: _values(case_id, sent), template="cases/desk_case.html",
                endpoint="cases.desk_case")


# ── Words and pictures, which are no step ───────────────────────────────────────────────────────────────────────


@bp.post("/desk/cases/<int:case_id>/say")
@guard.staff(*policy.DISPATCHERS)
def say(case_id: int) -> BaseResponse:
    """A word to the reporter and those who joined."""
    return speak(case_id, lambda form: _values(case_id, word=form), "cases/desk_case.html", "cases.desk_case")


@bp.post("/desk/cases/<int:case_id>/title")
@guard.staff(*policy.DISPATCHERS)
def title(case_id: int) -> BaseResponse:
    """What others read."""
    form = desk_forms.TitleForm(prefix="title-")
    refused = submitted(form, lambda: services.set_title(current_actor(), case_id, form.title.data or ""),
                        "cases/desk_case.html", lambda: _values(case_id, title=form))
    if refused is None:
        flash_done(_("Changed."))
    return refused or back_to("cases.desk_case", case_id=case_id)


@bp.post("/desk/cases/<int:case_id>/photos")
@guard.staff(*policy.DISPATCHERS)
def show(case_id: int) -> BaseResponse:
    """Let others see the photos, or no longer."""
    shown = request.form.get("shown") == "1"
    services.show_photos(current_actor(), case_id, shown)
    flash_done(_("Others see the photos now.") if shown else _("Others no longer see the photos."))
    return back_to("cases.desk_case", case_id=case_id)
