"""Forms of the room: shape only."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from pointsbank.activities.models import Activity, ActivityKind, CheckInMode, EventKind, Method, Occurrence
from pointsbank.activities.services.planning import ActivityDraft
from pointsbank.core import clock
from pointsbank.core.errors import lazy

KINDS = [(ActivityKind.VOLUNTEERING.value, lazy("Volunteering")), (ActivityKind.PATROL.value, lazy("Patrol"))]
MODES = [
    (CheckInMode.IN.value, lazy("Check in"), {"small": lazy("One scan; the time counts to the planned end")}),
    (CheckInMode.IN_OUT.value, lazy("Check in and out"), {"small": lazy("Two scans; the time between them counts")}),
    (CheckInMode.AUTOMATIC.value, lazy("No scanning"),
     {"small": lazy("Everybody who signed up counts; you take out who did not come")}),
]
DIRECTIONS = [(EventKind.IN.value, lazy("Check in")), (EventKind.OUT.value, lazy("Check out"))]
SHEET_METHODS = [
    (Method.PAPER.value, lazy("From the signed sheet"), {"small": lazy("You have the paper with their signatures")}),
    (Method.LEADER_TYPED.value, lazy("From memory"), {"small": lazy("No signatures")}),
]


class ActivityForm(FlaskForm):
    """Plan or edit an activity."""

    title = StringField(lazy("Title"), [InputRequired(), Length(max=80)])
    kind = RadioField(lazy("What kind"), choices=KINDS, default=ActivityKind.VOLUNTEERING.value)
    team_id = SelectField(lazy("Team"), coerce=int, default=0)
    day = DateField(lazy("Day"), [InputRequired()])
    starts = TimeField(lazy("Starts at"), [InputRequired()])
    ends = TimeField(lazy("Ends at"), [InputRequired()])
    place = StringField(lazy("Place"), [Optional(), Length(max=80)])
    venue_id = SelectField(lazy("Place with a code on the wall"), coerce=int, default=0)
    mode = RadioField(lazy("How people check in"), choices=MODES, default=CheckInMode.IN.value)
    needs_sign_up = BooleanField(lazy("Ask people to sign up"), default=True, description=lazy(
        "Who did not sign up and is not in the team can scan too, and then waits for your nod."))
    capacity = IntegerField(lazy("Number of places"), [Optional(), NumberRange(1, 100_000)],
                            description=lazy("Empty: as many as come."))
    item_code = SelectField(lazy("Counts as"), default="", description=lazy(
        "The item of the scoring rules. If you are not sure, leave it to the committee."))
    text = TextAreaField(lazy("What people should know"), [Optional(), Length(max=1000)])

    def draft(self) -> ActivityDraft:
        """The form as a draft. An end before the start means the next day."""
        day, starts, ends = self.day.data, self.starts.data, self.ends.data
        if day is None or starts is None or ends is None:
            raise ValueError("not validated")
        last = day if ends > starts else day + dt.timedelta(days=1)
        return ActivityDraft(
            title=self.title.data or "", kind=ActivityKind(self.kind.data), mode=CheckInMode(self.mode.data),
            team_id=self.team_id.data or None, starts_at=clock.at_local(day, starts),
            ends_at=clock.at_local(last, ends), place=self.place.data or "", venue_id=self.venue_id.data or None,
            capacity=self.capacity.data, needs_sign_up=bool(self.needs_sign_up.data),
            item_code=self.item_code.data or None, text=self.text.data or "")


def values_of(activity: Activity, occurrence: Occurrence) -> dict[str, Any]:
    """An activity as the form's values."""
    starts, ends = clock.local(occurrence.starts_at), clock.local(occurrence.ends_at)
    return {
        "title": activity.title, "kind": activity.kind.value, "team_id": activity.team_id or 0, "day": starts.date(),
        "starts": starts.time(), "ends": ends.time(), "place": activity.place, "venue_id": activity.venue_id or 0,
        "mode": activity.mode.value, "needs_sign_up": activity.needs_sign_up, "capacity": activity.capacity,
        "item_code": activity.item_code or "", "text": activity.text,
    }


class NumberForm(FlaskForm):
    """The four digits on the leader's screen."""

    number = StringField(lazy("The 4 digits on the leader's screen"), [InputRequired(), Length(max=12)])
    once = HiddenField(validators=[Optional(), Length(max=40)])


class CardForm(FlaskForm):
    """A member card: its number, or a photo of it."""

    kind = RadioField(lazy("In or out"), choices=DIRECTIONS, default=EventKind.IN.value)
    card = StringField(lazy("8 digits on the card"), [Optional(), Length(max=120)])
    photo = FileField(lazy("Photo of the card"), [Optional()])


class SheetForm(FlaskForm):
    """A whole sheet entered afterwards; the ticks are read beside it."""

    method = RadioField(lazy("Where it comes from"), choices=SHEET_METHODS, default=Method.PAPER.value)
    reason = StringField(lazy("Why they could not scan"), [InputRequired(), Length(max=200)])
    starts = TimeField(lazy("Starts at"), [Optional()])
    ends = TimeField(lazy("Ends at"), [Optional()])
    others = TextAreaField(lazy("People who are not on this list"), [Optional(), Length(max=1000)], description=lazy(
        "One a line: the 8 digits of the card, the phone number or the whole name."))
    photo = FileField(lazy("Photo of the sheet"), [Optional()])


class CloseForm(FlaskForm):
    """The headcount."""

    headcount = IntegerField(lazy("How many people did you count?"), [InputRequired(), NumberRange(0, 100_000)])
    anyway = BooleanField(lazy("The list is right. Close all the same."))


class ReasonForm(FlaskForm):
    """Cancel or send back with a reason."""

    note = StringField(lazy("Reason"), [Optional(), Length(max=300)])


class PhotosForm(FlaskForm):
    """Photos to hang up."""

    photos = MultipleFileField(lazy("Photos"), description=lazy(
        "Nine in all. Place and camera data are removed. Ask those who can be recognised, and parents first."))


class VenueForm(FlaskForm):
    """A new place."""

    name = StringField(lazy("Name of the place"), [InputRequired(), Length(max=60)])
