"""Deeds and awards in words: for the passbook, the pages on the way there, and the lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from pointsbank.contributions.models import (
    PENDING,
    AwardLine,
    Contribution,
    LineState,
    State,
)
from pointsbank.core.db import db, scoped
from pointsbank.core.formats import format_moment, format_short_day
from pointsbank.ledger.models import Book
from pointsbank.notifications.queries import said
from pointsbank.publicity import queries as notices
from pointsbank.publicity.models import NoticeState, PublicNotice
from pointsbank.rules import wording
from pointsbank.rules.models import ScoringRule


@dataclass(frozen=True)
class Described:
    """A book entry in the reader's words. ``contribution_id`` leads to the page with the whole story."""

    title: str
    note: str
    contribution_id: int | None = None


def is_own_words(source_key: str) -> bool:
    """A title that a resident wrote may name somebody; that of an activity was written by the committee."""
    return source_key.startswith(("filed:", "contribution:"))


def describe(community_id: int, source_keys: Iterable[str]) -> dict[str, Described]:
    """Titles and notes of ``award:…``, ``award:…/reversed`` and ``opening:…`` keys; unknown ones are left out.

    Two statements, however many keys.
    """
    keys = list(dict.fromkeys(source_keys))
    award_ids = {number for key in keys if (number := _award_id(key)) is not None}
    rows = {line.id: (line, deed) for line, deed in db.session.execute(
        sa.select(AwardLine, Contribution).join(Contribution, Contribution.id == AwardLine.contribution_id)
        .where(AwardLine.community_id == community_id, AwardLine.id.in_(award_ids)))} if award_ids else {}
    units = units_of(community_id, {line.rule_id for line, _deed in rows.values()})
    found = {}
    for key in keys:
        if key.startswith("opening:"):
            found[key] = Described(_("Balance in the paper book"), _("Taken over when the bank opened"))
        elif (number := _award_id(key)) in rows:
            line, deed = rows[number]
            found[key] = _described(line, deed, units, taken_back=key.endswith("/reversed"))
    return found


def _award_id(key: str) -> int | None:
    kind, _colon, rest = key.partition(":")
    number = rest.partition("/")[0]
    return int(number) if kind == "award" and number.isdecimal() else None


def _described(line: AwardLine, deed: Contribution, units: dict[int, str], *, taken_back: bool) -> Described:
    title = deed_title(deed, units.get(line.rule_id, ""))
    if taken_back:
        return Described(_("Taken back: %(what)s", what=title), _("Done on %(day)s, corrected later",
                                                                  day=format_short_day(deed.done_on)), deed.id)
    note = _("Done on %(day)s, %(item)s", day=format_short_day(deed.done_on), item=line.rule_name)
    return Described(title, note, deed.id)


def units_of(community_id: int, rule_ids: Collection[int]) -> dict[int, str]:
    """What rules count by (次, 人), in one statement."""
    if not rule_ids:
        return {}
    rows = db.session.execute(sa.select(ScoringRule.id, ScoringRule.unit).where(
        ScoringRule.community_id == community_id, ScoringRule.id.in_(rule_ids)))
    return {row.id: row.unit for row in rows}


def measure(deed: Contribution, unit: str = "") -> dict[str, Any] | None:
    """How much of it: a stored sentence such as ``2 hours`` or ``3 次``; None for something done once."""
    if deed.minutes:
        return wording.minutes(deed.minutes)
    if deed.amount_fen:
        return wording.yuan(deed.amount_fen)
    if deed.score is not None:
        return wording.score(deed.score)
    if deed.units:
        return wording.units(deed.units, unit) if unit else wording.times(deed.units)
    return None


def deed_title(deed: Contribution, unit: str = "") -> str:
    """``植树 2 小时`` in the reader's language."""
    much = measure(deed, unit)
    return f"{deed.title} {said(much['text'], much['params'])}" if much is not None else deed.title


# ── On the way ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Pending:
    """Something that may become points: ``amount`` (hundredths, or minutes) is None while it is being reviewed.

    ``chip`` is (kind, icon, text) for the state; ``because`` says what it waits for, with the day.
    """

    contribution_id: int
    title: str
    amount: int | None
    book: Book
    done_on: dt.date
    chip: tuple[str, str, str]
    because: str


