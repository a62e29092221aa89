"""The JSON shapes of templates, comments, resolutions and differences."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from pointsbank.core.api import Input, PointsField, View, paged
from pointsbank.rules.models import CommentKind, CommentState, Meeting, TemplateState
from pointsbank.rules.schemas import RuleInput, RuleView, StandardView, WideCapInput, WideCapView


class TemplateView(View):
    """A template without its items."""

    id = fields.Integer()
    area_id = fields.Integer()
    number = fields.Integer()
    title = fields.String()
    note = fields.String()
    state = fields.Enum(TemplateState, by_value=True)
    additions_most = fields.Integer()
    addition_points_most = PointsField()
    issued_at = fields.AwareDateTime(format="iso", allow_none=True)


class TemplateItemView(View):
    """An item, and by how much (percent) a community may change it."""

    rule = fields.Nested(RuleView)
    points_percent = fields.Integer()
    caps_percent = fields.Integer()
    may_drop = fields.Boolean()


class WholeTemplateView(TemplateView):
    """A template with its items and caps."""

    items = fields.List(fields.Nested(TemplateItemView))
    caps = fields.List(fields.Nested(WideCapView))


class TemplateInput(Input):
    """A new draft of a template; without items those of the one before."""

    area_id = fields.Integer(required=True)
    title = fields.String(required=True, validate=validate.Length(1, 80))
    note = fields.String(load_default="")
    rules = fields.List(fields.Nested(RuleInput), load_default=list, validate=validate.Length(max=2000))
    caps = fields.List(fields.Nested(WideCapInput), load_default=list, validate=validate.Length(max=200))


class ItemBoundInput(Input):
    """By how much an item may be changed."""

    code = fields.String(required=True, validate=validate.Length(max=12))
    points_percent = fields.Integer(load_default=0)
    caps_percent = fields.Integer(load_default=0)
    may_drop = fields.Boolean(load_default=False)


class BoundsInput(Input):
    """What communities may make of a template."""

    additions_most = fields.Integer(load_default=5)
    addition_points_most = PointsField(load_default=200)
    items = fields.List(fields.Nested(ItemBoundInput), load_default=list, validate=validate.Length(max=2000))


class RoundInput(Input):
    """For how long a draft is open for comment, both days included."""

    opens_on = fields.Date(load_default=None, allow_none=True)
    closes_on = fields.Date(required=True)


class RoundView(View):
    """A round of comments."""

    id = fields.Integer()
    standard_id = fields.Integer()
    number = fields.Integer()
    opens_on = fields.Date()
    closes_on = fields.Date()
    ended_at = fields.AwareDateTime(format="iso", allow_none=True)


class PaperInput(Input):
    """Who said it, where it is entered for somebody."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    household = fields.String(required=True, validate=validate.Length(1, 24))


class CommentInput(Input):
    """What somebody thinks of a draft that is open for comment."""

    text = fields.String(required=True)
    item_code = fields.String(load_default="", validate=validate.Length(max=12))
    proposed_name = fields.String(load_default="")
    proposed_points = PointsField(load_default=None, allow_none=True)
    paper = fields.Nested(PaperInput, load_default=None, allow_none=True)


class CommentView(View):
    """A comment with its author masked; what was withdrawn says nothing any more."""

    id = fields.Integer()
    kind = fields.Enum(CommentKind, by_value=True)
    state = fields.Enum(CommentState, by_value=True)
    item_code = fields.String()
    text = fields.String()
    proposed_name = fields.String()
    proposed_points = PointsField()
    author = fields.String()
    on_paper = fields.Boolean()
    made_at = fields.AwareDateTime(format="iso")
    answer = fields.String()
    answered_at = fields.AwareDateTime(format="iso", allow_none=True)


class AnswerInput(Input):
    """The written answer."""

    accepted = fields.Boolean(required=True)
    answer = fields.String(required=True)


class DifferenceView(View):
    """What changes of one item (an empty code: of the whole), each a sentence in the reader's language."""

    code = fields.String()
    name = fields.String()
    change = fields.String()
    sentences = fields.List(fields.String())


class DifferencesView(View):
    """What changes from one version to another; ``before`` is None for the first."""

    before = fields.Nested(StandardView, allow_none=True)
    after = fields.Nested(StandardView)
    items = fields.List(fields.Nested(DifferenceView))


class OtherInput(ma.Schema):
    """The number of the version to compare with, the one before by default."""

    other = fields.Integer(load_default=None, data_key="with")


class ResolutionView(View):
    """How a version was adopted; the votes are null where it was in force on paper before."""

    meeting = fields.Enum(Meeting, by_value=True, allow_none=True)
    held_on = fields.Date(allow_none=True)
    present = fields.Integer(allow_none=True)
    votes_for = fields.Integer(allow_none=True)
    votes_against = fields.Integer(allow_none=True)
    votes_abstain = fields.Integer(allow_none=True)
    text = fields.String()
    on_paper = fields.Boolean()
    minutes = fields.List(fields.String())


class NoticeMadeView(View):
    """The draft of a notice."""

    id = fields.Integer()
    title = fields.String()


PagedTemplateView = paged(TemplateView)
PagedCommentView = paged(CommentView)


def shown_differences(found: list[tuple[Any, list[str]]]) -> list[dict[str, Any]]:
    """Differences as :class:`DifferenceView`."""
    return [{"code": one.code, "name": one.name, "change": one.change, "sentences": said} for one, said in found]
