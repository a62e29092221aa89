"""The JSON shapes of reports and cases."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from pointsbank.cases.models import (
    ENTERED,
    CaseClass,
    CaseClock,
    CaseState,
    CaseVisibility,
    ClockKind,
    Evaluation,
    Outcome,
    SignalKind,
    Source,
    SpanUnit,
    Verdict,
)
from pointsbank.cases.queries import Sight
from pointsbank.cases.services.following import code_of
from pointsbank.core.api import Input, PageInput, View


class ReportInput(Input):
    """A report. ``client_id``: made once for a draft (8 to 64 letters, digits, ``-``, ``_``) and sent with it each
    time. Photos come from ``POST /photos`` with the purpose ``report``; with one, ``text`` may be left out. Degrees of
    WGS84. ``place`` or ``place_id``."""

    client_id = fields.String(required=True, validate=validate.Length(max=64))
    category_id = fields.Integer(required=True)
    text = fields.String(load_default="", validate=validate.Length(max=2000))
    place = fields.String(load_default="", validate=validate.Length(max=500))
    lat = fields.Float(load_default=None, allow_none=True)
    lon = fields.Float(load_default=None, allow_none=True)
    anonymous = fields.Boolean(load_default=False)
    photo_ids = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=9))
    place_id = fields.Integer(load_default=None, allow_none=True)


class ReportView(View):
    """A report as its sender and the staff see it."""

    id = fields.Integer()
    client_id = fields.String()
    case_id = fields.Integer()
    category_id = fields.Integer()
    text = fields.String()
    place_id = fields.Integer(allow_none=True)
    place = fields.String()
    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)
    anonymous = fields.Boolean()
    sent_at = fields.AwareDateTime(format="iso")


class SentView(ReportView):
    """The answer to whoever sent a report. ``code``: the word by which an anonymous one is followed, told here only;
    empty for one with a name."""

    code = fields.Function(code_of, metadata={"type": "string"})


class EnteredInput(ReportInput):
    """A report that staff enter: how they know of it, and whoever hears of it and may earn, if there is one."""

    source = fields.Enum(Source, by_value=True, required=True, validate=validate.OneOf(ENTERED))
    resident_id = fields.Integer(load_default=None, allow_none=True)


class CodeInput(Input):
    """The code word of a report: 12 digits, in whatever groups."""

    code = fields.String(required=True, validate=validate.Length(max=60))


class FollowedView(View):
    """A case for whoever has the code of its report: no names, words or place."""

    number = fields.Integer()
    follows = fields.Integer(allow_none=True)
    category = fields.String()
    state = fields.Enum(CaseState, by_value=True)
    outcome = fields.Enum(Outcome, by_value=True, allow_none=True)
    opened_at = fields.AwareDateTime(format="iso")
    evaluate_by = fields.AwareDateTime(allow_none=True, format="iso")
    closed_at = fields.AwareDateTime(allow_none=True, format="iso")
    steps = fields.Function(lambda one: [
        {"verb": verb, "after": after.value, "at": at.isoformat()} for verb, after, at in one.steps],
        metadata={"type": "array"})


class SimilarInput(Input):
    """What is being reported: cases that look like it are offered to join."""

    category_id = fields.Integer(required=True)
    place = fields.String(required=True, validate=validate.Length(max=120))
    lat = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-90, 90))
    lon = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-180, 180))


class CasesInput(PageInput):
    """A page of cases, newest first."""

    state = fields.Enum(CaseState, by_value=True, load_default=None, allow_none=True)
    category_id = fields.Integer(load_default=None, allow_none=True)
    unit_id = fields.Integer(load_default=None, allow_none=True)


class StepInput(Input):
    """What a step takes along: words, and as the verb asks ``parent_id`` (merge), ``unit_id`` and ``handler_id``
    (assign), ``days`` (suspend), ``outcome`` and ``photo_ids`` of the purpose ``repair`` (finish), ``title`` (accept),
    ``show_photos`` (accept, approve)."""

    text = fields.String(load_default="", validate=validate.Length(max=500))
    parent_id = fields.Integer(load_default=None, allow_none=True)
    unit_id = fields.Integer(load_default=None, allow_none=True)
    handler_id = fields.Integer(load_default=None, allow_none=True)
    days = fields.Integer(load_default=None, allow_none=True)
    outcome = fields.Enum(Outcome, by_value=True, load_default=Outcome.FIXED)
    photo_ids = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=9))
    title = fields.String(load_default="", validate=validate.Length(max=200))
    show_photos = fields.Boolean(load_default=None, allow_none=True)


class WordsInput(Input):
    """Words that go with it."""

    text = fields.String(load_default="", validate=validate.Length(max=500))


class EvaluationInput(WordsInput):
    """Whether it is put right: satisfied, partly or unhappy (with a reason)."""

    answer = fields.Enum(Evaluation, by_value=True, required=True)


class ShownInput(Input):
    """Whether others see the photos."""

    shown = fields.Boolean(required=True)


class TitleInput(Input):
    """What others read, naming nobody; empty for kind and place."""

    title = fields.String(required=True, validate=validate.Length(max=200))


class ExtensionInput(Input):
    """More time to put it right, in the unit of the clock's span, and why."""

    extra = fields.Integer(required=True)
    text = fields.String(required=True, validate=validate.Length(max=500))


