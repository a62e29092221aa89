"""The list of cases, the page of one, and what its second person says."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.media import queries as media
from pointsbank.people import queries as people
from pointsbank.people.pages.room import community_of
from pointsbank.people.roles import DESK, OFFICE
from pointsbank.succession import policy, queries, services
from pointsbank.succession.forms import AnswerForm
from pointsbank.succession.models import ChangeState, HouseholdChange
from pointsbank.succession.pages.room import bp
from pointsbank.succession.services.undoing import UNDOABLE


@bp.get("/desk/household-changes")
@guard.staff(*DESK)
def changes() -> Response:
    """All cases, newest first; above them the households that need one."""
    community_id, only_open = community_of(current_actor()), request.args.get("only") == "open"
    page = queries.changes(community_id, open_only=only_open, cursor=request.args.get("cursor"))
    first = not request.args.get("cursor")
    return render("succession/changes.html", page=page, only_open=only_open,
                  numbers=queries.numbers_of(community_id, page.items),
                  names=people.names_of_users({c.proposed_by_id for c in page.items}),
                  headless=queries.headless(community_id) if first else [],
                  deserted=queries.deserted(community_id) if first else [],
                  may_change=policy.may_change(current_actor()))


@bp.get("/desk/household-changes/<int:change_id>")
@guard.staff(*DESK)
def change(change_id: int) -> Response:
    """One case: what it comes to, or what it did; who entered and who confirmed it."""
    return _shown(queries.change(current_actor().community_id, change_id))


def _shown(found: HouseholdChange, form: AnswerForm | None = None, refusal: DomainError | None = None) -> Response:
    actor, trouble = current_actor(), None
    told = None
    try:
        told = queries.stated(found) if found.state is ChangeState.CONFIRMED else queries.foreseen(found)
    except DomainError as wrong:
        trouble = wrong  # shown with the case: it can then only be refused or withdrawn
    undone = queries.undone_by(found.id)
    values = {
        "change": found, "told": told, "trouble": trouble,
        "numbers": queries.numbers_of(found.community_id, [found]),
        "names": people.names_of_users({found.proposed_by_id, found.decided_by_id or 0}),
        "photos": media.photos_of(found.community_id, [found.key])[found.key],
        "is_open": found.state is ChangeState.PROPOSED, "proposed_it": found.proposed_by_id == actor.user_id,
        "may_change": policy.may_change(actor), "undone": undone,
        "may_undo": found.state is ChangeState.CONFIRMED and found.kind in UNDOABLE and undone is None,
        "waiting": queries.remainder(found.community_id, found.resident_id) if found.resident_id else None}
    answer = form or AnswerForm(formdata=None)
    if refusal is not None:
        return form_refused("succession/change.html", answer, refusal, **values)
    return render("succession/change.html", form=answer, **values)


@bp.post("/desk/household-changes/<int:change_id>/confirm")
@guard.staff(*OFFICE)
def confirm(change_id: int) -> Response:
    """The second person agrees; it is done at once."""
    found = services.confirm(current_actor(), change_id)
    flash_done(_("Done, as No. %(number)s. Everybody concerned has been told.", number=found.number))
    return back_to("succession.change", change_id=found.id)


@bp.post("/desk/household-changes/<int:change_id>/refuse")
@guard.staff(*OFFICE)
def refuse(change_id: int) -> Response:
    """The second person disagrees, with a reason."""
    form = AnswerForm()
    try:
        if not form.validate():
            raise Invalid
        services.refuse(current_actor(), change_id, form.answer.data or "")
    except DomainError as refusal:
        return _shown(queries.change(current_actor().community_id, change_id), form, refusal)
    flash_done(_("Refused. Nothing has changed."))
    return back_to("succession.changes")


@bp.post("/desk/household-changes/<int:change_id>/withdraw")
@guard.staff(*OFFICE)
def withdraw(change_id: int) -> Response:
    """Whoever entered it takes it back."""
    services.withdraw(current_actor(), change_id)
    flash_done(_("Withdrawn. Nothing has changed."))
    return back_to("succession.changes")


@bp.post("/desk/households/<int:household_id>/dissolve")
@guard.staff(*OFFICE)
def dissolve(household_id: int) -> Response:
    """An empty household that was entered by mistake comes off the list."""
    services.dissolve(current_actor(), household_id)
    flash_done(_("The household is closed."))
    return back_to("people.households")
