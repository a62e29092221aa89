"""A snapshot on a phone: written without a network, kept through a reload, sent once; a neighbour says "me too"."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from pointsbank.cases.models import Joiner, Report
from pointsbank.core.db import db, run, transaction
from pointsbank.media.models import Photo
from pointsbank.places import services as places
from pointsbank.places.facts import Facts
from tests.cases.desk import Desk
from tests.conftest import SettableClock
from tests.journeys.conftest import Served, shoot
from tests.journeys.test_accessibility import AXE, RUN_AXE, SIDEWAYS
from tests.journeys.walking import let_in
from tests.support.village import Village

KEPT = """async () => {
    await navigator.serviceWorker.ready;
    for (let i = 0; i < 100; i++) {
        const cache = await caches.open("pb-pages");
        if (await cache.match("/report") && await caches.match("/offline")) return true;
        await new Promise(go => setTimeout(go, 100));
    }
    return false;
}"""
FIVE_TIMES = """async (values) => {
    for (let i = 0; i < 5; i++) {
        await PB.outbox.add("report", "/report", values.parts, [], {id: values.id, title: "x"});
        await PB.outbox.flush();
    }
    return (await PB.outbox.list()).length;
}"""


def picture(width: int = 2400, height: int = 1800) -> dict[str, Any]:
    """What a phone's camera gives: larger than what is kept."""
    raw = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(raw, "JPEG", quality=90)
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": raw.getvalue()}


@pytest.fixture
def street(app: Flask, clock: SettableClock, village: Village, served: Served) -> Desk:
    with app.app_context():
        desk = Desk(app, village).set_up()
        for n, name in enumerate(("5栋东侧楼道口", "5栋西侧楼道口", "充电棚", "花坛")):
            run(lambda name=name, n=n: places.create(
                desk.actor("member"), Facts(name, lat=27.0943 + n / 2500, lon=113.5218 + (n % 2) / 1500)))
        db.session.expunge_all()
    return desk


def count(app: Flask, model: Any) -> int:
    with app.app_context(), transaction():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def clean(page: Page) -> None:
    """axe finds nothing, and nothing scrolls sideways."""
    page.evaluate(AXE)
    assert page.evaluate(RUN_AXE) == []
    assert page.evaluate(SIDEWAYS) <= 0


def write(page: Page, words: str) -> None:
    page.locator("input[type=file]").first.set_input_files([picture()])
    expect(page.locator("[data-photos] figure")).to_have_count(1)
    page.get_by_label("5栋东侧楼道口").check()
    page.get_by_label("补充一句").fill(words)


def test_a_snapshot_without_a_network_is_sent_once_and_a_neighbour_joins(
        app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    alice = let_in(app, street.village, someone("phone"), "alice")
    alice.goto("/report")
    assert alice.evaluate(KEPT)
    clean(alice)
    shoot(alice, "snapshot-new")
    write_without_network(app, alice)
    expect(alice.get_by_text("手机里存着的已经发出去了")).to_be_visible()
    assert (count(app, Report), count(app, Photo)) == (1, 1)
    assert alice.evaluate("localStorage.getItem('pb-waiting')") is None
    with app.app_context(), transaction():
        photo = db.session.scalars(sa.select(Photo)).one()
        assert max(photo.width, photo.height) == 1600
    parts = [["category", str(street.lamp)], ["place_id", "0"], ["place", "西巷 9 号"], ["text", "井盖松了"]]
    assert alice.evaluate(FIVE_TIMES, {"id": "0123456789abcdef", "parts": parts}) == 0
    assert count(app, Report) == 2
    a_neighbour_joins(app, street, someone)
    alice.goto("/reports")
    clean(alice)
    shoot(alice, "snapshot-mine")
    alice.get_by_role("link", name="5栋东侧楼道口").click()
    expect(alice.get_by_text("1 位邻居也遇到")).to_be_visible()
    expect(alice.get_by_text("收到随手拍")).to_be_visible()
    clean(alice)
    shoot(alice, "snapshot-case")


def write_without_network(app: Flask, page: Page) -> None:
    page.context.set_offline(True)
    write(page, "晚上充一整夜")
    shoot(page, "snapshot-written")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="已存在手机里")).to_be_visible()
    expect(page.get_by_text("还有 1 件没发")).to_be_visible()
    shoot(page, "snapshot-kept")
    page.reload()
    expect(page.get_by_text("还有 1 件没发")).to_be_visible()
    expect(page.get_by_role("heading", name="1 照片")).to_be_visible()
    clean(page)
    assert count(app, Report) == 0
    page.goto("/passbook")
    expect(page.get_by_role("heading", name="现在没有网络")).to_be_visible()
    clean(page)
    page.goto("/report")
    page.context.set_offline(False)


