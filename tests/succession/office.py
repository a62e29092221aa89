"""The office of the tests: two people who enter and confirm cases, and a look at what came of them."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import services as communities
from pointsbank.core import clock
from pointsbank.core.actor import system
from pointsbank.core.db import db, run, transaction
from pointsbank.ledger import queries as book
from pointsbank.ledger import services as ledger
from pointsbank.ledger.models import NEVER, Book
from pointsbank.people import queries as people
from pointsbank.people import services as persons
from pointsbank.people.models import Household, HouseholdMember, Resident
from pointsbank.succession import services
from pointsbank.succession.models import ChangeKind, HouseholdChange
from pointsbank.succession.plans import Wish
from tests.support.village import PEOPLE, Village

TODAY = dt.date(2026, 4, 18)
JUNE = dt.date(2026, 6, 30)


@dataclass
class Office:
    """``member`` proposes, ``second`` confirms; both live in none of the households."""

    village: Village

    def home(self, key: str) -> int:
        """The household in which somebody of the village lived at first."""
        return self.village.households[PEOPLE[key][1]]

    def home_now(self, key: str) -> int:
        """The household in which somebody lives now."""
        with transaction():
            row = people.present_membership(self.village.community, self.who(key)[0])
            assert row is not None
            return row.household_id

    def who(self, *keys: str) -> tuple[int, ...]:
        return tuple(self.village.residents[key] for key in keys)

    def wish(self, kind: str, **values: Any) -> Wish:
        named = {"resident_ids": self.who(*values.pop("people", ()))}
        for field, key in (("head_id", "head"), ("stay_head_id", "stay_head"), ("heir_id", "heir")):
            if key in values:
                named[field] = self.who(values.pop(key))[0]
        given = {"on": TODAY, "reason": "村民会议同意", **named, **values}
        return Wish(ChangeKind(kind), **given)

    def propose(self, kind: str, by: str = "member", **values: Any) -> int:
        with transaction():
            return services.propose(self.village.actor(by), self.wish(kind, **values)).id

    def confirm(self, change_id: int, by: str = "second") -> HouseholdChange:
        change = run(lambda: services.confirm(self.village.actor(by), change_id))
        db.session.expunge_all()
        db.session.rollback()
        return change

    def done(self, kind: str, **values: Any) -> HouseholdChange:
        """Proposed by one and confirmed by the other."""
        return self.confirm(self.propose(kind, **values))

    # ── A life beside it ────────────────────────────────────────────────────────────────────────────────────────

    def give(self, owner: str, points: int, expires_on: dt.date | None = None, key: str = "",
             book: Book = Book.POINTS) -> str:
        source = key or f"award:{owner}:{points}:{expires_on}"
        with transaction():
            ledger.post(self.village.community, ledger.award_transfers(
                self.village.community, [ledger.Award(owner, points, source, expires_on, book)]), clock.today())
        return source

    def hold(self, owner: str, points: int, key: str) -> None:
        with transaction():
            ledger.post(self.village.community, ledger.hold_transfers(
                self.village.community, [ledger.Hold(owner, points, key)]), clock.today())

    def reverse(self, key: str) -> None:
        with transaction():
            ledger.post(self.village.community, ledger.reversal_transfers(self.village.community, [key]),
                        clock.today())

    def child(self, household_id: int, name: str = "陈小宝") -> int:
        with transaction():
            return persons.add_resident(self.village.actor("member"), name=name, born_on=dt.date(2016, 1, 1),
                                        household_id=household_id, since_on=dt.date(2025, 1, 1)).id

    def settings(self, **changes: Any) -> None:
        with transaction():
            communities.update_settings(system(self.village.community), self.village.community, changes)

    # ── What is ─────────────────────────────────────────────────────────────────────────────────────────────────

    def lots(self, owner: str, kind: Book = Book.POINTS) -> dict[dt.date, int]:
        found = {lot.expires_on or NEVER: lot.remaining
                 for lot in book.lots(self.village.community, owner, clock.today(), kind)}
        db.session.rollback()
        return found

    def debt(self, owner: str) -> int:
        found = book.debt(self.village.community, owner)
        db.session.rollback()
        return found

    def lives(self, key: str, day: dt.date | None = None) -> str | None:
        """The number of the household that somebody belonged to on a day."""
        resident = self.village.residents[key]
        home = people.household_on(self.village.community, [resident], day or clock.today())[resident]
        db.session.rollback()
        return home.number if home else None

    def head(self, household_id: int) -> int | None:
        found = people.heads(self.village.community, [household_id]).get(household_id)
        db.session.rollback()
        return found.id if found else None

    def row(self, model: Any, row_id: int) -> Any:
        found = db.session.get(model, row_id, populate_existing=True)
        db.session.expunge_all()
        db.session.rollback()
        return found

    def resident(self, key: str) -> Resident:
        found: Resident = self.row(Resident, self.village.residents[key])
        return found

    def household(self, household_id: int | None) -> Household:
        found: Household = self.row(Household, household_id or 0)
        return found

    def faults(self) -> list[str]:
        """What ``ledger verify`` finds, and memberships that overlap: nothing, whatever was done."""
        found = [f"{fault.code} {fault.row} {fault.text}" for fault in book.verify(None)]
        rows = db.session.execute(sa.select(
            HouseholdMember.resident_id, HouseholdMember.since_on, HouseholdMember.until_on)
            .order_by(HouseholdMember.resident_id, HouseholdMember.since_on)).all()
        db.session.rollback()
        for before, after in itertools.pairwise(rows):
            if before[0] == after[0] and (before[2] is None or before[2] > after[1]):
                found.append(f"resident {before[0]} belongs to two households from {after[1]} on")
        return found
