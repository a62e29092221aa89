"""The desk, the general book and the figures: for those who work there, of their community only."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from pointsbank.contributions.models import LineState, State
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.ledger.models import Book
from pointsbank.people.models import LinkKind, UserResident
from tests.boards.conftest import Street
from tests.boards.test_home import text
from tests.rules.asking import answer, asked, say

PAGES = ("/desk", "/desk/book", "/desk/figures")


def kin(street: Street, user: str, resident: str) -> None:
    """From now on this user acts for that resident."""
    with street.app.app_context(), transaction():
        db.session.add(UserResident(user_id=street.village.users[user], resident_id=street.village.residents[resident],
                                    kind=LinkKind.SELF, created_at=house_clock.now()))


@pytest.mark.parametrize("path", PAGES)
def test_residents_and_leaders_are_not_let_in(street: Street, path: str) -> None:
    for key in ("alice", "leader", "keeper"):
        assert street.client(key).get(path).status_code == 403
    assert street.app.test_client().get(path).status_code == 303


def test_what_waits_is_counted_with_its_age(street: Street, clock) -> None:
    street.deed("调解漏水", who="bob", home="1-0412")
    street.line(street.deed("植树", State.APPROVED), 400)
    clock.forward(days=3)
    page = text(street.client("member"), "/desk")
    assert "最早一条等了 3 天" in page
    assert "一共 4 分" in page
    assert "调解漏水" in page


def test_ones_own_households_deed_is_shown_but_left_to_others(street: Street) -> None:
    kin(street, "member", "dora")
    street.deed("义务理发", who="dora", home="3-0226")
    page = text(street.client("member"), "/desk")
    row = page[page.index("义务理发"):]
    assert "/approve" not in row[:row.index("</tr>")]
    assert 'class="pb-card pb-wait"' not in page
    assert 'class="pb-card pb-wait"' in text(street.client("second"), "/desk")


def test_an_empty_desk_says_that_everything_is_done(street: Street) -> None:
    page = text(street.client("member"), "/desk")
    assert "都审完了" in page
    assert "往后两个星期没有到期的事。" in page


def test_what_comes_next_stands_in_order(street: Street) -> None:
    street.settings(open_days=[19])
    street.activity("河边捡垃圾", days=5)
    street.notice(8, total=7100)
    page = text(street.client("member"), "/desk")
    order = [page.index(words) for words in ("积分超市开门", "第 8 号公示到期，71 分入账", "河边捡垃圾")]
    assert order == sorted(order)


def test_a_notice_without_points_promises_none(street: Street) -> None:
    street.notice(8, total=0)
    page = text(street.client("member"), "/desk")
    assert "第 8 号公示到期" in page
    assert "分入账" not in page


def test_overdue_answers_are_marked_on_what_waits(street: Street, clock) -> None:
    notice_id = street.notice(8)
    for days in (7, 8, 20):
        street.objection(notice_id, due=house_clock.today() + dt.timedelta(days=days))
    assert "书面答复过期了" not in text(street.client("member"), "/desk")
    clock.forward(days=9)
    page = text(street.client("member"), "/desk")
    assert "晚了 2 天" in page
    assert "2 份书面答复过期了" in page
    assert "书面答复过期了" not in text(street.client("other_member"), "/desk")


def test_the_gauge_compares_what_is_owed_with_what_is_kept_ready(street: Street) -> None:
    street.award("award:1", 89000)
    assert "在设置里填上一年的预算" in text(street.client("member"), "/desk")
    street.settings(budget_fen=100_000)
    page = text(street.client("member"), "/desk")
    assert "过了提醒线" in page
    assert ">89%<" in page


def test_the_book_names_both_sides_and_what_it_was_for(street: Street) -> None:
    line = street.line(street.deed("植树", State.APPROVED), 400, LineState.POSTED)
    street.award(f"award:{line}", 400)
    page = text(street.client("member"), "/desk/book")
    assert "植树" in page
    assert "社区发出" in page
    assert "存折 2-0317" in page


def test_the_book_can_be_narrowed_to_a_household_a_month_and_a_kind(street: Street, clock) -> None:
    clock.at(2026, 3, 5)
    street.award("award:1", 111)
    clock.at(2026, 4, 18)
    street.award("award:2", 222)
    street.spend("redemption:1", 133)
    street.award("award:3", 444, owner=f"household:{street.village.households['1-0412']}")
    client = street.client("member")

    def amounts(query: str) -> list[str]:
        return re.findall(r'data-l="积分"><b>([\d.]+)</b>', text(client, f"/desk/book{query}"))

    assert amounts("") == ["4.44", "1.33", "1.33", "2.22", "1.11"]
    assert amounts("?owner=2-0317&kind=award") == ["2.22", "1.11"]
    assert amounts("?month=2026-03") == ["1.11"]
    assert amounts("?owner=7-7777") == []
    assert len(amounts("?kind=nonsense&month=nonsense")) == 5


def test_the_whole_book_can_be_checked_from_the_page(street: Street) -> None:
    street.award("award:1", 500)
    page = text(street.client("member"), "/desk/book?check=1")
    assert "账是对的" in page


def test_a_balance_that_was_tampered_with_is_found_from_the_page(street: Street) -> None:
    street.award("award:1", 500)
    with street.app.app_context(), transaction():
        db.session.execute(sa.text("UPDATE points_account SET balance = 700 WHERE kind = 'wallet'"))
    page = text(street.client("member"), "/desk/book?check=1")
    assert "对不上" in page
    assert "ledger.balance_differs" in page


def test_the_sheet_of_the_book_keeps_the_filter(street: Street) -> None:
    street.award("award:1", 500)
    street.spend("redemption:1", 200)
    answer = street.client("member").get("/desk/book?kind=award&format=xlsx")
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].values)
    assert len(rows) == 2
    assert rows[1][7] == 5


def test_the_sheet_of_the_book_masks_the_names_that_its_page_shows(street: Street) -> None:
    street.award("award:1", 500, owner=f"resident:{street.village.residents['bob']}")
    assert "李明贵" in text(street.client("member"), "/desk/book")
    answer = street.client("member").get("/desk/book?format=xlsx")
    [row] = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].values)[1:]
    assert row[4] == "存折 李*贵"


def test_another_communitys_book_stays_closed(street: Street) -> None:
    street.award("award:1", 98765)
    street.deed("植树")
    for path in PAGES:
        page = text(street.client("other_member"), path)
        assert "987.65" not in page
        assert "植树" not in page


def test_the_figures_count_households_and_never_name_them(street: Street) -> None:
    street.deed("植树", State.APPROVED, on=dt.date(2026, 4, 2))
    street.deed("扫雪", State.APPROVED, on=dt.date(2026, 4, 3))
    street.deed("修路", State.APPROVED, who="bob", home="1-0412", on=dt.date(2026, 3, 3))
    page = text(street.client("member"), "/desk/figures")
    assert "本月 7 户里有 1 户做了好事" in page
    assert "陈桂芳" not in page
    assert "2-0317" not in page


def test_the_figures_stand_beside_each_chart_as_a_table(street: Street) -> None:
    street.award("award:1", 12300)
    street.award("award:1/minutes", 150, book=Book.MINUTES)
    street.offer("大米", 4400, 13, 4000)
    page = text(street.client("member"), "/desk/figures")
    assert page.count('role="img"') == 3
    assert '<td class="pb-r">123</td>' in page
    assert '<td class="pb-r">2.5</td>' in page
    assert "520" in page


def test_the_sheet_of_the_figures_has_twelve_months(street: Street) -> None:
    street.award("award:1", 12300)
    answer = street.client("member").get("/desk/figures?format=xlsx")
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].values)
    assert len(rows) == 13
    assert rows[-1][:2] == ("2026-04", 123)


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_a_busy_month_costs_the_desk_no_more_statements(street: Street, queries, path: str) -> None:
    street.award("award:1", 100)
    street.spend("redemption:1", 50)
    street.deed("一")
    street.line(street.deed("二", State.APPROVED), 100)
    street.offer("大米", 4400, 3)
    client = street.client("member")
    client.get(path)
    with queries() as few:
        client.get(path)
    for n in range(2, 12):
        street.award(f"award:{n}", 100, owner=f"resident:{street.village.residents['bob']}")
        street.award(f"award:{n}0", 100, expires_on=dt.date(2027, 1, n))
        street.deed(f"又{n}", who="bob", home="1-0412")
        street.offer(f"油{n}", 100, n)
        street.activity(f"活动{n}")
        street.notice(n)
    with queries() as many:
        client.get(path)
    assert len(many) <= len(few) + 1  # names of residents are asked for once there are wallets of residents
    assert len(many) <= 26


def test_comments_on_the_rules_wait_for_whoever_may_answer_them(street: Street) -> None:
    with street.app.app_context():
        row = asked(street.village)
        said = say(street.village, row)
        db.session.rollback()
    assert "条细则意见要答复" in text(street.client("second"), "/desk")
    assert "条细则意见要答复" not in text(street.client("reviewer"), "/desk")
    with street.app.app_context():
        answer(street.village, said)
        db.session.rollback()
    assert "条细则意见要答复" not in text(street.client("second"), "/desk")
