"""The register of granted honours, and taking one back."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core import clock, sheets
from pointsbank.core.errors import DomainError
from pointsbank.core.formats import format_minutes
from pointsbank.core.masking import mask_name
from pointsbank.core.points import to_decimal
from pointsbank.core.web import back_to, current_actor, flash_done, guard, render, status_of, xlsx_response
from pointsbank.honours import policy, services, wording
from pointsbank.honours.forms import AnswerForm, RevocationForm
from pointsbank.honours.models import HonourAward, HonourRevocation, RevocationState
from pointsbank.honours.pages.room import bp, checked, community, household_numbers, show_refusal
from pointsbank.honours.queries import register
from pointsbank.honours.reaching import cycle_of
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK


@bp.get("/desk/honours/awards")
@guard.staff(*DESK)
def awards() -> BaseResponse:
    """The register by number, newest first; as a sheet the whole of it."""
    if request.args.get("format") == "xlsx":
        return _sheet(list(register.all_awards(community())))
    page = register.awards(community(), cursor=request.args.get("cursor"))
    names = people.residents_by_id(community(), {row.resident_id for row in page.items})
    return render("honours/awards.html", page=page, names=names, undone=_undone(page.items),
                  numbers=household_numbers(community(), list(names)))


def _undone(rows: Any) -> dict[int, HonourRevocation]:
    """The confirmed revocation of each award that has one."""
    found = register.revocations_of(community(), [row.id for row in rows])
    return {award_id: one for award_id, all_of in found.items() for one in all_of
            if one.state is RevocationState.CONFIRMED}


def _sheet(rows: list[HonourAward]) -> BaseResponse:
    names = people.residents_by_id(community(), {row.resident_id for row in rows})
    numbers, undone = household_numbers(community(), list(names)), _undone(rows)
    body = [[f"{row.year}-{row.number}", mask_name(names[row.resident_id].name), numbers[row.resident_id],
             row.ladder_title,
             row.step_name, wording.in_period(row.period_key), format_minutes(row.minutes), to_decimal(row.honour),
             row.granted_on.isoformat(), undone[row.id].revoked_on.isoformat() if row.id in undone else ""]
            for row in rows]
    headings = [_("Number"), _("Name"), _("Household"), _("Ladder"), _("Step"), _("Period"), _("Hours"),
                _("Honour points"), _("Granted on"), _("Taken back on")]
    return xlsx_response("honours-register", sheets.write_xlsx(_("Register of honours"), headings, body))


@bp.get("/desk/honours/awards/<int:award_id>")
@guard.staff(*DESK)
def award(award_id: int) -> Response:
    """One honour: whose, by which figures, and what was decided about taking it back."""
    return _shown(award_id)


def _shown(award_id: int, status: int = 200, **forms: Any) -> Response:
    row = register.award(community(), award_id)
    revocations = register.revocations_of(community(), [row.id])[row.id]
    users = {u for one in revocations for u in (one.proposed_by_id, one.decided_by_id) if u is not None}
    form = forms.get("form") or RevocationForm(formdata=None, revoked_on=clock.today())
    return render(
        "honours/award.html", status, row=row, resident=people.resident(row.community_id, row.resident_id),
        revocations=revocations, names=people.names_of_users(users), form=form,
        answer=forms.get("answer") or AnswerForm(formdata=None), may_decide=policy.may_decide(current_actor()),
        is_undone=any(one.state is not RevocationState.REFUSED for one in revocations),
        has_sheet=(cycle_of(row.period_key) or 1) == 1)


@bp.post("/desk/honours/awards/<int:award_id>/revoke")
@guard.staff(*DESK)
def revoke(award_id: int) -> BaseResponse:
    """Propose to take an honour back."""
    form = RevocationForm()
    try:
        checked(form)
        services.propose_revocation(current_actor(), award_id, form.resolution.data or "", form.revoked_on.data)
    except DomainError as refusal:
        show_refusal(form, refusal)
        return _shown(award_id, status_of(refusal), form=form)
    flash_done(_("Proposed. It counts once somebody else has confirmed it."))
    return back_to("honours.award", award_id=award_id)


@bp.post("/desk/honours/awards/<int:award_id>/revocations/<int:revocation_id>")
@guard.staff(*DESK)
def decide_revocation(award_id: int, revocation_id: int) -> BaseResponse:
    """The second person confirms, or refuses with a reason."""
    form, confirm = AnswerForm(), request.form.get("do") != "refuse"
    try:
        checked(form)
        services.decide_revocation(current_actor(), revocation_id, confirm=confirm, answer=form.answer.data or "")
    except DomainError as refusal:
        show_refusal(form, refusal)
        return _shown(award_id, status_of(refusal), answer=form)
    flash_done(_("Revoked. The resident has been told.") if confirm else _("The honour stands."))
    return back_to("honours.award", award_id=award_id)
