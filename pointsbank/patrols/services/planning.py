"""The rota and the rounds that come of it: a window of one day, a blank row for each checkpoint, people in turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.dialects import postgresql, sqlite

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.i18n import N_
from pointsbank.patrols import fair, policy
from pointsbank.patrols.errors import BadObservers, BadShift, Busy, NoCheckpoints, NotAllowed, OutOfTurn
from pointsbank.patrols.models import (
    COMING,
    Checkpoint,
    Patrol,
    PatrolEvent,
    PatrolObserver,
    PatrolRoute,
    PatrolSource,
    PatrolState,
    PatrolSwap,
    Shift,
    Stop,
    StopResult,
    SwapState,
)
from pointsbank.patrols.services.routing import open_checkpoints, open_route
from pointsbank.patrols.services.steps import call_off, locked, move, observers_of, tell_about
from pointsbank.people import queries as people
from pointsbank.people.models import Resident

AHEAD = 14  # days for which rounds are made of the rota
LOOKED_BACK = dt.timedelta(days=90)
SHORTEST = 15
_COUNTED = tuple(s for s in PatrolState if s not in (PatrolState.VOID, PatrolState.MISSED))


@dataclass(frozen=True)
class Window:
    """From and to in minutes of Shanghai's day, and how many walk."""

    starts: int
    ends: int
    wanted: int = 2

    def checked(self) -> Window:
        """Itself. Raises BadShift."""
        if not (self.starts >= 0 and self.starts + SHORTEST <= self.ends <= 24 * 60 and 1 <= self.wanted <= 6):
            raise BadShift(fields={"starts": BadShift.message})
        return self


def _instant(day: dt.date, minutes: int) -> dt.datetime:
    return clock.at_local(day) + dt.timedelta(minutes=minutes)


# ── The rota ────────────────────────────────────────────────────────────────────────────────────────────────────


def add_shift(actor: Actor, route_id: int, weekday: int, window: Window) -> Shift:
    """A line of the rota; its rounds of the coming two weeks are made at once. Raises as ``open_route``, BadShift,
    NoCheckpoints."""
    route = open_route(actor, route_id)
    window.checked()
    if not 0 <= weekday <= 6:
        raise BadShift(fields={"weekday": BadShift.message})
    _checkpoints(route)
    shift = Shift(community_id=route.community_id, route_id=route.id, weekday=weekday, starts=window.starts,
                  ends=window.ends, wanted=window.wanted, since_on=clock.today(), until_on=None)
    db.session.add(shift)
    db.session.flush()
    audit.write(actor, "patrols.add_shift", f"route:{route.id}", shift=shift.id)
    plan_ahead(actor, route.community_id)
    return shift


def end_shift(actor: Actor, shift_id: int) -> Shift:
    """The line goes; its rounds that have not begun are called off. Raises NotFound, NotAllowed, OutOfTurn."""
    shift = get_scoped(Shift, shift_id, actor.community_id)
    open_route(actor, shift.route_id)
    if shift.until_on is not None:
        raise OutOfTurn
    shift.until_on = clock.today()
    call_off(actor, shift.community_id, Patrol.shift_id == shift.id)
    audit.write(actor, "patrols.end_shift", f"route:{shift.route_id}", shift=shift.id)
    return shift


def plan_ahead(actor: Actor, community_id: int, days: int = AHEAD) -> int:
    """Make the rounds of the coming days from the rota of a community, and put people in turn; how many were made.

    Run twice, or by two at once, it makes each round once.
    """
    today, now = clock.today(), clock.now()
    rows = db.session.execute(
        sa.select(Shift, PatrolRoute).join(PatrolRoute, PatrolRoute.id == Shift.route_id).where(
            Shift.community_id == community_id, Shift.until_on.is_(None), PatrolRoute.closed_at.is_(None))
        .order_by(Shift.id)).all()
    known = {(shift_id, on) for shift_id, on in db.session.execute(sa.select(Patrol.shift_id, Patrol.on).where(
        Patrol.community_id == community_id, Patrol.on >= today, Patrol.shift_id.is_not(None)))} if rows else set()
    made = 0
    for offset in range(days):
        day = today + dt.timedelta(days=offset)
        for shift, route in rows:
            due = shift.weekday == day.weekday() and (shift.id, day) not in known
            if due and _instant(day, shift.ends) > now:
                made += _make(actor, route, day, Window(shift.starts, shift.ends, shift.wanted), shift) is not None
    return made


