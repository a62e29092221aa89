"""A standard made in the open: from the town's template by Excel, a trial and people's comments to a resolution; then a
deed that is explained by it, and a notice of which an objection stops one line."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from pointsbank import schedule
from pointsbank.core.db import db
from pointsbank.ledger import queries as ledger
from pointsbank.rules import sheets
from pointsbank.rules.models import Receiver
from tests.conftest import SettableClock
from tests.contributions.funnel import approved, draft, recorded
from tests.journeys.conftest import Served, shoot
from tests.journeys.walking import actor_pages, adopt_standard
from tests.rules.support import hours_rule, visit_rule
from tests.rules.test_templates import issued
from tests.support.village import Village

TEMPLATE = (hours_rule(), visit_rule())
OWN = visit_rule(code="3.1", name="劝阻乱停车", points=100, caps=(), receiver=Receiver.HOUSEHOLD)
BROKEN = {"分值": ("1.2", "+5至+10"), "类别": ("1.1", None), "种类": ("3.1", "劳动")}
WORDS = ("不能写范围", "每一行都要填", "请写其中一个")


@dataclass
class Journey:
    """Who walks, with which browser, and where the draft stands."""

    app: Flask
    clock: SettableClock
    writer: Page
    second: Page
    reviewer: Page
    alice: Page
    bob: Page
    draft: str = ""
    deed: str = ""
    notice: str = ""


@pytest.fixture
def journey(app: Flask, clock: SettableClock, village: Village, served: Served,
            someone: Callable[..., Page]) -> Journey:
    clock.at(2026, 4, 18, 9, 0)
    with app.app_context():
        adopt_standard(village)
        issued(village, *TEMPLATE)
        approved(village, recorded(village, *(draft(village, who, n) for who in ("alice", "bob") for n in (1, 2))))
        db.session.rollback()
    come = actor_pages(app, village, someone)
    return Journey(app, clock, come("member", "desk"), come("second", "desk"), come("reviewer", "desk"),
                   come("alice"), come("bob"))


def workbook(folder: Path, *, broken: bool) -> Path:
    """The template's items and one of their own, as the committee's Excel has them."""
    book = load_workbook(io.BytesIO(sheets.write_standard([*TEMPLATE, OWN], "柳荫社区积分细则")))
    page = book.worksheets[0]
    heads = next(row for row in page.iter_rows() if "编号" in [cell.value for cell in row])
    column = {cell.value: cell.column for cell in heads if cell.value}
    rows = {page.cell(row, column["编号"]).value: row for row in range(heads[0].row + 1, page.max_row + 1)}
    for head, (code, value) in BROKEN.items() if broken else ():
        page.cell(rows[code], column[head]).value = value
    file = folder / ("broken.xlsx" if broken else "mended.xlsx")
    book.save(file)
    return file


def the_committee_starts_from_the_template(way: Journey) -> None:
    page = way.writer
    page.goto("/desk/rules")
    shoot(page, "open-01-rules")
    page.get_by_role("link", name="写新草稿").click()
    page.get_by_role("radio", name="柳河街道").check()
    page.locator("#title").fill("柳荫社区积分细则（新）")
    shoot(page, "open-02-new-draft")
    page.get_by_role("button", name="开始写草稿").click()
    expect(page.locator("main")).to_contain_text("参加志愿服务")
    way.draft = page.url


def it_brings_in_excel_with_three_broken_rows_and_mends_them(way: Journey, folder: Path) -> None:
    page = way.writer
    page.get_by_role("link", name="导入").click()
    page.get_by_label("Excel 或 CSV 文件").set_input_files(workbook(folder, broken=True))
    page.get_by_role("button", name="导入").click()
    for words in WORDS:
        expect(page.get_by_role("row").filter(has_text=words)).to_have_count(1)
    shoot(page, "open-03-faults")
    page.get_by_label("Excel 或 CSV 文件").set_input_files(workbook(folder, broken=False))
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_text("导入了 3 条。")).to_be_visible()
    shoot(page, "open-04-brought-in")


def it_tries_the_draft_on_the_past(way: Journey) -> None:
    page = way.writer
    page.get_by_role("link", name="用过去的数据试算").click()
    page.locator("#since").fill("2026-04-01")
    page.locator("#until").fill("2026-04-18")
    page.get_by_role("button", name="试一试").click()
    with way.app.app_context():
        assert schedule.run_long_work() == 1
    page.reload()
    expect(page.locator("main")).to_contain_text("176")  # what the old version gave: 4 × 2 h × 22
    shoot(page, "open-05-trial")


def everybody_is_asked_and_alice_proposes_more(way: Journey) -> None:
    page = way.writer
    page.goto(way.draft)
    page.get_by_role("link", name="公开征求意见").click()
    shoot(page, "open-06-ask")
    page.get_by_role("button", name="公开征求意见").click()
    expect(page.locator("main")).to_contain_text("征求意见")
    way.alice.goto("/rules/comments")
    way.alice.locator("#about").select_option("3.1")
    way.alice.locator("#text").fill("劝阻一次给 1 分太少，建议给 2 分。")
    shoot(way.alice, "open-07-comment")
    way.alice.locator("#say button[type=submit]").click()
    expect(way.alice.locator("main")).to_contain_text("陈*芳")
    shoot(way.alice, "open-08-said")


def it_is_answered_in_writing(way: Journey) -> None:
    page = way.second
    page.goto("/desk")
    expect(page.locator("main")).to_contain_text("条细则意见要答复")
    page.goto(f"{way.draft}/comments")
    page.get_by_role("link").filter(has_text="劝阻一次给 1 分太少").click()
    page.get_by_role("radio", name="未采纳").check()
    page.locator("#answer").fill("街道模板规定自己加的项目从低起步，先按 1 分试行半年。")
    shoot(page, "open-09-answer")
    page.locator("form.pb-card button[type=submit]").click()
    way.alice.reload()
    expect(way.alice.locator("main")).to_contain_text("先按 1 分试行半年")


def the_meeting_resolves_and_it_comes_into_force(way: Journey) -> None:
    way.clock.at(2026, 4, 27, 9, 0)
    page = way.second
    page.goto(way.draft)
    page.get_by_role("link", name="办生效").click()
    page.locator("#in_force_on").fill("2026-05-01")
    shoot(page, "open-10-adopt")
    page.locator("form.pb-card button[type=submit]").click()
    for told in ("请选是什么会", "请选开会的日期", "请填到会多少人", "请填赞成多少票"):
        expect(page.locator("form.pb-card")).to_contain_text(told)
    shoot(page, "open-11-no-votes")
    page.get_by_role("radio", name="村民（居民）代表会议").check()
    page.locator("#held_on").fill("2026-04-26")
    for name, number in (("present", 31), ("votes_for", 27), ("votes_against", 3), ("votes_abstain", 1)):
        page.locator(f"#{name}").fill(str(number))
    page.locator("#resolution").fill("通过新细则，五月一日起执行。")
    page.locator("form.pb-card button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("赞成 27 票，反对 3 票")
    shoot(page, "open-12-adopted")
    way.clock.at(2026, 5, 4, 9, 0)
    way.alice.goto("/rules")
    expect(way.alice.locator("main")).to_contain_text("劝阻乱停车")
    shoot(way.alice, "open-13-public")


def deeds_are_told_and_accepted(way: Journey) -> None:
    for page, what in ((way.alice, "在东门劝走两辆车"), (way.bob, "在西门劝走一辆车")):
        page.goto("/deeds/new")
        page.locator("#item").select_option("3.1")
        page.locator("#title").fill(what)
        page.locator("#on").fill("2026-05-03")
        page.get_by_role("button", name="交给评议组").click()
    way.deed = way.alice.url
    way.reviewer.goto("/desk/reviews")
    for name in ("陈桂芳", "李明贵"):
        way.reviewer.get_by_role("row").filter(has_text=name).get_by_role("button", name="通过").click()
        expect(way.reviewer.get_by_role("row").filter(has_text=name)).to_have_count(0)
    way.alice.goto("/deeds")
    way.alice.get_by_role("link", name="在东门劝走两辆车").click()
    expect(way.alice.locator("main")).to_contain_text("劝阻乱停车")
    expect(way.alice.locator("main")).to_contain_text("1 分")
    shoot(way.alice, "open-14-explained")


def an_objection_stops_one_line(way: Journey) -> None:
    way.writer.goto("/desk/month")
    way.writer.get_by_role("button", name="做成草稿").click()
    way.second.goto(way.writer.url)
    way.second.get_by_role("button", name="张贴公示").click()
    number = way.writer.url.rsplit("/", 1)[1]
    page = way.alice
    page.goto(f"/notices/{number}")
    shoot(page, "open-15-notice")
    page.get_by_role("row").filter(has_text="李*贵").filter(has_text="劝阻乱停车").get_by_role("link").last.click()
    page.locator("#text").fill("那天西门没有人停车。")
    page.locator("form.pb-card button[type=submit]").click()
    page.goto(f"/notices/{number}")
    frozen = page.get_by_role("row").filter(has_text="冻结")
    expect(frozen).to_have_count(1)
    expect(frozen).to_contain_text("李*贵")
    shoot(page, "open-16-frozen")
    way.notice = number


def the_rest_is_put_into_the_book(way: Journey, village: Village) -> None:
    way.clock.at(2026, 5, 13, 9, 0)
    task = schedule.task("close-notices")
    assert task is not None
    with way.app.app_context():
        result = schedule.run_task(task)
        assert result is not None
        today = dt.date(2026, 5, 13)
        points = {key: ledger.available(village.community, f"household:{village.households[home]}", today)
                  for key, home in (("alice", "2-0317"), ("bob", "1-0412"))}
        assert ledger.verify(None) == []
        db.session.rollback()
    # Each had 88 points from the version before; of the new item only the line that nobody objected to is paid.
    assert points["alice"] - points["bob"] == 100
    way.second.goto(f"/desk/notices/{way.notice}")
    shoot(way.second, "open-17-closed")


@pytest.mark.timeout(900)
def test_a_standard_is_made_in_the_open_and_explains_what_it_gives(
        journey: Journey, village: Village, tmp_path: Path) -> None:
    the_committee_starts_from_the_template(journey)
    it_brings_in_excel_with_three_broken_rows_and_mends_them(journey, tmp_path)
    it_tries_the_draft_on_the_past(journey)
    everybody_is_asked_and_alice_proposes_more(journey)
    it_is_answered_in_writing(journey)
    the_meeting_resolves_and_it_comes_into_force(journey)
    deeds_are_told_and_accepted(journey)
    an_objection_stops_one_line(journey)
    the_rest_is_put_into_the_book(journey, village)
