"""Routes with their checkpoints, and the week of the rota."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from pointsbank.cases.models import Category
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page, page
from pointsbank.patrols import policy
from pointsbank.patrols.fair import Load
from pointsbank.patrols.models import (
    Checkpoint,
    Patrol,
    PatrolObserver,
    PatrolRoute,
    PatrolState,
    PatrolSwap,
    Shift,
    SwapState,
)
from pointsbank.patrols.services import planning
from pointsbank.people import queries as people
from pointsbank.people.models import Resident, Team, TeamKind
from pointsbank.places.models import Place


def _of_teams(actor: Actor, column: sa.ColumnElement[int] | object) -> sa.ColumnElement[bool]:
    """All for the desk, for a leader those of the own teams."""
    return sa.true() if policy.sees_all(actor) else column.in_(policy.led_teams(actor))  # type: ignore[union-attr]


def teams_of(actor: Actor) -> list[Team]:
    """The open teams whose routes the actor keeps, those of observers first."""
    found = [t for t in people.teams(actor.community_id or 0) if policy.may_keep(actor, t.id)]
    return sorted(found, key=lambda t: t.kind is not TeamKind.OBSERVERS)


@dataclass(frozen=True)
class RouteRow:
    """A route in a list: how many checkpoints, how many lines of the rota."""

    route: PatrolRoute
    team: str
    checkpoints: int
    shifts: int


def routes(actor: Actor, *, closed: bool = False, cursor: str | None = None,
           limit: int | None = None) -> Page[RouteRow]:
    """The routes that the actor may look at, newest first."""
    query = scoped(PatrolRoute, actor.community_id).where(_of_teams(actor, PatrolRoute.team_id))
    query = query.where(PatrolRoute.closed_at.is_not(None) if closed else PatrolRoute.closed_at.is_(None))
    found = page(query, PatrolRoute.id, cursor=cursor, limit=limit)
    ids = [route.id for route in found.items]
    points = _counts(Checkpoint.route_id, ids, Checkpoint.closed_at.is_(None))
    lines = _counts(Shift.route_id, ids, Shift.until_on.is_(None))
    names = {t.id: t.name for t in people.teams(actor.community_id or 0, closed=True)} if ids else {}
    return Page([RouteRow(r, names.get(r.team_id, ""), points.get(r.id, 0), lines.get(r.id, 0)) for r in found.items],
                found.next)


def _counts(column: sa.orm.InstrumentedAttribute[int], ids: Sequence[int],
            which: sa.ColumnElement[bool]) -> dict[int, int]:
    if not ids:
        return {}
    return dict(db.session.execute(
        sa.select(column, sa.func.count()).where(column.in_(ids), which).group_by(column)).all())


def route(actor: Actor, route_id: int) -> PatrolRoute:
    """One route. Raises NotFound, also for who may not look at it."""
    found = get_scoped(PatrolRoute, route_id, actor.community_id)
    if not policy.may_see(actor, found.team_id):
        raise NotFound
    return found


def checkpoint(actor: Actor, checkpoint_id: int) -> tuple[PatrolRoute, Checkpoint, Place]:
    """One checkpoint with its route and place. Raises NotFound."""
    row = get_scoped(Checkpoint, checkpoint_id, actor.community_id)
    return route(actor, row.route_id), row, get_scoped(Place, row.place_id, actor.community_id)


def checkpoints(route_: PatrolRoute) -> list[tuple[Checkpoint, Place]]:
    """The checkpoints of a route with their places, in order; one statement."""
    rows = db.session.execute(
        sa.select(Checkpoint, Place).join(Place, Place.id == Checkpoint.place_id).where(
            Checkpoint.community_id == route_.community_id, Checkpoint.route_id == route_.id,
            Checkpoint.closed_at.is_(None)).order_by(Checkpoint.position, Checkpoint.id))
    return [(point, place) for point, place in rows]


def categories(community_id: int | None) -> list[Category]:
    """All kinds of problems, for their names; what can be chosen says ``routing.open_kinds``."""
    return list(db.session.scalars(scoped(Category, community_id).order_by(Category.id).limit(200)))


def shifts(actor: Actor) -> list[tuple[Shift, PatrolRoute]]:
    """The lines of the rota that are in force, by route and day."""
    rows = db.session.execute(
        sa.select(Shift, PatrolRoute).join(PatrolRoute, PatrolRoute.id == Shift.route_id).where(
            Shift.community_id == actor.community_id, Shift.until_on.is_(None),
            _of_teams(actor, PatrolRoute.team_id))
        .order_by(PatrolRoute.name, Shift.weekday, Shift.starts).limit(300))
    return [(shift, of) for shift, of in rows]


# ── A week ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class WeekRound:
    """A round in the week's view. ``names`` are whole: the week is for the team and its keepers."""

    patrol: Patrol
    route: str
    names: Sequence[str]
    asked: bool


