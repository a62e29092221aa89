"""The panel's pages: the list of sittings, opening one, voting deed by deed or about the rest, one deed's votes."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.contributions import policy, queries, services, wording
from pointsbank.contributions.errors import NotSeated, SittingOver
from pointsbank.contributions.forms import ReasonForm, SittingForm
from pointsbank.contributions.lists import list_rows
from pointsbank.contributions.models import Choice, Sitting, SittingState, State
from pointsbank.contributions.pages.deeds import form_checked, story
from pointsbank.contributions.pages.room import bp, community
from pointsbank.contributions.queries import sittings as panel
from pointsbank.contributions.services.sitting import Call, Selection
from pointsbank.contributions.services.voting import Ballot
from pointsbank.core import clock
from pointsbank.core.errors import DomainError, Forbidden, NotFound
from pointsbank.core.formats import format_month
from pointsbank.core.web import (
    back_to,
    current_actor,
    flash_done,
    form_refused,
    guard,
    render,
    status_of,
)
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK

ROWS_A_PAGE = 10


@bp.get("/desk/sittings")
@guard.staff(*policy.SITTERS)
def sittings() -> Response:
    """The sittings, the newest first, with what is left for the visitor."""
    actor = current_actor()
    page = panel.sittings(actor, cursor=request.args.get("cursor"))
    return render(
        "contributions/sittings.html", page=page, may_chair=policy.may_chair(actor),
        progress=panel.progress(actor.community_id, actor.user_id, [s.id for s in page.items]),
        waiting=panel.waiting_deeds(community()))


# ── Opening one ─────────────────────────────────────────────────────────────────────────────────────────────────


def _offered(form: SittingForm) -> SittingForm:
    kinds = [(kind.value, text) for kind, text in wording.KINDS.items()]
    form.offer(kinds, [(team.id, team.name) for team in people.teams(community())])
    return form


@bp.get("/desk/sittings/new")
@guard.staff(*policy.CHAIRS)
def new_sitting() -> Response:
    """When it is, and which deeds come on its list."""
    form = _offered(SittingForm(formdata=None))
    today = clock.today()
    form.title.data, form.held_on.data = _("Panel of %(month)s", month=format_month(today)), today
    form.due_on.data = today
    return render("contributions/new_sitting.html", form=form, waiting=panel.waiting_deeds(community()))


@bp.post("/desk/sittings/new")
@guard.staff(*policy.CHAIRS)
def open_sitting() -> Response | BaseResponse:
    """Open it."""
    form = _offered(SittingForm())
    try:
        form_checked(form)
        selection = Selection(form.from_on.data, form.to_on.data, form.kind.data or "", form.team_id.data or None)
        found = services.open_sitting(current_actor(), Call(
            form.title.data or "", form.held_on.data or clock.today(), form.due_on.data or clock.today(), selection))
    except DomainError as refusal:
        return form_refused("contributions/new_sitting.html", form, refusal,
                            waiting=panel.waiting_deeds(community()))
    flash_done(_("The sitting is open. Its members have been told."))
    return back_to("contributions.sitting", sitting_id=found.id)


# ── Voting ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _voter(found: Sitting, seats: list[panel.Seat]) -> panel.Seat | None:
    """Whose votes the page is about: the visitor's own, or those of the member whose sheet a clerk enters."""
    actor = current_actor()
    given = request.args.get("member", "")
    wanted = int(given) if given.isdecimal() else actor.user_id
    if wanted != actor.user_id and not policy.is_judge(actor):
        raise NotFound
    seat = next((s for s in seats if s.user_id == wanted), None)
    if seat is None and wanted != actor.user_id:
        raise NotSeated
    return seat


def _values(sitting_id: int, **given: Any) -> dict[str, Any]:
    actor = current_actor()
    found = panel.sitting(actor, sitting_id)
    seats = panel.seats(found)
    voter = _voter(found, seats)
    only_left = request.args.get("show") == "left" and voter is not None
    page = panel.items(found, left_of=voter.user_id if voter and only_left else None,
                       cursor=request.args.get("cursor"), limit=ROWS_A_PAGE)
    sees = policy.may_see_votes(actor)
    on_paper = voter is not None and voter.user_id != actor.user_id
    is_open = found.state is SittingState.OPEN
    return {
        "sitting": found, "page": page, "seats": seats, "voter": voter, "on_paper": on_paper, "only_left": only_left,
        "rows": list_rows(actor, found, page.items, voter.user_id if voter else None), "is_open": is_open, "sees": sees,
        "may_vote": is_open and voter is not None and voter.in_office and (on_paper or policy.may_vote(actor)),
        "progress": panel.progress(found.community_id, voter.user_id if voter else None, [found.id])[found.id],
        "cast": panel.votes_cast(found) if sees else {}, "may_chair": policy.may_chair(actor), "choices": list(Choice),
        "names": people.names_of_users({found.opened_by_id, found.ended_by_id or 0}),
        "may_enter": policy.is_judge(actor), "given": {}, **given}


