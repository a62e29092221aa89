"""Paper sheets in a client: typed without a script, pasted, looked through, handed in, confirmed; and over JSON."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pointsbank.contributions.models import Contribution, Sheet, SheetState, State
from pointsbank.core.db import db
from tests.contributions.sheeting import handed_in, opened, row
from tests.contributions.test_pages import newest, picture
from tests.support.village import Village

HEAD = {"title": "四月看望", "month": "2026-04", "reason": "没有信号"}


def cells(number: int, who: str, home: str = "", day: str = "12", item: str = "2.1",
          amount: str = "1") -> dict[str, str]:
    names = ("who", "household", "day", "item", "amount", "note")
    return {f"r{number}-{name}": value for name, value in zip(names, (who, home, day, item, amount, ""), strict=True)}


def state(sheet_id: int) -> SheetState:
    found = db.session.get_one(Sheet, sheet_id, populate_existing=True).state
    db.session.rollback()
    return found


def test_a_sheet_is_typed_looked_through_and_handed_in(ask: Any, street: Village) -> None:
    ask("member", "/sheets/new")
    ask("member", "/sheets/new", {**HEAD, "team_id": ""})
    sheet_id = newest(Sheet)
    page = ask("member", f"/sheets/{sheet_id}/edit").text
    assert 'name="r15-note"' in page
    typed = {**HEAD, "lines": "15", **cells(1, "陈桂芳", "2-0317"), **cells(2, "无名氏")}
    ask("member", f"/sheets/{sheet_id}/edit", {**typed, "do": "more"})
    page = ask("member", f"/sheets/{sheet_id}/edit").text
    assert 'name="r35-note"' in page
    assert "无名氏" in page
    assert 'id="err-2"' in page
    ask("member", f"/sheets/{sheet_id}/edit", {**typed, "do": "done", "photos": picture()})
    refused = ask("member", f"/sheets/{sheet_id}/submit", {}, status=422).text
    assert "无名氏" in refused
    ask("member", f"/sheets/{sheet_id}/edit", {**typed, **cells(2, "李明贵"), "do": "done"})
    assert "/media/" in ask("member", f"/sheets/{sheet_id}").text
    ask("member", f"/sheets/{sheet_id}/submit", {})
    assert state(sheet_id) is SheetState.SUBMITTED
    ask("member", f"/sheets/{sheet_id}/edit", status=409)
    assert "陈桂芳" in ask("second", f"/sheets/{sheet_id}/print").text
    ask("member", f"/sheets/{sheet_id}/confirm", {}, status=403)
    ask("second", f"/sheets/{sheet_id}/confirm", {})
    states = set(db.session.scalars(sa.select(Contribution.state)))
    db.session.rollback()
    assert states == {State.APPROVED}
    assert "陈桂芳" in ask("second", f"/sheets/{sheet_id}").text


def test_a_block_from_excel_comes_behind_the_last_row_without_a_script(ask: Any, street: Village) -> None:
    sheet_id = opened(street, row(1, "alice"))
    block = "姓名\t户号\t日期\t项目\t数量\n李明贵\t1-0412\t4月13日\t看望独居老人\t1次\n周秀兰\t\t14\t2.1\t2"
    sent = {**HEAD, "lines": "15", **cells(1, "陈桂芳", "2-0317"), "pasted": block, "do": "paste"}
    ask("member", f"/sheets/{sheet_id}/edit", sent)
    page = ask("member", f"/sheets/{sheet_id}/edit").text
    assert 'name="r2-who" value="李明贵"' in page
    assert 'name="r3-who" value="周秀兰"' in page
    assert 'id="err-' not in page


def test_what_is_refused_comes_back_as_it_was_typed(ask: Any, street: Village) -> None:
    sheet_id = opened(street, row(1, "alice"))
    sent = {**HEAD, "title": "", "lines": "15", **cells(4, "李明贵", "1-0412", "十二"), "pasted": "周秀兰\t\t14"}
    back = ask("member", f"/sheets/{sheet_id}/edit", sent, status=422).text
    assert 'name="r4-day" value="十二"' in back
    assert "周秀兰" in back
    long = {**HEAD, "lines": "500", "pasted": "\n".join("周秀兰\t\t14\t2.1\t1" for _ in range(501))}
    assert "周秀兰" in ask("member", f"/sheets/{sheet_id}/edit", long, status=422).text
    for junk in ({"lines": "9999999", "r99999999-who": "x", "r0-who": "y", "rx-who": "z"}, {"lines": "-1"}):
        ask("member", f"/sheets/{sheet_id}/edit", {**HEAD, **junk})


def test_who_may_open_what(ask: Any, street: Village) -> None:
    own = opened(street, row(1, "alice"), by="leader", team_id=street.team)
    office = handed_in(street, row(1, "bob"))
    ask("leader", f"/sheets/{own}/edit")
    assert "四月看望登记表" in ask("leader", "/sheets").text
    ask("leader", f"/sheets/{office}", status=404)
    ask("leader", f"/sheets/{office}/return", {"reason": "看不清"}, status=404)
    ask("member", f"/sheets/{own}/edit", status=404)
    ask("member", f"/sheets/{own}")
    ask("alice", "/sheets", status=403)
    ask("other_member", f"/sheets/{own}", status=404)
    ask("admin", f"/sheets/{office}/confirm", {}, status=403)
    ask("second", f"/sheets/{office}/return", {"reason": ""}, status=422)
    ask("second", f"/sheets/{office}/return", {"reason": "第 1 行看不清"})
    assert "第 1 行看不清" in ask("member", f"/sheets/{office}/edit").text
    ask("member", f"/sheets/{office}/discard", {})
    assert state(office) is SheetState.DISCARDED


def test_the_desk_sees_what_waits(ask: Any, street: Village) -> None:
    handed_in(street, row(1, "alice"))
    assert "四月看望登记表" in ask("second", "/sheets?only=waiting").text
    assert 'href="/sheets"' in ask("second", "/desk").text


def test_the_way_over_json(ask: Any, street: Village) -> None:
    body = {"title": "四月看望", "month": "2026-04-12", "reason": "没有信号", "rows": [
        {"position": 1, "who": "陈桂芳", "day": "12", "item": "2.1", "amount": "2"},
        {"position": 2, "who": "无名氏", "day": "12", "item": "2.1", "amount": "2"}]}
    made = ask("member", "/api/v1/sheets", json=body, status=201).json
    assert (made["month"], made["state"]) == ("2026-04-01", "draft")
    assert [len(r["faults"]) for r in made["rows"]] == [0, 1]
    refused = ask("member", f"/api/v1/sheets/{made['id']}/submit", json={}, status=422).json
    assert refused["error"]["code"] == "contributions.sheet_not_ready"
    assert set(refused["error"]["fields"]) == {"photos", "rows"}
    ask("member", "/api/v1/sheets", json={**body, "rows": [{"position": "1"}]}, status=422)
    ask("leader", "/api/v1/sheets", json=body, status=403)
    ask("other_member", f"/api/v1/sheets/{made['id']}", status=404)
    sheet_id = handed_in(street, row(1, "bob"))
    done = ask("second", f"/api/v1/sheets/{sheet_id}/confirm", json={}, status=200).json
    assert (done["deeds"], done["approved"], done["sheet"]["state"]) == (1, 1, "confirmed")
    assert ask("member", f"/api/v1/sheets/{sheet_id}").json["rows"][0]["deed_id"]
    ids = [s["id"] for s in ask("reviewer", "/api/v1/sheets").json["items"]]
    assert ids == [sheet_id, made["id"]]
