"""The shape of what is filled in; what is allowed the services say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from pointsbank.core import clock
from pointsbank.core.errors import Invalid, lazy
from pointsbank.patrols.models import LookOutcome, ProposalState, RouteKind
from pointsbank.patrols.services import RouteDraft, Window
from pointsbank.patrols.wording import KINDS, LOOKS, WEEKDAYS
from pointsbank.people.models import Team
from pointsbank.places.models import Place
from pointsbank.rules.evaluation import Rule

NEEDED = lazy("Please fill this in.")


def month_of(text: str | None) -> dt.date:
    """``2026-04`` as the first day of that month; this month for anything else."""
    try:
        return dt.date.fromisoformat(f"{text or ''}-01")
    except ValueError:
        return clock.today().replace(day=1)


def day_of(text: str | None) -> dt.date:
    """A day of an address; today for anything else."""
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return clock.today()


class _Form(FlaskForm):
    """A form that says itself that something is wrong."""

    def check(self) -> None:
        """Raises Invalid."""
        if not self.validate():
            raise Invalid


class RouteForm(_Form):
    """A route."""

    name = StringField(lazy("Name of the route"), [InputRequired(NEEDED), Length(max=60)],
                       description=lazy("As the team calls it, for example “Eastern streets”."))
    kind = SelectField(lazy("What is looked at"), choices=[(k.value, text) for k, text in KINDS.items()],
                       description=lazy("Each kind brings a checklist, which you can change at every checkpoint."))
    team_id = SelectField(lazy("Which team walks it"), coerce=int)
    note = StringField(lazy("To know"), [Optional(), Length(max=200)],
                       description=lazy("For example where to begin, or what to take along."))

    def offer(self, teams: Sequence[Team]) -> None:
        """The teams to choose from."""
        self.team_id.choices = [(t.id, t.name) for t in teams]

    def draft(self) -> RouteDraft:
        """What was filled in."""
        return RouteDraft(self.name.data or "", RouteKind(self.kind.data), self.team_id.data or 0,
                          self.note.data or "")


class _WindowForm(_Form):
    """From, to, and how many."""

    starts = TimeField(lazy("From"), [InputRequired(NEEDED)], default=dt.time(9))
    ends = TimeField(lazy("To"), [InputRequired(NEEDED)], default=dt.time(10, 30))
    wanted = IntegerField(lazy("How many observers"), [InputRequired(NEEDED), NumberRange(1, 6)], default=2)

    def window(self) -> Window:
        """What was filled in, in minutes of the day."""
        return Window(_minutes(self.starts.data), _minutes(self.ends.data), self.wanted.data or 0)


def _minutes(time: dt.time | None) -> int:
    return time.hour * 60 + time.minute if time is not None else 0


class ShiftForm(_WindowForm):
    """A line of the rota."""

    route_id = SelectField(lazy("Route"), coerce=int)
    weekday = SelectField(lazy("Day of the week"), coerce=int, choices=list(enumerate(WEEKDAYS)))


class RoundForm(_WindowForm):
    """A round beside the rota."""

    route_id = SelectField(lazy("Route"), coerce=int)
    day = DateField(lazy("Day"), [InputRequired(NEEDED)])


class ObserversForm(_Form):
    """Who walks."""

    observers = SelectMultipleField(lazy("Who walks"), coerce=int)


class ReasonForm(_Form):
    """Why it goes back, or is called off."""

    reason = TextAreaField(lazy("Why"), [InputRequired(NEEDED), Length(max=300)])


class LookForm(_Form):
    """A second look."""

    outcome = RadioField(lazy("What did you see?"), [InputRequired(NEEDED)],
                         choices=[(o.value, LOOKS[o]) for o in LookOutcome])
    text = TextAreaField(lazy("In a few words"), [Optional(), Length(max=500)],
                         description=lazy("Needed where it has to be opened again."))


class ProposalForm(_Form):
    """A proposal."""

    text = TextAreaField(lazy("What do you propose?"), [InputRequired(NEEDED), Length(max=500)],
                         description=lazy("What should change, and why. The answer is shown to everybody, your name "
                                          "masked."))
    place_id = SelectField(lazy("Where"), [Optional()], coerce=int)
    photos = MultipleFileField(lazy("Photos"), [Optional()])

    def offer(self, places: Iterable[Place]) -> None:
        """The places to choose from."""
        self.place_id.choices = [(0, lazy("no place in particular")), *((p.id, p.name) for p in places)]


class AnswerForm(_Form):
    """The committee's answer."""

    outcome = RadioField(lazy("What comes of it?"), [InputRequired(NEEDED)], choices=[
        (ProposalState.ADOPTED.value, lazy("Taken up")), (ProposalState.NOT_ADOPTED.value, lazy("Not adopted")),
        (ProposalState.LATER.value, lazy("Put off for now"))])
    answer = TextAreaField(lazy("Your answer"), [InputRequired(NEEDED), Length(max=500)],
                           description=lazy("Everybody can read it. No names."))


class ItemsForm(_Form):
    """What rounds, second looks and adopted proposals are filed under."""

    round_item = SelectField(lazy("Accepted rounds"))
    look_item = SelectField(lazy("Looking again"))
    proposal_item = SelectField(lazy("Adopted proposals"))

    def offer(self, items: Sequence[Rule]) -> None:
        """The items of the standard in force."""
        known = [(rule.code, f"{rule.code} {rule.name}") for rule in items]
        self.round_item.choices = [("", lazy("whatever item takes rounds")), *known]
        self.look_item.choices = self.proposal_item.choices = [("", lazy("no points")), *known]
