"""The JSON shapes of rounds and proposals."""

from __future__ import annotations

from marshmallow import fields, validate

from pointsbank.core.api import Input, PageInput, View
from pointsbank.patrols.models import (
    FindingState,
    LookOutcome,
    PatrolSource,
    PatrolState,
    Proof,
    ProposalState,
    RouteKind,
    StopResult,
)


class FindingInput(Input):
    """Something not in order. ``client_id``: made once (8 to 64 letters, digits, ``-``, ``_``). Photos come from
    ``POST /photos`` with the purpose ``report``."""

    client_id = fields.String(required=True, validate=validate.Length(max=64))
    category_id = fields.Integer(required=True)
    text = fields.String(required=True, validate=validate.Length(max=500))
    photo_ids = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=9))
    fixed_on_spot = fields.Boolean(load_default=False)


class StopInput(Input):
    """What came of one checkpoint. ``checks``: for each question's key whether it is fine; ``tag``: the code of the
    place tag scanned there; ``at``: what the phone's clock said, which is bounded."""

    id = fields.Integer(required=True)
    result = fields.Enum(StopResult, by_value=True, required=True, validate=validate.OneOf(
        [StopResult.OK, StopResult.FINDING, StopResult.SKIPPED]))
    checks = fields.Dict(keys=fields.String(validate=validate.Length(max=12)), values=fields.Boolean(),
                         load_default=dict, validate=validate.Length(max=20))
    reason = fields.String(load_default="", validate=validate.Length(max=200))
    at = fields.AwareDateTime(load_default=None, allow_none=True)
    tag = fields.String(load_default="", validate=validate.Length(max=64))
    photo_ids = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=9))
    findings = fields.List(fields.Nested(FindingInput), load_default=list, validate=validate.Length(max=10))


class RoundInput(Input):
    """A whole round. ``client_id`` is made once and sent with it each time: sent twice it is one round."""

    client_id = fields.String(required=True, validate=validate.Length(max=64))
    started_at = fields.AwareDateTime(load_default=None, allow_none=True)
    ended_at = fields.AwareDateTime(load_default=None, allow_none=True)
    checkpoints = fields.List(fields.Nested(StopInput), required=True, validate=validate.Length(max=60))


class RoundsInput(PageInput):
    """A page of rounds."""

    state = fields.Enum(PatrolState, by_value=True, load_default=None, allow_none=True)
    route_id = fields.Integer(load_default=None, allow_none=True)


class ReasonInput(Input):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(max=300))


class NoteInput(Input):
    """A word that goes with it; may be empty."""

    text = fields.String(load_default="", validate=validate.Length(max=300))


class AcceptInput(NoteInput):
    """``absent``: residents on the list of the round who were not there."""

    absent = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=6))


class ConfirmInput(Input):
    """Whether what was put right on the spot is put right."""

    is_fixed = fields.Boolean(required=True)
    text = fields.String(load_default="", validate=validate.Length(max=300))


class LookInput(Input):
    """What somebody else saw; opening again needs words."""

    outcome = fields.Enum(LookOutcome, by_value=True, required=True)
    text = fields.String(load_default="", validate=validate.Length(max=500))


class ProposalInput(Input):
    """A proposal. ``client_id`` as everywhere."""

    client_id = fields.String(required=True, validate=validate.Length(max=64))
    text = fields.String(required=True, validate=validate.Length(max=500))
    place_id = fields.Integer(load_default=None, allow_none=True)
    photo_ids = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=9))


class AnswerInput(Input):
    """The committee's answer."""

    outcome = fields.Enum(ProposalState, by_value=True, required=True)
    answer = fields.String(required=True, validate=validate.Length(max=500))


class ObserverView(View):
    """Who walks. Whole names: only the team and its keepers see rounds."""

    resident_id = fields.Function(lambda pair: pair[0], metadata={"type": "integer"})
    name = fields.Function(lambda pair: pair[1], metadata={"type": "string"})


