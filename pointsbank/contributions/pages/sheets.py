"""Paper sheets: a grid to type in by keyboard alone, kept as a draft, printed, confirmed by a second person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.contributions import policy, queries, services
from pointsbank.contributions.errors import SheetOver, SheetTooLong
from pointsbank.contributions.models import SHEET_OPEN, Sheet, SheetRow, SheetState, State
from pointsbank.contributions.pages.deeds import form_checked
from pointsbank.contributions.pages.room import bp, community
from pointsbank.contributions.queries.sheets import drafts_of, lines_shown
from pointsbank.contributions.services import RowDraft, SheetDraft
from pointsbank.contributions.services.sheets import ROWS_AT_FIRST
from pointsbank.contributions.sheet_forms import MORE, ReturnForm, SheetForm, lines_sent, typed_rows
from pointsbank.contributions.sheet_reading import last_filled, pasted
from pointsbank.contributions.sheet_wording import standing
from pointsbank.core import clock
from pointsbank.core.actor import Actor
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
from pointsbank.rules import queries as rules


@bp.get("/sheets")
@guard.staff(*policy.SHEET_PEOPLE)
def sheets() -> Response:
    """Sheets: all for the desk, their own for leaders; ``only=waiting`` those to be confirmed, the oldest first."""
    actor = current_actor()
    waiting = request.args.get("only") == "waiting"
    page = queries.sheets.sheets(actor, waiting=waiting, cursor=request.args.get("cursor"))
    return render("contributions/sheets.html", page=page, waiting=waiting,
                  counts=queries.sheets.row_counts(community(), [s.id for s in page.items]),
                  names=people.names_of_users({s.entered_by_id for s in page.items}), teams=_team_names(),
                  may_begin=bool(_own_teams(actor)) or policy.may_enter_sheet(actor, None))


def _team_names() -> dict[int, str]:
    return {team.id: team.name for team in people.teams(community(), closed=True)}


def _own_teams(actor: Actor) -> list[tuple[int, str]]:
    """The teams for which the actor may enter a sheet: all for the desk's clerks, the own ones for leaders."""
    return [(team.id, team.name) for team in people.teams(community()) if policy.may_enter_sheet(actor, team.id)]


def _offered(form: SheetForm) -> SheetForm:
    actor = current_actor()
    form.offer(clock.today(), _own_teams(actor), policy.may_enter_sheet(actor, None))
    return form


@bp.route("/sheets/new", methods=["GET", "POST"])
@guard.staff(*policy.SHEET_PEOPLE)
def new_sheet() -> Response | BaseResponse:
    """Begin a sheet: its name, month, and for whom."""
    form = _offered(SheetForm())
    if not form.is_submitted():
        form.month.data = clock.today().isoformat()[:7]
        form.team_id.data = form.team_id.choices[0][0] if form.team_id.choices else ""
        return render("contributions/new_sheet.html", form=form)
    try:
        form_checked(form)
        team = form.team_id.data or ""
        found = services.open_sheet(current_actor(), SheetDraft(
            form.title.data or "", form.first_day, form.reason.data or "", int(team) if team.isdecimal() else None))
    except DomainError as refusal:
        return form_refused("contributions/new_sheet.html", form, refusal)
    return back_to("contributions.edit_sheet", sheet_id=found.id)


@bp.route("/sheets/<int:sheet_id>/edit", methods=["GET", "POST"])
@reads_first
@guard.staff(*policy.SHEET_PEOPLE)
def edit_sheet(sheet_id: int) -> Response | BaseResponse:
    """Type in the rows. Everything typed is kept, whatever is wrong with it; a refusal brings it back as it was."""
    found = _open(sheet_id)
    form = _offered(SheetForm())
    if not form.is_submitted():
        form.title.data, form.month.data, form.reason.data = found.title, found.month.isoformat()[:7], found.reason
        rows = queries.sheets.rows_of(found)
        return render("contributions/edit_sheet.html", form=form, lines=lines_shown(found, drafts_of(rows)),
                      faults={r.position: r.faults or [] for r in rows}, **_edit_values(found))
    wanted = request.form.get("do", "save")
    typed = typed_rows(request.form)
    lines = lines_sent(request.form)
    try:
        form_checked(form)
        rows_now = [*typed, *pasted(form.pasted.data or "", after=last_filled(typed))]
        rows_now = list({row.position: row for row in rows_now}.values())
        photos = media.prepare_uploads(request.files.getlist("photos"))
        begin_write()
        actor = current_actor()
        stored = [media.store(actor, None, "", "sheet", prepared=one).id for one in photos]
        shown = min(lines + (MORE if wanted == "more" else 0), 500) or ROWS_AT_FIRST
        services.save_sheet(actor, sheet_id, SheetDraft(form.title.data or "", form.first_day, form.reason.data or "",
                                                        rows=tuple(rows_now), rows_shown=shown), photo_ids=stored)
    except DomainError as refusal:
        return form_refused("contributions/edit_sheet.html", form, refusal, lines=_as_sent(typed, lines), faults={},
                            **_edit_values(_open(sheet_id)))
    if wanted == "done":
        return back_to("contributions.sheet", sheet_id=sheet_id)
    flash_done(_("Kept. Nothing is handed in yet."))
    return back_to("contributions.edit_sheet", sheet_id=sheet_id)


