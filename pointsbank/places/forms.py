"""The shape of what is sent about places."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, FloatField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from pointsbank.communities.models import Area
from pointsbank.core.errors import lazy
from pointsbank.places.coordinates import Crs
from pointsbank.places.facts import Facts, split_aliases
from pointsbank.places.models import Place, PlaceKind
from pointsbank.places.wording import KINDS, MAPS

NEEDED = lazy("Please fill this in.")


class PlaceForm(FlaskForm):
    """A place: its name first, its position second."""

    name = StringField(lazy("Name of the place"), [InputRequired(NEEDED), Length(max=60)],
                       description=lazy("As people here call it, for example “East gate”."))
    kind = SelectField(lazy("What it is"), choices=[(kind.value, text) for kind, text in KINDS.items()])
    aliases = StringField(lazy("Other names"), [Optional(), Length(max=500)],
                          description=lazy("Parted by commas. Searching finds them too."))
    area_id = SelectField(lazy("In which grid or building"), [Optional()], coerce=int)
    note = StringField(lazy("What is there"), [Optional(), Length(max=200)],
                       description=lazy("Whoever scans the tag reads this, so no names and phone numbers."))
    lat = FloatField(lazy("Latitude"), [Optional()], description=lazy("Degrees, for example 27.0943."))
    lon = FloatField(lazy("Longitude"), [Optional()], description=lazy("Degrees, for example 113.5218."))
    crs = SelectField(lazy("Where the numbers come from"), choices=[(crs.value, text) for crs, text in MAPS.items()],
                      description=lazy("They are kept as you enter them, and converted for the plan."))

    def offer(self, areas: Sequence[Area], community_id: int) -> None:
        """The grids and buildings to choose from; 0 is none of them."""
        self.area_id.choices = [(0, lazy("the whole community")),
                                *((a.id, a.name) for a in areas if a.id != community_id)]

    def fill(self, place: Place) -> None:
        """What is known about a place."""
        self.name.data, self.kind.data, self.note.data = place.name, place.kind.value, place.note
        self.aliases.data, self.area_id.data = "、".join(place.aliases), place.area_id or 0
        self.lat.data, self.lon.data = place.given_lat, place.given_lon
        self.crs.data = (place.crs or Crs.WGS84).value

    def facts(self) -> Facts:
        """What was filled in."""
        return Facts(self.name.data or "", PlaceKind(self.kind.data), split_aliases(self.aliases.data or ""),
                     self.note.data or "", self.area_id.data or None, self.lat.data, self.lon.data,
                     Crs(self.crs.data))


class ImportForm(FlaskForm):
    """A file of places."""

    file = FileField(lazy("Excel, CSV or GeoJSON file"), [FileRequired(NEEDED)])
    good_rows_only = BooleanField(lazy("Take the good rows even if others have faults"))