@bp.get("/desk/sittings/<int:sitting_id>")
@guard.staff(*policy.SITTERS)
def sitting(sitting_id: int) -> Response:
    """The list: big buttons for each deed while votes are cast, the result afterwards."""
    return render("contributions/sitting.html", **_values(sitting_id))


@bp.post("/desk/sittings/<int:sitting_id>")
@guard.staff(*policy.SITTERS)
def vote(sitting_id: int) -> Response | BaseResponse:
    """Keep the votes of this page; with ``rest`` also one for everything that is left."""
    member = request.args.get("member", type=int)
    rest = request.form.get("rest") == "for"
    try:
        new = services.vote(current_actor(), sitting_id, _ballots(), rest_for=rest, member_id=member,
                            paper_note=request.form.get("paper_note", ""))
    except (NotFound, Forbidden, SittingOver):
        raise
    except DomainError as refusal:
        return render("contributions/sitting.html", status_of(refusal),
                      **_values(sitting_id, given=request.form, refusal=refusal))
    flash_done(ngettext("%(num)d vote kept.", "%(num)d votes kept.", new) if new else _("Nothing was changed."))
    return redirect(url_for("contributions.sitting", sitting_id=sitting_id, show="left", member=member), 303)


def _ballots() -> list[Ballot]:
    """The chosen boxes of the form; a box that nobody offered is passed over."""
    found = []
    for name, value in request.form.items():
        kind, _dash, number = name.partition("-")
        if kind == "vote" and number.isdecimal() and value in set(Choice):
            found.append(Ballot(int(number), Choice(value), request.form.get(f"reason-{number}", "")))
    return found


# ── One deed of the list ────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/sittings/<int:sitting_id>/items/<int:item_id>")
@guard.staff(*DESK)
def sitting_item(sitting_id: int, item_id: int) -> Response:
    """A deed of the list for the desk: who voted how, changed votes too, and sending it back."""
    return render("contributions/sitting_item.html", form=ReasonForm(formdata=None),
                  **_item_values(sitting_id, item_id))


def _item_values(sitting_id: int, item_id: int) -> dict[str, Any]:
    actor = current_actor()
    found = panel.sitting(actor, sitting_id)
    item = panel.item(found.community_id, sitting_id, item_id)
    deed = queries.by_ids(found.community_id, [item.contribution_id])[item.contribution_id]
    votes = panel.votes_of(found, item.id)
    told = story(deed)
    (row,) = list_rows(actor, found, [item], actor.user_id)
    clerks = {v.user_id for v in votes} | {v.entered_by_id or 0 for v in votes}
    waits = found.state is SittingState.OPEN and deed.state is State.SUBMITTED
    return {**told, "sitting": found, "item": item, "row": row, "votes": votes,
            "counts": {v.id for v in panel.last_votes(found, item_ids=[item.id])},
            "names": {**told["names"], **people.names_of_users(clerks)},
            "may_return": waits and policy.is_judge(actor) and not row.barred, "is_open": waits}


@bp.post("/desk/sittings/<int:sitting_id>/items/<int:item_id>/return")
@guard.staff(*DESK)
def return_item(sitting_id: int, item_id: int) -> Response | BaseResponse:
    """Send a deed back to its resident: it drops off the list."""
    form = ReasonForm()
    try:
        form_checked(form)
        services.return_item(current_actor(), sitting_id, item_id, form.reason.data or "")
    except DomainError as refusal:
        if not refusal.fields:
            raise
        return form_refused("contributions/sitting_item.html", form, refusal, **_item_values(sitting_id, item_id))
    flash_done(_("Sent back. It is off the list."))
    return back_to("contributions.sitting", sitting_id=sitting_id)
