"""Steps and brackets in one cell: ``10小时:2; 20小时:5``, ``0元起每10元:0.1; 100元起每100元:1``, ``90分起:5``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import gettext as _

from pointsbank.core.formats import is_chinese
from pointsbank.rules.evaluation import Band
from pointsbank.rules.models import Quantity, Shape
from pointsbank.rules.sheets import cells

_POINTS = rf"(?P<points>{cells.NUMBER})\s*(?:分|points?)?"
_TIER = re.compile(rf"(?P<start>.+?)\s*:\s*{_POINTS}", re.S)
_BRACKETS = (re.compile(rf"(?P<start>.+?)\s*起\s*(?:每\s*(?P<step>.+?))?\s*:?\s*{_POINTS}", re.S),
             re.compile(rf"from (?P<start>.+?)(?: per (?P<step>.+?))?\s*[: ]\s*{_POINTS}", re.S | re.I))
_ONE = {Quantity.MINUTES: 60, Quantity.TIMES: 1, Quantity.UNITS: 1, Quantity.SCORE: 100, Quantity.AMOUNT: 100}


def read(text: str, shape: Shape, measured: Quantity, unit: str) -> tuple[Band, ...]:
    """The bands of a cell, in its order. Raises :class:`~pointsbank.rules.sheets.cells.NotUnderstood`."""
    if not text.strip():
        raise cells.NotUnderstood(_("Expected: %(example)s.", example=_example(shape, measured, unit)))
    found = []
    for part in filter(None, map(str.strip, cells.SEPARATOR.split(text))):
        band = _band(part, shape, measured, unit)
        if band is None:
            raise cells.NotUnderstood(_("“%(part)s” is not understood. Expected: %(example)s.", part=part,
                                        example=_example(shape, measured, unit)))
        found.append(band)
    return tuple(found)


def _example(shape: Shape, measured: Quantity, unit: str) -> str:
    one = _ONE[measured]
    bands = [Band(10 * one, 0, 200), Band(20 * one, 0, 500)]
    if shape is Shape.BRACKETS and measured is not Quantity.SCORE:
        bands = [Band(0, 10 * one, 10), Band(100 * one, 100 * one, 100)]
    return bands_text(bands, shape, measured, unit, chinese=is_chinese())


def _band(part: str, shape: Shape, measured: Quantity, unit: str) -> Band | None:
    patterns = (_TIER,) if shape is Shape.TIERS else _BRACKETS
    match = next((m for pattern in patterns if (m := pattern.fullmatch(part))), None)
    if match is None:
        return None
    start = cells.quantity(match["start"], measured, unit)
    wanted = match.groupdict().get("step")
    step = cells.quantity(wanted, measured, unit) if wanted is not None else 0
    if start is None or step is None or (wanted is not None and step == 0):
        return None
    return Band(start, step, cells.points(match["points"]))


def bands_text(bands: Sequence[Band], shape: Shape, measured: Quantity, unit: str, *, chinese: bool) -> str:
    """The same as a cell says it."""
    return "; ".join(_text(band, shape, measured, unit, chinese=chinese) for band in bands)


def _text(band: Band, shape: Shape, measured: Quantity, unit: str, *, chinese: bool) -> str:
    said = cells.quantity_text(band.start, measured, unit, chinese=chinese)
    step = cells.quantity_text(band.step, measured, unit, chinese=chinese) if band.step else ""
    points = cells.number(band.points)
    if shape is Shape.TIERS:
        return f"{said}:{points}" if chinese else f"{said}: {points}"
    if chinese:
        return f"{said}起每{step}:{points}" if step else f"{said}起:{points}"
    return f"from {said} per {step}: {points}" if step else f"from {said}: {points}"
