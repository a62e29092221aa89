"""Forms of requests for a review: shapes only, what is allowed is the services' to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from pointsbank.contributions.forms import hundredths, whole_minutes, whole_number
from pointsbank.contributions.services import Figures
from pointsbank.core.errors import lazy
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Rule


class AskForm(FlaskForm):
    """What should be looked at again."""

    text = TextAreaField(lazy("What should be looked at again, and why?"), [Length(max=500)],
                         description=lazy("For example: it was three hours, not two; the list of the day shows it"))


class PaperAskForm(AskForm):
    """The same, entered for somebody who came to the counter or gave in a slip of paper."""

    photo = FileField(lazy("Photo of the paper"), [Optional()])
    paper_reason = StringField(lazy("No photo? Say why"), [Length(max=200)],
                               description=lazy("For example: said it at the counter, cannot write"))


class FiguresForm(FlaskForm):
    """What was really done; what is left empty stays as it is."""

    right_item_code = SelectField(lazy("The right item"), [Optional()], validate_choice=False)
    right_minutes = StringField(lazy("The right time, in hours"), [Optional()])
    right_units = StringField(lazy("The right number"), [Optional()])
    right_score = StringField(lazy("The right score"), [Optional()])
    right_amount_fen = StringField(lazy("The right amount, in yuan"), [Optional()])

    def offer(self, items: Sequence[Rule]) -> None:
        """Put the items of the day's standard into the choice, by category."""
        groups = {category: [(rule.code, f"{rule.code} {rule.name}") for rule in found]
                  for category, found in rules.by_category(items)}
        self.right_item_code.choices = {"": [("", str(lazy("as it is")))], **groups}

    def validate_right_minutes(self, field: Any) -> None:
        """Hours that can be understood."""
        whole_minutes(field.data)

    def validate_right_units(self, field: Any) -> None:
        """A number that can be understood."""
        whole_number(field.data)

    def validate_right_score(self, field: Any) -> None:
        """A score that can be understood."""
        hundredths(field.data)

    def validate_right_amount_fen(self, field: Any) -> None:
        """An amount that can be understood."""
        hundredths(field.data)

    def figures(self) -> Figures:
        """As plain values; minutes and hundredths."""
        return Figures(whole_minutes(self.right_minutes.data), whole_number(self.right_units.data),
                       hundredths(self.right_score.data), hundredths(self.right_amount_fen.data),
                       self.right_item_code.data or None)


class AnswerAppealForm(FiguresForm):
    """The written answer, and what was really done."""

    outcome = RadioField(lazy("Was the decision right?"), [InputRequired(lazy("Choose one."))], choices=[
        ("dismissed", lazy("The decision was right and stands")),
        ("upheld", lazy("It was wrong: the deed is judged anew"))])
    answer = TextAreaField(lazy("Answer in writing"), [Length(max=500)],
                           description=lazy("What was looked into, and what came out. The resident reads it."))


class PutRightForm(FiguresForm):
    """Another proposal, after the second person did not agree with the first."""

    reason = TextAreaField(lazy("How it is to be put right"), [Length(max=500)])
