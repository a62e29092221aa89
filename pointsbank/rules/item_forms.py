"""The form of an item: one layout per shape, and the way from what was typed to plain values and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import AnyOf, Optional

from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_minutes
from pointsbank.core.points import NotPoints, format_points, parse_points
from pointsbank.ledger.models import Book
from pointsbank.rules import wording
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import HOUR, Band, Cap, Condition, Weight
from pointsbank.rules.faults import BANDED, MOST_BANDS, MOST_CAPS, STEPS, faults
from pointsbank.rules.models import (
    ConditionKind,
    DeedKind,
    Measure,
    Quantity,
    Receiver,
    Rounding,
    Shape,
    Subject,
    Timing,
    WeightKind,
    Window,
)

CEILING = (Window.ACTIVITY, Subject.PERSON, Measure.QUANTITY)
CAP_ROWS = 3
BAND_ROWS = 5
TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
SPLIT = re.compile(r"[,，、;；\s]+")
# What a bracket or a step of each quantity is written in, and how many of ours that is.
SCALES = {Quantity.MINUTES: HOUR, Quantity.TIMES: 1, Quantity.UNITS: 1, Quantity.SCORE: 100, Quantity.AMOUNT: 100}


def choices(words: dict[Any, str]) -> list[tuple[str, Any]]:
    """Words as the choices of a field."""
    return [(str(value), lazy(text)) for value, text in words.items()]


class CapForm(Form):
    """One cap; without a number there is none."""

    most = StringField(lazy("At most"))
    measure = SelectField(lazy("Counted in"), choices=choices(wording.MEASURES), default=Measure.POINTS.value)
    window = SelectField(lazy("Time span"), choices=choices(wording.WINDOWS), default=Window.MONTH.value)
    subject = SelectField(lazy("For whom"), choices=choices(wording.SUBJECTS), default=Subject.PERSON.value)


class BandForm(Form):
    """One step or bracket; without points there is none."""

    start = StringField(lazy("From"))
    step = StringField(lazy("For each full"))
    points = StringField(lazy("Points"))


class RuleForm(FlaskForm):
    """One item, and the deed to try it with."""

    code = StringField(lazy("Item number"))
    name = StringField(lazy("Item"))
    category = StringField(lazy("Category"))
    kind = SelectField(lazy("For deeds of the kind"), choices=choices(wording.KINDS), default=DeedKind.OTHER.value)
    by_itself = BooleanField(lazy("Applies by itself to every deed of this kind"),
                             description=lazy("Otherwise the item has to be chosen when a deed is entered."))
    shape = HiddenField(lazy("How it is counted"), [AnyOf(list(Shape), lazy("Not a valid choice."))],
                        default=Shape.PER_TIME.value)
    points = StringField(lazy("Points each"))
    takes_away = HiddenField(default="")
    repeat_days = StringField(lazy("Doubled when repeated within so many days"), [Optional()],
                              description=lazy("Left empty: it is never doubled."))
    unit = StringField(lazy("Unit"), description=lazy("What is counted, for instance 人, 件 or 斤."))
    rounding_minutes = SelectField(lazy("Time counts in steps of"), coerce=int, default=HOUR,
                                   choices=[(n, lazy("%(n)s min", n=n)) for n in reversed(STEPS)])
    rounding = SelectField(lazy("Steps not filled"), choices=choices(wording.ROUNDINGS), default=Rounding.DOWN.value)
    ceiling = StringField(lazy("Hours or pieces that count, an activity"))
    quantity = SelectField(lazy("What is measured"), choices=choices(wording.QUANTITIES),
                           default=Quantity.MINUTES.value)
    by_parts = SelectField(lazy("An amount over several brackets"), default="parts", choices=[
        ("parts", lazy("each part at its own rate")), ("whole", lazy("the whole at the rate where it falls"))])
    period = SelectField(lazy("Adds up within"), choices=choices(wording.WINDOWS), default=Window.YEAR.value)
    full_score = StringField(lazy("Best score of the inspection"), [Optional()])
    bands = FieldList(FormField(BandForm), lazy("Steps"), min_entries=BAND_ROWS, max_entries=MOST_BANDS + 1)
    caps = FieldList(FormField(CapForm), lazy("Further caps"), min_entries=CAP_ROWS, max_entries=MOST_CAPS + 1)
    receiver = SelectField(lazy("Points go to"), choices=choices(wording.RECEIVERS), default=Receiver.HOUSEHOLD.value)
    timing = SelectField(lazy("They are put down"), choices=choices(wording.TIMINGS),
                         default=Timing.AFTER_NOTICE.value)
    team_kind = SelectField(lazy("Only for"), default="",
                            choices=[("", lazy("everybody may earn it")), *choices(wording.TEAMS)])
    records_minutes = BooleanField(lazy("Keep the whole time as service time"))
    who = StringField(lazy("Who, in words"), [Optional()])
    evidence = StringField(lazy("Evidence"), [Optional()])

    book = SelectField(lazy("Counts as"), default=Book.POINTS.value, choices=[
        (Book.POINTS.value, lazy("points to spend")), (Book.HONOUR.value, lazy("honour score only"))])
    honour_percent = StringField(lazy("Share also counted as honour score, in percent"), [Optional()])
    least = StringField(lazy("Less than this is not given, in points"), [Optional()])
    highest_group = StringField(lazy("Only the highest of this group counts for one act"), [Optional()],
                                description=lazy("The same name on each of them, for instance 表彰."))
    age_least = StringField(lazy("From which age"), [Optional()])
    age_most = StringField(lazy("Up to which age"), [Optional()])
    tags = StringField(lazy("Only for these groups"), [Optional()], description=lazy("For instance 党员、学生."))
    not_tags = StringField(lazy("Not for these groups"), [Optional()])
    weekdays = SelectMultipleField(lazy("Only on"), choices=choices(wording.WEEKDAYS))
    day_kinds = SelectMultipleField(lazy("Only on these kinds of days"), choices=choices(wording.DAY_KINDS))
    begins = StringField(lazy("Only begun from"), [Optional()], description=lazy("Such as 22:00."))
    ends = StringField(lazy("up to"), [Optional()])
    share = StringField(lazy("At least so much of the planned time, in percent"), [Optional()])
    stay = StringField(lazy("At least so many hours"), [Optional()])
    stay_most = StringField(lazy("At most so many hours"), [Optional()])
    size_most = StringField(lazy("At most so large"), [Optional()])
    size = StringField(lazy("At least so large"), [Optional()])
    size_unit = StringField(lazy("Unit of the size"), [Optional()], description=lazy("Such as ㎡."))
    photos = StringField(lazy("At least so many photos"), [Optional()])
    first = BooleanField(lazy("Only the first to report it"))
    night = StringField(lazy("At night it counts times"), [Optional()], description=lazy("Such as 1.5."))
    night_begins = StringField(lazy("Night from"), [Optional()])
    night_ends = StringField(lazy("Night to"), [Optional()])
    weekend = StringField(lazy("At weekends it counts times"), [Optional()])
    holiday = StringField(lazy("On public holidays it counts times"), [Optional()])

    try_hours = StringField(lazy("Hours done"), default="2.5")
    try_units = StringField(lazy("Number done"), default="3")
    try_score = StringField(lazy("Inspection score"), default="90")
    try_amount = StringField(lazy("Amount in yuan"), default="500")
    try_points = StringField(lazy("Points so far"), default="0")
    try_times = StringField(lazy("Times so far"), default="0")
    try_before = StringField(lazy("Added up so far"), default="0")
    try_age = StringField(lazy("Age"), default="66")
    try_begins = StringField(lazy("Begun at"), default="9:00")

    @property
    def counted(self) -> Shape:
        """The shape; per time for what is none."""
        return Shape(self.shape.data) if self.shape.data in set(Shape) else Shape.PER_TIME


# ── From text to values ─────────────────────────────────────────────────────────────────────────────────────────


def whole(text: str | None, errors: dict[str, Any], name: str, scale: int = 1) -> int:
    """A number times ``scale``, whole (2.5 hours are 150 minutes); 0 for nothing. Notes an error by field name."""
    clean = normalize("NFKC", text or "").strip().replace(",", "")
    if not clean:
        return 0
    try:
        value = Decimal(clean) * scale
    except InvalidOperation:
        value = Decimal("-1")
    if not value.is_finite() or value < 0 or value > 10**10 or value != value.to_integral_value():
        errors[name] = lazy("“%(text)s” can't be counted with. Write a number such as 2 or 1.5.", text=text)
        return 0
    return int(value)


def points_of(text: str | None, errors: dict[str, Any], name: str) -> int:
    """Hundredths as typed; 0 and an error by field name for what is no number of points."""
    try:
        return parse_points(text or "")
    except NotPoints as refusal:
        errors[name] = refusal.sentence if text else lazy("This must not be empty.")
        return 0


def _minute(text: str | None, errors: dict[str, Any], name: str) -> int | None:
    """Minutes after midnight of a time such as 22:00; None for nothing."""
    clean = normalize("NFKC", text or "").strip()
    if not clean:
        return None
    match = TIME.fullmatch(clean)
    if match is None:
        errors[name] = lazy("“%(text)s” is no time of day. Write it like 22:00.", text=text)
        return None
    return int(match[1]) * 60 + int(match[2])


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(word for word in SPLIT.split((text or "").strip()) if word)


def read_rule(form: RuleForm) -> tuple[RuleDraft, dict[str, Any]]:
    """The item as typed, and an error for each field that can't be read (its value is then 0)."""
    errors: dict[str, Any] = {}
    shape = form.counted
    quantity = Quantity(form.quantity.data) if shape in BANDED else None
    bands = _bands(form, quantity, errors) if quantity is not None else ()
    points = (bands[0].points if bands else 1) if shape in BANDED else points_of(form.points.data, errors, "points")
    words: dict[str, Any] = {name: normalize("NFKC", getattr(form, name).data or "").strip()
                             for name in ("code", "unit")}
    words |= {name: (getattr(form, name).data or "").strip()
              for name in ("name", "category", "who", "evidence", "highest_group")}
    draft = RuleDraft(
        kind=DeedKind(form.kind.data), shape=shape, points=points, receiver=Receiver(form.receiver.data),
        rounding_minutes=form.rounding_minutes.data or HOUR, rounding=Rounding(form.rounding.data),
        timing=Timing(form.timing.data), team_kind=form.team_kind.data or None, by_itself=bool(form.by_itself.data),
        records_minutes=bool(form.records_minutes.data), quantity=quantity, bands=bands,
        by_parts=form.by_parts.data != "whole", period=Window(form.period.data), book=Book(form.book.data),
        full_score=whole(form.full_score.data, errors, "full_score", 100) if shape is Shape.PER_SCORE else 0,
        least=whole(form.least.data, errors, "least", 100), conditions=_conditions(form, errors),
        honour_percent=whole(form.honour_percent.data, errors, "honour_percent"), weights=_weights(form, errors),
        **words)
    if form.takes_away.data:
        return _taking(draft, whole(form.repeat_days.data, errors, "repeat_days")), errors
    caps = _caps(form, draft, errors)
    return RuleDraft(**{**vars(draft), "caps": caps}), errors


