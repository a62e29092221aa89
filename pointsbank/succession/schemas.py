"""The JSON shapes of cases: what is wished, what it comes to, what was done."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from pointsbank.core.api import Input, PageInput, PointsField, View
from pointsbank.succession import wording
from pointsbank.succession.models import ChangeKind, ChangeState, ShareMode


class WishInput(Input):
    """A case to be looked at or entered. Which fields count depends on the kind; see docs/households.md.

    ``resident_ids``: who goes, leaves, comes back or has died. ``percent`` or ``points`` go with ``share_mode``.
    """

    kind = ma.fields.Enum(ChangeKind, by_value=True, required=True)
    on = ma.fields.Date(required=True)
    reason = ma.fields.String(required=True, validate=ma.validate.Length(2, 500))
    household_id = ma.fields.Integer(load_default=None, allow_none=True)
    resident_ids = ma.fields.List(ma.fields.Integer(), load_default=list, validate=ma.validate.Length(max=50))
    number = ma.fields.String(load_default="", validate=ma.validate.Length(max=24))
    area_id = ma.fields.Integer(load_default=None, allow_none=True)
    head_id = ma.fields.Integer(load_default=None, allow_none=True)
    stay_head_id = ma.fields.Integer(load_default=None, allow_none=True)
    into_id = ma.fields.Integer(load_default=None, allow_none=True)
    heir_id = ma.fields.Integer(load_default=None, allow_none=True)
    share_mode = ma.fields.Enum(ShareMode, by_value=True, load_default=ShareMode.HEADS)
    percent = ma.fields.Integer(load_default=0)
    points = PointsField(load_default=0)
    undoes_id = ma.fields.Integer(load_default=None, allow_none=True)


class NewChangeInput(WishInput):
    """The same with photos of its papers from ``POST /photos`` (purpose ``household``)."""

    photo_ids = ma.fields.List(ma.fields.Integer(), load_default=list, validate=ma.validate.Length(max=9))


class ChangesInput(PageInput):
    """A page of cases, or of those that wait for their second person."""

    open_only = ma.fields.Boolean(load_default=False)


class RefusalInput(Input):
    """Why not."""

    answer = ma.fields.String(required=True, validate=ma.validate.Length(2, 500))


class PartView(View):
    """A part of a lot that goes: its last day now and before (null: never)."""

    book = ma.fields.String()
    amount = PointsField()
    day = ma.fields.Date(allow_none=True)
    was_day = ma.fields.Date(allow_none=True)


class MovedView(View):
    """What goes from one owner to another (``household:<id>``, ``resident:<id>``, ``remainder:<id>``)."""

    giver = ma.fields.String()
    receiver = ma.fields.String()
    points = PointsField()
    parts = ma.fields.List(ma.fields.Nested(PartView))
    debt = ma.fields.Method("_debt")

    def _debt(self, moved: Any) -> Any:
        return PointsField()._serialize(sum(amount for _book, amount in moved.debts), None, None)


class PreviewView(View):
    """Steps as sentences, what moves, the orders in the way, deeds dated after somebody was gone."""

    steps = ma.fields.Method("_steps")
    moves = ma.fields.List(ma.fields.Nested(MovedView))
    orders = ma.fields.List(ma.fields.String())
    late_deeds = ma.fields.Integer()

    def _steps(self, found: Any) -> list[str]:
        return [wording.step(one, found.names) for one in found.steps]


class HouseholdChangeView(View):
    """A case."""

    id = ma.fields.Integer()
    kind = ma.fields.Enum(ChangeKind, by_value=True)
    state = ma.fields.Enum(ChangeState, by_value=True)
    number = ma.fields.Integer(allow_none=True)
    on = ma.fields.Date()
    reason = ma.fields.String()
    household_id = ma.fields.Integer(allow_none=True)
    other_household_id = ma.fields.Integer(allow_none=True)
    resident_id = ma.fields.Integer(allow_none=True)
    undoes_id = ma.fields.Integer(allow_none=True)
    proposed_by_id = ma.fields.Integer()
    proposed_at = ma.fields.AwareDateTime(format="iso")
    decided_by_id = ma.fields.Integer(allow_none=True)
    decided_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    answer = ma.fields.String()


class WholeChangeView(View):
    """A case with what it comes to or did; without ``told`` it can't be confirmed as it stands."""

    change = ma.fields.Nested(HouseholdChangeView)
    told = ma.fields.Nested(PreviewView, allow_none=True)
