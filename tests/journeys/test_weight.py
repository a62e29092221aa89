"""A resident's first page on a slow line: under 150 kB on the wire with all it needs, and little the second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from playwright.sync_api import Page

from pointsbank.core.db import transaction
from pointsbank.shop import services as shop
from tests.activities.support import found_morning
from tests.conftest import SettableClock
from tests.journeys.conftest import Served
from tests.journeys.walking import adopt_standard, give_points, let_in, open_shop
from tests.support.village import PEOPLE, Village

MOST = 150_000
AGAIN = 30_000  # the page itself; style sheets, scripts and pictures are at hand


@dataclass
class Scales:
    """What comes over the wire while a page is loaded."""

    page: Page
    sizes: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        line = self.page.context.new_cdp_session(self.page)
        line.send("Network.enable")
        line.on("Network.requestWillBeSent", self._asked)
        line.on("Network.loadingFinished", self._came)

    def _asked(self, event: dict[str, Any]) -> None:
        self.names[event["requestId"]] = event["request"]["url"]

    def _came(self, event: dict[str, Any]) -> None:
        self.sizes[self.names.get(event["requestId"], "?")] = int(event["encodedDataLength"])

    def weigh(self, path: str) -> int:
        """Open a page; the bytes of everything that came."""
        self.sizes.clear()
        self.page.goto(path, wait_until="networkidle")
        return sum(self.sizes.values())


def test_a_residents_first_page_is_light_and_lighter_the_second_time(
        app: Flask, clock: SettableClock, village: Village, served: Served, someone: Callable[..., Page]) -> None:
    clock.at(2026, 4, 17, 9)
    with app.app_context():
        adopt_standard(village)
        shelf = open_shop(village)
        give_points(village, PEOPLE["alice"][1], 90_000, clock.instant.date())
        for _ in range(8):
            with transaction():
                made = shop.order(village.actor("alice"), shelf.soap, 1)
                shop.hand_over(village.actor("keeper"), made.id)
        found_morning(village, opened=False, sign_up=("alice",))
    scales = Scales(let_in(app, village, someone("phone"), "alice"))
    first = scales.weigh("/")
    assert len(scales.sizes) >= 3, scales.sizes
    assert 5_000 < first < MOST, scales.sizes
    assert scales.weigh("/") < AGAIN, scales.sizes
