"""HTML forms: shapes only; what is allowed is the services' to say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from pointsbank.contributions.models import Contribution, DeedKind
from pointsbank.core.errors import lazy
from pointsbank.core.points import NotPoints, format_points, parse_points
from pointsbank.people.models import Resident
from pointsbank.publicity.models import Grouping
from pointsbank.publicity.services import PaperDraft
from pointsbank.publicity.wording import GROUPINGS
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Rule

SOMETHING_ELSE = ""


def whole_minutes(text: str | None) -> int | None:
    """Minutes from hours as people write them (``2``, ``1.5``, full-width too); None for an empty field."""
    clean = normalize("NFKC", text or "").strip()
    if not clean:
        return None
    try:
        hours = Decimal(clean)
    except InvalidOperation:
        raise ValidationError(lazy("Write hours like 2 or 1.5.")) from None
    if not hours.is_finite() or not 0 < hours <= 24:
        raise ValidationError(lazy("Between one minute and 24 hours."))
    return int((hours * 60).to_integral_value())


def hundredths(text: str | None) -> int | None:
    """A number with at most two decimals, in hundredths (yuan are fen); None for an empty field."""
    clean = normalize("NFKC", text or "").strip()
    if not clean:
        return None
    try:
        found = parse_points(clean)
    except NotPoints as refusal:
        raise ValidationError(refusal.sentence) from None
    if found < 0:
        raise ValidationError(lazy("A number from 0."))
    return found


def whole_number(text: str | None) -> int | None:
    """A whole number from 1; None for an empty field."""
    clean = normalize("NFKC", text or "").strip()
    if not clean:
        return None
    if not clean.isdecimal() or not 0 < int(clean) <= 10_000:
        raise ValidationError(lazy("A whole number from 1."))
    return int(clean)


class FiguresMixin:
    """Fields of hours and numbers read by :func:`whole_minutes` and :func:`whole_number`."""

    def validate_hours(self, field: Any) -> None:
        """Hours that can be understood."""
        field.minutes = whole_minutes(field.data)

    def validate_number(self, field: Any) -> None:
        """A number that can be understood."""
        field.number = whole_number(field.data)


class DeedForm(FiguresMixin, FlaskForm):
    """A deed: which item of the standard, what, when, how much, where, photos."""

    item = SelectField(lazy("Which item of the rules"), validate_choice=False)
    title = StringField(lazy("What you did"),
                        [InputRequired(lazy("Write in a few words what was done.")), Length(max=120)],
                        description=lazy("A few words, for example: visited Grandmother Wang twice"))
    on = DateField(lazy("Which day"), [InputRequired(lazy("Choose the day."))])
    hours = StringField(lazy("How long, in hours"), [Optional()],
                        description=lazy("For items that count by the hour, like 2 or 1.5"))
    number = StringField(lazy("How often, or how many"), [Optional()],
                         description=lazy("For items that count by number, a whole number"))
    amount = StringField(lazy("Amount, in yuan"), [Optional()], description=lazy("For donations"))
    score = StringField(lazy("Score of the inspection"), [Optional()])
    size = StringField(lazy("How large"), [Optional()], description=lazy("For items that ask for a size, for example "
                                                                       "square metres"))
    same_as = SelectField(lazy("The same act as"), [Optional()], validate_choice=False, description=lazy(
        "The same honour at a higher level counts once: choose what was reported before."))
    beneficiary = SelectField(lazy("The points go to"), [Optional()], validate_choice=False)
    place = StringField(lazy("Where"), [Optional(), Length(max=120)])
    text = TextAreaField(lazy("Anything else the reviewers should know"), [Optional(), Length(max=500)])
    photos = MultipleFileField(lazy("Photos"), [Optional()],
                               description=lazy("Up to nine. Place and camera data are removed."))
    reason = StringField(lazy("Why you enter it for them"), [Length(max=200)])
    for_resident = HiddenField()

    def offer(self, items: Sequence[Rule]) -> None:
        """Put the standard's items into the choice, by category."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for category, found in rules.by_category(items):
            groups[category] = [(rule.code, f"{rule.code} {rule.name}") for rule in found]
        other = {str(lazy("Not in the list")): [(SOMETHING_ELSE, str(lazy("Something else good")))]}
        self.item.choices = {**groups, **other}

    def offer_people(self, family: Sequence[Resident], earlier: Sequence[Contribution]) -> None:
        """Put the family, and the earlier deeds of one's own, into their choices."""
        self.beneficiary.choices = [("", lazy("whom the rules name")), *((str(p.id), p.name) for p in family)]
        self.same_as.choices = [("", lazy("nothing reported before")),
                                *((str(d.id), f"{d.done_on.isoformat()} {d.title}") for d in earlier)]

    def kind_of(self, items: Sequence[Rule]) -> str:
        """The kind of deed that goes with the chosen item."""
        chosen = next((rule for rule in items if rule.code == self.item.data), None)
        return str(chosen.kind) if chosen is not None else DeedKind.OTHER.value

    @property
    def minutes(self) -> int | None:
        """The time in minutes."""
        return whole_minutes(self.hours.data)

    @property
    def units(self) -> int | None:
        """The number."""
        return whole_number(self.number.data)


    def validate_amount(self, field: Any) -> None:
        """An amount that can be understood."""
        hundredths(field.data)

    def validate_score(self, field: Any) -> None:
        """A score that can be understood."""
        hundredths(field.data)

    def validate_size(self, field: Any) -> None:
        """A size that can be understood."""
        hundredths(field.data)

    @property
    def more(self) -> dict[str, int | None]:
        """What only some items ask for, as fields of a filing."""
        chosen = {"same_as": self.same_as.data, "beneficiary_id": self.beneficiary.data}
        return {"amount_fen": hundredths(self.amount.data), "score": hundredths(self.score.data),
                "size": hundredths(self.size.data),
                **{name: int(value) if (value or "").isdecimal() else None for name, value in chosen.items()}}


