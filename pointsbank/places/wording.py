"""Words for kinds, maps and directions; how names are compared."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from pointsbank.core.errors import lazy
from pointsbank.places.coordinates import Crs
from pointsbank.places.models import PlaceKind

KINDS = {
    PlaceKind.BUILDING: lazy("Building"), PlaceKind.ROAD: lazy("Road"), PlaceKind.SITE: lazy("Open space"),
    PlaceKind.FACILITY: lazy("Facility"), PlaceKind.OTHER: lazy("Other place"),
}
MAPS = {
    Crs.WGS84: lazy("GPS of a phone (WGS84)"), Crs.GCJ02: lazy("Amap, Tencent (GCJ-02)"),
    Crs.BD09: lazy("Baidu (BD-09)"),
}
# The same words as they stand in files, in either language.
KIND_WORDS = {
    "楼栋": PlaceKind.BUILDING, "楼": PlaceKind.BUILDING, "房屋": PlaceKind.BUILDING, "道路": PlaceKind.ROAD,
    "路": PlaceKind.ROAD, "场地": PlaceKind.SITE, "工地": PlaceKind.SITE, "设施": PlaceKind.FACILITY,
    "其他": PlaceKind.OTHER, "": PlaceKind.OTHER, **{kind.value: kind for kind in PlaceKind},
}
CRS_WORDS = {
    "": Crs.WGS84, "gps": Crs.WGS84, "高德": Crs.GCJ02, "腾讯": Crs.GCJ02, "百度": Crs.BD09, "amap": Crs.GCJ02,
    "baidu": Crs.BD09, "gcj-02": Crs.GCJ02, "bd-09": Crs.BD09, "wgs-84": Crs.WGS84, **{crs.value: crs for crs in Crs},
}


def folded(text: str) -> str:
    """A name as it is compared: plain signs, small letters, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def search_text(names: Iterable[str]) -> str:
    """What is searched: all names, folded, a line each."""
    return "\n".join(folded(name) for name in names)
