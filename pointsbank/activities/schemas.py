"""JSON shapes of the room."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from pointsbank.activities.models import ActivityKind, CheckInMode
from pointsbank.core.api import Input, PageInput, View
from pointsbank.media.schemas import PhotoView


class ActivityInput(Input):
    """Plan an activity; instants are ISO 8601 with an offset."""

    title = ma.fields.String(required=True, validate=validate.Length(1, 80))
    starts_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True)
    kind = ma.fields.Enum(ActivityKind, by_value=True, load_default=ActivityKind.VOLUNTEERING)
    mode = ma.fields.Enum(CheckInMode, by_value=True, load_default=CheckInMode.IN)
    team_id = ma.fields.Integer(load_default=None, allow_none=True)
    venue_id = ma.fields.Integer(load_default=None, allow_none=True)
    text = ma.fields.String(load_default="", validate=validate.Length(max=1000))
    place = ma.fields.String(load_default="", validate=validate.Length(max=80))
    capacity = ma.fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 100_000))
    needs_sign_up = ma.fields.Boolean(load_default=True)
    item_code = ma.fields.String(load_default=None, allow_none=True, validate=validate.Length(max=12))


class ActivityQuery(PageInput):
    """Which activities of the desk."""

    state = ma.fields.String(
        load_default="", validate=validate.OneOf(["", "waiting", "draft", "published", "cancelled"]))


class ActivityReasonInput(Input):
    """Why."""

    reason = ma.fields.String(load_default="", validate=validate.Length(max=300))


class ActivityView(View):
    """An activity."""

    id = ma.fields.Integer()
    title = ma.fields.String()
    kind = ma.fields.Enum(ActivityKind, by_value=True)
    mode = ma.fields.Enum(CheckInMode, by_value=True)
    team_id = ma.fields.Integer(allow_none=True)
    text = ma.fields.String()
    place = ma.fields.String()
    capacity = ma.fields.Integer(allow_none=True)
    needs_sign_up = ma.fields.Boolean()
    item_code = ma.fields.String(allow_none=True)
    state = ma.fields.String()
    submitted_at = ma.fields.DateTime(allow_none=True)
    published_at = ma.fields.DateTime(allow_none=True)


class PhotosInput(Input):
    """Photos to hang up: their numbers from ``POST /photos`` with the purpose ``activity``."""

    photo_ids = ma.fields.List(ma.fields.Integer(strict=True), required=True, validate=validate.Length(1, 9))


class PhotosView(View):
    """The photos of an activity, its cover first; complete, so ``next`` is always null."""

    items = ma.fields.List(ma.fields.Nested(PhotoView))
    next = ma.fields.String(allow_none=True)


class OccurrenceView(View):
    """One time it takes place."""

    id = ma.fields.Integer()
    activity_id = ma.fields.Integer()
    starts_at = ma.fields.DateTime()
    ends_at = ma.fields.DateTime()
    state = ma.fields.String()
    headcount = ma.fields.Integer(allow_none=True)
    counted = ma.fields.Integer(allow_none=True)


class ListedView(View):
    """An occurrence with its activity, its sign-ups, and whether the resident acted for is among them."""

    occurrence = ma.fields.Nested(OccurrenceView)
    activity = ma.fields.Nested(ActivityView)
    signed_up = ma.fields.Integer()
    is_mine = ma.fields.Boolean()
    places_left = ma.fields.Integer(allow_none=True)


class ListedPage(View):
    """What is coming; complete, so ``next`` is always null."""

    items = ma.fields.List(ma.fields.Nested(ListedView))
    next = ma.fields.String(allow_none=True)


class SignUpView(View):
    """A sign-up."""

    occurrence_id = ma.fields.Integer()
    resident_id = ma.fields.Integer()
    state = ma.fields.String()


class ScanInput(Input):
    """A rotating code as scanned: the token, or the whole address."""

    token = ma.fields.String(required=True, validate=validate.Length(1, 300))


class ReceiptView(View):
    """What the code was exchanged for; good for ten minutes and this sender only."""

    id = ma.fields.String()
    receipt = ma.fields.String()
    occurrence_id = ma.fields.Integer()
    kind = ma.fields.String()
    late = ma.fields.Boolean()


class CheckInInput(Input):
    """A resident's own check-in by receipt."""

    receipt = ma.fields.String(required=True, validate=validate.Length(1, 600))


