"""What all steps share: the row under its lock, the move written down, the people concerned told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from pointsbank.contributions.queries import facts_of
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import DomainError
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import tell
from pointsbank.patrols.errors import NotIndependent, OutOfTurn
from pointsbank.patrols.models import ALLOWED, Patrol, PatrolEvent, PatrolObserver, PatrolRoute, PatrolState
from pointsbank.people import queries as people


def locked(actor: Actor, patrol_id: int, *states: PatrolState) -> Patrol:
    """The round of this community under its lock. Raises NotFound, and OutOfTurn in another state."""
    patrol = get_scoped(Patrol, patrol_id, actor.community_id, lock=True)
    if states and patrol.state not in states:
        raise OutOfTurn
    return patrol


def observers_of(patrol: Patrol) -> list[int]:
    """The residents who walk the round."""
    return list(db.session.scalars(sa.select(PatrolObserver.resident_id).where(
        PatrolObserver.community_id == patrol.community_id, PatrolObserver.patrol_id == patrol.id)
        .order_by(PatrolObserver.resident_id)))


def move(actor: Actor, patrol: Patrol, verb: str, target: PatrolState | None = None, text: str = "") -> None:
    """Take one step of the table and write it down. Texts stay out of the audit: they may name people."""
    before = patrol.state
    if target is not None:
        if target not in ALLOWED[before]:
            raise OutOfTurn
        patrol.state = target
    db.session.flush()
    db.session.add(PatrolEvent(community_id=patrol.community_id, patrol_id=patrol.id, verb=verb, before=before,
                               after=patrol.state, by_user_id=actor.user_id, at=clock.now(), text=text))
    db.session.flush()
    audit.write(actor, f"patrols.{verb}", patrol.key, community_id=patrol.community_id)


def words(text: str, least: int, most: int, name: str, refusal: type[DomainError]) -> str:
    """The text without room at its ends. Raises the refusal for one that says nothing or too much."""
    clean = text.strip()
    if not least <= len(clean) <= most or not any(c.isalnum() for c in clean):
        raise refusal(fields={name: refusal.message})
    return clean


def refuse_near(actor: Actor, patrol: Patrol, observers: Iterable[int]) -> None:
    """Raises NotIndependent for who entered the round, walked it, or is family of somebody who walked it."""
    ids = list(observers)
    if actor.user_id is not None and actor.user_id == patrol.submitted_by_id:
        raise NotIndependent
    facts, homes = facts_of(actor.user_id), people.household_on(patrol.community_id, ids, patrol.on)
    for one in ids:
        home = homes.get(one)
        if one == actor.resident_id or facts.is_kin(one, home.id if home is not None else None, patrol.on):
            raise NotIndependent


def call_off(actor: Actor, community_id: int, *which: sa.ColumnElement[bool]) -> int:
    """Call off the rounds meant that nobody has begun and that are still to come; how many."""
    rows = db.session.scalars(scoped(Patrol, community_id).where(
        *which, Patrol.state.in_([PatrolState.PLANNED, PatrolState.ASSIGNED]), Patrol.starts_at > clock.now())
        .order_by(Patrol.id).with_for_update(key_share=True).execution_options(populate_existing=True)).all()
    for patrol in rows:
        patrol.decided_at, patrol.decided_by_id = clock.now(), actor.user_id
        move(actor, patrol, "void", PatrolState.VOID)
        tell_about(patrol, observers_of(patrol), N_("The round “%(what)s” on %(day)s is called off."))
    return len(rows)


def route_name(patrol: Patrol) -> str:
    """What the round is called: the name of its route."""
    return db.session.scalar(sa.select(PatrolRoute.name).where(PatrolRoute.id == patrol.route_id)) or ""


def tell_about(patrol: Patrol, residents: Iterable[int], text: str, params: dict[str, Any] | None = None, *,
               path: str = "") -> None:
    """Tell residents about a round, by its route and day. ``path``: where it leads whoever walks it no longer."""
    tell(patrol.community_id, residents, text,
         {"what": route_name(patrol), "day": {"day": patrol.on.isoformat()}, **(params or {})},
         path or f"/patrols/{patrol.id}/walk")


def leaders_at_home(community_id: int, team_id: int) -> list[int]:
    """The residents who are the leaders of a team, for their inbox."""
    users = [user.id for user in people.leaders_of([team_id]).get(team_id, [])]
    return [resident for community, resident in people.selves_of_users(users) if community == community_id]
