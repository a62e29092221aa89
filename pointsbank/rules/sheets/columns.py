"""The columns of our form with their headings and words, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pointsbank.core.formats import is_chinese
from pointsbank.ledger.models import Book
from pointsbank.rules.evaluation import Rule
from pointsbank.rules.models import DeedKind, Quantity, Receiver, Rounding, Shape, Subject, Timing, Window

_WINDOWS = {Window.ACTIVITY: ("每场", "an activity"), Window.DAY: ("每天", "a day"), Window.WEEK: ("每周", "a week"),
            Window.MONTH: ("每月", "a month"), Window.QUARTER: ("每季度", "a quarter"),
            Window.CYCLE: ("每周期", "a cycle"), Window.YEAR: ("每年", "a year"), Window.EVER: ("累计", "ever")}
_SUBJECTS = {Subject.PERSON: ("每人", "per person"), Subject.HOUSEHOLD: ("每户", "per household"),
             Subject.ITEM: ("合计", "in all")}
CAP_COLUMNS: dict[str, tuple[Window, Subject]] = {
    f"cap_{window}_{subject}": (window, subject) for subject in Subject for window in Window}
COLUMNS: dict[str, Sequence[str]] = {
    "code": ("编号", "No."), "category": ("类别", "Category"), "name": ("事项", "Item"), "kind": ("种类", "Kind"),
    "shape": ("怎么算", "Counted"), "points": ("分值", "Points"), "unit": ("单位", "Unit"),
    "quantity": ("量什么", "Measured"), "bands": ("档次", "Steps"), "by_parts": ("按段或按整", "By parts"),
    "period": ("累计期间", "Period"), "full_score": ("满分", "Best score"),
    "rounding_minutes": ("每满几分钟", "Minutes per step"), "rounding": ("零头", "Rest"),
    "receiver": ("给谁", "To whom"), "timing": ("何时入账", "When"),
    **{key: (f"{_SUBJECTS[who][0]}{_WINDOWS[when][0]}最多", f"At most {_WINDOWS[when][1]} {_SUBJECTS[who][1]}")
       for key, (when, who) in CAP_COLUMNS.items()},
    "highest_group": ("同类取高", "Highest of"), "conditions": ("条件", "Conditions"), "weights": ("加权", "Weights"),
    "least": ("最低", "Least"), "book": ("记入", "Book"), "honour_percent": ("荣誉分", "Honour share"),
    "takes_away": ("扣分", "Takes away"), "repeat_days": ("再犯加倍天数", "Doubles within days"),
    "by_itself": ("自动", "By itself"), "records_minutes": ("记时长", "Keeps time"),
    "team_kind": ("限队伍", "Team only"),
    "who": ("对象", "Who"), "evidence": ("凭证", "Evidence"),
}
NOTES = ("备注", "Notes")
"""A column for the committee's own notes; it is not read."""
REQUIRED = ("code", "category", "name", "kind", "shape", "points", "receiver")
TEXTS = ("category", "name", "unit", "highest_group", "who", "evidence")
"""Columns that are shown to people as they were written."""
TYPED = ("code", "bands")
"""Columns in which Excel would make days and times of what is typed: 1-2, 10:2."""

CATEGORY_CAP, TOTAL_CAP = "category_cap", "total_cap"
_CAP_ROWS = {"类别上限": CATEGORY_CAP, "总上限": TOTAL_CAP}
WORDS: dict[str, dict[str, Any]] = {
    "kind": {"志愿服务": DeedKind.VOLUNTEERING, "巡查": DeedKind.PATROL, "随手拍": DeedKind.SNAPSHOT,
             "其他": DeedKind.OTHER, "基础分": DeedKind.BASE},
    "shape": {"按次": Shape.PER_TIME, "按小时": Shape.PER_HOUR, "按数量": Shape.PER_UNIT, "按得分": Shape.PER_SCORE,
              "按累计": Shape.TIERS, "按档": Shape.BRACKETS, **_CAP_ROWS},
    "quantity": {"时间": Quantity.MINUTES, "次数": Quantity.TIMES, "数量": Quantity.UNITS, "得分": Quantity.SCORE,
                 "金额": Quantity.AMOUNT},
    "by_parts": {"按段": True, "按整": False},
    "period": {"一直" if window is Window.EVER else words[0]: window for window, words in _WINDOWS.items()},
    "rounding": {"舍去": Rounding.DOWN, "四舍五入": Rounding.NEAREST, "进位": Rounding.UP},
    "receiver": {"本户": Receiver.HOUSEHOLD, "本人": Receiver.RESIDENT, "户主": Receiver.HEAD,
                 "亲属": Receiver.RELATIVE, "队伍": Receiver.TEAM},
    "timing": {"公示后": Timing.AFTER_NOTICE, "马上": Timing.IMMEDIATE},
    "book": {"积分": Book.POINTS, "荣誉分": Book.HONOUR},
    "team_kind": {"志愿者": "volunteers", "观察团": "observers"},
    **{key: {"是": True, "否": False} for key in ("takes_away", "by_itself", "records_minutes")},
}
ENGLISH: dict[str, dict[str, Any]] = {
    "kind": {kind.value: kind for kind in DeedKind},
    "shape": {"per time": Shape.PER_TIME, "per hour": Shape.PER_HOUR, "per unit": Shape.PER_UNIT,
              "per score": Shape.PER_SCORE, "tiers": Shape.TIERS, "brackets": Shape.BRACKETS,
              "category cap": CATEGORY_CAP, "total cap": TOTAL_CAP},
    "quantity": {"time": Quantity.MINUTES, "times": Quantity.TIMES, "number": Quantity.UNITS, "score": Quantity.SCORE,
                 "amount": Quantity.AMOUNT},
    "by_parts": {"by parts": True, "as a whole": False},
    "period": {words[1]: window for window, words in _WINDOWS.items()},
    "rounding": {mode.value: mode for mode in Rounding},
    "receiver": {receiver.value: receiver for receiver in Receiver},
    "timing": {"after notice": Timing.AFTER_NOTICE, "at once": Timing.IMMEDIATE},
    "book": {"points": Book.POINTS, "honour": Book.HONOUR},
    "team_kind": {"volunteers": "volunteers", "observers": "observers"},
    **{key: {"yes": True, "no": False} for key in ("takes_away", "by_itself", "records_minutes")},
}
EMPTY: dict[str, Any] = {
    "quantity": None, "by_parts": True, "period": Window.YEAR, "rounding": Rounding.DOWN,
    "timing": Timing.AFTER_NOTICE, "book": Book.POINTS, "team_kind": None, "takes_away": False,
    "records_minutes": False}
"""What an empty cell of a column of words means."""


def heading(key: str) -> str:
    """A column's heading in the reader's language."""
    return COLUMNS[key][0 if is_chinese() else 1]


def words(key: str, *, chinese: bool) -> Mapping[str, Any]:
    """The words of a column in one language, and what they mean."""
    return (WORDS if chinese else ENGLISH)[key]


def idle(rule: Rule) -> set[str]:
    """The columns that say nothing about an item that is counted like this one, and so stay empty."""
    found = {"quantity": rule.shape not in (Shape.TIERS, Shape.BRACKETS), "by_parts": rule.shape is not Shape.BRACKETS,
             "period": rule.shape is not Shape.TIERS and rule.kind != DeedKind.BASE,
             "full_score": rule.measures is not Quantity.SCORE, "repeat_days": not rule.takes_away}
    return {key for key, is_idle in found.items() if is_idle}
