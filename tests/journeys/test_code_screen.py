"""The leader's code screen in a real browser: its script draws codes that the server takes, also without network."""

from __future__ import annotations

import datetime as dt
import io
import time
from collections.abc import Callable, Iterator

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Page

from pointsbank.activities import codes
from pointsbank.activities.models import CheckInMode, EventKind
from pointsbank.core import clock as house_clock
from tests.activities.support import START, Morning, found_morning, scan_in
from tests.journeys.conftest import Served
from tests.support.village import Village, found_village


@pytest.fixture
def running() -> Iterator[None]:
    """A clock that runs, two months away from the browser's: the page has to correct for it."""
    begun = time.monotonic()
    at = START + dt.timedelta(minutes=5)
    with house_clock.fixed(lambda: at + dt.timedelta(seconds=time.monotonic() - begun)):
        yield


@pytest.fixture
def morning(app: Flask, running: None) -> tuple[Village, Morning]:
    with app.app_context():
        village = found_village()
        made = found_morning(village, mode=CheckInMode.IN_OUT)
        scan_in(village, made, "alice")
        scan_in(village, made, "erin")
    return village, made


def sign_in(app: Flask, village: Village, page: Page, key: str, url: str) -> None:
    client = app.test_client()
    village.sign_in(client, key)
    cookie = client.get_cookie("pointsbank")
    assert cookie is not None
    page.context.add_cookies([{"name": "pointsbank", "value": cookie.value, "url": url}])


def read(app: Flask, page: Page) -> codes.Scan:
    """What a phone held before the screen reads."""
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    with app.app_context():
        return codes.read_rotating(found.text.rsplit("/", 1)[1], house_clock.now())


def digits(app: Flask, made: Morning, kind: EventKind) -> str:
    with app.app_context():
        return codes.number(codes.screen_key(made.occurrence, made.screen), kind, house_clock.now())


@pytest.mark.slow
def test_the_screen_draws_the_servers_codes_and_goes_on_without_network(
        app: Flask, served: Served, someone: Callable[..., Page], morning: tuple[Village, Morning]) -> None:
    village, made = morning
    page = someone()
    sign_in(app, village, page, "leader", served.url)
    page.goto(f"/lead/occurrences/{made.occurrence}/code?kind=out")
    page.wait_for_timeout(800)
    first = read(app, page)
    assert (first.occurrence_id, first.kind, first.is_late) == (made.occurrence, EventKind.OUT, False)
    assert page.inner_text(".pb-four") == digits(app, made, EventKind.OUT)
    assert page.inner_text("#here") == "1"
    page.context.set_offline(True)
    page.wait_for_timeout(16_500)
    later = read(app, page)
    assert later.step > first.step
    assert not later.is_late
    assert page.is_visible("#offline")
    page.context.set_offline(False)
    page.wait_for_timeout(6_000)
    assert not page.is_visible("#offline")


def test_one_tap_on_the_screen_accepts_who_waits(
        app: Flask, served: Served, someone: Callable[..., Page], morning: tuple[Village, Morning]) -> None:
    village, made = morning
    page = someone()
    sign_in(app, village, page, "leader", served.url)
    page.goto(f"/lead/occurrences/{made.occurrence}/code")
    assert page.inner_text("#waiting") == "1"
    page.wait_for_timeout(5_500)  # the list drawn by the script
    page.click("#people button")
    page.wait_for_url("**/code?kind=in")
    assert (page.inner_text("#here"), page.inner_text("#waiting")) == ("2", "0")


@pytest.mark.slow
def test_without_a_key_the_server_draws_each_code(
        app: Flask, served: Served, someone: Callable[..., Page], morning: tuple[Village, Morning],
        monkeypatch: pytest.MonkeyPatch) -> None:
    village, made = morning
    monkeypatch.setattr("pointsbank.activities.pages.screen._page_may_have_key", lambda: False)
    page = someone()
    sign_in(app, village, page, "leader", served.url)
    page.goto(f"/lead/occurrences/{made.occurrence}/code")
    first = read(app, page)
    page.wait_for_timeout(16_000)
    later = read(app, page)
    assert later.step > first.step
    assert not later.is_late


@pytest.mark.slow
def test_without_any_script_the_page_is_loaded_again(
        app: Flask, served: Served, someone: Callable[..., Page], morning: tuple[Village, Morning]) -> None:
    village, made = morning
    page = someone(java_script_enabled=False)
    sign_in(app, village, page, "leader", served.url)
    page.goto(f"/lead/occurrences/{made.occurrence}/code")
    first = read(app, page)
    page.wait_for_timeout(17_000)
    assert read(app, page).step > first.step
