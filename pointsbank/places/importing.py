"""Places from a file: Excel, CSV or GeoJSON, read row by row, refused row by row, taken over in one go."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pointsbank.communities import queries as communities
from pointsbank.core import sheets
from pointsbank.core.actor import Actor
from pointsbank.core.errors import DomainError
from pointsbank.core.i18n import N_
from pointsbank.people.roster import Fault
from pointsbank.places import errors, policy, queries, services
from pointsbank.places.facts import Facts, cleaned, split_aliases, too_far
from pointsbank.places.wording import CRS_WORDS, KIND_WORDS

COLUMNS: dict[str, Sequence[str]] = {
    "name": ("名称", "Name", "地点", "地点名称", "Place"), "kind": ("类型", "Kind", "类别"),
    "aliases": ("别名", "Other names", "俗称", "Aliases"),
    "area": ("所在网格或楼栋", "Grid or building", "网格", "楼栋"),
    "lat": ("纬度", "Latitude"), "lon": ("经度", "Longitude"), "crs": ("坐标系", "Map", "坐标来源"),
    "note": ("说明", "What is there", "备注"),
}
MOST = 2000
MOST_BYTES = 2 * 1024 * 1024
NOT_UNDERSTOOD = {
    "places.wrong_name": N_("The name is missing or longer than 60 characters."),
    "places.wrong_aliases": N_("At most 10 other names, each at most 40 characters."),
    "places.wrong_note": N_("What is there: at most 200 characters."),
    "places.wrong_position": N_("Latitude and longitude are not a position on earth."),
}


class _Bad(Exception):
    """A row with a fault: a sentence of the catalogue and its values."""

    def __init__(self, sentence: str, /, **params: Any) -> None:
        super().__init__(sentence)
        self.sentence, self.params = sentence, params


@dataclass
class Plan:
    """What a file would do: places to add, how many are here already, what can't be taken."""

    places: list[Facts] = field(default_factory=list)
    known: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """What an import did."""

    imported: int
    known: int
    faults: list[Fault]


def _kind(text: str) -> Any:
    found = KIND_WORDS.get(text.strip().lower())
    if found is None:
        raise _Bad(N_("“%(text)s” is no kind of place. Write building, road, site, facility or other."), text=text[:30])
    return found


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise _Bad(N_("“%(text)s” is not a number of degrees."), text=text[:30]) from None


def _of_sheet(cells: Mapping[str, str], areas: Mapping[str, int]) -> Facts:
    area, crs = cells.get("area", ""), CRS_WORDS.get(cells.get("crs", "").lower())
    if area and area not in areas:
        raise _Bad(N_("There is no grid or building “%(text)s” in this community."), text=area[:30])
    if crs is None:
        raise _Bad(N_("“%(text)s” is no map we know. Write WGS84, GCJ02 or BD09."), text=cells["crs"][:30])
    return Facts(cells["name"], _kind(cells.get("kind", "")), split_aliases(cells.get("aliases", "")),
                 cells.get("note", ""), areas.get(area), _number(cells.get("lat", "")), _number(cells.get("lon", "")),
                 crs)


def _of_feature(feature: Any) -> Facts:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or not isinstance(geometry, dict) or geometry.get("type") != "Point":
        raise _Bad(N_("This is not a point with properties."))
    numbers = geometry.get("coordinates")
    if not isinstance(numbers, list) or len(numbers) not in (2, 3) or any(
            isinstance(n, bool) or not isinstance(n, int | float) for n in numbers):
        raise _Bad(N_("A point needs a longitude and a latitude, in this order."))
    name, kind, others = properties.get("name"), properties.get("kind") or "", properties.get("aliases") or []
    others = split_aliases(others) if isinstance(others, str) else others
    if not isinstance(name, str) or not isinstance(kind, str) or not isinstance(others, list | tuple) or any(
            not isinstance(one, str) for one in others):
        raise _Bad(N_("name and kind must be texts, aliases a list of texts."))
    try:
        lon, lat = float(numbers[0]), float(numbers[1])
    except OverflowError:
        raise _Bad(NOT_UNDERSTOOD["places.wrong_position"]) from None
    return Facts(name, _kind(kind), tuple(others), "", None, lat, lon)


