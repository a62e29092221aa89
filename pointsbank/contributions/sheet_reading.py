"""Rows of a paper sheet as people type them: days, amounts, a block pasted from Excel. Pure functions of text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from pointsbank.contributions.models import MOST_ROWS
from pointsbank.core.points import NotPoints, parse_points
from pointsbank.rules.evaluation import Rule
from pointsbank.rules.models import Quantity

COLUMNS = ("who", "household", "day", "item", "amount", "note")
LONGEST = {"who": 60, "household": 24, "day": 20, "item": 80, "amount": 20, "note": 120}
HEADINGS: dict[str, tuple[str, ...]] = {
    "who": ("姓名", "人员", "谁", "卡号", "手机号", "name", "person", "member number"),
    "household": ("户号", "门牌号", "household", "household number"),
    "day": ("日期", "哪天", "时间", "day", "date"),
    "item": ("项目", "事项", "细则", "编号", "item", "code"),
    "amount": ("数量", "时长", "小时", "次数", "分值", "amount", "hours", "number", "quantity"),
    "note": ("备注", "说明", "note", "remark"),
}
_DAY = re.compile(r"^(?:(?:(\d{4})[-/.年])?(\d{1,2})[-/.月])?(\d{1,2})日?$")
_AMOUNT = re.compile(r"^([0-9]+(?:\.[0-9]+)?)\s*(?:小时|个小时|时|h|hours?|次|个|分|元|人|times?)?$", re.IGNORECASE)


@dataclass(frozen=True)
class RowDraft:
    """One row as it was typed. ``position`` counts from 1; ``double_ok``: it is meant, no double."""

    position: int
    who: str = ""
    household: str = ""
    day: str = ""
    item: str = ""
    amount: str = ""
    note: str = ""
    double_ok: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing was typed in this row."""
        return not any(getattr(self, name).strip() for name in COLUMNS)

    @property
    def too_long(self) -> list[str]:
        """The columns whose text is longer than what can be kept."""
        return [name for name in COLUMNS if len(getattr(self, name).strip()) > LONGEST[name]]


def plain(text: str) -> str:
    """Full-width digits and letters as narrow ones, no blanks at the ends, single blanks within."""
    return " ".join(normalize("NFKC", text).split())


def read_day(text: str, month: dt.date) -> dt.date | None:
    """``12``, ``4-12``, ``4月12日``, ``2026-04-12``; what isn't written is the sheet's month. None if it is no day."""
    found = _DAY.match(plain(text).split(" ")[0] if text.strip() else "")
    if found is None:
        return None
    year, in_month, day = (int(part) if part else None for part in found.groups())
    try:
        return dt.date(year or month.year, in_month or month.month, day or 0)
    except ValueError:
        return None


@dataclass(frozen=True)
class Amount:
    """What an amount means for an item: minutes, a whole number, hundredths of a score, or fen."""

    minutes: int | None = None
    units: int | None = None
    score: int | None = None
    amount_fen: int | None = None


def read_amount(text: str, rule: Rule) -> Amount | None:
    """The amount in the item's own measure; empty is once for items that count times. None if it is none."""
    clean = plain(text)
    if not clean:
        return Amount() if rule.measures is Quantity.TIMES else None
    found = _AMOUNT.match(clean)
    if found is None:
        return None
    number = found.group(1)
    if rule.measures is Quantity.MINUTES:
        return _minutes(number)
    if rule.measures in (Quantity.SCORE, Quantity.AMOUNT):
        return _hundredths(number, rule.measures)
    if not number.isdecimal() or not 0 < int(number) <= 10_000:
        return None
    return Amount(units=int(number))


def _minutes(number: str) -> Amount | None:
    try:
        hours = Decimal(number)
    except InvalidOperation:
        return None
    minutes = int((hours * 60).to_integral_value())
    return Amount(minutes=minutes) if 0 < minutes <= 24 * 60 else None


def _hundredths(number: str, measures: Quantity) -> Amount | None:
    try:
        value = parse_points(number)
    except NotPoints:
        return None
    if measures is Quantity.SCORE:
        return Amount(score=value) if value <= 100_000 else None
    return Amount(amount_fen=value) if 0 < value <= 10**10 else None


def pasted(text: str, after: int = 0) -> list[RowDraft]:
    """Rows of a block copied from Excel, one line each, cells apart by tabs, behind the position ``after``.

    A first line with headings says which column is which; without one they stand in the order of the form. Empty lines
    are left out. More than fits comes back all the same: the sheet says how many rows it has room for.
    """
    lines = [line.split("\t") for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    order: Sequence[str] = COLUMNS
    if lines and (named := _headings(lines[0])):
        order, lines = named, lines[1:]
    rows = []
    for place, cells in enumerate(lines, after + 1):
        values: dict[str, Any] = {name: cell.strip() for name, cell in zip(order, cells, strict=False) if name}
        rows.append(replace(RowDraft(place), **values))
    return rows


def _headings(cells: Sequence[str]) -> list[str]:
    """The column of each cell of a first line with headings, "" for others; an empty list if it has none."""
    names = []
    for cell in cells:
        clean = plain(cell).lower()
        names.append(next((name for name, known in HEADINGS.items() if clean in known and name not in names), ""))
    return names if sum(1 for name in names if name) >= 2 else []


def last_filled(rows: Sequence[RowDraft]) -> int:
    """The position of the last row in which something stands, 0 without any."""
    return max((row.position for row in rows if not row.is_empty), default=0)


def room_left(rows: Sequence[RowDraft]) -> int:
    """How many rows a sheet still has room for behind the last filled one."""
    return MOST_ROWS - last_filled(rows)
