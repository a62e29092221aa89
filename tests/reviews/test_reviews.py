"""Reviews are made once, never changed, corrected by new versions, signed; they hold exactly the cases they counted."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank import schedule
from pointsbank.core.actor import system
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.reviews import errors, jobs, services
from pointsbank.reviews.figures import By, Scope
from pointsbank.reviews.models import CaseReview, ReviewFigure, ReviewRemark
from pointsbank.reviews.periods import PeriodKind, containing
from pointsbank.reviews.queries import frozen as asked
from pointsbank.reviews.triggers import TRIGGERS
from tests.reviews.april import APRIL, COUNTED, WEEK, April
from tests.support.village import Village


def stored(review: CaseReview, code: str) -> list[int]:
    with transaction():
        return list(asked.figure(review, code).case_ids)


def all_reviews() -> list[tuple[str, str, int]]:
    with transaction():
        return [(one.kind.value, one.starts_on.isoformat(), one.version) for one in db.session.scalars(
            sa.select(CaseReview).order_by(CaseReview.kind, CaseReview.starts_on, CaseReview.version))]


def test_a_review_keeps_the_cases_of_each_figure(april: April, frozen: CaseReview) -> None:
    assert {code: stored(frozen, code) for code in COUNTED} == {
        code: april.ids(letters) for code, letters in COUNTED.items()}
    with transaction():
        assert services.agrees(frozen)
        found = asked.figures_of(frozen)
    assert [one.name for one in found.units] == ["井盖抢修队", "物业维修组"]
    assert found.group(By.UNIT, april.squad).values["median"] == 2160
    with pytest.raises(NotFound):
        found.group(By.UNIT, 10**6)


def test_a_late_change_does_not_alter_a_frozen_review(april: April, frozen: CaseReview) -> None:
    with transaction():
        before = asked.figures_of(frozen), asked.figures_of(frozen, Scope.PUBLIC)
    april.afterwards()
    with transaction():
        assert (asked.figures_of(frozen), asked.figures_of(frozen, Scope.PUBLIC)) == before
        assert services.agrees(frozen)


def test_a_period_that_lasts_gets_no_review(april: April, clock: Any) -> None:
    home = april.desk.village.community
    with pytest.raises(errors.PeriodNotOver):
        run(lambda: services.make(system(home), home, containing(PeriodKind.MONTHLY, dt.date(2026, 5, 1))))
    clock.at(2026, 4, 30, 23, 59, 59)
    with pytest.raises(errors.PeriodNotOver):
        run(lambda: services.make(system(home), home, APRIL))


@pytest.mark.parametrize("table", ["case_review", "case_review_figure", "case_review_remark"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET community_id = community_id", "DELETE FROM {}"])
def test_the_database_itself_refuses_every_change(april: April, frozen: CaseReview, table: str,
                                                  statement: str) -> None:
    run(lambda: services.remark(april.desk.actor("member"), frozen.id, "电缆老化，等供电所更换"))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), transaction():
        db.session.execute(sa.text(statement.format(table)))


def test_emptying_or_replacing_is_refused_too(april: April, frozen: CaseReview, database_kind: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), transaction():
        db.session.execute(sa.text({
            "postgres": "TRUNCATE case_review_figure",
            "sqlite": "INSERT OR REPLACE INTO case_review_figure SELECT * FROM case_review_figure"}[database_kind]))


# ── The schedule ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_job_makes_what_is_missing_and_then_nothing(april: April) -> None:
    done = jobs.make_due()
    made = all_reviews()
    # April's last seven days, the weeks from 30 March on (before it nobody had reported anything), March and April.
    assert [kind for kind, _day, _version in made].count("daily") == 7
    assert [day for kind, day, _v in made if kind == "weekly"] == ["2026-03-30", "2026-04-06", "2026-04-13",
                                                                   "2026-04-20"]
    assert [day for kind, day, _v in made if kind == "monthly"] == ["2026-03-01", "2026-04-01"]
    assert done == {"made": len(made), "failed": 0}
    assert jobs.make_due() == {"made": 0, "failed": 0}
    assert all_reviews() == made
    with transaction():
        assert {one.community_id for one in db.session.scalars(sa.select(CaseReview))} == {april.desk.village.community}


def test_two_workers_at_once_make_each_review_once(april: April, app: Flask) -> None:
    gate, done = threading.Barrier(2), []

    def work() -> None:
        with app.app_context():
            gate.wait(10)
            done.append(jobs.make_due())

    db.session.rollback()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    made = all_reviews()
    assert len(made) == len({(kind, day) for kind, day, _v in made}) == 13
    assert sum(one["made"] for one in done) == 13
    assert [one["failed"] for one in done] == [0, 0]
    with transaction():
        rows = db.session.execute(sa.select(ReviewFigure.review_id, sa.func.count()).where(
            ReviewFigure.scope == Scope.ALL, ReviewFigure.by == By.WHOLE).group_by(ReviewFigure.review_id)).all()
    assert {count for _id, count in rows} == {len(COUNTED) + 1}, "each figure once: those counted, and partly satisfied"


def test_without_the_unique_key_two_workers_would_make_two(april: April, frozen: CaseReview,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: whoever passes the first look is stopped by the key alone."""
    monkeypatch.setattr(services, "scoped", lambda _model, _community: sa.select(CaseReview).where(sa.false()))
    home = april.desk.village.community
    assert run(lambda: services.make(system(home), home, APRIL)) is None
    assert all_reviews() == [("monthly", "2026-04-01", 1)]