def plan_round(actor: Actor, route_id: int, day: dt.date, window: Window,
               observer_ids: Sequence[int] | None = None) -> Patrol:
    """One round beside the rota; without names people are put in turn.

    Raises as ``open_route``, BadShift, NoCheckpoints, BadObservers, Busy.
    """
    route = open_route(actor, route_id)
    window.checked()
    today = clock.today()
    if not today <= day <= today + dt.timedelta(days=60) or _instant(day, window.ends) <= clock.now():
        raise BadShift(fields={"day": BadShift.message})
    patrol = _make(actor, route, day, window, None, auto=observer_ids is None)
    if patrol is None:
        raise OutOfTurn
    if observer_ids is not None:
        assign(actor, patrol.id, observer_ids)
    return patrol


def _checkpoints(route: PatrolRoute) -> Sequence[Checkpoint]:
    found = open_checkpoints(route)
    if not found:
        raise NoCheckpoints
    return found


def _make(actor: Actor, route: PatrolRoute, day: dt.date, window: Window, shift: Shift | None, *,
          auto: bool = True) -> Patrol | None:
    """The round with its blank rows; None where somebody else has just made it, or the route has lost its places."""
    try:
        checkpoints = _checkpoints(route)
    except NoCheckpoints:
        if shift is None:
            raise
        return None
    module = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name]
    patrol_id = db.session.scalar(module.insert(Patrol).values(
        community_id=route.community_id, route_id=route.id, team_id=route.team_id,
        shift_id=shift.id if shift is not None else None, on=day, starts_at=_instant(day, window.starts),
        ends_at=_instant(day, window.ends), wanted=window.wanted, state=PatrolState.PLANNED,
        source=PatrolSource.PHONE, minutes=0, clock_off=False, arrived_late=False, reason="")
        .on_conflict_do_nothing(index_elements=["shift_id", "on"]).returning(Patrol.id))
    if patrol_id is None:
        return None
    patrol = get_scoped(Patrol, patrol_id, route.community_id)
    db.session.execute(sa.insert(Stop), [
        {"community_id": route.community_id, "patrol_id": patrol.id, "checkpoint_id": c.id, "place_id": c.place_id,
         "position": number, "checklist": c.checklist, "result": StopResult.BLANK, "checks": {}, "reason": "",
         "proof": "none"} for number, c in enumerate(checkpoints, 1)])
    db.session.add(PatrolEvent(community_id=patrol.community_id, patrol_id=patrol.id, verb="plan", before=None,
                               after=PatrolState.PLANNED, by_user_id=actor.user_id, at=clock.now(), text=""))
    db.session.flush()
    chosen = proposed(patrol) if auto else []
    if chosen:
        _put_on(actor, patrol, chosen)
    return patrol


# ── Who walks ───────────────────────────────────────────────────────────────────────────────────────────────────


def members(community_id: int, team_id: int, day: dt.date) -> dict[int, str]:
    """Who of a team can be put on a round of this day: grown-ups who live here, by id with their names."""
    return {m.resident_id: m.resident.name for m in people.team_members(community_id, team_id, day)
            if not m.resident.is_minor(day) and m.resident.left_on is None and m.resident.erased_at is None}


def loads(community_id: int, ids: Collection[int], day: dt.date) -> dict[int, fair.Load]:
    """The rounds of the last 90 days and of those to come for each of these residents, in one statement."""
    rows = db.session.execute(
        sa.select(PatrolObserver.resident_id, sa.func.count(), sa.func.max(Patrol.on))
        .join(Patrol, Patrol.id == PatrolObserver.patrol_id)
        .where(PatrolObserver.community_id == community_id, PatrolObserver.resident_id.in_(list(ids)),
               Patrol.on >= day - LOOKED_BACK, Patrol.state.in_(_COUNTED))
        .group_by(PatrolObserver.resident_id)).all()
    found = {resident_id: fair.Load(count, last) for resident_id, count, last in rows}
    return {one: found.get(one, fair.Load()) for one in ids}


