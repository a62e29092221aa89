"""The first page: one's own passbook for residents, the desk for staff, a welcome for visitors."""

from __future__ import annotations

import datetime as dt

from flask.testing import FlaskClient

from pointsbank.contributions.models import LineState, State
from tests.boards.conftest import Street


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def test_a_visitor_is_welcomed_with_the_notices_and_without_a_name(street: Street) -> None:
    street.notice(8)
    page = text(street.app.test_client(), "/")
    assert "第8号积分公示" in page
    assert "柳荫社区" in page
    assert "陈桂芳" not in page


def test_a_resident_sees_what_can_be_used_now(street: Street) -> None:
    street.award("award:1", 12650)
    page = text(street.client("alice"), "/")
    assert "<b>126.5</b>" in page
    assert "陈桂芳家的存折" in page
    assert "2-0317" in page


def test_the_whole_household_opens_the_same_passbook(street: Street) -> None:
    street.award("award:1", 700)
    assert "<b>7</b>" in text(street.client("andrew"), "/")
    assert "<b>0</b>" in text(street.client("bob"), "/")


def test_points_that_lapse_are_named_with_their_day(street: Street) -> None:
    street.award("award:1", 2000, expires_on=dt.date(2026, 6, 30))
    street.award("award:2", 500)
    page = text(street.client("alice"), "/")
    assert "6月30日" in page
    assert "<b>25</b>" in page


def test_lapsed_points_are_not_counted_even_before_the_job_has_run(street: Street, clock) -> None:
    street.award("award:1", 2000, expires_on=dt.date(2026, 4, 20))
    clock.at(2026, 4, 21)
    assert "<b>0</b>" in text(street.client("alice"), "/")


def test_what_is_on_the_way_stands_there_with_its_reason(street: Street) -> None:
    notice = street.notice()
    street.line(street.deed("看望独居老人", State.APPROVED), 600, LineState.LISTED, notice)
    street.line(street.deed("护送老人", State.APPROVED), 300)
    street.deed("帮邻居取药")
    page = text(street.client("alice"), "/")
    assert "在路上的" in page
    assert page.count('class="pb-n">9 分') == 2
    for title in ("看望独居老人", "护送老人", "帮邻居取药"):
        assert title in page


def test_the_next_activity_is_the_one_signed_up_for(street: Street) -> None:
    street.activity("河边捡垃圾", days=1)
    street.activity("楼道清洁日", days=3, signed_up="alice")
    page = text(street.client("alice"), "/")
    assert "楼道清洁日" in page
    assert "河边捡垃圾" not in page
    assert "河边捡垃圾" in text(street.client("bob"), "/")


def test_a_new_passbook_says_so_and_leads_to_the_activities(street: Street) -> None:
    page = text(street.client("alice"), "/")
    assert "存折还是新的" in page
    assert 'href="/activities"' in page


def test_staff_without_a_passbook_go_to_their_work(street: Street) -> None:
    assert street.client("member").get("/").headers["Location"] == "/desk"
    assert street.client("leader").get("/").headers["Location"] == "/lead"
    assert street.client("keeper").get("/").headers["Location"] == "/counter"


def test_the_shop_tile_says_when_the_shop_opens(street: Street) -> None:
    assert "每天都能换" in text(street.client("alice"), "/")
    street.settings(open_days=[19, 29])
    assert "4月19日 开门" in text(street.client("alice"), "/")


def test_the_large_type_is_the_same_page(street: Street) -> None:
    street.award("award:1", 500)
    client = street.client("alice")
    plain = text(client, "/")
    with client.session_transaction() as session:
        session["elder"] = 1
    large = text(client, "/")
    assert 'class="elder"' in large
    assert 'class="elder"' not in plain
    assert large.count("<section") == plain.count("<section")


def test_english_readers_get_the_whole_page_in_english(street: Street) -> None:
    street.award("opening:1:1", 500)
    client = street.client("alice")
    with client.session_transaction() as session:
        session["locale"] = "en"
    page = text(client, "/")
    assert 'lang="en"' in page
    assert "to use now" in page
    assert "现在能用" not in page


def test_a_longer_history_costs_no_more_statements(street: Street, queries) -> None:
    client = street.client("alice")
    street.award("award:1", 100)
    street.line(street.deed("第一件", State.APPROVED), 100)
    client.get("/")
    with queries() as few:
        client.get("/")
    for n in range(2, 12):
        street.award(f"award:{n}", 100)
        street.line(street.deed(f"第{n}件", State.APPROVED), 100)
        street.deed(f"又第{n}件")
        street.activity(f"活动 {n}")
        street.notice(n)
    with queries() as many:
        client.get("/")
    assert len(many) <= len(few) + 1  # the notices that the lines stand on are asked for once there are any
    assert len(many) <= 20
