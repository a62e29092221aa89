"""The panel's sittings: opened with the deeds that wait, called off, and deeds taken off a list again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import settings
from pointsbank.contributions import policy
from pointsbank.contributions.errors import (
    ItemDecided,
    NothingForPanel,
    NotInTheChair,
    PanelTooSmall,
    ReasonMissing,
    SittingOver,
)
from pointsbank.contributions.models import (
    SITTING_ALLOWED,
    Contribution,
    DeedKind,
    Outcome,
    ReviewStep,
    Sitting,
    SittingItem,
    SittingMember,
    SittingState,
)
from pointsbank.contributions.panel import LEAST_VOTES
from pointsbank.contributions.queries import by_ids, on_open_list, sittings
from pointsbank.contributions.queries.sittings import Selection
from pointsbank.contributions.services.reviewing import MOST_AT_ONCE, note_steps, return_from_list
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Invalid, lazy
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import Message, tell_each
from pointsbank.people import queries as people
from pointsbank.people.roles import Role


@dataclass(frozen=True)
class Call:
    """What a sitting is opened with. Votes are asked for by ``due_on``."""

    title: str
    held_on: dt.date
    due_on: dt.date
    selection: Selection = field(default=Selection())


def open_sitting(actor: Actor, call: Call) -> Sitting:
    """Open a sitting with the deeds that wait: at most 500, the oldest first; what is on an open list is left out.

    Its members are those who hold a seat now; each is told. Raises NotInTheChair, Invalid, PanelTooSmall,
    NothingForPanel. Constant statements.
    """
    if not policy.may_chair(actor):
        raise NotInTheChair
    _check(actor, call)
    community_id = actor.community_id or 0
    seated = sorted({user.id for user in people.holders(community_id, Role.PANEL_MEMBER)})
    if len(seated) < LEAST_VOTES:
        raise PanelTooSmall
    deeds = _taken(community_id, call.selection)
    if not deeds:
        raise NothingForPanel
    chosen = call.selection
    sitting = Sitting(
        community_id=community_id, title=call.title.strip(), held_on=call.held_on, due_on=call.due_on,
        from_on=chosen.from_on, to_on=chosen.to_on, kind=DeedKind(chosen.kind) if chosen.kind else None,
        team_id=chosen.team_id, quorum=settings.of(community_id).panel_quorum, state=SittingState.OPEN,
        opened_by_id=actor.user_id or 0, opened_at=clock.now())
    db.session.add(sitting)
    db.session.flush()
    db.session.execute(sa.insert(SittingMember), [
        {"community_id": community_id, "sitting_id": sitting.id, "user_id": user_id} for user_id in seated])
    again = sittings.without_quorum(community_id, [c.id for c in deeds])
    db.session.execute(sa.insert(SittingItem), [
        {"community_id": community_id, "sitting_id": sitting.id, "contribution_id": c.id, "position": position,
         "carried_over": c.id in again, "outcome": Outcome.WAITING} for position, c in enumerate(deeds, 1)])
    note_steps(actor, deeds, ReviewStep.TO_PANEL, {c.id: sitting.title for c in deeds}, by_user_id=actor.user_id)
    audit.write(actor, "contributions.open_sitting", f"sitting:{sitting.id}", deeds=len(deeds), members=len(seated))
    tell_members(sitting, seated, N_("The panel votes: %(count)s deeds of “%(title)s” wait for your vote until "
                                     "%(day)s."), {"count": len(deeds)})
    return sitting


def _check(actor: Actor, call: Call) -> None:
    fields: dict[str, Any] = {}
    if not 0 < len(call.title.strip()) <= 80:
        fields["title"] = lazy("A name has 1 to 80 characters.")
    if call.held_on < clock.today():
        fields["held_on"] = lazy("This day has passed. Choose today or a later one.")
    if call.due_on < clock.today():
        fields["due_on"] = lazy("This day has passed. Choose today or a later one.")
    chosen = call.selection
    if chosen.from_on and chosen.to_on and chosen.from_on > chosen.to_on:
        fields["to_on"] = lazy("The period ends before it begins.")
    if chosen.kind and chosen.kind not in set(DeedKind):
        fields["kind"] = lazy("Choose what kind of deed it was.")
    if fields:
        raise Invalid(fields=fields)
    if chosen.team_id is not None:
        people.team(actor.community_id, chosen.team_id)


def _taken(community_id: int, chosen: Selection) -> list[Contribution]:
    """The deeds of the selection, locked. Only after the locks it is asked which are on another open list: one that
    was opened at the same moment is seen then."""
    found = db.session.scalars(
        sittings.candidates(community_id, chosen).where(~on_open_list()).limit(MOST_AT_ONCE)
        .with_for_update(key_share=True, of=Contribution).execution_options(populate_existing=True)).all()
    listed = sittings.open_lists(community_id, [c.id for c in found])
    return [c for c in found if c.id not in listed]


def tell_members(sitting: Sitting, user_ids: Iterable[int], text: str, params: dict[str, Any]) -> set[int]:
    """Tell members who are residents here; returns whom. Who has no inbox finds it on the desk."""
    inboxes = sittings.inboxes(sitting.community_id, list(user_ids))
    given = {**params, "title": sitting.title, "day": {"day": sitting.due_on.isoformat()}}
    tell_each(sitting.community_id, [
        Message(resident_id, text, given, f"/desk/sittings/{sitting.id}") for resident_id in sorted(inboxes.values())])
    return set(inboxes)


def remind(sitting_id: int, community_id: int) -> int:
    """Tell the members of an open sitting whose votes are missing, each once; returns how many."""
    sitting = get_scoped(Sitting, sitting_id, community_id, lock=True)
    if sitting.state is not SittingState.OPEN:
        return 0
    members = scoped(SittingMember, community_id).where(SittingMember.sitting_id == sitting.id,
                                                        SittingMember.reminded_at.is_(None))
    waiting = {m.user_id: m for m in db.session.scalars(members)}
    found = sittings.standing(sitting)
    late = [seat.user_id for seat in found.seats if seat.user_id in waiting and seat.in_office
            and found.missing(seat.user_id)]
    told = tell_members(sitting, late, N_("Your votes about “%(title)s” are still missing. Please cast them by "
                                          "%(day)s."), {})
    for user_id in told:
        waiting[user_id].reminded_at = clock.now()
    db.session.flush()
    return len(told)


def held(actor: Actor, sitting_id: int) -> Sitting:
    """An open sitting, locked, for somebody who may take the chair. Raises NotInTheChair, SittingOver."""
    if not policy.may_chair(actor):
        raise NotInTheChair
    return locked_open(actor, sitting_id)


def locked_open(actor: Actor, sitting_id: int) -> Sitting:
    """An open sitting, locked against votes and against being closed. Raises SittingOver."""
    sitting = get_scoped(Sitting, sitting_id, actor.community_id, lock=True)
    if sitting.state is not SittingState.OPEN:
        raise SittingOver
    return sitting


def cancel_sitting(actor: Actor, sitting_id: int, reason: str) -> Sitting:
    """Call a sitting off: its deeds wait for the next one. Raises NotInTheChair, SittingOver, ReasonMissing."""
    if len(reason.strip()) < 2:
        raise ReasonMissing(fields={"reason": lazy("Say why the sitting is called off.")})
    sitting = held(actor, sitting_id)
    waiting = waiting_ids(sitting)
    deeds = list(by_ids(sitting.community_id, waiting).values())
    now = clock.now()
    db.session.execute(sa.update(SittingItem).where(
        SittingItem.community_id == sitting.community_id, SittingItem.sitting_id == sitting.id,
        SittingItem.outcome == Outcome.WAITING).values(outcome=Outcome.DROPPED, decided_at=now))
    sitting.reason = reason.strip()[:300]
    end(actor, sitting, SittingState.CANCELLED)
    if deeds:
        note_steps(actor, deeds, ReviewStep.PUT_OFF, {c.id: sitting.reason for c in deeds}, by_user_id=actor.user_id)
    audit.write(actor, "contributions.cancel_sitting", f"sitting:{sitting.id}")
    return sitting


def waiting_ids(sitting: Sitting) -> Sequence[int]:
    """The deeds on the list that are still to be decided."""
    return db.session.scalars(sa.select(SittingItem.contribution_id).where(
        SittingItem.community_id == sitting.community_id, SittingItem.sitting_id == sitting.id,
        SittingItem.outcome == Outcome.WAITING)).all()


def end(actor: Actor, sitting: Sitting, state: SittingState) -> None:
    """Closed or called off, by whom and when. Call it after the items are decided: nothing is changed after that."""
    if state not in SITTING_ALLOWED[sitting.state]:
        raise SittingOver
    sitting.state, sitting.ended_by_id, sitting.ended_at = state, actor.user_id, clock.now()
    db.session.flush()


def return_item(actor: Actor, sitting_id: int, item_id: int, reason: str) -> SittingItem:
    """Send a deed back to its resident while the sitting is open: it drops off the list.

    Raises SittingOver, ItemDecided, and those of :func:`contributions.services.return_`.
    """
    locked_open(actor, sitting_id)
    item = sittings.item(actor.community_id, sitting_id, item_id)
    deed = by_ids(item.community_id, [item.contribution_id])[item.contribution_id]
    if item.outcome is not Outcome.WAITING:
        raise ItemDecided(what=deed.title)
    return_from_list(actor, item.contribution_id, reason)
    item.outcome, item.reason, item.decided_at = Outcome.RETURNED, reason.strip()[:500], clock.now()
    db.session.flush()
    return item
