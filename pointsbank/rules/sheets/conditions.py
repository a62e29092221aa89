"""Conditions and weights in one cell: ``年龄≥60; 周六、周日; 22:00-6:00开始``, ``夜间22:00-6:00×1.5; 节假日×2``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import gettext as _

from pointsbank.core.formats import is_chinese
from pointsbank.core.sheets import plain
from pointsbank.rules.evaluation import Condition, Weight
from pointsbank.rules.models import ConditionKind, DayKind, WeightKind
from pointsbank.rules.sheets import cells

_NUMBERED: dict[ConditionKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ConditionKind.AGE: (("年龄", "age"), ("", "岁", "周岁", "years")),
    ConditionKind.SHARE: (("参加", "attended"), ("%",)),
    ConditionKind.STAY: (("在场", "stay"), ()),
    ConditionKind.SIZE: (("面积", "大小", "size"), ()),
    ConditionKind.PHOTOS: (("照片", "photos"), ("", "张")),
}
"""What a numbered condition is called in each language (the last in English), and the words behind its number."""
_LABELS = {label: kind for kind, (labels, _words) in _NUMBERED.items() for label in labels}
_WEEKDAYS = {"1": ("周一", "Monday"), "2": ("周二", "Tuesday"), "3": ("周三", "Wednesday"), "4": ("周四", "Thursday"),
             "5": ("周五", "Friday"), "6": ("周六", "Saturday"), "7": ("周日", "Sunday")}
_DAYS = {DayKind.WORKDAY: ("工作日", "working days"), DayKind.WEEKEND: ("周末", "weekends"),
         DayKind.HOLIDAY: ("节假日", "public holidays")}
_FIRST = ("第一个反映", "first to report")
_WEIGHTS = {WeightKind.NIGHT: ("夜间", "night"), WeightKind.WEEKEND: _DAYS[DayKind.WEEKEND],
            WeightKind.HOLIDAY: _DAYS[DayKind.HOLIDAY]}

_N = r"\d+(?:[.．]\d+)?"
_NUMBER_ASKED = re.compile(
    rf"(?P<label>{'|'.join(_LABELS)})\s*(?:(?P<sign>≥|≤|>=|<=|≧|≦|＞＝|＜＝)\s*(?P<one>{_N})(?P<unit>.*)"
    rf"|(?P<from>{_N})(?P<unit_from>.*?)\s*(?:至|到|-|－|~|～|–|—|to)\s*(?P<to>{_N})(?P<unit_to>.*))", re.S | re.I)
_STRICT = re.compile(rf"(?:{'|'.join(_LABELS)})\s*[<>＜＞]\s*{_N}.*", re.S | re.I)
_SPAN = r"(?P<begins>\d{1,2}:\d{2})\s*(?:-|~|–|—|至|到|to)\s*(?P<ends>\d{1,2}:\d{2})"
_HOURS = re.compile(rf"(?:begun\s+)?{_SPAN}\s*(?:开始)?", re.I)
_WEIGHT = re.compile(rf"(?P<when>[^\d×x*]+?)\s*(?:{_SPAN})?\s*[×x*]\s*(?P<times>{cells.NUMBER})", re.I)
_COMMA = re.compile(r"[、,，]")
_QUOTED = re.compile(r"[“\"].+[”\"]", re.S)
_NO_GROUP = re.compile(
    r"[≥≤<>＜＞=＝%％:：]|岁|小时|分钟|周[一二三四五六日末]|星期|工作日|节假日|^仅限|^only\b|^not\b|以外$"
    r"|day\b|weekend|years", re.I)


def read(text: str) -> tuple[Condition, ...]:
    """The conditions of a cell as it was written. Raises :class:`~pointsbank.rules.sheets.cells.NotUnderstood`."""
    return tuple(_condition(part.strip()) for part in cells.SEPARATOR.split(text) if part.strip())


def _condition(part: str) -> Condition:
    simple = plain(part)
    if simple.lower() in _FIRST:
        return Condition(ConditionKind.FIRST)
    found = _groups(part) or _days(simple) or _hours(simple) or _numbered(part)
    if found is not None:
        return found
    if _STRICT.fullmatch(simple):
        raise cells.NotUnderstood(_("“%(part)s”: write ≥ (from) or ≤ (up to), so that it is clear whether the number "
                                    "itself counts.", part=part))
    raise cells.NotUnderstood(_("“%(part)s” is not understood. Conditions are written like this: %(examples)s.",
                                part=part, examples=conditions_text(EXAMPLES, chinese=is_chinese())))


def _groups(part: str) -> Condition | None:
    for kind, before, after in ((ConditionKind.TAG, "仅限", ""), (ConditionKind.TAG, "only ", ""),
                                (ConditionKind.NOT_TAG, "not ", ""), (ConditionKind.NOT_TAG, "", "以外")):
        inner = part[len(before):len(part) - len(after)]
        if not (part.lower().startswith(before) and part.endswith(after) and inner.strip()):
            continue
        names = [name.strip() for name in _COMMA.split(inner)]
        # “仅限周末” means days, not a group of that name; whoever means a group puts it into quotes.
        if any(_NO_GROUP.search(name) for name in names if not _QUOTED.fullmatch(name)):
            return None
        return Condition(kind, words=tuple(name[1:-1] if _QUOTED.fullmatch(name) else name for name in names))
    return None


def _named(group: str) -> str:
    return f"“{group}”" if _NO_GROUP.search(group) else group


def _days(part: str) -> Condition | None:
    names = [name.strip().lower() for name in _COMMA.split(part)]
    for kind, known in ((ConditionKind.WEEKDAY, _WEEKDAYS), (ConditionKind.DAY_KIND, _DAYS)):
        meant = {said.lower(): str(word) for word, both in known.items() for said in both}
        if all(name in meant for name in names):
            return Condition(kind, words=tuple(meant[name] for name in names))
    return None


def _hours(part: str) -> Condition | None:
    match = _HOURS.fullmatch(part)
    if match is None:
        return None
    return Condition(ConditionKind.HOURS, cells.clock(match["begins"]), cells.clock(match["ends"]))


def _numbered(part: str) -> Condition | None:
    match = _NUMBER_ASKED.fullmatch(part)
    if match is None:
        return None
    kind = _LABELS[match["label"].lower()]
    if match["sign"]:
        given = [(match["one"], match["unit"].strip())]
    else:
        given = [(match["from"], match["unit_from"].strip()), (match["to"], match["unit_to"].strip())]
    numbers = [_number(kind, number, unit) for number, unit in given]
    if None in numbers or (kind is ConditionKind.SIZE and len({unit for _n, unit in given if unit}) > 1):
        return None
    unit = given[-1][1]
    words = (unit,) if unit and kind is ConditionKind.SIZE else ()
    if match["sign"]:
        at_least = match["sign"][0] in "≥>≧＞"
        return Condition(kind, numbers[0] if at_least else None, None if at_least else numbers[0], words)
    return Condition(kind, numbers[0], numbers[1], words)


def _number(kind: ConditionKind, digits: str, unit: str) -> int | None:
    if kind is ConditionKind.STAY:
        return cells.minutes(plain(digits + unit))
    hundredths = cells.split(plain(digits))
    if hundredths is None or hundredths[1]:
        return None
    if kind is ConditionKind.SIZE:
        return hundredths[0]
    fits = plain(unit).lower() in _NUMBERED[kind][1] and hundredths[0] % 100 == 0
    return hundredths[0] // 100 if fits else None


def conditions_text(conditions: Sequence[Condition], *, chinese: bool) -> str:
    """The same as a cell says it."""
    return "; ".join(_text(wanted, 0 if chinese else 1) for wanted in conditions)


def _text(wanted: Condition, language: int) -> str:
    kind, comma = wanted.kind, ("、", ", ")[language]
    if kind is ConditionKind.FIRST:
        return _FIRST[language]
    if kind is ConditionKind.TAG:
        return ("仅限", "only ")[language] + comma.join(map(_named, wanted.words))
    if kind is ConditionKind.NOT_TAG:
        named = comma.join(map(_named, wanted.words))
        return (f"{named}以外", f"not {named}")[language]
    if kind is ConditionKind.WEEKDAY:
        return comma.join(_WEEKDAYS[day][language] for day in wanted.words)
    if kind is ConditionKind.DAY_KIND:
        return comma.join(_DAYS[DayKind(day)][language] for day in wanted.words)
    if kind is ConditionKind.HOURS:
        span = _span(wanted.least or 0, wanted.most or 0)
        return (f"{span}开始", f"begun {span}")[language]
    labels = _NUMBERED[kind][0]
    unit = wanted.words[0] if wanted.words else ""
    label = (labels[0] if kind is not ConditionKind.SIZE or unit in _AREAS else labels[1], labels[-1] + " ")[language]
    least, most = (_number_text(kind, n, unit, language) if n is not None else None
                   for n in (wanted.least, wanted.most))
    if least is not None and most is not None:
        return f"{label}{least}" + ("至", " to ")[language] + most
    return f"{label}≥{least}" if least is not None else f"{label}≤{most}"


_AREAS = ("", "㎡", "m²", "m2", "平方米", "亩")


def _number_text(kind: ConditionKind, number: int, unit: str, language: int) -> str:
    if kind is ConditionKind.STAY:
        return cells.minutes_text(number, chinese=language == 0)
    if kind is ConditionKind.SIZE:
        return cells.number(number) + unit
    return f"{number}%" if kind is ConditionKind.SHARE else f"{number}"


def _span(begins: int, ends: int) -> str:
    return f"{begins // 60}:{begins % 60:02d}-{ends // 60}:{ends % 60:02d}"


EXAMPLES = (
    Condition(ConditionKind.AGE, 60), Condition(ConditionKind.WEEKDAY, words=("6", "7")),
    Condition(ConditionKind.DAY_KIND, words=(DayKind.WORKDAY,)), Condition(ConditionKind.HOURS, 22 * 60, 6 * 60),
    Condition(ConditionKind.SHARE, 60), Condition(ConditionKind.STAY, 90),
    Condition(ConditionKind.SIZE, 100, words=("㎡",)), Condition(ConditionKind.PHOTOS, 2),
    Condition(ConditionKind.FIRST), Condition(ConditionKind.TAG, words=("党员", "干部")),
    Condition(ConditionKind.NOT_TAG, words=("党员", "干部")))
WEIGHED = (Weight(WeightKind.NIGHT, 150, 22 * 60, 6 * 60), Weight(WeightKind.WEEKEND, 120),
            Weight(WeightKind.HOLIDAY, 200))


# ── Weights ─────────────────────────────────────────────────────────────────────────────────────────────────────


def read_weights(text: str) -> tuple[Weight, ...]:
    """The weights of a cell. Raises :class:`~pointsbank.rules.sheets.cells.NotUnderstood`."""
    return tuple(_weight(part.strip()) for part in cells.SEPARATOR.split(text) if part.strip())


def _weight(part: str) -> Weight:
    match = _WEIGHT.fullmatch(part)
    kind = next((kind for kind, both in _WEIGHTS.items() if match and match["when"].strip().lower() in both), None)
    times = cells.split(match["times"]) if match else None
    if match is None or times is None or kind is None or (kind is WeightKind.NIGHT) != bool(match["begins"]):
        raise cells.NotUnderstood(_("“%(part)s” is not understood. Weights are written like this: %(examples)s.",
                                    part=part, examples=weights_text(WEIGHED, chinese=is_chinese())))
    span = (cells.clock(match["begins"]), cells.clock(match["ends"])) if match["begins"] else (0, 0)
    return Weight(kind, times[0], *span)


def weights_text(weights: Sequence[Weight], *, chinese: bool) -> str:
    """The same as a cell says it."""
    return "; ".join(_weight_text(weight, chinese=chinese) for weight in weights)


def _weight_text(weight: Weight, *, chinese: bool) -> str:
    name = _WEIGHTS[weight.kind][0 if chinese else 1]
    space = "" if chinese else " "
    span = space + _span(weight.begins, weight.ends) if weight.kind is WeightKind.NIGHT else ""
    return f"{name}{span}{space}×{cells.number(weight.percent)}"