class NumberInput(Input):
    """The four digits."""

    number = ma.fields.String(required=True, validate=validate.Regexp(r"[0-9]{4}\Z"))


class CardInput(Input):
    """A member card read by a leader."""

    card = ma.fields.String(required=True, validate=validate.Length(1, 300))
    kind = ma.fields.String(load_default="in", validate=validate.OneOf(["in", "out"]))


class SheetInput(Input):
    """People entered by hand."""

    resident_ids = ma.fields.List(ma.fields.Integer(), required=True, validate=validate.Length(1, 500))
    reason = ma.fields.String(required=True, validate=validate.Length(1, 200))
    method = ma.fields.String(load_default="paper", validate=validate.OneOf(["paper", "leader_typed"]))
    in_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    out_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)


class CloseInput(Input):
    """The headcount."""

    headcount = ma.fields.Integer(required=True, validate=validate.Range(0, 100_000))
    anyway = ma.fields.Boolean(load_default=False)


class AttendanceView(View):
    """The attendance that a check-in led to; ``is_new`` False says "already checked in at ``in_at``"."""

    attendance_id = ma.fields.Integer()
    occurrence_id = ma.fields.Integer()
    title = ma.fields.String()
    kind = ma.fields.String()
    state = ma.fields.String()
    in_at = ma.fields.DateTime(allow_none=True)
    out_at = ma.fields.DateTime(allow_none=True)
    minutes = ma.fields.Integer()
    is_new = ma.fields.Boolean()


class NumberView(View):
    """A wrong number is an answer and not an error, so that the counted try is kept."""

    accepted = ma.fields.Boolean()
    tries_left = ma.fields.Integer(allow_none=True)
    attendance = ma.fields.Nested(AttendanceView, allow_none=True)


class RosterRowView(View):
    """One line of the roster."""

    number = ma.fields.Integer()
    resident_id = ma.fields.Integer(attribute="resident.id")
    name = ma.fields.String(attribute="resident.name")
    signed_up = ma.fields.Boolean()
    in_team = ma.fields.Boolean()
    attendance_id = ma.fields.Integer(attribute="attendance.id", allow_none=True)
    state = ma.fields.String(attribute="attendance.state", allow_none=True)
    minutes = ma.fields.Integer(attribute="attendance.minutes", allow_none=True)


class RosterPage(View):
    """The whole roster, in the order of the printed sheet."""

    items = ma.fields.List(ma.fields.Nested(RosterRowView))
    next = ma.fields.String(allow_none=True)


class StoredAttendanceView(View):
    """A resident's attendance."""

    id = ma.fields.Integer()
    occurrence_id = ma.fields.Integer()
    state = ma.fields.String()
    method = ma.fields.String()
    in_at = ma.fields.DateTime(allow_none=True)
    out_at = ma.fields.DateTime(allow_none=True)
    minutes = ma.fields.Integer()
    paid_minutes = ma.fields.Integer(allow_none=True)
    flags = ma.fields.List(ma.fields.String())


class CountView(View):
    """How many rows changed."""

    count = ma.fields.Integer()


class ScreenView(View):
    """A code screen; its key is for this screen's page alone."""

    screen_id = ma.fields.Integer()
    occurrence_id = ma.fields.Integer()
    token = ma.fields.String()
    address = ma.fields.String()
    number = ma.fields.String()
    seconds_left = ma.fields.Integer()
