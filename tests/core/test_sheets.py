"""Sheets come in bounded and leave harmless."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from pointsbank.core import sheets

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


def bomb(entries: int, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(entries):
            archive.writestr(f"xl/worksheets/sheet{i}.xml", b" " * size)
    return out.getvalue()


@pytest.mark.parametrize(("entries", "size"), [(1, 200_000_000), (50, 2_000_000), (500, 10), (10, 9_000_000)])
def test_a_zip_bomb_is_refused_before_it_is_opened(entries: int, size: int) -> None:
    raw = bomb(entries, size)
    began = time.perf_counter()
    with pytest.raises((sheets.SheetTooLarge, sheets.NotASheet)):
        sheets.read(raw, COLUMNS)
    assert time.perf_counter() - began < 1


def test_an_external_entity_is_never_fetched() -> None:
    book = io.BytesIO(workbook([["姓名"], ["a"]]))
    out = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith("sheet1.xml"):
                content = (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
                           b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                           b'<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>')
            new.writestr(entry.filename, content)
    with pytest.raises((sheets.NotASheet, sheets.MissingColumns)):
        sheets.read(out.getvalue(), COLUMNS, required=("name",))


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