def _open(sheet_id: int) -> Sheet:
    """A sheet that the visitor entered and may still change."""
    actor = current_actor()
    found = queries.sheets.sheet(actor, sheet_id)
    if found.entered_by_id != actor.user_id:
        raise NotFound
    if found.state not in SHEET_OPEN:
        raise SheetOver
    return found


def _as_sent(typed: list[RowDraft], lines: int) -> list[RowDraft]:
    by_number = {row.position: row for row in typed}
    return [by_number.get(n) or RowDraft(n) for n in range(1, max(lines, max(by_number, default=0)) + 1)]


def _edit_values(found: Sheet) -> dict[str, Any]:
    key = f"sheet:{found.id}"
    return {"sheet": found, "photos": media_queries.photos_of(community(), [key])[key], "teams": _team_names(),
            "items": rules.items(community(), on=min(found.month.replace(day=28), clock.today()))}


@bp.get("/sheets/<int:sheet_id>")
@guard.staff(*policy.SHEET_PEOPLE)
def sheet(sheet_id: int) -> Response:
    """A sheet to be read: its rows as they are understood, what is wrong with them, and what can be done."""
    return render("contributions/sheet.html", form=ReturnForm(formdata=None), refused=None, **_values(sheet_id))


@bp.get("/sheets/<int:sheet_id>/print")
@guard.staff(*policy.SHEET_PEOPLE)
def print_sheet(sheet_id: int) -> Response:
    """The same on A4, to be laid beside the paper."""
    return render("contributions/sheet_print.html", **_values(sheet_id))


def _values(sheet_id: int) -> dict[str, Any]:
    actor = current_actor()
    found = queries.sheets.sheet(actor, sheet_id)
    rows = queries.sheets.rows_of(found)
    key = f"sheet:{found.id}"
    deeds = {d.source_key: d for d in queries.by_source_keys(community(), [r.source_key for r in rows])}
    names = {rule.code: rule.name for rule in rules.items(community(), on=min(found.month.replace(day=28),
                                                                               clock.today()))}
    return {"sheet": found, "rows": rows, "deeds": deeds, "items": names, "teams": _team_names(),
            "residents": people.residents_by_id(community(), {r.resident_id for r in rows if r.resident_id}),
            "photos": media_queries.photos_of(community(), [key])[key],
            "names": people.names_of_users([found.entered_by_id, found.decided_by_id or 0]),
            "own": found.entered_by_id == actor.user_id, "is_open": found.state in SHEET_OPEN,
            "may_confirm": policy.may_confirm_sheet(actor, found), "may_judge": policy.is_judge(actor),
            "standing": standing(rows, deeds),
            "kin": _kin(actor, rows) if found.state is SheetState.SUBMITTED else set()}


def _kin(actor: Actor, rows: Sequence[SheetRow]) -> set[int]:
    """The numbers of the rows that are about the reader's own family or declared relatives."""
    facts = queries.facts_of(actor.user_id)
    home = people.households_then(community(), {r.resident_id for r in rows if r.resident_id is not None})
    return {r.position for r in rows if r.resident_id is not None and r.done_on is not None
            and facts.is_kin(r.resident_id, home(r.resident_id, r.done_on), r.done_on)}


@bp.post("/sheets/<int:sheet_id>/submit")
@guard.staff(*policy.SHEET_PEOPLE)
def submit_sheet(sheet_id: int) -> Response | BaseResponse:
    """Hand a sheet in; what is not right yet is named, and what was typed stays."""
    try:
        services.submit_sheet(current_actor(), sheet_id)
    except DomainError as refusal:
        if not refusal.fields and not isinstance(refusal, SheetTooLong):
            raise
        form = ReturnForm(formdata=None)
        return form_refused("contributions/sheet.html", form, refusal, refused=refusal, **_values(sheet_id))
    flash_done(_("Handed in. Somebody else looks at it beside the paper."))
    return back_to("contributions.sheet", sheet_id=sheet_id)


@bp.post("/sheets/<int:sheet_id>/confirm")
@guard.staff(*policy.SHEET_PEOPLE)
def confirm_sheet(sheet_id: int) -> BaseResponse:
    """The second person agrees: the rows become deeds."""
    done = services.confirm_sheet(current_actor(), sheet_id)
    waiting = sum(1 for deed in done.deeds if deed.state is State.SUBMITTED)
    flash_done(ngettext("%(num)d deed accepted.", "%(num)d deeds accepted.", len(done.approved))
               + (" " + ngettext("%(num)d waits for another reviewer.", "%(num)d wait for another reviewer.", waiting)
                  if waiting else ""))
    return back_to("contributions.sheet", sheet_id=sheet_id)


@bp.post("/sheets/<int:sheet_id>/return")
@guard.staff(*policy.SHEET_PEOPLE)
def return_sheet(sheet_id: int) -> Response | BaseResponse:
    """Send a sheet back with a reason."""
    form = ReturnForm()
    try:
        form_checked(form)
        services.return_sheet(current_actor(), sheet_id, form.reason.data or "")
    except DomainError as refusal:
        return form_refused("contributions/sheet.html", form, refusal, refused=None, **_values(sheet_id))
    flash_done(_("Sent back to whoever entered it."))
    return back_to("contributions.sheets")


@bp.post("/sheets/<int:sheet_id>/discard")
@guard.staff(*policy.SHEET_PEOPLE)
def discard_sheet(sheet_id: int) -> BaseResponse:
    """Throw a draft away."""
    services.discard_sheet(current_actor(), sheet_id)
    flash_done(_("Thrown away. Nothing was recorded."))
    return back_to("contributions.sheets")
