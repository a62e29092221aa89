"""Every page of the room opens to whom it should, and the whole way can be walked with forms alone."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from pointsbank.app import create_app, limiter
from pointsbank.contributions.jobs import settle_due
from pointsbank.core.db import db
from pointsbank.honours import jobs
from pointsbank.honours.models import (
    HonourLadder,
    HonourLeague,
    HonourProposal,
    HonourYear,
    LadderStep,
    NoShow,
    ServiceCertificate,
)
from pointsbank.honours.queries import certificates as papers
from tests.conftest import CONFIG
from tests.honours.support import awards, give, grant_all, ladder, proposals, propose, small
from tests.honours.test_certificates import issued, served
from tests.support.village import PEOPLE, Village

DESK = ("/desk/honours", "/desk/honours/awards", "/desk/honours/best", "/desk/honours/by-hand",
        "/desk/honours/no-shows", "/desk/honours/years", "/desk/honours/leagues", "/desk/honours/ladders/new",
        "/desk/honours/proposals", "/desk/certificates", "/desk/certificates/new")
LADDER_FORM = {"title": "星级志愿者", "period": "lifetime", "cycle_hours": "", "no_show_limit": "5", "note": "发证书",
               "steps-0-name": "一星", "steps-0-hours": "50", "steps-0-honour": "500",
               "steps-1-name": "二星", "steps-1-hours": "１００", "steps-1-honour": "1000.5",
               "steps-2-name": "", "steps-2-hours": "", "steps-2-honour": ""}


def one(model: Any) -> Any:
    row = db.session.scalars(sa.select(model).order_by(model.id.desc()).limit(1)).one()
    db.session.expunge_all()
    db.session.rollback()
    return row


@pytest.mark.parametrize("path", DESK)
def test_the_desk_opens_to_the_committee_only(ask: Any, street: Village, path: str) -> None:
    ask("member", path)
    ask("alice", path, status=403)
    ask("nobody", path, status=303)


def test_a_ladder_is_written_and_adopted_with_forms(ask: Any, street: Village) -> None:
    ask("member", "/desk/honours/ladders/new", {"sample": "cycle"})
    ladder_id = one(HonourLadder).id
    assert "300" in ask("member", f"/desk/honours/ladders/{ladder_id}/edit").text
    ask("member", f"/desk/honours/ladders/{ladder_id}/edit", LADDER_FORM)
    steps = [(s.level, s.name, s.minutes, s.honour) for s in db.session.scalars(
        sa.select(LadderStep).order_by(LadderStep.level))]
    db.session.rollback()
    assert steps == [(1, "一星", 3000, 50_000), (2, "二星", 6000, 100_050)]
    ask("member", f"/desk/honours/ladders/{ladder_id}/adopt",
        {"in_force_on": "2026-04-18", "resolution": "居民代表会议通过"}, status=403)
    ask("second", f"/desk/honours/ladders/{ladder_id}/adopt", {"in_force_on": "", "resolution": ""}, status=422)
    ask("second", f"/desk/honours/ladders/{ladder_id}/adopt",
        {"in_force_on": "2026-04-18", "resolution": "居民代表会议通过"})
    assert "居民代表会议通过" in ask("member", f"/desk/honours/ladders/{ladder_id}").text
    ask("member", f"/desk/honours/ladders/{ladder_id}/next", {})
    ask("member", f"/desk/honours/ladders/{one(HonourLadder).id}/discard", {})
    assert db.session.scalar(sa.select(sa.func.count()).select_from(HonourLadder)) == 1
    db.session.rollback()


@pytest.mark.parametrize(("changes", "said"), [
    ({"steps-1-hours": "二十"}, "二十"), ({"steps-1-hours": "10"}, "第 2 级"), ({"steps-0-name": ""}, "第 1 级"),
    ({"title": ""}, "名称"), ({"period": "cycle"}, "300"), ({"no_show_limit": "-1"}, "-1"),
    ({"steps-0-honour": "很多"}, "很多")])
def test_a_bad_ladder_comes_back_filled_in_and_says_where(ask: Any, street: Village, changes: dict[str, str],
                                                          said: str) -> None:
    ask("member", "/desk/honours/ladders/new", {"sample": "yearly"})
    page = ask("member", f"/desk/honours/ladders/{one(HonourLadder).id}/edit", {**LADDER_FORM, **changes}, status=422)
    assert said in page.text
    assert 'value="1000.5"' in page.text
    assert one(HonourLadder).title == "年度星级志愿者", "nothing was kept"


def test_from_the_figures_to_the_star_with_forms_alone(ask: Any, street: Village, clock: Any) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    give(street, "bob", 10)
    ask("reviewer", "/desk/honours/look", {})
    page = ask("member", "/desk/honours").text
    assert "陈桂芳" in page
    ids = [str(p.id) for p in proposals()]
    ask("reviewer", "/desk/honours/decide", {"proposal": ids, "do": "confirm"}, status=403)
    ask("member", "/desk/honours/decide", {"proposal": ids[:1], "do": "decline", "answer": ""}, status=422)
    ask("member", "/desk/honours/decide", {"proposal": ids[:1], "do": "decline", "answer": "时长在核对"})
    ask("member", "/desk/honours/decide", {"proposal": ids[1:], "do": "confirm"})
    answer = ask("member", "/desk/honours/list", {"shown": ids[1:], "line": ids[1:], "resolution": "评议组通过"})
    notice = answer.location
    ask("second", notice + "/publish", {})
    public = ask("nobody", "/notices?community=liuyin").text
    assert "拟授予荣誉名单" in public
    assert "李*贵" in ask("nobody", notice.replace("/desk", "")).text
    clock.forward(days=8)
    settle_due()
    jobs.grant_due()
    page = ask("bob", "/honours").text
    assert "小梯子 一星" in page
    assert "还差 10 小时、50 荣誉分" in page
    ask("second", "/desk/honours/by-hand",
        {"person": "陈桂芳", "series": "1", "reason": "核对过了"})
    assert [p.reason for p in proposals(state="proposed")] == ["核对过了"]


def test_no_form_does_anything_for_somebody_without_the_role(ask: Any, street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    (proposal_id,) = propose(street).proposed
    for path, data in (("/desk/honours/look", {}), ("/desk/honours/decide", {"proposal": str(proposal_id)}),
                       ("/desk/honours/list", {}), ("/desk/honours/leagues", {}),
                       ("/desk/honours/years", {"year": "2025"}),
                       ("/desk/certificates/list", {}), ("/desk/honours/ladders/new", {"sample": "yearly"})):
        ask("alice", path, data, status=403)
        ask("mallory", path, data, status=403)
        ask("nobody", path, data, status=401)
    ask("other_member", "/desk/honours/decide", {"proposal": str(proposal_id)}, status=409)


def test_ones_own_page_says_in_plain_words_what_is_missing(ask: Any, street: Village) -> None:
    ladder(street, "double")
    ladder(street, "cycle")
    give(street, "alice", 49.5, 499.5)
    page = ask("alice", "/honours").text
    assert "49.5 小时、499.5 荣誉分" in page
    assert "离“一星”还差 0.5 小时、0.5 荣誉分。" in page
    assert "离“二星”还差 10.5 小时。" in page
    assert "您已经达到“一星”" in page, "in the ladder of cycles, on its way"
    ask("member", "/honours", status=303)


def test_being_shown_is_ones_own_choice(ask: Any, street: Village) -> None:
    ask("alice", "/honours/shown", {"shown": "0"})
    assert "重新上榜" in ask("alice", "/honours").text
    ask("alice", "/honours/shown", {"shown": "1"})
    assert "不要显示我" in ask("alice", "/honours").text


def test_the_certificate_of_a_star_is_printed_for_its_holder_and_the_desk(ask: Any, street: Village,
                                                                        clock: Any) -> None:
    ladder(street, "cycle")
    give(street, "alice", 330)
    grant_all(street, clock)
    by_key = {(a.period_key, a.level): a.id for a in awards()}
    sheet = ask("alice", f"/honours/awards/{by_key['cycle:1', 5]}/print").text
    assert all(text in sheet for text in ("陈桂芳", "五星", "柳荫社区", "pb-qr-svg", "liuyin-2026-H"))
    ask("member", f"/honours/awards/{by_key['cycle:1', 5]}/print")
    ask("bob", f"/honours/awards/{by_key['cycle:1', 5]}/print", status=404)
    ask("mallory", f"/honours/awards/{by_key['cycle:1', 5]}/print", status=404)
    ask("alice", f"/honours/awards/{by_key['cycle:2', 1]}/print", status=404)  # the prize again, the certificate once


def test_an_honour_is_taken_back_with_forms(ask: Any, street: Village, clock: Any) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    (award,) = grant_all(street, clock)
    path = f"/desk/honours/awards/{award.id}"
    ask("member", f"{path}/revoke", {"resolution": "", "revoked_on": "2026-04-26"}, status=422)
    ask("member", f"{path}/revoke", {"resolution": "五月会议决定，时长误记", "revoked_on": "2026-04-26"})
    revocation = db.session.scalar(sa.text("SELECT max(id) FROM honour_revocation"))
    db.session.rollback()
    ask("member", f"{path}/revocations/{revocation}", {"do": "confirm", "answer": ""}, status=403)
    ask("second", f"{path}/revocations/{revocation}", {"do": "confirm", "answer": ""})
    assert "已撤销" in ask("alice", "/honours").text
    ask("alice", f"/honours/awards/{award.id}/print", status=404)


def test_the_register_can_be_taken_out_as_a_sheet(ask: Any, street: Village, clock: Any) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    grant_all(street, clock)
    rows = list(load_workbook(io.BytesIO(ask("member", "/desk/honours/awards?format=xlsx").data)).worksheets[0].values)
    assert rows[1][:5] == ("2026-1", "陈*芳", "2-0317", "小梯子", "一星")
    assert len(list(load_workbook(io.BytesIO(ask("member", "/desk/honours/proposals").data)).worksheets[0].values)) == 1


# ── Certificates ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_certificate_with_forms_alone(ask: Any, street: Village, clock: Any) -> None:
    served(street, clock)
    asked = {"since_on": "2026-01-01", "until_on": "2026-04-18", "purpose": "申请老年大学", "volunteer_number": ""}
    ask("alice", "/certificates/new", {**asked, "volunteer_number": "510101195505051234"}, status=422)
    ask("alice", "/certificates/new", asked)
    certificate_id = one(ServiceCertificate).id
    path = f"/desk/certificates/{certificate_id}"
    ask("member", f"{path}/prepare", {"contact": ""}, status=422)
    ask("member", f"{path}/prepare", {"contact": "0000-8123456"})
    notice = ask("member", "/desk/certificates/list", {}).location
    ask("second", notice + "/publish", {})
    assert "5月3日 18:00" in ask("member", path).text, "until when it hangs"
    ask("second", f"{path}/issue", {}, status=409)
    clock.forward(days=8)
    settle_due()
    ask("member", f"{path}/issue", {}, status=403)
    ask("second", f"{path}/issue", {})
    sheet = ask("alice", f"/certificates/{certificate_id}/print").text
    for text in ("陈桂芳", "傍晚巡逻", "4", "liuyin-2026-S0001", "second", "member", "0000-8123456", "申请老年大学",
                 "柳荫社区", "pb-qr-svg"):
        assert text in sheet, text
    ask("bob", f"/certificates/{certificate_id}/print", status=404)
    ask("mallory", f"/certificates/{certificate_id}/print", status=404)
    ask("other_member", path, status=404)
    rows = list(load_workbook(io.BytesIO(ask("member", "/desk/certificates?format=xlsx").data)).worksheets[0].values)
    assert rows[1][:4] == ("liuyin-2026-S0001", "陈*芳", None, "4")
    ask("member", f"{path}/withdraw", {"because": "开错了"})
    ask("alice", f"/certificates/{certificate_id}/print", status=404)


def test_anybody_checks_a_certificate_and_sees_a_masked_name(ask: Any, street: Village, clock: Any) -> None:
    served(street, clock)
    code = papers.code_of("S", issued(street, clock).id)
    answer = ask("nobody", f"/certificates/check?number=liuyin-2026-S0001&code={code}")
    assert "陈*芳" in answer.text
    assert not any(name in answer.text for name, _home, _head in PEOPLE.values())
    assert "noindex" in answer.headers["X-Robots-Tag"]
    for query in (f"number=liuyin-2026-S0002&code={code}", "number=liuyin-2026-S0001&code=AAAAAAAA"):
        wrong = ask("nobody", f"/certificates/check?{query}", status=404)
        assert "陈*芳" not in wrong.text
        assert 'name="number"' in wrong.text, "the form comes back"
    ask("nobody", "/certificates/check?number=&code=", status=422)
    ask("mallory", f"/certificates/check?number=liuyin-2026-S0001&code={code}")
    found = ask("nobody", f"/api/v1/certificates/check?number=liuyin-2026-S0001&code={code}").get_json()
    assert (found["masked_name"], found["stands"], found["minutes"]) == ("陈*芳", True, 240)


@pytest.mark.slow
def test_a_flood_of_checks_from_one_address_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application of its own: everywhere else in the tests nobody counts."""
    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setattr(limiter, "initialized", False)
    busy = create_app({**CONFIG, "RATELIMIT_ENABLED": True, "DATA_DIR": str(tmp_path),
                       "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/busy.db"})
    answers = [busy.test_client().get("/certificates/check").status_code for _n in range(31)]
    assert answers == [200] * 30 + [429]


