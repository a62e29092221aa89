"""Rounds: one's own, those of a team or community, one of them whole; what waits for a second person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from pointsbank.cases.models import Case, CaseEvent, CaseState, Category, Outcome
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page, page
from pointsbank.media import queries as pictures
from pointsbank.media.models import Photo
from pointsbank.patrols import policy
from pointsbank.patrols.models import (
    COMING,
    WALKABLE,
    Finding,
    FindingState,
    Patrol,
    PatrolEvent,
    PatrolObserver,
    PatrolRoute,
    PatrolState,
    PatrolSwap,
    SecondLook,
    Stop,
    StopResult,
    SwapState,
)
from pointsbank.patrols.queries.routes import observer_names
from pointsbank.patrols.services.findings import LOOK_DAYS
from pointsbank.patrols.times import LATE_DAYS
from pointsbank.people import queries as people
from pointsbank.people.models import Resident, TeamMember
from pointsbank.places.models import Place


@dataclass(frozen=True)
class Row:
    """A round in a list. ``observers`` are (id, name); ``done`` of ``stops`` checkpoints have been noted."""

    patrol: Patrol
    route: PatrolRoute
    observers: Sequence[tuple[int, str]]
    stops: int
    done: int
    findings: int


def _rows(community_id: int | None, patrols: Sequence[Patrol]) -> list[Row]:
    """Many rounds in the same four statements."""
    if not patrols:
        return []
    ids = [patrol.id for patrol in patrols]
    routes = {r.id: r for r in db.session.scalars(scoped(PatrolRoute, community_id).where(
        PatrolRoute.id.in_({patrol.route_id for patrol in patrols})))}
    noted = sa.case((Stop.result.in_([StopResult.OK, StopResult.FINDING]), 1), else_=0)
    stops = {key: (number, done) for key, number, done in db.session.execute(
        sa.select(Stop.patrol_id, sa.func.count(), sa.func.sum(noted)).where(
            Stop.community_id == community_id, Stop.patrol_id.in_(ids)).group_by(Stop.patrol_id))}
    counted = db.session.execute(sa.select(Finding.patrol_id, sa.func.count()).where(
        Finding.community_id == community_id, Finding.patrol_id.in_(ids)).group_by(Finding.patrol_id))
    found = dict(counted.all())
    names = observer_names(community_id, ids)
    return [Row(p, routes[p.route_id], names.get(p.id, []), *stops.get(p.id, (0, 0)), found.get(p.id, 0))
            for p in patrols]


def _mine(actor: Actor) -> sa.Select[Patrol]:
    return scoped(Patrol, actor.community_id).where(Patrol.id.in_(
        sa.select(PatrolObserver.patrol_id).where(PatrolObserver.community_id == actor.community_id,
                                                  PatrolObserver.resident_id == actor.resident_id)))


def coming(actor: Actor) -> list[Row]:
    """One's next rounds, the nearest first; those that came back, or can still be sent, before them."""
    today = clock.today()
    rows = db.session.scalars(_mine(actor).where(sa.or_(
        sa.and_(Patrol.state.in_(COMING), Patrol.on >= today - dt.timedelta(days=LATE_DAYS)),
        Patrol.state == PatrolState.SENT_BACK,
        sa.and_(Patrol.state == PatrolState.MISSED, Patrol.on >= today - dt.timedelta(days=LATE_DAYS))))
        .order_by(Patrol.starts_at, Patrol.id).limit(30)).all()
    return _rows(actor.community_id, rows)


def past(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Row]:
    """One's rounds that are over or wait to be accepted, newest first."""
    found = page(_mine(actor).where(Patrol.state.in_([PatrolState.SUBMITTED, PatrolState.ACCEPTED])), Patrol.id,
                 cursor=cursor, limit=limit)
    return Page(_rows(actor.community_id, found.items), found.next)


