"""A notice from draft to close: made by one person, published by another, closed at the hour printed on it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pointsbank.communities import settings
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Invalid, lazy
from pointsbank.publicity import policy
from pointsbank.publicity.errors import EmptyList, NotAllowed, PersonalNumber, SecondPersonNeeded, WrongStep
from pointsbank.publicity.models import (
    LINE_ALLOWED,
    NOTICE_ALLOWED,
    Grouping,
    LineState,
    NoticeCounter,
    NoticeKind,
    NoticeLine,
    NoticeState,
    PublicNotice,
)
from pointsbank.publicity.services.deadlines import closing_instant

MOST_LINES = 2000
MOST_COLUMNS = 8
LONGEST = 2000
# A mobile number, or one of an identity card; never part of a longer number.
PERSONAL = re.compile(r"(?<![\dXx])(?:1\d{10}|\d{17}[\dXx]|\d{15})(?![\dXx])")


@dataclass(frozen=True)
class NoticeLineDraft:
    """One row: a source key and text that is masked already; see :class:`~pointsbank.publicity.models.NoticeLine`.

    ``posted`` marks a row that is shown for information: its points are in the book already. ``corrects`` is the source
    key of a line that hung out before and is put right by this one.
    """

    source_key: str
    household_number: str
    masked_name: str
    item: str
    amount: int
    grouping: str = ""
    done_on: dt.date | None = None
    detail: dict[str, Any] | None = None
    unit: str = "points"
    household_id: int | None = None
    barred_user_ids: tuple[int, ...] = ()
    posted: bool = False
    corrects: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A part of a notice in words: a heading and what is said below it. People object to it as to a line."""

    heading: str
    text: str


@dataclass(frozen=True)
class Table:
    """A part of a notice in rows: (source key, cells) each, whole numbers to the right. Each row is a line.

    A key that hung out on an earlier notice says that this row puts that one right.
    """

    heading: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, tuple[str | int, ...]]]


@dataclass(frozen=True)
class NoticeDraft:
    """What is to be published: ``lines`` with points, or a ``body`` in words (rules, honours, goods), never both.

    Names in it are masked already, phones and ID numbers are refused. English texts of the catalogue are shown in the
    reader's language, all others as they are. ``days`` is how long it hangs; without it, what the community decided.
    """

    kind: NoticeKind
    title: str
    lines: Sequence[NoticeLineDraft] = field(default_factory=tuple)
    body: Sequence[Paragraph | Table] = field(default_factory=tuple)
    grouped_by: Grouping = Grouping.NONE
    standard_label: str = ""
    resolution: str = ""
    subject_key: str = ""
    days: int | None = None


def draft(actor: Actor, wanted: NoticeDraft) -> PublicNotice:
    """Keep a list as a draft that nobody outside the desk sees.

    Raises NotAllowed, EmptyList, PersonalNumber, Invalid.
    """
    if not policy.may_make(actor) or actor.community_id is None or actor.user_id is None:
        raise NotAllowed
    _check_texts(wanted)
    rows = [*_points_rows(wanted.lines), *_plain_rows(wanted.body)]
    if not rows:
        raise EmptyList
    days = wanted.days if wanted.days is not None else settings.of(actor.community_id).notice_days
    if not 3 <= days <= 60:
        raise Invalid(fields={"days": lazy("Between 3 and 60 days.")})
    notice = PublicNotice(
        community_id=actor.community_id, kind=wanted.kind, state=NoticeState.DRAFT, title=wanted.title[:120],
        subject_key=wanted.subject_key[:60], standard_label=wanted.standard_label[:160],
        resolution=wanted.resolution[:400], grouped_by=wanted.grouped_by, days=days, made_by_id=actor.user_id,
        made_at=clock.now(), line_count=len(rows), sections=_sections(wanted.body),
        total=sum(line.amount for line in wanted.lines if line.unit == "points"))
    db.session.add(notice)
    db.session.flush()
    earlier = _lines_before(notice.community_id, {row["corrects"] for row in rows if row["corrects"]})
    for position, row in enumerate(rows, 1):
        row |= {"community_id": notice.community_id, "notice_id": notice.id, "position": position,
                "corrects_line_id": earlier.get(row.pop("corrects"))}
    db.session.execute(sa.insert(NoticeLine), rows)
    audit.write(actor, "publicity.draft", f"notice:{notice.id}", lines=len(rows))
    return notice


