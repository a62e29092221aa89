"""HTML forms: shapes only, and the way from what was typed to plain values."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from flask_babel import lazy_gettext as lazy
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, FieldList, Form, FormField, RadioField, SelectField, StringField
from wtforms.validators import Optional

from pointsbank.core.formats import format_minutes
from pointsbank.core.points import NotPoints, format_points, parse_points
from pointsbank.rules import wording
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import HOUR, Cap
from pointsbank.rules.faults import MOST_CAPS, STEPS
from pointsbank.rules.models import (
    DeedKind,
    Measure,
    Receiver,
    Rounding,
    Shape,
    Subject,
    Timing,
    Window,
)
from pointsbank.rules.sheets import SAMPLE_NAMES

CEILING = (Window.ACTIVITY, Subject.PERSON, Measure.QUANTITY)
CAP_ROWS = 3


def _choices(words: dict[Any, str]) -> list[tuple[str, Any]]:
    return [(str(value), lazy(text)) for value, text in words.items()]


class CapForm(Form):
    """One cap; without a number there is none."""

    most = StringField(lazy("At most"))
    measure = SelectField(lazy("Counted in"), choices=[
        (Measure.POINTS.value, lazy("in points")), (Measure.TIMES.value, lazy("in times")),
        (Measure.QUANTITY.value, lazy("hours or pieces"))])
    window = SelectField(lazy("Time span"), choices=_choices(wording.WINDOWS), default=Window.MONTH.value)
    subject = SelectField(lazy("For whom"), choices=_choices(wording.SUBJECTS))


class RuleForm(FlaskForm):
    """One item, and the deed to try it with."""

    code = StringField(lazy("Item number"))
    name = StringField(lazy("Item"))
    category = StringField(lazy("Category"))
    kind = SelectField(lazy("For deeds of the kind"), choices=_choices(wording.KINDS))
    by_itself = BooleanField(lazy("Applies by itself to every deed of this kind"),
                             description=lazy("Otherwise the item has to be chosen when a deed is entered."))
    shape = SelectField(lazy("How it is counted"), choices=_choices(wording.SHAPES))
    points = StringField(lazy("Points each"))
    unit = StringField(lazy("Unit (when counted by number)"))
    rounding_minutes = SelectField(lazy("Time counts in steps of"), coerce=int, default=HOUR,
                                   choices=[(n, lazy("%(n)s min", n=n)) for n in reversed(STEPS)])
    rounding = SelectField(lazy("Steps not filled"), choices=_choices(wording.ROUNDINGS))
    ceiling = StringField(lazy("Hours or pieces that count, an activity"))
    caps = FieldList(FormField(CapForm), lazy("Further caps"), min_entries=CAP_ROWS, max_entries=MOST_CAPS + 1)
    receiver = SelectField(lazy("Points go to"), choices=_choices(wording.RECEIVERS))
    timing = SelectField(lazy("They are put down"), choices=_choices(wording.TIMINGS))
    team_kind = SelectField(lazy("Only for"), choices=[("", lazy("everybody may earn it")), *_choices(wording.TEAMS)])
    records_minutes = BooleanField(lazy("Keep the whole time as service time"))
    who = StringField(lazy("Who, in words"), [Optional()])
    evidence = StringField(lazy("Evidence"), [Optional()])

    try_hours = StringField(lazy("Hours done"), default="2.5")
    try_units = StringField(lazy("Number done"), default="3")
    try_points = StringField(lazy("Points so far"), default="0")
    try_times = StringField(lazy("Times so far"), default="0")


class TitleForm(FlaskForm):
    """The title of a draft, and what it starts from."""

    title = StringField(lazy("Title of the standard"))
    source = RadioField(lazy("Start from"), default="current")


class ImportForm(FlaskForm):
    """A file with items."""

    file = FileField(lazy("Excel or CSV file"))
    rows = RadioField(lazy("If some rows are not understood"), default="all", choices=[
        ("all", lazy("bring in nothing, I will mend the file")), ("good", lazy("bring in the good rows only"))])


class AdoptForm(FlaskForm):
    """From when, and by which resolution."""

    in_force_on = DateField(lazy("In force from"))
    resolution = StringField(lazy("Resolution"), description=lazy(
        "Which meeting decided it, when, and with how many votes."))
    on_paper = BooleanField(lazy("It was in force on paper before"), description=lazy(
        "Then it keeps its old start. Only as long as no points were counted here."))


# ── From text to values ─────────────────────────────────────────────────────────────────────────────────────────


def whole(text: str | None, errors: dict[str, Any], name: str, scale: int = 1) -> int:
    """A number times ``scale``, whole (2.5 hours are 150 minutes); 0 for nothing. Notes an error by field name."""
    clean = normalize("NFKC", text or "").strip()
    if not clean:
        return 0
    try:
        value = Decimal(clean) * scale
    except InvalidOperation:
        value = Decimal("-1")
    if not value.is_finite() or value < 0 or value > 10**7 or value != value.to_integral_value():
        errors[name] = lazy("“%(text)s” can't be counted with. Write a number such as 2 or 1.5.", text=text)
        return 0
    return int(value)


def _points(text: str | None, errors: dict[str, Any], name: str) -> int:
    try:
        return parse_points(text or "")
    except NotPoints as refusal:
        errors[name] = refusal.sentence if text else lazy("This must not be empty.")
        return 0


def read_rule(form: RuleForm) -> tuple[RuleDraft, dict[str, Any]]:
    """The item as typed, and an error for each field that can't be read (its value is then 0)."""
    errors: dict[str, Any] = {}
    shape = Shape(form.shape.data)
    points = _points(form.points.data, errors, "points")
    scale = HOUR if shape is Shape.PER_HOUR else 1
    ceiling = whole(form.ceiling.data, errors, "ceiling", scale) if shape is not Shape.PER_TIME else 0
    caps = [Cap(*CEILING, ceiling)] if ceiling else []
    for row in form.caps:
        text = (row.form.most.data or "").strip()
        if text:
            measure = Measure(row.form.measure.data)
            most = _points(text, errors, "caps") if measure is Measure.POINTS else whole(
                text, errors, "caps", scale if measure is Measure.QUANTITY else 1)
            caps.append(Cap(Window(row.form.window.data), Subject(row.form.subject.data), measure, most))
    words: dict[str, Any] = {name: normalize("NFKC", getattr(form, name).data or "").strip()
             for name in ("code", "unit")}
    words |= {name: (getattr(form, name).data or "").strip() for name in ("name", "category", "who", "evidence")}
    draft = RuleDraft(
        kind=DeedKind(form.kind.data), shape=shape, points=points, receiver=Receiver(form.receiver.data),
        rounding_minutes=form.rounding_minutes.data or HOUR, rounding=Rounding(form.rounding.data),
        timing=Timing(form.timing.data), team_kind=form.team_kind.data or None, by_itself=bool(form.by_itself.data),
        records_minutes=bool(form.records_minutes.data), caps=tuple(caps), **words)
    return draft, errors


