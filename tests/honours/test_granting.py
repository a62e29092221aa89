"""Granted after its notice, once, under a number; struck by an upheld objection; revoked by two people."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.contributions import services as funnel
from pointsbank.contributions.jobs import settle_due
from pointsbank.core import clock as house_clock
from pointsbank.core import db as edge
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Invalid
from pointsbank.honours import jobs, services
from pointsbank.honours.errors import (
    AlreadyRevoked,
    NotAllowed,
    NothingToList,
    OwnHousehold,
    ReasonMissing,
    SecondPersonNeeded,
    WrongStep,
)
from pointsbank.honours.models import HonourAward, HonourProposal, HonourRevocation, ProposalState
from pointsbank.notifications.models import InboxMessage
from pointsbank.publicity.errors import SecondPersonNeeded as PublisherIsMaker
from pointsbank.publicity.models import LineState, NoticeLine, PublicNotice
from tests.honours.support import (
    awards,
    confirm,
    give,
    grant_all,
    hang_out,
    ladder,
    over,
    proposals,
    propose,
    refused,
    small,
)
from tests.honours.test_proposing import RUNS, at_once, kin
from tests.support.village import PEOPLE, Village


def lines(notice_id: int) -> list[NoticeLine]:
    rows = list(db.session.scalars(sa.select(NoticeLine).where(NoticeLine.notice_id == notice_id)
                                   .order_by(NoticeLine.position).execution_options(populate_existing=True)))
    db.session.expunge_all()
    db.session.rollback()
    return rows


def ready(street: Village, *keys: str) -> int:
    """These people on a published notice."""
    ladder(street, small())
    for key in keys:
        give(street, key, 10)
    confirm(street, propose(street).proposed)
    return hang_out(street)


def test_an_honour_is_granted_only_after_its_seven_days(street: Village, clock: Any) -> None:
    ready(street, "alice")
    clock.at(2026, 4, 25, 17, 59)
    settle_due()
    assert jobs.grant_due() == {"done": 0, "failed": 0}
    clock.at(2026, 4, 25, 18, 0)
    settle_due()
    assert jobs.grant_due() == {"done": 1, "failed": 0}
    (award,) = awards()
    assert (award.year, award.number, award.step_name, award.minutes, award.ladder_title) == (
        2026, 1, "一星", 600, "小梯子")
    assert award.granted_on == dt.date(2026, 4, 25)
    told = db.session.scalars(sa.select(InboxMessage.params).where(
        InboxMessage.resident_id == street.residents["alice"])).all()
    assert {"step": "一星", "ladder": "小梯子"} in told
    db.session.rollback()


def test_the_notice_hangs_seven_days_even_where_the_community_decided_on_fewer(street: Village) -> None:
    from pointsbank.communities import services as communities

    with transaction():
        communities.update_settings(street.actor("member"), street.community, {"notice_days": 3})
    notice = db.session.get(PublicNotice, ready(street, "alice"))
    assert notice is not None
    assert notice.days == 7
    db.session.rollback()


def test_the_maker_of_the_list_does_not_publish_it(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    confirm(street, propose(street).proposed)
    with transaction():
        notice_id = services.draft_list(street.actor("second")).id
    with pytest.raises(PublisherIsMaker), transaction():
        funnel.publish_notice(street.actor("second"), notice_id)


def test_a_line_of_the_notice_is_masked_and_says_what_was_reached(street: Village) -> None:
    (line,) = lines(ready(street, "alice"))
    assert (line.masked_name, line.household_number, line.item, line.amount, line.unit) == (
        "陈*芳", "2-0317", "一星", 600, "minutes")
    assert not any(name in str(line.__dict__) for name, _home, _head in PEOPLE.values())


def test_somebody_under_age_stands_on_the_notice_without_a_name(street: Village) -> None:
    from pointsbank.people.models import Resident

    with transaction():
        db.session.execute(sa.update(Resident).where(Resident.id == street.residents["andrew"]).values(
            born_on=dt.date(2012, 1, 1)))
    (line,) = lines(ready(street, "andrew"))
    assert line.masked_name == "未成年人"


def test_a_discarded_draft_lets_its_lines_go_to_the_next_list(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    confirm(street, propose(street).proposed)
    with transaction():
        first = services.draft_list(street.actor("member")).id
    with pytest.raises(NothingToList), transaction():
        services.draft_list(street.actor("member"))
    with transaction():
        funnel.discard_notice(street.actor("second"), first)
    assert len(lines(hang_out(street))) == 1


def test_what_is_left_out_waits_for_the_next_list(street: Village) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    give(street, "bob", 10)
    ids = propose(street).proposed
    confirm(street, ids)
    with transaction():
        assert services.draft_list(street.actor("member"), leave_out=[ids[0]]).line_count == 1
    with transaction():
        assert services.draft_list(street.actor("member")).line_count == 1


def test_an_objection_holds_its_line_and_the_answer_decides(street: Village, clock: Any) -> None:
    notice_id = ready(street, "alice", "bob")
    by_name = {line.masked_name: line.id for line in lines(notice_id)}
    with transaction():
        objection = funnel.object_to(street.actor("charlie"), by_name["陈*芳"], "没见她来过").id
    over(clock)
    assert [a.resident_id for a in awards()] == [street.residents["bob"]]
    with transaction():
        funnel.decide_objection(street.actor("supervisor"), objection, False, "签到表上都有")
    assert jobs.grant_due()["done"] == 1
    assert [(a.resident_id, a.number) for a in awards()] == [
        (street.residents["bob"], 1), (street.residents["alice"], 2)]


def test_an_upheld_objection_strikes_the_proposal_and_the_job_leaves_it(street: Village, clock: Any) -> None:
    notice_id = ready(street, "alice")
    with transaction():
        objection = funnel.object_to(street.actor("charlie"), lines(notice_id)[0].id, "没见她来过").id
    with transaction():
        funnel.decide_objection(street.actor("supervisor"), objection, True, "时长记错了")
    over(clock)
    assert awards() == []
    assert [p.state for p in proposals()] == [ProposalState.STRUCK]
    assert propose(street).proposed == []


def test_who_confirmed_it_does_not_decide_the_objection(street: Village) -> None:
    from pointsbank.publicity.errors import NotIndependent

    notice_id = ready(street, "alice")
    with transaction():
        objection = funnel.object_to(street.actor("charlie"), lines(notice_id)[0].id, "没见她来过").id
    with pytest.raises(NotIndependent), transaction():
        funnel.decide_objection(street.actor("member"), objection, False, "有的")


# ── Once only ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_five_jobs_at_once_grant_each_honour_once_with_numbers_without_a_gap(app: Any, street: Village,
                                                                             clock: Any) -> None:
    ready(street, "alice", "bob", "charlie")
    clock.forward(days=8)
    settle_due()
    answers = at_once(app, lambda _n: jobs.grant_due())
    assert sum(a["done"] for a in answers) == 3, answers
    assert [a.number for a in awards()] == [1, 2, 3]
    assert jobs.grant_due() == {"done": 0, "failed": 0}


def test_without_the_lock_and_the_key_the_same_steps_grant_five_times(app: Any, street: Village, clock: Any) -> None:
    """The negative control: look, wait for each other, write; the unique key on the proposal is all that is left."""
    ready(street, "alice")
    clock.forward(days=8)
    settle_due()
    looked = threading.Barrier(RUNS)

    def careless(place: int) -> str:
        with edge.transaction():
            row = db.session.scalars(sa.select(HonourProposal)).one()
            values = {c.name: getattr(row, c.name) for c in HonourAward.__table__.columns if hasattr(row, c.name)}
        looked.wait(30)
        with edge.transaction():
            db.session.execute(sa.insert(HonourAward), [{
                **values, "id": 100 + place, "year": 2026, "number": 100 + place, "proposal_id": values["id"],
                "ladder_title": "小梯子", "step_name": "一星", "granted_on": house_clock.today(),
                "granted_at": house_clock.now()}])
        return "granted"

    answers = at_once(app, careless)
    said = sorted(a if isinstance(a, str) else type(a).__name__ for a in answers)
    assert said == ["IntegrityError"] * 4 + ["granted"]


def test_a_granted_honour_cannot_be_changed_by_straight_sql(street: Village, clock: Any) -> None:
    ladder(street, small())
    give(street, "alice", 10)
    assert len(grant_all(street, clock)) == 1
    assert refused("UPDATE honour_award SET step_name = '钻石'", "UPDATE honour_award SET minutes = 99999",
                   "DELETE FROM honour_award", "UPDATE honour_award SET resident_id = resident_id") == []


def test_granting_takes_the_same_statements_for_few_and_for_many(street: Village, clock: Any, queries: Any) -> None:
    ladder(street, small())
    counts = []
    for keys in (["alice"], ["bob", "charlie", "dora", "erin", "frank", "grace"]):
        for key in keys:
            give(street, key, 10)
        confirm(street, propose(street).proposed)
        hang_out(street)
        clock.forward(days=8)
        settle_due()
        with queries() as seen:
            jobs.grant_due()
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[1] <= 18


# ── Taking back ─────────────────────────────────────────────────────────────────────────────────────────────────


def granted(street: Village, clock: Any) -> int:
    ladder(street, small())
    give(street, "alice", 10)
    return grant_all(street, clock)[0].id


WHY = "居委会 5 月会议决定：时长系误记"


def test_taking_back_needs_a_resolution_a_day_and_a_second_person(street: Village, clock: Any) -> None:
    award_id, today = granted(street, clock), dt.date(2026, 4, 26)
    member = street.actor("member")
    with pytest.raises(ReasonMissing), transaction():
        services.propose_revocation(member, award_id, " ", today)
    for day in (dt.date(2026, 4, 25), dt.date(2026, 4, 27)):
        with pytest.raises(Invalid), transaction():
            services.propose_revocation(member, award_id, WHY, day)
    with transaction():
        row_id = services.propose_revocation(member, award_id, WHY, today).id
    with pytest.raises(AlreadyRevoked), transaction():
        services.propose_revocation(street.actor("second"), award_id, WHY, today)
    with pytest.raises(SecondPersonNeeded), transaction():
        services.decide_revocation(member, row_id, confirm=True)
    with transaction():
        services.decide_revocation(street.actor("second"), row_id, confirm=True)
    assert len(awards()) == 1, "the row in the register stays"
    assert [p.state for p in proposals()] == [ProposalState.REVOKED]
    with pytest.raises(WrongStep), transaction():
        services.decide_revocation(street.actor("second"), row_id, confirm=False, answer="算了")


def test_a_refused_revocation_changes_nothing_and_may_be_proposed_again(street: Village, clock: Any) -> None:
    award_id, today = granted(street, clock), dt.date(2026, 4, 26)
    with transaction():
        row_id = services.propose_revocation(street.actor("member"), award_id, WHY, today).id
    with transaction():
        services.decide_revocation(street.actor("second"), row_id, confirm=False, answer="查过了，没有记错")
    assert [p.state for p in proposals()] == [ProposalState.GRANTED]
    with transaction():
        services.propose_revocation(street.actor("member"), award_id, WHY, today)


def test_nobody_takes_back_or_keeps_an_honour_of_the_own_household(street: Village, clock: Any) -> None:
    award_id, today = granted(street, clock), dt.date(2026, 4, 26)
    kin(street, "second", "andrew")
    with pytest.raises(OwnHousehold), transaction():
        services.propose_revocation(street.actor("second"), award_id, WHY, today)
    with transaction():
        row_id = services.propose_revocation(street.actor("member"), award_id, WHY, today).id
    with pytest.raises(OwnHousehold), transaction():
        services.decide_revocation(street.actor("second"), row_id, confirm=False, answer="不行")
    with pytest.raises(NotAllowed), transaction():
        services.decide_revocation(street.actor("alice"), row_id, confirm=False, answer="不行")


def test_a_decided_revocation_cannot_be_changed_by_straight_sql(street: Village, clock: Any) -> None:
    award_id = granted(street, clock)
    with transaction():
        row_id = services.propose_revocation(street.actor("member"), award_id, WHY, dt.date(2026, 4, 26)).id
    with transaction():
        services.decide_revocation(street.actor("second"), row_id, confirm=True)
    assert refused("UPDATE honour_revocation SET resolution = 'x'", "DELETE FROM honour_revocation",
                   "UPDATE honour_revocation SET state = 'refused'") == []


def test_the_database_refuses_one_person_for_a_revocation(street: Village, clock: Any) -> None:
    award_id = granted(street, clock)
    with transaction():
        services.propose_revocation(street.actor("member"), award_id, WHY, dt.date(2026, 4, 26))
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(HonourRevocation).values(state="confirmed",
                                                              decided_by_id=street.users["member"]))


def test_the_closed_notice_says_what_became_of_each_line(street: Village, clock: Any) -> None:
    notice_id = ready(street, "alice")
    over(clock)
    assert [line.state for line in lines(notice_id)] == [LineState.POSTED]
