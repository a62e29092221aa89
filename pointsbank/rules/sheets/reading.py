"""Reading a standard row by row. What isn't understood is named with what is expected there; needs no database."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from pointsbank.core import sheets
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.errors import TooManyRows
from pointsbank.rules.evaluation import Band, Cap, WideCap
from pointsbank.rules.evaluation.versions import MEASURED
from pointsbank.rules.faults import BANDED, LOOKS_LIKE_A_DATE, MOST_ITEMS, MOST_WIDE_CAPS, faults, standard_faults
from pointsbank.rules.models import DeedKind, Quantity
from pointsbank.rules.sheets import bands, cells, columns, conditions, merged
from pointsbank.rules.sheets.cells import NotUnderstood
from pointsbank.rules.sheets.columns import CAP_COLUMNS, CATEGORY_CAP, COLUMNS, REQUIRED, TEXTS, TOTAL_CAP, heading

_WORD_COLUMNS = ("rounding", "receiver", "timing", "quantity", "by_parts", "period", "book", "team_kind",
                 "records_minutes", "takes_away")
_BROKEN = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)")
_OF_A_CAP_ROW = {"code", "category", "name", "shape", "book", "who", "evidence", *CAP_COLUMNS}
_SHOWN = 60


@dataclass(frozen=True)
class Fault:
    """A cell that wasn't understood: the row as Excel counts it, the column's heading, and what to change."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Parsed:
    """What a file says: the items and wide caps of its good rows, and everything that wasn't understood."""

    rules: tuple[RuleDraft, ...]
    faults: tuple[Fault, ...]
    caps: tuple[WideCap, ...] = ()


def read_standard(raw: bytes, *, deductions: bool = False) -> Parsed:
    """Read a file, row by row. ``deductions``: a resolution switched them on, so items may take points away.

    Raises core.sheets' refusals for a file that is no table or lacks columns, and :class:`TooManyRows`.
    """
    grid = sheets.grid(raw, formulas=True)
    rows = sheets.under(grid, COLUMNS, REQUIRED)
    if len(rows) > MOST_ITEMS:
        raise TooManyRows(rows=len(rows), most=MOST_ITEMS)
    areas = merged.rows(raw)
    top, names = sheets.headings(grid)
    found = [Fault(top, text, _("There is no column “%(name)s”. Mend its heading, or take it out: nothing of it would "
                                "be brought in.", name=_short(text))) for text in _strangers(names)]
    if not rows:
        found.append(Fault(top + 1, "", _("There are no rows below the headings.")))
    reader = _Reader(deductions)
    for row in rows:
        if row.number in areas:
            found.append(Fault(row.number, "", _("The cells %(area)s are merged. Unmerge them and fill in every row.",
                                                 area=areas[row.number])))
            reader.lost.add(row.written.get("category", ""))
        else:
            found.extend(reader.read(row))
    found.extend(reader.judge_whole())
    if rows and not reader.rules and not found:
        found.append(Fault(rows[0].number, "", _("There are only caps here. Write the items as well.")))
    return Parsed(tuple(reader.rules.values()), tuple(sorted(found, key=lambda fault: fault.row)),
                  tuple(cap for caps in reader.caps.values() for cap in caps))


def _strangers(headings: Sequence[str]) -> list[str]:
    known = {sheets.plain(name).lower() for key, names in (*COLUMNS.items(), ("notes", columns.NOTES))
             for name in (key, *names)}
    return [text for text in headings if text.lower() not in known]


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


