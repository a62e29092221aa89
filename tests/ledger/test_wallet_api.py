"""Wallets and passbooks as JSON."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient

from tests.ledger.counter import Counter
from tests.support.village import Village

JUNE = dt.date(2026, 6, 30)


def filled(counter: Counter, village: Village) -> str:
    """Alice's household with a few entries; its owner key."""
    owner = f"household:{village.households['2-0317']}"
    counter.award(owner, 250, "award:1", JUNE)
    counter.award(owner, 1000, "award:2")
    counter.hold(owner, 300, "redemption:1")
    return owner


def test_my_wallets_are_the_households_and_my_own(counter: Counter, village: Village, client: FlaskClient) -> None:
    owner = filled(counter, village)
    answer = village.sign_in(client, "andrew").get("/api/v1/wallets/me")
    assert answer.status_code == 200
    household, own = answer.json["items"]
    assert household == {"owner": owner, "book": "points", "available": "9.5", "balance": "9.5", "held": "3",
                         "debt": "0", "lots": [{"expires_on": None, "remaining": "9.5"}]}
    assert (own["owner"], own["balance"]) == (f"resident:{village.residents['andrew']}", "0")


def test_a_passbook_is_read_page_by_page(counter: Counter, village: Village, client: FlaskClient) -> None:
    owner = filled(counter, village)
    village.sign_in(client, "alice")
    first = client.get(f"/api/v1/wallets/{owner}/entries?limit=2").json
    assert [(e["source_key"], e["amount"], e["balance_after"]) for e in first["items"]] == [
        ("redemption:1", "-3", "9.5"), ("award:2", "10", "12.5")]
    second = client.get(f"/api/v1/wallets/{owner}/entries?limit=2&cursor={first['next']}").json
    assert [(e["source_key"], e["expires_on"]) for e in second["items"]] == [("award:1", "2026-06-30")]
    assert second["next"] is None


@pytest.mark.parametrize("who", ["bob", "mallory", "leader", "keeper", "other_member"])
def test_other_peoples_wallets_do_not_exist(counter: Counter, village: Village, client: FlaskClient, who: str) -> None:
    owner = filled(counter, village)
    answer = village.sign_in(client, who).get(f"/api/v1/wallets/{owner}/entries")
    assert answer.status_code == 404
    assert answer.json["error"]["code"] == "ledger.no_wallet"


def test_the_desk_reads_any_wallet_of_its_community(counter: Counter, village: Village, client: FlaskClient) -> None:
    owner = filled(counter, village)
    assert len(village.sign_in(client, "member").get(f"/api/v1/wallets/{owner}/entries").json["items"]) == 3


@pytest.mark.parametrize("key", ["community:1", "household:x", "household", "resident:-1", "household:99999999999999"])
def test_a_key_that_is_no_wallet_is_not_found(village: Village, client: FlaskClient, key: str) -> None:
    assert village.sign_in(client, "member").get(f"/api/v1/wallets/{key}/entries").status_code == 404


def test_a_stranger_is_asked_to_sign_in(client: FlaskClient, village: Village) -> None:
    for path in ("/wallets/me", "/wallets/household:1/entries", "/ledger/verify"):
        assert client.get(f"/api/v1{path}").status_code == 401


def test_a_forged_cursor_is_refused(counter: Counter, village: Village, client: FlaskClient) -> None:
    owner = filled(counter, village)
    answer = village.sign_in(client, "alice").get(f"/api/v1/wallets/{owner}/entries?cursor=abc")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "core.bad_token")


def test_the_desk_has_the_book_checked(counter: Counter, village: Village, client: FlaskClient) -> None:
    filled(counter, village)
    assert village.sign_in(client, "member").get("/api/v1/ledger/verify").json == {"clean": True, "faults": []}


def test_a_resident_does_not_have_the_book_checked(village: Village, client: FlaskClient) -> None:
    assert village.sign_in(client, "alice").get("/api/v1/ledger/verify").status_code == 403
