"""What the clock does to cases: levels written down, suspensions ended, evaluations that never came, signals asked, a
second look drawn by lot."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from pointsbank.cases import services
from pointsbank.cases.errors import OutOfTurn
from pointsbank.cases.models import Case, CaseClock, CaseState, stands_in
from pointsbank.communities import queries as communities
from pointsbank.core import clock
from pointsbank.core.actor import system
from pointsbank.core.db import db, run, scoped, transaction
from pointsbank.core.errors import DomainError

MOST = 500
log = logging.getLogger(__name__)


def tick() -> dict[str, Any]:
    """Everything that is due, case by case, each in a unit of its own; what came meanwhile waits for the next run."""
    with transaction():
        ids = [area.id for area in communities.all_communities()]
    done = {"levels": 0, "resumed": 0, "unanswered": 0, "signals": 0}
    for community_id in ids:
        for case_id in _due(community_id, "resume"):
            done["resumed"] += _moved(community_id, case_id, "resume")
        for case_id in _due(community_id, "unanswered"):
            done["unanswered"] += _moved(community_id, case_id, "unanswered")
        for case_id in _due(community_id, "levels"):
            done["levels"] += run(_each(services.escalate, community_id, case_id))
        for case_id in _due(community_id, "watch"):
            done["signals"] += run(_each(services.watch, community_id, case_id))
    return done


def draw() -> dict[str, Any]:
    """Draw some of last month's closed cases for a second look, community by community."""
    month = clock.today().replace(day=1) - dt.timedelta(days=1)
    with transaction():
        ids = [area.id for area in communities.all_communities()]
    return {"drawn": sum(run(_each(services.draw_audits, community_id, month)) for community_id in ids)}


def _each(work: Callable[..., int], *given: Any) -> Callable[[], int]:
    return lambda: work(*given)


def _due(community_id: int, what: str) -> list[int]:
    now = clock.now()
    if what == "levels":
        query = sa.select(CaseClock.case_id).where(
            CaseClock.community_id == community_id, CaseClock.next_at <= now).distinct().order_by(CaseClock.case_id)
    elif what == "watch":
        query = scoped(Case, community_id).with_only_columns(Case.id).where(Case.to_watch).order_by(Case.id)
    elif what == "resume":
        query = scoped(Case, community_id).with_only_columns(Case.id).where(
            stands_in(CaseState.SUSPENDED), Case.suspended_until <= now).order_by(Case.id)
    else:
        query = scoped(Case, community_id).with_only_columns(Case.id).where(
            stands_in(CaseState.TO_EVALUATE), Case.evaluate_by <= now).order_by(Case.id)
    with transaction():
        return list(db.session.scalars(query.limit(MOST)))


def _moved(community_id: int, case_id: int, verb: str) -> int:
    """1 if it was moved; 0 where somebody was quicker, or where something else stands in the way: then it is written to
    the log and tried again, and no other case waits for it."""
    try:
        run(lambda: services.move(system(community_id), case_id, verb))
    except OutOfTurn:
        return 0
    except DomainError:
        log.exception("case %s of community %s: %s failed", case_id, community_id, verb)
        return 0
    return 1
