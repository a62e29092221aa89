"""HTML forms: shapes only, and the way from what was typed to plain values."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_minutes
from pointsbank.core.points import NotPoints, format_points, parse_points
from pointsbank.honours.drafts import MOST_STEPS, LadderDraft, StepDraft
from pointsbank.honours.models import Period
from pointsbank.rules.item_forms import whole

NEEDED = lazy("Please fill this in.")
HOUR = 60
SPARE_ROWS = 2
PERIODS = (
    (Period.LIFETIME, lazy("everything since the beginning"), lazy("stars are kept for life")),
    (Period.YEAR, lazy("by calendar year"), lazy("each year begins anew")),
    (Period.CYCLE, lazy("in cycles of hours"), lazy("in each cycle every step is given once")),
)


class StepForm(Form):
    """One step; a row without a name is none."""

    name = StringField(lazy("Name of the step"))
    hours = StringField(lazy("Hours from"))
    honour = StringField(lazy("Honour points from"))


class LadderForm(FlaskForm):
    """A whole ladder on one page."""

    title = StringField(lazy("Name of the ladder"), [InputRequired(NEEDED), Length(max=60)])
    period = RadioField(lazy("What counts"), [InputRequired(NEEDED)], default=Period.LIFETIME.value,
                        choices=[(p.value, label, {"small": small}) for p, label, small in PERIODS])
    cycle_hours = StringField(lazy("Hours of a cycle"), [Optional()],
                              description=lazy("Only for cycles, for example 300."))
    no_show_limit = StringField(lazy("No-shows in a year from which a person decides"), [Optional()], description=lazy(
        "From so many on the job proposes nobody; the desk sees who it is and may propose by hand. Empty: no limit."))
    note = TextAreaField(lazy("What goes with the steps"), [Optional(), Length(max=400)],
                         description=lazy("Prizes, medals, how often. Everybody reads it."))
    steps = FieldList(FormField(StepForm), lazy("Steps"), max_entries=MOST_STEPS + SPARE_ROWS)


def fill_ladder(draft: LadderDraft) -> dict[str, Any]:
    """A ladder as the form shows it, with some empty rows to write on."""
    rows = [{"name": s.name, "hours": format_minutes(s.minutes) if s.minutes else "",
             "honour": format_points(s.honour).replace(",", "") if s.honour else ""} for s in draft.steps]
    spare = min(SPARE_ROWS, MOST_STEPS - len(rows))
    return {"title": draft.title, "period": draft.period.value, "note": draft.note,
            "cycle_hours": format_minutes(draft.cycle_minutes) if draft.cycle_minutes else "",
            "no_show_limit": str(draft.no_show_limit or ""), "steps": rows + [{} for _row in range(max(spare, 0))]}


def read_ladder(form: LadderForm) -> tuple[LadderDraft, dict[str, Any]]:
    """The ladder as typed, and an error for each field that can't be read."""
    errors: dict[str, Any] = {}
    steps = []
    for row in form.steps:
        typed = (row.form.name.data or "").strip(), row.form.hours.data, row.form.honour.data
        if any((text or "").strip() for text in typed):
            minutes = whole(typed[1], errors, "steps", HOUR)
            steps.append(StepDraft(typed[0], minutes or None, _points(typed[2], errors) or None))
    draft = LadderDraft(
        (form.title.data or "").strip(), Period(form.period.data), tuple(steps),
        whole(form.cycle_hours.data, errors, "cycle_hours", HOUR) or None,
        whole(form.no_show_limit.data, errors, "no_show_limit") or None, (form.note.data or "").strip())
    return draft, errors


def _points(text: str | None, errors: dict[str, Any]) -> int:
    if not (text or "").strip():
        return 0
    try:
        return parse_points(text or "")
    except NotPoints as refusal:
        errors["steps"] = refusal.sentence
        return 0


class SampleForm(FlaskForm):
    """What a new ladder starts from."""

    sample = RadioField(lazy("Start from"), default="yearly", choices=[
        ("yearly", lazy("stars by calendar year"), {"small": lazy("10, 20, 30, 40, 50 hours a year")}),
        ("double", lazy("stars by hours and honour points"), {"small": lazy("50 h and 500 points to 2,000 h and "
                                                                          "21,000 points, for life")}),
        ("cycle", lazy("stars in cycles of 300 hours"), {"small": lazy("30, 60, 100, 200, 300 hours, then again")}),
        ("medals", lazy("medals by all hours"), {"small": lazy("600, 1,000, 1,500 and 3,000 hours")})])


