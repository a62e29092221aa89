"""A household is divided while somebody spends, joined while something is paid in, confirmed by two people at once:
each with its guard, and with that guard off, where it must show."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run, transaction
from pointsbank.ledger import services as ledger
from pointsbank.ledger.services import reading, succeeding
from pointsbank.people.models import TRIGGERS
from pointsbank.shop import services as shop_services
from pointsbank.shop.services import ordering
from pointsbank.succession import services
from pointsbank.succession.plans import household_key
from tests.ledger.test_races import DAY, at_once, kinds
from tests.shop.conftest import set_up
from tests.succession.office import TODAY, Office

WAIT = 20


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]


def both(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Two works, each in its own thread with the house's day; results, or the exceptions as values."""
    app, found = _app(), [None, None]

    def one(place: int, work: Callable[[], Any]) -> None:
        with house_clock.fixed(DAY), app.app_context():
            try:
                found[place] = run(work)
            except Exception as error:
                found[place] = error

    threads = [threading.Thread(target=one, args=(i, work)) for i, work in enumerate((first, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def pause(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, kind: str, *,
          before: bool = False) -> tuple[threading.Event, threading.Event]:
    """Whoever calls ``module.name`` says so, and goes on once told to. On SQLite nobody else can write meanwhile, so
    there nobody waits: the lock of the whole unit of work is the guard."""
    reached, on = threading.Event(), threading.Event()
    genuine = getattr(module, name)

    def slow(*given: Any, **named: Any) -> Any:
        done = None if before else genuine(*given, **named)
        reached.set()
        if kind == "postgres":
            on.wait(WAIT)
        return genuine(*given, **named) if before else done

    monkeypatch.setattr(module, name, slow)
    return reached, on


@pytest.mark.parametrize("guarded", [True, False])
def test_who_leaves_with_a_division_cannot_spend_what_stays(
        office: Office, database_kind: str, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """The order read its membership before the division and takes the points after it."""
    shop = set_up(office.village)
    home = office.home("alice")
    waiting = office.propose("split", household_id=home, people=["andrew"], head="andrew", number="9")
    if not guarded:
        monkeypatch.setattr(ordering, "refuse_moved", lambda *_given: None)
    reached, on = pause(monkeypatch, ordering, "hold_transfers", database_kind, before=True)
    village = office.village

    def divide() -> Any:
        return services.confirm(village.actor("second"), waiting)

    def divide_after() -> Any:
        assert reached.wait(WAIT)
        done = divide()
        db.session.commit()  # only in this test: the order goes on once the division stands
        on.set()
        return done.number

    order, division = both(lambda: shop_services.order(village.actor("andrew"), shop.soap, 1).owner_key, divide_after)
    if database_kind == "sqlite":
        assert (order, kinds([division])) == (household_key(home), {"OpenOrders": 1})
    else:
        assert division == 1
        assert kinds([order]) == {"NotYourWallet": 1} if guarded else order == household_key(home)


@pytest.mark.parametrize("guarded", [True, False])
def test_points_that_come_while_households_are_joined_are_not_left_behind(
        office: Office, database_kind: str, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """An award is posted between the reading of the lots and the closing of the passbook."""
    home, into, community = office.home("alice"), office.home("bob"), office.village.community
    office.give(household_key(home), 100)
    waiting = office.propose("merge", household_id=home, into_id=into)
    reached, on = pause(monkeypatch, succeeding, "_transfers", database_kind)
    if not guarded:
        monkeypatch.setattr(succeeding, "reading", Unlocked())

    def pay() -> Any:
        assert reached.wait(WAIT)
        if guarded:
            on.set()  # the wallet is locked: the award waits for it by itself
        found = ledger.post(community, ledger.award_transfers(
            community, [ledger.Award(household_key(home), 7, "award:between")]), TODAY)
        db.session.commit()  # only in this test: the joining goes on once the award stands
        on.set()
        return len(found)

    joined, paid = both(lambda: services.confirm(office.village.actor("second"), waiting).number, pay)
    assert (joined, paid) == (1, 1)
    left = sum(office.lots(household_key(home)).values())
    if guarded or database_kind == "sqlite":
        assert (left, sum(office.lots(household_key(into)).values())) == (0, 107)
        return
    assert left == 7
    assert [fault.split()[0] for fault in office.faults()] == ["ledger.left_behind"]
    monkeypatch.undo()
    with transaction():  # put right, so that the fixture finds the book in order
        ledger.reopen(community, [household_key(home)])


class Unlocked:
    """``ledger.services.reading`` as the builder of successions sees it, without its lock."""

    def __getattr__(self, name: str) -> Any:
        return getattr(reading, name)

    def lock(self, connection: sa.Connection, community_id: int, ids: Iterable[int]) -> Any:
        statement = reading._lock_statement(connection.dialect.name)._generate()
        statement._for_update_arg = None
        rows = connection.execute(statement, {"community_id": community_id,
                                              "ids": reading.listed(ids, connection.dialect.name)})
        return {row[0]: reading.Account(*row[1:]) for row in rows}


def test_two_confirm_at_once_and_it_is_done_once(office: Office) -> None:
    home = office.home("alice")
    office.give(household_key(home), 100)
    waiting = office.propose("split", household_id=home, people=["andrew"], head="andrew", number="9")
    app, village = _app(), office.village

    def confirm(key: str) -> Callable[[], Any]:
        def work() -> Any:
            with app.app_context():
                return run(lambda: services.confirm(village.actor(key), waiting)).number

        return work

    results = at_once([confirm(key) for key in ("second", "admin", "supervisor")])
    assert kinds(results) == {"int": 1, "AlreadyDecided": 2}
    assert sum(office.lots(household_key(home)).values()) == 50


def test_cases_confirmed_at_once_have_different_numbers(office: Office) -> None:
    app, village = _app(), office.village
    waiting = [office.propose("move", household_id=office.home(key), number=f"7-{key}")
               for key in ("alice", "bob", "charlie", "dora")]

    def confirm(change_id: int) -> Callable[[], Any]:
        def work() -> Any:
            with app.app_context():
                return run(lambda: services.confirm(village.actor("second"), change_id)).number

        return work

    assert sorted(at_once([confirm(i) for i in waiting])) == [1, 2, 3, 4]


@pytest.mark.parametrize("guarded", [True, False])
def test_two_moves_at_once_cannot_make_memberships_overlap(office: Office, database_kind: str, guarded: bool) -> None:
    """Straight at the tables, past the services and their locks; without the database's own guard both go through."""
    app, alice = _app(), office.who("alice")[0]
    statement(GUARD_OFF[database_kind] if not guarded else ["SELECT 1"])
    statement([f"DELETE FROM household_member WHERE resident_id = {alice}"])

    def join(key: str) -> Callable[[], Any]:
        def work() -> None:
            with app.app_context():
                statement(["INSERT INTO household_member (community_id, household_id, resident_id, relation, is_head,"
                           " since_on, until_on) VALUES"
                           f" ({office.village.community}, {office.home(key)}, {alice}, 'x', false, '2026-04-18',"
                           " '2027-01-01')"])

        return work

    results = kinds(at_once([join("bob"), join("charlie")]))
    if guarded:
        assert results == {"NoneType": 1, "IntegrityError": 1}
        return
    assert results == {"NoneType": 2}
    assert len(office.faults()) == 1
    statement([f"DELETE FROM household_member WHERE resident_id = {alice}", *GUARD_ON[database_kind]])


GUARD_OFF = {"postgres": ["ALTER TABLE household_member DROP CONSTRAINT ex_household_member_overlap"],
             "sqlite": [f"DROP TRIGGER {name}" for name in sorted(TRIGGERS.names("sqlite"))]}
GUARD_ON = {"postgres": ["ALTER TABLE household_member ADD CONSTRAINT ex_household_member_overlap EXCLUDE USING gist"
                         " (int4range(resident_id, resident_id, '[]') WITH &&, daterange(since_on, until_on) WITH &&)"],
            "sqlite": TRIGGERS.create_statements("sqlite")}


def statement(texts: Iterable[str]) -> None:
    """Straight at the database, each text as it is."""
    run(lambda: [db.session.connection().exec_driver_sql(text) for text in texts] and None)
