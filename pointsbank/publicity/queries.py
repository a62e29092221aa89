"""What can be asked about notices, their lines and objections."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.communities.models import Area
from pointsbank.core import clock, tenancy
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page, page
from pointsbank.publicity import policy
from pointsbank.publicity.errors import NoAnswerYet
from pointsbank.publicity.models import (
    Grouping,
    LineState,
    NoticeCounter,
    NoticeKind,
    NoticeLine,
    NoticeState,
    Objection,
    ObjectionState,
    PublicNotice,
)

SHOWN = (NoticeState.PUBLISHED, NoticeState.CLOSED)
LINES_A_PAGE = 50
PUBLIC_DAYS_AFTER = 7


def notice(notice_id: int) -> PublicNotice:
    """A notice that was published, of whatever community: it is public. Raises NotFound."""
    found = db.session.get(PublicNotice, notice_id)
    if found is None:
        with tenancy.unscoped():
            found = db.session.get(PublicNotice, notice_id)
    if found is None or found.state not in SHOWN:
        raise NotFound
    return found


def desk_notice(community_id: int | None, notice_id: int) -> PublicNotice:
    """Any notice of this community, drafts too. Raises NotFound."""
    return get_scoped(PublicNotice, notice_id, community_id)


def is_open(found: PublicNotice) -> bool:
    """It hangs out now: the hour decides, not the job that closes it."""
    return found.state is NoticeState.PUBLISHED and found.closes_at is not None and found.closes_at > clock.now()


def may_see_lines(actor: Actor, found: PublicNotice) -> bool:
    """Everybody while it hangs out; afterwards members only."""
    return is_open(found) or policy.may_see_closed_lines(actor, found.community_id)


def current(community_id: int | None = None) -> Sequence[PublicNotice]:
    """The notices that hang out now, of one community or of all; the one that ends first comes first."""
    query = sa.select(PublicNotice).where(PublicNotice.state == NoticeState.PUBLISHED,
                                          PublicNotice.closes_at > clock.now())
    if community_id is not None:
        query = query.where(PublicNotice.community_id == community_id)
    with tenancy.visiting(community_id) if community_id is not None else tenancy.unscoped():
        return db.session.scalars(query.order_by(PublicNotice.closes_at, PublicNotice.id).limit(100)).all()


@dataclass(frozen=True)
class Wanted:
    """A filter of notices. ``number`` is as people say it: ``8``, ``2026-8`` or the whole ``2026年第8号``."""

    year: int | None = None
    kind: NoticeKind | None = None
    number: str = ""

    def narrow(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """The query with these conditions."""
        numbers = [int(n) for n in re.findall(r"\d{1,6}", self.number)][:2]
        if self.number.strip() and not numbers:
            return query.where(sa.false())
        if numbers:
            query = query.where(PublicNotice.number == numbers[-1])
        year = numbers[0] if len(numbers) == 2 else self.year
        if year is not None:
            query = query.where(PublicNotice.year == year)
        return query.where(PublicNotice.kind == self.kind) if self.kind is not None else query


def archive(community_id: int, wanted: Wanted | None = None, *, cursor: str | None = None,
            limit: int | None = None) -> Page[PublicNotice]:
    """The notices that are over, newest first. The hour decides, not the job that closes them."""
    query = scoped(PublicNotice, community_id).where(
        PublicNotice.state.in_(SHOWN), PublicNotice.closes_at <= clock.now())
    return page((wanted or Wanted()).narrow(query), PublicNotice.id, cursor=cursor, limit=limit)


def years(community_id: int) -> Sequence[int]:
    """The years in which this community published anything, the latest first."""
    return db.session.scalars(
        sa.select(NoticeCounter.year).where(NoticeCounter.community_id == community_id)
        .order_by(NoticeCounter.year.desc())).all()


def all_of(community_id: int, wanted: Wanted | None = None, *, states: Sequence[NoticeState] = (),
           cursor: str | None = None, limit: int | None = None) -> Page[PublicNotice]:
    """The desk's list, newest first; discarded drafts are left out unless asked for."""
    query = scoped(PublicNotice, community_id)
    query = query.where(PublicNotice.state.in_(states) if states else PublicNotice.state != NoticeState.DISCARDED)
    return page((wanted or Wanted()).narrow(query), PublicNotice.id, cursor=cursor, limit=limit)


