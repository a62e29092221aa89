"""The words of figures: what each is called, the sentence that says what it counts, how its number is written."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from pointsbank.cases.models import CaseState
from pointsbank.core import charts
from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_day, format_month, format_short_day
from pointsbank.reviews import figures as f
from pointsbank.reviews.periods import Period, PeriodKind

KINDS = {PeriodKind.DAILY: lazy("Daily review"), PeriodKind.WEEKLY: lazy("Weekly review"),
         PeriodKind.MONTHLY: lazy("Monthly review")}
LABELS = {
    f.RECEIVED: lazy("Received"), f.ACCEPTED: lazy("Accepted by the office"),
    f.DECLINED: lazy("Not accepted by the office"), f.MERGED: lazy("Merged"), f.WITHDRAWN: lazy("Withdrawn"),
    f.CLOSED: lazy("Cases closed"),
    "outcome.fixed": lazy("Put right"), "outcome.resolved_by_itself": lazy("Settled by itself"),
    "outcome.cannot_be_fixed": lazy("Cannot be put right"), "outcome.not_ours": lazy("Not ours to put right"),
    "outcome.false_report": lazy("Found to be untrue"),
    f.ON_TIME: lazy("Closed on time"), f.LATE: lazy("Closed late"), f.MEDIAN: lazy("Days until closed (median)"),
    f.REWORK: lazy("Done again"), f.REOPENED: lazy("Opened again"), f.SENT_BACK: lazy("Sent back by a unit"),
    "answer.satisfied": lazy("Satisfied"), "answer.partly": lazy("Partly satisfied"),
    "answer.unhappy": lazy("Not satisfied"), "answer.unanswered": lazy("Not answered"),
    "joiner.satisfied": lazy("Neighbours: satisfied"), "joiner.partly": lazy("Neighbours: partly satisfied"),
    "joiner.unhappy": lazy("Neighbours: not satisfied"),
    f.OPEN: lazy("Open at the end"), f.SUSPENDED: lazy("Suspended"), f.OVERDUE: lazy("Overdue at the end"),
}
# Edition 1. Whoever changes what a figure counts raises ``figures.EDITION`` and keeps the old sentence beside it.
DEFINITIONS = {
    f.RECEIVED: lazy("Cases opened by a report that came in during the period, whatever became of them."),
    f.ACCEPTED: lazy("Cases that the office accepted during the period."),
    f.DECLINED: lazy("Cases that the office did not accept during the period, also where an appeal followed."),
    f.MERGED: lazy("Reports that follow an earlier case of the same problem since this period."),
    f.WITHDRAWN: lazy("Cases that their reporter took back during the period."),
    f.CLOSED: lazy("Cases closed during the period. One that was opened again afterwards is still counted here."),
    "outcome.fixed": lazy("Closed cases of the period that were put right, inspected by somebody else."),
    "outcome.resolved_by_itself": lazy("Closed cases of the period whose problem had gone by itself."),
    "outcome.cannot_be_fixed": lazy("Closed cases of the period that cannot be put right; the reason was given."),
    "outcome.not_ours": lazy("Closed cases of the period that others are responsible for; the reason was given."),
    "outcome.false_report": lazy("Closed cases of the period whose report was found to be untrue."),
    f.ON_TIME: lazy("Closed cases of the period that were handed to the inspection by the day on which they were due, "
                    "pauses and granted extensions taken into account. Untrue reports are left out."),
    f.LATE: lazy("Closed cases of the period that were put right after a day on which they were due, also if that was "
                 "before they were opened again. Untrue reports are left out."),
    f.MEDIAN: lazy("Half of the cases closed in the period took at most so long from the report to the closing. "
                   "Untrue reports are left out."),
    f.REWORK: lazy("Cases that an inspection sent back to be done again during the period."),
    f.REOPENED: lazy("Cases that were opened again during the period, because it was not put right or came back."),
    f.SENT_BACK: lazy("Cases that a unit gave back to the office during the period."),
    "answer.satisfied": lazy("Cases whose reporter answered during the period: satisfied."),
    "answer.partly": lazy("Cases whose reporter answered during the period: partly satisfied."),
    "answer.unhappy": lazy("Cases whose reporter answered during the period: not satisfied. They are opened again."),
    "answer.unanswered": lazy("Cases closed during the period because nobody answered for seven days. Silence is not "
                              "satisfaction."),
    "joiner.satisfied": lazy("Cases on which a neighbour who met it too answered during the period: satisfied. Counted "
                             "apart from what reporters said."),
    "joiner.partly": lazy("Cases on which a neighbour who met it too answered during the period: partly satisfied. "
                          "Counted apart from what reporters said."),
    "joiner.unhappy": lazy("Cases on which a neighbour who met it too answered during the period: not satisfied. "
                           "Counted apart from what reporters said."),
    f.OPEN: lazy("Cases that were neither closed, declined, merged nor withdrawn when the period ended."),
    f.SUSPENDED: lazy("Open cases that had to wait for something when the period ended."),
    f.OVERDUE: lazy("Open cases that had passed one of their days without waiting for anything, when the period ended. "
                    "The days for the reporter’s answer are left out."),
}
STATES = {
    CaseState.RECEIVED: lazy("Report came in"), CaseState.MORE_INFORMATION: lazy("Waiting for more"),
    CaseState.DECLINED: lazy("Not accepted by the office"), CaseState.MERGED: lazy("Merged"),
    CaseState.WITHDRAWN: lazy("Withdrawn"),
    CaseState.ACCEPTED: lazy("Accepted by the office"), CaseState.ASSIGNED: lazy("Given to a unit"),
    CaseState.SENT_BACK: lazy("Looking for another unit"), CaseState.ACKNOWLEDGED: lazy("Taken over by the unit"),
    CaseState.ON_SITE: lazy("On site"), CaseState.RECTIFYING: lazy("Being put right"),
    CaseState.SUSPENDED: lazy("Suspended"), CaseState.TO_INSPECT: lazy("To be inspected"),
    CaseState.REWORK: lazy("To be done again"), CaseState.TO_EVALUATE: lazy("Waits for the reporter’s answer"),
    CaseState.CLOSED: lazy("Case closed"),
}
SECTIONS = (
    (lazy("Reports that came in"), (f.RECEIVED, f.ACCEPTED, f.DECLINED, f.MERGED, f.WITHDRAWN)),
    (lazy("What was closed"), (f.CLOSED, f.OUTCOME, f.ON_TIME, f.LATE, f.MEDIAN)),
    (lazy("What had to be done again"), (f.REWORK, f.REOPENED, f.SENT_BACK)),
    (lazy("What reporters said"), (f.ANSWER, f.JOINER)),
    (lazy("When the period ended"), (f.OPEN, f.SUSPENDED, f.OVERDUE)),
)
MINUTES_A_DAY = 1440


def label(code: str) -> str:
    """What a figure is called; an answer or outcome that has no word yet is called as it is stored."""
    return str(LABELS.get(code, code.rpartition(".")[2]))


def heading(code: str) -> str:
    """The same, short enough for the head of a column."""
    return _("Days (median)") if code == f.MEDIAN else label(code)


def definition(code: str) -> str:
    """The sentence that says what a figure counts."""
    known = DEFINITIONS.get(code)
    if known is not None:
        return str(known)
    return _("Cases of the period with this answer or outcome.")


def number(code: str, value: int | None) -> str:
    """A number of cases, or of days with one decimal; a dash where there is nothing to tell."""
    if value is None:
        return "–"
    return charts.short(value / MINUTES_A_DAY) if code == f.MEDIAN else f"{value:,}"


def unit(code: str, value: int | None) -> str:
    """What the number counts."""
    if value is None:
        return ""
    if code == f.MEDIAN:
        return ngettext("day", "days", 1 if value == MINUTES_A_DAY else 2)
    return ngettext("case", "cases", value)


def public_number(code: str, value: int | None) -> str:
    """As :func:`number`, but 1 to 4 cases are not told apart."""
    return _("fewer than %(num)s", num=f.SMALL) if code != f.MEDIAN and is_small(value) else number(code, value)


def is_small(value: int | None) -> bool:
    """So few that somebody could be meant."""
    return value is not None and 0 < value < f.SMALL


def sections(codes: list[str]) -> list[tuple[str, list[str]]]:
    """The figures under their headings, in the order of a review."""
    def belongs(code: str, wanted: tuple[str, ...]) -> bool:
        return any(code == one or (one.endswith(".") and code.startswith(one)) for one in wanted)

    return [(str(heading), [code for code in codes if belongs(code, wanted)]) for heading, wanted in SECTIONS]


def days(period: Period) -> str:
    """``4月18日 周六``, ``4月13日 到 4月19日``, ``2026年4月``."""
    if period.kind is PeriodKind.DAILY:
        return format_day(period.starts_on)
    if period.kind is PeriodKind.MONTHLY:
        return format_month(period.starts_on)
    return _("%(first)s – %(last)s", first=format_short_day(period.starts_on), last=format_short_day(period.ends_on))


def title(period: Period) -> str:
    """What a review is called."""
    return _("%(kind)s of cases, %(days)s", kind=KINDS[period.kind], days=days(period))


def took(minutes: int) -> str:
    """``3 天``, ``5 小时``: how long it took, rounded to whole hours or days, at least one."""
    hours, whole = max(round(minutes / 60), 1), max(round(minutes / MINUTES_A_DAY), 1)
    return (ngettext("%(hours)d hour", "%(hours)d hours", hours, hours=hours) if minutes < MINUTES_A_DAY
            else ngettext("%(days)d day", "%(days)d days", whole, days=whole))
