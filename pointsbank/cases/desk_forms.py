"""The shape of what the office, units and inspectors fill in; what is allowed the services say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from pointsbank.cases import desk_wording
from pointsbank.cases.desk_queries import Crew, Row
from pointsbank.cases.errors import ReasonMissing
from pointsbank.cases.models import CaseClass, CaseVisibility, Category, Outcome, Source, SpanUnit
from pointsbank.cases.moves import MOVES
from pointsbank.cases.services import CategoryDraft, Step
from pointsbank.cases.services.steps import SHORTEST
from pointsbank.communities.models import Area
from pointsbank.core.errors import NotFound, lazy
from pointsbank.rules.evaluation import Rule

NEEDED = lazy("Please fill this in.")
WORDS = [InputRequired(NEEDED), Length(max=500)]


# ── Steps ───────────────────────────────────────────────────────────────────────────────────────────────────────


class StepForm(FlaskForm):
    """A step with words that may be left out."""

    text = TextAreaField(lazy("A few words"), [Optional(), Length(max=500)])

    def step(self, photo_ids: Sequence[int] = ()) -> Step:
        """What was filled in."""
        return Step(text=self.text.data or "", photo_ids=photo_ids)


class WordsForm(StepForm):
    """A step that says why."""

    text = TextAreaField(lazy("In your words"), WORDS, description=lazy("Whoever is concerned reads this."))


def _shown(form: StepForm) -> bool | None:
    """True where it was ticked; a form without the box says nothing."""
    return True if "show_photos" in form and form["show_photos"].data else None


class AcceptForm(StepForm):
    """A title for others, and whether they see the photos."""

    title = StringField(lazy("What others read"), [Optional(), Length(max=60)],
                        description=lazy("Kind and place, where it is left empty. It names nobody."))
    show_photos = BooleanField(lazy("Others may see the photos"),
                               description=lazy("Look at each first, and cover faces and numbers."))

    def step(self, photo_ids: Sequence[int] = ()) -> Step:
        """Title, words, photos."""
        return Step(text=self.text.data or "", title=self.title.data or "", show_photos=_shown(self))


class ApproveForm(StepForm):
    """Whether others see before and after."""

    show_photos = BooleanField(lazy("Others may see before and after"),
                               description=lazy("Look at each first, and cover faces and numbers."))

    def step(self, photo_ids: Sequence[int] = ()) -> Step:
        """Words, photos."""
        return Step(text=self.text.data or "", show_photos=_shown(self))


class DeclineForm(StepForm):
    """Why it is not taken on: a reason to choose, and words."""

    why = RadioField(lazy("Why"), [InputRequired(lazy("Please choose one."))], choices=[
        ("ours", lazy("It is not for the community to put right")),
        ("nothing", lazy("There was nothing to be found on site")),
        ("vague", lazy("It stays unclear what or where it is")),
        ("done", lazy("It is being put right already")),
        ("private", lazy("It is a matter between private people")),
        ("other", lazy("Another reason"))])
    text = TextAreaField(lazy("In your words"), [*WORDS, Length(min=SHORTEST, message=ReasonMissing.message)],
                         description=lazy("Say also what can be done instead. Whoever reported it reads this."))

    def step(self, photo_ids: Sequence[int] = ()) -> Step:
        """The reason first, then the words."""
        reason = dict(self.why.choices or {}).get(self.why.data) if self.why.data != "other" else None
        words = (self.text.data or "").strip()
        return Step(text=str(lazy("%(reason)s: %(words)s", reason=reason, words=words)) if reason else words)


class MergeForm(StepForm):
    """Which case it follows."""

    parent_id = RadioField(lazy("It is the same problem as"), [Optional()], coerce=int, validate_choice=False)
    number = IntegerField(lazy("Or the number of another case"), [Optional()])

    def offer(self, rows: Iterable[Row]) -> None:
        """The cases that look alike."""
        self.parent_id.choices = [(row.case.id, f"#{row.case.id} {row.case.place}") for row in rows]

    def step(self, photo_ids: Sequence[int] = ()) -> Step:
        """A number typed in is meant before one that was ticked."""
        return Step(text=self.text.data or "", parent_id=self.number.data or self.parent_id.data or 0)


class AssignForm(StepForm):
    """Who puts it right: a person of a unit. ``3:17`` is user 17 of unit 3."""

    handler_id = SelectField(lazy("Unit and person"), [InputRequired(lazy("Please choose one."))])

    def offer(self, crews: Sequence[Crew], but: Collection[int] = (), chosen: str = "") -> None:
        """Everybody of the units but whoever reported it; ``chosen`` stands there first."""
        self.handler_id.choices = people_of(crews, but, lazy("Please choose"))
        if self.handler_id.data is None:
            self.handler_id.data = chosen

    def step(self, photo_ids: Sequence[int] = ()) -> Step:
        """Unit and person apart."""
        unit_id, user_id = pair_of(self.handler_id.data)
        return Step(text=self.text.data or "", unit_id=unit_id, handler_id=user_id)


class SuspendForm(WordsForm):
    """Until when it rests."""

    days = IntegerField(lazy("For how many days"), [InputRequired(NEEDED)],
                        description=lazy("30 at most. It comes back by itself, and everybody reads why."))

    def step(self, photo_ids: Sequence[int] = ()) -> Step:
        """Words and days."""
        return Step(text=self.text.data or "", days=self.days.data)


class FinishForm(StepForm):
    """What came of it, with photos."""

    outcome = RadioField(lazy("What came of it"), choices=[
        (one.value, desk_wording.OUTCOMES[one]) for one in Outcome if one is not Outcome.FALSE],
        default=Outcome.FIXED.value)
    kept = HiddenField()
    photo_ids = MultipleFileField(lazy("Photos taken afterwards"),
                                  description=lazy("At least one, from where the first photo was taken."))
    text = TextAreaField(lazy("What was done"), [Optional(), Length(max=500)],
                         description=lazy("Needed where it could not be put right."))

    def step(self, photo_ids: Sequence[int] = ()) -> Step:
        """Outcome, words, photos."""
        return Step(text=self.text.data or "", outcome=Outcome(self.outcome.data), photo_ids=photo_ids)


class MoreTimeForm(FlaskForm):
    """How much more time, and why."""

    extra = IntegerField(lazy("How much longer"), [InputRequired(NEEDED), NumberRange(min=1)])
    text = TextAreaField(lazy("Why"), WORDS, description=lazy("More time is given once. Everybody reads why."))


class VerdictForm(FlaskForm):
    """What a second look found."""

    verdict = RadioField(lazy("What did you find?"), [InputRequired(lazy("Please choose one."))], choices=[
        (one.value, text) for one, text in desk_wording.VERDICTS.items()])
    text = TextAreaField(lazy("In your words"), [Optional(), Length(max=500)],
                         description=lazy("Needed where it does not hold."))


class AgreementForm(FlaskForm):
    """Whether a second person finds the report untrue as well."""

    agrees = RadioField(lazy("Was the report untrue?"), [InputRequired(lazy("Please choose one."))], choices=[
        ("yes", lazy("Yes: its points are taken back in the way of corrections")), ("no", lazy("No: it stands"))])
    text = TextAreaField(lazy("In your words"), WORDS)


class TitleForm(FlaskForm):
    """What others read of a case."""

    title = StringField(lazy("What others read"), [Optional(), Length(max=60)],
                        description=lazy("Kind and place, where it is left empty. It names nobody."))


FORMS: dict[str, type[StepForm]] = {
    "accept": AcceptForm, "approve": ApproveForm,
    "decline": DeclineForm, "merge": MergeForm, "assign": AssignForm, "suspend": SuspendForm, "finish": FinishForm}


def form_for(verb: str, *, sent: bool = False) -> StepForm:
    """The form of a step, as it was sent or empty. Raises NotFound for what is no step."""
    if verb not in MOVES:
        raise NotFound
    kind = FORMS.get(verb) or (WordsForm if MOVES[verb].reason else StepForm)
    return kind(prefix=f"{verb}-") if sent else kind(formdata=None, prefix=f"{verb}-")


def words_form(name: str, *, sent: bool = False) -> WordsForm:
    """A form of words for what is no step: a word to the reporter, no more time."""
    return WordsForm(prefix=f"{name}-") if sent else WordsForm(formdata=None, prefix=f"{name}-")


def people_of(crews: Sequence[Crew], but: Collection[int], first: Any) -> dict[Any, Any]:
    """The people of units as a grouped choice."""
    return {"": [("", first)], **{crew.unit.name: [(f"{crew.unit.id}:{user_id}", f"{name} · {crew.unit.name}")
                                                   for user_id, name in crew.members if user_id not in but]
                                  for crew in crews if crew.members}}


def pair_of(text: str | None) -> tuple[int | None, int | None]:
    """``3:17`` as numbers; neither where it can't be read."""
    unit, _colon, user = (text or "").partition(":")
    return (int(unit), int(user)) if unit.isdecimal() and user.isdecimal() else (None, None)


