"""Attendance is a pure function of the set of events."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsbank.activities.deriving import GRACE, Plan, Seen, derive, overlap
from pointsbank.activities.models import AttendanceState, CheckInMode, EventKind, Method

START = dt.datetime(2026, 4, 18, 1, 0, tzinfo=dt.UTC)
END = START + dt.timedelta(hours=2)
IN_OUT = Plan(START, END, CheckInMode.IN_OUT)
IN_ONLY = Plan(START, END, CheckInMode.IN)
LENGTH = 120


def at(minutes: float) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes)


def seen(kind: str, minutes: float, holds: tuple[str, ...] = (), method: Method = Method.SELF) -> Seen:
    return Seen(f"{kind}-{minutes}-{method}-{'-'.join(holds)}", EventKind(kind), method, at(minutes), holds)


def test_one_check_in_counts_to_the_planned_end():
    found = derive([seen("in", 2)], IN_ONLY)
    assert (found.state, found.minutes, found.flags) == (AttendanceState.PRESENT, LENGTH, ())


def test_who_comes_half_an_hour_late_is_paid_from_then():
    assert derive([seen("in", 30)], IN_ONLY).minutes == 90


def test_the_earliest_arrival_counts_and_the_later_is_a_duplicate():
    found = derive([seen("in", 20), seen("in", 2)], IN_ONLY)
    assert found.in_at == at(2)
    assert found.duplicates == (seen("in", 20).client_id,)


def test_a_check_out_that_arrives_before_its_check_in_pairs_with_it():
    alone = derive([seen("out", 100)], IN_OUT)
    assert (alone.state, alone.minutes, alone.flags) == (AttendanceState.PENDING, 0, ("out_without_in",))
    assert derive([seen("out", 100), seen("in", 0)], IN_OUT).minutes == 100


def test_the_last_check_out_inside_the_window_counts():
    found = derive([seen("in", 0), seen("out", 80), seen("out", 100), seen("out", 200)], IN_OUT)
    assert (found.minutes, found.flags) == (100, ("several_outs",))


def test_a_check_out_long_after_the_end_is_capped_at_the_grace():
    found = derive([seen("in", 0), seen("out", 300)], IN_OUT)
    assert (found.minutes, found.flags) == (LENGTH + 15, ("late_out",))


def test_a_missing_check_out_pays_the_communitys_share():
    found = derive([seen("in", 0)], IN_OUT)
    assert (found.minutes, found.flags) == (60, ("no_out",))
    assert derive([seen("in", 0)], Plan(START, END, CheckInMode.IN_OUT, checkout_share=25)).minutes == 30


def test_a_stay_below_the_minimum_counts_nothing_and_says_so():
    found = derive([seen("in", 0), seen("out", 71)], IN_OUT)
    assert (found.minutes, found.flags) == (0, ("short_stay",))
    assert derive([seen("in", 0), seen("out", 72)], IN_OUT).minutes == 72


def test_somebody_held_waits_until_the_leader_agrees():
    held = seen("in", 5, ("late_code",))
    assert derive([held], IN_ONLY).state is AttendanceState.PENDING
    agreed = derive([held, seen("accept", 6)], IN_ONLY)
    assert (agreed.state, agreed.in_at) == (AttendanceState.CONFIRMED, at(5))
    assert derive([held, seen("accept", 6), seen("decline", 7)], IN_ONLY).state is AttendanceState.DECLINED


def test_a_clean_scan_after_a_held_one_needs_no_nod_and_counts_from_its_own_time():
    found = derive([seen("in", 5, ("late_code",)), seen("in", 40)], IN_ONLY)
    assert (found.state, found.in_at, found.minutes) == (AttendanceState.PRESENT, at(40), 80)


def test_who_was_declined_has_no_minutes():
    assert derive([seen("in", 0), seen("decline", 50)], IN_ONLY).minutes == 0


def test_the_row_is_as_trusted_as_its_least_trusted_end():
    found = derive([seen("in", 0), seen("out", 120, method=Method.EVERYONE_OUT)], IN_OUT)
    assert found.method is Method.EVERYONE_OUT


events = st.lists(st.builds(
    lambda kind, minutes, holds, method: seen(kind, minutes, holds, method),
    st.sampled_from(["in", "in", "out", "out", "accept", "decline"]), st.integers(-60, 300),
    st.sampled_from([(), (), ("late_code",), ("stranger",)]), st.sampled_from(list(Method))), min_size=1, max_size=8)


@given(events, st.sampled_from(list(CheckInMode)), st.integers(0, 100), st.integers(0, 100), st.randoms())
def test_any_order_and_any_duplication_give_the_same_attendance(found, mode, stay, share, dice: random.Random):
    plan = Plan(START, END, mode, stay, share)
    wanted = derive(found, plan)
    again = [*found, *dice.choices(found, k=3)]
    dice.shuffle(again)
    assert derive(again, plan) == wanted
    assert 0 <= wanted.minutes <= LENGTH + GRACE.total_seconds() / 60


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=6))
def test_overlapping_spans_count_each_minute_once(pairs):
    spans = [(at(min(p)), at(max(p))) for p in pairs]
    covered = {m for p in pairs for m in range(min(p), max(p)) if 30 <= m < 150}
    assert overlap(spans, at(30), at(150)) == len(covered)


def test_no_event_is_no_attendance():
    with pytest.raises(ValueError, match="no events"):
        derive([], IN_ONLY)
