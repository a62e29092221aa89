"""What runs by the clock: granting after a notice, proposing from figures, votes of observers, last year's sums."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from pointsbank.communities import queries as communities
from pointsbank.core import clock
from pointsbank.core import db as edge
from pointsbank.core.actor import system
from pointsbank.core.db import db
from pointsbank.core.errors import DomainError
from pointsbank.honours import services
from pointsbank.honours.models import BestMonth
from pointsbank.honours.services.electing import due_counts
from pointsbank.people.models import Team, TeamKind

log = logging.getLogger(__name__)
T = TypeVar("T")
OPENED_UNTIL = 7  # a month's vote is opened in the first week after it, or by hand


def _communities() -> list[int]:
    with edge.transaction():
        return [area.id for area in communities.all_communities()]


def _each(items: list[T], work: Callable[[T], int], what: str) -> dict[str, Any]:
    """Each item in a unit of work of its own; one that fails doesn't hold up the others."""
    done = failed = 0
    for item in items:
        try:
            done += edge.run(lambda one=item: work(one))  # type: ignore[misc]
        except DomainError as refusal:
            log.info("%s %s: %s", what, item, refusal.code)
        except Exception:
            log.exception("%s %s failed", what, item)
            failed += 1
    return {"done": done, "failed": failed}


def grant_due() -> dict[str, Any]:
    """Grant the honours whose notice is over. Run twice, or by five schedulers at once, it has one effect."""
    with edge.transaction():
        due = services.due_notices()
    return _each(due, lambda one: len(services.settle(*one)), "notice of honours")


def propose_due() -> dict[str, Any]:
    """Propose everybody who has newly reached a step, in every community."""
    return _each(_communities(), lambda c: len(services.propose(system(c), c).proposed), "honours of community")


def best_due() -> dict[str, Any]:
    """Open the votes of observers on the month that is over, and count those whose time is over."""
    today = clock.today()
    month = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    with edge.transaction():
        counts = due_counts(today)
        teams = [(row.community_id, row.id) for row in db.session.scalars(sa.select(Team).where(
            Team.kind == TeamKind.OBSERVERS, Team.closed_on.is_(None),
            ~sa.exists().where(BestMonth.team_id == Team.id, BestMonth.month == month)).order_by(Team.id))]
    counted = _each(counts, lambda one: bool(services.count(system(one[0]), one[1])), "vote")
    opened = {"done": 0, "failed": 0} if today.day > OPENED_UNTIL else _each(
        teams, lambda one: bool(services.open_month(system(one[0]), one[1], month)), "vote of team")
    return {"counted": counted["done"], "opened": opened["done"], "failed": counted["failed"] + opened["failed"]}


def close_years() -> dict[str, Any]:
    """Prepare the statement of last year, in every community; a person freezes it."""
    year = clock.today().year - 1
    return _each(_communities(), lambda c: bool(services.prepare_year(system(c), c, year)), "year of community")
