"""A case is taken back as a whole by another case, or not at all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pointsbank.core.db import transaction
from pointsbank.core.errors import DomainError
from pointsbank.ledger import services as ledger
from pointsbank.ledger.errors import NotEnough
from pointsbank.ledger.models import NEVER
from pointsbank.people import queries as people
from pointsbank.people import services as persons
from pointsbank.succession.errors import CannotUndo, PointsSince
from pointsbank.succession.models import ChangeState, HouseholdChange
from pointsbank.succession.plans import household_key, remainder_key, resident_key
from tests.succession.office import JUNE, TODAY, Office

APRIL_10 = dt.date(2026, 4, 10)


def undo(office: Office, change: HouseholdChange, on: dt.date = TODAY) -> HouseholdChange:
    return office.done("undo", undoes_id=change.id, on=on)


@pytest.mark.parametrize("on", [APRIL_10, TODAY])
def test_a_division_is_taken_back_with_every_lot_and_everybody(office: Office, on: dt.date) -> None:
    home = office.home("alice")
    office.give(household_key(home), 301, JUNE)
    office.give(household_key(home), 100)
    done = office.done("split", household_id=home, people=["alice"], head="alice", stay_head="andrew", number="9",
                       on=APRIL_10)
    back = undo(office, done, on)
    assert (back.number, back.kind) == (2, "undo")
    assert office.lots(household_key(home)) == {JUNE: 301, NEVER: 100}
    assert (office.lives("alice"), office.head(home)) == ("2-0317", office.who("alice")[0])
    assert office.household(done.other_household_id).closed_on == on
    office.give(household_key(done.other_household_id or 0), 5, key="award:late")
    assert office.lots(household_key(home))[NEVER] == 105
    kept = office.row(HouseholdChange, done.id)
    assert (kept.state, kept.number) == (ChangeState.CONFIRMED, 1)


def test_a_division_stays_once_the_new_household_has_earned_or_spent(office: Office) -> None:
    home = office.home("alice")
    office.give(household_key(home), 100)
    done = office.done("split", household_id=home, people=["andrew"], head="andrew", number="9")
    new = household_key(done.other_household_id or 0)
    office.give(new, 7)
    with pytest.raises(PointsSince):
        undo(office, done)
    with transaction():
        from pointsbank.succession import services

        services.withdraw(office.village.actor("member"), done.id + 1)
    office.hold(new, 55, "redemption:1")
    with pytest.raises(DomainError) as refusal:
        undo(office, done)
    assert refusal.value.code in {NotEnough.code, "ledger.still_held", "succession.open_orders"}
    assert office.lives("andrew") == "9"


def test_joined_households_are_two_again(office: Office) -> None:
    home, into = office.home("alice"), office.home("bob")
    office.give(household_key(home), 100, JUNE)
    office.give(household_key(into), 20)
    done = office.done("merge", household_id=home, into_id=into)
    undo(office, done)
    assert (office.lots(household_key(home)), office.lots(household_key(into))) == ({JUNE: 100}, {NEVER: 20})
    assert (office.lives("andrew"), office.head(home)) == ("2-0317", office.who("alice")[0])
    office.give(household_key(home), 3, key="award:late")
    assert office.lots(household_key(home))[NEVER] == 3


def test_number_and_head_go_back(office: Office) -> None:
    home = office.home("alice")
    moved = office.done("move", household_id=home, number="5-0101")
    undo(office, moved)
    assert office.household(home).number == "2-0317"
    changed = office.done("head", household_id=home, head="andrew", on=APRIL_10)
    undo(office, changed)
    assert office.head(home) == office.who("alice")[0]


def test_who_did_not_leave_never_left(office: Office) -> None:
    bob, home = office.who("bob")[0], office.home("bob")
    office.give(household_key(home), 100)
    office.give(resident_key(bob), 10, JUNE)
    gone = office.done("leave", household_id=home, people=["bob"], on=APRIL_10)
    office.give(household_key(home), 6, JUNE, key="award:late")
    undo(office, gone)
    assert (office.lives("bob"), office.lives("bob", APRIL_10)) == ("1-0412", "1-0412")
    assert office.resident("bob").left_on is None
    assert office.lots(household_key(home)) == {JUNE: 6, NEVER: 100}
    assert office.lots(resident_key(bob)) == {JUNE: 10}
    assert office.lots(remainder_key(bob)) == {}


@pytest.mark.parametrize("on", [APRIL_10, TODAY])
def test_who_did_not_die_is_the_head_again(office: Office, on: dt.date) -> None:
    alice, home = office.who("alice")[0], office.home("alice")
    office.give(resident_key(alice), 30, JUNE)
    death = office.done("death", people=["alice"], stay_head="andrew", on=on)
    undo(office, death)
    found = office.resident("alice")
    assert (found.died_on, found.left_on, office.lives("alice")) == (None, None, "2-0317")
    assert office.head(home) == alice
    assert office.lots(resident_key(alice)) == {JUNE: 30}
    with transaction():
        
        user = office.village.users["alice"]
        assert people.users_by_id([user])[user].disabled_at is None


def test_a_wrong_heir_gives_it_back_and_the_right_one_gets_it(office: Office, clock: Any) -> None:
    bob, charlie, dora = office.who("bob", "charlie", "dora")
    office.give(household_key(office.home("bob")), 100)
    office.give(resident_key(bob), 10, JUNE)
    death = office.done("death", people=["bob"])
    wrong = office.done("heir", people=["bob"], heir="charlie")
    with pytest.raises(CannotUndo):
        office.propose("undo", undoes_id=death.id)
    undo(office, wrong)
    assert office.lots(resident_key(charlie)) == {}
    assert office.lots(remainder_key(bob)) == {JUNE: 10, dt.date(2026, 10, 15): 100}
    office.done("heir", people=["bob"], heir="dora")
    assert office.lots(resident_key(dora)) == {JUNE: 10, NEVER: 100}


def test_only_the_last_of_two_departures_is_taken_back(office: Office) -> None:
    bob, home = office.who("bob")[0], office.home("bob")
    office.give(household_key(home), 100)
    office.give(resident_key(bob), 40, JUNE)
    office.reverse(office.give(resident_key(bob), 7))
    office.done("leave", household_id=home, people=["bob"])
    office.done("return", people=["bob"], number="1-0413")
    before = office.lots(resident_key(bob))
    assert sum(before.values()) == 140
    gone = office.done("leave", household_id=office.home_now("bob"), people=["bob"])
    undo(office, gone)
    assert (office.lots(resident_key(bob)), office.lots(remainder_key(bob))) == (before, {})
    assert office.lives("bob") == "1-0413"


def test_an_heir_gets_what_waits_and_nothing_of_an_earlier_departure(office: Office) -> None:
    bob, charlie = office.who("bob", "charlie")
    office.give(household_key(office.home("bob")), 100)
    office.done("leave", household_id=office.home("bob"), people=["bob"])
    office.done("return", people=["bob"], number="1-0413")
    office.hold(resident_key(bob), 60, "redemption:1")
    with transaction():
        collected = ledger.collect_transfers(office.village.community, ["redemption:1"])
        ledger.post(office.village.community, collected, TODAY)
    office.done("death", people=["bob"])
    office.done("heir", people=["bob"], heir="charlie")
    assert sum(office.lots(resident_key(charlie)).values()) == 40
    assert office.lots(remainder_key(bob)) == {}


def test_nothing_is_taken_back_twice_or_after_something_came_after_it(office: Office) -> None:
    home = office.home("alice")
    done = office.done("split", household_id=home, people=["andrew"], head="andrew", number="9")
    with transaction():
        persons.join_household(office.village.actor("member"), office.who("bob")[0], done.other_household_id or 0)
    with pytest.raises(CannotUndo):
        office.propose("undo", undoes_id=done.id)
    moved = office.done("move", household_id=home, number="5-0101")
    back = undo(office, moved)
    for change_id in (moved.id, back.id):
        with pytest.raises(CannotUndo):
            office.propose("undo", undoes_id=change_id)


def test_a_place_that_was_taken_meanwhile_is_not_given_back(office: Office) -> None:
    home = office.home("alice")
    moved = office.done("move", household_id=home, number="5-0101")
    with transaction():
        persons.found_household(office.village.actor("member"), "2-0317")
    with pytest.raises(CannotUndo):
        office.propose("undo", undoes_id=moved.id)
