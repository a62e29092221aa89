"""Whatever anybody does in whatever order: only moves of the table, times rise, one escalation a level, one clock of a
kind at a time."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import secrets
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointsbank.cases import jobs, services
from pointsbank.cases.models import CaseClock, CaseEvent, Escalation, Evaluation
from pointsbank.cases.moves import MOVES, OPEN
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import DomainError
from tests.cases.desk import Desk

PEOPLE = ["alice", "member", "second", "reviewer", "dora", "erin", "bob"]
BESIDE = ["evaluate", "support", "ask_more_time", "more_time", "no_more_time", "feed_back", "show", "join"]
likely = st.sampled_from(sorted([*MOVES, *BESIDE]))
acts = st.lists(st.one_of(st.tuples(st.sampled_from(PEOPLE), likely), st.integers(1, 20 * 24)), min_size=1, max_size=25)


def act(desk: Desk, who: str, verb: str, case_id: int) -> None:
    """A move of the table, or one of the things beside it."""
    if verb not in BESIDE:
        desk.do(who, verb, case_id)
        return
    actor, why = desk.actor(who), "情况如上所述"
    run({"evaluate": lambda: services.evaluate(actor, case_id, Evaluation.PARTLY, why),
         "support": lambda: services.support_reopening(actor, case_id, why),
         "ask_more_time": lambda: services.ask_extension(actor, case_id, 2, why),
         "more_time": lambda: services.approve_extension(actor, case_id),
         "no_more_time": lambda: services.refuse_extension(actor, case_id, why),
         "feed_back": lambda: services.feed_back(actor, case_id, why),
         "show": lambda: services.show_photos(actor, case_id), "join": lambda: services.join(actor, case_id)}[verb])


def check_clocks(desk: Desk, case_id: int) -> None:
    """At most one of a kind is under way, none once the case is over, none that is done waits for a level."""
    with transaction():
        rows = db.session.scalars(sa.select(CaseClock).where(CaseClock.case_id == case_id)).all()
    running = [row.kind for row in rows if row.stopped_at is None]
    assert len(running) == len(set(running))
    if desk.state(case_id) not in OPEN:
        assert running == []
    for row in rows:
        assert row.due_at > row.started_at
        assert row.next_at is None or (row.stopped_at is None and row.paused_at is None)
        assert row.stopped_at is None or row.stopped_at >= row.started_at


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture,
                                                                 HealthCheck.too_slow])
@given(steps=acts, ahead=st.integers(0, 9), urgent=st.booleans())
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_only_moves_of_the_table_are_made(desk: Desk, clock: Any, steps: list[Any], ahead: int,
                                        urgent: bool) -> None:
    with transaction():
        db.session.execute(sa.text("SELECT 1"))
    clock.forward(days=1)  # each example is another day for the quota
    kind = run(lambda: services.add_category(desk.actor("member"), services.CategoryDraft(
        f"井盖{secrets.token_hex(4)}", "road", unit_id=desk.unit, urgent=urgent, dispatch_span=1)).id)
    case_id = desk.send(category_id=kind)
    road = [("member", "accept"), ("member", "assign"), ("dora", "acknowledge"), ("dora", "start"), ("dora", "finish"),
            ("reviewer", "rework"), ("dora", "finish"), ("reviewer", "approve"), ("alice", "satisfied")][:ahead]
    for step in [*road, *steps]:
        if isinstance(step, int):
            clock.forward(hours=step)
            jobs.tick()
            continue
        with contextlib.suppress(DomainError):
            act(desk, step[0], step[1], case_id)
    with transaction():
        events = db.session.scalars(sa.select(CaseEvent).where(
            CaseEvent.case_id == case_id).order_by(CaseEvent.id)).all()
        marks = [tuple(row) for row in db.session.execute(sa.select(
            Escalation.case_id, Escalation.clock_id, Escalation.level))]
    for before, event in itertools.pairwise(events):
        assert event.before is before.after
        assert event.at >= before.at
        if event.verb not in MOVES:
            assert event.after is event.before
        else:
            move = MOVES[event.verb]
            assert event.before in move.sources
            assert event.after is move.target
    assert events[-1].after is desk.state(case_id)
    check_clocks(desk, case_id)
    assert len(marks) == len(set(marks))
    assert all(isinstance(e.at, dt.datetime) for e in events)
