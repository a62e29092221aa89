"""Votes of the panel: about single deeds, about the rest of a list at once, or entered from a signed sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.contributions import policy, queries
from pointsbank.contributions.errors import ItemDecided, NotAReviewer, NotSeated, ReasonMissing, SittingOver
from pointsbank.contributions.models import (
    Choice,
    Contribution,
    Outcome,
    PanelVote,
    Sitting,
    SittingItem,
    SittingState,
    State,
)
from pointsbank.contributions.queries import sittings
from pointsbank.contributions.services.sitting import tell_members
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import NotFound, lazy
from pointsbank.core.i18n import N_


@dataclass(frozen=True)
class Ballot:
    """A vote about one deed of the list. A vote against has a reason."""

    item_id: int
    choice: Choice
    reason: str = ""


def vote(actor: Actor, sitting_id: int, ballots: Sequence[Ballot], *, rest_for: bool = False,
         member_id: int | None = None, paper_note: str = "") -> int:
    """Cast votes, all or none; a changed one is added to the old one and counts instead. Returns how many are new.

    ``rest_for`` votes for every other deed about which the member has not voted yet and may. With the ``member_id`` of
    somebody else a clerk of the desk enters that member's signed sheet, and ``paper_note`` says where it is kept.
    Raises SittingOver, NotSeated, NotAReviewer, ReasonMissing, ItemDecided, NotFound, and OwnRecord, OwnHousehold,
    OwnRelative, OwnTeam for deeds about which the member (or the clerk) may not vote. Constant statements.
    """
    sitting = _shared(actor, sitting_id)
    voter = member_id if member_id is not None else actor.user_id or 0
    on_paper = voter != actor.user_id
    _check_voter(actor, sitting, voter, paper_note if on_paper else None)
    wanted = {ballot.item_id: ballot for ballot in ballots}
    deeds = _deeds(sitting, None if rest_for else list(wanted))
    said = {v.item_id: v for v in sittings.last_votes(sitting, item_ids=list(deeds), user_id=voter)}
    barred = _barred(deeds, [voter, actor.user_id or 0])
    rows = [_row(ballot, deeds, barred) for ballot in wanted.values()]
    if rest_for:
        rows += [{"item_id": i, "choice": Choice.FOR, "reason": ""} for i, (item, deed) in deeds.items()
                 if i not in wanted and i not in said and i not in barred and _is_open(item, deed)]
    new = [row for row in rows if not _says(said.get(row["item_id"]), row)]
    _record(actor, sitting, voter, new, paper_note.strip()[:120] if on_paper else "")
    return len(new)


def _shared(actor: Actor, sitting_id: int) -> Sitting:
    """The open sitting under a lock that votes share and closing waits for: a vote is either counted or refused."""
    if not policy.may_see_sittings(actor) or actor.community_id is None:
        raise NotFound
    sitting = db.session.scalars(scoped(Sitting, actor.community_id).where(Sitting.id == sitting_id)
                                 .with_for_update(read=True).execution_options(populate_existing=True)).one_or_none()
    if sitting is None:
        raise NotFound
    if sitting.state is not SittingState.OPEN:
        raise SittingOver
    return sitting


def _check_voter(actor: Actor, sitting: Sitting, voter: int, paper_note: str | None) -> None:
    """``paper_note`` is None for a vote of one's own."""
    if paper_note is not None and not policy.is_judge(actor):
        raise NotAReviewer
    if not any(seat.user_id == voter and seat.in_office for seat in sittings.seats(sitting)):
        raise NotSeated
    if paper_note is not None and len(paper_note.strip()) < 2:
        raise ReasonMissing(fields={"paper_note": lazy("Write where the signed sheet is kept.")})


def _deeds(sitting: Sitting, item_ids: Sequence[int] | None) -> dict[int, tuple[SittingItem, Contribution]]:
    """Items of the list with their deeds, by item; None: all of them."""
    query = (sa.select(SittingItem, Contribution).join(Contribution, Contribution.id == SittingItem.contribution_id)
             .where(SittingItem.community_id == sitting.community_id, SittingItem.sitting_id == sitting.id)
             .order_by(SittingItem.id))
    if item_ids is not None:
        query = query.where(SittingItem.id.in_(item_ids))
    return {item.id: (item, deed) for item, deed in db.session.execute(query)}


def _is_open(item: SittingItem, deed: Contribution) -> bool:
    return item.outcome is Outcome.WAITING and deed.state is State.SUBMITTED


def _barred(deeds: Mapping[int, tuple[SittingItem, Contribution]], user_ids: Sequence[int]) -> dict[int, Any]:
    """Why the member, or the clerk who enters for them, has no vote about an item."""
    facts = queries.facts_of_users(user_ids)
    found = {i: [policy.conflict(facts[user], deed) for user in user_ids] for i, (_item, deed) in deeds.items()}
    return {i: next(why for why in conflicts if why) for i, conflicts in found.items() if any(conflicts)}


def _row(ballot: Ballot, deeds: Mapping[int, tuple[SittingItem, Contribution]],
         barred: Mapping[int, Any]) -> dict[str, Any]:
    if ballot.item_id not in deeds:
        raise NotFound
    item, deed = deeds[ballot.item_id]
    if not _is_open(item, deed):
        raise ItemDecided(what=deed.title)
    if ballot.item_id in barred:
        raise barred[ballot.item_id]
    reason = ballot.reason.strip()[:300]
    if ballot.choice is Choice.AGAINST and len(reason) < 2:
        raise ReasonMissing(fields={f"reason-{ballot.item_id}": lazy("Say why you vote against it.")})
    return {"item_id": ballot.item_id, "choice": ballot.choice, "reason": reason}


def _says(old: PanelVote | None, new: Mapping[str, Any]) -> bool:
    return old is not None and (old.choice, old.reason) == (new["choice"], new["reason"])


def _record(actor: Actor, sitting: Sitting, voter: int, rows: Sequence[Mapping[str, Any]], paper_note: str) -> None:
    if not rows:
        return
    same = {"community_id": sitting.community_id, "sitting_id": sitting.id, "user_id": voter, "at": clock.now(),
            "entered_by_id": actor.user_id if paper_note else None, "paper_note": paper_note}
    db.session.execute(sa.insert(PanelVote), [{**same, **row} for row in rows])
    audit.write(actor, "contributions.vote", f"sitting:{sitting.id}", votes=len(rows), member=voter)
    if paper_note:
        tell_members(sitting, [voter], N_("%(count)s votes were entered for you from your sheet: “%(title)s”. You can "
                                          "still change them."), {"count": len(rows)})
