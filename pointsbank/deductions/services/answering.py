"""What the people concerned say: an answer, "it is put right", an appeal; themselves, or on paper through a member."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import NotFound
from pointsbank.core.formats import format_day
from pointsbank.core.i18n import N_
from pointsbank.deductions import policy, queries
from pointsbank.deductions.errors import AppealTooLate, NotYours, TooManyAnswers
from pointsbank.deductions.models import Deduction, DeductionState, DeductionStep, StepKind
from pointsbank.deductions.services.steps import locked, note, tell_concerned, words
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.publicity.services.deadlines import answer_due

MOST_ANSWERS = 20


def answer(actor: Actor, deduction_id: int, text: str, *, put_right: bool = False, on_paper: bool = False,
           photo_ids: Sequence[int] = ()) -> Deduction:
    """Answer a letter, or say that it is put right (then words may be left out). Nothing is decided by it.

    ``on_paper``: a member writes it down for somebody who brought it. Raises NotFound for strangers, NotYours,
    WordsMissing, AlreadyDecided, TooManyAnswers.
    """
    deduction = locked(actor, deduction_id, DeductionState.ANNOUNCED)
    _check_whose(actor, deduction, on_paper)
    said = text.strip()[:500] if put_right else words(text, "text")
    count = db.session.scalar(sa.select(sa.func.count()).select_from(DeductionStep).where(
        DeductionStep.community_id == deduction.community_id, DeductionStep.deduction_id == deduction.id,
        DeductionStep.kind.in_([StepKind.ANSWERED, StepKind.PUT_RIGHT])))
    if (count or 0) >= MOST_ANSWERS:
        raise TooManyAnswers
    deduction.answered_at = clock.now()
    if put_right:
        deduction.put_right_at = clock.now()
    media.attach(actor, list(photo_ids), deduction.key, purpose=Purpose.DEDUCTION)
    note(actor, deduction, StepKind.PUT_RIGHT if put_right else StepKind.ANSWERED, said, on_paper=on_paper,
         resident_id=None if on_paper else actor.resident_id)
    return deduction


def appeal(actor: Actor, deduction_id: int, text: str, *, on_paper: bool = False,
           photo_ids: Sequence[int] = ()) -> Deduction:
    """Appeal in writing within the days of the community; somebody who had no part in it decides.

    Raises as answering does, and AppealTooLate.
    """
    deduction = locked(actor, deduction_id, DeductionState.IMPOSED)
    _check_whose(actor, deduction, on_paper)
    today = clock.today()
    if deduction.appeal_by is None or today > deduction.appeal_by:
        raise AppealTooLate(day=format_day(deduction.appeal_by or today))
    said = words(text, "text")
    deduction.state, deduction.appealed_at = DeductionState.APPEALED, clock.now()
    deduction.due_on = answer_due(deduction.community_id, today)
    media.attach(actor, list(photo_ids), deduction.key, purpose=Purpose.DEDUCTION)
    note(actor, deduction, StepKind.APPEALED, said, on_paper=on_paper,
         resident_id=None if on_paper else actor.resident_id)
    tell_concerned(deduction, N_("Your appeal about “%(what)s” has come in. The answer in writing is due by %(day)s."),
                   {"day": {"day": deduction.due_on.isoformat()}})
    return deduction


def _check_whose(actor: Actor, deduction: Deduction, on_paper: bool) -> None:
    """The grown-ups concerned speak for themselves; on paper a member does. To strangers it isn't there."""
    concerned = queries.is_concerned(actor, deduction)
    if not policy.may_see(actor, deduction, concerned):
        raise NotFound
    if on_paper:
        if not policy.may_take_down(actor, deduction):
            raise NotYours
    elif not queries.may_speak(actor, deduction):
        raise NotYours
