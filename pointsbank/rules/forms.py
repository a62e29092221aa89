"""HTML forms of standards: shapes only. Those of items stand in ``item_forms``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    StringField,
)

from pointsbank.core.errors import lazy
from pointsbank.rules import wording
from pointsbank.rules.item_forms import choices
from pointsbank.rules.models import Subject, Window
from pointsbank.rules.sheets import SAMPLE_NAMES


class WideCapForm(Form):
    """A cap on a category or on the whole standard; without a number there is none."""

    category = SelectField(lazy("For which items"), default="")
    window = SelectField(lazy("Time span"), choices=choices(wording.WINDOWS), default=Window.YEAR.value)
    subject = SelectField(lazy("For whom"), choices=choices(wording.SUBJECTS), default=Subject.HOUSEHOLD.value)
    most = StringField(lazy("At most"))
    counts = SelectField(lazy("Counted in"), default="points", choices=[
        ("points", lazy("in points")), ("times", lazy("in times")), ("honour", lazy("in honour score"))])


class CapsForm(FlaskForm):
    """The caps on categories and on the whole, and how long a cycle is."""

    caps = FieldList(FormField(WideCapForm), lazy("Caps"), min_entries=4, max_entries=40)
    cycle_months = StringField(lazy("Months of a cycle"), description=lazy(
        "Caps and steps “each cycle” count within it. 12: a year."))
    cycle_first_month = StringField(lazy("A cycle begins with the month"), description=lazy("1 to 12."))


class TitleForm(FlaskForm):
    """The title of a draft, and what it starts from."""

    title = StringField(lazy("Title of the standard"))
    source = RadioField(lazy("Start from"), default="current")


class ImportForm(FlaskForm):
    """A file with items."""

    file = FileField(lazy("Excel or CSV file"))
    rows = RadioField(lazy("If some rows are not understood"), default="all", choices=[
        ("all", lazy("bring in nothing, I will mend the file")), ("good", lazy("bring in the good rows only"))])


def source_choices(current: bool, templates: Iterable[tuple[int, str]] = ()) -> Iterable[tuple[str, Any]]:
    """What a draft may start from; ``templates`` by id, with the name of the area that issued each."""
    if current:
        yield "current", lazy("the version in force")
    for template_id, area in templates:
        yield f"template-{template_id}", lazy("the template of %(area)s", area=area)
    yield from SAMPLE_NAMES.items()
    yield "empty", lazy("an empty sheet")
