"""People as JSON."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from pointsbank.core.db import db, transaction
from pointsbank.people import passwords
from pointsbank.people.models import Resident, SignInSession, User

PASSWORD = "lotus pond 2026"


@pytest.fixture
def with_password(app, village):
    with app.app_context():
        hashed = passwords.hash_password(PASSWORD)
        with transaction():
            db.session.execute(sa.update(User).values(password_hash=hashed))
    return village


def _bearer(client, number: str) -> dict[str, str]:
    answer = client.post("/api/v1/sessions", json={"number": number, "password": PASSWORD})
    assert answer.status_code == 201, answer.get_json()
    return {"Authorization": f"Bearer {answer.get_json()['token']}"}


def test_a_bearer_token_opens_the_api_and_ends_with_its_session(app, client, with_password):
    bearer = _bearer(client, "10000000001")
    me = client.get("/api/v1/me", headers=bearer).get_json()
    assert (me["user_id"], me["resident_id"]) == (with_password.users["alice"], with_password.residents["alice"])
    assert me["choices"][0]["name"] == "陈桂芳"
    assert client.delete("/api/v1/sessions/current", headers=bearer).status_code == 204
    assert client.get("/api/v1/me", headers=bearer).status_code == 401


def test_a_bearer_token_is_no_cookie_and_a_cookie_no_bearer_token(client, with_password):
    token = _bearer(client, "10000000001")["Authorization"].split()[1]
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert client.get("/me").status_code == 303
    with_password.sign_in(client, "alice")
    with client.session_transaction() as cookie:
        own = cookie.pop("_user_id")
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {own}"}).status_code == 401


def test_wrong_passwords_are_refused_in_json_and_counted(client, with_password):
    for _ in range(5):
        answer = client.post("/api/v1/sessions", json={"number": "10000000001", "password": "wrong wrong wrong"})
        assert answer.status_code == 422
        assert answer.get_json()["error"]["code"] == "people.wrong_sign_in"
    answer = client.post("/api/v1/sessions", json={"number": "10000000001", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.get_json()["error"]["code"] == "people.locked_out"


def test_a_session_wants_either_a_password_or_a_code(client, with_password):
    for given in ({}, {"password": PASSWORD, "code": "123456"}):
        assert client.post("/api/v1/sessions", json={"number": "10000000001", **given}).status_code == 422


def test_the_office_enters_and_corrects_residents(client, with_password):
    bearer = _bearer(client, "member")
    home = client.post("/api/v1/households", json={"number": "7-0701"}, headers=bearer).get_json()
    made = client.post("/api/v1/residents", headers=bearer, json={
        "name": "赵小明", "phone": "13800000000", "household_id": home["id"], "is_head": True})
    assert made.status_code == 201
    assert made.get_json()["phone"] == "*********00"
    one = made.get_json()["id"]
    changed = client.put(f"/api/v1/residents/{one}", json={"name": "赵大明", "phone": None}, headers=bearer)
    assert (changed.get_json()["name"], changed.get_json()["phone"]) == ("赵大明", None)
    members = client.get(f"/api/v1/households/{home['id']}/members", headers=bearer).get_json()["items"]
    assert [m["resident_id"] for m in members] == [one]
    # Leaving settles points as well, which takes two people: see household-changes.
    assert client.post(f"/api/v1/residents/{one}/move-out", json={}, headers=bearer).status_code == 404


def test_lists_are_paged_and_bounded(client, with_password):
    bearer = _bearer(client, "member")
    first = client.get("/api/v1/residents?limit=3", headers=bearer).get_json()
    assert len(first["items"]) == 3
    rest = client.get(f"/api/v1/residents?limit=1000000000&cursor={first['next']}", headers=bearer).get_json()
    assert (len(rest["items"]), rest["next"]) == (5, None)
    assert client.get("/api/v1/residents?cursor=forged", headers=bearer).status_code == 422


FORBIDDEN = {"id": 1, "community_id": 99, "public_id": "x", "erased_at": "2026-01-01", "left_on": "2026-01-01",
             "created_at": "2020-01-01T00:00:00Z", "is_demo": True, "password_hash": "x", "role": "administrator",
             "frozen_at": None, "user_id": 1, "elder": True}


@pytest.mark.slow
@pytest.mark.parametrize("field", sorted(FORBIDDEN))
def test_fields_that_are_not_on_the_list_change_nothing(app, client, with_password, field):
    bearer = _bearer(client, "member")
    one = with_password.residents["alice"]
    given = {"name": "陈桂花", "phone": "10000000001", field: FORBIDDEN[field]}
    for path, method in ((f"/api/v1/residents/{one}", client.put), ("/api/v1/residents", client.post)):
        assert method(path, json=given, headers=bearer).status_code == 422
    with app.app_context(), transaction():
        assert db.session.get(Resident, one).name == "陈桂芳"
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Resident)) == 9


def test_the_teams_and_roles_have_their_nouns(client, with_password):
    bearer = _bearer(client, "member")
    team = client.post("/api/v1/teams", json={"name": "夕阳红队", "kind": "observers"}, headers=bearer)
    assert team.status_code == 201
    number = team.get_json()["id"]
    renamed = client.patch(f"/api/v1/teams/{number}", json={"name": "观察团"}, headers=bearer)
    assert renamed.get_json()["name"] == "观察团"
    member = {"resident_id": with_password.residents["bob"]}
    assert client.post(f"/api/v1/teams/{number}/members", json=member, headers=bearer).status_code == 201
    path = f"/api/v1/teams/{number}/members/{member['resident_id']}"
    assert client.delete(path, headers=bearer).status_code == 204
    made = client.post("/api/v1/appointments", headers=bearer, json={
        "user_id": with_password.users["bob"], "role": "reviewer", "area_id": with_password.community})
    assert made.status_code == 201
    refused = client.post("/api/v1/appointments", headers=bearer, json={
        "user_id": with_password.users["bob"], "role": "administrator", "area_id": with_password.community})
    assert refused.get_json()["error"]["code"] == "people.may_not_appoint"
    assert client.delete(f"/api/v1/appointments/{made.get_json()['id']}", headers=bearer).status_code == 200


def test_sessions_are_listed_and_ended(app, client, with_password):
    bearer = _bearer(client, "10000000001")
    other = _bearer(client, "10000000001")
    items = client.get("/api/v1/sessions", headers=bearer).get_json()["items"]
    assert len(items) == 2
    with app.app_context(), transaction():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignInSession)) == 2
    assert client.delete(f"/api/v1/sessions/{items[0]['id']}", headers=bearer).status_code == 204
    assert client.get("/api/v1/me", headers=other).status_code == 401


def test_somebody_elses_things_do_not_exist(client, with_password):
    bearer = _bearer(client, "other_member")
    v = with_password
    for path in (f"/residents/{v.residents['alice']}", f"/households/{v.households['2-0317']}",
                 f"/households/{v.households['2-0317']}/members", f"/areas/{v.community}"):
        assert client.get("/api/v1" + path, headers=bearer).status_code == 404, path


def test_a_cookie_on_the_api_needs_the_token_against_forged_forms(app, client, with_password):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        with_password.sign_in(client, "alice")
        assert client.delete("/api/v1/sessions/current").status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
