"""Every door of the house is tried by people of other communities, with numbers of rows that are none of theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from pointsbank.people.models import Resident, User
from tests.support.doors import TABLES, UNSAFE, Door, api_doors, doors, forms_found, knock, rooms_of, text_of
from tests.support.fingerprint import changed, crossings, everything, fingerprint
from tests.support.street import Street

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
# Every role and a resident of the next community; a plain resident there; a committee member of a third one; the
# supervisor of another town; and somebody without a sign-in.
STRANGERS = ("stranger", "neighbour", "xs-weiyuan", "supervisor", "nobody")
# These end the visitor's own session or sign-in, after which every door is shut anyway.
ENDING = {"people.sign_out", "people.freeze", "people.end_device", "people.end_other_devices", "people.choose",
          "people.change_password", "api_people.end_session", "api_people.end_one_session", "api_people.act_for"}
# What a stranger may hear: not here, not for you, or that the request itself is malformed. Never "someone was faster"
# (409): that would tell that the row exists and in which state it is.
SHUT = {400, 401, 403, 404, 405, 413, 415, 422, 429}


def public(street: Street, door: Door) -> bool:
    return street.app.view_functions[door.endpoint].guard.kind in {"public", "static"}  # type: ignore[attr-defined]


def names_at_home(street: Street) -> list[str]:
    """Names of residents that stand in nobody else's name."""
    all_names = street.rows(sa.select(Resident.community_id, Resident.name))
    others = [r.name for r in all_names if r.community_id != street.home]
    others += [r.name for r in street.rows(sa.select(User.name).where(User.username.is_not(None)))]
    elsewhere = "\n".join(others)
    return [r.name for r in all_names if r.community_id == street.home and r.name not in elsewhere]


def sent_by(street: Street, who: str, door: Door) -> tuple[object, str]:
    client = street.client("nobody") if door.is_api else street.client(who)
    answer = knock(client, door, headers=street.bearer(who)) if door.is_api else knock(client, door)
    return answer, text_of(answer)


@pytest.fixture(scope="module")
def all_unsafe(street: Street) -> list[Door]:
    """Every unsafe request about rows at home: the forms that the insider finds there, the operations of the API with
    bodies, and what is left of the pages without a body."""
    home = rooms_of(street, street.home, "insider")
    forms = forms_found(street, "insider", home)
    seen = {door.endpoint for door in forms}
    few: dict[str, list[Door]] = {}
    for door in forms:
        few.setdefault(door.endpoint, []).append(door)
    bare = [d for d in doors(street, home, UNSAFE) if not d.is_api and d.endpoint not in seen]
    return [d for group in few.values() for d in group[-2:]] + api_doors(street, home, home) + bare


@pytest.mark.parametrize("who", STRANGERS)
def test_no_page_about_home_opens_to_a_stranger(street: Street, who: str) -> None:
    home = rooms_of(street, street.home, "insider")
    names = names_at_home(street)
    assert len(names) > 150
    opened, told, tried = [], [], 0
    for door in doors(street, home, ("GET",)):
        if door.endpoint == "readyz":  # tells the version of the schema, which these tests didn't migrate to
            continue
        answer, text = sent_by(street, who, door)
        tried += 1
        refused = answer.status_code in SHUT or (
            answer.status_code == 303 and answer.location.startswith(("/sign-in", "/for-whom")))
        if door.names and not refused and not public(street, door):
            opened.append(f"{door}: {answer.status_code}")
        if answer.status_code >= 500:
            opened.append(f"{door}: {answer.status_code}")
        found = [name for name in names if name in text]
        if found:
            told.append(f"{door}: {found[:3]}")
    assert opened == []
    assert told == []
    assert tried > 150


def test_the_same_pages_open_at_home_and_name_people(street: Street) -> None:
    """The walk above would see an open door: here it does."""
    home = rooms_of(street, street.home, "insider")
    names = names_at_home(street)
    opened = naming = 0
    for door in doors(street, home, ("GET",)):
        answer, text = sent_by(street, "insider", door)
        opened += answer.status_code == 200
        naming += any(name in text for name in names)
    assert opened > 120
    assert naming > 30


@pytest.mark.parametrize("who", STRANGERS)
def test_no_stranger_changes_anything_at_home(street: Street, all_unsafe: list[Door], who: str) -> None:
    before = fingerprint(street, street.home)
    let_in = []
    for door in all_unsafe:
        if door.endpoint in ENDING:
            continue
        answer, _text = sent_by(street, who, door)
        if door.names and answer.status_code not in SHUT:
            let_in.append(f"{door}: {answer.status_code}")
        if answer.status_code >= 500:
            let_in.append(f"{door}: {answer.status_code}")
    assert let_in == []
    assert changed(before, fingerprint(street, street.home)) == []
    assert crossings(street) == []
    assert len(all_unsafe) > 200


def _with_rows_of(door: Door, single: dict[str, list[object]]) -> Door:
    """The same form, but wherever it names a row, it names one of the other community."""
    known = {name: values[-1] for name, values in single.items() if values and name in TABLES}
    form = {key: str(known[key]) if key in known else value for key, value in (door.form or {}).items()}
    for key, name in (("choice", "resident_id"), ("for_resident", "resident_id"), ("resident", "resident_id"),
                      ("who", "resident_id"), ("person", "resident_id"), ("ids", "deed_id"), ("item", "rule_id")):
        if key in form and single[name]:
            form[key] = str(single[name][-1])
    return replace(door, form=form)


def test_own_doors_take_nothing_of_another_community_in(street: Street) -> None:
    """The address is one's own; the body names rows of home. Own rows may change, home's don't, none point there."""
    home = rooms_of(street, street.home, "insider")
    away = rooms_of(street, street.away, "stranger")
    before, own = fingerprint(street, street.home), fingerprint(street, street.away)
    tried = [d for d in api_doors(street, away, home) if d.endpoint not in ENDING]
    tried += [_with_rows_of(d, home.single) for d in forms_found(street, "stranger", away) if d.endpoint not in ENDING]
    mixed = [d for d in doors(street, home, UNSAFE) if len(d.names) == 2 and away.single.get(d.names[0])]
    tried += [replace(d, path=d.path.replace(f"/{home.pairs[d.names][0][0]}/", f"/{away.single[d.names[0]][0]}/", 1),
                      json={} if d.is_api else None) for d in mixed if d.names in home.pairs]
    broken = [str(d) for d in tried if sent_by(street, "stranger", d)[0].status_code >= 500]
    assert broken == []
    assert changed(before, fingerprint(street, street.home)) == []
    assert crossings(street) == []
    assert changed(own, fingerprint(street, street.away)) != []
    assert len(tried) > 150


def test_the_same_requests_do_something_at_home(street: Street, all_unsafe: list[Door]) -> None:
    """The control: sent by the insider, most of these doors let in, and the rows change."""
    before = everything(street)
    done, reached, broken = set(), set(), []
    for door in all_unsafe:
        if door.endpoint not in ENDING | {"people.end_appointment", "communities.close_area", "shop.close_outlet"}:
            answer, _text = sent_by(street, "insider", door)
            if answer.status_code < 400:
                done.add(door.endpoint)
            if answer.status_code not in {401, 403, 404}:
                reached.add(door.endpoint)
            if answer.status_code >= 500:
                broken.append(f"{door}: {answer.status_code}")
    assert broken == []
    assert len(reached) > 100
    assert len(done) > 50
    assert len(changed(before, everything(street))) > 15
