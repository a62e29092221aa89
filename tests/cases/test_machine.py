"""Whatever anybody does in whatever order: only moves of the table, times rise, one escalation a level."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointsbank.cases import jobs
from pointsbank.cases.models import CaseEvent, Escalation
from pointsbank.cases.moves import MOVES
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import DomainError
from tests.cases.desk import Desk

PEOPLE = ["alice", "member", "second", "reviewer", "dora", "erin", "bob"]
likely = st.sampled_from(sorted(MOVES))
acts = st.lists(st.one_of(st.tuples(st.sampled_from(PEOPLE), likely), st.integers(1, 20 * 24)), min_size=1, max_size=25)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture,
                                                                 HealthCheck.too_slow])
@given(steps=acts, ahead=st.integers(0, 9))
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_only_moves_of_the_table_are_made(desk: Desk, clock: Any, steps: list[Any], ahead: int) -> None:
    with transaction():
        db.session.execute(sa.text("SELECT 1"))
    clock.forward(days=1)  # each example is another day for the quota
    case_id = desk.send()
    road = [("member", "accept"), ("member", "assign"), ("dora", "acknowledge"), ("dora", "start"), ("dora", "finish"),
            ("reviewer", "rework"), ("dora", "finish"), ("reviewer", "approve"), ("alice", "satisfied")][:ahead]
    for step in [*road, *steps]:
        if isinstance(step, int):
            clock.forward(hours=step)
            jobs.tick()
            continue
        with contextlib.suppress(DomainError):
            desk.do(step[0], step[1], case_id)
    with transaction():
        events = db.session.scalars(sa.select(CaseEvent).where(
            CaseEvent.case_id == case_id).order_by(CaseEvent.id)).all()
        marks = [tuple(row) for row in db.session.execute(sa.select(
            Escalation.case_id, Escalation.clock_id, Escalation.level))]
    for before, event in itertools.pairwise(events):
        assert event.before is before.after
        assert event.at >= before.at
        if event.verb != "escalate":
            move = MOVES[event.verb]
            assert event.before in move.sources
            assert event.after is move.target
    assert events[-1].after is desk.state(case_id)
    assert len(marks) == len(set(marks))
    assert all(isinstance(e.at, dt.datetime) for e in events)
