"""Reports: taken in once, refused in sentences, offered to join, merged by staff; what the first reporter earns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import errors, queries, services
from pointsbank.cases.models import CaseState, Evaluation, Joiner, Outcome, Report
from pointsbank.cases.report_errors import FarAway
from pointsbank.cases.services import ReportDraft, Step, reporting
from pointsbank.contributions import services as contributions
from pointsbank.contributions.models import AwardLine, Contribution, Correction, State
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.places import services as places
from pointsbank.places.facts import Facts
from tests.cases.desk import Desk
from tests.contributions.funnel import adopt
from tests.deductions.test_races import at_once, kinds


def draft(desk: Desk, **given: Any) -> ReportDraft:
    return ReportDraft(**{"client_id": "draft-0001", "category_id": desk.lamp, "text": "路灯三天没亮",
                          "place": "东巷 3 号", **given})


def count(model: Any) -> int:
    with transaction():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def deeds() -> list[tuple[str, State]]:
    with transaction():
        return [(row.source_key, row.state) for row in db.session.scalars(
            sa.select(Contribution).order_by(Contribution.id).execution_options(populate_existing=True))]


@pytest.mark.parametrize(("given", "refusal"), [
    ({"client_id": "x"}, errors.BadClientId), ({"client_id": "../../etc/passwd"}, errors.BadClientId),
    ({"text": "😀😀😀"}, errors.WordsMissing), ({"text": " "}, errors.WordsMissing),
    ({"text": "字" * 1001}, errors.WordsMissing), ({"place": "?!"}, errors.PlaceMissing),
    ({"place": "巷" * 121}, errors.PlaceMissing), ({"lat": 30.0}, errors.BadPosition),
    ({"lat": 91.0, "lon": 100.0}, errors.BadPosition), ({"lat": float("nan"), "lon": 1.0}, errors.BadPosition),
    ({"category_id": 999}, NotFound), ({"photo_ids": [999]}, NotFound),
])
def test_what_cannot_be_is_refused_and_nothing_stays(desk: Desk, given: dict[str, Any], refusal: type) -> None:
    with pytest.raises(refusal):
        run(lambda: services.send(desk.actor("alice"), draft(desk, **given)))
    assert count(Report) == 0


def test_somebody_without_a_resident_or_with_another_communitys_kind_sends_nothing(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        run(lambda: services.send(desk.actor("member"), draft(desk)))
    with pytest.raises(NotFound):
        run(lambda: services.send(desk.actor("mallory"), draft(desk)))


def test_the_same_draft_sent_again_is_the_same_report_and_another_text_is_refused(desk: Desk) -> None:
    first = run(lambda: services.send(desk.actor("alice"), draft(desk)).id)
    assert run(lambda: services.send(desk.actor("alice"), draft(desk)).id) == first
    assert run(lambda: services.send(desk.actor("bob"), draft(desk)).id) != first
    with pytest.raises(errors.ClientIdReused):
        run(lambda: services.send(desk.actor("alice"), draft(desk, text="井盖坏了")))


def test_the_same_draft_sent_five_times_at_once_is_one_report(desk: Desk) -> None:
    actor, sent = desk.actor("alice"), draft(desk)
    found = at_once(desk.app, [lambda: services.send(actor, sent).id for _ in range(5)])
    assert len(set(found)) == 1
    assert isinstance(found[0], int)
    assert count(Report) == 1


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_without_its_queue_the_same_draft_breaks_on_the_unique_key(desk: Desk, monkeypatch: Any) -> None:
    """The negative control: some of the five then fail on the constraint, which is what the queue is for."""
    monkeypatch.setattr(reporting, "_one_at_a_time", lambda user_id: None)
    actor, seen = desk.actor("alice"), set()
    for number in range(12):
        sent = draft(desk, client_id=f"draft-{number:04}")
        seen |= set(kinds(at_once(desk.app, [lambda s=sent: services.send(actor, s).id for _ in range(5)])))  # type: ignore[misc]
        if "IntegrityError" in seen:
            break
    assert "IntegrityError" in seen


def test_two_who_accept_at_once_accept_once(desk: Desk) -> None:
    case_id = desk.send()
    actors = [desk.actor(who) for who in ("member", "second", "member", "second")]
    found = at_once(desk.app, [lambda a=a: services.move(a, case_id, "accept").id for a in actors])  # type: ignore[misc]
    assert kinds(found) == {"done": 1, "OutOfTurn": 3}
    assert len(deeds()) == 1


def test_a_day_has_room_for_twenty_reports(desk: Desk, clock: Any) -> None:
    for _ in range(reporting.MOST_A_DAY):
        desk.send()
    with pytest.raises(errors.TooManyReports):
        desk.send()
    desk.send("bob")
    clock.forward(days=1)
    desk.send()


# ── Duplicates ──────────────────────────────────────────────────────────────────────────────────────────────────


def offered(desk: Desk, place: str, lat: float | None = None, lon: float | None = None) -> list[int]:
    with transaction():
        return [s.case.id for s in queries.offered(desk.actor("bob"), desk.lamp, place, lat, lon)]


def test_the_same_place_or_a_near_one_is_offered_and_a_far_one_is_not(desk: Desk, clock: Any) -> None:
    case_id = desk.send(place="东巷 3 号", lat=30.0, lon=104.0)
    desk.send(category_id=desk.family, place="东巷3号", lat=30.0, lon=104.0)
    assert offered(desk, "东巷３号") == [case_id]
    assert offered(desk, "别处", 30.00026, 104.0) == [case_id]  # 29 m
    assert offered(desk, "别处", 30.00028, 104.0) == []  # 31 m
    assert offered(desk, "别处", 30.0002, 104.0003) == []  # within the square, 36 m away
    assert offered(desk, "别处") == []
    desk.at(CaseState.CLOSED, case_id)
    clock.forward(days=13)
    assert offered(desk, "东巷3号") == [case_id]
    clock.forward(days=2)
    assert offered(desk, "东巷3号") == []


def test_a_photo_used_again_is_proposed_to_staff_only(desk: Desk) -> None:
    first = desk.send("bob", photo_ids=[desk.photo("bob", "report", 10)])
    other = desk.send("bob", photo_ids=[])
    again = desk.send(photo_ids=[desk.photo("alice", "report", 12)])
    with transaction():
        assert [s.case.id for s in queries.proposed(desk.actor("member"), again)] == [first]
        assert other not in [s.case.id for s in queries.proposed(desk.actor("member"), again)]
        with pytest.raises(NotFound):
            queries.proposed(desk.actor("bob"), again)


def test_a_neighbour_joins_once_hears_of_it_and_earns_nothing(desk: Desk) -> None:
    case_id = desk.send()
    for _ in range(2):
        run(lambda: services.join(desk.actor("bob"), case_id))
    assert count(Joiner) == 1
    with pytest.raises(errors.OwnCase):
        run(lambda: services.join(desk.actor("alice"), case_id))
    private, over = desk.send(category_id=desk.family), desk.at(CaseState.WITHDRAWN)
    for one, refusal in ((private, NotFound), (over, errors.NotOpen)):
        with pytest.raises(refusal):
            run(lambda one=one: services.join(desk.actor("bob"), one))  # type: ignore[misc]
    desk.do("member", "accept", case_id)
    assert any("is accepted" in text for text in desk.heard("bob"))
    assert deeds() == [(f"case:{case_id}/accepted", State.SUBMITTED)]


def test_nobody_is_named_in_what_the_others_hear(desk: Desk) -> None:
    case_id = desk.send()
    run(lambda: services.join(desk.actor("bob"), case_id))
    desk.at(CaseState.CLOSED, case_id)
    for who in ("alice", "bob", "dora"):
        assert desk.heard(who)
        assert not any(desk.resident(other).name in text for text in desk.heard(who) for other in ("alice", "bob"))


# ── Points ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_acceptance_gives_the_first_reporter_one_deed_to_review(desk: Desk) -> None:
    case_id = desk.at(CaseState.CLOSED)
    assert deeds() == [(f"case:{case_id}/accepted", State.SUBMITTED)]
    desk.do("alice", "reopen", case_id)
    for verb, who in (("assign", "member"), ("acknowledge", "dora"), ("start", "dora"), ("finish", "dora"),
                      ("approve", "reviewer"), ("satisfied", "alice")):
        desk.do(who, verb, case_id)
    assert len(deeds()) == 1


def test_fixed_gives_a_second_deed_only_where_the_kind_says_so(desk: Desk) -> None:
    with transaction():
        row = queries.category(desk.village.community, desk.lamp)
        row.fixed_item = "3.2"
    case_id = desk.at(CaseState.CLOSED)
    assert [key for key, _state in deeds()] == [f"case:{case_id}/accepted", f"case:{case_id}/fixed"]
    other = desk.at(CaseState.RECTIFYING)
    desk.do("dora", "finish", other, Step("配件停产，修不了", outcome=Outcome.CANNOT, photo_ids=[desk.photo("dora")]))
    desk.do("reviewer", "approve", other)
    desk.do("alice", "satisfied", other)
    assert f"case:{other}/fixed" not in [key for key, _state in deeds()]


def test_one_problem_sent_in_pieces_earns_once(desk: Desk) -> None:
    for place in ("西巷 1 号", "西巷1号"):
        desk.at(CaseState.ACCEPTED, desk.send(place=place))
    assert len(deeds()) == 1
    desk.at(CaseState.ACCEPTED, desk.send(place="西巷 2 号"))
    assert len(deeds()) == 2


def test_a_false_report_loses_a_deed_that_waits_and_one_that_was_paid(desk: Desk) -> None:
    adopt(desk.village.community)
    waits, paid = desk.at(CaseState.ACCEPTED), desk.at(CaseState.ACCEPTED)
    with transaction():
        deed_id = db.session.scalars(sa.select(Contribution.id).where(
            Contribution.source_key == f"case:{paid}/accepted")).one()
    run(lambda: contributions.approve(desk.actor("reviewer"), [deed_id]))
    for case_id in (waits, paid):
        desk.do("second", "declare_false", case_id)
        assert desk.case(case_id).outcome is Outcome.FALSE
    assert dict(deeds())[f"case:{waits}/accepted"] is State.REJECTED
    assert count(Correction) == 1


def give(desk: Desk, **items: str) -> None:
    with transaction():
        row = queries.category(desk.village.community, desk.lamp)
        for name, code in items.items():
            setattr(row, name, code)


def test_the_first_reporter_is_paid_once_somebody_else_has_judged_it(desk: Desk) -> None:
    """Accepted by one, approved by another: then, and not before, the points of the standard are there."""
    adopt(desk.village.community)
    desk.at(CaseState.ACCEPTED)
    with transaction():
        deed = db.session.scalars(sa.select(Contribution)).one()
        assert db.session.scalars(sa.select(AwardLine)).all() == []
    run(lambda: contributions.approve(desk.actor("reviewer"), [deed.id]))
    with transaction():
        line = db.session.scalars(sa.select(AwardLine)).one()
        assert (line.amount, line.owner_key) == (300, f"resident:{desk.village.residents['alice']}")


def test_joiners_get_a_smaller_line_only_where_the_kind_has_one_and_not_for_their_own_work(desk: Desk) -> None:
    plain = desk.send()
    run(lambda: services.join(desk.actor("bob"), plain))
    desk.at(CaseState.CLOSED, plain)
    assert [key for key, _state in deeds()] == [f"case:{plain}/accepted"]
    give(desk, joined_item="3.3")
    case_id = desk.send()
    for who in ("bob", "charlie", "erin"):  # erin works for the unit
        run(lambda who=who: services.join(desk.actor(who), case_id))  # type: ignore[misc]
    desk.at(CaseState.CLOSED, case_id)
    ids = desk.village.residents
    assert [key for key, _state in deeds()][1:] == [
        f"case:{case_id}/accepted", f"case:{case_id}/joined/{ids['bob']}", f"case:{case_id}/joined/{ids['charlie']}"]
    desk.do("alice", "reopen", case_id)
    for verb, who in (("assign", "member"), ("acknowledge", "dora"), ("start", "dora"), ("finish", "dora"),
                      ("approve", "reviewer"), ("satisfied", "alice")):
        desk.do(who, verb, case_id)
    assert len(deeds()) == 4


def test_an_answer_is_worth_a_little_whatever_it_says_once_for_each_who_gives_one(desk: Desk) -> None:
    give(desk, evaluated_item="3.4")
    case_id = desk.send()
    for who in ("bob", "charlie"):
        run(lambda who=who: services.join(desk.actor(who), case_id))  # type: ignore[misc]
    desk.at(CaseState.TO_EVALUATE, case_id)
    run(lambda: services.evaluate(desk.actor("bob"), case_id, Evaluation.UNHAPPY, "我家门口还是黑的"))
    desk.do("alice", "unhappy", case_id)
    for verb, who in (("assign", "member"), ("acknowledge", "dora"), ("start", "dora"), ("finish", "dora"),
                      ("approve", "reviewer"), ("satisfied", "alice")):
        desk.do(who, verb, case_id)
    ids = desk.village.residents
    assert sorted(key for key, _state in deeds()) == sorted([
        f"case:{case_id}/accepted", *(f"case:{case_id}/evaluated/{ids[who]}" for who in ("alice", "bob"))])
    with transaction():
        assert {c.item_code for c in db.session.scalars(sa.select(Contribution).where(
            Contribution.source_key.contains("evaluated")))} == {"3.4"}


def test_what_came_of_a_false_report_goes_for_everybody(desk: Desk) -> None:
    give(desk, evaluated_item="3.4", joined_item="3.3")
    case_id = desk.send()
    run(lambda: services.join(desk.actor("bob"), case_id))
    desk.at(CaseState.CLOSED, case_id)
    desk.do("reviewer", "reopen", case_id)
    desk.do("second", "declare_false", case_id)
    assert {state for _key, state in deeds()} == {State.REJECTED}
    assert len(deeds()) == 3


def test_a_list_takes_the_same_statements_for_three_cases_and_for_fifteen(
        desk: Desk, queries: Callable[[], Any]) -> None:
    from pointsbank.cases import queries as asked

    def cost() -> int:
        with transaction(), queries() as seen:
            assert asked.listed(desk.actor("member")).items
            db.session.expunge_all()
        return len(seen)

    for _ in range(3):
        desk.send()
    few = cost()
    for _ in range(12):
        desk.send()
    assert cost() == few <= 6


def test_a_position_far_from_here_is_refused_whoever_sends_it(desk: Desk) -> None:
    run(lambda: places.create(desk.actor("member"), Facts("东门", lat=27.09, lon=113.52)))
    with pytest.raises(FarAway):
        desk.send(lat=29.9, lon=113.5)
    assert desk.send(lat=27.1, lon=113.5)
