"""A second look: each month some of the cases closed as fixed are drawn by lot and looked at by an inspector who had no
part.

What does not hold is opened again; a report found to be false is proposed, and a second person agrees or doesn't.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import NotIndependent, NotYourPart, OutOfTurn, SettledAlready
from pointsbank.cases.models import Case, CaseAudit, CaseEvent, CaseState, Outcome, Verdict
from pointsbank.cases.moves import MOVES
from pointsbank.cases.services import earning, moving, showing, telling
from pointsbank.cases.services.moving import Step
from pointsbank.cases.services.steps import concerned, note, tell_about, words
from pointsbank.communities.models import Area
from pointsbank.contributions.queries import facts_of
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.i18n import N_

PERCENT = 5
Sample = Callable[[Sequence[int], int], Sequence[int]]
_FALSE = N_("Report %(number)s (%(what)s) was found to be untrue. The reason is there.")
_PROPOSED = N_("A second look found report %(number)s (%(what)s) to be untrue. Somebody else has to agree.")


def _by_lot(ids: Sequence[int], count: int) -> Sequence[int]:
    return secrets.SystemRandom().sample(ids, count)


def draw_audits(community_id: int, month: dt.date, sample: Sample = _by_lot) -> int:
    """Draw one case in twenty, at least one, of those closed as fixed in a month and not opened again; once a month.
    ``month`` is any day of it. Returns how many."""
    first = month.replace(day=1)
    after = (first + dt.timedelta(days=32)).replace(day=1)
    # Draws of a community queue here, so that two lots are never drawn for one month.
    db.session.execute(sa.select(Area.id).where(Area.id == community_id).with_for_update(key_share=True))
    if db.session.scalar(sa.select(CaseAudit.id).where(
            CaseAudit.community_id == community_id, CaseAudit.month == first).limit(1)) is not None:
        return 0
    ids = db.session.scalars(sa.select(Case.id).where(
        Case.community_id == community_id, Case.state == CaseState.CLOSED, Case.outcome == Outcome.FIXED,
        Case.closed_at >= clock.at_local(first), Case.closed_at < clock.at_local(after)).order_by(Case.id)).all()
    if not ids:
        return 0
    drawn = sorted(sample(ids, max(1, -(-len(ids) * PERCENT // 100))))
    db.session.add_all(CaseAudit(community_id=community_id, case_id=one, month=first, drawn_at=clock.now())
                       for one in drawn)
    db.session.flush()
    return len(drawn)


def decide_audit(actor: Actor, audit_id: int, verdict: Verdict, text: str = "") -> CaseAudit:
    """An inspector who took no step in the case, of neither the reporter's family nor the unit, says what they found.

    ``not_fixed`` opens it again, with new clocks; ``false`` is a proposal for ``settle_audit``. Both need words. Raises
    NotFound, NotYourPart, NotIndependent, SettledAlready, ReasonMissing.
    """
    row, case = _locked(actor, audit_id)
    if actor.user_id is None or not actor.has_role(*policy.INSPECTORS):
        raise NotYourPart
    if row.verdict is not None:
        raise SettledAlready
    check_apart(actor, case)
    row.text = text.strip()[:500] if verdict is Verdict.HOLDS else words(text)
    row.verdict, row.auditor_id, row.decided_at = verdict, actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, "cases.decide_audit", f"case_audit:{row.id}", verdict=verdict.value)
    note(actor, case, "audit", case.state, row.text, verdict=verdict.value)
    if verdict is Verdict.NOT_FIXED and case.state is CaseState.CLOSED and case.outcome is not Outcome.FALSE:
        moving.take(actor, case, "reopen", Step(row.text, audited=True))
    elif verdict is Verdict.FALSE:
        telling.tell_office(actor, case, _PROPOSED)
    return row


def settle_audit(actor: Actor, audit_id: int, agrees: bool, text: str) -> CaseAudit:
    """A second person of the office agrees that a report was false, so that it loses its points as any false report
    does, also one that was opened again meanwhile, or doesn't. Raises NotFound, NotYourPart, NotIndependent,
    SettledAlready, ReasonMissing, OutOfTurn while it is inspected or evaluated, and what taking back raises."""
    row, case = _locked(actor, audit_id)
    if actor.user_id is None or not actor.has_role(*policy.DISPATCHERS):
        raise NotYourPart
    if actor.user_id == row.auditor_id or policy.barred(
            actor, case, facts_of(actor.user_id), queries.unit_users(case.community_id, case.unit_id)):
        raise NotIndependent
    if row.verdict is not Verdict.FALSE or row.settled_at is not None:
        raise SettledAlready
    said = words(text)
    row.settled_by_id, row.settled_at, row.agreed = actor.user_id, clock.now(), agrees
    if agrees and case.state in MOVES["declare_false"].sources:  # opened again meanwhile
        moving.take(actor, case, "declare_false", Step(said))
    elif agrees and case.state is not CaseState.CLOSED:
        raise OutOfTurn
    elif agrees and case.outcome is not Outcome.FALSE:
        case.outcome = Outcome.FALSE
        if case.photos_public:
            showing.show(actor, case, False)
        earning.take_back(actor, case, said)
        tell_about(case, concerned(case), _FALSE)
    db.session.flush()
    audit.write(actor, "cases.settle_audit", f"case_audit:{row.id}", agrees=agrees)
    note(actor, case, "settle_audit", case.state, said, agrees=agrees)
    return row


def _locked(actor: Actor, audit_id: int) -> tuple[CaseAudit, Case]:
    """The case first, as every step locks it. Raises NotFound."""
    case_id = get_scoped(CaseAudit, audit_id, actor.community_id).case_id
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    return get_scoped(CaseAudit, audit_id, actor.community_id, lock=True), case


def check_apart(actor: Actor, case: Case) -> None:
    """Raises NotIndependent for who took a step in the case or stands near those who did."""
    users = queries.unit_users(case.community_id, case.unit_id)
    took = db.session.scalar(sa.select(CaseEvent.id).where(
        CaseEvent.community_id == case.community_id, CaseEvent.case_id == case.id,
        CaseEvent.by_user_id == actor.user_id).limit(1))
    if took is not None or policy.barred(actor, case, facts_of(actor.user_id), users):
        raise NotIndependent
