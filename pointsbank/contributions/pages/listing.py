"""From the list of the month to the notice, and objections: filed by residents, answered at the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import settings
from pointsbank.contributions import policy, queries, services, wording
from pointsbank.contributions.forms import (
    DecisionForm,
    MonthForm,
    ObjectionForm,
    PaperObjectionForm,
    first_of_month,
)
from pointsbank.contributions.models import LineState
from pointsbank.contributions.pages.deeds import form_checked
from pointsbank.contributions.pages.room import bp, community
from pointsbank.contributions.services.publishing import line_of
from pointsbank.core import clock, sheets
from pointsbank.core.errors import DomainError, NotFound
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
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK
from pointsbank.publicity import policy as notice_policy
from pointsbank.publicity import queries as notices
from pointsbank.publicity.models import NoticeLine, ObjectionState, PublicNotice

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
                                      resolution=form.resolution.data or "", days=getattr(form.days, "number", None))
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


# ── Objections ──────────────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/notices/<int:notice_id>/lines/<int:line_id>/object", methods=["GET", "POST"])
@guard.signed_in
def object_form(notice_id: int, line_id: int) -> Response | BaseResponse:
    """Object to one line, oneself or on paper through a member."""
    actor = current_actor()
    line = notices.line(community(), line_id)
    notice = notices.notice(line.notice_id)
    if notice.id != notice_id:
        raise NotFound
    paper = request.values.get("paper") == "1" or actor.resident_id is None
    if paper and not notice_policy.may_enter_on_paper(actor):
        return redirect(url_for("people.for_whom", next=request.path), 303)
    form = PaperObjectionForm() if paper else ObjectionForm()
    values = {"notice": notice, "line": line, "paper": paper}
    if not form.is_submitted():
        return render("contributions/object_form.html", form=form, **values)
    try:
        form_checked(form)
        services.object_to(actor, line_id, form.text.data or "", contact=form.contact.data or "", on_paper=paper)
    except DomainError as refusal:
        return form_refused("contributions/object_form.html", form, refusal, **values)
    flash_done(_("Received. This line waits now; the answer comes in writing within 7 working days."))
    if paper:
        return back_to("publicity.desk_notice", notice_id=notice_id)
    return back_to("publicity.notice", notice_id=notice_id)


@bp.get("/objections")
@guard.resident
def my_objections() -> Response:
    """What the resident acted for objected to, with the answers."""
    actor = current_actor()
    page = notices.objections_of(community(), actor.resident_id or 0, cursor=request.args.get("cursor"))
    return render("contributions/my_objections.html", page=page, **_around(page.items))


def _around(found: Any) -> dict[str, Any]:
    lines: dict[int, NoticeLine] = notices.lines_by_id(community(), {o.line_id for o in found})
    boards: dict[int, PublicNotice] = notices.notices_by_id(community(), {o.notice_id for o in found})
    return {"lines": lines, "boards": boards}


@bp.get("/desk/objections")
@guard.staff(*DESK)
def objections() -> Response:
    """All objections, newest first."""
    only_open = request.args.get("only") == "open"
    if request.args.get("format") == "xlsx":
        return _objections_xlsx(notices.objections(community(), limit=100).items)
    page = notices.objections(community(), is_open_only=only_open, cursor=request.args.get("cursor"))
    return render("contributions/objections.html", page=page, only_open=only_open, **_around(page.items))


def _objections_xlsx(found: Any) -> Response:
    around = _around(found)
    headings = [_("Notice"), _("Line"), _("Objection"), _("Received"), _("Answer due"), _("State"), _("Answer")]
    from pointsbank.publicity import wording as notice_words

    rows = [[notice_words.number_label(around["boards"][o.notice_id]), around["lines"][o.line_id].position, o.text,
             clock.local(o.opened_at).strftime("%Y-%m-%d %H:%M"), o.answer_due_on.isoformat(),
             notice_words.objection_chip(o)[2], o.answer] for o in found]
    return xlsx_response("objections", sheets.write_xlsx(_("Objections"), headings, rows))


@bp.route("/desk/objections/<int:objection_id>", methods=["GET", "POST"])
@guard.staff(*DESK)
def objection(objection_id: int) -> Response | BaseResponse:
    """One objection: what it says, the deed behind the line, and the written answer."""
    form = DecisionForm()
    values = _objection_values(objection_id)
    if not form.is_submitted():
        return render("contributions/objection.html", form=form, **values)
    try:
        form_checked(form)
        services.decide_objection(current_actor(), objection_id, form.outcome.data == "upheld", form.answer.data or "")
    except DomainError as refusal:
        return form_refused("contributions/objection.html", form, refusal, **values)
    flash_done(_("Answered in writing. The line is settled."))
    return back_to("publicity.desk")


def _objection_values(objection_id: int) -> dict[str, Any]:
    actor = current_actor()
    found = notices.objection(community(), objection_id)
    line = notices.line(community(), found.line_id)
    award = line_of(community(), line.source_key)
    deed = queries.by_ids(community(), [award.contribution_id])[award.contribution_id] if award is not None else None
    facts = queries.facts_of(actor.user_id)
    household = line.household_id is not None and facts.is_kin(-1, line.household_id, line.done_on or clock.today())
    barred = (actor.user_id in line.barred_user_ids or household or found.entered_by_id == actor.user_id
              or found.resident_id in facts.resident_ids)
    residents = people.residents_by_id(community(), [found.resident_id] if found.resident_id is not None else [])
    return {"objection": found, "line": line, "notice": notices.desk_notice(community(), found.notice_id), "deed": deed,
            "is_open": found.state is ObjectionState.OPEN, "barred": barred, "may_decide": policy.is_judge(actor),
            "objector": residents.get(found.resident_id or 0),
            "names": people.names_of_users([found.entered_by_id, found.decided_by_id or 0])}