class ReasonForm(FlaskForm):
    """Why a deed comes back, or is not accepted."""

    reason = TextAreaField(lazy("Reason"), [Length(max=500)],
                           description=lazy("The resident reads it: say what is missing, or why not."))


class ObjectionForm(FlaskForm):
    """What is wrong with a line."""

    text = TextAreaField(lazy("What is wrong with this line?"), [Length(max=500)],
                         description=lazy("For example: nobody came that day, or: it was two visits, not three"))
    contact = StringField(lazy("How to reach you with the answer"), [Optional(), Length(max=80)])


class PaperObjectionForm(FlaskForm):
    """The same, entered for somebody who came to the counter or put a slip of paper into the box."""

    name = StringField(lazy("Who objects"), [Length(max=60)], description=lazy("Only those who decide see this."))
    household = StringField(lazy("Their household number"), [Length(max=24)])
    text = TextAreaField(lazy("What they said, in their words"), [Length(max=500)])
    contact = StringField(lazy("How to reach them with the answer"), [Optional(), Length(max=80)])
    photo = FileField(lazy("Photo of the paper"), [Optional()])
    reason = StringField(lazy("No photo? Say why"), [Length(max=200)],
                         description=lazy("For example: said it at the counter, cannot write"))

    def paper(self) -> PaperDraft:
        """Who objects, as plain values."""
        return PaperDraft(name=self.name.data or "", household=self.household.data or "",
                          reason=self.reason.data or "")


class DecisionForm(FlaskForm):
    """The written answer to an objection."""

    outcome = RadioField(lazy("Is the line right?"), [InputRequired(lazy("Choose one."))], choices=[
        ("dismissed", lazy("The line is right and stands")), ("upheld", lazy("The line is wrong and is struck"))])
    answer = TextAreaField(lazy("Answer in writing"), [Length(max=500)],
                           description=lazy("What was looked into, and what came out. Whoever objected reads it."))


class MonthForm(FlaskForm):
    """Making a notice out of the month's list."""

    grouped_by = RadioField(lazy("How the lines stand together"), [Optional()], default=Grouping.GRID.value,
                            choices=[(value.value, text) for value, text in GROUPINGS.items()])
    resolution = StringField(lazy("Decision it rests on"), [Optional(), Length(max=400)],
                             description=lazy("Printed on the notice, for example: panel meeting of 14 April"))
    days = StringField(lazy("Days on the board"), [Optional()])

    def validate_days(self, field: Any) -> None:
        """Whole days."""
        field.number = whole_number(field.data)