def _points_rows(lines: Sequence[NoticeLineDraft]) -> Iterator[dict[str, Any]]:
    for line in lines:
        yield {"source_key": line.source_key, "grouping": line.grouping[:80],
               "household_number": line.household_number, "masked_name": line.masked_name, "item": line.item[:200],
               "detail": line.detail, "done_on": line.done_on, "amount": line.amount, "unit": line.unit,
               "household_id": line.household_id, "barred_user_ids": list(line.barred_user_ids), "plain": None,
               "state": LineState.POSTED if line.posted else LineState.LISTED, "corrects": line.corrects}


def _plain_rows(body: Sequence[Paragraph | Table]) -> Iterator[dict[str, Any]]:
    same: dict[str, Any] = {"household_number": "", "masked_name": "", "grouping": "", "detail": None, "done_on": None,
                            "amount": 0, "unit": "", "household_id": None, "barred_user_ids": [],
                            "state": LineState.LISTED}
    for number, part in enumerate(body):
        if isinstance(part, Paragraph):
            yield {**same, "source_key": f"part:{number}", "item": part.heading[:200], "corrects": "",
                   "plain": {"section": number, "text": part.text.strip()}}
            continue
        for key, cells in part.rows:
            yield {**same, "source_key": key, "item": str(cells[0])[:200], "corrects": key,
                   "plain": {"section": number, "cells": list(cells)}}


def _sections(body: Sequence[Paragraph | Table]) -> list[dict[str, Any]] | None:
    return [{"heading": part.heading[:120], "columns": list(getattr(part, "columns", ()))} for part in body] or None


def _check_texts(wanted: NoticeDraft) -> None:
    """What a notice in words may be, and that no notice carries a number that belongs to somebody."""
    if sum(len(part.rows) if isinstance(part, Table) else 1 for part in wanted.body) > MOST_LINES:
        raise Invalid(lazy("A notice has 2,000 lines at most. Make two of it."))
    texts = [wanted.title, wanted.resolution]
    for part in wanted.body:
        texts.append(part.heading)
        if isinstance(part, Paragraph):
            texts.append(part.text)
        elif not part.columns or len(part.columns) > MOST_COLUMNS or any(len(c) != len(part.columns)
                                                                         for _key, c in part.rows):
            raise Invalid(lazy("Each row of a table has as many cells as the table has columns, 8 at most."))
        else:
            texts += [cell for _key, cells in part.rows for cell in (*cells, *part.columns) if isinstance(cell, str)]
    if any(len(text) > LONGEST for text in texts):
        raise Invalid(lazy("One part of this notice is too long. Divide it into several."))
    found = personal_number(*texts)
    if found is not None:
        raise PersonalNumber(number=found)


def personal_number(*texts: str) -> str | None:
    """The first phone or ID number in what everybody is to read; None where there is none."""
    return next((match.group() for text in texts if (match := PERSONAL.search(text))), None)


def _lines_before(community_id: int, keys: Collection[str]) -> dict[str, int]:
    """The last published line with each of these source keys."""
    if not keys:
        return {}
    rows: Any = db.session.execute(
        sa.select(NoticeLine.source_key, sa.func.max(NoticeLine.id))
        .join(PublicNotice, PublicNotice.id == NoticeLine.notice_id)
        .where(NoticeLine.community_id == community_id, NoticeLine.source_key.in_(list(keys)),
               PublicNotice.state.in_([NoticeState.PUBLISHED, NoticeState.CLOSED])).group_by(NoticeLine.source_key))
    return dict(rows.all())