def hold(community_id: int, among: Collection[int]) -> None:
    """Until the end nobody else gives a round to these residents: two rounds of one time have rows of their own."""
    db.session.execute(sa.select(Resident.id).where(
        Resident.community_id == community_id, Resident.id.in_(list(among))).order_by(Resident.id)
        .with_for_update(key_share=True))


def busy(patrol: Patrol, among: Collection[int]) -> set[int]:
    """Who of these residents, who are held from now on, walks another round at that time."""
    hold(patrol.community_id, among)
    return set(db.session.scalars(
        sa.select(PatrolObserver.resident_id).join(Patrol, Patrol.id == PatrolObserver.patrol_id).where(
            PatrolObserver.community_id == patrol.community_id, PatrolObserver.resident_id.in_(list(among)),
            Patrol.id != patrol.id, Patrol.state.in_(COMING),
            Patrol.starts_at < patrol.ends_at, Patrol.ends_at > patrol.starts_at)))


def proposed(patrol: Patrol) -> list[int]:
    """Whose turn it is: whoever of the team has done fewest, and is free at that time."""
    team = members(patrol.community_id, patrol.team_id, patrol.on)
    return fair.in_turn(loads(patrol.community_id, list(team), patrol.on), patrol.wanted, busy(patrol, team))


def assign(actor: Actor, patrol_id: int, resident_ids: Sequence[int]) -> Patrol:
    """Say who walks a round that nobody has begun. Raises NotFound, NotAllowed, OutOfTurn, BadObservers, Busy."""
    patrol = locked(actor, patrol_id)
    if not policy.may_keep(actor, patrol.team_id):
        raise NotAllowed
    if patrol.state not in (PatrolState.PLANNED, PatrolState.ASSIGNED):
        raise OutOfTurn
    wanted = list(dict.fromkeys(resident_ids))
    team = members(patrol.community_id, patrol.team_id, patrol.on)
    if not 1 <= len(wanted) <= 6 or not set(wanted) <= set(team):
        raise BadObservers(fields={"observers": BadObservers.message})
    taken = busy(patrol, wanted)
    if names := [team[one] for one in wanted if one in taken]:
        raise Busy(names=_(", ").join(names))
    _put_on(actor, patrol, wanted)
    return patrol


def _put_on(actor: Actor, patrol: Patrol, wanted: Sequence[int]) -> None:
    before = set(observers_of(patrol))
    gone, new = before - set(wanted), [one for one in wanted if one not in before]
    if gone:
        db.session.execute(sa.delete(PatrolObserver).where(
            PatrolObserver.community_id == patrol.community_id, PatrolObserver.patrol_id == patrol.id,
            PatrolObserver.resident_id.in_(gone)))
        # Nobody can take over what they no longer walk.
        db.session.execute(sa.update(PatrolSwap).where(
            PatrolSwap.community_id == patrol.community_id, PatrolSwap.patrol_id == patrol.id,
            PatrolSwap.asked_by_id.in_(gone), PatrolSwap.state == SwapState.ASKED)
            .values(state=SwapState.WITHDRAWN, ended_at=clock.now()))
    if new:
        db.session.execute(sa.insert(PatrolObserver), [
            {"community_id": patrol.community_id, "patrol_id": patrol.id, "resident_id": one,
             "assigned_at": clock.now()} for one in new])
    move(actor, patrol, "assign", PatrolState.ASSIGNED if patrol.state is PatrolState.PLANNED else None)
    tell_about(patrol, new, N_("You walk the round “%(what)s” on %(day)s, from %(from)s to %(until)s."), span(patrol))
    tell_about(patrol, gone, N_("You no longer walk the round “%(what)s” on %(day)s. Somebody else does."),
               path="/patrols")


def span(patrol: Patrol) -> dict[str, str]:
    """The window as wall-clock texts for a message."""
    begin, end = clock.local(patrol.starts_at), clock.local(patrol.ends_at)
    return {"from": f"{begin.hour}:{begin.minute:02d}", "until": f"{end.hour}:{end.minute:02d}"}
