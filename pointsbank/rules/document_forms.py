"""HTML forms around a standard: comments and answers, the resolution, templates. Shapes only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from pointsbank.core.errors import lazy
from pointsbank.core.points import NotPoints, parse_points
from pointsbank.rules import wording
from pointsbank.rules.evaluation import Version
from pointsbank.rules.item_forms import choices
from pointsbank.rules.models import Meeting
from pointsbank.rules.services import CommentDraft, ItemBound, PaperAuthor, Resolution

NEW = "+"


class MayBeEmpty(Optional):
    """Empty is well-formed; whether it is needed depends on the rest, and the service says so."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags: dict[str, bool] = {}


class OpenForm(FlaskForm):
    """For how long a draft is open for comment."""

    opens_on = DateField(lazy("From"))
    closes_on = DateField(lazy("Until, this day included"), description=lazy(
        "Seven days are usual: everybody should have had a free day in between."))


class CommentForm(FlaskForm):
    """What somebody thinks: on the whole, on an item, or an item that is missing."""

    about = SelectField(lazy("About"), default="")
    text = TextAreaField(lazy("What do you think?"), description=lazy(
        "Everybody reads it, with your name masked. Write no phone numbers and no names of others."))
    proposed_name = StringField(lazy("The new item"), [Optional()], description=lazy("Only if you propose a new one."))
    proposed_points = StringField(lazy("Points for it"), [Optional()])

    def offer(self, version: Version) -> None:
        """The items that can be chosen."""
        self.about.choices = [("", lazy("the whole")), *((r.code, f"{r.code} {r.name}") for r in version.rules),
                              (NEW, lazy("an item that is missing"))]

    def draft(self) -> CommentDraft:
        """As the service takes it. Raises NotPoints."""
        about, name = self.about.data or "", (self.proposed_name.data or "").strip()
        wants_new = about == NEW or bool(name)
        points = (self.proposed_points.data or "").strip()
        return CommentDraft(self.text.data or "", "" if about == NEW else about,
                            (name or "?") if wants_new else "", parse_points(points) if wants_new and points else None)


class PaperCommentForm(CommentForm):
    """The same for somebody without a phone."""

    name = StringField(lazy("Name of the person"))
    household = StringField(lazy("Household number"))

    def author(self) -> PaperAuthor:
        """Whose opinion it is."""
        return PaperAuthor(self.name.data or "", self.household.data or "")


class AnswerForm(FlaskForm):
    """The written answer."""

    outcome = RadioField(lazy("Is it taken up?"), choices=[
        ("accepted", lazy("Taken up: the draft is changed")), ("declined", lazy("Not taken up"))])
    answer = TextAreaField(lazy("Answer in writing"), description=lazy(
        "The person reads it, and so does everybody else. Say why."))


class AdoptForm(FlaskForm):
    """From when, and by which resolution."""

    in_force_on = DateField(lazy("In force from"))
    meeting = RadioField(lazy("Who decided"), [MayBeEmpty()], choices=choices(wording.MEETINGS))
    held_on = DateField(lazy("Day of the meeting"), [MayBeEmpty()])
    present = IntegerField(lazy("People present"), [MayBeEmpty()])
    votes_for = IntegerField(lazy("Votes for it"), [MayBeEmpty()])
    votes_against = IntegerField(lazy("Votes against it"), [MayBeEmpty()])
    votes_abstain = IntegerField(lazy("Abstained"), [MayBeEmpty()])
    resolution = StringField(lazy("Resolution in words"), description=lazy(
        "As it stands in the minutes, for example: the third version of the scoring rules is adopted."))
    minutes = MultipleFileField(lazy("Minutes of the meeting"), [Optional()], description=lazy(
        "Photos of the signed paper, or a PDF. Members of the community can read them."))
    on_paper = BooleanField(lazy("It was in force on paper before"), description=lazy(
        "Then it keeps its old start, and votes may be missing. Only as long as no points were counted here."))

    def decided(self, minutes: Iterable[Any] = ()) -> Resolution:
        """As the service takes it."""
        return Resolution(self.resolution.data or "", Meeting(self.meeting.data) if self.meeting.data else None,
                          self.held_on.data, self.present.data, self.votes_for.data, self.votes_against.data or 0,
                          self.votes_abstain.data or 0, tuple(minutes))


class TemplateForm(FlaskForm):
    """A new template."""

    area_id = SelectField(lazy("For which place"), coerce=int)
    title = StringField(lazy("Title of the standard"))
    note = TextAreaField(lazy("What it is for"), [Optional()],
                         description=lazy("Communities read it before they start."))
    source = RadioField(lazy("Start from"))


class TemplateFileForm(FlaskForm):
    """The items of a template as a file."""

    file = FileField(lazy("Excel or CSV file"))


class ItemBoundForm(Form):
    """What a community may change of one item."""

    code = HiddenField()
    points_percent = IntegerField(lazy("Points, percent"), [Optional()])
    caps_percent = IntegerField(lazy("Caps, percent"), [Optional()])
    may_drop = BooleanField(lazy("may be left out"))


class BoundsForm(FlaskForm):
    """What communities may make of a template."""

    additions_most = IntegerField(lazy("Items of their own at most"), description=lazy(
        "So many that give points, and so many that take away."))
    addition_points_most = StringField(lazy("Points of each at most"))
    items = FieldList(FormField(ItemBoundForm), lazy("Items"))

    def bounds(self) -> dict[str, ItemBound]:
        """By the numbers of the items."""
        return {row.form.code.data: ItemBound(row.form.points_percent.data or 0, row.form.caps_percent.data or 0,
                                              bool(row.form.may_drop.data)) for row in self.items}


def points_or(text: str | None, fallback: int) -> int:
    """Points typed into a box; ``fallback`` where it can't be read, for the service to refuse."""
    try:
        return parse_points(text or "")
    except NotPoints:
        return fallback