class VerdictInput(WordsInput):
    """What a second look found: holds, not_fixed or false; the last two with words."""

    verdict = fields.Enum(Verdict, by_value=True, required=True)


class AgreementInput(WordsInput):
    """Whether a second person agrees that a report was false, and why."""

    agrees = fields.Boolean(required=True)


class OpenInput(PageInput):
    """A page of what is to be done, or of everything."""

    open_only = fields.Boolean(load_default=True)


class UnitInput(Input):
    """A unit and the users who work for it."""

    name = fields.String(required=True, validate=validate.Length(max=60))
    area_id = fields.Integer(load_default=None, allow_none=True)
    team_id = fields.Integer(load_default=None, allow_none=True)
    member_ids = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=100))


class MembersInput(Input):
    """The users who work for a unit from now on."""

    member_ids = fields.List(fields.Integer(), required=True, validate=validate.Length(max=100))


class UnitView(View):
    """A unit."""

    id = fields.Integer()
    name = fields.String()
    area_id = fields.Integer(allow_none=True)
    team_id = fields.Integer(allow_none=True)


class CategoryInput(Input):
    """A kind of problem."""

    name = fields.String(required=True, validate=validate.Length(max=60))
    group_code = fields.String(required=True, validate=validate.Length(max=20))
    class_ = fields.Enum(CaseClass, by_value=True, load_default=CaseClass.PUBLIC, data_key="class")
    visibility = fields.Enum(CaseVisibility, by_value=True, load_default=None, allow_none=True)
    unit_id = fields.Integer(load_default=None, allow_none=True)
    nearby_m = fields.Integer(load_default=30)
    urgent = fields.Boolean(load_default=False)
    respond_span = fields.Integer(load_default=None, allow_none=True)
    respond_unit = fields.Enum(SpanUnit, by_value=True, load_default=None, allow_none=True)
    dispatch_span = fields.Integer(load_default=None, allow_none=True)
    dispatch_unit = fields.Enum(SpanUnit, by_value=True, load_default=None, allow_none=True)
    arrive_span = fields.Integer(load_default=None, allow_none=True)
    arrive_unit = fields.Enum(SpanUnit, by_value=True, load_default=None, allow_none=True)
    feed_back_span = fields.Integer(load_default=None, allow_none=True)
    feed_back_unit = fields.Enum(SpanUnit, by_value=True, load_default=None, allow_none=True)
    rectify_span = fields.Integer(load_default=3)
    rectify_unit = fields.Enum(SpanUnit, by_value=True, load_default=SpanUnit.WORK_DAYS)
    accepted_item = fields.String(load_default="", validate=validate.Length(max=12))
    fixed_item = fields.String(load_default="", validate=validate.Length(max=12))
    joined_item = fields.String(load_default="", validate=validate.Length(max=12))
    evaluated_item = fields.String(load_default="", validate=validate.Length(max=12))


class CategoryView(View):
    """A kind of problem with its promises."""

    id = fields.Integer()
    name = fields.String()
    group_code = fields.String()
    class_ = fields.Enum(CaseClass, by_value=True, data_key="class")
    visibility = fields.Enum(CaseVisibility, by_value=True)
    unit_id = fields.Integer(allow_none=True)
    nearby_m = fields.Integer()
    respond_span = fields.Integer()
    respond_unit = fields.Enum(SpanUnit, by_value=True)
    dispatch_span = fields.Integer(allow_none=True)
    dispatch_unit = fields.Enum(SpanUnit, by_value=True, allow_none=True)
    arrive_span = fields.Integer(allow_none=True)
    arrive_unit = fields.Enum(SpanUnit, by_value=True, allow_none=True)
    feed_back_span = fields.Integer(allow_none=True)
    feed_back_unit = fields.Enum(SpanUnit, by_value=True, allow_none=True)
    rectify_span = fields.Integer()
    rectify_unit = fields.Enum(SpanUnit, by_value=True)


