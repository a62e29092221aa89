"""Judging one deed: what counts, what is cut and why, in integers only. No database."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsbank.ledger.models import Book
from pointsbank.rules.drafts import RuleDraft, from_rule
from pointsbank.rules.evaluation import Cap, Deed, Evaluation, evaluate, history_of, rounded, taken
from pointsbank.rules.faults import faults
from pointsbank.rules.models import DeedKind, Measure, Receiver, Rounding, Shape, Subject, Window
from tests.rules.support import TWENTY_A_MONTH, TWO_HOURS, deed, hours_rule, piece_rule, version_of, visit_rule


def judge(draft: RuleDraft, a_deed: Deed, history: dict[str, int] | None = None) -> Evaluation:
    return evaluate(a_deed, version_of(draft), history or {})


def test_two_of_three_hours_count_when_the_rule_says_so() -> None:
    (line,) = judge(hours_rule(), deed()).lines
    assert line.amount == 200
    assert line.receiver == "household"
    assert line.timing == "after_notice"
    cut = line.explanation[0]
    assert cut["text"] == "%(counted)s of %(given)s counted: %(cap)s"
    assert cut["params"]["counted"] == "2"


def test_the_monthly_cap_leaves_only_the_rest() -> None:
    key = "1.1|points|resident:5|month:2026-04"
    (line,) = judge(hours_rule(), deed(), {key: 1900}).lines
    assert line.amount == 100
    assert line.cap_left[key] == {"left": 100, "taken": 100}


def test_a_full_cap_gives_nothing_and_says_which() -> None:
    answer = judge(hours_rule(), deed(), {"1.1|points|resident:5|month:2026-04": 2000})
    assert answer.lines == []
    assert [note.reason for note in answer.notes] == ["cap_reached"]
    assert taken(answer) == {}


def test_a_second_part_of_the_same_activity_gets_what_the_first_left() -> None:
    version = version_of(hours_rule())
    first = evaluate(deed(minutes=60), version, {})
    second = evaluate(deed(minutes=120, source_key="attendance:2"), version, taken(first))
    assert (first.points, second.points) == (100, 100)


def test_without_an_activity_the_deed_itself_is_the_window() -> None:
    version = version_of(hours_rule())
    first = evaluate(deed(activity_key=None), version, {})
    second = evaluate(deed(activity_key=None, source_key="contribution:2"), version, taken(first))
    assert (first.points, second.points) == (200, 200)


@pytest.mark.parametrize(("mode", "minutes", "counted"), [
    (Rounding.DOWN, 59, 0), (Rounding.DOWN, 119, 60), (Rounding.NEAREST, 29, 0), (Rounding.NEAREST, 30, 60),
    (Rounding.NEAREST, 89, 60), (Rounding.NEAREST, 90, 120), (Rounding.UP, 1, 60), (Rounding.UP, 60, 60),
    (Rounding.UP, 61, 120)])
def test_minutes_are_rounded_as_the_rule_says(mode: Rounding, minutes: int, counted: int) -> None:
    assert rounded(hours_rule(rounding=mode).as_rule(), minutes) == counted


def test_a_share_of_a_point_is_cut_to_hundredths_never_rounded_up() -> None:
    answer = judge(hours_rule(rounding_minutes=1, caps=()), deed(minutes=20))
    assert answer.points == 33


def test_units_are_multiplied_and_capped_for_the_household() -> None:
    answer = judge(piece_rule(), deed(kind="other", item_code="2.1", minutes=None, units=10))
    assert answer.points == 300
    assert answer.lines[0].cap_left == {"2.1|points|household:7|day:2026-04-18": {"left": 300, "taken": 300}}


def test_somebody_without_a_household_waits_where_the_household_would_get_it() -> None:
    answer = judge(hours_rule(), deed(household_id=None))
    assert answer.lines == []
    assert answer.waits_for_household


@pytest.mark.parametrize(("changes", "reason"), [
    ({"item_code": "9.9"}, "unknown_item"), ({"kind": "other", "item_code": "1.1"}, "other_kind"),
    ({"minutes": 0}, "no_minutes"), ({"minutes": 30}, "too_little"), ({"kind": "patrol"}, "no_rule"),
    ({"household_id": None}, "no_household")])
def test_the_first_condition_that_failed_is_named(changes: dict, reason: str) -> None:
    assert [note.reason for note in judge(hours_rule(), deed(**changes)).notes] == [reason]


def test_an_item_that_has_to_be_chosen_is_not_given_by_itself() -> None:
    answer = judge(visit_rule(), deed(kind="other"))
    assert [note.reason for note in answer.notes] == ["choose_item"]


def test_only_observers_earn_what_is_for_observers() -> None:
    rule = visit_rule(kind=DeedKind.PATROL, by_itself=True, team_kind="observers")
    assert judge(rule, deed(kind="patrol")).notes[0].reason == "wrong_team"
    assert judge(rule, deed(kind="patrol", team_kind="observers")).points == 200


def test_service_time_is_kept_in_full_for_the_person_whatever_the_cap() -> None:
    answer = judge(hours_rule(records_minutes=True), deed(minutes=190),
                   {"1.1|points|resident:5|month:2026-04": 2000})
    (line,) = answer.lines
    assert (line.book, line.amount, line.receiver, line.timing) == (Book.MINUTES, 190, "resident", "immediate")
    assert answer.points == 0


def test_without_a_version_nothing_is_earned_and_the_day_is_named() -> None:
    answer = evaluate(deed(), None, {})
    assert answer.version_id is None
    assert answer.notes[0].entry["params"] == {"day": {"day": "2026-04-18"}}


def test_years_months_and_days_are_windows_by_the_date_of_the_deed() -> None:
    caps = tuple(Cap(w, Subject.PERSON, Measure.POINTS, 900) for w in Window)
    (line,) = judge(hours_rule(caps=caps), deed()).lines
    assert sorted(key.split("|")[3] for key in line.cap_left) == [
        "activity:3", "cycle:2026-01", "day:2026-04-18", "ever", "month:2026-04", "quarter:2026-Q2", "week:2026-W16",
        "year:2026"]


@pytest.mark.parametrize(("draft", "field"), [
    (hours_rule(points=0), "points"), (hours_rule(points=-5), "points"), (hours_rule(code="a|b"), "code"),
    (hours_rule(code=""), "code"), (hours_rule(code="2026-01-01"), "code"), (hours_rule(name=" "), "name"),
    (piece_rule(unit=""), "unit"), (hours_rule(rounding_minutes=7), "rounding_minutes"),
    (hours_rule(caps=(TWO_HOURS, TWO_HOURS)), "caps"), (visit_rule(caps=(TWO_HOURS,)), "caps"),
    (visit_rule(caps=(Cap(Window.MONTH, Subject.PERSON, Measure.POINTS, 100),)), "caps"),
    (hours_rule(caps=(Cap(Window.ACTIVITY, Subject.PERSON, Measure.QUANTITY, 30),)), "caps"),
    (hours_rule(team_kind="choir"), "team_kind")])
def test_an_unsound_item_is_refused_at_its_field(draft: RuleDraft, field: str) -> None:
    assert list(faults(draft)) == [field]


def test_a_rule_and_its_draft_are_the_same_thing() -> None:
    draft = hours_rule(team_kind="volunteers", who="居民", evidence="签到")
    assert from_rule(draft.as_rule(4)) == draft


# ── Properties ──────────────────────────────────────────────────────────────────────────────────────────────────

caps = st.lists(st.builds(Cap, st.sampled_from(Window), st.sampled_from(Subject), st.sampled_from(Measure),
                          st.integers(1, 5000)), max_size=4, unique_by=lambda c: (c.window, c.subject, c.measure))
drafts = st.builds(
    hours_rule, shape=st.sampled_from(Shape), points=st.integers(1, 1000), caps=caps.map(tuple), unit=st.just("件"),
    rounding_minutes=st.sampled_from([1, 5, 15, 30, 60]), rounding=st.sampled_from(Rounding),
    receiver=st.sampled_from(Receiver), records_minutes=st.booleans())
deeds = st.builds(
    deed, on=st.dates(dt.date(2026, 3, 30), dt.date(2026, 4, 3)), resident_id=st.integers(1, 3),
    household_id=st.sampled_from([None, 7, 8]), minutes=st.one_of(st.none(), st.integers(0, 600)),
    units=st.one_of(st.none(), st.integers(0, 50)), activity_key=st.sampled_from([None, "activity:1", "activity:2"]),
    source_key=st.integers(1, 4).map("attendance:{}".format))


def run_all(draft: RuleDraft, row: list[Deed]) -> tuple[list[Evaluation], dict[str, int]]:
    version, used, answers = version_of(draft), {}, []
    for one in row:
        answers.append(evaluate(one, version, used))
        for key, amount in taken(answers[-1]).items():
            used[key] = used.get(key, 0) + amount
    return answers, used


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(drafts, st.lists(deeds, max_size=12))
def test_judging_is_deterministic_and_in_integers(draft: RuleDraft, row: list[Deed]) -> None:
    once, used = run_all(draft, row)
    again, used_again = run_all(draft, row)
    assert (once, used) == (again, used_again)
    assert all(type(line.amount) is int and line.amount > 0 for answer in once for line in answer.lines)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(drafts, st.lists(deeds, max_size=14))
def test_caps_hold_under_any_order_of_deeds(draft: RuleDraft, row: list[Deed]) -> None:
    _answers, used = run_all(draft, row)
    for cap in draft.caps:
        for key, amount in used.items():
            _code, measure, subject, window = key.split("|")
            whom = {"resident": Subject.PERSON, "all": Subject.ITEM}.get(subject.split(":")[0], Subject.HOUSEHOLD)
            when = {"day": Window.DAY, "month": Window.MONTH, "year": Window.YEAR}.get(
                window.split(":")[0], Window.ACTIVITY)
            if (measure, when) == (cap.measure, cap.window) and whom is cap.subject:
                assert amount <= cap.most


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(drafts, st.lists(deeds, max_size=10))
def test_recomputing_a_line_from_what_was_stored_gives_the_same_integer(draft: RuleDraft, row: list[Deed]) -> None:
    version = version_of(draft)
    answers, _used = run_all(draft, row)
    for one, answer in zip(row, answers, strict=True):
        if not any(line.book is Book.POINTS for line in answer.lines):
            continue
        stored = [line.cap_left for line in answer.lines]
        assert evaluate(one, version, history_of(stored, version, one)) == answer


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(drafts, deeds, deeds)
def test_a_cap_only_ever_takes_away(draft: RuleDraft, first: Deed, second: Deed) -> None:
    (_one, capped), _used = run_all(draft, [first, second])
    free = evaluate(second, version_of(hours_rule(**{**draft.values(), "caps": ()})), {})
    assert capped.points <= free.points


def test_the_same_cap_twenty_a_month_is_shared_by_all_versions_of_an_item() -> None:
    old, new = version_of(hours_rule(), number=1), version_of(hours_rule(points=200), number=2)
    used: dict[str, int] = {}
    for number in range(20):
        one = deed(source_key=f"a:{number}", activity_key=f"activity:{number}")
        answer = evaluate(one, (old, new)[number % 2], used)
        for key, amount in taken(answer).items():
            used[key] = used.get(key, 0) + amount
    assert used["1.1|points|resident:5|month:2026-04"] == TWENTY_A_MONTH.most
