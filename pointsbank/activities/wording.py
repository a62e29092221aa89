"""How states, methods and flags of this room read on a page."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from pointsbank.activities.models import Activity, ActivityState, Attendance, AttendanceState, Method, Occurrence
from pointsbank.activities.models import OccurrenceState as Running
from pointsbank.core import clock
from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_day, format_short_day, format_time

METHODS: dict[Method, tuple[str, Any]] = {
    Method.SELF: ("qr-code-scan", lazy("scanned")), Method.SELF_NUMBER: ("123", lazy("typed the number")),
    Method.LEADER_SCAN: ("credit-card-2-front", lazy("member card")),
    Method.LEADER_NUMBER: ("credit-card-2-front", lazy("card number")),
    Method.EVERYONE_OUT: ("people-fill", lazy("everyone out")), Method.AUTOMATIC: ("list-check", lazy("signed up")),
    Method.LEADER_TYPED: ("pencil", lazy("entered by hand")),
    Method.PAPER: ("file-earmark-ruled", lazy("from the sheet")),
}
FLAGS: dict[str, Any] = {
    "late_code": lazy("the code was old"), "revoked_screen": lazy("the code of a phone that was given up"),
    "stranger": lazy("did not sign up"), "no_out": lazy("no check-out"),
    "late_out": lazy("checked out long after the end"),
    "several_outs": lazy("checked out several times"), "out_without_in": lazy("checked out without checking in"),
    "short_stay": lazy("too short to count"), "shared_phone": lazy("one phone for many people"),
    "burst": lazy("an old code used many times"), "back_dated": lazy("entered more than 7 days later"),
    "typed_share": lazy("many rows entered by hand"), "sample": lazy("drawn for a second look"),
    "overlap": lazy("at two activities at a time"), "headcount": lazy("the headcount differed"),
    "own_household": lazy("the leader's own household"), "after_closing": lazy("came after closing"),
}
ATTENDANCE_CHIPS: dict[AttendanceState, tuple[str, str, Any]] = {
    AttendanceState.PRESENT: ("done", "check-lg", lazy("Was there")),
    AttendanceState.CONFIRMED: ("done", "check-lg", lazy("Confirmed")),
    AttendanceState.PENDING: ("wait", "hourglass-split", lazy("Waits for the leader")),
    AttendanceState.DECLINED: ("stop", "x-octagon-fill", lazy("Not counted")),
}
MODES = {"automatic": lazy("No scanning"), "in": lazy("Check in"), "in_out": lazy("Check in and out")}
KINDS = {"volunteering": lazy("Volunteering"), "patrol": lazy("Patrol")}


def flag_texts(flags: list[str]) -> list[str]:
    """Flags as words."""
    return [str(FLAGS[f]) for f in flags if f in FLAGS]


def _parts(occurrence: Occurrence, short: bool) -> tuple[str, str]:
    day = format_short_day(occurrence.starts_at) if short else format_day(occurrence.starts_at)
    end = format_time(occurrence.ends_at)
    if clock.local_date(occurrence.ends_at) != clock.local_date(occurrence.starts_at):
        end = f"{format_short_day(occurrence.ends_at)} {end}"
    return day, f"{format_time(occurrence.starts_at)}–{end}"


def span(occurrence: Occurrence, *, short: bool = False) -> Markup:
    """``4月18日 周六 9:00–11:00`` for pages; a line breaks only between the day and the hours."""
    day, hours = _parts(occurrence, short)
    return Markup('<span class="pb-n">{}</span> <span class="pb-n">{}</span>').format(day, hours)


def span_text(occurrence: Occurrence) -> str:
    """The same as plain text, for sheets."""
    return " ".join(_parts(occurrence, short=False))


def activity_chip(activity: Activity, occurrence: Occurrence | None) -> tuple[str, str, Any]:
    """Kind, icon and word of an activity's state."""
    if activity.state is ActivityState.CANCELLED:
        return "stop", "x-octagon-fill", _("Cancelled")
    if activity.state is ActivityState.DRAFT:
        if activity.submitted_at is not None:
            return "wait", "hourglass-split", _("Waits for approval")
        return ("stop", "reply-fill", _("Sent back")) if activity.returned_note else ("idle", "pencil", _("Draft"))
    if occurrence is not None and occurrence.state is Running.CLOSED:
        return "done", "check-lg", _("Closed")
    if occurrence is not None and occurrence.ends_at < clock.now():
        return "wait", "alarm-fill", _("To be closed")
    if occurrence is not None and occurrence.state is Running.OPEN:
        return "open", "qr-code-scan", _("Check-in open")
    return "open", "calendar-event", _("Published")


def hold_sentence(attendance: Attendance, flags: list[str]) -> str:
    """Why somebody waits, for the leader's row."""
    return _(", ").join(flag_texts(flags)) or str(ATTENDANCE_CHIPS[attendance.state][2])


def values() -> dict[str, Any]:
    """What every template of the room is given."""
    return {"METHODS": METHODS, "ATTENDANCE_CHIPS": ATTENDANCE_CHIPS, "MODES": MODES, "KINDS": KINDS, "span": span,
            "flag_texts": flag_texts, "activity_chip": activity_chip}
