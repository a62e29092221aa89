"""Two deeds that are one act: a reviewer says so, and of items of one group only the highest counts for it."""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.contributions import policy, queries
from pointsbank.contributions.errors import ActHasOthers, AlreadyDecided, NotOpenAnyMore
from pointsbank.contributions.models import Contribution, ReviewStep, State
from pointsbank.contributions.queries.acts import COUNTED
from pointsbank.contributions.services.reviewing import lock, note_steps, refuse_listed
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import tell


def mark_same_act(actor: Actor, contribution_id: int, other_id: int | None) -> Contribution:
    """Say that a deed under review is the same act as another one of its resident; None: an act of its own again.

    The other may have been accepted already: then this one earns the difference, if it is higher. Once more it changes
    nothing. Raises NotFound, AlreadyDecided, NotOpenAnyMore, OnPanelList, ActHasOthers, and why the actor can't decide
    about this deed.
    """
    found = {deed.id: deed for deed in lock(actor.community_id, {contribution_id, other_id or contribution_id})}
    deed, other = found.get(contribution_id), found.get(other_id or 0)
    if deed is None:
        raise NotFound
    policy.check_review(actor, queries.facts_of(actor.user_id), deed)
    if deed.state in {State.APPROVED, State.REJECTED}:
        raise AlreadyDecided
    if deed.state is not State.SUBMITTED:
        raise NotOpenAnyMore
    refuse_listed([deed])
    if other_id is None:
        return _apart(actor, deed)
    if other is None or other.id == deed.id or other.resident_id != deed.resident_id or other.state not in COUNTED:
        raise NotFound
    if other.act == deed.act:
        return deed
    if _others_of(deed):
        raise ActHasOthers
    deed.act_key = other.act
    db.session.flush()
    note_steps(actor, [deed], ReviewStep.SAME_ACT, {deed.id: f"{other.done_on.isoformat()} {other.title}"},
               by_user_id=actor.user_id)
    tell(deed.community_id, [deed.resident_id],
         N_("“%(what)s” and “%(other)s” were taken as the same act. Of items that count once only the highest counts."),
         {"what": deed.title, "other": other.title}, f"/deeds/{deed.id}")
    return deed


def _apart(actor: Actor, deed: Contribution) -> Contribution:
    if deed.act_key is None:
        return deed
    deed.act_key = None
    db.session.flush()
    note_steps(actor, [deed], ReviewStep.OWN_ACT, {}, by_user_id=actor.user_id)
    tell(deed.community_id, [deed.resident_id], N_("“%(what)s” counts as an act of its own again."),
         {"what": deed.title}, f"/deeds/{deed.id}")
    return deed


def _others_of(deed: Contribution) -> bool:
    """Other deeds were marked as the same act as this one: they would be left behind."""
    return db.session.scalars(scoped(Contribution, deed.community_id).where(
        Contribution.act_key == deed.act, Contribution.id != deed.id, Contribution.state.in_(COUNTED),
        sa.true() if deed.act_key is None else sa.false()).limit(1)).first() is not None
