"""The shape of what is filled in; what is allowed the services say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from pointsbank.core.errors import lazy
from pointsbank.rules.evaluation import Rule
from pointsbank.rules.item_forms import SCALES, whole

NEEDED = lazy("Please fill this in.")


class AnnounceForm(FlaskForm):
    """The letter: whom it concerns, what was seen, how to put it right, until when."""

    item = SelectField(lazy("What it is about"), [InputRequired(NEEDED)])
    household = StringField(lazy("Household number"), [Optional(), Length(max=24)])
    person = StringField(lazy("Person: name, phone or card number"), [Optional(), Length(max=60)],
                         description=lazy("Only for items that concern one person. Never a child."))
    quantity = StringField(lazy("How much"), [Optional(), Length(max=12)],
                           description=lazy("Only for items that count something, such as bags."))
    seen_on = DateField(lazy("Seen on"), [InputRequired(NEEDED)])
    seen = TextAreaField(lazy("What was seen"), [InputRequired(NEEDED), Length(max=500)],
                         description=lazy("Only what you saw, without judging anybody."))
    how = TextAreaField(lazy("How to put it right"), [InputRequired(NEEDED), Length(max=500)])
    rectify_by = DateField(lazy("To be put right by"), [Optional()])
    photos = MultipleFileField(lazy("Photos"), [Optional()])

    def offer(self, rules: Iterable[Rule]) -> None:
        """The items that take points away."""
        self.item.choices = [(rule.code, f"{rule.code} {rule.name}") for rule in rules]

    def counted(self, rule: Rule | None, errors: dict[str, Any]) -> int | None:
        """The quantity in the unit of the item; None where nothing was written."""
        if rule is None or not (self.quantity.data or "").strip():
            return None
        return whole(self.quantity.data, errors, "quantity", SCALES[rule.measures])


class AnswerForm(FlaskForm):
    """What somebody concerned says, with a photo."""

    said = RadioField(lazy("What do you want to say?"), default="put_right", choices=[
        ("put_right", lazy("It is put right")), ("answer", lazy("I want to answer"))])
    text = TextAreaField(lazy("In your words"), [Optional(), Length(max=500)])
    photo = FileField(lazy("Photo"), [Optional()])


class AppealForm(FlaskForm):
    """Why points should not have been taken."""

    text = TextAreaField(lazy("Why you do not agree"), [InputRequired(NEEDED), Length(max=500)])
    photo = FileField(lazy("Photo"), [Optional()])


class RectifiedForm(FlaskForm):
    """What was found."""

    text = TextAreaField(lazy("What you found"), [Optional(), Length(max=500)])


class DropForm(FlaskForm):
    """Why the letter is taken back."""

    text = TextAreaField(lazy("Why it is taken back"), [InputRequired(NEEDED), Length(max=500)])


class ImposeForm(FlaskForm):
    """Why points are taken."""

    text = TextAreaField(lazy("Your reason"), [Optional(), Length(max=500)],
                         description=lazy("Needed where somebody answered: say what you found."))


class AppealAnswerForm(FlaskForm):
    """The answer to an appeal."""

    outcome = RadioField(lazy("What comes of it?"), [InputRequired(NEEDED)], choices=[
        ("reversed", lazy("They are right: everything is given back")), ("upheld", lazy("It stands"))])
    text = TextAreaField(lazy("The answer in writing"), [InputRequired(NEEDED), Length(max=500)])
