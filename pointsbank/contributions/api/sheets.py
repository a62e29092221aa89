"""JSON routes of paper sheets: kept as typed, handed in, confirmed or sent back by a second person."""

from __future__ import annotations

from typing import Any

from pointsbank.contributions import queries, services, sheet_wording
from pointsbank.contributions.api.room import api
from pointsbank.contributions.models import Sheet
from pointsbank.contributions.policy import SHEET_PEOPLE
from pointsbank.contributions.schemas import ReasonInput
from pointsbank.contributions.sheet_schemas import (
    ConfirmedSheetView,
    NewSheetInput,
    SheetInput,
    SheetPageInput,
    SheetView,
    WholeSheetView,
)
from pointsbank.core.api import paged
from pointsbank.core.paging import Page
from pointsbank.core.web import current_actor, guard

ROW = ("position", "who", "household", "day", "item", "amount", "note", "double_ok", "resident_id", "done_on",
       "item_code", "minutes", "units", "score", "amount_fen")
SHEET = ("id", "state", "team_id", "title", "month", "reason", "entered_by_id", "created_at", "submitted_at",
         "decided_at", "answer")


def _whole(found: Sheet) -> dict[str, Any]:
    """A sheet with its rows, and what is wrong with each in a sentence."""
    rows = queries.sheets.rows_of(found)
    deeds = {d.source_key: d.id for d in queries.by_source_keys(found.community_id, [r.source_key for r in rows])}
    return {**{name: getattr(found, name) for name in SHEET}, "rows": [
        {**{name: getattr(row, name) for name in ROW}, "deed_id": deeds.get(row.source_key), "faults": [
            {"column": f["column"], "text": sheet_wording.fault(f), "tick": f["tick"]} for f in row.faults or []]}
        for row in rows]}


def _draft(values: dict[str, Any], team_id: int | None = None) -> services.SheetDraft:
    rows = tuple(services.RowDraft(**row) for row in values["rows"])
    return services.SheetDraft(values["title"], values["month"], values["reason"], team_id, rows)


@api.get("/sheets")
@guard.staff(*SHEET_PEOPLE)
@api.arguments(SheetPageInput, location="query")
@api.response(200, paged(SheetView))
def sheets(values: dict[str, Any]) -> Page[Sheet]:
    """Sheets, all for the desk, their own for leaders."""
    return queries.sheets.sheets(current_actor(), **values)


@api.post("/sheets")
@guard.staff(*SHEET_PEOPLE)
@api.arguments(NewSheetInput)
@api.response(201, WholeSheetView)
def open_sheet(values: dict[str, Any]) -> dict[str, Any]:
    """Begin a sheet, with rows or without."""
    actor = current_actor()
    found = services.open_sheet(actor, _draft(values, values["team_id"]))
    if values["photo_ids"]:
        services.save_sheet(actor, found.id, _draft(values), photo_ids=values["photo_ids"])
    return _whole(found)


@api.get("/sheets/<int:sheet_id>")
@guard.staff(*SHEET_PEOPLE)
@api.response(200, WholeSheetView)
def sheet(sheet_id: int) -> dict[str, Any]:
    """One sheet with its rows."""
    return _whole(queries.sheets.sheet(current_actor(), sheet_id))


@api.put("/sheets/<int:sheet_id>")
@guard.staff(*SHEET_PEOPLE)
@api.arguments(SheetInput)
@api.response(200, WholeSheetView)
def save_sheet(values: dict[str, Any], sheet_id: int) -> dict[str, Any]:
    """Keep the rows as they are typed now; those that are not right are named."""
    return _whole(services.save_sheet(current_actor(), sheet_id, _draft(values), photo_ids=values["photo_ids"]))


@api.post("/sheets/<int:sheet_id>/submit")
@guard.staff(*SHEET_PEOPLE)
@api.response(200, WholeSheetView)
def submit_sheet(sheet_id: int) -> dict[str, Any]:
    """Hand a sheet in."""
    return _whole(services.submit_sheet(current_actor(), sheet_id))


@api.post("/sheets/<int:sheet_id>/confirm")
@guard.staff(*SHEET_PEOPLE)
@api.response(200, ConfirmedSheetView)
def confirm_sheet(sheet_id: int) -> dict[str, Any]:
    """The second person confirms: the rows become deeds."""
    done = services.confirm_sheet(current_actor(), sheet_id)
    return {"sheet": done.sheet, "deeds": len(done.deeds), "approved": len(done.approved)}


@api.post("/sheets/<int:sheet_id>/return")
@guard.staff(*SHEET_PEOPLE)
@api.arguments(ReasonInput)
@api.response(200, SheetView)
def return_sheet(values: dict[str, Any], sheet_id: int) -> Sheet:
    """Send a sheet back with a reason."""
    return services.return_sheet(current_actor(), sheet_id, values["reason"])


@api.post("/sheets/<int:sheet_id>/discard")
@guard.staff(*SHEET_PEOPLE)
@api.response(200, SheetView)
def discard_sheet(sheet_id: int) -> Sheet:
    """Throw a draft away."""
    return services.discard_sheet(current_actor(), sheet_id)
