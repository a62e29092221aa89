"""Households: dated membership, the head, the number on the door list.

Every change of a member ends the old row on a day and begins a new one, so that "who belonged to it on that day"
stays answerable; only what began on the same day is corrected in place.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from pointsbank.communities.models import Area
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Conflict, Forbidden, Invalid, NotFound, lazy
from pointsbank.people import policy
from pointsbank.people.errors import HasLeft, NumberTaken
from pointsbank.people.models import Household, HouseholdMember, Resident

HEAD, MEMBER = "户主", "家人"


def check_area(community_id: int | None, area_id: int | None) -> None:
    """The area lies in this community and is open. Raises Invalid."""
    if area_id is None:
        return
    area = db.session.get(Area, area_id)
    if area is None or area.community_id != community_id or area.closed_at is not None:
        raise Invalid(fields={"area_id": lazy("Choose a building or grid of this community.")})


def clean_number(number: str) -> str:
    """A household number of 1 to 24 characters. Raises Invalid."""
    plain = "".join(number.split())
    if not 1 <= len(plain) <= 24:
        raise Invalid(fields={"number": lazy("A household number has 1 to 24 characters.")})
    return plain


def _may_change(actor: Actor) -> None:
    if not policy.can(actor, "households.change"):
        raise Forbidden


def _check_free(community_id: int | None, number: str) -> None:
    if db.session.scalar(sa.select(sa.literal(1)).where(
            Household.community_id == community_id, Household.number == number)):
        raise NumberTaken(number=number)


def found_household(actor: Actor, number: str, *, area_id: int | None = None) -> Household:
    """Add a household. Raises NumberTaken, Invalid, Forbidden."""
    _may_change(actor)
    number = clean_number(number)
    check_area(actor.community_id, area_id)
    _check_free(actor.community_id, number)
    home = Household(community_id=actor.community_id, number=number, area_id=area_id, created_at=clock.now())
    db.session.add(home)
    db.session.flush()
    audit.write(actor, "people.found_household", f"household:{home.id}")
    return home


def renumber_household(actor: Actor, household_id: int, number: str, *, area_id: int | None = None,
                       with_members: bool = False) -> Household:
    """Correct the number or the building. ``with_members``: they live there from now on."""
    _may_change(actor)
    home = get_scoped(Household, household_id, actor.community_id, lock=True)
    number = clean_number(number)
    check_area(actor.community_id, area_id)
    if number != home.number:
        _check_free(actor.community_id, number)
    if with_members:
        present = sa.select(HouseholdMember.resident_id).where(
            HouseholdMember.household_id == home.id, HouseholdMember.until_on.is_(None))
        db.session.execute(sa.update(Resident).where(
            Resident.id.in_(present), Resident.community_id == home.community_id).values(area_id=area_id))
    home.number, home.area_id = number, area_id
    audit.write(actor, "people.renumber_household", f"household:{home.id}")
    return home


def close_household(actor: Actor, household_id: int, *, on: dt.date | None = None) -> Household:
    """The household is dissolved on a day (today); it must have no members left."""
    _may_change(actor)
    home = get_scoped(Household, household_id, actor.community_id, lock=True)
    if db.session.scalar(sa.select(sa.literal(1)).where(
            HouseholdMember.household_id == home.id, HouseholdMember.until_on.is_(None)).limit(1)):
        raise Conflict(lazy("Somebody still belongs to this household. Let them move out or join another one first."))
    home.closed_on = home.closed_on or on or clock.today()
    audit.write(actor, "people.close_household", f"household:{home.id}")
    return home


def reopen_household(actor: Actor, household_id: int) -> Household:
    """A dissolved household is on the door list again."""
    _may_change(actor)
    home = get_scoped(Household, household_id, actor.community_id, lock=True)
    home.closed_on = None
    audit.write(actor, "people.reopen_household", f"household:{home.id}")
    return home


def open_membership(community_id: int | None, resident_id: int) -> HouseholdMember | None:
    """The present membership of a resident, locked."""
    return db.session.scalars(
        scoped(HouseholdMember, community_id)
        .where(HouseholdMember.resident_id == resident_id, HouseholdMember.until_on.is_(None))
        .with_for_update(key_share=True).execution_options(populate_existing=True)).one_or_none()


def end_membership(row: HouseholdMember, on: dt.date) -> None:
    """End a membership on a day; one that began that day or later leaves no trace, for it never was."""
    if row.since_on >= on:
        db.session.delete(row)
    else:
        row.until_on = on
    db.session.flush()


def _replace(row: HouseholdMember, on: dt.date, **values: Any) -> HouseholdMember:
    """The same membership with other values from ``on``."""
    kept = {name: getattr(row, name) for name in ("community_id", "household_id", "resident_id", "relation", "is_head")}
    end_membership(row, on)
    new = HouseholdMember(**{**kept, **values}, since_on=on)
    db.session.add(new)
    db.session.flush()
    return new


def _free_since(resident: Resident) -> dt.date | None:
    """The day on which the last membership ended, for somebody who is in no household; None if there was none."""
    return db.session.scalar(sa.select(sa.func.max(HouseholdMember.until_on)).where(
        HouseholdMember.community_id == resident.community_id, HouseholdMember.resident_id == resident.id))


def _check_day(on: dt.date, since: dt.date | None) -> None:
    if on > clock.today():
        raise Invalid(fields={"on": lazy("This day is still to come.")})
    if since is not None and on < since:
        raise Invalid(fields={"on": lazy("On this day the person belonged to another household already.")})


def stop_being_head(household_id: int, on: dt.date, *, but: int) -> None:
    """Whoever is the head now, ``but`` this resident, is an ordinary member from a day on."""
    old = db.session.scalars(
        sa.select(HouseholdMember).where(
            HouseholdMember.household_id == household_id, HouseholdMember.until_on.is_(None), HouseholdMember.is_head,
            HouseholdMember.resident_id != but).with_for_update(key_share=True)).one_or_none()
    if old is not None:
        relation = MEMBER if old.relation == HEAD else old.relation
        _replace(old, max(on, old.since_on), is_head=False, relation=relation)


def join_household(actor: Actor, resident_id: int, household_id: int, *, relation: str = "", is_head: bool = False,
                   on: dt.date | None = None) -> HouseholdMember:
    """Move a resident into a household from a day on (today); the old membership ends that day. A new head takes the
    place of the old one. Raises NotFound, HasLeft, Invalid."""
    _may_change(actor)
    on = on or clock.today()
    home = get_scoped(Household, household_id, actor.community_id, lock=True)
    resident = get_scoped(Resident, resident_id, actor.community_id, lock=True)
    if resident.left_on or resident.erased_at:
        raise HasLeft
    if home.closed_on is not None:
        raise NotFound
    old = open_membership(actor.community_id, resident_id)
    _check_day(on, old.since_on if old else _free_since(resident))
    if old is not None:
        end_membership(old, on)
    if is_head:
        stop_being_head(home.id, on, but=resident_id)
    relation = " ".join(relation.split())[:20] or (HEAD if is_head else MEMBER)
    row = HouseholdMember(community_id=home.community_id, household_id=home.id, resident_id=resident_id,
                          relation=relation, is_head=is_head, since_on=on)
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "people.join_household", f"household:{home.id}", resident=resident_id, head=is_head)
    return row


def leave_household(actor: Actor, resident_id: int, *, household_id: int, on: dt.date | None = None) -> None:
    """End the present membership of this household on a day (today). Raises NotFound for somebody elsewhere."""
    _may_change(actor)
    get_scoped(Resident, resident_id, actor.community_id, lock=True)
    row = open_membership(actor.community_id, resident_id)
    if row is None or row.household_id != household_id:
        raise NotFound
    on = on or clock.today()
    _check_day(on, row.since_on)
    end_membership(row, on)
    audit.write(actor, "people.leave_household", f"household:{household_id}", resident=resident_id)


def make_head(actor: Actor, household_id: int, resident_id: int, *, on: dt.date | None = None) -> HouseholdMember:
    """Another present member becomes the head from a day on. Raises NotFound for somebody who isn't a member."""
    _may_change(actor)
    on = on or clock.today()
    home = get_scoped(Household, household_id, actor.community_id, lock=True)
    row = open_membership(actor.community_id, resident_id)
    if row is None or row.household_id != home.id:
        raise NotFound
    if row.is_head:
        return row
    _check_day(on, row.since_on)
    stop_being_head(home.id, on, but=resident_id)
    new = _replace(row, on, is_head=True, relation=HEAD)
    audit.write(actor, "people.make_head", f"household:{home.id}", resident=resident_id)
    return new
