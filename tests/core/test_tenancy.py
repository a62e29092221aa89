"""PostgreSQL's own policies between communities: the second line, should a query forget the first."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.core import clock, tenancy
from pointsbank.core import db as core_db
from pointsbank.core.actor import system
from pointsbank.core.db import db, run, transaction
from pointsbank.people import queries as people
from pointsbank.people import services, signed_in
from pointsbank.people.models import Household, LinkKind, Resident, SignInSession, UserResident
from pointsbank.production import database_refusal
from tests.conftest import Houses
from tests.support import schema
from tests.support.postgres import ROLE
from tests.support.village import Village

pytestmark = pytest.mark.postgres
REFUSED = "42501"


@pytest.fixture
def app(houses: Houses) -> Flask:
    """Only PostgreSQL keeps communities apart itself."""
    return houses.empty("postgres")


def _plant(connection: sa.Connection, table: sa.Table, number: int, community: int) -> None:
    """A row of a community that fits the types of its columns and nothing else."""
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.name == "community_id":
            values[column.name] = community
        elif not column.nullable:
            kind = column.type.compile(connection.dialect).split("(")[0].split(" ")[0]
            values[column.name] = {
                "BOOLEAN": False, "DATE": "2026-01-01", "TIMESTAMP": "2026-01-01T00:00:00Z", "JSONB": "{}",
                "BYTEA": b"x", "TIME": "09:00", "VARCHAR": str(number), "TEXT": str(number), "CHAR": str(number),
            }.get(kind, number)
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'), values)


@pytest.fixture
def planted(app: Flask) -> Iterator[sa.Connection]:
    """A row of community 1 and one of community 2 in each table, seen by the superuser; all of it is rolled back.

    As a replica it is spared foreign keys and triggers, and checks are taken off: here only policies are asked.
    """
    with app.app_context():
        engine = schema.superuser(db.engine.url)
    with engine.connect() as connection, connection.begin() as everything:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for name in tenancy.tables():
            table = db.metadata.tables[name]
            for check in sa.inspect(connection).get_check_constraints(name):
                connection.exec_driver_sql(f'ALTER TABLE "{name}" DROP CONSTRAINT "{check["name"]}"')
            for community in (1, 2):
                _plant(connection, table, 900 + community, community)
        yield connection
        everything.rollback()


def _enter(connection: sa.Connection, community: str) -> None:
    connection.exec_driver_sql(f"SET LOCAL ROLE {ROLE}")
    connection.execute(sa.select(sa.func.set_config(tenancy.SETTING, community, True)))


def _seen(connection: sa.Connection) -> dict[str, tuple[int, ...]]:
    return {name: tuple(sorted(connection.exec_driver_sql(f'SELECT community_id FROM "{name}"').scalars()))
            for name in tenancy.tables()}


def _refusal(connection: sa.Connection, sql: str) -> str | None:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(sql)
    except sa.exc.DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", ""))
    return None


def test_a_question_without_any_condition_gets_the_rows_of_one_community(planted: sa.Connection) -> None:
    names = tenancy.tables()
    assert len(names) > 35
    assert _seen(planted) == dict.fromkeys(names, (1, 2))  # the superuser passes by: the rows are there
    _enter(planted, "1")
    assert _seen(planted) == dict.fromkeys(names, (1,))
    _enter(planted, "2")
    assert _seen(planted) == dict.fromkeys(names, (2,))
    _enter(planted, "")  # jobs, the command line, visitors
    assert _seen(planted) == dict.fromkeys(names, (1, 2))


def test_no_row_is_put_into_moved_to_or_taken_from_another_community(planted: sa.Connection) -> None:
    _enter(planted, "1")
    for name in tenancy.tables():
        columns = [c.name for c in db.metadata.tables[name].columns]
        copied = ", ".join("2" if c == "community_id" else f'"{c}"' for c in columns)
        listed = ", ".join(f'"{c}"' for c in columns)
        inserted = _refusal(planted, f'INSERT INTO "{name}" ({listed}) SELECT {copied} FROM "{name}"')
        moved = _refusal(planted, f'UPDATE "{name}" SET community_id = 2')
        assert (inserted, moved) == (REFUSED, REFUSED), name
        assert planted.exec_driver_sql(f'DELETE FROM "{name}" WHERE community_id = 2').rowcount == 0
    _enter(planted, "2")
    assert set(_seen(planted).values()) == {(2,)}


def test_without_the_policies_the_same_would_go_through(planted: sa.Connection) -> None:
    for name in tenancy.tables():
        planted.exec_driver_sql(f'UPDATE "{name}" SET community_id = 3 WHERE community_id = 2')
    assert set(_seen(planted).values()) == {(1, 3)}


# ── Through the door ────────────────────────────────────────────────────────────────────────────────────────────


def _forget_the_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every room: they import the function by its name."""
    first = core_db.scoped
    for name, module in list(sys.modules.items()):
        if name.startswith("pointsbank.") and getattr(module, "scoped", None) is first:
            monkeypatch.setattr(module, "scoped", lambda model, community_id: sa.select(model))


def _addresses(village: Village) -> list[str]:
    resident, household = village.residents["mallory"], village.households["9-0001"]
    return [f"/desk/residents/{resident}/edit", f"/desk/residents/{resident}/erase",
            f"/desk/households/{household}", f"/desk/households/{household}/edit", f"/api/v1/households/{household}"]


