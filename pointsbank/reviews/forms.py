"""HTML forms: shapes only; what is allowed is the service's to say."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from pointsbank.core.errors import lazy

NEEDED = lazy("Please fill this in.")


class RemarkForm(FlaskForm):
    """A few words to sign."""

    text = TextAreaField(lazy("Remark"), [InputRequired(NEEDED), Length(max=500)], description=lazy(
        "Your name and the time stand under it. It can’t be changed or taken back, and is for staff only."))


class CorrectionForm(FlaskForm):
    """Why a review is counted again."""

    reason = TextAreaField(lazy("Why it is counted again"), [InputRequired(NEEDED), Length(max=500)], description=lazy(
        "A new version takes its place and names this one, which stays as it is."))
