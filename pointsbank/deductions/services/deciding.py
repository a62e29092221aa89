"""The second person: it is put right, or it is dropped, or points are taken."""

from __future__ import annotations

import datetime as dt

from pointsbank.communities import settings
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.formats import format_day
from pointsbank.core.i18n import N_
from pointsbank.deductions import policy, queries
from pointsbank.deductions.errors import NotAllowed, SecondPersonNeeded, TooEarly
from pointsbank.deductions.models import Deduction, DeductionState, StepKind
from pointsbank.deductions.services.steps import locked, note, refuse_family, tell_concerned, words
from pointsbank.ledger import services as ledger


def confirm_rectified(actor: Actor, deduction_id: int, text: str = "") -> Deduction:
    """It is put right: nothing is taken. Raises NotAllowed, OwnFamily, AlreadyDecided."""
    deduction = _closed(actor, deduction_id, DeductionState.RECTIFIED, StepKind.RECTIFIED, text.strip()[:500])
    tell_concerned(deduction, N_("“%(what)s” is put right. Nothing is taken. Thank you."))
    return deduction


def drop(actor: Actor, deduction_id: int, reason: str) -> Deduction:
    """It was a mistake, or there is no ground for it: nothing is taken. Raises as confirming does, and WordsMissing."""
    deduction = _closed(actor, deduction_id, DeductionState.DROPPED, StepKind.DROPPED, words(reason, "text"))
    tell_concerned(deduction, N_("The letter about “%(what)s” was taken back. Nothing is taken."))
    return deduction


def _closed(actor: Actor, deduction_id: int, state: DeductionState, kind: StepKind, text: str) -> Deduction:
    deduction = locked(actor, deduction_id, DeductionState.ANNOUNCED)
    if not policy.may_close(actor, deduction):
        raise NotAllowed
    refuse_family(actor, deduction)
    deduction.state, deduction.due_on = state, None
    deduction.decided_by_id, deduction.decided_at = actor.user_id, clock.now()
    note(actor, deduction, kind, text)
    return deduction


def impose(actor: Actor, deduction_id: int, text: str = "") -> Deduction:
    """Take the points away, after the last day to put it right: as much as there is, never into a debt.

    It doubles if the same was imposed before within the days of the item. Where somebody answered, the reason has to
    be given in ``text``. Raises NotAllowed, SecondPersonNeeded, OwnFamily, TooEarly, WordsMissing, AlreadyDecided.
    """
    if not policy.is_judge(actor):
        raise NotAllowed
    deduction = locked(actor, deduction_id, DeductionState.ANNOUNCED)
    if deduction.announced_by_id == actor.user_id:
        raise SecondPersonNeeded
    refuse_family(actor, deduction)
    community_id, today = deduction.community_id, clock.today()
    if today <= deduction.rectify_by:
        raise TooEarly(day=format_day(deduction.rectify_by))
    said = words(text, "text") if deduction.answered_at is not None else text.strip()[:500]
    # The wallet first: of two that are imposed at once on the same people the later one sees the earlier one.
    available = ledger.lock_wallet(community_id, deduction.owner_key, today)
    found = queries.assessment(deduction)
    deduction.amount, deduction.taken = found.amount, min(found.amount, available)
    deduction.explanation, deduction.doubled_by_id = found.entries, found.doubled_by_id
    deduction.state, deduction.imposed_on, deduction.due_on = DeductionState.IMPOSED, today, None
    deduction.decided_by_id, deduction.decided_at = actor.user_id, clock.now()
    deduction.appeal_by = today + dt.timedelta(settings.of(community_id).appeal_days)
    deduction.booked_as = deduction.key if deduction.taken else ""
    db.session.flush()
    note(actor, deduction, StepKind.IMPOSED, said)
    tell_concerned(deduction, N_(
        "%(points)s points were taken away for “%(what)s”. If you do not agree, you can appeal until %(day)s.")
        if not deduction.written_off else N_(
        "%(points)s points were taken away for “%(what)s”; there were no more, and the rest is not owed. If you do not "
        "agree, you can appeal until %(day)s."),
        {"points": {"points": deduction.taken}, "day": {"day": deduction.appeal_by.isoformat()}})
    if deduction.taken:
        ledger.post(community_id, ledger.deduction_transfers(
            community_id, deduction.owner_key, deduction.taken, deduction.booked_as), today)
    return deduction
