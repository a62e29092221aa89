"""Kinds of problems as services, cases as requests, their events as updates: only what may be public."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from pointsbank.cases.models import (
    Case,
    CaseClass,
    CaseClock,
    CaseEvent,
    CaseState,
    CaseVisibility,
    Category,
    ClockKind,
    Outcome,
    Report,
    Unit,
)
from pointsbank.cases.queries import BeforeAfter, public_photos
from pointsbank.core.actor import NOBODY
from pointsbank.core.db import db, scoped
from pointsbank.open311 import wording
from pointsbank.open311.asking import MOST, Wanted
from pointsbank.open311.errors import UnknownRequest, UnknownService
from pointsbank.open311.models import Open311Update
from pointsbank.open311.queries.doorway import Visitor
from pointsbank.places.models import Place

CLOSED = (CaseState.CLOSED, CaseState.DECLINED, CaseState.WITHDRAWN)
_CODE = re.compile(r"c([1-9][0-9]{0,8})")
_parent = aliased(Case)


# ── Services ────────────────────────────────────────────────────────────────────────────────────────────────────


def code_of(category_id: int) -> str:
    """The service code of a kind of problem: it stays, whatever the kind is called."""
    return f"c{category_id}"


def services(community_id: int) -> Sequence[Category]:
    """The kinds of problems that other platforms may send: all that are open but family matters, which go to people one
    knows."""
    return db.session.scalars(scoped(Category, community_id).where(
        Category.class_ != CaseClass.FAMILY, Category.closed_at.is_(None)).order_by(Category.id).limit(MOST)).all()


def service(community_id: int, code: str) -> Category:
    """One of them, or one that was closed meanwhile: its requests still name it. Raises UnknownService."""
    match = _CODE.fullmatch(code)
    found = db.session.scalars(scoped(Category, community_id).where(
        Category.id == int(match[1]), Category.class_ != CaseClass.FAMILY)).one_or_none() if match else None
    if found is None:
        raise UnknownService
    return found


# ── Requests ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Shown:
    """A case as everybody may see it; ``is_own`` for the platform that brought it, which gets its address back."""

    case: Case
    state: CaseState
    outcome: Outcome | None
    kind: Category
    unit: str
    place: str
    is_own: bool
    updated_at: Any
    due_at: Any
    photo_key: str


def _own(visitor: Visitor) -> sa.ColumnElement[bool]:
    """The platform brought the case itself."""
    if visitor.client is None:
        return sa.false()
    return sa.exists().where(Report.community_id == Case.community_id, Report.case_id == Case.id,
                             Report.sender_key == visitor.sender_key)


def _public() -> sa.ColumnElement[bool]:
    return sa.and_(Case.visibility == CaseVisibility.PUBLIC, Case.accepted_at.is_not(None))


def _rows(visitor: Visitor) -> sa.Select[Any]:
    """Accepted public cases, and the platform's own in any state. What was merged stands as what it follows."""
    state = sa.func.coalesce(_parent.state, Case.state)
    return sa.select(
        Case, sa.type_coerce(state, Case.state.type).label("state"),
        sa.type_coerce(sa.func.coalesce(_parent.outcome, Case.outcome), Case.outcome.type), Category, Unit.name,
        Place.name, _own(visitor).label("is_own"),
    ).join(Category, Category.id == Case.category_id).outerjoin(Unit, Unit.id == Case.unit_id).outerjoin(
        Place, Place.id == Case.place_id).outerjoin(_parent, _parent.id == Case.parent_id).where(
        Case.community_id == visitor.community.id, sa.or_(_public(), _own(visitor)))