def test_a_query_that_forgets_its_condition_still_finds_nothing_of_the_neighbours(
        client: FlaskClient, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    village.sign_in(client, "member")
    _forget_the_first_line(monkeypatch)
    assert [client.get(path).status_code for path in _addresses(village)] == [404] * 5
    assert client.get(f"/desk/residents/{village.residents['alice']}").status_code == 200
    path = f"/desk/residents/{village.residents['mallory']}/edit"
    assert client.post(path, data={"name": "别人"}).status_code == 404


def test_the_trial_is_a_fair_one(client: FlaskClient, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without both lines the neighbours' rows are shown, so the trial above asked the right question."""
    village.sign_in(client, "member")
    _forget_the_first_line(monkeypatch)
    monkeypatch.setattr(tenancy, "entering", lambda community_id: sa.literal(""))
    assert {client.get(path).status_code for path in _addresses(village)} == {200}


def _setting() -> str | None:
    return db.session.scalar(sa.select(sa.func.current_setting(tenancy.SETTING, True))) or None


def _load(app: Flask, token: str) -> tuple[int | None, str | None]:
    """(the actor's community, the transaction's) after one loading of the session."""
    with app.test_request_context("/"):
        user = run(lambda: (signed_in.load(token), _setting(), tenancy.noted()), write=False)
        assert user[0] is not None
        assert str(user[2] or "") == (user[1] or "")
        return user[0].actor.community_id, user[1]


def _token(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        return str(session["_user_id"])


@pytest.mark.parametrize("key", ["alice", "member", "leader", "supervisor"])
def test_the_scope_is_the_community_of_the_actor(app: Flask, client: FlaskClient, village: Village, key: str) -> None:
    token = _token(village.sign_in(client, key))
    assert _load(app, token) == (village.community, str(village.community))


def test_who_lost_the_link_to_a_community_is_confined_to_none(app: Flask, client: FlaskClient,
                                                            village: Village) -> None:
    token = _token(village.sign_in(client, "alice"))
    with app.app_context(), transaction():
        db.session.execute(sa.delete(UserResident).where(UserResident.user_id == village.users["alice"]))
    assert _load(app, token) == (None, None)


def test_an_office_elsewhere_opens_no_community(app: Flask, client: FlaskClient, village: Village) -> None:
    token = _token(village.sign_in(client, "member"))
    with app.app_context(), transaction():
        db.session.execute(sa.update(SignInSession).values(community_id=village.other))
    assert _load(app, token) == (None, None)


def test_an_office_here_and_one_elsewhere_are_confined_to_here(app: Flask, client: FlaskClient,
                                                               village: Village) -> None:
    with app.app_context(), transaction():
        services.grant_by_name(system(), username="member", role="committee_member", area_code="heping")
    token = _token(village.sign_in(client, "member"))
    assert _load(app, token) == (village.community, str(village.community))


def test_the_scope_ends_with_its_transaction(app: Flask, village: Village) -> None:
    with app.app_context():
        with transaction(), tenancy.scope(village.community):
            assert _setting() == str(village.community)
        assert _setting() is None
        assert tenancy.noted() is None
        db.session.rollback()


def test_a_loading_costs_one_statement(app: Flask, client: FlaskClient, village: Village, queries: Any) -> None:
    token = _token(village.sign_in(client, "alice"))
    with app.test_request_context("/"), queries() as seen:
        run(lambda: signed_in.load(token), write=False)
    assert len(seen) == 1


# ── What crosses communities on purpose ─────────────────────────────────────────────────────────────────────────


def test_a_lifted_scope_is_put_back(app: Flask, village: Village, queries: Any) -> None:
    every = sa.select(sa.func.count()).select_from(Household)
    with app.app_context(), transaction():
        both = db.session.scalar(every)
        with tenancy.scope(village.other):
            assert db.session.scalar(every) == 1
            with tenancy.unscoped():
                assert db.session.scalar(every) == both
            with tenancy.visiting(village.community):
                assert db.session.scalar(every) == both - 1
            with pytest.raises(ZeroDivisionError), tenancy.unscoped():
                raise ZeroDivisionError
            with pytest.raises(sa.exc.DBAPIError), tenancy.unscoped(), db.session.begin_nested():
                db.session.execute(sa.text("SELECT 1 / 0"))
            assert db.session.scalar(every) == 1
        with queries() as seen, tenancy.unscoped(), tenancy.visiting(village.other):
            pass
        assert seen == []


def test_what_is_written_is_judged_by_the_scope_it_was_written_in(app: Flask, village: Village) -> None:
    with app.app_context(), tenancy.scope(village.community):
        db.session.add(Household(community_id=village.other, number="x", created_at=clock.now()))
        with pytest.raises(sa.exc.DBAPIError, match="row-level security"), tenancy.unscoped():
            pass
        db.session.rollback()


def test_a_family_in_two_communities_still_finds_all_its_people(app: Flask, village: Village) -> None:
    with app.app_context(), transaction():
        db.session.add(UserResident(user_id=village.users["alice"], resident_id=village.residents["mallory"],
                                    kind=LinkKind.FAMILY, created_at=clock.now()))
        with tenancy.scope(village.community):
            assert {c.community_id for c in services.choices_of(village.users["alice"])} == {
                village.community, village.other}
            assert len(people.residents_of_user(village.users["alice"])) == 2
            assert not services.can_manage(village.actor("member"), village.users["alice"])
            assert db.session.scalars(sa.select(Resident.community_id).distinct()).all() == [village.community]


# ── Production ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_production_serves_no_superuser(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database_refusal(app) is None
    with app.app_context():
        url = db.engine.url
        superuser = schema.superuser(url)
        monkeypatch.setitem(db._app_engines[app], None, superuser)
        db.session.remove()
        assert "superuser" in (database_refusal(app) or "")
        db.session.remove()
