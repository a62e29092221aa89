"""Notices, lines and objections in the reader's words: chips, labels, dates to keep."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _
from flask_babel import ngettext

from pointsbank.core import clock
from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_minutes, format_moment, format_short_day
from pointsbank.core.points import format_points
from pointsbank.notifications.queries import said
from pointsbank.publicity import queries
from pointsbank.publicity.models import (
    Grouping,
    LineState,
    NoticeKind,
    NoticeLine,
    NoticeState,
    Objection,
    ObjectionState,
    PublicNotice,
)

Chip = tuple[str, str, str]
URGENT_DAYS = 2
KINDS = {
    NoticeKind.AWARDS: lazy("Points"), NoticeKind.OPENING_BALANCES: lazy("Balances taken over"),
    NoticeKind.STANDARD: lazy("Scoring rules"), NoticeKind.HONOURS: lazy("Honours"),
    NoticeKind.STOCK: lazy("Goods of the shop"),
}
GROUPINGS = {Grouping.GRID: lazy("By grid"), Grouping.HOUSEHOLD: lazy("By household")}


def number_label(notice: PublicNotice) -> str:
    """``2026年第8号``; a draft has none yet."""
    if notice.number is None:
        return _("Draft")
    return _("No. %(number)s of %(year)s", number=notice.number, year=notice.year)


def in_words(text: str) -> str:
    """A heading or a cell of a notice in words: texts of the house in the reader's language, all others as they are."""
    return said(text, {})


def lead(notice: PublicNotice) -> str:
    """What hangs here and what happens at the end, for the head of the sheet."""
    if notice.kind is NoticeKind.AWARDS:
        return _("Below are the points that were reviewed and accepted, counted by %(standard)s. If nobody objects, "
                 "they are paid into the passbooks when the notice ends.", standard=notice.standard_label)
    if notice.kind is NoticeKind.OPENING_BALANCES:
        return _("Below are the balances of the paper book. If nobody objects, they are taken over when the notice "
                 "ends.")
    if notice.kind is NoticeKind.STANDARD:
        return _("Below is what is to hold for points. Whoever disagrees says so until the notice ends.")
    if notice.kind is NoticeKind.HONOURS:
        return _("Below is who is to be honoured. Whoever disagrees says so until the notice ends.")
    return _("Below is what came in and went out, as the stock book has it. Whoever knows otherwise says so until the "
             "notice ends.")


def group_label(notice: PublicNotice, label: str) -> str:
    """The heading of a group of lines."""
    if label:
        return label
    return _("No household") if notice.grouped_by is Grouping.HOUSEHOLD else _("No grid entered")


def sum_label(notice: PublicNotice, group: queries.Group) -> str:
    """``2-0108 小计 3 行``: what the sum below a group adds up."""
    return ngettext("%(group)s, %(num)d line together", "%(group)s, %(num)d lines together", group.lines,
                    group=group_label(notice, group.label))


def group_sum(group: queries.Group) -> str:
    """``23 行，56 分``: what a group comes to, also what stands on other pages."""
    return ngettext("%(num)d line, %(points)s points", "%(num)d lines, %(points)s points", group.lines,
                    points=format_points(group.total))


def place(reference: queries.Reference) -> str:
    """``2026年第8号第3行``: where a line of another notice stands."""
    return _("No. %(number)s of %(year)s, line %(line)s", number=reference.number, year=reference.year,
             line=reference.position)


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


def in_short(line: NoticeLine) -> str:
    """What a line says, whatever it stands for, in one piece."""
    if line.plain is None:
        return item(line)
    if "text" in line.plain:
        return f"{in_words(line.item)} {line.plain['text']}".strip()
    return " · ".join(in_words(cell) if isinstance(cell, str) else str(cell) for cell in line.plain["cells"])


def due_chip(due_on: dt.date) -> Chip:
    """How long there is left until a day; overdue and urgent in red."""
    left = (due_on - clock.today()).days
    if left < 0:
        return "stop", "alarm-fill", ngettext("%(num)d day late", "%(num)d days late", -left)
    if left == 0:
        return "stop", "alarm-fill", _("Due today")
    text = ngettext("%(num)d day left", "%(num)d days left", left)
    return ("stop" if left <= URGENT_DAYS else "wait"), "hourglass-split", text


def objection_chip(objection: Objection) -> Chip:
    """Where an objection stands; what is open says how long there is left."""
    if objection.state is ObjectionState.UPHELD:
        return "done", "check-circle-fill", _("Upheld")
    if objection.state is ObjectionState.DISMISSED:
        return "idle", "dash-circle", _("Not upheld")
    return due_chip(objection.answer_due_on)


def take_down_on(notice: PublicNotice) -> dt.date | None:
    """The day by which the paper has to come off the board: personal data doesn't hang longer than needed."""
    if notice.closes_at is None:
        return None
    return clock.local_date(notice.closes_at) + dt.timedelta(days=queries.PUBLIC_DAYS_AFTER)
