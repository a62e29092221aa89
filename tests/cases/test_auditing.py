"""A second look at closed cases: drawn by lot, by somebody who had no part, with a second person before points go."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import errors, jobs, queries, services
from pointsbank.cases.models import CaseAudit, CaseState, Outcome, Verdict
from pointsbank.cases.services import Step
from pointsbank.contributions import services as contributions
from pointsbank.contributions.models import Contribution, Correction, State
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.people.models import User
from pointsbank.people.roles import Role
from tests.cases.desk import Desk
from tests.contributions.funnel import adopt

APRIL = dt.date(2026, 4, 1)


def closed(desk: Desk, count: int) -> list[int]:
    return [desk.at(CaseState.CLOSED, desk.send()) for _ in range(count)]


def drawn() -> list[int]:
    with transaction():
        return list(db.session.scalars(sa.select(CaseAudit.case_id).order_by(CaseAudit.id)))


@pytest.fixture
def auditor(desk: Desk) -> str:
    """A second reviewer, who inspected nothing."""
    from pointsbank.core import clock as house_clock

    with transaction():
        user = User(name="auditor", username="auditor", created_at=house_clock.now())
        db.session.add(user)
        db.session.flush()
        desk.village.users["auditor"] = user.id
        desk.village.grants["auditor"] = desk.village.grants["reviewer"]
    assert desk.village.grants["auditor"][0].role is Role.REVIEWER
    return "auditor"


def one(desk: Desk) -> tuple[int, int]:
    """A drawn case and its audit."""
    case_id = closed(desk, 1)[0]
    run(lambda: services.draw_audits(desk.village.community, APRIL))
    with transaction():
        return case_id, db.session.scalars(sa.select(CaseAudit.id)).one()


def decide(desk: Desk, who: str, audit: int, verdict: Verdict, text: str = "灯柱还是坏的") -> CaseAudit:
    return run(lambda: services.decide_audit(desk.actor(who), audit, verdict, text))


def settle(desk: Desk, who: str, audit: int, agrees: bool, text: str = "现场核实过了") -> CaseAudit:
    return run(lambda: services.settle_audit(desk.actor(who), audit, agrees, text))


def test_one_in_twenty_is_drawn_at_least_one_and_once_a_month(desk: Desk, clock: Any) -> None:
    ids = closed(desk, 3)
    asked: list[tuple[list[int], int]] = []

    def sample(found: Any, count: int) -> Any:
        asked.append((list(found), count))
        return found[-count:]

    other = desk.at(CaseState.RECTIFYING, desk.send())
    desk.do("dora", "finish", other, Step("配件停产，修不了", outcome=Outcome.CANNOT, photo_ids=[desk.photo("dora")]))
    for verb, who in (("approve", "reviewer"), ("satisfied", "alice")):
        desk.do(who, verb, other)
    assert run(lambda: services.draw_audits(desk.village.community, dt.date(2026, 3, 9), sample)) == 0
    assert run(lambda: services.draw_audits(desk.village.community, APRIL, sample)) == 1
    assert run(lambda: services.draw_audits(desk.village.community, APRIL, sample)) == 0
    assert asked == [(ids, 1)]
    assert drawn() == ids[-1:]


@pytest.mark.slow
def test_of_twenty_one_cases_two_are_drawn(desk: Desk) -> None:
    closed(desk, 18)
    closed_by_bob = [desk.send("bob") for _ in range(3)]
    for case_id in closed_by_bob:
        for verb, who in (("accept", "member"), ("assign", "member"), ("acknowledge", "dora"), ("start", "dora"),
                          ("finish", "dora"), ("approve", "reviewer"), ("satisfied", "bob")):
            desk.do(who, verb, case_id)
    assert run(lambda: services.draw_audits(desk.village.community, APRIL)) == 2


def test_the_schedule_draws_from_the_month_before(desk: Desk, clock: Any) -> None:
    ids = closed(desk, 1)
    clock.at(2026, 5, 1, 2, 10)
    assert jobs.draw() == {"drawn": 1}
    assert jobs.draw() == {"drawn": 0}
    assert drawn() == ids


def test_who_had_a_part_does_not_look_again(desk: Desk, auditor: str) -> None:
    _case_id, audit = one(desk)
    for who in ("member", "reviewer"):
        with pytest.raises(errors.NotIndependent):
            decide(desk, who, audit, Verdict.HOLDS)
    for who in ("alice", "dora", "erin"):
        desk.village.grants[who] = desk.village.grants["reviewer"]
        with pytest.raises(errors.NotIndependent):
            decide(desk, who, audit, Verdict.HOLDS)
    for who, refusal in (("bob", errors.NotYourPart), ("grid", errors.NotYourPart), ("other_member", NotFound)):
        with pytest.raises(refusal):
            decide(desk, who, audit, Verdict.HOLDS)
    assert decide(desk, auditor, audit, Verdict.HOLDS, "").verdict is Verdict.HOLDS
    with pytest.raises(errors.SettledAlready):
        decide(desk, "second", audit, Verdict.HOLDS)
    with pytest.raises(errors.SettledAlready):
        settle(desk, "second", audit, True)


def test_what_was_not_fixed_is_opened_again_however_late(desk: Desk, auditor: str, clock: Any) -> None:
    case_id, audit = one(desk)
    clock.forward(days=40)
    with pytest.raises(errors.ReasonMissing):
        decide(desk, auditor, audit, Verdict.NOT_FIXED, "坏")
    decide(desk, auditor, audit, Verdict.NOT_FIXED)
    again = desk.case(case_id)
    assert (again.state, again.round) == (CaseState.ACCEPTED, 2)
    assert any("open again" in text for text in desk.heard("alice"))


def test_a_false_report_loses_its_points_only_once_a_second_person_agrees(desk: Desk, auditor: str) -> None:
    adopt(desk.village.community)
    case_id, audit = one(desk)
    with transaction():
        deed_id = db.session.scalars(sa.select(Contribution.id)).one()
    run(lambda: contributions.approve(desk.actor("reviewer"), [deed_id]))
    decide(desk, auditor, audit, Verdict.FALSE)
    assert desk.case(case_id).outcome is Outcome.FIXED
    with transaction():
        assert db.session.scalars(sa.select(Correction)).all() == []
    for who, refusal in ((auditor, errors.NotYourPart), ("reviewer", errors.NotYourPart), ("other_member", NotFound)):
        with pytest.raises(refusal):
            settle(desk, who, audit, True)
    desk.village.grants[auditor] = desk.village.grants["member"]
    with pytest.raises(errors.NotIndependent):
        settle(desk, auditor, audit, True)
    settle(desk, "second", audit, True)
    assert (desk.case(case_id).state, desk.case(case_id).outcome) == (CaseState.CLOSED, Outcome.FALSE)
    with transaction():
        assert len(db.session.scalars(sa.select(Correction)).all()) == 1
        assert db.session.scalars(sa.select(Contribution.state)).one() is State.APPROVED
    assert any("found to be untrue" in text for text in desk.heard("alice"))
    with pytest.raises(errors.SettledAlready):
        settle(desk, "member", audit, False)


def test_a_second_person_may_disagree(desk: Desk, auditor: str) -> None:
    case_id, audit = one(desk)
    decide(desk, auditor, audit, Verdict.FALSE)
    settle(desk, "second", audit, False)
    assert desk.case(case_id).outcome is Outcome.FIXED
    with transaction():
        assert db.session.scalars(sa.select(Contribution.state)).one() is State.SUBMITTED


def test_the_list_is_for_inspectors_and_the_interface_says_so(desk: Desk, auditor: str, client: Any) -> None:
    case_id, audit = one(desk)
    with transaction():
        assert [row.sight.case.id for row in queries.audits(desk.actor("reviewer")).items] == [case_id]
        with pytest.raises(NotFound):
            queries.audits(desk.actor("grid"))
        assert queries.audits(desk.actor("other_member")).items == []

    def ask(who: str, method: str, path: str, body: dict[str, Any]) -> Any:
        more: Any = {"json": body} if method == "post" else {}
        return client.open("/api/v1" + path, method=method.upper(), headers=desk.village.bearer(desk.app, who), **more)

    assert ask("reviewer", "get", "/case-audits", {}).json["items"][0]["audit"]["id"] == audit
    assert ask("bob", "get", "/case-audits", {}).status_code == 403
    assert ask("second", "post", f"/case-audits/{audit}/decide", {"verdict": "false", "text": "没有这盏灯"}
               ).json["verdict"] == "false"
    answers = [ask("member", "post", f"/case-audits/{audit}/settle", {"agrees": False, "text": "有这盏灯的"})
               for _ in range(2)]
    assert answers[0].json["agreed"] is False
    assert answers[1].json["error"]["code"] == "cases.settled_already"
