"""What a cell says, and how the same is written: numbers, words, quantities, caps. Nothing is guessed."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _

from pointsbank.core.formats import is_chinese
from pointsbank.core.points import NotPoints, parse_points, to_decimal
from pointsbank.core.sheets import plain
from pointsbank.rules.evaluation import HOUR, Cap, Rule
from pointsbank.rules.models import Measure, Quantity
from pointsbank.rules.sheets import columns

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,2})?"
_WITH_WORD = re.compile(rf"\+?({NUMBER})\s*(.*)", re.S)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
POINT_WORDS = ("", "分", "积分", "point", "points")
TIME_WORDS = ("次", "time", "times")
HOUR_WORDS = {"小时": HOUR, "时": HOUR, "hour": HOUR, "hours": HOUR, "h": HOUR, "分钟": 1, "minute": 1, "minutes": 1,
              "min": 1}
MARK_WORDS = ("检查分", "mark", "marks")
YUAN_WORDS = ("元", "yuan")
UNIT_WORDS = ("单位", "unit", "units")
SEPARATOR = re.compile(r"[;；\n]")
# What a unit may be called without being taken for a number, a separator or a word of the form itself.
_UNMISTAKABLE = re.compile(r"(?![\d.,])(?!.*(?:[;:\n起每]| per )).+", re.S)


class NotUnderstood(Exception):
    """Carries what is expected in a cell."""


# ── Numbers and words ───────────────────────────────────────────────────────────────────────────────────────────


def switched_off() -> str:
    """Why a row that takes points away is refused."""
    return _("Taking points away is switched off; leave this row out.")


def text_of(text: str) -> str:
    """A text that must not be missing."""
    if not text:
        raise NotUnderstood(_("Fill in every row, also where the row above says the same."))
    return text


def word(key: str, text: str) -> Any:
    """What a word of a column means."""
    if not text and key in columns.EMPTY:
        return columns.EMPTY[key]
    known = columns.WORDS[key] | columns.ENGLISH[key]
    wanted = text.lower().replace("_", " ")
    if wanted in known:
        return known[wanted]
    comma = "、" if is_chinese() else ", "
    raise NotUnderstood(_("Expected: one of %(words)s.", words=comma.join(columns.words(key, chinese=is_chinese()))))


def split(text: str) -> tuple[int, str] | None:
    """``2.5 小时`` as hundredths and the word behind the number; None where no number stands in front."""
    match = _WITH_WORD.fullmatch(text)
    if match is None:
        return None
    try:
        return parse_points(match[1]), match[2].strip().lower()
    except NotPoints:
        return None


def points(text: str, *, deductions: bool = False) -> int:
    """Points of one time, hour or unit, in hundredths."""
    found = split(text)
    if found is not None and found[1] in POINT_WORDS:
        return found[0]
    if text[:1] in "-−–" and text:
        raise NotUnderstood(_("Write the number without a sign, and “yes” in the column %(column)s.",
                              column=columns.heading("takes_away")) if deductions else switched_off())
    if any(sign in text for sign in ("至", "~", "到", "-", "—", "–")):
        raise NotUnderstood(_("A range is no number: write one value, or make an item of its own for each value."))
    if "/" in text or "每" in text:
        raise NotUnderstood(_("Write only the number, such as 1. How it is counted goes into the columns for that."))
    if text.startswith(("最高", "上限", "满分", "至多", "最多")):
        raise NotUnderstood(_("Write what a single time gives; the most goes into one of the columns for caps."))
    raise NotUnderstood(_("Expected: a number of points such as 2 or 0.5."))


def least(text: str) -> int:
    """Points under which nothing is given; 0 for an empty cell."""
    return points(text) if text else 0


def minutes_per_step(text: str) -> int:
    """Minutes in which time counts; 60 for an empty cell."""
    found = split(text)
    if not text:
        return HOUR
    if found is not None and (found[1] == "" or found[1] in HOUR_WORDS):
        hundredths = found[0] * HOUR_WORDS.get(found[1], 1)
        if hundredths % 100 == 0:
            return hundredths // 100
    raise NotUnderstood(_("Expected: minutes such as 60 or 30."))


def full_score(text: str) -> int:
    """The best score of an inspection in hundredths; 0 for an empty cell."""
    found = split(text) if text else (0, "")
    if found is not None and found[1] in ("", "分", *MARK_WORDS):
        return found[0]
    raise NotUnderstood(_("Expected: the best score, such as 100."))


def percent(text: str) -> int:
    """``50%`` or ``50``; 0 for an empty cell."""
    found = split(text) if text else (0, "")
    if found is not None and found[1] in ("", "%") and found[0] % 100 == 0:
        return found[0] // 100
    raise NotUnderstood(_("Expected: a share of the points such as 50%."))


def days(text: str) -> int:
    """A number of days; 0 for an empty cell."""
    found = split(text) if text else (0, "")
    if found is not None and found[1] in ("", "天", "日", "day", "days") and found[0] % 100 == 0:
        return found[0] // 100
    raise NotUnderstood(_("Expected: a number of days such as 365."))


def clock(text: str) -> int:
    """Minutes after midnight of ``22:00``."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise NotUnderstood(_("“%(text)s” is no time of day. They run from 0:00 to 23:59.", text=text.strip()))
    return int(match[1]) * HOUR + int(match[2])