def a_neighbour_joins(app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    bob = let_in(app, street.village, someone("phone"), "bob")
    bob.goto("/report")
    bob.get_by_label("5栋东侧楼道口").check()
    expect(bob.get_by_text("这里好像有人报过了")).to_be_visible()
    clean(bob)
    shoot(bob, "snapshot-duplicate")
    bob.get_by_role("button", name="是，我也遇到").click()
    expect(bob.get_by_text("1 位邻居也遇到")).to_be_visible()
    assert (count(app, Report), count(app, Joiner)) == (2, 1)


def test_a_refused_draft_stays_with_its_sentence_and_is_mended(
        app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    page = let_in(app, street.village, someone("phone"), "alice")
    page.goto("/report")
    page.context.set_offline(True)
    write(page, "！！！")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("还有 1 件没发")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("没收下：请用几句话说明问题")).to_be_visible()
    clean(page)
    shoot(page, "snapshot-refused")
    page.get_by_role("button", name="打开修改").click()
    expect(page.get_by_label("补充一句")).to_have_value("！！！")
    expect(page.locator("[data-photos] figure")).to_have_count(1)
    expect(page.get_by_label("5栋东侧楼道口")).to_be_checked()
    shoot(page, "snapshot-mending")
    page.get_by_label("补充一句").fill("晚上充一整夜")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("收到了，编号")).to_be_visible()
    assert (count(app, Report), count(app, Photo)) == (1, 1)
    page.goto("/report")
    expect(page.locator("[data-outbox-panel]")).to_be_hidden()


def test_what_one_person_wrote_is_not_sent_by_another_of_the_family(
        app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    page = let_in(app, street.village, someone("phone"), "alice")
    page.goto("/report")
    assert page.evaluate(KEPT)
    page.context.set_offline(True)
    write(page, "晚上充一整夜")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("还有 1 件没发")).to_be_visible()
    let_in(app, street.village, page, "andrew")
    page.context.set_offline(False)
    page.goto("/reports")
    expect(page.get_by_text("这部手机里还有别人写的 1 件")).to_be_visible()
    expect(page.get_by_text("晚上充一整夜")).to_have_count(0)
    assert not page.evaluate("caches.open('pb-pages').then(c => c.match('/report')).then(Boolean)")
    page.wait_for_timeout(500)
    assert count(app, Report) == 0
    let_in(app, street.village, page, "alice")
    page.goto("/")
    for _ in range(50):
        if count(app, Report):
            break
        page.wait_for_timeout(100)
    assert count(app, Report) == 1


def test_where_the_phone_is_proposes_a_place_and_stays_on_the_phone(
        app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    page = let_in(app, street.village, someone("phone", permissions=["geolocation"], geolocation={
        "latitude": 27.0943 + 2.1 / 2500, "longitude": 113.5218}), "alice")
    page.goto("/report")
    page.get_by_text("换个地方").click()
    page.get_by_role("button", name="用手机定位").click()
    expect(page.locator("input[data-name='充电棚']")).to_be_checked()
    assert page.locator("#lat").input_value() == ""
    page.get_by_label("都不是").check()
    assert page.locator("#lat").input_value().startswith("27.09")
    page.context.set_geolocation({"latitude": 29.8, "longitude": 113.5})
    page.get_by_role("button", name="用手机定位").click()
    expect(page.get_by_text("公里。请从列表里选地方。")).to_be_visible()


def test_what_went_by_itself_is_no_longer_in_the_form(
        app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    page = let_in(app, street.village, someone("phone"), "alice")
    page.goto("/report")
    page.context.set_offline(True)
    write(page, "晚上充一整夜")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="已存在手机里")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("手机里存着的已经发出去了")).to_be_visible()
    expect(page.get_by_role("heading", name="1 照片")).to_be_visible()
    expect(page.get_by_label("补充一句")).to_have_value("")
    expect(page.locator("[data-photos] figure")).to_have_count(0)
    assert (count(app, Report), count(app, Photo)) == (1, 1)


