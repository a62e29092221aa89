"""Judging for real: versions by day, counters under lock, given back on reversal. On both databases."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointsbank.core.db import db, run, transaction
from pointsbank.rules import counters, queries, services
from pointsbank.rules.errors import CountersMoved
from pointsbank.rules.evaluation import Cap, Evaluation
from pointsbank.rules.models import CapCounter, Measure, Subject, Window
from tests.rules.support import A_DAY, adopted, deed, hours_rule, piece_rule, visit_rule
from tests.support.village import Village

pytestmark = pytest.mark.usefixtures("inside")
KEY = "1.1|points|resident:5|month:2026-04"


def judged(village: Village, *deeds: object) -> list[Evaluation]:
    with transaction():
        return services.evaluate_deeds(village.community, list(deeds))  # type: ignore[arg-type]


def used(village: Village) -> dict[str, int]:
    return {row.key: row.used for row in db.session.scalars(
        sa.select(CapCounter).where(CapCounter.community_id == village.community)
        .execution_options(populate_existing=True))}


def test_an_approved_deed_takes_from_its_caps(village: Village, clock: object) -> None:
    adopted(village, [hours_rule()])
    (answer,) = judged(village, deed())
    assert answer.points == 200
    assert used(village) == {KEY: 200, "1.1|quantity|resident:5|activity:3": 120}


def test_a_preview_takes_nothing_and_opens_no_counter(village: Village, clock: object) -> None:
    adopted(village, [hours_rule()])
    assert services.preview(village.community, deed()).points == 200
    assert used(village) == {}


def test_a_preview_can_be_asked_for_while_reading(village: Village, clock: object) -> None:
    adopted(village, [hours_rule()])
    answer = run(lambda: services.preview(village.community, deed()), write=False)
    assert answer.points == 200


def test_a_batch_is_counted_by_day_whatever_its_order(village: Village, clock: object) -> None:
    adopted(village, [hours_rule(caps=(Cap(Window.MONTH, Subject.PERSON, Measure.POINTS, 500),))])
    batch = [deed(on=A_DAY - dt.timedelta(days=n), source_key=f"attendance:{n}", activity_key=f"activity:{n}")
             for n in range(3)]
    answers = judged(village, *batch)
    assert [answer.points for answer in answers] == [0, 200, 300]
    assert [answer.source_key for answer in answers] == [one.source_key for one in batch]


def test_a_deed_counts_by_the_version_of_its_day(village: Village, clock: object) -> None:
    adopted(village, [hours_rule()])
    adopted(village, [hours_rule(points=300)], dt.date(2026, 4, 20), on_paper=False)
    clock.at(2026, 4, 25)  # type: ignore[attr-defined]
    before, after = judged(village, deed(on=dt.date(2026, 4, 19)),
                           deed(on=dt.date(2026, 4, 20), source_key="attendance:2", activity_key="activity:4"))
    assert (before.points, before.version_number) == (200, 1)
    assert (after.points, after.version_number) == (600, 2)


def test_a_day_before_the_first_version_earns_nothing(village: Village, clock: object) -> None:
    adopted(village, [hours_rule()])
    (answer,) = judged(village, deed(on=dt.date(2025, 12, 31)))
    assert [note.reason for note in answer.notes] == ["no_version"]


def test_a_deed_of_tomorrow_is_not_judged_today(village: Village, clock: object) -> None:
    adopted(village, [hours_rule()])
    (answer,) = judged(village, deed(on=A_DAY + dt.timedelta(days=1)))
    assert [note.reason for note in answer.notes] == ["to_come"]


def test_another_community_has_its_own_standard_and_counters(village: Village, clock: object) -> None:
    adopted(village, [hours_rule()])
    judged(village, deed())
    with transaction():
        (answer,) = services.evaluate_deeds(village.other, [deed()])
    assert [note.reason for note in answer.notes] == ["no_version"]


def test_what_is_given_back_is_free_for_later_deeds_only(village: Village, clock: object) -> None:
    adopted(village, [hours_rule(caps=(Cap(Window.MONTH, Subject.PERSON, Measure.POINTS, 300),))])
    first, cut = judged(village, deed(), deed(source_key="attendance:2", activity_key="activity:4"))
    assert (first.points, cut.points) == (300, 0)
    with transaction():
        services.give_back(village.community, [line.cap_left for line in first.lines])
    assert used(village) == {KEY: 0}
    (later,) = judged(village, deed(source_key="attendance:3", activity_key="activity:5"))
    assert later.points == 300


def test_giving_back_twice_is_refused_by_the_database(village: Village, clock: object) -> None:
    adopted(village, [hours_rule()])
    (first,) = judged(village, deed())
    parts = [line.cap_left for line in first.lines]
    with transaction():
        services.give_back(village.community, parts)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        services.give_back(village.community, parts)


def test_a_batch_of_three_hundred_costs_as_many_statements_as_one(village: Village, clock: object,
                                                                  queries: Callable) -> None:
    adopted(village, [hours_rule(), visit_rule(), piece_rule()])
    judged(village, deed(source_key="attendance:0"))
    sizes = []
    for count in (1, 300):
        batch = [deed(resident_id=n, source_key=f"attendance:{count}-{n}") for n in range(count)]
        with queries() as seen:
            judged(village, *batch)
        sizes.append(len(seen))
    assert sizes[0] == sizes[1] <= 8


def test_counters_that_moved_since_they_were_read_refuse_the_change(village: Village, clock: object) -> None:
    other = KEY.replace(":5", ":6")
    with transaction():
        before = counters.lock(village.community, [KEY, other])
        counters.add(village.community, {KEY: 100}, before)
    with pytest.raises(CountersMoved), transaction():
        counters.add(village.community, {other: 100, KEY: 100}, before)
    assert used(village) == {KEY: 100, other: 0}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(12)), split=st.integers(1, 11))
def test_caps_hold_under_any_order_and_splitting_of_approvals(village: Village, clock: object, order: list[int],
                                                              split: int) -> None:
    with transaction():
        db.session.execute(sa.update(CapCounter).values(used=0))
        if queries.version_in_force(village.community, A_DAY) is None:
            row = services.start_draft(village.actor("member"), "积分细则", [hours_rule()])
            services.adopt(village.actor("second"), row.id, dt.date(2026, 1, 1), "居民代表会议", on_paper=True)
    batch = [deed(on=A_DAY - dt.timedelta(days=n), source_key=f"attendance:{n}", activity_key=f"activity:{n}")
             for n in order]
    answers = judged(village, *batch[:split]) + judged(village, *batch[split:])
    assert sum(a.points for a in answers) == 2000
    assert used(village)[KEY] == 2000


# ── Races ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _race(app: Flask, village: Village, workers: int, judge: Callable[[int, threading.Barrier], int]) -> list[int]:
    """Points that each of the workers was given; refused ones give 0."""
    given: list[int] = [0] * workers
    barrier = threading.Barrier(workers)

    def work(number: int) -> None:
        with app.app_context():
            try:
                given[number] = run(lambda: judge(number, barrier))
            except CountersMoved:
                given[number] = 0

    threads = [threading.Thread(target=work, args=(n,)) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return given


def _deed_of(number: int) -> object:
    return deed(source_key=f"attendance:{number}", activity_key=f"activity:{number}")


def test_approvals_at_the_same_moment_never_give_out_more_than_the_cap(app: Flask, village: Village,
                                                                       clock: object) -> None:
    adopted(village, [hours_rule(caps=(Cap(Window.MONTH, Subject.PERSON, Measure.POINTS, 1000),))])
    judged(village, deed(source_key="attendance:x", activity_key="activity:x"))

    def judge(number: int, _barrier: threading.Barrier) -> int:
        (answer,) = services.evaluate_deeds(village.community, [_deed_of(number)])  # type: ignore[list-item]
        return answer.points

    given = _race(app, village, 8, judge)
    assert sum(given) == 700
    assert used(village)[KEY] == 1000


def test_without_lock_and_guard_the_same_race_gives_out_too_much(app: Flask, village: Village,
                                                                 clock: object) -> None:
    """The negative control: what the lock and the guard are for."""
    adopted(village, [hours_rule(caps=(Cap(Window.MONTH, Subject.PERSON, Measure.POINTS, 1000),))])
    judged(village, deed(source_key="attendance:x", activity_key="activity:x"))
    given: list[int] = []

    def work(number: int, barrier: threading.Barrier) -> None:
        with app.app_context():
            def read_only() -> int:
                return services.preview(village.community, _deed_of(number)).points  # type: ignore[arg-type]

            points = run(read_only, write=False)
            barrier.wait(30)
            with transaction():
                db.session.execute(sa.update(CapCounter).where(CapCounter.key == KEY)
                                   .values(used=CapCounter.used + points))
            given.append(points)

    barrier = threading.Barrier(8)
    threads = [threading.Thread(target=work, args=(n, barrier)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(given) > 700
    assert used(village)[KEY] > 1000


def test_two_batches_in_opposite_order_never_deadlock(app: Flask, village: Village, clock: object) -> None:
    adopted(village, [hours_rule()])
    judged(village, deed(source_key="attendance:x"))

    def judge(number: int, barrier: threading.Barrier) -> int:
        people = list(range(20))
        random.Random(number).shuffle(people)
        batch = [deed(resident_id=p, source_key=f"attendance:{number}-{p}", activity_key=f"activity:r{number}")
                 for p in people]
        return sum(a.points for a in services.evaluate_deeds(village.community, batch))

    assert _race(app, village, 6, judge) == [20 * 200] * 6


@pytest.mark.slow
def test_ten_thousand_random_edits_and_deeds_always_meet_the_version_of_the_day(village: Village,
                                                                                clock: object) -> None:
    """THREATS 7: whatever was adopted when, a deed is judged by what was in force on its day."""
    chance = random.Random(20260418)
    first = dt.date(2026, 1, 1)
    adopted(village, [hours_rule(points=100, caps=())], first)
    starts = {first: (1, 100)}
    now = A_DAY
    checked = 0
    for edit in range(40):
        since, points = now + dt.timedelta(days=chance.randint(1, 12)), chance.randint(1, 900)
        if since not in starts:
            row = adopted(village, [hours_rule(points=points, caps=())], since, on_paper=False)
            starts[since] = (row.number, points)
        now += dt.timedelta(days=chance.randint(0, 6))
        clock.at(now.year, now.month, now.day)  # type: ignore[attr-defined]
        batch = [deed(on=first + dt.timedelta(days=chance.randint(0, (now - first).days)), minutes=60,
                      source_key=f"attendance:{edit}-{n}") for n in range(250)]
        for one, answer in zip(batch, judged(village, *batch), strict=True):
            assert (answer.version_number, answer.points) == starts[max(d for d in starts if d <= one.on)]
            checked += 1
    assert checked == 10_000
