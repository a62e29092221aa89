"""What another report may still earn, shown before it is written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import queries
from pointsbank.cases.models import CaseState
from pointsbank.communities.models import Area
from pointsbank.contributions import services as contributions
from pointsbank.contributions.models import Contribution
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.rules.models import (
    DeedKind,
    Measure,
    Receiver,
    RuleCap,
    ScoringStandard,
    Shape,
    StandardCap,
    StandardState,
    Subject,
    Timing,
    Window,
)
from tests.cases.desk import Desk
from tests.contributions.funnel import rule


def adopt(community_id: int) -> None:
    """A snapshot 3 points to the person, at once: 4 points a month for a person, once a month for all together; the
    whole standard 50 points a year."""
    with transaction():
        standard = ScoringStandard(community_id=community_id, number=7, title="柳荫社区积分细则",
                                   state=StandardState.DRAFT, created_at=house_clock.now(), resolution="通过")
        db.session.add(standard)
        db.session.flush()
        snap = rule(standard, 1, "3.1", "随手拍属实", DeedKind.SNAPSHOT, shape=Shape.PER_TIME, points=300,
                    receiver=Receiver.RESIDENT, by_itself=True, timing=Timing.IMMEDIATE)
        db.session.add(snap)
        db.session.flush()
        month: dict[str, Any] = {"community_id": community_id, "rule_id": snap.id, "window": Window.MONTH}
        db.session.add_all([
            RuleCap(**month, subject=Subject.PERSON, measure=Measure.POINTS, most=400),
            RuleCap(**month, subject=Subject.ITEM, measure=Measure.TIMES, most=1),
            StandardCap(community_id=community_id, standard_id=standard.id, window=Window.YEAR,
                        subject=Subject.PERSON, measure=Measure.POINTS, most=5000)])
        db.session.flush()
        standard.state, standard.in_force_on = StandardState.IN_FORCE, dt.date(2026, 1, 1)


def left(desk: Desk, who: str = "alice") -> queries.Budget:
    with transaction():
        return queries.own_budget(desk.actor(who))


def paid(desk: Desk) -> None:
    """A report of alice that was accepted and approved."""
    desk.at(CaseState.ACCEPTED)
    with transaction():
        deed_id = db.session.scalars(sa.select(Contribution.id)).one()
    run(lambda: contributions.approve(desk.actor("reviewer"), [deed_id]))


def test_without_a_standard_a_report_earns_nothing(desk: Desk) -> None:
    assert left(desk) == queries.Budget(False, None, None, None, None)


def test_what_is_left_goes_down_with_what_was_paid(desk: Desk, client: Any) -> None:
    adopt(desk.village.community)
    with transaction():
        area = db.session.get_one(Area, desk.village.community)
        area.settings = {**area.settings, "monthly_cap": 10_000}
    before = left(desk)
    assert (before.earns, before.personal.left, before.shared.left, before.is_used_up) == (True, 400, 1, False)
    paid(desk)
    mine, bobs = left(desk), left(desk, "bob")
    assert (mine.personal.left, mine.personal.most, mine.personal.window) == (100, 400, Window.MONTH)
    assert (bobs.personal.left, bobs.shared.left, bobs.is_used_up) == (400, 0, True)
    assert (mine.month_most, mine.month_left) == (10_000, 9_700)
    answer = client.get("/api/v1/reports/budget", headers=desk.village.bearer(desk.app, "alice"))
    assert (answer.json["personal"]["left"], answer.json["month_left"]) == (100, 9_700)


def test_a_new_month_begins_full(desk: Desk, clock: Any) -> None:
    adopt(desk.village.community)
    paid(desk)
    clock.at(2026, 5, 2)
    assert (left(desk).personal.left, left(desk).shared.left) == (400, 1)


def test_somebody_who_acts_for_nobody_has_no_budget(desk: Desk, client: Any) -> None:
    with transaction(), pytest.raises(NotFound):
        queries.own_budget(desk.actor("member"))
    assert client.get("/api/v1/reports/budget", headers=desk.village.bearer(desk.app, "member")).status_code == 401


def test_it_takes_a_few_statements(desk: Desk, queries: Any) -> None:
    adopt(desk.village.community)
    with transaction(), queries() as seen:
        from pointsbank.cases import queries as asked

        asked.own_budget(desk.actor("alice"))
    assert len(seen) <= 10
