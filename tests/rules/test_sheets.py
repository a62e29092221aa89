"""Standards from and to Excel and CSV: what isn't understood is named by row, never guessed."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook

from pointsbank.core.db import transaction
from pointsbank.core.sheets import MissingColumns, NotASheet
from pointsbank.ledger.models import Book
from pointsbank.rules import queries, services, sheets
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.errors import FileNotUnderstood
from pointsbank.rules.evaluation import Band, Cap, Condition, Weight, WideCap
from pointsbank.rules.models import (
    ConditionKind,
    Measure,
    Quantity,
    Receiver,
    Shape,
    Subject,
    WeightKind,
    Window,
)
from pointsbank.rules.sheets.columns import ENGLISH, WORDS
from tests.rules.support import TWENTY_A_MONTH, TWO_HOURS, hours_rule, visit_rule
from tests.support.village import Village

HEAD = ["编号", "类别", "事项", "种类", "怎么算", "分值", "单位", "给谁", "每人每场最多", "每人每月最多"]
GOOD = ["1.1", "志愿服务", "参加志愿服务", "志愿服务", "按小时", "1", "", "本户", "2小时", "20"]


def as_csv(*rows: list[str], head: list[str] = HEAD) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue().encode()


def with_cell(column: str, text: str, code: str = "1.1") -> list[str]:
    row = [code, *GOOD[1:]]
    row[HEAD.index(column)] = text
    return row


@pytest.fixture
def chinese(app: Flask):  # type: ignore[no-untyped-def]
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        yield


@pytest.fixture
def english(app: Flask):  # type: ignore[no-untyped-def]
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def test_a_row_becomes_an_item(chinese: None) -> None:
    (rule,) = sheets.read_standard(as_csv(GOOD)).rules
    assert rule == hours_rule(caps=(TWO_HOURS, TWENTY_A_MONTH))


@pytest.mark.parametrize(("text", "points"), [
    ("2", 200), ("2.5", 250), ("0.1", 10), ("２．５", 250), ("+5", 500), ("＋５", 500), ("3分", 300), ("3 分", 300)])
def test_plain_numbers_are_understood_in_all_their_dresses(chinese: None, text: str, points: int) -> None:
    parsed = sheets.read_standard(as_csv(with_cell("分值", text)[:8], head=HEAD[:8]))
    assert [rule.points for rule in parsed.rules] == [points]


@pytest.mark.parametrize(("text", "words"), [
    ("1分/小时", "Write only the number"), ("每小时1分", "Write only the number"), ("+5至+10", "A range is no number"),
    ("5-10", "A range is no number"), ("5~10", "A range is no number"), ("-5", "switched off"), ("扣5", "Expected"),
    ("最高+50", "the most goes into"), ("按项", "Expected"), ("", "is empty"), ("1.234", "Expected"),
    ("1e9", "Expected"), ("0", "more than 0")])
def test_what_is_no_number_is_named_with_what_is_expected(english: None, text: str, words: str) -> None:
    parsed = sheets.read_standard(as_csv(GOOD, with_cell("分值", text, "1.2")))
    assert len(parsed.rules) == 1
    assert [fault.row for fault in parsed.faults] == [3]
    assert words in parsed.faults[0].sentence


@pytest.mark.parametrize(("text", "cap"), [
    ("20", (Measure.POINTS, 2000)), ("20分", (Measure.POINTS, 2000)), ("３次", (Measure.TIMES, 3)),
    ("2小时", (Measure.QUANTITY, 120)), ("1.5小时", (Measure.QUANTITY, 90)), ("90分钟", (Measure.QUANTITY, 90)),
    ("5 hours", (Measure.QUANTITY, 300)), ("2 times", (Measure.TIMES, 2))])
def test_caps_say_their_unit(chinese: None, text: str, cap: tuple[Measure, int]) -> None:
    (rule,) = sheets.read_standard(as_csv(with_cell("每人每月最多", text))).rules
    assert rule.caps[1] == Cap(Window.MONTH, Subject.PERSON, *cap)


def test_two_caps_stand_in_one_cell(chinese: None) -> None:
    (rule,) = sheets.read_standard(as_csv(with_cell("每人每场最多", "2小时；4分"))).rules
    assert [(c.measure, c.most) for c in rule.caps[:2]] == [(Measure.QUANTITY, 120), (Measure.POINTS, 400)]


@pytest.mark.parametrize(("column", "text"), [
    ("每人每月最多", "适量"), ("每人每月最多", "2人"), ("每人每月最多", "0.5次"), ("种类", "劳动"), ("怎么算", "按天"),
    ("给谁", "集体"), ("类别", ""), ("事项", ""), ("编号", "一 二"), ("编号", "2026-01-01")])
def test_other_cells_that_are_not_understood_are_named_by_row(chinese: None, column: str, text: str) -> None:
    parsed = sheets.read_standard(as_csv(GOOD, with_cell(column, text, "1.2")))
    assert [fault.row for fault in parsed.faults] == [3]
    assert parsed.faults[0].sentence


def test_a_number_given_twice_names_both_rows(english: None) -> None:
    parsed = sheets.read_standard(as_csv(GOOD, GOOD))
    assert [(fault.row, "row 2" in fault.sentence) for fault in parsed.faults] == [(3, True)]


def test_a_cap_under_the_points_of_one_time_is_named(english: None) -> None:
    parsed = sheets.read_standard(as_csv(with_cell("每人每月最多", "0.5")))
    assert "smaller than what a single time gives" in parsed.faults[0].sentence


def test_merged_cells_are_named_with_their_area(english: None) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (HEAD, GOOD, with_cell("类别", "志愿服务", "1.2"), with_cell("事项", "看望", "1.3")):
        page.append(row)
    page.merge_cells("B2:B3")
    out = io.BytesIO()
    book.save(out)
    parsed = sheets.read_standard(out.getvalue())
    assert [fault.row for fault in parsed.faults] == [2, 3]
    assert "B2:B3" in parsed.faults[0].sentence
    assert [rule.code for rule in parsed.rules] == ["1.3"]


def test_a_file_without_our_columns_is_refused_with_their_names(english: None) -> None:
    with pytest.raises(MissingColumns) as refusal:
        sheets.read_standard("项目,得分\n献血,10\n".encode())
    assert "编号" in refusal.value.sentence


@pytest.mark.parametrize("raw", [b"\x00\x01\x02", b"PK\x03\x04broken", b"\xff\xfe\xfa"])
def test_a_file_that_is_no_table_is_refused(english: None, raw: bytes) -> None:
    with pytest.raises((NotASheet, MissingColumns)):
        sheets.read_standard(raw)


def test_headings_alone_are_no_standard(english: None) -> None:
    assert sheets.read_standard(as_csv()).faults[0].row == 2


def test_a_file_becomes_a_draft_or_nothing_at_all(village: Village, chinese: None) -> None:
    actor = village.actor("member")
    with pytest.raises(FileNotUnderstood) as refusal, transaction():
        services.import_draft(actor, as_csv(GOOD, with_cell("分值", "+5至+10", "1.2")), title="细则")
    assert [fault.row for fault in refusal.value.faults] == [3]  # type: ignore[attr-defined]
    assert queries.standards(village.community) == []
    with transaction():
        row = services.import_draft(actor, as_csv(GOOD, with_cell("分值", "+5至+10", "1.2")), title="细则",
                                    good_rows_only=True)
    assert [r.code for r in queries.version(village.community, row.id).rules] == ["1.1"]


def test_a_file_replaces_the_items_of_a_draft(village: Village, chinese: None) -> None:
    actor = village.actor("member")
    with transaction():
        row = services.start_draft(actor, "细则", [visit_rule()])
    with transaction():
        count = services.replace_rules(actor, row.id, sheets.read_standard(as_csv(GOOD)))
    assert count == 1
    assert [r.code for r in queries.version(village.community, row.id).rules] == ["1.1"]


def test_good_rows_only_never_empties_a_draft(village: Village, chinese: None) -> None:
    actor = village.actor("member")
    with transaction():
        row = services.start_draft(actor, "细则", [visit_rule()])
    parsed = sheets.read_standard(as_csv(with_cell("分值", "+5至+10")))
    with pytest.raises(FileNotUnderstood), transaction():
        services.replace_rules(actor, row.id, parsed, good_rows_only=True)
    assert [r.code for r in queries.version(village.community, row.id).rules] == ["1.2"]


# ── Shapes, conditions, weights ─────────────────────────────────────────────────────────────────────────────────

MORE = ["编号", "类别", "事项", "种类", "怎么算", "分值", "给谁"]


def one(**cells: str) -> RuleDraft:
    """The item of a row: what is not named is an ordinary item per time."""
    row = {**dict(zip(MORE, ["1.1", "其他", "事项", "其他", "按次", "1", "本户"], strict=True)), **cells}
    parsed = sheets.read_standard(as_csv(list(row.values()), head=list(row)))
    assert parsed.faults == ()
    return parsed.rules[0]


def test_brackets_are_read_as_the_issue_writes_them(chinese: None) -> None:
    rule = one(怎么算="按档", 分值="", 量什么="金额", 每人每年最多="40",
               档次="0元起每10元0.1；100元起每100元1；1000元起每400元1;5000元起每500元1;10,000元起每1000元:1分")
    assert rule.bands == (Band(0, 1000, 10), Band(10000, 10000, 100), Band(100000, 40000, 100),
                          Band(500000, 50000, 100), Band(1000000, 100000, 100))
    assert (rule.points, rule.quantity, rule.by_parts) == (10, Quantity.AMOUNT, True)


@pytest.mark.parametrize(("measured", "text", "bands"), [
    ("时间", "30分钟:1; 10小时:2", ((30, 100), (600, 200))),
    ("次数", "5次：2；10次：5", ((5, 200), (10, 500))), ("数量", "5人:2;10人:5", ((5, 200), (10, 500))),
    ("amount", "100 yuan: 2; 500 yuan: 5 points", ((10000, 200), (50000, 500)))])
def test_steps_are_read_in_what_they_measure(chinese: None, measured: str, text: str, bands: object) -> None:
    rule = one(怎么算="按累计", 分值="", 量什么=measured, 档次=text, 单位="人", 累计期间="每季度")
    assert tuple((band.start, band.points) for band in rule.bands) == bands
    assert rule.period is Window.QUARTER


def test_flat_brackets_and_whole_ones_are_read(chinese: None) -> None:
    rule = one(怎么算="brackets", 分值="", 量什么="得分", 档次="60分起:2; from 90 marks: 5", 按段或按整="按整",
               满分="100")
    assert (rule.bands, rule.by_parts, rule.full_score) == ((Band(6000, 0, 200), Band(9000, 0, 500)), False, 10000)


@pytest.mark.parametrize(("text", "condition"), [
    ("年龄≥60", Condition(ConditionKind.AGE, 60)), ("年龄>=６０岁", Condition(ConditionKind.AGE, 60)),
    ("年龄60至80", Condition(ConditionKind.AGE, 60, 80)), ("age ≤ 18", Condition(ConditionKind.AGE, None, 18)),
    ("周六、周日", Condition(ConditionKind.WEEKDAY, words=("6", "7"))),
    ("Saturday, sunday", Condition(ConditionKind.WEEKDAY, words=("6", "7"))),
    ("工作日", Condition(ConditionKind.DAY_KIND, words=("workday",))),
    ("周末，节假日", Condition(ConditionKind.DAY_KIND, words=("weekend", "holiday"))),
    ("22:00-6:00开始", Condition(ConditionKind.HOURS, 1320, 360)),
    ("22：00－6：00", Condition(ConditionKind.HOURS, 1320, 360)),
    ("begun 22:00-6:00", Condition(ConditionKind.HOURS, 1320, 360)),
    ("参加≥60%", Condition(ConditionKind.SHARE, 60)), ("在场≥90分钟", Condition(ConditionKind.STAY, 90)),
    ("在场1小时至2小时", Condition(ConditionKind.STAY, 60, 120)),
    ("面积≥1㎡", Condition(ConditionKind.SIZE, 100, words=("㎡",))),
    ("大小≤2.5米", Condition(ConditionKind.SIZE, None, 250, ("米",))), ("照片≥2张", Condition(ConditionKind.PHOTOS, 2)),
    ("第一个反映", Condition(ConditionKind.FIRST)), ("First to report", Condition(ConditionKind.FIRST)),
    ("仅限党员、干部", Condition(ConditionKind.TAG, words=("党员", "干部"))),
    ("党员、干部以外", Condition(ConditionKind.NOT_TAG, words=("党员", "干部"))),
    ("not 党员, 干部", Condition(ConditionKind.NOT_TAG, words=("党员", "干部"))),
    ("仅限“60岁以上”、楼长", Condition(ConditionKind.TAG, words=("60岁以上", "楼长")))])
def test_conditions_are_read_in_plain_words(chinese: None, text: str, condition: Condition) -> None:
    assert one(条件=text).conditions == (condition,)


def test_several_conditions_and_weights_stand_in_one_cell(chinese: None) -> None:
    rule = one(条件="年龄≥60；周六、周日；第一个反映", 加权="夜间22:00-6:00×1.5；周末x1.2; 节假日*2")
    assert [c.kind for c in rule.conditions] == [ConditionKind.AGE, ConditionKind.WEEKDAY, ConditionKind.FIRST]
    assert rule.weights == (Weight(WeightKind.NIGHT, 150, 1320, 360), Weight(WeightKind.WEEKEND, 120),
                            Weight(WeightKind.HOLIDAY, 200))


def test_the_rest_of_an_item_has_its_columns(chinese: None) -> None:
    rule = one(同类取高="表彰", 最低="0.5分", 荣誉分="50%", 给谁="户主", 每户累计最多="3次",
               每人每周期最多="9")
    assert (rule.highest_group, rule.least, rule.honour_percent, rule.receiver) == ("表彰", 50, 50, Receiver.HEAD)
    assert set(rule.caps) == {Cap(Window.EVER, Subject.HOUSEHOLD, Measure.TIMES, 3),
                              Cap(Window.CYCLE, Subject.PERSON, Measure.POINTS, 900)}


def test_deductions_come_in_only_where_they_are_switched_on(chinese: None) -> None:
    raw = as_csv(["1", "环境", "乱堆乱放", "其他", "按次", "2", "本户", "是", "365"],
                 head=[*MORE, "扣分", "再犯加倍天数"])
    assert [fault.row for fault in sheets.read_standard(raw).faults] == [2]
    (rule,) = sheets.read_standard(raw, deductions=True).rules
    assert (rule.takes_away, rule.repeat_days) == (True, 365)


def test_caps_of_a_category_and_of_the_whole_are_rows_of_their_own(chinese: None) -> None:
    head = [*MORE, "每户每月最多", "合计每年最多", "记入"]
    parsed = sheets.read_standard(as_csv(
        ["1", "环境", "清扫", "其他", "按次", "2", "本户", "", "", ""],
        ["", "环境", "", "", "类别上限", "", "", "50; 10次", "", ""],
        ["", "", "", "", "总上限", "", "", "", "3000", "荣誉分"], head=head))
    assert parsed.faults == ()
    assert set(parsed.caps) == {
        WideCap(Window.MONTH, Subject.HOUSEHOLD, Measure.POINTS, 5000, category="环境"),
        WideCap(Window.MONTH, Subject.HOUSEHOLD, Measure.TIMES, 10, category="环境"),
        WideCap(Window.YEAR, Subject.ITEM, Measure.POINTS, 300000, book=Book.HONOUR)}


def test_texts_stay_as_they_were_written(chinese: None) -> None:
    rule = one(事项="看望老人（７０岁以上），每周１次", 类别="互助；关爱", 单位="㎡")
    assert (rule.name, rule.category, rule.unit) == ("看望老人（７０岁以上），每周１次", "互助；关爱", "㎡")


# ── Files that go out ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_export_has_only_columns_that_say_something(chinese: None) -> None:
    head = sheets.write_standard([visit_rule()], "细则", as_csv=True).decode("utf-8-sig").splitlines()[0]
    assert head.split(",") == [*MORE, "每人每天最多"]


@pytest.mark.parametrize(("language", "sheet", "shape"), [
    ("zh-CN", "各列的意思", "按得分"), ("en", "Whatthecolumnsmean", "per score")])
def test_the_template_explains_each_column_and_offers_its_words(app: Flask, language: str, sheet: str,
                                                                shape: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        raw = sheets.write_template()
        parsed = sheets.read_standard(raw)
    assert parsed.faults == ()
    assert {rule.shape for rule in parsed.rules} == set(Shape)
    assert len(parsed.caps) == 1
    book = load_workbook(io.BytesIO(raw))
    explained = {row[0]: row for row in book[sheet].iter_rows(min_row=2, values_only=True)}
    place = 0 if language == "zh-CN" else 1
    assert [names[place] for names in sheets.COLUMNS.values()] == list(explained)[:-1]
    assert all(row[2] for row in explained.values())
    offered = {listed.formula1 for listed in book.worksheets[0].data_validations.dataValidation}
    assert any(shape in words for words in offered)
    assert len(offered) >= 10
    assert max(map(len, offered)) <= 257


def test_the_page_about_the_form_names_every_column_and_every_word() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules-format.md").read_text(encoding="utf-8")
    headings = [name for key, names in sheets.COLUMNS.items() if key not in sheets.CAP_COLUMNS for name in names]
    assert [name for name in headings if f"| {name} |" not in page] == []
    chinese = [word for words in WORDS.values() for word in words]
    english = [word for words in ENGLISH.values() for word in words]
    assert [word for word in chinese if word not in page] == []
    assert [word for word in english if f"`{word}`" not in page] == []
    parts = re.compile("每人|每户|合计|每场|每天|每周期|每周|每月|每季度|每年|累计")
    spans = {part for key in sheets.CAP_COLUMNS for part in parts.findall(sheets.COLUMNS[key][0])}
    assert len(spans) == 11
    assert all(span in page for span in spans)


def test_no_two_columns_are_called_alike() -> None:
    names = [name.lower() for both in sheets.COLUMNS.values() for name in both]
    assert len(set(names)) == len(names)