def about(community_id: int, subject_keys: Collection[str]) -> Sequence[PublicNotice]:
    """The notices made from these subjects, drafts too, those thrown away left out; the latest first."""
    return db.session.scalars(scoped(PublicNotice, community_id).where(
        PublicNotice.subject_key.in_(list(subject_keys)), PublicNotice.state != NoticeState.DISCARDED)
        .order_by(PublicNotice.id.desc())).all()


def drafts(community_id: int) -> Sequence[PublicNotice]:
    """Drafts that wait for a second person."""
    return db.session.scalars(scoped(PublicNotice, community_id).where(
        PublicNotice.state == NoticeState.DRAFT).order_by(PublicNotice.id)).all()


def lines(found: PublicNotice, *, household: str = "", cursor: str | None = None,
          limit: int | None = LINES_A_PAGE) -> Page[NoticeLine]:
    """The lines in the order printed, one page; ``household`` keeps those of one household number."""
    query = scoped(NoticeLine, found.community_id).where(NoticeLine.notice_id == found.id)
    if household.strip():
        query = query.where(NoticeLine.household_number == household.strip())
    with tenancy.visiting(found.community_id):
        return page(query, NoticeLine.position, cursor=cursor, limit=limit, descending=False,
                    read_key=lambda row: row.position)


def all_lines(found: PublicNotice) -> Sequence[NoticeLine]:
    """Every line, for the print and the sheet."""
    query = scoped(NoticeLine, found.community_id).where(NoticeLine.notice_id == found.id)
    with tenancy.visiting(found.community_id):
        return db.session.scalars(query.order_by(NoticeLine.position)).all()


def group_of(found: PublicNotice, row: NoticeLine) -> str:
    """What a line stands together with others by: its grid, or its household number."""
    if found.grouped_by is Grouping.GRID:
        return row.grouping
    return row.household_number if found.grouped_by is Grouping.HOUSEHOLD else ""


@dataclass(frozen=True)
class Group:
    """So many lines of a notice together, and the sum of their points in hundredths, as they were published."""

    label: str
    lines: int
    total: int


def groups(found: PublicNotice, rows: Sequence[NoticeLine]) -> dict[str, Group]:
    """The whole groups that these lines belong to, also what stands on other pages, in one statement."""
    if found.grouped_by is Grouping.NONE or not rows:
        return {}
    column = NoticeLine.grouping if found.grouped_by is Grouping.GRID else NoticeLine.household_number
    points = sa.case((NoticeLine.unit == "points", NoticeLine.amount), else_=0)
    with tenancy.visiting(found.community_id):
        sums = db.session.execute(
            sa.select(column, sa.func.count(), sa.cast(sa.func.sum(points), sa.BigInteger))
            .where(NoticeLine.community_id == found.community_id, NoticeLine.notice_id == found.id,
                   column.in_({group_of(found, row) for row in rows})).group_by(column)).all()
    return {label: Group(label, count, int(total)) for label, count, total in sums}


@dataclass(frozen=True)
class Reference:
    """A line of another notice: where it stands."""

    notice_id: int
    year: int
    number: int
    position: int


def references(found: PublicNotice, rows: Sequence[NoticeLine]) -> tuple[dict[int, Reference], dict[int, Reference]]:
    """By line id: the earlier line that it puts right, and the later one that puts it right. One statement."""
    ids = {row.id for row in rows}
    earlier = {row.corrects_line_id for row in rows if row.corrects_line_id is not None}
    if not ids:
        return {}, {}
    with tenancy.visiting(found.community_id):
        hits: Any = db.session.execute(
            sa.select(NoticeLine.id, NoticeLine.corrects_line_id, PublicNotice.id, PublicNotice.year,
                      PublicNotice.number, NoticeLine.position)
            .join(PublicNotice, PublicNotice.id == NoticeLine.notice_id)
            .where(NoticeLine.community_id == found.community_id, PublicNotice.state.in_(SHOWN),
                   sa.or_(NoticeLine.id.in_(earlier), NoticeLine.corrects_line_id.in_(ids)))
            .order_by(NoticeLine.id)).all()
    places = {line_id: Reference(*rest) for line_id, _old, *rest in hits}
    corrects = {row.id: places[row.corrects_line_id] for row in rows if row.corrects_line_id in places}
    return corrects, {old: places[line_id] for line_id, old, *_rest in hits if old in ids}


