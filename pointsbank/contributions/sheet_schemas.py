"""The JSON shapes of sheets of paper that were typed in."""

from __future__ import annotations

from marshmallow import fields, validate

from pointsbank.contributions.models import MOST_ROWS, SheetState
from pointsbank.core.api import Input, PageInput, View


class SheetPageInput(PageInput):
    """``waiting``: only those to be confirmed, the oldest first."""

    waiting = fields.Boolean(load_default=False)


class SheetRowInput(Input):
    """A row as it stands on the paper: ``who`` is a member number, a name or the end of a phone number, ``day`` like 12
    or 4-12, ``item`` a code or a name. ``double_ok``: it is meant although it looks like a double."""

    position = fields.Integer(required=True, strict=True)
    who = fields.String(load_default="", validate=validate.Length(max=60))
    household = fields.String(load_default="", validate=validate.Length(max=24))
    day = fields.String(load_default="", validate=validate.Length(max=20))
    item = fields.String(load_default="", validate=validate.Length(max=80))
    amount = fields.String(load_default="", validate=validate.Length(max=20))
    note = fields.String(load_default="", validate=validate.Length(max=120))
    double_ok = fields.Boolean(load_default=False)


class SheetInput(Input):
    """A sheet with its rows; ``month`` is any day of it, ``photo_ids`` (purpose ``sheet``) from ``POST /photos``."""

    title = fields.String(required=True, validate=validate.Length(1, 60))
    month = fields.Date(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=300))
    rows = fields.List(fields.Nested(SheetRowInput), load_default=list, validate=validate.Length(max=MOST_ROWS))
    photo_ids = fields.List(fields.Integer(strict=True), load_default=list, validate=validate.Length(max=9))


class NewSheetInput(SheetInput):
    """The same with the leader's team; null for the office."""

    team_id = fields.Integer(load_default=None, allow_none=True, strict=True)


class SheetView(View):
    """A sheet without its rows."""

    id = fields.Integer()
    state = fields.Enum(SheetState, by_value=True)
    team_id = fields.Integer(allow_none=True)
    title = fields.String()
    month = fields.Date()
    reason = fields.String()
    created_at = fields.DateTime()
    submitted_at = fields.DateTime(allow_none=True)
    decided_at = fields.DateTime(allow_none=True)
    answer = fields.String()


class FaultView(View):
    """What is wrong with a row, in a sentence; with ``tick`` it only has to be meant."""

    column = fields.String()
    text = fields.String()
    tick = fields.Boolean()


class SheetRowView(View):
    """A row as it was typed and as it is understood; ``deed_id`` once it was confirmed."""

    position = fields.Integer()
    who = fields.String()
    household = fields.String()
    day = fields.String()
    item = fields.String()
    amount = fields.String()
    note = fields.String()
    double_ok = fields.Boolean()
    resident_id = fields.Integer(allow_none=True)
    on = fields.Date(attribute="done_on", allow_none=True)
    item_code = fields.String(allow_none=True)
    minutes = fields.Integer(allow_none=True)
    units = fields.Integer(allow_none=True)
    score = fields.Integer(allow_none=True)
    amount_fen = fields.Integer(allow_none=True)
    deed_id = fields.Integer(allow_none=True)
    faults = fields.List(fields.Nested(FaultView))


class WholeSheetView(SheetView):
    """A sheet with its rows."""

    rows = fields.List(fields.Nested(SheetRowView))


class ConfirmedSheetView(View):
    """A confirmed sheet: how many deeds it made, and how many of them were approved at once."""

    sheet = fields.Nested(SheetView)
    deeds = fields.Integer()
    approved = fields.Integer()