def listed(actor: Actor, *, state: PatrolState | None = None, waiting: bool = False, route_id: int | None = None,
           cursor: str | None = None, limit: int | None = None) -> Page[Row]:
    """Rounds for the desk (a leader: of the own teams), newest first; ``waiting``: those to be accepted."""
    query = scoped(Patrol, actor.community_id)
    if not policy.sees_all(actor):
        query = query.where(Patrol.team_id.in_(policy.led_teams(actor)))
    if waiting:
        query = query.where(Patrol.state == PatrolState.SUBMITTED)
    if state is not None:
        query = query.where(Patrol.state == state)
    if route_id is not None:
        query = query.where(Patrol.route_id == route_id)
    if not waiting and state is None:
        query = query.where(Patrol.on <= clock.today())
    found = page(query, Patrol.id, cursor=cursor, limit=limit)
    return Page(_rows(actor.community_id, found.items), found.next)


# ── One round ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class StopView:
    """A checkpoint of a round with its place, findings and photos."""

    stop: Stop
    place: Place
    findings: Sequence[Finding] = ()
    photos: Sequence[Photo] = ()


@dataclass(frozen=True)
class Whole:
    """A round as who walks, keeps or decides about it sees it."""

    patrol: Patrol
    route: PatrolRoute
    observers: Sequence[tuple[int, str]]
    stops: Sequence[StopView]
    events: Sequence[PatrolEvent]
    swaps: Sequence[PatrolSwap] = ()
    photos: dict[str, list[Photo]] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Checkpoints at which somebody was."""
        return sum(view.stop.result in (StopResult.OK, StopResult.FINDING) for view in self.stops)


def whole(actor: Actor, patrol_id: int) -> Whole:
    """One round with its rows, findings, photos and steps; eight statements. Raises NotFound, also for who may not see
    it: members of the team see that of their team."""
    patrol = get_scoped(Patrol, patrol_id, actor.community_id)
    observers = observer_names(actor.community_id, [patrol.id]).get(patrol.id, [])
    member = actor.resident_id is not None and people.is_team_member(patrol.team_id, actor.resident_id, clock.today())
    if not (member or policy.may_see(actor, patrol.team_id, {i for i, _n in observers})):
        raise NotFound
    community_id = patrol.community_id
    rows = db.session.execute(sa.select(Stop, Place).join(Place, Place.id == Stop.place_id).where(
        Stop.community_id == community_id, Stop.patrol_id == patrol.id).order_by(Stop.position)).all()
    findings = db.session.scalars(scoped(Finding, community_id).where(
        Finding.patrol_id == patrol.id).order_by(Finding.id)).all()
    keys = [*(stop.key for stop, _place in rows), *(f.key for f in findings)]
    photos = pictures.photos_of(community_id, keys)
    return Whole(
        patrol, get_scoped(PatrolRoute, patrol.route_id, community_id), observers,
        [StopView(stop, place, [f for f in findings if f.stop_id == stop.id], photos[stop.key])
         for stop, place in rows],
        db.session.scalars(scoped(PatrolEvent, community_id).where(PatrolEvent.patrol_id == patrol.id)
                           .order_by(PatrolEvent.id)).all(),
        db.session.scalars(scoped(PatrolSwap, community_id).where(PatrolSwap.patrol_id == patrol.id)
                           .order_by(PatrolSwap.id)).all(), photos)


def walked_by(actor: Actor, patrol_id: int) -> Whole:
    """One's own round. Raises NotFound for everybody else's."""
    view = whole(actor, patrol_id)
    if actor.resident_id not in {i for i, _name in view.observers}:
        raise NotFound
    return view


def stop_at(actor: Actor, place_id: int) -> Stop | None:
    """The checkpoint at this place of one's round that can be walked today; None where there is none."""
    return db.session.scalars(
        scoped(Stop, actor.community_id).join(Patrol, Patrol.id == Stop.patrol_id)
        .join(PatrolObserver, PatrolObserver.patrol_id == Patrol.id).where(
            Stop.place_id == place_id, PatrolObserver.resident_id == actor.resident_id,
            Patrol.state.in_(WALKABLE), Patrol.on == clock.today())
        .order_by(Patrol.starts_at).limit(1)).one_or_none()


# ── What waits for another observer ─────────────────────────────────────────────────────────────────────────────


def _teams(actor: Actor) -> sa.Select[int]:
    today = clock.today()
    return sa.select(TeamMember.team_id).where(
        TeamMember.resident_id == actor.resident_id, TeamMember.since_on <= today,
        sa.or_(TeamMember.until_on.is_(None), TeamMember.until_on > today))


