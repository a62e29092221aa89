"""The JSON shapes of deductions."""

from __future__ import annotations

from marshmallow import fields, validate

from pointsbank.core.api import Input, PageInput, PointsField, View
from pointsbank.deductions import queries
from pointsbank.deductions.models import DeductionState, StepKind

LONGEST = 500


class AnnounceInput(Input):
    """A letter. ``household_id``, or ``resident_id`` where the item concerns a person.

    ``quantity`` in the unit of the item: minutes, pieces, hundredths of a mark, fen. Photos come from ``POST /photos``
    with the purpose ``deduction``.
    """

    item_code = fields.String(required=True, validate=validate.Length(1, 12))
    seen_on = fields.Date(required=True)
    seen = fields.String(required=True, validate=validate.Length(max=LONGEST))
    how = fields.String(required=True, validate=validate.Length(max=LONGEST))
    household_id = fields.Integer(load_default=None, allow_none=True)
    resident_id = fields.Integer(load_default=None, allow_none=True)
    quantity = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 10**9))
    rectify_by = fields.Date(load_default=None, allow_none=True)
    photo_ids = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=9))


class AnswerInput(Input):
    """What somebody concerned says; ``on_paper`` if a member writes it down for them."""

    text = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    put_right = fields.Boolean(load_default=False)
    on_paper = fields.Boolean(load_default=False)
    photo_ids = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=9))


class AppealInput(Input):
    """Why points should not have been taken."""

    text = fields.String(required=True, validate=validate.Length(max=LONGEST))
    on_paper = fields.Boolean(load_default=False)
    photo_ids = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=9))


class ReasonInput(Input):
    """Words that go with a decision."""

    text = fields.String(load_default="", validate=validate.Length(max=LONGEST))


class AppealDecisionInput(Input):
    """The answer to an appeal: ``reversed`` gives everything back."""

    reversed = fields.Boolean(required=True)
    text = fields.String(required=True, validate=validate.Length(max=LONGEST))


class DeductionsInput(PageInput):
    """A page of the desk: what waits (overdue first), or all of one state or of any, newest first."""

    waiting = fields.Boolean(load_default=False)
    state = fields.Enum(DeductionState, by_value=True, load_default=None, allow_none=True)


class OwnView(View):
    """A deduction as the people concerned see it: without the names of those who decided."""

    id = fields.Integer()
    state = fields.Enum(DeductionState, by_value=True)
    owner = fields.String(attribute="owner_key")
    item_code = fields.String(attribute="rule_code")
    item_name = fields.String(attribute="rule_name")
    seen_on = fields.Date()
    seen = fields.String()
    how = fields.String()
    quantity = fields.Integer(allow_none=True)
    foreseen = PointsField()
    announced_on = fields.Date()
    rectify_by = fields.Date()
    put_right_at = fields.AwareDateTime(format="iso", allow_none=True)
    imposed_on = fields.Date(allow_none=True)
    amount = PointsField(allow_none=True)
    taken = PointsField(allow_none=True)
    appeal_by = fields.Date(allow_none=True)
    appealed_at = fields.AwareDateTime(format="iso", allow_none=True)
    due_on = fields.Date(allow_none=True)


class StepView(View):
    """One step in the words of whoever took it."""

    kind = fields.Enum(StepKind, by_value=True)
    at = fields.AwareDateTime(format="iso")
    text = fields.String()
    on_paper = fields.Boolean()


class WholeView(OwnView):
    """One with its steps."""

    steps = fields.Function(lambda row: StepView(many=True).dump(queries.steps(row)), metadata={"type": "array"})


class DeskView(OwnView):
    """The same for the desk."""

    household_id = fields.Integer(allow_none=True)
    resident_id = fields.Integer(allow_none=True)
    announced_by_id = fields.Integer()
    decided_by_id = fields.Integer(allow_none=True)
    appeal_decided_by_id = fields.Integer(allow_none=True)
    doubled_by_id = fields.Integer(allow_none=True)


__all__ = ["AnnounceInput", "AnswerInput", "AppealDecisionInput", "AppealInput", "DeductionsInput", "DeskView",
           "OwnView", "ReasonInput", "StepView", "WholeView"]
