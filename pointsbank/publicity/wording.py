"""Notices, lines and objections in the reader's words: chips, labels, dates to keep."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask_babel import gettext as _
from flask_babel import ngettext

from pointsbank.core import clock
from pointsbank.core.formats import format_minutes, format_moment, format_short_day
from pointsbank.core.points import format_points
from pointsbank.notifications.queries import said
from pointsbank.publicity import queries
from pointsbank.publicity.models import (
    LineState,
    NoticeLine,
    NoticeState,
    Objection,
    ObjectionState,
    PublicNotice,
)

Chip = tuple[str, str, str]
URGENT_DAYS = 2


def number_label(notice: PublicNotice) -> str:
    """``2026年第8号``; a draft has none yet."""
    if notice.number is None:
        return _("Draft")
    return _("No. %(number)s of %(year)s", number=notice.number, year=notice.year)


def notice_chip(notice: PublicNotice) -> Chip:
    """Where a notice stands."""
    if notice.state is NoticeState.DRAFT:
        return "wait", "pencil", _("Draft")
    if queries.is_open(notice):
        return "open", "megaphone-fill", _("On the board")
    if notice.state is NoticeState.DISCARDED:
        return "idle", "dash-circle", _("Thrown away")
    return "done", "check-circle-fill", _("Over")


def span(notice: PublicNotice) -> str:
    """From which day until which hour it hangs."""
    if notice.opens_at is None or notice.closes_at is None:
        return ngettext("%(num)d day on the board", "%(num)d days on the board", notice.days)
    return _("From %(start)s until %(end)s", start=format_short_day(notice.opens_at),
             end=format_moment(notice.closes_at))


def line_chip(line: NoticeLine) -> Chip | None:
    """What is to be said about a line; nothing about one that simply hangs there."""
    if line.state is LineState.FROZEN:
        return "stop", "pause-circle-fill", _("On hold")
    if line.state is LineState.STRUCK:
        return "idle", "dash-circle", _("Struck")
    if line.state is LineState.POSTED:
        return "done", "check-circle-fill", _("Paid in")
    return None


def amount(line: NoticeLine) -> str:
    """Points, or hours for time served."""
    if line.unit == "minutes":
        return _("%(n)s h", n=format_minutes(line.amount))
    return format_points(line.amount)


def item(line: NoticeLine) -> str:
    """What was done, and how much of it."""
    much = said(line.detail["text"], line.detail.get("params") or {}) if line.detail else ""
    rule, bracket, act = line.item.partition("（")
    return f"{rule} {much}".strip() + bracket + act


def objection_chip(objection: Objection) -> Chip:
    """Where an objection stands; what is open says how long there is left."""
    if objection.state is ObjectionState.UPHELD:
        return "done", "check-circle-fill", _("Upheld")
    if objection.state is ObjectionState.DISMISSED:
        return "idle", "dash-circle", _("Not upheld")
    left = (objection.answer_due_on - clock.today()).days
    if left < 0:
        return "stop", "alarm-fill", ngettext("%(num)d day late", "%(num)d days late", -left)
    if left == 0:
        return "stop", "alarm-fill", _("Due today")
    text = ngettext("%(num)d day left", "%(num)d days left", left)
    return ("stop" if left <= URGENT_DAYS else "wait"), "hourglass-split", text


Row = TypeVar("Row")


@dataclass(frozen=True)
class SheetPage(Generic[Row]):
    """One printed page: its rows, and where it stands."""

    rows: list[Row]
    number: int
    of: int

    @property
    def is_last(self) -> bool:
        """The page with the total, the box for objections and the signatures."""
        return self.number == self.of


ROWS_A_SHEET = 26
ROWS_ON_LAST = 17
LEAST_ON_LAST = 3


def sheets(lines: list[Row]) -> list[SheetPage[Row]]:
    """Cut lines into printed pages; the last one leaves room for the box, the signatures and the seal."""
    chunks: list[list[Row]] = []
    rest = list(lines)
    while len(rest) > ROWS_ON_LAST:
        take = min(ROWS_A_SHEET, len(rest) - LEAST_ON_LAST)
        chunks.append(rest[:take])
        rest = rest[take:]
    chunks.append(rest)
    return [SheetPage(rows, place, len(chunks)) for place, rows in enumerate(chunks, 1)]


def take_down_on(notice: PublicNotice) -> dt.date | None:
    """The day by which the paper has to come off the board: personal data doesn't hang longer than needed."""
    if notice.closes_at is None:
        return None
    return clock.local_date(notice.closes_at) + dt.timedelta(days=queries.PUBLIC_DAYS_AFTER)