@dataclass(frozen=True)
class Offer:
    """A swap that the actor could take, or asked for."""

    swap: PatrolSwap
    row: Row
    name: str
    own: bool


def swaps(actor: Actor) -> list[Offer]:
    """Open requests of one's teams for rounds to come, the nearest first."""
    rows = db.session.execute(
        sa.select(PatrolSwap, Patrol, Resident.name).join(Patrol, Patrol.id == PatrolSwap.patrol_id)
        .join(Resident, Resident.id == PatrolSwap.asked_by_id).where(
            PatrolSwap.community_id == actor.community_id, PatrolSwap.state == SwapState.ASKED,
            Patrol.state == PatrolState.ASSIGNED, Patrol.starts_at > clock.now(), Patrol.team_id.in_(_teams(actor)))
        .order_by(Patrol.starts_at, PatrolSwap.id).limit(30)).all()
    known = {r.patrol.id: r for r in _rows(actor.community_id, list({p.id: p for _s, p, _n in rows}.values()))}
    return [Offer(swap, known[patrol.id], name, swap.asked_by_id == actor.resident_id)
            for swap, patrol, name in rows]


@dataclass(frozen=True)
class ToLook:
    """A finding at which somebody else should look: put right on the spot, or its case is closed."""

    finding: Finding
    place: str
    kind: str
    on: dt.date
    closed_at: dt.datetime | None
    case_id: int | None


def to_look(actor: Actor, *, on_the_spot: bool, cursor: str | None = None,
            limit: int | None = None) -> Page[ToLook]:
    """Findings of one's teams, of rounds that one did not walk, that wait for a second look; newest first.

    ``on_the_spot``: those put right there and then; else those whose case was closed in the last thirty days, at which
    nobody has looked since and in which one took no step, one for each case.
    """
    walked = sa.select(PatrolObserver.patrol_id).where(PatrolObserver.community_id == actor.community_id,
                                                       PatrolObserver.resident_id == actor.resident_id)
    teams = sa.select(Patrol.id).where(Patrol.community_id == actor.community_id, Patrol.team_id.in_(_teams(actor)))
    query = scoped(Finding, actor.community_id).where(
        Finding.patrol_id.in_(teams), Finding.patrol_id.not_in(walked), Finding.by_user_id != (actor.user_id or 0))
    if on_the_spot:
        query = query.where(Finding.state == FindingState.TO_CONFIRM)
    else:
        looked = sa.exists().where(SecondLook.case_id == Case.id, SecondLook.round == Case.round)
        part = sa.exists().where(CaseEvent.case_id == Case.id, CaseEvent.by_user_id == actor.user_id)
        latest = sa.select(sa.func.max(Finding.id)).where(
            Finding.community_id == actor.community_id, Finding.case_id.is_not(None)).group_by(Finding.case_id)
        query = query.where(Finding.id.in_(latest), Finding.case_id.in_(sa.select(Case.id).where(
            Case.community_id == actor.community_id, Case.state == CaseState.CLOSED,
            Case.closed_at >= clock.now() - LOOK_DAYS, Case.outcome != Outcome.FALSE, ~looked, ~part)))
    found = page(query, Finding.id, cursor=cursor, limit=limit)
    return Page(_looks(actor.community_id, found.items), found.next)


def _looks(community_id: int | None, findings: Sequence[Finding]) -> list[ToLook]:
    if not findings:
        return []
    rows = db.session.execute(
        sa.select(Finding.id, Place.name, Category.name, Patrol.on, Case.closed_at)
        .join(Stop, Stop.id == Finding.stop_id).join(Place, Place.id == Stop.place_id)
        .join(Patrol, Patrol.id == Finding.patrol_id).join(Category, Category.id == Finding.category_id)
        .outerjoin(Case, Case.id == Finding.case_id)
        .where(Finding.community_id == community_id, Finding.id.in_([f.id for f in findings])))
    known = {row[0]: row[1:] for row in rows}
    return [ToLook(f, *known[f.id], f.case_id) for f in findings]
