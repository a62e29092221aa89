"""The shapes of the JSON interface."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from pointsbank.core.api import Input, PageInput, View
from pointsbank.reviews import figures, wording
from pointsbank.reviews.periods import PeriodKind


class ReviewsInput(PageInput):
    """Which reviews."""

    kind = fields.Enum(PeriodKind, by_value=True, load_default=None)


class FigureCasesInput(PageInput):
    """Which figure of a review: of the whole, of a unit (0 for none) or of a kind of problem."""

    figure = fields.String(required=True, validate=validate.Length(max=40))
    unit = fields.Integer(load_default=None)
    kind = fields.Integer(load_default=None)


class RemarkInput(Input):
    """A few words to sign."""

    text = fields.String(required=True, validate=validate.Length(max=500))


class CorrectionInput(Input):
    """Why a review is counted again."""

    reason = fields.String(required=True, validate=validate.Length(max=500))


class PublicFiguresInput(Input):
    """Of which community, by its code."""

    community = fields.String(required=True, validate=validate.Length(max=60))


class FigureView(View):
    """A number with the sentence that says what it counts. ``value`` counts cases, or minutes where ``unit`` says so.

    Where everybody reads, 1 to 4 cases are told as ``fewer_than`` without a value."""

    code = fields.String()
    label = fields.String()
    value = fields.Integer(allow_none=True)
    fewer_than = fields.Integer(allow_none=True)
    unit = fields.String()
    definition = fields.String()


class GroupView(View):
    """The figures of a unit or a kind of problem."""

    id = fields.Integer()
    name = fields.String()
    figures = fields.List(fields.Nested(FigureView))


class ReviewView(View):
    """A review in a list."""

    id = fields.Integer()
    kind = fields.Enum(PeriodKind, by_value=True)
    starts_on = fields.Date()
    ends_on = fields.Date()
    version = fields.Integer()
    corrects_id = fields.Integer(allow_none=True)
    reason = fields.String()
    definitions = fields.Integer()
    hash = fields.String()
    made_at = fields.AwareDateTime(format="iso")


class RemarkView(View):
    """A signed remark."""

    text = fields.String()
    by = fields.String()
    at = fields.AwareDateTime(format="iso")


class WholeReviewView(ReviewView):
    """A review with its figures and remarks."""

    figures = fields.List(fields.Nested(FigureView))
    units = fields.List(fields.Nested(GroupView))
    kinds = fields.List(fields.Nested(GroupView))
    remarks = fields.List(fields.Nested(RemarkView))


class PublicFiguresView(View):
    """The public figures of the last month that is over."""

    starts_on = fields.Date()
    ends_on = fields.Date()
    version = fields.Integer()
    figures = fields.List(fields.Nested(FigureView))
    units = fields.List(fields.Nested(GroupView))
    kinds = fields.List(fields.Nested(GroupView))


class CaseLineView(View):
    """A case behind a figure, without anybody's words."""

    id = fields.Integer()
    kind = fields.String()
    unit = fields.String()
    place = fields.String()
    reporter = fields.String()
    state = fields.String()
    outcome = fields.String(allow_none=True)
    evaluation = fields.String(allow_none=True)
    opened_at = fields.AwareDateTime(format="iso")
    closed_at = fields.AwareDateTime(allow_none=True, format="iso")


def figures_out(values: Any, *, public: bool = False) -> list[dict[str, Any]]:
    """Figures as they leave the house."""
    out = []
    for code, value in values.items():
        hidden = public and code != figures.MEDIAN and wording.is_small(value)
        out.append({"code": code, "label": wording.label(code), "value": None if hidden else value,
                    "fewer_than": figures.SMALL if hidden else None,
                    "unit": "minutes" if code == figures.MEDIAN else "cases", "definition": wording.definition(code)})
    return out
