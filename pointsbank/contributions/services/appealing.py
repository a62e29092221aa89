"""Requests for a review: asked by the resident or on paper, answered in writing by somebody independent.

An upheld one is never an edit: what was posted is taken back by a correction and the deed recorded anew; what was
turned down is recorded anew for another reviewer.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.contributions import policy, queries
from pointsbank.contributions.errors import (
    AppealOver,
    NotAReviewer,
    NothingToPutRight,
    NotYourDeed,
    OwnDecision,
    OwnRecord,
    ReasonMissing,
)
from pointsbank.contributions.models import (
    APPEAL_ALLOWED,
    Appeal,
    AppealState,
    Contribution,
    CorrectionState,
    Review,
    ReviewStep,
    State,
)
from pointsbank.contributions.services.correcting import Figures, check_figures, locked_lines, propose, record_anew
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import NotFound, lazy
from pointsbank.core.i18n import N_
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.notifications.services import tell
from pointsbank.publicity.services import answer_due


def ask_review(actor: Actor, contribution_id: int, text: str, *, on_paper: bool = False, paper_reason: str = "",
               photo_ids: Sequence[int] = ()) -> Appeal:
    """Ask for a review of a deed that was decided, for the resident acted for; with ``on_paper`` a member enters it.

    ``photo_ids`` show the slip; without one ``paper_reason`` says why there is none. Raises NotYourDeed, ReasonMissing,
    NotDecidedYet, StillWaits, ObjectInstead, AppealOpen, JudgedAnew, AppealTooLate.
    """
    deed = get_scoped(Contribution, contribution_id, actor.community_id, lock=True)
    if not policy.may_see(actor, deed):
        raise NotFound
    if not (policy.may_ask_on_paper if on_paper else policy.may_ask_review)(actor, deed):
        raise NotYourDeed
    hindrance = queries.appeals.chance(deed).hindrance
    if hindrance is not None:
        raise hindrance
    wrong = {}
    if len(text.strip()) < 2:
        wrong["text"] = lazy("Write what should be looked at again.")
    if on_paper and not photo_ids and len(paper_reason.strip()) < 2:
        wrong["paper_reason"] = lazy("Add a photo of the paper, or say why there is none.")
    if wrong:
        raise ReasonMissing(fields=wrong)
    now = clock.now()
    appeal = Appeal(
        community_id=deed.community_id, contribution_id=deed.id, resident_id=deed.resident_id, state=AppealState.OPEN,
        text=text.strip()[:500], on_paper=on_paper, paper_reason=paper_reason.strip()[:200] if on_paper else "",
        entered_by_id=actor.user_id or 0, opened_at=now,
        answer_due_on=answer_due(deed.community_id, clock.local_date(now)))
    db.session.add(appeal)
    db.session.flush()
    if photo_ids:
        media.attach(actor, photo_ids, f"appeal:{appeal.id}", purpose=Purpose.OBJECTION)
    _note(actor, appeal, ReviewStep.APPEALED, appeal.text)
    tell(deed.community_id, [deed.resident_id],
         N_("Your request to look at “%(what)s” again has come in. The answer comes in writing by %(day)s."),
         {"what": deed.title, "day": {"day": appeal.answer_due_on.isoformat()}}, f"/deeds/{deed.id}")
    return appeal


def withdraw_appeal(actor: Actor, appeal_id: int) -> Appeal:
    """Take a request back before it is answered: the resident acted for, or whoever entered it. Raises AppealOver."""
    appeal, deed = _open(actor, appeal_id)
    if not (policy.may_ask_review(actor, deed) or appeal.entered_by_id == actor.user_id):
        raise NotFound
    _end(appeal, AppealState.WITHDRAWN)
    _note(actor, appeal, ReviewStep.APPEAL_WITHDRAWN, "")
    tell(deed.community_id, [deed.resident_id], N_("The request to look at “%(what)s” again was withdrawn."),
         {"what": deed.title}, f"/deeds/{deed.id}")
    return appeal


def decide_appeal(actor: Actor, appeal_id: int, upheld: bool, answer: str, right: Figures | None = None) -> Appeal:
    """Answer a request in writing, once; an upheld one is put right in the same unit of work.

    A deed that was turned down is recorded anew, with the ``right`` figures if any differ, for a reviewer who had no
    hand in it. An award becomes a correction that a second person confirms; then the deed is recorded anew and the
    difference reaches the book through its own review and notice. Raises NotAReviewer, OwnRecord, OwnDecision,
    OwnHousehold, OwnRelative, OwnTeam, AppealOver, ReasonMissing, CorrectionOpen, Invalid.
    """
    if not policy.is_judge(actor):
        raise NotAReviewer
    appeal, deed = _open(actor, appeal_id)
    touched = check_independent(actor, appeal, deed)
    if len(answer.strip()) < 2:
        raise ReasonMissing(fields={"answer": lazy("The answer has to be in writing.")})
    appeal.answer, appeal.decided_by_id = answer.strip()[:500], actor.user_id
    _end(appeal, AppealState.UPHELD if upheld else AppealState.DISMISSED)
    _note(actor, appeal, ReviewStep.UPHELD if upheld else ReviewStep.DISMISSED, appeal.answer)
    tell(deed.community_id, [deed.resident_id],
         N_("You were right about “%(what)s”, it is being put right. The answer: %(answer)s") if upheld else
         N_("“%(what)s” was looked at again, and the decision stands. The answer: %(answer)s"),
         {"what": deed.title, "answer": appeal.answer[:250]}, f"/deeds/{deed.id}")
    if upheld:
        _put_right(actor, appeal, deed, right or Figures(), touched)
    return appeal


def put_right(actor: Actor, appeal_id: int, reason: str, right: Figures | None = None) -> Appeal:
    """Propose anew how an upheld request is put right, after the second person disagreed with the first proposal.

    Raises NotAReviewer, NothingToPutRight and those of :func:`decide_appeal` about independence.
    """
    if not policy.is_judge(actor):
        raise NotAReviewer
    seen = get_scoped(Appeal, appeal_id, actor.community_id)
    deed = get_scoped(Contribution, seen.contribution_id, actor.community_id, lock=True)
    if queries.appeals.standings(deed.community_id, [seen])[seen.id].stage != "refused":
        raise NothingToPutRight
    found = policy.conflict(queries.facts_of(actor.user_id), deed)
    if found is not None:
        raise found
    propose(actor, deed, reason, right or Figures(), appeal_id=seen.id)
    return seen


def _open(actor: Actor, appeal_id: int) -> tuple[Appeal, Contribution]:
    """An open request and its deed, both locked; the deed comes first, as when a correction is confirmed."""
    seen = get_scoped(Appeal, appeal_id, actor.community_id)
    deed = get_scoped(Contribution, seen.contribution_id, actor.community_id, lock=True)
    appeal = get_scoped(Appeal, appeal_id, actor.community_id, lock=True)
    if AppealState.UPHELD not in APPEAL_ALLOWED[appeal.state]:
        raise AppealOver
    return appeal, deed


def check_independent(actor: Actor, appeal: Appeal, deed: Contribution) -> set[int]:
    """Raises why the actor can't answer this request; else returns who had a hand in the deed so far."""
    found = policy.conflict(queries.facts_of(actor.user_id), deed)
    if found is not None:
        raise found
    if appeal.entered_by_id == actor.user_id:
        raise OwnRecord(lazy("You entered this request. Somebody else has to answer it."))
    touched = queries.appeals.hands(deed.community_id, [deed.id])[deed.id]
    if actor.user_id in touched:
        raise OwnDecision
    return touched


def _end(appeal: Appeal, state: AppealState) -> None:
    appeal.state, appeal.ended_at = state, clock.now()
    db.session.flush()


def _put_right(actor: Actor, appeal: Appeal, deed: Contribution, right: Figures, touched: set[int]) -> None:
    made = queries.corrections_of(deed.community_id, deed.id)
    if deed.state is State.APPROVED and not any(c.state is CorrectionState.CONFIRMED for c in made):
        locked_lines(deed)
        propose(actor, deed, appeal.answer, right, appeal_id=appeal.id)
        return
    check_figures(deed, right)  # nothing of it is in the book: the other reviewer is the second person
    record_anew(actor, deed, appeal.renewed_key, right, recorder_id=actor.user_id or 0, reason=appeal.answer,
                barred=touched)


def _note(actor: Actor, appeal: Appeal, step: ReviewStep, reason: str) -> None:
    db.session.execute(sa.insert(Review), {
        "community_id": appeal.community_id, "contribution_id": appeal.contribution_id, "step": step,
        "by_user_id": actor.user_id, "reason": reason[:500], "at": clock.now()})
    audit.write(actor, f"contributions.{step.value}", f"appeal:{appeal.id}", deed=appeal.contribution_id)
