"""A server that a real browser opens, and pictures of what it shows."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from waitress.server import create_server

from pointsbank.core import clock
from pointsbank.core.db import transaction
from tests.support import chromium, players
from tests.support.street import PRESENT, Street, Streets

PHONE = {"width": 375, "height": 812}
DESK = {"width": 1280, "height": 800}
PATIENCE = 15_000  # milliseconds; two browsers and a database share two cores in a whole run
expect.set_options(timeout=PATIENCE)
SHOTS = Path(os.environ.get("POINTSBANK_SCREENSHOTS", "test-results/screenshots"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    missing = chromium.find() is None
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)
            if missing:
                item.add_marker(pytest.mark.skip(reason="there is no Chromium; see tests/support/prepare.sh"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return chromium.launch_options() if chromium.find() else {}


class Served:
    """An application behind a real port. ``url`` is its address."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.server = create_server(app, host="127.0.0.1", port=0, threads=8)
        self.url = f"http://127.0.0.1:{self.server.effective_port}"
        app.config["BASE_URL"] = self.url
        app.config["WTF_CSRF_ENABLED"] = True
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.close()
        self.thread.join(10)
        self.app.config["WTF_CSRF_ENABLED"] = False
        self.app.config["BASE_URL"] = "http://localhost"


@pytest.fixture
def served(app: Flask) -> Iterator[Served]:
    """The application of this test, open to the browser."""
    house = Served(app)
    yield house
    house.stop()


@pytest.fixture(scope="module")
def street(streets: Streets) -> Iterator[Street]:
    """The demo street on SQLite, on a Monday morning in April 2026, open to the browser."""
    with clock.fixed(PRESENT):
        street = streets.fresh("sqlite")
        _someone_with_a_story(street)
        house = Served(street.app)
        yield street
        house.stop()


def _someone_with_a_story(street: Street) -> None:
    """The resident of these walks is one who took part, reported something and ordered something."""
    found = street.rows(sa.text(
        "SELECT user_resident.user_id, resident.id FROM resident JOIN user_resident ON resident_id = resident.id "
        f"WHERE community_id = {street.home} AND kind = 'self' ORDER BY "
        "(SELECT min(3, count(*)) FROM redemption WHERE redemption.resident_id = resident.id) + "
        "(SELECT min(3, count(*)) FROM contribution WHERE contribution.resident_id = resident.id) + "
        "(SELECT min(3, count(*)) FROM attendance WHERE attendance.resident_id = resident.id) DESC LIMIT 1"))
    with street.app.app_context(), transaction():
        street.people["resident"] = players.play(found[0][0], street.home, found[0][1])


def cookie_of(street: Street, who: str, **session: Any) -> dict[str, str]:
    """The cookie of somebody on the street, for a browser; ``session`` is put into it."""
    client = street.client(who)
    with client.session_transaction() as kept:
        kept.update(session)
    name = street.app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    return {"name": name, "value": cookie.value, "url": street.app.config["BASE_URL"]}


@pytest.fixture
def someone(browser: Browser, served: Served) -> Iterator[Callable[..., Page]]:
    """``someone("phone")`` or ``someone("desk")``: a new person with a browser of their own."""
    contexts: list[BrowserContext] = []

    def come(screen: str = "phone", **options: Any) -> Page:
        context = browser.new_context(viewport=PHONE if screen == "phone" else DESK, base_url=served.url,
                                      locale="zh-CN", device_scale_factor=1, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        return page

    yield come
    for context in contexts:
        context.close()


def shoot(page: Page, name: str) -> None:
    """A picture of the whole page at both widths, kept under test-results/."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for screen, size in (("375", PHONE), ("1280", DESK)):
        page.set_viewport_size(size)
        page.screenshot(path=SHOTS / f"{re.sub(r'[^a-z0-9-]+', '-', name.lower())}-{screen}.png", full_page=True)
    if before:
        page.set_viewport_size(before)
