"""Charts of reviews: the last twelve periods as bars, with what stands beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from pointsbank.core import charts
from pointsbank.core.formats import format_month_name
from pointsbank.reviews import figures, wording
from pointsbank.reviews.periods import Period, PeriodKind, containing

Series = Sequence[tuple[dt.date, Mapping[str, int]]]


@dataclass(frozen=True)
class Chart:
    """A drawing, the names of its series, and the same figures as a table, the newest first."""

    name: str
    svg: Markup
    labels: Sequence[str]
    table: Sequence[Sequence[str]]


def _column_label(period: Period, *, short: bool) -> str:
    """``18`` or ``4/13``, ``4月``; where many stand side by side, months are numbers."""
    if period.kind is PeriodKind.DAILY:
        return str(period.starts_on.day)
    if period.kind is PeriodKind.WEEKLY:
        return f"{period.starts_on.month}/{period.starts_on.day}"
    return str(period.starts_on.month) if short else format_month_name(period.starts_on)


def bars(kind: PeriodKind, series: Series, codes: Sequence[str], name: str, *, public: bool = False) -> Chart:
    """One bar for each figure and period. For everybody, 1 to 4 cases are drawn as 4 and told as fewer than 5."""
    told = wording.public_number if public else wording.number
    columns, table = [], []
    for place, (starts_on, values) in enumerate(series):
        period, last = containing(kind, starts_on), place == len(series) - 1
        counted = [values.get(code, 0) for code in codes]
        drawn = [figures.SMALL - 1 if public and wording.is_small(one) else one for one in counted]
        columns.append(charts.Column(_column_label(period, short=len(series) > charts.MANY and not last), tuple(drawn),
                                     last and not (public and any(wording.is_small(one) for one in counted))))
        table.append([wording.days(period), *(told(code, one) for code, one in zip(codes, counted, strict=True))])
    labels = [wording.label(code) for code in codes]
    finding = _("Cases by period: %(what)s. Last: %(numbers)s.", what=_(", ").join(labels),
                numbers=_(", ").join(f"{label} {number}" for label, number in zip(labels, table[-1][1:], strict=True))
                if table else "–")
    return Chart(name, charts.bars(columns, finding, name=name, whole=True), labels, table[::-1])
