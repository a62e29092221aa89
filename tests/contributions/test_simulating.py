"""A past season under a draft: the same judgement, nothing written, and what everybody may see of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointsbank import schedule
from pointsbank.contributions import simulating
from pointsbank.contributions.models import AwardLine, Contribution
from pointsbank.core.db import Base, db, transaction
from pointsbank.core.errors import Forbidden, Invalid, NotFound
from pointsbank.core.jobs import Job, JobState
from pointsbank.rules import services as standards
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import Cap
from pointsbank.rules.models import Measure, ScoringStandard, StandardState, Subject, Window
from tests.contributions.funnel import DAY, approved, draft, recorded
from tests.rules.support import hours_rule, steps_rule
from tests.support.village import Village

SINCE, UNTIL = dt.date(2026, 4, 1), dt.date(2026, 4, 17)


def drafted(street: Village, *rules: RuleDraft) -> int:
    with transaction():
        return standards.start_draft(street.actor("member"), "新细则", list(rules)).id


def season(street: Village) -> list[int]:
    ids = recorded(street, *(draft(street, key, n, on=DAY - dt.timedelta(days=n))
                             for key in ("alice", "bob", "charlie") for n in range(4)))
    approved(street, ids)
    return ids


def simulated(street: Village, standard_id: int, since: dt.date = SINCE, until: dt.date = UNTIL) -> dict[str, Any]:
    with transaction():
        job_id = simulating.start(street.actor("member"), standard_id, since, until).id
    assert schedule.run_long_work() == 1
    job = db.session.get_one(Job, job_id, populate_existing=True)
    assert job.state is JobState.DONE
    db.session.rollback()
    return job.result or {}


def rows_of_everything() -> dict[str, int]:
    found = {t.name: db.session.scalar(sa.select(sa.func.count()).select_from(t)) or 0
             for t in Base.metadata.sorted_tables if t.name != "job"}
    db.session.rollback()
    return found


def test_a_draft_says_what_it_would_have_cost_and_nothing_is_written(street: Village) -> None:
    season(street)
    standard_id = drafted(street, hours_rule(points=200, caps=()))
    before = rows_of_everything()
    said = simulated(street, standard_id)
    assert rows_of_everything() == before
    assert (said["deeds"], said["earned"]) == (12, 12)
    assert said["points"] == 12 * 400
    assert said["given"] == 3 * 500, "the standard in force gives at most five points a month"
    assert said["months"] == [["2026-04", 1500, 4800]]
    assert said["categories"] == [["一", 1500, 0], ["志愿服务", 0, 4800]]
    assert [(row[2], row[3]) for row in said["households"]] == [(500, 1600)] * 3


def test_the_version_in_force_comes_to_what_was_really_given(street: Village) -> None:
    season(street)
    standard_id = db.session.scalar(sa.select(AwardLine.version_id).limit(1))
    db.session.rollback()
    said = simulated(street, standard_id or 0)
    assert said["points"] == said["given"] == 1500
    assert all(row[2] == row[3] for row in said["households"])


def test_households_of_those_who_wrote_the_draft_are_marked(street: Village) -> None:
    season(street)
    with transaction():
        street.grants["alice"] = street.grants["member"]
    alice = street.actor("alice")
    with transaction():
        standard_id = standards.start_draft(alice, "新细则", [hours_rule(points=300)]).id
    said = simulated(street, standard_id)
    assert said["proposers"] == [street.households["2-0317"]]


def test_caps_that_began_before_the_period_are_filled_first(street: Village) -> None:
    season(street)
    yearly = hours_rule(caps=(Cap(Window.YEAR, Subject.PERSON, Measure.POINTS, 600),))
    standard_id = drafted(street, yearly)
    last_day = simulated(street, standard_id, DAY, DAY)
    assert last_day["deeds"] == 3
    assert last_day["points"] == 0, "three deeds before took the six points of the year"
    whole = simulated(street, standard_id)
    parts = [simulated(street, standard_id, SINCE, DAY - dt.timedelta(days=2)),
             simulated(street, standard_id, DAY - dt.timedelta(days=1), UNTIL)]
    assert whole["points"] == sum(part["points"] for part in parts) == 1800


def test_items_that_are_gone_are_named_with_how_many_deeds_they_had(street: Village) -> None:
    ids = recorded(street, draft(street, "alice", 1, kind="other", item_code="2.1", units=2))
    approved(street, ids)
    said = simulated(street, drafted(street, hours_rule()))
    assert said["gone"] == {"2.1": 1}
    assert said["reasons"] == {"unknown_item": 1}


@pytest.mark.parametrize(("since", "until", "field"), [
    (dt.date(2026, 4, 2), dt.date(2026, 4, 1), "since"), (SINCE, dt.date(2027, 1, 1), "until"),
    (dt.date(2020, 1, 1), UNTIL, "since")])
def test_a_period_that_cannot_be_replayed_is_refused_at_its_field(street: Village, since: dt.date, until: dt.date,
                                                                 field: str) -> None:
    standard_id = drafted(street, hours_rule())
    with pytest.raises(Invalid) as refusal:
        simulating.start(street.actor("member"), standard_id, since, until)
    assert list(refusal.value.fields or {}) == [field]


def test_only_the_desk_of_this_community_may_ask(street: Village) -> None:
    standard_id = drafted(street, hours_rule())
    with pytest.raises(Forbidden):
        simulating.start(street.actor("bob"), standard_id, SINCE, UNTIL)
    with pytest.raises((NotFound, Forbidden)):
        simulating.start(street.actor("other_member" if "other_member" in street.users else "mallory"), standard_id,
                         SINCE, UNTIL)


def test_a_run_that_lost_its_process_is_done_by_the_next(street: Village, clock: Any,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    season(street)
    standard_id = drafted(street, hours_rule())
    with transaction():
        simulating.start(street.actor("member"), standard_id, SINCE, UNTIL)
    with monkeypatch.context() as broken:
        broken.setattr(simulating, "_report", lambda *_given: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            schedule.run_long_work()
    clock.forward(minutes=10)
    assert schedule.run_long_work() == 1
    job = db.session.scalars(sa.select(Job)).one()
    assert (job.state, job.result["deeds"]) == (JobState.DONE, 12)  # type: ignore[index]
    db.session.rollback()


def test_more_deeds_cost_no_more_statements(street: Village, queries: Any) -> None:
    season(street)
    standard_id = drafted(street, hours_rule())
    with queries() as few:
        simulating.simulate(street.community, standard_id, SINCE, UNTIL)
    more = recorded(street, *(draft(street, key, 100 + n) for key in ("alice", "bob", "charlie") for n in range(60)))
    approved(street, more)
    with queries() as many:
        simulating.simulate(street.community, standard_id, SINCE, UNTIL)
    assert len(many) <= len(few) + 1
    assert len(many) <= 24


def test_the_desk_chooses_a_period_waits_and_reads_the_report(street: Village, app: Flask,
                                                             ask: Callable[..., Any]) -> None:
    season(street)
    standard_id = drafted(street, hours_rule(points=200))
    assert "试算" in ask("member", f"/desk/rules/{standard_id}").text
    page = f"/desk/rules/{standard_id}/simulation"
    ask("member", page)
    refused = ask("member", page, {"since": "2026-04-09", "until": "2026-04-01"}, status=422)
    assert "2026-04-09" in refused.text
    where = ask("member", page, {"since": "2026-04-01", "until": "2026-04-17"}).headers["Location"]
    assert "http-equiv" in ask("member", where).text
    schedule.run_long_work()
    report = ask("member", where).text
    assert "2-0317" in report
    assert "http-equiv" not in report
    assert ask("member", f"{where}?format=xlsx").data[:2] == b"PK"
    ask("bob", where, status=403)
    ask("mallory", where, status=403)


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from(["alice", "bob"]), st.integers(0, 60), st.integers(10, 400)), max_size=8),
       st.integers(0, 60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_period_in_two_parts_comes_to_the_same_as_whole(street: Village, rows: list[tuple[str, int, int]],
                                                         cut: int) -> None:
    with transaction():
        db.session.execute(sa.delete(Job))
    number = (db.session.scalar(sa.select(sa.func.max(Contribution.id))) or 0) + 1
    db.session.rollback()
    ids = recorded(street, *(draft(street, key, number + n, on=DAY - dt.timedelta(days=back), minutes=minutes)
                             for n, (key, back, minutes) in enumerate(rows)))
    if ids:
        approved(street, ids)
    with transaction():
        for row in db.session.scalars(sa.select(ScoringStandard).where(ScoringStandard.state == StandardState.DRAFT)):
            standards.discard(street.actor("member"), row.id)
    standard_id = drafted(street, steps_rule(), hours_rule(code="1.2", caps=(
        Cap(Window.MONTH, Subject.HOUSEHOLD, Measure.POINTS, 700),)))
    first, day = DAY - dt.timedelta(days=61), DAY - dt.timedelta(days=cut)
    whole = simulating.simulate(street.community, standard_id, first, DAY)
    left = simulating.simulate(street.community, standard_id, first, day)
    assert whole["points"] == left["points"] + (simulating.simulate(
        street.community, standard_id, day + dt.timedelta(days=1), DAY)["points"] if cut else 0)

