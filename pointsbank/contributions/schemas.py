"""The JSON shapes of deeds, award lines, reviews, objections' decisions and corrections."""

from __future__ import annotations

from marshmallow import fields, validate

from pointsbank.contributions import wording
from pointsbank.contributions.models import (
    AppealState,
    Choice,
    CorrectionState,
    DeedKind,
    LineState,
    Outcome,
    RecordedVia,
    ReviewStep,
    ShareState,
    SittingState,
    State,
)
from pointsbank.contributions.queries import sharing
from pointsbank.core.api import Input, PageInput, PointsField, View
from pointsbank.ledger.models import Book
from pointsbank.publicity.models import Grouping
from pointsbank.rules import queries as rules
from pointsbank.rules.models import Receiver, Timing


class DeedInput(Input):
    """A deed to file; ``photo_ids`` come from ``POST /photos``.

    ``score`` and ``size`` in hundredths, ``same_as`` an earlier deed of the same act, ``beneficiary_id`` the relative
    who is to have the points.
    """

    kind = fields.Enum(DeedKind, by_value=True, required=True)
    title = fields.String(required=True, validate=validate.Length(1, 120))
    on = fields.Date(required=True)
    item_code = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=12))
    minutes = fields.Integer(load_default=None, allow_none=True, strict=True)
    units = fields.Integer(load_default=None, allow_none=True, strict=True)
    score = fields.Integer(load_default=None, allow_none=True, strict=True)
    amount_fen = fields.Integer(load_default=None, allow_none=True, strict=True)
    size = fields.Integer(load_default=None, allow_none=True, strict=True)
    same_as = fields.Integer(load_default=None, allow_none=True, strict=True)
    beneficiary_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    place = fields.String(load_default="", validate=validate.Length(max=120))
    text = fields.String(load_default="", validate=validate.Length(max=500))
    photo_ids = fields.List(fields.Integer(strict=True), load_default=list, validate=validate.Length(max=9))


class NewDeedInput(DeedInput):
    """The same with the resident it is for, and whether it is sent at once."""

    resident_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    reason = fields.String(load_default="", validate=validate.Length(max=200))
    submit = fields.Boolean(load_default=True)


class ActInput(Input):
    """The other deed that is the same act; null for an act of its own."""

    same_as = fields.Integer(required=True, allow_none=True, strict=True)


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
    score = fields.Integer(allow_none=True)
    amount_fen = fields.Integer(allow_none=True)
    size = fields.Integer(allow_none=True)
    item_code = fields.String()
    act_key = fields.String(allow_none=True)
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


class FiguresInput(Input):
    """What was really done; null: as the deed says. ``right_score`` in hundredths."""

    right_minutes = fields.Integer(load_default=None, allow_none=True, strict=True)
    right_units = fields.Integer(load_default=None, allow_none=True, strict=True)
    right_score = fields.Integer(load_default=None, allow_none=True, strict=True)
    right_amount_fen = fields.Integer(load_default=None, allow_none=True, strict=True)
    right_item_code = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=12))


class CorrectionInput(FiguresInput):
    """Taking back what a deed earned, with the right figures if it was done."""

    deed_id = fields.Integer(required=True, strict=True)
    reason = fields.String(required=True, validate=validate.Length(1, 500))


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
    right_score = fields.Integer(allow_none=True)
    right_amount_fen = fields.Integer(allow_none=True)
    right_item_code = fields.String(allow_none=True)
    appeal_id = fields.Integer(allow_none=True)
    proposed_at = fields.DateTime()
    decided_at = fields.DateTime()
    answer = fields.String()


# ── Requests for a review ───────────────────────────────────────────────────────────────────────────────────────


class AppealPageInput(PageInput):
    """``to_do`` (for the desk): only what waits, the overdue first."""

    to_do = fields.Boolean(load_default=False)


class AppealInput(Input):
    """A request for a review; ``photo_ids`` (of the slip, for ``on_paper``) come from ``POST /photos``."""

    deed_id = fields.Integer(required=True, strict=True)
    text = fields.String(required=True, validate=validate.Length(1, 500))
    on_paper = fields.Boolean(load_default=False)
    paper_reason = fields.String(load_default="", validate=validate.Length(max=200))
    photo_ids = fields.List(fields.Integer(strict=True), load_default=list, validate=validate.Length(max=9))


class AppealDecisionInput(FiguresInput):
    """The written answer, and the right figures where it is upheld."""

    upheld = fields.Boolean(required=True)
    answer = fields.String(required=True, validate=validate.Length(1, 500))


class PutRightInput(FiguresInput):
    """Another proposal for a request that was upheld."""

    reason = fields.String(required=True, validate=validate.Length(1, 500))


