"""What each kind of case does to people and points."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pointsbank.core.db import run, transaction
from pointsbank.core.errors import Invalid
from pointsbank.ledger.errors import NotEnough
from pointsbank.ledger.models import NEVER, Book
from pointsbank.ledger.services import expiry_transfers, post
from pointsbank.people import queries as people
from pointsbank.people import services as persons
from pointsbank.people.errors import CardBlocked
from pointsbank.succession.errors import NothingWaits, WrongDay, WrongPerson
from pointsbank.succession.models import ShareMode
from pointsbank.succession.plans import household_key, remainder_key, resident_key
from tests.succession.office import JUNE, TODAY, Office

APRIL_10 = dt.date(2026, 4, 10)


def sweep(office: Office) -> None:
    with transaction():
        post(office.village.community, expiry_transfers(office.village.community, _today()), _today())


def _today() -> dt.date:
    from pointsbank.core import clock

    return clock.today()


# ── Divided ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_household_is_divided_by_heads_with_every_lot(office: Office) -> None:
    home = office.home("alice")
    office.give(household_key(home), 301, JUNE)
    office.give(household_key(home), 100)
    office.give(household_key(home), 50, book=Book.HONOUR, key="award:honour")
    done = office.done("split", household_id=home, people=["andrew"], head="andrew", number="2-0318", on=APRIL_10)
    new = done.other_household_id or 0
    assert (done.number, office.household(new).number) == (1, "2-0318")
    assert office.lots(household_key(home)) == {JUNE: 151, NEVER: 50}
    assert office.lots(household_key(new)) == {JUNE: 150, NEVER: 50}
    assert office.lots(household_key(new), Book.HONOUR) == {NEVER: 25}
    assert (office.lives("andrew", dt.date(2026, 4, 9)), office.lives("andrew", APRIL_10)) == ("2-0317", "2-0318")
    assert (office.head(home), office.head(new)) == (*office.who("alice"), *office.who("andrew"))
    assert done.statement is not None
    assert sum(piece["amount"] for piece in done.statement["pieces"]) == 225


def test_what_rounding_leaves_over_stays(office: Office) -> None:
    home = office.home("alice")
    office.child(home)
    office.give(household_key(home), 100)
    done = office.done("split", household_id=home, people=["andrew"], head="andrew", number="9")
    assert office.lots(household_key(done.other_household_id or 0)) == {NEVER: 33}
    assert office.lots(household_key(home)) == {NEVER: 67}


@pytest.mark.parametrize(("mode", "share", "moved"), [
    (ShareMode.PERCENT, 30, 30), (ShareMode.PERCENT, 0, 0), (ShareMode.POINTS, 77, 77), (ShareMode.POINTS, 100, 100)])
def test_shares_are_agreed_in_percent_or_points(office: Office, mode: ShareMode, share: int, moved: int) -> None:
    home = office.home("alice")
    office.give(household_key(home), 60, JUNE)
    office.give(household_key(home), 40)
    done = office.done("split", household_id=home, people=["andrew"], head="andrew", number="9", share_mode=mode,
                       share=share)
    assert sum(office.lots(household_key(done.other_household_id or 0)).values()) == moved
    assert sum(office.lots(household_key(home)).values()) == 100 - moved


def test_points_that_were_spent_since_are_not_given_away(office: Office) -> None:
    home = office.home("alice")
    office.give(household_key(home), 100)
    waiting = office.propose("split", household_id=home, people=["andrew"], head="andrew", number="9",
                             share_mode=ShareMode.POINTS, share=80)
    office.hold(household_key(home), 30, "redemption:1")
    with transaction():
        from pointsbank.ledger import services as ledger

        post(office.village.community, ledger.collect_transfers(office.village.community, ["redemption:1"]), TODAY)
    with pytest.raises(NotEnough):
        office.confirm(waiting)
    assert office.lives("andrew") == "2-0317"


def test_the_head_who_goes_leaves_a_head_behind(office: Office) -> None:
    home = office.home("alice")
    with pytest.raises(WrongPerson):
        office.propose("split", household_id=home, people=["alice"], head="alice", number="9")
    done = office.done("split", household_id=home, people=["alice"], head="alice", stay_head="andrew", number="9")
    assert (office.head(home), office.head(done.other_household_id or 0)) == (*office.who("andrew"),
                                                                             *office.who("alice"))


def test_a_debt_is_divided_by_the_same_share(office: Office) -> None:
    home = office.home("alice")
    key = office.give(household_key(home), 101)
    office.hold(household_key(home), 101, "redemption:1")
    with transaction():
        from pointsbank.ledger import services as ledger

        post(office.village.community, ledger.collect_transfers(office.village.community, ["redemption:1"]), TODAY)
    office.reverse(key)
    done = office.done("split", household_id=home, people=["andrew"], head="andrew", number="9")
    assert (office.debt(household_key(home)), office.debt(household_key(done.other_household_id or 0))) == (51, 50)


# ── Joined, moved, a new head ───────────────────────────────────────────────────────────────────────────────────


def test_joined_households_have_one_passbook_and_late_points_arrive(office: Office) -> None:
    home, into = office.home("alice"), office.home("bob")
    office.give(household_key(home), 100, JUNE)
    office.give(household_key(into), 20)
    done = office.done("merge", household_id=home, into_id=into, on=APRIL_10)
    office.give(household_key(home), 7, JUNE, key="award:late")
    assert office.lots(household_key(into)) == {JUNE: 107, NEVER: 20}
    assert office.household(home).closed_on == APRIL_10
    assert [office.lives(key) for key in ("alice", "andrew", "bob")] == ["1-0412"] * 3
    assert office.head(into) == office.who("bob")[0]
    assert done.other_household_id == into


def test_an_empty_household_with_points_can_still_be_joined(office: Office) -> None:
    home, into = office.home("bob"), office.home("alice")
    office.give(household_key(home), 100)
    with transaction():
        persons.join_household(office.village.actor("member"), office.who("bob")[0], into)
    office.done("merge", household_id=home, into_id=into)
    assert office.lots(household_key(into)) == {NEVER: 100}


def test_a_household_moves_with_its_number_and_everybody(office: Office) -> None:
    home = office.home("alice")
    office.give(household_key(home), 100)
    office.done("move", household_id=home, number="5-0101")
    assert office.household(home).number == "5-0101"
    assert office.lots(household_key(home)) == {NEVER: 100}
    with pytest.raises(Invalid):
        office.propose("move", household_id=home, number="5-0101")
    with pytest.raises(Invalid):
        office.propose("move", household_id=home, number="1-0412")


def test_a_new_head_is_dated(office: Office) -> None:
    home = office.home("alice")
    office.done("head", household_id=home, head="andrew", on=APRIL_10)
    assert office.head(home) == office.who("andrew")[0]
    with transaction():
        before = people.members_on(office.village.community, [home], dt.date(2026, 4, 9))[home]
        assert [m.resident_id for m in before if m.is_head] == list(office.who("alice"))


# ── Away and back ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_leaver_can_use_the_rest_for_some_days_with_the_card(office: Office, clock: Any) -> None:
    office.settings(leaver_points="keep", leaver_days=30)
    bob = office.who("bob")[0]
    with transaction():
        persons.issue_cards(office.village.actor("member"), [bob])
        number = people.card_of(office.village.community, bob).number  # type: ignore[union-attr]
    office.give(household_key(office.home("bob")), 100)
    office.give(resident_key(bob), 40, TODAY + dt.timedelta(10))
    office.done("leave", household_id=office.home("bob"), people=["bob"])
    assert office.lots(remainder_key(bob)) == {TODAY + dt.timedelta(10): 40, TODAY + dt.timedelta(30): 100}
    assert office.resident("bob").left_on == TODAY
    assert office.household(office.home("bob")).closed_on == TODAY
    with transaction():
        assert people.find_card(office.village.community, number, moved_away=True).resident_id == bob
    with pytest.raises(CardBlocked):
        run(lambda: people.find_card(office.village.community, number))
    office.give(household_key(office.home("bob")), 5, key="award:late")
    assert office.lots(remainder_key(bob))[TODAY + dt.timedelta(30)] == 105
    clock.at(2026, 5, 19)
    assert office.lots(remainder_key(bob)) == {}
    sweep(office)


def test_points_pass_to_those_who_stay_where_the_community_wants_it(office: Office) -> None:
    office.settings(leaver_points="pass")
    andrew, home = office.who("andrew")[0], office.home("andrew")
    office.give(resident_key(andrew), 40, JUNE)
    office.done("leave", household_id=home, people=["andrew"])
    assert office.lots(household_key(home)) == {JUNE: 40}
    office.give(resident_key(andrew), 2, key="award:late")
    assert office.lots(household_key(home)) == {JUNE: 40, NEVER: 2}


def test_who_comes_back_finds_what_is_left_with_its_last_day(office: Office, clock: Any) -> None:
    office.settings(leaver_days=30)
    bob = office.who("bob")[0]
    office.give(household_key(office.home("bob")), 100)
    office.give(resident_key(bob), 100, book=Book.MINUTES, key="award:minutes")
    office.done("leave", household_id=office.home("bob"), people=["bob"])
    clock.at(2026, 5, 1)
    office.done("return", people=["bob"], number="1-0413", on=dt.date(2026, 5, 1))
    assert office.lots(resident_key(bob)) == {TODAY + dt.timedelta(30): 100}
    assert office.lots(resident_key(bob), Book.MINUTES) == {NEVER: 100}
    assert (office.lives("bob"), office.resident("bob").left_on) == ("1-0413", None)
    office.give(resident_key(bob), 3, key="award:again")
    assert office.lots(resident_key(bob))[NEVER] == 3
    office.give(household_key(office.home("bob")), 4, key="award:very-late")
    assert office.lots(resident_key(bob))[dt.date(2026, 5, 31)] == 4
    office.done("leave", people=["bob"], household_id=office.home_now("bob"), on=dt.date(2026, 5, 1))
    assert sum(office.lots(remainder_key(bob)).values()) == 107


def test_who_came_back_and_died_leaves_everything_once_more(office: Office) -> None:
    bob = office.who("bob")[0]
    office.give(household_key(office.home("bob")), 100)
    office.done("leave", household_id=office.home("bob"), people=["bob"])
    office.done("return", people=["bob"], number="1-0413")
    office.done("death", people=["bob"])
    assert sum(office.lots(remainder_key(bob)).values()) == 100
    office.give(household_key(office.home("bob")), 5, key="award:late")
    assert sum(office.lots(remainder_key(bob)).values()) == 105


# ── Death ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_after_a_death_the_household_keeps_what_both_had(office: Office) -> None:
    alice, home = office.who("alice")[0], office.home("alice")
    office.give(household_key(home), 100)
    office.give(resident_key(alice), 30, JUNE)
    office.give(resident_key(alice), 60, book=Book.MINUTES, key="award:minutes")
    with transaction():
        persons.issue_cards(office.village.actor("member"), [alice])
    with pytest.raises(WrongPerson):
        office.propose("death", people=["alice"], on=APRIL_10)
    office.done("death", people=["alice"], stay_head="andrew", on=APRIL_10)
    assert office.lots(household_key(home)) == {JUNE: 30, NEVER: 100}
    assert office.lots(resident_key(alice), Book.MINUTES) == {NEVER: 60}
    assert office.head(home) == office.who("andrew")[0]
    found = office.resident("alice")
    assert (found.died_on, found.left_on) == (APRIL_10, dt.date(2026, 4, 11))
    assert (office.lives("alice", APRIL_10), office.lives("alice", dt.date(2026, 4, 11))) == ("2-0317", None)
    with transaction():
        assert people.card_of(office.village.community, alice) is None
        assert people.users_by_id([office.village.users["alice"]])[office.village.users["alice"]].disabled_at
    office.give(resident_key(alice), 5, key="award:late")
    assert office.lots(household_key(home))[NEVER] == 105


def test_a_named_heir_inherits_instead_of_the_household(office: Office) -> None:
    andrew = office.who("andrew")[0]
    office.give(resident_key(andrew), 30, JUNE)
    office.done("death", people=["andrew"], heir="bob")
    assert office.lots(resident_key(office.who("bob")[0])) == {JUNE: 30}


def test_what_nobody_is_left_for_waits_and_then_lapses(office: Office, clock: Any) -> None:
    office.settings(heir_days=60)
    bob, home = office.who("bob")[0], office.home("bob")
    office.give(household_key(home), 100)
    office.give(resident_key(bob), 10, JUNE)
    office.done("death", people=["bob"])
    assert office.lots(remainder_key(bob)) == {TODAY + dt.timedelta(60): 110}
    assert office.household(home).closed_on == TODAY
    clock.at(2026, 6, 18)
    sweep(office)
    assert office.lots(remainder_key(bob)) == {}
    with pytest.raises(NothingWaits):
        office.propose("heir", people=["bob"], heir="charlie")


def test_an_heir_who_is_found_gets_it_with_its_own_days(office: Office, clock: Any) -> None:
    bob, charlie, home = *office.who("bob", "charlie"), office.home("bob")
    office.give(household_key(home), 100)
    office.give(resident_key(bob), 10, JUNE)
    office.done("death", people=["bob"])
    clock.at(2026, 5, 1)
    office.done("heir", people=["bob"], heir="charlie", on=dt.date(2026, 5, 1))
    assert office.lots(resident_key(charlie)) == {JUNE: 10, NEVER: 100}
    office.give(household_key(home), 4, JUNE, key="award:late")
    assert office.lots(resident_key(charlie))[JUNE] == 14


def test_a_household_of_children_alone_has_no_head(office: Office) -> None:
    home = office.home("bob")
    office.child(home, "李小明")
    office.done("death", people=["bob"])
    assert office.head(home) is None
    with transaction():
        from pointsbank.core.db import db

        assert db.session.scalars(people.headless(office.village.community)).all() == [home]


@pytest.mark.parametrize("day", [dt.date(2026, 4, 19), dt.date(2024, 1, 1)])
def test_a_day_to_come_or_before_the_household_is_refused(office: Office, day: dt.date) -> None:
    for kind, values in (("death", {"people": ["andrew"]}), ("merge", {"household_id": office.home("alice"),
                                                                      "into_id": office.home("bob")})):
        with pytest.raises(WrongDay):
            office.propose(kind, on=day, **values)
