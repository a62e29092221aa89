"""A case that was wrong is taken back as a whole, by another case, while all is still as it left it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import settings
from pointsbank.core import clock
from pointsbank.core.db import db, get_scoped
from pointsbank.ledger import services as ledger
from pointsbank.ledger.services import Bequest
from pointsbank.people import listing
from pointsbank.people import queries as people
from pointsbank.people.models import Household, Resident
from pointsbank.succession.errors import CannotUndo, WrongDay
from pointsbank.succession.models import ChangeKind, ChangeState, HouseholdChange, HouseholdChangePerson
from pointsbank.succession.plans import (
    Act,
    Inheritance,
    Plan,
    Step,
    Wish,
    household_key,
    resident_key,
    step_from,
)

# Of somebody who came back the next case says that they left again.
UNDOABLE = frozenset(ChangeKind) - {ChangeKind.UNDO, ChangeKind.RETURN}


def plan_undo(community_id: int, wish: Wish) -> Plan:
    """What taking a case back comes to. Raises CannotUndo where something was built on it since."""
    original = get_scoped(HouseholdChange, wish.undoes_id or 0, community_id)
    statement = original.statement
    if original.kind not in UNDOABLE or statement is None or _was_undone(original.id):
        raise CannotUndo
    if wish.on < original.on:
        raise WrongDay(fields={"on": WrongDay.message})
    if original.kind is ChangeKind.DEATH and _has_heir(original):
        raise CannotUndo
    steps = [step_from(stored) for stored in statement["steps"]]
    for step in steps:
        if not _still_so(community_id, step, steps):
            raise CannotUndo
    keys = [piece["key"] for piece in (*statement["pieces"], *statement["debts"])]
    returns = ledger.returns(community_id, clock.today(), keys=keys, waiting=statement["waiting"],
                             after=statement.get("after", 0))
    inheritance, closing = None, []
    if original.kind is ChangeKind.HEIR:
        days = settings.of(community_id).heir_days
        inheritance = Inheritance(statement["from"], statement["to"], back=True, days=days)
    for step in steps:
        if step.act is Act.FOUND and original.household_id is not None:
            closing.append(_follow(household_key(step.household_id or 0), household_key(original.household_id),
                                   ledger.HOUSE_BOOKS))
    for waiting in statement["waiting"]:
        closing.append(_follow(waiting, resident_key(int(waiting.partition(":")[2]))))
    return Plan(wish, tuple(_inverse(steps)), tuple(closing), reopens=tuple(statement["closed"]),
                returns=tuple(returns), inheritance=inheritance, household_id=original.household_id,
                other_id=original.other_household_id, resident_id=original.resident_id,
                resident_ids=tuple(people_of(original.id)))


def _follow(emptied: str, owner: str, books: tuple[ledger.Book, ...] = (ledger.Book.POINTS,)) -> Bequest:
    """Nothing is left in this passbook; what it has still to get goes to the other one."""
    return Bequest(emptied, owner, part=0, closes=True, books=books)


def _inverse(steps: Sequence[Step]) -> Iterator[Step]:
    for step in reversed(steps):
        home, who = step.household_id, step.resident_id
        if step.act is Act.FOUND:
            yield Step(Act.CLOSE, home, number=step.number)
        elif step.act is Act.CLOSE:
            yield Step(Act.REOPEN, home, number=step.number)
        elif step.act is Act.JOIN:
            yield Step(Act.JOIN, step.was_household_id, who, step.was_head, was_household_id=home,
                       was_head=step.is_head)
        elif step.act is Act.HEAD and step.was_head_id is not None:
            yield Step(Act.HEAD, home, step.was_head_id, was_head_id=who)
        elif step.act in {Act.LEAVE, Act.DIE}:
            yield Step(Act.RESUME, step.was_household_id, who, step.was_head)
        elif step.act is Act.RENUMBER:
            yield Step(Act.RENUMBER, home, number=step.was_number, area_id=step.was_area_id, was_number=step.number,
                       was_area_id=step.area_id)


def _still_so(community_id: int, step: Step, steps: Sequence[Step]) -> bool:
    """All is as this step left it."""
    home, was = (get_scoped(Household, i, community_id) if i is not None else None
                 for i in (step.household_id, step.was_household_id))
    if was is not None and was.closed_on is not None and not any(
            s.act is Act.CLOSE and s.household_id == was.id for s in steps):
        return False
    if step.act is Act.JOIN:
        row = people.present_membership(community_id, step.resident_id or 0)
        return row is not None and row.household_id == step.household_id
    if step.act is Act.FOUND:
        joined = {s.resident_id for s in steps if s.act is Act.JOIN}
        return home is not None and {m.resident_id for m in people.present_members(community_id, home.id)} == joined
    if step.act is Act.CLOSE:
        return home is not None and home.closed_on is not None
    if step.act is Act.HEAD:
        return home is not None and (step.was_head_id is None or step.resident_id in {
            m.resident_id for m in people.present_members(community_id, home.id) if m.is_head})
    if step.act is Act.RENUMBER:
        other = listing.household_by_number(community_id, step.was_number)
        return (home is not None and (home.number, home.area_id) == (step.number, step.area_id)
                and (other is None or other.id == home.id))
    gone = get_scoped(Resident, step.resident_id or 0, community_id)
    return gone.erased_at is None and gone.left_on is not None and (gone.died_on is not None) == (step.act is Act.DIE)


def _was_undone(change_id: int) -> bool:
    return db.session.scalar(sa.select(sa.literal(1)).where(
        HouseholdChange.undoes_id == change_id, HouseholdChange.state == ChangeState.CONFIRMED).limit(1)) is not None


def _has_heir(death: HouseholdChange) -> bool:
    found: Any = db.session.scalars(sa.select(HouseholdChange.id).where(
        HouseholdChange.community_id == death.community_id, HouseholdChange.kind == ChangeKind.HEIR,
        HouseholdChange.resident_id == death.resident_id, HouseholdChange.state == ChangeState.CONFIRMED)).all()
    return any(not _was_undone(change_id) for change_id in found)


def people_of(change_id: int) -> list[int]:
    """The residents whom a case concerns."""
    return list(db.session.scalars(sa.select(HouseholdChangePerson.resident_id).where(
        HouseholdChangePerson.change_id == change_id).order_by(HouseholdChangePerson.resident_id)))