class PatrolView(View):
    """A round in a list."""

    id = fields.Integer(attribute="patrol.id")
    route_id = fields.Integer(attribute="route.id")
    route = fields.String(attribute="route.name")
    kind = fields.Enum(RouteKind, by_value=True, attribute="route.kind")
    on = fields.Date(attribute="patrol.on")
    starts_at = fields.AwareDateTime(attribute="patrol.starts_at", format="iso")
    ends_at = fields.AwareDateTime(attribute="patrol.ends_at", format="iso")
    state = fields.Enum(PatrolState, by_value=True, attribute="patrol.state")
    observers = fields.List(fields.Nested(ObserverView))


class PatrolRowView(PatrolView):
    """With how far it is."""

    stops = fields.Integer()
    done = fields.Integer()
    findings = fields.Integer()


class LineView(View):
    """A question."""

    key = fields.String()
    ask = fields.String()
    category_id = fields.Integer(allow_none=True)


class FindingView(View):
    """What was found."""

    id = fields.Integer()
    client_id = fields.String()
    category_id = fields.Integer()
    text = fields.String()
    fixed_on_spot = fields.Boolean()
    state = fields.Enum(FindingState, by_value=True)
    case_id = fields.Integer(allow_none=True)


class StopView(View):
    """A checkpoint of a round."""

    id = fields.Integer(attribute="stop.id")
    position = fields.Integer(attribute="stop.position")
    place_id = fields.Integer(attribute="place.id")
    place = fields.String(attribute="place.name")
    lat = fields.Float(attribute="place.lat", allow_none=True)
    lon = fields.Float(attribute="place.lon", allow_none=True)
    checklist = fields.List(fields.Nested(LineView), attribute="stop.checklist")
    result = fields.Enum(StopResult, by_value=True, attribute="stop.result")
    checks = fields.Dict(keys=fields.String(), values=fields.Boolean(), attribute="stop.checks")
    reason = fields.String(attribute="stop.reason")
    proof = fields.Enum(Proof, by_value=True, attribute="stop.proof")
    said_at = fields.AwareDateTime(attribute="stop.said_at", allow_none=True, format="iso")
    received_at = fields.AwareDateTime(attribute="stop.received_at", allow_none=True, format="iso")
    findings = fields.List(fields.Nested(FindingView))


class WholeView(PatrolView):
    """A round with its rows. ``clock_off``: what the phone said could not be and was bounded."""

    source = fields.Enum(PatrolSource, by_value=True, attribute="patrol.source")
    started_at = fields.AwareDateTime(attribute="patrol.started_at", allow_none=True, format="iso")
    submitted_at = fields.AwareDateTime(attribute="patrol.submitted_at", allow_none=True, format="iso")
    said_from = fields.AwareDateTime(attribute="patrol.said_from", allow_none=True, format="iso")
    said_until = fields.AwareDateTime(attribute="patrol.said_until", allow_none=True, format="iso")
    minutes = fields.Integer(attribute="patrol.minutes")
    clock_off = fields.Boolean(attribute="patrol.clock_off")
    arrived_late = fields.Boolean(attribute="patrol.arrived_late")
    reason = fields.String(attribute="patrol.reason")
    checkpoints = fields.List(fields.Nested(StopView), attribute="stops")


class LookView(View):
    """A second look."""

    id = fields.Integer()
    finding_id = fields.Integer()
    case_id = fields.Integer()
    outcome = fields.Enum(LookOutcome, by_value=True)
    text = fields.String()
    at = fields.AwareDateTime(format="iso")


class ProposalView(View):
    """A proposal with its answer; ``name`` is masked for others than the desk and the proposer."""

    id = fields.Integer(attribute="proposal.id")
    name = fields.String()
    place = fields.String()
    text = fields.String(attribute="proposal.text")
    state = fields.Enum(ProposalState, by_value=True, attribute="proposal.state")
    sent_at = fields.AwareDateTime(attribute="proposal.sent_at", format="iso")
    due_on = fields.Date(attribute="proposal.due_on")
    answer = fields.String(attribute="proposal.answer")
    answered_at = fields.AwareDateTime(attribute="proposal.answered_at", allow_none=True, format="iso")


class SwapView(View):
    """A request to take a round over."""

    id = fields.Integer()
    patrol_id = fields.Integer()
    reason = fields.String()
    asked_at = fields.AwareDateTime(format="iso")
    ended_at = fields.AwareDateTime(allow_none=True, format="iso")