@dataclass(frozen=True)
class Share:
    """How much somebody had to do: rounds of the last 90 days and those to come."""

    name: str
    load: Load


@dataclass(frozen=True)
class Week:
    """The rounds of a week by day, and how they are shared out; people by name, never by number of rounds."""

    monday: dt.date
    days: Sequence[tuple[dt.date, Sequence[WeekRound]]]
    shares: Sequence[Share] = field(default=())


def week(actor: Actor, monday: dt.date, team_id: int | None = None) -> Week:
    """The rounds of the week that begins on this Monday. Five statements however many rounds."""
    query = (sa.select(Patrol, PatrolRoute.name).join(PatrolRoute, PatrolRoute.id == Patrol.route_id).where(
        Patrol.community_id == actor.community_id, Patrol.on.between(monday, monday + dt.timedelta(days=6)),
        Patrol.state != PatrolState.VOID, _of_teams(actor, Patrol.team_id)))
    if team_id is not None:
        query = query.where(Patrol.team_id == team_id)
    rows = db.session.execute(query.order_by(Patrol.starts_at, Patrol.id).limit(500)).all()
    ids = [patrol.id for patrol, _name in rows]
    names = observer_names(actor.community_id, ids)
    asked = set(db.session.scalars(sa.select(PatrolSwap.patrol_id).where(
        PatrolSwap.community_id == actor.community_id, PatrolSwap.patrol_id.in_(ids),
        PatrolSwap.state == SwapState.ASKED)))
    by_day: dict[dt.date, list[WeekRound]] = {monday + dt.timedelta(days=n): [] for n in range(7)}
    for patrol, name in rows:
        by_day[patrol.on].append(WeekRound(patrol, name, [n for _i, n in names.get(patrol.id, [])],
                                           patrol.id in asked))
    return Week(monday, list(by_day.items()), shares(actor.community_id or 0, team_id) if team_id else ())


def shares(community_id: int, team_id: int) -> list[Share]:
    """How the rounds of a team are shared out, by name."""
    team = planning.members(community_id, team_id, clock.today())
    loads = planning.loads(community_id, list(team), clock.today())
    return [Share(name, loads[i]) for i, name in team.items()]


def observer_names(community_id: int | None, patrol_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """Who walks each of these rounds, (id, name), in one statement."""
    found: dict[int, list[tuple[int, str]]] = {}
    if patrol_ids:
        for patrol_id, resident_id, name in db.session.execute(
                sa.select(PatrolObserver.patrol_id, Resident.id, Resident.name)
                .join(Resident, Resident.id == PatrolObserver.resident_id)
                .where(PatrolObserver.community_id == community_id, PatrolObserver.patrol_id.in_(patrol_ids))
                .order_by(Resident.name, Resident.id)):
            found.setdefault(patrol_id, []).append((resident_id, name))
    return found


def monday_of(day: dt.date) -> dt.date:
    """The Monday of its week."""
    return day - dt.timedelta(days=day.weekday())
