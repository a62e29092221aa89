"""Households: dated membership that never overlaps, and one head."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from pointsbank.people import queries, services
from pointsbank.people.errors import NumberTaken
from pointsbank.people.models import HouseholdMember

TODAY = dt.date(2026, 4, 18)


def _home_on(village, key: str, day: dt.date) -> str | None:
    found = queries.household_on(village.community, [village.residents[key]], day)[village.residents[key]]
    return found.number if found else None


def test_a_move_is_dated_and_the_past_stays(app, village, clock):
    with app.app_context(), transaction():
        services.join_household(village.actor("member"), village.residents["andrew"], village.households["1-0412"],
                                on=dt.date(2026, 4, 10))
        assert _home_on(village, "andrew", dt.date(2026, 4, 9)) == "2-0317"
        assert _home_on(village, "andrew", dt.date(2026, 4, 10)) == "1-0412"


def test_a_new_head_takes_the_place_of_the_old_one(app, village, clock):
    home = village.households["2-0317"]
    with app.app_context(), transaction():
        services.make_head(village.actor("member"), home, village.residents["andrew"])
        assert queries.heads(village.community, [home])[home].name == "陈志强"
        members = {m.resident.name: (m.is_head, m.relation) for m in queries.members_on(
            village.community, [home], TODAY)[home]}
        assert members == {"陈志强": (True, "户主"), "陈桂芳": (False, "家人")}
        assert _home_on(village, "alice", dt.date(2026, 4, 1)) == "2-0317"


def test_somebody_who_joins_as_head_becomes_the_only_one(app, village, clock):
    home = village.households["1-0412"]
    with app.app_context(), transaction():
        services.join_household(village.actor("member"), village.residents["andrew"], home, is_head=True)
        heads = [m for m in queries.members_on(village.community, [home], TODAY)[home] if m.is_head]
        assert [m.resident_id for m in heads] == [village.residents["andrew"]]


def test_a_day_to_come_or_before_the_present_membership_is_refused(app, village, clock):
    for day in (dt.date(2026, 4, 19), dt.date(2024, 1, 1)):
        with app.app_context(), pytest.raises(Invalid), transaction():
            services.join_household(village.actor("member"), village.residents["andrew"],
                                    village.households["1-0412"], on=day)


def test_numbers_are_unique_in_a_community_only(app, village, clock):
    with app.app_context(), transaction():
        with pytest.raises(NumberTaken):
            services.found_household(village.actor("member"), " 2-0317 ")
        services.found_household(village.actor("other_member"), "2-0317")


def test_only_an_empty_household_is_dissolved(app, village, clock):
    with app.app_context(), transaction():
        with pytest.raises(Conflict):
            services.close_household(village.actor("member"), village.households["1-0412"])
        services.leave_household(village.actor("member"), village.residents["bob"],
                                 household_id=village.households["1-0412"])
        assert services.close_household(village.actor("member"), village.households["1-0412"]).closed_on == TODAY


def test_strangers_and_residents_change_no_household(app, village):
    for key, error in (("alice", Forbidden), ("reviewer", Forbidden), ("other_member", NotFound)):
        with app.app_context(), pytest.raises(error), transaction():
            services.renumber_household(village.actor(key), village.households["2-0317"], "9")


STEP = st.tuples(st.sampled_from(["alice", "andrew", "bob", "charlie"]),
                 st.sampled_from(["2-0317", "1-0412", "2-0108"]), st.booleans(),
                 st.integers(0, 40), st.sampled_from(["join", "leave", "head"]))


def test_nobody_joins_a_household_before_they_left_the_last_one(app, clock, village):
    actor, bob = village.actor("member"), village.residents["bob"]
    with app.app_context():
        with transaction():
            services.leave_household(actor, bob, household_id=village.households["1-0412"], on=TODAY)
        with pytest.raises(Invalid), transaction():
            services.join_household(actor, bob, village.households["2-0317"], on=TODAY - dt.timedelta(days=1))
        with transaction():
            services.join_household(actor, bob, village.households["2-0317"], on=TODAY)


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=12))
def test_memberships_never_overlap_whatever_is_entered(houses, steps):
    """Invariant 24, over random entries of moves, heads and leavings; refused ones change nothing."""
    from pointsbank.core import clock as house_clock
    from tests.support.village import found_village

    app = houses.empty("sqlite")
    with app.app_context(), house_clock.fixed(dt.datetime(2026, 4, 18, 1, tzinfo=dt.UTC)):
        village = found_village()
        actor = village.actor("member")
        for key, number, is_head, days, verb in steps:
            person, home, on = village.residents[key], village.households[number], TODAY - dt.timedelta(days=days)
            try:
                with transaction():
                    if verb == "join":
                        services.join_household(actor, person, home, is_head=is_head, on=on)
                    elif verb == "leave":
                        services.leave_household(actor, person, household_id=home, on=on)
                    else:
                        services.make_head(actor, home, person, on=on)
            except DomainError:
                continue
        with transaction():
            rows = db.session.execute(sa.select(
                HouseholdMember.resident_id, HouseholdMember.since_on, HouseholdMember.until_on)
                .order_by(HouseholdMember.resident_id, HouseholdMember.since_on)).all()
        for before, after in itertools.pairwise(rows):
            assert before[0] != after[0] or (before[2] is not None and before[2] <= after[1])
