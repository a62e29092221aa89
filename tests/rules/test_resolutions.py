"""Resolutions with their votes, and standards on the notice board. On both databases."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden, Invalid
from pointsbank.notifications.models import InboxMessage
from pointsbank.publicity.models import NoticeKind, NoticeLine
from pointsbank.rules import papers, queries, services
from pointsbank.rules.errors import (
    AlreadyAnnounced,
    CommentsMissing,
    CommentsUnanswered,
    NotCarried,
    NotOpen,
    StillOpen,
    VotesMissing,
)
from pointsbank.rules.models import (
    Meeting,
    StandardResolution,
)
from tests.conftest import SettableClock
from tests.rules.asking import LAST, answer, ask_first, asked, decide, say, started, voted
from tests.rules.support import A_DAY, LONG_AGO, VOTED, adopted, hours_rule, visit_rule
from tests.support.village import Village

pytestmark = pytest.mark.usefixtures("inside", "clock")


# ── Resolutions ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_resolution_is_kept_with_its_votes(village: Village) -> None:
    row = decide(village, started(village, hours_rule()))
    found = papers.resolution(village.community, row.id)
    assert found is not None
    assert (found.meeting, found.held_on, found.present, found.votes_for, found.votes_against, found.votes_abstain) == (
        Meeting.REPRESENTATIVES, dt.date(2025, 12, 20), 31, 29, 1, 1)
    assert row.resolution == VOTED.text


@pytest.mark.parametrize(("changes", "field"), [
    ({"held_on": A_DAY + dt.timedelta(days=1)}, "held_on"), ({"present": 30}, "present"), ({"present": 0}, "present"),
    ({"votes_for": 0, "votes_against": 0, "votes_abstain": 0}, "votes_for"), ({"votes_against": -1}, "present"),
    ({"text": "x"}, "resolution")])
def test_votes_that_cannot_be_are_refused(village: Village, changes: dict, field: str) -> None:
    row = started(village, hours_rule())
    with pytest.raises(Invalid) as refusal:
        decide(village, row, voted(**changes))
    assert field in refusal.value.fields
    assert queries.version(village.community, row.id).in_force_on is None


def test_the_meeting_is_not_after_the_first_day(village: Village) -> None:
    row = started(village, hours_rule())
    with pytest.raises(Invalid) as refusal:
        decide(village, row, voted(held_on=A_DAY), A_DAY - dt.timedelta(days=10), on_paper=True)
    assert "held_on" in refusal.value.fields


@pytest.mark.parametrize(("given", "against"), [(10, 11), (10, 10), (0, 3)])
def test_what_was_voted_down_is_not_adopted(village: Village, given: int, against: int) -> None:
    row = started(village, hours_rule())
    with pytest.raises(NotCarried):
        decide(village, row, voted(votes_for=given, votes_against=against))


@pytest.mark.parametrize("missing", ["meeting", "held_on", "present", "votes_for"])
def test_a_resolution_without_its_votes_is_refused(village: Village, missing: str) -> None:
    row = started(village, hours_rule())
    with pytest.raises(VotesMissing) as refusal:
        decide(village, row, voted(**{missing: None}))
    assert list(refusal.value.fields) == [missing]
    with pytest.raises(VotesMissing):
        decide(village, row, "居民代表会议通过")
    with pytest.raises(VotesMissing):
        decide(village, row, "居民代表会议通过", on_paper=True)  # a day to come was never in force on paper


def test_only_what_was_in_force_on_paper_needs_no_votes(village: Village) -> None:
    row = decide(village, started(village, hours_rule()), "居民代表会议通过", LONG_AGO, on_paper=True)
    found = papers.resolution(village.community, row.id)
    assert found is not None
    assert (found.on_paper, found.votes_for) == (True, None)


@pytest.mark.parametrize("statement", [
    "UPDATE standard_resolution SET votes_for = 31", "DELETE FROM standard_resolution"])
def test_the_database_keeps_a_resolution(village: Village, statement: str) -> None:
    decide(village, started(village, hours_rule()))
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text(statement))


@pytest.mark.parametrize("values", [
    {"votes_for": 3, "votes_against": 3}, {"votes_for": 40}, {"votes_for": None}, {"meeting": None},
    {"votes_for": None, "meeting": None, "held_on": None, "present": None, "votes_against": None,
     "votes_abstain": None}])
def test_the_database_refuses_a_resolution_that_was_not_carried(village: Village, values: dict) -> None:
    row = started(village, hours_rule())
    whole = {"standard_id": row.id, "community_id": village.community, "meeting": Meeting.ASSEMBLY, "held_on": A_DAY,
             "present": 31, "votes_for": 29, "votes_against": 1, "votes_abstain": 0, "text": "通过", "on_paper": False,
             "recorded_by_id": village.users["second"], "recorded_at": dt.datetime(2026, 4, 18, tzinfo=dt.UTC)}
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.add(StandardResolution(**{**whole, **values}))
    with transaction():  # the control
        db.session.add(StandardResolution(**whole))


def test_it_is_not_adopted_while_people_are_still_asked(village: Village, clock: SettableClock) -> None:
    row = asked(village)
    clock.at(2026, 4, 24)
    with pytest.raises(StillOpen):
        decide(village, row)
    clock.at(2026, 4, 25)
    decide(village, row)


def test_everybody_gets_an_answer_before_it_is_decided(village: Village, clock: SettableClock) -> None:
    row = asked(village)
    first, second = say(village, row), say(village, row, "不同意", who="bob")
    clock.at(2026, 4, 25)
    with pytest.raises(CommentsUnanswered) as refusal:
        decide(village, row)
    assert refusal.value.data == {"count": 2}
    answer(village, first, who="member")
    with transaction():
        services.withdraw(village.actor("bob"), second.id)
    decide(village, row)


def test_where_people_are_to_be_asked_nothing_is_adopted_without(village: Village, clock: SettableClock) -> None:
    ask_first(village)
    row = started(village, hours_rule())
    with pytest.raises(CommentsMissing):
        decide(village, row)
    with transaction():
        services.open_comments(village.actor("member"), row.id, LAST)
        services.take_back(village.actor("member"), row.id)
    clock.at(2026, 4, 26)
    with pytest.raises(CommentsMissing):
        decide(village, row)  # taken back on the first day: nobody had the time
    with transaction():
        services.open_comments(village.actor("member"), row.id, dt.date(2026, 5, 2))
    clock.at(2026, 5, 3)
    with transaction():
        services.take_back(village.actor("member"), row.id)
    decide(village, row, day=dt.date(2026, 5, 10))


def test_where_people_are_to_be_asked_paper_of_before_needs_none(village: Village) -> None:
    ask_first(village)
    decide(village, started(village, hours_rule()), "居民代表会议通过", LONG_AGO, on_paper=True)


def test_whoever_spoke_hears_what_was_adopted(village: Village, clock: SettableClock) -> None:
    row = asked(village)
    answer(village, say(village, row))
    clock.at(2026, 4, 25)
    decide(village, row)
    texts = db.session.scalars(sa.select(InboxMessage.text).where(
        InboxMessage.resident_id == village.residents["alice"]).order_by(InboxMessage.id)).all()
    assert len(texts) == 2
    assert "were adopted" in texts[1]


# ── On the board ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_notice_is_made_of_what_is_asked_and_of_what_was_adopted(village: Village, clock: SettableClock) -> None:
    adopted(village, [hours_rule()])
    row = asked(village, hours_rule(points=200), visit_rule())
    with transaction():
        notice = services.announce(village.actor("member"), row.id)
    assert (notice.kind, notice.days) == (NoticeKind.STANDARD, 7)
    lines = db.session.scalars(sa.select(NoticeLine).where(NoticeLine.notice_id == notice.id)
                               .order_by(NoticeLine.position)).all()
    assert len(lines) == 4
    assert "参加志愿服务：每小时 1 → 2 分" in lines[1].plain["text"]  # type: ignore[index]
    assert lines[2].plain["cells"][:2] == ["1.1", "参加志愿服务"]  # type: ignore[index]
    with pytest.raises(AlreadyAnnounced), transaction():
        services.announce(village.actor("member"), row.id)
    clock.at(2026, 4, 25)
    decide(village, row)
    with transaction():
        later = services.announce(village.actor("member"), row.id)
    assert later.resolution == VOTED.text


def test_a_draft_that_nobody_is_asked_about_is_not_announced(village: Village) -> None:
    row = started(village, hours_rule())
    with pytest.raises(NotOpen), transaction():
        services.announce(village.actor("member"), row.id)
    with pytest.raises(Forbidden), transaction():
        services.announce(village.actor("alice"), row.id)


def test_each_step_leaves_one_audit_row(village: Village, clock: SettableClock) -> None:
    row = asked(village)
    comment = say(village, row)
    answer(village, comment)
    clock.at(2026, 4, 25)
    decide(village, row)
    verbs = db.session.scalars(sa.select(AuditRow.verb).where(AuditRow.verb.startswith("rules."))
                               .order_by(AuditRow.id)).all()
    assert verbs == ["rules.start_draft", "rules.open_comments", "rules.comment", "rules.answer_comment", "rules.adopt"]
