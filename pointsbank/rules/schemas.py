"""The JSON shapes of standards, items and judgements."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from pointsbank.core.api import Input, PointsField, View
from pointsbank.ledger.models import Book
from pointsbank.rules import queries
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import Band, Cap, Condition, Weight
from pointsbank.rules.models import (
    ConditionKind,
    DeedKind,
    Measure,
    Meeting,
    Quantity,
    Receiver,
    Rounding,
    ScoringStandard,
    Shape,
    Stage,
    StandardState,
    Subject,
    Timing,
    WeightKind,
    Window,
)


class CapView(View):
    """A cap: ``most`` in hundredths of a point, deeds, minutes or units, as ``measure`` says."""

    window = fields.Enum(Window, by_value=True)
    subject = fields.Enum(Subject, by_value=True)
    measure = fields.Enum(Measure, by_value=True)
    most = fields.Integer()


class BandView(View):
    """A step or bracket: from ``start`` on, for each full ``step`` (0: once), in the quantity that is measured."""

    start = fields.Integer()
    step = fields.Integer()
    points = PointsField()


class ConditionView(View):
    """What must hold: a number between two, or one of words."""

    kind = fields.Enum(ConditionKind, by_value=True)
    least = fields.Integer(allow_none=True)
    most = fields.Integer(allow_none=True)
    words = fields.List(fields.String())


class WeightView(View):
    """``percent`` of the points at a time; ``begins`` and ``ends`` are minutes after midnight."""

    kind = fields.Enum(WeightKind, by_value=True)
    percent = fields.Integer()
    begins = fields.Integer()
    ends = fields.Integer()


class WideCapView(CapView):
    """A cap on a category, or with an empty one on the whole standard."""

    category = fields.String()
    book = fields.Enum(Book, by_value=True)
    sentence = fields.Function(queries.wide_sentence)


class RuleView(View):
    """An item. ``sentence`` is in the reader's language."""

    id = fields.Integer()
    code = fields.String()
    name = fields.String()
    category = fields.String()
    kind = fields.String()
    shape = fields.Enum(Shape, by_value=True)
    points = PointsField()
    unit = fields.String()
    rounding_minutes = fields.Integer()
    rounding = fields.Enum(Rounding, by_value=True)
    receiver = fields.Enum(Receiver, by_value=True)
    timing = fields.Enum(Timing, by_value=True)
    team_kind = fields.String(allow_none=True)
    by_itself = fields.Boolean()
    records_minutes = fields.Boolean()
    book = fields.Enum(Book, by_value=True)
    quantity = fields.Enum(Quantity, by_value=True, allow_none=True)
    bands = fields.List(fields.Nested(BandView))
    by_parts = fields.Boolean()
    period = fields.Enum(Window, by_value=True)
    full_score = PointsField()
    highest_group = fields.String()
    conditions = fields.List(fields.Nested(ConditionView))
    weights = fields.List(fields.Nested(WeightView))
    least = PointsField()
    honour_percent = fields.Integer()
    takes_away = fields.Boolean()
    repeat_days = fields.Integer()
    who = fields.String()
    evidence = fields.String()
    caps = fields.List(fields.Nested(CapView))
    sentence = fields.Function(queries.sentence)


class StandardView(View):
    """A version without its items."""

    id = fields.Integer()
    number = fields.Integer()
    title = fields.String()
    state = fields.Enum(StandardState, by_value=True)
    in_force_on = fields.Date(allow_none=True)
    superseded_on = fields.Date(allow_none=True)
    on_paper = fields.Boolean()
    deductions = fields.Boolean()
    resolution = fields.String()


class StagedStandardView(StandardView):
    """A version and how far it has come: draft, commenting, in_force, superseded."""

    stage = fields.Enum(Stage, by_value=True)


def standard_values(standard: ScoringStandard) -> dict[str, Any]:
    """The fields of :class:`StandardView`."""
    return {name: getattr(standard, name) for name in StandardView().fields}


class StandardListView(View):
    """All versions, newest first: a community has tens of them, not thousands."""

    items = fields.List(fields.Nested(StagedStandardView))
    next = fields.String(allow_none=True)


class VersionView(View):
    """A version with its items."""

    id = fields.Integer()
    number = fields.Integer()
    title = fields.String()
    in_force_on = fields.Date(allow_none=True)
    superseded_on = fields.Date(allow_none=True)
    resolution = fields.String()
    rules = fields.List(fields.Nested(RuleView))
    caps = fields.List(fields.Nested(WideCapView))


class DayInput(ma.Schema):
    """The day to look at, today by default."""

    on = fields.Date(load_default=None)


class DraftInput(Input):
    """A new draft, copied from the version in force."""

    title = fields.String(required=True, validate=validate.Length(1, 80))


class CapInput(Input):
    """A cap of an item."""

    window = fields.Enum(Window, by_value=True, required=True)
    subject = fields.Enum(Subject, by_value=True, required=True)
    measure = fields.Enum(Measure, by_value=True, required=True)
    most = fields.Integer(required=True, validate=validate.Range(1, 10**9))


class BandInput(Input):
    """A step or bracket."""

    start = fields.Integer(required=True, validate=validate.Range(0, 10**10))
    step = fields.Integer(load_default=0, validate=validate.Range(0, 10**10))
    points = PointsField(required=True)


class ConditionInput(Input):
    """A condition."""

    kind = fields.Enum(ConditionKind, by_value=True, required=True)
    least = fields.Integer(load_default=None, allow_none=True)
    most = fields.Integer(load_default=None, allow_none=True)
    words = fields.List(fields.String(validate=validate.Length(1, 12)), load_default=list)


