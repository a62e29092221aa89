"""A standard as a file that reading understands again, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pointsbank.core import sheets
from pointsbank.core.formats import is_chinese
from pointsbank.core.points import to_decimal
from pointsbank.ledger.models import Book
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import HOUR, Rule, WideCap
from pointsbank.rules.models import DeedKind, Quantity, Rounding
from pointsbank.rules.sheets import bands, cells, columns, conditions
from pointsbank.rules.sheets.columns import CAP_COLUMNS, CATEGORY_CAP, COLUMNS, REQUIRED, TOTAL_CAP, TYPED


def write_standard(rules: Iterable[Rule | RuleDraft], title: str, *, caps: Sequence[WideCap] = (),
                   as_csv: bool = False) -> bytes:
    """Items and wide caps as Excel, or as CSV; only with the columns that say something."""
    chinese = is_chinese()
    rows = rows_of(rules, caps, chinese=chinese)
    used = [key for key in COLUMNS if key in REQUIRED or any(row.get(key, "") != "" for row in rows)]
    headings, table = laid_out(rows, used, chinese=chinese)
    return sheets.write_csv(headings, table) if as_csv else sheets.write_xlsx(
        title, headings, table, texts=typed(used))


def typed(used: Sequence[str]) -> list[int]:
    """The places of the columns that stay text."""
    return [place for place, key in enumerate(used) if key in TYPED]


def laid_out(rows: Iterable[Mapping[str, Any]], used: Sequence[str], *,
             chinese: bool) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows in the order of ``used`` columns."""
    return ([COLUMNS[key][0 if chinese else 1] for key in used],
            [[row.get(key, "") for key in used] for row in rows])


def rows_of(rules: Iterable[Rule | RuleDraft], caps: Sequence[WideCap] = (), *, chinese: bool) -> list[dict[str, Any]]:
    """The rows by column key. What says the same as an empty cell stays empty, unless another row says otherwise."""
    plain = [rule.as_rule() if isinstance(rule, RuleDraft) else rule for rule in rules]
    spoken = {key for key, usual in columns.EMPTY.items() if any(getattr(rule, key) != usual for rule in plain)}
    if any(rule.by_itself == (rule.kind == DeedKind.OTHER) for rule in plain):
        spoken.add("by_itself")
    return ([_item(rule, spoken | {"kind", "shape", "receiver"}, chinese=chinese) for rule in plain]
            + _wide_rows(caps, chinese=chinese))


def _item(rule: Rule, spoken: set[str], *, chinese: bool) -> dict[str, Any]:
    row: dict[str, Any] = {key: said for key in spoken if (said := _word(key, getattr(rule, key), chinese=chinese))}
    row |= {"code": rule.code, "category": rule.category, "name": rule.name, "unit": rule.unit, "who": rule.who,
            "evidence": rule.evidence, "highest_group": rule.highest_group}
    if not rule.bands or rule.points != rule.bands[0].points:
        row["points"] = _number(rule.points)
    if rule.rounding_minutes != HOUR:
        row["rounding_minutes"] = rule.rounding_minutes
    if rule.measures is not Quantity.MINUTES and rule.rounding is Rounding.DOWN:
        row.pop("rounding", None)
    row["bands"] = bands.bands_text(rule.bands, rule.shape, rule.measures, rule.unit, chinese=chinese)
    row["conditions"] = conditions.conditions_text(rule.conditions, chinese=chinese)
    row["weights"] = conditions.weights_text(rule.weights, chinese=chinese)
    row |= {key: _number(value) for key, value in (("full_score", rule.full_score), ("least", rule.least)) if value}
    if rule.honour_percent:
        row["honour_percent"] = f"{rule.honour_percent}%"
    if rule.repeat_days:
        row["repeat_days"] = rule.repeat_days
    for key, place in CAP_COLUMNS.items():
        row[key] = "; ".join(cells.cap_text(rule, cap, chinese=chinese) for cap in rule.caps
                             if (cap.window, cap.subject) == place)
    return {key: value for key, value in row.items() if key not in columns.idle(rule)}


def _word(key: str, value: Any, *, chinese: bool) -> str:
    return next((said for said, meant in columns.words(key, chinese=chinese).items() if meant == value), "")


def _number(hundredths: int) -> int | float:
    return hundredths // 100 if hundredths % 100 == 0 else float(to_decimal(hundredths))


def _wide_rows(caps: Sequence[WideCap], *, chinese: bool) -> list[dict[str, Any]]:
    """One row for each category and book, then one for the whole standard and each book."""
    found = []
    for category, book in sorted({(cap.category, cap.book) for cap in caps}, key=lambda place: (not place[0], place)):
        row: dict[str, Any] = {
            "category": category, "shape": _word("shape", CATEGORY_CAP if category else TOTAL_CAP, chinese=chinese)}
        if book is not Book.POINTS:
            row["book"] = _word("book", book, chinese=chinese)
        for key, place in CAP_COLUMNS.items():
            row[key] = "; ".join(cells.cap_text(None, cap, chinese=chinese) for cap in caps
                                 if (cap.category, cap.book, cap.window, cap.subject) == (category, book, *place))
        found.append(row)
    return found

