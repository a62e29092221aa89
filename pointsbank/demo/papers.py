"""What comes on paper in the demo, and what residents ask to be looked at again."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from pointsbank.contributions import services as contributions
from pointsbank.contributions.models import Appeal, AppealState, Contribution, State
from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.core.errors import DomainError
from pointsbank.demo.founding import Home
from pointsbank.demo.scenes import SHEET, scene
from pointsbank.media import covering
from pointsbank.media import services as media
from pointsbank.people import queries as people

TURNED_DOWN, ASKED = "照片里看不出是哪一天", "那天王组长也在，可以问他，请再看一下。"
STANDS, WAS_RIGHT = "问过王组长，他说那天没有见到，维持原来的结果。", "问过王组长，情况属实，重新审核。"
WHY = "后山没有信号，扫不了码，志愿者当场签的纸质表。"
FIRST_ASKED, LAST_ASKED, ANSWERED = 14, 8, 5  # days ago
ASKING = 3
# Two of the numbers on the drawing of a sheet, in fractions of it.
COVERED = [(0.5, 0.15, 0.22, 0.055), (0.5, 0.39, 0.22, 0.055)]


class Papers:
    """The clerk and the leaders of one community with their sheets, and three residents who disagree."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.asked = 0

    def live(self, days_left: int) -> None:
        """What happens so many days before today."""
        if FIRST_ASKED >= days_left >= LAST_ASKED:
            self._turn_down()
        elif days_left == ANSWERED:
            self._answer()
            self._sheet("weiyuan", "后山清理登记表（一）", None, confirmed_by="weiyuan2")
        elif days_left == 1:
            self._sheet("duizhang", "夜间照看老人登记表", "柳荫志愿服务队")

    def _turn_down(self) -> None:
        """The reviewer turns deeds down that residents filed, three in all; each of them asks for a review."""
        waiting = db.session.scalars(sa.select(Contribution).where(
            Contribution.community_id == self.home.area.id, Contribution.state == State.SUBMITTED,
            Contribution.source_key.startswith("filed:")).order_by(Contribution.id.desc()).limit(12)).all()
        users = {r.id: r for r in self.home.residents if r.id in self.home.users}
        for deed in waiting:
            if deed.resident_id not in users or self.asked == ASKING:
                continue
            try:
                with db.session.begin_nested():
                    contributions.reject(self.home.staff["shenhe"], deed.id, TURNED_DOWN)
                    contributions.ask_review(self.home.actor(users[deed.resident_id]), deed.id, ASKED)
            except DomainError:
                continue
            self.asked += 1

    def _answer(self) -> None:
        """One is upheld, one dismissed, the third still waits."""
        open_ones = db.session.scalars(sa.select(Appeal).where(
            Appeal.community_id == self.home.area.id, Appeal.state == AppealState.OPEN).order_by(Appeal.id)).all()
        for appeal, upheld in zip(open_ones, (True, False), strict=False):
            try:
                with db.session.begin_nested():
                    contributions.decide_appeal(self.home.staff["weiyuan2"], appeal.id, upheld,
                                                WAS_RIGHT if upheld else STANDS)
            except DomainError:
                continue

    def _sheet(self, by: str, title: str, team: str | None, confirmed_by: str = "") -> None:
        """Ten rows of one month, with a photo of the paper."""
        yesterday = clock.today() - dt.timedelta(days=1)
        actor = self.home.staff[by]
        grown = [p for p in (self.home.members[team] if team else self.home.residents) if not p.is_child][:10]
        homes = people.household_on(self.home.area.id, [p.id for p in grown], yesterday)
        numbers = {i: home.number if home is not None else "" for i, home in homes.items()}
        rows = tuple(contributions.RowDraft(
            n, who=person.name, household=numbers[person.id], day=str(max(yesterday.day - n % 4, 1)), item="1.2",
            amount="1" if n % 3 else "2", note="", double_ok=True) for n, person in enumerate(grown, 1))
        draft = contributions.SheetDraft(title, yesterday.replace(day=1), WHY, self.home.teams[team] if team else None,
                                         rows)
        try:
            with db.session.begin_nested():
                sheet = contributions.open_sheet(actor, draft)
                photo = media.store(actor, None, "", "sheet", prepared=media.prepare(scene(SHEET)))
                contributions.save_sheet(actor, sheet.id, draft, photo_ids=[photo.id])
                contributions.submit_sheet(actor, sheet.id)
                desk = self.home.staff["weiyuan2"]  # a phone number stood beside the names
                covering.cover(desk, covering.prepare_cover(desk, photo.id, COVERED))
                if confirmed_by:
                    contributions.confirm_sheet(self.home.staff[confirmed_by], sheet.id)
        except DomainError:
            return  # somebody moved or died meanwhile: the paper waits for another day
