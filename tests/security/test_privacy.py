"""Who sees whose name and number: masked for shop-keepers and the public, revealed with a reason, kept nowhere else."""

from __future__ import annotations

import logging
import re

import pytest
import sqlalchemy as sa

from pointsbank.core.audit import AuditRow
from pointsbank.people.models import Appointment, Resident, User
from tests.support.doors import doors, rooms_of, text_of
from tests.support.fingerprint import changed, everything
from tests.support.street import Street

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PHONE = re.compile(r"(?<!\d)100\d{8}(?!\d)")
# Where a number may stand in full: one's own data, and the office's form for changing it.
ONES_OWN = {"people.me", "people.data", "people.export", "api_people.me"}
OFFICE_ONLY = {"people.edit_resident", "people.import_template"}  # the second shows an example's number
# A photo's address is random, and only the browser of somebody who may see it keeps it.
PHOTOS = {"media.photo", "api_media.photo_file", "cases.photo"}


def names_of(street: Street, but: int | None = None) -> set[str]:
    return {r.name for r in street.rows(sa.select(Resident.id, Resident.name).where(
        Resident.community_id == street.home)) if r.id != but and len(r.name) > 2}


@pytest.mark.parametrize("who", ["insider", "resident", "dianzhang", "duizhang", "shenhe", "kuguan", "nobody"])
def test_numbers_of_phones_stand_only_where_they_may(
        street: Street, who: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    home = rooms_of(street, street.home, "insider")
    client, headers = street.client(who), street.bearer(who)
    phones = {r.phone for r in street.rows(sa.select(Resident.phone).where(Resident.phone.is_not(None)))}
    own = {r.phone for r in street.rows(sa.select(Resident.phone).where(
        Resident.id == (street.people[who].resident_id if who != "nobody" else 0)))}
    assert len(phones) > 300
    told, seen = [], 0
    for door in doors(street, home, ("GET",)):
        browser = street.client("nobody") if door.is_api else client
        answer = browser.get(door.path, headers=headers if door.is_api else None)
        found = {p for p in PHONE.findall(text_of(answer)) if p in phones}
        seen += answer.status_code == 200
        allowed = phones if door.endpoint in OFFICE_ONLY and who == "insider" else own if door.endpoint in ONES_OWN \
            else set()
        if found - allowed:
            told.append(f"{door}: {sorted(found - allowed)[:3]}")
        if PHONE.search(answer.headers.get("Location", "")):
            told.append(f"{door}: in the address")
    assert told == []
    assert [line for line in caplog.messages if set(PHONE.findall(line)) & phones] == []
    assert seen > 5


@pytest.mark.parametrize("who", ["nobody", "dianzhang", "kuguan"])
def test_the_public_and_the_shop_see_masked_names(street: Street, who: str) -> None:
    home = rooms_of(street, street.home, "insider")
    names, client, headers = names_of(street), street.client(who), street.bearer(who)
    told, masked = [], 0
    for door in doors(street, home, ("GET",)):
        answer = (street.client("nobody") if door.is_api else client).get(
            door.path, headers=headers if door.is_api else None)
        text = text_of(answer)
        masked += bool(re.search(r"[\u4e00-\u9fff]\*", text))
        if found := [name for name in names if name in text]:
            told.append(f"{door}: {found[:3]}")
    assert told == []
    assert masked >= 2


def test_each_reveal_leaves_exactly_one_row(street: Street) -> None:
    client = street.client("weiyuan")
    people = street.rows(sa.select(Resident.id, Resident.phone).where(
        Resident.community_id == street.home, Resident.phone.is_not(None)).order_by(Resident.id).limit(20))
    rows = sa.select(sa.func.count(AuditRow.id)).where(AuditRow.verb.contains("reveal"))
    before = street.rows(rows)[0][0]
    told = [client.post(f"/desk/residents/{p.id}/phone", data={"reason": "通知来领米"}) for p in people]
    assert all(p.phone in answer.get_data(as_text=True).replace(" ", "")
               for p, answer in zip(people, told, strict=True))
    assert street.rows(rows)[0][0] == before + 20
    silent = [client.post(f"/desk/residents/{p.id}/phone", data={"reason": ""}) for p in people]
    assert not any(p.phone in answer.get_data(as_text=True).replace(" ", "")
                   for p, answer in zip(people, silent, strict=True))
    assert street.rows(rows)[0][0] == before + 20


def test_a_list_with_whole_names_takes_two_and_each_download_leaves_exactly_one_row(street: Street) -> None:
    asker, second, other = street.client("weiyuan"), street.client("weiyuan2"), street.client("insider")
    rows = sa.select(AuditRow.verb, AuditRow.actor_key, AuditRow.object_key).where(
        AuditRow.verb.like("people.%_export")).order_by(AuditRow.id)
    before = len(street.rows(rows))
    names, phones = names_of(street), {r.phone for r in street.rows(sa.select(Resident.phone).where(
        Resident.phone.is_not(None)))}
    address = asker.post("/desk/exports", data={"kind": "residents", "reason": "发放防汛物资"}).location
    alone = [asker.post(f"{address}/file"), asker.post(f"{address}/approve"), asker.post(f"{address}/file"),
             second.post(f"{address}/file")]
    assert [a.status_code for a in alone] == [403] * 4
    assert not any(name in text_of(a) for a in alone for name in names)
    assert second.post(f"{address}/approve").status_code == 303
    files = [asker.post(f"{address}/file") for _ in range(4)]
    assert [a.status_code for a in files] == [200, 200, 200, 409]
    assert [a.status_code for a in (second.post(f"{address}/file"), other.post(f"{address}/file"))] == [403, 403]
    # The control: this is the list that one person does not get.
    assert len(names) > 50
    assert all(name in text_of(files[0]) for name in names)
    assert not phones & set(PHONE.findall(text_of(files[0])))
    key = f"export:{address.rpartition('/')[2]}"
    who = [f"user:{street.people[name].user_id}" for name in ("weiyuan", "weiyuan2")]
    assert [tuple(row) for row in street.rows(rows)[before:]] == [
        ("people.ask_export", who[0], key), ("people.approve_export", who[1], key),
        *[("people.download_export", who[0], key)] * 3]


def test_no_other_file_of_the_desk_holds_a_whole_name_of_a_resident(street: Street) -> None:
    """What one person downloads alone is masked; only the names of those in office stand there."""
    home = rooms_of(street, street.home, "insider")
    client, told, files = street.client("insider"), [], 0
    own = street.people["insider"].resident_id
    staff = "\n".join(r.name for r in street.rows(sa.select(User.name).join(
        Appointment, Appointment.user_id == User.id)))
    names = {name for name in names_of(street, own) if name not in staff}
    for door in {d.endpoint: d for d in doors(street, home, ("GET",)) if not d.is_api}.values():
        answer = client.get(f"{door.path}?format=xlsx")
        if answer.data[:2] != b"PK":
            continue
        files += 1
        if found := [name for name in names if name in text_of(answer)]:
            told.append(f"{door}: {found[:3]}")
    assert told == []
    assert files >= 14
    # The control: the same look finds the names on the page.
    assert any(name in client.get("/desk/residents").text for name in names)


def test_nothing_of_somebody_signed_in_is_kept_by_a_cache(street: Street) -> None:
    home = rooms_of(street, street.home, "insider")
    client, kept, tried = street.client("insider"), [], 0
    for door in doors(street, home, ("GET",)):
        answer = client.get(door.path)
        view = street.app.view_functions[door.endpoint]
        cached = answer.headers.get("Cache-Control", "")
        tried += 1
        if view.guard.kind == "static":  # type: ignore[attr-defined]
            continue
        if "no-store" not in cached and not (door.endpoint in PHOTOS and "private" in cached):
            kept.append(f"{door}: {cached!r}")
        if answer.headers.get("X-Content-Type-Options") != "nosniff" or "Content-Security-Policy" not in answer.headers:
            kept.append(f"{door}: without its headers")
    assert kept == []
    assert tried > 150


def test_opening_pages_changes_nothing(street: Street) -> None:
    """No GET writes: not a row differs after everybody opened everything."""
    home = rooms_of(street, street.home, "insider")
    before = everything(street)
    opened = 0
    for who in ("insider", "resident", "dianzhang"):
        for door in doors(street, home, ("GET",)):
            answer = (street.client("nobody") if door.is_api else street.client(who)).get(
                door.path, headers=street.bearer(who) if door.is_api else None)
            opened += answer.status_code == 200
            assert answer.status_code < 500 or door.endpoint == "readyz", door
    assert changed(before, everything(street)) == []
    assert opened > 200
