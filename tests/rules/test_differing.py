"""What changes from one version to another, in sentences of both languages."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask
from flask_babel import force_locale

from pointsbank.rules import queries
from pointsbank.rules.differing import Change, compare
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import Cap, Version, WideCap
from pointsbank.rules.models import (
    Measure,
    Receiver,
    Rounding,
    Shape,
    Subject,
    Timing,
    Window,
)
from pointsbank.rules.packing import packed_version, unpacked_version
from tests.rules.support import (
    donation_rule,
    hours_rule,
    piece_rule,
    steps_rule,
    version_of,
    visit_rule,
)

YARD = RuleDraft(code="3.1", name="打扫院子", category="家园环境", kind=visit_rule().kind, shape=Shape.PER_TIME,
                 points=500, receiver=Receiver.HOUSEHOLD,
                 caps=(Cap(Window.MONTH, Subject.HOUSEHOLD, Measure.POINTS, 5000),))
YEAR = WideCap(Window.YEAR, Subject.HOUSEHOLD, Measure.POINTS, 50_000)


def yard(**changes: object) -> RuleDraft:
    return dataclasses.replace(YARD, **changes)  # type: ignore[arg-type]


def said(app: Flask, old: Version, new: Version, locale: str = "en") -> list[str]:
    with app.test_request_context(), force_locale(locale):
        return [text for _one, texts in queries.said_differences(old, new) for text in texts]


@pytest.fixture
def house(houses) -> Flask:  # type: ignore[no-untyped-def]
    return houses.empty("sqlite")


def test_a_number_that_changed_stands_before_and_after_in_one_sentence(house: Flask) -> None:
    old, new = version_of(YARD), version_of(yard(points=300))
    assert said(house, old, new) == ["打扫院子: 5 → 3 points each time"]
    assert said(house, old, new, "zh_Hans_CN") == ["打扫院子：每次 5 → 3 分"]


def test_one_point_and_several_are_the_same_words(house: Flask) -> None:
    assert said(house, version_of(hours_rule()), version_of(hours_rule(points=200))) == [
        "参加志愿服务: 1 → 2 points an hour"]


@pytest.mark.parametrize(("caps", "sentence", "chinese"), [
    ((Cap(Window.MONTH, Subject.HOUSEHOLD, Measure.POINTS, 3000),),
     "打扫院子: at most 50 → 30 points a month per household", "打扫院子：每户每月最多 50 → 30 分"),
    ((), "打扫院子: no longer at most 50 points a month per household", "打扫院子：取消上限，原来每户每月最多 50 分"),
    ((*YARD.caps, Cap(Window.DAY, Subject.PERSON, Measure.TIMES, 1)),
     "打扫院子: new, at most 1 time a day per person", "打扫院子：新加上限，每人每天最多 1 次")])
def test_a_cap_is_changed_dropped_or_new(house: Flask, caps: tuple[Cap, ...], sentence: str, chinese: str) -> None:
    old, new = version_of(YARD), version_of(yard(caps=caps))
    assert said(house, old, new) == [sentence]
    assert said(house, old, new, "zh_Hans_CN") == [chinese]


def test_items_are_added_and_dropped(house: Flask) -> None:
    old, new = version_of(YARD, hours_rule()), version_of(hours_rule(), piece_rule())
    assert [(d.code, d.change) for d in compare(old, new)] == [("2.1", Change.ADDED), ("3.1", Change.DROPPED)]
    assert said(house, old, new) == [
        "New: 清理沟渠, 0.5 points for each 米, at most 3 points a day per household",
        "Dropped: 打扫院子, which was 5 points each time, at most 50 points a month per household"]


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"name": "扫院子"}, "“打扫院子” is now called “扫院子”"),
    ({"category": "环境"}, "打扫院子: moved from “家园环境” to “环境”"),
    ({"receiver": Receiver.RESIDENT}, "打扫院子: now: After the notice it goes into the personal passbook."),
    ({"timing": Timing.IMMEDIATE}, "打扫院子: no longer: After the notice it goes into the household passbook."),
    ({"honour_percent": 50}, "打扫院子: now: 50% of it also counts as honour score."),
    ({"highest_group": "环境"}, "打扫院子: now: Of “环境” only the highest counts for the same act."),
    ({"takes_away": True}, "打扫院子: these points are now taken away"),
    ({"by_itself": True}, "打扫院子: now counts for every deed of its kind"),
    ({"evidence": "照片"}, "打扫院子, evidence: – → 照片"),
    ({"shape": Shape.PER_UNIT, "unit": "次"}, "打扫院子: 5 points each time → 5 points for each 次")])
def test_every_part_of_an_item_has_its_sentence(house: Flask, changes: dict, sentence: str) -> None:
    assert sentence in said(house, version_of(YARD), version_of(yard(**changes)))


def test_rounding_steps_and_brackets_have_their_sentences(house: Flask) -> None:
    assert said(house, version_of(hours_rule()), version_of(hours_rule(rounding=Rounding.UP))) == [
        "参加志愿服务: each full hour counts → each started 1 hour counts"]
    for old, new in ((steps_rule(), steps_rule(period=Window.QUARTER)),
                     (donation_rule(), donation_rule(by_parts=False))):
        assert " → " in said(house, version_of(old), version_of(new))[0]


def test_caps_on_the_whole_and_the_cycle_stand_at_the_end(house: Flask) -> None:
    old = dataclasses.replace(version_of(YARD), caps=(YEAR,))
    lower = dataclasses.replace(YEAR, most=40_000)
    assert said(house, old, dataclasses.replace(old, caps=(lower,))) == [
        "for all items in all at most 500 → 400 points a year per household"]
    assert said(house, old, dataclasses.replace(old, caps=())) == [
        "No longer: for all items in all at most 500 points a year per household"]
    cycled = dataclasses.replace(old, rules=tuple(dataclasses.replace(r, cycle=(6, 3)) for r in old.rules))
    assert said(house, old, cycled) == [
        "A cycle: 12 months beginning with month 1 → 6 months beginning with month 3"]


def test_equal_versions_differ_in_nothing_also_after_packing(house: Flask) -> None:
    items = (YARD, hours_rule(), visit_rule(), piece_rule(), donation_rule(), steps_rule(code="6.1"))
    whole = dataclasses.replace(version_of(*items), caps=(YEAR,))
    again = unpacked_version(packed_version(whole))
    assert compare(whole, again) == []
    assert [dataclasses.replace(r, id=0) for r in again.rules] == [dataclasses.replace(r, id=0) for r in whole.rules]


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(RuleDraft) if f.name not in {
    "code", "quantity", "period", "full_score", "by_parts", "repeat_days", "rounding_minutes", "kind", "unit", "bands",
    "rounding", "records_minutes", "book", "conditions", "weights", "least", "team_kind", "shape", "points", "who"}])
def test_no_change_of_an_item_is_passed_over(house: Flask, field: str) -> None:
    other = {"name": "别的", "category": "别的", "receiver": Receiver.TEAM, "timing": Timing.IMMEDIATE,
             "by_itself": True, "highest_group": "组", "honour_percent": 10, "takes_away": True,
             "evidence": "照片", "caps": ()}
    assert compare(version_of(YARD), version_of(yard(**{field: other[field]}))) != []
