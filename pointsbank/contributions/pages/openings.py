"""Opening balances: one person brings the sheet, another confirms it, a notice shows it, then it is posted."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.contributions import services
from pointsbank.contributions.forms import OpeningForm
from pointsbank.contributions.pages.deeds import form_checked
from pointsbank.contributions.pages.room import bp, community
from pointsbank.core.errors import DomainError
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
)
from pointsbank.ledger import policy as ledger_policy
from pointsbank.ledger import queries as ledger_queries
from pointsbank.ledger import services as ledger
from pointsbank.ledger.errors import BadOpeningRows
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK
from pointsbank.publicity import policy as notice_policy

ROWS_SHOWN = 300


@bp.get("/desk/opening")
@guard.staff(*DESK)
def openings() -> Response:
    """All sheets brought in, and the form for a new one."""
    return render("contributions/openings.html", form=OpeningForm(formdata=None), **_values())


def _values() -> dict[str, object]:
    batches = ledger_queries.opening_batches(community())
    return {"batches": batches, "names": people.names_of_users({b.imported_by_id for b in batches}), "bad": [],
            "may_bring": ledger_policy.may_open(current_actor())}


@bp.post("/desk/opening")
@reads_first
@guard.staff(*DESK)
def bring_opening() -> Response | BaseResponse:
    """Read a sheet, all of its rows or none; each row that isn't understood is listed with its number."""
    form = OpeningForm()
    try:
        form_checked(form)
        file = form.file.data
        rows = ledger.read_opening(file.read())
        begin_write()
        batch = ledger.import_opening(current_actor(), rows, file.filename or "")
    except BadOpeningRows as refusal:
        values = {**_values(), "bad": refusal.data["rows"][:ROWS_SHOWN]}
        return form_refused("contributions/openings.html", form, refusal, **values)
    except DomainError as refusal:
        return form_refused("contributions/openings.html", form, refusal, **_values())
    flash_done(_("Read. Now somebody else compares it with the paper book and confirms it."))
    return back_to("contributions.opening", batch_id=batch.id)


@bp.get("/desk/opening/<int:batch_id>")
@guard.staff(*DESK)
def opening(batch_id: int) -> Response:
    """One sheet with its rows, and the next step."""
    lines = ledger.opening_lines(community(), batch_id)
    batch = next(b for b in ledger_queries.opening_batches(community()) if b.id == batch_id)
    actor = current_actor()
    return render("contributions/opening.html", batch=batch, lines=lines[:ROWS_SHOWN], count=len(lines),
                  total=sum(line.amount for line in lines if line.struck_because is None),
                  names=people.names_of_users([batch.imported_by_id, batch.confirmed_by_id or 0]),
                  brought_it=batch.imported_by_id == actor.user_id, may_bring=ledger_policy.may_open(actor),
                  may_make=notice_policy.may_make(actor))


@bp.post("/desk/opening/<int:batch_id>/confirm")
@guard.staff(*DESK)
def confirm_opening(batch_id: int) -> BaseResponse:
    """The second person has compared it with the paper book."""
    ledger.confirm_opening(current_actor(), batch_id)
    flash_done(_("Confirmed. Next, make the notice from it."))
    return back_to("contributions.opening", batch_id=batch_id)


@bp.post("/desk/opening/<int:batch_id>/notice")
@guard.staff(*DESK)
def opening_notice(batch_id: int) -> BaseResponse:
    """Make the notice that shows the balances."""
    notice = services.draft_opening(current_actor(), batch_id)
    flash_done(_("The draft is made. Now somebody else checks and publishes it."))
    return back_to("publicity.desk_notice", notice_id=notice.id)


@bp.post("/desk/opening/<int:batch_id>/withdraw")
@guard.staff(*DESK)
def withdraw_opening(batch_id: int) -> BaseResponse:
    """Give a sheet up before anything of it was posted."""
    ledger.withdraw_opening(current_actor(), batch_id, request.form.get("reason", "").strip()[:200])
    flash_done(_("Given up. You can bring a corrected sheet."))
    return back_to("contributions.openings")
