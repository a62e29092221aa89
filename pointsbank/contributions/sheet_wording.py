"""Paper sheets in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from pointsbank.contributions.models import Contribution, Sheet, SheetRow, SheetState, State
from pointsbank.contributions.sheet_forms import LABELS
from pointsbank.contributions.sheet_reading import COLUMNS
from pointsbank.core.formats import format_minutes
from pointsbank.core.points import format_points
from pointsbank.notifications.queries import said


def columns() -> list[tuple[str, str]]:
    """(name, heading) of each column."""
    return [(name, str(LABELS[name])) for name in COLUMNS]


def chip(sheet: Sheet) -> tuple[str, str, str]:
    """Where a sheet stands."""
    return {
        SheetState.DRAFT: ("wait", "pencil", _("Draft")),
        SheetState.SUBMITTED: ("wait", "hourglass-split", _("Second person needed")),
        SheetState.RETURNED: ("stop", "reply-fill", _("Came back")),
        SheetState.CONFIRMED: ("done", "check-circle-fill", _("Confirmed")),
        SheetState.DISCARDED: ("idle", "dash-circle", _("Thrown away")),
    }[sheet.state]


def fault(found: Mapping[str, Any]) -> str:
    """What is wrong with a row, in a sentence."""
    return said(found["text"], found["params"])


def amount(row: SheetRow) -> str:
    """How much a row means, with its unit."""
    if row.minutes is not None:
        return _("%(n)s h", n=format_minutes(row.minutes))
    if row.score is not None:
        return format_points(row.score)
    if row.amount_fen is not None:
        return _("%(n)s yuan", n=format_points(row.amount_fen))
    return str(row.units or 1)


def standing(rows: Iterable[SheetRow], deeds: Mapping[str, Contribution]) -> str:
    """How many rows of a confirmed sheet were accepted, and how many wait; empty before."""
    found = [deeds[row.source_key].state for row in rows if row.source_key in deeds]
    if not found:
        return ""
    accepted = sum(1 for state in found if state is State.APPROVED)
    waiting = sum(1 for state in found if state is State.SUBMITTED)
    text = ngettext("%(num)d deed accepted.", "%(num)d deeds accepted.", accepted)
    if waiting:
        text += (" " + ngettext("%(num)d waits for another reviewer.", "%(num)d wait for another reviewer.", waiting))
    return text
