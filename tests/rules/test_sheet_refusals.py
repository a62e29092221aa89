"""What a file may get wrong: each a sentence with its row, its column and what is expected there."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pytest
from flask import Flask
from openpyxl import Workbook

from pointsbank.core.db import transaction
from pointsbank.rules import queries, services, sheets
from pointsbank.rules.errors import TooManyRows
from pointsbank.rules.faults import MOST_ITEMS
from pointsbank.rules.sheets import reading
from tests.rules.test_sheets import GOOD, MORE, as_csv
from tests.support.village import Village

PLAIN = ["1.1", "环境", "清扫", "其他", "按次", "2", "本户"]


@pytest.fixture
def english(app: Flask):  # type: ignore[no-untyped-def]
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.fixture
def database_kind() -> str:
    """Reading a file touches no database; the tests that import ask for both."""
    return "sqlite"


def row(code: str = "1.1", **cells: str) -> dict[str, str]:
    return {**dict(zip(MORE, [code, *PLAIN[1:]], strict=True)), **cells}


def read(*rows: dict[str, str]) -> sheets.Parsed:
    head = list(dict.fromkeys(name for cells in rows for name in cells))
    return sheets.read_standard(as_csv(*([cells.get(name, "") for name in head] for cells in rows), head=head))


def said(parsed: sheets.Parsed) -> list[tuple[int, str]]:
    return [(fault.row, fault.sentence) for fault in parsed.faults]


@pytest.mark.parametrize(("column", "text", "words"), [
    ("分值", "1分/小时", "Points says “1分/小时”. Write only the number"), ("分值", "+5至+10", "A range is no number"),
    ("分值", "最高+50", "the most goes into one of the columns for caps"), ("分值", "-5", "switched off"),
    ("分值", "", "Points is empty"), ("事项", "", "Item is empty. Fill in every row"),
    ("种类", "", "Kind is empty. Expected"),
    ("怎么算", "按天", "Expected: one of per time, per hour, per unit, per score, tiers, brackets"),
    ("条件", "60岁以上", "“60岁以上” is not understood. Conditions are written like this: age ≥60; Saturday, Sunday;"),
    ("条件", "年龄≥60; 下雨天", "“下雨天” is not understood"), ("条件", "年龄>60", "write ≥ (from) or ≤ (up to)"),
    ("条件", "面积>1㎡", "write ≥ (from)"), ("条件", "节假日以外", "not understood"),
    ("条件", "仅限周末", "not understood"),
    ("条件", "22:00-25:00开始", "“25:00” is no time of day"), ("条件", "9:60-10:00", "“9:60” is no time of day"),
    ("条件", "6:00-6:00开始", "Write two different times of day"), ("条件", "在场≥90", "not understood"),
    ("条件", "参加≥60", "not understood"), ("条件", "年龄≥200", "too small or too large"),
    ("条件", "年龄80至60", "asks for more than it allows"), ("条件", "年龄≥60;年龄≤80", "Two conditions ask the same"),
    ("条件", "周六、节假日", "not understood"), ("条件", "面积1㎡至5米", "not understood"),
    ("条件", "仅限党员、、干部", "Name at least"),
    ("加权", "夜间×1.5", "Weights are written like this: night 22:00-6:00 ×1.5"),
    ("加权", "夜间24:00-6:00×2", "“24:00” is no"),
    ("加权", "雨天×2", "not understood"), ("加权", "节假日×20", "A weight lies between"),
    ("加权", "周末6:00-8:00×2", "not understood"),
    ("最低", "很多", "Least says “很多”"), ("荣誉分", "一半", "Expected: a share of the points such as 50%"),
    ("荣誉分", "12.5%", "Expected: a share"), ("再犯加倍天数", "一年", "Expected: a number of days"),
    ("再犯加倍天数", "365", "says nothing about an item"), ("满分", "100", "Best score: This says nothing"),
    ("量什么", "金额", "Measured: This says nothing"), ("累计期间", "每年", "Period: This says nothing"),
    ("按段或按整", "按整", "By parts: This says nothing"), ("档次", "10小时:2", "Steps: Only for what is counted by"),
    ("记入", "时长", "Expected: one of points, honour"), ("给谁", "", "Expected: one of household, resident, head"),
    ("扣分", "是", "Takes away: Taking points away is switched off"), ("同类取高", "表|彰", "without the sign |"),
    ("每人每月最多", "1", "At most a month per person: A cap in points is smaller than what a single time gives"),
    ("每户每周期最多", "2小时", "At most a cycle per household says “2小时”. Expected: points such as 20, or times")])
def test_a_cell_is_refused_with_its_row_its_column_and_what_is_expected(english: None, column: str, text: str,
                                                                        words: str) -> None:
    parsed = read(row(), row("1.2", **{column: text}), row("1.3"))
    assert [rule.code for rule in parsed.rules] == ["1.1", "1.3"]
    ((number, sentence),) = said(parsed)
    assert number == 3
    assert words in sentence
    assert parsed.faults[0].column in [names[1] for names in sheets.COLUMNS.values()]


@pytest.mark.parametrize(("cells", "words"), [
    ({"档次": "10小时:2; 20小时"}, "“20小时” is not understood. Expected: 10 hours: 2; 20 hours: 5."),
    ({"档次": "10:2"}, "“10:2” is not understood"), ({"档次": "10小时:2至5"}, "not understood"),
    ({"档次": ""}, "Steps is empty. Expected: 10 hours: 2; 20 hours: 5."),
    ({"档次": "20小时:2; 10小时:5"}, "Steps: The steps overlap"), ({"档次": "10小时:2; 10小时:5"}, "The steps overlap"),
    ({"档次": "10小时:5; 20小时:5"}, "A higher step has to be worth more"), ({"档次": "0小时:5"}, "begins above 0"),
    ({"档次": "10小时:0"}, "more than 0"), ({"量什么": "得分", "档次": "90分:5"}, "Choose what adds up"),
    ({"量什么": ""}, "Measured is empty. Expected: one of time"),
    ({"怎么算": "按档", "档次": "10小时:2"}, "Expected: from 0"),
    ({"怎么算": "按档", "量什么": "金额", "档次": "100元起每0元:1"}, "not understood"),
    ({"怎么算": "按档", "量什么": "金额", "档次": "100元起每100元1; 50元起每10元1"}, "The steps overlap"),
    ({"怎么算": "按档", "量什么": "数量", "档次": "5人起:1", "单位": ""}, "Unit is empty. What is counted?"),
    ({"加权": "节假日×2"}, "Steps that add up cannot weigh more"),
    ({"每人每年最多": "1"}, "At most a year per person: A cap in points is smaller"),
    ({"每满几分钟": "7"}, "Minutes per step: 1, 5, 10, 15, 20, 30 or 60 minutes")])
def test_steps_and_brackets_are_refused_with_what_is_expected(english: None, cells: dict[str, str],
                                                              words: str) -> None:
    steps = {"怎么算": "按累计", "分值": "", "量什么": "时间", "档次": "10小时:2; 20小时:5"}
    parsed = read(row(), row("1.2", **{**steps, **cells}))
    assert [rule.code for rule in parsed.rules] == ["1.1"]
    assert {fault.row for fault in parsed.faults} == {3}
    assert words in parsed.faults[0].sentence


# ── The file as a whole ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_misspelt_heading_is_named_for_its_caps_would_be_lost(english: None) -> None:
    parsed = read(row(每人每月至多="5"))
    assert said(parsed) == [(1, "There is no column “每人每月至多”. Mend its heading, or take it out: nothing of it "
                                "would be brought in.")]


def test_the_committee_may_keep_notes_of_its_own(english: None) -> None:
    assert read(row(备注="再议")).faults == ()


def test_a_number_given_twice_names_the_first_row_also_when_that_is_wrong_itself(english: None) -> None:
    parsed = read(row(分值="?"), row("１．１"))
    assert [fault.row for fault in parsed.faults] == [2, 3]
    assert "stands in row 2 already" in parsed.faults[1].sentence


def test_items_that_name_each_other_as_group_are_named_by_row(english: None) -> None:
    parsed = read(row("1", 同类取高="2"), row("2", 同类取高="3"), row("3", 同类取高="1"), row("4", 同类取高="表彰"))
    assert [fault.row for fault in parsed.faults] == [2, 3, 4]
    assert all("goes round in a circle" in fault.sentence for fault in parsed.faults)
    assert [rule.code for rule in parsed.rules] == ["4"]


def test_a_group_called_like_an_item_is_named(english: None) -> None:
    assert "A group needs a name of its own" in read(row("1", 同类取高="2"), row("2")).faults[0].sentence


CAP = {"类别": "环境", "怎么算": "类别上限", "每户每月最多": "50"}


def test_a_cap_for_a_category_without_items_is_named_by_its_row(english: None) -> None:
    parsed = read(row(), {**CAP, "类别": "平安"})
    assert said(parsed) == [(3, "There is a cap for this category, but no item of it.")]
    assert (len(parsed.rules), parsed.caps) == (1, ())


def test_a_cap_falls_with_the_last_item_of_its_category_and_says_so(english: None) -> None:
    parsed = read(row("1", 类别="平安"), row("2", 分值="?"), CAP)
    assert [fault.row for fault in parsed.faults] == [3, 4]
    assert "No item of the category “环境” was understood" in parsed.faults[1].sentence
    assert parsed.caps == ()


def test_a_cap_smaller_than_an_item_of_its_category_names_the_item(english: None) -> None:
    parsed = read(row(), row("1.2", 分值="60"), CAP)
    assert [fault.row for fault in parsed.faults] == [3]
    assert "smaller than what this item gives" in parsed.faults[0].sentence
    assert ([rule.code for rule in parsed.rules], len(parsed.caps)) == (["1.1"], 1)


@pytest.mark.parametrize(("cells", "words"), [
    ({"分值": "5"}, "Points: A row for a cap says only"),
    ({"条件": "年龄≥60"}, "Conditions: A row for a cap says only"),
    ({"类别": ""}, "Category is empty"), ({"怎么算": "总上限"}, "holds for all categories together"),
    ({"每户每月最多": ""}, "Write the cap into one of the columns for caps"),
    ({"每户每月最多": "2小时"}, "At most a month"),
    ({"每户每月最多": "0"}, "more than 0"), ({"每户每月最多": "50; 60"}, "say the same"),
    ({"记入": "时长"}, "Expected: one of points, honour")])
def test_a_row_for_a_cap_says_only_what_caps_say(english: None, cells: dict[str, str], words: str) -> None:
    parsed = read(row(), {**CAP, **cells})
    assert [fault.row for fault in parsed.faults] == [3]
    assert words in parsed.faults[0].sentence


def test_two_rows_with_the_same_cap_name_the_first(english: None) -> None:
    parsed = read(row(), CAP, {**CAP, "每户每月最多": "60"})
    assert said(parsed) == [(4, "At most a month per household: Row 3 says the same already. Keep one of them.")]


def test_caps_alone_are_no_standard(english: None) -> None:
    nothing = dict.fromkeys(MORE, "")
    assert "only caps here" in read({**nothing, "怎么算": "总上限", "每户每月最多": "50"}).faults[0].sentence


# ── What Excel makes of cells ───────────────────────────────────────────────────────────────────────────────────


def workbook(*rows: list[object], head: list[str] = MORE) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for cells in (head, *rows):
        page.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_formula_is_named_instead_of_what_it_came_to(english: None) -> None:
    parsed = sheets.read_standard(workbook(PLAIN, ["1.2", "环境", "清扫", "其他", "按次", "=1+1", "本户"]))
    assert said(parsed) == [(3, "Points says “=1+1”. There is a formula here. Write what it comes to (copy, paste as "
                                "values).")]
    assert "There is a formula here" in read(row(), row("1.2", 事项="=A1")).faults[0].sentence


def test_what_excel_made_a_date_of_is_named_in_every_column(english: None) -> None:
    raw = workbook([dt.date(2026, 1, 2), *PLAIN[1:]], [*PLAIN[:5], dt.datetime(2026, 5, 10), "本户"],
                   ["1.3", *PLAIN[1:4], "按累计", "", "本户", "时间", dt.time(10, 2)], head=[*MORE, "量什么", "档次"])
    parsed = sheets.read_standard(raw)
    assert [fault.row for fault in parsed.faults] == [2, 3, 4]
    assert all("became a date in Excel" in fault.sentence for fault in parsed.faults)


@pytest.mark.parametrize("code", ["2026-01-02", "2026/1/2", "1月2日", "2026年1月2日", "2-Jan", "Jan-26"])
def test_a_number_that_became_a_date_is_named_also_in_csv(english: None, code: str) -> None:
    assert "became a date" in read(row(code)).faults[0].sentence


def test_a_formula_that_went_wrong_is_named(english: None) -> None:
    assert "A formula went wrong" in read(row(), row("1.2", 事项="#REF!")).faults[0].sentence


def test_merged_cells_are_named_with_their_area_and_their_category_is_not_called_empty(english: None) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for cells in ([*MORE, "每户每月最多"], [*PLAIN, ""], ["1.2", "", *PLAIN[2:], ""], ["1.3", "平安", *PLAIN[2:], ""],
                  ["", "环境", "", "", "类别上限", "", "", "50"]):
        page.append(cells)
    page.merge_cells("B2:B3")
    out = io.BytesIO()
    book.save(out)
    parsed = sheets.read_standard(out.getvalue())
    assert [fault.row for fault in parsed.faults] == [2, 3, 5]
    assert all("B2:B3" in fault.sentence for fault in parsed.faults[:2])
    assert "was understood" in parsed.faults[2].sentence


# ── Large files ─────────────────────────────────────────────────────────────────────────────────────────────────


def many(count: int, **cells: str) -> bytes:
    filled = row(**cells)
    return as_csv(*([f"{n}", *list(filled.values())[1:]] for n in range(count)), head=list(filled))


def test_ten_thousand_rows_are_refused_in_one_sentence_before_any_is_looked_at(
        english: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_Row", None)
    with pytest.raises(TooManyRows) as refusal:
        sheets.read_standard(many(10_000))
    assert "10000 rows, and a standard has at most 2000" in refusal.value.sentence


@pytest.mark.slow
def test_as_many_rows_as_a_standard_may_have_are_each_looked_at_once(english: None,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    original = reading._Row.item
    monkeypatch.setattr(reading._Row, "item", lambda self, shape: looked.append(1) or original(self, shape))
    assert len(sheets.read_standard(many(MOST_ITEMS)).rules) == MOST_ITEMS == len(looked)
    parsed = sheets.read_standard(many(MOST_ITEMS, 条件="下雨天"))
    assert [fault.row for fault in parsed.faults] == list(range(2, MOST_ITEMS + 2))


def test_more_caps_than_anybody_could_read_are_refused(english: None) -> None:
    rows = [{**CAP, "类别": f"类{n}"} for n in range(201)]
    parsed = read(*(row(f"{n}", 类别=f"类{n}") for n in range(201)), *rows)
    assert [fault.row for fault in parsed.faults] == [403]
    assert "at most 200 caps" in parsed.faults[0].sentence


@pytest.mark.parametrize("database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_long_file_costs_as_many_statements_as_a_short_one(app: Flask, village: Village, english: None,
                                                             queries: Callable) -> None:  # type: ignore[type-arg]
    counts = []
    for count in (10, 500):
        with queries() as seen, transaction():
            row_of_it = services.import_draft(village.actor("member"), many(count, 每户每月最多="50"), "细则")
        counts.append(len(seen))
        with transaction():
            services.discard(village.actor("member"), row_of_it.id)
    assert counts[0] == counts[1] <= 10


def test_a_full_width_file_is_understood_and_keeps_its_words(english: None) -> None:
    parsed = sheets.read_standard(as_csv([cell.translate({n: n + 0xFEE0 for n in range(0x21, 0x7F)}) for cell in GOOD]))
    assert parsed.faults == ()
    assert (parsed.rules[0].code, parsed.rules[0].points) == ("1.1", 100)


def test_the_good_rows_come_in_without_what_hung_on_the_others(app: Flask, village: Village, english: None) -> None:
    head = [*MORE, "每户每月最多"]
    raw = as_csv([*PLAIN, ""], ["2", "平安", *PLAIN[2:5], "?", "本户", ""],
                 *(["", category, "", "", "类别上限", "", "", "50"] for category in ("环境", "平安")), head=head)
    with transaction():
        made = services.import_draft(village.actor("member"), raw, "细则", good_rows_only=True)
    version = queries.version(village.community, made.id)
    assert [rule.code for rule in version.rules] == ["1.1"]
    assert [cap.category for cap in version.caps] == ["环境"]
