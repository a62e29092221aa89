"""What the interface tells, in both formats, read strictly: services, requests, updates."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.app import create_app
from pointsbank.cases import services as cases
from pointsbank.cases.models import Case, CaseEvent, CaseState, CaseVisibility, Category, Outcome, Source
from pointsbank.cases.services import Step
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.media.models import Photo, Visibility
from pointsbank.open311 import services
from pointsbank.open311.queries import requests as queries
from tests.cases.desk import WAYS
from tests.conftest import CONFIG
from tests.open311.conftest import HERE, ROOT, Platform, photo
from tests.open311.reader import NotTheStandard, read
from tests.support.village import Village

ACCEPTED = WAYS[CaseState.ACCEPTED]


def test_discovery_leads_to_the_endpoint(both: Platform) -> None:
    endpoint, = both.ask("discovery", "discovery")["endpoints"]
    assert endpoint["url"] == "http://localhost/open311/v2"


def test_services_are_the_kinds_of_problems_without_family_matters(both: Platform) -> None:
    service, = both.ask("services", "services")
    assert (service["service_code"], service["service_name"], service["group"]) == (both.code, "路灯不亮", "street")
    assert service["description"] == "1 个工作日内答复，3 个工作日内整改。"
    definition = both.ask(f"services/{both.code}", "definition")
    assert [one["code"] for one in definition["attributes"]] == ["fixmystreet_id", "closest_address"]
    assert not any(one["required"] for one in definition["attributes"])
    assert both.ask(f"services/c{both.desk.family}", "definition", 404) == "open311.unknown_service"


def test_a_request_shows_nobodys_words_and_only_places_that_are_known(both: Platform) -> None:
    named = both.report(lat=None, long=None, address_id=str(both.gate), description="张三家门口的灯坏了")
    free = both.report(address_string="张三家门口", description="王五说的")
    for number in (named, free):
        both.do(number, *ACCEPTED)
    rows = {row["service_request_id"]: row for row in both.ask("requests", "service_requests")}
    assert [rows[n]["address"] for n in (named, free)] == ["东门", ""]
    assert rows[named]["address_id"] == str(both.gate)
    assert (rows[named]["lat"], rows[named]["long"]) == HERE
    assert {row["description"] for row in rows.values()} == {"路灯不亮"}
    assert rows[named]["status_notes"] == "已立案。"
    assert rows[named]["agency_responsible"] == "物业维修组"
    assert rows[named]["expected_datetime"] > rows[named]["requested_datetime"]
    text = both.app.test_client().get(f"{ROOT}/requests.{both.suffix}?jurisdiction_id=liuyin").get_data(as_text=True)
    assert "张三" not in text
    assert "王五" not in text
    own = {row["service_request_id"]: row for row in both.ask("requests", "service_requests", key=True)}
    assert own[free]["address"] == "张三家门口", "the platform that sent it knows it anyway"


def test_what_is_unknown_is_empty_in_xml_and_absent_in_json(both: Platform) -> None:
    number = both.report(lat=None, long=None, address_string="某条小巷")
    row, = both.ask(f"requests/{number}", "service_requests", key=True)
    assert (row["lat"], row["long"], row["media_url"], row["expected_datetime"]) == (None, None, "", None)
    raw = both.app.test_client().get(f"{ROOT}/requests/{number}.{both.suffix}", query_string={
        "api_key": both.key}).get_data(as_text=True)
    if both.suffix == "json":
        assert "lat" not in json.loads(raw)[0]
    else:
        assert "<lat />" in raw
        assert "<zipcode />" in raw


@pytest.mark.parametrize("seen_by", [CaseVisibility.RESIDENTS, CaseVisibility.STAFF])
def test_what_is_not_public_is_not_there(platform: Platform, seen_by: CaseVisibility) -> None:
    with platform.app.app_context(), transaction():
        db.session.execute(sa.update(Category).where(Category.id == platform.desk.lamp).values(visibility=seen_by))
    number = platform.report()
    platform.do(number, *ACCEPTED)
    assert platform.ask("requests", "service_requests") == []
    assert platform.ask("servicerequestupdates", "service_request_updates") == []
    assert platform.ask(f"requests/{number}", "service_requests", 404) == "open311.unknown_request"
    assert platform.ask(f"tokens/{number}", "tokens", 404) == "open311.unknown_request"
    assert platform.ask(f"requests/{number}", "service_requests", key=True)[0]["status"] == "open"


def test_before_it_is_accepted_only_its_platform_sees_it(platform: Platform, village: Village) -> None:
    number = platform.report()
    with platform.app.app_context(), transaction():
        _client, other = services.make_key(village.actor("member"), "另一家", "李工 12345")
    assert platform.ask("requests", "service_requests") == []
    assert platform.ask("requests", "service_requests", api_key=other) == []
    own, = platform.ask("requests", "service_requests", key=True)
    assert (own["service_request_id"], own["status"], own["status_notes"]) == (number, "open", "已收到，正在受理。")
    assert platform.ask(f"tokens/{number}", "tokens", key=True) == [{"service_request_id": number, "token": number}]


def test_statuses_are_open_and_closed_and_say_how_it_ended(both: Platform) -> None:
    numbers = {state: both.report() for state in (CaseState.ACCEPTED, CaseState.TO_EVALUATE, CaseState.CLOSED,
                                                  CaseState.DECLINED, CaseState.MERGED)}
    for state, number in numbers.items():
        if state is CaseState.CLOSED:
            both.bring(number, CaseState.TO_EVALUATE)
            both.say(number, status="FIXED")
        else:
            both.bring(number, state)
    rows = {row["service_request_id"]: row for row in both.ask("requests", "service_requests", key=True)}
    found = {state.value: (rows[n]["status"], rows[n]["status_notes"]) for state, n in numbers.items()}
    assert found == {
        "accepted": ("open", "已立案。"), "to_evaluate": ("open", "已检查，正在请上报人评议。"),
        "closed": ("closed", "问题已解决。"), "declined": ("closed", "不予受理。"),
        "merged": ("open", "同一问题之前已有人上报，已并案办理。")}
    for status in ("open", "closed"):
        chosen = both.ask("requests", "service_requests", key=True, status=status)
        assert {row["status"] for row in chosen} == {status}
        assert len(chosen) == {"open": 3, "closed": 2}[status]
    assert len(both.ask("requests", "service_requests", key=True, status="open,closed")) == 5
    assert both.ask("requests", "service_requests", 400, status="fixed") == "open311.bad_status"


def test_what_was_merged_stands_as_the_case_it_follows(platform: Platform) -> None:
    child = platform.report()
    platform.bring(child, CaseState.MERGED)
    parent = str(platform.desk.parent)
    platform.bring(parent, CaseState.DECLINED)
    row, = platform.ask(f"requests/{child}", "service_requests", key=True)
    assert (row["status"], row["status_notes"]) == ("closed", "不予受理。")


def test_only_released_photos_go_out(platform: Platform) -> None:
    number = platform.report(media=photo())
    platform.bring(number, CaseState.TO_EVALUATE)
    row, = platform.ask(f"requests/{number}", "service_requests", key=True)
    assert row["media_url"] == ""
    with platform.app.app_context(), transaction():
        before = db.session.scalars(sa.select(Photo).where(Photo.owner_key.like("report:%"))).one()
        assert before.visibility is Visibility.STAFF
        cases.show_photos(platform.desk.actor("member"), int(number), shown=True)
        key = before.key
    row, = platform.ask(f"requests/{number}", "service_requests")
    assert row["media_url"] == f"http://localhost/media/{key}/full"
    assert platform.app.test_client().get(f"/media/{key}/full").status_code == 200
    told = platform.ask("servicerequestupdates", "service_request_updates")
    assert [bool(one["media_url"]) for one in told] == [False, False, False, True], "the photo of afterwards"
    with platform.app.app_context(), transaction():
        cases.show_photos(platform.desk.actor("member"), int(number), shown=False)
    assert platform.ask(f"requests/{number}", "service_requests")[0]["media_url"] == ""


def test_each_update_tells_how_its_own_round_ended(platform: Platform) -> None:
    """What was taken for impossible is opened again and put right; a neighbour's case is closed as partly right."""
    desk, number = platform.desk, platform.report()
    platform.bring(number, CaseState.RECTIFYING)
    with platform.app.app_context():
        desk.do("dora", "finish", int(number), Step("没有配件", outcome=Outcome.CANNOT, photo_ids=[desk.photo("dora")]))
    platform.do(number, ("approve", "reviewer"))
    platform.say(number, status="REOPEN", description="配件有的")
    platform.do(number, *WAYS[CaseState.TO_EVALUATE][1:])
    platform.say(number, status="FIXED")
    told = platform.ask("servicerequestupdates", "service_request_updates")
    assert [one["status"] for one in told] == [
        "OPEN", "ACTION_SCHEDULED", "IN_PROGRESS", "NO_FURTHER_ACTION", "OPEN", "ACTION_SCHEDULED", "IN_PROGRESS",
        "FIXED", "FIXED"]
    assert told[3]["description"].startswith("无法解决。")
    with platform.app.app_context():
        other = desk.at(CaseState.TO_EVALUATE)
        desk.do("alice", "partly", other)
    last = platform.ask("servicerequestupdates", "service_request_updates", service_request_id=other)[-1]
    assert (last["status"], last["description"], last["external_status_code"]) == (
        "FIXED", "问题已解决。 已办结；上报人基本满意。", "closed")


