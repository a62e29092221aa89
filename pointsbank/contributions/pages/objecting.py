"""Objections: brought by residents, entered for others from paper, answered at the desk, the answer as a letter."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.contributions import policy, queries, services
from pointsbank.contributions.forms import DecisionForm, ObjectionForm, PaperObjectionForm
from pointsbank.contributions.pages.deeds import form_checked
from pointsbank.contributions.pages.room import bp, community
from pointsbank.contributions.services.publishing import line_of
from pointsbank.core import clock, sheets
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
    xlsx_response,
)
from pointsbank.media import queries as media_queries
from pointsbank.media import services as media
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK
from pointsbank.publicity import policy as notice_policy
from pointsbank.publicity import queries as notices
from pointsbank.publicity import wording as notice_words
from pointsbank.publicity.models import NoticeLine, Objection, ObjectionState, PublicNotice


@bp.route("/notices/<int:notice_id>/lines/<int:line_id>/object", methods=["GET", "POST"])
@guard.signed_in
@reads_first
def object_form(notice_id: int, line_id: int) -> Response | BaseResponse:
    """Object to one line, oneself or, for somebody with a slip of paper, through a member."""
    actor = current_actor()
    may_enter = notice_policy.may_enter_on_paper(actor)
    paper = request.values.get("paper") == "1" or (actor.resident_id is None and may_enter)
    if (paper and not may_enter) or (not paper and actor.resident_id is None):
        return redirect(url_for("people.for_whom", next=request.path), 303)
    form = PaperObjectionForm() if paper else ObjectionForm()
    if not form.is_submitted():
        return render("contributions/object_form.html", form=form, **_form_values(notice_id, line_id, paper))
    try:
        form_checked(form)
        photos = media.prepare_uploads([request.files.get("photo")], most=1) if paper else []
        begin_write()
        _object(form, line_id, paper, photos)
    except DomainError as refusal:
        return form_refused("contributions/object_form.html", form, refusal, **_form_values(notice_id, line_id, paper))
    flash_done(_("Received. This line waits now; the answer comes in writing within 7 working days."))
    if paper and current_actor().has_role(*DESK):
        return back_to("publicity.desk_notice", notice_id=notice_id)
    return back_to("publicity.notice", notice_id=notice_id)


def _object(form: Any, line_id: int, paper: bool, photos: list[Any]) -> None:
    actor = current_actor()
    stored = [media.store(actor, None, "", "objection", prepared=one).id for one in photos]
    services.object_to(actor, line_id, form.text.data or "", contact=form.contact.data or "",
                       paper=form.paper() if paper else None, photo_ids=stored)


def _form_values(notice_id: int, line_id: int, paper: bool) -> dict[str, Any]:
    """Read anew: what was read before the write lock is gone."""
    line = notices.line(community(), line_id)
    if line.notice_id != notice_id:
        raise NotFound
    return {"notice": notices.notice(notice_id), "line": line, "paper": paper,
            "may_enter": notice_policy.may_enter_on_paper(current_actor())}


@bp.get("/objections")
@guard.signed_in
def my_objections() -> Response:
    """What the resident acted for objected to, and what the visitor entered for others, with the answers."""
    page = notices.objections_of(current_actor(), cursor=request.args.get("cursor"))
    return render("contributions/my_objections.html", page=page, **_around(page.items))


def _around(found: Any) -> dict[str, Any]:
    lines: dict[int, NoticeLine] = notices.lines_by_id(community(), {o.line_id for o in found})
    boards: dict[int, PublicNotice] = notices.notices_by_id(community(), {o.notice_id for o in found})
    return {"lines": lines, "boards": boards}


@bp.get("/objections/<int:objection_id>/letter")
@guard.signed_in
def letter(objection_id: int) -> Response:
    """The written answer on A4, to be handed over: for the objector, whoever entered it, and the desk."""
    found = notices.letter(current_actor(), objection_id)
    around = _around([found])
    line, notice = around["lines"][found.line_id], around["boards"][found.notice_id]
    return render("contributions/letter.html", objection=found, line=line, notice=notice, place=communities.area(
        found.community_id), settings=settings.of(found.community_id), **_objector(found))


def _objector(found: Objection) -> dict[str, Any]:
    """Name and household of who objects: as written on the paper, else of the resident on that day."""
    if found.resident_id is None or found.objector_name:
        return {"objector": found.objector_name, "household": found.objector_household}
    home = people.household_on(found.community_id, [found.resident_id], clock.local_date(found.opened_at))
    resident, household = people.resident(found.community_id, found.resident_id), home[found.resident_id]
    return {"objector": resident.name, "household": household.number if household is not None else ""}


# ── Desk ────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    headings = [_("Notice"), _("Line"), _("Objection"), _("On paper"), _("Received"), _("Answer due"), _("State"),
                _("Answer")]
    rows = [[notice_words.number_label(around["boards"][o.notice_id]), around["lines"][o.line_id].position, o.text,
             _("yes") if o.on_paper else "", clock.local(o.opened_at).strftime("%Y-%m-%d %H:%M"),
             o.answer_due_on.isoformat(), notice_words.objection_chip(o)[2], o.answer] for o in found]
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
    flash_done(_("Answered in writing. The line is settled. Print the letter and hand it over."))
    return back_to("contributions.objection", objection_id=objection_id)


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
    key = f"objection:{found.id}"
    return {"objection": found, "line": line, "notice": notices.desk_notice(community(), found.notice_id), "deed": deed,
            "is_open": found.state is ObjectionState.OPEN, "barred": barred, "may_decide": policy.is_judge(actor),
            "photos": media_queries.photos_of(community(), [key])[key], **_objector(found),
            "names": people.names_of_users([found.entered_by_id, found.decided_by_id or 0])}