# ── Entering ────────────────────────────────────────────────────────────────────────────────────────────────────


class EnterForm(FlaskForm):
    """What came by a visit, by phone, or was seen on a round."""

    client_id = HiddenField()
    source = RadioField(lazy("How it came in"), default=Source.VISIT.value, choices=[
        (one.value, desk_wording.SOURCES[one]) for one in (Source.VISIT, Source.HOTLINE, Source.GRID_WORKER)])
    category_id = SelectField(lazy("What it is about"), [InputRequired(NEEDED)], coerce=int)
    place = StringField(lazy("Where it is"), [InputRequired(NEEDED), Length(max=120)],
                        description=lazy("A name from the list of places, or in your own words."))
    text = TextAreaField(lazy("What was told or seen"), [Optional(), Length(max=1000)],
                         description=lazy("May be left out where a photo says it."))
    person = StringField(lazy("For whom: name, phone or card number"), [Optional(), Length(max=60)],
                         description=lazy("They hear of each step. Leave it out where nobody wants to be named."))
    kept = HiddenField()
    photos = MultipleFileField(lazy("Photos"), [Optional()])

    def offer(self, kinds: Iterable[Category]) -> None:
        """The kinds of problems to choose from."""
        self.category_id.choices = [(kind.id, kind.name) for kind in kinds]


