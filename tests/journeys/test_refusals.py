"""The same way, refused: the page says a sentence, what was typed is still there, and nothing is half done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Error, Page, Route, expect

from pointsbank.activities import codes
from pointsbank.activities.models import Attendance, AttendanceState, EventKind
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.ledger import queries as ledger
from pointsbank.shop import services as shop_services
from pointsbank.shop.models import Redemption
from tests.activities.support import Morning, found_morning
from tests.conftest import SettableClock
from tests.journeys.conftest import Served, shoot
from tests.journeys.walking import Shelf, actor_pages, adopt_standard, give_points, open_shop
from tests.support.village import PEOPLE, Village


@dataclass
class Scene:
    """The village on the morning of the activity, with a shop of one bag of rice."""

    app: Flask
    clock: SettableClock
    village: Village
    morning: Morning
    shelf: Shelf
    come: Callable[..., Page]

    def address(self, ago: float = 0) -> str:
        """What the leader's screen showed ``ago`` seconds before."""
        with self.app.app_context():
            instant = house_clock.now() - dt.timedelta(seconds=ago)
            return codes.address("S", self.morning.token(EventKind.IN, instant))

    def count(self, model: Any, *where: Any) -> int:
        """How many rows there are."""
        with self.app.app_context():
            found = db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0
            db.session.rollback()
            return found

    def points(self, key: str) -> int:
        """What somebody's household can spend."""
        with self.app.app_context():
            owner = f"household:{self.village.households[PEOPLE[key][1]]}"
            found = ledger.available(self.village.community, owner, house_clock.today())
            db.session.rollback()
            return found

    def order(self, key: str) -> Redemption:
        """Somebody else is quicker."""
        with self.app.app_context():
            with transaction():
                made = shop_services.order(self.village.actor(key), self.shelf.rice, 1)
            db.session.expunge_all()
            return made


@pytest.fixture
def scene(app: Flask, clock: SettableClock, village: Village, served: Served, someone: Callable[..., Page]) -> Scene:
    clock.at(2026, 4, 18, 9, 2)
    with app.app_context():
        adopt_standard(village)
        shelf = open_shop(village, rice=1)
        morning = found_morning(village)
        for key, points in (("alice", 5000), ("bob", 5000), ("charlie", 1000)):
            give_points(village, PEOPLE[key][1], points, clock.instant.date())
        db.session.expunge_all()
    return Scene(app, clock, village, morning, shelf, actor_pages(app, village, someone))


def confirm_rice(page: Page) -> None:
    """As far as the last button."""
    page.goto("/shop")
    page.get_by_role("link", name="预订 · 爱心大米").click()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("button", name="给我留着")).to_be_visible()


def press_without_answer(page: Page, button: str) -> None:
    """Tap while the line is down: the browser shows its own page of an error."""
    with pytest.raises(Error, match="net::"), page.expect_navigation():
        page.get_by_role("button", name=button).click(no_wait_after=True)


def test_a_second_scan_says_when_the_first_one_was(scene: Scene) -> None:
    page = scene.come("alice")
    for minute, told in ((2, "签到好了。"), (7, "您 9:02 已经签过到了。")):
        scene.clock.at(2026, 4, 18, 9, minute)
        page.goto(scene.address())
        page.get_by_role("button", name="我到了，签到").click()
        expect(page.get_by_text(told)).to_be_visible()
    shoot(page, "refused-second-scan")
    assert scene.count(Attendance) == 1


def test_a_forged_code_leads_to_the_digits(scene: Scene) -> None:
    page = scene.come("alice")
    address = scene.address()
    last = "A" if address[-1] != "A" else "B"
    answer = page.goto(address[:-1] + last)
    assert answer is not None
    assert answer.status == 422
    expect(page.get_by_role("heading", name="这个码打不开")).to_be_visible()
    shoot(page, "refused-forged-code")
    page.get_by_role("link", name="4 位数").click()
    expect(page.get_by_label("负责人屏幕上的 4 位数")).to_be_visible()
    assert scene.count(Attendance) == 0


def test_a_late_code_waits_for_one_tap_of_the_leader(scene: Scene) -> None:
    page, leader = scene.come("alice"), scene.come("leader")
    page.goto(scene.address(ago=300))
    expect(page.get_by_text("这个码过了一会儿了")).to_be_visible()
    shoot(page, "refused-late-code")
    page.get_by_role("button", name="我到了，签到").click()
    expect(page.get_by_text("收到了，还要负责人点头")).to_be_visible()
    leader.goto(f"/lead/occurrences/{scene.morning.occurrence}/code")
    assert leader.inner_text("#waiting") == "1"
    shoot(leader, "refused-late-code-leader")
    leader.locator("#people").get_by_role("button", name="同意").click()
    expect(leader.locator("#waiting")).to_have_text("0")
    page.reload()
    expect(page.locator("main")).not_to_contain_text("还要负责人点头")
    assert scene.count(Attendance, Attendance.state == AttendanceState.CONFIRMED) == 1


def test_too_few_points_are_said_with_what_is_missing(scene: Scene) -> None:
    page = scene.come("charlie")
    page.goto("/shop")
    page.get_by_role("link", name="还差 34 分").click()
    expect(page.locator("main")).to_contain_text("还差 34 分")
    expect(page.get_by_role("button", name="下一步")).to_have_count(0)
    shoot(page, "refused-too-few-points")
    page.goto(f"/shop/offers/{scene.shelf.rice}/order?quantity=1")
    page.get_by_role("button", name="给我留着").click()
    expect(page.get_by_text("积分不够：现在能用 10 分，要用 44 分。")).to_be_visible()
    assert (scene.points("charlie"), scene.count(Redemption)) == (1000, 0)


