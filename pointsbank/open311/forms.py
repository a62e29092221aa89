"""The shape of what is sent at the desk."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from pointsbank.core.errors import lazy

NEEDED = lazy("Please fill this in.")


class ClientForm(FlaskForm):
    """A platform that is to get a key."""

    name = StringField(lazy("Name of the platform"), [InputRequired(NEEDED), Length(max=60)],
                       description=lazy("For example “FixMyStreet of the county”."))
    contact = StringField(lazy("Whom to call about it"), [InputRequired(NEEDED), Length(max=120)],
                          description=lazy("Name and phone of whoever looks after that platform."))
