"""All shapes of real standards: scores, steps, brackets, groups, conditions, weights, and caps on categories."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pointsbank.ledger.models import Book
from pointsbank.rules.drafts import RuleDraft, from_rule
from pointsbank.rules.evaluation import (
    Band,
    Cap,
    Condition,
    Deed,
    Evaluation,
    Version,
    Weight,
    WideCap,
    evaluate,
    history_of,
    taken,
    window_key,
)
from pointsbank.rules.faults import faults, standard_faults
from pointsbank.rules.models import (
    ConditionKind,
    DayKind,
    DeedKind,
    Measure,
    Quantity,
    Receiver,
    Shape,
    Subject,
    WeightKind,
    Window,
)
from tests.rules.support import (
    LADDER,
    YUAN,
    deed,
    donation_rule,
    hours_rule,
    piece_rule,
    steps_rule,
    version_of,
    visit_rule,
)


def donated(yuan: float, **changes: Any) -> Deed:
    return deed(**{"kind": "other", "item_code": "7.1", "minutes": None, "amount": int(yuan * YUAN), **changes})


def run(version: Version, deeds: Sequence[Deed]) -> list[Evaluation]:
    """Deeds one after the other, each seeing what those before took."""
    used: dict[str, int] = {}
    answers = []
    for one in deeds:
        answers.append(evaluate(one, version, used))
        for key, amount in taken(answers[-1]).items():
            used[key] = used.get(key, 0) + amount
    return answers


# ── Steps ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_step_pays_the_difference_when_it_is_reached() -> None:
    hours = [6, 5, 8, 2, 30, 100, 200]
    answers = run(version_of(steps_rule()), [
        deed(minutes=h * 60, source_key=f"a:{n}", activity_key=None) for n, h in enumerate(hours)])
    assert [a.points for a in answers] == [0, 200, 0, 300, 500, 1500, 2500]
    assert [n.reason for n in answers[0].notes] == ["below_step"]
    assert sum(a.points for a in answers) == 5000


def test_what_has_not_reached_a_step_yet_is_counted_all_the_same() -> None:
    (first, second) = run(version_of(steps_rule()), [
        deed(minutes=540, source_key="a:1"), deed(minutes=60, source_key="a:2")])
    assert first.counted == {"1.1|reached|resident:5|year:2026": {"used": 0, "taken": 540},
                             "1.1|paid|resident:5|year:2026": {"used": 0, "taken": 0}}
    assert second.points == 200


def test_a_new_period_climbs_the_steps_anew() -> None:
    answers = run(version_of(steps_rule(period=Window.MONTH)), [
        deed(minutes=600, source_key="a:1", on=dt.date(2026, 4, 30)),
        deed(minutes=600, source_key="a:2", on=dt.date(2026, 5, 1))])
    assert [a.points for a in answers] == [200, 200]


def test_a_reversed_deed_frees_its_hours_but_no_step_is_paid_twice() -> None:
    version = version_of(steps_rule())
    first, second = run(version, [deed(minutes=720, source_key="a:1"), deed(minutes=540, source_key="a:2")])
    assert (first.points, second.points) == (200, 300)
    used = taken(first)
    for key, n in taken(second).items():
        used[key] = used.get(key, 0) + n
    for key, n in taken(first).items():
        used[key] -= n
    assert evaluate(deed(minutes=120, source_key="a:3"), version, used).points == 0
    assert evaluate(deed(minutes=660, source_key="a:3"), version, used).points == 200


# ── Brackets and scores ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("yuan", "points"), [
    (9.99, 0), (10, 10), (99, 90), (100, 100), (199, 100), (200, 200), (1000, 1000), (1399, 1000), (1400, 1100),
    (5000, 2000), (5500, 2100), (10_000, 3000), (11_000, 3100), (20_000, 4000), (50_000, 4000)])
def test_a_donation_pays_by_brackets_up_to_forty_a_year(yuan: float, points: int) -> None:
    answer = evaluate(donated(yuan), version_of(donation_rule()), {})
    assert answer.points == points
    if yuan == 9.99:
        assert [n.reason for n in answer.notes] == ["too_little"]


def test_the_whole_may_count_at_the_rate_of_where_it_falls() -> None:
    marks = (Band(6000, 0, 300), Band(8000, 0, 500), Band(9000, 0, 1000))
    rule = donation_rule(quantity=Quantity.SCORE, bands=marks, by_parts=False, caps=(), points=300)
    for score, points in ((5999, 0), (6000, 300), (7999, 300), (8500, 500), (9000, 1000)):
        assert evaluate(donated(0, amount=None, score=score), version_of(rule), {}).points == points


def test_an_inspection_counts_by_its_marks_and_never_above_the_best() -> None:
    rule = donation_rule(shape=Shape.PER_SCORE, quantity=None, bands=(), points=50, full_score=10_000, caps=())
    assert evaluate(donated(0, amount=None, score=9250), version_of(rule), {}).points == 4625
    assert evaluate(donated(0, amount=None, score=12_000), version_of(rule), {}).points == 5000
    missing = evaluate(donated(0, amount=None), version_of(rule), {})
    assert [n.reason for n in missing.notes] == ["no_score"]


def test_less_than_the_least_is_not_given_and_takes_nothing_from_a_cap() -> None:
    rule = piece_rule(least=500, caps=(Cap(Window.YEAR, Subject.HOUSEHOLD, Measure.POINTS, 2000),))
    few = evaluate(deed(kind="other", item_code="2.1", units=9), version_of(rule), {})
    assert (few.points, taken(few), few.notes[0].reason) == (0, {}, "too_little")
    assert evaluate(deed(kind="other", item_code="2.1", units=10), version_of(rule), {}).points == 500


# ── Groups, receivers, weights, conditions ──────────────────────────────────────────────────────────────────────

HONOURS = tuple(visit_rule(code=f"8.{n}", name=name, points=points * 100, highest_group="表彰", caps=(),
                           receiver=Receiver.HOUSEHOLD)
                for n, (name, points) in enumerate((("国家级", 50), ("省级", 30), ("州级", 20), ("县级", 15),
                                                    ("街道级", 10), ("社区级", 5)), 1))


def honoured(item: int, act: str, **changes: Any) -> Deed:
    return deed(**{"kind": "other", "item_code": f"8.{item}", "minutes": None, "activity_key": None, "act_key": act,
                   "source_key": f"filed:{item}-{act}", **changes})


def test_only_the_highest_counts_for_one_act_and_different_acts_add_up() -> None:
    version = version_of(*HONOURS)
    county, province, street, other = run(version, [
        honoured(4, "孝亲敬老"), honoured(2, "孝亲敬老"), honoured(5, "孝亲敬老"), honoured(4, "见义勇为")])
    assert [a.points for a in (county, province, street, other)] == [1500, 1500, 0, 1500]
    assert street.notes[0].reason == "not_higher"


@pytest.mark.parametrize(("receiver", "changes", "reason"), [
    (Receiver.HEAD, {"head_id": 9}, None), (Receiver.HEAD, {}, "no_head"), (Receiver.TEAM, {"team_id": 3}, None),
    (Receiver.TEAM, {}, "no_team"), (Receiver.RELATIVE, {"beneficiary_id": 4}, None), (Receiver.RELATIVE, {}, None)])
def test_points_go_to_whom_the_item_names(receiver: Receiver, changes: dict[str, Any], reason: str | None) -> None:
    answer = evaluate(deed(**changes), version_of(hours_rule(receiver=receiver)), {})
    assert [n.reason for n in answer.notes] == ([reason] if reason else [])
    assert [line.receiver for line in answer.lines] == ([] if reason else [receiver])
    assert answer.waits_for_household == (reason == "no_head")


NIGHT = Weight(WeightKind.NIGHT, 150, 22 * 60, 6 * 60)
HOLIDAY = Weight(WeightKind.HOLIDAY, 200)


@pytest.mark.parametrize(("changes", "points"), [
    ({}, 200), ({"starts_at": 21 * 60 + 59}, 200), ({"starts_at": 22 * 60}, 300), ({"starts_at": 359}, 300),
    ({"starts_at": 360}, 200), ({"day_kind": DayKind.HOLIDAY}, 400),
    ({"day_kind": DayKind.HOLIDAY, "starts_at": 0}, 400)])
def test_night_and_holidays_weigh_more_and_the_heaviest_counts(changes: dict[str, Any], points: int) -> None:
    answer = evaluate(deed(minutes=120, **changes), version_of(hours_rule(weights=(NIGHT, HOLIDAY), caps=())), {})
    assert answer.points == points


@pytest.mark.parametrize(("condition", "met", "missed"), [
    (Condition(ConditionKind.AGE, 60), {"age": 60}, {"age": 59}),
    (Condition(ConditionKind.AGE, None, 17), {"age": 17}, {"age": None}),
    (Condition(ConditionKind.TAG, words=("党员",)), {"tags": frozenset({"党员"})}, {"tags": frozenset({"学生"})}),
    (Condition(ConditionKind.NOT_TAG, words=("干部",)), {}, {"tags": frozenset({"干部"})}),
    (Condition(ConditionKind.WEEKDAY, words=("6", "7")), {}, {"on": dt.date(2026, 4, 17)}),
    (Condition(ConditionKind.DAY_KIND, words=("workday",)), {"day_kind": DayKind.WORKDAY}, {}),
    (Condition(ConditionKind.HOURS, 22 * 60, 6 * 60), {"starts_at": 60}, {"starts_at": 600}),
    (Condition(ConditionKind.SHARE, 60), {"share": 60}, {"share": 59}),
    (Condition(ConditionKind.STAY, 90), {"minutes": 90}, {"minutes": 89}),
    (Condition(ConditionKind.SIZE, 100, None, ("㎡",)), {"size": 100}, {"size": 99}),
    (Condition(ConditionKind.PHOTOS, 2), {"photos": 2}, {"photos": 1}),
    (Condition(ConditionKind.FIRST), {}, {"is_first": False})])
def test_each_condition_lets_through_what_meets_it_and_names_itself_otherwise(
        condition: Condition, met: dict[str, Any], missed: dict[str, Any]) -> None:
    version = version_of(hours_rule(conditions=(condition,)))
    assert evaluate(deed(**met), version, {}).points > 0
    refused = evaluate(deed(**missed), version, {})
    assert refused.lines == []
    assert [n.reason for n in refused.notes] == [condition.kind]


def test_somebody_excluded_for_a_period_earns_nothing_and_reads_why() -> None:
    answer = evaluate(deed(excluded="在外求学"), version_of(hours_rule(records_minutes=True)), {})
    assert (answer.lines, answer.notes[0].reason) == ([], "excluded")


def test_an_item_that_takes_away_gives_nothing() -> None:
    answer = evaluate(deed(kind="other", item_code="1.2"), version_of(visit_rule(takes_away=True)), {})
    assert [n.reason for n in answer.notes] == ["takes_away"]


# ── Honour, wide caps, windows ──────────────────────────────────────────────────────────────────────────────────


def test_the_same_deed_may_also_count_as_honour_score() -> None:
    answer = evaluate(deed(), version_of(hours_rule(honour_percent=50)), {})
    assert [(line.book, line.amount) for line in answer.lines] == [(Book.POINTS, 200), (Book.HONOUR, 100)]
    assert answer.points == 200
    only = evaluate(deed(), version_of(hours_rule(book=Book.HONOUR)), {})
    assert [(line.book, line.amount) for line in only.lines] == [(Book.HONOUR, 200)]
    assert only.points == 0


def wide(version: Version, *caps: WideCap) -> Version:
    return dataclasses.replace(version, caps=caps)


def test_a_category_and_the_whole_standard_have_caps_of_their_own() -> None:
    version = wide(version_of(hours_rule(caps=()), visit_rule(caps=(), receiver=Receiver.HOUSEHOLD), piece_rule()),
                   WideCap(Window.MONTH, Subject.HOUSEHOLD, Measure.POINTS, 500, "志愿服务"),
                   WideCap(Window.YEAR, Subject.PERSON, Measure.POINTS, 600))
    answers = run(version, [
        deed(source_key="a:1"), deed(kind="other", item_code="1.2", source_key="a:2"),
        deed(kind="other", item_code="1.2", source_key="a:3"),
        deed(kind="other", item_code="2.1", units=6, source_key="a:4")])
    assert [a.points for a in answers] == [300, 200, 0, 100]
    assert answers[2].notes[0].reason == "cap_reached"
    assert answers[3].lines[0].cap_left["*|points|resident:5|year:2026"] == {"left": 100, "taken": 100}


def test_two_items_of_one_deed_share_the_cap_of_their_category() -> None:
    version = wide(version_of(hours_rule(caps=()), visit_rule(kind=DeedKind.VOLUNTEERING, by_itself=True, caps=())),
                   WideCap(Window.DAY, Subject.PERSON, Measure.POINTS, 400, "志愿服务"))
    answer = evaluate(deed(), version, {})
    assert [line.amount for line in answer.lines] == [300, 100]
    kept = [line.cap_left for line in answer.lines]
    assert evaluate(deed(), version, history_of(kept, version, deed())) == answer


def test_a_cap_on_how_often_may_hold_for_a_whole_category() -> None:
    version = wide(version_of(visit_rule(caps=()), visit_rule(code="1.3", caps=())),
                   WideCap(Window.WEEK, Subject.PERSON, Measure.TIMES, 1, "志愿服务"))
    answers = run(version, [deed(kind="other", item_code=code, source_key=code) for code in ("1.2", "1.3")])
    assert [a.points for a in answers] == [200, 0]


@pytest.mark.parametrize(("window", "cycle", "day", "key"), [
    (Window.WEEK, (12, 1), dt.date(2027, 1, 3), "week:2026-W53"), (Window.QUARTER, (12, 1), dt.date(2026, 12, 31),
                                                                  "quarter:2026-Q4"),
    (Window.CYCLE, (12, 7), dt.date(2026, 6, 30), "cycle:2025-07"), (Window.CYCLE, (6, 3), dt.date(2026, 9, 1),
                                                                    "cycle:2026-09"),
    (Window.CYCLE, (6, 3), dt.date(2026, 2, 28), "cycle:2025-09"), (Window.EVER, (12, 1), dt.date(2026, 1, 1), "ever")])
def test_weeks_quarters_and_cycles_have_their_own_names(window: Window, cycle: tuple[int, int], day: dt.date,
                                                       key: str) -> None:
    assert window_key(window, deed(on=day), cycle) == key


# ── What is unsound ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("draft", "field"), [
    (steps_rule(bands=(Band(600, 0, 200), Band(600, 0, 500))), "bands"),
    (steps_rule(bands=(Band(1200, 0, 200), Band(600, 0, 500))), "bands"),
    (steps_rule(bands=(Band(600, 0, 500), Band(1200, 0, 500))), "bands"), (steps_rule(bands=()), "bands"),
    (steps_rule(bands=(Band(0, 0, 500),)), "bands"), (steps_rule(quantity=Quantity.SCORE), "bands"),
    (hours_rule(bands=LADDER), "bands"), (steps_rule(weights=(NIGHT,)), "weights"),
    (hours_rule(weights=(NIGHT, NIGHT)), "weights"), (hours_rule(weights=(Weight(WeightKind.NIGHT, 150, 60, 60),)),
                                                     "weights"),
    (hours_rule(weights=(Weight(WeightKind.HOLIDAY, 5),)), "weights"),
    (hours_rule(conditions=(Condition(ConditionKind.AGE),)), "conditions"),
    (hours_rule(conditions=(Condition(ConditionKind.AGE, 70, 60),)), "conditions"),
    (hours_rule(conditions=(Condition(ConditionKind.TAG),)), "conditions"),
    (hours_rule(conditions=(Condition(ConditionKind.WEEKDAY, words=("8",)),)), "conditions"),
    (hours_rule(conditions=(Condition(ConditionKind.HOURS, 60, 60),)), "conditions"),
    (hours_rule(conditions=(Condition(ConditionKind.SHARE, 101),)), "conditions"),
    (hours_rule(conditions=(Condition(ConditionKind.FIRST), Condition(ConditionKind.FIRST))), "conditions"),
    (hours_rule(honour_percent=5000), "book"), (hours_rule(book=Book.MINUTES), "book"),
    (visit_rule(takes_away=True, records_minutes=True), "book"), (hours_rule(kind=DeedKind.BASE), "book"),
    (visit_rule(least=3000, caps=(Cap(Window.YEAR, Subject.PERSON, Measure.POINTS, 2000),)), "least"),
    (hours_rule(category="a|b"), "category")])
def test_an_unsound_shape_is_refused_at_its_field(draft: RuleDraft, field: str) -> None:
    assert list(faults(draft)) == [field]


def test_a_standard_whose_groups_go_in_a_circle_is_refused_at_each_item_of_it() -> None:
    items = [visit_rule(code="1", highest_group="2"), visit_rule(code="2", highest_group="3"),
             visit_rule(code="3", highest_group="1"), visit_rule(code="4", highest_group="表彰")]
    assert [where for where, _why in standard_faults(items, ())] == ["1", "2", "3"]
    assert list(standard_faults(HONOURS, ())) == []


def test_a_wide_cap_needs_items_and_room_for_them() -> None:
    items = [visit_rule(), hours_rule()]
    small = WideCap(Window.MONTH, Subject.PERSON, Measure.POINTS, 150, "志愿服务")
    lost = WideCap(Window.MONTH, Subject.PERSON, Measure.POINTS, 5000, "没有这一类")
    hours = WideCap(Window.MONTH, Subject.PERSON, Measure.QUANTITY, 600)
    assert [where for where, _why in standard_faults(items, [small])] == ["1.2"]
    assert [where for where, _why in standard_faults(items, [lost])] == ["没有这一类"]
    assert [where for where, _why in standard_faults(items, [hours])] == [""]


# ── Properties ──────────────────────────────────────────────────────────────────────────────────────────────────

rules = st.sampled_from([
    steps_rule(), steps_rule(period=Window.MONTH), donation_rule(), *HONOURS, hours_rule(honour_percent=30),
    hours_rule(weights=(NIGHT, HOLIDAY), conditions=(Condition(ConditionKind.AGE, 18),)),
    hours_rule(caps=(Cap(Window.WEEK, Subject.HOUSEHOLD, Measure.TIMES, 2),), least=150)])
wide_caps = st.lists(st.builds(
    WideCap, st.sampled_from(Window), st.sampled_from(Subject), st.sampled_from([Measure.POINTS, Measure.TIMES]),
    st.integers(1, 6000), st.sampled_from(["", "志愿服务"]), st.sampled_from([Book.POINTS, Book.HONOUR])), max_size=3,
    unique_by=lambda c: (c.category, c.window, c.subject, c.measure, c.book))
days = st.dates(dt.date(2026, 3, 1), dt.date(2026, 6, 30))
many = st.lists(st.tuples(st.integers(0, 2), days, st.integers(1, 900), st.integers(0, 3_000_000), st.integers(1, 3),
                          st.integers(10, 80)), min_size=1, max_size=12)


def deeds_of(draft: RuleDraft, rows: Sequence[tuple[int, dt.date, int, int, int, int]]) -> list[Deed]:
    return [deed(kind=str(draft.kind), item_code=None if draft.by_itself else draft.code, resident_id=5 + person,
                 household_id=7 + person % 2, on=day, minutes=minutes, amount=fen or 1, age=age, source_key=f"d:{n}",
                 activity_key=None, act_key=f"act:{act}", starts_at=minutes)
            for n, (person, day, minutes, fen, act, age) in enumerate(rows)]


@pytest.mark.slow
@given(rules, wide_caps, many)
@example(hours_rule(honour_percent=30), [WideCap(Window.DAY, Subject.PERSON, Measure.POINTS, 1, "", Book.HONOUR)],
         [(0, dt.date(2026, 3, 1), 60, 0, 1, 10)] * 2)
@settings(max_examples=300, deadline=None)
def test_every_judgement_is_the_same_again_and_can_be_computed_from_what_was_kept(
        draft: RuleDraft, caps: list[WideCap], rows: list[Any]) -> None:
    version = wide(version_of(draft), *caps)
    deeds = deeds_of(draft, rows)
    for one, answer in zip(deeds, run(version, deeds), strict=True):
        kept = [*(line.cap_left for line in answer.lines), answer.counted]
        assert evaluate(one, version, history_of(kept, version, one)) == answer


@pytest.mark.slow
@given(rules, wide_caps, many, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_caps_and_steps_hold_in_any_order(draft: RuleDraft, caps: list[WideCap], rows: list[Any], order: Any) -> None:
    version = wide(version_of(draft), *caps)
    deeds = deeds_of(draft, rows)
    order.shuffle(deeds)
    used: dict[str, int] = {}
    for one in deeds:
        for key, amount in taken(evaluate(one, version, used)).items():
            used[key] = used.get(key, 0) + amount
        for cap in version.caps:
            if cap.book is Book.POINTS and cap.measure is Measure.POINTS:
                prefix = f"@{cap.category}|points|" if cap.category else "*|points|"
                ours = [n for key, n in used.items() if key.startswith(prefix)
                        and len([c for c in version.caps if c.category == cap.category and c.book is cap.book]) == 1]
                assert all(n <= cap.most for n in ours)
    steps = [n for key, n in used.items() if "|paid|" in key and key.startswith("1.1")]
    assert all(n <= LADDER[-1].points for n in steps)


@pytest.mark.slow
@given(many)
@settings(max_examples=200, deadline=None)
def test_steps_never_pay_twice_and_splitting_a_period_changes_nothing(rows: list[Any]) -> None:
    version = version_of(steps_rule())
    deeds = deeds_of(steps_rule(), rows)
    whole = sum(a.points for a in run(version, deeds))
    used: dict[str, int] = {}
    parts = 0
    for half in (deeds[:len(deeds) // 2], deeds[len(deeds) // 2:]):
        for one in half:
            answer = evaluate(one, version, dict(used))
            parts += answer.points
            for key, amount in taken(answer).items():
                used[key] = used.get(key, 0) + amount
    assert parts == whole
    due = 0
    for person in {d.resident_id for d in deeds}:
        minutes = sum(d.minutes or 0 for d in deeds if d.resident_id == person)
        due += max((band.points for band in LADDER if band.start <= minutes), default=0)
    assert whole == due


@given(rules)
@settings(max_examples=50)
def test_a_rule_of_any_shape_and_its_draft_are_the_same_thing(draft: RuleDraft) -> None:
    assert from_rule(draft.as_rule(4)) == draft
    assert faults(draft) == {}
