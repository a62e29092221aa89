"""The third person decides an appeal: it stands, with the reason in writing, or everything is given back."""

from __future__ import annotations

import datetime as dt

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.i18n import N_
from pointsbank.deductions import policy, queries
from pointsbank.deductions.errors import NotAllowed, ThirdPersonNeeded
from pointsbank.deductions.models import STANDING, Deduction, DeductionState, StepKind
from pointsbank.deductions.services.steps import locked, note, refuse_family, tell_concerned, words
from pointsbank.ledger import queries as book
from pointsbank.ledger import services as ledger
from pointsbank.ledger.services import Transfer

SINGLE = "/single"  # ends the key of what is taken anew once a doubling has lost its ground


def decide_appeal(actor: Actor, deduction_id: int, reverse: bool, text: str) -> Deduction:
    """Answer an appeal in writing, once. Reversed, the very points come back with the last days that they had.

    Raises NotAllowed, ThirdPersonNeeded (also for who wrote the appeal down), OwnFamily, WordsMissing, AlreadyDecided.
    """
    if not policy.is_judge(actor):
        raise NotAllowed
    deduction = locked(actor, deduction_id, DeductionState.APPEALED)
    if actor.user_id in queries.had_a_part(deduction):
        raise ThirdPersonNeeded
    refuse_family(actor, deduction)
    said = words(text, "text")
    deduction.state = DeductionState.REVERSED if reverse else DeductionState.UPHELD
    deduction.appeal_decided_by_id, deduction.appeal_decided_at = actor.user_id, clock.now()
    deduction.due_on = None
    db.session.flush()
    note(actor, deduction, StepKind.REVERSED if reverse else StepKind.UPHELD, said)
    if reverse:
        tell_concerned(deduction, N_(
            "You were right about “%(what)s”: %(points)s points are back in your passbook. The answer is in the "
            "letter."),
            {"points": {"points": deduction.taken or 0}})
        _give_back(actor, deduction)
    else:
        tell_concerned(deduction, N_("Your appeal about “%(what)s” was looked into; it stands. The reason is in the "
                                     "letter."))
    return deduction


def _give_back(actor: Actor, deduction: Deduction) -> None:
    """Everything in one batch: this one back, and repetitions that were doubled because of it at their single price."""
    community_id, today = deduction.community_id, clock.today()
    left = ledger.lock_wallet(community_id, deduction.owner_key, today)
    doubled = db.session.scalars(
        scoped(Deduction, community_id).where(Deduction.doubled_by_id == deduction.id, Deduction.state.in_(STANDING))
        .order_by(Deduction.id).with_for_update(key_share=True).execution_options(populate_existing=True)).all()
    keys = [one.booked_as for one in (deduction, *doubled) if one.booked_as]
    lots = book.lots_taken(community_id, keys)
    transfers: list[Transfer] = ledger.reversal_transfers(community_id, [deduction.booked_as]) if deduction.booked_as \
        else []
    left += sum(amount for day, amount in lots.get(deduction.booked_as, {}).items() if day >= today)
    for one in doubled:
        found = queries.assessment(one)
        if found.doubled_by_id is not None:
            one.doubled_by_id = found.doubled_by_id  # an earlier one still stands
            continue
        back, left = _single(one, found.amount, lots.get(one.booked_as, {}), left)
        transfers += back
        note(actor, one, StepKind.HALVED)
        tell_concerned(one, N_("“%(what)s” is no repetition any more: it costs %(points)s points, and what was taken "
                               "beyond that is back in your passbook."), {"points": {"points": one.taken or 0}})
    if transfers:
        ledger.post(community_id, transfers, today)


def _single(one: Deduction, amount: int, lots: dict[dt.date, int], left: int) -> tuple[list[Transfer], int]:
    """The transfers that make a doubled one single, and what is left in the wallet after them."""
    community_id, today, taken = one.community_id, clock.today(), one.taken or 0
    transfers = ledger.reversal_transfers(community_id, [one.booked_as]) if one.booked_as else []
    left += sum(part for day, part in lots.items() if day >= today)
    again = min(amount, taken, left)
    one.amount, one.taken, one.doubled_by_id = amount, again, None
    one.booked_as = f"{one.key}{SINGLE}" if again else ""
    db.session.flush()
    if again:
        transfers += ledger.deduction_transfers(community_id, one.owner_key, again, one.booked_as)
    return transfers, left - again
