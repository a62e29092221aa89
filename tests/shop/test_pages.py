"""The shop's pages: whole ways through them, what each role may open, and how little they ask the database."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import qrcode
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.core import tokens
from pointsbank.core.db import db, transaction
from pointsbank.people.models import Card, CardState
from pointsbank.shop import services
from pointsbank.shop.models import Redemption, RedemptionState, StockCheck, StockLot
from pointsbank.shop.services import vouchers
from tests.conftest import SettableClock
from tests.media.bombs import encoded, picture
from tests.shop.conftest import Shop

Counting = Callable[[], AbstractContextManager[list[str]]]


def signed_in(app: Flask, shop: Shop, key: str) -> FlaskClient:
    return shop.village.sign_in(app.test_client(), key)


def give_card(shop: Shop, key: str) -> tuple[str, str]:
    """A member card: its code and its spoken number."""
    from pointsbank.core import clock

    code, number = tokens.to_base32(tokens.mac(b"k", key)), tokens.random_number(8)
    with transaction():
        db.session.add(Card(community_id=shop.village.community, resident_id=shop.village.residents[key], issue=1,
                            code_hash=tokens.digest(code), number=number, state=CardState.ACTIVE,
                            issued_at=clock.now()))
    return code, number


def test_a_resident_orders_shows_the_voucher_and_cancels(app: Flask, shop: Shop) -> None:
    client = signed_in(app, shop, "alice")
    page = client.get("/shop")
    assert page.status_code == 200
    assert "爱心大米" in page.text
    assert client.get(f"/shop/offers/{shop.rice}").status_code == 200
    confirm = client.get(f"/shop/offers/{shop.rice}/order?quantity=2")
    assert "88" in confirm.text
    sent = {"quantity": "2", "_once": "one-key"}
    answer = client.post(f"/shop/offers/{shop.rice}/order", data=sent)
    assert answer.status_code == 303
    assert client.post(f"/shop/offers/{shop.rice}/order", data=sent).headers["Location"] == answer.headers["Location"]
    voucher = client.get(answer.headers["Location"])
    assert "<svg" in voucher.text
    with app.app_context():
        made = db.session.scalars(sa.select(Redemption)).one()
        assert made.spoken_number in voucher.text
    assert "爱心大米" in client.get("/redemptions").text
    assert client.post(f"/redemptions/{made.id}/cancel").status_code == 303
    assert client.get(f"/redemptions/{made.id}").status_code == 200


def test_a_refused_order_comes_back_with_its_sentence(app: Flask, shop: Shop) -> None:
    client = signed_in(app, shop, "charlie")
    answer = client.post(f"/shop/offers/{shop.rice}/order", data={"quantity": "1"})
    assert answer.status_code == 409
    assert "44" in answer.text
    assert client.post("/shop/offers/999/order", data={"quantity": "1"}).status_code == 404
    for bad in ("0", "-1", "100", "x", ""):
        assert client.post(f"/shop/offers/{shop.soap}/order", data={"quantity": bad}).status_code == 422


def test_the_keeper_hands_over_by_number_code_and_photo(app: Flask, shop: Shop) -> None:
    with app.app_context():
        orders = [shop.order("alice", shop.rice) for _ in range(3)]
        address = vouchers.address_of(orders[1])
        image = qrcode.make(vouchers.address_of(orders[2])).get_image().convert("RGB")
    client = signed_in(app, shop, "keeper")
    assert client.get("/counter").status_code == 200
    image = encoded(image.resize((900, 900)), "JPEG", quality=70)
    for sent in ({"text": orders[0].spoken_number}, {"text": address},
                 {"text": "", "photo": (io.BytesIO(image), "qr.jpg")}):
        found = client.post("/counter/find", data=sent, content_type="multipart/form-data")
        assert found.status_code == 303, found.text
        page = client.get(found.headers["Location"])
        assert "陈*芳" in page.text
        assert "陈桂芳" not in page.text
        done = client.post(found.headers["Location"], data={"received_by": "self"})
        assert done.status_code == 303
        assert client.get(done.headers["Location"]).status_code == 200
        again = client.post(found.headers["Location"], data={"received_by": "self"})
        assert again.status_code == 409
        assert "9:00" in again.text
        assert "pb-stop-h" in client.get(found.headers["Location"]).text
    assert client.get(f"/counter/receipts/{orders[0].id}?paper=80").status_code == 200


def test_the_voucher_opens_the_counter_for_its_keeper_and_the_voucher_for_its_holder(app: Flask, shop: Shop) -> None:
    with app.app_context():
        made = shop.order("alice", shop.rice)
        path = vouchers.address_of(made).removeprefix("HTTP://LOCALHOST")
    assert path.startswith("/H/")
    assert signed_in(app, shop, "keeper").get(path).headers["Location"].endswith(f"/counter/vouchers/{made.id}")
    assert signed_in(app, shop, "alice").get(path.lower()).headers["Location"].endswith(f"/redemptions/{made.id}")
    assert signed_in(app, shop, "mallory").get(path).status_code == 404
    assert app.test_client().get(path).status_code == 303
    bob = signed_in(app, shop, "bob")
    assert bob.get(bob.get(path).headers["Location"]).status_code == 404


@pytest.mark.parametrize("text", ["", "12", "1234567890123", "ABCDEFG", "A" * 16, "https://example.org/h/AA",
                                  "１２", "\0"])
def test_what_is_no_voucher_is_told_so(app: Flask, shop: Shop, text: str) -> None:
    answer = signed_in(app, shop, "keeper").post("/counter/find", data={"text": text})
    assert answer.status_code in {404, 422}
    assert answer.text.count("<h1") == 1


def test_a_card_shows_its_balance_and_pays_at_the_counter(app: Flask, shop: Shop) -> None:
    with app.app_context():
        code, number = give_card(shop, "alice")
    client = signed_in(app, shop, "keeper")
    for text in (number, f"http://localhost/c/{code}"):
        page = client.post("/counter/find", data={"text": text})
        assert page.status_code == 200
        assert "200" in page.text
        assert "陈桂芳" not in page.text
    sent = {"card": number, "offer_id": shop.rice, "quantity": "1", "outlet_id": shop.outlet}
    assert client.post("/counter/redeem", data={**sent, "name": "李明贵"}).status_code == 422
    assert client.post("/counter/redeem", data={**sent, "proxy_name": "邻居"}).status_code == 422
    done = client.post("/counter/redeem", data={**sent, "name": " 陈 桂芳"})
    assert done.status_code == 303, done.text
    proxy = client.post("/counter/redeem", data={**sent, "proxy_name": "陈志强", "reason": "腿脚不便"})
    assert proxy.status_code == 303
    with app.app_context():
        made = db.session.scalars(sa.select(Redemption).order_by(Redemption.id)).all()
        assert [(r.state, r.channel, r.received_by) for r in made] == [
            (RedemptionState.COLLECTED, "counter", "self"), (RedemptionState.COLLECTED, "counter", "proxy")]
        assert shop.balance("alice") == 20_000 - 8800
        lot = db.session.get(StockLot, shop.lot)
        assert lot is not None
        assert (lot.on_hand, lot.reserved) == (3, 0)
    assert client.post("/counter/redeem", data={**sent, "quantity": "4", "name": "陈桂芳"}).status_code == 409


def test_a_blocked_card_pays_nothing(app: Flask, shop: Shop) -> None:
    with app.app_context():
        _code, number = give_card(shop, "alice")
        with transaction():
            db.session.execute(sa.update(Card).values(state=CardState.BLOCKED))
    client = signed_in(app, shop, "keeper")
    assert client.post("/counter/find", data={"text": number}).status_code >= 400
    sent = {"card": number, "offer_id": shop.rice, "quantity": "1", "outlet_id": shop.outlet, "name": "陈桂芳"}
    assert client.post("/counter/redeem", data=sent).status_code >= 400


def test_the_desk_writes_an_offer_with_a_picture_and_opens_it(app: Flask, shop: Shop) -> None:
    client = signed_in(app, shop, "shop_boss")
    form = {"name": "菜籽油", "unit": "桶", "price": "65", "kind": "goods", "shelf": "food", "period": "month",
            "stocked": "y", "picture": (io.BytesIO(encoded(picture(), "PNG")), "oil.png")}
    made = client.post("/desk/shop/offers/new", data=form, content_type="multipart/form-data")
    assert made.status_code == 303, made.text
    page = client.get(made.headers["Location"])
    source = re.search(r'src="(/media/[0-9a-f]{32}/thumb)"', page.text)
    assert source is not None
    assert app.test_client().get(source[1]).status_code == 200
    state = made.headers["Location"] + "/state"
    assert client.post(state, data={"state": "open"}).status_code == 303
    assert "菜籽油" in signed_in(app, shop, "alice").get("/shop").text
    assert client.post(state, data={"state": "draft"}).status_code == 409
    assert client.post(state, data={"state": "nonsense"}).status_code == 422
    for bad in ({"price": "0"}, {"price": "many"}, {"name": ""}, {"period": "century"},
                {"picture": (io.BytesIO(b"%PDF-1.7"), "oil.jpg")}):
        form["picture"] = (io.BytesIO(b""), "")
        answer = client.post("/desk/shop/offers/new", data={**form, **bad}, content_type="multipart/form-data")
        assert answer.status_code == 422, bad


def test_stock_is_received_counted_and_confirmed_by_two(app: Flask, shop: Shop) -> None:
    manager, boss = signed_in(app, shop, "stock"), signed_in(app, shop, "shop_boss")
    form = {"offer_id": shop.rice, "outlet_id": shop.outlet, "quantity": "12", "source": "donation",
            "donor": "城东米业",            "unit_value_fen": "61.5", "document": "FH-0418", "expires_on": "2026-12-31",
            "picture": (io.BytesIO(encoded(picture(), "JPEG")), "note.jpg")}
    made = manager.post("/desk/shop/receive", data=form, content_type="multipart/form-data")
    assert made.status_code == 303, made.text
    assert "FH-0418" in manager.get(made.headers["Location"]).text
    lot = int(made.headers["Location"].rsplit("/", 1)[1])
    assert manager.post(f"/desk/shop/lots/{lot}/propose",
                        data={"kind": "count", "quantity": "11", "reason": "破了一袋"}).status_code == 303
    with app.app_context():
        check = db.session.scalars(sa.select(StockCheck)).one()
    assert "破了一袋" in boss.get("/desk/shop/checks").text
    assert manager.post(f"/desk/shop/checks/{check.id}", data={"answer": "confirm"}).status_code == 403
    assert boss.post(f"/desk/shop/checks/{check.id}", data={"answer": "refuse"}).status_code == 422
    assert boss.post(f"/desk/shop/checks/{check.id}", data={"answer": "confirm"}).status_code == 303
    assert boss.post(f"/desk/shop/checks/{check.id}", data={"answer": "confirm"}).status_code == 409
    with app.app_context():
        found = db.session.get(StockLot, lot)
        assert found is not None
        assert found.on_hand == 11


SHEETS = [f"/desk/shop/{name}" for name in ("offers", "stock", "movements", "redemptions", "settlement")]
READING = ["/desk/shop", "/desk/shop/checks", "/desk/shop/outlets", "/desk/shop/stock?empty=1", *SHEETS]


@pytest.mark.parametrize("path", SHEETS)
def test_each_list_comes_as_a_workbook(app: Flask, shop: Shop, path: str) -> None:
    from openpyxl import load_workbook

    with app.app_context():
        shop.hand_over(shop.order("alice", shop.rice).id)
    answer = signed_in(app, shop, "member").get(path + "?format=xlsx")
    assert answer.status_code == 200
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    assert len(rows) >= 2
    assert all(rows[0])


# Who may open what: everybody else gets 403, strangers of another community 403 or 404.
ROLES = ["alice", "leader", "reviewer", "member", "keeper", "stock", "shop_boss", "grid", "admin", "supervisor"]
READERS = {"reviewer", "member", "stock", "shop_boss", "admin", "supervisor"}
MATRIX: dict[tuple[str, str], set[str]] = {
    **{("GET", path): READERS for path in READING},
    ("GET", "/desk/shop/lots/{lot}"): READERS,
    ("GET", "/desk/shop/redemptions/{order}"): READERS,
    ("GET", "/desk/shop/offers/new"): {"member", "shop_boss", "admin"},
    ("GET", "/desk/shop/offers/{rice}"): {"member", "shop_boss", "admin"},
    ("POST", "/desk/shop/offers/{rice}/state"): {"member", "shop_boss", "admin"},
    ("POST", "/desk/shop/outlets"): {"member", "shop_boss", "admin"},
    ("POST", "/desk/shop/outlets/{outlet}/keepers"): {"member", "shop_boss", "admin"},
    ("GET", "/desk/shop/receive"): {"stock"},
    ("POST", "/desk/shop/receive"): {"stock"},
    ("POST", "/desk/shop/lots/{lot}/propose"): {"stock"},
    ("POST", "/desk/shop/checks/999"): {"shop_boss", "supervisor"},
    ("POST", "/desk/shop/redemptions/{order}/undo"): {"shop_boss", "supervisor"},
    ("GET", "/counter"): {"keeper"},
    ("POST", "/counter/find"): {"keeper"},
    ("GET", "/counter/vouchers/{order}"): {"keeper"},
    ("POST", "/counter/vouchers/{order}"): {"keeper"},
    ("GET", "/counter/done/{order}"): {"keeper"},
    ("GET", "/counter/receipts/{order}"): {"keeper"},
    ("POST", "/counter/redeem"): {"keeper"},
    ("GET", "/shop"): {"alice"},
    ("GET", "/redemptions"): {"alice"},
    ("POST", "/redemptions/{order}/cancel"): {"alice"},
}


@pytest.mark.slow
def test_every_role_opens_its_own_doors_only(app: Flask, shop: Shop) -> None:
    with app.app_context():
        order = shop.order("alice", shop.rice).id
    places = {"lot": shop.lot, "order": order, "rice": shop.rice, "outlet": shop.outlet}
    for role in [*ROLES, "mallory", "other_member"]:
        client = signed_in(app, shop, role)
        for (method, path), allowed in MATRIX.items():
            answer = client.open(path.format(**places), method=method)
            shut = answer.status_code in {401, 403} or (
                answer.status_code == 303 and "/for-whom" in answer.headers["Location"])
            if role in allowed:
                assert not shut, (role, method, path, answer.status_code)
                assert answer.status_code < 500, (role, method, path)
            elif role in {"mallory", "other_member"}:
                own = "{" not in path and answer.status_code < 400
                assert shut or own or answer.status_code in {404, 422}, (role, method, path, answer.status_code)
            else:
                assert shut, (role, method, path, answer.status_code)
    nobody = app.test_client()
    for method, path in MATRIX:
        assert nobody.open(path.format(**places), method=method).status_code in {303, 401}, path


def test_a_keeper_of_another_outlet_sees_nothing_here(app: Flask, shop: Shop) -> None:
    with app.app_context():
        order = shop.order("alice", shop.rice)
        with transaction():
            services.end_keeper(shop.village.actor("shop_boss"), shop.outlet, shop.village.users["keeper"])
    client = signed_in(app, shop, "keeper")
    assert client.get("/counter").status_code == 200
    assert order.number not in client.get("/counter").text
    assert client.get(f"/counter/vouchers/{order.id}").status_code == 409
    assert client.post(f"/counter/vouchers/{order.id}", data={"received_by": "self"}).status_code in {403, 409}
    refused = client.post("/counter/redeem", data={"card": "12345678", "outlet_id": shop.outlet})
    assert refused.status_code in {403, 404, 422}


def fill(app: Flask, shop: Shop, count: int) -> None:
    with app.app_context():
        boss = shop.village.actor("shop_boss")
        for n in range(count):
            with transaction():
                offer = services.save_offer(boss, services.OfferDraft(name=f"物{n}", price=100, unit="个"))
                services.set_offer_state(boss, offer.id, "open")
            shop.receive(offer.id, 3, source="donation", donor=f"人{n}", expires_on=None)
            shop.hand_over(shop.order("alice", offer.id).id)
            shop.order("bob", offer.id)


LISTS = [("alice", "/shop"), ("alice", "/redemptions"), ("keeper", "/counter"),
         *(("shop_boss", path) for path in READING)]


@pytest.mark.slow
def test_no_list_asks_the_database_once_per_row(app: Flask, shop: Shop, queries: Counting) -> None:
    clients = {role: signed_in(app, shop, role) for role in {role for role, _path in LISTS}}
    fill(app, shop, 2)
    before = {}
    for role, path in LISTS:
        with queries() as seen:
            assert clients[role].get(path).status_code == 200
        before[path] = len(seen)
        assert len(seen) <= 22, (path, seen)
    fill(app, shop, 9)
    for role, path in LISTS:
        with queries() as seen:
            clients[role].get(path)
        assert len(seen) <= before[path], (path, len(seen), before[path])


def test_the_interface_orders_collects_and_cancels(app: Flask, shop: Shop, clock: SettableClock) -> None:
    client = app.test_client()
    alice, keeper = shop.village.bearer(app, "alice"), shop.village.bearer(app, "keeper")
    offers = client.get("/api/v1/offers", headers=alice).json["items"]
    assert {o["name"] for o in offers} == {"爱心大米", "洗衣液", "上门理发"}
    made = client.post("/api/v1/redemptions", json={"offer_id": shop.rice, "quantity": 1}, headers=alice)
    assert made.status_code == 201
    assert made.json["points"] == "44"
    found = client.post("/api/v1/redemptions/find", json={"voucher": made.json["code_url"]}, headers=keeper)
    assert found.json["masked_name"] == "陈*芳"
    path = f"/api/v1/redemptions/{made.json['id']}"
    assert client.post(f"{path}/collect", json={}, headers=alice).status_code == 403
    assert client.post(f"{path}/collect", json={}, headers=keeper).json["state"] == "collected"
    again = client.post(f"{path}/collect", json={}, headers=keeper)
    assert (again.status_code, again.json["error"]["code"]) == (409, "shop.already_collected")
    assert client.post(f"{path}/cancel", json={}, headers=alice).json["error"]["code"] == "shop.already_collected"
    assert client.get(path, headers=shop.village.bearer(app, "mallory")).status_code == 404
    assert len(client.get("/api/v1/redemptions?limit=1000000000", headers=alice).json["items"]) == 1
    assert client.get("/api/v1/stock", headers=alice).status_code == 403
    assert client.get("/api/v1/stock", headers=shop.village.bearer(app, "stock")).json["items"][0]["on_hand"] == 30
    bad = client.post("/api/v1/redemptions", json={"offer_id": shop.rice, "points": "0.01"}, headers=alice)
    assert bad.status_code == 422