def publish(actor: Actor, notice_id: int) -> PublicNotice:
    """A second person has checked the draft: it gets its number and hangs out from now on.

    Raises NotAllowed, SecondPersonNeeded, WrongStep.
    """
    if not policy.may_make(actor):
        raise NotAllowed
    notice = get_scoped(PublicNotice, notice_id, actor.community_id, lock=True)
    if notice.made_by_id == actor.user_id:
        raise SecondPersonNeeded
    _move(notice, NoticeState.PUBLISHED)
    now = clock.now()
    year = clock.local_date(now).year
    with db.session.no_autoflush:
        number = _next_number(notice.community_id, year)
    notice.year, notice.number = year, number
    notice.published_by_id, notice.opens_at = actor.user_id, now
    notice.closes_at = closing_instant(now, notice.days)
    db.session.flush()
    audit.write(actor, "publicity.publish", f"notice:{notice.id}", number=notice.number)
    return notice


def _next_number(community_id: int, year: int) -> int:
    module: Any = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name]
    statement = module.insert(NoticeCounter).values(community_id=community_id, year=year, last=1)
    statement = statement.on_conflict_do_update(index_elements=["community_id", "year"],
                                                set_={"last": NoticeCounter.last + 1})
    return int(db.session.scalar(statement.returning(NoticeCounter.last)) or 0)


def discard(actor: Actor, notice_id: int) -> PublicNotice:
    """Throw a draft away; its lines go, since nobody ever saw them. Raises NotAllowed, WrongStep."""
    if not policy.may_make(actor):
        raise NotAllowed
    notice = get_scoped(PublicNotice, notice_id, actor.community_id, lock=True)
    _move(notice, NoticeState.DISCARDED)
    db.session.execute(sa.delete(NoticeLine).where(NoticeLine.community_id == notice.community_id,
                                                   NoticeLine.notice_id == notice.id))
    audit.write(actor, "publicity.discard", f"notice:{notice.id}")
    return notice


def close(community_id: int, notice_id: int, now: dt.datetime) -> PublicNotice | None:
    """Close one notice whose hour has come; None if it isn't time, or if somebody else closed it before.

    The row lock makes this happen once, however many schedulers try. Lines stay as they are: whoever published them
    settles them in the same unit of work and says so with :func:`mark_lines`.
    """
    notice = get_scoped(PublicNotice, notice_id, community_id, lock=True)
    if notice.state is not NoticeState.PUBLISHED or notice.closes_at is None or notice.closes_at > now:
        return None
    _move(notice, NoticeState.CLOSED)
    notice.closed_at = now
    db.session.flush()
    audit.write(system(community_id), "publicity.close", f"notice:{notice.id}")
    return notice


def close_due(community_id: int, now: dt.datetime) -> list[PublicNotice]:
    """Close every notice of a community whose hour has come, in the order of their ids."""
    ids = db.session.scalars(
        sa.select(PublicNotice.id).where(PublicNotice.community_id == community_id,
                                         PublicNotice.state == NoticeState.PUBLISHED, PublicNotice.closes_at <= now)
        .order_by(PublicNotice.id)).all()
    closed = [close(community_id, notice_id, now) for notice_id in ids]
    return [notice for notice in closed if notice is not None]


def mark_lines(community_id: int, notice_id: int, state: LineState, source_keys: Collection[str]) -> int:
    """Say what became of lines, in one statement; returns how many changed. A step that isn't allowed does nothing."""
    if not source_keys:
        return 0
    allowed = [old for old, targets in LINE_ALLOWED.items() if state in targets]
    changed: Any = db.session.execute(
        sa.update(NoticeLine).where(
            NoticeLine.community_id == community_id, NoticeLine.notice_id == notice_id,
            NoticeLine.source_key.in_(list(source_keys)), NoticeLine.state.in_(allowed)).values(state=state)
        .execution_options(synchronize_session=False))
    return int(changed.rowcount)


def _move(notice: PublicNotice, target: NoticeState) -> None:
    if target not in NOTICE_ALLOWED[notice.state]:
        raise WrongStep
    notice.state = target
