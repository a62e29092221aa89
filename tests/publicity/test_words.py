"""Notices in words: rules, honours and goods, as paragraphs and rows, objected to by line like any list."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook

from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Invalid
from pointsbank.people.models import LinkKind, UserResident
from pointsbank.publicity import queries, services
from pointsbank.publicity.errors import EmptyList, NotAllowed, NotIndependent, PersonalNumber
from pointsbank.publicity.models import LineState, NoticeKind, NoticeState, ObjectionState
from pointsbank.publicity.services import Paragraph, Table
from tests.publicity.board import line_ids, notice
from tests.support.village import Village

RULES = [
    Paragraph("为什么改", "打扫院子由每月 5 分改为 3 分。\n其余不变。"),
    Table("分值对照", ("项目", "原来", "现在"), [("rule:2.1", ("打扫院子", 5, 3)), ("rule:2.2", ("清沟", 2, 2))]),
]
STARS = [Table("拟评四星", ("户号", "姓名", "小时", "积分"), [("star:1", ("2-0317", "陈*芳", 320, 512)),
                                                         ("star:2", ("1-0412", "李*贵", 301, 500))])]


def drafted(village: Village, body: Any, kind: NoticeKind = NoticeKind.STANDARD, by: str = "member",
            **values: Any) -> int:
    given = {"kind": kind, "title": "积分细则第 8 版（征求意见）", "body": body, **values}
    with transaction():
        return services.draft(village.actor(by), services.NoticeDraft(**given)).id


def published(village: Village, body: Any, kind: NoticeKind = NoticeKind.STANDARD, **values: Any) -> int:
    notice_id = drafted(village, body, kind, **values)
    with transaction():
        services.publish(village.actor("second"), notice_id)
    return notice_id


def states(notice_id: int) -> list[LineState]:
    found = [row.state for row in queries.all_lines(notice(notice_id))]
    db.session.rollback()
    return found


@pytest.mark.parametrize(("kind", "body", "wanted"), [
    (NoticeKind.STANDARD, RULES, ("为什么改", "其余不变。", "分值对照", "打扫院子", "原来", "征求意见")),
    (NoticeKind.HONOURS, STARS, ("拟评四星", "陈*芳", "320", "李*贵")),
    (NoticeKind.STOCK, [Table("捐赠的货", ("货品", "剩下"), [("goods:1", ("大米", 7))])], ("捐赠的货", "大米", "7")),
])
def test_each_kind_hangs_on_the_page_and_on_paper(ask: Any, street: Village, kind: NoticeKind, body: Any,
                                                  wanted: tuple[str, ...]) -> None:
    notice_id = published(street, body, kind, resolution="居民代表会议 4 月 10 日")
    found = notice(notice_id)
    assert (found.kind, found.number, found.total) == (kind, 1, 0)
    for path in (f"/notices/{notice_id}", f"/notices/{notice_id}/print", f"/desk/notices/{notice_id}"):
        answer = ask("member" if path.startswith("/desk") else "nobody", path)
        text = re.sub(r"<[^>]+>", " ", answer.text)
        assert [word for word in wanted if word not in text] == [], path
        assert "居民代表会议 4 月 10 日" in text
        if not path.startswith("/desk"):
            assert "noindex" in answer.headers["X-Robots-Tag"]
    sheet = ask("nobody", f"/notices/{notice_id}/print").text
    assert all(text in sheet for text in ("pb-qr-svg", "4月25日 18:00", "（盖章）", "member", "second", "2026年第1号"))


def test_lines_are_numbered_through_all_parts_and_told_as_json(ask: Any, street: Village) -> None:
    notice_id = published(street, RULES)
    told = ask("nobody", f"/api/v1/notices/{notice_id}").json
    assert [part["heading"] for part in told["sections"]] == ["为什么改", "分值对照"]
    lines = ask("nobody", f"/api/v1/notices/{notice_id}/lines").json["items"]
    assert [(row["position"], row["section"], row["cells"]) for row in lines] == [
        (1, 0, []), (2, 1, ["打扫院子", "5", "3"]), (3, 1, ["清沟", "2", "2"])]
    assert lines[0]["text"] == "打扫院子由每月 5 分改为 3 分。\n其余不变。"
    assert [row["amount"] for row in lines] == [None] * 3


def test_headings_of_the_house_are_in_the_readers_language(ask: Any, street: Village) -> None:
    notice_id = published(street, [Table("Donated goods", ("Goods", "Left"), [("goods:1", ("大米", 7))])],
                          NoticeKind.STOCK)
    assert "捐赠的货" in ask("nobody", f"/notices/{notice_id}").text
    assert "Donated goods" not in ask("nobody", f"/notices/{notice_id}").text


def test_an_objection_holds_its_line_and_nothing_else(ask: Any, street: Village) -> None:
    notice_id = published(street, RULES)
    with transaction():
        objection = services.object_to(street.actor("charlie"), line_ids(notice_id)[1], "五分才够").id
    assert states(notice_id) == [LineState.LISTED, LineState.FROZEN, LineState.LISTED]
    assert "已冻结" in ask("nobody", f"/notices/{notice_id}").text
    assert "五分才够" in ask("member", f"/desk/objections/{objection}").text
    is_kin(street, "member", "charlie")
    with pytest.raises(NotIndependent), transaction():
        services.decide(street.actor("member"), objection, False, "代表会议定的")
    with transaction():
        services.decide(street.actor("second"), objection, False, "代表会议定的")
    assert states(notice_id) == [LineState.LISTED] * 3, "nothing is posted: it hangs on"


def is_kin(village: Village, user: str, resident: str) -> None:
    """From now on this user is that resident."""
    with transaction():
        db.session.add(UserResident(user_id=village.users[user], resident_id=village.residents[resident],
                                    kind=LinkKind.SELF, created_at=house_clock.now()))


@pytest.mark.parametrize("upheld", [False, True])
def test_an_answer_after_the_end_still_counts(street: Village, clock: Any, upheld: bool) -> None:
    notice_id = published(street, RULES)
    with transaction():
        objection = services.object_to(street.actor("charlie"), line_ids(notice_id)[0], "没听说过").id
    clock.forward(days=8)
    with transaction():
        assert [n.id for n in services.close_due(street.community, clock())] == [notice_id]
    with transaction():
        (answered, *_rest), line = services.decide(street.actor("second"), objection, upheld, "贴过三天")
    assert answered.state is (ObjectionState.UPHELD if upheld else ObjectionState.DISMISSED)
    assert line.state is (LineState.STRUCK if upheld else LineState.LISTED)
    assert notice(notice_id).state is NoticeState.CLOSED


def test_a_row_that_hung_out_before_is_named_by_the_one_that_puts_it_right(ask: Any, street: Village) -> None:
    first = published(street, STARS, NoticeKind.HONOURS)
    right = [Table("拟评四星（更正）", ("户号", "姓名", "小时", "积分"), [("star:2", ("1-0412", "李*贵", 311, 500))])]
    second = published(street, right, NoticeKind.HONOURS)
    assert "更正 2026年第1号第2行" in ask("nobody", f"/notices/{second}").text
    assert "（更正 2026年第1号第2行）" in ask("nobody", f"/notices/{second}/print").text
    assert "已在 2026年第2号第1行 更正" in ask("nobody", f"/notices/{first}").text
    with transaction():
        discarded = services.draft(street.actor("member"), services.NoticeDraft(
            NoticeKind.HONOURS, "四星", body=right)).id
    with transaction():
        services.discard(street.actor("member"), discarded)
    assert "2026年第2号第1行" in ask("nobody", f"/notices/{first}").text, "a draft is named by nobody"


# ── What is refused ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("body", [
    [Paragraph("联系", "请打 13812345678 找小王")], [Paragraph("证件 11010519491231002X", "见上")],
    [Table("表", ("姓名", "电话"), [("k", ("陈*芳", "10000000001"))])],
])
def test_numbers_that_belong_to_somebody_are_refused(street: Village, body: Any) -> None:
    with pytest.raises(PersonalNumber):
        drafted(street, body)
    with pytest.raises(PersonalNumber):
        drafted(street, RULES, resolution="经办人 13812345678")


@pytest.mark.parametrize("text", ["2026 年 4 月 18 日 18:00", "入库单 202604180001", "共 1234567 元",
                                  "12345678901234567890"])
def test_other_numbers_may_stand_there(street: Village, text: str) -> None:
    assert drafted(street, [Paragraph("说明", text)])


@pytest.mark.parametrize("body", [
    [Table("表", ("一", "二"), [("k", ("只有一格",))])], [Table("表", (), [("k", ())])],
    [Table("表", tuple("一二三四五六七八九"), [("k", tuple("一二三四五六七八九"))])],
    [Paragraph("太长", "长" * 2001)], [Paragraph("段", "短")] * 2001,
])
def test_shapes_that_no_sheet_holds_are_refused(street: Village, body: Any) -> None:
    with pytest.raises(Invalid):
        drafted(street, body)


def test_nobody_else_makes_them_and_an_empty_one_is_none(street: Village) -> None:
    for key in ("alice", "keeper", "grid", "leader"):
        with pytest.raises(NotAllowed):
            drafted(street, RULES, by=key)
    with pytest.raises(EmptyList):
        drafted(street, [])


@pytest.mark.slow
def test_a_thousand_rows_are_paged_and_cost_as_much_as_two(ask: Any, street: Village, queries: Any) -> None:
    costs = []
    for count in (2, 1000):
        rows = [(f"goods:{n}", (f"货 {n}", n)) for n in range(count)]
        notice_id = published(street, [Table("货", ("货品", "剩下"), rows)], NoticeKind.STOCK)
        for path in (f"/notices/{notice_id}", f"/notices/{notice_id}/print"):
            ask("member", path)
            with queries() as seen:
                text = ask("member", path).text
            costs.append((len(seen), text.count("货 ")))
    assert costs[0][0] == costs[2][0] <= 12
    assert costs[1][0] == costs[3][0] <= 12
    assert costs[3][1] >= 1000
    assert costs[2][1] <= 110
    sheet = load_workbook(io.BytesIO(ask("member", f"/desk/notices/{notice_id}?format=xlsx").data)).active
    assert [row[2] for row in sheet.iter_rows(min_row=1000, values_only=True)] == ["货 998 · 998", "货 999 · 999"]