def _taking(draft: RuleDraft, repeat_days: int) -> RuleDraft:
    """The item as one that takes points away: what its form does not ask for is as plain as can be."""
    return replace(draft, takes_away=True, repeat_days=repeat_days, kind=DeedKind.OTHER, by_itself=False,
                   records_minutes=False, book=Book.POINTS, timing=Timing.AFTER_NOTICE, team_kind=None, least=0,
                   honour_percent=0, highest_group="", conditions=(), weights=(), caps=())


def _bands(form: RuleForm, quantity: Quantity, errors: dict[str, Any]) -> tuple[Band, ...]:
    scale = SCALES[quantity]
    tiers = form.counted is Shape.TIERS
    return tuple(
        Band(whole(row.form.start.data, errors, "bands", scale),
             0 if tiers else whole(row.form.step.data, errors, "bands", scale),
             points_of(row.form.points.data, errors, "bands"))
        for row in form.bands if (row.form.points.data or "").strip() or (row.form.start.data or "").strip())


def _caps(form: RuleForm, draft: RuleDraft, errors: dict[str, Any]) -> tuple[Cap, ...]:
    measures = draft.as_rule().measures
    scale = SCALES[measures]
    ceiling = whole(form.ceiling.data, errors, "ceiling", scale) if measures is not Quantity.TIMES else 0
    caps = [Cap(*CEILING, ceiling)] if ceiling else []
    for row in form.caps:
        text = (row.form.most.data or "").strip()
        if text:
            measure = Measure(row.form.measure.data)
            most = points_of(text, errors, "caps") if measure is Measure.POINTS else whole(
                text, errors, "caps", scale if measure is Measure.QUANTITY else 1)
            caps.append(Cap(Window(row.form.window.data), Subject(row.form.subject.data), measure, most))
    return tuple(caps)


