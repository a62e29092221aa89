"""The desk: who is proposed, who waits for a notice, who was held back; the register."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.contributions.queries import facts_of
from pointsbank.core import clock, sheets
from pointsbank.core.errors import DomainError
from pointsbank.core.formats import format_minutes
from pointsbank.core.masking import mask_name
from pointsbank.core.points import to_decimal
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render, xlsx_response
from pointsbank.honours import policy, services, wording
from pointsbank.honours.forms import AnswerForm, ByHandForm, ListForm
from pointsbank.honours.models import HonourProposal, ProposalState
from pointsbank.honours.pages.room import bp, checked, community, household_numbers, meant
from pointsbank.honours.queries import ladders, register, standing
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK
from pointsbank.publicity import policy as notice_policy


def _values(page: Any = None) -> dict[str, Any]:
    """What the page of proposals shows; the figures are only looked at for who was held back."""
    actor, today = current_actor(), clock.today()
    page = page or register.proposals(community(), cursor=request.args.get("cursor"), limit=50)
    listed = register.to_list(community())
    held = [one for one in standing.candidates(community(), today) if one.is_held_back]
    revocations = register.open_revocations(community())
    ids = [*(p.resident_id for p in [*page.items, *listed]), *(c.resident_id for c in held)]
    names = people.residents_by_id(community(), ids)
    numbers = household_numbers(community(), list(names))
    rows = ladders.rows(community())
    versions = ladders.as_ladders(rows)
    return {
        "page": page, "listed": listed, "held": held, "revocations": revocations, "names": names, "numbers": numbers,
        "steps": {step.id: step for one in versions.values() for step in one.steps}, "versions": versions,
        "ladders": rows, "locked": _locked(page.items, numbers), "may_decide": policy.may_decide(actor),
        "may_write": policy.may_write(actor), "may_make": notice_policy.may_make(actor),
        "list_form": ListForm(formdata=None)}


def _locked(rows: Any, numbers: dict[int, str]) -> dict[int, str]:
    """Why the one who looks can't decide about a row, by its id."""
    actor, today = current_actor(), clock.today()
    facts = facts_of(actor.user_id)
    homes = people.household_on(community(), [row.resident_id for row in rows], today)
    found = {}
    for row in rows:
        home = homes[row.resident_id]
        if row.proposed_by_id is not None and row.proposed_by_id == actor.user_id:
            found[row.id] = _("proposed by you")
        elif facts.is_kin(row.resident_id, home.id if home is not None else None, today):
            found[row.id] = _("your own household")
    return found


@bp.get("/desk/honours")
@guard.staff(*DESK)
def desk() -> Response:
    """What waits: proposals to confirm, confirmed ones for the next list, people held back for no-shows."""
    return render("honours/desk.html", form=AnswerForm(formdata=None), **_values())


@bp.post("/desk/honours/look")
@guard.staff(*DESK)
def look() -> BaseResponse:
    """Look at the figures now, as the job does every night."""
    found = services.propose(current_actor(), community())
    flash_done(ngettext("%(num)d person has newly reached a step. Somebody else confirms it.",
                        "%(num)d people have newly reached a step. Somebody else confirms it.", len(found.proposed))
               if found.proposed else _("Nobody has newly reached a step."))
    return back_to("honours.desk")


@bp.post("/desk/honours/decide")
@guard.staff(*DESK)
def decide() -> BaseResponse:
    """Confirm or decline the ticked proposals."""
    form = AnswerForm()
    ids = [int(text) for text in request.form.getlist("proposal") if text.isdecimal()]
    confirm = request.form.get("do") != "decline"
    try:
        checked(form)
        rows = services.decide(current_actor(), ids, confirm=confirm, answer=form.answer.data or "")
    except DomainError as refusal:
        return form_refused("honours/desk.html", form, refusal, **_values())
    flash_done(ngettext("%(num)d person is confirmed and goes on the next list.",
                        "%(num)d people are confirmed and go on the next list.", len(rows)) if confirm else
               ngettext("%(num)d proposal is declined.", "%(num)d proposals are declined.", len(rows)))
    return back_to("honours.desk")


@bp.post("/desk/honours/list")
@guard.staff(*DESK)
def make_list() -> BaseResponse:
    """A draft notice out of what is confirmed; a second person publishes it."""
    form = ListForm()
    shown = {int(text) for text in request.form.getlist("shown") if text.isdecimal()}
    ticked = {int(text) for text in request.form.getlist("line") if text.isdecimal()}
    try:
        checked(form)
        notice = services.draft_list(current_actor(), leave_out=shown - ticked, resolution=form.resolution.data or "")
    except DomainError as refusal:
        return form_refused("honours/desk.html", AnswerForm(formdata=None), refusal, **_values())
    flash_done(_("The draft is made. Now somebody else checks and publishes it."))
    return back_to("publicity.desk_notice", notice_id=notice.id)


@bp.route("/desk/honours/by-hand", methods=["GET", "POST"])
@guard.staff(*DESK)
def by_hand() -> BaseResponse:
    """Propose somebody whom the job leaves out."""
    form = ByHandForm(data={"person": request.args.get("person", "")})
    found = ladders.in_force(community(), clock.today())
    form.series.choices = [(one.series, one.title) for one in found]
    if request.method == "GET":
        form.series.data = request.args.get("series", type=int)
        return render("honours/by_hand.html", form=form, ladders=found)
    try:
        checked(form)
        services.propose_by_hand(current_actor(), form.series.data, meant(form.person.data), form.reason.data or "")
    except DomainError as refusal:
        return form_refused("honours/by_hand.html", form, refusal, ladders=found)
    flash_done(_("Proposed by hand. Somebody else confirms it."))
    return back_to("honours.desk")


def proposal_rows(rows: list[HonourProposal]) -> list[list[Any]]:
    """Proposals as rows of a sheet."""
    names = people.residents_by_id(community(), [row.resident_id for row in rows])
    numbers = household_numbers(community(), list(names))
    versions = ladders.by_ids(community(), {row.ladder_id for row in rows})
    steps = {step.id: step.name for one in versions.values() for step in one.steps}
    return [[mask_name(names[row.resident_id].name), numbers[row.resident_id], versions[row.ladder_id].title,
             steps[row.step_id], wording.in_period(row.period_key), format_minutes(row.minutes), to_decimal(row.honour),
             row.no_shows, wording.proposal_chip(row)[2]] for row in rows]


@bp.get("/desk/honours/proposals")
@guard.staff(*DESK)
def proposals() -> BaseResponse:
    """The list of who reached which step, with the figures, as a sheet for a meeting."""
    rows = list(register.proposals(community(), ProposalState.PROPOSED, limit=100).items)
    rows += list(register.to_list(community()))
    headings = [_("Name"), _("Household"), _("Ladder"), _("Step"), _("Period"), _("Hours"), _("Honour points"),
                _("No-shows"), _("State")]
    return xlsx_response("honours", sheets.write_xlsx(_("Honours"), headings, proposal_rows(rows)))
