"""The form of a case: one class, of which each kind shows its own fields. Shape only; what is allowed others say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from pointsbank.core import clock
from pointsbank.core.errors import lazy
from pointsbank.people.models import HouseholdMember
from pointsbank.succession.models import ChangeKind, ShareMode
from pointsbank.succession.wording import SHARES

NEEDED = lazy("Please fill this in.")
LAST = ("on", "reason")
SHOWN: dict[ChangeKind, tuple[str, ...]] = {
    ChangeKind.SPLIT: ("resident_ids", "head_id", "number", "area_id", "stay_head_id", "share_mode", "percent",
                       "points", *LAST),
    ChangeKind.MERGE: ("into", *LAST), ChangeKind.MOVE: ("number", "area_id", *LAST),
    ChangeKind.HEAD: ("head_id", *LAST), ChangeKind.LEAVE: ("resident_ids", "stay_head_id", *LAST),
    ChangeKind.RETURN: ("number", "area_id", *LAST), ChangeKind.DEATH: ("resident_id", "stay_head_id", "heir", *LAST),
    ChangeKind.HEIR: ("heir", *LAST), ChangeKind.UNDO: LAST,
}


def _number(value: Any) -> int | None:
    """An id from a choice; nothing chosen is None."""
    return int(value) if value not in (None, "", "None") else None


class ChangeForm(FlaskForm):
    """What is written down about a case; ``household``, ``resident`` and ``change`` say where it began."""

    household, resident, change = HiddenField(), HiddenField(), HiddenField()
    resident_ids = SelectMultipleField(lazy("Who goes?"), coerce=int, validate_choice=False)
    resident_id = RadioField(lazy("Who has died?"), coerce=_number, validate_choice=False)
    head_id = RadioField(lazy("Who is the head of the new household?"), coerce=_number, validate_choice=False)
    number = StringField(lazy("Number of the new household"), [Length(max=24)])
    area_id = SelectField(lazy("Building or grid"), [Optional()], coerce=int)
    stay_head_id = RadioField(
        lazy("If the head goes: who of those who stay is the head?"), coerce=_number, validate_choice=False)
    into = StringField(lazy("Number of the household that takes them in"), [Length(max=24)])
    heir = StringField(lazy("Heir: name, phone or card number"), [Length(max=60)])
    share_mode = RadioField(lazy("How are the points shared out?"), default=ShareMode.HEADS.value,
                            choices=[(mode.value, SHARES[mode]) for mode in ShareMode])
    percent = IntegerField(lazy("Percent for the new household"), [Optional()],
                           description=lazy("Only if you chose percent."))
    points = StringField(lazy("Points for the new household"), [Optional(), Length(max=20)],
                         description=lazy("Only if you chose points."))
    on = DateField(lazy("As of which day?"), [InputRequired(NEEDED)])
    reason = TextAreaField(lazy("Why, and what was agreed"), [InputRequired(NEEDED), Length(max=500)],
                           description=lazy("Without names: it is kept for good. The paper with the signatures is "
                                            "photographed in the next step."))
    photos = MultipleFileField(lazy("Photos of the paper"))

    def offer(self, kind: ChangeKind, members: Sequence[HouseholdMember], areas: Sequence[tuple[int, str]]) -> None:
        """The people and buildings to choose from, and the words that fit the kind."""
        people = [(m.resident_id, m.resident.name) for m in members]
        self.resident_ids.choices = self.resident_id.choices = people
        grown = [(m.resident_id, m.resident.name) for m in members if not m.resident.is_minor(clock.today())]
        self.head_id.choices = self.stay_head_id.choices = grown
        self.area_id.choices = list(areas)
        if kind is ChangeKind.HEAD:
            self.head_id.label.text = lazy("Who is the head from now on?")
        elif kind is ChangeKind.MOVE:
            self.number.label.text = lazy("New number")
        elif kind is ChangeKind.RETURN:
            self.number.label.text = lazy("Household number")
            self.number.description = lazy("Of a household that is here, or a new one.")
        elif kind is ChangeKind.DEATH:
            self.heir.description = lazy("Only if somebody was named; otherwise the household keeps the points.")
        elif kind is ChangeKind.LEAVE:
            self.resident_ids.label.text = lazy("Who moves away?")


class AnswerForm(FlaskForm):
    """Why not."""

    answer = TextAreaField(lazy("Why is it not confirmed?"), [InputRequired(NEEDED), Length(max=500)])
