"""Standards in and out as Excel or CSV, in our documented column form (docs/rules-format.md).

What isn't understood is reported by row with what is expected there; nothing is guessed. Reading needs no database.
"""

from __future__ import annotations

import enum
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from flask_babel import gettext as _

from pointsbank.core import sheets
from pointsbank.core.errors import NotFound
from pointsbank.core.formats import is_chinese
from pointsbank.core.points import NotPoints, parse_points, to_decimal
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import HOUR, Cap, Rule, WideCap
from pointsbank.rules.faults import faults
from pointsbank.rules.models import DeedKind, Measure, Receiver, Rounding, Shape, Subject, Timing, Window

E = TypeVar("E", bound=enum.StrEnum)
SAMPLES = Path(__file__).with_name("samples")

CAP_COLUMNS: dict[str, tuple[Window, Subject, str, str]] = {
    f"cap_{window}_{subject}": (window, subject, f"{who[0]}{when[0]}最多", f"At most {when[1]} {who[1]}".strip())
    for window, when in {Window.ACTIVITY: ("每场", "an activity"), Window.DAY: ("每天", "a day"),
                         Window.MONTH: ("每月", "a month"), Window.YEAR: ("每年", "a year")}.items()
    for subject, who in {Subject.PERSON: ("每人", "per person"), Subject.HOUSEHOLD: ("每户", "per household"),
                         Subject.ITEM: ("合计", "in all")}.items()
}
COLUMNS: dict[str, Sequence[str]] = {
    "code": ("编号", "No."), "category": ("类别", "Category"), "name": ("事项", "Item"),
    "kind": ("种类", "Kind"), "shape": ("怎么算", "Counted"), "points": ("分值", "Points"),
    "unit": ("单位", "Unit"), "rounding_minutes": ("每满几分钟", "Minutes per step"), "rounding": ("零头", "Rest"),
    "receiver": ("给谁", "To whom"), "timing": ("何时入账", "When"),
    **{key: (chinese, english) for key, (_w, _s, chinese, english) in CAP_COLUMNS.items()},
    "by_itself": ("自动", "By itself"), "records_minutes": ("记时长", "Keeps time"),
    "team_kind": ("限队伍", "Team only"), "who": ("对象", "Who"), "evidence": ("凭证", "Evidence"),
}
REQUIRED = ("code", "category", "name", "kind", "shape", "points", "receiver")

WORDS: dict[str, dict[str, Any]] = {
    "kind": {"志愿服务": DeedKind.VOLUNTEERING, "巡查": DeedKind.PATROL, "随手拍": DeedKind.SNAPSHOT,
             "其他": DeedKind.OTHER},
    "shape": {"按次": Shape.PER_TIME, "按小时": Shape.PER_HOUR, "按数量": Shape.PER_UNIT},
    "rounding": {"舍去": Rounding.DOWN, "四舍五入": Rounding.NEAREST, "进位": Rounding.UP},
    "receiver": {"本户": Receiver.HOUSEHOLD, "本人": Receiver.RESIDENT},
    "timing": {"公示后": Timing.AFTER_NOTICE, "马上": Timing.IMMEDIATE},
    "team_kind": {"志愿者": "volunteers", "观察团": "observers"},
    "by_itself": {"是": True, "否": False}, "records_minutes": {"是": True, "否": False},
}
ENGLISH: dict[str, dict[str, Any]] = {
    "kind": {k.value: k for k in DeedKind},
    "shape": {"per time": Shape.PER_TIME, "per hour": Shape.PER_HOUR, "per unit": Shape.PER_UNIT},
    "rounding": {"down": Rounding.DOWN, "nearest": Rounding.NEAREST, "up": Rounding.UP},
    "receiver": {"household": Receiver.HOUSEHOLD, "resident": Receiver.RESIDENT},
    "timing": {"after notice": Timing.AFTER_NOTICE, "at once": Timing.IMMEDIATE},
    "team_kind": {"volunteers": "volunteers", "observers": "observers"},
    "by_itself": {"yes": True, "no": False}, "records_minutes": {"yes": True, "no": False},
}
EMPTY: dict[str, Any] = {"rounding": Rounding.DOWN, "timing": Timing.AFTER_NOTICE, "team_kind": None,
                         "records_minutes": False}
NUMBER = re.compile(r"\+?(\d{1,9}(?:\.\d{1,2})?)\s*(\D*)")
POINT_WORDS = ("", "分", "point", "points")
TIME_WORDS = ("次", "time", "times")
HOUR_WORDS = {"小时": HOUR, "时": HOUR, "hour": HOUR, "hours": HOUR, "h": HOUR, "分钟": 1, "minute": 1, "minutes": 1,
              "min": 1}


@dataclass(frozen=True)
class Fault:
    """A cell that wasn't understood: the row as Excel counts it, the column's heading, and what to change."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Parsed:
    """What a file says: the items of its good rows, and everything that wasn't understood."""

    rules: tuple[RuleDraft, ...]
    faults: tuple[Fault, ...]
    caps: tuple[WideCap, ...] = ()


class _NotUnderstood(Exception):
    """Carries what is expected in a cell."""


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────