# ── Windows, lists, pages ───────────────────────────────────────────────────────────────────────────────────────


def test_windows_lists_and_pages(platform: Platform, clock: Any) -> None:
    numbers = []
    for day in (1, 2, 3):
        clock.at(2026, 4, day, 10)
        numbers.append(platform.report())
        platform.do(numbers[-1], *ACCEPTED)
    clock.at(2026, 4, 18)

    def found(**query: Any) -> list[str]:
        return [row["service_request_id"] for row in platform.ask("requests", "service_requests", **query)]

    assert found() == numbers[::-1]
    assert found(start_date="2026-04-02T00:00:00+08:00", end_date="2026-04-02T23:59:59+08:00") == [numbers[1]]
    assert found(start_date="2026-04-02T02:00:00Z", end_date="2026-04-02T02:00:00Z") == [numbers[1]]
    assert found(start_date="2026-04-03T00:00:00 08:00") == [numbers[2]], "a plus that became a space"
    assert found(end_date="2026-04-01T23:00:00+08:00") == [numbers[0]]
    assert found(service_request_id=f"{numbers[0]},{numbers[2]},0,x", start_date="2020-01-01T00:00:00Z",
                 status="closed", service_code="c0") == [numbers[2], numbers[0]], "ids override everything"
    assert found(service_code=f"c999,{platform.code}") == numbers[::-1]
    assert found(service_code="c999") == []
    assert found(service_code="", status=" ", start_date="", page_size="") == numbers[::-1], "empty is absent"
    assert [found(page_size=2, page=n) for n in (1, 2, 3)] == [numbers[:0:-1], numbers[:1], []]
    clock.at(2026, 9, 1)
    assert found() == [], "90 days"


