"""The residents' forms: a report, and each thing that its reporter may say later. Shapes only."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from pointsbank.cases.models import Category
from pointsbank.cases.report_errors import KindMissing
from pointsbank.cases.services import ReportDraft
from pointsbank.core.errors import lazy
from pointsbank.places.models import Place

ELSEWHERE = "0"  # none of the places: said in words
MOST_KEPT = 30


def whole(text: str | None) -> int | None:
    """A row's number out of a field; None for anything else."""
    clean = (text or "").strip()
    return int(clean) if clean.isascii() and clean.isdecimal() and 0 < int(clean[:10]) < 2**31 and len(clean) < 11 \
        else None


def degrees(text: str | None) -> float | None:
    """Degrees out of a field; None where there is no number."""
    try:
        return float((text or "").strip()[:30])
    except ValueError:
        return None


class ReportForm(FlaskForm):
    """Photos, place, kind, a few words. ``photo_ids`` are photos that an earlier try left here already."""

    client_id = HiddenField()
    place_id = RadioField(lazy("Where is it?"), validate_choice=False)
    place = StringField(lazy("In words, if no place fits"), [Optional(), Length(max=120)],
                        description=lazy("For example: beside the flower bed, opposite Building 3"))
    q = StringField(lazy("Another place: its name"), [Optional(), Length(max=60)])
    lat = HiddenField()
    lon = HiddenField()
    category = SelectField(lazy("What kind of problem"), validate_choice=False)
    text = TextAreaField(lazy("A few words"), [Optional(), Length(max=1000)])
    anonymous = BooleanField(lazy("Without my name"), description=lazy("Neighbours don’t see even part of it."))
    photos = MultipleFileField(lazy("Photos"))

    def offer_kinds(self, kinds: Sequence[Category]) -> None:
        """Put the kinds of problems into their choice."""
        self.category.choices = [SelectChoice(str(kind.id), kind.name) for kind in kinds]

    def offer_places(self, found: Sequence[Place], small: dict[int, str]) -> None:
        """Put places into their choice, with a line about each; the last choice is "in words"."""
        choices = [SelectChoice(str(p.id), p.name, render_kw={"small": small.get(p.id, "")}) for p in found]
        if choices:
            choices.append(SelectChoice(ELSEWHERE, str(lazy("None of these"))))
        self.place_id.choices = choices

    def begin(self, kinds: Sequence[Category], last_kind: int | None) -> None:
        """A new report: its own number, and the kind that was used last, or the one for everything else."""
        self.client_id.data = secrets.token_hex(16)
        other = next((kind.id for kind in kinds if kind.group_code == "other"), kinds[0].id if kinds else None)
        self.category.data = str(last_kind if last_kind in {kind.id for kind in kinds} else other or "")

    @property
    def chosen_place(self) -> int | None:
        """The place that was chosen; None where it is said in words."""
        return whole(self.place_id.data)

    @property
    def position(self) -> tuple[float | None, float | None] | None:
        """Where the phone was, if it is to be kept: only while no place is chosen. WGS84 degrees."""
        if self.chosen_place is not None or not (self.lat.data or self.lon.data):
            return None
        return degrees(self.lat.data), degrees(self.lon.data)

    def draft(self, photo_ids: Sequence[int], spot: tuple[float, float] | None, kinds: Sequence[Category]
              ) -> ReportDraft:
        """What is sent. Without words and without a photo it says what kind of problem it is. Raises KindMissing."""
        kind = next((one for one in kinds if one.id == whole(self.category.data)), None)
        if kind is None:
            raise KindMissing(fields={"category": KindMissing.message})
        place = "" if self.chosen_place is not None else self.place.data or ""
        lat, lon = spot or (None, None)
        words = (self.text.data or "").strip() or ("" if photo_ids else kind.name)
        return ReportDraft(client_id=self.client_id.data or "", category_id=kind.id,
                           text=words, place=place, lat=lat, lon=lon,
                           anonymous=bool(self.anonymous.data), photo_ids=tuple(photo_ids),
                           place_id=self.chosen_place)


class CodeForm(FlaskForm):
    """The code word of a report without a name."""

    code = StringField(lazy("Your code"), [Length(max=60)], description=lazy("12 digits, as they were shown to you"))


class WordsForm(FlaskForm):
    """A few words that go with a step."""

    text = TextAreaField(lazy("In a few words"), [Optional(), Length(max=500)])


class EvaluateForm(FlaskForm):
    """Is it solved? A reason goes with all but yes."""

    answer = RadioField(lazy("Is it solved now?"), validate_choice=False)
    text = TextAreaField(lazy("What is still wrong"), [Optional(), Length(max=500)])

    def offer(self, answers: dict[str, Any]) -> None:
        """Put the answers that are possible into their choice."""
        small = {"unhappy": str(lazy("Say why; it is done again at once"))}
        self.answer.choices = [SelectChoice(verb, str(words), render_kw={"small": small.get(verb, "")})
                               for verb, words in answers.items()]
