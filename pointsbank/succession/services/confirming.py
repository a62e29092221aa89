"""The second person agrees, and all of it happens in one unit of work: people first, then the points as one batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.ledger import queries as book
from pointsbank.ledger import services as ledger
from pointsbank.ledger.services import Bequest, Portion, Return, Transfer
from pointsbank.people import queries as persons
from pointsbank.people import services as people
from pointsbank.people.models import Household, Resident
from pointsbank.succession.errors import ChangedSince, PointsSince, ReasonNeeded
from pointsbank.succession.models import ChangeKind, ChangeState, HouseholdChange
from pointsbank.succession.plans import NEW, Act, Plan, Step, Wish, household_key, wish_from
from pointsbank.succession.services.planning import members_now, plan
from pointsbank.succession.services.proposing import refuse_kin, refuse_orders, waiting_change
from pointsbank.succession.services.telling import tell_confirmed
from pointsbank.succession.services.undoing import people_of


def confirm(actor: Actor, change_id: int, answer: str = "") -> HouseholdChange:
    """Carry a case out. Raises NotAllowed, SecondPersonNeeded, OwnHousehold, AlreadyDecided, ChangedSince, OpenOrders,
    PointsSince, and whatever has become wrong with the wish; nothing is done then."""
    change = waiting_change(actor, change_id)
    wish = wish_from(change.wish)
    _lock(change, wish)
    if members_now(change.community_id, change.household_id) != wish.members:
        raise ChangedSince
    found = plan(change.community_id, wish)
    refuse_kin(found, {change.proposed_by_id, actor.user_id or 0})
    refuse_orders(change.community_id, [b.giver for b in found.bequests])
    number = _next_number(change.community_id)
    found = _carry_out(actor, found)
    transfers, statement = _points(change, found)
    statement["steps"] = [step.to_json() for step in found.steps]
    change.state, change.number, change.statement = ChangeState.CONFIRMED, number, statement
    change.decided_by_id, change.decided_at, change.answer = actor.user_id, clock.now(), answer.strip()[:500]
    change.other_household_id = found.other_id
    db.session.flush()
    audit.write(actor, "succession.confirm", change.key, number=number)
    ledger.post(change.community_id, transfers, clock.today())
    _refuse_left_over(change.community_id, found)
    tell_confirmed(change, found)
    return change


def refuse(actor: Actor, change_id: int, answer: str) -> HouseholdChange:
    """The second person disagrees, with a reason; nothing changes. Raises as confirming does, and ReasonNeeded."""
    if len(answer.strip()) < 2:
        raise ReasonNeeded(fields={"answer": ReasonNeeded.message})
    change = waiting_change(actor, change_id)
    change.state, change.answer = ChangeState.REFUSED, answer.strip()[:500]
    change.decided_by_id, change.decided_at = actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, "succession.refuse", change.key)
    return change


def _lock(change: HouseholdChange, wish: Wish) -> None:
    """Households, then people, each in the order of their ids: what is planned from here on stays true."""
    homes = {change.household_id, change.other_household_id, wish.into_id} - {None}
    residents = set(people_of(change.id))
    for model, ids in ((Household, homes), (Resident, residents)):
        db.session.scalars(
            scoped(model, change.community_id).where(model.id.in_(ids)).order_by(model.id)
            .with_for_update(key_share=True).execution_options(populate_existing=True)).all()


def _next_number(community_id: int) -> int:
    """Two at once get the same number, and one of them is tried again (see ``core.db``)."""
    last = db.session.scalar(sa.select(sa.func.max(HouseholdChange.number)).where(
        HouseholdChange.community_id == community_id))
    return (last or 0) + 1


# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _carry_out(actor: Actor, found: Plan) -> Plan:
    """Do the steps; the plan comes back with the id of the household that was founded."""
    founded: int | None = None
    done = []
    for step in found.steps:
        if step.household_id == NEW and founded is not None:
            step = replace(step, household_id=founded)
        made = _do(actor, step, found.wish.on, died=found.wish.kind is ChangeKind.DEATH)
        if made is not None:
            founded = made
            step = replace(step, household_id=made)
        done.append(step)
    if founded is None:
        return replace(found, steps=tuple(done))
    bequests = tuple(replace(b, receiver=household_key(founded)) if b.receiver == household_key(NEW) else b
                     for b in found.bequests)
    return replace(found, steps=tuple(done), bequests=bequests, other_id=founded)


def _do(actor: Actor, step: Step, on: dt.date, *, died: bool) -> int | None:
    """One step; the id of a household that was founded."""
    home, who = step.household_id or 0, step.resident_id or 0
    if step.act is Act.FOUND:
        return people.found_household(actor, step.number, area_id=step.area_id).id
    if step.act is Act.JOIN:
        people.join_household(actor, who, home, is_head=step.is_head, on=on)
    elif step.act is Act.HEAD:
        # After a death the next day; and never before somebody came, however late it is entered.
        row = persons.present_membership(actor.community_id or 0, who)
        first = on + dt.timedelta(days=1) if died else on
        people.make_head(actor, home, who, on=min(max(first, row.since_on if row else first), clock.today()))
    elif step.act is Act.LEAVE:
        people.move_out(actor, who, on, keep_card=step.keeps_card)
    elif step.act is Act.DIE:
        people.record_death(actor, who, on)
    elif step.act is Act.COME_BACK:
        people.come_back(actor, who)
    elif step.act is Act.RESUME:
        people.resume(actor, who, step.household_id)
    elif step.act is Act.CLOSE:
        people.close_household(actor, home, on=on)
    elif step.act is Act.REOPEN:
        people.reopen_household(actor, home)
    else:
        people.renumber_household(actor, home, step.number, area_id=step.area_id, with_members=True)
    return None


# ── Points ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _points(change: HouseholdChange, found: Plan) -> tuple[list[Transfer], dict[str, Any]]:
    """The batch for the book, and the statement of what moves in it: by keys, amounts and days."""
    community_id, today = change.community_id, clock.today()
    statement: dict[str, Any] = {"pieces": [], "debts": [], "waiting": sorted(
        {b.receiver for b in found.bequests if b.receiver.startswith("remainder:")}),
        "closed": [b.giver for b in found.bequests if b.closes]}
    ledger.reopen(community_id, found.reopens)
    transfers: list[Transfer] = []
    if found.inheritance is not None:
        transfers += _inherit(change, found, statement, today)
    else:
        transfers += ledger.return_transfers(community_id, found.returns, change.key)
        for one in found.returns:
            _note(statement, f"{change.key}:{one.id}", one.giver, one.receiver, one)
    built, portions = ledger.bequest_transfers(community_id, found.bequests, change.key, today)
    _state(statement, found.bequests, portions, iter(built))
    # The passbooks are locked now: what comes to those that wait from here on is this case's.
    statement["after"] = ledger.latest(community_id)
    return [*transfers, *built], statement


def _inherit(change: HouseholdChange, found: Plan, statement: dict[str, Any], today: dt.date) -> list[Transfer]:
    wanted, community_id = found.inheritance, change.community_id
    assert wanted is not None
    giver, receiver = (wanted.heir, wanted.waiting) if wanted.back else (wanted.waiting, wanted.heir)
    statement["from"], statement["to"] = giver, receiver
    for one in found.returns:
        # The passbook that it came from is closed and sends it on, under this key.
        onward = f"{change.key}:{one.id}{ledger.ONWARD}" + (f":{one.day}" if one.day is not None else "")
        _note(statement, onward, giver, receiver, one)
    if wanted.back:
        return ledger.pass_back(community_id, wanted.waiting, wanted.heir, [r.key for r in found.returns], change.key,
                                wanted.days, today)
    return ledger.pass_on(community_id, wanted.waiting, wanted.heir, change.key, today, after=wanted.after)


def _note(statement: dict[str, Any], key: str, giver: str, receiver: str, one: Return) -> None:
    entry = {"key": key, "giver": giver, "receiver": receiver, "book": one.book.value, "amount": one.amount}
    if one.day is None:
        statement["debts"].append(entry)
    else:
        statement["pieces"].append({**entry, "day": _day(one.day), "was_day": _day(one.day)})


def _state(statement: dict[str, Any], bequests: Sequence[Bequest], portions: Sequence[Portion],
           built: Iterator[Transfer]) -> None:
    for bequest, portion in zip(bequests, portions, strict=True):
        both = {"giver": bequest.giver, "receiver": bequest.receiver}
        for piece in portion.pieces:
            statement["pieces"].append({"key": next(built).source_key, **both, "book": piece.book.value,
                                        "amount": piece.amount, "day": _day(piece.to_day),
                                        "was_day": _day(piece.from_day)})
        for book_, amount in portion.debts.items():
            statement["debts"].append({"key": next(built).source_key, **both, "book": book_.value, "amount": amount})


def _day(day: dt.date) -> str | None:
    return None if day == ledger.NEVER else day.isoformat()


def _refuse_left_over(community_id: int, found: Plan) -> None:
    """A division is taken back only while the new household has nothing of its own."""
    if found.wish.kind is not ChangeKind.UNDO:
        return
    for bequest in found.bequests:
        if bequest.giver.startswith("household:") and book.available(community_id, bequest.giver, clock.today()):
            home = db.session.get_one(Household, int(bequest.giver.partition(":")[2]))
            raise PointsSince(number=home.number)
