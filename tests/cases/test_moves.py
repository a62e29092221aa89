"""The table of moves, cell by cell: every verb, by everybody, from every state."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import services
from pointsbank.cases.errors import (
    AppealedAlready,
    BadHandler,
    BadParent,
    BadSuspension,
    NotIndependent,
    NotYourPart,
    PhotoMissing,
    ReasonMissing,
    TooLate,
    UnknownVerb,
)
from pointsbank.cases.models import CaseEvent, CaseState, Evaluation, Outcome
from pointsbank.cases.moves import MOVES, Part
from pointsbank.cases.services import Step
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import DomainError, NotFound
from tests.cases.desk import Desk
from tests.contributions.sitting import related

# The parts that each of these plays in alice's case that dora puts right.
CAST = {"alice": {Part.REPORTER}, "member": {Part.DISPATCHER, Part.INSPECTOR}, "reviewer": {Part.INSPECTOR},
        "dora": {Part.HANDLER}, "erin": set(), "admin": set(), "grid": set(), "system": {Part.SYSTEM}}


def refused(desk: Desk, who: str, verb: str, case_id: int, step: Step | None = None) -> str:
    try:
        desk.do(who, verb, case_id, step)
    except DomainError as error:
        return type(error).__name__
    return "done"


@pytest.mark.slow
@pytest.mark.parametrize("state", list(CaseState), ids=lambda s: s.value)
def test_everybody_may_do_exactly_what_the_table_says(desk: Desk, state: CaseState, clock: Any) -> None:
    case_id = desk.at(state)
    handler = desk.case(case_id).handler_id
    wrong = []
    for verb, move in MOVES.items():
        for who, parts in CAST.items():
            mine = parts - ({Part.HANDLER} if handler is None else set())
            allowed = state in move.sources and bool(mine & move.parts)
            step = desk.step(who, verb)
            result = _tried(desk, who, verb, case_id, step)
            expected = allowed and verb != "unanswered"  # its seven days are not over
            if (result == "done") != expected or (not mine & move.parts and result not in ("NotYourPart", "NotFound")):
                wrong.append((verb, who, result))
            assert desk.state(case_id) is state
    assert wrong == []


class _Undo(Exception):
    """Thrown to put everything back."""


def _tried(desk: Desk, who: str, verb: str, case_id: int, step: Step) -> str:
    """What would become of it; nothing stays."""
    try:
        with transaction():
            moved = services.move(desk.actor(who), case_id, verb, step)
            assert moved.state is MOVES[verb].target
            raise _Undo
    except _Undo:
        return "done"
    except DomainError as error:
        return type(error).__name__
    finally:
        db.session.rollback()
        db.session.expunge_all()


def test_an_unknown_verb_is_a_sentence(desk: Desk) -> None:
    assert refused(desk, "member", "explode", desk.send()) == UnknownVerb.__name__


def test_somebody_elsewhere_finds_no_case(desk: Desk) -> None:
    case_id = desk.at(CaseState.ACCEPTED)
    assert refused(desk, "other_member", "assign", case_id) == NotFound.__name__
    assert refused(desk, "mallory", "satisfied", case_id) == NotFound.__name__


@pytest.mark.parametrize("verb", sorted(v for v, m in MOVES.items() if m.reason))
def test_a_step_that_asks_for_a_reason_gets_none_without(desk: Desk, verb: str) -> None:
    move = MOVES[verb]
    state = sorted(move.sources)[0]
    case_id = desk.at(state)
    part = next(iter(move.parts - {Part.INSPECTOR, Part.NEIGHBOURS} or move.parts))
    who = {Part.REPORTER: "alice", Part.DISPATCHER: "second", Part.HANDLER: "dora", Part.INSPECTOR: "reviewer"}[part]
    assert refused(desk, who, verb, case_id, Step(text=" 好 ", days=3)) == ReasonMissing.__name__


def test_nothing_goes_to_inspection_without_a_new_photo(desk: Desk) -> None:
    case_id = desk.at(CaseState.RECTIFYING)
    assert refused(desk, "dora", "finish", case_id, Step()) == PhotoMissing.__name__
    photo = desk.photo("dora")
    desk.do("dora", "finish", case_id, Step(photo_ids=[photo]))
    desk.do("reviewer", "rework", case_id)
    assert refused(desk, "dora", "finish", case_id, Step(photo_ids=[photo])) == PhotoMissing.__name__
    desk.do("dora", "finish", case_id)


def test_who_reported_neither_accepts_nor_inspects_nor_puts_right(desk: Desk) -> None:
    case_id = desk.at(CaseState.TO_INSPECT)
    desk.village.grants["alice"] = desk.village.grants["member"]
    assert refused(desk, "alice", "approve", case_id) == NotIndependent.__name__
    fresh = desk.send()
    assert refused(desk, "alice", "accept", fresh) == NotIndependent.__name__
    desk.do("member", "accept", fresh)
    own = Step(unit_id=desk.unit, handler_id=desk.village.users["alice"])
    assert refused(desk, "member", "assign", fresh, own) == BadHandler.__name__


def test_who_puts_right_or_is_of_the_unit_does_not_inspect(desk: Desk) -> None:
    case_id = desk.at(CaseState.TO_INSPECT)
    for who in ("dora", "erin"):
        desk.village.grants[who] = desk.village.grants["reviewer"]
        assert refused(desk, who, "approve", case_id) == NotIndependent.__name__
    desk.do("reviewer", "approve", case_id)


def test_the_database_holds_the_three_people_apart(desk: Desk) -> None:
    case_id = desk.at(CaseState.TO_INSPECT)
    for column, who in (("handler_id", "alice"), ("inspector_id", "dora"), ("inspector_id", "alice")):
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(sa.text(f"UPDATE problem_case SET {column} = :u WHERE id = :c"),
                               {"u": desk.village.users[who], "c": case_id})


def test_the_database_refuses_moves_beside_the_table_and_changed_history(desk: Desk) -> None:
    case_id = desk.at(CaseState.ACCEPTED)
    for sql in ("UPDATE problem_case SET state = 'on_site'",
                "UPDATE problem_case SET place = 'anders'", "DELETE FROM problem_case",
                "UPDATE case_event SET text = 'x'", "DELETE FROM case_event", "UPDATE snapshot_report SET text = 'x'",
                "DELETE FROM snapshot_report"):
        with pytest.raises(sa.exc.DatabaseError), transaction():
            db.session.execute(sa.text(sql))
    with transaction():  # the control
        db.session.execute(sa.text("UPDATE problem_case SET level = 1"))
    assert desk.case(case_id).level == 1


def test_every_change_is_an_event(desk: Desk) -> None:
    case_id = desk.at(CaseState.CLOSED)
    with transaction():
        events = db.session.scalars(sa.select(CaseEvent).where(
            CaseEvent.case_id == case_id).order_by(CaseEvent.id)).all()
    assert [e.verb for e in events] == ["report", "accept", "assign", "acknowledge", "start", "finish", "approve",
                                        "satisfied"]
    assert [e.before for e in events[1:]] == [e.after for e in events[:-1]]


def test_an_appeal_is_made_once(desk: Desk) -> None:
    case_id = desk.at(CaseState.DECLINED)
    desk.do("alice", "appeal", case_id)
    desk.do("member", "decline", case_id)
    assert refused(desk, "alice", "appeal", case_id) == AppealedAlready.__name__


def test_sent_back_twice_goes_to_the_supervisor_above(desk: Desk) -> None:
    case_id = desk.at(CaseState.SENT_BACK)
    desk.do("member", "assign", case_id)
    desk.do("dora", "send_back", case_id)
    assert desk.case(case_id).level == 2
    assert refused(desk, "member", "assign", case_id) == NotYourPart.__name__
    assert refused(desk, "member", "refuse_return", case_id) == NotYourPart.__name__
    desk.do("supervisor", "assign", case_id)


def test_the_office_may_refuse_to_take_it_back_and_then_it_stays(desk: Desk) -> None:
    case_id = desk.at(CaseState.SENT_BACK)
    assert refused(desk, "member", "refuse_return", case_id, Step()) == ReasonMissing.__name__
    desk.do("member", "refuse_return", case_id)
    again = desk.case(case_id)
    assert (again.state, again.handler_id) == (CaseState.ASSIGNED, desk.village.users["dora"])
    assert any("stays with those" in text for text in desk.heard("alice"))
    assert any("stays with those" in text for text in desk.heard("dora"))
    desk.do("dora", "acknowledge", case_id)


def test_what_the_office_took_away_goes_back_to_nobody(desk: Desk) -> None:
    case_id = desk.at(CaseState.RECTIFYING)
    desk.do("member", "take_away", case_id)
    assert refused(desk, "second", "refuse_return", case_id) == "OutOfTurn"
    desk.do("second", "assign", case_id)


def test_no_step_is_taken_without_word_to_whoever_reported(desk: Desk, clock: Any) -> None:
    """Reporter and joiner hear of each move; whoever has the case hears of those that are decided elsewhere."""
    case_id = desk.send()
    with transaction():
        services.join(desk.actor("bob"), case_id)
    course = [("member", "ask_more"), ("alice", "supply"), ("member", "accept"), ("member", "assign"),
              ("dora", "send_back"), ("member", "refuse_return"), ("dora", "acknowledge"), ("dora", "arrive"),
              ("dora", "start"), ("second", "suspend"), ("dora", "resume"), ("dora", "finish"), ("reviewer", "rework"),
              ("dora", "finish"), ("reviewer", "approve"), ("alice", "unhappy"), ("member", "assign"),
              ("member", "take_away"), ("second", "declare_false")]
    fixer = {"assign", "refuse_return", "suspend", "rework", "approve", "unhappy", "take_away"}
    for who, verb in course:
        before = {one: len(desk.heard(one)) for one in ("alice", "bob", "dora")}
        desk.do(who, verb, case_id)
        heard = {one for one in before if len(desk.heard(one)) > before[one]}
        assert {"alice", "bob"} <= heard, verb
        assert ("dora" in heard) == (verb in fixer), verb
    told = {verb for _who, verb in course} | {"decline", "appeal", "merge", "split", "withdraw", "satisfied", "partly",
                                              "unanswered", "reopen"}
    assert told == set(MOVES)


def test_a_suspension_has_an_end_within_thirty_days(desk: Desk) -> None:
    case_id = desk.at(CaseState.RECTIFYING)
    for days in (None, 0, 31):
        step = Step(text="等待配件到货", days=days)
        assert refused(desk, "second", "suspend", case_id, step) == BadSuspension.__name__
    desk.do("second", "suspend", case_id, Step(text="等待配件到货", days=30))


def test_unhappy_opens_it_again_and_a_closed_one_for_thirty_days(desk: Desk, clock: Any) -> None:
    case_id = desk.at(CaseState.TO_EVALUATE)
    desk.do("alice", "unhappy", case_id)
    again = desk.case(case_id)
    assert (again.state, again.round, again.evaluation) == (CaseState.ACCEPTED, 2, Evaluation.UNHAPPY)
    other = desk.at(CaseState.CLOSED)
    clock.forward(days=30, minutes=1)
    assert refused(desk, "alice", "reopen", other) == TooLate.__name__
    clock.forward(days=-1)
    desk.do("alice", "reopen", other)
    assert desk.state(other) is CaseState.ACCEPTED


def test_an_outcome_other_than_fixed_is_explained(desk: Desk) -> None:
    case_id = desk.at(CaseState.RECTIFYING)
    step = Step(outcome=Outcome.CANNOT, photo_ids=[desk.photo("dora")])
    assert refused(desk, "dora", "finish", case_id, step) == ReasonMissing.__name__


def test_a_merge_needs_another_open_case_of_the_group_and_can_be_undone(desk: Desk) -> None:
    case_id, closed = desk.send(), desk.at(CaseState.CLOSED)
    home = desk.send(category_id=desk.family)
    for parent in (None, case_id, closed, home):
        assert refused(desk, "member", "merge", case_id, Step(parent_id=parent)) == BadParent.__name__
    first = desk.send("bob")
    desk.do("member", "merge", case_id, Step(parent_id=first))
    third = desk.send("bob")
    assert refused(desk, "member", "merge", first, Step(parent_id=third)) == BadParent.__name__
    desk.do("member", "accept", first)
    assert any("is accepted" in text for text in desk.heard("alice"))
    desk.do("member", "split", case_id)
    assert desk.case(case_id).parent_id is None


def test_nobody_of_the_reporters_household_decides(desk: Desk) -> None:
    related(desk.village, "second", "andrew")
    case_id = desk.send("alice")
    assert refused(desk, "second", "accept", case_id) == "NotIndependent"
    desk.do("member", "accept", case_id)
    other = desk.send("bob")
    assert desk.do("second", "accept", other).state is CaseState.ACCEPTED, "elsewhere the same person may"
