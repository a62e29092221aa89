"""A community whose standard takes points away, its people of the desk, and a look at what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask

from pointsbank.core import clock
from pointsbank.core.db import db, run, transaction
from pointsbank.deductions import services
from pointsbank.deductions.models import Deduction, DeductionState
from pointsbank.ledger import queries as book
from pointsbank.ledger import services as ledger
from pointsbank.notifications.models import InboxMessage
from pointsbank.people import services as persons
from pointsbank.people.models import LinkKind, Resident, UserResident
from pointsbank.rules import services as rules
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.models import DeedKind, Receiver, Shape
from tests.rules.support import RESOLUTION, hours_rule
from tests.support.village import PEOPLE, Village

TODAY = dt.date(2026, 4, 18)
SINCE = dt.date(2026, 1, 1)
HOUSE = "2-0317"  # where alice (head) and andrew live


def rubbish(**changes: Any) -> RuleDraft:
    """Rubbish beside the bin: 2 points each time from the household, doubled within 90 days."""
    values: dict[str, Any] = {
        "code": "9.1", "name": "乱倒垃圾", "category": "扣分", "kind": DeedKind.OTHER, "shape": Shape.PER_TIME,
        "points": 200, "receiver": Receiver.HOUSEHOLD, "takes_away": True, "repeat_days": 90}
    return RuleDraft(**{**values, **changes})


def parking(**changes: Any) -> RuleDraft:
    """A blocked way: 3 points from the person."""
    return rubbish(**{"code": "9.2", "name": "占道停车", "points": 300, "receiver": Receiver.RESIDENT, "repeat_days": 0,
                      **changes})


def bags(**changes: Any) -> RuleDraft:
    """Half a point for each bag left lying."""
    return rubbish(**{"code": "9.3", "name": "随意堆放", "points": 50, "shape": Shape.PER_UNIT, "unit": "袋",
                      "repeat_days": 0, **changes})


def quarrel(**changes: Any) -> RuleDraft:
    """From the head of the household."""
    return rubbish(**{"code": "9.4", "name": "家庭不睦", "points": 100, "receiver": Receiver.HEAD, "repeat_days": 0,
                      **changes})


@dataclass
class Cases:
    """``reviewer`` announces, ``member`` imposes, ``second`` decides appeals; ``alice`` is concerned."""

    app: Flask
    village: Village

    @property
    def community(self) -> int:
        return self.village.community

    @property
    def house(self) -> str:
        return f"household:{self.village.households[HOUSE]}"

    def adopt(self, *drafts: RuleDraft, deductions: bool = True) -> None:
        with transaction():
            row = rules.start_draft(self.village.actor("member"), "积分细则", [hours_rule(), *drafts],
                                    deductions=deductions)
        with transaction():
            rules.adopt(self.village.actor("second"), row.id, SINCE, RESOLUTION, on_paper=True)

    def give(self, points: int, owner: str = "", expires_on: dt.date | None = None) -> None:
        owner = owner or self.house
        count = db.session.scalar(sa.text("SELECT count(*) FROM transfer"))
        db.session.rollback()
        with transaction():
            ledger.post(self.community, ledger.award_transfers(
                self.community, [ledger.Award(owner, points, f"award:9{count}", expires_on)]), clock.today())

    def wish(self, **changes: Any) -> services.Announcement:
        values: dict[str, Any] = {
            "item_code": "9.1", "seen_on": clock.today(), "seen": "垃圾放在桶外，占了路", "how": "把垃圾放进桶里",
            "household_id": self.village.households[HOUSE]}
        if "person" in changes:
            values |= {"household_id": None, "resident_id": self.village.residents[changes.pop("person")]}
        return services.Announcement(**{**values, **changes})

    def announced(self, by: str = "reviewer", **changes: Any) -> int:
        return run(lambda: services.announce(self.village.actor(by), self.wish(**changes)).id)

    def answered(self, row: int, by: str = "alice", text: str = "那天不是我们家的", **more: Any) -> int:
        return run(lambda: services.answer(self.village.actor(by), row, text, **more).id)

    def imposed(self, row: int, by: str = "member", text: str = "到期仍未整改") -> Deduction:
        run(lambda: services.impose(self.village.actor(by), row, text).id)
        return self.row(row)

    def taken(self, clock: Any, **changes: Any) -> Deduction:
        """Announced, and imposed eight days later."""
        row = self.announced(**changes)
        clock.forward(days=8)
        return self.imposed(row)

    def appealed(self, row: int, by: str = "alice", text: str = "照片里不是我们家的袋子", **more: Any) -> int:
        return run(lambda: services.appeal(self.village.actor(by), row, text, **more).id)

    def answered_appeal(self, row: int, reverse: bool, by: str = "second", text: str = "已核对照片与门牌") -> Deduction:
        run(lambda: services.decide_appeal(self.village.actor(by), row, reverse, text).id)
        return self.row(row)

    def row(self, row: int) -> Deduction:
        found = db.session.get(Deduction, row, populate_existing=True)
        assert found is not None
        db.session.expunge_all()
        db.session.rollback()
        return found

    def state(self, row: int) -> DeductionState:
        return self.row(row).state

    def child(self, born_on: dt.date = dt.date(2012, 1, 1)) -> int:
        with transaction():
            return persons.add_resident(self.village.actor("member"), name="陈小宝", born_on=born_on,
                                        household_id=self.village.households[HOUSE], since_on=SINCE).id

    def act_for(self, user: str, resident: str) -> None:
        """A link such as that of a son to his mother."""
        with transaction():
            db.session.add(UserResident(user_id=self.village.users[user], resident_id=self.village.residents[resident],
                                        kind=LinkKind.FAMILY, created_at=clock.now()))

    def available(self, owner: str = "") -> int:
        found = book.available(self.community, owner or self.house, clock.today())
        db.session.rollback()
        return found

    def lots(self, owner: str = "") -> dict[dt.date | None, int]:
        found = {lot.expires_on: lot.remaining for lot in book.lots(self.community, owner or self.house, clock.today())}
        db.session.rollback()
        return found

    def debt(self) -> int:
        found = book.debt(self.community, self.house)
        db.session.rollback()
        return found

    def told(self) -> dict[str, list[str]]:
        """The messages about deductions by the name of whoever got them."""
        names = {i: key for key, i in self.village.residents.items()}
        rows = db.session.execute(sa.select(InboxMessage.resident_id, InboxMessage.text, Resident.name).join(
            Resident, Resident.id == InboxMessage.resident_id).where(InboxMessage.link.like("/deductions/%"))
            .order_by(InboxMessage.id))
        found: dict[str, list[str]] = {}
        for resident, text, name in rows:
            found.setdefault(names.get(resident, name), []).append(text)
        db.session.rollback()
        return found

    def faults(self) -> list[str]:
        found = [f"{fault.code} {fault.row} {fault.text}" for fault in book.verify(None)]
        db.session.rollback()
        return found


__all__ = ["HOUSE", "PEOPLE", "TODAY", "Cases", "bags", "parking", "quarrel", "rubbish"]
