"""What the room and the database refuse, each with nothing done."""

from __future__ import annotations

import datetime as dt
from contextvars import Context
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app

from pointsbank.contributions import services as deeds
from pointsbank.contributions.errors import GoneByThen
from pointsbank.core.actor import system
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import DomainError, Forbidden, Invalid, NotFound
from pointsbank.people import services as persons
from pointsbank.people.models import LinkKind, UserResident
from pointsbank.succession import services
from pointsbank.succession.errors import (
    AlreadyDecided,
    AlreadyProposed,
    ChangedSince,
    NotAllowed,
    NotEmpty,
    OpenOrders,
    OwnHousehold,
    ReasonNeeded,
    SecondPersonNeeded,
    WrongHousehold,
    WrongPerson,
)
from pointsbank.succession.models import ChangeState, HouseholdChange
from pointsbank.succession.plans import household_key, remainder_key, resident_key
from tests.shop.conftest import set_up
from tests.succession.office import TODAY, Office


def kin(office: Office, user: str, resident: str) -> None:
    """The user may act for the resident: a relative."""
    with transaction():
        db.session.add(UserResident(user_id=office.village.users[user], resident_id=office.who(resident)[0],
                                    kind=LinkKind.FAMILY, created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)))


def split(office: Office, **values: Any) -> int:
    return office.propose("split", household_id=office.home("alice"), people=["andrew"], head="andrew", number="9",
                          **values)


# ── Who ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["alice", "reviewer", "leader", "keeper", "grid"])
def test_only_the_office_enters_cases(office: Office, key: str) -> None:
    with pytest.raises(NotAllowed):
        split(office, by=key)


def test_the_system_stands_for_nobody(office: Office) -> None:
    with pytest.raises(NotAllowed), transaction():
        services.propose(system(office.village.community), office.wish(
            "head", household_id=office.home("alice"), head="andrew"))


def test_nobody_confirms_what_they_entered(office: Office) -> None:
    waiting = split(office)
    with pytest.raises(SecondPersonNeeded):
        office.confirm(waiting, by="member")
    assert office.lives("andrew") == "2-0317"


@pytest.mark.parametrize(("kind", "relative", "values"), [
    ("split", "alice", {"head": "andrew", "people": ["andrew"], "number": "9"}),
    ("merge", "bob", {}), ("death", "andrew", {"people": ["andrew"]})])
def test_nobody_enters_or_confirms_a_case_of_their_own_family(office: Office, kind: str, relative: str,
                                                             values: dict[str, Any]) -> None:
    given: dict[str, Any] = {"household_id": office.home("alice"), **values}
    if kind == "merge":
        given["into_id"] = office.home("bob")
    kin(office, "member", relative)
    with pytest.raises(OwnHousehold):
        office.propose(kind, **given)
    waiting = office.propose(kind, by="admin", **given)
    with pytest.raises(OwnHousehold):
        office.confirm(waiting, by="member")
    assert office.confirm(waiting).state is ChangeState.CONFIRMED


def test_who_moved_in_since_is_family_too(office: Office) -> None:
    kin(office, "member", "bob")
    waiting = office.propose("head", by="admin", household_id=office.home("alice"), head="andrew")
    with transaction():
        persons.join_household(office.village.actor("admin"), office.who("bob")[0], office.home("alice"))
    with pytest.raises(ChangedSince):
        office.confirm(waiting)


def test_another_community_is_not_there(office: Office) -> None:
    waiting = split(office)
    for do in (services.confirm, services.withdraw):
        with pytest.raises(NotFound), transaction():
            do(office.village.actor("other_member"), waiting)
    with pytest.raises((NotFound, WrongPerson)):
        split(office, by="other_member")
    far = office.village.households["9-0001"]
    for given in ({"household_id": far, "into_id": office.home("bob")},
                  {"household_id": office.home("alice"), "into_id": far}):
        with pytest.raises(NotFound):
            office.propose("merge", **given)
    with pytest.raises(WrongPerson):
        office.propose("death", people=["mallory"])


def test_a_supervisor_from_above_may_be_the_second_person(office: Office) -> None:
    assert office.confirm(split(office), by="supervisor").state is ChangeState.CONFIRMED


