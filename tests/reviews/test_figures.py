"""Figures against April 2026, whose numbers were counted by hand in ``april.py``."""

from __future__ import annotations

import datetime as dt

import pytest

from pointsbank.cases import services as cases
from pointsbank.cases.models import Evaluation
from pointsbank.core.db import run
from pointsbank.reviews import figures, wording
from pointsbank.reviews.figures import By, Figure, Scope
from pointsbank.reviews.periods import Period, PeriodKind, containing
from pointsbank.reviews.queries import facts
from tests.reviews.april import (
    APRIL,
    COUNTED,
    COUNTED_IN_WEEK,
    COUNTED_ON_DAY,
    DAY,
    MEDIAN,
    WEEK,
    April,
)


def counted(april: April, period: Period, *, for_all: bool = False) -> list[Figure]:
    home = april.desk.village.community
    return figures.figures(facts.happened(home, period), *facts.names(home), for_all=for_all)


def whole(found: list[Figure], by: By = By.WHOLE, name: str = "", scope: Scope = Scope.ALL) -> dict[str, Figure]:
    return {one.code: one for one in found if one.by is by and one.group_name == name and one.scope is scope}


@pytest.mark.parametrize(("period", "by_hand"), [(APRIL, COUNTED), (WEEK, COUNTED_IN_WEEK), (DAY, COUNTED_ON_DAY)],
                         ids=["April", "week", "day"])
def test_every_figure_has_exactly_the_cases_counted_by_hand(april: April, period: Period,
                                                            by_hand: dict[str, str]) -> None:
    found = whole(counted(april, period))
    assert set(figures.ALWAYS) == set(found), "also those that are 0"
    assert {code: list(one.case_ids) for code, one in found.items() if one.case_ids} == {
        code: april.ids(letters) for code, letters in by_hand.items() if letters}
    assert all(one.value == len(one.case_ids) for code, one in found.items() if code != "median")


def test_the_median_is_the_one_counted_by_hand(april: April) -> None:
    assert whole(counted(april, APRIL))["median"].value == MEDIAN
    assert whole(counted(april, DAY))["median"].value is None, "an untrue report took no days"


def test_units_and_kinds_are_counted_apart(april: April) -> None:
    found = counted(april, APRIL)
    squad = whole(found, By.UNIT, "井盖抢修队")
    assert {code: list(one.case_ids) for code, one in squad.items()} == {
        code: april.ids("J") for code in ("closed", "outcome.fixed", "on_time", "median", "answer.satisfied")}
    assert squad["median"].value == 2160
    assert whole(found, By.UNIT, "物业维修组")["received"].case_ids == tuple(april.ids("ABCDEFGHIK"))
    family = whole(found, By.KIND, "家庭纠纷")
    assert {code: list(one.case_ids) for code, one in family.items()} == {
        code: april.ids("F") for code in ("received", "accepted", "open", "suspended")}
    names = [one.group_name for one in found if one.by is By.UNIT]
    assert list(dict.fromkeys(names)) == sorted(set(names)), "in the order of the names, no league table"


def test_what_everybody_is_told_counts_public_cases_only_and_lists_none(april: April) -> None:
    found = counted(april, APRIL, for_all=True)
    told = whole(found, scope=Scope.PUBLIC)
    assert {code: one.value for code, one in told.items() if one.value} == {
        **{code: len(letters.replace("F", "")) for code, letters in COUNTED.items() if letters.replace("F", "")},
        "median": MEDIAN}
    assert not any(one.case_ids for one in found if one.scope is Scope.PUBLIC)
    assert "家庭纠纷" not in {one.group_name for one in found if one.scope is Scope.PUBLIC}


def test_what_comes_later_changes_no_period_that_is_over(april: April) -> None:
    before = [counted(april, period, for_all=True) for period in (APRIL, WEEK, DAY)]
    april.afterwards()
    assert [counted(april, period, for_all=True) for period in (APRIL, WEEK, DAY)] == before


def test_the_number_of_statements_does_not_grow_with_the_cases(april: April, queries: object) -> None:
    home = april.desk.village.community
    with queries() as few:  # type: ignore[operator]
        facts.happened(home, DAY)
        facts.names(home)
    with queries() as many:  # type: ignore[operator]
        facts.happened(home, APRIL)
        facts.names(home)
    assert len(few) == len(many) == 8


def test_neighbours_answers_are_counted_apart_and_move_nothing(april: April) -> None:
    """Bob and Charlie met L too: one answers before its reporter, the other when it is closed already."""
    april.at(4, 9, month=5)
    april.send("L")
    april.do("L", ("member", "accept"))
    for who in ("bob", "charlie"):
        run(lambda who=who: cases.join(april.desk.actor(who), april.cases["L"]))  # type: ignore[misc]
    april.work("L")
    april.finish("L")
    april.do("L", ("reviewer", "approve"))
    april.at(5, 9, month=5)
    run(lambda: cases.evaluate(april.desk.actor("bob"), april.cases["L"], Evaluation.PARTLY))
    april.do("L", ("alice", "satisfied"))
    april.at(6, 9, month=5)
    run(lambda: cases.evaluate(april.desk.actor("charlie"), april.cases["L"], Evaluation.UNHAPPY, "灯还在闪"))
    fifth, sixth = (whole(counted(april, containing(PeriodKind.DAILY, dt.date(2026, 5, day)))) for day in (5, 6))
    only = april.ids("L")
    assert {code: list(one.case_ids) for code, one in fifth.items() if one.case_ids and "." in code} == {
        "joiner.partly": only, "answer.satisfied": only, "outcome.fixed": only}
    assert {code: list(one.case_ids) for code, one in sixth.items() if "." in code and one.case_ids} == {
        "joiner.unhappy": only}
    assert not sixth["closed"].value, "whoever answers afterwards closes nothing again"
    may = counted(april, containing(PeriodKind.MONTHLY, dt.date(2026, 5, 1)))
    codes = list(whole(may))
    assert codes[codes.index("answer.unanswered"):codes.index("open")] == [
        "answer.unanswered", "joiner.partly", "joiner.unhappy"]
    assert all(wording.label(code) != code.rpartition(".")[2] for code in figures.JOINERS)
    assert wording.sections(codes)[3][1][-2:] == ["joiner.partly", "joiner.unhappy"]


def test_other_communities_count_for_nothing(april: April) -> None:
    other = april.desk.village.other
    assert not facts.happened(other, APRIL).cases
    assert not facts.has_any(other, APRIL.end)
    assert facts.has_any(april.desk.village.community, APRIL.end)
    assert not facts.has_any(april.desk.village.community, APRIL.begin - (APRIL.end - APRIL.begin))


# ── Pure ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("values", "middle"), [([], None), ([7], 7), ([9, 1], 5), ([3, 100, 1], 3), ([1, 2, 4, 9], 3),
                                                ([5, 5, 5, 6], 5)])
def test_the_median_of_few(values: list[int], middle: int | None) -> None:
    assert figures.median(values) == middle


def test_an_answer_that_is_new_stands_beside_the_others() -> None:
    """Another version of the house may know more answers than this file."""
    happened = figures.Happened()
    happened.add("answer.delighted", figures.Subject(1, None, 2, True))
    codes = [one.code for one in figures.figures(happened, {}, {2: "路灯"}, for_all=False) if one.by is By.WHOLE]
    answers = [code for code in codes if code.startswith("answer.")]
    assert answers[-1] == "answer.delighted"
    assert codes[codes.index("answer.delighted") + 1] == "open"
