"""Lines of a notice in the order read: with the heads and sums of their groups, and cut into sheets of A4.

A sheet is cut by how high each line will be, so that the browser never has to break one; should it be wrong by a
line, the style sheet still repeats the head and splits no row. Heights are in tenths of a millimetre.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from pointsbank.publicity import queries, wording
from pointsbank.publicity.models import Grouping, NoticeLine, PublicNotice
from pointsbank.publicity.queries import Group


class PieceKind(enum.StrEnum):
    """What a row of the sheet is."""

    HEAD = "head"
    LINE = "line"
    SUM = "sum"


@dataclass(frozen=True)
class Piece:
    """One row as it is read: the head of a group or section, a line, or the sum of a group."""

    kind: PieceKind
    line: NoticeLine | None = None
    group: Group | None = None
    section: int | None = None


def section_of(line: NoticeLine | None) -> int | None:
    """The part of a notice in words that a line belongs to; None for a line with points."""
    return int(line.plain["section"]) if line is not None and line.plain is not None else None


def runs(notice: PublicNotice, lines: Sequence[NoticeLine], groups: dict[str, Group]) -> list[list[Piece]]:
    """Lines that stand together: a grid with its head and its sum, a household of several lines with its sum, a part of
    a notice in words with its heading."""
    found = []
    for (section, label), members in groupby(lines, lambda row: (section_of(row), queries.group_of(notice, row))):
        pieces = [Piece(PieceKind.LINE, line) for line in members]
        group = groups.get(label)
        if section is not None:
            pieces.insert(0, Piece(PieceKind.HEAD, section=section))
        elif group is not None and notice.grouped_by is Grouping.GRID:
            pieces = [Piece(PieceKind.HEAD, group=group), *pieces, Piece(PieceKind.SUM, group=group)]
        elif group is not None and group.lines > 1:
            pieces.append(Piece(PieceKind.SUM, group=group))
        found.append(pieces)
    return found


# ── Paper ───────────────────────────────────────────────────────────────────────────────────────────────────────

SHEET = 2710
TEXT_LINE, ROW, GAP = 54, 84, 30
TITLE = 107
# The box for objections, the signatures, the sum of all; and the seal of the book below them.
TAIL, SEAL = 830, 230
LEAST_ON_LAST = 3
# How many characters of a Chinese text fit: across the sheet, in the title, in the column of deeds.
ACROSS, IN_TITLE, IN_DEED = 46, 19, 20
NUMBER_COLUMN, COLUMNS, CHARACTER = 160, 1660, 37


@dataclass(frozen=True)
class SheetPage:
    """One printed page: its rows, and where it stands."""

    pieces: list[Piece]
    number: int
    of: int

    def by_section(self) -> list[tuple[int, list[Piece]]]:
        """The lines of a notice in words, each section's together: its heading stands anew on each page."""
        lines = [piece for piece in self.pieces if piece.line is not None]
        return [(number, list(found)) for number, found in groupby(lines, lambda p: section_of(p.line) or 0)]

    @property
    def is_last(self) -> bool:
        """The page with the total, the box for objections and the signatures."""
        return self.number == self.of


def _wraps(text: str, fit: float) -> int:
    """How many lines a text takes where so many Chinese characters fit; other letters are half as wide."""
    width = sum(1 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in text)
    return max(1, ceil(width / fit))


def _height(piece: Piece) -> int:
    line = piece.line
    if line is None:
        return ROW * 2 if piece.section is not None else ROW
    if line.plain is None:
        note = 8 if line.corrects_line_id is not None else 0
        return ROW + (_wraps(wording.item(line) + "　" * note, IN_DEED) - 1) * TEXT_LINE
    if "text" in line.plain:
        rows = sum(_wraps(part, ACROSS) for part in str(line.plain["text"]).split("\n"))
        return (rows + _wraps(line.item, ACROSS - 4)) * TEXT_LINE + GAP
    cells = line.plain["cells"]
    texts = [wording.in_words(cell) for cell in cells if isinstance(cell, str)]
    fit = (COLUMNS - NUMBER_COLUMN * (len(cells) - len(texts))) / max(len(texts), 1) / CHARACTER - 1
    return ROW + (max((_wraps(text, fit) for text in texts), default=1) - 1) * TEXT_LINE


def _blocks(pieces: list[Piece]) -> list[list[Piece]]:
    """What no page may part: a head and the line below it, a sum and the line above it."""
    found: list[list[Piece]] = []
    for piece in pieces:
        joins = found and (piece.kind is PieceKind.SUM or found[-1][-1].kind is PieceKind.HEAD)
        if joins:
            found[-1].append(piece)
        else:
            found.append([piece])
    return found


def sheets(notice: PublicNotice, title: str, lead: str, lines: Sequence[NoticeLine],
           groups: dict[str, Group]) -> list[SheetPage]:
    """Cut a notice into printed pages; the last one leaves room for the box, the signatures and the seal."""
    head = _wraps(title, IN_TITLE) * TITLE + (1 + _wraps(lead, ACROSS)) * TEXT_LINE + 2 * GAP + ROW
    pages: list[list[list[Piece]]] = [[]]
    left = SHEET - head
    for pieces in runs(notice, lines, groups):
        for block in _blocks(pieces):
            need = sum(_height(piece) for piece in block)
            if need > left and pages[-1]:
                pages.append([])
                # Above the rows: number of the notice, head of the table, heading of a section that goes on.
                goes_on = pieces[0].section is not None and block[0].section is None
                left = SHEET - TEXT_LINE - GAP - ROW - (ROW if goes_on else 0)
            pages[-1].append(block)
            left -= need
    if left < TAIL + (SEAL if notice.sealed_root else 0):
        pages.append(_take_over(pages[-1]))
    return [SheetPage([piece for block in page for piece in block], place, len(pages))
            for place, page in enumerate(pages, 1)]


def _take_over(page: list[list[Piece]]) -> list[list[Piece]]:
    """Take the last lines off a full page, so that the sheet with the signatures never hangs there without any."""
    moved: list[list[Piece]] = []
    while len(page) > 1 and sum(piece.line is not None for block in moved for piece in block) < LEAST_ON_LAST:
        moved.insert(0, page.pop())
    return moved