# ── What ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_is_decided_once(office: Office) -> None:
    waiting = split(office)
    with pytest.raises(AlreadyProposed):
        office.propose("move", household_id=office.home("alice"), number="7")
    office.confirm(waiting)
    for do in (lambda: office.confirm(waiting), lambda: run(
            lambda: services.refuse(office.village.actor("second"), waiting, "不对")), lambda: run(
            lambda: services.withdraw(office.village.actor("member"), waiting))):
        with pytest.raises(AlreadyDecided):
            do()


def test_refused_and_withdrawn_cases_change_nothing(office: Office) -> None:
    waiting = split(office)
    with pytest.raises(ReasonNeeded), transaction():
        services.refuse(office.village.actor("second"), waiting, " ")
    with pytest.raises(NotFound), transaction():
        services.withdraw(office.village.actor("second"), waiting)
    with transaction():
        services.refuse(office.village.actor("second"), waiting, "协议没有签字")
    again = split(office)
    with transaction():
        services.withdraw(office.village.actor("member"), again)
    assert office.lives("andrew") == "2-0317"
    assert [office.row(HouseholdChange, i).number for i in (waiting, again)] == [None, None]


def test_who_is_not_as_they_were_when_it_was_entered_is_not_changed(office: Office) -> None:
    waiting = split(office)
    with transaction():
        persons.join_household(office.village.actor("member"), office.who("andrew")[0], office.home("bob"))
    with pytest.raises(ChangedSince):
        office.confirm(waiting)


@pytest.mark.parametrize("values", [
    {"people": []}, {"people": ["alice", "andrew"]}, {"people": ["bob"]}, {"head": "alice"}, {"number": "1-0412"},
    {"number": ""}, {"reason": " "}, {"area_id": 99_999}])
def test_a_division_that_makes_no_sense_is_refused(office: Office, values: dict[str, Any]) -> None:
    given = {"people": ["andrew"], "head": "andrew", "number": "9", **values}
    with pytest.raises(Invalid):
        office.propose("split", household_id=office.home("alice"), **given)


def test_a_child_heads_no_household(office: Office) -> None:
    home = office.home("alice")
    child = office.child(home)
    with pytest.raises(WrongPerson), transaction():
        services.propose(office.village.actor("member"), office.wish(
            "split", household_id=home, number="9", head_id=child, resident_ids=(child,)))


def test_a_closed_household_takes_nobody_in(office: Office) -> None:
    office.done("merge", household_id=office.home("bob"), into_id=office.home("alice"))
    with pytest.raises(WrongHousehold):
        office.propose("merge", household_id=office.home("charlie"), into_id=office.home("bob"))


def test_orders_come_first_and_are_named(office: Office) -> None:
    shop = set_up(office.village)
    redemption = shop.order("andrew", shop.soap, 2)
    with pytest.raises(OpenOrders) as refusal:
        split(office)
    assert "洗衣液 2 公斤 × 2" in refusal.value.sentence
    from pointsbank.shop import services as counter

    with transaction():
        counter.cancel(office.village.actor("andrew"), redemption.id)
    waiting = split(office)
    shop.order("alice", shop.soap, 1)
    with pytest.raises(OpenOrders):
        office.confirm(waiting)
    assert office.lives("andrew") == "2-0317"


def test_a_household_with_points_is_not_dissolved(office: Office) -> None:
    home = office.home("bob")
    office.give(household_key(home), 5)
    with transaction():
        persons.leave_household(office.village.actor("member"), office.who("bob")[0], household_id=home)
    with pytest.raises(NotEmpty), transaction():
        services.dissolve(office.village.actor("member"), home)
    office.done("merge", household_id=home, into_id=office.home("alice"))
    with pytest.raises(Forbidden), transaction():
        services.dissolve(office.village.actor("reviewer"), office.home("charlie"))


# ── Who is gone ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_deeds_after_the_day_of_death_are_refused_and_earlier_ones_taken(office: Office) -> None:
    died = dt.date(2026, 4, 10)
    office.done("death", people=["andrew"], on=died)
    leader = office.village.actor("leader")

    def draft(day: dt.date) -> deeds.DeedDraft:
        return deeds.DeedDraft(kind="volunteering", resident_id=office.who("andrew")[0], title="河边捡垃圾", on=day,
                               source_key=f"attendance:{day}", minutes=120, team_id=office.village.team)

    with transaction():
        taken = deeds.record(leader, [draft(died)])[0]
        assert taken.household_id == office.home("andrew")
    with pytest.raises(GoneByThen), transaction():
        deeds.record(leader, [draft(died + dt.timedelta(1))])