def number(hundredths: int) -> str:
    """``2``, ``0.5``."""
    return f"{to_decimal(hundredths):f}"


# ── Quantities ──────────────────────────────────────────────────────────────────────────────────────────────────


def minutes(text: str) -> int | None:
    """``2小时``, ``90分钟``; None for anything else, also for a number that says neither."""
    found = split(text)
    if found is None or found[1] not in HOUR_WORDS or found[0] * HOUR_WORDS[found[1]] % 100:
        return None
    return found[0] * HOUR_WORDS[found[1]] // 100


def minutes_text(number_of: int, *, chinese: bool) -> str:
    """``2小时``; ``90分钟`` where hours would not be whole."""
    if number_of % HOUR == 0:
        return f"{number_of // HOUR}" + ("小时" if chinese else " hours")
    return f"{number_of}" + ("分钟" if chinese else " minutes")


def quantity(text: str, measured: Quantity, unit: str) -> int | None:
    """A quantity as evaluation reads it: times, minutes, units, hundredths of a score, fen; None if it isn't one."""
    if measured is Quantity.MINUTES:
        return minutes(text)
    found = split(text)
    said = {Quantity.TIMES: TIME_WORDS, Quantity.UNITS: (plain(unit).lower(), *UNIT_WORDS),
            Quantity.SCORE: ("分", *MARK_WORDS), Quantity.AMOUNT: YUAN_WORDS}[measured]
    if found is None or found[1] not in ("", *said):
        return None
    if measured in (Quantity.TIMES, Quantity.UNITS):
        return found[0] // 100 if found[0] % 100 == 0 else None
    return found[0]


def quantity_text(number_of: int, measured: Quantity, unit: str, *, chinese: bool) -> str:
    """The same in words."""
    if measured is Quantity.MINUTES:
        return minutes_text(number_of, chinese=chinese)
    if measured is Quantity.UNITS:
        called = plain(unit).lower()
        if _UNMISTAKABLE.fullmatch(called) and called not in (*POINT_WORDS, *TIME_WORDS):
            return f"{number_of}{unit}"
        return f"{number_of}单位" if chinese else f"{number_of} units"
    if measured is Quantity.TIMES:
        return f"{number_of}次" if chinese else f"{number_of} times"
    said = {Quantity.SCORE: ("分", " marks"), Quantity.AMOUNT: ("元", " yuan")}[measured]
    return number(number_of) + said[0 if chinese else 1]


# ── Caps ────────────────────────────────────────────────────────────────────────────────────────────────────────


def caps(text: str, key: str, measured: Quantity, unit: str) -> list[Cap]:
    """One cell of a cap column: ``20``, ``2小时``, ``1次``, or several of them parted by semicolons."""
    window, subject = columns.CAP_COLUMNS[key]
    return [Cap(window, subject, *_cap(part.strip(), measured, unit)) for part in SEPARATOR.split(text) if part.strip()]


def _cap(text: str, measured: Quantity, unit: str) -> tuple[Measure, int]:
    found = split(text)
    if found is not None:
        hundredths, said = found
        if hundredths == 0:
            raise NotUnderstood(_("A cap is more than 0. Leave it empty where there is none."))
        if said in POINT_WORDS:
            return Measure.POINTS, hundredths
        if said in TIME_WORDS and hundredths % 100 == 0:
            return Measure.TIMES, hundredths // 100
        counted = quantity(text, measured, unit) if measured is not Quantity.TIMES else None
        if counted is not None:
            return Measure.QUANTITY, counted
    raise NotUnderstood(_expected_cap(measured, unit))


def _expected_cap(measured: Quantity, unit: str) -> str:
    if measured is Quantity.MINUTES:
        return _("Expected: points such as 20, hours such as 2小时, or times such as 1次.")
    if measured is Quantity.UNITS and unit:
        return _("Expected: points such as 20, pieces such as 5%(unit)s, or times such as 1次.", unit=unit)
    if measured is Quantity.SCORE:
        return _("Expected: points such as 20, marks such as 90检查分, or times such as 1次.")
    if measured is Quantity.AMOUNT:
        return _("Expected: points such as 20, an amount such as 5000元, or times such as 1次.")
    return _("Expected: points such as 20, or times such as 1次.")


def cap_text(rule: Rule | None, cap: Cap, *, chinese: bool) -> str:
    """One cap as a cell says it; ``rule`` is None for a cap on a category or on the whole standard."""
    if cap.measure is Measure.POINTS:
        return number(cap.most) + ("分" if chinese else " points")
    if cap.measure is Measure.TIMES or rule is None:
        return f"{cap.most}次" if chinese else f"{cap.most} times"
    if rule.measures is Quantity.SCORE:
        return number(cap.most) + ("检查分" if chinese else " marks")
    return quantity_text(cap.most, rule.measures, rule.unit, chinese=chinese)
