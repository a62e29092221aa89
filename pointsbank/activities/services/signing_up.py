"""Signing up and cancelling, never above capacity."""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.activities.errors import Cancelled, Full, NotPublished, SignUpOver
from pointsbank.activities.models import Activity, ActivityState, Occurrence, OccurrenceState, SignUp, SignUpState
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Forbidden, SignInRequired


def _row(actor: Actor, occurrence_id: int) -> tuple[Occurrence, Activity, SignUp | None]:
    """The occurrence under lock: two people who want the last place queue here, and the second sees the first."""
    if actor.user_id is None and not actor.is_system:
        raise SignInRequired
    if actor.resident_id is None:
        raise Forbidden
    occurrence = get_scoped(Occurrence, occurrence_id, actor.community_id, lock=True)
    activity = get_scoped(Activity, occurrence.activity_id, actor.community_id)
    if activity.state is ActivityState.CANCELLED:
        raise Cancelled
    if activity.state is not ActivityState.PUBLISHED:
        raise NotPublished
    if occurrence.state is OccurrenceState.CLOSED or clock.now() >= occurrence.ends_at:
        raise SignUpOver
    mine = db.session.scalars(sa.select(SignUp).where(
        SignUp.community_id == actor.community_id, SignUp.occurrence_id == occurrence.id,
        SignUp.resident_id == actor.resident_id)).one_or_none()
    return occurrence, activity, mine


def sign_up(actor: Actor, occurrence_id: int) -> SignUp:
    """The resident acted for will come; a second time changes nothing. Raises :class:`Full`."""
    occurrence, activity, mine = _row(actor, occurrence_id)
    if mine is not None and mine.state is SignUpState.SIGNED_UP:
        return mine
    if activity.capacity is not None:
        taken = db.session.scalar(sa.select(sa.func.count()).select_from(SignUp).where(
            SignUp.community_id == occurrence.community_id, SignUp.occurrence_id == occurrence.id,
            SignUp.state == SignUpState.SIGNED_UP))
        if (taken or 0) >= activity.capacity:
            raise Full(capacity=activity.capacity)
    if mine is None:
        mine = SignUp(community_id=occurrence.community_id, occurrence_id=occurrence.id, resident_id=actor.resident_id)
        db.session.add(mine)
    mine.state, mine.changed_at, mine.by_user_id = SignUpState.SIGNED_UP, clock.now(), actor.user_id
    db.session.flush()
    audit.write(actor, "activities.sign_up", f"occurrence:{occurrence.id}", resident=actor.resident_id)
    return mine


def cancel_sign_up(actor: Actor, occurrence_id: int) -> SignUp | None:
    """The resident acted for will not come; the place is free at once."""
    occurrence, _activity, mine = _row(actor, occurrence_id)
    if mine is None or mine.state is SignUpState.CANCELLED:
        return mine
    if clock.now() >= occurrence.starts_at:
        raise SignUpOver
    mine.state, mine.changed_at, mine.by_user_id = SignUpState.CANCELLED, clock.now(), actor.user_id
    db.session.flush()
    audit.write(actor, "activities.cancel_sign_up", f"occurrence:{occurrence.id}", resident=actor.resident_id)
    return mine
