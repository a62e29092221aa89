"""Where a point lies, in words: "60 m north of Building 3, between Building 3 and Building 5". Pure; no map needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from pointsbank.core.errors import lazy
from pointsbank.places.coordinates import distance, offset

DIRECTIONS = (lazy("north"), lazy("north-east"), lazy("east"), lazy("south-east"), lazy("south"), lazy("south-west"),
              lazy("west"), lazy("north-west"))
AT = 10  # metres within which a point is at the place
FAR = 1000  # metres beyond which no place says where a point is
NEIGHBOURS = 500  # metres up to which two places can have something between them


@dataclass(frozen=True)
class Spot:
    """A named point in WGS84 degrees."""

    id: int
    name: str
    lat: float
    lon: float

    @property
    def point(self) -> tuple[float, float]:
        """(lat, lon)."""
        return self.lat, self.lon


@dataclass(frozen=True)
class Near:
    """A place near a point: metres between them, and in which of the eight directions the point lies from the place."""

    spot: Spot
    metres: float
    direction: int

    @property
    def words(self) -> str:
        """``60 m north of Building 3``, in the reader's language."""
        name = self.spot.name
        if self.metres < AT:
            return _("at %(place)s", place=name)
        if self.metres >= FAR:
            return _("%(km)s km %(direction)s of %(place)s", km=f"{self.metres / 1000:.1f}", place=name,
                     direction=DIRECTIONS[self.direction])
        return _("%(metres)s m %(direction)s of %(place)s", metres=rounded(self.metres), place=name,
                 direction=DIRECTIONS[self.direction])


def rounded(metres: float) -> int:
    """Metres as people say them: tens from 20 on, fives below."""
    step = 10 if metres >= 20 else 5
    return round(metres / step) * step


def direction(here: tuple[float, float], there: tuple[float, float]) -> int:
    """In which eighth ``there`` lies seen from ``here``: 0 is north, 2 east; clockwise."""
    east, north = offset(here, there)
    return round(math.degrees(math.atan2(east, north)) / 45) % 8


def nearest(point: tuple[float, float], spots: Sequence[Spot], *, most: int = 3) -> list[Near]:
    """The places nearest to a point (lat, lon in WGS84), the nearest first."""
    found = sorted(((distance(point, s.point), s.name, s.id, s) for s in spots), key=lambda one: one[:3])
    return [Near(spot, metres, direction(spot.point, point)) for metres, _name, _id, spot in found[:most]]


def between(point: tuple[float, float], first: Spot, second: Spot) -> bool:
    """Whether a point lies between two places: beside the middle part of the line from one to the other."""
    ax, ay = offset(first.point, second.point)
    px, py = offset(first.point, point)
    length = math.hypot(ax, ay)
    if not 2 * AT < length <= NEIGHBOURS:
        return False
    along, aside = (px * ax + py * ay) / length, abs(px * ay - py * ax) / length
    return 0.15 <= along / length <= 0.85 and aside <= 0.35 * length


def describe(point: tuple[float, float], spots: Sequence[Spot]) -> str:
    """One sentence about where a point (lat, lon in WGS84) lies; it says so if no place is near."""
    near = nearest(point, spots, most=4)
    if not near:
        return _("No place with a position is known here.")
    first = near[0]
    if first.metres >= FAR:
        return _("Far from every place we know; the nearest: %(where)s.", where=first.words)
    if first.metres >= AT:
        for other in near[1:]:
            if between(point, first.spot, other.spot):
                return _("%(where)s, between %(first)s and %(second)s", where=first.words, first=first.spot.name,
                         second=other.spot.name)
    return first.words
