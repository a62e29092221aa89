"""Codes: what is ours opens exactly its own door, anything else costs nothing."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from pointsbank.activities import codes
from pointsbank.activities.errors import ForgedCode, OldReceipt
from pointsbank.activities.models import EventKind
from pointsbank.core import clock as house_clock
from pointsbank.core import qr, tokens
from tests.activities.support import found_morning, press, receipt_for

NOW = dt.datetime(2026, 4, 18, 1, 0, 7, tzinfo=dt.UTC)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@pytest.fixture
def house(app, clock):
    with app.app_context():
        yield app


def test_a_code_says_who_showed_it_and_when(house):
    found = codes.read_rotating(codes.rotating(88, 5, EventKind.OUT, NOW).lower(), NOW + dt.timedelta(seconds=40))
    assert (found.occurrence_id, found.screen_id, found.kind, found.age) == (88, 5, EventKind.OUT, 3)


@pytest.mark.parametrize(("seconds", "late"), [
    (-15, False), (0, False), (45, False), (60, True), (3600, True), (-40, True)])
def test_the_window_is_the_current_code_three_older_and_one_newer(house, seconds, late):
    token = codes.rotating(88, 5, EventKind.IN, NOW)
    assert codes.read_rotating(token, NOW + dt.timedelta(seconds=seconds)).is_late is late


def test_the_qr_stays_small(house):
    text = "HTTPS://POINTS.EXAMPLE.CN/S/" + codes.rotating(4_000_000, 60_000, EventKind.IN, NOW)
    assert len(codes.rotating(1, 1, EventKind.IN, NOW)) == 34
    assert len(qr.modules(text)) - 8 <= 33
    short = "HTTPS://JF.EXAMPLE.CN/S/" + codes.rotating(4_000_000, 60_000, EventKind.IN, NOW)
    assert len(qr.modules(short)) - 8 == 29


def mutated(token: str, dice: random.Random) -> str:
    kind = dice.randrange(4)
    place = dice.randrange(len(token))
    if kind == 0:
        return token[:place] + dice.choice(LETTERS) + token[place + 1:]
    if kind == 1:
        return token[:place] + token[place + 1:]
    if kind == 2:
        return token[:place] + dice.choice(LETTERS) + token[place:]
    raw = bytearray(tokens.from_base32(token))
    raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
    return tokens.to_base32(bytes(raw))


@pytest.mark.slow
def test_none_of_ten_thousand_mutated_codes_is_accepted(house):
    dice = random.Random(20260418)
    accepted = []
    for number in range(10_000):
        kind = dice.choice([EventKind.IN, EventKind.OUT])
        good = codes.rotating(dice.randrange(1, 5000), dice.randrange(1, 500), kind, NOW)
        if number % 4 == 3:
            good = codes.venue_code(dice.randrange(1, 500), 1)
        bad = mutated(good, dice)
        if bad == good:
            continue
        try:
            accepted.append(codes.read_rotating(bad, NOW) if number % 4 != 3 else codes.read_venue(bad))
        except ForgedCode:
            continue
    assert accepted == []


def test_each_kind_of_code_opens_only_its_own_door(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
        from pointsbank.activities import services
        from pointsbank.core.db import transaction

        with transaction():
            venue = services.add_venue(village.actor("member"), "小广场")
        kinds = {"rotating": morning.token(), "venue": codes.venue_code(venue.id, 1), "card": "A" * 16}
    receipt = receipt_for(client, morning, app)
    kinds["receipt"] = receipt
    village.sign_in(client, "alice")
    doors = {"rotating": ("/s/", 303), "venue": ("/v/", 200), "receipt": ("/check-in?receipt=", 200)}
    for door, (prefix, good) in doors.items():
        for kind, token in kinds.items():
            status = client.get(prefix + token).status_code
            assert status == (good if kind == door else 422), (kind, door, status)
    for kind, token in kinds.items():
        assert press(client, token).status_code == (303 if kind == "receipt" else 422), kind


def test_the_diagonal_holds_for_cards_too(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
        token = morning.token()
    village.sign_in(client, "leader")
    assert client.get(f"/c/{token}").status_code == 404


def test_a_forged_scan_sends_no_statement_whoever_is_signed_in(app, clock, village, client, queries):
    with app.app_context():
        morning = found_morning(village)
        token = mutated(morning.token(), random.Random(5))
    village.sign_in(client, "alice")
    with queries() as seen:
        assert client.get(f"/S/{token}").status_code == 422
        assert press(client, "forged").status_code == 422
        assert client.get("/check-in?receipt=forged").status_code == 422
        assert client.post(f"/api/v1/occurrences/{morning.occurrence}/check-ins", json={"receipt": "forged"},
                           headers={"Authorization": "Bearer x"}).status_code == 422
        assert client.post("/api/v1/scans", json={"token": token},
                           headers={"Authorization": "Bearer x"}).status_code == 422
        assert client.application.test_client().post("/api/v1/scans", json={"token": token}).status_code == 401
    assert seen == []


def test_a_receipt_belongs_to_one_browser_and_ten_minutes(app, clock, village):
    with app.app_context():
        morning = found_morning(village)
    first, second = app.test_client(), app.test_client()
    receipt = receipt_for(first, morning, app)
    receipt_for(second, morning, app)
    village.sign_in(first, "alice")
    village.sign_in(second, "bob")
    assert press(second, receipt).status_code == 422
    clock.forward(minutes=9, seconds=59)
    assert press(first, receipt).status_code == 303
    clock.forward(seconds=2)
    assert "10 分钟" in press(first, receipt).text or "10 minutes" in press(first, receipt).text


def test_an_old_receipt_is_refused(house):
    scan = codes.Scan(1, 1, EventKind.IN, 1, 0)
    text, _id = codes.issue_receipt(scan, "b")
    later = house_clock.now() + dt.timedelta(minutes=11)
    with house_clock.fixed(later), pytest.raises(OldReceipt):
        codes.read_receipt(text, "b")


def test_the_four_digits_hold_for_this_minute_and_the_one_before(house):
    key = codes.screen_key(88, 5)
    digits = codes.number(key, EventKind.IN, NOW)
    assert digits.isdigit()
    assert len(digits) == 4
    assert codes.number_kind(key, digits, NOW + dt.timedelta(seconds=60)) is EventKind.IN
    assert codes.number_kind(key, digits, NOW + dt.timedelta(seconds=180)) is not EventKind.IN


def test_a_clock_before_2020_checks_nobody_in(app, clock, village, client):
    with app.app_context():
        morning = found_morning(village)
        token = morning.token()
    receipt = receipt_for(client, morning, app)
    village.sign_in(client, "alice")
    clock.at(1970, 1, 1, 9)
    assert client.get(f"/s/{token}").status_code == 503
    assert press(client, receipt).status_code == 503
