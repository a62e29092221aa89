"""Whole lists as files: one asks, another decides, the first takes it along, and every step stands in the audit."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden, Invalid, NotFound
from pointsbank.notifications.models import InboxMessage
from pointsbank.notifications.queries import said
from pointsbank.people import listing, services
from pointsbank.people.errors import (
    ExportDecided,
    ExportExpired,
    ExportNeedsAnother,
    ExportNotYours,
    ExportOpen,
)
from pointsbank.people.models import (
    Appointment,
    ExportKind,
    ExportRequest,
    ExportState,
    LinkKind,
    Resident,
    UserResident,
)
from tests.people.support import WHY, approved, ask, audit


def cells(answer: Any) -> list[list[Any]]:
    return [list(row) for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)]


def lives_here(village: Any, user: str, resident: str) -> None:
    """This member of the staff is this resident as well, and so has an inbox."""
    with transaction():
        db.session.add(UserResident(user_id=village.users[user], resident_id=village.residents[resident],
                                    kind=LinkKind.SELF, created_at=house_clock.now()))


def told(village: Any, resident: str) -> list[tuple[str, str | None]]:
    rows = db.session.scalars(sa.select(InboxMessage).where(
        InboxMessage.resident_id == village.residents[resident]).order_by(InboxMessage.id)).all()
    db.session.rollback()
    return [(said(r.text, r.params), r.link) for r in rows]


# ── The way of a list ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_is_asked_for_approved_and_downloaded_and_each_step_is_one_row(app, village, clock):
    member, second = app.test_client(), app.test_client()
    village.sign_in(member, "member")
    village.sign_in(second, "second")
    form = {"kind": "residents", "reason": WHY}
    assert member.get("/desk/exports/new?kind=residents").status_code == 200
    address = member.post("/desk/exports", data=form).location
    assert "申请人" in member.get(address).text
    assert "/approve" not in member.get(address).text
    assert WHY in second.get(address).text
    assert second.post(f"{address}/approve").status_code == 303
    answer = member.post(f"{address}/file")
    rows = cells(answer)
    assert [r[0] for r in rows[1:]] == sorted(r[0] for r in rows[1:])
    assert {"陈桂芳", "李明贵"} <= {r[0] for r in rows}
    assert len(rows) == 9
    assert not any("1000000000" in str(cell) for row in rows for cell in row)
    with app.app_context():
        asker, other = f"user:{village.users['member']}", f"user:{village.users['second']}"
        assert audit() == [
            ("people.ask_export", asker, {"kind": "residents", "rows": 8, "reason": WHY}),
            ("people.approve_export", other, None),
            ("people.download_export", asker, {"rows": 8, "download": 1})]


def test_each_download_leaves_exactly_one_row(app, village, clock):
    client = village.sign_in(app.test_client(), "member")
    with app.app_context():
        export_id = approved(village, kind=ExportKind.HOUSEHOLDS)
    answers = [client.post(f"/desk/exports/{export_id}/file", data={"_once": "the same tap"}) for _ in range(3)]
    assert [cells(a)[1][1] for a in answers] == ["蒋玉珍"] * 3
    with app.app_context():
        assert [detail for _v, _a, detail in audit("download")] == [{"rows": 7, "download": n} for n in (1, 2, 3)]


def test_a_search_narrows_the_list_as_it_did_when_it_was_asked_for(app, village, clock):
    with app.app_context():
        export_id = approved(village, search="2-0317")
        assert db.session.get_one(ExportRequest, export_id).rows == 2
    client = village.sign_in(app.test_client(), "member")
    assert {r[0] for r in cells(client.post(f"/desk/exports/{export_id}/file"))[1:]} == {"陈桂芳", "陈志强"}
    assert "2-0317" in client.get(f"/desk/exports/{export_id}").text


def test_those_who_moved_out_are_a_list_of_their_own(app, village, clock):
    with app.app_context():
        with transaction():
            services.move_out(village.actor("member"), village.residents["erin"])
        export_id = approved(village, moved_out=True)
    client = village.sign_in(app.test_client(), "member")
    assert [r[0] for r in cells(client.post(f"/desk/exports/{export_id}/file"))[1:]] == ["唐小芹"]


# ── One person alone gets nothing ───────────────────────────────────────────────────────────────────────────────


def test_one_person_alone_gets_nothing(app, village, clock):
    client = village.sign_in(app.test_client(), "member")
    assert client.get("/desk/residents?format=xlsx").mimetype == "text/html"
    assert client.get("/desk/households?format=xlsx").mimetype == "text/html"
    with app.app_context():
        export_id = ask(village)
    refused = client.post(f"/desk/exports/{export_id}/file")
    assert (refused.status_code, "没有第二个人同意" in refused.text) == (403, True)
    assert client.post(f"/desk/exports/{export_id}/approve").status_code == 403
    assert client.post(f"/desk/exports/{export_id}/file").status_code == 403
    with app.app_context():
        assert [verb for verb, _actor, _detail in audit()] == ["people.ask_export"]
        assert db.session.get_one(ExportRequest, export_id).state is ExportState.ASKED


def test_nobody_approves_or_refuses_their_own_request(app, village, clock):
    with app.app_context():
        export_id = ask(village)
        for decide in (lambda: services.approve_export(village.actor("member"), export_id),
                       lambda: services.refuse_export(village.actor("member"), export_id, "不需要")):
            with pytest.raises(ExportNeedsAnother), transaction():
                decide()


def test_the_database_refuses_a_request_decided_by_who_asked(app, village, clock):
    with app.app_context():
        export_id = ask(village)
        itself = sa.update(ExportRequest).where(ExportRequest.id == export_id).values(
            state=ExportState.APPROVED, decided_by_id=village.users["member"], decided_at=house_clock.now())
        with pytest.raises(sa.exc.IntegrityError, match="second_person"), transaction():
            db.session.execute(itself)
        with transaction():  # the control: with another name the same statement goes through
            db.session.execute(itself.values(decided_by_id=village.users["second"]))


@pytest.mark.parametrize(("values", "check"), [
    ({"state": ExportState.APPROVED}, "decided"), ({"downloads": 1}, "downloads")])
def test_the_database_refuses_an_approval_by_nobody_and_a_download_without_one(app, village, clock, values, check):
    with app.app_context():
        export_id = ask(village)
        with pytest.raises(sa.exc.IntegrityError, match=check), transaction():
            db.session.execute(sa.update(ExportRequest).where(ExportRequest.id == export_id).values(**values))


@pytest.mark.parametrize("key", ["alice", "leader", "keeper", "stock", "shop_boss", "grid"])
def test_only_the_desk_asks(app, village, clock, key):
    with app.app_context(), pytest.raises(Forbidden), transaction():
        services.ask_for_export(village.actor(key), ExportKind.RESIDENTS, WHY)
    client = village.sign_in(app.test_client(), key)
    assert client.get("/desk/exports").status_code == 403
    assert client.post("/desk/exports", data={"kind": "residents", "reason": WHY}).status_code == 403


def test_a_reviewer_asks_and_does_not_decide(app, village, clock):
    with app.app_context():
        export_id = ask(village, "reviewer")
        other = ask(village, "member")
        with pytest.raises(Forbidden), transaction():
            services.approve_export(village.actor("reviewer"), other)
        for key in ("admin", "supervisor"):
            with transaction():
                services.approve_export(village.actor(key), export_id if key == "admin" else other)
    client = village.sign_in(app.test_client(), "reviewer")
    assert client.post(f"/desk/exports/{export_id}/file").status_code == 200


def test_only_who_asked_downloads(app, village, clock):
    with app.app_context():
        export_id = approved(village)
        for key in ("second", "admin", "reviewer"):
            with pytest.raises(ExportNotYours), transaction():
                services.take_export(village.actor(key), export_id, 8)
    client = village.sign_in(app.test_client(), "second")
    assert client.post(f"/desk/exports/{export_id}/file").status_code == 403
    with app.app_context():
        assert audit("download") == []


def test_a_role_that_ended_takes_the_approval_with_it(app, village, clock):
    client = village.sign_in(app.test_client(), "member")
    with app.app_context():
        export_id = approved(village)
        with transaction():
            db.session.execute(sa.update(Appointment).where(Appointment.user_id == village.users["member"])
                               .values(until_at=house_clock.now()))
    clock.forward(seconds=1)
    assert client.post(f"/desk/exports/{export_id}/file").status_code == 403


# ── A day and three times ───────────────────────────────────────────────────────────────────────────────────────


def test_after_24_hours_it_is_over(app, village, clock):
    client = village.sign_in(app.test_client(), "member")
    with app.app_context():
        export_id = approved(village)
    clock.forward(hours=23, minutes=59)
    assert client.post(f"/desk/exports/{export_id}/file").status_code == 200
    clock.forward(minutes=1)
    refused = client.post(f"/desk/exports/{export_id}/file")
    assert (refused.status_code, "24 小时" in refused.text) == (409, True)
    assert "重新申请" in client.get(f"/desk/exports/{export_id}").text
    with app.app_context():
        assert len(audit("download")) == 1
        with pytest.raises(ExportExpired), transaction():
            services.take_export(village.actor("member"), export_id, 8)


def test_a_fourth_download_is_refused_with_a_sentence(app, village, clock):
    client = village.sign_in(app.test_client(), "member")
    with app.app_context():
        export_id = approved(village)
    codes = [client.post(f"/desk/exports/{export_id}/file").status_code for _ in range(3)]
    refused = client.post(f"/desk/exports/{export_id}/file")
    assert (codes, refused.status_code) == ([200] * 3, 409)
    assert "已经下载过 3 次" in refused.text
    with app.app_context():
        assert len(audit("download")) == 3


def test_a_refusal_needs_a_reason_and_ends_the_request(app, village, clock):
    member, second = app.test_client(), app.test_client()
    village.sign_in(member, "member")
    village.sign_in(second, "second")
    with app.app_context():
        export_id = ask(village)
    address = f"/desk/exports/{export_id}"
    assert second.post(f"{address}/refuse", data={"answer": " "}).status_code == 422
    assert second.post(f"{address}/refuse", data={"answer": "按楼栋问网格员即可"}).status_code == 303
    assert "按楼栋问网格员即可" in member.get(address).text
    assert member.post(f"{address}/file").status_code == 403
    with app.app_context():
        for decide in (lambda: services.approve_export(village.actor("admin"), export_id),
                       lambda: services.refuse_export(village.actor("admin"), export_id, "不需要")):
            with pytest.raises(ExportDecided), transaction():
                decide()
        assert [row[0] for row in audit()] == ["people.ask_export", "people.refuse_export"]
        assert audit("refuse")[0][2] == {"reason": "按楼栋问网格员即可"}


@pytest.mark.parametrize("reason", ["", " ", "x", "x" * 201])
def test_without_a_reason_nothing_is_asked(app, village, clock, reason):
    with app.app_context(), pytest.raises(Invalid) as refusal, transaction():
        services.ask_for_export(village.actor("member"), ExportKind.RESIDENTS, reason)
    assert "reason" in refusal.value.fields
    client = village.sign_in(app.test_client(), "member")
    answer = client.post("/desk/exports", data={"kind": "residents", "reason": reason, "search": "2-03"})
    assert answer.status_code == 422
    assert 'value="2-03"' in answer.text


def test_the_same_list_is_not_asked_for_twice_while_it_waits(app, village, clock):
    with app.app_context():
        first = ask(village)
        with pytest.raises(ExportOpen), transaction():
            services.ask_for_export(village.actor("member"), ExportKind.RESIDENTS, WHY)
        ask(village, kind=ExportKind.HOUSEHOLDS)
        ask(village, "second")
    client = village.sign_in(app.test_client(), "member")
    answer = client.post("/desk/exports", data={"kind": "residents", "reason": WHY})
    assert (answer.status_code, WHY in answer.text) == (409, True)
    with app.app_context():
        with transaction():
            services.refuse_export(village.actor("second"), first, "先等一等")
        ask(village)


# ── Who hears of it ─────────────────────────────────────────────────────────────────────────────────────────────


def test_who_may_decide_is_told_and_so_is_who_asked(app, village, clock):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        for user, resident in (("member", "dora"), ("second", "grace"), ("reviewer", "frank"), ("admin", "bob")):
            lives_here(village, user, resident)
        export_id = ask(village)
        link = f"/desk/exports/{export_id}"
        text = f"member (柳荫社区) asks for a file: List of residents. What for: {WHY}. A second person decides."
        assert (told(village, "grace"), told(village, "bob")) == ([(text, link)], [(text, link)])
        assert (told(village, "dora"), told(village, "frank"), told(village, "mallory")) == ([], [], [])
        with transaction():
            services.approve_export(village.actor("second"), export_id)
        assert told(village, "dora") == [
            ("Your request was approved: List of residents. Download it within 24 hours.", link)]


def test_what_waits_stands_on_the_desk_of_those_who_decide(app, village, clock):
    with app.app_context():
        ask(village)
        ask(village, "reviewer")

    def waiting(key: str) -> str:
        page = village.sign_in(app.test_client(), key).get("/desk").text
        return page[page.index("<main"):].partition('href="/desk/exports"')[2][:120]

    assert "<b>1<small>" in waiting("member")
    assert "<b>2<small>" in waiting("second")
    assert waiting("reviewer") == ""


def test_where_nobody_else_may_decide_the_area_above_does_and_everybody_sees_it(app, village, clock):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        lives_here(village, "supervisor", "mallory")
        with transaction():
            db.session.execute(sa.update(Appointment).where(Appointment.user_id.in_(
                [village.users["second"], village.users["admin"]])).values(until_at=house_clock.now()))
        clock.forward(seconds=1)
        export_id = ask(village)
        assert db.session.get_one(ExportRequest, export_id).sent_up_area_id == village.town
        [(text, link)] = told(village, "mallory")
        assert (text.startswith("member (柳荫社区) asks for a file"), link) == (True, None)
        row = db.session.scalars(sa.select(InboxMessage)).one()
        assert row.community_id == village.other
        db.session.rollback()
    page = village.sign_in(app.test_client(), "member").get(f"/desk/exports/{export_id}").text
    assert "交给了柳河街道" in page
    with app.app_context():
        with transaction():
            services.approve_export(village.actor("supervisor"), export_id)
        with transaction():
            services.take_export(village.actor("member"), export_id, 8)


def test_an_office_above_in_another_community_is_told_from_the_page_too(app, village, clock):
    """On PostgreSQL the page is confined to its community; the inbox of the supervisor lies in another one."""
    with app.app_context():
        lives_here(village, "supervisor", "mallory")
        with transaction():
            db.session.execute(sa.update(Appointment).where(Appointment.user_id.in_(
                [village.users["second"], village.users["admin"]])).values(until_at=house_clock.now()))
    clock.forward(seconds=1)
    client = village.sign_in(app.test_client(), "member")
    assert client.post("/desk/exports", data={"kind": "residents", "reason": WHY}).status_code == 303
    with app.app_context():
        assert len(told(village, "mallory")) == 1


def test_with_nobody_anywhere_it_waits_for_the_parent_area(app, village, clock):
    with app.app_context():
        with transaction():
            db.session.execute(sa.update(Appointment).where(Appointment.user_id != village.users["member"])
                               .values(until_at=house_clock.now()))
        clock.forward(seconds=1)
        assert db.session.get_one(ExportRequest, ask(village)).sent_up_area_id == village.town


# ── Next door ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_requests_of_another_community_do_not_exist(app, village, clock):
    with app.app_context():
        export_id = approved(village)
        with pytest.raises(NotFound), transaction():
            services.take_export(village.actor("other_member"), export_id, 8)
        bearer = village.bearer(app, "other_member")
    client = village.sign_in(app.test_client(), "other_member")
    page, api = f"/desk/exports/{export_id}", f"/api/v1/exports/{export_id}"
    assert [client.get(page).status_code, client.post(f"{page}/approve").status_code,
            client.post(f"{page}/refuse", data={"answer": "不行"}).status_code,
            client.post(f"{page}/file").status_code] == [404] * 4
    assert WHY not in client.get("/desk/exports").text
    browser = app.test_client()
    assert [browser.get(api, headers=bearer).status_code, browser.post(f"{api}/approve", headers=bearer).status_code,
            browser.post(f"{api}/refuse", json={"reason": "不行"}, headers=bearer).status_code,
            browser.post(f"{api}/file", headers=bearer).status_code] == [404] * 4
    assert browser.get("/api/v1/exports", headers=bearer).json["items"] == []


def test_the_whole_way_as_json(app, village, clock):
    client = app.test_client()
    member, second = village.bearer(app, "member"), village.bearer(app, "second")
    body = {"kind": "residents", "reason": WHY, "search": "陈"}
    made = client.post("/api/v1/exports", json=body, headers=member)
    assert (made.status_code, made.json["rows"], made.json["state"]) == (201, 2, "asked")
    address = f"/api/v1/exports/{made.json['id']}"
    assert client.post(f"{address}/file", headers=member).json["error"]["code"] == "people.export_not_approved"
    own = client.post(f"{address}/approve", headers=member)
    assert (own.status_code, own.json["error"]["code"]) == (403, "people.export_needs_another")
    given = client.post(f"{address}/approve", headers=second).json
    assert (given["state"], given["good_until"]) == ("approved", "2026-04-19T01:00:00+00:00")
    assert client.post(f"{address}/file", headers=second).json["error"]["code"] == "people.export_not_yours"
    files = [client.post(f"{address}/file", headers={**member, "Idempotency-Key": "k"}) for _ in range(4)]
    assert [f.status_code for f in files] == [200, 200, 200, 409]
    assert files[3].json["error"]["code"] == "people.export_used_up"
    assert len(cells(files[0])) == 3
    assert client.get("/api/v1/exports", headers=second).json["items"][0]["downloads"] == 3
    refused = client.post("/api/v1/exports", json={**body, "kind": "households"}, headers=member).json["id"]
    answer = client.post(f"/api/v1/exports/{refused}/refuse", json={"reason": "不需要"}, headers=second).json
    assert (answer["state"], answer["answer"]) == ("refused", "不需要")


def test_the_list_of_requests_costs_the_same_for_few_and_for_many(app, village, clock, queries):
    client = village.sign_in(app.test_client(), "member")

    def cost() -> int:
        with queries() as seen:
            assert client.get("/desk/exports").status_code == 200
        return len(seen)

    with app.app_context():
        approved(village)
    few = cost()
    with app.app_context():
        for _ in range(6):
            for key in ("member", "reviewer"):
                approved(village, key)
                clock.forward(minutes=1)
    assert cost() == few <= 8


def test_a_list_counts_what_its_file_holds(app, village, clock):
    with app.app_context():
        actor = village.actor("member")
        assert listing.count_listed(actor, ExportKind.RESIDENTS) == len(listing.all_residents(actor)) == 8
        assert listing.count_listed(actor, ExportKind.HOUSEHOLDS, text="2-") == 3
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Resident)) == 9
