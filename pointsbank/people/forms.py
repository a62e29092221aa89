"""Forms of people: their shape only; what is allowed is the service's to say."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional

from pointsbank.core.errors import lazy
from pointsbank.people.models import ExportKind, LinkKind, TeamKind
from pointsbank.people.texts import EXPORT_NAMES, LINK_KINDS, TEAM_KINDS

NEEDED = lazy("Please fill this in.")


class SignInForm(FlaskForm):
    """A number and a password or a code; ``by`` says which door it came from."""

    by = HiddenField()
    number = StringField(lazy("Phone number"), [InputRequired(NEEDED), Length(max=60)])
    password = PasswordField(lazy("Password"), [Length(max=200)])
    code = StringField(lazy("The 6 digits of the text message"), [Length(max=20)])


class PasswordForm(FlaskForm):
    """A new password, with the old one if there is one."""

    old = PasswordField(lazy("Present password"), [Length(max=200)])
    password = PasswordField(lazy("New password"), [InputRequired(NEEDED), Length(max=200)])
    again = PasswordField(lazy("New password once more"), [InputRequired(NEEDED), Length(max=200)])


class ConfirmForm(FlaskForm):
    """The password once more."""

    password = PasswordField(lazy("Password"), [InputRequired(NEEDED), Length(max=200)])


class ChoiceForm(FlaskForm):
    """For whom?"""

    choice = RadioField(lazy("For whom?"), [InputRequired(NEEDED)])


class ResidentForm(FlaskForm):
    """What is kept about a resident."""

    name = StringField(lazy("Name"), [InputRequired(NEEDED), Length(max=60)])
    phone = StringField(lazy("Phone number"), [Optional(), Length(max=30)])
    born_on = DateField(lazy("Birthday"), [Optional()],
                        description=lazy("Only where it is needed: children need a guardian's consent."))
    area_id = SelectField(lazy("Building or grid"), [Optional()], coerce=int)


class NewResidentForm(ResidentForm):
    """A resident and the household they belong to."""

    number = StringField(lazy("Household number"), [InputRequired(NEEDED), Length(max=24)],
                         description=lazy("A household that is not yet on the list is added."))
    relation = StringField(lazy("Relation to the head"), [Optional(), Length(max=20)])
    is_head = BooleanField(lazy("Is the head of the household"))
    may_sign_in = BooleanField(lazy("May sign in with this phone"), default=True,
                               description=lazy("If the phone is a relative's, that relative acts for this person."))


class JoinForm(FlaskForm):
    """Joining a household on a day."""

    on = DateField(lazy("From which day"), [InputRequired(NEEDED)])
    number = StringField(lazy("Household number"), [InputRequired(NEEDED), Length(max=24)])
    relation = StringField(lazy("Relation to the head"), [Optional(), Length(max=20)])
    is_head = BooleanField(lazy("Is the head of the household"))


class RevealForm(FlaskForm):
    """Why the whole number is needed."""

    reason = StringField(lazy("Why do you need the number?"), [InputRequired(NEEDED), Length(max=200)])


class ExportForm(FlaskForm):
    """Which list as a file, narrowed how, and what for."""

    kind = RadioField(lazy("Which list?"), [InputRequired(NEEDED)],
                      choices=[(k.value, lazy(EXPORT_NAMES[k])) for k in ExportKind])
    search = StringField(lazy("Only what was searched for"), [Optional(), Length(max=60)],
                         description=lazy("Part of a name or household number. Empty: everybody."))
    moved_out = BooleanField(lazy("Those who moved out, instead of those who live here"))
    reason = StringField(lazy("What is the list for?"), [InputRequired(NEEDED), Length(max=200)],
                         description=lazy("It is kept on record. Phone numbers stay masked."))


class RefusalForm(FlaskForm):
    """Why a list does not leave the house."""

    answer = StringField(lazy("Why not?"), [InputRequired(NEEDED), Length(max=200)])


class EraseForm(FlaskForm):
    """The name once more."""

    confirmation = StringField(lazy("Type the person's full name"), [InputRequired(NEEDED), Length(max=60)])


class LinkForm(FlaskForm):
    """Who may act for a resident."""

    number = StringField(lazy("Phone number of the sign-in"), [InputRequired(NEEDED), Length(max=40)])
    kind = RadioField(lazy("Who is it?"), [InputRequired(NEEDED)], default=LinkKind.FAMILY.value,
                      choices=[(k.value, LINK_KINDS[k]) for k in LinkKind])
    confirmed = BooleanField(lazy("Both agreed, in person"))


class TagForm(FlaskForm):
    """A tag of the community's list, and since when."""

    tag = SelectField(lazy("Tag"), [InputRequired(NEEDED)])
    since_on = DateField(lazy("Since which day"), [Optional()], description=lazy("Empty: since today."))


class ImportForm(FlaskForm):
    """A roster to look through."""

    file = FileField(lazy("Excel or CSV file"), [FileRequired(NEEDED)])


class HouseholdForm(FlaskForm):
    """A household's number and place."""

    number = StringField(lazy("Household number"), [InputRequired(NEEDED), Length(max=24)])
    area_id = SelectField(lazy("Building or grid"), [Optional()], coerce=int)


class TeamForm(FlaskForm):
    """A team."""

    name = StringField(lazy("Name of the team"), [InputRequired(NEEDED), Length(max=60)])
    kind = RadioField(lazy("What is it for?"), [InputRequired(NEEDED)], default=TeamKind.VOLUNTEERS.value,
                      choices=[(k.value, TEAM_KINDS[k]) for k in TeamKind])


class PersonForm(FlaskForm):
    """A person, found by name, number or card."""

    person = StringField(lazy("Name, phone or card number"), [InputRequired(NEEDED), Length(max=60)])


class GrantForm(FlaskForm):
    """A role for somebody."""

    number = StringField(lazy("Phone number or sign-in name"), [InputRequired(NEEDED), Length(max=40)])
    role = SelectField(lazy("Role"), [InputRequired(NEEDED)])
    area_id = SelectField(lazy("Where"), [InputRequired(NEEDED)], coerce=int)
    team_id = SelectField(lazy("Team (only for team leaders)"), [Optional()], coerce=int)


