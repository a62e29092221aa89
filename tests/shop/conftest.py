"""A shop with one outlet, its keeper, rice and soap on the shelf, and points in two wallets."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from flask import Flask

from pointsbank.communities import services as communities
from pointsbank.core import clock as house_clock
from pointsbank.core.actor import system
from pointsbank.core.db import db, transaction
from pointsbank.ledger import queries as book
from pointsbank.ledger import services as ledger
from pointsbank.shop import services
from pointsbank.shop.models import Redemption, StockLot
from tests.conftest import SettableClock
from tests.support.village import Village


@dataclass
class Shop:
    """Ids of what was set up."""

    village: Village
    outlet: int = 0
    rice: int = 0
    soap: int = 0
    haircut: int = 0
    lot: int = 0

    def give(self, owner_key: str, points: int, *, expires_on: dt.date | None = None, key: str = "") -> None:
        """Points for an owner, out of nowhere."""
        source = key or f"award:{owner_key}:{points}:{expires_on}"
        with transaction():
            transfers = ledger.award_transfers(self.village.community,
                                               [ledger.Award(owner_key, points, source, expires_on)])
            ledger.post(self.village.community, transfers, house_clock.today())

    def home(self, key: str) -> str:
        """The wallet of somebody's household."""
        from tests.support.village import PEOPLE

        return f"household:{self.village.households[PEOPLE[key][1]]}"

    def balance(self, key: str) -> int:
        """What that household can spend."""
        return book.available(self.village.community, self.home(key), house_clock.today())

    def order(self, key: str, offer_id: int, quantity: int = 1) -> Redemption:
        """An order on the phone."""
        with transaction():
            return services.order(self.village.actor(key), offer_id, quantity)

    def hand_over(self, redemption_id: int, key: str = "keeper") -> Redemption:
        """Over the counter."""
        with transaction():
            return services.hand_over(self.village.actor(key), redemption_id)

    def receive(self, offer_id: int, quantity: int, **more: object) -> StockLot:
        """Goods come in."""
        with transaction():
            return services.receive(self.village.actor("stock"), services.Receipt(
                self.outlet, offer_id, quantity, more.pop("source", "purchase"), **more))  # type: ignore[arg-type]

    def settings(self, **changes: object) -> None:
        """The community decides otherwise."""
        with transaction():
            communities.update_settings(system(self.village.community), self.village.community, changes)


def set_up(village: Village) -> Shop:
    """Make the shop; call inside an application context."""
    boss = village.actor("shop_boss")
    shop = Shop(village)
    with transaction():
        shop.outlet = services.save_outlet(boss, "柳荫店", "服务中心 1 楼", "9:00–11:30").id
        services.put_keeper(boss, shop.outlet, village.users["keeper"])
        shop.rice = services.save_offer(boss, services.OfferDraft(
            name="爱心大米", price=4400, unit="袋", portion="10 公斤", shelf="food")).id
        shop.soap = services.save_offer(boss, services.OfferDraft(
            name="洗衣液", price=1800, unit="瓶", portion="2 公斤", shelf="home", per_person=2, per_household=3)).id
        shop.haircut = services.save_offer(boss, services.OfferDraft(
            name="上门理发", price=600, unit="次", kind="service", shelf="help", stocked=False)).id
        for offer_id in (shop.rice, shop.soap, shop.haircut):
            services.set_offer_state(boss, offer_id, "open")
    shop.lot = shop.receive(shop.rice, 5, source="donation", donor="城东米业", unit_value_fen=6000,
                            expires_on=dt.date(2026, 9, 30)).id
    shop.receive(shop.soap, 30, unit_value_fen=1900)
    shop.give(shop.home("alice"), 20_000)
    shop.give(shop.home("bob"), 10_000)
    return shop


@pytest.fixture
def shop(app: Flask, clock: SettableClock, village: Village) -> Shop:
    """The shop on Saturday, 18 April 2026, 9:00."""
    with app.app_context():
        made = set_up(village)
        db.session.expunge_all()
        return made
