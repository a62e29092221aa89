"""Reading ladders: the versions in force on a day, as plain values to be judged by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.honours.models import HonourLadder, LadderState, LadderStep
from pointsbank.honours.reaching import Ladder, Step


def rows(community_id: int) -> Sequence[HonourLadder]:
    """Every version of every ladder, by ladder, the newest version first."""
    return db.session.scalars(scoped(HonourLadder, community_id).order_by(
        HonourLadder.series, HonourLadder.number.desc())).all()


def as_ladders(found: Sequence[HonourLadder]) -> dict[int, Ladder]:
    """Versions of one community with their steps, by id; one statement."""
    if not found:
        return {}
    steps: dict[int, list[Step]] = {row.id: [] for row in found}
    for step in db.session.scalars(scoped(LadderStep, found[0].community_id).where(
            LadderStep.ladder_id.in_(steps)).order_by(LadderStep.ladder_id, LadderStep.level)):
        steps[step.ladder_id].append(Step(step.id, step.level, step.name, step.minutes, step.honour))
    return {row.id: Ladder(
        id=row.id, series=row.series, number=row.number, title=row.title, period=row.period,
        steps=tuple(steps[row.id]), cycle_minutes=row.cycle_minutes, no_show_limit=row.no_show_limit, note=row.note,
        resolution=row.resolution, in_force_on=row.in_force_on, superseded_on=row.superseded_on) for row in found}


def in_force(community_id: int, day: dt.date) -> list[Ladder]:
    """The ladders of a day, one version of each; two statements."""
    found = db.session.scalars(scoped(HonourLadder, community_id).where(
        HonourLadder.state != LadderState.DRAFT, HonourLadder.in_force_on <= day,
        sa.or_(HonourLadder.superseded_on.is_(None), HonourLadder.superseded_on > day))
        .order_by(HonourLadder.series)).all()
    return list(as_ladders(found).values())


def by_ids(community_id: int, ids: Collection[int]) -> dict[int, Ladder]:
    """Versions by id; two statements."""
    if not ids:
        return {}
    return as_ladders(db.session.scalars(scoped(HonourLadder, community_id).where(HonourLadder.id.in_(ids))).all())


def ladder(community_id: int | None, ladder_id: int) -> tuple[HonourLadder, Ladder]:
    """One version, draft or adopted. Raises NotFound."""
    row = get_scoped(HonourLadder, ladder_id, community_id)
    return row, as_ladders([row])[row.id]
