"""Thresholds to the minute and the hundredth, cycles, and that splitting or repeating changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsbank.honours.models import Period
from pointsbank.honours.reaching import Figures, Ladder, Step, due, next_step, reached
from pointsbank.honours.samples import SAMPLES

YEAR = 2026


def of(sample: str) -> Ladder:
    draft = SAMPLES[sample]
    steps = tuple(Step(n, n, s.name, s.minutes, s.honour) for n, s in enumerate(draft.steps, 1))
    return Ladder(1, 1, 1, draft.title, draft.period, steps, draft.cycle_minutes, draft.no_show_limit)


def names(ladder: Ladder, minutes: int, honour: int = 0) -> list[str]:
    return [one.step.name for one in reached(ladder, Figures(minutes, honour), YEAR)]


DOUBLE, CYCLE, MEDALS, YEARLY = (of(name) for name in ("double", "cycle", "medals", "yearly"))


@pytest.mark.parametrize(("hours", "points", "step"), [
    (50, 500, "一星"), (100, 1000, "二星"), (200, 2100, "三星"), (400, 4200, "四星"), (800, 8400, "五星"),
    (1000, 10_500, "金牌"), (2000, 21_000, "钻石")])
def test_a_double_threshold_is_met_at_both_edges_and_not_a_minute_or_hundredth_before(
        hours: int, points: int, step: str) -> None:
    minutes, honour = hours * 60, points * 100
    assert names(DOUBLE, minutes, honour)[-1] == step
    assert step not in names(DOUBLE, minutes - 1, honour)
    assert step not in names(DOUBLE, minutes, honour - 1)
    assert step not in names(DOUBLE, 10**7, honour - 1)
    assert step not in names(DOUBLE, minutes - 1, 10**9)


@pytest.mark.parametrize(("hours", "count"), [(9, 0), (10, 1), (20, 2), (30, 3), (40, 4), (50, 5), (5000, 5)])
def test_a_ladder_by_year_counts_the_hours_of_the_year(hours: int, count: int) -> None:
    found = reached(YEARLY, Figures(hours * 60), YEAR)
    assert len(found) == count
    assert {one.period_key for one in found} <= {"2026"}
    assert len(names(YEARLY, hours * 60 - 1)) == max(count - (hours in {10, 20, 30, 40, 50}), 0)


@pytest.mark.parametrize(("hours", "count"), [(599, 0), (600, 1), (1000, 2), (1500, 3), (2999, 3), (3000, 4)])
def test_medals_count_all_hours(hours: int, count: int) -> None:
    assert len(names(MEDALS, hours * 60)) == count


@pytest.mark.parametrize(("hours", "keys"), [
    (29, []), (30, [(1, 1)]), (299, [(1, 4)]), (300, [(1, 5)]), (329, [(1, 5)]), (330, [(1, 5), (2, 1)]),
    (600, [(1, 5), (2, 5)]), (930, [(1, 5), (2, 5), (3, 5), (4, 1)])])
def test_in_cycles_each_step_is_reached_once_a_cycle(hours: int, keys: list[tuple[int, int]]) -> None:
    found = reached(CYCLE, Figures(hours * 60), YEAR)
    tops = {one.period_key: one.step.level for one in found}
    assert tops == {f"cycle:{cycle}": level for cycle, level in keys}
    assert len(found) == sum(level for _cycle, level in keys), "every step below is reached too, once"


def test_only_the_highest_new_step_is_due_and_in_cycles_every_one() -> None:
    assert [o.step.level for o in due(YEARLY, Figures(35 * 60), YEAR, ())] == [3]
    assert due(YEARLY, Figures(35 * 60), YEAR, {(3, "2026")}) == []
    assert [o.step.level for o in due(YEARLY, Figures(45 * 60), YEAR, {(3, "2026")})] == [4]
    assert [o.step.level for o in due(YEARLY, Figures(15 * 60), YEAR, {(5, "2025")})] == [1]
    assert due(YEARLY, Figures(15 * 60), YEAR, {(2, "2026")}) == [], "what is higher stands for what is lower"
    cycle = due(CYCLE, Figures(330 * 60), YEAR, {(1, "cycle:1"), (2, "cycle:1")})
    assert [(o.period_key, o.step.level) for o in cycle] == [("cycle:1", 3), ("cycle:1", 4), ("cycle:1", 5),
                                                             ("cycle:2", 1)]


def test_what_is_missing_is_told_to_the_minute() -> None:
    missing = next_step(DOUBLE, Figures(49 * 60 + 30, 49_950), YEAR)
    assert missing is not None
    assert (missing.step.name, missing.minutes, missing.honour) == ("一星", 30, 50)
    assert next_step(DOUBLE, Figures(10**6, 10**7), YEAR) is None
    second = next_step(CYCLE, Figures(300 * 60), YEAR)
    assert second is not None
    assert (second.period_key, second.step.level, second.minutes) == ("cycle:2", 1, 30 * 60)


figures = st.builds(Figures, st.integers(-1000, 3000 * 60), st.integers(-1000, 30_000 * 100))
ladders = st.sampled_from([DOUBLE, CYCLE, MEDALS, YEARLY])


@given(ladders, figures)
def test_recomputing_gives_the_same(ladder: Ladder, has: Figures) -> None:
    assert reached(ladder, has, YEAR) == reached(ladder, Figures(has.minutes, has.honour), YEAR)
    first = due(ladder, has, YEAR, ())
    known = {(one.step.level, one.period_key) for one in first}
    assert due(ladder, has, YEAR, known) == [], "what was proposed is never due again"


@given(ladders, figures, st.integers(0, 10**5), st.integers(0, 10**6))
def test_more_never_reaches_less(ladder: Ladder, has: Figures, minutes: int, honour: int) -> None:
    more = Figures(has.minutes + minutes, has.honour + honour)
    assert set(reached(ladder, has, YEAR)) <= set(reached(ladder, more, YEAR))


@given(st.integers(0, 5), st.integers(0, 300 * 60 - 1))
def test_a_full_cycle_shifts_everything_by_one(full: int, rest: int) -> None:
    whole = reached(CYCLE, Figures(full * 300 * 60 + rest), YEAR)
    alone = reached(CYCLE, Figures(rest), YEAR)
    assert [one for one in whole if one.period_key == f"cycle:{full + 1}"] == [
        type(one)(one.step, f"cycle:{full + 1}") for one in alone]
    assert len(whole) == 5 * full + len(alone)


@given(ladders, st.lists(st.integers(0, 400 * 60), min_size=1, max_size=8))
def test_proposing_bit_by_bit_comes_to_the_same_as_all_at_once(ladder: Ladder, parts: list[int]) -> None:
    """However the hours come in, and however often the job looks: nothing twice, and the same top in the end."""
    known: set[tuple[int, str]] = set()
    given_out = []
    total = 0
    for part in parts:
        total += part
        for one in due(ladder, Figures(total, 10**8), YEAR, known):
            given_out.append((one.step.level, one.period_key))
            known.add((one.step.level, one.period_key))
    assert len(given_out) == len(set(given_out))
    at_once = {(o.step.level, o.period_key) for o in due(ladder, Figures(total, 10**8), YEAR, ())}
    assert at_once <= known
    if ladder.period is Period.CYCLE:
        assert at_once == known
