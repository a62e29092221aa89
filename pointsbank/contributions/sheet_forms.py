"""The form of a paper sheet: what stands above the rows, and the rows as plain cells named ``r7-who``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from pointsbank.contributions.models import MOST_ROWS
from pointsbank.contributions.services import RowDraft
from pointsbank.contributions.sheet_reading import COLUMNS
from pointsbank.core.errors import lazy

MORE = 20
LABELS = {"who": lazy("Person"), "household": lazy("Household no."), "day": lazy("Day"), "item": lazy("Item"),
          "amount": lazy("How much"), "note": lazy("Note")}


class SheetForm(FlaskForm):
    """A sheet to begin or to go on with."""

    title = StringField(lazy("Name of the sheet"), [InputRequired(lazy("Give the sheet a name.")), Length(max=60)],
                        description=lazy("For example: visits in April, sheet 1"))
    month = SelectField(lazy("Month of the sheet"), [InputRequired(lazy("Choose the month of the sheet."))],
                        validate_choice=False)
    team_id = RadioField(lazy("Whose sheet"), [Optional()], validate_choice=False)
    reason = TextAreaField(lazy("Why on paper"), [Length(max=300)],
                           description=lazy("Whoever confirms it reads this, for example: no network in the hills"))
    photos = MultipleFileField(lazy("Photos of the sheet"),
                               description=lazy("Every page, so that each row can be read."))
    pasted = TextAreaField(lazy("Or paste a block from Excel here"), [Optional()],
                           description=lazy("Columns: person, household number, day, item, how much, note. They come "
                                            "behind the last filled row."))
    rows = HiddenField()

    def offer(self, today: dt.date, teams: Sequence[tuple[int, str]], office: bool) -> None:
        """The last twelve months; one's own teams, and the office for whoever enters for anybody."""
        months = [(today.year * 12 + today.month - 1 - back) for back in range(13)]
        self.month.choices = [(f"{m // 12}-{m % 12 + 1:02d}", f"{m // 12}-{m % 12 + 1:02d}") for m in months]
        self.team_id.choices = [*([("", lazy("For anybody, as the office"))] if office else []),
                                *((str(number), name) for number, name in teams)]

    @property
    def first_day(self) -> dt.date:
        """The first day of the month chosen; a day nobody can choose where it can't be read."""
        try:
            return dt.date.fromisoformat(f"{self.month.data}-01")
        except ValueError:
            return dt.date.max


class ReturnForm(FlaskForm):
    """Why a sheet goes back."""

    reason = TextAreaField(lazy("What has to be put right"), [Length(max=300)],
                           description=lazy("Name the rows by their numbers."))


def typed_rows(form: Mapping[str, str]) -> list[RowDraft]:
    """The rows that were sent, by their numbers; what has no number of a row is passed over."""
    numbers = set()
    for name in form:
        number, dash, column = name.partition("-")
        if dash and number[:1] == "r" and number[1:].isdecimal() and column in COLUMNS and len(number) < 6:
            numbers.add(int(number[1:]))
    return [RowDraft(n, **{column: form.get(f"r{n}-{column}", "") for column in COLUMNS},
                     double_ok=form.get(f"r{n}-double") == "1") for n in sorted(numbers) if n]


def lines_sent(form: Mapping[str, str]) -> int:
    """How many lines the form had, within bounds."""
    text = form.get("lines", "")
    return min(int(text), MOST_ROWS) if text.isdecimal() and len(text) < 5 else 0
