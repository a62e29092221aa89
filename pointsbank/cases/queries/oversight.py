"""What is watched: cases late until they are closed out, signals, cases drawn for a second look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.cases import policy
from pointsbank.cases.models import Case, CaseAudit, CaseClock, CaseSignal, ClockKind, Escalation, Verdict, stands_in
from pointsbank.cases.moves import OPEN
from pointsbank.cases.queries.sights import Sight, sights
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page, page


@dataclass(frozen=True)
class Supervised:
    """A case on the supervision list. ``late``: how long past ``due_at`` on the wall, until now or until it was put
    right; ``level`` the highest percent told."""

    sight: Sight
    due_at: dt.datetime
    late: dt.timedelta
    level: int


def late_repairs() -> list[sa.ColumnElement[bool]]:
    """Clocks of open cases of this round past their span, whether or not more time was given afterwards."""
    told = sa.exists().where(Escalation.community_id == CaseClock.community_id, Escalation.clock_id == CaseClock.id,
                             Escalation.level >= 100)
    late = sa.or_(told, CaseClock.due_at < sa.func.coalesce(CaseClock.stopped_at, CaseClock.paused_at, clock.now()))
    return [CaseClock.kind == ClockKind.RECTIFY, CaseClock.round == Case.round, stands_in(*OPEN), late]


def supervised(actor: Actor, *, unit_id: int | None = None, cursor: str | None = None,
               limit: int | None = None) -> Page[Supervised]:
    """Open cases of this round that were not put right in time, until they are closed out; the longest running first.

    Staff see all of them, others what residents may see.
    """
    inside = policy.is_staff(actor)
    query = scoped(CaseClock, actor.community_id).join(Case, Case.id == CaseClock.case_id).where(
        *late_repairs())
    if not inside:
        query = query.where(Case.visibility != "staff", Case.accepted_at.is_not(None))
    if unit_id is not None:
        query = query.where(Case.unit_id == unit_id)
    found = page(query, CaseClock.id, cursor=cursor, limit=limit, descending=False)
    seen = _by_case(actor, {row.case_id for row in found.items}, inside)
    told = {row[0]: row[1] for row in db.session.execute(
        sa.select(Escalation.clock_id, sa.func.max(Escalation.level)).where(
            Escalation.community_id == actor.community_id,
            Escalation.clock_id.in_([row.id for row in found.items])).group_by(Escalation.clock_id))}
    now, none = clock.now(), dt.timedelta(0)
    return Page([Supervised(seen[row.case_id], row.due_at,
                            max((row.stopped_at or row.paused_at or now) - row.due_at, none), told.get(row.id, 0))
                 for row in found.items], found.next)


def _by_case(actor: Actor, case_ids: Collection[int], inside: bool) -> dict[int, Sight]:
    cases = db.session.scalars(scoped(Case, actor.community_id).where(Case.id.in_(case_ids))).all()
    return {sight.case.id: sight for sight in sights(actor, cases, inside)}


@dataclass(frozen=True)
class SignalRow:
    """A signal with the case that it is about."""

    signal: CaseSignal
    sight: Sight


def signals(actor: Actor, *, open_only: bool = True, cursor: str | None = None,
            limit: int | None = None) -> Page[SignalRow]:
    """Signals for the office, newest first. Raises NotFound for others."""
    if not actor.has_role(*policy.DISPATCHERS):
        raise NotFound
    query = scoped(CaseSignal, actor.community_id)
    if open_only:
        query = query.where(CaseSignal.settled_at.is_(None))
    found = page(query, CaseSignal.id, cursor=cursor, limit=limit)
    seen = _by_case(actor, {row.case_id for row in found.items}, True)
    return Page([SignalRow(row, seen[row.case_id]) for row in found.items], found.next)


@dataclass(frozen=True)
class AuditLine:
    """A case drawn for a second look."""

    audit: CaseAudit
    sight: Sight


def audits(actor: Actor, *, open_only: bool = True, cursor: str | None = None,
           limit: int | None = None) -> Page[AuditLine]:
    """Cases drawn for a second look, newest first: with ``open_only`` those nobody looked at, or where a second person
    has to agree. Raises NotFound for who doesn't inspect."""
    if not actor.has_role(*policy.INSPECTORS):
        raise NotFound
    query = scoped(CaseAudit, actor.community_id)
    if open_only:
        query = query.where(sa.or_(CaseAudit.verdict.is_(None), sa.and_(
            CaseAudit.verdict == Verdict.FALSE, CaseAudit.settled_at.is_(None))))
    found = page(query, CaseAudit.id, cursor=cursor, limit=limit)
    seen = _by_case(actor, {row.case_id for row in found.items}, True)
    return Page([AuditLine(row, seen[row.case_id]) for row in found.items], found.next)