def _conditions(form: RuleForm, errors: dict[str, Any]) -> tuple[Condition, ...]:
    def number(name: str, scale: int = 1) -> int | None:
        text = getattr(form, name).data
        return whole(text, errors, name, scale) if (text or "").strip() else None

    found = [
        Condition(ConditionKind.TAG, words=_names(form.tags.data)),
        Condition(ConditionKind.NOT_TAG, words=_names(form.not_tags.data)),
        Condition(ConditionKind.AGE, number("age_least"), number("age_most")),
        Condition(ConditionKind.WEEKDAY, words=tuple(form.weekdays.data or ())),
        Condition(ConditionKind.DAY_KIND, words=tuple(form.day_kinds.data or ())),
        Condition(ConditionKind.HOURS, _minute(form.begins.data, errors, "begins"),
                  _minute(form.ends.data, errors, "ends")),
        Condition(ConditionKind.SHARE, number("share")),
        Condition(ConditionKind.STAY, number("stay", HOUR), number("stay_most", HOUR)),
        Condition(ConditionKind.PHOTOS, number("photos"))]
    size, size_most = number("size", 100), number("size_most", 100)
    if size is not None or size_most is not None:
        found.append(Condition(ConditionKind.SIZE, size, size_most, _names(form.size_unit.data)[:1]))
    kept = [c for c in found if c.words or c.least is not None or c.most is not None]
    return (*kept, *([Condition(ConditionKind.FIRST)] if form.first.data else []))


