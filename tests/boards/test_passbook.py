"""The passbook: every entry with its balance, until when points last, what earned nothing and why."""

from __future__ import annotations

import datetime as dt
import io
import re

from openpyxl import load_workbook

from pointsbank.contributions.models import State
from pointsbank.core.i18n import N_
from pointsbank.ledger.models import Book
from pointsbank.rules import wording
from tests.boards.conftest import Street
from tests.boards.test_home import text


def test_each_line_carries_the_balance_after_it(street: Street) -> None:
    street.award("award:1", 500)
    street.spend("redemption:1", 200)
    page = text(street.client("alice"), "/passbook")
    assert re.findall(r"余 ([\d.]+)", page) == ["3", "5"]
    assert ">+5<" in page
    assert ">−2<" in page


def test_older_lines_come_by_a_link_and_go_on_where_the_page_ended(street: Street) -> None:
    for n in range(1, 26):
        street.award(f"award:{n}", 100)
    client = street.client("alice")
    first = text(client, "/passbook")
    link = re.search(r'href="(/passbook\?cursor=[^"]+)"', first)
    assert link is not None
    second = text(client, link[1])
    assert re.findall(r"余 ([\d.]+)", first)[-1] == "6"
    assert re.findall(r"余 ([\d.]+)", second) == ["5", "4", "3", "2", "1"]


def test_another_households_cursor_opens_nothing(street: Street) -> None:
    for n in range(1, 26):
        street.award(f"award:{n}", 100)
    street.award("award:99", 100, owner=f"household:{street.village.households['1-0412']}")
    link = re.search(r'href="(/passbook\?cursor=[^"]+)"', text(street.client("alice"), "/passbook"))
    assert link is not None
    assert street.client("bob").get(link[1]).status_code in {400, 422}


def test_lots_stand_there_by_their_last_day(street: Street) -> None:
    street.award("award:1", 2000, expires_on=dt.date(2026, 6, 30))
    street.award("award:2", 300)
    page = text(street.client("alice"), "/passbook")
    lots = page[page.index('id="lots"'):]
    assert lots.index("6月30日") < lots.index("不会过期")


def test_what_earned_nothing_says_why(street: Street) -> None:
    street.deed("河边捡垃圾", State.REJECTED, reason="计划 2 小时，您在 50 分钟。")
    street.deed("擦窗户", State.APPROVED, notes=[
        {"reason": "no_rule", "rule": None, "entry": wording.entry("note", N_("Nothing is planned yet."))}])
    page = text(street.client("alice"), "/passbook")
    assert "计划 2 小时，您在 50 分钟。" in page
    assert "还没有安排。" in page[page.index("擦窗户"):]


def test_a_deed_that_earned_points_is_not_among_those_without(street: Street) -> None:
    street.line(street.deed("植树", State.APPROVED), 400)
    assert 'id="nothing"' not in text(street.client("alice"), "/passbook")


def test_time_and_honour_stand_beside_the_points(street: Street) -> None:
    own = f"resident:{street.village.residents['alice']}"
    street.award("award:1/minutes", 90, owner=own, book=Book.MINUTES)
    street.award("award:1/honour", 500, owner=own, book=Book.HONOUR)
    page = text(street.client("alice"), "/passbook")
    assert "1.5 小时" in page
    assert "荣誉分" in page


def test_the_sheet_has_every_line(street: Street) -> None:
    for n in range(1, 131):
        street.award(f"award:{n}", 100)
    answer = street.client("alice").get("/passbook?format=xlsx")
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].values)
    assert len(rows) == 131
    assert rows[0][:2] == ("日期", "什么事")
    assert rows[1][4] == 130


def test_nobody_reads_a_passbook_without_being_a_resident(street: Street) -> None:
    assert street.app.test_client().get("/passbook").status_code == 303
    assert street.client("member").get("/passbook").status_code == 303


def test_a_stranger_from_another_community_sees_only_an_own_empty_book(street: Street) -> None:
    street.award("award:1", 500)
    page = text(street.client("mallory"), "/passbook")
    assert "陈桂芳" not in page
    assert "<b>0</b>" in page


def test_a_page_of_the_passbook_costs_the_same_however_full_it_is(street: Street, queries) -> None:
    client = street.client("alice")
    street.award("award:1", 100)
    street.deed("没过", State.REJECTED, reason="x")
    client.get("/passbook")
    with queries() as few:
        client.get("/passbook")
    for n in range(2, 20):
        street.award(f"award:{n}", 100, expires_on=dt.date(2027, 1, n))
        street.deed(f"没过 {n}", State.REJECTED, reason="x")
    with queries() as many:
        client.get("/passbook")
    assert len(many) == len(few) <= 16
