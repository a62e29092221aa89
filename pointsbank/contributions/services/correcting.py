"""Correct an award: one person says why, another confirms, the book gets a reversal, the resident is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.contributions import policy, queries
from pointsbank.contributions.errors import (
    CorrectionOpen,
    NotAReviewer,
    NothingToCorrect,
    NotOpenAnyMore,
    OnNotice,
    OwnHousehold,
    ReasonMissing,
    SecondPersonNeeded,
)
from pointsbank.contributions.models import (
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
from pointsbank.rules import queries as rules
from pointsbank.rules import services as rules_services
from pointsbank.rules.evaluation import Rule


@dataclass(frozen=True)
class Figures:
    """What was really done; None stands for what the deed says already.

    ``score`` in hundredths, ``amount_fen`` in fen, ``item_code`` an item of the standard of that day.
    """

    minutes: int | None = None
    units: int | None = None
    score: int | None = None
    amount_fen: int | None = None
    item_code: str | None = None

    @property
    def given(self) -> bool:
        """Something was different from what stands there."""
        return self != Figures()


def correct_award(actor: Actor, contribution_id: int, reason: str, *, right_minutes: int | None = None,
                  right_units: int | None = None, right: Figures | None = None) -> Correction:
    """Propose to take back what a deed earned; with the right figures it is recorded anew once a second person agrees.

    ``right`` are all figures, the two others stand for its ``minutes`` and ``units``. Raises NotAReviewer,
    ReasonMissing, NothingToCorrect, CorrectionOpen, Invalid.
    """
    if not policy.may_correct(actor):
        raise NotAReviewer
    contribution, lines = _deed(actor, contribution_id)
    right = right or Figures(right_minutes, right_units)
    posted = any(line.state is LineState.POSTED for line in lines)
    struck = any(line.state is LineState.STRUCK for line in lines)
    if any(line.state in PENDING for line in lines) or not (posted or (struck and right.given)):
        raise NothingToCorrect
    return propose(actor, contribution, reason, right)


def propose(actor: Actor, contribution: Contribution, reason: str, right: Figures,
            appeal_id: int | None = None) -> Correction:
    """A correction of a locked, approved deed, also of one that earned nothing, for a second person to confirm.

    Raises ReasonMissing, NothingToCorrect, CorrectionOpen, Invalid.
    """
    if len(reason.strip()) < 2:
        raise ReasonMissing(fields={"reason": lazy("Say what was wrong with this award.")})
    check_figures(contribution, right)
    before = {c.state for c in queries.corrections_of(contribution.community_id, contribution.id)}
    if CorrectionState.CONFIRMED in before:
        raise NothingToCorrect
    if CorrectionState.PROPOSED in before:
        raise CorrectionOpen
    correction = Correction(
        community_id=contribution.community_id, contribution_id=contribution.id, state=CorrectionState.PROPOSED,
        reason=reason.strip()[:500], right_minutes=right.minutes, right_units=right.units, right_score=right.score,
        right_amount_fen=right.amount_fen, right_item_code=right.item_code or None, appeal_id=appeal_id,
        proposed_by_id=actor.user_id or 0, proposed_at=clock.now())
    db.session.add(correction)
    db.session.flush()
    audit.write(actor, "contributions.propose_correction", f"correction:{correction.id}", deed=contribution.id)
    return correction


def check_figures(contribution: Contribution, right: Figures) -> None:
    """Raises Invalid, with a sentence for each figure that can't be."""
    wrong: dict[str, Any] = {}
    if right.minutes is not None and not 0 < right.minutes <= 24 * 60:
        wrong["right_minutes"] = lazy("Between one minute and 24 hours.")
    if right.units is not None and not 0 < right.units <= 10_000:
        wrong["right_units"] = lazy("A whole number from 1.")
    if right.score is not None and not 0 <= right.score <= 100_000:
        wrong["right_score"] = lazy("A score from 0 to 1,000.")
    if right.amount_fen is not None and not 0 < right.amount_fen <= 10**10:
        wrong["right_amount_fen"] = lazy("An amount in yuan above 0.")
    if right.item_code and _item(contribution, right.item_code) is None:
        wrong["right_item_code"] = lazy("The standard of that day has no such item.")
    if wrong:
        raise Invalid(fields=wrong)


def _item(contribution: Contribution, code: str) -> Rule | None:
    day = contribution.done_on
    version = rules.versions_for_days(contribution.community_id, [day])[day]
    return version.by_code.get(code) if version is not None else None


