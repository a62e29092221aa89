"""Correct an award: one person says why, another confirms, the book gets a reversal, the resident is told."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.contributions import policy, queries
from pointsbank.contributions.errors import (
    CorrectionOpen,
    NotAReviewer,
    NothingToCorrect,
    NotOpenAnyMore,
    OwnHousehold,
    ReasonMissing,
    SecondPersonNeeded,
)
from pointsbank.contributions.models import (
    CORRECTED,
    PENDING,
    AwardLine,
    Contribution,
    Correction,
    CorrectionState,
    LineState,
    RecordedVia,
    State,
)
from pointsbank.contributions.services.recording import MEASURED, DeedDraft, record
from pointsbank.contributions.services.settling import void
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Invalid, lazy
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import tell


def correct_award(actor: Actor, contribution_id: int, reason: str, *, right_minutes: int | None = None,
                  right_units: int | None = None) -> Correction:
    """Propose to take back what a deed earned; with the right figures it is recorded anew once a second person agrees.

    Raises NotAReviewer, ReasonMissing, NothingToCorrect, CorrectionOpen, Invalid.
    """
    contribution, lines = _deed(actor, contribution_id)
    if len(reason.strip()) < 2:
        raise ReasonMissing(fields={"reason": lazy("Say what was wrong with this award.")})
    if right_minutes is not None and not 0 < right_minutes <= 24 * 60:
        raise Invalid(fields={"right_minutes": lazy("Between one minute and 24 hours.")})
    if right_units is not None and not 0 < right_units <= 10_000:
        raise Invalid(fields={"right_units": lazy("A whole number from 1.")})
    posted = any(line.state is LineState.POSTED for line in lines)
    struck = any(line.state is LineState.STRUCK for line in lines)
    again = right_minutes is not None or right_units is not None
    if any(line.state in PENDING for line in lines) or not (posted or (struck and again)):
        raise NothingToCorrect
    if any(c.state is CorrectionState.PROPOSED for c in queries.corrections_of(contribution.community_id,
                                                                              contribution.id)):
        raise CorrectionOpen
    correction = Correction(
        community_id=contribution.community_id, contribution_id=contribution.id, state=CorrectionState.PROPOSED,
        reason=reason.strip()[:500], right_minutes=right_minutes, right_units=right_units,
        proposed_by_id=actor.user_id or 0, proposed_at=clock.now())
    db.session.add(correction)
    db.session.flush()
    audit.write(actor, "contributions.propose_correction", f"correction:{correction.id}", deed=contribution.id)
    return correction


def confirm_correction(actor: Actor, correction_id: int, answer: str = "") -> Correction:
    """The second person agrees: posted lines are reversed, caps given back to later deeds, the resident told.

    Raises NotAReviewer, SecondPersonNeeded, OwnHousehold, NotOpenAnyMore.
    """
    correction, contribution, lines = _proposed(actor, correction_id)
    void(actor, [line for line in lines if line.state is LineState.POSTED])
    _close(actor, correction, CorrectionState.CONFIRMED, answer)
    if correction.right_minutes is not None or correction.right_units is not None:
        _record_anew(actor, correction, contribution)
    tell(contribution.community_id, [contribution.resident_id],
         N_("The points for “%(what)s” on %(day)s were taken back: %(why)s"),
         {"what": contribution.title, "day": {"day": contribution.done_on.isoformat()}, "why": correction.reason[:200]},
         f"/deeds/{contribution.id}")
    return correction


def refuse_correction(actor: Actor, correction_id: int, answer: str) -> Correction:
    """The second person disagrees, with a reason; nothing is changed in the book. Raises as confirming does."""
    if len(answer.strip()) < 2:
        raise ReasonMissing(fields={"answer": lazy("Say why the award stands.")})
    correction, _contribution, _lines = _proposed(actor, correction_id)
    _close(actor, correction, CorrectionState.REFUSED, answer)
    return correction


def _deed(actor: Actor, contribution_id: int) -> tuple[Contribution, Sequence[AwardLine]]:
    if not policy.may_correct(actor):
        raise NotAReviewer
    contribution = get_scoped(Contribution, contribution_id, actor.community_id, lock=True)
    if contribution.state is not State.APPROVED:
        raise NothingToCorrect
    lines = db.session.scalars(
        scoped(AwardLine, actor.community_id).where(AwardLine.contribution_id == contribution.id)
        .order_by(AwardLine.id).with_for_update(key_share=True).execution_options(populate_existing=True)).all()
    return contribution, lines


def _proposed(actor: Actor, correction_id: int) -> tuple[Correction, Contribution, Sequence[AwardLine]]:
    contribution_id = get_scoped(Correction, correction_id, actor.community_id).contribution_id
    contribution, lines = _deed(actor, contribution_id)
    correction = get_scoped(Correction, correction_id, actor.community_id, lock=True)
    if correction.state is not CorrectionState.PROPOSED:
        raise NotOpenAnyMore
    if correction.proposed_by_id == actor.user_id:
        raise SecondPersonNeeded
    facts = queries.facts_of(actor.user_id)
    if facts.is_kin(contribution.resident_id, contribution.household_id, contribution.done_on):
        raise OwnHousehold
    return correction, contribution, lines


def _close(actor: Actor, correction: Correction, state: CorrectionState, answer: str) -> None:
    correction.state, correction.decided_by_id, correction.decided_at = state, actor.user_id, clock.now()
    correction.answer = answer.strip()[:500]
    db.session.flush()
    audit.write(actor, f"contributions.correction_{state.value}", f"correction:{correction.id}")


def _record_anew(actor: Actor, correction: Correction, old: Contribution) -> None:
    """The same deed with the right figures, as if typed by the proposer: somebody else has to approve it."""
    record(actor, [DeedDraft(
        kind=str(old.kind), resident_id=old.resident_id, title=old.title, on=old.done_on,
        source_key=f"contribution:{old.id}{CORRECTED}{correction.id}",
        minutes=correction.right_minutes if correction.right_minutes is not None else old.minutes,
        units=correction.right_units if correction.right_units is not None else old.units, item_code=old.item_code,
        activity_key=old.activity_key, **{name: getattr(old, name) for name in MEASURED}, place=old.place,
        text=old.text, recorded_via=RecordedVia.LEADER_TYPED, team_id=old.team_id,
        recorder_user_id=correction.proposed_by_id, reason=correction.reason)])


def open_corrections(community_id: int) -> int:
    """How many corrections wait for their second person."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Correction).where(
        Correction.community_id == community_id, Correction.state == CorrectionState.PROPOSED)) or 0
