"""Another committee's standard of 240 items comes in as a file, is adopted, and judges deeds. On both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from pointsbank.core.db import transaction
from pointsbank.ledger.models import Book
from pointsbank.rules import queries as asked
from pointsbank.rules import services, sheets
from pointsbank.rules.drafts import RuleDraft, from_rule
from pointsbank.rules.evaluation import Band, Cap, Condition, Deed, Evaluation, Weight, WideCap, evaluate, taken
from pointsbank.rules.faults import faults
from pointsbank.rules.models import (
    ConditionKind,
    DayKind,
    DeedKind,
    Measure,
    Quantity,
    Receiver,
    Rounding,
    Shape,
    Subject,
    Timing,
    WeightKind,
    Window,
)
from tests.rules.support import A_DAY, LONG_AGO, RESOLUTION
from tests.support.village import Village

pytestmark = pytest.mark.usefixtures("inside", "clock")
CATEGORIES = ("志愿服务", "邻里互助", "家园环境", "垃圾分类", "平安巡防", "文明风尚", "学习教育", "孝老爱亲",
              "移风易俗", "爱心捐赠", "议事协商", "创业致富")
CONDITIONS = (
    Condition(ConditionKind.AGE, 18), Condition(ConditionKind.WEEKDAY, words=("6", "7")),
    Condition(ConditionKind.DAY_KIND, words=(DayKind.WEEKEND, DayKind.HOLIDAY)),
    Condition(ConditionKind.HOURS, 6 * 60, 22 * 60), Condition(ConditionKind.SHARE, 60),
    Condition(ConditionKind.STAY, 30), Condition(ConditionKind.SIZE, 100, words=("㎡",)),
    Condition(ConditionKind.PHOTOS, 1), Condition(ConditionKind.FIRST),
    Condition(ConditionKind.TAG, words=("党员", "楼栋长")), Condition(ConditionKind.NOT_TAG, words=("干部",)))
WEIGHTS = (Weight(WeightKind.NIGHT, 150, 22 * 60, 6 * 60), Weight(WeightKind.WEEKEND, 120),
           Weight(WeightKind.HOLIDAY, 200))
COUNTED: dict[Shape, dict[str, Any]] = {
    Shape.PER_TIME: {}, Shape.PER_HOUR: {"rounding_minutes": 30, "rounding": Rounding.NEAREST},
    Shape.PER_UNIT: {"unit": "件"}, Shape.PER_SCORE: {"full_score": 10_000},
    Shape.TIERS: {"quantity": Quantity.MINUTES, "rounding_minutes": 1, "period": Window.QUARTER,
                  "bands": (Band(120, 0, 200), Band(600, 0, 500), Band(1200, 0, 1000))},
    Shape.BRACKETS: {"quantity": Quantity.AMOUNT,
                     "bands": (Band(0, 1000, 10), Band(10_000, 10_000, 100), Band(100_000, 40_000, 100))},
}


def standard() -> tuple[list[RuleDraft], list[WideCap]]:
    """Twenty items in each of twelve categories, of every shape and kind; the same at each run."""
    chance = random.Random(240)
    rules = [_item(chance, place, number) for place in range(12) for number in range(20)]
    caps = [WideCap(window, Subject.HOUSEHOLD, Measure.POINTS, chance.randint(20, 60) * 100, category=category)
            for category, window in zip(CATEGORIES, (*Window, *list(Window)[:4]), strict=True)]
    return rules, [*caps, WideCap(Window.YEAR, Subject.ITEM, Measure.TIMES, 400),
                   WideCap(Window.MONTH, Subject.PERSON, Measure.POINTS, 4000, book=Book.HONOUR)]


def _item(chance: random.Random, place: int, number: int) -> RuleDraft:
    shape = list(Shape)[number % 6]
    values: dict[str, Any] = {
        "code": f"{place + 1}.{number + 1}", "category": CATEGORIES[place], "name": f"第{number + 1}项",
        "kind": list(DeedKind)[number % 4], "shape": shape, "points": chance.randint(1, 20) * 50,
        "receiver": chance.choice([Receiver.HOUSEHOLD, Receiver.RESIDENT, Receiver.HEAD]),
        "timing": chance.choice(list(Timing)), "who": "居民", "evidence": "登记", **COUNTED[shape]}
    if values.get("bands"):
        values["points"] = values["bands"][0].points
    if number == 19:
        values |= {"kind": DeedKind.BASE, "shape": Shape.PER_TIME, "by_itself": True, "receiver": Receiver.HOUSEHOLD,
                   "period": Window.MONTH, "unit": "", "full_score": 0}
    values["conditions"] = tuple(chance.sample(CONDITIONS, chance.choice([0, 0, 1, 2])))
    if shape is not Shape.TIERS:
        values["weights"] = tuple(chance.sample(WEIGHTS, chance.choice([0, 0, 1])))
    if number in (0, 6, 12):
        values["highest_group"] = f"{CATEGORIES[place]}评优"
    places = [(w, s) for w in Window for s in Subject]
    values["caps"] = tuple(Cap(w, s, m, 2000 if m is Measure.POINTS else 3) for (w, s), m in zip(
        chance.sample(places, 2), (Measure.POINTS, Measure.TIMES), strict=True))
    values |= {"honour_percent": chance.choice([0, 50]), "records_minutes": shape is Shape.PER_HOUR}
    draft = RuleDraft(**values)
    assert faults(draft) == {}
    return draft


def deeds() -> list[Deed]:
    """Five hundred deeds of twelve people of four households within four months; the same at each run."""
    chance = random.Random(500)
    rules = [rule for rule in standard()[0] if rule.kind is not DeedKind.BASE]
    found = []
    for number in range(500):
        rule, resident = chance.choice(rules), chance.randint(1, 12)
        found.append(Deed(
            kind=str(rule.kind), on=A_DAY - dt.timedelta(days=chance.randint(0, 107)), resident_id=resident,
            household_id=resident % 4 + 100, head_id=resident % 4 + 1, item_code=rule.code,
            minutes=chance.randint(20, 300), units=chance.randint(1, 5), score=chance.randint(5000, 10_500),
            amount=chance.randint(500, 300_000), activity_key=f"activity:{chance.randint(1, 60)}",
            act_key=f"act:{chance.randint(1, 2)}", age=chance.randint(5, 80), share=chance.randint(40, 100),
            starts_at=chance.randint(0, 1439), size=chance.randint(50, 300), photos=chance.randint(0, 3),
            is_first=chance.random() < 0.8, tags=frozenset(chance.sample(["党员", "楼栋长", "干部"], 1)),
            source_key=f"contribution:{number:03d}"))
    return found


def in_order(rule: RuleDraft) -> RuleDraft:
    return dataclasses.replace(rule, caps=tuple(sorted(rule.caps, key=str)))


@pytest.mark.slow
@pytest.mark.parametrize("as_csv", [False, True])
def test_a_standard_of_240_items_comes_in_as_it_was_written_and_is_adopted(
        village: Village, queries: Callable, as_csv: bool) -> None:  # type: ignore[type-arg]
    rules, caps = standard()
    assert (len(rules), len({rule.category for rule in rules}), {rule.shape for rule in rules}) == (240, 12, set(Shape))
    raw = sheets.write_standard(rules, "细则", caps=caps, as_csv=as_csv)
    with queries() as seen, transaction():
        draft = services.import_draft(village.actor("member"), raw, "另一个委员会的细则")
    assert len(seen) <= 12
    with queries() as seen, transaction():
        services.adopt(village.actor("second"), draft.id, LONG_AGO, RESOLUTION, on_paper=True)
    assert len(seen) <= 15
    version = asked.version_in_force(village.community, A_DAY)
    assert version is not None
    assert [in_order(from_rule(rule)) for rule in version.rules] == [in_order(rule) for rule in rules]
    assert set(version.caps) == set(caps)


def test_five_hundred_deeds_are_judged_by_it_in_a_few_statements(village: Village,
                                                                 queries: Callable) -> None:  # type: ignore[type-arg]
    rules, caps = standard()
    with transaction():
        draft = services.start_draft(village.actor("member"), "细则", rules, caps=caps)
        services.adopt(village.actor("second"), draft.id, LONG_AGO, RESOLUTION, on_paper=True)
    with queries() as seen, transaction():
        answers = services.evaluate_deeds(village.community, deeds())
    assert len(seen) <= 12
    version = asked.version_in_force(village.community, A_DAY)
    history: dict[str, int] = {}
    for deed in sorted(deeds(), key=lambda deed: (deed.on, deed.source_key)):
        alone = evaluate(deed, version, history)
        for key, amount in taken(alone).items():
            history[key] = history.get(key, 0) + amount
        assert answers[int(deed.source_key[-3:])] == alone
    given = Counter(line.rule_code for answer in answers for line in answer.lines)
    shapes = {rule.shape for rule in rules if given[rule.code]}
    assert shapes == set(Shape)
    assert {"cap_reached", "not_higher", "below_step", "age", "photos", "tag"} <= _reasons(answers)
    assert _most_of_a_household(answers, rules) <= max(cap.most for cap in caps if cap.window is Window.MONTH)


def _reasons(answers: list[Evaluation]) -> set[str]:
    return {note.reason for answer in answers for note in answer.notes}


def _most_of_a_household(answers: list[Evaluation], rules: list[RuleDraft]) -> int:
    """The most that one household got in a month of the category whose cap is by household and month."""
    category = next(cap.category for cap in standard()[1] if cap.window is Window.MONTH)
    codes = {rule.code for rule in rules if rule.category == category}
    sums: Counter[tuple[int | None, int]] = Counter()
    for deed, answer in zip(deeds(), answers, strict=True):
        for line in answer.lines:
            if line.rule_code in codes and line.book is Book.POINTS:
                sums[deed.household_id, deed.on.month] += line.amount
    return max(sums.values())
