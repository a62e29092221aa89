"""A server that a real browser opens, and pictures of what it shows."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from waitress.server import create_server

from tests.support import chromium

PHONE = {"width": 375, "height": 812}
DESK = {"width": 1280, "height": 800}
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


@pytest.fixture
def someone(browser: Browser, served: Served) -> Iterator[Callable[..., Page]]:
    """``someone("phone")`` or ``someone("desk")``: a new person with a browser of their own."""
    contexts: list[BrowserContext] = []

    def come(screen: str = "phone", **options: Any) -> Page:
        context = browser.new_context(viewport=PHONE if screen == "phone" else DESK, base_url=served.url,
                                      locale="zh-CN", device_scale_factor=1, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
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
