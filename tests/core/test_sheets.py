"""Sheets come in bounded and leave harmless."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from pointsbank.core import sheets, xlsx

COLUMNS = {"name": ("姓名", "Name"), "household": ("户号", "Household")}
PAYLOADS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", "=cmd|' /C calc'!A0",
            "=HYPERLINK(\"x\")"]


def workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_excel_and_csv_give_the_same_rows_with_their_numbers() -> None:
    rows = [["姓名", "户号"], ["陈桂芳", "2-0317"], [None, None], ["李明贵", 412.0]]
    from_excel = sheets.read(workbook(rows), COLUMNS)
    text = "姓名,户号\r\n陈桂芳,2-0317\r\n,\r\n李明贵,412\r\n"
    assert [r.number for r in from_excel] == [2, 4]
    assert from_excel[1].cells == {"name": "李明贵", "household": "412"}
    assert sheets.read(text.encode("utf-8-sig"), COLUMNS) == from_excel
    assert sheets.read(text.encode("gb18030"), COLUMNS) == from_excel


def test_full_width_digits_and_headings_are_understood() -> None:
    rows = sheets.read("Name,ＨＯＵＳＥＨＯＬＤ\n王芳,２－０３１７\n".encode(), COLUMNS)
    assert rows[0].cells == {"name": "王芳", "household": "2-0317"}


def test_missing_columns_are_named() -> None:
    with pytest.raises(sheets.MissingColumns) as refusal:
        sheets.read(b"Name\nx\n", COLUMNS, required=("name", "household"))
    assert refusal.value.data == {"columns": "户号"}


@pytest.mark.parametrize("raw", [
    b"", b"%PDF-1.7 \x00\xff", b"PK\x03\x04broken", b"\x00\x01\x02", b"PK\x03\x04" + bytes(500)])
def test_what_is_no_sheet_is_refused(raw: bytes) -> None:
    with pytest.raises((sheets.NotASheet, sheets.MissingColumns)):
        sheets.read(raw, COLUMNS, required=("name",))


def with_sheet(content: bytes) -> bytes:
    """A workbook whose first sheet is this XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["姓名"], ["a"]]))) as old, \
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, content if entry.filename.endswith("sheet1.xml") else old.read(entry))
    return out.getvalue()


def bomb(entries: int, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(entries):
            archive.writestr(f"xl/worksheets/sheet{i}.xml", b" " * size)
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(("entries", "size"), [(1, 200_000_000), (50, 2_000_000), (500, 10), (10, 9_000_000)])
def test_a_zip_bomb_is_refused_before_it_is_opened(entries: int, size: int) -> None:
    raw = bomb(entries, size)
    began = time.perf_counter()
    with pytest.raises((sheets.SheetTooLarge, sheets.NotASheet)):
        sheets.read(raw, COLUMNS)
    assert time.perf_counter() - began < 1


def test_an_external_entity_is_never_fetched() -> None:
    raw = with_sheet(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
                     b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                     b'<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>')
    with pytest.raises((sheets.NotASheet, sheets.MissingColumns)):
        sheets.read(raw, COLUMNS, required=("name",))


def test_more_than_20000_rows_are_refused() -> None:
    raw = ("姓名\n" + "x\n" * 20_001).encode()
    with pytest.raises(sheets.SheetTooLarge):
        sheets.read(raw, COLUMNS)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_that_leaves_is_a_formula(payload: str) -> None:
    book = load_workbook(io.BytesIO(sheets.write_xlsx("清单", ["Name"], [[payload]])))
    cell = book.active["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    assert sheets.write_csv(["Name"], [[payload]]).decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")


@pytest.mark.parametrize("text", [*PAYLOADS, "'=1", "''=1", "'", "'x", "x'=1"])
def test_what_was_made_harmless_is_found_again(text: str) -> None:
    assert sheets.unescaped(sheets.harmless(text)) == text


@pytest.mark.slow
def test_a_formula_comes_as_it_was_typed_where_that_is_asked_for() -> None:
    raw = workbook([["姓名", "户号"], ["a", "=1+1"]])
    assert sheets.grid(raw, formulas=True)[1][:2] == ["a", "=1+1"]
    assert sheets.grid(raw)[1][:2] == ["a", ""]  # never calculated, so it came to nothing yet


def test_full_width_signs_are_read_as_plain_ones_and_kept_as_written() -> None:
    (row,) = sheets.read("姓名,户号\n王芳（小）,２\n".encode(), COLUMNS)
    assert row.cells == {"name": "王芳(小)", "household": "2"}
    assert row.written == {"name": "王芳（小）", "household": "２"}


def test_a_column_may_offer_words_and_a_second_sheet_may_follow() -> None:
    raw = sheets.write_xlsx("一", ["Name", "Kind"], [["a", "x"]], choices={1: ["x", "y"]}, texts=[0],
                            more=[("二", ["Word"], [["=1"]])])
    book = load_workbook(io.BytesIO(raw))
    assert book.sheetnames == ["一", "二"]
    (listed,) = book["一"].data_validations.dataValidation
    assert (listed.formula1, str(listed.sqref)) == ('"x,y"', "B2:B20001")
    assert [book["一"][place].number_format for place in ("A2", "B2")] == ["@", "General"]
    assert book["一"].column_dimensions["A"].number_format == "@"
    assert book["二"]["A2"].value == "'=1"


def test_a_workbook_that_keeps_the_parser_busy_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file of very many cells: the child is stopped at its limit, and the visitor gets a sentence."""
    monkeypatch.setattr(xlsx, "rows_of", _limited)
    cells = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, 20_000))
    raw = with_sheet(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                     + cells + b"</sheetData></worksheet>")
    with pytest.raises(sheets.SheetTooLarge):
        sheets.read(raw, COLUMNS)


def _limited(raw: bytes, most_rows: int, most_columns: int) -> list[list[object]]:
    source = Path(xlsx.__file__).read_text(encoding="utf-8").replace("SECONDS = 20", "SECONDS = 0")
    done = subprocess.run([sys.executable, "-I", "-c", source, "20002", "60"], input=raw, capture_output=True,
                          check=False)
    assert done.returncode < 0, done.stderr[-300:]
    raise xlsx.Unreadable(too_much=True)
