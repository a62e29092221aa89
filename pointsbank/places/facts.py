"""What somebody says about a place, looked at before it is stored. Pure: no database here."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pointsbank.places import errors
from pointsbank.places.coordinates import Crs, distance, to_wgs84
from pointsbank.places.models import PlaceKind

MOST_ALIASES = 10
FARTHEST = 30_000  # metres from the middle of the others


@dataclass(frozen=True)
class Facts:
    """A place as it is given. ``lat`` and ``lon`` are degrees in ``crs``; both or neither."""

    name: str
    kind: PlaceKind = PlaceKind.OTHER
    aliases: tuple[str, ...] = ()
    note: str = ""
    area_id: int | None = None
    lat: float | None = None
    lon: float | None = None
    crs: Crs = Crs.WGS84

    @property
    def position(self) -> tuple[float, float] | None:
        """(lat, lon) in WGS84."""
        if self.lat is None or self.lon is None:
            return None
        return to_wgs84(self.lat, self.lon, self.crs)


def split_aliases(text: str) -> tuple[str, ...]:
    """Other names out of one text, parted by commas, semicolons or lines."""
    return tuple(part.strip() for part in re.split(r"[,，、;；\n]", text) if part.strip())


def cleaned(facts: Facts) -> Facts:
    """The same without needless spaces and doubles.

    Raises WrongName, WrongAliases, WrongNote, WrongPosition.
    """
    name, note = " ".join(facts.name.split()), " ".join(facts.note.split())
    if not 1 <= len(name) <= 60 or not _storable(name):
        raise errors.WrongName(fields={"name": errors.WrongName.message})
    aliases = tuple(dict.fromkeys(a for a in (" ".join(one.split()) for one in facts.aliases) if a and a != name))
    if len(aliases) > MOST_ALIASES or any(len(one) > 40 or not _storable(one) for one in aliases):
        raise errors.WrongAliases(fields={"aliases": errors.WrongAliases.message})
    if len(note) > 200 or not _storable(note):
        raise errors.WrongNote(fields={"note": errors.WrongNote.message})
    if (facts.lat is None) != (facts.lon is None) or not _on_earth(facts.lat, 85) or not _on_earth(facts.lon, 180):
        raise errors.WrongPosition(fields={"lat": errors.WrongPosition.message})
    return Facts(name, facts.kind, aliases, note, facts.area_id, facts.lat, facts.lon, facts.crs)


def _storable(text: str) -> bool:
    """No null byte and no half character: files may carry what no database takes."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _on_earth(value: float | None, most: float) -> bool:
    return value is None or (math.isfinite(value) and -most <= value <= most)


def middle(points: Iterable[tuple[float, float]]) -> tuple[float, float] | None:
    """The middle of points: the median of each number, so that one wrong point does not move it. None without any."""
    lats_lons = list(points)
    if not lats_lons:
        return None
    return statistics.median(p[0] for p in lats_lons), statistics.median(p[1] for p in lats_lons)


def too_far(point: tuple[float, float] | None, others: Sequence[tuple[float, float]]) -> int | None:
    """Whole kilometres to the middle of the others where that is more than 30; None where the point may stand."""
    centre = middle(others)
    if point is None or centre is None:
        return None
    metres = distance(point, centre)
    return round(metres / 1000) if metres > FARTHEST else None
