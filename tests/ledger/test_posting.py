"""Posting: balances, lots, keys, refusals and the number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask

from pointsbank.communities.models import Area
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run
from pointsbank.ledger import errors
from pointsbank.ledger.models import AccountKind, Book, TransferKind
from pointsbank.ledger.services import (
    Award,
    Transfer,
    accounts,
    award_transfers,
    hold_transfers,
    post,
    posting,
    release_transfers,
    reversal_transfers,
    writing,
)
from pointsbank.ledger.services.verbs import Hold
from tests.ledger.counter import HOUSE, NEIGHBOUR, Counter
from tests.support.village import Village

Statements = Callable[[], AbstractContextManager[list[str]]]
JUNE, JULY, AUGUST = dt.date(2026, 6, 30), dt.date(2026, 7, 31), dt.date(2026, 8, 31)


def test_an_award_fills_the_wallet_and_its_lot(counter: Counter) -> None:
    counter.award(HOUSE, 250, "award:1", JUNE)
    counter.award(HOUSE, 100, "award:2")
    assert counter.balance() == counter.available() == 350
    assert counter.lots() == {JUNE: 250, None: 100}
    assert counter.faults() == []


def test_the_same_award_twice_is_one_row_and_answers_the_same_id(counter: Counter) -> None:
    first = counter.award(HOUSE, 250, "award:1")
    assert counter.award(HOUSE, 250, "award:1") == first
    assert counter.balance() == 250
    assert counter.rows() == 1


def test_a_repeat_with_other_content_is_a_conflict_and_changes_nothing(counter: Counter) -> None:
    counter.award(HOUSE, 250, "award:1", JUNE)
    for owner, amount, day in ((HOUSE, 251, JUNE), (NEIGHBOUR, 250, JUNE), (HOUSE, 250, JULY), (HOUSE, 250, None)):
        with pytest.raises(errors.KeyConflict):
            counter.award(owner, amount, "award:1", day)
    assert counter.balance() == 250
    assert counter.faults() == []


def test_one_batch_may_name_a_key_twice_only_with_the_same_content(counter: Counter) -> None:
    counter.award_all([Award(HOUSE, 100, "award:1"), Award(HOUSE, 100, "award:1")])
    assert counter.balance() == 100
    with pytest.raises(errors.KeyConflict):
        counter.award_all([Award(HOUSE, 100, "award:2"), Award(HOUSE, 200, "award:2")])
    assert counter.rows() == 1


def test_a_batch_half_known_writes_only_the_other_half(counter: Counter) -> None:
    first = counter.award(HOUSE, 100, "award:1")
    both = counter.award_all([Award(HOUSE, 100, "award:1"), Award(NEIGHBOUR, 300, "award:2")])
    assert both["award:1"] == first["award:1"]
    assert counter.balance() == 100
    assert counter.balance(NEIGHBOUR) == 300


def test_one_wallet_many_times_in_a_batch_gets_every_amount(counter: Counter) -> None:
    counter.award_all([Award(HOUSE, amount, f"award:{amount}", JUNE) for amount in (1000, 500, 700)])
    assert counter.balance() == 2200
    assert counter.lots() == {JUNE: 2200}
    assert counter.faults() == []


def test_any_partition_of_a_batch_gives_the_same_book(counter: Counter) -> None:
    awards = [Award(f"household:{i % 3}", 100 + i, f"award:{i}", (JUNE, JULY, None)[i % 3]) for i in range(9)]
    counter.award_all(awards)
    counter.award_all([Award(f"x{a.owner_key}", a.amount, f"x{a.source_key}", a.expires_on) for a in awards[:4]])
    counter.award_all([Award(f"x{a.owner_key}", a.amount, f"x{a.source_key}", a.expires_on) for a in awards[4:]])
    for i in range(3):
        assert counter.lots(f"household:{i}") == counter.lots(f"xhousehold:{i}")
    assert counter.faults() == []


def test_a_spend_takes_the_earliest_lots_first(counter: Counter) -> None:
    counter.award_all([Award(HOUSE, 100, "award:1"), Award(HOUSE, 100, "award:2", JULY),
                       Award(HOUSE, 100, "award:3", JUNE)])
    counter.hold(HOUSE, 150, "redemption:1")
    assert counter.lots() == {JULY: 50, None: 100}
    assert counter.held() == 150
    assert counter.faults() == []


def test_more_than_there_is_is_refused_with_nothing_written(counter: Counter, app: Flask) -> None:
    counter.award(HOUSE, 100, "award:1")

    def caught() -> int:
        with pytest.raises(errors.NotEnough) as refusal:
            post(counter.community_id, hold_transfers(counter.community_id, [Hold(HOUSE, 101, "redemption:1")]),
                 house_clock.today())
        assert refusal.value.data == {"available": "1", "needed": "1.01"}
        # The transaction is still clean: the caller may go on.
        return len(post(counter.community_id, hold_transfers(
            counter.community_id, [Hold(HOUSE, 100, "redemption:2")]), house_clock.today()))

    with app.app_context():
        assert run(caught) == 1
    assert counter.balance() == 0
    assert counter.faults() == []


def test_no_prefix_of_a_batch_may_overdraw_although_its_sum_would_do(counter: Counter) -> None:
    community = counter.community_id
    with pytest.raises(errors.NotEnough):
        counter.post(lambda: [*hold_transfers(community, [Hold(HOUSE, 100, "redemption:1")]),
                              *award_transfers(community, [Award(HOUSE, 100, "award:1")])])
    counter.post(lambda: [*award_transfers(community, [Award(HOUSE, 100, "award:1")]),
                          *hold_transfers(community, [Hold(HOUSE, 100, "redemption:1")])])
    assert counter.held() == 100
    assert counter.faults() == []


def test_expired_points_cannot_be_spent_although_the_job_has_not_run(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    clock.at(2026, 6, 30, 23, 59)
    assert counter.available() == 100
    clock.at(2026, 7, 1, 0, 1)
    assert counter.available() == 0
    assert counter.balance() == 100
    with pytest.raises(errors.NotEnough):
        counter.hold(HOUSE, 1, "redemption:1")


def test_a_cancelled_order_gives_the_very_lots_back(counter: Counter, clock: Any) -> None:
    counter.award_all([Award(HOUSE, 100, "award:1", JUNE), Award(HOUSE, 100, "award:2", JULY)])
    counter.hold(HOUSE, 150, "redemption:1")
    clock.at(2026, 7, 10)
    counter.release("redemption:1")
    # June's 100 came back into June, where they are over: cancelling does not launder a date.
    assert counter.lots() == {JULY: 100}
    assert counter.balance() == 200
    counter.expire()
    assert counter.balance() == 100
    assert counter.faults() == []


def test_an_order_is_either_collected_or_released(counter: Counter) -> None:
    counter.award(HOUSE, 100, "award:1")
    counter.hold(HOUSE, 60, "redemption:1")
    counter.hold(HOUSE, 40, "redemption:2")
    assert counter.collect("redemption:1") == counter.collect("redemption:1")
    with pytest.raises(errors.KeyConflict):
        counter.release("redemption:1")
    counter.release("redemption:2")
    with pytest.raises(errors.KeyConflict):
        counter.collect("redemption:2")
    assert (counter.balance(), counter.held()) == (40, 0)
    assert counter.faults() == []


def test_a_returned_order_is_undone_in_two_steps(counter: Counter) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    counter.hold(HOUSE, 60, "redemption:1")
    counter.collect("redemption:1")
    counter.reverse("redemption:1/close", "redemption:1")
    assert (counter.balance(), counter.held()) == (100, 0)
    assert counter.lots() == {JUNE: 100}
    assert counter.faults() == []


def test_a_reversal_happens_once_and_is_never_reversed(counter: Counter) -> None:
    counter.award(HOUSE, 100, "award:1")
    assert counter.reverse("award:1") == counter.reverse("award:1")
    assert counter.balance() == 0
    with pytest.raises(errors.NotReversible):
        counter.reverse("award:1/reversed")
    with pytest.raises(errors.AlreadyReversed):
        counter.post(lambda: [*_again(counter, "award:1", "/again")])
    with pytest.raises(errors.UnknownEntry):
        counter.reverse("award:404")
    assert counter.faults() == []


def _again(counter: Counter, key: str, suffix: str) -> list[Transfer]:
    return reversal_transfers(counter.community_id, [key], suffix)


def test_a_reversal_that_does_not_mirror_is_refused(counter: Counter) -> None:
    first = counter.award(HOUSE, 100, "award:1")["award:1"]
    with pytest.raises(errors.NotReversible):
        counter.post(lambda: [Transfer(*_pair(counter), 99, TransferKind.REVERSAL, "x", reverses_id=first)])
    with pytest.raises(errors.NotReversible):
        counter.post(lambda: [Transfer(*_pair(counter), 100, TransferKind.REVERSAL, "x", reverses_id=first + 77)])


def _pair(counter: Counter) -> tuple[int, int]:
    ids = accounts(counter.community_id, Book.POINTS, [(AccountKind.WALLET, HOUSE),
                                                       (AccountKind.ISSUANCE, f"community:{counter.community_id}")])
    return (ids[AccountKind.WALLET, HOUSE], ids[AccountKind.ISSUANCE, f"community:{counter.community_id}"])


def test_a_reversed_award_takes_its_own_lot_first(counter: Counter) -> None:
    counter.award_all([Award(HOUSE, 100, "award:1", JUNE), Award(HOUSE, 100, "award:2", AUGUST)])
    counter.reverse("award:2")
    assert counter.lots() == {JUNE: 100}
    assert counter.faults() == []


@pytest.mark.parametrize("amount", [0, -5, 1.5, True])
def test_only_positive_whole_amounts_are_posted(counter: Counter, amount: Any) -> None:
    with pytest.raises(errors.BadTransfer):
        counter.award(HOUSE, amount, "award:1")


def test_a_transfer_needs_two_accounts_of_this_community(counter: Counter, village: Village) -> None:
    counter.award(HOUSE, 100, "award:1")
    with pytest.raises(errors.BadTransfer):
        counter.post(lambda: [Transfer(_pair(counter)[0], _pair(counter)[0], 5, TransferKind.HOLD, "x")])
    with pytest.raises(errors.BadTransfer):
        counter.post(lambda: [Transfer(987654, 987655, 5, TransferKind.HOLD, "x")])
    other = Counter(counter.app, village.other)
    with pytest.raises(errors.BadTransfer):
        other.post(lambda: [Transfer(*_pair(counter), 5, TransferKind.HOLD, "x")])


def test_communities_and_books_do_not_mix(counter: Counter, village: Village) -> None:
    other = Counter(counter.app, village.other)
    counter.award(HOUSE, 100, "award:1")
    other.award(HOUSE, 700, "award:1")
    counter.award(HOUSE, 5, "award:2", book=Book.HONOUR)
    assert (counter.balance(), other.balance(), counter.balance(book=Book.HONOUR)) == (100, 700, 5)
    with pytest.raises(errors.UnknownEntry):
        other.reverse("award:2")
    assert counter.faults() == other.faults() == []


def test_posting_nothing_does_nothing(counter: Counter, queries: Statements) -> None:
    with queries() as seen:
        assert counter.post(lambda: []) == {}
    assert seen == []


def test_a_batch_takes_as_many_statements_as_one_award(counter: Counter, queries: Statements,
                                                       database_kind: str) -> None:
    most = {"postgres": 3, "sqlite": 5}[database_kind]  # lock, keys, write; SQLite writes rows, balances and lots apart
    owners = [f"household:{i}" for i in range(300)]
    counter.award_all([Award(owner, 100, f"warm:{owner}", JUNE) for owner in owners])
    for size in (1, 300):
        awards = [Award(owner, 100, f"award:{size}:{owner}", JUNE) for owner in owners[:size]]
        built: list[Transfer] = []
        with queries() as seen:
            counter.post(lambda awards=awards, built=built: built or built.extend(  # type: ignore[misc]
                award_transfers(counter.community_id, awards)) or built)
        assert len(seen) <= most + 1, seen  # one more finds the accounts


def test_spending_and_cancelling_take_few_statements(counter: Counter, queries: Statements, database_kind: str) -> None:
    counter.award(HOUSE, 500, "award:1", JUNE)
    counter.hold(HOUSE, 10, "warm")
    counter.release("warm")
    community = counter.community_id
    with queries() as seen:
        counter.post(lambda: hold_transfers(community, [Hold(HOUSE, 100, "redemption:1")]))
    assert len(seen) <= {"postgres": 5, "sqlite": 8}[database_kind], seen
    with queries() as seen:
        counter.post(lambda: release_transfers(community, ["redemption:1"]))
    assert len(seen) <= {"postgres": 5, "sqlite": 8}[database_kind], seen


def test_ids_rise_in_the_order_of_the_batch(counter: Counter) -> None:
    keys = [f"award:{i}" for i in range(500)]
    ids = counter.award_all([Award(HOUSE, 100, key) for key in keys])
    assert [ids[key] for key in keys] == sorted(ids.values())
    assert counter.faults() == []


@pytest.mark.slow
def test_a_very_large_batch_is_one_batch(counter: Counter) -> None:
    counter.award_all([Award(f"household:{i % 1500}", 100, f"award:{i}", JUNE) for i in range(4000)])
    assert counter.rows() == 4000
    assert counter.faults() == []


def test_the_portable_writer_writes_the_same_book(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def business(prefix: str) -> None:
        counter.award_all([Award(f"{prefix}:1", 100, f"{prefix}/1", JUNE), Award(f"{prefix}:1", 50, f"{prefix}/2")])
        counter.hold(f"{prefix}:1", 120, f"{prefix}/3")
        counter.release(f"{prefix}/3")
        counter.hold(f"{prefix}:1", 30, f"{prefix}/4")
        counter.reverse(f"{prefix}/1")

    business("a")
    monkeypatch.setattr(posting, "write", writing.write_portably)
    business("b")
    assert counter.lots("a:1") == counter.lots("b:1")
    assert counter.debt("a:1") == counter.debt("b:1")
    assert counter.faults() == []


def test_the_posting_session_stays_usable_by_the_orm(counter: Counter, app: Flask) -> None:
    def both() -> None:
        area = db.session.get(Area, counter.community_id)
        assert area is not None
        area.name = "renamed"
        post(counter.community_id, award_transfers(counter.community_id, [Award(HOUSE, 5, "award:1")]),
             house_clock.today())

    with app.app_context():
        run(both)
        assert run(lambda: db.session.get(Area, counter.community_id).name, write=False) == "renamed"  # type: ignore
    assert counter.balance() == 5
