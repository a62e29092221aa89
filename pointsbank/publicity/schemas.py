"""The JSON shapes of notices, their masked lines, and objections."""

from __future__ import annotations

from marshmallow import fields, validate

from pointsbank.core.api import PageInput, PointsField, View
from pointsbank.publicity import wording
from pointsbank.publicity.models import Grouping, LineState, NoticeKind, NoticeState, ObjectionState


class SectionView(View):
    """A part of a notice in words: its heading, and the columns of its rows; paragraphs have none."""

    heading = fields.Function(lambda part: wording.in_words(part["heading"]))
    columns = fields.Function(lambda part: [wording.in_words(name) for name in part["columns"]],
                              metadata={"type": "array", "items": {"type": "string"}})


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
    grouped_by = fields.Enum(Grouping, by_value=True)
    sections = fields.List(fields.Nested(SectionView))
    opens_at = fields.DateTime()
    closes_at = fields.DateTime()
    line_count = fields.Integer()
    total = PointsField()


class NoticeLineView(View):
    """One masked row. ``amount`` is in points, or in minutes where ``unit`` says so. A row in words has no amount but a
    ``section``, the place of its part, with ``text`` or ``cells``."""

    id = fields.Integer()
    position = fields.Integer()
    household_number = fields.String()
    masked_name = fields.String()
    item = fields.Function(wording.item)
    on = fields.Date(attribute="done_on")
    unit = fields.String()
    amount = fields.Method("_amount")
    state = fields.Enum(LineState, by_value=True)
    group = fields.String(attribute="grouping")
    corrects_line_id = fields.Integer()
    section = fields.Function(lambda line: (line.plain or {}).get("section"), metadata={"type": "integer"})
    text = fields.Function(lambda line: (line.plain or {}).get("text", ""), metadata={"type": "string"})
    cells = fields.Function(lambda line: [wording.in_words(str(cell)) for cell in (line.plain or {}).get("cells", [])],
                            metadata={"type": "array", "items": {"type": "string"}})

    def _amount(self, line: object) -> str | None:
        raw: int = line.amount  # type: ignore[attr-defined]
        if line.plain is not None:  # type: ignore[attr-defined]
            return None
        if line.unit == "minutes":  # type: ignore[attr-defined]
            return str(raw)
        return PointsField()._serialize(raw, None, line)


class LinesInput(PageInput):
    """The query of a notice's lines."""

    household = fields.String(load_default="")


class NoticesInput(PageInput):
    """Which notices: of a year, of a kind, with a number (``8`` or ``2026-8``)."""

    year = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(2000, 9999))
    kind = fields.Enum(NoticeKind, by_value=True, load_default=None, allow_none=True)
    number = fields.String(load_default="", validate=validate.Length(max=20))


class ObjectionView(View):
    """An objection as its objector, whoever entered it and the desk see it."""

    id = fields.Integer()
    notice_id = fields.Integer()
    line_id = fields.Integer()
    state = fields.Enum(ObjectionState, by_value=True)
    on_paper = fields.Boolean()
    objector_name = fields.String()
    objector_household = fields.String()
    text = fields.String()
    opened_at = fields.DateTime()
    answer_due_on = fields.Date()
    answer = fields.String()
    decided_at = fields.DateTime()
