"""Forms of communities. The settings form is made from the settings themselves, so none can be forgotten."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from pointsbank.communities.settings import CHOICES, FIELDS, LISTS, CommunitySettings
from pointsbank.core.errors import Invalid, lazy
from pointsbank.core.points import format_points, parse_points

NEEDED = lazy("Please fill this in.")
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (lazy("Office and notices"), ("office_name", "notice_days", "objection_window", "objection_phone",
                                          "objection_box")),
    (lazy("Points and money"), ("expiry", "expiry_months", "fen_per_point", "budget_fen", "monthly_cap")),
    (lazy("Shop"), ("pickup_days", "open_days", "resident_cancel", "daily_redeem_cap")),
    (lazy("Review and panel"), ("review_days", "appeal_days", "panel_required", "panel_points", "panel_quorum")),
    (lazy("Scoring rules"), ("comment_days",)),
    (lazy("Activities"), ("minimum_stay", "checkout_share", "typed_rows_cap")),
    (lazy("Households"), ("leaver_points", "leaver_days", "heir_days")),
    (lazy("Deductions"), ("rectify_days",)),
    (lazy("Photos"), ("cover_days",)),
    (lazy("Residents"), ("resident_tags",)),
)


class AreaForm(FlaskForm):
    """An area inside another one."""

    name = StringField(lazy("Name of the area"), [InputRequired(NEEDED), Length(max=80)])
    code = StringField(lazy("Code"), [InputRequired(NEEDED), Length(max=32)],
                       description=lazy("Small letters and digits; files name the area by it. It never changes."))
    parent_id = SelectField(lazy("Lies in"), [InputRequired(NEEDED)], coerce=int)
    kind = SelectField(lazy("Kind"), [InputRequired(NEEDED)])


class RenameForm(FlaskForm):
    """Another name."""

    name = StringField(lazy("Name of the area"), [InputRequired(NEEDED), Length(max=80)])


class CalendarForm(FlaskForm):
    """Days that an area keeps otherwise than the country."""

    kind = RadioField(lazy("What is it?"), [InputRequired(NEEDED)], default="closed", choices=[
        ("closed", lazy("The office is shut")), ("worked", lazy("The office is at work"))])
    first = DateField(lazy("Which day"), [InputRequired(NEEDED)])
    last = DateField(lazy("Until"), [Optional()], description=lazy("Only if it is more than one day."))
    name = StringField(lazy("Why"), [InputRequired(NEEDED), Length(max=40)],
                       description=lazy("Everybody at the desk reads it, for example: village fair."))
    area_id = SelectField(lazy("For which place"), [InputRequired(NEEDED)], coerce=int)


def _field(name: str) -> Any:
    about = FIELDS[name]
    label, told = about.metadata["label"], about.metadata["help"]
    if name in CHOICES:
        return RadioField(label, description=told, choices=[(word.value, text) for word, text in CHOICES[name].items()])
    if isinstance(about.default, bool):
        return BooleanField(label, description=told)
    if isinstance(about.default, int) and not about.metadata["unit"]:
        return IntegerField(label, [InputRequired(NEEDED)], description=told)
    return StringField(label, [Optional(), Length(max=200)], description=told)


def _shown(name: str, value: Any) -> Any:
    unit = FIELDS[name].metadata["unit"]
    if unit == "yuan":
        return f"{Decimal(value) / 100:.2f}".rstrip("0").rstrip(".")
    if unit == "points":
        return format_points(value).replace(",", "")
    return ", ".join(map(str, value)) if name in LISTS else value


def _read(name: str, value: Any) -> Any:
    """The value of a text box; raises Invalid."""
    unit = FIELDS[name].metadata["unit"]
    if name in LISTS:
        parts = [p for p in re.split(r"[\s,，、;；]+", unicodedata.normalize("NFKC", value or "")) if p]
        if name == "resident_tags":
            return tuple(parts)
        if not all(p.isdigit() for p in parts):
            raise Invalid(fields={name: lazy("Days of the month from 1 to 31, with commas between them.")})
        return tuple(int(p) for p in parts)
    if unit == "points":
        return parse_points(value or "0")
    if unit == "yuan":
        try:
            fen = Decimal(unicodedata.normalize("NFKC", value or "0").strip()) * 100
        except InvalidOperation:
            fen = Decimal("0.5")
        if not fen.is_finite() or fen != fen.to_integral_value():
            raise Invalid(fields={name: lazy("Write an amount of yuan like 2 or 2.50.")})
        return int(fen)
    return value if value is not None else ""


class SettingsForm(FlaskForm):
    """All settings of a community."""

    def fill(self, settings: CommunitySettings) -> None:
        """Show the present settings."""
        for name in FIELDS:
            self[name].data = _shown(name, getattr(settings, name))

    def values(self) -> dict[str, Any]:
        """What was entered, as settings. Raises Invalid with every field that can't be read."""
        found, refused = {}, {}
        for name in FIELDS:
            try:
                found[name] = _read(name, self[name].data)
            except Invalid as refusal:
                refused[name] = refusal.fields.get(name, refusal.sentence)
        if refused:
            raise Invalid(fields=refused)
        return found


for _name in FIELDS:
    setattr(SettingsForm, _name, _field(_name))
