"""A ladder is a document: drafted by one, adopted by another, from a day on, and never changed afterwards."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden, Invalid, NotFound
from pointsbank.honours import services
from pointsbank.honours.drafts import LadderDraft, StepDraft, faults
from pointsbank.honours.errors import DayTaken, DraftExists, NotADraft, OwnDraft
from pointsbank.honours.models import HonourLadder, LadderState, LadderStep, Period
from pointsbank.honours.queries import ladders
from pointsbank.honours.samples import SAMPLES
from tests.honours.support import RESOLUTION, ladder, refused, small
from tests.support.village import Village

# Every row 星级 and 奖章 of the collected rules, as it stands there: what is asked, the step's name.
ROWS = {
    "double": [("时长≥50h且积分≥500", "一星"), ("时长≥100h且积分≥1000", "二星"), ("时长≥200h且积分≥2100", "三星"),
               ("时长≥400h且积分≥4200", "四星"), ("时长≥800h且积分≥8400", "五星"), ("时长≥1000h且积分≥10500", "金牌"),
               ("时长≥2000h且积分≥21000", "钻石")],
    "cycle": [("30小时", "一星"), ("60小时", "二星"), ("100小时", "三星"), ("200小时", "四星"), ("300小时", "五星")],
    "medals": [("600小时", "铜星奖章"), ("1000小时", "银星奖章"), ("1500小时", "金星奖章"), ("3000小时", "终身成就奖")],
    "yearly": [("10小时", "一星"), ("20小时", "二星"), ("30小时", "三星"), ("40小时", "四星"), ("50小时", "五星")],
}


def said(step: StepDraft) -> str:
    hours = (step.minutes or 0) // 60
    return f"时长≥{hours}h且积分≥{step.honour // 100}" if step.honour else f"{hours}小时"


def test_the_four_samples_say_what_the_real_rules_say() -> None:
    assert {name: [(said(s), s.name) for s in draft.steps] for name, draft in SAMPLES.items()} == ROWS
    assert {name: draft.period for name, draft in SAMPLES.items()} == {
        "double": Period.LIFETIME, "cycle": Period.CYCLE, "medals": Period.LIFETIME, "yearly": Period.YEAR}
    assert SAMPLES["cycle"].cycle_minutes == 300 * 60
    assert SAMPLES["double"].no_show_limit == 5
    assert [faults(draft) for draft in SAMPLES.values()] == [{}] * 4


def test_a_ladder_is_written_by_one_and_put_in_force_by_another(street: Village) -> None:
    with transaction():
        row = services.start_ladder(street.actor("member"), SAMPLES["double"])
    with pytest.raises(OwnDraft), transaction():
        services.adopt_ladder(street.actor("member"), row.id, dt.date(2026, 4, 18), RESOLUTION)
    with pytest.raises(Forbidden), transaction():
        services.adopt_ladder(street.actor("reviewer"), row.id, dt.date(2026, 4, 18), RESOLUTION)
    with transaction():
        services.adopt_ladder(street.actor("second"), row.id, dt.date(2026, 5, 1), RESOLUTION)
    assert ladders.in_force(street.community, dt.date(2026, 4, 30)) == []
    assert [one.title for one in ladders.in_force(street.community, dt.date(2026, 5, 1))] == ["星级志愿者"]
    db.session.rollback()


def test_the_next_version_follows_the_one_before_and_leaves_it_readable(street: Village) -> None:
    first = ladder(street, small())
    with transaction():
        draft = services.start_ladder(street.actor("member"), series=1)
        with pytest.raises(DraftExists):
            services.start_ladder(street.actor("second"), series=1)
        services.change_ladder(street.actor("member"), draft.id, LadderDraft(
            "小梯子", Period.LIFETIME, (StepDraft("一星", 900), StepDraft("二星", 1800))))
        with pytest.raises(DayTaken):
            services.adopt_ladder(street.actor("second"), draft.id, dt.date(2026, 4, 18), RESOLUTION)
        services.adopt_ladder(street.actor("second"), draft.id, dt.date(2026, 6, 1), RESOLUTION)
    assert [o.steps[0].minutes for o in ladders.in_force(street.community, dt.date(2026, 5, 31))] == [600]
    assert [o.steps[0].minutes for o in ladders.in_force(street.community, dt.date(2026, 6, 1))] == [900]
    row, _version = ladders.ladder(street.community, first)
    assert (row.state, row.superseded_on) == (LadderState.SUPERSEDED, dt.date(2026, 6, 1))
    db.session.rollback()


def test_a_community_may_have_several_ladders_at_once(street: Village) -> None:
    ladder(street, "cycle")
    ladder(street, "medals")
    found = ladders.in_force(street.community, dt.date(2026, 4, 18))
    assert [(one.series, one.title) for one in found] == [(1, "星级志愿者"), (2, "志愿服务奖章")]
    db.session.rollback()


def test_what_is_in_force_cannot_be_edited_or_thrown_away(street: Village) -> None:
    ladder_id = ladder(street)
    for change in (lambda: services.change_ladder(street.actor("member"), ladder_id, small()),
                   lambda: services.discard_ladder(street.actor("member"), ladder_id),
                   lambda: services.adopt_ladder(street.actor("second"), ladder_id, dt.date(2026, 7, 1), RESOLUTION)):
        with pytest.raises(NotADraft), transaction():
            change()


def test_the_database_itself_refuses_to_change_what_was_adopted(street: Village) -> None:
    ladder(street)
    assert refused(
        "UPDATE honour_ladder SET title = 'x'", "UPDATE honour_ladder SET cycle_minutes = 60, period = 'cycle'",
        "UPDATE honour_ladder SET in_force_on = '2025-01-01'", "DELETE FROM honour_ladder",
        "UPDATE honour_ladder SET state = 'draft', in_force_on = NULL", "DELETE FROM ladder_step",
        "UPDATE ladder_step SET minutes = 1",
        "UPDATE honour_ladder SET state = 'superseded', superseded_on = '2027-01-01', resolution = 'x'",
        "INSERT INTO ladder_step (community_id, ladder_id, level, name, minutes) "
        "SELECT community_id, ladder_id, 9, 'x', 1 FROM ladder_step LIMIT 1") == []


def test_a_draft_may_be_changed_by_the_same_statements(street: Village) -> None:
    """The control: the statements above are right in themselves."""
    with transaction():
        services.start_ladder(street.actor("member"), SAMPLES["yearly"])
    with transaction():
        db.session.execute(sa.text("UPDATE honour_ladder SET title = 'x'"))
        db.session.execute(sa.text("UPDATE ladder_step SET minutes = minutes + 1"))
        db.session.execute(sa.text("DELETE FROM ladder_step"))
        db.session.execute(sa.text("DELETE FROM honour_ladder"))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LadderStep)) == 0
    db.session.rollback()


def test_the_database_refuses_one_person_for_both(street: Village) -> None:
    with transaction():
        row = services.start_ladder(street.actor("member"), SAMPLES["yearly"])
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(HonourLadder).where(HonourLadder.id == row.id).values(
            state=LadderState.IN_FORCE, in_force_on=dt.date(2026, 5, 1), adopted_by=street.users["member"]))


BAD = {
    "no steps": LadderDraft("梯子", Period.LIFETIME, ()),
    "a step that asks for nothing": LadderDraft("梯子", Period.LIFETIME, (StepDraft("一星"),)),
    "a step without a name": LadderDraft("梯子", Period.LIFETIME, (StepDraft(" ", 60),)),
    "two of one name": LadderDraft("梯子", Period.LIFETIME, (StepDraft("一星", 60), StepDraft("一星", 120))),
    "steps that go down": LadderDraft("梯子", Period.LIFETIME, (StepDraft("一星", 120), StepDraft("二星", 60))),
    "steps that stay": LadderDraft("梯子", Period.LIFETIME, (StepDraft("一星", 60), StepDraft("二星", 60))),
    "less of one for more of the other": LadderDraft("梯子", Period.LIFETIME, (
        StepDraft("一星", 60, 100), StepDraft("二星", 120, 50))),
    "points forgotten in a higher step": LadderDraft("梯子", Period.LIFETIME, (
        StepDraft("一星", 60, 100), StepDraft("二星", 120))),
    "a cycle without a length": LadderDraft("梯子", Period.CYCLE, (StepDraft("一星", 60),)),
    "a length without cycles": LadderDraft("梯子", Period.YEAR, (StepDraft("一星", 60),), cycle_minutes=600),
    "a step longer than its cycle": LadderDraft("梯子", Period.CYCLE, (StepDraft("一星", 660),), cycle_minutes=600),
    "points in a cycle": LadderDraft("梯子", Period.CYCLE, (StepDraft("一星", 60, 100),), cycle_minutes=600),
    "no title": LadderDraft(" ", Period.LIFETIME, (StepDraft("一星", 60),)),
    "no-shows from nought": LadderDraft("梯子", Period.LIFETIME, (StepDraft("一星", 60),), no_show_limit=0),
    "too many steps": LadderDraft("梯子", Period.LIFETIME, tuple(StepDraft(f"{n}星", n * 60) for n in range(1, 14))),
}


@pytest.mark.parametrize("name", BAD)
def test_a_ladder_that_makes_no_sense_is_refused_with_a_sentence(street: Village, name: str) -> None:
    with pytest.raises(Invalid) as refusal, transaction():
        services.start_ladder(street.actor("member"), BAD[name])
    assert all(str(text) for text in refusal.value.fields.values())
    assert refusal.value.fields
    assert db.session.scalar(sa.select(sa.func.count()).select_from(HonourLadder)) == 0
    db.session.rollback()


@pytest.mark.parametrize(("day", "resolution"), [
    (dt.date(2026, 4, 17), RESOLUTION), (dt.date(2028, 1, 1), RESOLUTION), (dt.date(2026, 5, 1), " x ")])
def test_neither_a_day_gone_by_nor_a_start_without_resolution(street: Village, day: dt.date, resolution: str) -> None:
    with transaction():
        row = services.start_ladder(street.actor("member"), SAMPLES["yearly"])
    with pytest.raises(Invalid), transaction():
        services.adopt_ladder(street.actor("second"), row.id, day, resolution)


@pytest.mark.parametrize("key", ["alice", "leader", "reviewer", "keeper", "grid"])
def test_others_write_no_ladder(street: Village, key: str) -> None:
    with pytest.raises(Forbidden), transaction():
        services.start_ladder(street.actor(key), SAMPLES["yearly"])


def test_another_communitys_ladder_does_not_exist_here(street: Village) -> None:
    ladder_id = ladder(street)
    with pytest.raises(NotFound), transaction():
        ladders.ladder(street.other, ladder_id)
    with pytest.raises(NotFound), transaction():
        services.start_ladder(street.actor("other_member"), series=1)