WRONG: list[tuple[dict[str, str], str]] = [
    ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:01Z"}, "open311.bad_window"),
    ({"start_date": "2026-04-02T00:00:00Z", "end_date": "2026-04-01T00:00:00Z"}, "open311.bad_window"),
    ({"start_date": "yesterday"}, "open311.bad_date"), ({"start_date": "2026-04-02"}, "open311.bad_date"),
    ({"end_date": "2026-04-02T00:00:00"}, "open311.bad_date"), ({"end_date": "9999-12-31T23:59:59Z"},
                                                                "open311.bad_date"),
    ({"page_size": "0"}, "open311.bad_page"), ({"page_size": "ten"}, "open311.bad_page"),
    ({"page": "-1"}, "open311.bad_page"), ({"status": "open,shut"}, "open311.bad_status")]


@pytest.mark.parametrize("path", ["requests", "servicerequestupdates"])
def test_wrong_questions_get_a_sentence(both: Platform, path: str) -> None:
    for query, code in WRONG:
        assert both.ask(path, "service_requests", 400, **query) == code, query


def test_a_full_page_costs_no_query_per_row(platform: Platform, queries: Any) -> None:
    one = platform.report()
    platform.do(one, *ACCEPTED)
    with platform.app.app_context(), transaction():
        _many(platform, 1200)
    counts = {}
    for path, what in (("requests", "service_requests"), ("servicerequestupdates", "service_request_updates")):
        for size in (1, 5000):
            with queries() as seen:
                rows = platform.ask(path, what, key=True, page_size=size)
            counts[path, len(rows)] = len(seen)
    assert sorted(counts) == [("requests", 1), ("requests", 1000), ("servicerequestupdates", 1),
                              ("servicerequestupdates", 1000)]
    assert counts["requests", 1] == counts["requests", 1000] <= 12
    assert counts["servicerequestupdates", 1] == counts["servicerequestupdates", 1000] <= 9


def _many(platform: Platform, number: int) -> None:
    """Public cases by the thousand."""
    now, desk = house_clock.now(), platform.desk
    db.session.execute(sa.insert(Case), [{
        "community_id": desk.village.community, "source": Source.SNAPSHOT, "state": CaseState.ACCEPTED,
        "category_id": desk.lamp, "class_": "public", "visibility": CaseVisibility.PUBLIC, "level": 0,
        "reporter_user_id": desk.village.users["alice"], "anonymous": False, "place": "东巷", "place_key": "东巷",
        "opened_at": now, "accepted_at": now, "appeals": 0, "sent_back": 0, "round": 1} for _n in range(number)])
    ids = db.session.scalars(sa.select(Case.id)).all()
    db.session.execute(sa.insert(CaseEvent), [{
        "community_id": desk.village.community, "case_id": one, "verb": "accept", "before": CaseState.RECEIVED,
        "after": CaseState.ACCEPTED, "at": now, "text": "", "detail": {}} for one in ids])