def test_why_it_did_not_go_is_said_when_it_is_tried_again(
        app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    page = let_in(app, street.village, someone("phone", service_workers="block"), "alice")
    page.goto("/report")
    page.route("**/outbox/ready", lambda route: route.abort())
    write(page, "晚上充一整夜")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("[data-outbox-kept] p")).to_contain_text("没有网络")
    page.unroute("**/outbox/ready")
    page.route("**/outbox/ready", lambda route: route.fulfill(status=500))
    page.get_by_role("button", name="现在再试").click()
    expect(page.locator("[data-outbox-kept] p")).to_contain_text("是我们的问题")
    page.goto("/reports")
    page.get_by_role("button", name="现在就发").click()
    expect(page.locator("[data-outbox-about]")).to_contain_text("是我们的问题")
    assert count(app, Report) == 0


def test_where_nothing_can_be_kept_it_is_sent_at_once_with_its_photo(
        app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    page = let_in(app, street.village, someone("phone"), "alice")
    page.add_init_script("""IDBFactory.prototype.open = function () {
        const asked = {error: new Error("private")};
        setTimeout(() => asked.onerror && asked.onerror(), 0);
        return asked;
    };""")
    page.goto("/report")
    write(page, "晚上充一整夜")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("收到了，编号")).to_be_visible()
    assert (count(app, Report), count(app, Photo)) == (1, 1)


def test_no_other_page_is_pasted_into_the_form(app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    page = let_in(app, street.village, someone("phone"), "alice")
    page.goto("/report")
    page.wait_for_load_state("networkidle")  # an answer that still comes would bring the cookie back
    page.context.clear_cookies()
    entry = page.locator("input[data-name='5栋西侧楼道口']")
    with page.expect_response(f"**/report/similar*place_id={entry.get_attribute('value')}") as asked:
        entry.check()
    assert asked.value.status == 303
    page.wait_for_timeout(300)
    expect(page.locator("#alike")).to_be_hidden()
    assert page.locator("#report form, #report h1").count() == 0
    page.get_by_text("换个地方").click()
    page.locator("input[name=q]").fill("花坛")
    page.locator("input[name=q]").press("Enter")
    expect(page.get_by_text("现在查不了，请在下面写一句在哪里。")).to_be_visible()


def test_an_empty_search_and_enter_ask_nothing(app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    page = let_in(app, street.village, someone("phone"), "alice")
    page.goto("/report")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/report/places" in request.url else None)
    page.get_by_text("换个地方").click()
    page.locator("#look").click()
    expect(page.locator("input[name=q]")).to_be_focused()
    page.locator("input[name=place]").fill("东巷 3 号门口")
    page.locator("input[name=place]").press("Enter")
    expect(page.get_by_label("都不是")).to_be_checked()
    expect(page.locator("#places-said")).to_have_text("")
    assert (asked, page.url.rpartition("/")[2], count(app, Report)) == ([], "report", 0)


def test_leaving_takes_the_kept_pages_along(app: Flask, street: Desk, someone: Callable[..., Page]) -> None:
    page = let_in(app, street.village, someone("phone"), "alice")
    page.goto("/report")
    assert page.evaluate(KEPT)
    page.goto("/me")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/sign-in*")
    assert not page.evaluate("caches.open('pb-pages').then(c => c.match('/report')).then(Boolean)")
    page.context.set_offline(True)
    page.goto("/report")
    expect(page.get_by_role("heading", name="现在没有网络")).to_be_visible()
