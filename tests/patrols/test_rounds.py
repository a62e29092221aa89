"""The round: handed in once however often it is sent, with its times, proofs and findings; who decides about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases.models import Case, Joiner, Report, Source
from pointsbank.contributions.models import Contribution
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.patrols import errors, jobs, services
from pointsbank.patrols.models import (
    ALLOWED,
    Finding,
    FindingState,
    LookOutcome,
    Patrol,
    PatrolEvent,
    PatrolState,
    Proof,
    SecondLook,
    Sending,
    StopResult,
)
from pointsbank.patrols.services import FindingDraft, RoundDraft, StopDraft, steps
from pointsbank.patrols.services import walking as walking_services
from pointsbank.places import services as places
from tests.deductions.test_races import at_once, kinds
from tests.patrols.beat import Beat, later

S = PatrolState


def test_a_round_of_eight_checkpoints_sent_twice_is_one_round_with_two_findings(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob")
    assert [stop.result for stop in beat.stops(patrol_id)] == [StopResult.BLANK] * 8
    draft = beat.filled(patrol_id)
    for _ in range(2):
        assert beat.submit(patrol_id, draft=draft).state is S.SUBMITTED
    assert beat.count(Patrol) == beat.count(Sending) == 1
    assert [f.state for f in beat.findings(patrol_id)] == [FindingState.RAISED] * 2
    assert beat.count(Report) == beat.count(Case) == 2
    stops = beat.stops(patrol_id)
    assert [stop.result for stop in stops] == [
        StopResult.OK, StopResult.OK, StopResult.SKIPPED, StopResult.FINDING, StopResult.OK, StopResult.FINDING,
        StopResult.OK, StopResult.OK]
    assert [stop.proof for stop in stops][:2] == [Proof.TAG, Proof.NONE]
    case = beat.case(beat.findings(patrol_id)[0].case_id or 0)
    assert (case.source, case.place, case.reporter_resident_id) == (Source.PATROL, "停车场", beat.of("alice"))


def test_the_same_round_sent_five_times_at_once_is_one_round(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob")
    draft, actor = beat.filled(patrol_id), beat.actor("alice")
    found = at_once(beat.app, [lambda: services.submit(actor, patrol_id, draft).id for _ in range(5)])
    assert found == [patrol_id] * 5
    assert (beat.count(Sending), beat.count(Finding), beat.count(Case)) == (1, 2, 2)


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_without_the_lock_of_the_round_the_five_break(beat: Beat, monkeypatch: Any) -> None:
    """The negative control: read without its lock, two see a round that nobody has sent yet."""
    monkeypatch.setattr(walking_services, "locked", lambda actor, i, *states: db.session.get_one(Patrol, i))
    seen: set[str] = set()
    for number in range(12):
        patrol_id = beat.plan("alice", "bob")
        draft, actor = beat.filled(patrol_id, f"round-{number:04}"), beat.actor("alice")
        seen |= set(kinds(at_once(
            beat.app, [lambda a=actor, p=patrol_id, d=draft: services.submit(a, p, d).id for _ in range(5)])))  # type: ignore[misc]
        if seen != {"done"}:
            break
    assert seen & {"ClientIdReused", "IntegrityError"}


def test_another_round_under_the_same_number_is_refused(beat: Beat) -> None:
    patrol_id, other = beat.plan("alice"), beat.plan("alice", window=later(0))
    beat.submit(patrol_id)
    with pytest.raises(errors.ClientIdReused):
        beat.submit(patrol_id, draft=replace(beat.filled(patrol_id), checkpoints=()))
    with pytest.raises(errors.ClientIdReused):
        beat.submit(other, draft=beat.filled(other))
    assert beat.count(Sending) == 1


def test_what_nobody_noted_is_missed_and_a_second_phone_adds_what_it_saw(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob")
    whole = beat.filled(patrol_id)
    beat.submit(patrol_id, "alice", replace(whole, client_id="round-alice", checkpoints=whole.checkpoints[:4]))
    assert [s.result for s in beat.stops(patrol_id)][4:] == [StopResult.MISSED] * 4
    beat.submit(patrol_id, "bob", replace(whole, client_id="round-bob-1", checkpoints=whole.checkpoints[4:]))
    assert StopResult.MISSED not in [s.result for s in beat.stops(patrol_id)]
    assert (len(beat.findings(patrol_id)), beat.count(Sending)) == (2, 2)
    beat.do("accept", patrol_id)
    with pytest.raises(errors.OutOfTurn):
        beat.submit(patrol_id, "bob", replace(whole, client_id="round-bob-2"))


@pytest.mark.parametrize(("change", "refusal"), [
    ({"client_id": "x"}, errors.BadClientId), ({"client_id": "../etc/passwd"}, errors.BadClientId),
    ({"checkpoints": (StopDraft(999_999, StopResult.OK),)}, errors.BadStop),
    ({"ended_at": dt.datetime(2026, 4, 17, tzinfo=dt.UTC)}, errors.BadTime),
])
def test_a_round_that_cannot_be_is_refused_whole(beat: Beat, change: dict[str, Any], refusal: type) -> None:
    patrol_id = beat.plan("alice")
    with pytest.raises(refusal):
        beat.submit(patrol_id, draft=replace(beat.filled(patrol_id), **change))
    assert beat.count(Case) == beat.count(Finding) == 0
    assert {s.result for s in beat.stops(patrol_id)} == {StopResult.BLANK}


@pytest.mark.parametrize(("result", "change", "refusal"), [
    (StopResult.SKIPPED, {}, errors.SkipReasonMissing),
    (StopResult.SKIPPED, {"reason": "。"}, errors.SkipReasonMissing),
    (StopResult.FINDING, {}, errors.FindingMissing), (StopResult.MISSED, {}, errors.BadStop),
    (StopResult.BLANK, {}, errors.BadStop),
    (StopResult.FINDING, {"findings": (FindingDraft("finding-0009", 999, "坏了一处"),)}, errors.FindingMissing),
    (StopResult.FINDING, {"findings": (FindingDraft("f", 1, "坏了一处"),)}, errors.BadClientId),
    (StopResult.FINDING, {"findings": (FindingDraft("finding-0009", 1, "😀😀"),)}, errors.WordsMissing),
])
def test_a_checkpoint_that_cannot_be_holds_the_round_back(beat: Beat, result: StopResult, change: dict[str, Any],
                                                          refusal: type) -> None:
    patrol_id = beat.plan("alice")
    stop = beat.stops(patrol_id)[0]
    with pytest.raises(refusal):
        beat.submit(patrol_id, draft=RoundDraft("round-0001", (StopDraft(stop.id, result, **change),)))
    assert beat.patrol(patrol_id).state is S.ASSIGNED


def test_a_checkpoint_twice_and_six_findings_at_one_are_refused(beat: Beat) -> None:
    patrol_id = beat.plan("alice")
    stop = StopDraft(beat.stops(patrol_id)[0].id, StopResult.OK)
    with pytest.raises(errors.BadStop):
        beat.submit(patrol_id, draft=RoundDraft("round-0001", (stop, stop)))
    many = tuple(FindingDraft(f"finding-{n:04}", beat.rubbish, "又一堆垃圾") for n in range(6))
    with pytest.raises(errors.TooManyFindings):
        beat.submit(patrol_id, draft=RoundDraft("round-0001", (replace(
            stop, result=StopResult.FINDING, findings=many),)))


def test_only_who_walks_it_hands_it_in_on_its_day_and_three_days_after(beat: Beat, clock: Any) -> None:
    patrol_id = beat.plan("alice", "bob", day=dt.date(2026, 4, 20))
    draft = beat.filled(patrol_id)
    for who, refusal in (("charlie", errors.NotYourRound), ("erin", errors.NotYourRound),
                         ("member", errors.NotYourRound), ("chief", errors.NotYourRound), ("mallory", NotFound)):
        with pytest.raises(refusal):
            beat.submit(patrol_id, who, draft)
    with pytest.raises(errors.TooEarly):
        beat.submit(patrol_id, draft=draft)
    clock.at(2026, 4, 24)
    with pytest.raises(errors.TooLate):
        beat.submit(patrol_id, draft=draft)
    clock.at(2026, 4, 23)
    assert beat.submit(patrol_id, draft=draft).state is S.SUBMITTED


def test_times_are_what_the_phone_said_within_what_can_be(beat: Beat, clock: Any) -> None:
    patrol_id, other = beat.plan("alice"), beat.plan("bob")
    draft, wrong = beat.filled(patrol_id), beat.filled(other, "round-0002")
    clock.at(2026, 4, 18, 11)
    beat.submit(patrol_id, draft=draft)
    patrol = beat.patrol(patrol_id)
    assert (patrol.minutes, patrol.clock_off, patrol.submitted_at) == (35, False, house_clock.now())
    assert patrol.said_from == draft.started_at
    clock.at(2026, 4, 18, 9, 30)
    beat.submit(other, "bob", replace(wrong, started_at=dt.datetime(2031, 1, 1, tzinfo=dt.UTC), checkpoints=(replace(
        wrong.checkpoints[0], at=dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),)))
    patrol, stop = beat.patrol(other), beat.stops(other)[0]
    assert patrol.clock_off
    assert patrol.said_until is not None
    assert patrol.said_until <= house_clock.now()
    assert stop.said_at == patrol.starts_at - dt.timedelta(hours=2)
    assert stop.received_at == house_clock.now()


def test_a_tag_of_elsewhere_or_out_of_use_proves_nothing_and_a_lost_photo_holds_nothing_up(beat: Beat) -> None:
    patrol_id = beat.plan("alice")
    draft = beat.filled(patrol_id)
    code = draft.checkpoints[0].tag
    first, second = beat.stops(patrol_id)[:2]
    run(lambda: places.revoke_tag(beat.actor("member"), first.place_id))
    photo, foreign = beat.photo("alice"), beat.photo("bob")
    beat.submit(patrol_id, draft=RoundDraft("round-0001", (
        StopDraft(first.id, StopResult.OK, tag=code, photo_ids=(999_999, foreign)),
        StopDraft(second.id, StopResult.OK, tag="NONSENSE", photo_ids=(photo,)))))
    assert [s.proof for s in beat.stops(patrol_id)[:2]] == [Proof.NONE, Proof.PHOTO]


def test_page_by_page_each_checkpoint_is_kept_and_the_rest_is_missed(beat: Beat) -> None:
    patrol_id = beat.plan("alice")
    first, second = beat.filled(patrol_id).checkpoints[2:4]
    run(lambda: services.note_stop(beat.actor("alice"), patrol_id, first))
    assert beat.patrol(patrol_id).state is S.STARTED
    for _ in range(2):
        run(lambda: services.note_stop(beat.actor("alice"), patrol_id, second))
    assert len(beat.findings(patrol_id)) == 1
    beat.submit(patrol_id, draft=RoundDraft("round-0001", ()))
    results = [s.result for s in beat.stops(patrol_id)]
    assert (results[2], results[3], results.count(StopResult.MISSED)) == (StopResult.SKIPPED, StopResult.FINDING, 6)


# ── Findings ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_problem_that_is_known_is_joined_and_can_be_taken_apart_again(beat: Beat) -> None:
    first = beat.plan("alice")
    beat.submit(first)
    second = beat.plan("bob")
    beat.submit(second, "bob", beat.filled(second, "round-0002"))
    known, joined = beat.findings(first), beat.findings(second)
    assert [f.state for f in joined] == [FindingState.JOINED] * 2
    assert [f.case_id for f in joined] == [f.case_id for f in known]
    assert (beat.count(Case), beat.count(Joiner)) == (2, 2)
    with pytest.raises(errors.NotAllowed):
        run(lambda: services.raise_apart(beat.actor("bob"), joined[0].id))
    apart = run(lambda: services.raise_apart(beat.actor("chief"), joined[0].id))
    assert (apart.state, beat.count(Case)) == (FindingState.RAISED, 3)
    with pytest.raises(errors.OutOfTurn):
        run(lambda: services.raise_apart(beat.actor("chief"), joined[0].id))


def test_two_things_seen_at_one_place_are_two_cases_and_ones_own_known_one_is_not_reported_again(beat: Beat) -> None:
    patrol_id = beat.plan("alice")
    stop = beat.stops(patrol_id)[0]
    two = tuple(FindingDraft(f"finding-{n:04}", beat.lamp, "灯灭了一盏") for n in range(2))
    beat.submit(patrol_id, draft=RoundDraft("round-0001", (StopDraft(stop.id, StopResult.FINDING, findings=two),)))
    assert beat.count(Case) == 2
    again = beat.plan("alice")
    beat.submit(again, draft=RoundDraft("round-0002", (StopDraft(
        beat.stops(again)[0].id, StopResult.FINDING, findings=two[:1]),)))
    assert [f.state for f in beat.findings(again)] == [FindingState.JOINED]
    assert (beat.count(Case), beat.count(Joiner)) == (2, 0)


def spot(beat: Beat) -> tuple[int, Finding]:
    patrol_id = beat.plan("alice", "bob")
    stop = beat.stops(patrol_id)[0]
    beat.submit(patrol_id, draft=RoundDraft("round-0001", (StopDraft(stop.id, StopResult.FINDING, findings=(
        FindingDraft("finding-0001", beat.rubbish, "纸箱已搬走", (beat.photo("alice"),), fixed_on_spot=True),)),)))
    return patrol_id, beat.findings(patrol_id)[0]


def test_what_was_put_right_on_the_spot_is_confirmed_by_a_second_person_who_did_not_walk(beat: Beat) -> None:
    _patrol, finding = spot(beat)
    assert (finding.state, beat.count(Case)) == (FindingState.TO_CONFIRM, 0)
    for who, refusal in (("alice", errors.NotIndependent), ("bob", errors.NotIndependent),
                         ("andrew", errors.NotAllowed), ("erin", errors.NotAllowed), ("mallory", NotFound)):
        with pytest.raises(refusal):
            run(lambda who=who: services.confirm_fixed(beat.actor(who), finding.id, is_fixed=True))  # type: ignore[misc]
    done = run(lambda: services.confirm_fixed(beat.actor("charlie"), finding.id, is_fixed=True))
    assert (done.state, done.confirmed_by_id) == (FindingState.CONFIRMED, beat.village.users["charlie"])
    with pytest.raises(errors.OutOfTurn):
        run(lambda: services.confirm_fixed(beat.actor("member"), finding.id, is_fixed=False))


def test_what_was_not_put_right_becomes_a_case_of_who_found_it(beat: Beat) -> None:
    _patrol, finding = spot(beat)
    done = run(lambda: services.confirm_fixed(beat.actor("chief"), finding.id, is_fixed=False))
    assert done.state is FindingState.RAISED
    assert beat.case(done.case_id or 0).reporter_resident_id == beat.of("alice")


def looked(beat: Beat, who: str, outcome: LookOutcome, finding_id: int, text: str = "又堆起来了") -> SecondLook:
    return run(lambda: services.look_again(beat.actor(who), finding_id, outcome, text))


def test_another_observer_looks_again_once_the_case_is_closed_and_may_open_it_again(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob")
    beat.submit(patrol_id)
    first, second = beat.findings(patrol_id)
    with pytest.raises(errors.NothingToLookAt):
        looked(beat, "charlie", LookOutcome.PASS, first.id)
    for finding in (first, second):
        beat.close_case(finding.case_id or 0)
    for who, refusal in (("alice", errors.NotIndependent), ("bob", errors.NotIndependent),
                         ("erin", errors.NotAnObserver), ("mallory", NotFound)):
        with pytest.raises(refusal):
            looked(beat, who, LookOutcome.PASS, first.id)
    assert looked(beat, "charlie", LookOutcome.PASS, first.id).outcome is LookOutcome.PASS
    with pytest.raises(errors.NothingToLookAt):
        looked(beat, "dora", LookOutcome.PASS, first.id)
    with pytest.raises(errors.WordsMissing):
        looked(beat, "dora", LookOutcome.REOPEN, second.id, "")
    looked(beat, "dora", LookOutcome.REOPEN, second.id)
    case = beat.case(second.case_id or 0)
    assert (case.state, case.round) == ("accepted", 2)
    assert beat.count(SecondLook) == 2


# ── Who decides ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_accepted_by_somebody_else_the_observers_earn_each_once(beat: Beat) -> None:
    patrol_id = beat.at(S.SUBMITTED)
    for who, refusal in (("alice", errors.NotAllowed), ("charlie", errors.NotAllowed), ("reviewer", errors.NotAllowed),
                         ("other_member", NotFound), ("leader", errors.NotAllowed)):
        with pytest.raises(refusal):
            beat.do("accept", patrol_id, who)
    beat.do("accept", patrol_id, "chief")
    assert beat.deeds() == [(f"patrol:{patrol_id}/{beat.of(who)}", beat.of(who), 0) for who in ("alice", "bob")]
    with pytest.raises(errors.OutOfTurn):
        beat.do("accept", patrol_id)
    assert beat.count(Contribution) == 2
    assert any("is accepted" in text for text in beat.heard("bob"))


def test_a_leader_who_walked_or_entered_it_does_not_accept_it(beat: Beat) -> None:
    """alice leads as well: she walked, and a round that the chief enters from paper is not the chief's to accept."""
    with transaction():
        beat._appoint("alice", beat.village.grants["chief"][0].role, beat.team)  # type: ignore[arg-type]
    walked = beat.at(S.SUBMITTED)
    with pytest.raises(errors.NotIndependent):
        beat.do("accept", walked, "alice")
    paper = beat.plan("bob")
    beat.submit(paper, "chief", beat.filled(paper, "round-paper"), paper=True, observer_id=beat.of("bob"))
    assert {s.proof for s in beat.stops(paper)} >= {Proof.LEADER, Proof.TAG}
    assert beat.case(beat.findings(paper)[0].case_id or 0).reporter_resident_id == beat.of("alice")
    with pytest.raises(errors.NotIndependent):
        beat.do("accept", paper, "chief")
    beat.do("accept", paper, "alice")


