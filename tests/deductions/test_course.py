"""The way of a deduction: a letter, time to put it right, a second person, an appeal, a third person."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.communities import services as communities
from pointsbank.core.actor import system
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.deductions import errors, queries, services
from pointsbank.deductions.models import DeductionState
from tests.deductions.cases import HOUSE, Cases

MAY, JUNE = dt.date(2026, 5, 31), dt.date(2026, 6, 30)


def test_a_letter_takes_nothing_and_tells_only_the_household(cases: Cases) -> None:
    cases.give(1000)
    row = cases.row(cases.announced())
    assert (row.state, row.rectify_by, row.foreseen, row.taken) == (
        DeductionState.ANNOUNCED, dt.date(2026, 4, 25), 200, None)
    assert cases.available() == 1000
    assert sorted(cases.told()) == ["alice", "andrew"]


def test_what_is_put_right_costs_nothing(cases: Cases) -> None:
    cases.give(1000)
    row = cases.announced()
    cases.answered(row, text="", put_right=True)
    run(lambda: services.confirm_rectified(cases.village.actor("reviewer"), row, "去看过了，干净").id)
    assert (cases.state(row), cases.available()) == (DeductionState.RECTIFIED, 1000)
    assert any("put right" in text for text in cases.told()["alice"])
    with pytest.raises(errors.AlreadyDecided):
        cases.imposed(row)


def test_after_the_last_day_a_second_person_takes_the_points(cases: Cases, clock: Any) -> None:
    cases.give(500, expires_on=JUNE)
    cases.give(100, expires_on=MAY)
    row = cases.announced()
    clock.at(2026, 4, 25, 23)
    with pytest.raises(errors.TooEarly):
        cases.imposed(row)
    clock.at(2026, 4, 26, 0, 1)
    done = cases.imposed(row)
    assert (done.state, done.amount, done.taken, done.appeal_by) == (
        DeductionState.IMPOSED, 200, 200, dt.date(2026, 5, 26))
    assert cases.lots() == {JUNE: 400}


def test_nobody_imposes_what_they_announced(cases: Cases, clock: Any) -> None:
    row = cases.announced()
    clock.forward(days=8)
    with pytest.raises(errors.SecondPersonNeeded):
        cases.imposed(row, by="reviewer")
    assert cases.imposed(row, by="member").state is DeductionState.IMPOSED


def test_a_grid_worker_announces_and_never_imposes(cases: Cases, clock: Any) -> None:
    row = cases.announced(by="grid")
    clock.forward(days=8)
    with pytest.raises(errors.NotAllowed):
        cases.imposed(row, by="grid")


@pytest.mark.parametrize("role", ["keeper", "stock", "leader", "alice", "admin"])
def test_others_do_not_announce(cases: Cases, role: str) -> None:
    with pytest.raises(errors.NotAllowed):
        cases.announced(by=role)


def test_family_neither_announces_nor_decides(cases: Cases, clock: Any) -> None:
    cases.act_for("reviewer", "andrew")
    with pytest.raises(errors.OwnFamily):
        cases.announced()
    row = cases.announced(by="member")
    clock.forward(days=8)
    with pytest.raises(errors.OwnFamily):
        cases.imposed(row, by="reviewer")
    with pytest.raises(errors.OwnFamily):
        run(lambda: services.drop(cases.village.actor("reviewer"), row, "证据不足"))
    assert cases.imposed(row, by="second").taken == 0


def test_the_same_within_ninety_days_counts_double(cases: Cases, clock: Any) -> None:
    cases.give(2000)
    first = cases.taken(clock)
    clock.at(2026, 7, 17)
    second = cases.taken(clock)
    assert (second.seen_on - first.seen_on).days == 90
    assert (second.amount, second.doubled_by_id, cases.available()) == (400, first.id, 1400)
    clock.at(2026, 11, 1)
    assert cases.taken(clock).amount == 200


def test_another_item_or_another_household_is_no_repetition(cases: Cases, clock: Any) -> None:
    cases.give(2000)
    cases.taken(clock)
    other = cases.taken(clock, household_id=cases.village.households["1-0412"])
    assert other.amount == 200
    assert cases.taken(clock, item_code="9.3", quantity=3).amount == 150


def test_what_was_put_right_is_no_reason_to_double(cases: Cases, clock: Any) -> None:
    row = cases.announced()
    run(lambda: services.confirm_rectified(cases.village.actor("member"), row).id)
    clock.forward(days=1)
    assert cases.taken(clock).amount == 200


def test_no_more_is_taken_than_there_is_and_the_rest_is_not_owed(cases: Cases, clock: Any) -> None:
    cases.give(150)
    done = cases.taken(clock)
    assert (done.amount, done.taken, done.written_off) == (200, 150, 50)
    assert (cases.available(), cases.debt()) == (0, 0)
    assert "not owed" in cases.told()["alice"][-1]
    cases.give(100)
    assert cases.available() == 100


def test_a_person_s_own_points_pay_for_what_concerns_a_person(cases: Cases, clock: Any) -> None:
    cases.give(1000)
    own = f"resident:{cases.village.residents['andrew']}"
    cases.give(1000, owner=own)
    done = cases.taken(clock, item_code="9.2", person="andrew")
    assert (done.owner_key, cases.available(own), cases.available()) == (own, 700, 1000)
    assert sorted(cases.told()) == ["andrew"]


def test_the_head_of_the_household_stands_for_it(cases: Cases) -> None:
    row = cases.row(cases.announced(item_code="9.4"))
    assert row.owner_key == f"resident:{cases.village.residents['alice']}"


# ── Children ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("item", ["9.1", "9.2"])
def test_a_child_is_never_charged_nor_named(cases: Cases, item: str) -> None:
    child = cases.child()
    with pytest.raises(errors.UnderAge):
        cases.announced(item_code=item, household_id=None, resident_id=child)


def test_who_was_a_child_on_that_day_stays_free_and_the_day_after_the_birthday_counts(cases: Cases) -> None:
    young = cases.child(born_on=dt.date(2008, 4, 18))
    with pytest.raises(errors.UnderAge):
        cases.announced(item_code="9.2", household_id=None, resident_id=young, seen_on=dt.date(2026, 4, 17))
    assert cases.announced(item_code="9.2", household_id=None, resident_id=young)


def test_the_database_itself_refuses_a_child(cases: Cases) -> None:
    row = cases.announced(item_code="9.2", person="andrew")
    child = cases.child()
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text(
            "INSERT INTO deduction (community_id, state, owner_key, household_id, resident_id, standard_id, rule_code,"
            " rule_name, seen_on, seen, how, foreseen, announced_by_id, announced_at, announced_on, rectify_by,"
            " explanation, booked_as) SELECT community_id, state, owner_key, household_id, :child, standard_id, 'x',"
            " rule_name, seen_on, seen, how, foreseen, announced_by_id, announced_at, announced_on, rectify_by,"
            " explanation, booked_as FROM deduction WHERE id = :row"), {"child": child, "row": row})


# ── What can't be announced ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("changes", "refusal"), [
    ({"item_code": "1.1"}, errors.SwitchedOff), ({"item_code": "7.7"}, errors.SwitchedOff),
    ({"seen_on": dt.date(2026, 4, 19)}, errors.BadDay), ({"seen_on": dt.date(2026, 1, 17)}, errors.BadDay),
    ({"rectify_by": dt.date(2026, 4, 24)}, errors.TooLittleTime), ({"seen": " 脏 "}, errors.WordsMissing),
    ({"how": "字" * 501}, errors.WordsMissing), ({"item_code": "9.3"}, errors.QuantityMissing),
    ({"household_id": None}, errors.NobodyConcerned), ({"household_id": 999}, NotFound),
    ({"item_code": "9.2"}, errors.NobodyConcerned),
])
def test_what_is_missing_or_wrong_is_said(cases: Cases, changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        cases.announced(**changes)


def test_without_the_resolution_nothing_can_be_announced(bare: Cases) -> None:
    bare.adopt(deductions=False)
    with pytest.raises(errors.SwitchedOff):
        bare.announced()


def test_a_community_may_give_more_time(cases: Cases) -> None:
    with transaction():
        communities.update_settings(system(cases.community), cases.community, {"rectify_days": 14})
    assert cases.row(cases.announced()).rectify_by == dt.date(2026, 5, 2)


def test_the_same_of_one_day_is_announced_once(cases: Cases) -> None:
    row = cases.announced()
    with pytest.raises(errors.AlreadyAnnounced):
        cases.announced(by="member")
    run(lambda: services.drop(cases.village.actor("reviewer"), row, "门牌看错了").id)
    assert cases.announced(by="member") != row


def test_the_other_community_has_nothing_of_it(cases: Cases, clock: Any) -> None:
    row = cases.announced()
    clock.forward(days=8)
    for step in (lambda: services.impose(cases.village.actor("other_member"), row, "到期仍未整改"),
                 lambda: services.confirm_rectified(cases.village.actor("other_member"), row),
                 lambda: services.answer(cases.village.actor("mallory"), row, "不是我"),
                 lambda: queries.seen(cases.village.actor("other_member"), row)):
        with pytest.raises(NotFound):
            run(step)


# ── Answers and appeals ─────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_has_to_be_answered_with_a_reason(cases: Cases, clock: Any) -> None:
    row = cases.announced()
    cases.answered(row)
    clock.forward(days=8)
    with pytest.raises(errors.WordsMissing):
        cases.imposed(row, text=" ")
    assert cases.imposed(row, text="照片里是你们家的袋子").state is DeductionState.IMPOSED


def test_only_those_concerned_answer(cases: Cases) -> None:
    row = cases.announced()
    with pytest.raises(NotFound):
        cases.answered(row, by="bob")
    with pytest.raises(errors.NotYours):
        cases.answered(row, by="member")
    assert cases.answered(row, by="andrew")
    assert cases.answered(row, by="member", on_paper=True)


def test_an_appeal_stands_or_gives_the_very_points_back(cases: Cases, clock: Any) -> None:
    cases.give(100, expires_on=MAY)
    cases.give(900, expires_on=JUNE)
    done = cases.taken(clock)
    cases.appealed(done.id)
    row = cases.row(done.id)
    assert (row.state, row.due_on) == (DeductionState.APPEALED, dt.date(2026, 5, 8))  # 1 to 5 May is a holiday
    back = cases.answered_appeal(done.id, True)
    assert (back.state, cases.lots()) == (DeductionState.REVERSED, {MAY: 100, JUNE: 900})
    clock.forward(days=1)
    again = cases.taken(clock)
    assert again.amount == 200
    cases.appealed(again.id)
    assert cases.answered_appeal(again.id, False).state is DeductionState.UPHELD
    assert cases.available() == 800


@pytest.mark.parametrize(("who", "refusal"), [
    ("reviewer", errors.ThirdPersonNeeded), ("member", errors.ThirdPersonNeeded), ("admin", errors.NotAllowed),
    ("grid", errors.NotAllowed)])
def test_who_had_a_part_in_it_does_not_decide_the_appeal(
        cases: Cases, clock: Any, who: str, refusal: type[Exception]) -> None:
    done = cases.taken(clock)
    cases.appealed(done.id)
    with pytest.raises(refusal):
        cases.answered_appeal(done.id, True, by=who)
    assert cases.answered_appeal(done.id, True, by="supervisor").state is DeductionState.REVERSED


def test_who_took_the_appeal_down_on_paper_does_not_decide_it(cases: Cases, clock: Any) -> None:
    done = cases.taken(clock)
    cases.appealed(done.id, by="second", on_paper=True)
    with pytest.raises(errors.ThirdPersonNeeded):
        cases.answered_appeal(done.id, False, by="second")


def test_an_appeal_in_time_is_heard_and_a_day_later_not(cases: Cases, clock: Any) -> None:
    done, other = cases.taken(clock), cases.taken(clock, item_code="9.3", quantity=1)
    assert done.appeal_by is not None
    assert other.appeal_by is not None
    clock.at(done.appeal_by.year, done.appeal_by.month, done.appeal_by.day, 23)
    assert cases.appealed(done.id)
    clock.at(other.appeal_by.year, other.appeal_by.month, other.appeal_by.day, 23)
    clock.forward(hours=2)
    with pytest.raises(errors.AppealTooLate):
        cases.appealed(other.id)


def test_nothing_is_answered_or_appealed_twice(cases: Cases, clock: Any) -> None:
    done = cases.taken(clock)
    with pytest.raises(errors.AlreadyDecided):
        cases.answered(done.id)
    cases.appealed(done.id)
    with pytest.raises(errors.AlreadyDecided):
        cases.appealed(done.id)
    cases.answered_appeal(done.id, True)
    with pytest.raises(errors.AlreadyDecided):
        cases.answered_appeal(done.id, True)


def test_a_doubling_falls_with_what_it_rested_on(cases: Cases, clock: Any) -> None:
    cases.give(1000, expires_on=JUNE)
    first, second = cases.taken(clock), cases.taken(clock)
    assert (second.amount, cases.available()) == (400, 400)
    cases.appealed(first.id)
    cases.answered_appeal(first.id, True)
    again = cases.row(second.id)
    assert (again.amount, again.taken, again.doubled_by_id, cases.lots()) == (200, 200, None, {JUNE: 800})
    cases.appealed(second.id)
    cases.answered_appeal(second.id, True)
    assert cases.lots() == {JUNE: 1000}


def test_a_doubling_rests_on_another_one_that_still_stands(cases: Cases, clock: Any) -> None:
    cases.give(2000)
    first, second, third = cases.taken(clock), cases.taken(clock), cases.taken(clock)
    assert (third.doubled_by_id, cases.available()) == (second.id, 1000)
    cases.appealed(second.id)
    cases.answered_appeal(second.id, True)
    assert (cases.row(third.id).doubled_by_id, cases.row(third.id).amount) == (first.id, 400)
    assert cases.available() == 1400


# ── What the database holds ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("change", [
    "state = 'announced'", "state = 'rectified'", "seen = 'x'", "taken = 300, amount = 300",
    "imposed_on = '2026-04-25'", "decided_by_id = announced_by_id", "foreseen = 1"])
def test_history_is_not_rewritten(cases: Cases, clock: Any, change: str) -> None:
    cases.give(1000)
    done = cases.taken(clock)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text(f"UPDATE deduction SET {change} WHERE id = {done.id}"))
    db.session.rollback()
    for statement in (f"DELETE FROM deduction WHERE id = {done.id}", "UPDATE deduction_step SET text = 'x'",
                      "DELETE FROM deduction_step"):
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(sa.text(statement))


def test_the_database_refuses_family_that_decides(cases: Cases, clock: Any) -> None:
    row = cases.announced()
    user = cases.village.users["andrew"]
    clock.forward(days=8)
    with pytest.raises(sa.exc.IntegrityError, match="own family"), transaction():
        db.session.execute(sa.text(
            f"UPDATE deduction SET state = 'imposed', decided_by_id = {user}, amount = 1, taken = 0,"
            f" imposed_on = '2026-04-26' WHERE id = {row}"))
    db.session.rollback()
    assert cases.village.households[HOUSE] == cases.row(row).household_id
