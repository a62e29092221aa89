"""What happens in the families of the demo: a grown child founds a household, and somebody dies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa

from pointsbank.core.db import db
from pointsbank.core.errors import DomainError
from pointsbank.demo.founding import Home
from pointsbank.ledger import queries as book
from pointsbank.people import queries as people
from pointsbank.people.models import Household, HouseholdMember
from pointsbank.succession import services as cases
from pointsbank.succession.models import ChangeKind
from pointsbank.succession.plans import Wish, household_key, resident_key

DIVIDED = "子女成家，分户另过。家里商量好按人头分积分，协议书已签字。"
DIED = "家属交来死亡证明复印件，积分留给家里。"


class Families:
    """One community's families; ``enters`` and ``confirms`` are two people of its office."""

    def __init__(self, home: Home, enters: str, confirms: str) -> None:
        self.home = home
        self.enters, self.confirms = home.staff[enters], home.staff[confirms]

    def divide(self, day: dt.date) -> None:
        """Of the families with a grown child, the one with the most points is divided by heads."""
        for number, members in self._by_points(day):
            child = next((m for m in members if m.relation == "子女"), None)
            if child is not None and len(members) > 2 and self._enter(Wish(
                    ChangeKind.SPLIT, day, DIVIDED, household_id=child.household_id, resident_ids=(child.resident_id,),
                    head_id=child.resident_id, number=f"{number}-1")):
                return

    def mourn(self, day: dt.date) -> None:
        """Somebody's husband or wife dies, whoever has most points of their own; the household keeps them."""
        busy = {r.id for members in self.home.members.values() for r in members}
        partners = [m for _number, members in self._by_points(day) for m in members
                    if m.relation == "配偶" and m.resident_id not in busy]
        own = book.availables(self.home.area.id, [resident_key(m.resident_id) for m in partners], day)
        for partner in sorted(partners, key=lambda m: -own.get(resident_key(m.resident_id), 0)):
            if self._enter(Wish(ChangeKind.DEATH, day, DIED, household_id=partner.household_id,
                                resident_ids=(partner.resident_id,))):
                self.home.residents = [r for r in self.home.residents if r.id != partner.resident_id]
                return

    def _by_points(self, day: dt.date) -> Iterator[tuple[str, list[HouseholdMember]]]:
        """Numbers and members of the households, those with the most points first."""
        homes = {household_key(h.id): h for h in db.session.scalars(sa.select(Household).where(
            Household.community_id == self.home.area.id, Household.closed_on.is_(None)))}
        points = book.availables(self.home.area.id, list(homes), day)
        for key in sorted(homes, key=lambda key: (-points.get(key, 0), homes[key].number)):
            yield homes[key].number, people.present_members(self.home.area.id, homes[key].id)

    def _enter(self, wish: Wish) -> bool:
        try:
            with db.session.begin_nested():
                change = cases.propose(self.enters, wish)
                cases.confirm(self.confirms, change.id)
        except DomainError:
            return False  # an order waits to be picked up: another family then
        return True
