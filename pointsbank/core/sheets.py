"""Excel and CSV in and out: checked before parsing, bounded, and written so that no cell becomes a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pointsbank.core import xlsx
from pointsbank.core.errors import Invalid, lazy

MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 80 * 1024 * 1024
MOST_RATIO = 120
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class NotASheet(Invalid):
    """Neither xlsx nor CSV."""

    code = "core.not_a_sheet"
    message = lazy("This file can't be read. Save it in Excel or WPS as .xlsx or as CSV (UTF-8) and send it again.")


class SheetTooLarge(Invalid):
    """Over the bounds."""

    code = "core.sheet_too_large"
    message = lazy("This file is too large. At most %(rows)s rows and 10 MB at a time; please split it.")


class MissingColumns(Invalid):
    """The first row lacks columns."""

    code = "core.missing_columns"
    message = lazy("The first row must name the columns. Missing: %(columns)s.")


@dataclass(frozen=True)
class SheetRow:
    """A data row: its number as Excel shows it, its texts by column key, and the same texts as they were ``written``.

    ``cells`` are for reading: full-width signs are plain ones there. ``written`` is for what people are shown again.
    """

    number: int
    cells: dict[str, str]
    written: dict[str, str] = field(default_factory=dict)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def plain(text: str) -> str:
    """A text with full-width and other special forms of signs as plain ones."""
    return unicodedata.normalize("NFKC", text).strip()


def _check_zip(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        raise NotASheet from None
    declared = sum(e.file_size for e in entries)
    if len(entries) > 400 or declared > MOST_UNPACKED or declared > MOST_RATIO * max(len(raw), 20_000):
        raise SheetTooLarge(rows=MOST_ROWS)


def _xlsx_rows(raw: bytes, *, formulas: bool) -> list[list[str]]:
    _check_zip(raw)
    try:
        rows = xlsx.rows_of(raw, MOST_ROWS + 2, MOST_COLUMNS, **({"formulas": True} if formulas else {}))
    except xlsx.Unreadable as fault:
        raise (SheetTooLarge(rows=MOST_ROWS) if fault.too_much else NotASheet()) from None
    return [[_text(c) for c in cells] for cells in rows]


def _csv_rows(raw: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise NotASheet
    if "\0" in text:
        raise NotASheet
    try:
        rows = [[_text(c) for c in row[:MOST_COLUMNS]] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error:
        raise NotASheet from None
    return rows


def read(raw: bytes, columns: dict[str, Sequence[str]], required: Sequence[str] = ()) -> list[SheetRow]:
    """Rows of the first sheet (xlsx) or of a CSV in UTF-8 or GB18030, without the empty ones.

    ``columns`` maps a key to the headings it is known by (any language); texts come NFKC-normalised and stripped.
    Raises :class:`NotASheet`, :class:`SheetTooLarge` (20,000 rows, 10 MB) and :class:`MissingColumns`.
    """
    return under(grid(raw), columns, required)


def grid(raw: bytes, *, formulas: bool = False) -> list[list[str]]:
    """All cells as texts, from the first row on. Raises as :func:`read`.

    With ``formulas`` a cell with one comes as it was typed (``=B2+1``), else as what it came to when it was saved.
    """
    if len(raw) > MOST_BYTES:
        raise SheetTooLarge(rows=MOST_ROWS)
    rows = _xlsx_rows(raw, formulas=formulas) if raw[:4] == b"PK\x03\x04" else _csv_rows(raw)
    if len(rows) - _first(rows) - 1 > MOST_ROWS:
        raise SheetTooLarge(rows=MOST_ROWS)
    return rows


def _first(rows: Sequence[Sequence[str]]) -> int:
    """The first row that is not empty."""
    return next((i for i, row in enumerate(rows) if any(row)), len(rows))


def headings(rows: Sequence[Sequence[str]]) -> tuple[int, list[str]]:
    """The first row that is not empty: its number as Excel shows it, and what it says."""
    first = _first(rows)
    return first + 1, [plain(text) for row in rows[first:first + 1] for text in row if text]


def under(rows: Sequence[Sequence[str]], columns: dict[str, Sequence[str]],
          required: Sequence[str] = ()) -> list[SheetRow]:
    """The rows below the headings, by column key. Raises :class:`MissingColumns`."""
    start = _first(rows)
    known = {plain(h).lower(): key for key, hs in columns.items() for h in (key, *hs)}
    places = {known[plain(h).lower()]: i for i, h in enumerate(rows[start] if start < len(rows) else ())
              if plain(h).lower() in known}
    missing = [k for k in required if k not in places]
    if missing or start == len(rows):
        raise MissingColumns(columns="、".join(str(columns[k][0]) for k in missing))
    return [_row(number, {k: row[i] if i < len(row) else "" for k, i in places.items()})
            for number, row in enumerate(rows[start + 1:], start + 2) if any(row)]


def _row(number: int, written: dict[str, str]) -> SheetRow:
    return SheetRow(number, {key: plain(text) for key, text in written.items()}, written)


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet will run: texts that begin like a formula get a leading apostrophe.

    One that has apostrophes there already gets another one, so that :func:`unescaped` always finds the text again.
    """
    if isinstance(value, str) and value.lstrip("'").startswith(LIVE):
        return "'" + value
    return value


def unescaped(text: str) -> str:
    """The text that :func:`harmless` made harmless."""
    return text[1:] if text[:1] == "'" and text.lstrip("'").startswith(LIVE) else text


def write_xlsx(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], *,
               choices: Mapping[int, Sequence[str]] | None = None, texts: Iterable[int] = (),
               more: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Any]]]] = ()) -> bytes:
    """An .xlsx with bold headings that stay in sight. Texts are written as text, numbers as numbers.

    ``choices`` gives columns (from 0) a list to choose from, at most 255 characters in all; what is typed into the
    columns ``texts`` stays text (Excel makes a day of 1-2 elsewhere); ``more`` are further sheets: (title, headings,
    rows).
    """
    book = Workbook(write_only=False)
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    _fill(sheet, title, headings, rows)
    for letter in (get_column_letter(place + 1) for place in texts):
        sheet.column_dimensions[letter].number_format = "@"
        for cell in sheet[letter]:
            cell.number_format = "@"
    for place, words in (choices or {}).items():
        letter = get_column_letter(place + 1)
        listed = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=True)
        listed.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
        sheet.add_data_validation(listed)
    for other in more:
        _fill(book.create_sheet(), *other)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet.title = "".join(c for c in title if c not in r"[]:*?/\ ")[:31] or "1"
    widths = [len(h) * 2 + 2 for h in headings]
    for y, row in enumerate([list(headings), *rows], 1):
        for x, value in enumerate(row, 1):
            cell = sheet.cell(y, x)
            cell.value = value if not isinstance(value, str) else harmless(value)
            if isinstance(value, str):
                cell.data_type = "s"
                widths[x - 1] = max(widths[x - 1], min(len(value) * 2 + 2, 50))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for x, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(x)].width = width
    sheet.freeze_panes = "A2"


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV in UTF-8 with the mark that makes Excel read it right."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([harmless(v) for v in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
