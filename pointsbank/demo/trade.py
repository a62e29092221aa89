"""The shops of the demo: shelves, deliveries, orders on the phone, handing over at the counter."""

from __future__ import annotations

import datetime as dt
import io
from random import Random

import sqlalchemy as sa
from PIL import Image, ImageDraw

from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.core.errors import DomainError
from pointsbank.demo.founding import Home, Neighbour
from pointsbank.media.services import prepare
from pointsbank.people.models import Resident
from pointsbank.shop import services as shop
from pointsbank.shop.models import Redemption, RedemptionState, RewardKind, Shelf, StockSource

# name, price in points, unit, portion, shelf, kind, worth in fen, shape and colour of its picture
GOODS = (
    ("五常大米", 44, "袋", "5 公斤", Shelf.FOOD, RewardKind.GOODS, 4400, ("bag", "#d9b45b")),
    ("菜籽油", 38, "桶", "1.8 升", Shelf.FOOD, RewardKind.GOODS, 3600, ("bottle", "#c99a2e")),
    ("鸡蛋", 16, "板", "30 枚", Shelf.FOOD, RewardKind.GOODS, 1600, ("box", "#e0b48a")),
    ("挂面", 8, "把", "1 公斤", Shelf.FOOD, RewardKind.GOODS, 750, ("bag", "#efe2bd")),
    ("洗衣液", 18, "瓶", "2 公斤", Shelf.HOME, RewardKind.GOODS, 1800, ("bottle", "#4a7fae")),
    ("肥皂", 3, "块", "", Shelf.HOME, RewardKind.GOODS, 280, ("box", "#8fb9a4")),
    ("毛巾", 6, "条", "", Shelf.HOME, RewardKind.GOODS, 600, ("box", "#c47f7a")),
    ("卷纸", 12, "提", "10 卷", Shelf.HOME, RewardKind.GOODS, 1200, ("box", "#b9c6cf")),
    ("理发", 10, "次", "", Shelf.HELP, RewardKind.SERVICE, 0, ("bottle", "#7c8f86")),
)
# An association, whose name stands on public notices, and a person, whose name is masked there.
DONORS = {"五常大米": "柳荫商会", "毛巾": "邵长青"}
OUTLETS = {"liuyin": ("柳荫积分超市", "社区服务中心一楼", "每天 9:00–17:00", "dianzhang", "kuguan"),
           "xingshi": ("兴石爱心小店", "兴石花园东门", "每天 9:00–16:00", "xs-dianzhang", "xs-kuguan"),
           "shiqiao": ("石桥村爱心超市", "村委会旁", "逢 9 赶集日开门", "sq-dianzhang", "sq-kuguan")}


def picture(shape: str, colour: str) -> bytes:
    """A plain drawing of the goods on paper, so that the demo needs nobody's photographs."""
    image = Image.new("RGB", (800, 600), "#f3f1ea")
    draw = ImageDraw.Draw(image)
    draw.ellipse((230, 500, 570, 560), fill="#ddd9cc")
    if shape == "bag":
        draw.polygon([(270, 180), (530, 180), (560, 530), (240, 530)], fill=colour)
        draw.polygon([(270, 180), (530, 180), (500, 120), (300, 120)], fill="#f8f4e6")
        draw.rectangle((310, 290, 490, 430), fill="#f8f4e6")
    elif shape == "bottle":
        draw.rounded_rectangle((290, 230, 510, 530), 40, fill=colour)
        draw.rectangle((355, 130, 445, 235), fill=colour)
        draw.rectangle((345, 95, 455, 140), fill="#46544d")
        draw.rectangle((320, 320, 480, 450), fill="#f8f4e6")
    else:
        draw.rounded_rectangle((220, 280, 580, 530), 24, fill=colour)
        draw.rectangle((220, 350, 580, 372), fill="#f8f4e6")
        draw.rectangle((389, 280, 411, 530), fill="#f8f4e6")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


class Trade:
    """The shop of each community."""

    def __init__(self, homes: dict[str, Home], random: Random) -> None:
        self.homes = homes
        self.random = random
        self.outlets: dict[str, int] = {}
        self.offers: dict[str, list[tuple[int, int]]] = {}

    def open(self, day: dt.date) -> None:
        """Outlets, keepers, offers with pictures, and the first delivery; rice and towels were donated."""
        pictures = {look: prepare(picture(*look)) for *_rest, look in GOODS}
        for code, home in self.homes.items():
            name, place, hours, keeper, manager = OUTLETS[code]
            boss = home.staff["jianguan"] if code == "liuyin" else home.staff["admin"]
            outlet = shop.save_outlet(boss, name, place, hours)
            shop.put_keeper(boss, outlet.id, home.staff[keeper].user_id or 0)
            self.outlets[code] = outlet.id
            self.offers[code] = []
            for title, price, unit, portion, shelf, kind, worth, look in GOODS:
                is_goods = kind is RewardKind.GOODS
                offer = shop.save_offer(boss, shop.OfferDraft(
                    name=title, price=price * 100, unit=unit, portion=portion, kind=kind, shelf=shelf,
                    stocked=is_goods, per_household=2), photo=pictures[look])
                shop.set_offer_state(boss, offer.id, "open")
                self.offers[code].append((offer.id, price * 100))
                if is_goods:
                    self._deliver(home, code, manager, offer.id, title, worth, day)

    def _deliver(self, home: Home, code: str, manager: str, offer_id: int, title: str, worth: int,
                 day: dt.date) -> None:
        given = title in DONORS
        shop.receive(home.staff[manager], shop.Receipt(
            outlet_id=self.outlets[code], offer_id=offer_id, quantity=self.random.choice((12, 18, 24)),
            source=StockSource.DONATION if given else StockSource.PURCHASE, donor=DONORS.get(title, ""),
            donor_is_organisation=title == "五常大米", wish="给勤快的人家" if given else "",
            document="入库单 2026-08", unit_value_fen=worth, received_on=day))

    def order(self, code: str, how_many: int) -> None:
        """Some people order what they can afford."""
        home = self.homes[code]
        earners = [r for members in home.members.values() for r in members] + home.residents[::9]
        for resident in self.random.sample(earners, min(how_many, len(earners))):
            if resident.id in home.users:
                self._order(home, code, resident)

    def _order(self, home: Home, code: str, resident: Neighbour) -> None:
        wallets = shop.wallets_of(home.area.id, db.session.get_one(Resident, resident.id), clock.today())
        most = max((w.available for w in wallets), default=0)
        affordable = [offer_id for offer_id, price in self.offers[code] if price <= most]
        if not affordable:
            return
        try:
            with db.session.begin_nested():
                shop.order(home.actor(resident), self.random.choice(affordable), 1, outlet_id=self.outlets[code])
        except DomainError:
            return  # sold out, or the household had its share of this month

    def hand_over(self, code: str, *, leave: int) -> None:
        """Who ordered comes for the goods; ``leave`` orders wait. Now and then somebody changes their mind."""
        home = self.homes[code]
        keeper = home.staff[OUTLETS[code][3]]
        waiting = db.session.scalars(
            sa.select(Redemption).where(Redemption.community_id == home.area.id,
                                        Redemption.state == RedemptionState.RESERVED).order_by(Redemption.id)).all()
        residents = {r.id: r for r in home.residents}
        for redemption in waiting[:max(len(waiting) - leave, 0)]:
            try:
                with db.session.begin_nested():
                    if self.random.random() < 0.06:
                        shop.cancel(home.actor(residents[redemption.resident_id]), redemption.id)
                    else:
                        shop.hand_over(keeper, redemption.id)
            except DomainError:
                continue
