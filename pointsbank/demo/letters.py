"""The village of the demo takes points away by resolution: letters put right, imposed, appealed about, still open."""

from __future__ import annotations

import datetime as dt

from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.core.errors import DomainError
from pointsbank.deductions import services as deductions
from pointsbank.deductions.models import Deduction
from pointsbank.demo.founding import Home, Neighbour
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.models import DeedKind, Receiver, Shape

CODE = "shiqiao"
RESOLUTION = "村民代表会议 2026 年第 1 次会议：同意细则第 9 类扣分，到会 34 人，赞成 29 票，反对 3 票，弃权 2 票"
ITEM = RuleDraft(code="9.1", name="柴草杂物堆在公共通道", category="扣分事项", kind=DeedKind.OTHER,
                 shape=Shape.PER_TIME, points=200, receiver=Receiver.HOUSEHOLD, takes_away=True, repeat_days=90)
SEEN, HOW = "柴草堆在门前路上，占了半边路，车过不去。", "请把柴草搬回自家院里，路面清出来。"
# Days of the story: announced, put right or imposed, appealed, answered; the last ones are still open.
FIRST, LATER, APPEALED, ANSWERED, SECOND, IMPOSED, OPEN, LAST, SAID = 20, 30, 33, 38, 60, 70, 78, 88, 90


class Letters:
    """``sq-shenhe`` announces, ``sq-weiyuan`` decides, somebody of the street answers appeals."""

    def __init__(self, homes: dict[str, Home], first: dt.date) -> None:
        self.home = homes[CODE]
        self.first = first
        # Of those whose yards are looked at every week: they have points.
        self.heads = [r for r in self.home.residents[::9][4:18] if r.id in self.home.users and not r.is_child]
        self.rows: list[tuple[int, Neighbour]] = []

    def live(self, day: dt.date) -> None:
        """One afternoon in the village."""
        number, staff = (day - self.first).days, self.home.staff
        if number in {FIRST, SECOND}:
            self._announce(2)
        elif number in {OPEN, LAST}:
            self._announce(1)
        elif number == LATER:
            deductions.confirm_rectified(staff["sq-weiyuan"], self.rows[0][0], "去看过，路已经清出来了。")
            deductions.impose(staff["sq-weiyuan"], self.rows[1][0], "到期去看，柴草还在原处。")
        elif number == APPEALED:
            self._appeal(1, "那几天家里老人住院，实在顾不上，第二天就搬了。")
        elif number == ANSWERED:
            deductions.decide_appeal(staff["jiedao"], self.rows[1][0], True,
                                     "情况属实，已问过邻居和医院，退回所扣积分。")
        elif number == IMPOSED:
            for row, _who in self.rows[2:4]:
                deductions.impose(staff["sq-weiyuan"], row, "到期去看，没有整改。")
        elif number == SAID:
            self._appeal(3, "照片里的柴草是隔壁的，请再核实。")
            row, who = self.rows[5]
            deductions.answer(self.home.actor(who), row, "已经搬走了，麻烦来看看。", put_right=True)

    def _announce(self, count: int) -> None:
        """To the next households; family of whoever announces is passed over, as the bank would."""
        wanted = len(self.rows) + count
        while len(self.rows) < wanted and self.heads:
            who = self.heads.pop(0)
            try:
                with db.session.begin_nested():
                    row: Deduction = deductions.announce(self.home.staff["sq-shenhe"], deductions.Announcement(
                        ITEM.code, clock.today(), SEEN, HOW, resident_id=who.id))
            except DomainError:
                continue
            self.rows.append((row.id, who))

    def _appeal(self, place: int, text: str) -> None:
        row, who = self.rows[place]
        deductions.appeal(self.home.actor(who), row, text)
