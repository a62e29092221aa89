"""The JSON shapes of notices, their masked lines, and objections."""

from __future__ import annotations

from marshmallow import fields

from pointsbank.core.api import PageInput, PointsField, View
from pointsbank.publicity import wording
from pointsbank.publicity.models import LineState, NoticeKind, NoticeState, ObjectionState


class NoticeView(View):
    """One notice; who made and checked it stands on the paper only."""

    id = fields.Integer()
    community_id = fields.Integer()
    kind = fields.Enum(NoticeKind, by_value=True)
    state = fields.Enum(NoticeState, by_value=True)
    year = fields.Integer()
    number = fields.Integer()
    title = fields.String()
    standard_label = fields.String()
    resolution = fields.String()
    opens_at = fields.DateTime()
    closes_at = fields.DateTime()
    line_count = fields.Integer()
    total = PointsField()


class NoticeLineView(View):
    """One masked row. ``amount`` is in points, or in minutes where ``unit`` says so."""

    id = fields.Integer()
    position = fields.Integer()
    household_number = fields.String()
    masked_name = fields.String()
    item = fields.Function(wording.item)
    on = fields.Date(attribute="done_on")
    unit = fields.String()
    amount = fields.Method("_amount")
    state = fields.Enum(LineState, by_value=True)

    def _amount(self, line: object) -> str | None:
        raw: int = line.amount  # type: ignore[attr-defined]
        if line.unit == "minutes":  # type: ignore[attr-defined]
            return str(raw)
        return PointsField()._serialize(raw, None, line)


class LinesInput(PageInput):
    """The query of a notice's lines."""

    household = fields.String(load_default="")


class ObjectionView(View):
    """An objection as its objector and the desk see it."""

    id = fields.Integer()
    notice_id = fields.Integer()
    line_id = fields.Integer()
    state = fields.Enum(ObjectionState, by_value=True)
    on_paper = fields.Boolean()
    text = fields.String()
    opened_at = fields.DateTime()
    answer_due_on = fields.Date()
    answer = fields.String()
    decided_at = fields.DateTime()
