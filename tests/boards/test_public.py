"""The screen in the lobby: sums for everybody, names for nobody."""

from __future__ import annotations

from pointsbank.contributions.models import State
from tests.boards.conftest import Street
from tests.boards.test_home import text


def test_the_screen_shows_the_months_sums(street: Street) -> None:
    street.award("award:1", 421000)
    street.spend("redemption:1", 263000)
    street.deed("植树", State.APPROVED, minutes=120)
    page = text(street.app.test_client(), "/board/liuyin")
    assert "4,210 分" in page
    assert "2,630 分" in page
    assert "本月有 <b>1</b> 户做了好事" in page
    assert "1 位邻居做了 1 件好事，出力 2 小时。" in page


def test_a_neighbour_signed_in_at_home_sees_the_same_screen(street: Street) -> None:
    street.award("award:1", 421000)
    street.deed("植树", State.APPROVED, minutes=120)
    page = text(street.client("mallory"), "/board/liuyin")
    assert "4,210 分" in page
    assert "1 位邻居做了 1 件好事，出力 2 小时。" in page


def test_no_name_and_no_household_number_is_on_the_screen(street: Street) -> None:
    street.deed("看望独居老人", State.APPROVED)
    street.activity("楼道清洁日", signed_up="alice")
    page = text(street.app.test_client(), "/board/liuyin")
    for secret in ("陈桂芳", "陈*芳", "2-0317", "看望独居老人"):
        assert secret not in page


def test_the_screen_refreshes_itself_and_is_not_indexed(street: Street) -> None:
    page = text(street.app.test_client(), "/board/liuyin")
    assert 'data-reload="600"' in page
    assert 'content="noindex"' in page


def test_what_comes_next_is_in_the_order_of_time(street: Street) -> None:
    street.activity("河边捡垃圾", days=5)
    street.activity("楼道清洁日", days=1)
    street.notice(8)
    page = text(street.app.test_client(), "/board/liuyin")
    order = [page.index(words) for words in ("楼道清洁日", "第 8 号公示", "河边捡垃圾")]
    assert order == sorted(order)


def test_there_is_no_screen_for_a_town_or_an_unknown_place(street: Street) -> None:
    client = street.app.test_client()
    assert client.get("/board/t").status_code == 404
    assert client.get("/board/nowhere").status_code == 404


def test_the_screen_costs_the_same_in_a_busy_month(street: Street, queries) -> None:
    client = street.app.test_client()
    with queries() as few:
        client.get("/board/liuyin")
    for n in range(10):
        street.award(f"award:{n}", 100)
        street.activity(f"活动{n}")
        street.offer(f"油{n}", 100, 5)
    with queries() as many:
        client.get("/board/liuyin")
    assert len(many) <= len(few) + 2  # stock and pictures are asked for once there are offers