def _features(raw: bytes) -> list[Any]:
    """The features of a GeoJSON file. Raises NotGeoJson, TooMuch."""
    try:
        found = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise errors.NotGeoJson from None
    if not isinstance(found, dict) or found.get("type") != "FeatureCollection" or not isinstance(
            found.get("features"), list):
        raise errors.NotGeoJson
    return list(found["features"])


def _rows(actor: Actor, raw: bytes) -> list[tuple[int, Callable[[], Facts]]]:
    """Number and reader of each row or feature; features are counted from 1."""
    if len(raw) > MOST_BYTES:
        raise errors.TooMuch(count=MOST)
    if raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        rows: list[tuple[int, Callable[[], Facts]]] = [
            (n, partial(_of_feature, one)) for n, one in enumerate(_features(raw), 1)]
    else:
        areas: dict[str, int] = {}
        for area in communities.areas_of(actor.community_id or 0):
            areas.setdefault(area.name, area.id)
            areas.setdefault(area.code, area.id)
        rows = [(row.number, partial(_of_sheet, row.cells, areas)) for row in sheets.read(raw, COLUMNS, ("name",))]
    if len(rows) > MOST:
        raise errors.TooMuch(count=MOST)
    return rows


def plan(actor: Actor, raw: bytes) -> Plan:
    """Read a file and say what it would do; nothing is written.

    Raises NotAllowed, NotGeoJson, TooMuch, NotASheet, SheetTooLarge, MissingColumns.
    """
    if not policy.may_write(actor):
        raise errors.NotAllowed
    found, read = Plan(), list[tuple[int, Facts]]()
    taken, seen = queries.open_names(actor.community_id), dict[str, int]()
    for number, reader in _rows(actor, raw):
        try:
            facts = cleaned(reader())
        except _Bad as bad:
            found.faults.append(Fault(number, bad.sentence, bad.params))
        except DomainError as refusal:
            found.faults.append(Fault(number, NOT_UNDERSTOOD[refusal.code]))
        else:
            if facts.name in seen:
                found.faults.append(Fault(number, N_("“%(name)s” already stands in row %(other)s."),
                                          {"name": facts.name, "other": seen[facts.name]}))
            elif facts.name in taken:
                found.known += 1
            else:
                read.append((number, facts))
            seen.setdefault(facts.name, number)
    _leave_out_the_far(actor, read, found)
    found.faults.sort(key=lambda fault: fault.row)
    return found


def _leave_out_the_far(actor: Actor, read: list[tuple[int, Facts]], found: Plan) -> None:
    """What is here already says where the community lies; in an empty community the file itself does."""
    here = list(queries.positions(actor.community_id).values())
    here = here or [f.position for _n, f in read if f.position is not None]
    for number, facts in read:
        km = too_far(facts.position, here)
        if km is None:
            found.places.append(facts)
        else:
            found.faults.append(Fault(number, N_("“%(name)s” would lie %(km)s km from the middle of the other places."),
                                      {"name": facts.name, "km": km}))


def import_places(actor: Actor, raw: bytes, *, good_rows_only: bool = False) -> Report:
    """Take a file over. With faults nothing is written unless ``good_rows_only``; the report names them either way.

    Places whose name is here already are passed over, so that the same file may come twice. Raises as :func:`plan`.
    """
    if policy.may_write(actor):
        services.take_turns(actor.community_id)
    planned = plan(actor, raw)
    if planned.faults and not good_rows_only:
        return Report(0, planned.known, planned.faults)
    return Report(services.create_many(actor, planned.places), planned.known, planned.faults)


def template(*, english: bool) -> bytes:
    """An empty file as .xlsx with two rows to overwrite."""
    headings = [names[1 if english else 0] for names in COLUMNS.values()]
    rows = ([["East gate", "facility", "Big gate", "", "27.0943", "113.5218", "WGS84", "Bins and a notice board"],
             ["Willow Road", "road", "", "", "", "", "", ""]] if english else
            [["东门", "设施", "大门、正门", "", "27.0943", "113.5218", "WGS84", "垃圾桶和公告栏"],
             ["柳荫路", "道路", "", "", "", "", "", ""]])
    return sheets.write_xlsx("places" if english else "地点", headings, rows)
