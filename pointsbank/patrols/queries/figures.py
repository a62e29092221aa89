"""A month in figures, for each route; the definitions stand in ``wording.DEFINITIONS``. Sums, never people."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.cases.models import Case, CaseState, Outcome
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.patrols import policy
from pointsbank.patrols.models import (
    Finding,
    FindingState,
    Patrol,
    PatrolObserver,
    PatrolRoute,
    PatrolState,
    SecondLook,
    Stop,
    StopResult,
)
from pointsbank.patrols.queries import proposals
from pointsbank.people.models import Team


@dataclass(frozen=True)
class Figures:
    """One route in one month; ``minutes`` summed over those who walked."""

    route_id: int
    route: str
    team_id: int
    team: str
    planned: int = 0
    accepted: int = 0
    missed: int = 0
    visited: int = 0
    findings: int = 0
    raised: int = 0
    fixed: int = 0
    looks: int = 0
    minutes: int = 0


SUMMED = ("planned", "accepted", "missed", "visited", "findings", "raised", "fixed", "looks", "minutes")


def _one(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def month(actor: Actor, first: dt.date, *, team_id: int | None = None) -> list[Figures]:
    """The figures of a month (``first`` is a day in it) for each route with a round in it, by team and name.

    ``team_id``: those of one team, for its members; who belongs to it is asked before. Five statements however many
    rounds.
    """
    first = first.replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    mine: sa.ColumnElement[bool] = sa.true()
    if team_id is not None:
        mine = Patrol.team_id == team_id
    elif not policy.sees_all(actor):
        mine = Patrol.team_id.in_(policy.led_teams(actor))
    which = (Patrol.community_id == actor.community_id, Patrol.on.between(first, last),
             Patrol.state != PatrolState.VOID, mine)
    rounds = db.session.execute(
        sa.select(PatrolRoute.id, PatrolRoute.name, Team.id, Team.name, sa.func.count(),
                  _one(Patrol.state == PatrolState.ACCEPTED), _one(Patrol.state == PatrolState.MISSED))
        .select_from(Patrol).join(PatrolRoute, PatrolRoute.id == Patrol.route_id)
        .join(Team, Team.id == Patrol.team_id).where(*which)
        .group_by(PatrolRoute.id, PatrolRoute.name, Team.id, Team.name).order_by(Team.name, PatrolRoute.name)).all()
    by_route = Patrol.route_id
    visited = _sums(sa.select(by_route, sa.func.count()).join(Stop, Stop.patrol_id == Patrol.id).where(
        *which, Stop.result.in_([StopResult.OK, StopResult.FINDING])))
    fixed = sa.or_(Finding.state == FindingState.CONFIRMED, sa.and_(
        Case.state == CaseState.CLOSED, Case.outcome == Outcome.FIXED))
    found = {row[0]: row[1:] for row in db.session.execute(
        sa.select(by_route, sa.func.count(), _one(Finding.case_id.is_not(None)), _one(fixed))
        .join(Finding, Finding.patrol_id == Patrol.id).outerjoin(Case, Case.id == Finding.case_id)
        .where(*which).group_by(by_route))}
    begin, end = clock.at_local(first), clock.at_local(last + dt.timedelta(days=1))
    looks = _sums(sa.select(by_route, sa.func.count()).join(Finding, Finding.patrol_id == Patrol.id)
                  .join(SecondLook, SecondLook.finding_id == Finding.id).where(
        Patrol.community_id == actor.community_id, mine, SecondLook.at >= begin, SecondLook.at < end))
    minutes = _sums(sa.select(by_route, sa.func.sum(Patrol.minutes))
                    .join(PatrolObserver, PatrolObserver.patrol_id == Patrol.id)
                    .where(*which, Patrol.state == PatrolState.ACCEPTED))
    return [Figures(route_id, name, team_id, team, planned, accepted, missed, visited.get(route_id, 0),
                    *found.get(route_id, (0, 0, 0)), looks.get(route_id, 0), minutes.get(route_id, 0))
            for route_id, name, team_id, team, planned, accepted, missed in rounds]


def _sums(query: sa.Select[int, int]) -> dict[int, int]:
    return dict(db.session.execute(query.group_by(Patrol.route_id)).all())


def total(rows: list[Figures]) -> Figures:
    """All of them together."""
    return Figures(0, "", 0, "", **{name: sum(getattr(row, name) for row in rows) for name in SUMMED})


def sent_proposals(actor: Actor, first: dt.date) -> tuple[int, int]:
    """(sent, adopted) in that month."""
    first = first.replace(day=1)
    return proposals.counts(actor.community_id or 0, first,
                            first.replace(day=calendar.monthrange(first.year, first.month)[1]))


def own_month(actor: Actor, first: dt.date) -> dict[str, int]:
    """What one did oneself in a month: accepted rounds, minutes, findings. For the own card, nobody else's."""
    first = first.replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    mine = sa.select(PatrolObserver.patrol_id).where(PatrolObserver.community_id == actor.community_id,
                                                     PatrolObserver.resident_id == actor.resident_id)
    rounds, minutes = db.session.execute(sa.select(sa.func.count(), sa.func.coalesce(
        sa.func.sum(Patrol.minutes), 0)).where(
            Patrol.community_id == actor.community_id, Patrol.on.between(first, last),
            Patrol.state == PatrolState.ACCEPTED, Patrol.id.in_(mine))).one()
    findings = db.session.scalar(sa.select(sa.func.count()).select_from(Finding).where(
        Finding.community_id == actor.community_id, Finding.resident_id == actor.resident_id,
        Finding.at >= clock.at_local(first), Finding.at < clock.at_local(last + dt.timedelta(days=1))))
    return {"rounds": rounds, "minutes": minutes, "findings": findings or 0}
