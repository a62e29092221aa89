"""One door for every move of a case: the table says who and from where, here stands what else comes with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import (
    AppealedAlready,
    BadHandler,
    BadParent,
    BadSuspension,
    NotIndependent,
    NotYourPart,
    OutOfTurn,
    PhotoMissing,
    TooLate,
    UnknownVerb,
)
from pointsbank.cases.models import Case, CaseState, Category, Evaluation, Outcome, UnitMember
from pointsbank.cases.moves import MOVES, OPEN, Move, Part
from pointsbank.cases.services import clocks, earning
from pointsbank.cases.services.steps import concerned, note, residents_of, tell_about, words
from pointsbank.contributions.queries import facts_of
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.i18n import N_
from pointsbank.media import queries as pictures
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.people.roles import Role

REOPEN_DAYS = 30
SUSPEND_DAYS = 30


@dataclass(frozen=True)
class Step:
    """What comes with a move: words, and what the verb asks for. ``days`` of a suspension."""

    text: str = ""
    parent_id: int | None = None
    unit_id: int | None = None
    handler_id: int | None = None
    days: int | None = None
    outcome: Outcome = Outcome.FIXED
    photo_ids: Sequence[int] = ()


def move(actor: Actor, case_id: int, verb: str, step: Step | None = None, *, sender_key: str | None = None) -> Case:
    """Take one step of the table. Raises UnknownVerb, NotFound (also for who may not see the case), NotYourPart,
    NotIndependent, OutOfTurn, ReasonMissing, PhotoMissing and what the single steps refuse.

    With ``sender_key`` another system speaks for the reporter of a case that it brought itself."""
    step = step or Step()
    chosen = MOVES.get(verb)
    if chosen is None:
        raise UnknownVerb
    case = _locked(actor, case_id, step.parent_id if verb == "merge" else None)
    if not (actor.is_system or queries.may_see(actor, case)):
        raise NotFound
    _check_part(actor, case, chosen, sender_key)
    if case.state not in chosen.sources:
        raise OutOfTurn
    said = words(step.text) if chosen.reason else step.text.strip()[:500]
    before = case.state
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
    note(actor, case, verb, before, said)
    _reward(actor, case, verb, said)
    _tell(actor, case, verb)
    return case


def _locked(actor: Actor, case_id: int, parent_id: int | None) -> Case:
    """The case under its lock, with the one it is merged into; in the order of their ids."""
    rows = {one: get_scoped(Case, one, actor.community_id, lock=True)
            for one in sorted({case_id, *([parent_id] if parent_id is not None else [])})}
    return rows[case_id]


def _check_part(actor: Actor, case: Case, chosen: Move, sender_key: str | None) -> None:
    parts = policy.parts_by_role(actor, case)
    if sender_key is not None:
        parts = {Part.REPORTER} if queries.is_brought_by(case, sender_key) else set()
    open_to = parts & chosen.parts
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


def _accept(actor: Actor, case: Case, _step: Step) -> None:
    case.accepted_at, case.accepted_by_id = clock.now(), actor.user_id


def _assign(actor: Actor, case: Case, step: Step) -> None:
    unit_id = step.unit_id if step.unit_id is not None else case.unit_id
    member = db.session.get(UnitMember, (unit_id, step.handler_id)) if unit_id and step.handler_id else None
    if member is None or member.community_id != case.community_id or member.user_id == case.reporter_user_id:
        raise BadHandler(fields={"handler_id": BadHandler.message})
    if case.sent_back > 1 and not actor.has_role(Role.AREA_SUPERVISOR):
        raise NotYourPart  # sent back twice: the joint meeting, which the supervisor above calls, decides
    case.unit_id, case.handler_id, case.inspector_id = member.unit_id, member.user_id, None


def _send_back(_actor: Actor, case: Case, _step: Step) -> None:
    case.sent_back += 1
    _take_away(_actor, case, _step)
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
    case.outcome = step.outcome


def _inspect(actor: Actor, case: Case, _step: Step) -> None:
    case.inspector_id = actor.user_id


def _approve(actor: Actor, case: Case, step: Step) -> None:
    _inspect(actor, case, step)
    case.evaluate_by = clock.now() + dt.timedelta(days=clocks.EVALUATE_DAYS)


def _close(evaluation: Evaluation) -> Callable[[Actor, Case, Step], None]:
    def effect(actor: Actor, case: Case, _step: Step) -> None:
        due = case.evaluate_by
        if evaluation is Evaluation.UNANSWERED and (due is None or due > clock.now()):
            raise OutOfTurn
        case.evaluation, case.closed_at = evaluation, clock.now()

    return effect


def _begin_again(_actor: Actor, case: Case, _step: Step) -> None:
    """New clocks start; what was breached before stays written down."""
    closed = case.closed_at
    if case.state is CaseState.CLOSED:
        if case.outcome is Outcome.FALSE or case.accepted_at is None:
            raise OutOfTurn
        if closed is None or clock.now() > closed + dt.timedelta(days=REOPEN_DAYS):
            raise TooLate(days=REOPEN_DAYS)
    else:
        case.evaluation = Evaluation.UNHAPPY
    case.round += 1
    case.handler_id = case.inspector_id = case.closed_at = case.outcome = case.evaluate_by = None


def _false(_actor: Actor, case: Case, _step: Step) -> None:
    case.outcome, case.closed_at = Outcome.FALSE, clock.now()


_EFFECTS: dict[str, Callable[[Actor, Case, Step], None]] = {
    "appeal": _appeal, "merge": _merge, "split": _split, "accept": _accept, "assign": _assign,
    "send_back": _send_back, "take_away": _take_away, "suspend": _suspend, "finish": _finish,
    "rework": _inspect, "approve": _approve,
    "satisfied": _close(Evaluation.SATISFIED), "unanswered": _close(Evaluation.UNANSWERED), "unhappy": _begin_again,
    "reopen": _begin_again, "declare_false": _false,
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


# ── Who hears of it ─────────────────────────────────────────────────────────────────────────────────────────────

_SAID = {
    "ask_more": N_("The office has a question about report %(number)s (%(what)s). Please answer it."),
    "supply": N_("The answer about report %(number)s (%(what)s) has come in."),
    "decline": N_("Report %(number)s (%(what)s) is not taken on. The reason stands with it; you may appeal once."),
    "appeal": N_("The appeal about report %(number)s (%(what)s) has come in. The office looks at it again."),
    "merge": N_("Report %(number)s (%(what)s) is the same problem as an earlier one and follows it from now on."),
    "split": N_("Report %(number)s (%(what)s) is looked at by itself again."),
    "withdraw": N_("Report %(number)s (%(what)s) was withdrawn."),
    "accept": N_("Report %(number)s (%(what)s) is accepted."),
    "assign": N_("Report %(number)s (%(what)s) was given to somebody who puts it right."),
    "send_back": N_("Report %(number)s (%(what)s) came back to the office, which finds somebody else for it."),
    "take_away": N_("Report %(number)s (%(what)s) is given to somebody else."),
    "acknowledge": N_("Somebody has taken on report %(number)s (%(what)s)."),
    "arrive": N_("Somebody is on site for report %(number)s (%(what)s)."),
    "start": N_("Work on report %(number)s (%(what)s) has begun."),
    "suspend": N_("Work on report %(number)s (%(what)s) has to wait until %(day)s at most. The reason stands with it."),
    "resume": N_("Work on report %(number)s (%(what)s) goes on."),
    "finish": N_("Work on report %(number)s (%(what)s) is done. Somebody else inspects it now."),
    "rework": N_("The inspection of report %(number)s (%(what)s) found that it has to be done again."),
    "approve": N_("Report %(number)s (%(what)s) is put right. Are you satisfied? Please answer within 7 days."),
    "satisfied": N_("Report %(number)s (%(what)s) is closed."),
    "unhappy": N_("Report %(number)s (%(what)s) is open again, because it was not put right."),
    "unanswered": N_("Report %(number)s (%(what)s) is closed. Nobody answered whether it is put right."),
    "declare_false": N_("Report %(number)s (%(what)s) was found to be untrue and is closed. The reason is there."),
    "reopen": N_("Report %(number)s (%(what)s) is open again."),
}
_TASK = N_("Case %(number)s (%(what)s) is yours to put right.")


def _tell(actor: Actor, case: Case, verb: str) -> None:
    params = {}
    if case.suspended_until is not None:
        params["day"] = {"day": clock.local_date(case.suspended_until).isoformat()}
    tell_about(case, concerned(case), _SAID[verb], params)
    if verb == "assign":
        users = queries.unit_users(case.community_id, case.unit_id)
        tell_about(case, residents_of(case, users) - concerned(case), _TASK)