def test_family_of_who_walked_does_not_accept_it(beat: Beat) -> None:
    """andrew of alice's household is on the committee."""
    from pointsbank.people.roles import Role

    with transaction():
        beat._appoint("andrew", Role.COMMITTEE_MEMBER)
    patrol_id = beat.at(S.SUBMITTED)
    with pytest.raises(errors.NotIndependent):
        beat.do("accept", patrol_id, "andrew")


def test_sent_back_with_a_reason_it_comes_in_again_and_void_is_the_end(beat: Beat) -> None:
    patrol_id = beat.at(S.SUBMITTED)
    with pytest.raises(errors.ReasonMissing):
        run(lambda: services.send_back(beat.actor("member"), patrol_id, " 。 "))
    beat.do("send_back", patrol_id)
    beat.submit(patrol_id, draft=beat.filled(patrol_id, "round-again"))
    assert len(beat.findings(patrol_id)) == 2
    assert beat.patrol(patrol_id).reason == ""
    beat.do("void", patrol_id)
    with pytest.raises(errors.OutOfTurn):
        beat.submit(patrol_id, draft=beat.filled(patrol_id, "round-third"))
    with transaction():
        verbs = db.session.scalars(sa.select(PatrolEvent.verb).where(PatrolEvent.patrol_id == patrol_id)
                                   .order_by(PatrolEvent.id)).all()
    assert verbs == ["plan", "assign", "submit", "send_back", "submit", "void"]


