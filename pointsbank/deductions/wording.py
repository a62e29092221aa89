"""Deductions in words: chips, steps, what is due, lines of the passbook."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from pointsbank.core import clock
from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_day, format_minutes, format_short_day
from pointsbank.core.points import format_points
from pointsbank.deductions.models import Deduction, DeductionState, StepKind
from pointsbank.rules import queries as rules
from pointsbank.rules.models import Quantity

STATES: dict[DeductionState, tuple[str, str, Any]] = {
    DeductionState.ANNOUNCED: ("wait", "hourglass-split", lazy("Time to put it right")),
    DeductionState.RECTIFIED: ("done", "check-circle-fill", lazy("Put right")),
    DeductionState.DROPPED: ("idle", "dash-circle", lazy("Taken back")),
    DeductionState.IMPOSED: ("open", "dash-circle", lazy("Points taken")),
    DeductionState.APPEALED: ("wait", "hourglass-split", lazy("Appeal")),
    DeductionState.UPHELD: ("idle", "check-circle-fill", lazy("Appeal: stands")),
    DeductionState.REVERSED: ("done", "arrow-counterclockwise", lazy("Given back")),
}
STEPS: dict[StepKind, tuple[str, Any]] = {
    StepKind.ANNOUNCED: ("envelope-open", lazy("Letter")), StepKind.ANSWERED: ("pencil", lazy("Answer")),
    StepKind.PUT_RIGHT: ("check-lg", lazy("“It is put right”")),
    StepKind.RECTIFIED: ("check-circle-fill", lazy("Put right, nothing is taken")),
    StepKind.DROPPED: ("dash-circle", lazy("Letter taken back, nothing is taken")),
    StepKind.IMPOSED: ("dash-circle", lazy("Points taken away")), StepKind.APPEALED: ("pencil", lazy("Appeal")),
    StepKind.UPHELD: ("check-circle-fill", lazy("Answer to the appeal: it stands")),
    StepKind.REVERSED: ("arrow-counterclockwise", lazy("Answer to the appeal: everything is given back")),
    StepKind.HALVED: ("arrow-counterclockwise", lazy("No repetition any more: half is given back")),
}
UNITS: dict[Quantity, Any] = {
    Quantity.MINUTES: lazy("hours"), Quantity.UNITS: lazy("pieces"), Quantity.SCORE: lazy("marks"),
    Quantity.AMOUNT: lazy("yuan"),
}


def chip(deduction: Deduction) -> tuple[str, str, str]:
    """Kind, icon and text of the chip for a state; late answers of the desk stand out."""
    if deduction.is_overdue(clock.today()):
        late = (clock.today() - (deduction.due_on or clock.today())).days
        return "stop", "exclamation-circle-fill", ngettext("%(num)d day late", "%(num)d days late", late)
    kind, icon, text = STATES[deduction.state]
    if deduction.state is DeductionState.ANNOUNCED and deduction.put_right_at is not None:
        return "open", "check-lg", _("To be looked at")
    if deduction.state is DeductionState.ANNOUNCED and clock.today() > deduction.rectify_by:
        return "wait", "hourglass-split", _("To be decided")
    return kind, icon, str(text)


def own_chip(deduction: Deduction) -> tuple[str, str, str]:
    """The chip for the people concerned: how late the desk is stands elsewhere."""
    if deduction.state is DeductionState.ANNOUNCED and deduction.put_right_at is not None:
        return "open", "check-lg", _("To be looked at")
    kind, icon, text = STATES[deduction.state]
    return kind, icon, str(text)


def next_step(deduction: Deduction) -> str:
    """What happens next, and until when."""
    if deduction.state is DeductionState.ANNOUNCED:
        return _("To be put right by %(day)s", day=format_short_day(deduction.rectify_by))
    if deduction.state is DeductionState.APPEALED and deduction.due_on is not None:
        return _("Answer due by %(day)s", day=format_short_day(deduction.due_on))
    if deduction.state is DeductionState.IMPOSED and deduction.appeal_by is not None:
        return (_("Appeal until %(day)s", day=format_short_day(deduction.appeal_by))
                if clock.today() <= deduction.appeal_by else _("The time to appeal is over"))
    return ""


def outcome(deduction: Deduction) -> str:
    """What was taken, in one sentence."""
    if deduction.taken is None:
        return ""
    if deduction.written_off:
        return _("%(taken)s of %(amount)s points were taken; there were no more, and the rest is not owed.",
                 taken=format_points(deduction.taken), amount=format_points(deduction.amount or 0))
    return _("%(taken)s points were taken.", taken=format_points(deduction.taken))


def worked_out(deduction: Deduction) -> list[str]:
    """How the amount came about."""
    return rules.explain(deduction.explanation)


def quantity(deduction: Deduction, measures: Quantity, unit: str = "") -> str:
    """What was counted: ``3 袋``, ``2.5 hours``; empty for an item per time."""
    if deduction.quantity is None:
        return ""
    if measures is Quantity.MINUTES:
        return _("%(n)s hours", n=format_minutes(deduction.quantity))
    number = str(deduction.quantity) if measures is Quantity.UNITS else format_points(deduction.quantity)
    return f"{number} {unit or UNITS[measures]}"


def appeal_until(deduction: Deduction) -> str:
    """The last day to appeal, in full."""
    return format_day(deduction.appeal_by) if deduction.appeal_by is not None else ""
