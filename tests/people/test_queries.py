"""What the rooms above may ask about people."""

from __future__ import annotations

import datetime as dt

import pytest

from pointsbank.core.db import transaction
from pointsbank.core.tokens import BadToken
from pointsbank.people import queries, services
from pointsbank.people.errors import CardBlocked, NoSuchCard, WrongNumber
from pointsbank.people.models import LinkKind
from pointsbank.people.roles import Role

DAY = dt.date(2026, 1, 1)


def test_the_households_of_many_are_one_statement(app, village, queries):
    from pointsbank.people.queries import household_on

    with app.app_context(), transaction(), queries() as seen:
        found = household_on(village.community, village.residents.values(), DAY)
    assert found[village.residents["alice"]].number == "2-0317"
    assert found[village.residents["mallory"]] is None
    assert len(seen) == 1


def test_a_household_is_asked_for_a_day(app, village):
    with app.app_context(), transaction():
        found = queries.household_on(village.community, [village.residents["alice"]], dt.date(2024, 12, 31))
        assert found == {village.residents["alice"]: None}


def test_residents_of_another_community_are_left_out(app, village):
    with app.app_context(), transaction():
        found = queries.residents_by_id(village.community, village.residents.values())
    assert village.residents["mallory"] not in found
    assert len(found) == 8


def test_every_household_a_user_acts_for_is_their_own(app, village):
    with app.app_context(), transaction():
        services.link(village.actor("member"), village.residents["bob"], "10000000001", LinkKind.FAMILY, confirmed=True)
    with app.app_context(), transaction():
        homes = queries.households_of_actor(village.actor("alice"), DAY)
        assert homes == {village.households["2-0317"], village.households["1-0412"]}
        assert [r.name for r in queries.residents_of_user(village.users["alice"])] == ["陈桂芳", "李明贵"]


def test_a_search_finds_by_name_household_phone_and_card(app, village):
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [village.residents["bob"]])
        number = queries.card_of(village.community, village.residents["bob"]).number

        def names(text: str) -> list[str]:
            return [r.name for r in queries.search_residents(village.community, text)]

        assert names("桂") == ["陈桂芳"]
        assert sorted(names("2-0317")) == ["陈志强", "陈桂芳"]
        assert names("10000000003") == ["李明贵"]
        assert names("1000000000") == []  # part of a phone number finds nobody
        assert names(number) == ["李明贵"]
        assert names("马丽") == []


def test_judges_are_independent_of_users_and_households(app, village):
    with app.app_context(), transaction():
        ids = {j.user_id for j in queries.independent_judges(village.community)}
        assert ids == {village.users["reviewer"], village.users["member"], village.users["second"]}
        services.link(village.actor("member"), village.residents["bob"], "reviewer", LinkKind.FAMILY, confirmed=True)
        left = queries.independent_judges(village.community, [village.users["member"]], [village.households["1-0412"]])
        assert {j.user_id for j in left} == {village.users["second"]}


def test_with_nobody_independent_the_parent_area_decides(app, village):
    with app.app_context(), transaction():
        everybody = [village.users[k] for k in ("reviewer", "member", "second")]
        assert queries.independent_judges(village.community, everybody) == []
        above = queries.deciders(village.community, everybody)
        assert [(j.user_id, j.from_above, j.role) for j in above] == [
            (village.users["supervisor"], True, Role.AREA_SUPERVISOR)]
        assert queries.deciders(village.community, [*everybody, village.users["supervisor"]]) == []


def test_a_card_is_found_by_code_address_and_number(app, village):
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [village.residents["alice"]])
        card = queries.card_of(village.community, village.residents["alice"])
        code = services.card_code(card.resident_id, card.issue)
        spoken = f"{card.number[:4]} {card.number[4:]}"
        for text in (code, code.lower(), services.card_address(card), card.number, spoken):
            assert queries.find_card(village.community, text).id == card.id
        assert queries.find_card(village.community, code).resident.name == "陈桂芳"


def test_a_misread_digit_a_strange_card_and_a_blocked_one_are_refused(app, village):
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [village.residents["alice"]])
        card = queries.card_of(village.community, village.residents["alice"])
        wrong = card.number[:-1] + str((int(card.number[-1]) + 1) % 10)
        with pytest.raises(WrongNumber):
            queries.find_card(village.community, wrong)
        with pytest.raises(NoSuchCard):
            queries.find_card(village.other, card.number)
        with pytest.raises(NoSuchCard):
            queries.find_card(village.community, "A" * 16)
        with pytest.raises(BadToken):
            queries.find_card(village.community, "not a card!")
        services.block_card(village.actor("member"), village.residents["alice"])
        with pytest.raises(CardBlocked):
            queries.find_card(village.community, card.number)


def test_a_team_knows_its_members_by_day(app, village):
    with app.app_context(), transaction():
        assert queries.is_team_member(village.team, village.residents["alice"], DAY)
        assert not queries.is_team_member(village.team, village.residents["alice"], dt.date(2024, 1, 1))
        assert not queries.is_team_member(village.team, village.residents["dora"], DAY)
        members = queries.team_members(village.community, village.team, DAY)
        assert {m.resident_id for m in members} == {village.residents[k] for k in ("alice", "bob", "charlie")}
        assert [u.id for u in queries.leaders_of([village.team])[village.team]] == [village.users["leader"]]


def test_adults_of_a_household_leave_children_out(app, village):
    with app.app_context(), transaction():
        home = village.households["2-0317"]
        services.add_resident(village.actor("member"), name="小宝", born_on=dt.date(2020, 1, 1), household_id=home,
                              since_on=DAY)
        names = [r.name for r in queries.adults_of_household(village.community, home, DAY)]
        assert names == ["陈桂芳", "陈志强"]
        assert len(queries.members_on(village.community, [home], DAY)[home]) == 3
        assert queries.heads(village.community, [home])[home].name == "陈桂芳"
