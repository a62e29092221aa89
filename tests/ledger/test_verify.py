"""``verify`` finds every kind of tampering and names the first bad row; a clean book gives no alarm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run
from pointsbank.ledger import triggers
from pointsbank.ledger.models import Book, TransferKind
from pointsbank.ledger.services import Award, Transfer, roll_up
from pointsbank.ledger.services.deciding import request_hash
from pointsbank.ledger.verify import verify
from tests.ledger.counter import HOUSE, NEIGHBOUR, Counter
from tests.support import schema
from tests.support.village import Village

JUNE, JULY = dt.date(2026, 6, 30), dt.date(2026, 7, 31)
Tamper = Callable[..., None]


@pytest.fixture
def tamper(app: Flask, database_kind: str) -> Tamper:
    """Runs SQL as somebody with the database's own password would: triggers dropped, foreign keys off."""
    off, on = {"sqlite": ("PRAGMA foreign_keys=OFF", "PRAGMA foreign_keys=ON"),
               "postgres": ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT"),
               }[database_kind]

    def change(*statements: str, values: dict[str, Any] | None = None) -> None:
        with app.app_context():
            dialect = db.engine.dialect.name
            engine = schema.superuser(db.engine.url) if dialect == "postgresql" else db.engine
            connection: Any = engine.raw_connection()
            raw = connection.driver_connection
            try:
                if dialect == "postgresql":
                    raw.autocommit = True
                cursor = raw.cursor()
                cursor.execute(off)
                for sql in (*triggers.drop_statements(dialect), *statements, *triggers.create_statements(dialect)):
                    mark = "%(hash)s" if dialect == "postgresql" else ":hash"
                    cursor.execute(sql.replace(":hash", mark), *([values] if ":hash" in sql else []))
                cursor.execute(on)
            finally:
                if dialect == "postgresql":
                    raw.autocommit = False
                connection.invalidate()

    return change


@pytest.fixture
def book(counter: Counter) -> Counter:
    """A book with a bit of everything in it."""
    counter.award_all([Award(HOUSE, 100, "award:1", JUNE), Award(HOUSE, 200, "award:2", JULY),
                       Award(NEIGHBOUR, 300, "award:3")])
    counter.hold(HOUSE, 150, "redemption:1")
    counter.hold(NEIGHBOUR, 50, "redemption:2")
    counter.collect("redemption:1")
    counter.release("redemption:2")
    counter.award(NEIGHBOUR, 40, "award:4", JULY)
    counter.reverse("award:4")
    counter.reverse("award:1")
    counter.award(HOUSE, 5, "award:5", book=Book.HONOUR)
    with counter.app.app_context():
        run(roll_up)
    assert counter.faults() == []
    return counter


def id_of(counter: Counter, key: str) -> int:
    sql = sa.text("SELECT id FROM transfer WHERE community_id = :c AND source_key = :k")
    return counter.ask(lambda: db.session.execute(  # type: ignore[return-value]
        sql, {"c": counter.community_id, "k": key}).scalar_one())


def wallet(counter: Counter, owner: str, kind: str = "wallet") -> int:
    sql = sa.text("SELECT id FROM points_account WHERE community_id=:c AND owner_key=:o AND book='points' AND kind=:k")
    return counter.ask(lambda: db.session.execute(  # type: ignore[return-value]
        sql, {"c": counter.community_id, "o": owner, "k": kind}).scalar_one())


ROW = "WHERE source_key = 'award:2'"


@pytest.mark.parametrize("change", [
    "amount = amount + 1", "kind = 'opening'", "expires_on = '2026-09-30'", "source_key = 'award:22'",
    "to_id = (SELECT id FROM points_account WHERE owner_key = 'household:2' AND kind = 'wallet' AND book = 'points')",
])
def test_an_altered_transfer_is_named(book: Counter, tamper: Tamper, change: str) -> None:
    row = id_of(book, "award:2")
    tamper(f"UPDATE transfer SET {change} {ROW}")
    assert f"ledger.row_altered transfer:{row}" in book.faults()