class WeightInput(Input):
    """A weight."""

    kind = fields.Enum(WeightKind, by_value=True, required=True)
    percent = fields.Integer(required=True)
    begins = fields.Integer(load_default=0)
    ends = fields.Integer(load_default=0)


class WideCapInput(CapInput):
    """A cap on a category or on the whole standard."""

    category = fields.String(load_default="", validate=validate.Length(max=40))
    book = fields.Enum(Book, by_value=True, load_default=Book.POINTS)


class CapsInput(Input):
    """All wide caps of a draft, and its cycle."""

    caps = fields.List(fields.Nested(WideCapInput), required=True, validate=validate.Length(max=40))
    cycle_months = fields.Integer(load_default=12)
    cycle_first_month = fields.Integer(load_default=1)


class RuleInput(Input):
    """An item as it is to be."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    category = fields.String(required=True)
    kind = fields.Enum(DeedKind, by_value=True, required=True)
    shape = fields.Enum(Shape, by_value=True, required=True)
    points = PointsField(required=True)
    receiver = fields.Enum(Receiver, by_value=True, required=True)
    unit = fields.String(load_default="")
    rounding_minutes = fields.Integer(load_default=60)
    rounding = fields.Enum(Rounding, by_value=True, load_default=Rounding.DOWN)
    timing = fields.Enum(Timing, by_value=True, load_default=Timing.AFTER_NOTICE)
    team_kind = fields.String(load_default=None, allow_none=True)
    by_itself = fields.Boolean(load_default=False)
    records_minutes = fields.Boolean(load_default=False)
    who = fields.String(load_default="")
    evidence = fields.String(load_default="")
    book = fields.Enum(Book, by_value=True, load_default=Book.POINTS)
    quantity = fields.Enum(Quantity, by_value=True, load_default=None, allow_none=True)
    bands = fields.List(fields.Nested(BandInput), load_default=list, validate=validate.Length(max=20))
    by_parts = fields.Boolean(load_default=True)
    period = fields.Enum(Window, by_value=True, load_default=Window.YEAR)
    full_score = PointsField(load_default=0)
    highest_group = fields.String(load_default="")
    conditions = fields.List(fields.Nested(ConditionInput), load_default=list, validate=validate.Length(max=8))
    weights = fields.List(fields.Nested(WeightInput), load_default=list, validate=validate.Length(max=3))
    least = PointsField(load_default=0)
    honour_percent = fields.Integer(load_default=0)
    takes_away = fields.Boolean(load_default=False)
    repeat_days = fields.Integer(load_default=0)
    caps = fields.List(fields.Nested(CapInput), load_default=list, validate=validate.Length(max=12))


def rule_draft(values: dict[str, Any]) -> RuleDraft:
    """The values of :class:`RuleInput` as an item."""
    lists = {"caps": Cap, "bands": Band, "weights": Weight}
    made = {name: tuple(kind(**one) for one in values[name]) for name, kind in lists.items()}
    conditions = tuple(Condition(**{**one, "words": tuple(one["words"])}) for one in values["conditions"])
    return RuleDraft(**{**values, **made, "conditions": conditions})


class SwitchInput(Input):
    """Whether items of the draft may take points away."""

    on = fields.Boolean(required=True)


class VotesInput(Input):
    """The meeting that decided, and its votes."""

    meeting = fields.Enum(Meeting, by_value=True, required=True)
    held_on = fields.Date(required=True)
    present = fields.Integer(required=True)
    votes_for = fields.Integer(required=True)
    votes_against = fields.Integer(load_default=0)
    votes_abstain = fields.Integer(load_default=0)


class AdoptInput(Input):
    """From when, by which resolution: in words, and with the votes unless it was in force on paper before."""

    in_force_on = fields.Date(required=True)
    resolution = fields.String(required=True)
    votes = fields.Nested(VotesInput, load_default=None, allow_none=True)
    on_paper = fields.Boolean(load_default=False)


class PreviewInput(Input):
    """A deed to be tried: of the resident acted for, by the version of its day, with what their caps still leave."""

    kind = fields.Enum(DeedKind, by_value=True, required=True)
    on = fields.Date(required=True)
    item_code = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=12))
    minutes = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 1440))
    units = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 1_000_000))
    score = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 1_000_000))
    amount = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 10**12))
    starts_at = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 1439))
    age = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 150))
    team_kind = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=16))


class JudgedLineView(View):
    """What one item gives; ``amount`` in points, or in minutes in the book of minutes."""

    rule_code = fields.String()
    rule_name = fields.String()
    receiver = fields.String()
    book = fields.String()
    amount = fields.Function(lambda line: PointsField()._serialize(line.amount, None, line)
                             if line.book != "minutes" else str(line.amount))
    timing = fields.String()
    explanation = fields.Function(lambda line: queries.explain(line.explanation))


class JudgedNoteView(View):
    """Why an item gave nothing."""

    reason = fields.String()
    rule_code = fields.String(allow_none=True)
    rule_name = fields.String(allow_none=True)
    sentence = fields.Function(lambda note: queries.say(note.entry))


class EvaluationView(View):
    """A judgement."""

    version_id = fields.Integer(allow_none=True)
    version_number = fields.Integer(allow_none=True)
    points = PointsField()
    lines = fields.List(fields.Nested(JudgedLineView))
    notes = fields.List(fields.Nested(JudgedNoteView))