def test_two_who_decide_at_once_decide_once(beat: Beat) -> None:
    patrol_id = beat.at(S.SUBMITTED)
    actors = [beat.actor(who) for who in ("member", "second", "chief", "member")]
    found = at_once(beat.app, [lambda a=a: services.accept(a, patrol_id).id for a in actors])  # type: ignore[misc]
    assert kinds(found) == {"done": 1, "OutOfTurn": 3}
    assert beat.count(Contribution) == 2


# ── By the clock ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_round_of_which_nothing_came_is_missed_two_hours_later_and_may_still_arrive(beat: Beat, clock: Any) -> None:
    patrol_id, other = beat.plan("alice"), beat.plan("bob")
    draft = beat.filled(patrol_id)
    beat.submit(other, "bob", beat.filled(other, "round-0002"))
    clock.at(2026, 4, 18, 12, 29)
    assert jobs.miss_due() == {"missed": 0}
    clock.at(2026, 4, 18, 12, 30)
    assert jobs.miss_due() == {"missed": 1}
    assert jobs.miss_due() == {"missed": 0}
    assert beat.patrol(patrol_id).state is S.MISSED
    clock.at(2026, 4, 20, 8)
    beat.submit(patrol_id, draft=draft)
    patrol = beat.patrol(patrol_id)
    assert (patrol.state, patrol.arrived_late, patrol.minutes) == (S.SUBMITTED, True, 35)


