"""A committee brings its standard in, mends what wasn't understood, tries it, and a second person puts it in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from pointsbank.core import clock
from tests.support.village import Village

HEAD = "编号,类别,事项,种类,怎么算,分值,给谁,每人每场最多,每人每月最多"
GOOD = "1.1,志愿服务,参加志愿服务,志愿服务,按小时,1,本户,2小时,20"
BROKEN = ["1.2,志愿服务,看望老人,其他,按次,+5至+10,本人,,", "1.3,,清扫,其他,按次,2,本户,,",
          "1.4,志愿服务,理发,劳动,按次,2,本户,,"]
MENDED = ["1.2,志愿服务,看望老人,其他,按次,5,本人,,", "1.3,志愿服务,清扫,其他,按次,2,本户,,",
          "1.4,志愿服务,理发,志愿服务,按次,2,本户,,"]


@pytest.fixture
def come_as(app: Flask, village: Village, someone: Callable[..., Page]) -> Callable[..., Page]:
    def come(who: str, screen: str = "desk") -> Page:
        client = app.test_client()
        village.sign_in(client, who)
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        page = someone(screen)
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": app.config["BASE_URL"]}])
        return page

    return come


def file_of(folder: Path, name: str, rows: list[str]) -> Path:
    file = folder / name
    file.write_text("\n".join([HEAD, GOOD, *rows]) + "\n", encoding="utf-8")
    return file


def test_a_standard_goes_from_a_file_with_three_broken_rows_to_the_residents(
        come_as: Callable[..., Page], tmp_path: Path) -> None:
    writer = come_as("member")
    writer.goto("/desk/rules")
    writer.get_by_role("link", name="写新草稿").click()
    writer.get_by_label("空白").check()
    writer.get_by_role("button", name="开始写草稿").click()
    writer.get_by_role("link", name="导入").click()
    writer.get_by_label("Excel 或 CSV 文件").set_input_files(file_of(tmp_path, "broken.csv", BROKEN))
    writer.get_by_role("button", name="导入").click()
    for row, words in ((3, "不能写范围"), (4, "每一行都要填"), (5, "请写其中一个")):
        expect(writer.get_by_role("row").filter(has_text=words)).to_contain_text(str(row))
    writer.get_by_label("Excel 或 CSV 文件").set_input_files(file_of(tmp_path, "mended.csv", MENDED))
    writer.get_by_role("button", name="导入").click()
    expect(writer.get_by_text("导入了 4 条。")).to_be_visible()

    writer.get_by_role("link", name="改 1.1 参加志愿服务").click()
    expect(writer.locator("#say")).to_contain_text("每小时 1 分，一场最多算 2 小时，每人每月最多 20 分。")
    writer.locator("#points").fill("2")
    expect(writer.locator("#say")).to_contain_text("每小时 2 分")
    writer.locator("#try_hours").fill("3")
    writer.get_by_role("button", name="试算").click()
    expect(writer.locator("#try")).to_contain_text("3 小时算 2：一场最多算 2 小时")
    expect(writer.locator("#try .pb-result")).to_contain_text("4 分")
    writer.get_by_role("button", name="存进草稿").click()
    expect(writer.get_by_text("要由另一个人办生效")).to_be_visible()
    draft = writer.url

    second = come_as("second")
    second.goto(draft)
    second.get_by_role("link", name="办生效").click()
    second.get_by_label("从哪天起算").fill((clock.today() - dt.timedelta(days=30)).isoformat())
    second.get_by_label("决议内容").fill("居民代表会议，到会31人，赞成29票")
    second.get_by_label("以前在纸上已经生效").check()
    second.get_by_role("button", name="办生效").click()
    expect(second.locator("main")).to_contain_text("在用")
    expect(second.get_by_role("link", name="办生效")).to_have_count(0)

    resident = come_as("alice", "phone")
    resident.goto("/rules")
    expect(resident.locator("#item-1\\.1")).to_contain_text("每小时 2 分，一场最多算 2 小时，每人每月最多 20 分。")
    expect(resident.locator("main")).to_contain_text("赞成29票")
