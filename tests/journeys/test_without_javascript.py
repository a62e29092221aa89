"""Links and forms only: a phone whose browser runs no script signs in, signs up, checks in, reports and redeems."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from pointsbank.activities import codes
from pointsbank.activities.models import EventKind
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.people import passwords
from pointsbank.people.models import User
from tests.activities.support import Morning, found_morning
from tests.conftest import SettableClock
from tests.journeys.conftest import Served, shoot
from tests.journeys.walking import Shelf, adopt_standard, give_points, let_in, open_shop
from tests.support.village import PEOPLE, Village

PASSWORD = "河边第三棵柳树2026"
PHONE = "10000000001"  # of Alice


@pytest.fixture
def street(app: Flask, clock: SettableClock, village: Village, served: Served) -> tuple[Morning, Shelf]:
    clock.at(2026, 4, 18, 8, 50)
    with app.app_context():
        adopt_standard(village)
        shelf = open_shop(village)
        morning = found_morning(village)
        give_points(village, PEOPLE["alice"][1], 5000, clock.instant.date())
        with transaction():
            user = db.session.get_one(User, village.users["alice"])
            user.password_hash, user.password_set_at = passwords.hash_password(PASSWORD), clock.instant
        db.session.expunge_all()
    return morning, shelf


def digits(app: Flask, morning: Morning) -> str:
    """What stands below the code on the leader's screen."""
    with app.app_context():
        return codes.number(codes.screen_key(morning.occurrence, morning.screen), EventKind.IN, house_clock.now())


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("手机号").fill(PHONE)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.locator(".pb-balance")).to_contain_text("50")


def sign_up(page: Page) -> None:
    page.get_by_role("link", name="全部活动").click()
    page.get_by_role("link", name="楼道清洁日").click()
    page.get_by_role("button", name="我要报名").click()
    expect(page.get_by_text("报好名了")).to_be_visible()


def check_in(page: Page, number: str) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="常用").get_by_role("link", name="签到").click()
    page.get_by_label("负责人屏幕上的 4 位数").fill("12")
    page.get_by_role("button", name="我到了，签到").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("负责人屏幕上的 4 位数").fill(number)
    page.get_by_role("button", name="我到了，签到").click()
    expect(page.get_by_text("签到好了。")).to_be_visible()
    shoot(page, "no-script-checked-in")


def report(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="报好事").click()
    page.locator("#item").select_option("2.1")
    page.get_by_label("做了什么").fill("看望王奶奶")
    page.get_by_label("哪天").fill("2026-04-17")
    page.locator("#number").fill("1")
    page.locator("#photos").set_input_files({"name": "王奶奶.png", "mimeType": "image/png", "buffer": picture()})
    page.get_by_role("button", name="交给评议组").click()
    expect(page.locator("main")).to_contain_text("看望王奶奶")
    expect(page.locator("main img")).to_have_count(1)
    shoot(page, "no-script-deed")


def picture() -> bytes:
    """A small photo."""
    held = io.BytesIO()
    Image.new("RGB", (320, 240), "#8fb9a4").save(held, "PNG")
    return held.getvalue()


def redeem(page: Page) -> str:
    page.goto("/")
    page.get_by_role("link", name="兑换").first.click()
    page.get_by_role("link", name="预订 · 爱心大米").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="给我留着").click()
    shoot(page, "no-script-voucher")
    return page.locator(".pb-number").inner_text()


def hand_over(page: Page, voucher: str) -> None:
    page.goto("/counter")
    page.locator("#text").fill(voucher)
    page.get_by_role("button", name="查这张").click()
    page.get_by_role("button", name="货已交到手上").click()
    expect(page.locator(".pb-seal")).to_have_text("已领")


@pytest.mark.timeout(900)
def test_a_resident_without_scripts_does_everything(
        app: Flask, clock: SettableClock, village: Village, street: tuple[Morning, Shelf],
        someone: Callable[..., Page]) -> None:
    page = someone("phone", java_script_enabled=False)
    sign_in(page)
    sign_up(page)
    clock.at(2026, 4, 18, 9, 1)
    check_in(page, digits(app, street[0]))
    report(page)
    voucher = redeem(page)
    hand_over(let_in(app, village, someone("phone", java_script_enabled=False), "keeper"), voucher)
    page.goto("/passbook")
    expect(page.locator("main")).to_contain_text("爱心大米")
    page.get_by_role("button", name="大字").click()
    expect(page.locator("html.elder")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("爱心大米")
    shoot(page, "no-script-passbook-elder")
