"""The stock list for the board: what came in, from whom, what was handed out, what is left; donors masked."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.contributions import jobs
from pointsbank.contributions import services as contributions
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Invalid
from pointsbank.publicity import queries as notices
from pointsbank.publicity.errors import NotAllowed, SecondPersonNeeded
from pointsbank.publicity.models import LineState, NoticeState, PublicNotice
from pointsbank.shop import goods, services
from pointsbank.shop.errors import NothingToShow
from pointsbank.shop.models import StockLot
from tests.shop.conftest import Shop
from tests.support.village import PEOPLE

FIRST, LAST = dt.date(2026, 4, 1), dt.date(2026, 4, 18)
DONOR = "邵长青"


@pytest.fixture
def busy(app: Flask, shop: Shop, clock: Any) -> Any:
    """Rice from a mill and from a person, soap; two bags and a bottle handed out, one bag written off, later more."""
    with app.app_context():
        shop.receive(shop.rice, 4, source="donation", donor=DONOR)
        lot = db.session.get_one(StockLot, shop.lot)
        db.session.rollback()
        with transaction():
            db.session.execute(sa.update(StockLot).where(StockLot.id == lot.id).values(donor_is_organisation=True))
        shop.hand_over(shop.order("alice", shop.rice, 2).id)
        shop.hand_over(shop.order("bob", shop.soap).id)
        shop.order("bob", shop.rice)  # put aside: still on the shelf
        with transaction():
            check = services.propose(shop.village.actor("stock"), shop.lot, "write_off", 1, "破了").id
        with transaction():
            services.decide(shop.village.actor("shop_boss"), check, True)
        clock.forward(days=3)
        shop.receive(shop.soap, 5)
        yield shop


def drafted(shop: Shop, by: str = "member", first: dt.date = FIRST, last: dt.date = LAST, **values: Any) -> int:
    with transaction():
        return services.draft_stock_list(shop.village.actor(by), first, last, **values).id


def published(shop: Shop, **values: Any) -> int:
    notice_id = drafted(shop, **values)
    with transaction():
        contributions.publish_notice(shop.village.actor("second"), notice_id)
    return notice_id


def figures(shop: Shop, first: dt.date, last: dt.date) -> dict[tuple[str, str], tuple[int, ...]]:
    found = {(one.name, one.donor): (one.before, one.received, one.handed_out, one.other, one.left)
             for one in goods.stock_lines(shop.village.community, first, last)}
    db.session.rollback()
    return found


def test_each_row_adds_up_and_agrees_with_the_stock_book(busy: Shop) -> None:
    assert figures(busy, FIRST, LAST) == {
        ("爱心大米 10 公斤", "城东米业"): (0, 5, 2, -1, 2), ("爱心大米 10 公斤", "邵*青"): (0, 4, 0, 0, 4),
        ("洗衣液 2 公斤", ""): (0, 30, 1, 0, 29)}
    later = figures(busy, dt.date(2026, 4, 19), dt.date(2026, 4, 21))
    assert later == {("爱心大米 10 公斤", "城东米业"): (2, 0, 0, 0, 2), ("爱心大米 10 公斤", "邵*青"): (4, 0, 0, 0, 4),
                     ("洗衣液 2 公斤", ""): (29, 5, 0, 0, 34)}
    for before, received, handed_out, other, left in [*figures(busy, FIRST, LAST).values(), *later.values()]:
        assert before + received - handed_out + other == left
    on_hand = db.session.scalar(sa.select(sa.func.sum(StockLot.on_hand)))
    db.session.rollback()
    assert sum(row[-1] for row in later.values()) == on_hand
    assert figures(busy, dt.date(2025, 1, 1), dt.date(2025, 12, 31)) == {}


def test_the_list_hangs_out_like_any_notice(app: Flask, client: FlaskClient, busy: Shop) -> None:
    notice_id = published(busy, resolution="居委会 4 月 20 日会议")
    with pytest.raises(SecondPersonNeeded), transaction():
        contributions.publish_notice(busy.village.actor("member"), drafted(busy))
    for path in (f"/notices/{notice_id}", f"/notices/{notice_id}/print"):
        answer = client.get(path)
        text = re.sub(r"<[^>]+>", " ", answer.text)
        wanted = ("捐赠的货", "采购的货", "爱心大米 10 公斤", "城东米业", "邵*青", "超市经费", "洗衣液 2 公斤",
                  "4月1日至4月18日", "居委会 4 月 20 日会议", "还剩")
        assert [word for word in wanted if word not in text] == [], path
        assert text.index("捐赠的货") < text.index("采购的货")
        assert DONOR not in text
        assert [name for name, _home, _head in PEOPLE.values() if name in text] == []
        assert not re.search(r"100\d{8}", text), "no phone"
        assert "noindex" in answer.headers["X-Robots-Tag"]


def test_an_objection_holds_one_row_and_the_end_posts_nothing(busy: Shop, clock: Any) -> None:
    notice_id = published(busy)
    lines = [line.id for line in notices.all_lines(notices.desk_notice(busy.village.community, notice_id))]
    db.session.rollback()
    with transaction():
        objection = contributions.object_to(busy.village.actor("charlie"), lines[0], "我看见来了六袋").id
    clock.forward(days=8)
    found = jobs.settle_due()
    assert (found["settled"], found["failed"]) == ([notice_id], [])
    assert _states(notice_id) == [LineState.FROZEN, LineState.LISTED, LineState.LISTED]
    with transaction():
        contributions.decide_objection(busy.village.actor("second"), objection, True, "入库单上是六袋，已更正")
    assert _states(notice_id)[0] is LineState.STRUCK
    assert busy.balance("alice") == 20_000 - 8_800, "no wallet moved"


def _states(notice_id: int) -> list[LineState]:
    found = db.session.get_one(PublicNotice, notice_id, populate_existing=True)
    states = [row.state for row in notices.all_lines(found)]
    db.session.expunge_all()
    db.session.rollback()
    return states


def test_the_same_days_once_more_put_the_old_list_right(client: FlaskClient, busy: Shop) -> None:
    published(busy)
    again = published(busy)
    assert "更正 2026年第1号第1行" in client.get(f"/notices/{again}").text
    other_days = published(busy, first=dt.date(2026, 4, 2))
    assert "更正" not in client.get(f"/notices/{other_days}").text


@pytest.mark.parametrize(("first", "last"), [
    (FIRST, dt.date(2026, 4, 22)), (dt.date(2026, 4, 19), dt.date(2026, 4, 18)), (dt.date(2025, 4, 1), LAST)])
def test_days_that_make_no_list_are_refused(busy: Shop, first: dt.date, last: dt.date) -> None:
    with pytest.raises(Invalid):
        drafted(busy, first=first, last=last)


def test_only_the_committee_makes_it_and_not_of_empty_shelves(busy: Shop) -> None:
    for key in ("stock", "shop_boss", "keeper", "alice", "grid"):
        with pytest.raises(NotAllowed):
            drafted(busy, key)
    with pytest.raises(NothingToShow):
        drafted(busy, "other_member")
    with pytest.raises(NothingToShow):
        drafted(busy, first=dt.date(2025, 1, 1), last=dt.date(2025, 2, 1))


def test_the_page_shows_it_first_and_then_makes_it(client: FlaskClient, busy: Shop) -> None:
    busy.village.sign_in(client, "member")
    page = client.get("/desk/shop/notice?first=2026-04-01&last=2026-04-18").text
    assert "邵*青" in page
    assert DONOR not in page
    form = {"first": "2026-04-01", "last": "2026-04-18", "resolution": "", "days": "3"}
    refused = client.post("/desk/shop/notice", data={**form, "days": "2"})
    assert refused.status_code == 422
    assert "3" in refused.text
    made = client.post("/desk/shop/notice", data=form)
    assert made.status_code == 303
    assert made.headers["Location"].startswith("/desk/notices/")
    assert "邵*青" in client.get(made.headers["Location"]).text
    assert client.get("/desk/shop/notice?first=1999-99-99&last=x").status_code == 200
    busy.village.sign_in(client, "stock")
    assert "做成草稿" not in client.get("/desk/shop/notice").text
    assert client.post("/desk/shop/notice", data=form).status_code == 403
    busy.village.sign_in(client, "alice")
    assert client.get("/desk/shop/notice").status_code == 403


def test_the_list_can_be_made_by_a_program(app: Flask, client: FlaskClient, busy: Shop) -> None:
    member = busy.village.bearer(app, "member")
    made = client.post("/api/v1/stock/notices", json={"first": "2026-04-01", "last": "2026-04-18"}, headers=member)
    assert made.status_code == 201
    assert (made.json["kind"], made.json["state"], made.json["line_count"]) == ("stock", "draft", 3)
    other = busy.village.bearer(app, "other_member")
    refused = client.post("/api/v1/stock/notices", json={"first": "2026-04-01", "last": "2026-04-18"}, headers=other)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "shop.nothing_to_show")
    assert made.json["state"] == NoticeState.DRAFT


def test_a_company_is_marked_when_its_goods_come_in(client: FlaskClient, busy: Shop) -> None:
    busy.village.sign_in(client, "stock")
    form = {"offer_id": busy.rice, "outlet_id": busy.outlet, "quantity": "3", "source": "donation", "donor": "南河粮站"}
    assert client.post("/desk/shop/receive", data=form).status_code == 303
    assert client.post("/desk/shop/receive", data={**form, "donor": "北河粮站", "donor_is_organisation": "y"}
                       ).status_code == 303
    donors = {donor for _name, donor in figures(busy, FIRST, dt.date(2026, 4, 21))}
    assert {"南**站", "北河粮站"} <= donors


def test_it_costs_one_statement_however_much_happened(busy: Shop, queries: Any) -> None:
    with queries() as few:
        figures(busy, FIRST, LAST)
    for number in range(8):
        busy.receive(busy.soap, 1, source="donation", donor=f"第{number}人")
    with queries() as many:
        figures(busy, FIRST, dt.date(2026, 4, 21))
    assert len(few) == len(many) == 1
