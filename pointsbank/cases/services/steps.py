"""What all steps share: words, the event written down, the people concerned told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from pointsbank.cases.errors import BadTitle, ReasonMissing
from pointsbank.cases.models import Case, CaseEvent, CaseState, Category, Joiner
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.notifications.services import tell
from pointsbank.people.models import LinkKind, Resident, UserResident

SHORTEST, LONGEST = 4, 500


def words(text: str) -> str:
    """The text without room at its ends. Raises ReasonMissing for one that says nothing or too much."""
    clean = text.strip()
    if not SHORTEST <= len(clean) <= LONGEST:
        raise ReasonMissing(fields={"text": ReasonMissing.message})
    return clean


def title_of(text: str) -> str:
    """A title without room at its ends, empty for none. Raises BadTitle."""
    clean = " ".join(text.split())
    if clean and not 2 <= len(clean) <= 60:
        raise BadTitle(fields={"title": BadTitle.message})
    return clean


def note(actor: Actor, case: Case, verb: str, before: CaseState | None, text: str = "", **detail: Any) -> None:
    """Write the step down, here and in the audit. Texts stay out of the audit: they may name people."""
    db.session.add(CaseEvent(community_id=case.community_id, case_id=case.id, verb=verb, before=before,
                             after=case.state, by_user_id=actor.user_id, at=clock.now(), text=text, detail=detail))
    db.session.flush()
    audit.write(actor, f"cases.{verb}", case.key, community_id=case.community_id)


def concerned(case: Case) -> set[int]:
    """The residents who hear of each step: reporter and joiners, also of what was merged into it."""
    family = sa.select(Case.id).where(Case.community_id == case.community_id,
                                      sa.or_(Case.id == case.id, Case.parent_id == case.id))
    return set(db.session.scalars(
        sa.select(Case.reporter_resident_id).where(Case.id.in_(family), Case.reporter_resident_id.is_not(None))
        .union(sa.select(Joiner.resident_id).where(Joiner.case_id.in_(family)))))


def tell_about(case: Case, residents: Iterable[int], text: str, params: dict[str, Any] | None = None) -> None:
    """Tell residents about the case by its kind and number; nobody is named."""
    kind = db.session.scalar(sa.select(Category.name).where(Category.id == case.category_id))
    tell(case.community_id, sorted(residents), text, {"what": kind, "number": str(case.id), **(params or {})})


def residents_of(case: Case, user_ids: Iterable[int]) -> set[int]:
    """The own inbox of users, where they live here."""
    return set(db.session.scalars(
        sa.select(UserResident.resident_id).join(Resident, Resident.id == UserResident.resident_id).where(
            UserResident.user_id.in_(list(user_ids)), UserResident.kind == LinkKind.SELF,
            Resident.community_id == case.community_id)))
