"""The three ways in which positions are written in China, and distances on the ground. Pure arithmetic.

GPS and standards speak WGS84; Amap, Tencent and state maps GCJ-02, moved by up to 700 m; Baidu BD-09, moved once more.
"""

from __future__ import annotations

import enum
import math

_AXIS = 6378245.0  # Krasovsky 1940, metres
_ECCENTRICITY = 0.00669342162296594323
_BAIDU = math.pi * 3000 / 180
EARTH = 6371008.8  # mean radius, metres
_NEAR = 1e-9  # degrees, a tenth of a millimetre


class Crs(enum.StrEnum):
    """What a pair of numbers is written in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def _abroad(lat: float, lon: float) -> bool:
    """Outside the box in which GCJ-02 moves anything."""
    return not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271)


def _wave(lat: float, lon: float) -> tuple[float, float]:
    """The shift of GCJ-02 in metres, northwards and eastwards."""
    x, y, pi = lon - 105.0, lat - 35.0, math.pi
    both = (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + both
    north += (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + both
    east += (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    return north, east


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Degrees in GCJ-02 of a point in WGS84."""
    if _abroad(lat, lon):
        return lat, lon
    north, east = _wave(lat, lon)
    radians = math.radians(lat)
    magic = 1 - _ECCENTRICITY * math.sin(radians) ** 2
    root = math.sqrt(magic)
    north = math.degrees(north / (_AXIS * (1 - _ECCENTRICITY) / (magic * root)))
    east = math.degrees(east / (_AXIS / root * math.cos(radians)))
    return lat + north, lon + east


def gcj02_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """Degrees in WGS84 of a point in GCJ-02, closer than a centimetre."""
    if _abroad(lat, lon):
        return lat, lon
    found = lat, lon
    for _round in range(10):
        there = wgs84_to_gcj02(*found)
        off = there[0] - lat, there[1] - lon
        found = found[0] - off[0], found[1] - off[1]
        if max(map(abs, off)) < _NEAR:
            break
    return found


def gcj02_to_bd09(lat: float, lon: float) -> tuple[float, float]:
    """Degrees in BD-09 of a point in GCJ-02."""
    z = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BAIDU)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BAIDU)
    return z * math.sin(angle) + 0.006, z * math.cos(angle) + 0.0065


def bd09_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Degrees in GCJ-02 of a point in BD-09."""
    x, y = lon - 0.0065, lat - 0.006
    z = math.hypot(x, y) - 0.00002 * math.sin(y * _BAIDU)
    angle = math.atan2(y, x) - 0.000003 * math.cos(x * _BAIDU)
    return z * math.sin(angle), z * math.cos(angle)


def to_wgs84(lat: float, lon: float, crs: Crs) -> tuple[float, float]:
    """Degrees in WGS84 of a point that was given in ``crs``."""
    if crs is Crs.WGS84:
        return lat, lon
    return gcj02_to_wgs84(*(bd09_to_gcj02(lat, lon) if crs is Crs.BD09 else (lat, lon)))


def offset(here: tuple[float, float], there: tuple[float, float]) -> tuple[float, float]:
    """Metres east and north from ``here`` to ``there``, both (lat, lon) in WGS84; for spans of a few kilometres."""
    north = math.radians(there[0] - here[0]) * EARTH
    east = math.radians(there[1] - here[1]) * EARTH * math.cos(math.radians((here[0] + there[0]) / 2))
    return east, north


def distance(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Metres between two points (lat, lon) in WGS84, on the sphere."""
    a, b = math.radians(here[0]), math.radians(there[0])
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(there[1] - here[1]) / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))
