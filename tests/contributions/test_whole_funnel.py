"""From a deed to points in the passbook, and every way out on the way."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.contributions import jobs, queries, services
from pointsbank.contributions.errors import (
    AlreadyDecided,
    FiledTwice,
    InFuture,
    NotFromHere,
    NothingListed,
    NotOpenAnyMore,
    NotYourDeed,
    ReasonMissing,
    TooLongAgo,
)
from pointsbank.contributions.models import ALLOWED, LINE_ALLOWED, LineState, State
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import NotFound
from pointsbank.ledger import queries as ledger
from pointsbank.ledger.models import Book
from pointsbank.notifications.models import InboxMessage
from pointsbank.publicity.models import NoticeLine, NoticeState
from tests.contributions import funnel
from tests.contributions.funnel import approved, award_lines, balance, deed, draft, filed, published, recorded
from tests.support.village import Village


def inbox(village: Village, key: str) -> list[str]:
    rows = db.session.scalars(sa.select(InboxMessage.text).where(
        InboxMessage.resident_id == village.residents[key]).order_by(InboxMessage.id)).all()
    db.session.rollback()
    return list(rows)


def test_a_deed_becomes_points_only_after_its_notice(street: Village, clock: Any) -> None:
    ids = recorded(street, draft(street, "alice"))
    assert balance(street, "alice") == 0
    approved(street, ids)
    (line,) = award_lines(ids[0])
    assert (line.state, line.amount) == (LineState.PROPOSED, 200)
    assert balance(street, "alice") == 0
    notice_id = published(street)
    assert award_lines(ids[0])[0].state is LineState.LISTED
    assert balance(street, "alice") == 0
    clock.forward(days=8)
    assert jobs.settle_due()["settled"] == [notice_id]
    assert award_lines(ids[0])[0].state is LineState.POSTED
    assert balance(street, "alice") == 200
    assert ledger.verify(street.community) == []
    assert [text.split("%")[0] for text in inbox(street, "alice")] == ["“", "“", "", ""]


def test_the_hours_are_kept_for_the_person_in_full(street: Village) -> None:
    ids = recorded(street, draft(street, "alice", minutes=180))
    approved(street, ids)
    assert award_lines(ids[0])[0].amount == 200, "two of three hours count"
    assert balance(street, "alice", Book.MINUTES, person=True) == 180


def test_an_immediate_rule_pays_at_once_and_stands_on_the_next_notice(street: Village, clock: Any) -> None:
    ids = recorded(street, draft(street, "bob", kind="snapshot", minutes=None, team_id=None))
    approved(street, ids)
    assert balance(street, "bob", person=True) == 300
    notice_id = published(street)
    row = db.session.query(NoticeLine).filter_by(notice_id=notice_id).one()
    assert str(row.state) == "posted"
    db.session.rollback()
    clock.forward(days=8)
    jobs.settle_due()
    assert balance(street, "bob", person=True) == 300


def test_the_same_source_is_recorded_once(street: Village) -> None:
    first = recorded(street, draft(street, "alice"), draft(street, "bob"))
    again = recorded(street, draft(street, "bob"), draft(street, "charlie"))
    assert again[0] == first[1]
    assert again[1] not in first
    assert inbox(street, "bob") == inbox(street, "alice")


def test_a_deed_of_somebody_elses_community_is_refused(street: Village) -> None:
    with pytest.raises(NotFromHere), transaction():
        services.record(street.actor("leader"), [draft(street, "alice"), draft(street, "mallory")])
    with pytest.raises(NotFromHere), transaction():
        services.file(street.actor("grid"), services.Filing("other", "x y", funnel.DAY),
                      resident_id=street.residents["mallory"], reason="代办")
    ids = recorded(street, draft(street, "alice"))
    with pytest.raises(NotFound), transaction():
        services.approve(street.actor("other_member"), ids)


def test_a_deed_of_tomorrow_or_of_long_ago_is_refused(street: Village) -> None:
    with pytest.raises(InFuture), transaction():
        services.record(street.actor("leader"), [draft(street, "alice", on=dt.date(2026, 4, 19))])
    with pytest.raises(InFuture):
        filed(street, on=dt.date(2026, 4, 19))
    with pytest.raises(TooLongAgo):
        filed(street, on=dt.date(2025, 4, 1))


def test_the_same_deed_is_not_filed_twice(street: Village) -> None:
    filed(street)
    with pytest.raises(FiledTwice):
        filed(street)
    with pytest.raises(FiledTwice):
        filed(street, by="grid")


def test_a_withdrawn_deed_may_be_filed_anew(street: Village) -> None:
    first = filed(street)
    with transaction():
        services.withdraw(street.actor("alice"), first)
    assert filed(street) != first


def test_a_grown_child_files_for_a_parent_and_a_stranger_does_not(street: Village) -> None:
    assert deed(filed(street, by="grid")).recorded_via == "proxy"
    with pytest.raises(NotYourDeed):
        filed(street, by="bob")
    with pytest.raises(ReasonMissing), transaction():
        services.file(street.actor("grid"), services.Filing("other", "陪诊", funnel.DAY),
                      resident_id=street.residents["alice"])


def test_a_returned_deed_is_completed_and_sent_again(street: Village) -> None:
    deed_id = filed(street)
    with pytest.raises(ReasonMissing), transaction():
        services.return_(street.actor("reviewer"), deed_id, " ")
    with transaction():
        services.return_(street.actor("reviewer"), deed_id, "请写清楚看望了谁")
    assert deed(deed_id).state is State.RETURNED
    with pytest.raises(NotOpenAnyMore):
        approved(street, [deed_id])
    with transaction():
        services.change(street.actor("alice"), deed_id, services.Filing(
            "other", "看望王奶奶和李爷爷", funnel.DAY, item_code=funnel.VISIT, units=2))
        services.submit(street.actor("alice"), deed_id)
    approved(street, [deed_id])
    steps = [str(s.step) for s in queries.steps_of(street.community, deed_id)]
    assert steps == ["submitted", "returned", "submitted", "approved"]


def test_a_rejected_deed_stays_rejected(street: Village) -> None:
    deed_id = filed(street)
    with transaction():
        services.reject(street.actor("reviewer"), deed_id, "那天没有人去看望")
    with pytest.raises(AlreadyDecided):
        approved(street, [deed_id])
    with pytest.raises(NotOpenAnyMore), transaction():
        services.submit(street.actor("alice"), deed_id)
    assert any("was not accepted" in text for text in inbox(street, "alice"))


def test_nobody_changes_a_deed_that_is_not_theirs(street: Village) -> None:
    deed_id = filed(street)
    for key in ("bob", "reviewer", "mallory"):
        with pytest.raises(NotFound), transaction():
            services.withdraw(street.actor(key), deed_id)
    with pytest.raises(NotFound):
        queries.deed(street.actor("bob"), deed_id)
    with pytest.raises(NotFound):
        queries.deed(street.actor("other_member"), deed_id)


def test_a_draft_is_seen_by_its_writer_only(street: Village) -> None:
    with transaction():
        made = services.file(street.actor("alice"), services.Filing("other", "扫楼道", funnel.DAY), submit=False)
    assert queries.deed(street.actor("alice"), made.id).state is State.DRAFT
    with pytest.raises(NotFound):
        queries.deed(street.actor("reviewer"), made.id)
    assert made.id not in [c.id for c in queries.waiting_for(street.actor("reviewer")).items]


def test_a_deed_without_a_household_waits_and_goes_on_once_one_is_entered(street: Village, clock: Any) -> None:
    from pointsbank.people.models import HouseholdMember

    with transaction():
        member = db.session.query(HouseholdMember).filter_by(resident_id=street.residents["dora"]).one()
        member.since_on = dt.date(2026, 4, 14)
    ids = recorded(street, draft(street, "dora"))
    approved(street, ids)
    assert deed(ids[0]).waits_for_household
    assert award_lines(ids[0]) == []
    assert any("entered your household" in text for text in inbox(street, "dora"))
    assert jobs.settle_due()["awarded"] == 0
    with transaction():
        db.session.query(HouseholdMember).filter_by(resident_id=street.residents["dora"]).one().since_on = funnel.DAY
    assert jobs.settle_due()["awarded"] == 1
    assert not deed(ids[0]).waits_for_household
    assert award_lines(ids[0])[0].amount == 200
    assert jobs.settle_due()["awarded"] == 0


def test_a_deed_that_earns_nothing_says_why(street: Village) -> None:
    ids = recorded(street, draft(street, "alice", minutes=30))
    approved(street, ids)
    assert award_lines(ids[0]) == []
    notes = deed(ids[0]).notes or []
    assert [n["reason"] for n in notes] == ["too_little"]
    assert any("earned no points" in text for text in inbox(street, "alice"))


def test_lines_left_out_come_with_the_next_notice(street: Village) -> None:
    ids = recorded(street, draft(street, "alice"), draft(street, "bob"))
    approved(street, ids)
    left = award_lines(ids[1])[0].id
    published(street, leave_out=[left])
    assert [str(award_lines(i)[0].state) for i in ids] == ["listed", "proposed"]
    published(street)
    assert str(award_lines(ids[1])[0].state) == "listed"
    with pytest.raises(NothingListed):
        funnel.drafted(street)


def test_the_lines_of_a_discarded_draft_wait_for_the_next_one(street: Village) -> None:
    approved(street, recorded(street, draft(street, "alice")))
    notice_id = funnel.drafted(street)
    with transaction():
        services.discard_notice(street.actor("member"), notice_id)
    assert funnel.notice(notice_id).state is NoticeState.DISCARDED
    assert published(street) > notice_id


def test_what_is_over_the_monthly_limit_waits(street: Village) -> None:
    from pointsbank.communities import services as communities

    approved(street, recorded(street, draft(street, "alice"), draft(street, "bob"), draft(street, "charlie")))
    with transaction():
        communities.update_settings(street.actor("member"), street.community, {"monthly_cap": 400})
    notice_id = published(street)
    assert funnel.notice(notice_id).total == 400
    with pytest.raises(NothingListed):
        funnel.drafted(street)


def test_each_change_has_one_audit_row(street: Village, clock: Any) -> None:
    approved(street, recorded(street, draft(street, "alice"), draft(street, "bob")))
    published(street)
    clock.forward(days=8)
    jobs.settle_due()
    counts: dict[str, int] = {}
    for verb in db.session.scalars(sa.select(AuditRow.verb)):
        counts[verb] = counts.get(verb, 0) + 1
    assert {v: n for v, n in counts.items() if v.startswith(("contributions", "publicity"))} == {
        "contributions.record": 2, "contributions.approved": 2, "publicity.draft": 1, "publicity.publish": 1,
        "publicity.close": 1, "contributions.post": 4}  # two awards and two records of hours


def test_what_a_notice_says_is_what_is_paid_in(street: Village, clock: Any) -> None:
    ids = recorded(street, *(draft(street, key, n) for key in ("alice", "bob", "charlie") for n in (1, 2)))
    approved(street, ids)
    notice_id = published(street)
    rows = db.session.query(NoticeLine).filter_by(notice_id=notice_id).all()
    total = sum(row.amount for row in rows)
    db.session.rollback()
    assert funnel.notice(notice_id).total == total
    clock.forward(days=8)
    jobs.settle_due()
    assert sum(balance(street, key) for key in ("alice", "bob", "charlie")) == total


def test_an_award_computed_again_gives_the_same(street: Village) -> None:
    from pointsbank.contributions.services.facts import deeds_of
    from pointsbank.rules import queries as rules

    ids = recorded(street, *(draft(street, "alice", n, minutes=150) for n in (1, 2, 3)))
    approved(street, ids)
    for deed_id in ids:
        found, lines = deed(deed_id), award_lines(deed_id)
        version = rules.version(street.community, lines[0].version_id)
        again = rules.recompute(deeds_of([found])[0], version, [line.cap_left or {} for line in lines])
        assert [x.amount for x in again.lines if x.book is Book.POINTS] == [line.amount for line in lines]
    db.session.rollback()


def test_states_follow_their_tables() -> None:
    assert set(ALLOWED) == set(State)
    assert set(LINE_ALLOWED) == set(LineState)
    assert ALLOWED[State.SUBMITTED] > {State.RETURNED, State.APPROVED}
    assert LINE_ALLOWED[LineState.POSTED] == {LineState.REVERSED}


def test_pending_and_described_speak_of_the_same_deed(street: Village, clock: Any) -> None:
    ids = recorded(street, draft(street, "alice"))
    household = f"household:{street.households['2-0317']}"
    waiting = queries.pending_of(street.community, [household], [street.residents["alice"]])
    assert [(p.amount, p.contribution_id) for p in waiting] == [(None, ids[0])]
    approved(street, ids)
    published(street)
    (pending,) = queries.pending_of(street.community, [household], [street.residents["alice"]])
    assert pending.amount == 200
    assert "4月25日" in pending.because or "25 Apr" in pending.because
    assert queries.pending_total(street.community, [household]) == 200
    line = award_lines(ids[0])[0]
    keys = [line.source_key, f"{line.source_key}/reversed", "opening:1:2", "x:1"]
    described = queries.describe(street.community, keys)
    assert described[line.source_key].title.startswith("河边捡垃圾")
    assert set(described) == {line.source_key, f"{line.source_key}/reversed", "opening:1:2"}