def _weights(form: RuleForm, errors: dict[str, Any]) -> tuple[Weight, ...]:
    found = []
    for kind in WeightKind:
        percent = whole(getattr(form, kind).data, errors, kind, 100)
        if percent and kind is WeightKind.NIGHT:
            found.append(Weight(kind, percent, _minute(form.night_begins.data, errors, "night_begins") or 0,
                                _minute(form.night_ends.data, errors, "night_ends") or 0))
        elif percent:
            found.append(Weight(kind, percent))
    return tuple(found)


_FIELDS: dict[str, str] = {
    ConditionKind.TAG: "tags", ConditionKind.NOT_TAG: "not_tags", ConditionKind.AGE: "age_least",
    ConditionKind.WEEKDAY: "weekdays", ConditionKind.DAY_KIND: "day_kinds", ConditionKind.HOURS: "begins",
    ConditionKind.SHARE: "share", ConditionKind.STAY: "stay", ConditionKind.SIZE: "size",
    ConditionKind.PHOTOS: "photos", ConditionKind.FIRST: "first"}


def faults_of(draft: RuleDraft, errors: dict[str, Any]) -> dict[str, Any]:
    """What is wrong with a draft, by field of the form, leaving alone what could not even be read."""
    found = {name: text for name, text in faults(draft).items() if name not in errors}
    for name in ("conditions", "weights"):
        text = found.pop(name, None)
        if text is not None:
            parts: Sequence[Any] = getattr(draft, name)
            single: list[dict[str, Any]] = [{name: (part,)} for part in parts]
            at = next((i for i, one in enumerate(single) if name in faults(replace(draft, **one))), 0)
            found[_FIELDS.get(parts[at].kind, parts[at].kind)] = text
    if draft.takes_away and "least" in found:  # the field of it that is asked for is this one
        found["repeat_days"] = found.pop("least")
    return {name: text for name, text in found.items() if name not in errors}


