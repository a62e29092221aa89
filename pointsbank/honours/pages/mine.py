"""One's own honours: stars and what is missing, certificates, being shown or not."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core import clock
from pointsbank.core.errors import DomainError
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.honours import services
from pointsbank.honours.forms import CertificateForm
from pointsbank.honours.pages.room import bp, checked, community
from pointsbank.honours.queries import certificates, register
from pointsbank.honours.queries import mine as mines
from pointsbank.honours.queries.standing import owner_key
from pointsbank.people import queries as people
from pointsbank.publicity import queries as notices


@bp.get("/honours")
@guard.resident
def mine() -> Response:
    """My stars, what is still missing to the next one, what was granted, and which votes are open."""
    actor = current_actor()
    found = mines.mine(actor)
    resident_id = actor.resident_id or 0
    home = people.household_on(community(), [resident_id], clock.today())[resident_id]
    owners = [owner_key(resident_id), *([f"household:{home.id}"] if home is not None else [])]
    return render("honours/mine.html", found=found, years=register.own_years(community(), owners),
                  own_key=owners[0], papers=len(certificates.mine(actor)))


@bp.post("/honours/shown")
@guard.resident
def shown() -> BaseResponse:
    """Stand on the board of honours, or don't."""
    is_shown = request.form.get("shown") == "1"
    services.show_me(current_actor(), shown=is_shown)
    flash_done(_("You stand on the board again, with a masked name.") if is_shown else
               _("You don't stand on the board any more. Your honours stay yours."))
    return back_to("honours.mine")


@bp.get("/certificates")
@guard.resident
def my_certificates() -> Response:
    """My certificates of service, with what they are waiting for."""
    rows = certificates.mine(current_actor())
    boards = notices.notices_by_id(community(), {row.notice_id for row in rows if row.notice_id is not None})
    return render("honours/my_certificates.html", rows=rows, boards=boards)


@bp.route("/certificates/new", methods=["GET", "POST"])
@guard.resident
def new_certificate() -> BaseResponse:
    """Ask for a certificate."""
    form = CertificateForm()
    if request.method == "GET":
        form.since_on.data, form.until_on.data = clock.today().replace(month=1, day=1), clock.today()
        return render("honours/new_certificate.html", form=form)
    try:
        checked(form)
        services.request_certificate(current_actor(), form.since_on.data, form.until_on.data,
                                     purpose=form.purpose.data or "", volunteer_number=form.volunteer_number.data or "")
    except DomainError as refusal:
        return form_refused("honours/new_certificate.html", form, refusal)
    flash_done(_("Asked for. The office gathers your hours, they hang out for seven days, then you get it."))
    return back_to("honours.my_certificates")
