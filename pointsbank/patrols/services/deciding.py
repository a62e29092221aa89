"""The second person: accepts a round, sends it back, or calls it off; the clock says which were missed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, scoped
from pointsbank.core.i18n import N_
from pointsbank.patrols import policy
from pointsbank.patrols.errors import BadAbsent, NotAllowed, OutOfTurn, ReasonMissing
from pointsbank.patrols.models import COMING, Patrol, PatrolObserver, PatrolState
from pointsbank.patrols.services import earning
from pointsbank.patrols.services.steps import (
    leaders_at_home,
    locked,
    move,
    observers_of,
    refuse_near,
    tell_about,
    words,
)

GRACE = dt.timedelta(hours=2)


def accept(actor: Actor, patrol_id: int, text: str = "", absent: Sequence[int] = ()) -> Patrol:
    """The round counts, and who walked it gets a deed. By somebody who had no part in it and is not family.

    ``absent``: residents on its list who were not there; at least one was. Raises NotFound, NotAllowed, NotIndependent,
    OutOfTurn, BadAbsent.
    """
    patrol = _locked(actor, patrol_id, PatrolState.SUBMITTED)
    if absent:
        _take_off(actor, patrol, set(absent))
    _decide(actor, patrol, PatrolState.ACCEPTED, text.strip()[:300])
    earning.earn_round(actor, patrol)
    tell_about(patrol, observers_of(patrol), N_("Your round “%(what)s” of %(day)s is accepted. Thank you."))
    return patrol


def _take_off(actor: Actor, patrol: Patrol, absent: set[int]) -> None:
    if not absent < set(observers_of(patrol)):
        raise BadAbsent(fields={"absent": BadAbsent.message})
    db.session.execute(sa.delete(PatrolObserver).where(
        PatrolObserver.community_id == patrol.community_id, PatrolObserver.patrol_id == patrol.id,
        PatrolObserver.resident_id.in_(absent)))
    move(actor, patrol, "absent")
    tell_about(patrol, sorted(absent), N_("Whoever accepted the round “%(what)s” of %(day)s says that you were not on "
                                          "it. If you were, tell the leader."), path="/patrols")


def send_back(actor: Actor, patrol_id: int, reason: str) -> Patrol:
    """Something is missing: the observers put it right and hand it in again. Raises as accepting, ReasonMissing."""
    said = words(reason, 4, 300, "reason", ReasonMissing)
    patrol = _locked(actor, patrol_id, PatrolState.SUBMITTED)
    _decide(actor, patrol, PatrolState.SENT_BACK, said)
    tell_about(patrol, observers_of(patrol), N_("Your round “%(what)s” of %(day)s came back: %(why)s"), {"why": said})
    return patrol


def void(actor: Actor, patrol_id: int, reason: str) -> Patrol:
    """Call a round off, whatever state it is in but accepted; findings stay. One that is handed in needs somebody
    independent. Raises as accepting, ReasonMissing."""
    said = words(reason, 4, 300, "reason", ReasonMissing)
    patrol = _locked(actor, patrol_id)
    _decide(actor, patrol, PatrolState.VOID, said)
    tell_about(patrol, observers_of(patrol), N_("The round “%(what)s” on %(day)s is called off."))
    return patrol


def _locked(actor: Actor, patrol_id: int, *states: PatrolState) -> Patrol:
    patrol = locked(actor, patrol_id)
    if not policy.may_decide(actor, patrol.team_id):
        raise NotAllowed
    if patrol.submitted_by_id is not None:
        refuse_near(actor, patrol, observers_of(patrol))
    if states and patrol.state not in states:
        raise OutOfTurn
    return patrol


def _decide(actor: Actor, patrol: Patrol, target: PatrolState, said: str) -> None:
    patrol.decided_by_id, patrol.decided_at, patrol.reason = actor.user_id, clock.now(), said
    move(actor, patrol, {PatrolState.ACCEPTED: "accept", PatrolState.SENT_BACK: "send_back"}.get(target, "void"),
         target, said)


def miss(community_id: int, patrol_id: int) -> int:
    """Its window is over and nothing came in: missed. 1 if it was, 0 where somebody was quicker."""
    actor = system(community_id)
    patrol = locked(actor, patrol_id)
    if patrol.state not in COMING or patrol.ends_at + GRACE > clock.now():
        return 0
    move(actor, patrol, "miss", PatrolState.MISSED)
    told = [*observers_of(patrol), *leaders_at_home(community_id, patrol.team_id)]
    tell_about(patrol, told, N_("Nothing came in of the round “%(what)s” of %(day)s. If it was walked, open it on the "
                                "phone that you had with you: it can still be sent for three days."))
    return 1


def due_misses(community_id: int, most: int) -> list[int]:
    """Rounds whose window ended two hours ago."""
    return list(db.session.scalars(scoped(Patrol, community_id).with_only_columns(Patrol.id).where(
        Patrol.state.in_(COMING), Patrol.ends_at <= clock.now() - GRACE).order_by(Patrol.id).limit(most)))


def remind(community_id: int, day: dt.date) -> int:
    """Tell the observers of the rounds of a day; how many rounds. The job runs once a day."""
    rows = db.session.scalars(scoped(Patrol, community_id).where(
        Patrol.on == day, Patrol.state == PatrolState.ASSIGNED).order_by(sa.asc(Patrol.id))).all()
    for patrol in rows:
        tell_about(patrol, observers_of(patrol), N_("Tomorrow, %(day)s: you walk the round “%(what)s”."))
    return len(rows)
