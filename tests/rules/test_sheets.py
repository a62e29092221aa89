"""Standards from and to Excel and CSV: what isn't understood is named by row, never guessed."""

from __future__ import annotations

import csv
import io
import time

import pytest
from flask import Flask
from openpyxl import Workbook

from pointsbank.core.db import transaction
from pointsbank.core.sheets import MissingColumns, NotASheet
from pointsbank.rules import queries, services, sheets
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.errors import FileNotUnderstood
from pointsbank.rules.evaluation import Cap
from pointsbank.rules.models import DeedKind, Measure, Receiver, Shape, Subject, Timing, Window
from tests.rules.support import TWENTY_A_MONTH, TWO_HOURS, hours_rule, piece_rule, visit_rule
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


def test_ten_thousand_rows_are_read_in_a_few_seconds(english: None) -> None:
    rows = [with_cell("编号", f"{n}.{n % 7}") for n in range(10_000)]
    begun = time.monotonic()
    parsed = sheets.read_standard(as_csv(*rows))
    assert len(parsed.rules) == 10_000
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("name", ["community", "village"])
def test_the_samples_are_understood_and_sound(chinese: None, name: str) -> None:
    parsed = sheets.read_standard((sheets.SAMPLES / f"{name}.csv").read_bytes())
    assert parsed.faults == ()
    assert len(parsed.rules) == 15
    assert {rule.kind for rule in parsed.rules} == set(DeedKind)


EVERYTHING = [
    hours_rule(records_minutes=True, rounding_minutes=30, who="居民", evidence="签到"),
    visit_rule(timing=Timing.IMMEDIATE),
    piece_rule(caps=(Cap(Window.ACTIVITY, Subject.PERSON, Measure.QUANTITY, 100),
                     Cap(Window.YEAR, Subject.ITEM, Measure.POINTS, 123450))),
    RuleDraft(code="9", name="=1+1", category="@x", kind=DeedKind.PATROL, shape=Shape.PER_TIME, points=7,
              by_itself=True, receiver=Receiver.RESIDENT, team_kind="observers",
              caps=tuple(Cap(w, s, Measure.TIMES, 2) for w in Window for s in Subject)[:8])]


@pytest.mark.parametrize("as_csv_too", [False, True])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_goes_out_comes_in_again_unchanged(app: Flask, as_csv_too: bool, language: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        raw = sheets.write_standard(EVERYTHING, "细则", as_csv=as_csv_too)
        parsed = sheets.read_standard(raw)
    assert parsed.faults == ()
    for before, after in zip(EVERYTHING, parsed.rules, strict=True):
        assert set(before.caps) == set(after.caps)
        assert {**before.values()} == {**after.values()}


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
