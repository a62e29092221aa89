"""The whole way, as people walk it: from the roster that the committee imports to the bag of rice on the counter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from pointsbank import schedule
from pointsbank.core.db import db
from pointsbank.core.sheets import write_xlsx
from pointsbank.ledger import queries as ledger
from tests.conftest import SettableClock
from tests.journeys.conftest import Served, shoot
from tests.journeys.walking import actor_pages, adopt_standard, open_shop, read_code, sent_code
from tests.support.village import Village

ROSTER = [["何春兰", "4-0101", "户主", "10055550001", "4 栋"], ["何小军", "4-0101", "儿子", "", "4 栋"],
          ["邓国富", "4-0102", "户主", "10055550002", "4 栋"]]
PHONE = ROSTER[0][3]
PASSWORD = "柳荫河边的第三棵树2026"


@dataclass
class Journey:
    """Who walks, with which browser, and what the pages told on the way."""

    app: Flask
    clock: SettableClock
    committee: Page
    second: Page
    reviewer: Page
    leader: Page
    resident: Page
    keeper: Page
    activity: str = ""
    voucher: str = ""


@pytest.fixture
def journey(app: Flask, clock: SettableClock, village: Village, served: Served,
            someone: Callable[..., Page]) -> Journey:
    clock.at(2026, 4, 17, 15, 0)  # Friday afternoon
    with app.app_context():
        adopt_standard(village)
        open_shop(village)
    come = actor_pages(app, village, someone)
    return Journey(app, clock, come("member", "desk"), come("second", "desk"), come("reviewer", "desk"),
                   come("leader"), someone("phone"), come("keeper"))


def the_committee_imports_the_roster(way: Journey, folder: Path) -> None:
    file = folder / "花名册.xlsx"
    file.write_bytes(write_xlsx("花名册", ["姓名", "户号", "与户主关系", "手机号", "楼栋"], ROSTER))
    page = way.committee
    page.goto("/desk/residents")
    shoot(page, "journey-01-residents")
    page.get_by_role("link", name="导入").click()
    page.locator("input[type=file]").set_input_files(file)
    shoot(page, "journey-02-import")
    page.get_by_role("button", name="先看一遍").click()
    shoot(page, "journey-03-import-preview")
    page.get_by_role("button", name="全部收进名册").click()
    with way.app.app_context():
        assert schedule.run_long_work() == 1
    expect(page.get_by_text("收进名册 3 人")).to_be_visible()
    shoot(page, "journey-04-imported")


def the_leader_plans_an_activity(way: Journey) -> None:
    page = way.leader
    page.goto("/lead")
    page.get_by_role("link", name="安排活动").click()
    page.get_by_label("名称", exact=True).fill("河边捡垃圾")
    page.get_by_label("哪一天").fill("2026-04-18")
    page.get_by_label("开始", exact=True).fill("09:00")
    page.get_by_label("结束", exact=True).fill("11:00")
    page.locator("#place").fill("柳河东岸")
    page.get_by_role("radio", name="签到和签退").check()
    page.get_by_label("按什么算").select_option("1.1")
    shoot(page, "journey-05-plan")
    page.get_by_role("button", name="送去等同意").click()
    expect(page.get_by_text("等不带这个活动的人同意后，就会发布")).to_be_visible()
    shoot(page, "journey-06-planned")
    way.activity = page.url


def the_committee_approves_it(way: Journey) -> None:
    page = way.committee
    page.goto("/desk/activities")
    shoot(page, "journey-07-desk-activities")
    page.get_by_role("link", name="河边捡垃圾").click()
    shoot(page, "journey-08-approve")
    page.get_by_role("button", name="同意，发布").click()
    expect(page.get_by_role("button", name="同意，发布")).to_have_count(0)


def the_resident_signs_in_and_signs_up(way: Journey) -> None:
    page = way.resident
    page.goto("/")
    shoot(page, "journey-09-door")
    page.goto("/sign-in")
    page.get_by_role("link", name="用验证码登录").click()
    page.get_by_label("手机号").fill(PHONE)
    page.get_by_role("button", name="发验证码").click()
    page.locator("#code").fill(sent_code(way.app, PHONE))
    shoot(page, "journey-10-code-sent")
    page.get_by_role("button", name="登录", exact=True).click()
    shoot(page, "journey-10b-set-a-password")
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("新密码再写一遍").fill(PASSWORD)
    page.get_by_role("button", name="保存密码").click()
    expect(page.get_by_role("heading", name=re.compile("何春兰"))).to_be_visible()
    shoot(page, "journey-11-new-home")
    page.get_by_role("link", name="河边捡垃圾").click()
    shoot(page, "journey-12-activity")
    page.get_by_role("button", name="我要报名").click()
    expect(page.locator("main")).to_contain_text("已报名")
    shoot(page, "journey-13-signed-up")


def scan_the_leaders_code(way: Journey, button: str, told: str, name: str) -> None:
    """As on the square: the leader holds up the phone, the resident's phone reads the picture and opens the address."""
    shoot(way.leader, f"{name}-leader")
    way.leader.reload()
    address = read_code(way.leader)
    assert address.upper().startswith(way.app.config["BASE_URL"].upper() + "/S/")
    way.resident.goto(address)
    shoot(way.resident, f"{name}-scanned")
    way.resident.get_by_role("button", name=button).click()
    expect(way.resident.get_by_text(told)).to_be_visible()
    shoot(way.resident, f"{name}-done")