def test_an_alteration_with_a_forged_hash_still_shows_in_balances(book: Counter, tamper: Tamper) -> None:
    row: Any = book.ask(lambda: db.session.execute(sa.text(f"SELECT * FROM transfer {ROW}")).one())
    forged = Transfer(row.from_id, row.to_id, row.amount + 100, "award", "award:2", JULY)
    tamper(f"UPDATE transfer SET amount = amount + 100, request_hash = :hash {ROW}",
           values={"hash": request_hash(book.community_id, forged)})
    found = book.faults()
    assert f"ledger.balance_differs points_account:{wallet(book, HOUSE)}" in found
    assert not any("row_altered" in fault for fault in found)


def test_a_removed_transfer_is_missed_in_its_wallet(book: Counter, tamper: Tamper) -> None:
    tamper("DELETE FROM transfer WHERE source_key = 'award:3'")
    found = book.faults()
    assert f"ledger.balance_differs points_account:{wallet(book, NEIGHBOUR)}" in found
    assert any(fault.startswith("ledger.not_covered transfer:") for fault in found)


def test_a_removed_transfer_with_allocations_leaves_orphans(book: Counter, tamper: Tamper) -> None:
    row = id_of(book, "redemption:1")
    tamper("DELETE FROM transfer WHERE source_key = 'redemption:1'")
    assert f"ledger.allocation_differs transfer:{row}" in book.faults()


def test_a_changed_balance_is_named(book: Counter, tamper: Tamper) -> None:
    tamper("UPDATE points_account SET balance = balance + 500 WHERE owner_key = 'household:2' AND kind = 'wallet'"
           " AND book = 'points'")
    assert book.faults() == [f"ledger.balance_differs points_account:{wallet(book, NEIGHBOUR)}",
                             f"ledger.sum_not_zero community:{book.community_id}"]


@pytest.mark.parametrize("sql", [
    "UPDATE lot SET remaining = remaining + 1", "UPDATE lot SET remaining = 0", "DELETE FROM lot",
    "UPDATE lot SET expires_on = '2027-01-01'",
])
def test_a_changed_lot_is_named(book: Counter, tamper: Tamper, sql: str) -> None:
    account = wallet(book, HOUSE)
    tamper(f"{sql} WHERE account_id = {account} AND expires_on = '2026-07-31'")
    assert f"ledger.lot_differs lot:{account}/2026-07-31" in book.faults()


@pytest.mark.parametrize("sql", [
    "UPDATE allocation SET amount = amount - 1 WHERE transfer_id = {row} AND expires_on = '2026-07-31'",
    "DELETE FROM allocation WHERE transfer_id = {row}",
    "INSERT INTO allocation (transfer_id, expires_on, amount) VALUES ({row}, '2027-01-01', 5)",
])
def test_a_changed_allocation_is_named(book: Counter, tamper: Tamper, sql: str) -> None:
    row = id_of(book, "redemption:1")
    tamper(sql.format(row=row))
    assert f"ledger.allocation_differs transfer:{row}" in book.faults()


def insert_by_hand(book: Counter, tamper: Tamper, forged: Transfer) -> int:
    now = house_clock.now().isoformat(sep=" ").removesuffix("+00:00")
    day = "NULL" if forged.expires_on is None else f"'{forged.expires_on}'"
    tamper("INSERT INTO transfer (from_id, to_id, amount, reverses_id, recorded_at, community_id, expires_on,"
           " recorded_on, book, kind, source_key, request_hash) VALUES ("
           f"{forged.from_id}, {forged.to_id}, {forged.amount}, {forged.reverses_id or 'NULL'}, '{now}',"
           f" {book.community_id}, {day}, '2026-04-18', 'points', '{forged.kind}', '{forged.source_key}', :hash)",
           values={"hash": request_hash(book.community_id, forged)})
    return id_of(book, forged.source_key)