# ── The whole file ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Reader:
    """The good rows so far, by their number, and what the others said."""

    deductions: bool
    rules: dict[int, RuleDraft] = field(default_factory=dict)
    caps: dict[int, list[WideCap]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    places: dict[tuple[Any, ...], int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)

    def read(self, row: sheets.SheetRow) -> list[Fault]:
        """One row: kept where it is good, else what is wrong with it."""
        line = _Row(row, self.deductions)
        shape = line.take("shape", lambda text: cells.word("shape", text))
        if shape in (CATEGORY_CAP, TOTAL_CAP):
            wide = line.wide_caps(shape)
            self._check_places(line, wide)
            if not line.wrong:
                self.caps[row.number] = wide
            return line.wrong
        draft = line.item(shape)
        code = row.cells.get("code", "")
        if code and code in self.codes:
            line.refuse("code", _("Number %(code)s stands in row %(row)s already. Give each item its own number.",
                                  code=code, row=self.codes[code]))
        else:
            self.codes[code] = row.number
        if draft is not None and not line.wrong:
            self.rules[row.number] = draft
        else:
            self.lost.add(line.text("category"))
        return line.wrong

    def _check_places(self, line: _Row, wide: Sequence[WideCap]) -> None:
        if sum(map(len, self.caps.values())) + len(wide) > MOST_WIDE_CAPS:
            line.refuse("shape", _("A standard has at most %(most)s caps on categories and on the whole.",
                                   most=MOST_WIDE_CAPS))
        for cap in wide:
            place = (cap.category, cap.window, cap.subject, cap.measure, cap.book)
            first = self.places.setdefault(place, line.row.number)
            if first != line.row.number:
                key = next(key for key, where in CAP_COLUMNS.items() if where == (cap.window, cap.subject))
                line.refuse(key, _("Row %(row)s says the same already. Keep one of them.", row=first))

    def judge_whole(self) -> list[Fault]:
        """What the good rows get wrong together; the rows named are left out until the others stand without them."""
        found: list[Fault] = []
        while True:
            wrong = self._wrong_together()
            if not wrong:
                return found
            found += wrong
            for fault in wrong:
                lost = self.rules.pop(fault.row, None)
                if lost is not None:
                    self.lost.add(lost.category)
                self.caps.pop(fault.row, None)

    def _wrong_together(self) -> list[Fault]:
        items = {draft.code: number for number, draft in self.rules.items()}
        of_category: dict[str, int] = {}
        for number, caps in self.caps.items():
            for cap in caps:
                of_category.setdefault(cap.category, number)
        kept = {draft.category for draft in self.rules.values()}
        wide = [cap for caps in self.caps.values() for cap in caps]
        found = []
        for name, sentence in standard_faults(list(self.rules.values()), wide):
            if name in items:
                found.append(Fault(items[name], "", str(sentence)))
            elif name and name in self.lost and name not in kept:
                found.append(Fault(of_category[name], heading("category"), _(
                    "No item of the category “%(name)s” was understood, so its cap can't stand either.", name=name)))
            else:
                found.append(Fault(of_category[name], heading("category"), str(sentence)))
        return list(dict.fromkeys(found))


# ── One row ─────────────────────────────────────────────────────────────────────────────────────────────────────


class _Row:
    """One row being read, and what is wrong with it so far."""

    def __init__(self, row: sheets.SheetRow, deductions: bool) -> None:
        self.row = row
        self.deductions = deductions
        self.wrong: list[Fault] = []

    def text(self, key: str) -> str:
        """A cell: as it was written where people are shown it again, else with plain signs."""
        found = (self.row.written if key in (*TEXTS, "conditions") else self.row.cells).get(key, "")
        return sheets.unescaped(found)

    def refuse(self, key: str, sentence: str) -> None:
        """Note what is wrong in a column, once."""
        name = heading(key) if key in COLUMNS else ""
        if name not in (fault.column for fault in self.wrong):
            self.wrong.append(Fault(self.row.number, name, _("%(column)s: %(sentence)s", column=name, sentence=sentence)
                                    if name else sentence))

    def take(self, key: str, read: Callable[[str], Any]) -> Any:
        """What a cell says; None where it wasn't understood."""
        given = self.row.written.get(key, "")
        try:
            if given.startswith("="):
                raise NotUnderstood(_("There is a formula here. Write what it comes to (copy, paste as values)."))
            if _BROKEN.fullmatch(given):
                raise NotUnderstood(_("A formula went wrong here. Write what it should say."))
            return read(self.text(key))
        except NotUnderstood as refusal:
            expected = str(refusal)
            if LOOKS_LIKE_A_DATE.fullmatch(given):
                expected = _("This became a date in Excel. Make the column a text column and write it again.")
            self.wrong.append(Fault(self.row.number, heading(key), _(
                "%(column)s says “%(given)s”. %(expected)s", column=heading(key), given=_short(given),
                expected=expected) if given else _("%(column)s is empty. %(expected)s", column=heading(key),
                                                   expected=expected)))
            return None

    def wide_caps(self, shape: str) -> list[WideCap]:
        """A row with caps of a category or of the whole standard."""
        for key in self.row.written:
            if key not in _OF_A_CAP_ROW and self.text(key):
                self.refuse(key, _("A row for a cap says only the category, the caps and which book they count."))
        category = self.take("category", cells.text_of if shape == CATEGORY_CAP else _empty)
        book = self.take("book", lambda text: cells.word("book", text))
        found = [WideCap(cap.window, cap.subject, cap.measure, cap.most, category=category or "", book=book)
                 for cap in self._caps(Quantity.TIMES, "")]
        if not found and not self.wrong:
            self.refuse("shape", _("Write the cap into one of the columns for caps."))
        return found

    def item(self, shape: Any) -> RuleDraft | None:
        """A row with an item."""
        values: dict[str, Any] = {key: self.take(key, cells.text_of) for key in ("code", "category", "name")}
        values |= {key: self.take(key, str) for key in ("unit", "who", "evidence", "highest_group")}
        kind = values["kind"] = self.take("kind", lambda text: cells.word("kind", text))
        values |= {key: self.take(key, lambda text, key=key: cells.word(key, text))  # type: ignore[misc]
                   for key in _WORD_COLUMNS}
        values |= {key: self.take(key, read) for key, read in _NUMBERS.items()}
        values["by_itself"] = self.take("by_itself", lambda text: cells.word("by_itself", text) if text
                                        else kind is not DeedKind.OTHER)
        values["conditions"] = self.take("conditions", conditions.read)
        values["weights"] = self.take("weights", conditions.read_weights)
        values |= self._counted(shape, values["quantity"], values["unit"] or "")
        if self.wrong:
            return None
        draft = RuleDraft(shape=shape, **values)
        self._check(draft)
        return draft

    def _counted(self, shape: Any, quantity: Quantity | None, unit: str) -> dict[str, Any]:
        """Points, bands and caps, which can be read only when it is known what they count."""
        measured = MEASURED.get(shape) or quantity
        if shape is not None and not self.text("quantity") and measured is None:
            self.take("quantity", lambda text: cells.word("quantity", text or "-"))
        if measured is Quantity.UNITS and not self.text("unit"):
            self.take("unit", _counted_unit)
        if shape is None or measured is None or (measured is Quantity.UNITS and not unit):
            return {}
        if shape not in BANDED:
            if self.text("bands"):
                self.refuse("bands", _("Only for what is counted by steps or brackets. Leave it empty here."))
            read: tuple[Band, ...] = ()
        else:
            read = self.take("bands", lambda text: bands.read(text, shape, measured, unit)) or ()
        points = read[0].points if read else None
        if shape not in BANDED or self.text("points"):
            points = self.take("points", lambda text: cells.points(text, deductions=self.deductions))
        return {"points": points, "bands": read, "caps": tuple(self._caps(measured, unit))}

    def _caps(self, measured: Quantity, unit: str) -> list[Cap]:
        return [cap for key in CAP_COLUMNS for cap in self.take(
            key, lambda text, key=key: cells.caps(text, key, measured, unit)) or ()]  # type: ignore[misc]

    def _check(self, draft: RuleDraft) -> None:
        """What is wrong with an item whose cells are all understood, under the heading of the cell."""
        for key in sorted(columns.idle(draft.as_rule()), key=list(COLUMNS).index):
            if self.text(key):
                self.refuse(key, _("This says nothing about an item that is counted like this one. Leave it empty."))
        if draft.takes_away and not self.deductions:
            self.refuse("takes_away", cells.switched_off())
        for name, sentence in faults(draft).items():
            # What is named after one cell may come from another one: then the sentence stands for itself.
            elsewhere = name in ("book", "least") and not self.text(name)
            self.refuse(_cap_column(draft) if name == "caps" else "" if elsewhere else name, str(sentence))


def _cap_column(draft: RuleDraft) -> str:
    """The column of the first cap that is wrong by itself; empty where caps are wrong together."""
    return next((f"cap_{cap.window}_{cap.subject}" for cap in draft.caps
                 if "caps" in faults(dataclasses.replace(draft, caps=(cap,)))), "")


def _counted_unit(_text: str) -> str:
    raise NotUnderstood(_("What is counted? For instance 人, 件 or 斤."))


def _empty(text: str) -> str:
    if text:
        raise NotUnderstood(_("Leave it empty: this cap holds for all categories together."))
    return text


_NUMBERS: Mapping[str, Callable[[str], Any]] = {
    "rounding_minutes": cells.minutes_per_step, "full_score": cells.full_score, "least": cells.least,
    "honour_percent": cells.percent, "repeat_days": cells.days}
