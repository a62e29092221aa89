"""Drafting and adopting: two people, days to come, never edited once in force. On both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import DomainError, Forbidden, Invalid, NotFound
from pointsbank.rules import document_triggers, queries, services, triggers
from pointsbank.rules.differing import Change, compare
from pointsbank.rules.errors import (
    CodeTaken,
    DayTaken,
    DraftExists,
    EmptyDraft,
    NotADraft,
    NotOnPaper,
    OwnDraft,
    TooEarly,
)
from pointsbank.rules.models import RuleCap, ScoringRule, ScoringStandard, StandardState
from tests.rules.support import A_DAY, LONG_AGO, RESOLUTION, VOTED, adopted, deed, hours_rule, piece_rule, visit_rule
from tests.support.village import Village

pytestmark = pytest.mark.usefixtures("inside", "clock")
TOMORROW = A_DAY + dt.timedelta(days=1)


def started(village: Village, *rules: object, who: str = "member") -> ScoringStandard:
    with transaction():
        return services.start_draft(village.actor(who), "积分细则", list(rules))  # type: ignore[arg-type]


def put_in_force(village: Village, row: ScoringStandard, day: dt.date, *, on_paper: bool = False,
                 who: str = "second") -> ScoringStandard:
    with transaction():
        return services.adopt(village.actor(who), row.id, day, VOTED, on_paper=on_paper)


def test_a_draft_copies_the_version_in_force_with_its_caps(village: Village) -> None:
    first = adopted(village, [hours_rule(), visit_rule()])
    with transaction():
        draft = services.start_draft(village.actor("member"), "第二版")
    assert draft.number == 2
    assert draft.copied_from_id == first.id
    plain = [dataclasses.replace(r, id=0) for r in queries.version(village.community, draft.id).rules]
    assert plain == [dataclasses.replace(r, id=0) for r in queries.version(village.community, first.id).rules]


def test_there_is_one_draft_at_a_time(village: Village) -> None:
    started(village, hours_rule())
    with pytest.raises(DraftExists), transaction():
        services.start_draft(village.actor("second"), "另一份")


def test_an_item_can_be_added_changed_and_taken_out_of_a_draft(village: Village) -> None:
    row, actor = started(village, hours_rule(), piece_rule()), village.actor("member")
    with transaction():
        rule = services.add_rule(actor, row.id, visit_rule())
    assert [r.code for r in queries.version(village.community, row.id).rules] == ["1.1", "1.2", "2.1"]
    with transaction():
        services.change_rule(actor, row.id, rule.id, visit_rule(points=300, caps=()))
    changed = next(r for r in queries.version(village.community, row.id).rules if r.id == rule.id)
    assert (changed.points, changed.caps) == (300, ())
    with transaction():
        services.remove_rule(actor, row.id, rule.id)
    assert len(queries.version(village.community, row.id).rules) == 2


def test_an_item_number_stands_once_in_a_version(village: Village) -> None:
    row = started(village, hours_rule())
    with pytest.raises(CodeTaken), transaction():
        services.add_rule(village.actor("member"), row.id, visit_rule(code="1.1"))


def test_an_unsound_item_is_refused(village: Village) -> None:
    row = started(village)
    with pytest.raises(Invalid) as refusal, transaction():
        services.add_rule(village.actor("member"), row.id, hours_rule(points=0))
    assert set(refusal.value.fields) == {"points"}


def test_a_draft_can_be_thrown_away(village: Village) -> None:
    row = started(village, hours_rule())
    with transaction():
        services.discard(village.actor("member"), row.id)
    assert queries.standards(village.community) == []


@pytest.mark.parametrize("who", ["alice", "reviewer", "keeper", "leader", "grid", "other_member", "mallory"])
def test_only_the_committee_writes_standards(village: Village, who: str) -> None:
    actor = dataclasses.replace(village.actor(who), community_id=village.community, area_path=village.path)
    with pytest.raises(Forbidden), transaction():
        services.start_draft(actor, "积分细则")


def test_another_community_can_not_touch_a_draft(village: Village) -> None:
    row, stranger = started(village, hours_rule()), village.actor("other_member")
    for attempt in (lambda: services.add_rule(stranger, row.id, visit_rule()),
                    lambda: services.discard(stranger, row.id),
                    lambda: services.adopt(stranger, row.id, TOMORROW, RESOLUTION)):
        with pytest.raises(NotFound), transaction():
            attempt()


def test_whoever_wrote_in_a_draft_does_not_adopt_it(village: Village) -> None:
    row = started(village, hours_rule())
    with pytest.raises(OwnDraft), transaction():
        services.adopt(village.actor("member"), row.id, TOMORROW, RESOLUTION)
    with transaction():
        services.add_rule(village.actor("second"), row.id, visit_rule())
    with pytest.raises(OwnDraft):
        put_in_force(village, row, TOMORROW)


def test_the_area_above_may_adopt_where_the_whole_committee_wrote(village: Village) -> None:
    row = started(village, hours_rule())
    with transaction():
        services.add_rule(village.actor("second"), row.id, visit_rule())
    above = dataclasses.replace(village.actor("supervisor"), community_id=village.community, area_path=village.path)
    with transaction():
        services.adopt(above, row.id, TOMORROW, VOTED)
    assert queries.version(village.community, row.id).in_force_on == TOMORROW


def test_an_administrator_writes_but_does_not_adopt(village: Village) -> None:
    row = started(village, hours_rule(), who="admin")
    with pytest.raises(Forbidden):
        put_in_force(village, row, TOMORROW, who="admin")


def test_a_new_version_starts_tomorrow_at_the_earliest(village: Village) -> None:
    row = started(village, hours_rule())
    for day in (A_DAY, A_DAY - dt.timedelta(days=1), LONG_AGO):
        with pytest.raises(TooEarly):
            put_in_force(village, row, day)
    assert put_in_force(village, row, TOMORROW).state is StandardState.IN_FORCE


def test_one_in_force_on_paper_keeps_its_old_start_before_the_first_award(village: Village) -> None:
    row = adopted(village, [hours_rule()], LONG_AGO)
    assert (row.in_force_on, row.on_paper) == (LONG_AGO, True)
    found = queries.version_in_force(village.community, A_DAY)
    assert found is not None
    assert found.id == row.id


def test_after_the_first_award_no_version_starts_on_a_day_gone_by(village: Village) -> None:
    adopted(village, [hours_rule()], LONG_AGO)
    with transaction():
        services.evaluate_deeds(village.community, [deed()])
    row = started(village, hours_rule(points=900))
    with pytest.raises(NotOnPaper):
        put_in_force(village, row, dt.date(2026, 3, 1), on_paper=True)


def test_an_award_being_counted_and_an_old_start_never_cross(app: Flask, village: Village) -> None:
    """Either the award finds the old start, or the old start finds the award: never the award an older version."""
    adopted(village, [hours_rule()], LONG_AGO)
    row = started(village, hours_rule(points=900))
    results: dict[str, object] = {}

    def award() -> None:
        with app.app_context():
            results["points"] = run(lambda: services.evaluate_deeds(village.community, [deed()])[0].points)

    def adopt() -> None:
        with app.app_context():
            try:
                run(lambda: services.adopt(village.actor("second"), row.id, dt.date(2026, 3, 1), RESOLUTION,
                                           on_paper=True))
                results["adopted"] = True
            except DomainError:
                results["adopted"] = False

    threads = [threading.Thread(target=award), threading.Thread(target=adopt)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results in ({"points": 200, "adopted": False}, {"points": 1800, "adopted": True})


def test_no_two_versions_start_on_one_day(village: Village) -> None:
    adopted(village, [hours_rule()], TOMORROW, on_paper=False)
    row = started(village, hours_rule())
    with pytest.raises(DayTaken):
        put_in_force(village, row, TOMORROW)


def test_versions_follow_each_other_without_gap_whatever_the_order_of_adoption(village: Village) -> None:
    for number, day in enumerate((20, 28, 24), 1):
        adopted(village, [hours_rule(points=100 * number)], dt.date(2026, 5, day), on_paper=False)
    spans = {s.number: (s.in_force_on.day, s.superseded_on and s.superseded_on.day)  # type: ignore[union-attr]
             for s in queries.standards(village.community)}
    assert spans == {1: (20, 24), 3: (24, 28), 2: (28, None)}
    found = queries.versions_for_days(village.community, [dt.date(2026, 5, d) for d in (19, 20, 23, 24, 27, 28, 31)])
    assert [v.number if v else None for _day, v in sorted(found.items())] == [None, 1, 1, 3, 3, 2, 2]


def test_a_resolution_and_items_are_needed(village: Village) -> None:
    row = started(village)
    with pytest.raises(EmptyDraft):
        put_in_force(village, row, TOMORROW)
    with transaction():
        services.add_rule(village.actor("member"), row.id, hours_rule())
    with pytest.raises(Invalid) as refusal, transaction():
        services.adopt(village.actor("second"), row.id, TOMORROW, "  ")
    assert "resolution" in refusal.value.fields


@pytest.mark.parametrize(("day", "on_paper"), [(dt.date(2206, 5, 1), False), (dt.date(1926, 5, 1), True)])
def test_a_mistyped_year_is_refused(village: Village, day: dt.date, on_paper: bool) -> None:
    row = started(village, hours_rule())
    with pytest.raises(Invalid):
        put_in_force(village, row, day, on_paper=on_paper)


def test_a_version_in_force_is_never_edited(village: Village) -> None:
    row, actor = adopted(village, [hours_rule()]), village.actor("member")
    rule_id = queries.version(village.community, row.id).rules[0].id
    for attempt in (lambda: services.add_rule(actor, row.id, visit_rule()),
                    lambda: services.change_rule(actor, row.id, rule_id, hours_rule(points=900)),
                    lambda: services.remove_rule(actor, row.id, rule_id), lambda: services.discard(actor, row.id),
                    lambda: services.rename(actor, row.id, "新名字")):
        with pytest.raises(NotADraft), transaction():
            attempt()


@pytest.mark.parametrize("statement", [
    "UPDATE scoring_rule SET points = 900", "DELETE FROM scoring_rule", "UPDATE rule_cap SET most = 1",
    "DELETE FROM rule_cap", "UPDATE scoring_standard SET in_force_on = '2026-03-01'",
    "UPDATE scoring_standard SET state = 'draft', in_force_on = NULL", "DELETE FROM scoring_standard",
    "UPDATE scoring_standard SET resolution = 'x'",
    "INSERT INTO rule_cap (community_id, rule_id, cap_window, subject, measure, most)"
    " SELECT community_id, id, 'year', 'person', 'points', 1 FROM scoring_rule"])
def test_the_database_itself_refuses_to_change_a_version_in_force(village: Village, statement: str) -> None:
    adopted(village, [hours_rule()])
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text(statement))


def test_the_database_refuses_one_person_for_both_steps(village: Village) -> None:
    row = started(village, hours_rule())
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(ScoringStandard).where(ScoringStandard.id == row.id).values(
            state=StandardState.IN_FORCE, in_force_on=TOMORROW, adopted_by=row.created_by))


def test_the_triggers_are_those_that_the_code_names(village: Village) -> None:
    if db.engine.dialect.name == "sqlite":
        query = ("SELECT name FROM sqlite_master WHERE type = 'trigger'"
                 " AND tbl_name IN ('scoring_standard', 'scoring_rule', 'rule_cap', 'standard_cap')")
    else:
        query = ("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (to_regclass('scoring_standard'),"
                 " to_regclass('scoring_rule'), to_regclass('rule_cap'), to_regclass('standard_cap'))")
    here = ("scoring_standard", "scoring_rule", "rule_cap", "standard_cap")
    frozen = {name for name in document_triggers.names(db.engine.dialect.name)
              if any(name.startswith(f"{table}_frozen") for table in here)}
    assert set(db.session.scalars(sa.text(query))) == triggers.names(db.engine.dialect.name) | frozen


def test_each_change_leaves_one_audit_row(village: Village) -> None:
    row = started(village, hours_rule())
    with transaction():
        services.add_rule(village.actor("member"), row.id, visit_rule())
    put_in_force(village, row, TOMORROW)
    verbs = list(db.session.scalars(sa.select(AuditRow.verb).where(AuditRow.object_key == f"standard:{row.id}")
                                    .order_by(AuditRow.id)))
    assert verbs == ["rules.start_draft", "rules.add_rule", "rules.adopt"]


def test_items_are_offered_by_kind_and_day(village: Village) -> None:
    adopted(village, [hours_rule(), visit_rule(), piece_rule()])
    assert [r.code for r in queries.items(village.community, "other", A_DAY)] == ["1.2", "2.1"]
    assert [r.code for r in queries.items(village.community)] == ["1.1", "1.2", "2.1"]
    assert queries.items(village.community, "other", dt.date(2025, 1, 1)) == []


def test_differences_name_what_changed_and_nothing_else(village: Village) -> None:
    old = adopted(village, [hours_rule(), visit_rule()])
    with transaction():
        row = services.start_draft(village.actor("member"), "第二版", [hours_rule(points=200), piece_rule()])
    found = compare(queries.version(village.community, old.id), queries.version(village.community, row.id))
    assert [(d.code, d.change) for d in found] == [
        ("1.1", Change.CHANGED), ("2.1", Change.ADDED), ("1.2", Change.DROPPED)]


def test_no_row_is_left_without_its_community(village: Village) -> None:
    adopted(village, [hours_rule()])
    for model in (ScoringStandard, ScoringRule, RuleCap):
        assert set(db.session.scalars(sa.select(model.community_id))) == {village.community}