class AdoptForm(FlaskForm):
    """From when, and by which resolution."""

    in_force_on = DateField(lazy("In force from"), [InputRequired(NEEDED)])
    resolution = StringField(lazy("Resolution"), [InputRequired(NEEDED), Length(max=400)], description=lazy(
        "Which meeting decided it, when, and with how many votes."))


class AnswerForm(FlaskForm):
    """Why something is declined or refused."""

    answer = TextAreaField(lazy("The reason, in writing"), [Length(max=400)])


class ListForm(FlaskForm):
    """What stands above a list on the notice board."""

    resolution = StringField(lazy("Resolution"), [Optional(), Length(max=400)], description=lazy(
        "Which meeting looked at the list. It is printed on the notice."))


class ByHandForm(FlaskForm):
    """Somebody whom the job leaves out."""

    person = StringField(lazy("Name, phone or card number"), [InputRequired(NEEDED), Length(max=60)])
    series = SelectField(lazy("Which ladder"), [InputRequired(NEEDED)], coerce=int)
    reason = StringField(lazy("Why by hand"), [InputRequired(NEEDED), Length(max=400)])


class RevocationForm(FlaskForm):
    """Taking an honour back."""

    resolution = TextAreaField(lazy("Resolution"), [InputRequired(NEEDED), Length(max=400)], description=lazy(
        "Which meeting decided it, when, and why."))
    revoked_on = DateField(lazy("From which day"), [InputRequired(NEEDED)])


class NoShowForm(FlaskForm):
    """Somebody signed up and did not come."""

    person = StringField(lazy("Name, phone or card number"), [InputRequired(NEEDED), Length(max=60)])
    on_day = DateField(lazy("Which day"), [InputRequired(NEEDED)])
    what = StringField(lazy("Signed up for what"), [InputRequired(NEEDED), Length(max=80)])


class ExcuseForm(FlaskForm):
    """A good reason."""

    because = StringField(lazy("The excuse"), [InputRequired(NEEDED), Length(max=200)])


class LeagueForm(Form):
    """One league; a row without a name is none."""

    name = StringField(lazy("Name of the league"), [Length(max=30)])
    tags = SelectMultipleField(lazy("Who carries one of these tags"))


class LeaguesForm(FlaskForm):
    """All leagues in their order."""

    leagues = FieldList(FormField(LeagueForm), lazy("Leagues"), max_entries=6)


class CertificateForm(FlaskForm):
    """A certificate of the hours of some days."""

    since_on = DateField(lazy("Served from"), [InputRequired(NEEDED)])
    until_on = DateField(lazy("Served until"), [InputRequired(NEEDED)])
    purpose = StringField(lazy("What it is for"), [Optional(), Length(max=120)],
                          description=lazy("For example: for the school."))
    volunteer_number = StringField(lazy("Volunteer number"), [Optional(), Length(max=40)], description=lazy(
        "From the national volunteer system. Empty: the number of the member card. Never an ID number."))


class CounterCertificateForm(CertificateForm):
    """The same at the counter, for somebody."""

    person = StringField(lazy("Name, phone or card number"), [InputRequired(NEEDED), Length(max=60)])


class ContactForm(FlaskForm):
    """How the handler can be reached."""

    contact = StringField(lazy("Your contact, as it is printed"), [Optional(), Length(max=60)])


class WithdrawForm(FlaskForm):
    """Why a certificate is void."""

    because = StringField(lazy("Why it is void"), [InputRequired(NEEDED), Length(max=300)])


class CheckForm(FlaskForm):
    """Number and code from the paper. Asked by GET: nothing is changed."""

    class Meta:
        """No token: the address with number and code stands in the QR on the paper."""

        csrf = False

    number = StringField(lazy("Number of the certificate"), [InputRequired(NEEDED), Length(max=60)])
    code = StringField(lazy("Code on the paper"), [InputRequired(NEEDED), Length(max=20)])


class VoteForm(FlaskForm):
    """One vote; ``voter`` only when the leader enters a show of hands."""

    candidate = RadioField(lazy("Your vote"), [InputRequired(lazy("Choose one."))], coerce=int)
    voter = SelectField(lazy("Whose vote"), [Optional()], coerce=int, validate_choice=False)


class TieForm(FlaskForm):
    """The leader's word after two ties."""

    candidate = RadioField(lazy("Whom the leader names"), [InputRequired(lazy("Choose one."))], coerce=int)
    reason = StringField(lazy("Why, in a sentence that the team may read"), [InputRequired(NEEDED), Length(max=300)])


class YearForm(FlaskForm):
    """A year that is over."""

    year = IntegerField(lazy("Year"), [InputRequired(NEEDED)])
