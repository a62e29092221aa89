"""The form of the black boxes: rows of four numbers in percent, read from parallel fields."""

from __future__ import annotations

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import StringField

from pointsbank.core.errors import lazy
from pointsbank.media.boxes import MOST_BOXES

SIDES = ("left", "top", "width", "height")
Row = tuple[str, ...]


class CoverForm(FlaskForm):
    """Carries the refusals; the rows are read by :func:`rows_of`."""


class WhyForm(FlaskForm):
    """Why the uncovered picture is opened, or shown again."""

    reason = StringField(lazy("Why"))


def rows_of(sent: MultiDict[str, str]) -> list[Row]:
    """The rows in which anything was typed, as typed; one more than may be drawn is enough to refuse them."""
    columns = [sent.getlist(side)[:5 * MOST_BOXES] for side in SIDES]
    length = max(map(len, columns))
    rows = [tuple((column[n] if n < len(column) else "").strip()[:12] for column in columns) for n in range(length)]
    return [row for row in rows if any(row)][:MOST_BOXES + 1]


def fractions(row: Row) -> list[float]:
    """The numbers of a row as fractions; what is no number becomes one that no box can have."""
    return [_fraction(text) for text in row]


def _fraction(text: str) -> float:
    try:
        return float(text.replace("，", ".").replace(",", ".").rstrip("%％")) / 100
    except ValueError:
        return float("nan")
