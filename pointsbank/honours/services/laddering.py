"""Writing a ladder and putting it in force: by a second person, from a day on, each version after the one before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, Invalid, NotFound, lazy
from pointsbank.core.formats import format_day
from pointsbank.honours import policy
from pointsbank.honours.drafts import LadderDraft, StepDraft, faults, of_ladder
from pointsbank.honours.errors import DayTaken, DraftExists, NotADraft, OwnDraft
from pointsbank.honours.models import HonourLadder, LadderState, LadderStep
from pointsbank.honours.queries.ladders import as_ladders
from pointsbank.rules.counters import lock_community

FURTHEST = dt.timedelta(days=400)


def start_ladder(actor: Actor, draft: LadderDraft | None = None, *, series: int | None = None) -> HonourLadder:
    """A new ladder from ``draft``, or the next version of the ladder ``series`` (a copy of its newest one).

    Raises Forbidden, Invalid, NotFound and :class:`DraftExists`.
    """
    community_id = _writer(actor)
    lock_community(community_id)
    known = db.session.scalars(scoped(HonourLadder, community_id)).all()
    source = None
    if draft is None:
        versions = [row for row in known if row.series == series]
        if any(row.is_draft for row in versions):
            raise DraftExists
        source = max(versions, key=lambda row: row.number, default=None)
        if source is None:
            raise NotFound
        draft = of_ladder(as_ladders([source])[source.id])
    else:
        _check(draft)
    row = HonourLadder(
        community_id=community_id, series=source.series if source else max((r.series for r in known), default=0) + 1,
        number=source.number + 1 if source else 1, state=LadderState.DRAFT, resolution="",
        copied_from_id=source.id if source else None, created_by=actor.user_id, created_at=clock.now(),
        editors=[actor.user_id] if actor.user_id else [], **_columns(draft))
    db.session.add(row)
    db.session.flush()
    _write_steps(row, draft.steps)
    audit.write(actor, "honours.start_ladder", f"ladder:{row.id}", copied_from=row.copied_from_id)
    return row


def change_ladder(actor: Actor, ladder_id: int, draft: LadderDraft) -> HonourLadder:
    """The whole draft anew. Raises Forbidden, Invalid, :class:`NotADraft`."""
    row = _draft(actor, ladder_id)
    _check(draft)
    for name, value in _columns(draft).items():
        setattr(row, name, value)
    db.session.flush()
    _delete_steps(row)
    _write_steps(row, draft.steps)
    audit.write(actor, "honours.change_ladder", f"ladder:{row.id}")
    return row


def discard_ladder(actor: Actor, ladder_id: int) -> None:
    """Throw a draft away."""
    row = _draft(actor, ladder_id)
    _delete_steps(row)
    db.session.delete(row)
    db.session.flush()
    audit.write(actor, "honours.discard_ladder", f"ladder:{ladder_id}")


def adopt_ladder(actor: Actor, ladder_id: int, in_force_on: dt.date, resolution: str) -> HonourLadder:
    """Put a draft in force from ``in_force_on`` (today at the earliest); the version before ends with the day before.

    Raises Forbidden, :class:`OwnDraft`, :class:`NotADraft`, Invalid, :class:`DayTaken`.
    """
    if not policy.may_adopt(actor) or actor.community_id is None:
        raise Forbidden
    lock_community(actor.community_id)
    row = get_scoped(HonourLadder, ladder_id, actor.community_id, lock=True)
    if not row.is_draft:
        raise NotADraft(number=row.number)
    if policy.wrote_in(actor, row):
        raise OwnDraft
    if not 4 <= len(resolution.strip()) <= 400:
        raise Invalid(fields={"resolution": lazy("Say which meeting decided it, and when: 4 to 400 characters.")})
    if not clock.today() <= in_force_on <= clock.today() + FURTHEST:
        raise Invalid(fields={"in_force_on": lazy("A day from today on, and not more than a year away.")})
    before = db.session.scalars(
        scoped(HonourLadder, row.community_id).where(
            HonourLadder.series == row.series, HonourLadder.state == LadderState.IN_FORCE)
        .with_for_update().execution_options(populate_existing=True)).one_or_none()
    if before is not None and before.in_force_on is not None:
        if before.in_force_on >= in_force_on:
            raise DayTaken(day=format_day(before.in_force_on))
        before.state, before.superseded_on = LadderState.SUPERSEDED, in_force_on
    row.state, row.in_force_on, row.resolution = LadderState.IN_FORCE, in_force_on, resolution.strip()
    row.adopted_by, row.adopted_at = actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, "honours.adopt_ladder", f"ladder:{row.id}", in_force_on=in_force_on.isoformat())
    return row


# ── Small steps ─────────────────────────────────────────────────────────────────────────────────────────────────


def _writer(actor: Actor) -> int:
    if actor.community_id is None or not policy.may_write(actor):
        raise Forbidden
    return actor.community_id


def _draft(actor: Actor, ladder_id: int) -> HonourLadder:
    """The draft under its lock, with the actor noted as one who wrote in it."""
    row = get_scoped(HonourLadder, ladder_id, _writer(actor), lock=True)
    if not row.is_draft:
        raise NotADraft(number=row.number)
    if actor.user_id is not None and actor.user_id not in row.editors:
        row.editors = [*row.editors, actor.user_id]
    return row


def _check(draft: LadderDraft) -> None:
    wrong = faults(draft)
    if wrong:
        raise Invalid(fields=wrong)


def _columns(draft: LadderDraft) -> dict[str, object]:
    return {"title": draft.title.strip(), "period": draft.period, "cycle_minutes": draft.cycle_minutes,
            "no_show_limit": draft.no_show_limit, "note": draft.note.strip()}


def _write_steps(row: HonourLadder, steps: Sequence[StepDraft]) -> None:
    db.session.execute(sa.insert(LadderStep), [
        {"community_id": row.community_id, "ladder_id": row.id, "level": level, "name": step.name.strip(),
         "minutes": step.minutes or None, "honour": step.honour or None} for level, step in enumerate(steps, 1)])


def _delete_steps(row: HonourLadder) -> None:
    db.session.execute(sa.delete(LadderStep).where(
        LadderStep.community_id == row.community_id, LadderStep.ladder_id == row.id))