def line(community_id: int | None, line_id: int) -> NoticeLine:
    """One line of this community. Raises NotFound."""
    return get_scoped(NoticeLine, line_id, community_id)


def lines_by_id(community_id: int, ids: Collection[int]) -> dict[int, NoticeLine]:
    """Lines by id, in one statement."""
    if not ids:
        return {}
    return {row.id: row for row in db.session.scalars(scoped(NoticeLine, community_id).where(NoticeLine.id.in_(ids)))}


def keys_in_state(community_id: int, notice_id: int, *states: LineState) -> set[str]:
    """The source keys of a notice's lines in these states, read anew."""
    return set(db.session.scalars(sa.select(NoticeLine.source_key).where(
        NoticeLine.community_id == community_id, NoticeLine.notice_id == notice_id, NoticeLine.state.in_(states))))


def frozen_source_keys(community_id: int, notice_id: int) -> set[str]:
    """The source keys that an open objection holds back."""
    return keys_in_state(community_id, notice_id, LineState.FROZEN)


def due(now: dt.datetime) -> list[tuple[int, int]]:
    """(community id, notice id) of every notice whose hour has come, in all communities."""
    rows = db.session.execute(sa.select(PublicNotice.community_id, PublicNotice.id).where(
        PublicNotice.state == NoticeState.PUBLISHED, PublicNotice.closes_at <= now).order_by(PublicNotice.id))
    return [(community_id, notice_id) for community_id, notice_id in rows]


def notices_by_id(community_id: int, ids: Collection[int]) -> dict[int, PublicNotice]:
    """Notices by id, in one statement."""
    if not ids:
        return {}
    return {n.id: n for n in db.session.scalars(scoped(PublicNotice, community_id).where(PublicNotice.id.in_(ids)))}


def communities_of(notices: Sequence[PublicNotice]) -> dict[int, str]:
    """The names of the communities that these notices belong to."""
    ids = {n.community_id for n in notices}
    rows: Any = db.session.execute(sa.select(Area.id, Area.name).where(Area.id.in_(ids))) if ids else []
    return {row.id: row.name for row in rows}


# ── Objections ──────────────────────────────────────────────────────────────────────────────────────────────────


def objection(community_id: int | None, objection_id: int) -> Objection:
    """One objection of this community. Raises NotFound."""
    return get_scoped(Objection, objection_id, community_id)


def open_objections(community_id: int) -> Sequence[Objection]:
    """What waits for an answer, the earliest due first."""
    return db.session.scalars(scoped(Objection, community_id).where(Objection.state == ObjectionState.OPEN)
                              .order_by(Objection.answer_due_on, Objection.id).limit(100)).all()


def count_open(community_id: int) -> int:
    """How many objections wait for an answer."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Objection).where(
        Objection.community_id == community_id, Objection.state == ObjectionState.OPEN)) or 0


def objections(community_id: int, *, is_open_only: bool = False, cursor: str | None = None,
               limit: int | None = None) -> Page[Objection]:
    """All objections, newest first."""
    query = scoped(Objection, community_id)
    if is_open_only:
        query = query.where(Objection.state == ObjectionState.OPEN)
    return page(query, Objection.id, cursor=cursor, limit=limit)


def objections_of(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Objection]:
    """What the resident acted for objected to, and what the actor entered for others, newest first."""
    query = scoped(Objection, actor.community_id).where(sa.or_(
        Objection.resident_id == (actor.resident_id or 0),
        sa.and_(Objection.on_paper, Objection.entered_by_id == (actor.user_id or 0))))
    return page(query, Objection.id, cursor=cursor, limit=limit)


def letter(actor: Actor, objection_id: int) -> Objection:
    """An answered objection, for its objector, whoever entered it and the desk. Raises NotFound, NoAnswerYet."""
    found = get_scoped(Objection, objection_id, actor.community_id)
    if not policy.may_read_answer(actor, found):
        raise NotFound
    if found.state is ObjectionState.OPEN:
        raise NoAnswerYet
    return found


def open_on_line(community_id: int | None, line_id: int, *, but: int = 0) -> list[Objection]:
    """The open objections to a line, locked in the order of their ids."""
    query: Any = scoped(Objection, community_id).where(
        Objection.line_id == line_id, Objection.state == ObjectionState.OPEN, Objection.id != but)
    return list(db.session.scalars(query.order_by(Objection.id).with_for_update(key_share=True)
                                   .execution_options(populate_existing=True)))
