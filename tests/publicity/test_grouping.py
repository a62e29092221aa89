"""Lines by grid or by household with their sums: on the page, over the edges of pages, on paper."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pointsbank.core.db import db
from pointsbank.publicity import layout, queries
from pointsbank.publicity.layout import Piece, PieceKind
from pointsbank.publicity.models import Grouping, NoticeKind, NoticeLine, NoticeState, PublicNotice
from tests.publicity import board
from tests.publicity.board import notice, published
from tests.support.village import PEOPLE, Village

TITLE, LEAD = "柳荫社区 2026年4月积分公示表", "下面是评议通过的积分。" * 6


def grouped(village: Village, count: int, by: Grouping) -> int:
    """A list of ``count`` lines of two households in two grids, in the order that goes with the grouping."""
    drafts = [board.line(village, n, grid=f"第{1 + n % 2}网格") for n in range(count)]
    key = (lambda d: d.grouping) if by is Grouping.GRID else (lambda d: d.household_number)
    return published(village, lines=sorted(drafts, key=key), grouped_by=by)


@pytest.mark.parametrize(("by", "labels"), [(Grouping.GRID, ["第1网格", "第2网格"]),
                                            (Grouping.HOUSEHOLD, ["1-0412", "2-0317"])])
def test_each_group_stands_together_with_its_sum(ask: Any, street: Village, by: Grouping, labels: list[str]) -> None:
    notice_id = grouped(street, 10, by)
    page = queries.lines(notice(notice_id))
    sums = queries.groups(notice(notice_id), page.items)
    db.session.rollback()
    wanted = {"第1网格": 1000, "第2网格": 2000, "2-0317": 1000, "1-0412": 2000}
    assert {label: (sums[label].lines, sums[label].total) for label in labels} == {
        label: (5, wanted[label]) for label in labels}
    for path in (f"/notices/{notice_id}", f"/notices/{notice_id}/print", f"/desk/notices/{notice_id}"):
        text = re.sub(r"<[^>]+>", " ", ask("member", path).text)
        places = [text.index(label) for label in labels]
        assert places == sorted(places), path
        for points in ("10", "20"):
            assert points in text, path
    assert [text for text in ("第1网格 小计 5 行", "2-0317 小计 5 行")
            if text in ask("nobody", f"/notices/{notice_id}/print").text] == [f"{label} 小计 5 行" for label in labels
                                                                             if label in {"第1网格", "2-0317"}]


def test_a_sum_covers_the_whole_group_also_where_a_page_shows_only_a_part(ask: Any, street: Village) -> None:
    notice_id = grouped(street, 120, Grouping.GRID)
    found = notice(notice_id)
    first = queries.lines(found)
    second = queries.lines(found, cursor=first.next)
    shown = [queries.groups(found, page.items) for page in (first, second)]
    db.session.rollback()
    assert [sorted(groups) for groups in shown] == [["第1网格"], ["第1网格", "第2网格"]]
    assert {groups["第1网格"].lines for groups in shown} == {60}
    assert "60 行，120 分" in ask("nobody", f"/notices/{notice_id}").text


def test_a_household_with_one_line_needs_no_sum(ask: Any, street: Village) -> None:
    notice_id = grouped(street, 3, Grouping.HOUSEHOLD)
    text = ask("nobody", f"/notices/{notice_id}").text
    assert "2-0317 小计 2 行" in text
    assert "1-0412 小计" not in text


def test_what_has_no_grid_says_so(ask: Any, street: Village) -> None:
    drafts = [board.line(street, 0), board.line(street, 1, grid="第1网格")]
    notice_id = published(street, lines=drafts, grouped_by=Grouping.GRID)
    assert "没有登记网格" in ask("nobody", f"/notices/{notice_id}").text


def test_an_ungrouped_list_has_neither_heads_nor_sums(ask: Any, street: Village) -> None:
    text = ask("nobody", f"/notices/{published(street)}").text
    assert "小计" not in text
    assert "pb-group" not in text


# ── Sheets ──────────────────────────────────────────────────────────────────────────────────────────────────────


def bare(grouped_by: Grouping = Grouping.NONE, sections: Any = None) -> PublicNotice:
    return PublicNotice(kind=NoticeKind.AWARDS, state=NoticeState.PUBLISHED, grouped_by=grouped_by, sections=sections)


def rows(count: int, *, item: str = "志愿服务 2 小时", per_group: int = 0) -> list[NoticeLine]:
    return [NoticeLine(position=n, item=item, household_number="2-0317", masked_name="陈*芳", unit="points", amount=100,
                       grouping=f"第{n // per_group}网格" if per_group else "") for n in range(1, count + 1)]


def cut(found: PublicNotice, lines: list[NoticeLine]) -> list[list[Piece]]:
    groups: dict[str, queries.Group] = {}
    for row in lines if found.grouped_by is not Grouping.NONE else []:
        label = queries.group_of(found, row)
        before = groups.get(label, queries.Group(label, 0, 0))
        groups[label] = queries.Group(label, before.lines + 1, before.total + row.amount)
    pages = layout.sheets(found, TITLE, LEAD, lines, groups)
    assert [p.number for p in pages] == list(range(1, len(pages) + 1))
    assert [p.is_last for p in pages] == [False] * (len(pages) - 1) + [True]
    assert {p.of for p in pages} == {len(pages)}
    return [p.pieces for p in pages]


@pytest.mark.parametrize(("count", "pages"), [(1, [1]), (17, [17]), (18, [15, 3]), (29, [27, 2]), (40, [27, 13]),
                                              (54, [27, 24, 3])])
def test_printed_pages_leave_room_for_the_signatures(street: Village, count: int, pages: list[int]) -> None:
    assert [len(pieces) for pieces in cut(bare(), rows(count))] == pages
    db.session.rollback()


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 17, 26, 27, 28, 60, 300, 1000])
@pytest.mark.parametrize("per_group", [0, 1, 2, 7, 40])
def test_no_line_is_lost_and_no_head_or_sum_stands_alone(street: Village, count: int, per_group: int) -> None:
    found = bare(Grouping.GRID if per_group else Grouping.NONE)
    lines = rows(count, per_group=per_group)
    pages = cut(found, lines)
    assert [p.line for page in pages for p in page if p.line is not None] == lines
    for page in pages:
        assert page
        assert page[-1].kind is not PieceKind.HEAD
        assert page[0].kind is not PieceKind.SUM
    db.session.rollback()


def test_long_texts_take_the_room_they_need(street: Village) -> None:
    short, long = cut(bare(), rows(100)), cut(bare(), rows(100, item="在小区东门和邻居们一起" * 10))
    assert len(long) > 2 * len(short)
    db.session.rollback()


# ── What it costs ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.parametrize("by", [Grouping.GRID, Grouping.HOUSEHOLD])
@pytest.mark.parametrize("path", ["/notices/{}", "/notices/{}/print", "/desk/notices/{}", "/api/v1/notices/{}/lines"])
def test_a_notice_of_a_thousand_lines_costs_as_much_as_one_of_two(ask: Any, street: Village, queries: Any, path: str,
                                                                  by: Grouping) -> None:
    costs = []
    for count in (2, 1000):
        notice_id = grouped(street, count, by)
        ask("member", path.format(notice_id))
        with queries() as seen:
            answer = ask("member", path.format(notice_id))
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert costs[1] <= 14
    shown = 1000 if path.endswith("print") else 50 if not path.startswith("/api") else 20
    text = board.readable(answer)
    assert text.count("陈*芳") + text.count("李*贵") == shown, "paged, but for the paper"


def test_a_thousand_masked_lines_name_nobody(ask: Any, street: Village) -> None:
    notice_id = grouped(street, 1000, Grouping.HOUSEHOLD)
    for path in (f"/notices/{notice_id}", f"/notices/{notice_id}/print", f"/api/v1/notices/{notice_id}/lines"):
        text = board.readable(ask("nobody", path))
        assert "李*贵" in text
        assert [name for name, _home, _head in PEOPLE.values() if name in text] == [], path
        assert not re.search(r"100\d{8}", text), "no phone"
