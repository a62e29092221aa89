"""Reads a workbook in a process of its own, with a limit on its time and memory.

A workbook of 700 kB can keep a parser busy for minutes; a child that is stopped costs nobody else anything. This file
runs as a script with nothing but openpyxl: bytes in, rows of texts as JSON out.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import Any

SECONDS = 20
MEMORY = 1024 * 1024 * 1024


class Unreadable(Exception):
    """The child found no workbook, or was stopped at its limits (``too_much``)."""

    def __init__(self, *, too_much: bool) -> None:
        super().__init__("too much" if too_much else "no workbook")
        self.too_much = too_much


def rows_of(raw: bytes, most_rows: int, most_columns: int, *, formulas: bool = False) -> list[list[Any]]:
    """The cells of the first sheet: texts, numbers, True/False, None, instants as ``2026-04-18 09:00``.

    With ``formulas`` a formula comes as text (``=B2+1``), else what it came to. Raises :class:`Unreadable`.
    """
    command = [sys.executable, "-I", __file__, str(most_rows), str(most_columns), *(["formulas"] if formulas else [])]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=3 * SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Unreadable(too_much=True) from None
    if done.returncode == 0:
        return json.loads(done.stdout)
    raise Unreadable(too_much=done.returncode < 0 or b"MemoryError" in done.stderr)


def _plain(value: Any) -> Any:
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00") if hasattr(value, "year") else str(value)
    # A formula over several cells is an object that holds its text.
    return value if isinstance(value, str | int | float | bool | None) else str(getattr(value, "text", value))


def _main(most_rows: int, most_columns: int, formulas: bool = False) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import io

    from openpyxl import load_workbook  # it reads its XML through defusedxml, which is installed

    book = load_workbook(io.BytesIO(sys.stdin.buffer.read()), read_only=True, data_only=not formulas)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    rows = [[_plain(cell) for cell in cells]
            for cells in sheet.iter_rows(values_only=True, max_row=most_rows, max_col=most_columns)]
    sys.stdout.write(json.dumps(rows))


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), "formulas" in sys.argv[3:])
