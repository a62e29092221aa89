"""Templates of the county and town, and what communities may make of them. On both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core.actor import Actor, Grant
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import DomainError, Forbidden, Invalid, NotFound
from pointsbank.people.roles import Role
from pointsbank.rules import papers, queries, services, sheets
from pointsbank.rules.bounds import Bounded, Bounds, excesses, worth
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.errors import (
    BeyondTemplate,
    EmptyTemplate,
    FileNotUnderstood,
    NotATemplateDraft,
    NotYourArea,
    TemplateDraftExists,
)
from pointsbank.rules.evaluation import Cap, WideCap
from pointsbank.rules.models import (
    Measure,
    ScoringStandard,
    StandardOrigin,
    StandardTemplate,
    Subject,
    TemplateState,
    Window,
)
from pointsbank.rules.services import ItemBound
from tests.rules.support import A_DAY, VOTED, donation_rule, hours_rule, piece_rule, steps_rule, visit_rule
from tests.rules.test_sheets import GOOD, as_csv, with_cell
from tests.support.village import Village

pytestmark = pytest.mark.usefixtures("clock")
YEAR = WideCap(Window.YEAR, Subject.HOUSEHOLD, Measure.POINTS, 50_000)


def above(village: Village) -> Actor:
    """The supervisor of the town, at work in 柳荫社区."""
    return dataclasses.replace(village.actor("supervisor"), community_id=village.community, area_path=village.path)


def issued(village: Village, *rules: RuleDraft, caps: tuple[WideCap, ...] = (),
           bounds: dict[str, ItemBound] | None = None) -> StandardTemplate:
    with transaction():
        row = services.start_template(above(village), village.town, "柳河街道积分细则", rules, caps=caps)
        services.set_bounds(above(village), row.id, bounds or {})
        return services.issue_template(above(village), row.id)


def built(village: Village, template: StandardTemplate) -> ScoringStandard:
    with transaction():
        return services.start_from_template(village.actor("member"), template.id, "柳荫积分细则")


def add(village: Village, row: ScoringStandard, *rules: RuleDraft) -> None:
    with transaction():
        for rule in rules:
            services.add_rule(village.actor("member"), row.id, rule)


def change(village: Village, row: ScoringStandard, rule: RuleDraft) -> None:
    known = queries.version(village.community, row.id).by_code[rule.code]
    with transaction():
        services.change_rule(village.actor("member"), row.id, known.id, rule)


def refused(village: Village, row: ScoringStandard) -> tuple[str, str]:
    """Why the draft can be neither opened for comment nor adopted: which item, and the sentence."""
    with pytest.raises(BeyondTemplate) as first, transaction():
        services.open_comments(village.actor("member"), row.id, A_DAY + dt.timedelta(days=7))
    with pytest.raises(BeyondTemplate) as second, transaction():
        services.adopt(village.actor("second"), row.id, dt.date(2026, 5, 1), VOTED)
    assert first.value.sentence == second.value.sentence
    where, sentence = first.value.excesses[0]
    return str(where), str(sentence)


def passes(village: Village, row: ScoringStandard) -> None:
    with transaction():
        services.open_comments(village.actor("member"), row.id, A_DAY + dt.timedelta(days=7))


# ── The comparison itself ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("rule", "most"), [
    (visit_rule(), 200), (hours_rule(), 100), (piece_rule(), 50), (steps_rule(), 5000), (donation_rule(), 100)])
def test_what_an_item_is_worth_at_a_time(rule: RuleDraft, most: int) -> None:
    assert worth(rule) == most


def test_five_plus_and_five_minus_items_fit_and_a_sixth_does_not() -> None:
    """Wendeng, art. 23: at most 5 plus and 5 minus items of at most 2 points each."""
    plus = [visit_rule(code=f"9.{n}") for n in range(6)]
    minus = [visit_rule(code=f"8.{n}", takes_away=True) for n in range(6)]
    bounds = Bounds((Bounded(hours_rule()),))
    assert list(excesses(bounds, [hours_rule(), *plus[:5], *minus[:5]])) == []
    assert [where for where, _s in excesses(bounds, [hours_rule(), *plus, *minus])] == [
        "9.5 看望独居老人", "8.5 看望独居老人"]
    assert [w for w, _s in excesses(bounds, [hours_rule(), visit_rule(code="9", points=201)])] == ["9 看望独居老人"]


@pytest.mark.parametrize(("own", "percent", "fits"), [
    (200, 0, True), (201, 0, False), (240, 20, True), (241, 20, False), (160, 20, True), (159, 20, False)])
def test_points_move_within_their_percentage(own: int, percent: int, fits: bool) -> None:
    bounds = Bounds((Bounded(visit_rule(), points_percent=percent),))
    assert (not list(excesses(bounds, [visit_rule(points=own)]))) is fits


def test_steps_keep_their_starts_and_move_their_points_within_the_percentage() -> None:
    ladder = steps_rule()
    higher = tuple(dataclasses.replace(b, points=b.points * 11 // 10) for b in ladder.bands)
    moved = tuple(dataclasses.replace(b, start=b.start + 60) for b in ladder.bands)
    bounds = Bounds((Bounded(ladder, points_percent=10),))
    assert list(excesses(bounds, [steps_rule(bands=higher, points=higher[0].points)])) == []
    assert len(list(excesses(bounds, [steps_rule(bands=moved)]))) == 1


@pytest.mark.parametrize("changes", [
    {"name": "别的"}, {"category": "别的"}, {"honour_percent": 50}, {"by_itself": True}, {"team_kind": "volunteers"}])
def test_nothing_but_numbers_and_own_words_changes_in_an_item_of_the_template(changes: dict) -> None:
    bounds = Bounds((Bounded(visit_rule(), 100, 100),))
    assert len(list(excesses(bounds, [visit_rule(**changes)]))) == 1
    assert list(excesses(bounds, [visit_rule(who="本社区 80 岁以上", evidence="照片")])) == []


def test_caps_move_within_their_percentage_and_none_comes_or_goes() -> None:
    day = Cap(Window.DAY, Subject.PERSON, Measure.TIMES, 2)
    bounds = Bounds((Bounded(visit_rule(caps=(day,)), caps_percent=50),))
    for caps, fits in (((day,), True), ((dataclasses.replace(day, most=3),), True), ((), False),
                       ((dataclasses.replace(day, most=4),), False),
                       ((day, dataclasses.replace(day, window=Window.MONTH)), False)):
        assert (not list(excesses(bounds, [visit_rule(caps=caps)]))) is fits, caps


def test_caps_on_the_whole_are_tightened_and_added_to_but_never_loosened() -> None:
    bounds = Bounds((Bounded(visit_rule()),), caps=(YEAR,))
    month = dataclasses.replace(YEAR, window=Window.MONTH, most=6000)
    for caps, fits in (((YEAR,), True), ((dataclasses.replace(YEAR, most=40_000), month), True), ((month,), False),
                       ((dataclasses.replace(YEAR, most=50_100),), False)):
        assert (not list(excesses(bounds, [visit_rule()], caps))) is fits, caps


# ── From the supervisor to the community ────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("inside")
def test_a_draft_from_a_template_remembers_it_and_passes_unchanged(village: Village) -> None:
    template = issued(village, hours_rule(), visit_rule(), caps=(YEAR,))
    row = built(village, template)
    found = queries.version(village.community, row.id)
    assert ([r.code for r in found.rules], found.caps) == (["1.1", "1.2"], (YEAR,))
    kept = papers.origin(village.community, row.id)
    assert kept is not None
    assert kept.id == template.id
    passes(village, row)


@pytest.mark.usefixtures("inside")
def test_what_goes_beyond_is_refused_with_a_sentence_that_names_the_item(village: Village) -> None:
    row = built(village, issued(village, hours_rule()))
    add(village, row, *(piece_rule(code=f"9.{n}") for n in range(5)))
    add(village, row, piece_rule(code="9.5"))
    where, sentence = refused(village, row)
    assert where == "9.5 清理沟渠"
    assert "5" in sentence


@pytest.mark.usefixtures("inside")
def test_each_item_says_what_may_be_changed_of_it(village: Village) -> None:
    template = issued(village, hours_rule(), visit_rule(), bounds={"1.2": ItemBound(points_percent=50, may_drop=True)})
    row = built(village, template)
    change(village, row, visit_rule(points=300))
    change(village, row, hours_rule(points=110))
    assert refused(village, row)[0] == "1.1 参加志愿服务"
    change(village, row, hours_rule())
    with transaction():
        services.remove_rule(village.actor("member"), row.id,
                             queries.version(village.community, row.id).by_code["1.2"].id)
    passes(village, row)


@pytest.mark.usefixtures("inside")
def test_an_item_of_the_template_is_not_left_out(village: Village) -> None:
    row = built(village, issued(village, hours_rule(), visit_rule()))
    with transaction():
        services.remove_rule(village.actor("member"), row.id,
                             queries.version(village.community, row.id).by_code["1.2"].id)
    assert refused(village, row)[0] == "1.2 看望独居老人"


@pytest.mark.usefixtures("inside")
def test_a_copy_of_a_version_stays_bound_to_its_template(village: Village) -> None:
    row = built(village, issued(village, hours_rule()))
    with transaction():
        services.adopt(village.actor("second"), row.id, dt.date(2026, 5, 1), VOTED)
        copy = services.start_draft(village.actor("member"), "第二版")
    change(village, copy, hours_rule(points=900))
    assert refused(village, copy)[0] == "1.1 参加志愿服务"


@pytest.mark.usefixtures("inside")
def test_a_draft_without_a_template_is_free(village: Village) -> None:
    issued(village, hours_rule())
    with transaction():
        row = services.start_draft(village.actor("member"), "自己的", [visit_rule(points=90_000, caps=())])
    assert papers.origin(village.community, row.id) is None
    passes(village, row)


@pytest.mark.usefixtures("inside")
def test_a_draft_from_a_template_can_be_thrown_away(village: Village) -> None:
    row = built(village, issued(village, hours_rule()))
    with transaction():
        services.discard(village.actor("member"), row.id)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StandardOrigin)) == 0


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("who", ["member", "admin", "reviewer", "alice", "grid"])
def test_only_a_supervisor_of_the_area_writes_its_template(village: Village, who: str) -> None:
    with pytest.raises(NotYourArea), transaction():
        services.start_template(village.actor(who), village.town, "细则", [hours_rule()])
    with transaction():
        services.start_template(above(village), village.town, "细则", [hours_rule()])


@pytest.mark.usefixtures("inside")
def test_the_town_writes_no_template_for_the_county_and_the_county_one_for_the_town(village: Village) -> None:
    with pytest.raises(NotYourArea), transaction():
        services.start_template(above(village), village.county, "细则", [hours_rule()])
    county = dataclasses.replace(above(village), grants=(Grant(Role.AREA_SUPERVISOR, village.county,
                                                               f"{village.county}."),))
    with transaction():
        services.start_template(county, village.town, "细则", [hours_rule()])
    for place in (village.community, 10_000):
        with pytest.raises(NotFound), transaction():
            services.start_template(above(village), place, "细则", [hours_rule()])


@pytest.mark.usefixtures("inside")
def test_a_template_of_elsewhere_or_a_draft_of_one_starts_nothing(village: Village) -> None:
    template = issued(village, hours_rule())
    stranger = dataclasses.replace(village.actor("member"), area_path="900.901.902.", community_id=village.community)
    with pytest.raises(NotFound), transaction():
        services.start_from_template(stranger, template.id, "细则")
    with transaction():
        draft = services.start_template(above(village), village.town, "第二份")
    with pytest.raises(NotFound), transaction():
        services.start_from_template(village.actor("member"), draft.id, "细则")
    with pytest.raises(Forbidden), transaction():
        services.start_from_template(village.actor("alice"), template.id, "细则")


@pytest.mark.usefixtures("inside")
def test_the_next_template_begins_with_the_one_before_and_takes_its_place(village: Village) -> None:
    first = issued(village, hours_rule(), visit_rule(), caps=(YEAR,),
                   bounds={"1.2": ItemBound(20, 10, may_drop=True)})
    row = built(village, first)
    with transaction():
        second = services.start_template(above(village), village.town, "第二份")
    with pytest.raises(TemplateDraftExists), transaction():
        services.start_template(above(village), village.town, "第三份")
    bounds = papers.bounds_of(second)
    assert (bounds.items[1].points_percent, bounds.items[1].may_drop, bounds.caps) == (20, True, (YEAR,))
    with transaction():
        services.issue_template(above(village), second.id)
    db.session.refresh(first)
    assert (first.state, second.state, second.number) == (TemplateState.SUPERSEDED, TemplateState.ISSUED, 2)
    assert [t.id for t, _area in papers.in_use(village.path)] == [second.id]
    kept = papers.origin(village.community, row.id)
    assert kept is not None
    assert kept.id == first.id  # what was built on the first stays bound to the first


@pytest.mark.usefixtures("inside")
def test_an_issued_template_is_never_changed(village: Village) -> None:
    template, actor = issued(village, hours_rule()), above(village)
    parsed = sheets.read_standard(as_csv(GOOD))
    for attempt in (lambda: services.set_bounds(actor, template.id, {}),
                    lambda: services.issue_template(actor, template.id),
                    lambda: services.fill_template(actor, template.id, parsed),
                    lambda: services.discard_template(actor, template.id)):
        with pytest.raises(NotATemplateDraft), transaction():
            attempt()


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("statement", [
    "UPDATE template_item SET points_percent = 100", "DELETE FROM template_item", "DELETE FROM standard_template",
    "UPDATE standard_template SET additions_most = 99", "UPDATE standard_template SET state = 'draft'"])
def test_the_database_keeps_an_issued_template(village: Village, statement: str) -> None:
    issued(village, hours_rule())
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text(statement))


@pytest.mark.usefixtures("inside")
def test_the_database_keeps_which_template_an_adopted_version_was_built_on(village: Village) -> None:
    row = built(village, issued(village, hours_rule()))
    with transaction():
        services.adopt(village.actor("second"), row.id, dt.date(2026, 5, 1), VOTED)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.text("DELETE FROM standard_origin"))


@pytest.mark.usefixtures("inside")
def test_an_empty_template_and_wild_bounds_are_refused(village: Village) -> None:
    with transaction():
        row = services.start_template(above(village), village.town, "细则")
    with pytest.raises(EmptyTemplate), transaction():
        services.issue_template(above(village), row.id)
    for values in ({"additions_most": 51}, {"additions_most": -1}, {"addition_points_most": -1},
                   {"items": {"1.1": ItemBound(points_percent=101)}}):
        with pytest.raises(Invalid), transaction():
            services.set_bounds(above(village), row.id, **{"items": {}, **values})  # type: ignore[arg-type]
    with pytest.raises(Invalid), transaction():
        services.start_template(above(village), village.town, " ")


@pytest.mark.usefixtures("inside")
def test_a_file_fills_a_template_and_a_bad_one_does_not(village: Village) -> None:
    with transaction():
        row = services.start_template(above(village), village.town, "细则", [hours_rule()])
        services.fill_template(above(village), row.id, sheets.read_standard(as_csv(GOOD)))
    count = len(papers.template_items(row.id))
    with pytest.raises(FileNotUnderstood), transaction():
        services.fill_template(above(village), row.id, sheets.read_standard(as_csv(with_cell("分值", "很多"))))
    assert len(papers.template_items(row.id)) == count > 0


@pytest.mark.usefixtures("inside")
def test_two_templates_started_at_once_are_one(app: Flask, village: Village) -> None:
    actor, gate = above(village), threading.Barrier(3)
    results: list[str] = []

    def start() -> None:
        with app.app_context():
            gate.wait()
            try:
                run(lambda: services.start_template(actor, village.town, "细则", [hours_rule()]))
                results.append("done")
            except DomainError as refusal:
                results.append(refusal.code)

    threads = [threading.Thread(target=start) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["done", "rules.template_draft_exists", "rules.template_draft_exists"]
