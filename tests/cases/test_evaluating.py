"""What those concerned say at the end: three answers, joiners beside the reporter, three neighbours open it anew."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import errors, jobs, queries, services
from pointsbank.cases.models import (
    Case,
    CaseEvaluation,
    CaseEvent,
    CaseState,
    Evaluation,
    Outcome,
    ReopeningSupport,
    Source,
)
from pointsbank.cases.services import ReportDraft, Sender, Step, evaluating
from pointsbank.core.actor import system
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import Forbidden, NotFound
from tests.cases.desk import Desk
from tests.deductions.test_races import at_once, kinds

ROOT = "/api/v1"
NEIGHBOURS = ("bob", "charlie", "frank", "grace")


def evaluate(desk: Desk, who: str, case_id: int, answer: Evaluation, text: str = "", **acting: Any) -> Case:
    return run(lambda: services.evaluate(desk.village.actor(who, **acting), case_id, answer, text))


def support(desk: Desk, who: str, case_id: int, why: str = "晚上又不亮了") -> Case:
    return run(lambda: services.support_reopening(desk.actor(who), case_id, why))


def join(desk: Desk, who: str, case_id: int) -> None:
    run(lambda: services.join(desk.actor(who), case_id))


def to_evaluate(desk: Desk, *joiners: str, **given: Any) -> int:
    case_id = desk.send(**given)
    for who in joiners:
        join(desk, who, case_id)
    return desk.at(CaseState.TO_EVALUATE, case_id)


@pytest.mark.parametrize(("answer", "state"), [
    (Evaluation.SATISFIED, CaseState.CLOSED), (Evaluation.PARTLY, CaseState.CLOSED),
    (Evaluation.UNHAPPY, CaseState.ACCEPTED)])
def test_the_reporters_answer_decides_and_is_given_once(desk: Desk, answer: Evaluation, state: CaseState) -> None:
    case_id = to_evaluate(desk)
    case = evaluate(desk, "alice", case_id, answer, "灯还是一闪一闪的")
    assert (case.state, case.evaluation) == (state, answer)
    for again in Evaluation.SATISFIED, Evaluation.UNHAPPY:
        with pytest.raises(errors.EvaluatedAlready):
            evaluate(desk, "alice", case_id, again, "灯还是一闪一闪的")
    with transaction():
        rows = db.session.scalars(sa.select(CaseEvaluation)).all()
        assert [(row.answer, row.by_reporter, row.round) for row in rows] == [(answer, True, 1)]


def test_unhappy_needs_a_reason(desk: Desk) -> None:
    case_id = to_evaluate(desk, "bob")
    for who in ("alice", "bob"):
        with pytest.raises(errors.ReasonMissing):
            evaluate(desk, who, case_id, Evaluation.UNHAPPY)


def test_the_family_answers_for_whom_they_act(desk: Desk) -> None:
    case_id = to_evaluate(desk)
    assert evaluate(desk, "andrew", case_id, Evaluation.PARTLY, resident="alice").evaluation is Evaluation.PARTLY


def test_after_a_second_round_there_is_a_second_answer(desk: Desk) -> None:
    case_id = to_evaluate(desk)
    evaluate(desk, "alice", case_id, Evaluation.UNHAPPY, "灯还是一闪一闪的")
    for verb, who in (("assign", "member"), ("acknowledge", "dora"), ("start", "dora"), ("finish", "dora"),
                      ("approve", "reviewer")):
        desk.do(who, verb, case_id)
    assert evaluate(desk, "alice", case_id, Evaluation.SATISFIED).state is CaseState.CLOSED


def test_joiners_are_counted_beside_it_and_close_nothing(desk: Desk, clock: Any) -> None:
    case_id = to_evaluate(desk, "bob", "charlie")
    evaluate(desk, "bob", case_id, Evaluation.UNHAPPY, "我家门口还是黑的")
    assert desk.state(case_id) is CaseState.TO_EVALUATE
    assert any("neighbour has said" in text for text in desk.heard("alice"))
    with pytest.raises(errors.EvaluatedAlready):
        evaluate(desk, "bob", case_id, Evaluation.SATISFIED)
    evaluate(desk, "alice", case_id, Evaluation.SATISFIED)
    evaluate(desk, "charlie", case_id, Evaluation.SATISFIED)
    assert desk.case(case_id).evaluation is Evaluation.SATISFIED
    with transaction():
        assert queries.seen(desk.actor("member"), case_id).voices == {Evaluation.UNHAPPY: 1, Evaluation.SATISFIED: 1}


def test_others_and_late_comers_answer_nothing(desk: Desk, clock: Any) -> None:
    case_id, early = to_evaluate(desk, "bob"), desk.at(CaseState.RECTIFYING, desk.send())
    with pytest.raises(NotFound):
        evaluate(desk, "charlie", case_id, Evaluation.SATISFIED)
    with pytest.raises(NotFound):
        evaluate(desk, "mallory", case_id, Evaluation.SATISFIED)
    with pytest.raises(Forbidden):
        evaluate(desk, "reviewer", case_id, Evaluation.SATISFIED)
    with pytest.raises(errors.NothingToEvaluate):
        evaluate(desk, "alice", case_id, Evaluation.UNANSWERED)
    join(desk, "bob", early)
    with pytest.raises(errors.NothingToEvaluate):
        evaluate(desk, "bob", early, Evaluation.SATISFIED)
    clock.forward(days=7, minutes=1)
    jobs.tick()
    with pytest.raises(errors.NothingToEvaluate):
        evaluate(desk, "bob", case_id, Evaluation.SATISFIED)


def test_who_reported_what_was_merged_answers_as_a_joiner(desk: Desk) -> None:
    parent, child = desk.send(), desk.send("bob")
    desk.do("member", "merge", child, Step(parent_id=parent))
    desk.at(CaseState.TO_EVALUATE, parent)
    assert evaluate(desk, "bob", parent, Evaluation.PARTLY).state is CaseState.TO_EVALUATE


def test_who_entered_it_for_a_resident_does_not_answer_for_them(desk: Desk) -> None:
    given = {"category_id": desk.lamp, "text": "路灯不亮", "place": "东巷 9 号"}
    ids = [run(lambda n=n, r=r: services.enter(desk.actor("grid"), ReportDraft(  # type: ignore[misc]
        client_id=f"draft-{n:04}", **given), Source.HOTLINE, r).case_id)
        for n, r in enumerate((desk.village.residents["alice"], None))]
    for case_id in ids:
        desk.at(CaseState.TO_EVALUATE, case_id)
    with pytest.raises(errors.NotYourPart):
        evaluate(desk, "grid", ids[0], Evaluation.SATISFIED)
    assert evaluate(desk, "alice", ids[0], Evaluation.SATISFIED).state is CaseState.CLOSED
    assert evaluate(desk, "grid", ids[1], Evaluation.PARTLY).state is CaseState.CLOSED


def test_another_system_answers_for_its_own_reports_or_nobody_does(desk: Desk, clock: Any) -> None:
    here = desk.village.community
    ids = [run(lambda n=n: services.take_in(system(here), ReportDraft(  # type: ignore[misc]
        f"draft-{n:04}", desk.lamp, "路灯不亮", f"西巷 {n} 号"), Source.OPEN311, Sender("client:3")).case_id)
        for n in range(3)]
    for case_id in ids:
        desk.at(CaseState.TO_EVALUATE, case_id)

    def answer(case_id: int, verb: str, key: str = "client:3", text: str = "") -> Case:
        return run(lambda: services.move_for_sender(here, key, case_id, verb, Step(text)))

    with pytest.raises(NotFound):
        answer(ids[0], "satisfied", "client:4")
    with pytest.raises(errors.NotYourPart):
        answer(ids[0], "accept")
    assert answer(ids[0], "satisfied").evaluation is Evaluation.SATISFIED
    assert answer(ids[1], "unhappy", text="still broken").state is CaseState.ACCEPTED
    clock.forward(days=7)
    jobs.tick()
    assert desk.case(ids[2]).evaluation is Evaluation.UNANSWERED


# ── Three neighbours ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_third_neighbour_opens_it_again(desk: Desk) -> None:
    case_id = desk.at(CaseState.CLOSED)
    for who in NEIGHBOURS[:2]:
        assert support(desk, who, case_id).state is CaseState.CLOSED
    with pytest.raises(errors.SupportedAlready):
        support(desk, "bob", case_id)
    assert sum("Three open it again" in text for text in desk.heard("alice")) == 2
    again = support(desk, "frank", case_id)
    assert (again.state, again.round, again.outcome) == (CaseState.ACCEPTED, 2, None)
    assert any("open again" in text for text in desk.heard("dora"))
    with pytest.raises(errors.OutOfTurn):
        support(desk, "grace", case_id)
    with transaction():
        assert [row.reason for row in db.session.scalars(sa.select(ReopeningSupport))] == ["晚上又不亮了"] * 3
        verbs = db.session.scalars(sa.select(CaseEvent.verb).where(CaseEvent.case_id == case_id)
                                   .order_by(CaseEvent.id)).all()
    assert list(verbs)[-4:] == ["support_reopening"] * 3 + ["reopen"]


def test_one_person_has_one_voice_whomever_they_act_for(desk: Desk) -> None:
    case_id = desk.at(CaseState.CLOSED)
    support(desk, "bob", case_id)
    with pytest.raises(errors.SupportedAlready):
        run(lambda: services.support_reopening(desk.village.actor("bob", resident="grace"), case_id, "晚上又不亮了"))


def test_not_the_reporter_not_without_a_reason_not_for_ever(desk: Desk, clock: Any) -> None:
    case_id, family = desk.at(CaseState.CLOSED), desk.at(CaseState.CLOSED, desk.send(category_id=desk.family))
    false, open_ = desk.at(CaseState.ACCEPTED, desk.send()), desk.at(CaseState.RECTIFYING, desk.send())
    desk.do("member", "declare_false", false)
    for who, one, why, refusal in (
            ("alice", case_id, "晚上又不亮了", errors.OwnCase), ("bob", case_id, "x", errors.ReasonMissing),
            ("reviewer", case_id, "晚上又不亮了", Forbidden), ("mallory", case_id, "晚上又不亮了", NotFound),
            ("bob", family, "晚上又不亮了", NotFound), ("bob", false, "晚上又不亮了", errors.OutOfTurn),
            ("bob", open_, "晚上又不亮了", errors.OutOfTurn)):
        with pytest.raises(refusal):
            support(desk, who, one, why)
    assert desk.case(false).outcome is Outcome.FALSE
    clock.forward(days=30, minutes=1)
    with pytest.raises(errors.TooLate):
        support(desk, "bob", case_id)


def test_a_new_round_counts_anew(desk: Desk) -> None:
    case_id = desk.at(CaseState.CLOSED)
    for who in NEIGHBOURS[:3]:
        support(desk, who, case_id)
    for verb, who in (("assign", "member"), ("acknowledge", "dora"), ("start", "dora"), ("finish", "dora"),
                      ("approve", "reviewer"), ("satisfied", "alice")):
        desk.do(who, verb, case_id)
    assert support(desk, "bob", case_id).state is CaseState.CLOSED


@pytest.mark.slow
def test_four_neighbours_at_once_open_it_once(desk: Desk) -> None:
    case_id = desk.at(CaseState.CLOSED)
    actors = [desk.actor(who) for who in NEIGHBOURS]
    found = at_once(desk.app, [
        lambda a=a: services.support_reopening(a, case_id, "晚上又不亮了").id for a in actors])  # type: ignore[misc]
    assert kinds(found) == {"done": 3, "OutOfTurn": 1}
    assert desk.case(case_id).round == 2


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_without_the_lock_neighbours_do_not_see_each_other(desk: Desk, monkeypatch: Any) -> None:
    """The negative control: read without the lock, three voices at once each think they are the first."""
    plain = evaluating.get_scoped
    monkeypatch.setattr(evaluating, "get_scoped", lambda *given, lock=False: plain(*given))
    wrong = 0
    for _ in range(8):
        case_id = desk.at(CaseState.CLOSED)
        actors = [desk.actor(who) for who in NEIGHBOURS[:3]]
        at_once(desk.app, [
            lambda a=a, c=case_id: services.support_reopening(a, c, "晚上又不亮了").id  # type: ignore[misc]
            for a in actors])
        wrong += desk.state(case_id) is CaseState.CLOSED
        if wrong:
            break
    assert wrong


def test_the_interface_answers_with_codes(desk: Desk, client: Any) -> None:
    case_id = to_evaluate(desk, "bob")

    def ask(who: str, tail: str, body: dict[str, Any]) -> Any:
        return client.post(f"{ROOT}/cases/{case_id}/{tail}", json=body, headers=desk.village.bearer(desk.app, who))

    assert ask("bob", "evaluation", {"answer": "partly"}).json["voices"] == {"partly": 1}
    assert ask("bob", "evaluation", {"answer": "partly"}).json["error"]["code"] == "cases.evaluated_already"
    assert ask("bob", "evaluation", {"answer": "great"}).status_code == 422
    assert ask("alice", "partly", {}).json["evaluation"] == "partly"
    assert ask("alice", "partly", {}).json["error"]["code"] == "cases.evaluated_already"
    assert ask("member", "support", {"text": "晚上又不亮了"}).status_code in (401, 403)
    assert ask("bob", "support", {"text": "晚上又不亮了"}).status_code == 200
    assert ask("bob", "support", {"text": "晚上又不亮了"}).json["error"]["code"] == "cases.supported_already"