# ── Settings ────────────────────────────────────────────────────────────────────────────────────────────────────


PROMISES = ("respond", "rectify", "dispatch", "arrive", "feed_back")
FIRST = lazy("Whatever item takes snapshots")
ITEMS = ("accepted_item", "fixed_item", "joined_item", "evaluated_item")


def _time(told: Any = "") -> SelectField:
    return SelectField(lazy("Unit of time"), default=SpanUnit.WORK_DAYS.value, description=told, choices=[
        (one.value, text) for one, text in desk_wording.SPANS.items()])


class KindForm(FlaskForm):
    """A kind of problem."""

    name = StringField(lazy("What it is called"), [InputRequired(NEEDED), Length(max=60)],
                       description=lazy("As people here say it: whoever reports chooses by this."))
    group_code = StringField(lazy("Group"), [InputRequired(NEEDED), Length(max=20)], description=lazy(
        "Two reports of one group at one place are taken for one problem."))
    class_ = RadioField(lazy("Whose matter it is"), choices=[
        (one.value, text) for one, text in desk_wording.CLASSES.items()], default=CaseClass.PUBLIC.value)
    visibility = SelectField(lazy("Who sees the cases"), [Optional()], choices=[
        ("", lazy("As usual for whose matter it is")), *(
            (one.value, text) for one, text in desk_wording.VISIBLE.items())])
    unit_id = SelectField(lazy("Unit that puts it right"), [Optional()], coerce=int)
    nearby_m = SelectField(lazy("How near is the same problem"), coerce=int, default=30, choices=[
        (metres, lazy("%(metres)s metres", metres=metres)) for metres in (30, 100, 250)])
    respond_span = IntegerField(lazy("Answered within"), [InputRequired(NEEDED)], default=1,
                                description=lazy("Until it is accepted or declined."))
    respond_unit = _time(lazy("Minutes run by day and night: that makes it urgent."))
    rectify_span = IntegerField(lazy("Put right within"), [InputRequired(NEEDED)], default=3)
    rectify_unit = _time()
    dispatch_span = IntegerField(lazy("Given out within"), [Optional()])
    dispatch_unit = _time()
    arrive_span = IntegerField(lazy("Somebody there within"), [Optional()])
    arrive_unit = _time()
    feed_back_span = IntegerField(lazy("First word to the reporter within"), [Optional()])
    feed_back_unit = _time()
    accepted_item = SelectField(lazy("Points when accepted"), [Optional()])
    fixed_item = SelectField(lazy("Points when put right"), [Optional()])
    joined_item = SelectField(lazy("Points for neighbours who join"), [Optional()])
    evaluated_item = SelectField(lazy("Points for an evaluation"), [Optional()])

    def offer(self, crews: Sequence[Crew], items: Iterable[Rule], stays: int | None = None) -> None:
        """The units and the items of the standard to choose from; what is chosen stays a choice, also the unit
        (``stays``) that is closed by now."""
        self.unit_id.choices = [(0, lazy("Chosen each time")), *(
            (unit.id, unit.name if unit.closed_at is None else lazy("%(name)s (closed)", name=unit.name))
            for unit in (crew.unit for crew in crews) if unit.closed_at is None or unit.id == stays)]
        known = [(item.code, f"{item.code} {item.name}") for item in items]
        for name in ITEMS:
            control, none = self[name], FIRST if name == "accepted_item" else lazy("None more")
            old = [(control.data, control.data)] if control.data and control.data not in dict(known) else []
            control.choices = [("", none), *known, *old]

    def fill(self, kind: Category) -> None:
        """What is known of a kind."""
        for name in ("name", "group_code", "nearby_m", *ITEMS, *(f"{one}_span" for one in PROMISES)):
            self[name].data = getattr(kind, name)
        for name in ("class_", "visibility", *(f"{one}_unit" for one in PROMISES)):
            value = getattr(kind, name)
            self[name].data = value.value if value is not None else SpanUnit.WORK_DAYS.value
        self.unit_id.data = kind.unit_id or 0

    def draft(self) -> CategoryDraft:
        """What was filled in; a span left empty is no promise."""
        spans: dict[str, Any] = {name: self[name].data or "" for name in ITEMS}
        for name in PROMISES:
            span = self[f"{name}_span"].data
            spans |= {f"{name}_span": span, f"{name}_unit": SpanUnit(self[f"{name}_unit"].data)
                      if span is not None else None}
        return CategoryDraft(
            self.name.data or "", self.group_code.data or "", CaseClass(self.class_.data),
            CaseVisibility(self.visibility.data) if self.visibility.data else None, self.unit_id.data or None,
            self.nearby_m.data, **spans)


class UnitForm(FlaskForm):
    """A unit: its name, and where it works."""

    name = StringField(lazy("Name of the unit"), [InputRequired(NEEDED), Length(max=60)])
    area_id = SelectField(lazy("Where it works"), [Optional()], coerce=int)

    def offer(self, areas: Iterable[Area], community_id: int) -> None:
        """The whole community, or one of its grids and buildings."""
        self.area_id.choices = [(0, lazy("In the whole community")),
                                *((area.id, area.name) for area in areas if area.id != community_id)]


class RouteForm(FlaskForm):
    """In this area that unit."""

    area_id = SelectField(lazy("Grid or building"), [InputRequired(NEEDED)], coerce=int)
    unit_id = SelectField(lazy("Unit that puts it right"), [InputRequired(NEEDED)], coerce=int)

    def offer(self, areas: Iterable[Area], community_id: int, crews: Sequence[Crew]) -> None:
        """The areas and units to choose from."""
        self.area_id.choices = [(area.id, area.name) for area in areas if area.id != community_id]
        self.unit_id.choices = [(crew.unit.id, crew.unit.name) for crew in crews]