def test_it_stands_on_the_schedule_once_a_day(april: April, clock: Any) -> None:
    task = schedule.task("case-reviews")
    assert task is not None
    assert task.cron == "15 0 * * *"
    assert schedule.run_task(task) == {"made": 13, "failed": 0}
    assert schedule.run_task(task) is None, "another worker on the same day"
    clock.at(2026, 5, 2, 0, 15)
    assert schedule.run_task(task) == {"made": 1, "failed": 0}, "the first of May"


# ── Corrections and remarks ─────────────────────────────────────────────────────────────────────────────────────


def _give_to_squad(april: April) -> None:
    """G goes to the other unit: counted again, it is among their open ones, and still sent back by the first."""
    april.at(2, 9, month=5)
    april.do("G", ("member", "assign"), unit_id=april.squad, handler_id=april.desk.village.users["frank"])


def test_a_correction_is_a_new_version_that_names_the_old_one(april: April, frozen: CaseReview) -> None:
    _give_to_squad(april)
    made = run(lambda: services.correct(april.desk.actor("member"), frozen.id, "G 归井盖抢修队"))
    assert (made.version, made.corrects_id, made.reason) == (2, frozen.id, "G 归井盖抢修队")
    with transaction():
        old, new = (asked.figures_of(one).group(By.UNIT, april.squad).values for one in (frozen, made))
        assert (old.get("open"), new.get("open")) == (None, 1)
        assert new.get("sent_back") is None, "the squad sent nothing back"
        for one in (frozen, made):
            assert asked.figures_of(one).group(By.UNIT, april.desk.unit).values["sent_back"] == 1
        assert [one.id for one in asked.listed(frozen.community_id).items] == [made.id], "the list shows what holds"
        assert asked.holding(frozen.community_id, APRIL) == made
        assert services.agrees(frozen)
        assert services.agrees(made)
        assert db.session.scalars(sa.select(AuditRow.verb).where(AuditRow.object_key == made.key)).all() == [
            "reviews.correct"]
    with pytest.raises(errors.NotTheLatest):
        run(lambda: services.correct(april.desk.actor("second"), frozen.id, "再改一次"))
    with pytest.raises(errors.NothingToCorrect):
        run(lambda: services.correct(april.desk.actor("second"), made.id, "再数一次"))


def test_the_page_of_an_old_version_goes_on_telling_what_it_told(april: April, frozen: CaseReview) -> None:
    """Its own last column is its own, and the period before it stands as that was known then."""
    home, squad = april.desk.village.community, april.squad
    _give_to_squad(april)
    made = run(lambda: services.correct(april.desk.actor("member"), frozen.id, "G 归井盖抢修队"))
    with transaction():
        told = [asked.series(one, ("open",), by=By.UNIT, group_id=squad)[-1] for one in (frozen, made)]
    assert told == [(APRIL.starts_on, {}), (APRIL.starts_on, {"open": 1})]
    april.at(1, 1, month=6)
    may = run(lambda: services.make(system(home), home, containing(PeriodKind.MONTHLY, dt.date(2026, 5, 1))))
    assert may is not None
    april.do("G", ("member", "take_away"), ("member", "assign"))
    again = run(lambda: services.correct(april.desk.actor("member"), made.id, "G 又归物业维修组"))
    with transaction():
        before = asked.values_before(may, By.UNIT, squad)
        assert before is not None
        assert "open" in before, "as April was known when May was frozen"
        assert "open" not in asked.figures_of(again).group(By.UNIT, squad).values
        assert asked.series(may, ("open",), by=By.UNIT, group_id=squad)[0] == (APRIL.starts_on, {})


