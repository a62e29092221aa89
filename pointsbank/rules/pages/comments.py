"""Drafts that are open for comment: everybody reads and says what they think, the desk answers."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.core import clock, tenancy
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import DomainError, Invalid, NotFound, lazy
from pointsbank.core.points import NotPoints
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.people.roles import DESK
from pointsbank.rules import papers, policy, queries, services
from pointsbank.rules.document_forms import AnswerForm, CommentForm, OpenForm, PaperCommentForm
from pointsbank.rules.evaluation import Version
from pointsbank.rules.models import CommentRound, CommentState, ScoringStandard
from pointsbank.rules.packing import unpacked_version
from pointsbank.rules.pages.room import SHARED, bp, community, load, page_of
from pointsbank.rules.services.commenting import SUGGESTED_DAYS

AROUND = {**SHARED, "section": "boards.around"}


# ── For everybody ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/rules/comments")
@guard.public
def comments() -> Response:
    """A draft as it was put before everybody, and what was said about it, names masked."""
    if not request.args.get("community") and current_actor().community_id is None:
        return cast(Response, back_to("rules.public"))  # where a visitor chooses a community
    values = _public_page()
    return render("rules/comments.html", form=_form(values), **values)


def _public_page(standard_id: int | None = None) -> dict[str, Any]:
    """The round asked for, by version or of the draft; the latest of the community otherwise."""
    code, number = request.args.get("community", ""), request.args.get("version", type=int)
    community_id = communities.community_by_code(code).id if code else community()
    with tenancy.visiting(community_id):
        standard, heard = _round_of(community_id, standard_id, number)
        if standard is None or heard is None:
            return {"standard": None, "place": communities.area(community_id), "code": code, **AROUND}
        version = unpacked_version(heard.snapshot, standard.number)
        before = queries.compared_with(standard)
        page = papers.comments(community_id, standard.id, cursor=request.args.get("cursor"))
        at_home = current_actor().community_id == community_id
        return {"standard": standard, "heard": heard, "version": version, "before": before, "page": page, "code": code,
                "changes": queries.said_differences(before, version) if before is not None else [],
                "names": papers.public_names(community_id, page.items), "place": communities.area(community_id),
                "counts": papers.counts(community_id, standard.id), "is_heard": heard.is_heard(clock.today()),
                "may_speak": at_home and current_actor().resident_id is not None, "at_home": at_home,
                "may_enter": at_home and policy.may_enter_comments(current_actor()),
                "own": {c.id for c in page.items if at_home and papers.is_author(current_actor(), c)}, **AROUND}


def _round_of(community_id: int, standard_id: int | None,
              number: int | None) -> tuple[ScoringStandard | None, CommentRound | None]:
    if standard_id is None and number is not None:
        found = next((s for s in queries.standards(community_id) if s.number == number), None)
        if found is None:
            raise NotFound
        standard_id = found.id
    heard = papers.last_round(community_id, standard_id)
    if heard is None:
        if standard_id is not None:
            raise NotFound  # a draft that nobody was asked about does not exist for the public
        return None, None
    return get_scoped(ScoringStandard, heard.standard_id, community_id), heard


def _form(values: dict[str, Any]) -> CommentForm:
    form = CommentForm(formdata=None)
    version: Version | None = values.get("version")
    if version is not None:
        form.offer(version)
        form.about.data = request.args.get("item", "")
    return form


@bp.post("/rules/comments/<int:standard_id>")
@guard.resident
def add_comment(standard_id: int) -> BaseResponse:
    """Say what one thinks, for the resident acted for."""
    form = CommentForm()
    try:
        _say(form, standard_id)
    except NotFound:
        raise
    except DomainError as refusal:
        return form_refused("rules/comments.html", form, refusal, **_public_page(standard_id))
    flash_done(_("Received. It stands below with your name masked, and is answered in writing."))
    return back_to("rules.comments")


def _say(form: CommentForm, standard_id: int) -> None:
    heard = papers.last_round(community(), standard_id)
    if heard is None:
        raise NotFound
    form.offer(unpacked_version(heard.snapshot))
    if not form.validate():
        raise Invalid
    try:
        draft = form.draft()
    except NotPoints as refusal:
        raise Invalid(fields={"proposed_points": refusal.sentence}) from None
    if draft.proposed_name == "?":
        raise Invalid(fields={"proposed_name": lazy("What should it be called?")})
    paper = form.author() if isinstance(form, PaperCommentForm) else None
    services.comment(current_actor(), standard_id, draft, paper)


@bp.post("/rules/comments/<int:comment_id>/withdraw")
@guard.signed_in
def withdraw_comment(comment_id: int) -> BaseResponse:
    """Take back what one said oneself, or entered for somebody."""
    services.withdraw(current_actor(), comment_id)
    flash_done(_("Withdrawn. Nobody is shown it any more."))
    return back_to("rules.comments")


@bp.route("/rules/comments/<int:standard_id>/paper", methods=["GET", "POST"])
@guard.staff(*policy.CLERKS)
def paper_comment(standard_id: int) -> BaseResponse:
    """Enter what somebody without a phone thinks."""
    row, _version = load(standard_id)
    heard = papers.last_round(row.community_id, row.id)
    if heard is None:
        raise NotFound
    form = PaperCommentForm()
    form.offer(unpacked_version(heard.snapshot))
    page = {"standard": row, "heard": heard, **AROUND}
    if request.method == "GET":
        return render("rules/paper_comment.html", form=form, **page)
    try:
        _say(form, standard_id)
    except DomainError as refusal:
        return form_refused("rules/paper_comment.html", form, refusal, **page)
    flash_done(_("Entered. It is kept that you entered it; somebody else answers."))
    return back_to("rules.comments")


# ── The desk ────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/desk/rules/<int:standard_id>/open", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
def open_comments(standard_id: int) -> BaseResponse:
    """Open a draft for comment."""
    row, version = load(standard_id)
    form = OpenForm()
    page = page_of(row, version)
    if request.method == "GET":
        days = max(settings.of(row.community_id).comment_days, SUGGESTED_DAYS)
        form.opens_on.data = clock.today()
        form.closes_on.data = clock.today() + dt.timedelta(days=days - 1)
        return render("rules/open_comments.html", form=form, **page)
    try:
        if not form.validate() or form.closes_on.data is None:
            raise Invalid(fields={"closes_on": lazy("Choose the day.")})
        services.open_comments(current_actor(), standard_id, form.closes_on.data, opens_on=form.opens_on.data)
    except DomainError as refusal:
        return form_refused("rules/open_comments.html", form, refusal, **page)
    flash_done(_("Everybody can read it now and say what they think."))
    return back_to("rules.standard", standard_id=standard_id)


@bp.post("/desk/rules/<int:standard_id>/take-back")
@guard.staff(*policy.WRITERS)
def take_back(standard_id: int) -> BaseResponse:
    """Make it a draft that can be changed again."""
    services.take_back(current_actor(), standard_id)
    flash_done(_("It can be changed again. What people said stays with it."))
    return back_to("rules.standard", standard_id=standard_id)


@bp.get("/desk/rules/<int:standard_id>/comments")
@guard.staff(*DESK)
def desk_comments(standard_id: int) -> Response:
    """What was said about a version, with whole names."""
    row, _version = load(standard_id)
    only_open = request.args.get("only") == "open"
    page = papers.comments(row.community_id, row.id, states=[CommentState.OPEN] if only_open else (),
                           cursor=request.args.get("cursor"))
    return render("rules/desk_comments.html", standard=row, page=page, only_open=only_open,
                  names=papers.full_names(row.community_id, page.items),
                  heard=papers.last_round(row.community_id, row.id), today_on=clock.today(),
                  may_enter=policy.may_enter_comments(current_actor()), **SHARED)


@bp.route("/desk/rules/comments/<int:comment_id>", methods=["GET", "POST"])
@guard.staff(*DESK)
def answer_comment(comment_id: int) -> BaseResponse:
    """One comment, and the written answer."""
    actor = current_actor()
    found = papers.comment(community(), comment_id)
    row, version = load(found.standard_id)
    form = AnswerForm()
    page = {"comment": found, "standard": row, "item": version.by_code.get(found.item_code),
            "name": papers.full_names(found.community_id, [found])[found.id],
            "barred": found.entered_by_id == actor.user_id or papers.is_author(actor, found),
            "may_answer": policy.may_adopt(actor), **SHARED}
    if request.method == "GET":
        return render("rules/answer_comment.html", form=form, **page)
    try:
        if not form.validate():
            raise Invalid
        services.answer(actor, comment_id, form.answer.data or "", accepted=form.outcome.data == "accepted")
    except DomainError as refusal:
        return form_refused("rules/answer_comment.html", form, refusal, **page)
    flash_done(_("Answered in writing."))
    return back_to("rules.desk_comments", standard_id=found.standard_id)


@bp.post("/desk/rules/<int:standard_id>/announce")
@guard.staff(*policy.WRITERS)
def announce(standard_id: int) -> BaseResponse:
    """Make a notice of it; a second person checks and publishes it."""
    notice = services.announce(current_actor(), standard_id)
    flash_done(_("The notice is a draft. Somebody else checks and publishes it."))
    return back_to("publicity.desk_notice", notice_id=notice.id)
