"""The sheets for the notice board as a real browser prints them: a thousand lines, none split, none lost, a code that
any phone reads."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Page

from pointsbank.core.db import db, transaction
from pointsbank.publicity import services
from pointsbank.publicity.models import Grouping, NoticeKind
from pointsbank.publicity.services import Paragraph, Table
from tests.conftest import SettableClock
from tests.journeys.conftest import SHOTS, Served
from tests.publicity import board
from tests.support.village import Village

A_MILLIMETRE = 96 / 25.4
SHEET = round(297 * A_MILLIMETRE)
LONG = "在小区东门到西门之间和邻居们一起清理楼道堆物、擦洗宣传栏、给花坛浇水并登记损坏的路灯"


def thousand(village: Village) -> list[services.NoticeLineDraft]:
    """Short and long rows of five grids."""
    items = [f"志愿服务（{LONG[:n % 40]}）" if n % 3 else "清沟" for n in range(1000)]
    found = [board.line(village, n, grid=f"第{1 + n // 200}网格", item=item) for n, item in enumerate(items)]
    return sorted(found, key=lambda row: row.grouping)


WORDS = [Paragraph("为什么改", LONG * 12), *(Paragraph(f"第 {n} 条", LONG * (n % 4 + 1)) for n in range(40)),
         Table("分值对照", ("项目", "说明", "原来", "现在"),
               [(f"rule:{n}", (LONG[:n % 20 + 2], LONG, 5, 3)) for n in range(60)])]
DRAFTS = {
    "grids": lambda v: services.NoticeDraft(NoticeKind.AWARDS, "2026年4月积分公示表", lines=thousand(v),
                                            grouped_by=Grouping.GRID, standard_label="《柳荫社区积分细则》（7）"),
    "households": lambda v: services.NoticeDraft(
        NoticeKind.AWARDS, "2026年4月积分公示表", grouped_by=Grouping.HOUSEHOLD,
        lines=sorted(thousand(v), key=lambda row: row.household_number)),
    "words": lambda v: services.NoticeDraft(NoticeKind.STANDARD, "积分细则第 8 版（征求意见）", body=WORDS,
                                            resolution="居民代表会议讨论稿" * 20),
    "small": lambda v: services.NoticeDraft(NoticeKind.AWARDS, "2026年4月积分公示表", lines=board.lines(v, 3)),
}


@pytest.mark.parametrize("name", list(DRAFTS))
def test_a_notice_comes_out_of_the_printer_whole(app: Flask, clock: SettableClock, village: Village, served: Served,
                                                 someone: Any, name: str) -> None:
    with app.app_context():
        with transaction():
            made = services.draft(village.actor("member"), DRAFTS[name](village))
        with transaction():
            services.publish(village.actor("second"), made.id)
        count = made.line_count
        db.session.rollback()
    page: Page = someone("desk")
    page.goto(f"/notices/{made.id}/print")
    pdf = page.pdf(prefer_css_page_size=True)
    sheets = page.locator(".pb-sheet")
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == sheets.count(), "no sheet runs over its page"
    page.emulate_media(media="print")
    heights = [round(one.bounding_box()["height"]) for one in sheets.all()]  # type: ignore[index]
    assert max(heights) <= SHEET + 1
    told = page.inner_text("main")
    assert len(set(re.findall(r"^(\d+)\s", told, flags=re.M))) >= min(count, 50)
    heads = page.locator(".pb-sheet").evaluate_all("all => all.map(one => one.querySelectorAll('table thead').length)")
    if name != "words":
        assert set(heads) == {1}, "the head stands on each sheet"
        assert page.locator(".pb-sheet tbody tr td:first-child.pb-c").count() == count
    _look_at_the_last(page, name, served)


def _look_at_the_last(page: Page, name: str, served: Served) -> None:
    last = page.locator(".pb-sheet").last
    code = last.locator(".pb-qr-svg path").bounding_box()
    assert code is not None
    assert code["width"] / A_MILLIMETRE >= 25, "25 mm without its margin"
    assert all(text in last.inner_text() for text in ("扫码提意见", "制表：", "复核：", "撤下：", "（盖章）", "18:00"))
    picture = last.screenshot()
    (SHOTS / f"notice-print-{name}.png").parent.mkdir(parents=True, exist_ok=True)
    (SHOTS / f"notice-print-{name}.png").write_bytes(picture)
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert read.text.startswith(f"{served.url}/notices/"), "the code leads to the page"
