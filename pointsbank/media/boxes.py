"""Black boxes as they are sent (fractions of the picture) and kept (whole ten-thousandths): shape only, no pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pointsbank.media.errors import BoxOutside, BoxTooSmall, BrokenBox, NoBoxes, TooManyBoxes

MOST_BOXES = 20
WHOLE = 10_000
LEAST = WHOLE // 100
# Typed percent and thirds of a picture don't add up to the last digit.
SLACK = 1


@dataclass(frozen=True)
class Box:
    """One black box in ten-thousandths of the picture's width and height."""

    left: int
    top: int
    width: int
    height: int

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom as fractions."""
        return (self.left / WHOLE, self.top / WHOLE, (self.left + self.width) / WHOLE,
                (self.top + self.height) / WHOLE)

    def as_list(self) -> list[int]:
        """As it is kept."""
        return [self.left, self.top, self.width, self.height]


def read(given: Sequence[Sequence[float]]) -> list[Box]:
    """Boxes from (left, top, width, height) in fractions of 0 to 1.

    Raises :class:`NoBoxes`, :class:`TooManyBoxes`, :class:`BrokenBox`, :class:`BoxOutside` and :class:`BoxTooSmall`.
    """
    if not given:
        raise NoBoxes
    if len(given) > MOST_BOXES:
        raise TooManyBoxes(most=MOST_BOXES)
    return [_read(numbers, n) for n, numbers in enumerate(given, 1)]


def _read(numbers: Sequence[float], n: int) -> Box:
    if len(numbers) != 4 or not all(
            isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
            for number in numbers):
        raise BrokenBox(n=n)
    if not all(-1 <= number <= 2 for number in numbers):
        raise BoxOutside(n=n)
    left, top, width, height = (round(number * WHOLE) for number in numbers)
    if min(left, top) < 0 or left + width > WHOLE + SLACK or top + height > WHOLE + SLACK:
        raise BoxOutside(n=n)
    if min(width, height) < LEAST:
        raise BoxTooSmall(n=n)
    return Box(left, top, min(width, WHOLE - left), min(height, WHOLE - top))
