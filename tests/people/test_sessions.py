"""Sessions are rows: they end at once, everywhere."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from pointsbank.core.db import db, transaction
from pointsbank.people import passwords, services
from pointsbank.people.models import Appointment, LinkKind, Resident, SignInSession, User
from pointsbank.people.services.sessions import start_session

PASSWORD = "lotus pond 2026"


def _open(client) -> int:
    return client.get("/me/devices").status_code


def test_the_whole_actor_is_one_statement(app, client, village, queries):
    village.sign_in(client, "alice")
    with queries() as seen:
        assert client.get("/help").status_code == 200
    plain = len(seen)
    with queries() as seen:
        assert client.get("/me/unfreeze").status_code == 200
    assert len(seen) - plain <= 2  # the actor, and the number of new messages in the frame


def test_a_revoked_session_is_nobodys_from_the_next_request_on(app, client, village):
    village.sign_in(client, "alice")
    assert _open(client) == 200
    with app.app_context(), transaction():
        db.session.execute(sa.update(SignInSession).values(revoked_at=dt.datetime.now(dt.UTC)))
    assert _open(client) == 303


def test_a_session_runs_out(client, clock, village):
    village.sign_in(client, "alice")
    clock.forward(days=31)
    assert _open(client) == 303


def test_a_disabled_user_is_out_at_once(app, client, clock, village):
    village.sign_in(client, "alice")
    with app.app_context(), transaction():
        db.session.execute(sa.update(User).values(disabled_at=clock()))
    assert _open(client) == 303


def test_an_appointment_that_ended_opens_no_desk(app, client, clock, village):
    village.sign_in(client, "member")
    assert client.get("/desk/residents").status_code == 200
    with app.app_context(), transaction():
        db.session.execute(sa.update(Appointment).values(until_at=clock()))
    clock.forward(seconds=1)
    assert client.get("/desk/residents").status_code in {303, 403}


def test_a_link_that_ended_stops_acting_for_that_resident(app, client, village):
    with app.app_context(), transaction():
        services.link(village.actor("member"), village.residents["bob"], "10000000001", LinkKind.FAMILY, confirmed=True)
    village.sign_in(client, "alice", resident="bob")
    assert client.get("/me/card").status_code == 200
    with app.app_context(), transaction():
        services.unlink(village.actor("member"), village.residents["bob"], village.users["alice"])
    assert client.get("/me/card").status_code == 303


def test_somebody_who_moved_out_is_no_longer_acted_for(app, client, village):
    village.sign_in(client, "alice")
    with app.app_context(), transaction():
        services.move_out(village.actor("member"), village.residents["alice"])
        assert db.session.get(Resident, village.residents["alice"]).left_on is not None
    assert client.get("/me/card").status_code == 303


def test_the_answer_to_for_whom_is_kept_with_the_session(app, client, village):
    with app.app_context(), transaction():
        services.link(village.actor("member"), village.residents["bob"], "10000000001", LinkKind.FAMILY, confirmed=True)
    village.sign_in(client, "alice")
    page = client.get("/for-whom").get_data(as_text=True)
    assert "陈桂芳" in page
    assert "李明贵" in page
    assert client.post("/for-whom", data={"choice": f"resident-{village.residents['bob']}"}).status_code == 303
    assert "李明贵" in client.get("/me").get_data(as_text=True)


def test_nobody_answers_for_whom_with_a_stranger(client, village):
    village.sign_in(client, "alice")
    for value in (f"resident-{village.residents['bob']}", f"office-{village.community}", "resident-", "x"):
        assert client.post("/for-whom", data={"choice": value}).status_code == 404


def test_a_supervisor_may_choose_any_community_below(app, village):
    with app.app_context(), transaction():
        found = services.choices_of(village.users["supervisor"])
        assert {c.community_id for c in found} == {village.community, village.other}
        opened = start_session(db.session.get(User, village.users["supervisor"]), device="")
        assert opened.must_choose


def test_devices_are_listed_and_ended_one_by_one(app, client, village):
    other = village.sign_in(app.test_client(), "alice")
    village.sign_in(client, "alice")
    with app.app_context(), transaction():
        ids = db.session.scalars(sa.select(SignInSession.id).order_by(SignInSession.id)).all()
    assert client.post(f"/me/devices/{ids[0]}/end").status_code == 303
    assert _open(other) == 303
    assert _open(client) == 200


def test_nobody_ends_the_session_of_somebody_else(app, client, village):
    village.sign_in(app.test_client(), "bob")
    village.sign_in(client, "alice")
    with app.app_context(), transaction():
        bobs = db.session.scalar(sa.select(SignInSession.id).where(SignInSession.user_id == village.users["bob"]))
    assert client.post(f"/me/devices/{bobs}/end").status_code == 404


def test_signing_out_takes_a_post_and_ends_the_row(app, client, village):
    village.sign_in(client, "alice")
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 303
    with app.app_context(), transaction():
        assert db.session.scalars(sa.select(SignInSession)).one().revoked_at is not None
    assert _open(client) == 303


@pytest.mark.slow
def test_after_a_freeze_none_of_fifty_cookies_works(app, client, village):
    others = [village.sign_in(app.test_client(), "alice") for _ in range(49)]
    village.sign_in(client, "alice")
    assert client.post("/me/freeze").status_code == 303
    assert [_open(c) for c in [client, *others]] == [303] * 50


@pytest.fixture
def frozen(app, client, clock, village):
    with app.app_context():
        hashed = passwords.hash_password(PASSWORD)
        with transaction():
            db.session.execute(sa.update(User).where(User.id == village.users["alice"]).values(
                password_hash=hashed, frozen_at=clock()))
    return village.sign_in(client, "alice")


def test_a_frozen_account_may_look_and_change_nothing(frozen):
    assert frozen.get("/me").status_code == 200
    answer = frozen.post("/me/devices/end-others")
    assert answer.status_code == 403
    assert "冻结" in answer.get_data(as_text=True) or "frozen" in answer.get_data(as_text=True)


def test_the_password_opens_a_frozen_account_again(frozen):
    assert frozen.post("/me/unfreeze", data={"password": "wrong wrong wrong"}).status_code == 422
    assert frozen.post("/me/unfreeze", data={"password": PASSWORD}).status_code == 303
    assert frozen.post("/me/devices/end-others").status_code == 303


def test_a_text_message_does_not_open_a_frozen_account(app, frozen, village):
    from pointsbank.notifications.models import OutboxMessage

    thief = app.test_client()
    thief.post("/sign-in/code", data={"number": "10000000001"})
    with app.app_context(), transaction():
        body = db.session.scalars(sa.select(OutboxMessage.body)).one()
    code = "".join(c for c in body if c.isdigit())[:6]
    assert thief.post("/sign-in", data={"by": "code", "number": "10000000001", "code": code}).status_code == 403


def test_a_new_password_ends_the_other_sessions(app, client, village):
    other = village.sign_in(app.test_client(), "alice")
    village.sign_in(client, "alice")
    data = {"password": "lotus pond 2027", "again": "lotus pond 2027"}
    assert client.post("/me/password", data=data).status_code == 303
    assert _open(client) == 200
    assert _open(other) == 303


def test_changing_a_password_takes_the_old_one(frozen, app, village):
    with app.app_context(), transaction():
        db.session.execute(sa.update(User).values(frozen_at=None))
    data = {"password": "lotus pond 2027", "again": "lotus pond 2027"}
    assert frozen.post("/me/password", data=data).status_code == 422
    assert frozen.post("/me/password", data={**data, "old": PASSWORD, "again": "another one 2027"}).status_code == 422
    assert frozen.post("/me/password", data={**data, "old": PASSWORD}).status_code == 303


def test_large_type_and_language_are_remembered_with_the_sign_in(app, client, village):
    village.sign_in(client, "alice")
    assert client.post("/view", data={"elder": "1", "next": "/me"}).location == "/me"
    assert client.post("/view", data={"locale": "en", "next": "//evil.example"}).location == "/"
    assert 'class="elder"' in client.get("/me").get_data(as_text=True)
    with app.app_context(), transaction():
        user = db.session.get(User, village.users["alice"])
        assert (user.elder, user.locale) == (True, "en")
    stranger = app.test_client()
    stranger.post("/view", data={"elder": "1"})
    assert 'class="elder"' in stranger.get("/sign-in").get_data(as_text=True)