def pending_of(community_id: int, owner_keys: Collection[str], resident_ids: Collection[int] = (),
               limit: int = 50) -> list[Pending]:
    """What is on its way to these owners, and the deeds of ``resident_ids`` that are still being reviewed.

    Deeds under review come last. Four statements.
    """
    rows = db.session.execute(
        sa.select(AwardLine, Contribution).join(Contribution, Contribution.id == AwardLine.contribution_id)
        .where(AwardLine.community_id == community_id, AwardLine.owner_key.in_(list(owner_keys)),
               AwardLine.state.in_(PENDING)).order_by(AwardLine.id.desc()).limit(limit)).all()
    boards = notices.notices_by_id(community_id, {line.notice_id for line, _deed in rows if line.notice_id is not None})
    units = units_of(community_id, {line.rule_id for line, _deed in rows})
    found = []
    for line, deed in rows:
        chip, because = line_state(line, boards.get(line.notice_id or 0))
        found.append(Pending(deed.id, deed_title(deed, units.get(line.rule_id, "")), line.amount, line.book,
                             deed.done_on, chip, because))
    if resident_ids:
        waiting = db.session.scalars(
            scoped(Contribution, community_id).where(
                Contribution.resident_id.in_(list(resident_ids)),
                sa.or_(Contribution.state.in_([State.SUBMITTED, State.RETURNED]),
                       sa.and_(Contribution.state == State.APPROVED, Contribution.waits_for_household)))
            .order_by(Contribution.id.desc()).limit(limit))
        found += [Pending(deed.id, deed_title(deed), None, Book.POINTS, deed.done_on, *deed_state(deed))
                  for deed in waiting]
    return found


def line_state(line: AwardLine, notice: PublicNotice | None) -> tuple[tuple[str, str, str], str]:
    """The chip of an award line, and what it waits for or when it was done."""
    if line.state is LineState.PROPOSED:
        return ("wait", "hourglass-split", _("Not listed yet")), _("Accepted. It comes with the next public list.")
    if line.state is LineState.LISTED:
        if notice is not None and notice.state is NoticeState.PUBLISHED and notice.closes_at is not None:
            return (("open", "megaphone-fill", _("On the list")),
                    _("Hangs out until %(moment)s; without an objection it is paid in then",
                      moment=format_moment(notice.closes_at)))
        return ("open", "megaphone-fill", _("On the list")), _("The notice has ended; the points are being paid in")
    if line.state is LineState.FROZEN:
        return ("stop", "pause-circle-fill", _("On hold")), _("Somebody objected to it; a written answer follows")
    if line.state is LineState.STRUCK:
        return ("idle", "dash-circle", _("Struck")), _("Struck off the list after an objection")
    if line.state is LineState.REVERSED:
        return ("idle", "arrow-counterclockwise", _("Taken back")), _("Was in the passbook and was taken back")
    day = format_short_day(line.posted_at) if line.posted_at is not None else ""
    return ("done", "check-circle-fill", _("Paid in")), _("In the passbook since %(day)s", day=day)


def deed_state(deed: Contribution) -> tuple[tuple[str, str, str], str]:
    """The chip of a deed, and what it waits for."""
    day = format_short_day(deed.submitted_at) if deed.submitted_at is not None else ""
    if deed.state is State.DRAFT:
        return ("wait", "pencil", _("Draft")), _("Not sent yet: only you can see it")
    if deed.state is State.SUBMITTED:
        if deed.sent_up_area_id is not None:
            return (("wait", "hourglass-split", _("Being reviewed")),
                    _("Nobody independent here, so the area above decides; handed in on %(day)s", day=day))
        return (("wait", "hourglass-split", _("Being reviewed")),
                _("Handed in on %(day)s; you will be told of the decision", day=day))
    if deed.state is State.RETURNED:
        return ("stop", "reply-fill", _("Came back")), _("Something is missing: complete it and send it again")
    if deed.state is State.REJECTED:
        return ("idle", "dash-circle", _("Not accepted")), _("The reason stands on the page of the deed")
    if deed.state is State.WITHDRAWN:
        return ("idle", "dash-circle", _("Withdrawn")), _("You took it back")
    if deed.waits_for_household:
        return ("wait", "hourglass-split", _("Waits")), _("Accepted; the points wait until your household is entered")
    return ("done", "check-circle-fill", _("Accepted")), ""