def test_a_deed_entered_before_the_death_was_known_is_not_approved(office: Office) -> None:
    with transaction():
        found = deeds.record(office.village.actor("leader"), [deeds.DeedDraft(
            kind="volunteering", resident_id=office.who("andrew")[0], title="x", on=TODAY, source_key="attendance:1",
            minutes=60, team_id=office.village.team)])[0].id
    office.done("death", people=["andrew"], on=dt.date(2026, 4, 10))
    with pytest.raises(GoneByThen), transaction():
        deeds.approve(office.village.actor("reviewer"), [found])


def test_nobody_acts_for_the_dead(office: Office) -> None:
    client = office.village.sign_in(_app().test_client(), "andrew")
    assert Context().run(client.get, "/passbook").status_code == 200
    office.done("death", people=["andrew"], on=TODAY)
    assert Context().run(client.get, "/passbook").status_code == 303


# ── Straight at the tables ──────────────────────────────────────────────────────────────────────────────────────


def _statement(text: str, **values: Any) -> None:
    run(lambda: db.session.execute(sa.text(text), values))


@pytest.mark.parametrize(("since", "until"), [
    ("2024-01-01", None), ("2026-01-01", "2026-02-01"), ("2024-06-01", "2025-01-02"), ("2026-06-01", None)])
def test_the_database_itself_refuses_overlapping_memberships(office: Office, since: str, until: str | None) -> None:
    values = {"c": office.village.community, "h": office.home("bob"), "r": office.who("alice")[0],
              "s": dt.date.fromisoformat(since), "u": dt.date.fromisoformat(until) if until else None}
    insert = ("INSERT INTO household_member (community_id, household_id, resident_id, relation, is_head, since_on,"
              " until_on) VALUES (:c, :h, :r, 'x', false, :s, :u)")
    with pytest.raises(sa.exc.IntegrityError):
        _statement(insert, **values)
    ended = dict(values, s=dt.date(2024, 1, 1), u=dt.date(2025, 1, 1))
    _statement(insert, **ended)  # up to the very day: the control
    with pytest.raises(sa.exc.IntegrityError):
        _statement("UPDATE household_member SET until_on = :day WHERE resident_id = :r AND since_on = :s",
                   day=dt.date(2025, 1, 2), r=values["r"], s=dt.date(2024, 1, 1))


def _app() -> Any:
    return current_app._get_current_object()  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", [
    "UPDATE household_change SET reason = 'x'", "UPDATE household_change SET answer = 'x'",
    "UPDATE household_change SET state = 'proposed', number = NULL, statement = NULL, decided_by_id = NULL",
    "DELETE FROM household_change_person", "DELETE FROM household_change",
    "UPDATE household_change_person SET resident_id = resident_id"])
def test_a_confirmed_case_is_never_rewritten(office: Office, text: str) -> None:
    office.confirm(split(office))
    with pytest.raises(sa.exc.IntegrityError, match="never rewritten"):
        _statement(text)


def test_the_database_knows_the_second_person_and_the_family(office: Office) -> None:
    waiting = split(office)
    confirm = ("UPDATE household_change SET state = 'confirmed', number = 1, statement = '{}', decided_by_id = :u"
               " WHERE id = :i")
    with pytest.raises(sa.exc.IntegrityError, match="second_person"):
        _statement(confirm, u=office.village.users["member"], i=waiting)
    with pytest.raises(sa.exc.IntegrityError, match="their own household"):
        _statement(confirm, u=office.village.users["alice"], i=waiting)
    with pytest.raises(sa.exc.IntegrityError, match="never rewritten"):
        _statement("UPDATE household_change SET household_id = :h WHERE id = :i", h=office.home("bob"), i=waiting)
    _statement(confirm, u=office.village.users["second"], i=waiting)  # the control


def test_erasing_somebody_leaves_cases_without_a_name(office: Office) -> None:
    office.give(resident_key(office.who("bob")[0]), 10)
    office.done("death", people=["bob"])
    office.done("heir", people=["bob"], heir="charlie")
    with transaction():
        persons.erase_resident(office.village.actor("member"), office.who("bob")[0], confirmation="李明贵")
        kept = [str(row) for row in db.session.execute(sa.text("SELECT wish, statement, reason FROM household_change"))]
    assert not any("李明贵" in row for row in kept)
    assert office.resident("bob").died_on is None
    assert office.lots(remainder_key(office.who("bob")[0])) == {}
    with pytest.raises(DomainError):
        office.propose("return", people=["bob"], number="9")