def test_a_transfer_written_past_the_door_is_noticed(book: Counter, tamper: Tamper) -> None:
    issuance = wallet(book, f"community:{book.community_id}", "issuance")
    forged = Transfer(issuance, wallet(book, NEIGHBOUR), 9900, TransferKind.AWARD, "award:66", JULY)
    insert_by_hand(book, tamper, forged)
    assert f"ledger.balance_differs points_account:{wallet(book, NEIGHBOUR)}" in book.faults()


def test_a_reversal_of_a_reversal_is_named(book: Counter, tamper: Tamper) -> None:
    issuance = wallet(book, f"community:{book.community_id}", "issuance")
    forged = Transfer(issuance, wallet(book, NEIGHBOUR), 40, TransferKind.REVERSAL, "x", JULY,
                      reverses_id=id_of(book, "award:4/reversed"))
    row = insert_by_hand(book, tamper, forged)
    assert f"ledger.reversal transfer:{row}" in book.faults()


def test_a_spend_beyond_the_wallet_is_named(book: Counter, tamper: Tamper) -> None:
    forged = Transfer(wallet(book, NEIGHBOUR), wallet(book, NEIGHBOUR, "held"), 99_999, TransferKind.HOLD, "x")
    row = insert_by_hand(book, tamper, forged)
    assert f"ledger.not_covered transfer:{row}" in book.faults()


def test_a_transfer_of_the_wrong_kind_is_named(book: Counter, tamper: Tamper) -> None:
    forged = Transfer(wallet(book, NEIGHBOUR), wallet(book, HOUSE), 1, TransferKind.AWARD, "x", JULY)
    row = insert_by_hand(book, tamper, forged)
    assert f"ledger.kinds transfer:{row}" in book.faults()


def test_a_transfer_across_books_or_communities_is_named(book: Counter, tamper: Tamper, village: Village) -> None:
    row = id_of(book, "award:3")
    tamper("UPDATE transfer SET book = 'honour' WHERE source_key = 'award:3'")
    found = book.faults()
    assert f"ledger.two_books transfer:{row}" in found
    assert f"ledger.unknown_account transfer:{row}" in found
    tamper(f"UPDATE transfer SET book = 'points', community_id = {village.other} WHERE source_key = 'award:3'")
    assert f"ledger.unknown_account transfer:{row}" in book.faults(village.other)


def test_a_changed_roll_up_is_named(book: Counter, tamper: Tamper) -> None:
    issuance = wallet(book, f"community:{book.community_id}", "issuance")
    tamper(f"UPDATE account_rollup SET balance = balance + 1 WHERE account_id = {issuance}")
    assert book.faults() == [f"ledger.rollup_differs account_rollup:{issuance}"]


def test_a_missing_trigger_is_named(book: Counter, app: Flask, database_kind: str) -> None:
    with app.app_context():
        dialect = db.engine.dialect.name

        def each(statements: Sequence[str]) -> None:
            run(lambda: [db.session.connection().exec_driver_sql(sql) for sql in statements])

        each(triggers.drop_statements(dialect))
        try:
            found = book.faults()
        finally:
            each(triggers.create_statements(dialect))
    assert [f for f in found if "trigger_missing" in f] == [
        f"ledger.trigger_missing trigger:{min(triggers.names(dialect))}"]


def test_a_fault_in_one_community_is_no_alarm_in_another(book: Counter, tamper: Tamper, village: Village) -> None:
    Counter(book.app, village.other).award("household:9", 100, "award:1")
    tamper(f"UPDATE transfer SET amount = amount + 1 {ROW}")
    assert book.faults(village.other) == []
    assert book.faults() != []


def test_an_undisturbed_book_of_all_communities_gives_no_alarm(book: Counter, village: Village) -> None:
    Counter(book.app, village.other).award("household:9", 100, "award:1")
    assert book.ask(verify) == []
