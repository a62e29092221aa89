"""A session that ended is nobody's from the next request on; forms of other sites do nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from pointsbank.people.models import SignInSession, User
from tests.support import players
from tests.support.doors import UNSAFE, api_doors, doors, knock, rooms_of
from tests.support.fingerprint import changed, everything
from tests.support.street import Street

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
MARK_READ = "/api/v1/messages/read"


def many(street: Street, who: str, number: int) -> list[players.Player]:
    """More open sessions of one of the cast, each a cookie and a bearer token."""
    player = street.people[who]
    with street.app.app_context(), transaction():
        return [players.play(player.user_id, player.community_id, player.resident_id) for _ in range(number)]


def writes(street: Street, session: players.Player) -> list[bool]:
    """Whether the cookie can write on a page, and whether the bearer token can in the API."""
    browser = street.app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = session.cookie
        cookie["_fresh"] = True
    page = browser.post("/inbox/read")
    api = street.app.test_client().post(MARK_READ, headers={"Authorization": f"Bearer {session.bearer}"})
    return [page.status_code < 400, api.status_code < 400]


def _update(street: Street, statement: Any) -> None:
    with street.app.app_context(), transaction():
        db.session.execute(statement)


def _freeze(street: Street, user_id: int, first: players.Player) -> None:
    browser = street.app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = first.cookie
    assert browser.post("/me/freeze").status_code == 303
    _update(street, sa.update(SignInSession).where(SignInSession.user_id == user_id).values(revoked_at=None))


def _revoke(street: Street, user_id: int, _first: players.Player) -> None:
    _update(street, sa.update(SignInSession).where(SignInSession.user_id == user_id).values(revoked_at=clock.now()))


def _expire(street: Street, user_id: int, _first: players.Player) -> None:
    past = clock.now() - dt.timedelta(seconds=1)
    _update(street, sa.update(SignInSession).where(SignInSession.user_id == user_id).values(expires_at=past))


def _disable(street: Street, user_id: int, _first: players.Player) -> None:
    _update(street, sa.update(User).where(User.id == user_id).values(disabled_at=clock.now()))


@pytest.mark.parametrize("end", [_revoke, _expire, _disable, _freeze])
def test_no_session_writes_after_it_ended(street: Street, end: Callable[..., None]) -> None:
    """Twenty sessions could write a moment ago. A freeze holds even for one whose row was missed."""
    user_id = street.people["resident"].user_id
    _update(street, sa.update(User).where(User.id == user_id).values(disabled_at=None, frozen_at=None))
    sessions = many(street, "resident", 20)
    assert sum(sum(writes(street, s)) for s in sessions) == 40
    end(street, user_id, sessions[0])
    assert sum(sum(writes(street, s)) for s in sessions) == 0


def test_a_freeze_ends_every_session_row(street: Street) -> None:
    user_id = street.people["neighbour"].user_id
    first = many(street, "neighbour", 3)[0]
    browser = street.app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = first.cookie
    browser.post("/me/freeze")
    left = sa.select(sa.func.count()).where(SignInSession.user_id == user_id, SignInSession.revoked_at.is_(None))
    assert street.rows(left)[0][0] == 0


def test_a_bearer_token_is_no_cookie_and_a_cookie_is_no_bearer_token(street: Street) -> None:
    session = many(street, "stranger", 1)[0]
    swapped = players.Player(0, 0, None, cookie=session.bearer, bearer=session.cookie)
    assert writes(street, session) == [True, True]
    assert writes(street, swapped) == [False, False]


@pytest.fixture
def guarded(street: Street) -> Iterator[Street]:
    """With the form tokens that the other tests leave out."""
    street.app.config["WTF_CSRF_ENABLED"] = True
    yield street
    street.app.config["WTF_CSRF_ENABLED"] = False


def test_the_api_takes_a_cookie_only_with_the_form_token(guarded: Street) -> None:
    home = rooms_of(guarded, guarded.home, "insider")
    before = everything(guarded)
    client, accepted, tried = guarded.client("insider"), [], 0
    for door in api_doors(guarded, home, home):
        answer = knock(client, door)
        tried += 1
        if answer.status_code != 400 and guarded.app.view_functions[door.endpoint].guard.kind != "static":
            accepted.append(f"{door}: {answer.status_code}")
    assert accepted == []
    assert changed(before, everything(guarded)) == []
    assert tried > 80


def test_the_api_takes_a_bearer_token_without_the_form_token(guarded: Street) -> None:
    answer = guarded.client("nobody").post(MARK_READ, headers=guarded.bearer("insider"))
    assert answer.status_code < 300


def test_no_page_takes_a_form_of_another_site(guarded: Street) -> None:
    home = rooms_of(guarded, guarded.home, "insider")
    before = everything(guarded)
    client = guarded.client("insider")
    accepted = [str(d) for d in doors(guarded, home, UNSAFE) if not (d.is_api or d.is_keyed)
                and client.open(d.path, method=d.method, data={"csrf_token": "forged"}).status_code != 400]
    assert accepted == []
    assert changed(before, everything(guarded)) == []


def test_signing_out_by_an_address_does_nothing(street: Street) -> None:
    client = street.client("insider")
    for path in ("/sign-out", "/me/freeze", "/me/devices/end-others"):
        client.get(path)
    assert client.get("/me").status_code == 200
