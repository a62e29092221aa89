"""Points are integers in hundredths everywhere; only this file turns them into decimals and back."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation

from pointsbank.core.errors import Invalid, lazy

HUNDRED = 100
LIMIT = 10**12


class NotPoints(Invalid):
    """The text is no number of points."""

    code = "core.not_points"
    message = lazy("“%(text)s” is not a number of points. Write it like 2 or 2.5.")


def parse_points(text: str) -> int:
    """Hundredths of a point from a person's text: ``"2.5"`` -> 250. Full-width digits are understood.

    Raises :class:`NotPoints` for anything else, for more than two decimals and beyond ten thousand million points.
    """
    clean = unicodedata.normalize("NFKC", text).strip().replace(",", "")
    try:
        value = Decimal(clean)
    except InvalidOperation:
        raise NotPoints(text=text) from None
    hundredths = value * HUNDRED if value.is_finite() else Decimal("0.5")
    if hundredths != hundredths.to_integral_value() or abs(hundredths) > LIMIT:
        raise NotPoints(text=text)
    return int(hundredths)


def format_points(hundredths: int, *, sign: bool = False) -> str:
    """``4400`` -> ``"44"``, ``250`` -> ``"2.5"``: alike everywhere. With ``sign`` a ``+`` or ``−``; thousands are
    grouped."""
    whole, rest = divmod(abs(hundredths), HUNDRED)
    decimals = f"{rest:02d}".rstrip("0")
    text = f"{whole:,}" + (f".{decimals}" if decimals else "")
    if hundredths < 0:
        return "−" + text
    return "+" + text if sign else text


def to_decimal(hundredths: int) -> Decimal:
    """Hundredths as an exact decimal, for sheets and JSON strings."""
    return Decimal(hundredths) / HUNDRED
