"""The observers' rounds in the demo: two routes, a rota, rounds handed in and accepted, one missed, proposals."""

from __future__ import annotations

import datetime as dt
import hashlib
from random import Random

import sqlalchemy as sa

from pointsbank.cases import queries as cases
from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from pointsbank.demo.damages import picture
from pointsbank.demo.founding import Home
from pointsbank.demo.script import OBSERVERS
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.patrols import jobs
from pointsbank.patrols import services as patrols
from pointsbank.patrols.models import (
    Patrol,
    PatrolObserver,
    PatrolState,
    Proposal,
    ProposalState,
    RouteKind,
    Stop,
    StopResult,
)
from pointsbank.places import queries as places

LEADER, OFFICE = "xs-tuanzhang", "xs-weiyuan"
ROUTES = (
    ("沿街一圈", RouteKind.STREET, 0,
     ("东门", "幸福路", "小学路口", "菜市场", "卫生室", "石桥", "河边步道", "文化广场")),
    ("小区一圈", RouteKind.ESTATE, 3, ("西门", "垃圾分类亭一", "电动车充电棚", "停车场", "凉亭", "垃圾分类亭二")),
)
WINDOW = patrols.Window(15 * 60, 17 * 60)
FINDINGS = (("井盖破损", "井盖松动，踩上去晃", "cover"), ("垃圾堆放", "垃圾没有分类，堆在桶外", "rubbish"),
            ("飞线充电", "两辆车从窗口拉线充电", "wires"))  # kind, words, drawing
PROPOSALS = (("建议把小学路口的斑马线重新画一遍，早上车多。", ProposalState.ADOPTED, "已报交警中队，本月内重画。"),
             ("建议充电棚加两盏灯，晚上看不清插座。", None, ""))
DAYS = 35  # so many days before the end the rota begins


class Rounds:
    """What the observers of one community do."""

    def __init__(self, home: Home, random: Random) -> None:
        self.home = home
        self.random = random
        self.number = 0

    def open(self) -> None:
        """The leader enters routes with their checkpoints and the weekly rota."""
        leader = self.home.staff[LEADER]
        known = {place.name: place.id for place in places.on_the_plan(self.home.area.id)}
        for name, kind, weekday, stops in ROUTES:
            route = patrols.create_route(leader, patrols.RouteDraft(name, kind, self.home.teams[OBSERVERS]))
            for stop in stops:
                patrols.add_checkpoint(leader, route.id, known[stop])
            patrols.add_shift(leader, route.id, weekday, WINDOW)

    def live(self, day: dt.date, left: int) -> None:
        """The round of the day, and what was handed in before is accepted; ``left`` days remain."""
        if left > DAYS:
            return
        with transaction():
            if left == DAYS:
                self.open()
            self._accept()
            self._propose(left)
            for patrol in db.session.scalars(sa.select(Patrol).where(
                    Patrol.community_id == self.home.area.id, Patrol.on == day,
                    Patrol.state == PatrolState.ASSIGNED).order_by(Patrol.id)).all():
                if self.random.random() < 0.9:
                    self._walk(patrol, day)

    def night(self, left: int) -> None:
        """What the schedule does to rounds."""
        if left <= DAYS:
            jobs.miss_due()
            jobs.plan_due()

    def _accept(self) -> None:
        leader = self.home.staff[LEADER]
        waiting = db.session.scalars(sa.select(Patrol.id).where(
            Patrol.community_id == self.home.area.id, Patrol.state == PatrolState.SUBMITTED).order_by(Patrol.id)).all()
        for patrol_id in waiting:
            patrols.accept(leader, patrol_id)

    def _walk(self, patrol: Patrol, day: dt.date) -> None:
        stops = db.session.scalars(sa.select(Stop).where(Stop.patrol_id == patrol.id).order_by(Stop.position)).all()
        walker_id = db.session.scalars(sa.select(PatrolObserver.resident_id).where(
            PatrolObserver.patrol_id == patrol.id).order_by(PatrolObserver.resident_id)).first()
        walker = self.home.actor(next(one for one in self.home.residents if one.id == walker_id))
        seen, skipped = self.random.randrange(len(stops)), self.random.randrange(len(stops) * 2)
        kinds = {one.name: one.id for one in cases.categories(self.home.area.id, limit=100).items}
        drafts = []
        for number, stop in enumerate(stops):
            at = clock.at_local(day, dt.time(15, 5 + number * 6))
            if number == seen:
                kind, text, drawing = self.random.choice(FINDINGS)
                self.number += 1
                photo = media.store(walker, picture(drawing, 900 + self.number * 23, mended=False), "a.jpg",
                                    Purpose.REPORT.value).id
                found = patrols.FindingDraft(self._id("finding"), kinds[kind], text, [photo])
                drafts.append(patrols.StopDraft(stop.id, StopResult.FINDING, at=at, findings=[found]))
            elif number == skipped:
                drafts.append(patrols.StopDraft(stop.id, StopResult.SKIPPED, reason="在修路，过不去", at=at))
            else:
                drafts.append(patrols.StopDraft(stop.id, StopResult.OK, at=at))
        patrols.submit(walker, patrol.id, patrols.RoundDraft(
            self._id("round"), drafts, clock.at_local(day, dt.time(15, 2)), clock.at_local(day, dt.time(15, 58))))

    def _propose(self, left: int) -> None:
        members = [one for one in self.home.members[OBSERVERS] if one.id in self.home.users]
        for number, (text, outcome, answer) in enumerate(PROPOSALS):
            if left == 14 - 11 * number:
                patrols.propose(self.home.actor(members[number]), patrols.ProposalDraft(self._id("proposal"), text))
            if left == 10 - 11 * number and outcome is not None:
                asked = db.session.scalars(sa.select(Proposal.id).where(
                    Proposal.community_id == self.home.area.id).order_by(Proposal.id)).first()
                assert asked is not None
                patrols.answer(self.home.staff[OFFICE], asked, outcome, answer)

    def _id(self, what: str) -> str:
        self.number += 1
        return hashlib.sha256(f"demo {what} {self.number}".encode()).hexdigest()[:24]
