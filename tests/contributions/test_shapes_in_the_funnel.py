"""Deeds with what conditions ask about: whose age, whose head, which act, and judgements computed again years later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from pointsbank.contributions import jobs, services
from pointsbank.contributions.models import AwardLine, Contribution, LineState
from pointsbank.contributions.services.facts import day_kind, deeds_of
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Invalid
from pointsbank.people.models import Household, Resident
from pointsbank.rules import queries as rules
from pointsbank.rules import services as standards
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import Condition
from pointsbank.rules.models import ConditionKind, DayKind, DeedKind, Receiver, Shape, Timing, Window
from tests.contributions.funnel import DAY, approved, award_lines, deed, draft, recorded
from tests.rules.support import RESOLUTION, donation_rule, hours_rule, steps_rule, visit_rule
from tests.support.village import Village


@pytest.fixture
def place(app: Any, clock: Any, village: Village) -> Any:
    """The village without a standard yet."""
    with app.app_context():
        yield village


def in_force(place: Village, *drafts: RuleDraft) -> None:
    with transaction():
        row = standards.start_draft(place.actor("member"), "积分细则", list(drafts))
        standards.adopt(place.actor("second"), row.id, dt.date(2026, 1, 1), RESOLUTION, on_paper=True)


def filed(place: Village, key: str = "alice", **values: Any) -> int:
    given: dict[str, Any] = {"kind": "other", "title": "一件好事", "on": DAY} | values
    with transaction():
        return services.file(place.actor(key), services.Filing(**given)).id


def amounts(ids: Sequence[int]) -> list[list[int]]:
    return [[line.amount for line in award_lines(i)] for i in ids]


def test_hours_add_up_over_deeds_and_a_correction_frees_them(place: Village, clock: Any) -> None:
    in_force(place, steps_rule(timing=Timing.IMMEDIATE, records_minutes=False))
    ids = recorded(place, *(draft(place, "alice", n, minutes=minutes) for n, minutes in ((1, 300), (2, 420), (3, 540))))
    approved(place, ids)
    assert amounts(ids) == [[], [200], [300]]
    assert deed(ids[0]).counted
    with transaction():
        correction = services.correct_award(place.actor("member"), ids[2], "签到表上没有他")
    with transaction():
        services.confirm_correction(place.actor("second"), correction.id)
    again = recorded(place, draft(place, "alice", 4, minutes=540))
    approved(place, again)
    assert amounts(again) == [[300]], "the step was taken back with its deed, so it is reached and paid anew"


def test_a_donation_is_counted_in_fen(place: Village) -> None:
    in_force(place, donation_rule())
    ids = [filed(place, item_code="7.1", amount_fen=120_000), filed(place, item_code="7.1", amount_fen=9_000)]
    approved(place, ids)
    assert amounts(ids) == [[1000], [90]]


def test_the_head_of_the_day_gets_what_is_for_the_head(place: Village) -> None:
    in_force(place, visit_rule(receiver=Receiver.HEAD, caps=()))
    ids = [filed(place, "bob", item_code="1.2")]
    approved(place, ids)
    (line,) = award_lines(ids[0])
    facts = deed(ids[0]).facts or {}
    assert line.owner_key == f"resident:{facts['head_id']}"


def test_a_relative_may_be_named_and_nobody_else(place: Village) -> None:
    in_force(place, visit_rule(receiver=Receiver.RELATIVE, caps=()))
    from pointsbank.people import queries as people

    family = people.relatives(place.community, place.residents["alice"], DAY)
    stranger = place.residents["charlie"]
    assert stranger not in family
    with pytest.raises(Invalid):
        filed(place, item_code="1.2", beneficiary_id=stranger)
    (relative, *_rest) = family
    ids = [filed(place, item_code="1.2", beneficiary_id=relative)]
    approved(place, ids)
    assert award_lines(ids[0])[0].owner_key == f"resident:{relative}"


def test_the_second_to_record_one_act_is_not_the_first(place: Village) -> None:
    in_force(place, visit_rule(kind=DeedKind.SNAPSHOT, by_itself=True, caps=(),
                               conditions=(Condition(ConditionKind.FIRST),)))
    ids = recorded(place, draft(place, "alice", 1, kind="snapshot", minutes=None, act_key="act:1"),
                   draft(place, "charlie", 1, kind="snapshot", minutes=None, act_key="act:1"),
                   draft(place, "charlie", 2, kind="snapshot", minutes=None, act_key="act:2"))
    approved(place, ids)
    assert amounts(ids) == [[200], [], [200]]
    assert [note["reason"] for note in deed(ids[1]).notes or []] == ["first"]


def test_the_same_honour_at_a_higher_level_pays_the_difference(place: Village) -> None:
    levels = [visit_rule(code=f"8.{n}", points=points, highest_group="表彰", caps=(), receiver=Receiver.HOUSEHOLD)
              for n, points in ((1, 1500), (2, 3000))]
    in_force(place, *levels)
    county = filed(place, item_code="8.1", title="县级孝亲之星")
    approved(place, [county])
    province = filed(place, item_code="8.2", title="省级孝亲之星", same_as=county)
    approved(place, [province])
    assert amounts([county, province]) == [[1500], [1500]]


def test_who_was_too_young_on_the_day_earns_nothing_and_reads_why(place: Village) -> None:
    in_force(place, hours_rule(conditions=(Condition(ConditionKind.AGE, 60),)))
    with transaction():
        db.session.get_one(Resident, place.residents["alice"]).born_on = dt.date(DAY.year - 60, DAY.month, DAY.day + 1)
    ids = recorded(place, draft(place, "alice", 1))
    approved(place, ids)
    assert [note["reason"] for note in deed(ids[0]).notes or []] == ["age"]


def test_a_judgement_is_computed_again_from_what_was_kept_also_after_things_changed(place: Village) -> None:
    in_force(place, hours_rule(conditions=(Condition(ConditionKind.AGE, 60),), records_minutes=False), visit_rule(
        kind=DeedKind.VOLUNTEERING, by_itself=True, code="1.9", shape=Shape.PER_TIME))
    with transaction():
        db.session.get_one(Resident, place.residents["alice"]).born_on = dt.date(1960, 1, 1)
    ids = recorded(place, *(draft(place, "alice", n) for n in (1, 2)))
    approved(place, ids)
    with transaction():
        db.session.get_one(Resident, place.residents["alice"]).born_on = dt.date(2000, 1, 1)
    for deed_id in ids:
        found, lines = deed(deed_id), award_lines(deed_id)
        version = rules.version(place.community, found.version_id or 0)
        kept = [*(x.cap_left or {} for x in lines), found.counted or {}]
        again = rules.recompute(deeds_of([found])[0], version, kept)
        assert [x.amount for x in again.lines] == [x.amount for x in lines]
        assert [n.reason for n in again.notes] == [n["reason"] for n in found.notes or []]
    db.session.rollback()


def test_struck_lines_give_back_what_was_counted_without_a_line(place: Village) -> None:
    in_force(place, steps_rule(timing=Timing.IMMEDIATE), visit_rule(
        kind=DeedKind.VOLUNTEERING, by_itself=True, code="1.9", caps=(), timing=Timing.IMMEDIATE))
    ids = recorded(place, draft(place, "alice", 1, minutes=300))
    approved(place, ids)
    assert amounts(ids) == [[200]]
    with transaction():
        correction = services.correct_award(place.actor("member"), ids[0], "没有来")
    with transaction():
        services.confirm_correction(place.actor("second"), correction.id)
    assert db.session.query(AwardLine).filter_by(state=LineState.REVERSED).count() == 1
    later = recorded(place, draft(place, "alice", 2, minutes=360))
    approved(place, later)
    assert amounts(later) == [[200]], "five hours were taken back, so six do not reach the step of ten"
    db.session.rollback()


@pytest.mark.parametrize(("day", "kind"), [
    (dt.date(2026, 10, 1), DayKind.HOLIDAY), (dt.date(2026, 10, 10), DayKind.WORKDAY),
    (dt.date(2026, 4, 18), DayKind.WEEKEND), (dt.date(2026, 4, 17), DayKind.WORKDAY), (dt.date(2090, 1, 1),
                                                                                      DayKind.WEEKEND)])
def test_the_official_calendar_says_what_a_day_is(day: dt.date, kind: DayKind) -> None:
    assert day_kind(day) is kind


def base_rule(**changes: Any) -> RuleDraft:
    values: dict[str, Any] = {"code": "0.1", "name": "基础分", "kind": DeedKind.BASE, "by_itself": True, "points": 5000,
                              "receiver": Receiver.HOUSEHOLD, "period": Window.QUARTER, "caps": ()}
    return visit_rule(**{**values, **changes})


def test_base_points_are_recorded_once_a_period_for_each_household_and_reviewed_like_any_deed(place: Village,
                                                                                              clock: Any) -> None:
    in_force(place, base_rule())
    first = jobs.base_points()
    homes = db.session.query(Household).filter_by(community_id=place.community).count()
    db.session.rollback()
    assert first == {"recorded": homes}
    assert jobs.base_points() == {"recorded": 0}
    ids = [c.id for c in db.session.query(Contribution).filter_by(kind=DeedKind.BASE)]
    db.session.rollback()
    approved(place, ids)
    assert amounts(ids) == [[5000]] * homes
    clock.at(2026, 7, 1)
    assert jobs.base_points() == {"recorded": homes}, "a new quarter"


def test_nobody_files_base_points(place: Village) -> None:
    in_force(place, base_rule(), visit_rule())
    with pytest.raises(Invalid):
        filed(place, kind="base", item_code="0.1")


def test_more_households_cost_no_more_statements(place: Village, queries: Any) -> None:
    in_force(place, base_rule(receiver=Receiver.RESIDENT, period=Window.YEAR))
    with queries() as seen:
        jobs.base_points()
    assert len(seen) <= 30