def the_resident_comes_and_goes(way: Journey) -> None:
    way.clock.at(2026, 4, 18, 8, 58)
    way.leader.goto(way.activity)
    way.leader.get_by_role("button", name="出示签到码").click()
    scan_the_leaders_code(way, "我到了，签到", "签到好了", "journey-14-in")
    way.leader.reload()
    assert way.leader.inner_text("#here") == "1"
    expect(way.leader.locator("#people")).to_contain_text("何")
    way.clock.at(2026, 4, 18, 11, 1)
    way.leader.get_by_role("link", name="签退码").click()
    scan_the_leaders_code(way, "我要走了，签退", "签退好了", "journey-15-out")


def the_leader_closes_with_the_headcount(way: Journey) -> None:
    page = way.leader
    way.clock.forward(minutes=5)
    page.reload()
    page.get_by_role("link", name="点人数").click()
    page.get_by_label("您数到几个人？").fill("1")
    shoot(page, "journey-16-close")
    page.get_by_role("button", name="结束活动").click()
    expect(page.get_by_text("时长已送给居委会评议")).to_be_visible()
    shoot(page, "journey-17-closed")


def the_reviewer_accepts_the_deed(way: Journey) -> None:
    page = way.reviewer
    page.goto("/desk")
    shoot(page, "journey-18-desk")
    page.goto("/desk/reviews")
    row = page.get_by_role("row").filter(has_text="何春兰")
    expect(row).to_contain_text("44")
    shoot(page, "journey-19-reviews")
    row.get_by_role("button", name="通过").click()
    expect(page.get_by_role("row").filter(has_text="何春兰")).to_have_count(0)


def the_list_is_published_by_a_second_person(way: Journey) -> None:
    page = way.committee
    page.goto("/desk/month")
    shoot(page, "journey-20-month")
    page.get_by_role("button", name="做成草稿").click()
    shoot(page, "journey-21-draft")
    expect(page.get_by_role("button", name="张贴公示")).to_have_count(0)
    way.second.goto(page.url)
    way.second.get_by_role("button", name="张贴公示").click()
    expect(way.second.get_by_role("button", name="张贴公示")).to_have_count(0)
    shoot(way.second, "journey-22-published")
    notice = page.url.rsplit("/", 1)[1]
    way.resident.goto(f"/notices/{notice}")
    expect(way.resident.locator("main")).to_contain_text("何*兰")
    shoot(way.resident, "journey-23-notice")
    way.second.goto(f"/notices/{notice}/print")
    shoot(way.second, "journey-24-notice-print")


def the_notice_ends_and_the_points_are_there(way: Journey) -> None:
    page = way.resident
    page.goto("/")
    expect(page.locator("#on-the-way")).to_contain_text("44 分")
    shoot(page, "journey-25-on-the-way")
    way.clock.at(2026, 4, 27, 9, 30)
    task = schedule.task("close-notices")
    assert task is not None
    with way.app.app_context():
        result = schedule.run_task(task)
        assert result is not None
        assert len(result["settled"]) == 1
    page.reload()
    expect(page.locator(".pb-balance")).to_contain_text("44")
    shoot(page, "journey-26-points")


def the_points_become_rice(way: Journey) -> None:
    page = way.resident
    page.goto("/shop")
    shoot(page, "journey-27-shop")
    page.get_by_role("link", name="预订 · 爱心大米").click()
    shoot(page, "journey-28-offer")
    page.get_by_role("button", name="下一步").click()
    shoot(page, "journey-29-confirm")
    page.get_by_role("button", name="给我留着").click()
    way.voucher = page.locator(".pb-number").inner_text()
    assert "/h/" in read_code(page).lower()
    shoot(page, "journey-30-voucher")


def the_keeper_hands_it_over(way: Journey) -> None:
    page = way.keeper
    page.goto("/counter")
    shoot(page, "journey-31-counter")
    page.locator("#text").fill(way.voucher)
    page.get_by_role("button", name="查这张").click()
    expect(page.get_by_text("券是真的，可以给货")).to_be_visible()
    shoot(page, "journey-32-give")
    page.get_by_role("button", name="货已交到手上").click()
    expect(page.locator(".pb-seal")).to_have_text("已领")
    shoot(page, "journey-33-given")


def the_passbook_tells_it_all(way: Journey) -> None:
    page = way.resident
    page.goto("/passbook")
    main = page.locator("main")
    expect(main).to_contain_text("河边捡垃圾")
    expect(main).to_contain_text("爱心大米")
    expect(page.locator(".pb-balance")).to_contain_text("0")
    shoot(page, "journey-34-passbook")
    page.goto("/inbox")
    shoot(page, "journey-35-inbox")
    way.committee.goto("/desk/book")
    shoot(way.committee, "journey-36-book")
    with way.app.app_context():
        assert ledger.verify(None) == []
        db.session.rollback()


@pytest.mark.timeout(300)
def test_from_the_roster_to_a_bag_of_rice(journey: Journey, tmp_path: Path) -> None:
    the_committee_imports_the_roster(journey, tmp_path)
    the_leader_plans_an_activity(journey)
    the_committee_approves_it(journey)
    the_resident_signs_in_and_signs_up(journey)
    the_resident_comes_and_goes(journey)
    the_leader_closes_with_the_headcount(journey)
    the_reviewer_accepts_the_deed(journey)
    the_list_is_published_by_a_second_person(journey)
    the_notice_ends_and_the_points_are_there(journey)
    the_points_become_rice(journey)
    the_keeper_hands_it_over(journey)
    the_passbook_tells_it_all(journey)
