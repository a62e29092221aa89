"""From the list of the month to the notice: drafted by one person, published by another."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import settings
from pointsbank.contributions import services, wording
from pointsbank.contributions.forms import MonthForm, first_of_month
from pointsbank.contributions.models import LineState
from pointsbank.contributions.pages.deeds import form_checked
from pointsbank.contributions.pages.room import bp, community
from pointsbank.core import clock, sheets
from pointsbank.core.errors import DomainError
from pointsbank.core.masking import mask_name
from pointsbank.core.points import to_decimal
from pointsbank.core.web import (
    back_to,
    current_actor,
    flash_done,
    form_refused,
    guard,
    render,
    xlsx_response,
)
from pointsbank.ledger.models import Book
from pointsbank.people.roles import DESK
from pointsbank.publicity import policy as notice_policy
from pointsbank.publicity import queries as notices
from pointsbank.publicity.models import Grouping

ROWS_SHOWN = 300


# ── The month ───────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/month")
@guard.staff(*DESK)
def month() -> Response:
    """What would stand on the notice of a month."""
    chosen = first_of_month(request.args.get("month"), clock.today())
    rows = services.shown(services.month_rows(community(), chosen))
    if request.args.get("format") == "xlsx":
        return _month_xlsx(rows)
    return render("contributions/month.html", form=MonthForm(formdata=None), **_month_values(chosen, rows))


def _month_values(chosen: dt.date, rows: list[services.ListRow]) -> dict[str, Any]:
    later = chosen + dt.timedelta(days=32)
    waiting = [r for r in rows if r.line.state is LineState.PROPOSED]
    return {"month": chosen, "rows": rows[:ROWS_SHOWN], "more": max(len(rows) - ROWS_SHOWN, 0), "count": len(rows),
            "total": sum(r.line.amount for r in waiting if r.line.book is Book.POINTS),
            "earlier": (chosen - dt.timedelta(days=1)).strftime("%Y-%m"),
            "later": later.strftime("%Y-%m") if chosen < clock.today().replace(day=1) else "",
            "settings": settings.of(community()), "drafts": notices.drafts(community()),
            "may_make": notice_policy.may_make(current_actor())}


def _month_xlsx(rows: list[services.ListRow]) -> Response:
    headings = [_("Area"), _("Household"), _("Name"), _("What was done"), _("Item"), _("Day"), _("Points")]
    body = [[r.grouping, r.household.number if r.household else "", mask_name(r.resident.name),
             wording.title(r.contribution, r.unit), f"{r.line.rule_code} {r.line.rule_name}",
             r.contribution.done_on.isoformat(),
             to_decimal(r.line.amount) if r.line.book is not Book.MINUTES else wording.amount(r.line)] for r in rows]
    return xlsx_response("month", sheets.write_xlsx(_("List of the month"), headings, body))


@bp.post("/desk/month")
@guard.staff(*DESK)
def make_notice() -> Response | BaseResponse:
    """A draft out of the ticked lines; a second person publishes it."""
    chosen = first_of_month(request.form.get("month"), clock.today())
    form = MonthForm()
    shown = {int(x) for x in request.form.getlist("shown") if x.isdecimal()}
    ticked = {int(x) for x in request.form.getlist("line") if x.isdecimal()}
    try:
        form_checked(form)
        notice = services.draft_month(current_actor(), chosen, leave_out=shown - ticked,
                                      resolution=form.resolution.data or "", days=getattr(form.days, "number", None),
                                      grouped_by=Grouping(form.grouped_by.data or Grouping.GRID))
    except DomainError as refusal:
        rows = services.shown(services.month_rows(community(), chosen))
        return form_refused("contributions/month.html", form, refusal, **_month_values(chosen, rows))
    flash_done(_("The draft is made. Now somebody else checks and publishes it."))
    return back_to("publicity.desk_notice", notice_id=notice.id)


@bp.post("/desk/notices/<int:notice_id>/publish")
@guard.staff(*DESK)
def publish(notice_id: int) -> BaseResponse:
    """The second person puts a draft on the board."""
    services.publish_notice(current_actor(), notice_id)
    flash_done(_("Published. Print it now and put it on the board."))
    return back_to("publicity.desk_notice", notice_id=notice_id)


@bp.post("/desk/notices/<int:notice_id>/discard")
@guard.staff(*DESK)
def discard(notice_id: int) -> BaseResponse:
    """Throw a draft away; its lines wait for the next one."""
    services.discard_notice(current_actor(), notice_id)
    flash_done(_("The draft is thrown away. Its lines wait for the next list."))
    return back_to("publicity.desk")