class AppealView(View):
    """A request with where it stands: ``stage`` is open, withdrawn, dismissed, second_person, refused or anew;
    ``where`` says it in words, ``renewed_deed`` is the deed as it was recorded anew."""

    id = fields.Integer()
    deed_id = fields.Integer(attribute="contribution_id")
    resident_id = fields.Integer()
    state = fields.Enum(AppealState, by_value=True)
    text = fields.String()
    on_paper = fields.Boolean()
    opened_at = fields.DateTime()
    answer_due_on = fields.Date()
    overdue = fields.Boolean()
    ended_at = fields.DateTime(allow_none=True)
    answer = fields.String()
    stage = fields.String()
    where = fields.String()
    correction = fields.Nested(CorrectionView, allow_none=True)
    renewed_deed = fields.Nested(DeedView, allow_none=True)


# ── The panel ───────────────────────────────────────────────────────────────────────────────────────────────────


class ShareLineInput(Input):
    """What one member gets."""

    resident_id = fields.Integer(required=True)
    amount = PointsField(required=True)


class ShareInput(Input):
    """How a team's points are to be shared among its members of today."""

    reason = fields.String(required=True, validate=validate.Length(2, 300))
    lines = fields.List(fields.Nested(ShareLineInput), required=True, validate=validate.Length(1, 500))


class ShareDecisionInput(Input):
    """The second person confirms, or refuses with a reason."""

    confirm = fields.Boolean(required=True)
    answer = fields.String(load_default="", validate=validate.Length(max=300))


class ShareLineView(View):
    """What one member gets; ``owner`` is the passbook it went to."""

    resident_id = fields.Integer()
    amount = PointsField()
    owner = fields.String(attribute="owner_key", allow_none=True)


class ShareView(View):
    """A proposal and what came of it."""

    id = fields.Integer()
    team_id = fields.Integer()
    state = fields.Enum(ShareState, by_value=True)
    reason = fields.String()
    answer = fields.String()
    proposed_at = fields.AwareDateTime(format="iso")
    decided_at = fields.AwareDateTime(format="iso", allow_none=True)
    lines = fields.Function(lambda share: ShareLineView(many=True).dump(
        sharing.lines_of(share.community_id, [share.id])[share.id]), metadata={"type": "array"})


class TeamPurseView(View):
    """What a team has to share."""

    available = PointsField()


class SittingInput(Input):
    """A sitting to open. The selection is optional: a period by the day of the deed, a kind, a team."""

    title = fields.String(required=True, validate=validate.Length(1, 80))
    held_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    from_on = fields.Date(load_default=None, allow_none=True)
    to_on = fields.Date(load_default=None, allow_none=True)
    kind = fields.String(load_default="", validate=validate.OneOf(["", *DeedKind]))
    team_id = fields.Integer(load_default=None, allow_none=True, strict=True)


class SittingView(View):
    """A sitting; ``deeds`` are on its list, and about ``left`` of them one's own vote is missing."""

    id = fields.Integer()
    title = fields.String()
    held_on = fields.Date()
    due_on = fields.Date()
    state = fields.Enum(SittingState, by_value=True)
    quorum = fields.Integer()
    opened_at = fields.DateTime()
    ended_at = fields.DateTime()
    reason = fields.String()
    deeds = fields.Integer()
    left = fields.Integer()


class ListInput(PageInput):
    """``left`` shows only what one has still to vote about."""

    left = fields.Boolean(load_default=False)


class SittingItemView(View):
    """A deed of the list with one's own vote; the numbers are those of the end, 0 while votes are cast."""

    id = fields.Integer()
    position = fields.Integer()
    outcome = fields.Enum(Outcome, by_value=True)
    reason = fields.String()
    carried_over = fields.Boolean()
    votes_for = fields.Integer()
    votes_against = fields.Integer()
    abstained = fields.Integer()
    deed = fields.Nested(DeedView)
    own_vote = fields.Enum(Choice, by_value=True, allow_none=True)
    barred = fields.String()


class BallotInput(Input):
    """A vote about one deed of the list; against needs a reason."""

    item_id = fields.Integer(required=True, strict=True)
    choice = fields.Enum(Choice, by_value=True, required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=300))


class VotesInput(Input):
    """Votes, all or none. ``rest_for`` votes for everything left. A clerk enters the sheet of ``member_id``."""

    votes = fields.List(fields.Nested(BallotInput), load_default=list, validate=validate.Length(max=500))
    rest_for = fields.Boolean(load_default=False)
    member_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    paper_note = fields.String(load_default="", validate=validate.Length(max=120))


class VotedView(View):
    """How many votes are new."""

    kept = fields.Integer()


class RulingInput(Input):
    """What the chair does with a deed that was not carried."""

    item_id = fields.Integer(required=True, strict=True)
    send_back = fields.Boolean(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class CloseInput(Input):
    """The chair's rulings; without one a deed that was not carried is turned down. ``seen_vote_id`` is optional."""

    rulings = fields.List(fields.Nested(RulingInput), load_default=list, validate=validate.Length(max=500))
    seen_vote_id = fields.Integer(load_default=None, allow_none=True, strict=True)


class ReasonInput(Input):
    """A reason."""

    reason = fields.String(required=True, validate=validate.Length(1, 300))
