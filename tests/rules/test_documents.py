"""Drafts that are open for comment: frozen, commented on, answered, taken back. On both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import DomainError, Forbidden, Invalid, NotFound
from pointsbank.notifications.models import InboxMessage
from pointsbank.people.models import Resident
from pointsbank.publicity.errors import PersonalNumber
from pointsbank.rules import papers, queries, services
from pointsbank.rules.errors import (
    AlreadyOpen,
    CommentAnswered,
    CommentsOver,
    EmptyDraft,
    Frozen,
    HasComments,
    NotADraft,
    NotOpen,
    OwnComment,
    SameComment,
    TooManyComments,
)
from pointsbank.rules.evaluation import WideCap
from pointsbank.rules.models import (
    CommentRound,
    CommentState,
    Measure,
    Stage,
    StandardComment,
    Subject,
    Window,
)
from pointsbank.rules.packing import unpacked_version
from pointsbank.rules.services import CommentDraft, PaperAuthor
from tests.conftest import SettableClock
from tests.rules.asking import LAST, START, answer, ask_first, asked, decide, say, started
from tests.rules.support import A_DAY, adopted, hours_rule, piece_rule, visit_rule
from tests.support.village import Village

pytestmark = pytest.mark.usefixtures("inside", "clock")


# ── Open for comment ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_goes_from_open_for_comment_to_in_force(village: Village, clock: SettableClock) -> None:
    row = asked(village)
    assert papers.stage_of(row, papers.open_round(village.community)) is Stage.COMMENTING
    comment = say(village, row)
    answer(village, comment)
    clock.at(2026, 4, 25)
    decide(village, row)
    assert papers.open_round(village.community) is None
    found = queries.version_in_force(village.community, START)
    assert found is not None
    assert found.id == row.id


def test_an_open_draft_is_frozen_and_can_be_taken_back(village: Village) -> None:
    row, member = asked(village), village.actor("member")
    rule_id = queries.version(village.community, row.id).rules[0].id
    for attempt in (lambda: services.add_rule(member, row.id, piece_rule()),
                    lambda: services.rename(member, row.id, "x"),
                    lambda: services.change_rule(member, row.id, rule_id, hours_rule(points=900)),
                    lambda: services.remove_rule(member, row.id, rule_id),
                    lambda: services.set_caps(member, row.id, []), lambda: services.discard(member, row.id)):
        with pytest.raises(Frozen), transaction():
            attempt()
    say(village, row)
    with transaction():
        services.take_back(member, row.id)
        services.add_rule(member, row.id, piece_rule())
    assert len(papers.comments(village.community, row.id).items) == 1
    with pytest.raises(NotOpen), transaction():
        services.take_back(member, row.id)


@pytest.mark.parametrize("statement", [
    "UPDATE scoring_rule SET points = 900", "DELETE FROM rule_cap", "UPDATE rule_cap SET most = 1",
    "UPDATE scoring_standard SET title = 'x'", "UPDATE comment_round SET closes_on = '2026-06-01'",
    "INSERT INTO standard_cap (community_id, standard_id, category, cap_window, subject, measure, book, most)"
    " SELECT community_id, id, '', 'year', 'person', 'points', 'points', 1 FROM scoring_standard"])
def test_the_database_itself_freezes_an_open_draft(village: Village, statement: str) -> None:
    row = asked(village)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text(statement))
    if "comment_round" not in statement:  # the control: taken back, the same is done
        with transaction():
            services.take_back(village.actor("member"), row.id)
            db.session.execute(sa.text(statement))


def test_what_was_read_is_kept_when_the_draft_changes(village: Village) -> None:
    row, member = asked(village), village.actor("member")
    with transaction():
        services.take_back(member, row.id)
        services.set_caps(member, row.id, [WideCap(Window.YEAR, Subject.HOUSEHOLD, Measure.POINTS, 10_000)])
        services.add_rule(member, row.id, piece_rule())
    heard = papers.last_round(village.community)
    assert heard is not None
    kept = unpacked_version(heard.snapshot)
    now = queries.version(village.community, row.id)
    assert [r.code for r in kept.rules] == ["1.1", "1.2"]
    assert [dataclasses.replace(r, id=0) for r in kept.rules] == [
        dataclasses.replace(r, id=0) for r in now.rules if r.code != "2.1"]


@pytest.mark.parametrize(("first", "last"), [
    (A_DAY - dt.timedelta(days=1), LAST), (A_DAY, A_DAY - dt.timedelta(days=1)), (A_DAY, A_DAY + dt.timedelta(days=91)),
    (A_DAY + dt.timedelta(days=100), A_DAY + dt.timedelta(days=107))])
def test_days_of_comment_lie_ahead_and_have_an_end(village: Village, first: dt.date, last: dt.date) -> None:
    row = started(village, hours_rule())
    with pytest.raises(Invalid) as refusal, transaction():
        services.open_comments(village.actor("member"), row.id, last, opens_on=first)
    assert set(refusal.value.fields) <= {"opens_on", "closes_on"}
    assert refusal.value.fields


def test_a_community_says_how_long_it_asks_at_least(village: Village) -> None:
    ask_first(village)
    row = started(village, hours_rule())
    with pytest.raises(Invalid) as refusal, transaction():
        services.open_comments(village.actor("member"), row.id, A_DAY + dt.timedelta(days=5))
    assert "closes_on" in refusal.value.fields
    with transaction():
        services.open_comments(village.actor("member"), row.id, LAST)


def test_only_a_whole_draft_is_opened_and_only_once(village: Village) -> None:
    empty = started(village)
    with pytest.raises(EmptyDraft), transaction():
        services.open_comments(village.actor("member"), empty.id, LAST)
    with transaction():
        services.add_rule(village.actor("member"), empty.id, hours_rule())
        services.open_comments(village.actor("member"), empty.id, LAST)
    with pytest.raises(AlreadyOpen), transaction():
        services.open_comments(village.actor("member"), empty.id, LAST)


def test_an_adopted_version_is_not_opened(village: Village) -> None:
    row = adopted(village, [hours_rule()])
    with pytest.raises(NotADraft), transaction():
        services.open_comments(village.actor("member"), row.id, LAST)


@pytest.mark.parametrize("who", ["alice", "reviewer", "grid", "leader", "keeper"])
def test_only_who_writes_standards_opens_them(village: Village, who: str) -> None:
    row = started(village, hours_rule())
    with pytest.raises(Forbidden), transaction():
        services.open_comments(village.actor(who), row.id, LAST)
    with transaction():
        services.open_comments(village.actor("member"), row.id, LAST)
    with pytest.raises(Forbidden), transaction():
        services.take_back(village.actor(who), row.id)


# ── Comments ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_comments_are_taken_on_their_days_only(village: Village, clock: SettableClock) -> None:
    row = started(village, hours_rule())
    with transaction():
        services.open_comments(village.actor("member"), row.id, LAST, opens_on=A_DAY + dt.timedelta(days=1))
    with pytest.raises(CommentsOver):
        say(village, row)
    clock.at(2026, 4, 19)
    say(village, row, "第一天")
    clock.at(2026, 4, 24, 23, 59)
    say(village, row, "最后一天")
    clock.at(2026, 4, 25, 0, 1)
    with pytest.raises(CommentsOver):
        say(village, row, "晚了")


def test_a_comment_is_on_the_whole_an_item_or_a_new_one(village: Village) -> None:
    row = asked(village)
    assert say(village, row).item_code == ""
    assert say(village, row, "太少", item_code="1.2").item_code == "1.2"
    new = say(village, row, "夏天很需要", proposed_name="给独居老人送水", proposed_points=150)
    assert (new.kind.value, new.proposed_points) == ("proposal", 150)


@pytest.mark.parametrize(("more", "field"), [
    ({"text": " "}, "text"), ({"text": "x" * 501}, "text"), ({"item_code": "9.9"}, "item_code"),
    ({"proposed_name": "新的"}, "proposed_points"),
    ({"proposed_name": "新的", "proposed_points": 0}, "proposed_points"),
    ({"proposed_name": "新的", "proposed_points": 100, "item_code": "1.1"}, "item_code"),
    ({"proposed_name": "x" * 81, "proposed_points": 100}, "proposed_name")])
def test_a_malformed_comment_is_refused_by_its_field(village: Village, more: dict, field: str) -> None:
    row = asked(village)
    with pytest.raises(Invalid) as refusal:
        say(village, row, **{"text": "好", **more})
    assert field in refusal.value.fields
    assert papers.comments(village.community, row.id).items == []


@pytest.mark.parametrize("text", ["请打13800138000", "证号510101195505051234"])
def test_no_personal_number_gets_into_a_comment(village: Village, text: str) -> None:
    with pytest.raises(PersonalNumber):
        say(village, asked(village), text)


def test_names_are_masked_and_a_minor_is_only_called_that(village: Village) -> None:
    row = asked(village)
    with transaction():
        db.session.get_one(Resident, village.residents["bob"]).born_on = dt.date(2012, 1, 1)
    grown, young = say(village, row), say(village, row, "想多一点", who="bob")
    assert papers.public_names(village.community, [grown, young]) == {grown.id: "陈*芳", young.id: ""}


def test_nobody_says_the_same_twice_or_floods_the_page(village: Village) -> None:
    row = asked(village)
    first = say(village, row)
    with pytest.raises(SameComment):
        say(village, row)
    say(village, row, who="bob")
    for number in range(9):
        say(village, row, f"还有第{number}点")
    with pytest.raises(TooManyComments):
        say(village, row, "再来一点")
    with transaction():
        services.withdraw(village.actor("alice"), first.id)
    say(village, row, "再来一点")


def test_a_family_member_speaks_for_the_resident_chosen(village: Village) -> None:
    row = asked(village)
    with transaction():
        made = services.comment(village.actor("andrew", resident="alice"), row.id, CommentDraft("妈妈觉得好"))
    assert made.resident_id == village.residents["alice"]
    assert papers.public_names(village.community, [made])[made.id] == "陈*芳"


def test_somebody_of_another_community_is_not_heard(village: Village) -> None:
    row = asked(village)
    with pytest.raises(NotFound):
        say(village, row, who="mallory")
    with pytest.raises(Forbidden):
        say(village, row, who="member")  # staff without a resident speak for nobody


def test_a_member_enters_what_somebody_without_a_phone_says(village: Village) -> None:
    row = asked(village)
    with transaction():
        made = services.comment(village.actor("grid"), row.id, CommentDraft("走路不便，希望上门"),
                                PaperAuthor("周秀兰", "2-0108"))
    assert (made.on_paper, made.resident_id) == (True, village.residents["charlie"])
    with pytest.raises(SameComment), transaction():
        services.comment(village.actor("member"), row.id, CommentDraft("走路不便，希望上门"),
                         PaperAuthor("周秀兰", "2-0108"))
    with pytest.raises(Invalid) as refusal, transaction():
        services.comment(village.actor("grid"), row.id, CommentDraft("好"), PaperAuthor("", ""))
    assert set(refusal.value.fields) == {"name", "household"}
    with pytest.raises(Forbidden), transaction():
        services.comment(village.actor("keeper"), row.id, CommentDraft("好"), PaperAuthor("周秀兰", "2-0108"))


def test_an_answer_is_given_once_in_writing_and_told(village: Village) -> None:
    row = asked(village)
    comment = say(village, row)
    with pytest.raises(Invalid):
        answer(village, comment, " ")
    answer(village, comment, accepted=False)
    with pytest.raises(CommentAnswered):
        answer(village, comment)
    told = db.session.scalars(sa.select(InboxMessage).where(
        InboxMessage.resident_id == village.residents["alice"])).one()
    assert told.params == {"answer": "有道理，改为3分"}
    assert "not taken up" in told.text


def test_nobody_answers_what_they_wrote_or_entered(village: Village) -> None:
    row = asked(village)
    with transaction():
        made = services.comment(village.actor("second"), row.id, CommentDraft("好"), PaperAuthor("周秀兰", "2-0108"))
    with pytest.raises(OwnComment):
        answer(village, made)
    with pytest.raises(Forbidden):
        answer(village, made, who="reviewer")
    with pytest.raises(NotFound):
        answer(village, made, who="other_member")
    answer(village, made, who="member")


def test_a_comment_is_withdrawn_by_its_author_until_it_is_answered(village: Village) -> None:
    row = asked(village)
    comment, other = say(village, row), say(village, row, "另一个")
    for stranger in ("bob", "mallory", "member"):
        with pytest.raises(NotFound), transaction():
            services.withdraw(village.actor(stranger), comment.id)
    with transaction():
        services.withdraw(village.actor("alice"), comment.id)
    answer(village, other)
    for done in (comment, other):
        with pytest.raises(CommentAnswered), transaction():
            services.withdraw(village.actor("alice"), done.id)


@pytest.mark.parametrize("statement", [
    "UPDATE standard_comment SET text = 'x'", "DELETE FROM standard_comment",
    "UPDATE standard_comment SET answer = 'x'", "UPDATE standard_comment SET state = 'declined'",
    "UPDATE standard_comment SET resident_id = NULL"])
def test_the_database_keeps_what_was_said_and_answered(village: Village, statement: str) -> None:
    answer(village, say(village, asked(village)))
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text(statement))


def test_the_database_refuses_an_answer_by_whoever_entered_it(village: Village) -> None:
    comment = say(village, asked(village))
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(StandardComment).where(StandardComment.id == comment.id).values(
            state=CommentState.ACCEPTED, answer="好", answered_by_id=comment.entered_by_id))


def test_a_draft_with_comments_is_not_thrown_away(village: Village) -> None:
    row, member = asked(village), village.actor("member")
    say(village, row)
    with transaction():
        services.take_back(member, row.id)
    with pytest.raises(HasComments), transaction():
        services.discard(member, row.id)


def test_a_draft_that_nobody_commented_on_can_go(village: Village) -> None:
    row, member = asked(village), village.actor("member")
    with transaction():
        services.take_back(member, row.id)
        services.discard(member, row.id)
    assert queries.standards(village.community) == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CommentRound)) == 0


def _at_once(app: Flask, *works: object) -> list[object]:
    results: list[object] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def one(place: int, work: object) -> None:
        with app.app_context():
            gate.wait()
            try:
                run(work)  # type: ignore[arg-type]
                results[place] = "done"
            except DomainError as refusal:
                results[place] = refusal.code

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_five_answers_at_once_are_one(app: Flask, village: Village) -> None:
    comment = say(village, asked(village))
    actors = [village.actor("member"), village.actor("second")] * 3
    results = _at_once(app, *(lambda a=a: services.answer(a, comment.id, "好的", accepted=True) for a in actors))
    assert sorted(map(str, results)) == ["done"] + ["rules.comment_answered"] * 5
    assert db.session.scalar(sa.select(sa.func.count()).select_from(InboxMessage)) == 1


def test_the_same_comment_sent_five_times_at_once_is_one(app: Flask, village: Village) -> None:
    row, alice = asked(village), village.actor("alice")
    results = _at_once(app, *(lambda: services.comment(alice, row.id, CommentDraft("一样的话")) for _n in range(5)))
    assert sorted(map(str, results)) == ["done"] + ["rules.same_comment"] * 4


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_without_the_lock_the_same_comment_would_stand_twice(app: Flask, village: Village) -> None:
    """The negative control: look, wait for the other, write. On SQLite the write lock itself stands in between."""
    row, alice = asked(village), village.actor("alice")
    heard = papers.last_round(village.community, row.id)
    assert heard is not None
    gate, round_id = threading.Barrier(2), heard.id

    def unguarded() -> None:
        known = papers.comments(village.community, row.id).items
        gate.wait(10)
        if not known:
            db.session.add(StandardComment(
                community_id=village.community, standard_id=row.id, round_id=round_id, kind="remark", state="open",
                text="一样的话", resident_id=alice.resident_id, entered_by_id=alice.user_id,
                made_at=dt.datetime.now(dt.UTC)))

    _at_once(app, unguarded, unguarded)
    assert len(papers.comments(village.community, row.id).items) == 2


def test_opening_and_editing_at_once_never_change_what_is_read(app: Flask, village: Village) -> None:
    row, member = started(village, hours_rule()), village.actor("member")
    results = _at_once(app, lambda: services.open_comments(member, row.id, LAST),
                       lambda: services.add_rule(member, row.id, visit_rule()))
    assert results[0] == "done"
    heard = papers.last_round(village.community, row.id)
    assert heard is not None
    now = queries.version(village.community, row.id)
    assert [r.code for r in unpacked_version(heard.snapshot).rules] == [r.code for r in now.rules]
    assert results[1] == ("done" if len(now.rules) == 2 else "rules.frozen")
