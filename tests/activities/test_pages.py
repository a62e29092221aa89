"""Every page of the room, as each of its readers sees it, and what it costs."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from pointsbank.activities import queries as asked
from pointsbank.activities import services
from pointsbank.activities.errors import NotLeader
from pointsbank.activities.models import Activity, ActivityState, Attendance, CheckInMode, Occurrence, SignUp
from pointsbank.core import clock as house_clock
from pointsbank.core import qr, tokens
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, transaction
from pointsbank.people.models import Card, CardState
from tests.activities.support import add_people, bearer, draft, found_morning, scan_in

FORM = {"title": "巡河", "kind": "volunteering", "day": "2026-04-20", "starts": "09:00", "ends": "11:30",
        "mode": "in_out", "place": "河边", "needs_sign_up": "y", "capacity": "12", "text": "带手套",
        "venue_id": "0", "item_code": ""}


@pytest.fixture
def morning(app, clock, village):
    with app.app_context():
        made = found_morning(village, sign_up=("dora",), mode=CheckInMode.IN_OUT)
        for key in ("alice", "dora", "erin"):
            scan_in(village, made, key)
    return made


def stored(app, model, **where):
    with app.app_context():
        return db.session.scalars(sa.select(model).filter_by(**where).order_by(model.id)).all()


def test_a_leader_plans_and_the_committee_approves_on_the_page(app, clock, village, client):
    village.sign_in(client, "leader")
    assert client.get("/lead/activities/new").status_code == 200
    answer = client.post("/lead/activities/new", data={**FORM, "team_id": str(village.team)})
    assert answer.status_code == 303, answer.text
    assert client.get(answer.location).status_code == 200
    [activity] = stored(app, Activity)
    assert (activity.capacity, activity.mode, activity.submitted_at is not None) == (12, CheckInMode.IN_OUT, True)
    assert client.post(f"/desk/activities/{activity.id}/publish").status_code == 403
    village.sign_in(client, "member")
    assert "巡河" in client.get("/desk/activities?state=waiting").text
    assert client.get(f"/desk/activities/{activity.id}").status_code == 200
    assert client.post(f"/desk/activities/{activity.id}/return", data={"note": "写明集合地点"}).status_code == 303
    village.sign_in(client, "leader")
    assert "写明集合地点" in client.get(f"/lead/activities/{activity.id}").text
    changed = client.post(f"/lead/activities/{activity.id}/edit", data={**FORM, "team_id": str(village.team),
                                                                       "place": "河边石桥"})
    assert changed.status_code == 303
    village.sign_in(client, "member")
    assert client.post(f"/desk/activities/{activity.id}/publish").status_code == 303
    assert stored(app, Activity)[0].state is ActivityState.PUBLISHED


def test_a_form_that_is_not_right_comes_back_filled_in(app, clock, village, client):
    village.sign_in(client, "leader")
    answer = client.post("/lead/activities/new", data={**FORM, "title": "", "team_id": str(village.team)})
    assert answer.status_code == 422
    assert "河边" in answer.text
    assert stored(app, Activity) == []


def test_a_resident_signs_up_and_cancels_on_the_page(app, clock, village, client):
    with app.app_context():
        made = found_morning(village, opened=False, starts_at=clock.instant.replace(hour=6),
                             ends_at=clock.instant.replace(hour=8))
    village.sign_in(client, "erin")
    assert "楼道清洁日" in client.get("/activities").text
    page = f"/activities/{made.activity}"
    assert client.get(page).status_code == 200
    assert client.post(f"/occurrences/{made.occurrence}/sign-up", follow_redirects=True).status_code == 200
    assert stored(app, SignUp)[0].state == "signed_up"
    assert client.post(f"/occurrences/{made.occurrence}/cancel-sign-up", follow_redirects=True).status_code == 200
    assert stored(app, SignUp)[0].state == "cancelled"
    calendar = client.get(f"{page}.ics")
    assert calendar.mimetype == "text/calendar"
    assert "SUMMARY:楼道清洁日" in calendar.text
    assert "DTSTART;TZID=Asia/Shanghai:20260418T140000" in calendar.text


def test_a_draft_is_nobodys_but_its_leaders(app, clock, village, client):
    with app.app_context(), transaction():
        activity = services.plan(village.actor("leader"), draft(village))
    village.sign_in(client, "alice")
    assert client.get(f"/activities/{activity.id}").status_code == 404
    assert client.get(f"/activities/{activity.id}.ics").status_code == 404
    assert "楼道清洁日" not in client.get("/activities").text


LEADER_PAGES = ["/lead", "/lead/activities/{activity}", "/lead/occurrences/{occurrence}/code",
                "/lead/occurrences/{occurrence}/code?kind=out", "/lead/occurrences/{occurrence}/code.json?draw=1",
                "/lead/occurrences/{occurrence}/card", "/lead/occurrences/{occurrence}/roster",
                "/lead/occurrences/{occurrence}/close"]
DESK_PAGES = ["/desk/activities", "/desk/activities/{activity}", "/desk/venues", "/desk/activities?format=xlsx"]


def test_every_page_opens_for_its_reader_and_for_nobody_else(app, clock, village, client, morning):
    def fill(path):
        return path.format(activity=morning.activity, occurrence=morning.occurrence)

    village.sign_in(client, "leader")
    assert {path: client.get(fill(path)).status_code for path in LEADER_PAGES} == dict.fromkeys(LEADER_PAGES, 200)
    village.sign_in(client, "member")
    assert {path: client.get(fill(path)).status_code for path in DESK_PAGES} == dict.fromkeys(DESK_PAGES, 200)
    for key, allowed in (("alice", {403}), ("keeper", {403}), ("other_member", {200, 404}), ("mallory", {403})):
        village.sign_in(client, key)
        for path in [*LEADER_PAGES, *DESK_PAGES]:
            answer = client.get(fill(path))
            assert answer.status_code in allowed, (key, path, answer.status_code)
            assert "楼道清洁日".encode() not in answer.data, (key, path)


def test_the_screens_code_is_the_one_that_the_server_takes(app, clock, village, client, morning):
    village.sign_in(client, "leader")
    page = client.get(f"/lead/occurrences/{morning.occurrence}/code").text
    with app.app_context():
        text = f"HTTP://LOCALHOST/S/{morning.token()}"
        matrix = [row[2:-2] for row in qr.modules(text)[2:-2]]
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    assert path in page
    assert re.search(r'data-key="[0-9a-f]{64}"', page)
    assert '<noscript><meta http-equiv="refresh"' in page


def test_over_plain_http_the_key_stays_on_the_server(app, clock, village, client, morning):
    village.sign_in(client, "leader")
    client.set_cookie("pointsbank", client.get_cookie("pointsbank").value, domain="192.168.1.5")
    page = client.get(f"/lead/occurrences/{morning.occurrence}/code", base_url="http://192.168.1.5:8000")
    assert 'data-key=""' in page.text
    drawn = client.get(f"/lead/occurrences/{morning.occurrence}/code.json?draw=1").json["drawn"]
    assert set(drawn) == {"size", "path", "number", "seconds"}


def test_names_on_the_held_up_screen_are_masked(app, clock, village, client, morning):
    village.sign_in(client, "leader")
    for path in ("code", "code.json"):
        text = client.get(f"/lead/occurrences/{morning.occurrence}/{path}").get_data(as_text=True)
        assert "陈桂芳" not in text
        facts = client.get(f"/lead/occurrences/{morning.occurrence}/code.json").json
        assert facts["rows"][0]["name"] == "唐*芹"
        assert (facts["here"], facts["signed_up"], facts["waiting"]) == (2, 1, 1)


def test_one_tap_accepts_who_waits(app, clock, village, client, morning):
    village.sign_in(client, "leader")
    row = client.get(f"/lead/occurrences/{morning.occurrence}/code.json").json["rows"][0]
    assert client.post(row["accept"], data={"kind": "in"}).status_code == 303
    assert client.get(f"/lead/occurrences/{morning.occurrence}/code.json").json["waiting"] == 0


def card_of(app, village, key):
    code, number = tokens.to_base32(bytes(range(10))), tokens.random_number(8)
    with app.app_context(), transaction():
        db.session.add(Card(community_id=village.community, resident_id=village.residents[key], issue=1,
                            code_hash=tokens.digest(code), number=number, state=CardState.ACTIVE,
                            issued_at=house_clock.now()))
    return code, number


def picture_of(text: str) -> bytes:
    from PIL import Image

    matrix = qr.modules(text)
    image = Image.new("L", (len(matrix), len(matrix)), 255)
    image.putdata([0 if dark else 255 for row in matrix for dark in row])
    out = io.BytesIO()
    image.resize((len(matrix) * 9, len(matrix) * 9), Image.Resampling.NEAREST).rotate(
        12, expand=True, fillcolor=255).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_a_card_is_read_by_its_number_its_address_and_a_photo(app, clock, village, client, morning):
    code, number = card_of(app, village, "grace")
    village.sign_in(client, "leader")
    url = f"/lead/occurrences/{morning.occurrence}/card"
    page = client.get(f"/C/{code}")
    assert "谭永康" in page.text
    assert client.post(url, data={"card": code, "kind": "in"}).status_code == 303
    assert client.post(url, data={"card": number, "kind": "out"}).status_code == 303
    photo = {"photo": (io.BytesIO(picture_of(f"HTTP://LOCALHOST/C/{code}")), "card.jpg"), "kind": "in"}
    assert client.post(url, data=photo, content_type="multipart/form-data").status_code == 303
    blank = {"photo": (io.BytesIO(picture_of("HELLO")), "card.jpg"), "kind": "in"}
    assert client.post(url, data=blank, content_type="multipart/form-data").status_code in (404, 422)
    assert client.post(url, data={"card": "12345678", "kind": "in"}).status_code in (404, 422)
    assert client.post(url, data={"kind": "in"}).status_code == 422
    assert len(stored(app, Attendance, resident_id=village.residents["grace"])) == 1


def test_a_card_explains_itself_to_everybody_else(app, clock, village, client, morning):
    code, _number = card_of(app, village, "grace")
    assert "谭永康" not in client.get(f"/c/{code}").text
    village.sign_in(client, "alice")
    page = client.get(f"/c/{code}")
    assert page.status_code == 200
    assert "谭永康" not in page.text


def test_a_whole_sheet_is_entered_with_its_photo(app, clock, village, client, morning):
    clock.forward(hours=3)
    village.sign_in(client, "leader")
    url = f"/lead/occurrences/{morning.occurrence}/roster"
    data = {"who": [village.residents["bob"]], "others": "谭永康\n", "method": "paper", "reason": "手机没电",
            "starts": "09:00", "ends": "11:00", "photo": (io.BytesIO(picture_of("SHEET")), "sheet.jpg")}
    assert client.post(url, data=data, content_type="multipart/form-data").status_code == 303
    rows = {a.resident_id: a for a in stored(app, Attendance)}
    assert rows[village.residents["bob"]].minutes == rows[village.residents["grace"]].minutes == 120
    page = client.get(f"/lead/activities/{morning.activity}").text
    assert "/photos/" in page or "media" in page
    wrong = client.post(url, data={"others": "无此人", "method": "paper", "reason": "x"})
    assert wrong.status_code == 422
    assert "无此人" in wrong.text


def test_a_leader_closes_on_the_page(app, clock, village, client, morning):
    clock.forward(hours=2)
    village.sign_in(client, "leader")
    url = f"/lead/occurrences/{morning.occurrence}/close"
    assert client.get(url).status_code == 200
    differs = client.post(url, data={"headcount": "7"})
    assert differs.status_code == 409
    assert 'name="anyway"' in differs.text
    assert client.post(url, data={"headcount": "7", "anyway": "y"}).status_code == 303
    [occurrence] = stored(app, Occurrence)
    assert (occurrence.state, occurrence.headcount, occurrence.counted) == ("closed", 7, 2)
    village.sign_in(client, "alice")
    [row] = stored(app, Attendance, resident_id=village.residents["alice"])
    assert client.get(f"/attendances/{row.id}").status_code == 200
    village.sign_in(client, "bob")
    assert client.get(f"/attendances/{row.id}").status_code == 404


def test_the_lists_come_as_excel(app, clock, village, client, morning):
    village.sign_in(client, "member")
    book = load_workbook(io.BytesIO(client.get("/desk/activities?format=xlsx").data))
    assert [c.value for c in book.active[2]][1] == "楼道清洁日"
    roster = load_workbook(io.BytesIO(client.post(f"/desk/activities/{morning.activity}/roster").data))
    assert roster.active.max_row == 6


@pytest.mark.slow
def test_whole_names_on_paper_or_in_a_file_leave_one_row_each(app, clock, village, client, morning):
    sheet, roster = f"/lead/occurrences/{morning.occurrence}/sheet", f"/desk/activities/{morning.activity}/roster"
    village.sign_in(client, "leader")
    assert "陈桂芳" in client.post(sheet).text
    village.sign_in(client, "reviewer")
    assert client.post(roster).data[:2] == b"PK"
    rows = stored(app, AuditRow, object_key=f"occurrence:{morning.occurrence}")
    assert [(r.actor_key, r.verb, r.detail) for r in rows if "rows" in (r.detail or {})] == [
        (f"user:{village.users['leader']}", "activities.print_sheet", {"rows": 5}),
        (f"user:{village.users['reviewer']}", "activities.download_roster", {"rows": 5})]
    assert [client.get(sheet).status_code, client.get(roster).status_code] == [405, 405]
    for key, codes in (("alice", [403, 403]), ("keeper", [403, 403]), ("other_member", [404, 404])):
        village.sign_in(client, key)
        assert [client.post(sheet).status_code, client.post(roster).status_code] == codes, key
    with app.app_context(), pytest.raises(NotLeader), transaction():
        services.take_roster(village.actor("grid"), morning.occurrence, on_paper=True)


def test_a_code_on_the_wall_is_added_and_printed(app, clock, village, client):
    village.sign_in(client, "member")
    assert client.post("/desk/venues", data={"name": "小广场"}).status_code == 303
    assert client.post("/desk/venues", data={"name": "小广场"}).status_code == 422
    assert "pb-qr-svg" in client.get("/desk/venues/1/print").text or client.get("/desk/venues").status_code == 200
    village.sign_in(client, "reviewer")
    assert client.post("/desk/venues", data={"name": "河边"}).status_code in (403, 422)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/activities", "/lead", "/lead/occurrences/{occurrence}/roster",
                                  "/lead/occurrences/{occurrence}/code", "/lead/occurrences/{occurrence}/close"])
def test_a_list_sends_no_statement_a_row(app, clock, village, client, queries, path):
    def cost(made):
        with queries() as seen:
            assert client.get(path.format(occurrence=made.occurrence)).status_code == 200
        return len(seen)

    with app.app_context():
        few = found_morning(village, sign_up=("dora",))
        scan_in(village, few, "dora")
    village.sign_in(client, "leader" if path.startswith("/lead") else "dora")
    client.get(path.format(occurrence=few.occurrence))
    before = cost(few)
    with app.app_context():
        keys = add_people(village, 9)
        many = found_morning(village, sign_up=tuple(keys))
        for key in keys:
            scan_in(village, many, key)
    assert cost(many) <= before
    assert before <= 14


def test_the_desks_list_sends_no_statement_a_row(app, clock, village, client, queries):
    def cost():
        with queries() as seen:
            assert client.get("/desk/activities").status_code == 200
        return len(seen)

    with app.app_context():
        found_morning(village)
    village.sign_in(client, "member")
    client.get("/desk/activities")
    before = cost()
    with app.app_context():
        for _n in range(5):
            found_morning(village)
    assert cost() <= before
    with app.app_context():
        assert asked.waiting_count(village.community) == 0


def test_the_interface_walks_from_plan_to_close(app, clock, village, client):
    with app.app_context():
        leader, member = bearer(village, "leader"), bearer(village, "member")
        dora, mallory = bearer(village, "dora"), bearer(village, "mallory")
    given = {"title": "巡河", "starts_at": "2026-04-18T09:00:00+08:00", "ends_at": "2026-04-18T11:00:00+08:00",
             "team_id": village.team, "mode": "in_out"}
    made = client.post("/api/v1/activities", json=given, headers=leader)
    assert made.status_code == 201, made.text
    activity = made.json["id"]
    assert client.post(f"/api/v1/activities/{activity}/publish", headers=leader).status_code == 403
    assert client.post(f"/api/v1/activities/{activity}/publish", headers=member).json["state"] == "published"
    [listed] = client.get("/api/v1/activities", headers=dora).json["items"]
    occurrence = listed["occurrence"]["id"]
    assert client.get("/api/v1/activities", headers=mallory).json["items"] == []
    assert client.post(f"/api/v1/occurrences/{occurrence}/sign-ups", headers=mallory).status_code == 404
    assert client.post(f"/api/v1/occurrences/{occurrence}/sign-ups", headers=dora).status_code == 201
    screen = client.post(f"/api/v1/occurrences/{occurrence}/screens", headers=leader).json
    wrong = client.post("/api/v1/check-ins/number", json={"number": f"{(int(screen['number']) + 1) % 10000:04d}"},
                        headers=dora)
    assert wrong.json == {"accepted": False, "tries_left": 4, "attendance": None}
    right = client.post("/api/v1/check-ins/number", json={"number": screen["number"]}, headers=dora)
    assert right.json["accepted"] is True
    sheet = {"resident_ids": [village.residents["bob"]], "reason": "手机没电"}
    assert client.post(f"/api/v1/occurrences/{occurrence}/sheets", json=sheet, headers=leader).json == {"count": 1}
    assert len(client.get(f"/api/v1/occurrences/{occurrence}/roster", headers=leader).json["items"]) == 4
    assert client.get(f"/api/v1/occurrences/{occurrence}/roster", headers=dora).status_code == 403
    assert client.post(f"/api/v1/occurrences/{occurrence}/everyone-out", headers=leader).json == {"count": 2}
    closed = client.post(f"/api/v1/occurrences/{occurrence}/close", json={"headcount": 2}, headers=leader)
    assert closed.json["state"] == "closed"
    mine = client.get("/api/v1/attendances", headers=dora).json["items"]
    assert [row["method"] for row in mine] == ["everyone_out"]
    assert client.get(f"/api/v1/attendances/{mine[0]['id']}", headers=mallory).status_code in (403, 404)
    unknown = client.post("/api/v1/activities", json={**given, "state": "published"}, headers=leader)
    assert unknown.status_code == 422
