"""Requests for a review: asked on the page of a deed or from paper, answered at the desk, printed as a letter."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.contributions import policy, queries, services
from pointsbank.contributions.appeal_forms import AnswerAppealForm, AskForm, PaperAskForm, PutRightForm
from pointsbank.contributions.models import Appeal, AppealState, Contribution
from pointsbank.contributions.pages.deeds import form_checked, story
from pointsbank.contributions.pages.room import bp, community
from pointsbank.contributions.services.appealing import check_independent
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
)
from pointsbank.media import queries as media_queries
from pointsbank.media import services as media
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK
from pointsbank.publicity import queries as notices
from pointsbank.rules import queries as rules


@bp.route("/deeds/<int:deed_id>/ask", methods=["GET", "POST"])
@guard.signed_in
@reads_first
def ask_review(deed_id: int) -> Response | BaseResponse:
    """Ask for a review of a deed, oneself or, for somebody with a slip of paper, through a member."""
    paper = request.values.get("paper") == "1"
    form = PaperAskForm() if paper else AskForm()
    if not form.is_submitted():
        return render("contributions/ask_review.html", form=form, **_ask_values(deed_id, paper))
    try:
        form_checked(form)
        photos = media.prepare_uploads([request.files.get("photo")], most=1) if paper else []
        begin_write()
        actor = current_actor()
        stored = [media.store(actor, None, "", "objection", prepared=one).id for one in photos]
        reason = form.paper_reason.data or "" if isinstance(form, PaperAskForm) else ""
        found = services.ask_review(actor, deed_id, form.text.data or "", on_paper=paper, paper_reason=reason,
                                    photo_ids=stored)
    except DomainError as refusal:
        return form_refused("contributions/ask_review.html", form, refusal, **_ask_values(deed_id, paper))
    flash_done(_("Received. The answer comes in writing within 7 working days."))
    if paper and current_actor().has_role(*DESK):
        return back_to("contributions.appeal", appeal_id=found.id)
    return back_to("contributions.deed", deed_id=deed_id)


def _ask_values(deed_id: int, paper: bool) -> dict[str, Any]:
    """Read anew: what was read before the write lock is gone."""
    actor = current_actor()
    found = queries.deed(actor, deed_id)
    if not (policy.may_ask_on_paper if paper else policy.may_ask_review)(actor, found):
        raise NotFound
    return {"deed": found, "paper": paper, "chance": queries.appeals.chance(found),
            "resident": people.resident(found.community_id, found.resident_id)}


@bp.get("/appeals")
@guard.signed_in
def my_appeals() -> Response:
    """What the resident acted for asked to be looked at again, and what the visitor entered for others."""
    page = queries.appeals.appeals_of(current_actor(), cursor=request.args.get("cursor"))
    return render("contributions/my_appeals.html", page=page, **around(page.items))


def around(found: Any) -> dict[str, Any]:
    """The deeds of requests and where each stands, in a constant number of statements."""
    standings = queries.appeals.standings(community(), found)
    deeds = queries.by_ids(community(), {a.contribution_id for a in found})
    shown = {line.notice_id for s in standings.values() for line in s.lines if line.notice_id is not None}
    return {"standings": standings, "deeds": deeds, "boards": notices.notices_by_id(community(), shown),
            "residents": people.residents_by_id(community(), {a.resident_id for a in found})}


@bp.post("/appeals/<int:appeal_id>/withdraw")
@guard.signed_in
def withdraw_appeal(appeal_id: int) -> BaseResponse:
    """Take a request back before it is answered."""
    done = services.withdraw_appeal(current_actor(), appeal_id)
    flash_done(_("You took the request back."))
    return back_to("contributions.deed", deed_id=done.contribution_id)


@bp.get("/appeals/<int:appeal_id>/letter")
@guard.signed_in
def appeal_letter(appeal_id: int) -> Response:
    """The written answer on A4: for the resident, whoever entered the request, and the desk. Raises NotFound before."""
    found = queries.appeals.appeal(current_actor(), appeal_id)
    if found.state not in {AppealState.UPHELD, AppealState.DISMISSED}:
        raise NotFound
    values = around([found])
    deed = values["deeds"][found.contribution_id]
    homes = people.households_by_id(community(), [deed.household_id] if deed.household_id else [])
    return render("contributions/appeal_letter.html", appeal=found, deed=deed, home=homes.get(deed.household_id or 0),
                  resident=values["residents"][found.resident_id], standing=values["standings"][found.id],
                  boards=values["boards"], place=communities.area(found.community_id),
                  settings=settings.of(found.community_id))


# ── Desk ────────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/appeals")
@guard.staff(*DESK)
def appeals() -> Response:
    """Requests for a review: what is to be done, the overdue first, or all, the newest first."""
    everything = request.args.get("only") == "all"
    page = queries.appeals.appeals(community(), open_only=not everything, cursor=request.args.get("cursor"))
    values = around(page.items)
    return render("contributions/appeals.html", page=page, everything=everything, **values,
                  above=queries.appeals.without_judge(community(), page.items, values["deeds"]))


@bp.route("/desk/appeals/<int:appeal_id>", methods=["GET", "POST"])
@guard.staff(*DESK)
def appeal(appeal_id: int) -> Response | BaseResponse:
    """One request: what it says, the deed with its reasons, and the written answer."""
    form = AnswerAppealForm()
    values = _values(appeal_id)
    form.offer(rules.items(community(), on=values["deed"].done_on))
    if not form.is_submitted():
        return render("contributions/appeal.html", form=form, **values)
    try:
        form_checked(form)
        services.decide_appeal(current_actor(), appeal_id, form.outcome.data == "upheld", form.answer.data or "",
                               form.figures())
    except DomainError as refusal:
        return form_refused("contributions/appeal.html", form, refusal, **values)
    flash_done(_("Answered in writing. Print the letter and hand it over."))
    return back_to("contributions.appeal", appeal_id=appeal_id)


@bp.post("/desk/appeals/<int:appeal_id>/propose")
@guard.staff(*DESK)
def put_right(appeal_id: int) -> Response | BaseResponse:
    """Propose anew how an upheld request is put right."""
    form = PutRightForm()
    values = _values(appeal_id)
    form.offer(rules.items(community(), on=values["deed"].done_on))
    try:
        form_checked(form)
        services.put_right(current_actor(), appeal_id, form.reason.data or "", form.figures())
    except DomainError as refusal:
        return form_refused("contributions/appeal.html", form, refusal, **values)
    flash_done(_("Proposed. Somebody else confirms it before anything changes."))
    return back_to("contributions.appeal", appeal_id=appeal_id)


def _values(appeal_id: int) -> dict[str, Any]:
    actor = current_actor()
    found = queries.appeals.appeal(actor, appeal_id)
    values = around([found])
    deed = values["deeds"][found.contribution_id]
    told = story(deed)
    standing = values["standings"][found.id]
    key = f"appeal:{found.id}"
    anew = PutRightForm(formdata=None)
    anew.offer(rules.items(community(), on=deed.done_on))
    return {**told, "boards": {**told["boards"], **values["boards"]}, "appeal": found, "standing": standing,
            "paper_photos": media_queries.photos_of(community(), [key])[key], "barred": _barred(actor, found, deed),
            "may_decide": policy.is_judge(actor), "anew_form": anew,
            "above": queries.appeals.without_judge(community(), [found], values["deeds"]),
            "names": {**told["names"], **people.names_of_users([found.entered_by_id, found.decided_by_id or 0])}}


def _barred(actor: Any, found: Appeal, deed: Contribution) -> str:
    """Why this visitor doesn't answer it, in a sentence; empty where they may."""
    if found.state is not AppealState.OPEN:
        return ""
    try:
        check_independent(actor, found, deed)
    except DomainError as refusal:
        return refusal.sentence
    return ""