# ── Which community ─────────────────────────────────────────────────────────────────────────────────────────────


def test_several_communities_in_one_house_have_to_be_told_apart(both: Platform) -> None:
    both.jurisdiction = ""
    assert both.ask("services", "services", 400) == "open311.jurisdiction_missing"
    assert len(both.ask("services", "services", key=True)) == 1, "a key says which one"
    both.jurisdiction = "nowhere"
    assert both.ask("services", "services", 404) == "open311.unknown_jurisdiction"
    both.jurisdiction = "heping"
    assert both.ask("services", "services") == []
    assert both.ask("services", "services", 403, key=True) == "open311.key_elsewhere"
    assert both.ask("requests", "service_requests", 403, api_key="wrong") == "open311.key_wrong"


def test_cases_of_another_community_are_not_there(platform: Platform) -> None:
    number = platform.report()
    platform.do(number, *ACCEPTED)
    assert len(platform.ask("requests", "service_requests", service_request_id=number)) == 1
    platform.jurisdiction = "heping"
    assert platform.ask("requests", "service_requests", service_request_id=number) == []
    assert platform.ask(f"requests/{number}", "service_requests", 404) == "open311.unknown_request"
    assert platform.ask("servicerequestupdates", "service_request_updates") == []


def test_what_is_not_there_is_404_in_the_format_asked_for(both: Platform) -> None:
    for path in ("nothing", "requests/x/y", "services/", "requests/99999999999", "requests/0", "tokens/garbage",
                 "requests/-1", "services/garbage", "services/c99999999999"):
        assert both.ask(path, "errors", 404), path


@pytest.mark.parametrize("suffix", ["json", "xml"])
def test_a_fault_of_ours_is_said_in_the_format_asked_for(
        platform: Platform, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application as it runs outside of tests, where a fault does not reach whoever calls."""
    names = ("SQLALCHEMY_DATABASE_URI", "DATA_DIR")
    house = create_app({**CONFIG, **{name: platform.app.config[name] for name in names}, "PROPAGATE_EXCEPTIONS": False})

    def break_down(_visitor: Any, _wanted: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(queries, "requests", break_down)
    answer = house.test_client().get(f"{ROOT}/requests.{suffix}?jurisdiction_id=liuyin")
    assert answer.status_code == 500
    row, = read(answer, "errors", suffix)
    assert row["code"] == 500
    assert row["description"].endswith("(core.fault)")
    with house.app_context():
        db.engine.dispose()


def test_a_wrong_verb_or_format_is_said_as_well(app: Flask, client: FlaskClient, platform: Platform) -> None:
    for answer in (client.put(f"{ROOT}/requests.json"), client.post(f"{ROOT}/services.json")):
        assert answer.status_code == 404
        assert read(answer, "errors", "json")[0]["code"] == 404
    for path in ("services.csv", "services", ""):
        answer = client.get(f"{ROOT}/{path}?jurisdiction_id=liuyin")
        assert answer.status_code == 404
        assert read(answer, "errors", "xml")[0]["code"] == 404


def test_cookies_are_neither_read_nor_set(app: Flask, platform: Platform, village: Village) -> None:
    """A member signed in reads no more here than anybody, and sends nothing without a key."""
    platform.report()
    member = village.sign_in(app.test_client(), "member")
    answer = member.get(f"{ROOT}/requests.json")
    assert answer.status_code == 400, "not even the community comes from the session"
    answer = member.get(f"{ROOT}/requests.json?jurisdiction_id=liuyin")
    assert read(answer, "service_requests", "json") == []
    assert member.post(f"{ROOT}/requests.json", data={"jurisdiction_id": "liuyin"}).status_code == 403
    assert member.get("/desk/open311").status_code == 200, "and the session is as it was"


def test_the_reader_takes_no_less_than_the_standard(app: Flask) -> None:
    """The control: a list in an object, a number for an id, a missing element."""
    for body in ('{"service_requests": []}', '[{"service_request_id": 1}]', '[{"service_request_id": "1"}]'):
        answer = app.response_class(body, content_type="application/json; charset=utf-8")
        with pytest.raises(NotTheStandard):
            read(answer, "posted", "json")
    answer = app.response_class("<service_requests/>", content_type="text/xml; charset=utf-8")
    with pytest.raises(NotTheStandard):
        read(answer, "posted", "xml")


def test_signs_that_xml_does_not_know_are_replaced(platform: Platform) -> None:
    platform.suffix = "xml"
    number = platform.report(lat=None, long=None, address_string=f"东巷\x08<b>&{secrets.token_hex(2)}\ufffe")
    row, = platform.ask(f"requests/{number}", "service_requests", key=True)
    assert row["address"].startswith("东巷\ufffd<b>&")