# ── And back ────────────────────────────────────────────────────────────────────────────────────────────────────


def fill_rule(draft: RuleDraft) -> dict[str, Any]:
    """An item as the form shows it."""
    rule = draft.as_rule()
    values: dict[str, Any] = {
        **draft.values(), "points": _plain(draft.points), "team_kind": draft.team_kind or "",
        "quantity": rule.measures, "by_parts": "parts" if draft.by_parts else "whole",
        "full_score": _plain(draft.full_score) if draft.full_score else "",
        "takes_away": "1" if draft.takes_away else "", "repeat_days": str(draft.repeat_days or ""),
        "least": _plain(draft.least) if draft.least else "", "honour_percent": str(draft.honour_percent or ""),
        "bands": _band_rows(draft, rule.measures), **_condition_values(draft.conditions),
        **_weight_values(draft.weights)}
    rows = []
    for cap in draft.caps:
        if (cap.window, cap.subject, cap.measure) == CEILING:
            values["ceiling"] = _amount(rule.measures, cap.most)
            continue
        most = _plain(cap.most) if cap.measure is Measure.POINTS else (
            _amount(rule.measures, cap.most) if cap.measure is Measure.QUANTITY else str(cap.most))
        rows.append({"most": most, "measure": cap.measure.value, "window": cap.window.value,
                     "subject": cap.subject.value})
    values["caps"] = rows + [{} for _more in range(max(CAP_ROWS - len(rows), 1))]
    return {name: str(value) if hasattr(value, "value") else value for name, value in values.items()}


def _plain(hundredths: int) -> str:
    return format_points(hundredths).replace(",", "")


def _amount(quantity: Quantity, number: int) -> str:
    if quantity is Quantity.MINUTES:
        return format_minutes(number)
    return _plain(number) if SCALES[quantity] == 100 else str(number)


def _band_rows(draft: RuleDraft, quantity: Quantity) -> list[dict[str, str]]:
    rows = [{"start": _amount(quantity, band.start), "step": _amount(quantity, band.step) if band.step else "",
             "points": _plain(band.points)} for band in draft.bands]
    return rows + [{} for _more in range(max(BAND_ROWS - len(rows), 1))]


def _condition_values(conditions: Sequence[Condition]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for wanted in conditions:
        least, most = (str(n) if n is not None else "" for n in (wanted.least, wanted.most))
        shown: dict[ConditionKind, dict[str, Any]] = {
            ConditionKind.TAG: {"tags": "、".join(wanted.words)},
            ConditionKind.NOT_TAG: {"not_tags": "、".join(wanted.words)},
            ConditionKind.AGE: {"age_least": least, "age_most": most},
            ConditionKind.WEEKDAY: {"weekdays": list(wanted.words)},
            ConditionKind.DAY_KIND: {"day_kinds": list(wanted.words)},
            ConditionKind.HOURS: {"begins": wording.clock(wanted.least or 0), "ends": wording.clock(wanted.most or 0)},
            ConditionKind.SHARE: {"share": least}, ConditionKind.PHOTOS: {"photos": least},
            ConditionKind.STAY: {"stay": format_minutes(wanted.least) if wanted.least is not None else "",
                                 "stay_most": format_minutes(wanted.most) if wanted.most is not None else ""},
            ConditionKind.SIZE: {"size": _plain(wanted.least) if wanted.least is not None else "",
                                 "size_most": _plain(wanted.most) if wanted.most is not None else "",
                                 "size_unit": "".join(wanted.words)},
            ConditionKind.FIRST: {"first": True}}
        values |= shown[wanted.kind]
    return values


def _weight_values(weights: Sequence[Weight]) -> dict[str, Any]:
    values: dict[str, Any] = {str(weight.kind): _plain(weight.percent) for weight in weights}
    for weight in weights:
        if weight.kind is WeightKind.NIGHT:
            values |= {"night_begins": wording.clock(weight.begins), "night_ends": wording.clock(weight.ends)}
    return values