def read_standard(raw: bytes) -> Parsed:
    """Read a file, row by row. Raises core.sheets' refusals for a file that is no table or lacks columns."""
    rows = sheets.read(raw, COLUMNS, REQUIRED)
    merged = _merged_rows(raw)
    good: list[RuleDraft] = []
    found: list[Fault] = []
    seen: dict[str, int] = {}
    for row in rows:
        cells = {key: _plain(value) for key, value in row.cells.items()}
        if row.number in merged:
            found.append(Fault(row.number, "", _("The cells %(area)s are merged. Unmerge them and fill in every row.",
                                                 area=merged[row.number])))
            continue
        draft, wrong = _row(row.number, cells)
        if draft is not None and draft.code in seen:
            wrong.append(Fault(row.number, _heading("code"), _(
                "Number %(code)s stands in row %(row)s already. Give each item its own number.", code=draft.code,
                row=seen[draft.code])))
        elif draft is not None:
            seen[draft.code] = row.number
        if draft is not None and not wrong:
            good.append(draft)
        found.extend(wrong)
    if not rows:
        found.append(Fault(2, "", _("There are no rows below the headings.")))
    return Parsed(tuple(good), tuple(found))


def _plain(text: str) -> str:
    """Takes off the apostrophe with which our own exports keep a text from becoming a formula."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(sheets.LIVE) else text


def _heading(key: str) -> str:
    return COLUMNS[key][0 if is_chinese() else 1]


def _row(number: int, cells: Mapping[str, str]) -> tuple[RuleDraft | None, list[Fault]]:
    wrong: list[Fault] = []

    def take(key: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(cells.get(key, ""))
        except _NotUnderstood as expected:
            given = cells.get(key, "")
            wrong.append(Fault(number, _heading(key), _("%(column)s says “%(given)s”. %(expected)s",
                               column=_heading(key), given=given, expected=str(expected)) if given else
                               _("%(column)s is empty. %(expected)s", column=_heading(key), expected=str(expected))))
            return None

    values: dict[str, Any] = {key: take(key, _text) for key in ("code", "category", "name")}
    values |= {key: cells.get(key, "") for key in ("unit", "who", "evidence")}
    for key in ("kind", "shape", "rounding", "receiver", "timing", "team_kind", "records_minutes"):
        values[key] = take(key, lambda text, key=key: _word(key, text))  # type: ignore[misc]
    values["points"] = take("points", _points)
    values["rounding_minutes"] = take("rounding_minutes", _step)
    kind = values["kind"]
    values["by_itself"] = take("by_itself", lambda text: _word("by_itself", text) if text else kind is not
                               DeedKind.OTHER)
    caps: list[Cap] = []
    for key, (window, subject, _chinese, _english) in CAP_COLUMNS.items():
        caps += take(key, lambda text, w=window, s=subject: _caps(  # type: ignore[misc]
            text, w, s, values["shape"], values["unit"])) or []
    if wrong:
        return None, wrong
    draft = RuleDraft(caps=tuple(caps), **values)
    wrong += [Fault(number, _heading(key) if key in COLUMNS else "", str(text)) for key, text in faults(draft).items()]
    return draft, wrong


def _text(text: str) -> str:
    if not text:
        raise _NotUnderstood(_("Fill in every row, also where the row above says the same."))
    return text


def _word(key: str, text: str) -> Any:
    if not text and key in EMPTY:
        return EMPTY[key]
    known = WORDS[key] | ENGLISH[key]
    wanted = text.lower().replace("_", " ")
    if wanted in known:
        return known[wanted]
    words, comma = (WORDS[key], "、") if is_chinese() else (ENGLISH[key], ", ")
    raise _NotUnderstood(_("Expected: one of %(words)s.", words=comma.join(words)))


def _points(text: str) -> int:
    match = NUMBER.fullmatch(text)
    if match and match[2].strip().lower() in POINT_WORDS:
        try:
            return parse_points(match[1])
        except NotPoints:
            pass
    if text[:1] in "-−–" and text:
        raise _NotUnderstood(_("Taking points away is switched off; leave this row out."))
    if any(sign in text for sign in ("至", "~", "到", "-", "—", "–")):
        raise _NotUnderstood(_("A range is no number: write one value, or make an item of its own for each value."))
    if "/" in text or "每" in text:
        raise _NotUnderstood(_("Write only the number, such as 1. How it is counted goes into the columns for that."))
    if text.startswith(("最高", "上限", "满分", "至多", "最多")):
        raise _NotUnderstood(_("Write what a single time gives; the most goes into one of the columns for caps."))
    raise _NotUnderstood(_("Expected: a number of points such as 2 or 0.5."))


def _step(text: str) -> int:
    if not text:
        return HOUR
    match = NUMBER.fullmatch(text)
    word = match[2].strip().lower() if match else "?"
    if match and (word == "" or word in HOUR_WORDS):
        hundredths = parse_points(match[1]) * (HOUR_WORDS[word] if word else 1)
        if hundredths % 100 == 0:
            return hundredths // 100
    raise _NotUnderstood(_("Expected: minutes such as 60 or 30."))


def _caps(text: str, window: Window, subject: Subject, shape: Shape | None, unit: str) -> list[Cap]:
    """One cell of a cap column: ``20``, ``2小时``, ``1次``, or several of them parted by semicolons."""
    if shape is None:
        return []  # the row is refused for its shape; what the caps count in can't be said
    parts = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
    return [Cap(window, subject, *_cap(part, shape, unit)) for part in parts]


def _cap(text: str, shape: Shape | None, unit: str) -> tuple[Measure, int]:
    match = NUMBER.fullmatch(text)
    word = match[2].strip().lower() if match else "?"
    if match:
        hundredths = parse_points(match[1])
        if word in POINT_WORDS:
            return Measure.POINTS, hundredths
        if word in TIME_WORDS and hundredths % 100 == 0:
            return Measure.TIMES, hundredths // 100
        if word in HOUR_WORDS and shape is Shape.PER_HOUR and hundredths * HOUR_WORDS[word] % 100 == 0:
            return Measure.QUANTITY, hundredths * HOUR_WORDS[word] // 100
        if unit and word == unit.lower() and shape is Shape.PER_UNIT and hundredths % 100 == 0:
            return Measure.QUANTITY, hundredths // 100
    if shape is Shape.PER_HOUR:
        raise _NotUnderstood(_("Expected: points such as 20, hours such as 2小时, or times such as 1次."))
    if shape is Shape.PER_UNIT and unit:
        raise _NotUnderstood(_("Expected: points such as 20, pieces such as 5%(unit)s, or times such as 1次.",
                               unit=unit))
    raise _NotUnderstood(_("Expected: points such as 20, or times such as 1次."))


def _merged_rows(raw: bytes) -> dict[int, str]:
    """The rows of the first sheet that merged cells reach into, with the merged area (``B3:B7``).

    The streaming reader shows only the first cell of an area filled, which would look like forgotten ones.
    """
    if raw[:4] != b"PK\x03\x04":
        return {}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = set(archive.namelist())
        first = _first_sheet(archive, names)
        text = archive.read(first) if first in names else b""
    rows: dict[int, str] = {}
    for area in re.findall(rb'<mergeCell ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"', text):
        start, end = (int(part.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for part in area.decode().split(":"))
        rows.update({number: area.decode() for number in range(start, min(end, start + sheets.MOST_ROWS) + 1)})
    return rows


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


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────


def write_standard(rules: Iterable[Rule | RuleDraft], title: str, *, as_csv: bool = False) -> bytes:
    """A standard as a file that :func:`read_standard` understands again, in the reader's language."""
    place = 0 if is_chinese() else 1
    headings = [names[place] for names in COLUMNS.values()]
    rows = [_cells(rule, WORDS if place == 0 else ENGLISH, chinese=place == 0) for rule in rules]
    return sheets.write_csv(headings, rows) if as_csv else sheets.write_xlsx(title, headings, rows)


