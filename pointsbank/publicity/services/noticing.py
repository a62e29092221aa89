"""A notice from draft to close: made by one person, published by another, closed at the hour printed on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
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
from pointsbank.publicity.errors import EmptyList, NotAllowed, SecondPersonNeeded, WrongStep
from pointsbank.publicity.models import (
    LINE_ALLOWED,
    NOTICE_ALLOWED,
    LineState,
    NoticeCounter,
    NoticeKind,
    NoticeLine,
    NoticeState,
    PublicNotice,
)
from pointsbank.publicity.services.deadlines import closing_instant


@dataclass(frozen=True)
class NoticeLineDraft:
    """One row: a source key and text that is masked already; see :class:`~pointsbank.publicity.models.NoticeLine`.

    ``posted`` marks a row that is shown for information: its points are in the book already.
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


@dataclass(frozen=True)
class NoticeDraft:
    """A list to be published. ``days`` is how long it hangs; without it, what the community decided."""

    kind: NoticeKind
    title: str
    lines: Sequence[NoticeLineDraft] = field(default_factory=tuple)
    standard_label: str = ""
    resolution: str = ""
    subject_key: str = ""
    days: int | None = None


def draft(actor: Actor, wanted: NoticeDraft) -> PublicNotice:
    """Keep a list as a draft that nobody outside the desk sees. Raises NotAllowed, EmptyList, Invalid."""
    if not policy.may_make(actor) or actor.community_id is None or actor.user_id is None:
        raise NotAllowed
    if not wanted.lines:
        raise EmptyList
    days = wanted.days if wanted.days is not None else settings.of(actor.community_id).notice_days
    if not 3 <= days <= 60:
        raise Invalid(fields={"days": lazy("Between 3 and 60 days.")})
    notice = PublicNotice(
        community_id=actor.community_id, kind=wanted.kind, state=NoticeState.DRAFT, title=wanted.title[:120],
        subject_key=wanted.subject_key[:60], standard_label=wanted.standard_label[:160],
        resolution=wanted.resolution[:400], days=days, made_by_id=actor.user_id, made_at=clock.now(),
        line_count=len(wanted.lines), total=sum(line.amount for line in wanted.lines if line.unit == "points"))
    db.session.add(notice)
    db.session.flush()
    db.session.execute(sa.insert(NoticeLine), [
        _line_row(notice, position, line) for position, line in enumerate(wanted.lines, 1)])
    audit.write(actor, "publicity.draft", f"notice:{notice.id}", lines=len(wanted.lines))
    return notice


def _line_row(notice: PublicNotice, position: int, line: NoticeLineDraft) -> dict[str, Any]:
    return {"community_id": notice.community_id, "notice_id": notice.id, "position": position,
            "source_key": line.source_key, "grouping": line.grouping[:80], "household_number": line.household_number,
            "masked_name": line.masked_name, "item": line.item[:200], "detail": line.detail, "done_on": line.done_on,
            "amount": line.amount, "unit": line.unit, "household_id": line.household_id,
            "barred_user_ids": list(line.barred_user_ids),
            "state": LineState.POSTED if line.posted else LineState.LISTED}


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
