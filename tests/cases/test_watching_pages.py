"""Signals and second looks on the pages: who may, who is locked, what comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa

from pointsbank.cases.models import CaseAudit, CaseSignal, CaseState, SignalKind, Verdict
from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from tests.cases.desk import Desk, Door, post, text_of

SIGNALS, LOOKS = "/desk/cases/signals", "/desk/cases/second-looks"


def signal(desk: Desk, case_id: int, kind: SignalKind, **detail: object) -> int:
    with transaction():
        row = CaseSignal(community_id=desk.village.community, case_id=case_id, kind=kind, about="case:1",
                         detail=detail, at=clock.now())
        db.session.add(row)
        db.session.flush()
        return row.id


def drawn(desk: Desk, case_id: int) -> int:
    with transaction():
        row = CaseAudit(community_id=desk.village.community, case_id=case_id, month=dt.date(2026, 4, 1),
                        drawn_at=clock.now())
        db.session.add(row)
        db.session.flush()
        return row.id


@pytest.mark.parametrize(("kind", "detail", "words"), [
    (SignalKind.REUSED_PHOTO, {"case": 999}, "和 #999 的照片相像"),
    (SignalKind.IMPOSSIBLE_TRAVEL, {"case": 999, "metres": 12300, "seconds": 240}, "12.3 公里，只隔了 4 分钟"),
    (SignalKind.MANY_AT_ONCE, {"reports": 5}, "一分钟内 5 件"), (SignalKind.OWN_FIXER, {"unit": 1}, "责任单位工作")])
def test_a_signal_says_what_was_compared(desk: Desk, door: Door, kind: SignalKind, detail: dict[str, int],
                                         words: str) -> None:
    signal(desk, desk.send(), kind, **detail)
    page = text_of(door("member"), SIGNALS)
    assert words in page
    assert "不能当证据" in page


def test_a_signal_is_settled_once_with_words(desk: Desk, door: Door) -> None:
    number = signal(desk, desk.send(), SignalKind.MANY_AT_ONCE, reports=5)
    member, path = door("member"), f"{SIGNALS}/{number}/settle"
    refused = post(member, path, found__text="没")
    assert refused.status_code == 422
    assert "没</textarea>" in refused.get_data(as_text=True)
    assert post(member, path, found__text="一户人家一次拍了五处").status_code == 303
    assert "一户人家一次拍了五处" not in text_of(member, SIGNALS)
    assert "一户人家一次拍了五处" in text_of(member, f"{SIGNALS}?only=all")
    twice = post(member, path, found__text="一户人家一次拍了五处")
    assert twice.status_code == 409
    assert "已经" in twice.get_data(as_text=True)
    for who, status in (("reviewer", 403), ("bob", 403), ("other_member", 404)):
        assert post(door(who), path, found__text="一户人家一次拍了五处").status_code == status
    assert "一分钟内 5 件" not in text_of(door("other_member"), f"{SIGNALS}?only=all")


def test_a_second_look_that_holds_stays_closed_and_one_that_does_not_opens_again(desk: Desk, door: Door) -> None:
    holds, fails = desk.at(CaseState.CLOSED), desk.at(CaseState.CLOSED)
    first, second = drawn(desk, holds), drawn(desk, fails)
    page = text_of(door("supervisor"), LOOKS)
    assert "整改前" in page or "没有整改前的照片" in page
    assert f'action="{LOOKS}/{first}/decide"' in page
    locked = text_of(door("member"), LOOKS)
    assert "您经手过这件，请别人看" in locked
    assert f'action="{LOOKS}/{first}/decide"' not in locked
    assert post(door("member"), f"{LOOKS}/{first}/decide", look__verdict="holds").status_code == 403
    boss = door("supervisor")
    assert post(boss, f"{LOOKS}/{first}/decide").status_code == 422
    assert post(boss, f"{LOOKS}/{first}/decide", look__verdict="holds").status_code == 303
    assert post(boss, f"{LOOKS}/{first}/decide", look__verdict="holds").status_code == 409
    short = post(boss, f"{LOOKS}/{second}/decide", look__verdict="not_fixed", look__text="暗")
    assert short.status_code == 422
    assert "暗</textarea>" in short.get_data(as_text=True)
    assert post(boss, f"{LOOKS}/{second}/decide", look__verdict="not_fixed", look__text="灯又灭了").status_code == 303
    assert (desk.state(holds), desk.state(fails)) == (CaseState.CLOSED, CaseState.ACCEPTED)


def test_an_untrue_report_needs_a_second_person(desk: Desk, door: Door) -> None:
    number = drawn(desk, desk.at(CaseState.CLOSED))
    boss = door("supervisor")
    assert post(boss, f"{LOOKS}/{number}/decide", look__verdict="false", look__text="现场没有这盏灯").status_code == 303
    assert "要社区的第二个人同意" in text_of(boss, LOOKS)
    assert post(boss, f"{LOOKS}/{number}/settle", agree__agrees="yes", agree__text="我也去看过").status_code == 403
    second = door("second")
    assert f'action="{LOOKS}/{number}/settle"' in text_of(second, LOOKS)
    assert post(second, f"{LOOKS}/{number}/settle", agree__text="我也去看过了").status_code == 422
    assert post(second, f"{LOOKS}/{number}/settle", agree__agrees="yes", agree__text="我也去看过了").status_code == 303
    with transaction():
        row = db.session.scalars(sa.select(CaseAudit).where(CaseAudit.id == number)).one()
        assert (row.verdict, row.agreed) == (Verdict.FALSE, True)
    for who, status in (("reviewer", 403), ("bob", 403), ("other_member", 404)):
        answer = post(door(who), f"{LOOKS}/{number}/settle", agree__agrees="yes", agree__text="我也去看过了")
        assert answer.status_code == status


def test_both_lists_cost_the_same_for_one_and_for_many(
        desk: Desk, door: Door, queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    boss = door("supervisor")

    def cost(path: str) -> int:
        text_of(boss, path)
        with queries() as seen:
            text_of(boss, path)
        return len(seen)

    def more() -> None:
        case_id = desk.at(CaseState.CLOSED)
        signal(desk, case_id, SignalKind.MANY_AT_ONCE, reports=5)
        drawn(desk, case_id)

    more()
    few = [cost(path) for path in (SIGNALS, LOOKS)]
    for _ in range(4):
        more()
    assert [cost(path) for path in (SIGNALS, LOOKS)] == few
    assert max(few) <= 30
