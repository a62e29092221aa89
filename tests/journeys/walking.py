"""What the journeys share: coming in, reading a code off a screen, a standard in force, a shop with rice."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Page

from pointsbank.core.db import db, transaction
from pointsbank.ledger import services as ledger
from pointsbank.notifications.models import OutboxMessage
from pointsbank.rules import services as rules
from pointsbank.shop import services as shop
from tests.support.village import Village

HEAD = "编号,类别,事项,种类,怎么算,分值,给谁,每人每场最多,每人每月最多"
HELP = "1.1,志愿服务,参加志愿服务,志愿服务,按小时,22,本户,2小时,"
VISIT = "2.1,邻里互助,看望独居老人,其他,按次,2,本户,,20"
LONG_AGO = dt.date(2026, 1, 1)


def let_in(app: Flask, village: Village, page: Page, who: str) -> Page:
    """Give this browser an open session, where signing in is not what is told."""
    client = app.test_client()
    village.sign_in(client, who)
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    page.context.add_cookies([{"name": name, "value": cookie.value, "url": app.config["BASE_URL"]}])
    return page


def read_code(page: Page) -> str:
    """What a phone held before this screen reads: the address in the one QR code that stands on it."""
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    return found.text


def sent_code(app: Flask, phone: str) -> str:
    """The one-time code in the newest message to this phone."""
    with app.app_context():
        body = db.session.scalars(sa.select(OutboxMessage.body).where(OutboxMessage.address == f"code:{phone}")
                                  .order_by(OutboxMessage.id.desc())).first()
        db.session.rollback()
    found = re.search(r"\d{6}", body or "")
    assert found is not None
    return found.group()


def adopt_standard(village: Village) -> None:
    """An hour of help earns 22 points, a visit 2; it was in force on paper since January."""
    with transaction():
        raw = "\n".join([HEAD, HELP, VISIT, ""]).encode()
        standard = rules.import_draft(village.actor("member"), raw, "柳荫社区积分细则")
        rules.adopt(village.actor("second"), standard.id, LONG_AGO, "居民代表会议通过", on_paper=True)


@dataclass
class Shelf:
    """Ids of the outlet and its goods."""

    outlet: int
    rice: int
    soap: int


def open_shop(village: Village, rice: int = 5) -> Shelf:
    """One outlet with its keeper: bags of rice at 44 points, soap at 18."""
    boss, stock = village.actor("shop_boss"), village.actor("stock")
    with transaction():
        outlet = shop.save_outlet(boss, "柳荫店", "服务中心 1 楼", "9:00–11:30").id
        shop.put_keeper(boss, outlet, village.users["keeper"])
        goods = []
        for name, price, unit, portion, shelf, count in (("爱心大米", 4400, "袋", "10 公斤", "food", rice),
                                                         ("洗衣液", 1800, "瓶", "2 公斤", "home", 9)):
            offer = shop.save_offer(boss, shop.OfferDraft(name=name, price=price, unit=unit, portion=portion,
                                                          shelf=shelf)).id
            shop.set_offer_state(boss, offer, "open")
            shop.receive(stock, shop.Receipt(outlet, offer, count, "donation", donor="城东米业", unit_value_fen=6000))
            goods.append(offer)
    return Shelf(outlet, *goods)


def give_points(village: Village, number: str, points: int, today: dt.date) -> None:
    """Points into a household's wallet, without the story of how they were earned."""
    owner = f"household:{village.households[number]}"
    with transaction():
        ledger.post(village.community, ledger.award_transfers(
            village.community, [ledger.Award(owner, points, f"award:{owner}:{points}", None)]), today)


def actor_pages(app: Flask, village: Village, someone: Callable[..., Page]) -> Callable[..., Page]:
    """``come("alice")`` is a phone that is signed in, ``come("member", "desk")`` a screen of the office."""

    def come(who: str, screen: str = "phone", **options: object) -> Page:
        return let_in(app, village, someone(screen, **options), who)

    return come


