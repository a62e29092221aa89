"""A resident asks for a review: somebody independent answers in writing, what was wrong is put right."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.contributions import jobs, queries, services
from pointsbank.contributions.errors import (
    AppealOpen,
    AppealOver,
    AppealTooLate,
    CorrectionOpen,
    JudgedAnew,
    NotAReviewer,
    NotDecidedYet,
    NothingToPutRight,
    NotYourDeed,
    ObjectInstead,
    OnNotice,
    OwnDecision,
    OwnHousehold,
    OwnRecord,
    ReasonMissing,
    SecondPersonNeeded,
    StillWaits,
)
from pointsbank.contributions.models import Appeal, AppealState, Contribution, LineState, State
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import DomainError, Invalid, NotFound
from pointsbank.ledger import queries as ledger
from pointsbank.notifications.models import InboxMessage
from pointsbank.people.models import LinkKind, UserResident
from tests.contributions import funnel
from tests.contributions.asking import answered, asked, paid_in, rejected, stage
from tests.contributions.funnel import approved, award_lines, balance, deed, draft, filed, published, recorded
from tests.support.village import Village


def told(street: Village, key: str) -> list[str]:
    query = sa.select(InboxMessage.text).where(InboxMessage.resident_id == street.residents[key])
    found = list(db.session.scalars(query.order_by(InboxMessage.id)))
    db.session.rollback()
    return found


def test_a_rejected_deed_goes_before_another_reviewer_and_is_paid(street: Village, clock: Any) -> None:
    old = rejected(street)
    appeal = asked(street, old)
    answered(street, appeal, right=services.Figures(units=3))
    new = stage(street, appeal).deed
    assert new is not None
    assert (new.units, new.state, deed(old).state) == (3, State.SUBMITTED, State.REJECTED)
    for barred in ("reviewer", "member"):  # who turned it down, and who answered
        with pytest.raises(DomainError) as refused, transaction():
            services.approve(street.actor(barred), [new.id])
        assert isinstance(refused.value, OwnDecision | OwnRecord)
    approved(street, [new.id], by="second")
    published(street)
    clock.forward(days=8)
    jobs.settle_due()
    assert balance(street, "alice") == 600
    assert stage(street, appeal).lines[0].state is LineState.POSTED
    assert ledger.verify(street.community) == []
    db.session.rollback()


def test_an_award_is_put_right_by_two_and_the_difference_reaches_the_book(street: Village, clock: Any) -> None:
    old = paid_in(street, clock, minutes=60)
    assert balance(street, "alice") == 100
    appeal = asked(street, old)
    answered(street, appeal, right=services.Figures(minutes=120))
    standing = stage(street, appeal)
    assert (standing.stage, balance(street, "alice")) == ("second_person", 100)
    assert standing.correction is not None
    with pytest.raises(SecondPersonNeeded), transaction():
        services.confirm_correction(street.actor("member"), standing.correction.id)
    with transaction():
        services.confirm_correction(street.actor("second"), standing.correction.id)
    assert balance(street, "alice") == 0, "taken back by a reversal"
    new = stage(street, appeal).deed
    assert new is not None
    assert new.minutes == 120
    with pytest.raises(OwnDecision), transaction():
        services.approve(street.actor("reviewer"), [new.id])
    approved(street, [new.id], by="second")
    published(street, "second", "member")
    clock.forward(days=8)
    jobs.settle_due()
    assert balance(street, "alice") == 200
    assert award_lines(old)[0].state is LineState.REVERSED
    assert ledger.verify(street.community) == []
    db.session.rollback()


def test_a_deed_that_earned_nothing_is_judged_by_the_right_item(street: Village) -> None:
    old = filed(street, "alice", item_code="9.9")
    approved(street, [old])
    assert award_lines(old) == []
    appeal = asked(street, old)
    with pytest.raises(Invalid) as refused:
        answered(street, appeal, right=services.Figures(item_code="8.8"))
    assert "right_item_code" in refused.value.fields
    answered(street, appeal, right=services.Figures(item_code=funnel.VISIT))
    correction = stage(street, appeal).correction
    assert correction is not None
    with transaction():
        services.confirm_correction(street.actor("second"), correction.id)
    new = stage(street, appeal).deed
    assert new is not None
    approved(street, [new.id], by="second")
    assert award_lines(new.id)[0].amount == 400


def test_what_is_accepted_and_not_listed_yet_is_struck_and_judged_anew(street: Village) -> None:
    (old,) = recorded(street, draft(street, "alice", minutes=60))
    approved(street, [old])
    appeal = asked(street, old)
    answered(street, appeal, right=services.Figures(minutes=120))
    correction = stage(street, appeal).correction
    assert correction is not None
    notice = funnel.drafted(street)
    with pytest.raises(OnNotice), transaction():
        services.confirm_correction(street.actor("second"), correction.id)
    with transaction():
        services.discard_notice(street.actor("member"), notice)
    with transaction():
        services.confirm_correction(street.actor("second"), correction.id)
    assert award_lines(old)[0].state is LineState.STRUCK
    new = stage(street, appeal).deed
    assert new is not None
    approved(street, [new.id], by="second")
    assert award_lines(new.id)[0].amount == 200, "the cap of the activity was freed"


def test_a_dismissed_request_changes_nothing_and_says_why(street: Village, clock: Any) -> None:
    old = paid_in(street, clock)
    before = balance(street, "alice")
    appeal = asked(street, old)
    with pytest.raises(ReasonMissing), transaction():
        services.decide_appeal(street.actor("member"), appeal, False, " ")
    answered(street, appeal, upheld=False)
    assert (stage(street, appeal).stage, balance(street, "alice")) == ("dismissed", before)
    assert any("the decision stands" in text for text in told(street, "alice"))
    with pytest.raises(AppealOver):
        answered(street, appeal)
    again = asked(street, old)
    with pytest.raises(OwnDecision):
        answered(street, again)
    answered(street, again, by="second")


def test_the_answer_is_due_on_the_seventh_working_day(street: Village) -> None:
    appeal = asked(street, rejected(street))
    found = db.session.get_one(Appeal, appeal)
    days = house_clock.local_date(found.opened_at), found.answer_due_on
    assert days == (dt.date(2026, 4, 18), dt.date(2026, 4, 28))
    db.session.rollback()
    assert len([t for t in told(street, "alice") if "has come in" in t]) == 1


def test_who_had_a_hand_in_it_does_not_answer(street: Village, clock: Any) -> None:
    (old,) = recorded(street, draft(street, "alice"))
    approved(street, [old], by="second")
    appeal = asked(street, old)
    outside = [(by, NotAReviewer) for by in ("leader", "keeper", "admin")]
    for by, why in (("second", OwnDecision), *outside):
        with pytest.raises(why):
            answered(street, appeal, by=by)
    with transaction():
        db.session.add(UserResident(user_id=street.users["member"], resident_id=street.residents["andrew"],
                                    kind=LinkKind.SELF, created_at=house_clock.now()))
    with pytest.raises(OwnHousehold):
        answered(street, appeal)
    answered(street, appeal, upheld=False, by="reviewer")


def test_whoever_enters_it_from_paper_does_not_answer_it(street: Village) -> None:
    old = rejected(street)
    with pytest.raises(ReasonMissing) as refused:
        asked(street, old, "member", on_paper=True)
    assert "paper_reason" in refused.value.fields
    appeal = asked(street, old, "member", on_paper=True, paper_reason="柜台口述")
    with pytest.raises(OwnRecord):
        answered(street, appeal)
    answered(street, appeal, upheld=False, by="second")
    assert any("has come in" in text for text in told(street, "alice"))


def test_family_asks_for_the_one_they_act_for_and_strangers_do_not(street: Village) -> None:
    old = rejected(street)
    for by in ("bob", "leader"):
        with pytest.raises(NotFound):
            asked(street, old, by)
    with pytest.raises(NotFound):
        asked(street, old, "mallory")
    with pytest.raises(NotYourDeed):
        asked(street, old, "member")
    with transaction():
        services.ask_review(street.actor("andrew", resident="alice"), old, "奶奶的照片在我手机里")


def test_one_request_at_a_time_and_withdrawn_by_whom_it_concerns(street: Village) -> None:
    old = rejected(street)
    appeal = asked(street, old)
    with pytest.raises(AppealOpen):
        asked(street, old)
    with pytest.raises(NotFound), transaction():
        services.withdraw_appeal(street.actor("bob"), appeal)
    with transaction():
        services.withdraw_appeal(street.actor("alice"), appeal)
    with pytest.raises(AppealOver), transaction():
        services.withdraw_appeal(street.actor("alice"), appeal)
    with pytest.raises(AppealOver):
        answered(street, appeal)
    assert asked(street, old) != appeal


def test_there_is_a_day_until_which_it_can_be_asked(street: Village, clock: Any) -> None:
    old = rejected(street)
    clock.forward(days=30)
    late = queries.appeals.chance(deed(old))
    db.session.rollback()
    assert late.hindrance is None
    clock.forward(days=1)
    with pytest.raises(AppealTooLate) as refused:
        asked(street, old)
    assert "18" in refused.value.sentence


def test_the_period_counts_from_the_day_the_points_were_posted(street: Village, clock: Any) -> None:
    old = paid_in(street, clock)
    clock.forward(days=29)
    asked(street, old)


def test_a_line_that_hangs_out_is_objected_to(street: Village) -> None:
    (old,) = recorded(street, draft(street, "alice"))
    with pytest.raises(NotDecidedYet):
        asked(street, old)
    approved(street, [old])
    notice = published(street)
    with pytest.raises(ObjectInstead):
        asked(street, old)
    found = queries.appeals.chance(deed(old))
    db.session.rollback()
    assert found.notice_id == notice


def test_points_that_wait_for_a_household_are_a_matter_for_the_office(street: Village) -> None:
    old = filed(street, "alice")
    approved(street, [old])
    with transaction():
        db.session.execute(sa.update(Contribution).where(Contribution.id == old).values(waits_for_household=True))
    with pytest.raises(StillWaits):
        asked(street, old)


def test_when_the_second_person_disagrees_it_is_proposed_anew(street: Village, clock: Any) -> None:
    old = paid_in(street, clock, minutes=60)
    appeal = asked(street, old)
    answered(street, appeal, right=services.Figures(minutes=180))
    first = stage(street, appeal).correction
    assert first is not None
    with pytest.raises(NothingToPutRight), transaction():
        services.put_right(street.actor("member"), appeal, "三小时")
    with transaction():
        services.refuse_correction(street.actor("second"), first.id, "表上是两小时")
    assert stage(street, appeal).stage == "refused"
    assert any("did not agree" in text for text in told(street, "alice"))
    waiting = queries.appeals.appeals(street.community, open_only=True).items
    db.session.rollback()
    assert [a.id for a in waiting] == [appeal], "it stays on the desk until it is put right"
    with transaction():
        services.put_right(street.actor("member"), appeal, "两小时", services.Figures(minutes=120))
    second = stage(street, appeal).correction
    assert second is not None
    with transaction():
        services.confirm_correction(street.actor("second"), second.id)
    new = stage(street, appeal).deed
    assert new is not None
    assert new.minutes == 120
    with pytest.raises(JudgedAnew):
        asked(street, old)
    assert queries.appeals.appeals(street.community, open_only=True).items == []
    db.session.rollback()


def test_an_open_correction_is_settled_before_the_answer(street: Village, clock: Any) -> None:
    old = paid_in(street, clock)
    with transaction():
        services.correct_award(street.actor("member"), old, "没来")
    appeal = asked(street, old)
    with pytest.raises(CorrectionOpen):
        answered(street, appeal, by="second")


def test_what_was_taken_back_can_be_asked_about_as_well(street: Village, clock: Any) -> None:
    old = paid_in(street, clock)
    with transaction():
        correction = services.correct_award(street.actor("member"), old, "没来").id
    with transaction():
        services.confirm_correction(street.actor("second"), correction)
    appeal = asked(street, old)
    for by in ("member", "second", "reviewer"):
        with pytest.raises(OwnDecision):
            answered(street, appeal, by=by)
    found = db.session.get_one(Appeal, appeal)
    assert queries.appeals.without_judge(street.community, [found], {old: deed(old)}) == {appeal}
    db.session.rollback()
    answered(street, appeal, by="supervisor")
    new = stage(street, appeal).deed
    assert new is not None
    assert new.sent_up_area_id == street.town, "nobody independent is left here"


def test_photos_of_the_first_round_prove_the_second(street: Village) -> None:
    from pointsbank.contributions.services.facts import known_of
    from pointsbank.media.models import Photo, Purpose, Visibility

    old = rejected(street)
    with transaction():
        db.session.add(Photo(
            community_id=street.community, key="k" * 20, purpose=Purpose.DEED, visibility=Visibility.STAFF,
            owner_key=f"contribution:{old}", position=1, width=4, height=3, bytes=9, sha256="0" * 64,
            fingerprint="0" * 32, created_by=street.users["alice"], created_at=house_clock.now()))
    appeal = asked(street, old)
    answered(street, appeal)
    new = stage(street, appeal).deed
    assert new is not None
    assert known_of([new])[new.id]["photos"] == 1
    db.session.rollback()


def test_the_overdue_stand_first_and_the_area_above_is_named(street: Village, clock: Any) -> None:
    first = asked(street, rejected(street, "alice"))
    clock.forward(days=20)
    second = asked(street, rejected(street, "bob", title="送饭"), "bob")
    items = queries.appeals.appeals(street.community, open_only=True).items
    assert [a.id for a in items] == [first, second]
    db.session.rollback()


def test_the_database_refuses_what_the_services_refuse(street: Village) -> None:
    old = rejected(street)
    appeal = asked(street, old)
    values: dict[str, Any] = {"state": AppealState.DISMISSED, "answer": "不行", "ended_at": house_clock.now()}
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(Appeal).where(Appeal.id == appeal).values(
            decided_by_id=street.users["reviewer"], **values))
    answered(street, appeal)
    for statement in (sa.update(Appeal).where(Appeal.id == appeal).values(answer="改了"), sa.delete(Appeal)):
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(statement)
    new = stage(street, appeal).deed
    assert new is not None
    given = {"state": State.APPROVED, "decided_at": house_clock.now()}
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(Contribution).where(Contribution.id == new.id).values(
            approver_user_id=street.users["reviewer"], **given))
    with transaction():  # the control: somebody independent
        db.session.execute(sa.update(Contribution).where(Contribution.id == new.id).values(
            approver_user_id=street.users["second"], **given))


def test_two_answers_at_once_give_one(app: Flask, street: Village) -> None:
    appeal = asked(street, rejected(street))
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def answer(by: str, upheld: bool) -> None:
        with app.app_context():
            start.wait()
            try:
                answered(street, appeal, upheld, by=by)
                outcomes.append("done")
            except AppealOver:
                outcomes.append("over")

    threads = [threading.Thread(target=answer, args=given) for given in (("member", True), ("second", False))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "over"]
    state = db.session.get_one(Appeal, appeal).state
    anew = db.session.scalar(sa.select(sa.func.count()).where(Contribution.source_key.contains("/appeal:")))
    db.session.rollback()
    assert anew == (1 if state is AppealState.UPHELD else 0)


def test_whoever_accepted_it_first_is_barred_even_after_confirming_the_correction(street: Village, clock: Any) -> None:
    (old,) = recorded(street, draft(street, "alice", minutes=60))
    approved(street, [old], by="second")
    appeal = asked(street, old)
    answered(street, appeal, right=services.Figures(minutes=120))
    correction = stage(street, appeal).correction
    assert correction is not None
    with transaction():
        services.confirm_correction(street.actor("second"), correction.id)
    new = stage(street, appeal).deed
    assert new is not None
    with pytest.raises(OwnDecision):
        approved(street, [new.id], by="second")
    approved(street, [new.id], by="reviewer")