def confirm_correction(actor: Actor, correction_id: int, answer: str = "") -> Correction:
    """The second person agrees: posted lines are reversed, caps given back to later deeds, the resident told.

    Raises NotAReviewer, SecondPersonNeeded, OwnHousehold, NotOpenAnyMore, OnNotice.
    """
    correction, contribution, lines = _proposed(actor, correction_id)
    # Only after an upheld request can a line still be on its way: one on a notice ends there first.
    if any(line.state in PENDING and (line.state is not LineState.PROPOSED or line.notice_id) for line in lines):
        raise OnNotice
    void(actor, [line for line in lines if line.state in (LineState.POSTED, LineState.PROPOSED)])
    if not lines and contribution.counted:
        rules_services.give_back(contribution.community_id, [contribution.counted])
    # Asked before the confirmation is noted: confirming alone doesn't keep anybody from approving the second round.
    barred = queries.appeals.hands(contribution.community_id, [contribution.id])[contribution.id]
    _close(actor, correction, CorrectionState.CONFIRMED, answer)
    tell(contribution.community_id, [contribution.resident_id], _taken_back(correction, bool(lines)),
         {"what": contribution.title, "day": {"day": contribution.done_on.isoformat()}, "why": correction.reason[:200]},
         f"/deeds/{contribution.id}")
    if correction.records_anew:
        right = Figures(correction.right_minutes, correction.right_units, correction.right_score,
                        correction.right_amount_fen, correction.right_item_code)
        record_anew(actor, contribution, correction.renewed_key, right, recorder_id=correction.proposed_by_id,
                    reason=correction.reason, barred=barred if correction.appeal_id else ())
    return correction


def _taken_back(correction: Correction, earned: bool) -> str:
    if correction.appeal_id is None:
        return N_("The points for “%(what)s” on %(day)s were taken back: %(why)s")
    if earned:
        return N_("After the review you asked for “%(what)s” on %(day)s is recorded anew. What it earned before was "
                  "taken back in the book and is judged again.")
    return N_("After the review you asked for “%(what)s” on %(day)s is recorded anew and judged again.")


def refuse_correction(actor: Actor, correction_id: int, answer: str) -> Correction:
    """The second person disagrees, with a reason; nothing is changed in the book. Raises as confirming does."""
    if len(answer.strip()) < 2:
        raise ReasonMissing(fields={"answer": lazy("Say why the award stands.")})
    correction, contribution, _lines = _proposed(actor, correction_id)
    _close(actor, correction, CorrectionState.REFUSED, answer)
    if correction.appeal_id is not None:
        tell(contribution.community_id, [contribution.resident_id],
             N_("“%(what)s”: the second person did not agree with how it was to be put right: %(why)s Somebody "
                "proposes it anew."),
             {"what": contribution.title, "why": answer.strip()[:250]}, f"/deeds/{contribution.id}")
    return correction


def _deed(actor: Actor, contribution_id: int) -> tuple[Contribution, Sequence[AwardLine]]:
    contribution = get_scoped(Contribution, contribution_id, actor.community_id, lock=True)
    if contribution.state is not State.APPROVED:
        raise NothingToCorrect
    return contribution, locked_lines(contribution)


def locked_lines(contribution: Contribution) -> Sequence[AwardLine]:
    """The award lines of a deed with their row locks; the deed is locked before them."""
    return db.session.scalars(
        scoped(AwardLine, contribution.community_id).where(AwardLine.contribution_id == contribution.id)
        .order_by(AwardLine.id).with_for_update(key_share=True).execution_options(populate_existing=True)).all()


def _proposed(actor: Actor, correction_id: int) -> tuple[Correction, Contribution, Sequence[AwardLine]]:
    if not policy.may_correct(actor):
        raise NotAReviewer
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


def record_anew(actor: Actor, old: Contribution, key: str, right: Figures, *, recorder_id: int, reason: str,
                barred: Collection[int] = ()) -> Contribution:
    """The same deed with the right figures, as if typed by whoever proposed it: somebody else has to approve it."""
    item = _item(old, right.item_code) if right.item_code else None

    def of(name: str) -> Any:
        wanted = getattr(right, name)
        return wanted if wanted is not None else getattr(old, name)

    measured = {name: getattr(old, name) for name in MEASURED}
    measured |= {"score": of("score"), "amount_fen": of("amount_fen")}
    measured["act_key"] = old.act  # it stays the same act as those that were marked so
    return record(actor, [DeedDraft(
        kind=str(item.kind if item is not None else old.kind), resident_id=old.resident_id, title=old.title,
        on=old.done_on, source_key=key, minutes=of("minutes"), units=of("units"), item_code=of("item_code"),
        activity_key=old.activity_key, **measured, place=old.place, text=old.text,
        recorded_via=RecordedVia.LEADER_TYPED, team_id=old.team_id, recorder_user_id=recorder_id, reason=reason,
        barred=tuple(sorted(barred)))])[0]


def open_corrections(community_id: int) -> int:
    """How many corrections wait for their second person."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Correction).where(
        Correction.community_id == community_id, Correction.state == CorrectionState.PROPOSED)) or 0