def _cells(rule: Rule | RuleDraft, words: Mapping[str, Mapping[str, Any]], *, chinese: bool) -> list[Any]:
    spoken = {key: next((word for word, value in meaning.items() if value == getattr(rule, key)), "")
              for key, meaning in words.items()}
    hourly = rule.shape is Shape.PER_HOUR
    cells: dict[str, Any] = {
        **spoken, "code": rule.code, "category": rule.category, "name": rule.name, "points": _number(rule.points),
        "unit": rule.unit, "rounding_minutes": rule.rounding_minutes if hourly else "",
        "rounding": spoken["rounding"] if hourly else "", "who": rule.who, "evidence": rule.evidence}
    for key, (window, subject, _chinese, _english) in CAP_COLUMNS.items():
        texts = [_cap_text(rule, cap, chinese=chinese) for cap in rule.caps
                 if (cap.window, cap.subject) == (window, subject)]
        cells[key] = ";".join(texts)
    return [cells[key] for key in COLUMNS]


def _number(hundredths: int) -> int | float:
    return hundredths // 100 if hundredths % 100 == 0 else float(to_decimal(hundredths))


def _cap_text(rule: Rule | RuleDraft, cap: Cap, *, chinese: bool) -> str:
    if cap.measure is Measure.POINTS:
        return f"{to_decimal(cap.most):f}" + ("分" if chinese else " points")
    if cap.measure is Measure.TIMES:
        return f"{cap.most}" + ("次" if chinese else " times")
    if rule.shape is Shape.PER_UNIT:
        return f"{cap.most}{rule.unit}"
    if cap.most % HOUR == 0:
        return f"{cap.most // HOUR}" + ("小时" if chinese else " hours")
    return f"{cap.most}" + ("分钟" if chinese else " minutes")


# ── Samples ─────────────────────────────────────────────────────────────────────────────────────────────────────


def sample(name: str) -> list[RuleDraft]:
    """A sample standard: ``community`` (urban) or ``village``. Raises NotFound."""
    file = SAMPLES / f"{name}.csv"
    if name not in {"community", "village"}:
        raise NotFound
    return list(read_standard(file.read_bytes()).rules)
