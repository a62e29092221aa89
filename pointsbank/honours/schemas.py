"""The JSON shapes of honours, proposals and certificates."""

from __future__ import annotations

from marshmallow import fields, validate

from pointsbank.core.api import Input, PointsField, View
from pointsbank.honours import wording
from pointsbank.honours.models import CertificateState, Period, ProposalState


class OnLadderView(View):
    """How the resident stands on a ladder: figures, the step held, what is missing to the next."""

    title = fields.String(attribute="ladder.title")
    period = fields.Enum(Period, by_value=True, attribute="ladder.period")
    minutes = fields.Integer(attribute="figures.minutes")
    honour = PointsField(attribute="figures.honour")
    step = fields.Function(lambda one: one.held.step_name if one.held is not None else None)
    missing = fields.Function(lambda one: wording.lacks(one.missing) if one.missing is not None else None)


class AwardView(View):
    """A granted honour with the figures of its day; ``revoked_on`` where it was taken back."""

    id = fields.Integer(attribute="award.id")
    year = fields.Integer(attribute="award.year")
    number = fields.Integer(attribute="award.number")
    ladder = fields.String(attribute="award.ladder_title")
    step = fields.String(attribute="award.step_name")
    period_key = fields.String(attribute="award.period_key")
    minutes = fields.Integer(attribute="award.minutes")
    honour = PointsField(attribute="award.honour")
    granted_on = fields.Date(attribute="award.granted_on")
    revoked_on = fields.Function(lambda one: one.revoked.revoked_on.isoformat() if one.revoked is not None else None)


class MineView(View):
    """Everything of one resident."""

    ladders = fields.List(fields.Nested(OnLadderView))
    awards = fields.List(fields.Nested(AwardView))
    no_shows = fields.Integer()
    is_hidden = fields.Boolean()


class ShownInput(Input):
    """Stand on the board, or don't."""

    shown = fields.Boolean(required=True)


class ProposalView(View):
    """Somebody reached a step, with the figures of ``figures_on``."""

    id = fields.Integer()
    resident_id = fields.Integer()
    ladder_id = fields.Integer()
    level = fields.Integer()
    period_key = fields.String()
    minutes = fields.Integer()
    honour = PointsField()
    no_shows = fields.Integer()
    figures_on = fields.Date()
    state = fields.Enum(ProposalState, by_value=True)
    notice_id = fields.Integer()


class FoundView(View):
    """What a look at the figures brought."""

    proposed = fields.List(fields.Integer())
    held_back = fields.Function(lambda found: sorted({one.resident_id for one in found.held_back}))


class DecideInput(Input):
    """Confirm proposals, all or none, or decline them with an answer."""

    ids = fields.List(fields.Integer(strict=True), required=True, validate=validate.Length(1, 500))
    confirm = fields.Boolean(required=True)
    answer = fields.String(load_default="", validate=validate.Length(max=400))


class DecidedView(View):
    """The proposals decided about."""

    items = fields.List(fields.Nested(ProposalView))


class CertificateInput(Input):
    """Ask for a certificate; with ``resident_id`` at the counter for somebody."""

    since_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    purpose = fields.String(load_default="", validate=validate.Length(max=120))
    volunteer_number = fields.String(load_default="", validate=validate.Length(max=40))
    resident_id = fields.Integer(load_default=None, allow_none=True, strict=True)


class ServedView(View):
    """What was served, added up by what it was."""

    what = fields.String()
    times = fields.Integer()
    minutes = fields.Integer()
    first = fields.String()
    last = fields.String()


class CertificateView(View):
    """One certificate, for its resident and the desk."""

    id = fields.Integer()
    resident_id = fields.Integer()
    state = fields.Enum(CertificateState, by_value=True)
    since_on = fields.Date()
    until_on = fields.Date()
    purpose = fields.String()
    volunteer_number = fields.String()
    minutes = fields.Integer()
    content = fields.List(fields.Nested(ServedView))
    notice_id = fields.Integer()
    year = fields.Integer()
    number = fields.Integer()
    issuer = fields.String()
    issued_on = fields.Date()
    answer = fields.String()
    withdrawn_on = fields.Date()


class CheckInput(Input):
    """Number and code from the paper."""

    number = fields.String(required=True, validate=validate.Length(1, 60))
    code = fields.String(required=True, validate=validate.Length(1, 20))


class VerifiedView(View):
    """What anybody with number and code may learn; the name is masked."""

    number = fields.String()
    community = fields.String()
    masked_name = fields.String()
    what = fields.String()
    minutes = fields.Integer()
    since_on = fields.Date()
    until_on = fields.Date()
    issued_on = fields.Date()
    stands = fields.Boolean()
