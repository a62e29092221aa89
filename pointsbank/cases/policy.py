"""Which part somebody plays in a case. Reporter, handler and inspector are three people; nobody closes their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from pointsbank.cases.models import ENTERED, Case, CaseState, Outcome, Source
from pointsbank.cases.moves import OPEN, Part
from pointsbank.contributions.policy import Facts
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.people.roles import OFFICE, Role

DISPATCHERS = (Role.COMMITTEE_MEMBER, Role.AREA_SUPERVISOR)
INSPECTORS = (*DISPATCHERS, Role.REVIEWER, Role.OBSERVER)
LOOKERS = (*INSPECTORS, Role.ADMINISTRATOR, Role.GRID_WORKER, Role.MICRO_GRID_WORKER)
SETTERS = OFFICE
REOPEN_DAYS = 30
# Who goes from door to door and answers the phone. Observers report what they find as their own.
ENTERERS = (Role.COMMITTEE_MEMBER, Role.GRID_WORKER, Role.MICRO_GRID_WORKER)


def is_reporter(actor: Actor, case: Case) -> bool:
    """Sent or entered the first report, or acts for the resident who did."""
    return actor.user_id is not None and (actor.user_id == case.reporter_user_id or (
        actor.resident_id is not None and actor.resident_id == case.reporter_resident_id))


def answers(actor: Actor, case: Case) -> bool:
    """Whether somebody who counts as the reporter may say how it ended. What staff or a leader entered for a resident
    is the resident's to judge."""
    entered = case.source in (*ENTERED, Source.PATROL) and case.reporter_resident_id is not None
    return is_reporter(actor, case) and (not entered or actor.resident_id == case.reporter_resident_id)


def was_settled(case: Case) -> bool:
    """Closed after it was accepted, and not as untrue: the only ones that are ever opened again."""
    return case.state is CaseState.CLOSED and case.outcome is not Outcome.FALSE and case.accepted_at is not None


def may_reopen(case: Case) -> bool:
    """Settled no longer than thirty days ago."""
    return was_settled(case) and case.closed_at is not None and (
        clock.now() <= case.closed_at + dt.timedelta(days=REOPEN_DAYS))


def asks_neighbours(case: Case) -> bool:
    """The seven days in which whoever met it too may say how it ended."""
    return case.state in (CaseState.TO_EVALUATE, CaseState.CLOSED) and case.outcome is not Outcome.FALSE and (
        case.evaluate_by is not None and case.evaluate_by >= clock.now())


def may_speak(actor: Actor, case: Case, colleagues: Collection[int] = ()) -> bool:
    """The office or the unit (``colleagues`` are its users), but not whoever reported it."""
    ours = actor.user_id is not None and actor.user_id in {case.handler_id, *colleagues}
    return (ours or actor.has_role(*DISPATCHERS)) and not is_reporter(actor, case)


def is_told_of(case: Case) -> bool:
    """Between its acceptance and its end words can be said about it."""
    return case.accepted_at is not None and case.state in OPEN


def is_staff(actor: Actor) -> bool:
    """Sees all cases of the community acted in."""
    return actor.user_id is not None and actor.has_role(*LOOKERS)


def parts_by_role(actor: Actor, case: Case) -> set[Part]:
    """The parts open to somebody by who they are, before independence is asked."""
    if actor.is_system:
        return {Part.SYSTEM}
    found = set()
    if is_reporter(actor, case):
        found.add(Part.REPORTER)
    if actor.user_id is not None and actor.user_id == case.handler_id:
        found.add(Part.HANDLER)
    if actor.user_id is not None and actor.has_role(*DISPATCHERS):
        found.add(Part.DISPATCHER)
    if actor.user_id is not None and actor.has_role(*INSPECTORS):
        found.add(Part.INSPECTOR)
    return found


def barred(actor: Actor, case: Case, facts: Facts, unit_users: frozenset[int]) -> set[Part]:
    """The parts that somebody's other part in the case takes away: the reporter, or their family, neither
    distributes nor inspects; the handler doesn't distribute; nobody of the unit inspects."""
    out: set[Part] = set()
    who = case.reporter_resident_id
    if is_reporter(actor, case) or (
            who is not None and facts.is_kin(who, case.household_id, clock.local_date(case.opened_at))):
        out |= {Part.DISPATCHER, Part.INSPECTOR}
    if actor.user_id == case.handler_id:
        out |= {Part.DISPATCHER, Part.INSPECTOR}
    if actor.user_id in unit_users:
        out.add(Part.INSPECTOR)
    return out
