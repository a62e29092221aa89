"""What is sent is never more than what was asked for: fields nobody offered, wild numbers, texts that are none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.core.db import db
from tests.support.doors import UNSAFE, Bodies, Door, address, doors, forms_found, knock, names_of, rooms_of, rules
from tests.support.fingerprint import changed, everything
from tests.support.street import Street

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
FORBIDDEN: dict[str, Any] = {
    "id": 1, "community_id": 1, "state": "approved", "approver_user_id": 1, "recorder_user_id": 1, "balance": 10_000,
    "is_demo": True, "password_hash": "x", "public_id": "x", "created_at": "2020-01-01T00:00:00+00:00", "floor": -100,
    "source_key": "award:1"}
ENDING = {"people.sign_out", "people.freeze", "people.end_device", "people.end_other_devices", "people.choose",
          "people.change_password", "api_people.end_session", "api_people.end_one_session", "api_people.act_for",
          "people.end_appointment", "api_people.end_appointment"}
LONG = "长" * 20_000
HUGE = "x" * 1_000_000
GARBAGE: list[Any] = ["", " ", "\0", "a\0b", "🀄️🧧", LONG, "-1", "99999999999999999999", "NaN", "1e400",
                      "../../etc/passwd", "2026-13-45", "\ufffd", "\u202eabc"]
WRONG_KINDS: list[Any] = [None, [], {}, True, -1, 2**63, 1e308, "", "🀄️", {"a": [1]}, [None], LONG]


def unsafe_api(street: Street) -> list[tuple[Door, dict[str, Any]]]:
    """Every operation of the API that takes a body, with a body that is right in shape."""
    home = rooms_of(street, street.home, "insider")
    bodies = Bodies(street, home)
    found = []
    for rule in rules(street):
        for method in sorted((rule.methods or set()) & set(UNSAFE)):
            body = bodies.of(rule, method) if rule.rule.startswith("/api/") else None
            values = home.values(names_of(rule))
            if body is not None and values:
                found.append((Door(rule.endpoint, method, address(rule, values[-1]), json=body), body))
    return found


def test_no_operation_takes_a_field_that_it_does_not_offer(street: Street) -> None:
    client, headers = street.client("nobody"), street.bearer("insider")
    operations = [(door, body) for door, body in unsafe_api(street) if door.endpoint not in ENDING]
    before = everything(street)
    taken, tried = [], 0
    for door, body in operations:
        for name, value in FORBIDDEN.items():
            if name in body:
                continue
            answer = client.open(door.path, method=door.method, json={**body, name: value}, headers=headers)
            tried += 1
            fields = (answer.get_json(silent=True) or {}).get("error", {}).get("fields", {})
            if answer.status_code != 422 or name not in fields:
                taken.append(f"{door} {name}: {answer.status_code}")
    assert taken == []
    assert changed(before, everything(street)) == []
    assert tried > 400


def test_forms_do_nothing_with_fields_that_they_do_not_have(street: Street) -> None:
    """The form of one's own deed, with the state it should get, who approved it, and where it belongs, sent along."""
    client = street.client("insider")
    form = {"item": "5.3", "title": "捡到钥匙交还", "on": "2026-04-19", "number": "1", "place": "2 栋",
            "text": "交给了失主"}
    extra = {name: str(value) for name, value in FORBIDDEN.items()} | {"resident_id": "1", "household_id": "1"}
    plain = client.post("/deeds/new", data=form)
    assert plain.status_code == 303, plain.get_data(as_text=True)
    full = client.post("/deeds/new", data={**form, **extra, "title": "捡到雨伞交还", "on": "2026-04-18"})
    assert full.status_code == 303
    one, two = (street.rows(_deed(answer.location.rpartition("/")[2]))[0] for answer in (plain, full))
    same = ("community_id", "state", "resident_id", "household_id", "recorder_user_id", "recorded_via",
            "checker_user_id", "approver_user_id", "version_id", "flagged")
    assert [getattr(one, n) for n in same] == [getattr(two, n) for n in same]
    assert two.source_key != "award:1"
    assert str(two.state) == "submitted"


def _deed(number: str) -> Any:
    table = db.metadata.tables["contribution"]
    return sa.select(table).where(table.c.id == int(number.split("?")[0]))


def test_no_list_is_endless_and_no_cursor_breaks_one(street: Street) -> None:
    home = rooms_of(street, street.home, "insider")
    api, browser, headers = street.client("nobody"), street.client("insider"), street.bearer("insider")
    wrong, lists = [], 0
    for door in {d.endpoint: d for d in doors(street, home, ("GET",))}.values():
        for query in ("limit=1000000000", "limit=-1", "limit=abc", "cursor=garbage", "cursor=%00&limit=0", "page=-1",
                      "cursor=MQ.abc.def", "month=garbage", "state=garbage", "q=%25%00%27", "format=garbage"):
            answer = (api.get(f"{door.path}?{query}", headers=headers) if door.is_api
                      else browser.get(f"{door.path}?{query}"))
            if answer.status_code >= 500 and door.endpoint != "readyz":
                wrong.append(f"{door}?{query}: {answer.status_code}")
            body = answer.get_json(silent=True) if answer.is_json and answer.status_code < 400 else None
            items = body if isinstance(body, list) else (body or {}).get("items")
            if isinstance(items, list):
                lists += 1
                if len(items) > 100:
                    wrong.append(f"{door}?{query}: {len(items)} items")
    assert wrong == []
    assert lists > 30


