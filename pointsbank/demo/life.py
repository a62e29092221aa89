"""What people of the demo do on a day: activities with check-in by code, deeds, reviews, notices, objections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from random import Random

import sqlalchemy as sa

from pointsbank.activities import codes
from pointsbank.activities import services as activities
from pointsbank.activities.models import CheckInMode, EventKind, Occurrence
from pointsbank.contributions import queries as deeds
from pointsbank.contributions import services as contributions
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import DomainError
from pointsbank.demo import letters
from pointsbank.demo.founding import Home, Neighbour
from pointsbank.demo.scenes import SCENES, scene
from pointsbank.demo.script import (
    CHECKERS,
    CLERKS,
    DISMISSED,
    DOOR_LIST,
    GROUPED,
    HABITS,
    OBJECTION,
    ON_PAPER,
    PROXIES,
    RESOLUTION,
    REVIEWERS,
    ROSTER,
    SELF_FILED,
    SLIP,
    UNITS,
    UPHELD,
    Habit,
)
from pointsbank.media.services import prepare
from pointsbank.notifications import services as notifications
from pointsbank.people import services as people
from pointsbank.people.models import ExportKind
from pointsbank.publicity import queries as publicity
from pointsbank.publicity.models import NoticeKind, NoticeLine, NoticeState, PublicNotice
from pointsbank.rules import services as rules
from pointsbank.shop import services as shop

SAMPLES = Path(__file__).resolve().parent.parent / "rules" / "samples"


class Street:
    """The three communities and the dice."""

    def __init__(self, homes: dict[str, Home], random: Random, set_time: Callable[[dt.date, int, int], None]) -> None:
        self.homes = homes
        self.random = random
        self.set_time = set_time
        self.scenes = {name: prepare(scene(name)) for name in SCENES}
        self.opened: list[tuple[Habit, int, dt.datetime, list[Neighbour]]] = []

    def adopt_standards(self, day: dt.date) -> None:
        """The standards were in force on paper before the bank opened."""
        for code, home in self.homes.items():
            name = "village.csv" if code == "shiqiao" else "community.csv"
            adopter = home.staff[CLERKS[code]]
            standard = rules.import_draft(home.staff["admin"], (SAMPLES / name).read_bytes(),
                                          title=f"{home.place.name}积分细则")
            if code == letters.CODE:
                rules.switch_deductions(home.staff["admin"], standard.id, True)
                rules.add_rule(home.staff["admin"], standard.id, letters.ITEM)
            rules.adopt(adopter, standard.id, day - dt.timedelta(days=30),
                        letters.RESOLUTION if code == letters.CODE else RESOLUTION, on_paper=True)

    # ── Activities ──────────────────────────────────────────────────────────────────────────────────────────────

    def plan_week(self, day: dt.date) -> None:
        """The leaders plan the week that begins on ``day``, others approve it, and members sign up."""
        for habit in HABITS:
            home = self.homes[habit.code]
            on = day + dt.timedelta(days=(habit.weekday - day.weekday()) % 7)
            starts = clock.at_local(on, dt.time(habit.hour))
            activity = activities.plan(home.staff[habit.leader], activities.ActivityDraft(
                title=habit.title, starts_at=starts, ends_at=starts + dt.timedelta(minutes=habit.minutes),
                kind=habit.kind, mode=habit.mode, team_id=home.teams[habit.team], place=habit.place,
                capacity=habit.size + 8, item_code=habit.item,
                text="请穿马甲，自带水杯。下雨改期会通知大家。"))
            activities.add_photos(home.staff[habit.leader], activity.id, [self.scenes[habit.scene]])
            activities.submit(home.staff[habit.leader], activity.id)
            activities.publish(home.staff[habit.approver], activity.id)
            occurrence = db.session.scalars(
                sa.select(Occurrence).where(Occurrence.activity_id == activity.id)).one()
            members = home.members[habit.team]
            coming = self.random.sample(members, min(habit.size, len(members)))
            self.opened.append((habit, occurrence.id, occurrence.starts_at, coming))
            for resident in coming:
                activities.sign_up(home.actor(resident), occurrence.id)

    def hold_activities(self, day: dt.date, until: dt.datetime) -> None:
        """The activities of a day that are over by ``until``: code on the screen, people in and out, closed."""
        for habit, occurrence_id, starts, coming in [o for o in self.opened if clock.local_date(o[2]) == day]:
            if starts + dt.timedelta(minutes=habit.minutes + 15) > until:
                continue
            self._hold(habit, occurrence_id, starts, coming)

    def _hold(self, habit: Habit, occurrence_id: int, starts: dt.datetime, coming: list[Neighbour]) -> None:
        home, leader = self.homes[habit.code], self.homes[habit.code].staff[habit.leader]
        local = clock.local(starts)
        self.set_time(local.date(), local.hour, 0)
        screen = activities.open_screen(leader, occurrence_id)
        here = [r for r in coming if self.random.random() < 0.9]
        for resident in here:
            self._scan(home, resident, occurrence_id, screen.id, EventKind.IN)
        if habit.mode is CheckInMode.IN_OUT:
            end = clock.local(starts + dt.timedelta(minutes=habit.minutes))
            self.set_time(end.date(), end.hour, end.minute)
            for resident in here[:-1]:
                self._scan(home, resident, occurrence_id, screen.id, EventKind.OUT)
            activities.everyone_out(leader, occurrence_id)
        end = clock.local(starts + dt.timedelta(minutes=habit.minutes + 10))
        self.set_time(end.date(), end.hour, end.minute)
        activities.close(leader, occurrence_id, len(here))

    def _scan(self, home: Home, resident: Neighbour, occurrence_id: int, screen_id: int, kind: EventKind) -> None:
        token = codes.rotating(occurrence_id, screen_id, kind, clock.now())
        browser = f"phone-of-{resident.id}"
        receipt, _scan = activities.scan(token, browser)
        activities.check_in(home.actor(resident), codes.read_receipt(receipt, browser))

    # ── Deeds ───────────────────────────────────────────────────────────────────────────────────────────────────

    def file_deeds(self, day: dt.date) -> None:
        """A few people of each community file what they did; the office enters it for those without a phone."""
        for code, home in self.homes.items():
            for _ in range(self.random.randint(0, 2)):
                title, kind, item = self.random.choice(SELF_FILED[code])
                resident = self.random.choice([r for r in home.residents if r.id in home.users])
                self._file(home, resident, title, kind, item, day, UNITS.get((code, item)))
            if day.weekday() == 3:
                self._inspect(code, home, day)

    def _file(self, home: Home, resident: Neighbour, title: str, kind: str, item: str, day: dt.date,
              units: int | None) -> None:
        filing = contributions.Filing(kind=kind, title=title, on=day, item_code=item, units=units,
                                      place=home.place.name)
        try:
            with db.session.begin_nested():
                contributions.file(home.actor(resident), filing)
        except DomainError:
            return  # the dice chose the same deed twice; the bank refuses it as it would anybody

    def _inspect(self, code: str, home: Home, day: dt.date) -> None:
        """The weekly look at yards (village) or the sorting check (community), entered by the office."""
        item, title = ("2.1", "房前屋后干净") if code == "shiqiao" else ("4.3", "垃圾分类入户抽查合格")
        heads = home.residents[::9] if code == "shiqiao" else home.residents[::25]
        for resident in heads[:18]:
            filing = contributions.Filing(kind="other", title=title, on=day, item_code=item, place=home.place.name)
            try:
                with db.session.begin_nested():
                    contributions.file(home.staff[CLERKS[code]], filing, resident_id=resident.id,
                                       reason="入户检查表，由居委会统一录入")
            except DomainError:
                continue

    def review(self, *, leave: int) -> None:
        """The reviewers decide what waits, the oldest first; ``leave`` of each community stay for tomorrow."""
        for code, home in self.homes.items():
            actor = home.staff[REVIEWERS[code]]
            waiting = list(deeds.waiting_for(actor, limit=100).items)
            ready = [c.id for c in waiting[:max(len(waiting) - leave, 0)]]
            refused = [i for i in ready if self.random.random() < 0.05]
            for number, contribution_id in enumerate(refused):
                self._refuse(actor, contribution_id, final=number % 2 == 1)
            self._approve(actor, [i for i in ready if i not in refused])

    def _refuse(self, actor: Actor, contribution_id: int, *, final: bool) -> None:
        try:
            with db.session.begin_nested():
                if final:
                    contributions.reject(actor, contribution_id, "核实后没有这件事")
                else:
                    contributions.return_(actor, contribution_id, "请补一张照片，或写上证明人")
        except DomainError:
            return  # own household, own record: somebody else decides

    def _approve(self, actor: Actor, ids: list[int]) -> None:
        """The whole list at once, as the desk does; one by one where something in it is not the actor's to decide."""
        try:
            with db.session.begin_nested():
                if ids:
                    contributions.approve(actor, ids)
        except DomainError:
            for contribution_id in ids if len(ids) > 1 else []:
                self._approve(actor, [contribution_id])

    def read_inboxes(self) -> None:
        """Members look into their inbox now and then."""
        for home in self.homes.values():
            for members in home.members.values():
                for resident in members[:6]:
                    notifications.mark_all_read(home.actor(resident))

    def ask_for_lists(self, code: str) -> None:
        """One list was given a while ago, another waits for a second person."""
        staff = self.homes[code].staff
        given = people.ask_for_export(staff[REVIEWERS[code]], ExportKind.HOUSEHOLDS, DOOR_LIST)
        people.approve_export(staff[CLERKS[code]], given.id)
        people.ask_for_export(staff[CHECKERS[code]], ExportKind.RESIDENTS, ROSTER)

    # ── Notices ─────────────────────────────────────────────────────────────────────────────────────────────────

    def publish(self, day: dt.date) -> None:
        """On the 1st and the 16th the list goes on the board; a second person publishes it."""
        for code, home in self.homes.items():
            month = day if day.day > 1 else day - dt.timedelta(days=1)
            try:
                with db.session.begin_nested():
                    notice = contributions.draft_month(home.staff[CLERKS[code]], month.replace(day=1),
                                                       resolution=RESOLUTION, grouped_by=GROUPED[code])
                    contributions.publish_notice(home.staff[CHECKERS[code]], notice.id)
            except DomainError:
                continue  # nothing to publish yet

    def object(self, code: str) -> None:
        """A neighbour objects to one line of the list that hangs out; another one on a slip of paper to the next."""
        home = self.homes[code]
        lines = db.session.scalars(
            sa.select(NoticeLine).join(PublicNotice, PublicNotice.id == NoticeLine.notice_id)
            .where(PublicNotice.community_id == home.area.id, PublicNotice.state == NoticeState.PUBLISHED,
                   PublicNotice.kind == NoticeKind.AWARDS).order_by(NoticeLine.id.desc()).limit(2)).all()
        if lines:
            neighbour = next(r for r in reversed(home.residents) if r.id in home.users)
            contributions.object_to(home.actor(neighbour), lines[0].id, OBJECTION)
        if len(lines) > 1:
            contributions.object_to(home.staff[PROXIES[code]], lines[1].id, ON_PAPER, paper=SLIP)

    def answer(self, code: str, *, upheld: bool) -> None:
        """The committee answers the open objection in writing."""
        home = self.homes[code]
        for objection in publicity.open_objections(home.area.id):
            contributions.decide_objection(home.staff[CHECKERS[code]], objection.id, upheld,
                                           UPHELD if upheld else DISMISSED)

    def show_goods(self, day: dt.date) -> None:
        """Everybody may read what the shop got in a month and what it handed out."""
        for code, home in self.homes.items():
            notice = shop.draft_stock_list(home.staff[CLERKS[code]], day - dt.timedelta(days=30), day)
            contributions.publish_notice(home.staff[CHECKERS[code]], notice.id)