def test_two_corrections_at_once_are_one(april: April, frozen: CaseReview, app: Flask) -> None:
    _give_to_squad(april)
    gate, ends = threading.Barrier(2), []

    def work(who: str) -> None:
        with app.app_context():
            gate.wait(10)
            try:
                ends.append(run(lambda: services.correct(april.desk.actor(who), frozen.id, "换了单位")).version)
            except errors.NotTheLatest:
                ends.append("late")

    threads = [threading.Thread(target=work, args=(who,)) for who in ("member", "second")]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(ends, key=str) == [2, "late"]
    assert all_reviews() == [("monthly", "2026-04-01", 1), ("monthly", "2026-04-01", 2)]


@pytest.mark.parametrize(("reason", "refusal"), [("", errors.ReasonMissing), ("短", errors.ReasonMissing),
                                                 ("长" * 501, errors.ReasonMissing)])
def test_a_correction_says_why(april: April, frozen: CaseReview, reason: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        run(lambda: services.correct(april.desk.actor("member"), frozen.id, reason))


def test_only_whoever_distributes_corrects_and_signs_and_only_at_home(april: April, frozen: CaseReview,
                                                                      village: Village) -> None:
    for who in ("alice", "grid", "reviewer", "admin", "leader"):
        with pytest.raises(Forbidden):
            run(lambda who=who: services.correct(village.actor(who), frozen.id, "有原因的"))  # type: ignore[misc]
        with pytest.raises(Forbidden):
            run(lambda who=who: services.remark(village.actor(who), frozen.id, "有话要说"))  # type: ignore[misc]
    for call in (services.correct, services.remark):
        with pytest.raises(NotFound):
            run(lambda call=call: call(village.actor("other_member"), frozen.id, "别处的人"))  # type: ignore[misc]
    with pytest.raises(Forbidden):
        run(lambda: services.remark(system(village.community), frozen.id, "没人签名"))


def test_a_remark_is_signed_and_stays(april: April, frozen: CaseReview) -> None:
    for text in ("", " 短 ", "长" * 501):
        with pytest.raises(errors.RemarkMissing):
            run(lambda text=text: services.remark(april.desk.actor("member"), frozen.id, text))  # type: ignore[misc]
    run(lambda: services.remark(april.desk.actor("member"), frozen.id, "  等供电所更换电缆  "))
    with transaction():
        row = db.session.scalars(sa.select(ReviewRemark)).one()
        assert (row.text, row.by_user_id) == ("等供电所更换电缆", april.desk.village.users["member"])
        assert services.agrees(frozen), "remarks are no figures"


def test_a_changed_figure_no_longer_agrees(april: April, frozen: CaseReview, database_kind: str) -> None:
    """The control of the check: somebody with the database in hand, past the triggers."""
    dialect = "sqlite" if database_kind == "sqlite" else "postgresql"
    with transaction():
        for sql in TRIGGERS.drop_statements(dialect):
            if "FUNCTION" not in sql:
                db.session.connection().exec_driver_sql(sql)
        db.session.execute(sa.text("UPDATE case_review_figure SET value = 6 WHERE code = 'closed' AND value = 5"))
        assert not services.agrees(frozen)
        for sql in TRIGGERS.create_statements(dialect):
            db.session.connection().exec_driver_sql(sql)


def test_what_came_before_and_the_last_twelve_periods(april: April, clock: Any) -> None:
    jobs.make_due()
    home = april.desk.village.community
    with transaction():
        week = asked.holding(home, WEEK)
        assert week is not None
        before = asked.values_before(week)
        assert before is not None
        assert (before["received"], before["closed"]) == (3, 1), "G, H, I came in from 13 to 19 April; I was closed"
        told = [(day.isoformat(), dict(values)) for day, values in asked.series(week, ("received", "closed"))]
        assert told == [("2026-03-30", {"received": 1, "closed": 1}), ("2026-04-06", {"received": 6, "closed": 1}),
                        ("2026-04-13", {"received": 3, "closed": 1}), ("2026-04-20", {"received": 0, "closed": 1})]
        march = asked.holding(home, containing(PeriodKind.MONTHLY, dt.date(2026, 3, 1)))
        assert march is not None
        assert asked.values_before(march) is None


def test_a_neighbours_review_is_not_there(april: April, frozen: CaseReview) -> None:
    with transaction(), pytest.raises(NotFound):
        asked.review(april.desk.village.other, frozen.id)
