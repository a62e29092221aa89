"""From a draft to a published activity."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from pointsbank.activities import codes, queries, services
from pointsbank.activities.errors import (
    BadTimes,
    Full,
    LeaderApproves,
    NotDraft,
    NotLeader,
    NotPublished,
    SignUpOver,
)
from pointsbank.activities.models import Activity, ActivityState
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden, Invalid, NotFound
from pointsbank.notifications.models import InboxMessage
from tests.activities.support import END, START, draft, found_morning


@pytest.fixture
def house(app, clock, village):
    with app.app_context():
        yield village


def planned(village, **changes):
    with transaction():
        activity = services.plan(village.actor("leader"), draft(village, **changes))
        return services.submit(village.actor("leader"), activity.id)


def test_a_leader_never_approves_the_own_activity(house):
    activity = planned(house)
    with pytest.raises(LeaderApproves), transaction():
        services.publish(house.actor("leader"), activity.id)


def test_a_committee_member_who_leads_the_team_does_not_approve_either(house):
    activity = planned(house)
    both = (*house.grants["member"], *house.grants["leader"])
    house.grants["member"] = both
    with pytest.raises(LeaderApproves), transaction():
        services.publish(house.actor("member"), activity.id)


def test_the_database_refuses_an_activity_published_by_its_leader(house):
    activity = planned(house)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(Activity).where(Activity.id == activity.id).values(
            state=ActivityState.PUBLISHED, published_by_id=activity.leader_id))


@pytest.mark.parametrize("key", ["grid", "keeper", "alice", "other_member"])
def test_nobody_without_the_role_approves(house, key):
    activity = planned(house)
    with pytest.raises((Forbidden, NotFound)), transaction():
        services.publish(house.actor(key), activity.id)


def test_residents_and_other_teams_leaders_plan_nothing_here(house):
    for key in ("alice", "keeper", "other_member"):
        with pytest.raises((NotLeader, NotFound)), transaction():
            services.plan(house.actor(key), draft(house))
    with pytest.raises(NotLeader), transaction():
        services.plan(house.actor("leader"), draft(house, team_id=None))


def test_what_was_sent_back_can_be_changed_and_sent_again(house):
    activity = planned(house)
    with transaction():
        services.return_(house.actor("member"), activity.id, "人太多")
    with transaction():
        changed = services.edit(house.actor("leader"), activity.id, draft(house, capacity=10))
        assert changed.submitted_at is None
        services.submit(house.actor("leader"), activity.id)
        services.publish(house.actor("reviewer"), activity.id)
    with pytest.raises(NotDraft), transaction():
        services.edit(house.actor("leader"), activity.id, draft(house))


def test_times_and_titles_are_bounded(house):
    for changes in ({"ends_at": START}, {"ends_at": START + dt.timedelta(hours=25)}):
        with pytest.raises(BadTimes), transaction():
            services.plan(house.actor("leader"), draft(house, **changes))
    for changes in ({"title": " "}, {"title": "长" * 81}, {"capacity": 0}):
        with pytest.raises(Invalid), transaction():
            services.plan(house.actor("leader"), draft(house, **changes))


def test_everybody_who_signed_up_is_told_of_a_cancellation(house):
    morning = found_morning(house, sign_up=("dora", "erin"), opened=False)
    with transaction():
        services.cancel(house.actor("leader"), morning.activity, "下雨")
    told = db.session.scalars(sa.select(InboxMessage.resident_id)).all()
    assert sorted(told) == sorted([house.residents["dora"], house.residents["erin"]])


def test_a_place_that_is_cancelled_is_free_for_somebody_else(house):
    morning = found_morning(house, capacity=1, opened=False, starts_at=START + dt.timedelta(hours=4),
                            ends_at=END + dt.timedelta(hours=4))
    with transaction():
        services.sign_up(house.actor("dora"), morning.occurrence)
        services.sign_up(house.actor("dora"), morning.occurrence)
    with pytest.raises(Full), transaction():
        services.sign_up(house.actor("erin"), morning.occurrence)
    with transaction():
        services.cancel_sign_up(house.actor("dora"), morning.occurrence)
        services.sign_up(house.actor("erin"), morning.occurrence)
    assert [row.is_mine for row in queries.upcoming(house.community, house.residents["erin"])] == [True]
    assert queries.next_for(house.residents["erin"]).signed_up == 1
    assert queries.next_for(house.residents["dora"]) is None


def test_nobody_signs_up_for_a_draft_or_after_the_end(house, clock):
    activity = planned(house)
    occurrence = queries.of_activity(house.community, activity.id)[0].occurrence.id
    with pytest.raises(NotPublished), transaction():
        services.sign_up(house.actor("dora"), occurrence)
    morning = found_morning(house, opened=False)
    clock.forward(hours=3)
    with pytest.raises(SignUpOver), transaction():
        services.sign_up(house.actor("dora"), morning.occurrence)


def test_a_renewed_venue_code_makes_the_old_print_invalid(app, clock, village, client):
    with app.app_context(), transaction():
        venue = services.add_venue(village.actor("member"), "小广场")
        old = codes.venue_code(venue.id, venue.epoch)
        services.renew_venue(village.actor("member"), venue.id)
        new = codes.venue_code(venue.id, venue.epoch)
    village.sign_in(client, "alice")
    assert client.get(f"/V/{old}").status_code == 422
    assert client.get(f"/v/{new}").status_code == 200
    village.sign_in(client, "mallory")
    assert client.get(f"/v/{new}").status_code == 404


def test_only_the_committee_adds_venues(house):
    with pytest.raises(Forbidden), transaction():
        services.add_venue(house.actor("leader"), "小广场")