# ── The table of moves ──────────────────────────────────────────────────────────────────────────────────────────

WAYS = {"start": S.STARTED, "submit": S.SUBMITTED, "accept": S.ACCEPTED, "send_back": S.SENT_BACK, "void": S.VOID}


@pytest.mark.slow
@pytest.mark.parametrize("state", [s for s in PatrolState if s is not S.PLANNED], ids=str)
def test_only_what_stands_in_the_table_is_done(beat: Beat, clock: Any, state: PatrolState) -> None:
    if state is S.MISSED:
        patrol_id = beat.plan("alice", "bob")
        clock.at(2026, 4, 18, 13)
        beat.do("miss", patrol_id)
    else:
        patrol_id = beat.at(state)
    adds, begun = state is S.SUBMITTED, state in (S.STARTED, S.SENT_BACK, S.MISSED)
    for verb, target in WAYS.items():
        try:
            with transaction():
                _try(beat, verb, patrol_id)
                after = db.session.get_one(Patrol, patrol_id).state
                raise _Undo
        except errors.OutOfTurn:
            assert target not in ALLOWED[state] or verb == "submit", (state, verb)
        except _Undo:
            same = (verb == "submit" and adds) or (verb == "start" and begun)
            assert after is state if same else target in ALLOWED[state], (state, verb)


