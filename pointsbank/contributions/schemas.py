"""The JSON shapes of deeds, award lines, reviews, objections' decisions and corrections."""

from __future__ import annotations

from marshmallow import fields, validate

from pointsbank.contributions import wording
from pointsbank.contributions.models import (
    CorrectionState,
    DeedKind,
    LineState,
    RecordedVia,
    ReviewStep,
    State,
)
from pointsbank.core.api import Input, PageInput, PointsField, View
from pointsbank.ledger.models import Book
from pointsbank.publicity.models import Grouping
from pointsbank.rules import queries as rules
from pointsbank.rules.models import Receiver, Timing


class DeedInput(Input):
    """A deed to file. ``resident_id`` with a ``reason`` files it by proxy; ``photo_ids`` come from ``POST /photos``."""

    kind = fields.Enum(DeedKind, by_value=True, required=True)
    title = fields.String(required=True, validate=validate.Length(1, 120))
    on = fields.Date(required=True)
    item_code = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=12))
    minutes = fields.Integer(load_default=None, allow_none=True, strict=True)
    units = fields.Integer(load_default=None, allow_none=True, strict=True)
    place = fields.String(load_default="", validate=validate.Length(max=120))
    text = fields.String(load_default="", validate=validate.Length(max=500))
    photo_ids = fields.List(fields.Integer(strict=True), load_default=list, validate=validate.Length(max=9))


class NewDeedInput(DeedInput):
    """The same with the resident it is for, and whether it is sent at once."""

    resident_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    reason = fields.String(load_default="", validate=validate.Length(max=200))
    submit = fields.Boolean(load_default=True)


class AwardLineView(View):
    """What one rule gave: ``amount`` in points (minutes in the book of minutes), ``explanation`` in sentences."""

    id = fields.Integer()
    rule_code = fields.String()
    rule_name = fields.String()
    receiver = fields.Enum(Receiver, by_value=True)
    book = fields.Enum(Book, by_value=True)
    amount = fields.Method("_amount")
    timing = fields.Enum(Timing, by_value=True)
    state = fields.Enum(LineState, by_value=True)
    explanation = fields.Function(lambda line: rules.explain(line.explanation))
    notice_id = fields.Integer()
    posted_at = fields.DateTime()

    def _amount(self, line: object) -> str | None:
        raw: int = line.amount  # type: ignore[attr-defined]
        if line.book is Book.MINUTES:  # type: ignore[attr-defined]
            return str(raw)
        return PointsField()._serialize(raw, None, line)


class DeedView(View):
    """One deed, as its resident and the desk see it."""

    id = fields.Integer()
    kind = fields.Enum(DeedKind, by_value=True)
    state = fields.Enum(State, by_value=True)
    resident_id = fields.Integer()
    household_id = fields.Integer()
    team_id = fields.Integer()
    title = fields.String()
    on = fields.Date(attribute="done_on")
    minutes = fields.Integer()
    units = fields.Integer()
    item_code = fields.String()
    place = fields.String()
    text = fields.String()
    recorded_via = fields.Enum(RecordedVia, by_value=True)
    flagged = fields.Boolean()
    waits_for_household = fields.Boolean()
    sent_up_area_id = fields.Integer()
    created_at = fields.DateTime()
    submitted_at = fields.DateTime()
    decided_at = fields.DateTime()


class StepView(View):
    """One step of a deed's life."""

    step = fields.Enum(ReviewStep, by_value=True)
    reason = fields.String()
    at = fields.DateTime()


class DeedStoryView(DeedView):
    """A deed with what it earned, what earned nothing and why, and its steps."""

    lines = fields.List(fields.Nested(AwardLineView))
    notes = fields.Function(lambda story: [text for _rule, text in wording.notes(story["deed"])])
    steps = fields.List(fields.Nested(StepView))


class QueueInput(PageInput):
    """Filters of the review queue."""

    show = fields.String(load_default="", validate=validate.OneOf(["", "mine", "by_hand", "sent_up"]))
    kind = fields.String(load_default="", validate=validate.OneOf(["", *DeedKind]))


class ReviewInput(Input):
    """A decision about one deed, or (approve only) about many."""

    deed_ids = fields.List(fields.Integer(strict=True), required=True, validate=validate.Length(1, 500))
    decision = fields.String(required=True, validate=validate.OneOf(["approve", "return", "reject"]))
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class ReviewedView(View):
    """The deeds decided about."""

    items = fields.List(fields.Nested(DeedView))


class MonthInput(Input):
    """A notice out of a month's list. ``leave_out``: ids of award lines for the next one."""

    month = fields.String(required=True, validate=validate.Regexp(r"^\d{4}-(0[1-9]|1[0-2])$"))
    leave_out = fields.List(fields.Integer(strict=True), load_default=list)
    resolution = fields.String(load_default="", validate=validate.Length(max=400))
    days = fields.Integer(load_default=None, allow_none=True, strict=True)
    grouped_by = fields.Enum(Grouping, by_value=True, load_default=Grouping.GRID)


class PaperInput(Input):
    """Who objects on paper or at the counter. ``reason`` says why there is no photo."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    household = fields.String(required=True, validate=validate.Length(1, 24))
    reason = fields.String(load_default="", validate=validate.Length(max=200))


class ObjectionInput(Input):
    """An objection to one line; with ``paper`` by a member for somebody else. ``photo_ids`` come from ``POST /photos``
    with the purpose ``objection``."""

    line_id = fields.Integer(required=True, strict=True)
    text = fields.String(required=True, validate=validate.Length(1, 500))
    contact = fields.String(load_default="", validate=validate.Length(max=80))
    paper = fields.Nested(PaperInput, load_default=None, allow_none=True)
    photo_ids = fields.List(fields.Integer(strict=True), load_default=list, validate=validate.Length(max=9))


class DecisionInput(Input):
    """The written answer."""

    upheld = fields.Boolean(required=True)
    answer = fields.String(required=True, validate=validate.Length(1, 500))


class CorrectionInput(Input):
    """Taking back what a deed earned, with the right figures if it was done."""

    deed_id = fields.Integer(required=True, strict=True)
    reason = fields.String(required=True, validate=validate.Length(1, 500))
    right_minutes = fields.Integer(load_default=None, allow_none=True, strict=True)
    right_units = fields.Integer(load_default=None, allow_none=True, strict=True)


class CorrectionAnswerInput(Input):
    """Confirm, or refuse with an answer."""

    confirm = fields.Boolean(required=True)
    answer = fields.String(load_default="", validate=validate.Length(max=500))


class CorrectionView(View):
    """One correction."""

    id = fields.Integer()
    deed_id = fields.Integer(attribute="contribution_id")
    state = fields.Enum(CorrectionState, by_value=True)
    reason = fields.String()
    right_minutes = fields.Integer()
    right_units = fields.Integer()
    proposed_at = fields.DateTime()
    decided_at = fields.DateTime()
    answer = fields.String()
