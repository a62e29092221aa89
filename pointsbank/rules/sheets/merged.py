"""Merged cells of a workbook, which its streaming reader shows as a filled cell and forgotten ones."""

from __future__ import annotations

import io
import re
import zipfile

from pointsbank.core import sheets


def rows(raw: bytes) -> dict[int, str]:
    """The rows of the first sheet that merged cells reach into, with the merged area (``B3:B7``)."""
    if raw[:4] != b"PK\x03\x04":
        return {}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = set(archive.namelist())
        first = _first_sheet(archive, names)
        text = archive.read(first) if first in names else b""
    found: dict[int, str] = {}
    for area in re.findall(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"', text):
        start, end = (int(part.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for part in area.decode().split(":"))
        found.update({number: area.decode() for number in range(start, min(end, start + sheets.MOST_ROWS) + 1)})
    return found


def _first_sheet(archive: zipfile.ZipFile, names: set[str]) -> str:
    book, links = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if book not in names or links not in names:
        return ""
    wanted = re.search(rb'<(?:\w+:)?sheet [^>]*r:id="([^"]+)"', archive.read(book))
    for link in re.findall(rb"<Relationship [^>]*>", archive.read(links)):
        target = re.search(rb'Target="([^"]+)"', link)
        if wanted and target and b'Id="' + wanted[1] + b'"' in link:
            path = target[1].decode().lstrip("/")
            return path if path.startswith("xl/") else f"xl/{path}"
    return ""
