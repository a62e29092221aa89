"""The file to fill in: examples of every shape, lists to choose words from, and each column explained."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

from flask_babel import gettext as _

from pointsbank.core import sheets
from pointsbank.core.errors import lazy
from pointsbank.core.formats import is_chinese
from pointsbank.rules.models import Subject, Window
from pointsbank.rules.sheets import conditions
from pointsbank.rules.sheets.columns import CAP_COLUMNS, COLUMNS, NOTES, REQUIRED, WORDS, words
from pointsbank.rules.sheets.samples import sample, sample_caps
from pointsbank.rules.sheets.writing import laid_out, rows_of, typed

EXPLAINED: dict[str, Any] = {
    "code": lazy("What the item is called by, such as 1.1; each once. Caps go on counting under it in later versions."),
    "category": lazy("The heading under which residents find the item."),
    "name": lazy("What one does, in the committee's words."),
    "kind": lazy("From where deeds come. Base points are given by themselves at the beginning of a period."),
    "shape": lazy("How points are counted; or that the row is a cap on its category or on the whole standard."),
    "points": lazy("Points for one time, hour, piece or mark. Leave it empty where there are steps."),
    "unit": lazy("What is counted, where it is counted by number."),
    "quantity": lazy("What adds up or is measured, where there are steps."),
    "bands": lazy("Steps of what adds up, each with its points in all, of which the difference is paid. Or brackets of "
                  "one deed: from where on, how many points for each full step."),
    "by_parts": lazy("Brackets only: each part by its own bracket (when empty), or the whole by the bracket it is in."),
    "period": lazy("Within which span steps add up, or how often base points are given. A year when empty."),
    "full_score": lazy("The best score of an inspection; more is not counted."),
    "rounding_minutes": lazy("Time counts in whole steps of 1, 5, 10, 15, 20, 30 or 60 minutes; 60 when empty."),
    "rounding": lazy("What becomes of minutes that fill no step. Dropped when empty."),
    "receiver": lazy("Whose passbook gets the points."),
    "timing": lazy("Whether points wait for the notice. They do when this is empty."),
    "highest_group": lazy("A name shared by items of which only the highest counts for one act."),
    "conditions": lazy("All of them have to be met. Parted by semicolons."),
    "weights": lazy("When a deed counts more or less; of several the highest. Parted by semicolons."),
    "least": lazy("Less than this is not given."),
    "book": lazy("Into which book: points when empty."),
    "honour_percent": lazy("So much of the points is also put down as honour score."),
    "takes_away": lazy("Takes points away. Only where a resolution has switched it on."),
    "repeat_days": lazy("Within so many days of the last one it counts double. Only for what takes points away."),
    "by_itself": lazy("Applies to every deed of its kind that names no item. When empty: yes, but no for other deeds."),
    "records_minutes": lazy("The whole time is also kept as service time."),
    "team_kind": lazy("Only for members of such a team."),
    "who": lazy("For whom it is meant, in words."),
    "evidence": lazy("How it is shown, in words."),
}
_CAPPED = lazy("At most so much: points such as 20, times, hours or pieces; several parted by semicolons.")
# The caps that most standards use; the others may be added under their headings.
_COMMON = {f"cap_{window}_{subject}" for window, subject in (
    (Window.ACTIVITY, Subject.PERSON), (Window.DAY, Subject.PERSON), (Window.MONTH, Subject.PERSON),
    (Window.YEAR, Subject.PERSON), (Window.DAY, Subject.HOUSEHOLD), (Window.MONTH, Subject.HOUSEHOLD),
    (Window.YEAR, Subject.HOUSEHOLD))}
_SHOWN = (("community", "1.1"), ("village", "2.3"), ("villages", "6.1"), ("volunteer_steps", "1.1"),
          ("donations", "1.1"), ("household_plan", "1.1"), ("snapshots", "1.1"), ("villages", "3.1"))


def write_template() -> bytes:
    """An Excel file to fill in: one example of each shape, and a second sheet that explains every column."""
    chinese = is_chinese()
    drafts = [dataclasses.replace(draft, code=str(number)) for number, (name, code) in enumerate(_SHOWN, 1)
              for draft in sample(name) if draft.code == code]
    categories = {draft.category for draft in drafts}
    rows = rows_of(drafts, [cap for cap in sample_caps("villages") if cap.category in categories], chinese=chinese)
    used = [key for key in COLUMNS if key not in CAP_COLUMNS or key in _COMMON or any(row.get(key) for row in rows)]
    headings, table = laid_out(rows, used, chinese=chinese)
    choices = {place: list(words(key, chinese=chinese)) for place, key in enumerate(used) if key in WORDS}
    explained = [_explained(key, rows, chinese=chinese) for key in COLUMNS]
    explained.append([NOTES[0 if chinese else 1], "", _("For yourselves; it is not read."), ""])
    return sheets.write_xlsx(_("Rules"), headings, table, choices=choices, texts=typed(used), more=[
        (_("What the columns mean"), [_("Column"), _("Must"), _("What it says"), _("For instance")], explained)])


def _explained(key: str, rows: list[dict[str, Any]], *, chinese: bool) -> list[Any]:
    shown = next((row[key] for row in rows if row.get(key)), "")
    if key in WORDS:
        shown = ("、" if chinese else ", ").join(words(key, chinese=chinese))
    elif key in CAP_COLUMNS:
        shown = "20; 2小时; 1次" if chinese else "20; 2 hours; 1 times"
    elif key in _WRITTEN:
        shown = _WRITTEN[key](chinese=chinese)
    return [COLUMNS[key][0 if chinese else 1], _("yes") if key in REQUIRED else "", str(EXPLAINED.get(key, _CAPPED)),
            shown]


_WRITTEN: dict[str, Callable[..., Any]] = {
    "conditions": partial(conditions.conditions_text, conditions.EXAMPLES),
    "weights": partial(conditions.weights_text, conditions.WEIGHED), "least": lambda **_language: "0.5",
    "honour_percent": lambda **_language: "50%", "repeat_days": lambda **_language: 365}
