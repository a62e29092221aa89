"""Signing in by password and by one-time code."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from pointsbank.core.db import db, transaction
from pointsbank.notifications.models import OutboxMessage
from pointsbank.people import passwords, queries, services
from pointsbank.people.models import OneTimeCode, SignInSession, SignInTry, User

PASSWORD = "lotus pond 2026"


@pytest.fixture(scope="module")
def hashed(houses):
    with houses.empty("sqlite").app_context():
        return passwords.hash_password(PASSWORD)


@pytest.fixture
def alice(app, village, hashed):
    with app.app_context(), transaction():
        db.session.execute(sa.update(User).where(User.id == village.users["alice"]).values(password_hash=hashed))
    return village.users["alice"]


def _enter(client, number, password, by="password", **more):
    return client.post("/sign-in", data={"by": by, "number": number, "password": password, **more})


def _code(app) -> str:
    with app.app_context(), transaction():
        body = db.session.scalar(sa.select(OutboxMessage.body).order_by(OutboxMessage.id.desc()).limit(1))
    return re.search(r"\d{6}", body).group()


def test_the_right_password_opens_a_session(client, alice):
    answer = _enter(client, "100 0000 0001", PASSWORD)
    assert answer.status_code == 303
    assert answer.location == "/enter"
    assert client.get("/me").status_code == 200


def test_the_cookie_carries_a_random_id_whose_hash_alone_is_kept(app, client, alice):
    _enter(client, "10000000001", PASSWORD)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with app.app_context(), transaction():
        row = db.session.scalars(sa.select(SignInSession)).one()
        assert token not in (row.token_hash, str(row.id), str(row.user_id))
        assert len(row.token_hash) == 64


def test_a_card_number_and_a_password_open_a_session(app, client, village, alice):
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [village.residents["alice"]])
        number = queries.card_of(village.community, village.residents["alice"]).number
    assert _enter(client, f"{number[:4]} {number[4:]}", PASSWORD, by="card").status_code == 303


@pytest.mark.parametrize("typed", ["xs-wang.li_2", " XS-Wang.Li_2 ", "xs－wang．li_2"])
def test_every_name_that_is_given_opens_a_session(app, client, alice, typed):
    with app.app_context(), transaction():
        db.session.execute(sa.update(User).where(User.id == alice).values(username="xs-wang.li_2"))
    assert _enter(client, "xswang.li_2", PASSWORD).status_code == 422, "somebody else's name"
    assert _enter(client, typed, PASSWORD).status_code == 303
    assert client.get("/me").status_code == 200


def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(client, clock, alice):
    for _ in range(5):
        assert _enter(client, "10000000001", "wrong wrong wrong").status_code == 422
    assert _enter(client, "10000000001", PASSWORD).status_code == 429
    clock.forward(minutes=16)
    assert _enter(client, "10000000001", PASSWORD).status_code == 303


def test_a_wrong_try_is_counted_although_the_request_is_rolled_back(app, client, alice):
    _enter(client, "10000000001", "wrong wrong wrong")
    with app.app_context(), transaction():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignInTry)) == 1


def test_a_disabled_user_gets_the_same_answer_as_a_wrong_password(app, client, clock, alice):
    wrong = _enter(client, "10000000001", "wrong wrong wrong")
    with app.app_context(), transaction():
        db.session.execute(sa.update(User).where(User.id == alice).values(disabled_at=clock()))
    disabled = _enter(client, "10000000001", PASSWORD)
    assert disabled.status_code == wrong.status_code
    seen, other = (_without_chance(page.get_data(as_text=True), "10000000001") for page in (disabled, wrong))
    assert seen == other


def test_next_leads_only_to_addresses_of_this_house(client, alice):
    assert _enter(client, "10000000001", PASSWORD, next="/passbook").location == "/passbook"
    client.post("/sign-out")
    for evil in ("https://evil.example", "//evil.example", "/\\evil.example"):
        assert _enter(client, "10000000001", PASSWORD, next=evil).location == "/enter"
        client.post("/sign-out")


def test_a_code_by_text_message_opens_a_session_once(app, client, clock, village):
    assert client.post("/sign-in/code", data={"number": "10000000001"}).status_code == 303
    code = _code(app)
    answer = client.post("/sign-in", data={"by": "code", "number": "10000000001", "code": code})
    assert answer.status_code == 303
    assert answer.location.startswith("/me/password")  # nobody set one yet
    again = app.test_client().post("/sign-in", data={"by": "code", "number": "10000000001", "code": code})
    assert again.status_code == 422


def test_a_code_is_good_for_ten_minutes(app, client, clock, village):
    client.post("/sign-in/code", data={"number": "10000000001"})
    clock.forward(minutes=10, seconds=1)
    assert client.post("/sign-in", data={"by": "code", "number": "10000000001", "code": _code(app)}).status_code == 422


def test_a_code_dies_after_five_wrong_tries(app, client, clock, village):
    client.post("/sign-in/code", data={"number": "10000000001"})
    code = _code(app)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        assert client.post("/sign-in", data={"by": "code", "number": "10000000001", "code": wrong}).status_code == 422
    assert client.post("/sign-in", data={"by": "code", "number": "10000000001", "code": code}).status_code == 429


def test_one_code_a_minute_and_ten_a_day(client, clock, village):
    clock.at(2026, 4, 18, 8)
    assert client.post("/sign-in/code", data={"number": "10000000001"}).status_code == 303
    assert client.post("/sign-in/code", data={"number": "10000000001"}).status_code == 429
    for _ in range(9):
        clock.forward(minutes=2)
        assert client.post("/sign-in/code", data={"number": "10000000001"}).status_code == 303
    clock.forward(minutes=2)
    assert client.post("/sign-in/code", data={"number": "10000000001"}).status_code == 429
    clock.at(2026, 4, 19, 8)
    assert client.post("/sign-in/code", data={"number": "10000000001"}).status_code == 303


def test_an_unknown_phone_is_sent_nothing_and_told_the_same(app, client, clock, village):
    known = client.post("/sign-in/code", data={"number": "10000000001"})
    stranger = app.test_client()
    unknown = stranger.post("/sign-in/code", data={"number": "19900000000"})
    assert (known.status_code, known.location, known.data) == (unknown.status_code, unknown.location, unknown.data)
    with app.app_context(), transaction():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage)) == 1
        assert db.session.scalar(sa.select(sa.func.count()).select_from(OneTimeCode)) == 2


def test_the_table_of_codes_holds_no_code(app, client, clock, village):
    client.post("/sign-in/code", data={"number": "10000000001"})
    with app.app_context(), transaction():
        body = db.session.scalars(sa.select(OutboxMessage)).one().body
        assert re.search(r"\d{6}", body).group() not in db.session.scalars(sa.select(OneTimeCode)).one().code_hash


def _without_chance(text: str, phone: str) -> str:
    """The page without the number that was typed and the token that is drawn anew for each page."""
    return re.sub(r'csrf_token" value="[^"]+', "", text.replace(phone, "PHONE"))


@pytest.mark.slow
def test_two_hundred_pairs_of_known_and_unknown_phones_get_equal_answers(app, clock):
    """Bodies and status are equal for a registered phone and one nobody has, by password and by code."""
    with app.app_context(), transaction():
        db.session.execute(sa.insert(User), [
            {"name": "x", "phone": f"138{n:08d}", "elder": False, "is_demo": False, "created_at": clock()}
            for n in range(200)])
    client = app.test_client()
    for n in range(200):
        answers = []
        for phone in (f"138{n:08d}", f"139{n:08d}"):
            page = _enter(client, phone, "a wrong password")
            sent = client.post("/sign-in/code", data={"number": phone})
            tried = client.post("/sign-in", data={"by": "code", "number": phone, "code": "000000"})
            with client.session_transaction() as cookie:
                cookie.clear()
            answers.append([(a.status_code, a.location, _without_chance(a.get_data(as_text=True), phone))
                            for a in (page, sent, tried)])
        assert answers[0] == answers[1]


def test_an_unknown_number_costs_one_hash_like_a_known_one(app, client, village, alice, monkeypatch):
    hashed = []
    real = passwords._hasher.verify
    monkeypatch.setattr(passwords, "_hasher", type("Counting", (), {
        "verify": staticmethod(lambda *a: (hashed.append(1), real(*a))[1]), "hash": passwords._hasher.hash}))
    _enter(client, "10000000001", "wrong wrong wrong")
    _enter(client, "19912345678", "wrong wrong wrong")
    _enter(client, "10000000002", "wrong wrong wrong")  # known, but without a password
    assert len(hashed) == 3
