"""What all steps share: the row under its lock, family kept out, the step written down, the people concerned told."""

from __future__ import annotations

from typing import Any

from pointsbank.contributions.queries import facts_of
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.deductions import policy, queries
from pointsbank.deductions.errors import AlreadyDecided, OwnFamily, WordsMissing
from pointsbank.deductions.models import Deduction, DeductionState, DeductionStep, StepKind
from pointsbank.notifications.services import tell

SHORTEST, LONGEST = 4, 500


def locked(actor: Actor, deduction_id: int, *states: DeductionState) -> Deduction:
    """The deduction of this community under its lock. Raises NotFound, and AlreadyDecided in another state."""
    row = get_scoped(Deduction, deduction_id, actor.community_id, lock=True)
    if row.state not in states:
        raise AlreadyDecided
    return row


def refuse_family(actor: Actor, deduction: Deduction) -> None:
    """Raises OwnFamily for family of the people concerned, declared relatives among them."""
    if policy.is_family(facts_of(actor.user_id), deduction):
        raise OwnFamily


def words(text: str, name: str) -> str:
    """The text without room at its ends. Raises WordsMissing for one that says nothing or too much."""
    clean = text.strip()
    if not SHORTEST <= len(clean) <= LONGEST:
        raise WordsMissing(fields={name: WordsMissing.message})
    return clean


def note(actor: Actor, deduction: Deduction, kind: StepKind, text: str = "", *, on_paper: bool = False,
         resident_id: int | None = None) -> None:
    """Write the step down, here and in the audit. Texts stay out of the audit: they may name people."""
    db.session.add(DeductionStep(
        community_id=deduction.community_id, deduction_id=deduction.id, kind=kind, by_user_id=actor.user_id or 0,
        resident_id=resident_id, on_paper=on_paper, at=clock.now(), text=text))
    db.session.flush()
    audit.write(actor, f"deductions.{kind}", deduction.key, on_paper=on_paper)


def tell_concerned(deduction: Deduction, text: str, params: dict[str, Any] | None = None) -> None:
    """Tell the grown-ups concerned, and nobody else."""
    told = {"what": deduction.rule_name, **(params or {})}
    tell(deduction.community_id, [r.id for r in queries.concerned(deduction)], text, told,
         f"/deductions/{deduction.id}")
