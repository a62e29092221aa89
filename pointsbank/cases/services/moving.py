"""One door for every move of a case: the table says who and from where, here stands what else comes with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import (
    AppealedAlready,
    BadHandler,
    BadParent,
    BadSuspension,
    EvaluatedAlready,
    NotIndependent,
    NotYourPart,
    OutOfTurn,
    PhotoMissing,
    TooLate,
    UnknownVerb,
)
from pointsbank.cases.models import (
    Case,
    CaseEvaluation,
    CaseState,
    Category,
    Evaluation,
    Outcome,
    UnitMember,
)
from pointsbank.cases.moves import ANSWERS, MOVES, OPEN, Move, Part
from pointsbank.cases.services import clocks, earning, showing, telling
from pointsbank.cases.services.steps import note, title_of, words
from pointsbank.contributions.queries import facts_of
from pointsbank.core import clock
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.media import queries as pictures
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.people.roles import Role

SUSPEND_DAYS = 30


@dataclass(frozen=True)
class Step:
    """What comes with a move: words, and what the verb asks for. ``days`` of a suspension. ``title`` (accept) is what
    others read; ``show_photos`` (accept, approve) lets them see the photos. ``audited``: a second look asks for it."""

    text: str = ""
    parent_id: int | None = None
    unit_id: int | None = None
    handler_id: int | None = None
    days: int | None = None
    outcome: Outcome = Outcome.FIXED
    photo_ids: Sequence[int] = ()
    title: str = ""
    show_photos: bool | None = None
    audited: bool = False


def move(actor: Actor, case_id: int, verb: str, step: Step | None = None) -> Case:
    """Take one step of the table. Raises UnknownVerb, NotFound (also for who may not see the case), NotYourPart,
    NotIndependent, OutOfTurn, ReasonMissing, PhotoMissing and what the single steps refuse."""
    step = step or Step()
    chosen = MOVES.get(verb)
    if chosen is None:
        raise UnknownVerb
    case = _locked(actor, case_id, step.parent_id if verb == "merge" else None)
    if not (actor.is_system or queries.may_see(actor, case)):
        raise NotFound
    _check_part(actor, case, chosen)
    return take(actor, case, verb, step)


def move_for_sender(community_id: int, sender_key: str, case_id: int, verb: str, step: Step | None = None) -> Case:
    """A step of the reporter that comes through the system their report came through (``client:3``).

    Raises as ``move``; NotFound where the case has no report of this sender.
    """
    actor, chosen = system(community_id), MOVES.get(verb)
    if chosen is None:
        raise UnknownVerb
    case = _locked(actor, case_id, None)
    if not queries.is_sender(case, sender_key):
        raise NotFound
    if Part.REPORTER not in chosen.parts:
        raise NotYourPart
    return take(actor, case, verb, step or Step())


def take(actor: Actor, case: Case, verb: str, step: Step) -> Case:
    """Take the step with all that comes with it. Who may was asked before, and the case is under its lock."""
    chosen = MOVES[verb]
    if case.state not in chosen.sources:
        raise EvaluatedAlready if verb in ANSWERS and queries.reporter_answered(case) else OutOfTurn
    said = words(step.text) if chosen.reason else step.text.strip()[:500]
    before, handler, unit_id = case.state, case.handler_id, case.unit_id
    effect = _EFFECTS.get(verb)
    if effect is not None:
        effect(actor, case, step)
    if chosen.photo:
        _hang(actor, case, step)
    if before is CaseState.SUSPENDED:
        case.suspended_until = None
    case.state = chosen.target
    db.session.flush()
    clocks.follow(case, before)
    note(actor, case, verb, before, said, **_kept(case, unit_id))
    if step.show_photos is not None and verb in ("accept", "approve"):
        showing.show(actor, case, step.show_photos)
    _reward(actor, case, verb, said)
    telling.tell_of(actor, case, verb, handler)
    return case


def _kept(case: Case, unit_id: int | None) -> dict[str, Any]:
    """What stays with the event though the case goes on: whose work it was, how it ended (a reopening clears that)."""
    kept: dict[str, Any] = {"unit": unit_id} if unit_id is not None else {}
    if case.state in (CaseState.TO_EVALUATE, CaseState.CLOSED) and case.outcome is not None:
        kept["outcome"] = case.outcome.value
    return kept


def _locked(actor: Actor, case_id: int, parent_id: int | None) -> Case:
    """The case under its lock, with the one it is merged into; in the order of their ids."""
    rows = {one: get_scoped(Case, one, actor.community_id, lock=True)
            for one in sorted({case_id, *([parent_id] if parent_id is not None else [])})}
    return rows[case_id]


def _check_part(actor: Actor, case: Case, chosen: Move) -> None:
    open_to = policy.parts_by_role(actor, case) & chosen.parts
    if not open_to:
        raise NotYourPart
    if open_to - {Part.SYSTEM, Part.REPORTER} == open_to:
        users = queries.unit_users(case.community_id, case.unit_id) if Part.INSPECTOR in open_to else frozenset()
        if not open_to - policy.barred(actor, case, facts_of(actor.user_id), users):
            raise NotIndependent


# ── What comes with a verb ──────────────────────────────────────────────────────────────────────────────────────


def _appeal(_actor: Actor, case: Case, _step: Step) -> None:
    if case.appeals:
        raise AppealedAlready
    case.appeals = 1


def _merge(_actor: Actor, case: Case, step: Step) -> None:
    parent = db.session.get(Case, step.parent_id) if step.parent_id is not None else None
    if parent is None or parent.id == case.id or parent.state not in OPEN or queries.has_children(case):
        raise BadParent(fields={"parent_id": BadParent.message})
    groups = {db.session.get_one(Category, one.category_id).group_code for one in (case, parent)}
    if len(groups) > 1:
        raise BadParent(fields={"parent_id": BadParent.message})
    case.parent_id = parent.id


def _split(_actor: Actor, case: Case, _step: Step) -> None:
    case.parent_id = None


def _accept(actor: Actor, case: Case, step: Step) -> None:
    case.accepted_at, case.accepted_by_id = clock.now(), actor.user_id
    case.title = title_of(step.title)


def _assign(actor: Actor, case: Case, step: Step) -> None:
    unit_id = step.unit_id if step.unit_id is not None else case.unit_id
    member = db.session.get(UnitMember, (unit_id, step.handler_id)) if unit_id and step.handler_id else None
    if member is None or member.community_id != case.community_id or (
            member.user_id in queries.reporting_users([case])[case.id]):
        raise BadHandler(fields={"handler_id": BadHandler.message})
    _by_the_meeting(actor, case)
    case.unit_id, case.handler_id, case.inspector_id = member.unit_id, member.user_id, None
    case.to_watch = True


def _by_the_meeting(actor: Actor, case: Case) -> None:
    """Sent back twice: the joint meeting, which the supervisor above calls, decides. Raises NotYourPart."""
    if case.sent_back > 1 and not actor.has_role(Role.AREA_SUPERVISOR):
        raise NotYourPart


def _refuse_return(actor: Actor, case: Case, _step: Step) -> None:
    if case.handler_id is None:  # taken away by the office: there is nobody to give it back to
        raise OutOfTurn
    _by_the_meeting(actor, case)


def _send_back(_actor: Actor, case: Case, _step: Step) -> None:
    """It stays with its handler until the office gives it to somebody else, or refuses."""
    case.sent_back += 1
    if case.sent_back > 1:
        case.level = 2


def _take_away(_actor: Actor, case: Case, _step: Step) -> None:
    case.handler_id = None


def _suspend(_actor: Actor, case: Case, step: Step) -> None:
    if step.days is None or not 1 <= step.days <= SUSPEND_DAYS:
        raise BadSuspension(days=SUSPEND_DAYS, fields={"days": BadSuspension(days=SUSPEND_DAYS).sentence})
    case.suspended_until = clock.now() + dt.timedelta(days=step.days)


def _finish(_actor: Actor, case: Case, step: Step) -> None:
    if step.outcome is Outcome.FALSE:
        raise OutOfTurn
    if step.outcome is not Outcome.FIXED:
        words(step.text)
    case.outcome, case.to_watch = step.outcome, True


def _inspect(actor: Actor, case: Case, _step: Step) -> None:
    case.inspector_id = actor.user_id


def _approve(actor: Actor, case: Case, step: Step) -> None:
    _inspect(actor, case, step)
    case.evaluate_by = clock.now() + dt.timedelta(days=clocks.EVALUATE_DAYS)


def _close(evaluation: Evaluation) -> Callable[[Actor, Case, Step], None]:
    def effect(actor: Actor, case: Case, step: Step) -> None:
        due = case.evaluate_by
        if evaluation is Evaluation.UNANSWERED and (due is None or due > clock.now()):
            raise OutOfTurn
        if evaluation is not Evaluation.UNANSWERED:
            _answer(actor, case, evaluation, step)
        case.evaluation, case.closed_at = evaluation, clock.now()

    return effect


def _answer(actor: Actor, case: Case, answer: Evaluation, step: Step) -> None:
    """The reporter's own word. Where staff entered the report for a resident, it is the resident's alone."""
    if not (actor.is_system or policy.answers(actor, case)):
        raise NotYourPart
    db.session.add(CaseEvaluation(
        community_id=case.community_id, case_id=case.id, round=case.round, user_id=actor.user_id, by_reporter=True,
        resident_id=case.reporter_resident_id, answer=answer, words=step.text.strip()[:500], at=clock.now()))


def _unhappy(actor: Actor, case: Case, step: Step) -> None:
    _answer(actor, case, Evaluation.UNHAPPY, step)
    case.evaluation = Evaluation.UNHAPPY
    _begin_again(actor, case, step)


def may_reopen(case: Case) -> None:
    """Raises OutOfTurn for what was never accepted or was declared false, TooLate after thirty days."""
    if not policy.was_settled(case):
        raise OutOfTurn
    if not policy.may_reopen(case):
        raise TooLate(days=policy.REOPEN_DAYS)


def _reopen(actor: Actor, case: Case, step: Step) -> None:
    if not step.audited:
        may_reopen(case)
    _begin_again(actor, case, step)


def _begin_again(_actor: Actor, case: Case, _step: Step) -> None:
    """New clocks start; what was breached before stays written down."""
    case.round += 1
    case.handler_id = case.inspector_id = case.closed_at = case.outcome = case.evaluate_by = None


def _false(actor: Actor, case: Case, _step: Step) -> None:
    if case.photos_public:
        showing.show(actor, case, False)
    case.outcome, case.closed_at = Outcome.FALSE, clock.now()


_EFFECTS: dict[str, Callable[[Actor, Case, Step], None]] = {
    "appeal": _appeal, "merge": _merge, "split": _split, "accept": _accept, "assign": _assign,
    "send_back": _send_back, "refuse_return": _refuse_return, "take_away": _take_away, "suspend": _suspend,
    "finish": _finish, "rework": _inspect, "approve": _approve,
    "satisfied": _close(Evaluation.SATISFIED), "partly": _close(Evaluation.PARTLY),
    "unanswered": _close(Evaluation.UNANSWERED), "unhappy": _unhappy, "reopen": _reopen, "declare_false": _false,
}


def _hang(actor: Actor, case: Case, step: Step) -> None:
    """A new photo each time: one that hung before shows what was there before."""
    if not pictures.own_loose(actor, step.photo_ids):
        raise PhotoMissing(fields={"photo_ids": PhotoMissing.message})
    media.attach(actor, list(step.photo_ids), case.key, purpose=Purpose.REPAIR)


def _reward(actor: Actor, case: Case, verb: str, said: str) -> None:
    if verb == "accept":
        earning.earn(actor, case, earning.ACCEPTED)
    elif case.state is CaseState.CLOSED and case.outcome is Outcome.FIXED:
        earning.earn(actor, case, earning.FIXED)
    elif verb == "declare_false":
        earning.take_back(actor, case, said)
    if verb in ANSWERS:
        earning.earn_answer(actor, case, case.reporter_resident_id)