def fill_rule(draft: RuleDraft) -> dict[str, Any]:
    """An item as the form shows it."""
    values: dict[str, Any] = {**draft.values(), "points": format_points(draft.points).replace(",", ""),
                              "team_kind": draft.team_kind or ""}
    rows = []
    for cap in draft.caps:
        if (cap.window, cap.subject, cap.measure) == CEILING:
            values["ceiling"] = _quantity(draft, cap.most)
            continue
        most = format_points(cap.most).replace(",", "") if cap.measure is Measure.POINTS else (
            _quantity(draft, cap.most) if cap.measure is Measure.QUANTITY else str(cap.most))
        rows.append({"most": most, "measure": cap.measure.value, "window": cap.window.value,
                     "subject": cap.subject.value})
    values["caps"] = rows + [{} for _more in range(max(CAP_ROWS - len(rows), 1))]
    return {name: str(value) if hasattr(value, "value") else value for name, value in values.items()}


def _quantity(draft: RuleDraft, number: int) -> str:
    return format_minutes(number) if draft.shape is Shape.PER_HOUR else str(number)


def source_choices(current: bool) -> Iterable[tuple[str, Any]]:
    """What a draft may start from."""
    if current:
        yield "current", lazy("the version in force")
    yield from SAMPLE_NAMES.items()
    yield "empty", lazy("an empty sheet")
