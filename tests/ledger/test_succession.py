"""Points pass from one passbook to another lot by lot; a closed passbook sends on what still arrives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run
from pointsbank.ledger import services as ledger
from pointsbank.ledger.errors import BadTransfer, DebtOverpaid, HasSuccessor, NotEnough, StillHeld
from pointsbank.ledger.models import AccountKind, Book, TransferKind
from pointsbank.ledger.services import Bequest, Transfer
from pointsbank.ledger.services.succeeding import divide
from tests.ledger.counter import HOUSE, NEIGHBOUR, Counter

JUNE, JULY, NEVER = dt.date(2026, 6, 30), dt.date(2026, 7, 31), ledger.NEVER
OTHER, WAITING, HEIR = "household:77", "remainder:5", "resident:6"


def bequeath(counter: Counter, *bequests: Bequest, key: str = "succession:1") -> dict[str, int]:
    return counter.post(lambda: ledger.bequest_transfers(counter.community_id, bequests, key, house_clock.today())[0])


def pass_on(counter: Counter, key: str = "succession:2", heir: str = HEIR) -> dict[str, int]:
    return counter.post(lambda: ledger.pass_on(counter.community_id, WAITING, heir, key, house_clock.today()))


def take_back(counter: Counter, keys: Sequence[str], key: str, reopened: Sequence[str] = ()) -> dict[str, int]:
    def build() -> list[Transfer]:
        ledger.reopen(counter.community_id, reopened)
        found = ledger.returns(counter.community_id, house_clock.today(), keys=list(keys))
        return ledger.return_transfers(counter.community_id, found, key)

    return counter.post(build)


# ── Dividing ────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.dictionaries(st.dates(dt.date(2026, 1, 1), dt.date(2027, 1, 1)), st.integers(1, 10**9), max_size=12),
       st.integers(0, 12), st.integers(1, 12))
def test_a_division_loses_nothing_and_is_exact_to_the_hundredth(lots: dict[dt.date, int], part: int,
                                                               whole: int) -> None:
    part = min(part, whole)
    shares = divide(lots, part, whole)
    assert sum(shares.values()) == sum(lots.values()) * part // whole
    for day, amount in lots.items():
        assert abs(shares.get(day, 0) * whole - amount * part) < whole
        assert 0 <= shares.get(day, 0) <= amount
    rest = {day: amount - shares.get(day, 0) for day, amount in lots.items()}
    assert sum(rest.values()) + sum(shares.values()) == sum(lots.values())


def test_each_lot_is_divided_and_keeps_its_last_day(counter: Counter) -> None:
    counter.award(HOUSE, 301, "award:1", JUNE)
    counter.award(HOUSE, 200, "award:2", JULY)
    counter.award(HOUSE, 100, "award:3")
    keys = bequeath(counter, Bequest(HOUSE, NEIGHBOUR, 1, 3))
    assert counter.lots(NEIGHBOUR) == {JUNE: 100, JULY: 67, None: 33}
    assert counter.lots(HOUSE) == {JUNE: 201, JULY: 133, None: 67}
    assert len(keys) == 3
    assert counter.faults() == []


def test_an_exact_amount_is_shared_out_over_the_lots(counter: Counter) -> None:
    counter.award(HOUSE, 300, "award:1", JUNE)
    counter.award(HOUSE, 100, "award:2")
    bequeath(counter, Bequest(HOUSE, NEIGHBOUR, exact=101))
    assert counter.lots(NEIGHBOUR) == {JUNE: 76, None: 25}
    with pytest.raises(NotEnough):
        bequeath(counter, Bequest(HOUSE, NEIGHBOUR, exact=300), key="succession:2")
    assert counter.faults() == []


def test_honour_and_debt_follow_by_the_same_share(counter: Counter) -> None:
    counter.award(HOUSE, 90, "award:1", book=Book.HONOUR)
    counter.award(HOUSE, 100, "award:2")
    counter.hold(HOUSE, 100, "redemption:1")
    counter.collect("redemption:1")
    counter.reverse("award:2")
    assert counter.debt(HOUSE) == 100
    bequeath(counter, Bequest(HOUSE, NEIGHBOUR, 1, 3, books=ledger.HOUSE_BOOKS))
    assert (counter.debt(HOUSE), counter.debt(NEIGHBOUR)) == (67, 33)
    assert (counter.balance(HOUSE, Book.HONOUR), counter.balance(NEIGHBOUR, Book.HONOUR)) == (60, 30)
    counter.award(NEIGHBOUR, 50, "award:3")
    assert (counter.debt(NEIGHBOUR), counter.balance(NEIGHBOUR)) == (0, 17)
    assert counter.faults() == []


def test_nothing_moves_while_an_order_waits(counter: Counter) -> None:
    counter.award(HOUSE, 100, "award:1")
    counter.hold(HOUSE, 40, "redemption:1")
    with pytest.raises(StillHeld):
        bequeath(counter, Bequest(HOUSE, NEIGHBOUR))
    counter.release("redemption:1")
    bequeath(counter, Bequest(HOUSE, NEIGHBOUR))
    assert counter.lots(NEIGHBOUR) == {None: 100}


def test_lots_whose_day_is_over_stay_for_the_sweep(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    clock.at(2026, 7, 1)
    bequeath(counter, Bequest(HOUSE, NEIGHBOUR, closes=True))
    assert counter.lots(NEIGHBOUR) == {}
    assert counter.balance(HOUSE) == 100
    counter.expire()
    assert counter.balance(HOUSE) == 0
    assert counter.faults() == []


def test_no_succession_gives_points_a_longer_life(counter: Counter, app: Flask) -> None:
    counter.award(HOUSE, 100, "award:1", JUNE)
    counter.award(NEIGHBOUR, 1, "award:2")
    with app.app_context():
        ids = run(lambda: ledger.accounts(counter.community_id, Book.POINTS, [
            (AccountKind.WALLET, HOUSE), (AccountKind.WALLET, NEIGHBOUR)]))
    source, target = ids[AccountKind.WALLET, HOUSE], ids[AccountKind.WALLET, NEIGHBOUR]
    for day in (JULY, None):
        with pytest.raises(BadTransfer):
            counter.post(lambda d=day: [Transfer(source, target, 10, TransferKind.SUCCESSION, "s:1", d)])
    counter.post(lambda: [Transfer(source, target, 10, TransferKind.SUCCESSION, "s:1", dt.date(2026, 5, 1))])
    assert counter.lots(NEIGHBOUR) == {dt.date(2026, 5, 1): 10, None: 1}
    assert counter.faults() == []


# ── A closed passbook ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_award_that_comes_later_goes_on_with_its_day(counter: Counter) -> None:
    counter.award(HOUSE, 50, "award:1", JUNE)
    bequeath(counter, Bequest(HOUSE, NEIGHBOUR, closes=True))
    counter.award(HOUSE, 70, "award:2", JULY)
    assert counter.lots(NEIGHBOUR) == {JUNE: 50, JULY: 70}
    assert counter.balance(HOUSE) == 0
    assert counter.award(HOUSE, 70, "award:2", JULY)  # a repeat is answered and moves nothing
    assert counter.balance(NEIGHBOUR) == 120
    assert counter.faults() == []


def test_a_line_of_closed_passbooks_leads_to_the_last(counter: Counter) -> None:
    bequeath(counter, Bequest(HOUSE, NEIGHBOUR, closes=True), key="succession:1")
    bequeath(counter, Bequest(NEIGHBOUR, OTHER, closes=True, days=10), key="succession:2")
    counter.award_all([ledger.Award(HOUSE, 30, "award:1"), ledger.Award(NEIGHBOUR, 5, "award:2")])
    assert counter.lots(OTHER) == {dt.date(2026, 4, 28): 35}
    assert (counter.balance(HOUSE), counter.balance(NEIGHBOUR)) == (0, 0)
    assert counter.faults() == []


def test_goods_that_come_back_bring_the_very_lots_to_the_successor(counter: Counter) -> None:
    counter.award(HOUSE, 50, "award:1", JUNE)
    counter.award(HOUSE, 50, "award:2", JULY)
    counter.hold(HOUSE, 80, "redemption:1")
    counter.collect("redemption:1")
    bequeath(counter, Bequest(HOUSE, NEIGHBOUR, closes=True))
    counter.post(lambda: [*ledger.reversal_transfers(counter.community_id, ["redemption:1/close"], "/returned"),
                          *ledger.reversal_transfers(counter.community_id, ["redemption:1"], "/returned")])
    assert counter.lots(NEIGHBOUR) == {JUNE: 50, JULY: 50}
    assert counter.balance(HOUSE) == 0
    assert counter.faults() == []


def test_a_correction_after_the_end_is_owed_by_the_successor(counter: Counter) -> None:
    counter.award(HOUSE, 50, "award:1")
    bequeath(counter, Bequest(HOUSE, NEIGHBOUR, closes=True))
    counter.reverse("award:1")
    assert (counter.debt(HOUSE), counter.debt(NEIGHBOUR)) == (0, 50)
    counter.award(HOUSE, 20, "award:2")  # comes to the closed passbook, and pays for it on the way
    assert (counter.debt(NEIGHBOUR), counter.balance(NEIGHBOUR)) == (30, 50)
    assert counter.faults() == []


def test_nothing_is_left_to_a_closed_passbook(counter: Counter) -> None:
    bequeath(counter, Bequest(HOUSE, NEIGHBOUR, closes=True))
    counter.award(OTHER, 10, "award:1")
    with pytest.raises(HasSuccessor):
        bequeath(counter, Bequest(OTHER, HOUSE), key="succession:2")


def test_verify_names_what_was_left_behind_in_a_closed_passbook(counter: Counter, app: Flask) -> None:
    counter.award(HOUSE, 10, "award:1")
    counter.award(NEIGHBOUR, 10, "award:2")
    with app.app_context():
        run(lambda: db.session.execute(sa.text(
            "UPDATE points_account SET succeeded_on = '2026-04-01', successor_id = (SELECT id FROM points_account"
            f" WHERE owner_key = '{NEIGHBOUR}' AND kind = 'wallet') WHERE owner_key = '{HOUSE}' AND kind = 'wallet'")))
    assert [fault.split()[0] for fault in counter.faults()] == ["ledger.left_behind"]


# ── Waiting, passed on, taken back ──────────────────────────────────────────────────────────────────────────────


def test_what_waits_lapses_by_the_ordinary_sweep(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 50, "award:1")
    counter.award(HOUSE, 20, "award:2", JUNE)
    bequeath(counter, Bequest(HOUSE, WAITING, days=100, closes=True))
    assert counter.lots(WAITING) == {JUNE: 20, dt.date(2026, 7, 27): 50}
    clock.at(2026, 7, 28)
    assert counter.available(WAITING) == 0
    counter.expire()
    assert counter.balance(WAITING) == 0
    assert counter.faults() == []


def test_an_heir_gets_what_waits_with_the_days_it_had_before(counter: Counter, clock: Any) -> None:
    counter.award(HOUSE, 50, "award:1")
    counter.award(HOUSE, 20, "award:2", JUNE)
    counter.award(HOUSE, 9, "award:3", dt.date(2026, 4, 20))
    bequeath(counter, Bequest(HOUSE, WAITING, days=100, closes=True))
    counter.award(HOUSE, 7, "award:4", JULY)  # on its way before, posted after
    clock.at(2026, 5, 1)
    counter.expire()
    pass_on(counter)
    assert counter.lots(HEIR) == {JUNE: 20, JULY: 7, None: 50}
    assert counter.balance(WAITING) == 0
    counter.award(HOUSE, 3, "award:5")
    assert counter.lots(HEIR)[None] == 53
    assert counter.faults() == []


def test_a_debt_waits_and_is_inherited_too(counter: Counter) -> None:
    counter.award(HOUSE, 50, "award:1")
    counter.hold(HOUSE, 50, "redemption:1")
    counter.collect("redemption:1")
    counter.reverse("award:1")
    bequeath(counter, Bequest(HOUSE, WAITING, days=100, closes=True))
    assert counter.debt(WAITING) == 50
    pass_on(counter)
    assert [counter.debt(owner) for owner in (HOUSE, WAITING, HEIR)] == [0, 0, 50]
    assert counter.faults() == []


def test_the_wrong_heir_gives_it_back_and_another_gets_it(counter: Counter, app: Flask) -> None:
    counter.award(HOUSE, 50, "award:1")
    counter.award(HOUSE, 20, "award:2", JUNE)
    bequeath(counter, Bequest(HOUSE, WAITING, days=100, closes=True))
    for number in (2, 4, 6):  # as often as it takes; no key grows
        with app.app_context():
            found = run(lambda: ledger.returns(counter.community_id, house_clock.today(), waiting=[WAITING]))
        passed = [f"succession:{number}:{one.id}{ledger.ONWARD}:{one.day}" for one in found]
        pass_on(counter, f"succession:{number}")
        assert counter.lots(HEIR) == {JUNE: 20, None: 50}
        counter.post(lambda n=number, p=passed: ledger.pass_back(  # type: ignore[misc]
            counter.community_id, WAITING, HEIR, p, f"succession:{n + 1}", 100, house_clock.today()))
        assert counter.lots(WAITING) == {JUNE: 20, dt.date(2026, 7, 27): 50}
    pass_on(counter, "succession:8", OTHER)
    assert counter.lots(OTHER) == {JUNE: 20, None: 50}
    assert counter.balance(HEIR) == 0
    assert counter.faults() == []


def test_a_succession_is_taken_back_lot_by_lot(counter: Counter) -> None:
    counter.award(HOUSE, 50, "award:1", JUNE)
    counter.award(HOUSE, 20, "award:2")
    counter.award(NEIGHBOUR, 5, "award:3", JUNE)
    keys = bequeath(counter, Bequest(HOUSE, NEIGHBOUR, closes=True))
    take_back(counter, list(keys), "succession:2", [HOUSE])
    assert counter.lots(HOUSE) == {JUNE: 50, None: 20}
    assert counter.lots(NEIGHBOUR) == {JUNE: 5}
    counter.award(HOUSE, 1, "award:4")
    assert counter.lots(HOUSE)[None] == 21
    assert counter.faults() == []


def test_what_was_spent_is_not_taken_back_from_other_lots(counter: Counter) -> None:
    counter.award(HOUSE, 50, "award:1", JUNE)
    counter.award(NEIGHBOUR, 50, "award:2")
    keys = bequeath(counter, Bequest(HOUSE, NEIGHBOUR))
    counter.hold(NEIGHBOUR, 30, "redemption:1")
    counter.collect("redemption:1")
    with pytest.raises(NotEnough):
        take_back(counter, list(keys), "succession:2")
    assert counter.lots(NEIGHBOUR) == {JUNE: 20, None: 50}


def test_a_debt_that_was_made_up_since_is_not_taken_back(counter: Counter) -> None:
    counter.award(HOUSE, 50, "award:1")
    counter.hold(HOUSE, 50, "redemption:1")
    counter.collect("redemption:1")
    counter.reverse("award:1")
    keys = bequeath(counter, Bequest(HOUSE, NEIGHBOUR))
    counter.award(NEIGHBOUR, 50, "award:2")
    with pytest.raises(DebtOverpaid):
        take_back(counter, list(keys), "succession:2")
