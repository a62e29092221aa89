"""Charts of the boards: from figures to sentences and shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from pointsbank.boards.queries.figures import Participation
from pointsbank.core import charts, clock
from pointsbank.core.formats import format_month, format_month_name, format_short_day
from pointsbank.core.points import HUNDRED, format_points
from pointsbank.ledger.queries import Flow
from pointsbank.shop import figures

THOUSAND = 1000
WARN_PERCENT = 80
STOP_PERCENT = 100


@dataclass(frozen=True)
class Chart:
    """A drawing with what stands beside it: its unit and until when the last column counts."""

    svg: Markup
    unit: str
    until: str


def given(flow: Flow) -> int:
    """Hundredths given out in a month, corrections taken off."""
    return flow.issued - flow.taken_back


def taken(flow: Flow) -> int:
    """Hundredths exchanged for goods in a month, returned orders taken off."""
    return flow.redeemed - flow.returned


def flow_chart(flows: Sequence[Flow], name: str) -> Chart:
    """Points given out and exchanged, month by month; in thousands once there are thousands."""
    highest = max((max(given(f), taken(f)) for f in flows), default=0)
    scale = HUNDRED * THOUSAND if highest >= 2 * HUNDRED * THOUSAND else HUNDRED
    last = flows[-1]
    columns = [charts.Column(_label(f, flows), (given(f) / scale, taken(f) / scale), f is last) for f in flows]
    finding = _("Points by month. This month %(given)s were given out and %(taken)s exchanged.",
                given=format_points(given(last)), taken=format_points(taken(last)))
    unit = _("thousand points") if scale > HUNDRED else _("points")
    return Chart(charts.bars(columns, finding, name=name, whole=scale == HUNDRED), unit, _until())


def hours_chart(flows: Sequence[Flow], name: str) -> Chart:
    """Hours given, month by month."""
    last = flows[-1]
    columns = [charts.Column(_label(f, flows), (given(f) / 60,), f is last) for f in flows]
    finding = _("Hours by month. This month %(hours)s.", hours=charts.short(given(last) / 60))
    return Chart(charts.bars(columns, finding, name=name), _("hours"), _until())


def _label(flow: Flow, flows: Sequence[Flow]) -> str:
    """``4月``; where a whole year stands side by side only the last one says 月, the others are numbers."""
    return format_month_name(flow.month) if len(flows) <= charts.MANY or flow is flows[-1] else str(flow.month.month)


def flow_table(flows: Sequence[Flow], *, lapsed: bool = False) -> list[list[str]]:
    """The figures of :func:`flow_chart` as rows, the newest first."""
    return [[format_month(f.month), format_points(given(f)), format_points(taken(f)),
             *([format_points(f.expired)] if lapsed else [])] for f in reversed(flows)]


def hours_table(flows: Sequence[Flow]) -> list[list[str]]:
    """The figures of :func:`hours_chart` as rows, the newest first."""
    return [[format_month(f.month), charts.short(given(f) / 60)] for f in reversed(flows)]


def _until() -> str:
    return _("this month until %(day)s", day=format_short_day(clock.today()))


def lit_houses(took_part: Participation) -> Markup:
    """One house for each percent of the households."""
    return charts.houses(took_part.percent, _("One hundred houses, %(num)d of them with light", num=took_part.percent))


@dataclass(frozen=True)
class Cover:
    """Can the points be paid for? ``state`` is done (well below), wait (over 80%), stop (over 100%), idle (unknown)."""

    state: str
    percent: int
    svg: Markup
    owed_fen: int
    kept_fen: int


def yuan(fen: int) -> str:
    """``4295000`` -> ``42,950``: whole yuan are enough for a gauge."""
    return f"{round(fen / 100):,}"


def cover(found: figures.Cover) -> Cover:
    """What residents could still exchange, against the rest of the year's budget and the goods on the shelf."""
    if found.ratio is None:
        return Cover("idle", 0, Markup(), found.owed_fen, 0)
    percent = round(100 * found.ratio)
    state = "stop" if percent >= STOP_PERCENT else "wait" if percent >= WARN_PERCENT else "done"
    svg = charts.gauge(
        percent, _("What is owed is %(percent)d%% of what is kept ready", percent=percent),
        owed=_("Owed: goods for %(yuan)s yuan", yuan=yuan(found.owed_fen)),
        kept=_("Ready: %(yuan)s yuan", yuan=yuan(found.cover_fen)), warn=_("80% watch"), stop=_("100% stop"))
    return Cover(state, percent, svg, found.owed_fen, found.cover_fen)
