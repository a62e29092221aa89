"""The end of a sitting: votes are counted once, what was carried is approved as one batch, the rest goes its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from pointsbank.contributions import policy, queries
from pointsbank.contributions.errors import NotInTheChair, SittingOver, VotesChanged, VotesStillDue
from pointsbank.contributions.models import Choice, Outcome, ReviewStep, Sitting, SittingItem, SittingState
from pointsbank.contributions.policy import Facts
from pointsbank.contributions.queries import sittings
from pointsbank.contributions.queries.sittings import Entry, Standing
from pointsbank.contributions.services.reviewing import award, judge, lock, note_steps, refuse
from pointsbank.contributions.services.sitting import end, waiting_ids
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.formats import format_day


@dataclass(frozen=True)
class Ruling:
    """What the chair does with a deed that was not carried: turn it down, or send it back to be completed."""

    send_back: bool = False
    reason: str = ""


def close_sitting(actor: Actor, sitting_id: int, rulings: Mapping[int, Ruling] | None = None, *,
                  seen_vote_id: int | None = None) -> Sitting:
    """Count the votes and carry out the result, all or nothing; again by the same chair, it answers the closed sitting.

    Carried deeds are approved as one batch. What failed is turned down, or sent back where a ruling (by item id) says
    so; without quorum a deed goes on waiting. ``seen_vote_id``: the last vote that the chair saw. About deeds in which
    the chair has an interest there is no ruling: turned down they are by the votes. Constant statements.
    Before the last day for votes it is closed only once nobody's vote is missing.
    Raises NotInTheChair, SittingOver, VotesChanged, VotesStillDue.
    """
    if not policy.may_chair(actor):
        raise NotInTheChair
    sitting = get_scoped(Sitting, sitting_id, actor.community_id, lock=True)
    if sitting.state is SittingState.CLOSED and sitting.ended_by_id == actor.user_id:
        return sitting
    if sitting.state is not SittingState.OPEN:
        raise SittingOver
    found = _counted(sitting)
    if seen_vote_id is not None and seen_vote_id != found.last_vote_id:
        raise VotesChanged
    if clock.today() < sitting.due_on and found.votes_missing:
        raise VotesStillDue(day=format_day(sitting.due_on))
    chair = queries.facts_of(actor.user_id)
    results = {entry.item.id: _result(entry, chair, (rulings or {}).get(entry.item.id)) for entry in found.entries
               if entry.item.outcome is Outcome.WAITING}
    _keep(found, results)
    end(actor, sitting, SittingState.CLOSED)
    audit.write(actor, "contributions.close_sitting", f"sitting:{sitting.id}", deeds=len(results))
    _put_off(actor, sitting, found, results)
    for step, outcome in ((ReviewStep.REJECTED, Outcome.REJECTED), (ReviewStep.RETURNED, Outcome.RETURNED)):
        _refuse(actor, step, _with(found, results, outcome), results)
    _approve(actor, chair, sitting, _with(found, results, Outcome.APPROVED))
    for entry in found.entries:
        db.session.expire(entry.item)  # written past the session, by one statement
    return sitting


def _counted(sitting: Sitting) -> Standing:
    """Everything, with the deeds locked: a withdrawal of this moment came before or comes too late."""
    lock(sitting.community_id, waiting_ids(sitting))
    return sittings.standing(sitting)


@dataclass(frozen=True)
class _Result:
    outcome: Outcome
    reason: str = ""


def _result(entry: Entry, chair: Facts, ruling: Ruling | None) -> _Result:
    if not entry.is_open:
        return _Result(Outcome.DROPPED)
    if not entry.count.has_quorum:
        return _Result(Outcome.NO_QUORUM)
    if entry.count.is_carried:
        return _Result(Outcome.APPROVED)
    if ruling is None or policy.conflict(chair, entry.deed) is not None:
        return _Result(Outcome.REJECTED, why_not(entry))
    outcome = Outcome.RETURNED if ruling.send_back else Outcome.REJECTED
    return _Result(outcome, ruling.reason.strip()[:500] or why_not(entry))


def why_not(entry: Entry) -> str:
    """What its resident reads about a deed that was not carried: the numbers, and the reasons without names."""
    reasons = dict.fromkeys(vote.reason for vote in entry.counted if vote.choice is Choice.AGAINST)
    return _("The panel did not accept it: %(yes)s for, %(no)s against, %(none)s abstained. %(why)s",
             yes=entry.count.votes_for, no=entry.count.votes_against, none=entry.count.abstained,
             why=_("; ").join(reasons)).strip()[:500]


def told(entry: Entry, sitting: Sitting) -> str:
    """How the panel voted, for the step that approves a deed."""
    return _("Panel “%(title)s”: %(yes)s for, %(no)s against, %(none)s abstained", title=sitting.title,
             yes=entry.count.votes_for, no=entry.count.votes_against, none=entry.count.abstained)


def _with(found: Standing, results: Mapping[int, _Result], outcome: Outcome) -> list[Entry]:
    return [e for e in found.entries if e.item.id in results and results[e.item.id].outcome is outcome]


def _keep(found: Standing, results: Mapping[int, _Result]) -> None:
    """The numbers of this moment, in one statement: declarations made later don't change what was decided."""
    if not results:
        return
    table: Any = SittingItem.__table__
    names = ("outcome", "reason", "votes_for", "votes_against", "abstained", "entitled", "needed", "barred_user_ids",
             "decided_at")
    now = clock.now()
    db.session.execute(
        sa.update(table).where(table.c.id == sa.bindparam("row")).values({n: sa.bindparam(n) for n in names}),
        [{"row": e.item.id, "outcome": results[e.item.id].outcome, "reason": results[e.item.id].reason,
          "votes_for": e.count.votes_for, "votes_against": e.count.votes_against, "abstained": e.count.abstained,
          "entitled": e.count.entitled, "needed": e.count.needed, "barred_user_ids": sorted(e.barred),
          "decided_at": now} for e in found.entries if e.item.id in results])


def _put_off(actor: Actor, sitting: Sitting, found: Standing, results: Mapping[int, _Result]) -> None:
    entries = _with(found, results, Outcome.NO_QUORUM)
    if entries:
        said = {e.deed.id: _("“%(title)s” had too few votes for it: %(cast)s of %(needed)s. It comes to the next "
                             "sitting.", title=sitting.title, cast=e.count.cast, needed=e.count.needed)
                for e in entries}
        note_steps(actor, [e.deed for e in entries], ReviewStep.PUT_OFF, said, by_user_id=None)


def _refuse(actor: Actor, step: ReviewStep, entries: Sequence[Entry], results: Mapping[int, _Result]) -> None:
    refuse(actor, [e.deed for e in entries], step, {e.deed.id: results[e.item.id].reason for e in entries},
           by_user_id=None)


def _approve(actor: Actor, chair: Facts, sitting: Sitting, entries: Sequence[Entry]) -> None:
    """One batch through the same door as any approval. The chair stands as approver; where the chair has an interest,
    the first member who voted for it and has none: there is one, or it would not have been carried."""
    if not entries:
        return
    approvers = {e.deed.id: (actor.user_id or 0) if policy.conflict(chair, e.deed) is None else next(
        v.user_id for v in e.counted if v.choice is Choice.FOR) for e in entries}
    deeds = [e.deed for e in entries]
    award(actor, deeds, judge(deeds), approvers, {e.deed.id: told(e, sitting) for e in entries})