# ── Leagues, no-shows, years ────────────────────────────────────────────────────────────────────────────────────


def test_leagues_are_kept_with_a_form(ask: Any, street: Village) -> None:
    ask("member", "/desk/honours/leagues", {"leagues-0-name": "干部组", "leagues-0-tags": ["干部", "党员"],
                                            "leagues-1-name": ""})
    assert sorted(one(HonourLeague).tags) == sorted(["党员", "干部"])
    assert "干部组" in ask("member", "/desk/honours/leagues").text
    for bad in ({"leagues-0-name": "干部组"}, {"leagues-0-name": "", "leagues-0-tags": ["干部"]},
                {"leagues-0-name": "甲", "leagues-0-tags": ["没有的"]},
                {"leagues-0-name": "甲", "leagues-0-tags": ["干部"], "leagues-1-name": "甲",
                 "leagues-1-tags": ["党员"]}):
        ask("member", "/desk/honours/leagues", bad, status=422)
    assert one(HonourLeague).name == "干部组"
    ask("reviewer", "/desk/honours/leagues", status=403)


def test_no_shows_are_entered_and_excused_with_forms(ask: Any, street: Village) -> None:
    entry = {"person": "陈桂芳", "on_day": "2026-04-11", "what": "义务植树"}
    ask("member", "/desk/honours/no-shows", entry)
    ask("member", "/desk/honours/no-shows", {**entry, "person": "没有这个人"}, status=422)
    ask("member", "/desk/honours/no-shows", {**entry, "person": "陈"}, status=422)
    ask("member", "/desk/honours/no-shows", {**entry, "on_day": "2026-04-19"}, status=422)
    row = one(NoShow)
    ask("member", f"/desk/honours/no-shows/{row.id}/excuse", {"because": ""}, status=422)
    ask("member", f"/desk/honours/no-shows/{row.id}/excuse", {"because": "住院了"})
    ask("member", f"/desk/honours/no-shows/{row.id}/excuse", {"because": "住院了"}, status=409)
    ask("reviewer", f"/desk/honours/no-shows/{row.id}/excuse", {"because": "住院了"}, status=403)
    assert "住院了" in ask("reviewer", "/desk/honours/no-shows").text


