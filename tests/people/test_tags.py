"""Tags of residents: dated, never twice at a time, seen at the desk only."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden, Invalid, NotFound
from pointsbank.people import queries as people
from pointsbank.people import services
from pointsbank.people.errors import HasLeft, TagOverlaps
from pointsbank.people.models import ResidentTag


def add(village, key, tag, since=None, by="member"):
    with transaction():
        return services.add_tag(village.actor(by), village.residents[key], tag, since).id


def end(village, key, tag_id, until=None, by="member"):
    with transaction():
        services.end_tag(village.actor(by), village.residents[key], tag_id, until)


def on(village, day, *keys):
    found = people.tags_on(village.community, [village.residents[key] for key in keys], day)
    db.session.rollback()
    return [found[village.residents[key]] for key in keys]


def test_a_tag_holds_from_its_day_until_the_day_it_ends(app, village, clock):
    with app.app_context():
        tag_id = add(village, "alice", "党员", dt.date(2026, 1, 10))
        add(village, "alice", "干部", dt.date(2026, 4, 1))
        end(village, "alice", tag_id, dt.date(2026, 4, 10))
        assert on(village, dt.date(2026, 1, 9), "alice", "bob") == [frozenset(), frozenset()]
        assert on(village, dt.date(2026, 1, 10), "alice") == [frozenset({"党员"})]
        assert on(village, dt.date(2026, 4, 9), "alice") == [frozenset({"党员", "干部"})]
        assert on(village, dt.date(2026, 4, 10), "alice") == [frozenset({"干部"})]


def test_spans_of_one_tag_never_overlap(app, village, clock):
    with app.app_context():
        tag_id = add(village, "alice", "党员", dt.date(2026, 1, 10))
        for since in (dt.date(2026, 1, 1), dt.date(2026, 1, 10), dt.date(2026, 4, 1)):
            with pytest.raises(TagOverlaps):
                add(village, "alice", "党员", since)
        end(village, "alice", tag_id, dt.date(2026, 4, 1))
        with pytest.raises(TagOverlaps):
            add(village, "alice", "党员", dt.date(2026, 3, 31))
        add(village, "alice", "党员", dt.date(2026, 4, 1))
        with pytest.raises(TagOverlaps):
            end(village, "alice", tag_id)
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(sa.insert(ResidentTag), [{
                "community_id": village.community, "resident_id": village.residents["alice"], "tag": "党员",
                "since_on": dt.date(2026, 4, 2)}])


def test_one_that_never_held_for_a_day_goes_altogether(app, village, clock):
    with app.app_context():
        end(village, "alice", add(village, "alice", "党员"))
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ResidentTag)) == 0
        db.session.rollback()


def test_only_tags_of_the_settings_and_days_that_can_be(app, village, clock):
    with app.app_context():
        for tag, since in (("贵宾", None), ("党员", dt.date(2026, 4, 19)), ("党员", dt.date(1899, 1, 1))):
            with pytest.raises(Invalid):
                add(village, "alice", tag, since)


@pytest.mark.parametrize("by", ["alice", "leader", "reviewer", "grid", "keeper"])
def test_others_neither_add_nor_end_tags(app, village, clock, by):
    with app.app_context():
        tag_id = add(village, "alice", "党员")
        with pytest.raises(Forbidden):
            add(village, "bob", "党员", by=by)
        with pytest.raises(Forbidden):
            end(village, "alice", tag_id, by=by)


def test_tags_stay_inside_the_community(app, village, clock):
    with app.app_context():
        tag_id = add(village, "alice", "党员")
        with pytest.raises(NotFound):
            add(village, "mallory", "党员")
        with pytest.raises(NotFound):
            end(village, "alice", tag_id, by="other_member")
        assert people.tags_on(village.other, [village.residents["alice"]], dt.date(2026, 4, 18)) == {
            village.residents["alice"]: frozenset()}
        db.session.rollback()


def test_asking_for_many_takes_one_statement(app, village, clock, queries):
    ids = [i for key, i in village.residents.items() if key != "mallory"]
    with app.app_context():
        add(village, "alice", "党员")
        with queries() as seen:
            found = people.tags_on(village.community, ids, dt.date(2026, 4, 18))
        assert len(seen) == 1
        assert list(found.values()).count(frozenset()) == len(ids) - 1
        assert people.tags_on(village.community, [], dt.date(2026, 4, 18)) == {}
        db.session.rollback()


def test_the_desk_sees_and_keeps_them_and_each_change_is_on_record(app, client, village, clock):
    village.sign_in(client, "member")
    page = f"/desk/residents/{village.residents['alice']}"
    assert client.post(f"{page}/tags", data={"tag": "党员", "since_on": ""}).status_code == 303
    assert client.post(f"{page}/tags", data={"tag": "党员", "since_on": ""}).status_code == 409
    assert "党员" in client.get(page).get_data(as_text=True)
    with app.app_context():
        tag_id = db.session.scalars(sa.select(ResidentTag.id)).one()
        db.session.rollback()
    assert client.post(f"{page}/tags/{tag_id}/end").status_code == 303
    with app.app_context():
        verbs = db.session.scalars(sa.select(AuditRow.verb).where(AuditRow.verb.contains("tag"))
                                  .order_by(AuditRow.id)).all()
        db.session.rollback()
    assert list(verbs) == ["people.add_tag", "people.end_tag"]


@pytest.mark.parametrize("who", ["reviewer", "grid"])
def test_others_at_the_desk_do_not_even_see_them(client, village, clock, app, who):
    with app.app_context():
        add(village, "alice", "党员")
    village.sign_in(client, who)
    answer = client.get(f"/desk/residents/{village.residents['alice']}")
    assert "党员" not in answer.get_data(as_text=True)


def test_who_moved_away_gets_none_and_who_is_erased_keeps_none(app, village, clock):
    with app.app_context():
        add(village, "alice", "党员")
        with transaction():
            services.move_out(village.actor("member"), village.residents["bob"])
        with pytest.raises(HasLeft):
            add(village, "bob", "党员")
        with transaction():
            own = services.own_data(village.actor("alice"))
            assert [t["tag"] for t in own["tags"]] == ["党员"]
            services.erase_resident(village.actor("member"), village.residents["alice"], confirmation="陈桂芳")
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ResidentTag)) == 0
        db.session.rollback()