class CorrectionForm(FiguresMixin, FlaskForm):
    """Taking an award back, and what was right."""

    reason = TextAreaField(lazy("What was wrong"), [Length(max=500)])
    hours = StringField(lazy("The right time, in hours"), [Optional()],
                        description=lazy("Leave empty if the deed was never done."))
    number = StringField(lazy("The right number"), [Optional()])

    @property
    def minutes(self) -> int | None:
        """The time in minutes."""
        return whole_minutes(self.hours.data)

    @property
    def units(self) -> int | None:
        """The number."""
        return whole_number(self.number.data)


class AnswerForm(FlaskForm):
    """Refusing a correction, with a reason."""

    answer = TextAreaField(lazy("Why the award stands"), [Length(max=500)])


class ShareForm(FlaskForm):
    """What a team's points are shared for; how many each gets stands beside the names (``points-<resident>``)."""

    reason = StringField(lazy("What for"), [Length(max=300)], description=lazy("Everybody who gets points reads it."))


class RefuseShareForm(FlaskForm):
    """Refusing how a team's points are to be shared."""

    answer = TextAreaField(lazy("Why not"), [Length(max=300)])


class OpeningForm(FlaskForm):
    """A sheet of balances from the paper book."""

    file = FileField(lazy("Excel or CSV"), [FileRequired(lazy("Choose a file."))],
                     description=lazy("Columns: household number (or phone), name, points, valid until"))


class SittingForm(FlaskForm):
    """Opening a sitting of the panel: when, and with which deeds."""

    title = StringField(lazy("Name of the sitting"), [InputRequired(lazy("Give it a name.")), Length(max=80)])
    held_on = DateField(lazy("Day of the sitting"), [InputRequired(lazy("Choose the day."))])
    due_on = DateField(lazy("Votes until"), [InputRequired(lazy("Choose the day."))],
                       description=lazy("Members are reminded two days before. Votes are taken until you close."))
    from_on = DateField(lazy("Deeds from"), [Optional()], description=lazy("Empty: all that wait"))
    to_on = DateField(lazy("Deeds until"), [Optional()])
    kind = SelectField(lazy("Kind of deeds"), [Optional()])
    team_id = SelectField(lazy("Team"), [Optional()], coerce=int)

    def offer(self, kinds: Sequence[tuple[str, Any]], teams: Sequence[tuple[int, str]]) -> None:
        """Put the kinds of deeds and the teams into the choices; the first of each is all of them."""
        self.kind.choices = [("", lazy("All kinds")), *kinds]
        self.team_id.choices = [(0, lazy("All, with or without a team")), *teams]


class CancelForm(FlaskForm):
    """Why a sitting is called off."""

    reason = TextAreaField(lazy("Why it is called off"), [Length(max=300)],
                           description=lazy("Its deeds wait for the next sitting."))


class RelativeForm(FlaskForm):
    """A relative: who, and how they are related. ``whom`` is ``resident-7`` or ``household-3``."""

    whom = RadioField(lazy("Who"), [InputRequired(lazy("Choose a person or a household."))], validate_choice=False)
    relation = StringField(lazy("How you are related"), [Length(max=20)],
                           description=lazy("For example: cousin, son-in-law’s family"))


def fill(form: DeedForm, deed: Any) -> None:
    """Put a deed's values into the form to complete it."""
    form.item.data, form.title.data, form.on.data = deed.item_code or "", deed.title, deed.done_on
    form.hours.data = f"{Decimal(deed.minutes) / 60:.2f}".rstrip("0").rstrip(".") if deed.minutes else ""
    form.number.data = str(deed.units) if deed.units else ""
    form.place.data, form.text.data = deed.place, deed.text
    form.amount.data, form.score.data, form.size.data = (
        format_points(n).replace(",", "") if n is not None else "" for n in (deed.amount_fen, deed.score, deed.size))
    form.beneficiary.data = str(deed.beneficiary_id or "")


def first_of_month(text: str | None, default: dt.date) -> dt.date:
    """The month of ``?month=2026-04``; ``default``'s for anything else."""
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return default.replace(day=1)