def test_a_year_is_prepared_and_frozen_with_forms(ask: Any, street: Village, clock: Any) -> None:
    clock.at(2025, 6, 1)
    give(street, "alice", 10, 20)
    give(street, "bob", 0, 5, household=True)
    clock.at(2026, 1, 5)
    ask("member", "/desk/honours/years", {"year": "2026"}, status=422)
    ask("member", "/desk/honours/years", {"year": "2025"})
    path = f"/desk/honours/years/{one(HonourYear).id}"
    ask("member", f"{path}/freeze", {}, status=403)
    assert "和账对得上" in ask("second", f"{path}?check=1").text
    ask("second", f"{path}/freeze", {})
    page = ask("member", path).text
    assert "陈桂芳" in page
    assert "1-0412" in page
    sheet = list(load_workbook(io.BytesIO(ask("member", f"{path}?format=xlsx").data)).worksheets[0].values)
    assert len(sheet) == 3
    assert "2025" in ask("alice", "/honours").text


def test_the_desk_counts_what_waits_for_somebody_else(ask: Any, street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    ask("reviewer", "/desk/honours/look", {})
    assert "项荣誉要看" in ask("member", "/desk").text
    assert "项荣誉要看" not in ask("reviewer", "/desk").text
    ask("alice", "/certificates/new", {"since_on": "2026-01-01", "until_on": "2026-04-18"})
    assert "份证明要办" in ask("reviewer", "/desk").text
    assert one(HonourProposal).figures_on == dt.date(2026, 4, 18)


# ── The API ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_honours_as_json(ask: Any, street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10, 5)
    mine = ask("alice", "/api/v1/honours").get_json()
    assert (mine["ladders"][0]["minutes"], mine["ladders"][0]["honour"], mine["ladders"][0]["step"]) == (600, "5", None)
    found = ask("member", "/api/v1/honours/proposals", json={}, status=200).get_json()
    assert len(found["proposed"]) == 1
    listed = ask("member", "/api/v1/honours/proposals").get_json()
    assert listed["items"][0]["minutes"] == 600
    ids = found["proposed"]
    ask("member", "/api/v1/honours/decisions", json={"ids": ids, "confirm": True}, status=403)
    done = ask("second", "/api/v1/honours/decisions", json={"ids": ids, "confirm": True}, status=200).get_json()
    assert done["items"][0]["state"] == "confirmed"
    assert ask("alice", "/api/v1/honours/shown", json={"shown": False}, status=200).get_json()["is_hidden"] is True
    ask("alice", "/api/v1/honours/proposals", status=403)


def test_certificates_as_json(ask: Any, street: Village) -> None:
    made = ask("alice", "/api/v1/certificates", json={"since_on": "2026-01-01", "until_on": "2026-04-18"},
               status=201).get_json()
    assert made["state"] == "requested"
    assert ask("alice", "/api/v1/certificates").get_json()[0]["id"] == made["id"]
    assert ask("member", f"/api/v1/certificates/{made['id']}").get_json()["id"] == made["id"]
    ask("bob", f"/api/v1/certificates/{made['id']}", status=404)
    ask("other_member", f"/api/v1/certificates/{made['id']}", status=404)
    again = ask("alice", "/api/v1/certificates", json={"since_on": "2026-01-01", "until_on": "2026-04-18"}, status=409)
    assert again.get_json()["error"]["code"] == "honours.already_asked"
    assert ask("member", "/api/v1/certificates/register").get_json()["items"] == []