def test_the_last_bag_went_to_somebody_quicker(scene: Scene) -> None:
    page = scene.come("alice")
    confirm_rice(page)
    scene.order("bob")
    page.get_by_role("button", name="给我留着").click()
    expect(page.get_by_text("您的积分没有变")).to_be_visible()
    shoot(page, "refused-sold-out")
    page.goto("/shop")
    expect(page.get_by_text("领完了")).to_be_visible()
    assert (scene.points("alice"), scene.count(Redemption)) == (5000, 1)


def test_a_voucher_opens_the_shelf_once(scene: Scene) -> None:
    with scene.app.app_context():
        voucher = scene.order("alice").spoken_number
    keeper, other = scene.come("keeper"), scene.come("keeper")
    for page in (keeper, other):
        page.goto("/counter")
        page.locator("#text").fill(voucher)
        page.get_by_role("button", name="查这张").click()
    keeper.get_by_role("button", name="货已交到手上").click()
    expect(keeper.locator(".pb-seal")).to_be_visible()
    other.get_by_role("button", name="货已交到手上").click()
    expect(other.get_by_text("不要再给").first).to_be_visible()
    other.goto("/counter")
    other.locator("#text").fill(voucher)
    other.get_by_role("button", name="查这张").click()
    expect(other.get_by_role("alert")).to_contain_text("4月18日 9:02 已经在柳荫店领走了，不要再给。")
    expect(other.get_by_role("button", name="货已交到手上")).to_have_count(0)
    shoot(other, "refused-second-voucher")
    other.goto("/counter")
    other.locator("#text").fill("1234 5678 9012")
    other.get_by_role("button", name="查这张").click()
    expect(other.get_by_role("alert")).to_be_visible()
    assert other.locator("#text").input_value() == "1234 5678 9012"
    shoot(other, "refused-unknown-voucher")


def test_a_page_of_another_community_is_not_there(scene: Scene) -> None:
    alice = scene.village.residents["alice"]
    for who, paths in (("mallory", (f"/activities/{scene.morning.activity}", f"/shop/offers/{scene.shelf.rice}")),
                       ("other_member", (f"/desk/residents/{alice}", f"/desk/activities/{scene.morning.activity}"))):
        page = scene.come(who)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 404, path
            expect(page.get_by_role("heading", name="没有找到这一页")).to_be_visible()
            expect(page.locator("main")).to_contain_text("可能公示到期撤下了，也可能地址少了几个字。")
        shoot(page, f"refused-other-community-{who}")


def test_a_form_with_a_mistake_comes_back_filled_in(scene: Scene) -> None:
    page = scene.come("alice")
    page.goto("/deeds/new")
    page.get_by_label("做了什么").fill("看望王奶奶两次")
    page.get_by_label("做了几小时").fill("两个钟头")
    page.locator("#place").fill("3 栋 201")
    page.get_by_role("button", name="交给评议组").click()
    expect(page.get_by_text("小时写成 2 或 1.5。").first).to_be_visible()
    shoot(page, "refused-form")
    assert page.get_by_label("做了什么").input_value() == "看望王奶奶两次"
    assert page.locator("#place").input_value() == "3 栋 201"
    assert page.locator("#hours").input_value() == "两个钟头"


def test_larger_type_in_the_middle_of_a_form_loses_nothing(scene: Scene) -> None:
    page = scene.come("alice")
    page.goto("/deeds/new")
    page.get_by_label("做了什么").fill("看望王奶奶两次")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="大字").click()
    expect(page.locator("html.elder")).to_have_count(1)
    assert page.get_by_label("做了什么").input_value() == "看望王奶奶两次"
    page.goto("/passbook")
    expect(page.locator("html.elder")).to_have_count(1)
    page.get_by_role("button", name="标准").click()
    expect(page.locator("html.elder")).to_have_count(0)


def test_a_page_left_open_too_long_says_so(scene: Scene) -> None:
    page = scene.come("alice")
    confirm_rice(page)
    page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach(e => { e.value = 'old' })")
    page.get_by_role("button", name="给我留着").click()
    expect(page.get_by_text("这一页开得太久了。请重新打开，什么都没有改动。")).to_be_visible()
    shoot(page, "refused-old-page")
    assert scene.count(Redemption) == 0


def test_a_lost_line_and_a_second_try_have_one_effect(scene: Scene) -> None:
    page = scene.come("alice")
    confirm_rice(page)
    page.context.set_offline(True)
    press_without_answer(page, "给我留着")
    assert scene.count(Redemption) == 0
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(".pb-number")).to_be_visible()
    assert scene.count(Redemption) == 1


def test_a_lost_answer_and_a_second_try_have_one_effect(scene: Scene) -> None:
    page = scene.come("alice")
    confirm_rice(page)

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/order", lose)
    press_without_answer(page, "给我留着")
    assert scene.count(Redemption) == 1
    page.unroute("**/order")
    page.reload()
    expect(page.locator(".pb-number")).to_be_visible()
    assert (scene.count(Redemption), scene.points("alice")) == (1, 600)


def test_a_check_in_whose_answer_was_lost_is_found_again(scene: Scene) -> None:
    page = scene.come("alice")
    page.goto(scene.address())

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/check-in", lose)
    press_without_answer(page, "我到了，签到")
    page.unroute("**/check-in")
    page.goto(scene.address())
    page.get_by_role("button", name="我到了，签到").click()
    expect(page.get_by_text("您 9:02 已经签过到了。")).to_be_visible()
    assert scene.count(Attendance) == 1
