"""Signals and second looks on the pages: who may, who is locked, what comes back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

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


def decide(client: FlaskClient, number: int, **fields: str) -> int:
    """The status of a second look's answer; each form of a list has names of its own."""
    return send(client, f"{LOOKS}/{number}/decide", f"look{number}", fields).status_code


def settle(client: FlaskClient, number: int, **fields: str) -> int:
    return send(client, f"{LOOKS}/{number}/settle", f"agree{number}", fields).status_code


def send(client: FlaskClient, path: str, form: str, fields: dict[str, str]) -> Any:
    return client.post(path, data={f"{form}-{name}": text for name, text in fields.items()})


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
    refused = post(member, path, **{f"found{number}-text": "没"})
    assert refused.status_code == 422
    assert "没</textarea>" in refused.get_data(as_text=True)
    assert post(member, path, **{f"found{number}-text": "一户人家一次拍了五处"}).status_code == 303
    assert "一户人家一次拍了五处" not in text_of(member, SIGNALS)
    assert "一户人家一次拍了五处" in text_of(member, f"{SIGNALS}?only=all")
    twice = post(member, path, **{f"found{number}-text": "一户人家一次拍了五处"})
    assert twice.status_code == 409
    assert "已经" in twice.get_data(as_text=True)
    for who, status in (("reviewer", 403), ("bob", 403), ("other_member", 404)):
        assert post(door(who), path, **{f"found{number}-text": "一户人家一次拍了五处"}).status_code == status
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
    assert decide(door("member"), first, verdict="holds") == 403
    boss = door("supervisor")
    assert decide(boss, first) == 422
    assert decide(boss, first, verdict="holds") == 303
    assert decide(boss, first, verdict="holds") == 409
    short = send(boss, f"{LOOKS}/{second}/decide", f"look{second}", {"verdict": "not_fixed", "text": "暗"})
    assert short.status_code == 422
    assert "暗</textarea>" in short.get_data(as_text=True)
    assert decide(boss, second, verdict="not_fixed", text="灯又灭了") == 303
    assert (desk.state(holds), desk.state(fails)) == (CaseState.CLOSED, CaseState.ACCEPTED)


def test_an_untrue_report_needs_a_second_person(desk: Desk, door: Door) -> None:
    number = drawn(desk, desk.at(CaseState.CLOSED))
    boss = door("supervisor")
    assert decide(boss, number, verdict="false", text="现场没有这盏灯") == 303
    assert "要社区的第二个人同意" in text_of(boss, LOOKS)
    assert settle(boss, number, agrees="yes", text="我也去看过") == 403
    second = door("second")
    assert f'action="{LOOKS}/{number}/settle"' in text_of(second, LOOKS)
    assert settle(second, number, text="我也去看过了") == 422
    assert settle(second, number, agrees="yes", text="我也去看过了") == 303
    with transaction():
        row = db.session.scalars(sa.select(CaseAudit).where(CaseAudit.id == number)).one()
        assert (row.verdict, row.agreed) == (Verdict.FALSE, True)
    for who, status in (("reviewer", 403), ("bob", 403), ("other_member", 404)):
        assert settle(door(who), number, agrees="yes", text="我也去看过了") == status


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


def test_no_two_forms_of_a_list_have_one_id(desk: Desk, door: Door) -> None:
    cases = [desk.at(CaseState.CLOSED) for _ in range(3)]
    for case_id in cases:
        signal(desk, case_id, SignalKind.MANY_AT_ONCE, reports=5)
        drawn(desk, case_id)
    working = [desk.at(CaseState.RECTIFYING) for _ in range(2)]
    for case_id in working:
        assert post(door("dora"), f"/unit/cases/{case_id}/more-time", more__extra="3",
                    more__text="配件要等厂家发货").status_code == 303
    for path in (SIGNALS, LOOKS, "/desk/supervision"):
        found = re.findall(r'\bid="([^"]+)"', text_of(door("supervisor"), path))
        assert len(found) == len(set(found)) > 2, sorted(one for one in set(found) if found.count(one) > 1)
