"""What those concerned say at the end: the reporter's answer decides, joiners' stand beside it, and three neighbours
open a closed case again."""

from __future__ import annotations

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import EvaluatedAlready, NothingToEvaluate, NotIndependent, OwnCase, SupportedAlready
from pointsbank.cases.models import Case, CaseEvaluation, Evaluation, ReopeningSupport
from pointsbank.cases.services import earning, moving, telling
from pointsbank.cases.services.moving import Step
from pointsbank.cases.services.steps import concerned, note, tell_about, words
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.core.i18n import N_

NEIGHBOURS = 3
_SAID = N_("A neighbour has said whether report %(number)s (%(what)s) is put right.")
_SUPPORTED = N_("A neighbour says that report %(number)s (%(what)s) is not put right. Three open it again.")


def evaluate(actor: Actor, case_id: int, answer: Evaluation, text: str = "") -> Case:
    """Say whether a case is put right. Of the reporter it is the step of that name: *satisfied* and *partly* close the
    case, *unhappy* needs a reason and opens it again. Of a joiner, or of the reporter of a report merged into it, it is
    counted beside that, once a round, until the seven days are over.

    Raises Forbidden without a resident (of a joiner), NotFound, EvaluatedAlready, NothingToEvaluate, ReasonMissing and
    what ``move`` raises.
    """
    if answer is Evaluation.UNANSWERED:
        raise NothingToEvaluate
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if policy.is_reporter(actor, case):
        return moving.move(actor, case_id, answer.value, Step(text))
    if actor.user_id is None or actor.resident_id is None:
        raise Forbidden
    if not queries.has_joined(case, actor.resident_id):
        raise NotFound
    if actor.user_id in {case.handler_id, *queries.unit_users(case.community_id, case.unit_id)}:
        raise NotIndependent
    if not policy.asks_neighbours(case):
        raise NothingToEvaluate
    if queries.has_answered(case, actor):
        raise EvaluatedAlready
    said = words(text) if answer is Evaluation.UNHAPPY else text.strip()[:500]
    db.session.add(CaseEvaluation(
        community_id=case.community_id, case_id=case.id, round=case.round, user_id=actor.user_id, by_reporter=False,
        resident_id=actor.resident_id, answer=answer, words=said, at=clock.now()))
    db.session.flush()
    note(actor, case, "evaluate", case.state, said, answer=answer.value)
    if earning.is_timely(case, actor.resident_id):
        earning.earn_answer(actor, case, actor.resident_id)
    tell_about(case, _reporter(case), _SAID)
    telling.tell_users(case, {case.handler_id} - {actor.user_id}, _SAID, but=concerned(case))
    return case


def support_reopening(actor: Actor, case_id: int, reason: str) -> Case:
    """A resident who sees a closed case says why it isn't put right, once a round; the third one opens it again.

    Whoever reported it opens it again alone, by ``move``. Raises Forbidden without a resident, NotFound, OwnCase,
    OutOfTurn, TooLate, SupportedAlready, ReasonMissing.
    """
    if actor.user_id is None or actor.resident_id is None:
        raise Forbidden
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if not queries.may_see(actor, case):
        raise NotFound
    if policy.is_reporter(actor, case):
        raise OwnCase
    moving.may_reopen(case)
    said = words(reason)
    voices = queries.supporters(case)
    if any(actor.user_id == one.user_id or actor.resident_id == one.resident_id for one in voices):
        raise SupportedAlready
    db.session.add(ReopeningSupport(case_id=case.id, round=case.round, resident_id=actor.resident_id, reason=said,
                                    community_id=case.community_id, user_id=actor.user_id, at=clock.now()))
    db.session.flush()
    note(actor, case, "support_reopening", case.state, said, voices=len(voices) + 1)
    if len(voices) + 1 >= NEIGHBOURS:
        return moving.take(actor, case, "reopen", Step(said))
    tell_about(case, _reporter(case), _SUPPORTED)
    return case


def _reporter(case: Case) -> list[int]:
    return [case.reporter_resident_id] if case.reporter_resident_id is not None else []