def test_a_list_of_more_than_a_hundred_is_cut(street: Street) -> None:
    """The control: there are more rows than a page may have, and the bound is reached."""
    answer = street.client("nobody").get("/api/v1/residents?limit=1000000000", headers=street.bearer("insider"))
    assert len(answer.get_json()["items"]) == 100
    assert answer.get_json()["next"]


def _bad_json(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The body with each field in turn of a wrong kind: kinds go round, so that every one meets many fields."""
    found: list[dict[str, Any]] = [{}, dict.fromkeys(body), dict.fromkeys(body, "\x00"),
                                   dict.fromkeys(body, 2 ** 63), dict.fromkeys(body, LONG),
                                   dict.fromkeys(list(body)[:1], HUGE)]
    for number, name in enumerate(body):
        found += [{**body, name: WRONG_KINDS[(number * 2 + shift) % len(WRONG_KINDS)]} for shift in range(2)]
        if isinstance(body[name], int) and not isinstance(body[name], bool):
            found += [{**body, name: 2**31}, {**body, name: 2**63}, {**body, name: -5}]
    return found


def test_no_body_of_the_api_breaks_the_house(street: Street) -> None:
    client, headers = street.client("nobody"), street.bearer("insider")
    wrong, refused = [], 0
    for door, body in unsafe_api(street):
        if door.endpoint in ENDING:
            continue
        answers = [client.open(door.path, method=door.method, json=bad, headers=headers) for bad in _bad_json(body)]
        answers += [client.open(door.path, method=door.method, data=data, headers=headers, content_type=kind)
                    for data, kind in ((b"{", "application/json"), (b"\xff\xfe", "application/json"),
                                       (b"[]", "application/json"), (b"null", "application/json"),
                                       (b"a=1", "text/plain"), (b"", "application/xml"))]
        for answer in answers:
            error = (answer.get_json(silent=True) or {}).get("error") if answer.is_json else None
            if answer.status_code >= 500:
                wrong.append(f"{door}: {answer.status_code}")
            elif answer.status_code >= 400:
                refused += 1
                if not error or not error.get("code") or len(error.get("message", "")) < 5:
                    wrong.append(f"{door}: {answer.status_code} without a sentence")
    assert sorted(set(wrong)) == []
    assert refused > 500


def test_no_form_breaks_the_house(street: Street) -> None:
    home = rooms_of(street, street.home, "insider")
    found: dict[str, Door] = {d.endpoint: replace(d, form={}) for d in doors(street, home, ("POST",)) if not d.is_api}
    found |= {d.endpoint: d for d in forms_found(street, "insider", home)}
    client, wrong, refused = street.client("insider"), [], 0
    for door in found.values():
        if door.endpoint in ENDING:
            continue
        forms: list[dict[str, Any]] = [{}]
        for number, name in enumerate(door.form or {}):
            forms += [{**(door.form or {}), name: GARBAGE[(number * 2 + shift) % len(GARBAGE)]} for shift in range(2)]
        answers = [knock(client, replace(door, form=form)) for form in forms]
        answers.append(client.post(door.path, data=dict.fromkeys(list(door.form or {"text": ""})[:1], HUGE)))
        answers.append(client.post(door.path, data=b"{", content_type="application/json"))
        answers.append(client.post(door.path, data=b"--x\r\n\r\n", content_type="multipart/form-data; boundary=x"))
        for answer in answers:
            if answer.status_code >= 500:
                wrong.append(f"{door}: {answer.status_code}")
            elif answer.status_code >= 400:
                refused += 1
                if answer.mimetype == "text/html" and "<h1" not in answer.get_data(as_text=True):
                    wrong.append(f"{door}: {answer.status_code} without a page")
    assert sorted(set(wrong)) == []
    assert refused > 200


def test_no_text_longer_than_its_column_got_in(street: Street) -> None:
    """PostgreSQL would refuse it, SQLite keeps any length: the house itself has to know the bound."""
    with street.app.app_context():
        long = []
        for table in db.metadata.sorted_tables:
            for column in table.c:
                length = getattr(column.type, "length", None)
                if length and isinstance(column.type, sa.String):
                    most = db.session.scalar(sa.select(sa.func.max(sa.func.length(column)))) or 0
                    if most > length:
                        long.append(f"{table.name}.{column.name}: {most} > {length}")
        db.session.rollback()
    assert long == []


@pytest.mark.parametrize("number", ["2147483648", "9223372036854775808", "99999999999999999999999999", "0"])
def test_a_number_that_no_row_can_have_is_not_found(street: Street, number: str) -> None:
    client, headers, wrong, tried = street.client("insider"), street.bearer("insider"), [], 0
    for rule in rules(street):
        names = names_of(rule)
        if not any(name.endswith("_id") for name in names):
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}):
            path = address(rule, tuple(number for _ in names))
            answer = client.open(path, method=method, headers=headers if path.startswith("/api/") else None)
            tried += 1
            if answer.status_code >= 500 or answer.status_code < 400:
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []
    assert tried > 100