class CaseView(View):
    """A case in a list. ``reporter`` is masked, empty if anonymous; ``text`` is empty for others than those inside."""

    id = fields.Integer(attribute="case.id")
    source = fields.Enum(Source, by_value=True, attribute="case.source")
    state = fields.Enum(CaseState, by_value=True, attribute="case.state")
    category = fields.String()
    category_id = fields.Integer(attribute="case.category_id")
    class_ = fields.Enum(CaseClass, by_value=True, attribute="case.class_", data_key="class")
    visibility = fields.Enum(CaseVisibility, by_value=True, attribute="case.visibility")
    unit = fields.String()
    place_id = fields.Integer(attribute="case.place_id", allow_none=True)
    place = fields.String(attribute="case.place")
    title = fields.String(attribute="heading")
    photos_public = fields.Boolean(attribute="case.photos_public")
    reporter = fields.String()
    joiners = fields.Integer()
    text = fields.String()
    level = fields.Integer(attribute="case.level")
    outcome = fields.Enum(Outcome, by_value=True, attribute="case.outcome", allow_none=True)
    evaluation = fields.Enum(Evaluation, by_value=True, attribute="case.evaluation", allow_none=True)
    round = fields.Integer(attribute="case.round")
    opened_at = fields.AwareDateTime(attribute="case.opened_at", format="iso")
    suspended_until = fields.AwareDateTime(attribute="case.suspended_until", allow_none=True, format="iso")
    evaluate_by = fields.AwareDateTime(attribute="case.evaluate_by", allow_none=True, format="iso")
    closed_at = fields.AwareDateTime(attribute="case.closed_at", allow_none=True, format="iso")


class EventView(View):
    """One change. Its words are for those inside."""

    verb = fields.String()
    before = fields.Enum(CaseState, by_value=True, allow_none=True)
    after = fields.Enum(CaseState, by_value=True)
    at = fields.AwareDateTime(format="iso")
    text = fields.String()
    detail = fields.Dict()


class EscalationView(View):
    """A clock went past so many percent."""

    clock_id = fields.Integer()
    level = fields.Integer()
    at = fields.AwareDateTime(format="iso")


def _extension(row: CaseClock) -> str:
    if row.extended_by_id is not None:
        return "approved"
    return "refused" if row.refused_by_id is not None else "asked" if row.asked_by_id is not None else ""


class ClockView(View):
    """A clock with its promise."""

    id = fields.Integer()
    kind = fields.Enum(ClockKind, by_value=True)
    span = fields.Integer()
    unit = fields.Enum(SpanUnit, by_value=True)
    started_at = fields.AwareDateTime(format="iso")
    due_at = fields.AwareDateTime(format="iso")
    stopped_at = fields.AwareDateTime(allow_none=True, format="iso")
    paused_at = fields.AwareDateTime(allow_none=True, format="iso")
    extra = fields.Integer()
    extension = fields.Function(_extension, metadata={"type": "string"})


def _events(sight: Sight) -> Any:
    shape = EventView(many=True) if sight.inside else EventView(many=True, exclude=("text", "detail"))
    return shape.dump(sight.events)


class WholeView(CaseView):
    """A case with its history; reports and photos for those inside."""

    reports = fields.List(fields.Nested(ReportView))
    events = fields.Function(_events, metadata={"type": "array"})
    voices = fields.Function(lambda sight: {answer.value: n for answer, n in sight.voices.items()},
                             metadata={"type": "object"})
    escalations = fields.List(fields.Nested(EscalationView))
    photo_keys = fields.Function(lambda sight: [photo.key for photo in sight.photos], metadata={"type": "array"})


class SupervisedView(View):
    """A case on the supervision list: when it was due, and how many minutes late it is or was put right."""

    case = fields.Nested(CaseView, attribute="sight")
    due_at = fields.AwareDateTime(format="iso")
    late_minutes = fields.Function(lambda row: int(row.late.total_seconds() // 60), metadata={"type": "integer"})
    level = fields.Integer()


class SignalOnlyView(View):
    """Something somebody should look at."""

    id = fields.Integer()
    case_id = fields.Integer()
    kind = fields.Enum(SignalKind, by_value=True)
    detail = fields.Dict()
    at = fields.AwareDateTime(format="iso")
    settled_at = fields.AwareDateTime(allow_none=True, format="iso")
    verdict = fields.String()


class SignalView(View):
    """The same with its case."""

    signal = fields.Nested(SignalOnlyView)
    case = fields.Nested(CaseView, attribute="sight")


class AuditOnlyView(View):
    """A case drawn for a second look, and what was found."""

    id = fields.Integer()
    case_id = fields.Integer()
    month = fields.Date()
    drawn_at = fields.AwareDateTime(format="iso")
    verdict = fields.Enum(Verdict, by_value=True, allow_none=True)
    text = fields.String()
    decided_at = fields.AwareDateTime(allow_none=True, format="iso")
    settled_at = fields.AwareDateTime(allow_none=True, format="iso")
    agreed = fields.Boolean(allow_none=True)


class AuditView(View):
    """The same with its case."""

    audit = fields.Nested(AuditOnlyView)
    case = fields.Nested(CaseView, attribute="sight")


class RestView(View):
    """A cap and what is left of it; points in hundredths, or times."""

    window = fields.String()
    subject = fields.String()
    measure = fields.String()
    most = fields.Integer()
    left = fields.Integer()


class BudgetView(View):
    """What another report could still earn."""

    earns = fields.Boolean()
    personal = fields.Nested(RestView, allow_none=True)
    shared = fields.Nested(RestView, allow_none=True)
    month_most = fields.Integer(allow_none=True)
    month_left = fields.Integer(allow_none=True)
    is_used_up = fields.Boolean()
