"""One's own reports, and the page of a case: how it stands, what can be done about it, every step with its day."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.cases import policy, queries, report_errors, resident_queries, resident_wording, services
from pointsbank.cases.models import Case, CaseState, CaseVisibility, Evaluation
from pointsbank.cases.moves import NEW, OPEN
from pointsbank.cases.pages.room import bp
from pointsbank.cases.report_forms import EvaluateForm, WordsForm
from pointsbank.cases.services.moving import Step
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.errors import DomainError, Invalid, lazy
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.media.pages import file_of

ANSWERS: dict[str, Any] = {"satisfied": lazy("Solved"), "partly": lazy("Better, not all solved"),
                           "unhappy": lazy("Not solved")}
# What the reporter may do with words: by verb the states from which the page offers it.
WITH_WORDS = {"supply": (CaseState.MORE_INFORMATION,), "appeal": (CaseState.DECLINED,), "withdraw": NEW,
              "reopen": (CaseState.CLOSED,)}
DONE = {"supply": lazy("Your answer has come in."), "appeal": lazy("Your appeal has come in."),
        "withdraw": lazy("You took the report back."), "reopen": lazy("It is open again. You hear of each step.")}


@bp.get("/reports")
@guard.resident
def mine() -> Response:
    """What one reported, newest first, with what is waited for; or what one met too."""
    actor, cursor = current_actor(), request.args.get("cursor")
    wanted = request.args.get("show", "")
    page = resident_queries.joined(actor, cursor=cursor) if wanted == "joined" else resident_queries.mine(
        actor, wanted, cursor=cursor)
    return render("cases/mine.html", page=page, wanted=wanted, words=resident_wording)


@bp.get("/cases/<int:case_id>")
@guard.signed_in
def case(case_id: int) -> Response:
    """One case as its reader may see it."""
    return render("cases/case.html", **_story(case_id), **_forms())


@bp.get("/cases/<int:case_id>/photos/<key>/<size>")
@guard.signed_in
def photo(case_id: int, key: str, size: str) -> Response:
    """A photo of a case: its reporter sees what was done as well as what was reported."""
    return file_of(resident_queries.photo_of(current_actor(), case_id, key).key, size)


def _forms() -> dict[str, Any]:
    form = EvaluateForm(formdata=None)
    form.offer(ANSWERS)
    return {"evaluate_form": form, "words_form": WordsForm(formdata=None), "refused_verb": ""}


def _story(case_id: int) -> dict[str, Any]:
    actor = current_actor()
    sight = queries.seen(actor, case_id)
    found = sight.case
    clocks = queries.clocks_of(found.community_id, found.id)
    running = next((row for row in reversed(clocks) if row.stopped_at is None
                    and row.kind is resident_queries.CLOCK_OF.get(found.state)), None)
    photos = resident_queries.photos_of(actor, [found], sight.inside)[found.id]
    before, after = resident_queries.before_and_after(photos)
    voices = resident_wording.voices_words(sight.voices)
    steps = resident_wording.history(sight.events[::-1], clocks, case=found, reporter=sight.reporter,
                                     unit=sight.unit, inside=sight.inside)
    return {"case": found, "sight": sight, "words": resident_wording, "running": running, "steps": steps,
            "now_step": resident_wording.step_now(found), "late": resident_wording.late_work(clocks),
            "photos": photos, "before": before, "after": after, "left": _days_left(found), "voices": voices,
            "deed": resident_queries.deed_of(actor, found), **_may(actor, found)}


def _days_left(found: Case) -> int:
    return (clock.local_date(found.evaluate_by) - clock.today()).days if found.evaluate_by is not None else 0


def _may(actor: Actor, found: Case) -> dict[str, Any]:
    """What the page offers. The service decides again; this only spares people doors that stay shut."""
    own = policy.is_reporter(actor, found)
    verbs = [verb for verb, states in WITH_WORDS.items() if own and found.state in states]
    if "appeal" in verbs and found.appeals:
        verbs.remove("appeal")
    if "reopen" in verbs and not policy.may_reopen(found):
        verbs.remove("reopen")
    joined = actor.resident_id is not None and queries.has_joined(found, actor.resident_id)
    neighbour = actor.resident_id is not None and not own and found.visibility is not CaseVisibility.STAFF
    supporters = queries.supporters(found) if found.state is CaseState.CLOSED else ()
    return {"own": own, "verbs": verbs, "joined": joined, "supporters": len(supporters),
            "may_join": neighbour and not joined and found.state in OPEN,
            "may_support": neighbour and policy.may_reopen(found) and all(
                one.user_id != actor.user_id and one.resident_id != actor.resident_id for one in supporters),
            "may_evaluate": (found.state is CaseState.TO_EVALUATE and policy.answers(actor, found)) or (
                joined and not own and policy.asks_neighbours(found) and not _is_of_unit(actor, found)
                and not queries.has_answered(found, actor))}


def _is_of_unit(actor: Actor, found: Case) -> bool:
    """Whoever put it right doesn't say how it ended."""
    return actor.user_id in {found.handler_id, *queries.unit_users(found.community_id, found.unit_id)}