class _Undo(Exception):
    """Takes a step back that was only tried."""


def _try(beat: Beat, verb: str, patrol_id: int) -> None:
    actor = beat.actor("alice" if verb in ("start", "submit") else "member")
    if verb == "submit":
        services.submit(actor, patrol_id, RoundDraft("round-tried", ()))
    elif verb == "start":
        services.start(actor, patrol_id)
    elif verb == "accept":
        services.accept(actor, patrol_id)
    else:
        getattr(services, verb)(actor, patrol_id, "情况有变")


@pytest.mark.parametrize(("table", "old", "new"), [
    ("patrol", "accepted", "submitted"), ("patrol", "void", "assigned"), ("patrol", "submitted", "started")])
def test_the_database_refuses_other_moves_by_itself(beat: Beat, table: str, old: str, new: str) -> None:
    patrol_id = beat.at(PatrolState(old))
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text(f"UPDATE {table} SET state = '{new}' WHERE id = {patrol_id}"))
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text(f"DELETE FROM {table} WHERE id = {patrol_id}"))


@pytest.mark.parametrize("table", ["patrol_event", "patrol_sending"])
def test_steps_and_sendings_are_never_rewritten(beat: Beat, table: str) -> None:
    beat.at(S.SUBMITTED)
    for sql in (f"UPDATE {table} SET community_id = community_id", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(sa.text(sql))


def test_nobody_accepts_their_own_in_the_database_either(beat: Beat) -> None:
    patrol_id = beat.at(S.SUBMITTED)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text(
            f"UPDATE patrol SET state = 'accepted', decided_by_id = submitted_by_id WHERE id = {patrol_id}"))


def test_a_step_that_is_not_in_the_table_is_refused_by_the_service_too(beat: Beat) -> None:
    patrol_id = beat.at(S.ACCEPTED)
    with pytest.raises(errors.OutOfTurn), transaction():
        steps.move(beat.actor("member"), db.session.get_one(Patrol, patrol_id), "void", S.VOID)
