"""An observers' team with a leader, a route of eight places with tags, and the way of a round to any state."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from flask import Flask

from pointsbank.cases import services as cases
from pointsbank.cases.models import Case
from pointsbank.cases.services import CategoryDraft
from pointsbank.contributions.models import Contribution
from pointsbank.core import clock
from pointsbank.core.actor import Actor, Grant, system
from pointsbank.core.db import db, run, transaction
from pointsbank.media import services as media
from pointsbank.notifications.models import InboxMessage
from pointsbank.patrols import services
from pointsbank.patrols.models import Finding, Patrol, PatrolState, RouteKind, Stop, StopResult
from pointsbank.patrols.services import FindingDraft, RoundDraft, RouteDraft, StopDraft, Window
from pointsbank.people.models import Appointment, Team, TeamKind, TeamMember, User
from pointsbank.people.roles import Role
from pointsbank.places import codes, queries
from pointsbank.places import services as places
from pointsbank.places.facts import Facts
from pointsbank.places.models import PlaceKind
from tests.cases.desk import picture
from tests.support.village import LONG_AGO, Village

PLACES = ("东门", "文化广场", "垃圾分类亭一", "停车场", "菜市场", "小学路口", "石桥", "西门")
MEMBERS = ("alice", "bob", "charlie", "dora")


def later(number: int) -> Window:
    """Half an hour, so many hours after ten: nobody walks two rounds at one time."""
    return Window((11 + number) * 60, (11 + number) * 60 + 30, 2)


@dataclass
class Beat:
    """``chief`` leads the observers alice, bob, charlie and dora; ``member`` and ``second`` are of the committee."""

    app: Flask
    village: Village
    team: int = 0
    route: int = 0
    rubbish: int = 0
    lamp: int = 0
    family: int = 0
    unit: int = 0
    places: list[int] = field(default_factory=list)

    def set_up(self) -> Beat:
        village = self.village
        with transaction():
            team = Team(community_id=village.community, name="柳荫市民观察团", kind=TeamKind.OBSERVERS,
                        created_at=clock.now())
            chief = User(name="钟队长", username="chief", created_at=clock.now())
            db.session.add_all([team, chief])
            db.session.flush()
            self.team, village.users["chief"] = team.id, chief.id
            db.session.add_all(TeamMember(team_id=team.id, resident_id=village.residents[who], since_on=LONG_AGO)
                               for who in MEMBERS)
            self._appoint("chief", Role.TEAM_LEADER, team.id)
            for who in MEMBERS:
                self._appoint(who, Role.OBSERVER)
            member = self.actor("member")
            self.unit = cases.add_unit(member, "物业维修组", member_ids=[village.users["erin"]]).id
            self.rubbish = cases.add_category(member, CategoryDraft("垃圾堆放", "clean", unit_id=self.unit)).id
            self.lamp = cases.add_category(member, CategoryDraft("路灯不亮", "street", unit_id=self.unit)).id
            places.create_many(member, [Facts(name, PlaceKind.OTHER) for name in PLACES])
            self.places = queries.ids_named(village.community, PLACES)
            places.issue_tags(member, self.places)
            self.route = services.create_route(self.actor("chief"), RouteDraft(
                "东片街路", RouteKind.STREET, self.team)).id
            for place in self.places:
                services.add_checkpoint(self.actor("chief"), self.route, place)
        return self

    def _appoint(self, who: str, role: Role, team_id: int | None = None) -> None:
        village = self.village
        db.session.add(Appointment(user_id=village.users[who], role=role, area_id=village.community, team_id=team_id,
                                   since_at=clock.at_local(LONG_AGO), appointed_by="system"))
        village.grants[who] = (*village.grants.get(who, ()), Grant(role, village.community, village.path, team_id))

    def actor(self, who: str) -> Actor:
        return system(self.village.community) if who == "system" else self.village.actor(who)

    def of(self, who: str) -> int:
        """The resident."""
        return self.village.residents[who]

    # ── A round ─────────────────────────────────────────────────────────────────────────────────────────────────

    def plan(self, *who: str, day: dt.date | None = None, window: Window | None = None) -> int:
        """A round from 9:00 to 10:30, today unless told otherwise, walked by these people."""
        wanted = [self.of(one) for one in who] if who else None
        window = window or Window(9 * 60, 10 * 60 + 30, 2)
        return run(lambda: services.plan_round(self.actor("chief"), self.route, day or clock.today(), window,
                                               wanted).id)

    def stops(self, patrol_id: int) -> list[Stop]:
        with transaction():
            return list(db.session.scalars(sa.select(Stop).where(Stop.patrol_id == patrol_id).order_by(
                Stop.position).execution_options(populate_existing=True)))

    def filled(self, patrol_id: int, client_id: str = "round-0001", **given: Any) -> RoundDraft:
        """Eight checkpoints: the third left out, something found at the fourth and the sixth, the first by its tag."""
        stops, at = self.stops(patrol_id), clock.now()
        with transaction():
            tags = queries.tags_in_force(self.village.community, [stops[0].place_id])
            code = codes.code_of(tags[stops[0].place_id])
        drafts = [StopDraft(stop.id, StopResult.OK, {line["key"]: True for line in stop.checklist},
                            at=at + dt.timedelta(minutes=5 * n)) for n, stop in enumerate(stops)]
        drafts[0] = replace(drafts[0], tag=code)
        drafts[2] = replace(drafts[2], result=StopResult.SKIPPED, reason="施工，过不去", checks={})
        drafts[3] = replace(drafts[3], result=StopResult.FINDING, findings=(
            FindingDraft("finding-0001", self.rubbish, "建筑垃圾一堆"),))
        drafts[5] = replace(drafts[5], result=StopResult.FINDING, findings=(
            FindingDraft("finding-0002", self.lamp, "路灯灭了两盏"),))
        return RoundDraft(**{"client_id": client_id, "checkpoints": tuple(drafts), "started_at": at, **given})

    def submit(self, patrol_id: int, who: str = "alice", draft: RoundDraft | None = None, **options: Any) -> Patrol:
        sent = draft or self.filled(patrol_id)
        return run(lambda: services.submit(self.actor(who), patrol_id, sent, **options))

    def at(self, state: PatrolState) -> int:
        """A round of alice and bob in this state."""
        if state is PatrolState.PLANNED:
            return run(lambda: services.plan_round(self.actor("chief"), self.route, clock.today(),
                                                   Window(9 * 60, 600), None).id)
        patrol_id = self.plan("alice", "bob")
        does = {
            PatrolState.STARTED: ["start"], PatrolState.SUBMITTED: ["submit"],
            PatrolState.ACCEPTED: ["submit", "accept"], PatrolState.SENT_BACK: ["submit", "send_back"],
            PatrolState.VOID: ["void"], PatrolState.MISSED: ["miss"]}.get(state, [])
        for verb in does:
            self.do(verb, patrol_id)
        assert self.patrol(patrol_id).state is state
        return patrol_id

    def do(self, verb: str, patrol_id: int, who: str = "") -> Any:
        """One step by whoever usually takes it."""
        if verb == "submit":
            return self.submit(patrol_id, who or "alice", self.filled(patrol_id, f"round-{patrol_id:04}-{who}"))
        if verb == "start":
            return run(lambda: services.start(self.actor(who or "alice"), patrol_id))
        if verb == "accept":
            return run(lambda: services.accept(self.actor(who or "member"), patrol_id))
        if verb == "miss":
            return run(lambda: services.miss(self.village.community, patrol_id))
        return run(lambda: getattr(services, verb)(self.actor(who or "member"), patrol_id, "情况有变，改天再走"))

    def patrol(self, patrol_id: int) -> Patrol:
        with transaction():
            return db.session.scalars(sa.select(Patrol).where(Patrol.id == patrol_id).execution_options(
                populate_existing=True)).one()

    def findings(self, patrol_id: int) -> list[Finding]:
        with transaction():
            return list(db.session.scalars(sa.select(Finding).where(Finding.patrol_id == patrol_id).order_by(
                Finding.id).execution_options(populate_existing=True)))

    def count(self, model: Any) -> int:
        with transaction():
            return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0

    def deeds(self) -> list[tuple[str, int, int | None]]:
        """(source key, resident, minutes)."""
        with transaction():
            return [tuple(row) for row in db.session.execute(sa.select(  # type: ignore[misc]
                Contribution.source_key, Contribution.resident_id, Contribution.minutes).order_by(Contribution.id))]

    def photo(self, who: str, colour: int = 90) -> int:
        return run(lambda: media.store(self.actor(who), picture(colour), "a.jpg", "report").id)

    def heard(self, who: str) -> list[str]:
        with transaction():
            return list(db.session.scalars(sa.select(InboxMessage.text).where(
                InboxMessage.resident_id == self.of(who)).order_by(InboxMessage.id)))

    def case(self, case_id: int) -> Case:
        with transaction():
            return db.session.scalars(sa.select(Case).where(Case.id == case_id).execution_options(
                populate_existing=True)).one()

    def close_case(self, case_id: int) -> None:
        """Put right by erin, inspected and evaluated."""
        reporter = next(who for who in MEMBERS if self.of(who) == self.case(case_id).reporter_resident_id)
        photo = run(lambda: media.store(self.actor("erin"), picture(7), "a.jpg", "repair").id)
        for who, verb, step in (
                ("member", "accept", cases.Step()),
                ("member", "assign", cases.Step(unit_id=self.unit, handler_id=self.village.users["erin"])),
                ("erin", "acknowledge", cases.Step()), ("erin", "start", cases.Step()),
                ("erin", "finish", cases.Step(photo_ids=[photo])), ("reviewer", "approve", cases.Step()),
                (reporter, "satisfied", cases.Step())):
            run(lambda who=who, verb=verb, step=step: cases.move(self.actor(who), case_id, verb, step))  # type: ignore[misc]
