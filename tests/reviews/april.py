"""April 2026 of a community, made by hand: eleven cases, A to K, whose figures are counted by hand below.

Each is reported, moved and closed by the services of the house, on the days that stand beside it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from pointsbank.cases import services
from pointsbank.cases.models import CaseState, Outcome
from pointsbank.cases.services import CategoryDraft, Step
from pointsbank.core.db import transaction
from pointsbank.places import services as places
from pointsbank.places.facts import Facts
from pointsbank.places.models import PlaceKind
from pointsbank.reviews.periods import PeriodKind, containing
from tests.cases.desk import Desk

APRIL = containing(PeriodKind.MONTHLY, dt.date(2026, 4, 1))
WEEK = containing(PeriodKind.WEEKLY, dt.date(2026, 4, 20))  # Monday 20 to Sunday 26
DAY = containing(PeriodKind.DAILY, dt.date(2026, 4, 17))

# Counted by hand from the story below, not by any code. Minutes: 1,620 (A), 2,160 (J), 8,640 (H), 30,305 (B) minutes.
COUNTED: dict[str, str] = {
    "received": "ABCDEFGHIK", "accepted": "ABFGHI", "declined": "C", "merged": "D", "withdrawn": "E", "closed": "ABHIJ",
    "outcome.fixed": "ABHJ", "outcome.resolved_by_itself": "", "outcome.cannot_be_fixed": "", "outcome.not_ours": "",
    "outcome.false_report": "I", "on_time": "AHJ", "late": "B", "median": "ABHJ", "rework": "B", "reopened": "H",
    "sent_back": "G", "answer.satisfied": "AHJ", "answer.unhappy": "H", "answer.unanswered": "B", "open": "FGK",
    "suspended": "F", "overdue": "G",
}
MEDIAN = (2160 + 8640) // 2
COUNTED_IN_WEEK = {"closed": "H", "outcome.fixed": "H", "on_time": "H", "median": "H", "rework": "B",
                   "answer.satisfied": "H", "open": "BFG", "suspended": "F", "overdue": "G"}
COUNTED_ON_DAY = {"closed": "I", "outcome.false_report": "I", "reopened": "H", "answer.unhappy": "H", "open": "BFGH",
                  "suspended": "F", "overdue": "BG"}


@dataclass
class April:
    """The desk with the cases by letter. ``lamp`` and ``family`` are looked after by ``desk.unit``, ``cover`` by
    ``squad``; ``family`` is nobody's but the staff's."""

    desk: Desk
    clock: Any
    squad: int = 0
    cover: int = 0
    gate: int = 0
    cases: dict[str, int] = field(default_factory=dict)

    def ids(self, letters: str) -> list[int]:
        """The cases of these letters, by number."""
        return sorted(self.cases[letter] for letter in letters)

    def at(self, day: int, hour: int, minute: int = 0, *, month: int = 4) -> None:
        self.clock.at(2026, month, day, hour, minute)

    def send(self, letter: str, **given: Any) -> None:
        self.cases[letter] = self.desk.send(**given)

    def do(self, letter: str, *steps: tuple[str, str], **given: Any) -> None:
        """Steps of one case at one moment: (who, verb)."""
        for who, verb in steps:
            step = None
            if given or verb == "assign":
                values = {"text": "情况如上所述", "unit_id": self.desk.unit,
                          "handler_id": self.desk.village.users["dora"], **given}
                step = Step(**values)
            self.desk.do(who, verb, self.cases[letter], step)

    def work(self, letter: str) -> None:
        """From taken on to being put right."""
        self.do(letter, ("member", "assign"))
        self.do(letter, ("dora", "acknowledge"), ("dora", "start"))

    def finish(self, letter: str, outcome: Outcome = Outcome.FIXED) -> None:
        self.do(letter, ("dora", "finish"), outcome=outcome, photo_ids=[self.desk.photo("dora")])

    def live(self) -> April:
        """The whole month, in the order of the days."""
        self._set_up()
        self._march_to_eighth()
        self._ninth_to_sixteenth()
        self._seventeenth_on()
        return self

    def _set_up(self) -> None:
        self.at(30, 9, month=3)
        with transaction():
            member = self.desk.actor("member")
            self.squad = services.add_unit(member, "井盖抢修队", member_ids=[self.desk.village.users["frank"]]).id
            self.cover = services.add_category(member, CategoryDraft("井盖松动", "cover", unit_id=self.squad)).id
            self.gate = places.create(member, Facts("东门", PlaceKind.SITE, lat=29.5, lon=106.5)).id
            places.create(member, Facts("西门", PlaceKind.SITE, lat=29.502, lon=106.497))

    def _march_to_eighth(self) -> None:
        self.at(31, 9, month=3)
        self.send("J", category_id=self.cover)
        self.at(31, 10, month=3)
        self.do("J", ("member", "accept"))
        self.do("J", ("member", "assign"), unit_id=self.squad, handler_id=self.desk.village.users["frank"])
        self.do("J", ("frank", "acknowledge"), ("frank", "start"))
        self.at(1, 20)
        self.do("J", ("frank", "finish"), photo_ids=[self.desk.photo("frank")])
        self.do("J", ("reviewer", "approve"))
        self.at(1, 21)
        self.do("J", ("alice", "satisfied"))
        self.at(7, 9)
        self.send("A", place_id=self.gate, place="陈桂芳家对面的东门", text="李明贵把灯打坏了",
                  photo_ids=[self.desk.photo("alice", "report", 30)])
        self.send("B", place_id=self.gate)
        self.at(7, 10)
        for letter in "AB":
            self.do(letter, ("member", "accept"))
            self.work(letter)
        self.at(8, 10)
        self.finish("A")
        self.at(8, 11)
        self.do("A", ("reviewer", "approve"))
        self.at(8, 12)
        self.do("A", ("alice", "satisfied"))

    def _ninth_to_sixteenth(self) -> None:
        self.at(9, 9)
        for letter in "CDE":
            self.send(letter)
        self.send("F", category_id=self.desk.family, text="两口子天天吵架")
        self.do("C", ("member", "decline"))
        self.do("D", ("member", "merge"), parent_id=self.cases["B"])
        self.do("E", ("alice", "withdraw"))
        self.at(13, 10)
        self.do("F", ("member", "accept"))
        self.work("F")
        self.at(14, 9)
        self.do("F", ("second", "suspend"), days=30)
        self.send("G")
        self.do("G", ("member", "accept"), ("member", "assign"))
        self.at(15, 9)
        self.send("H", anonymous=True)
        self.do("H", ("member", "accept"))
        self.work("H")
        self.at(15, 10)
        self.do("G", ("dora", "send_back"))
        self.at(16, 9)
        self.send("I")
        self.do("I", ("member", "accept"))
        self.finish("H", Outcome.CANNOT)
        self.do("H", ("reviewer", "approve"))

    def _seventeenth_on(self) -> None:
        self.at(17, 9)
        self.do("H", ("alice", "unhappy"))
        self.do("I", ("member", "declare_false"))
        self.work("H")
        self.at(20, 9)
        self.finish("B")
        self.finish("H")
        self.at(20, 10)
        self.do("B", ("reviewer", "rework"))
        self.do("H", ("reviewer", "approve"))
        self.at(21, 9)
        self.finish("B")
        self.do("H", ("alice", "satisfied"))
        self.at(21, 10)
        self.do("B", ("reviewer", "approve"))
        self.at(28, 10, 5)
        self.do("B", ("system", "unanswered"))
        self.at(30, 23)
        self.send("K")
        self.at(1, 0, 15, month=5)

    def afterwards(self) -> None:
        """What comes after the month and must change nothing about it."""
        self.at(2, 9, month=5)
        self.do("K", ("member", "accept"))
        self.do("H", ("alice", "reopen"))
        self.do("G", ("member", "assign"))
        self.do("F", ("second", "resume"))
        assert self.desk.state(self.cases["H"]) is CaseState.ACCEPTED
        self.at(9, 9, month=5)