# ── Steps of the reporter ───────────────────────────────────────────────────────────────────────────────────────


@bp.post("/cases/<int:case_id>/evaluate")
@guard.signed_in
def evaluate(case_id: int) -> Response | BaseResponse:
    """Solved, better, not solved: the reporter's answer decides, that of whoever met it too stands beside it."""
    form = EvaluateForm()
    form.offer(ANSWERS)
    try:
        if form.answer.data not in ANSWERS:
            raise report_errors.AnswerMissing(fields={"answer": report_errors.AnswerMissing.message})
        if not form.validate():
            raise Invalid
        services.evaluate(current_actor(), case_id, Evaluation(form.answer.data), form.text.data or "")
    except DomainError as refusal:
        return _again(case_id, refusal, "evaluate", form)
    flash_done(_("Thank you. Your answer stands below."))
    return back_to("cases.case", case_id=case_id)


@bp.post("/cases/<int:case_id>/join")
@guard.resident
def join(case_id: int) -> BaseResponse:
    """Say "me too"."""
    services.join(current_actor(), case_id)
    flash_done(_("Noted. You hear of each step, as if you had reported it."))
    return back_to("cases.case", case_id=case_id)


def _with_words(case_id: int, verb: str) -> Response | BaseResponse:
    form = WordsForm()
    try:
        if not form.validate():
            raise Invalid
        services.move(current_actor(), case_id, verb, Step(text=form.text.data or ""))
    except DomainError as refusal:
        return _again(case_id, refusal, verb, form)
    flash_done(str(DONE[verb]))
    return back_to("cases.case", case_id=case_id)


@bp.post("/cases/<int:case_id>/supply")
@guard.signed_in
def supply(case_id: int) -> Response | BaseResponse:
    """Answer what the office asked."""
    return _with_words(case_id, "supply")


@bp.post("/cases/<int:case_id>/appeal")
@guard.signed_in
def appeal(case_id: int) -> Response | BaseResponse:
    """Ask for another look at a report that was not taken on."""
    return _with_words(case_id, "appeal")


@bp.post("/cases/<int:case_id>/withdraw")
@guard.signed_in
def withdraw(case_id: int) -> Response | BaseResponse:
    """Take a report back before it is taken on."""
    return _with_words(case_id, "withdraw")


@bp.post("/cases/<int:case_id>/reopen")
@guard.signed_in
def reopen(case_id: int) -> Response | BaseResponse:
    """It came back, within 30 days."""
    return _with_words(case_id, "reopen")


@bp.post("/cases/<int:case_id>/support")
@guard.resident
def support(case_id: int) -> Response | BaseResponse:
    """A neighbour says that a closed case is not put right; three open it again."""
    form = WordsForm()
    try:
        if not form.validate():
            raise Invalid
        found = services.support_reopening(current_actor(), case_id, form.text.data or "")
    except DomainError as refusal:
        return _again(case_id, refusal, "support", form)
    flash_done(_("It is open again. You hear of each step.") if found.state is not CaseState.CLOSED else
               _("Noted. Three neighbours open it again."))
    return back_to("cases.case", case_id=case_id)


def _again(case_id: int, refusal: DomainError, verb: str, form: Any) -> Response:
    """The page with the form as it was filled in. Raises NotFound for who may not see the case."""
    name = "evaluate_form" if verb == "evaluate" else "words_form"
    values = {**_story(case_id), **_forms(), "refused_verb": verb, name: form}
    return form_refused("cases/case.html", form, refusal, **values)
