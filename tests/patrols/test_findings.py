"""What becomes of a finding: whose it is, what goes along with it, which kinds are taken, who looks again."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import errors as case_errors
from pointsbank.cases import services as cases
from pointsbank.cases.models import Case, CaseVisibility, Joiner, Report
from pointsbank.cases.services import CategoryDraft, ReportDraft
from pointsbank.core.db import db, run, transaction
from pointsbank.media import queries as pictures
from pointsbank.media import services as media
from pointsbank.media.errors import TooManyPhotos
from pointsbank.patrols import errors, services
from pointsbank.patrols.models import Finding, FindingState, LookOutcome, RouteKind, StopResult
from pointsbank.patrols.queries import rounds
from pointsbank.patrols.services import FindingDraft, Line, RoundDraft, StopDraft
from tests.patrols.beat import Beat
from tests.patrols.test_pages import as_, fields, page, post
from tests.patrols.test_rounds import looked, spot


def hung(beat: Beat, key: str) -> list[int]:
    with transaction():
        return [photo.id for photo in pictures.photos_of(beat.village.community, [key])[key]]


def reports() -> list[Report]:
    with transaction():
        return list(db.session.scalars(sa.select(Report).order_by(Report.id)))


def joiners() -> list[int]:
    with transaction():
        return list(db.session.scalars(sa.select(Joiner.resident_id).order_by(Joiner.resident_id)))


def one_found(beat: Beat, patrol_id: int, draft: FindingDraft, number: str = "round-0001") -> RoundDraft:
    return RoundDraft(number, (StopDraft(beat.stops(patrol_id)[0].id, StopResult.FINDING, findings=(draft,)),))


# ── Whose it is, and what goes along ────────────────────────────────────────────────────────────────────────────


def test_from_paper_the_finder_joins_and_not_whoever_entered_it(beat: Beat) -> None:
    first = beat.plan("alice")
    beat.submit(first, draft=one_found(beat, first, FindingDraft("finding-0001", beat.lamp, "灯不亮")))
    second = beat.plan("bob", "dora")
    beat.submit(second, "chief", one_found(
        beat, second, FindingDraft("finding-0002", beat.lamp, "东门灯坏了"), "round-paper"), paper=True,
        observer_id=beat.of("dora"))
    assert beat.findings(second)[0].state is FindingState.JOINED
    assert joiners() == [beat.of("dora")]


def test_what_is_found_not_put_right_joins_as_the_finder_not_as_who_looked(beat: Beat) -> None:
    _patrol, finding = spot(beat)
    other = beat.plan("dora")
    beat.submit(other, "dora", one_found(
        beat, other, FindingDraft("finding-0002", beat.rubbish, "纸箱又堆起来了"), "round-0002"))
    done = run(lambda: services.confirm_fixed(beat.actor("charlie"), finding.id, is_fixed=False))
    assert (done.state, beat.count(Case)) == (FindingState.JOINED, 1)
    assert joiners() == [beat.of("alice")]
    assert len(hung(beat, finding.key)) == 1


def test_a_case_made_afterwards_has_the_photos_of_its_finding(beat: Beat) -> None:
    _patrol, finding = spot(beat)
    photos = hung(beat, finding.key)
    assert len(photos) == 1
    run(lambda: services.confirm_fixed(beat.actor("chief"), finding.id, is_fixed=False))
    [report] = reports()
    assert (hung(beat, report.key), hung(beat, finding.key)) == (photos, [])


def test_what_is_taken_apart_takes_its_photos_along(beat: Beat) -> None:
    first = beat.plan("alice")
    beat.submit(first, draft=one_found(beat, first, FindingDraft("finding-0001", beat.lamp, "灯不亮")))
    second = beat.plan("bob")
    two = (beat.photo("bob", 40), beat.photo("bob", 140))
    beat.submit(second, "bob", one_found(
        beat, second, FindingDraft("finding-0002", beat.lamp, "东门灯坏了", two), "round-0002"))
    [joined] = beat.findings(second)
    assert hung(beat, joined.key) == list(two)
    run(lambda: services.raise_apart(beat.actor("chief"), joined.id))
    assert hung(beat, reports()[1].key) == list(two)
    assert hung(beat, reports()[0].key) == []


def test_photos_are_taken_over_behind_those_that_hang_there_and_never_more_than_fit(beat: Beat) -> None:
    def hang(key: str, count: int) -> list[int]:
        ids = [beat.photo("alice", 20 * n) for n in range(count)]
        run(lambda: media.attach(beat.actor("alice"), ids, key))
        return ids

    here, there = hang("a:1", 3), hang("b:1", 6)
    run(lambda: media.rehang(beat.actor("chief"), "a:1", "b:1"))
    assert (hung(beat, "b:1"), hung(beat, "a:1")) == ([*there, *here], [])
    one = hang("a:1", 1)
    with pytest.raises(TooManyPhotos):
        run(lambda: media.rehang(beat.actor("chief"), "a:1", "b:1"))
    assert hung(beat, "a:1") == one
    with transaction():
        assert media.rehang(beat.actor("other_member"), "a:1", "c:1") == []
    assert hung(beat, "a:1") == one


# ── Which kinds are taken ───────────────────────────────────────────────────────────────────────────────────────


def kept_from_residents(beat: Beat) -> int:
    return run(lambda: cases.add_category(beat.actor("member"), CategoryDraft(
        "家庭矛盾", "family", visibility=CaseVisibility.STAFF, unit_id=beat.unit)).id)


def test_closed_kinds_and_those_of_staff_are_not_offered_and_refused_at_their_field(beat: Beat) -> None:
    family = kept_from_residents(beat)
    run(lambda: cases.close_category(beat.actor("member"), beat.lamp))
    patrol_id, alice = beat.plan("alice"), as_(beat, "alice")
    shown = page(alice, f"/patrols/{patrol_id}/walk")
    offered = set(re.findall(r'<option value="(\d+)"', shown))
    assert offered == {str(beat.rubbish)}
    fourth = beat.stops(patrol_id)[3].id
    for kind in (family, beat.lamp):
        shown = post(alice, f"/patrols/{patrol_id}/walk", {
            **fields(beat, patrol_id), f"s{fourth}-f0-category_id": str(kind)}, 422, content_type="multipart/form-data")
        assert f'href="#s{fourth}-f0-category_id"' in shown
    assert beat.count(Finding) == beat.count(Case) == 0
    chief = as_(beat, "chief")
    with transaction():
        point = db.session.scalar(sa.text("SELECT min(id) FROM patrol_checkpoint"))
    shown = page(chief, f"/desk/patrols/checkpoints/{point}")
    assert f'value="{beat.rubbish}"' in shown
    assert not {f'value="{family}"', f'value="{beat.lamp}"'} & set(re.findall(r'value="\d+"', shown))
    for kind in (family, beat.lamp):
        with pytest.raises(errors.BadChecklist):
            run(lambda kind=kind: services.set_checklist(  # type: ignore[misc]
                beat.actor("chief"), point, [Line("灯亮着吗", kind)]))
    row = run(lambda: services.use_template(beat.actor("chief"), point, RouteKind.STREET))
    assert {line["category_id"] for line in row.checklist} == {beat.rubbish, None}


def test_a_kind_closed_since_holds_up_neither_what_came_in_nor_its_finding_without_a_word(beat: Beat) -> None:
    patrol_id, finding = spot(beat)
    draft = one_found(beat, patrol_id, FindingDraft("finding-0001", beat.rubbish, "纸箱已搬走", fixed_on_spot=True))
    run(lambda: services.send_back(beat.actor("member"), patrol_id, "少了一处，请补"))
    run(lambda: cases.close_category(beat.actor("member"), beat.rubbish))
    beat.submit(patrol_id, draft=replace(draft, client_id="round-again"))
    assert len(beat.findings(patrol_id)) == 1
    with pytest.raises(errors.KindNotTaken):
        run(lambda: services.confirm_fixed(beat.actor("charlie"), finding.id, is_fixed=False))
    assert run(lambda: services.confirm_fixed(beat.actor("charlie"), finding.id, is_fixed=True)).confirmed_by_id


# ── Who looks again, and how long ───────────────────────────────────────────────────────────────────────────────


def offered_to(beat: Beat, who: str) -> list[int]:
    with transaction():
        return [one.finding.id for one in rounds.to_look(beat.actor(who), on_the_spot=False).items]


def test_who_took_a_step_in_the_case_does_not_look_again(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob")
    beat.submit(patrol_id)
    first = beat.findings(patrol_id)[0]
    run(lambda: cases.join(beat.actor("charlie"), first.case_id or 0))
    beat.close_case(first.case_id or 0)
    assert (offered_to(beat, "charlie"), offered_to(beat, "dora")) == ([], [first.id])
    with pytest.raises(case_errors.NotIndependent):
        looked(beat, "charlie", LookOutcome.PASS, first.id)
    assert looked(beat, "dora", LookOutcome.PASS, first.id).case_id == first.case_id


def test_who_works_for_the_unit_does_not_look_whether_its_work_holds(beat: Beat) -> None:
    patrol_id = beat.plan("alice", "bob")
    beat.submit(patrol_id)
    first = beat.findings(patrol_id)[0]
    beat.close_case(first.case_id or 0)
    run(lambda: cases.add_member(beat.actor("member"), beat.unit, beat.village.users["dora"]))
    with pytest.raises(case_errors.NotIndependent):
        looked(beat, "dora", LookOutcome.PASS, first.id)


def test_nobody_looks_again_once_a_case_cannot_be_opened_again(beat: Beat, clock: Any) -> None:
    patrol_id = beat.plan("alice", "bob")
    beat.submit(patrol_id)
    first, second = beat.findings(patrol_id)
    for finding in (first, second):
        beat.close_case(finding.case_id or 0)
    clock.forward(days=30)
    assert set(offered_to(beat, "charlie")) == {first.id, second.id}
    assert looked(beat, "charlie", LookOutcome.REOPEN, first.id).outcome is LookOutcome.REOPEN
    clock.forward(seconds=1)
    assert offered_to(beat, "charlie") == []
    with pytest.raises(errors.NothingToLookAt):
        looked(beat, "charlie", LookOutcome.PASS, second.id)


# ── What is known at a place ────────────────────────────────────────────────────────────────────────────────────


def test_a_place_that_was_renamed_is_still_that_place(beat: Beat) -> None:
    patrol_id = beat.plan("alice")
    run(lambda: cases.send(beat.actor("erin"), ReportDraft(
        "report-0001", beat.lamp, "灯不亮", place="门卫室旁边", place_id=beat.places[0])))
    beat.submit(patrol_id, draft=one_found(beat, patrol_id, FindingDraft("finding-0001", beat.lamp, "东门灯不亮")))
    [finding] = beat.findings(patrol_id)
    assert (finding.state, beat.count(Case), joiners()) == (FindingState.JOINED, 1, [beat.of("alice")])


def test_what_only_staff_see_or_is_of_another_group_is_not_joined(beat: Beat) -> None:
    patrol_id = beat.plan("alice")
    run(lambda: cases.send(beat.actor("erin"), ReportDraft(
        "report-0001", beat.rubbish, "一堆纸箱", place_id=beat.places[0])))
    hidden = run(lambda: cases.send(beat.actor("erin"), ReportDraft(
        "report-0002", beat.lamp, "灯不亮", place_id=beat.places[0]))).case_id
    with transaction():
        db.session.get_one(Case, hidden).visibility = CaseVisibility.STAFF
    beat.submit(patrol_id, draft=one_found(beat, patrol_id, FindingDraft("finding-0001", beat.lamp, "东门灯不亮")))
    assert (beat.findings(patrol_id)[0].state, beat.count(Case)) == (FindingState.RAISED, 3)
