"""Minutes cut into printed pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class SheetPage(Generic[Row]):
    """One printed page: its rows, and where it stands."""

    rows: list[Row]
    number: int
    of: int

    @property
    def is_last(self) -> bool:
        """The page with the total, the box for objections and the signatures."""
        return self.number == self.of


ROWS_A_SHEET = 26
ROWS_ON_LAST = 17
LEAST_ON_LAST = 3


def sheets(lines: list[Row]) -> list[SheetPage[Row]]:
    """Cut lines into printed pages; the last one leaves room for the box, the signatures and the seal."""
    chunks: list[list[Row]] = []
    rest = list(lines)
    while len(rest) > ROWS_ON_LAST:
        take = min(ROWS_A_SHEET, len(rest) - LEAST_ON_LAST)
        chunks.append(rest[:take])
        rest = rest[take:]
    chunks.append(rest)
    return [SheetPage(rows, place, len(chunks)) for place, rows in enumerate(chunks, 1)]
