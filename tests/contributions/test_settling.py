"""The end of a notice: posted once however many try, frozen lines left out, objections answered at once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.contributions import jobs, services
from pointsbank.contributions.models import AwardLine, LineState
from pointsbank.contributions.services.booking import expires_on
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.ledger import queries as ledger
from pointsbank.ledger import services as ledger_services
from pointsbank.ledger.models import Book, PostedTransfer
from pointsbank.publicity import queries as notices
from pointsbank.publicity.errors import AlreadyDecided, AlreadyObjected, LineGone, NoticeOver
from pointsbank.publicity.models import NoticeState, PublicNotice
from pointsbank.rules.models import CapCounter
from tests.contributions import funnel
from tests.contributions.funnel import approved, award_lines, balance, draft, on_notice, published, recorded
from tests.support.village import Village

RUNS = 5


def in_parallel(app: Any, work: Callable[[int], Any]) -> list[Any]:
    """Run ``work`` in five threads at once; what each returned or raised."""
    answers: list[Any] = [None] * RUNS

    def one(place: int) -> None:
        with app.app_context():
            try:
                answers[place] = work(place)
            except Exception as error:
                answers[place] = error

    threads = [threading.Thread(target=one, args=(i,)) for i in range(RUNS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_a_notice_settled_by_five_runs_at_once_is_posted_once(app: Any, street: Village, clock: Any) -> None:
    notice_id, _lines = on_notice(street, "alice", "bob", "charlie")
    clock.forward(days=8)
    start = threading.Barrier(RUNS)

    def work(_place: int) -> dict[str, Any]:
        start.wait(30)
        return jobs.settle_due()

    answers = in_parallel(app, work)
    assert all(isinstance(a, dict) for a in answers), answers
    assert sum(notice_id in a["settled"] for a in answers) == 1
    assert [a["failed"] for a in answers] == [[]] * RUNS
    assert [balance(street, key) for key in ("alice", "bob", "charlie")] == [200, 200, 200]
    assert ledger.verify(street.community) == []
    db.session.rollback()


def test_without_the_lock_and_the_key_the_same_steps_post_five_times(app: Any, street: Village, clock: Any) -> None:
    """The negative control: read, wait for each other, write, as a careless job would."""
    notice_id, _lines = on_notice(street, "alice")
    clock.forward(days=8)
    read = threading.Barrier(RUNS)

    def careless(place: int) -> str:
        state = db.session.scalar(sa.select(PublicNotice.state).where(PublicNotice.id == notice_id))
        db.session.rollback()
        read.wait(30)
        if state is not NoticeState.PUBLISHED:
            return "closed"
        with transaction():
            line = db.session.query(AwardLine).filter_by(notice_id=notice_id, book=Book.POINTS).one()
            award = ledger_services.Award(line.owner_key, line.amount, f"careless:{line.id}:{place}")
            ledger_services.post(street.community, ledger_services.award_transfers(street.community, [award]),
                                 house_clock.today())
            db.session.execute(sa.update(PublicNotice).where(PublicNotice.id == notice_id).values(
                state=NoticeState.CLOSED, closed_at=house_clock.now()))
        return "posted"

    assert in_parallel(app, careless) == ["posted"] * RUNS
    assert balance(street, "alice") == 200 * RUNS


def test_running_the_job_again_changes_nothing(street: Village, clock: Any) -> None:
    notice_id, _lines = on_notice(street, "alice")
    clock.forward(days=8)
    assert jobs.settle_due()["settled"] == [notice_id]
    assert jobs.settle_due()["settled"] == []
    assert balance(street, "alice") == 200


def test_a_notice_is_not_settled_a_second_before_its_hour(street: Village, clock: Any) -> None:
    notice_id, _lines = on_notice(street, "alice")
    clock.at(2026, 4, 25, 17, 59, 59)
    assert jobs.settle_due()["settled"] == []
    clock.at(2026, 4, 25, 18, 0)
    assert jobs.settle_due()["settled"] == [notice_id]


def test_one_notice_that_fails_does_not_hold_up_the_others(street: Village, clock: Any,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    first, _lines = on_notice(street, "alice")
    approved(street, recorded(street, draft(street, "bob", 2)))
    second = published(street)
    clock.forward(days=8)
    whole = services.settle_notice

    def fragile(community_id: int, notice_id: int, now: dt.datetime) -> Any:
        if notice_id == first:
            raise RuntimeError("no")
        return whole(community_id, notice_id, now)

    monkeypatch.setattr(services, "settle_notice", fragile)
    found = jobs.settle_due()
    assert (found["settled"], found["failed"]) == ([second], [first])
    monkeypatch.setattr(services, "settle_notice", whole)
    assert jobs.settle_due()["settled"] == [first]


# ── Objections ──────────────────────────────────────────────────────────────────────────────────────────────────


def objected(street: Village, line_id: int, by: str = "charlie", **values: Any) -> int:
    with transaction():
        return services.object_to(street.actor(by), line_id, "那天没看见他", **values).id


def test_an_objection_freezes_just_its_line(street: Village, clock: Any) -> None:
    notice_id, lines = on_notice(street, "alice", "bob")
    objected(street, lines["alice"])
    assert notices.frozen_source_keys(street.community, notice_id) == {
        line.source_key for line in db.session.query(AwardLine).filter_by(state=LineState.FROZEN)}
    db.session.rollback()
    clock.forward(days=8)
    jobs.settle_due()
    assert (balance(street, "alice"), balance(street, "bob")) == (0, 200)


@pytest.mark.parametrize("days", [1, 9])
@pytest.mark.parametrize("upheld", [False, True])
def test_the_decision_posts_or_strikes_the_line_at_once(street: Village, clock: Any, upheld: bool, days: int) -> None:
    _notice, lines = on_notice(street, "alice", "bob")
    objection_id = objected(street, lines["alice"])
    clock.forward(days=days)
    jobs.settle_due()
    with transaction():
        services.decide_objection(street.actor("member"), objection_id, upheld, "查过签到表")
    state = {line.state for line in db.session.query(AwardLine).filter_by(book=Book.POINTS)
             if line.owner_key == f"household:{street.households['2-0317']}"}
    db.session.rollback()
    assert state == {LineState.STRUCK if upheld else LineState.POSTED}
    assert balance(street, "alice") == (0 if upheld else 200)
    assert balance(street, "alice", Book.MINUTES, person=True) == (0 if upheld else 120)
    clock.forward(days=9)
    jobs.settle_due()
    assert (balance(street, "alice"), balance(street, "bob")) == (0 if upheld else 200, 200)
    assert ledger.verify(street.community) == []
    db.session.rollback()


def test_a_line_waits_until_the_last_objection_to_it_is_answered(street: Village) -> None:
    _notice, lines = on_notice(street, "alice")
    first, second = objected(street, lines["alice"]), objected(street, lines["alice"], "bob")
    with transaction():
        services.decide_objection(street.actor("member"), first, False, "签到表上有")
    assert balance(street, "alice") == 0
    with transaction():
        services.decide_objection(street.actor("member"), second, False, "照片也有")
    assert balance(street, "alice") == 200


def test_upholding_one_objection_answers_the_others(street: Village) -> None:
    _notice, lines = on_notice(street, "alice")
    first, second = objected(street, lines["alice"]), objected(street, lines["alice"], "bob")
    with transaction():
        services.decide_objection(street.actor("member"), first, True, "确实没来")
    with pytest.raises(AlreadyDecided), transaction():
        services.decide_objection(street.actor("second"), second, False, "来了")
    with pytest.raises(LineGone):
        objected(street, lines["alice"], "dora")


def test_an_upheld_objection_gives_the_cap_back(street: Village) -> None:
    _notice, lines = on_notice(street, "alice")
    objection_id = objected(street, lines["alice"])
    used = sa.select(sa.func.sum(CapCounter.used)).where(CapCounter.key.like("%resident:%"))
    before = db.session.scalar(used)
    db.session.rollback()
    with transaction():
        services.decide_objection(street.actor("member"), objection_id, True, "确实没来")
    assert (before, db.session.scalar(used)) == (320, 0)
    db.session.rollback()


def test_an_objection_to_points_paid_at_once_takes_them_back(street: Village) -> None:
    ids = recorded(street, draft(street, "bob", kind="snapshot", minutes=None, team_id=None))
    approved(street, ids)
    notice_id = published(street)
    lines = funnel.lines_on(street, notice_id, ids, ("bob",))
    objection_id = objected(street, lines["bob"])
    assert balance(street, "bob", person=True) == 300
    with transaction():
        services.decide_objection(street.actor("member"), objection_id, True, "照片是去年的")
    assert balance(street, "bob", person=True) == 0
    assert award_lines(ids[0])[0].state is LineState.REVERSED
    assert ledger.verify(street.community) == []
    db.session.rollback()


def test_a_late_a_double_and_a_foreign_objection_are_refused(street: Village, clock: Any) -> None:
    from pointsbank.core.errors import NotFound

    _notice, lines = on_notice(street, "alice", "bob")
    objected(street, lines["alice"])
    with pytest.raises(AlreadyObjected):
        objected(street, lines["alice"])
    with pytest.raises(NotFound):
        objected(street, lines["bob"], "mallory")
    clock.at(2026, 4, 25, 18, 0)
    with pytest.raises(NoticeOver) as late:
        objected(street, lines["bob"])
    assert late.value.code == "publicity.notice_over"
    jobs.settle_due()
    with pytest.raises(NoticeOver):
        objected(street, lines["bob"])


# ── Opening balances ────────────────────────────────────────────────────────────────────────────────────────────


def opening(street: Village) -> int:
    from pointsbank.core.sheets import SheetRow

    rows = [SheetRow(2, {"household_number": "2-0317", "points": "126.5"}),
            SheetRow(3, {"household_number": "1-0412", "points": "40"})]
    with transaction():
        batch = ledger_services.import_opening(street.actor("member"), rows, "old book.xlsx").id
    with transaction():
        ledger_services.confirm_opening(street.actor("second"), batch)
    return batch


@pytest.mark.parametrize("upheld", [False, True])
def test_opening_balances_go_through_a_notice_too(street: Village, clock: Any, upheld: bool) -> None:
    batch = opening(street)
    with transaction():
        notice_id = services.draft_opening(street.actor("member"), batch).id
    with transaction():
        services.publish_notice(street.actor("second"), notice_id)
    line = notices.all_lines(funnel.notice(notice_id))[0]
    assert (line.household_number, line.masked_name) == ("2-0317", "陈*芳")
    objection_id = objected(street, line.id)
    clock.forward(days=8)
    jobs.settle_due()
    assert (balance(street, "alice"), balance(street, "bob")) == (0, 4000)
    with transaction():
        services.decide_objection(street.actor("second"), objection_id, upheld, "核对了旧账本")
    assert (balance(street, "alice"), balance(street, "bob")) == (0 if upheld else 12650, 4000)
    (done,) = ledger_services.opening_lines(street.community, batch)[:1]
    assert bool(done.struck_because) is upheld
    assert ledger.verify(street.community) == []
    db.session.rollback()


# ── When points lapse, and what it costs ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("policy", "day"), [
    ("never", None), ("year_end", dt.date(2026, 12, 31)), ("quarter", dt.date(2026, 6, 30)),
    ("months", dt.date(2029, 4, 30))])
def test_the_last_day_of_points_counts_from_their_posting(policy: str, day: dt.date | None) -> None:
    from pointsbank.communities.settings import CommunitySettings

    assert expires_on(CommunitySettings(expiry=policy), dt.date(2026, 4, 26)) == day


def test_settling_a_notice_costs_the_same_for_three_lines_and_for_three_hundred(street: Village, clock: Any,
                                                                                queries: Any) -> None:
    costs = []
    for size in (3, 300):
        keys = ["alice", "bob", "charlie"] * (size // 3)
        ids = recorded(street, *(draft(street, key, size * 1000 + n, kind="other", item_code=funnel.VISIT, units=1,
                                       minutes=None) for n, key in enumerate(keys)))
        approved(street, ids)
        published(street)
        clock.forward(days=8)
        moment = house_clock.now()
        ((community_id, notice_id),) = notices.due(moment)
        db.session.rollback()
        with queries() as seen, transaction():
            services.settle_notice(community_id, notice_id, moment)
        costs.append(len(seen))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PostedTransfer)) == 303
    db.session.rollback()
    assert costs[1] <= costs[0], "no statement per line"
    assert costs[1] <= 20


def test_recording_and_approving_cost_the_same_for_few_and_for_many(street: Village, queries: Any) -> None:
    costs = []
    for size in (3, 60):
        keys = ["alice", "bob", "charlie"] * (size // 3)
        drafts = [draft(street, key, size * 1000 + n) for n, key in enumerate(keys)]
        with queries() as seen:
            ids = recorded(street, *drafts)
        recording = len(seen)
        with queries() as seen:
            approved(street, ids)
        costs.append((recording, len(seen)))
    # A batch of many rows may need one page of parameters more.
    assert all(many <= few + 2 for few, many in zip(*costs, strict=True)), "no statement per row"
    assert costs[1][0] <= 12
    assert costs[1][1] <= 36
