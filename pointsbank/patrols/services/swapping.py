"""Somebody can't come: asks the team, another member takes the round over, the leader sees it."""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.i18n import N_
from pointsbank.patrols.errors import AlreadyYours, BusyYourself, NotAnObserver, NotYourRound, OutOfTurn
from pointsbank.patrols.models import Patrol, PatrolObserver, PatrolState, PatrolSwap, SwapState
from pointsbank.patrols.services.planning import busy, members
from pointsbank.patrols.services.steps import leaders_at_home, locked, move, observers_of, tell_about


def _changeable(actor: Actor, patrol_id: int) -> Patrol:
    patrol = locked(actor, patrol_id, PatrolState.ASSIGNED)
    if patrol.starts_at <= clock.now():
        raise OutOfTurn
    return patrol


def ask_swap(actor: Actor, patrol_id: int, reason: str = "") -> PatrolSwap:
    """Ask the team to take one's round over; until it begins. Asked twice it is asked once.

    Raises NotFound, OutOfTurn, NotYourRound.
    """
    patrol = _changeable(actor, patrol_id)
    walking = observers_of(patrol)
    if actor.resident_id is None or actor.resident_id not in walking:
        raise NotYourRound
    known = db.session.scalars(scoped(PatrolSwap, patrol.community_id).where(
        PatrolSwap.patrol_id == patrol.id, PatrolSwap.asked_by_id == actor.resident_id,
        PatrolSwap.state == SwapState.ASKED)).one_or_none()
    if known is not None:
        return known
    swap = PatrolSwap(community_id=patrol.community_id, patrol_id=patrol.id, asked_by_id=actor.resident_id,
                      reason=reason.strip()[:200], state=SwapState.ASKED, asked_at=clock.now())
    db.session.add(swap)
    move(actor, patrol, "ask_swap")
    others = set(members(patrol.community_id, patrol.team_id, patrol.on)) - set(walking)
    heard = others | set(leaders_at_home(patrol.community_id, patrol.team_id)) - {actor.resident_id}
    tell_about(patrol, sorted(heard), N_("Somebody can’t walk the round “%(what)s” on %(day)s. Can you take it over?"))
    return swap


def take_swap(actor: Actor, swap_id: int) -> PatrolSwap:
    """Walk a round instead of who asked. Raises NotFound, OutOfTurn, NotAnObserver, AlreadyYours, BusyYourself."""
    swap, patrol = _open(actor, swap_id)
    if actor.resident_id is None or actor.resident_id not in members(patrol.community_id, patrol.team_id, patrol.on):
        raise NotAnObserver
    if actor.resident_id in observers_of(patrol):
        raise AlreadyYours
    if actor.resident_id in busy(patrol, [actor.resident_id]):
        raise BusyYourself
    db.session.execute(sa.delete(PatrolObserver).where(
        PatrolObserver.community_id == patrol.community_id, PatrolObserver.patrol_id == patrol.id,
        PatrolObserver.resident_id == swap.asked_by_id))
    db.session.add(PatrolObserver(patrol_id=patrol.id, resident_id=actor.resident_id,
                                  community_id=patrol.community_id, assigned_at=clock.now()))
    swap.state, swap.taken_by_id, swap.ended_at = SwapState.TAKEN, actor.resident_id, clock.now()
    move(actor, patrol, "swap")
    told = {swap.asked_by_id, *leaders_at_home(patrol.community_id, patrol.team_id)} - {actor.resident_id}
    tell_about(patrol, sorted(told), N_("The round “%(what)s” on %(day)s was taken over by somebody else of the team."))
    return swap


def withdraw_swap(actor: Actor, swap_id: int) -> PatrolSwap:
    """One can come after all. Raises NotFound, OutOfTurn, NotYourRound."""
    swap, patrol = _open(actor, swap_id)
    if actor.resident_id != swap.asked_by_id:
        raise NotYourRound
    swap.state, swap.ended_at = SwapState.WITHDRAWN, clock.now()
    move(actor, patrol, "withdraw_swap")
    return swap


def _open(actor: Actor, swap_id: int) -> tuple[PatrolSwap, Patrol]:
    """The round is locked first, and the request read again under its lock: two who take it at once take it once."""
    swap = get_scoped(PatrolSwap, swap_id, actor.community_id)
    patrol = _changeable(actor, swap.patrol_id)
    swap = get_scoped(PatrolSwap, swap_id, actor.community_id, lock=True)
    if swap.state is not SwapState.ASKED:
        raise OutOfTurn
    return swap, patrol