def requests(visitor: Visitor, wanted: Wanted) -> list[Shown]:
    """Requests, newest first. At most six statements for any number."""
    query = _rows(visitor)
    if wanted.ids is not None:
        query = query.where(Case.id.in_(wanted.ids))
    if wanted.window is not None:
        query = query.where(Case.opened_at >= wanted.window.since, Case.opened_at < wanted.window.until)
    if wanted.codes is not None:
        ids = [int(match[1]) for match in map(_CODE.fullmatch, wanted.codes) if match]
        query = query.where(Case.category_id.in_(ids))
    if wanted.statuses is not None and len(set(wanted.statuses)) == 1:
        is_closed = sa.func.coalesce(_parent.state, Case.state).in_([state.value for state in CLOSED])
        query = query.where(is_closed if wanted.statuses[0] == "closed" else sa.not_(is_closed))
    query = query.order_by(Case.id.desc()).limit(wanted.size).offset((wanted.page - 1) * wanted.size)
    return _shown(visitor.community.id, db.session.execute(query).all())


def request(visitor: Visitor, request_id: int) -> Shown:
    """One request. Raises UnknownRequest."""
    found = _shown(visitor.community.id, db.session.execute(_rows(visitor).where(Case.id == request_id)).all())
    if not found:
        raise UnknownRequest
    return found[0]


def _shown(community_id: int, rows: Sequence[Any]) -> list[Shown]:
    ids = [row[0].id for row in rows]
    updated = _latest(CaseEvent, CaseEvent.at, community_id, ids)
    due = _latest(CaseClock, CaseClock.due_at, community_id, ids, CaseClock.kind == ClockKind.RECTIFY)
    photos = public_photos(NOBODY, community_id, ids)
    return [Shown(case, state, outcome, kind, unit or "", place or "", bool(own), updated.get(case.id, case.opened_at),
                  due.get(case.id), _first(photos.get(case.id)))
            for case, state, outcome, kind, unit, place, own in rows]


def _latest(model: Any, column: Any, community_id: int, ids: list[int], *more: Any) -> dict[int, Any]:
    if not ids:
        return {}
    query = sa.select(model.case_id, sa.func.max(column, type_=column.type)).where(
        model.community_id == community_id, model.case_id.in_(ids), *more).group_by(model.case_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def _first(photos: BeforeAfter | None, *, after: bool = False) -> str:
    """The key of the first photo that everybody may see; ``after``: of those taken when it was put right."""
    shown = [] if photos is None else [*(() if after else photos.before), *photos.after]
    return shown[0].key if shown else ""


# ── Updates ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Told:
    """An event as everybody may read it."""

    event: CaseEvent
    status: str
    text: str
    photo_key: str


def updates(visitor: Visitor, wanted: Wanted) -> list[Told]:
    """What happened, oldest first; what the asking platform said itself is left out. At most four statements."""
    told = CaseEvent.verb.in_(list(wording.TOLD))
    seen = sa.and_(_public(), told)
    if visitor.client is not None:
        echo = sa.exists().where(Open311Update.event_id == CaseEvent.id, Open311Update.client_id == visitor.client.id)
        own = sa.and_(_own(visitor), CaseEvent.verb.in_([*wording.TOLD, *wording.TOLD_SENDER]))
        seen = sa.and_(sa.or_(seen, own), sa.not_(echo))
    query = sa.select(CaseEvent, Case).join(Case, Case.id == CaseEvent.case_id).where(
        CaseEvent.community_id == visitor.community.id, Case.community_id == visitor.community.id, seen)
    if wanted.ids is not None:
        query = query.where(Case.id.in_(wanted.ids))
    if wanted.window is not None:
        query = query.where(CaseEvent.at >= wanted.window.since, CaseEvent.at < wanted.window.until)
    rows = db.session.execute(query.order_by(CaseEvent.id).limit(wanted.size).offset(
        (wanted.page - 1) * wanted.size)).all()
    finished = {case.id for event, case in rows if event.verb in wording.ENDINGS}
    photos = public_photos(NOBODY, visitor.community.id, finished)
    return [Told(event, *wording.told(event, case),
                 _first(photos.get(case.id), after=True) if event.verb in wording.ENDINGS else "")
            for event, case in rows]
