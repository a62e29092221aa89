"""Kind and area name a unit; many cases at once, each whole or not at all; two who do it at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa

from pointsbank.cases import services
from pointsbank.cases.errors import (
    BadHandler,
    NoProposal,
    NothingTicked,
    NotIndependent,
    NotYourPart,
    OutOfTurn,
    PhotoMissing,
)
from pointsbank.cases.models import Case, CaseEvent, CaseState, Source
from pointsbank.cases.routing import Route, proposed_person, proposed_unit
from pointsbank.cases.services import CategoryDraft, Step
from pointsbank.cases.services.dispatching import Board, Dispatch
from pointsbank.communities.models import Area, AreaKind
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, run, scoped, transaction
from pointsbank.core.errors import NotFound
from pointsbank.places import services as places
from pointsbank.places.facts import Facts
from tests.cases.desk import Desk

TOWN, GRID, HOUSE, OTHER = "1.2.", "1.2.7.", "1.2.7.9.", "1.2.8."


@pytest.mark.parametrize(("path", "own", "routes", "reach", "unit"), [
    (TOWN, 1, [], {1: ""}, 1),
    (HOUSE, 1, [Route(GRID, 2)], {1: "", 2: ""}, 2),
    (HOUSE, 1, [Route(GRID, 2), Route(HOUSE, 3)], {1: "", 2: "", 3: ""}, 3),
    (OTHER, 1, [Route(GRID, 2)], {1: "", 2: ""}, 1),
    (TOWN, 1, [Route(GRID, 2)], {1: "", 2: ""}, 1),
    (HOUSE, 1, [Route(GRID, 2)], {1: ""}, 1),  # the route's unit is closed
    (HOUSE, 1, [], {1: GRID}, 1),
    (OTHER, 1, [], {1: GRID}, None),  # works elsewhere: a person chooses
    (HOUSE, 1, [], {2: ""}, None),  # its own unit is closed
    (HOUSE, None, [], {1: "", 2: GRID, 3: HOUSE}, 3),
    (OTHER, None, [], {1: "", 2: GRID}, None),
    ("1.2.70.", 1, [Route(GRID, 2)], {1: "", 2: ""}, 1),  # 70 is not inside 7
])
def test_the_unit_follows_from_kind_and_area(path: str, own: int | None, routes: list[Route], reach: dict[int, str],
                                             unit: int | None) -> None:
    assert proposed_unit(path, own, routes, reach) == unit


@pytest.mark.parametrize(("members", "load", "reporters", "person"), [
    ([5, 3], {}, (), 3), ([3, 5], {3: 2, 5: 1}, (), 5), ([3, 5], {5: 1}, (3,), 5), ([3, 5], {}, (3, 5), None),
    ([], {}, (), None)])
def test_the_person_is_the_one_with_the_fewest_open_cases(members: list[int], load: dict[int, int],
                                                          reporters: tuple[int, ...], person: int | None) -> None:
    assert proposed_person(members, load, reporters) == person


def grid_of(desk: Desk, name: str = "东片") -> int:
    with transaction():
        home = db.session.get_one(Area, desk.village.community)
        area = Area(kind=AreaKind.GRID, code=name, name=name, parent_id=home.id, path="", settings={},
                    community_id=home.id, created_at=clock.now())
        db.session.add(area)
        db.session.flush()
        area.path = f"{home.path}{area.id}."
        return area.id


def test_a_route_sends_the_cases_of_its_area_to_its_unit(desk: Desk) -> None:
    grid, member = grid_of(desk), desk.actor("member")
    with transaction():
        east = services.add_unit(member, "东片小组", member_ids=[desk.village.users["frank"]]).id
        services.set_route(member, desk.lamp, grid, east)
        inside = places.create(member, Facts("5 栋", area_id=grid)).id
    here, there = desk.send(place_id=inside), desk.send()
    with transaction():
        rows = db.session.scalars(sa.select(Case).where(Case.id.in_([here, there])).order_by(Case.id)).all()
        takers = Board(desk.village.community).takers(rows)
    assert [takers[one].unit_id for one in (here, there)] == [east, desk.unit]
    with transaction():
        services.set_route(member, desk.lamp, grid, None)
        rows = db.session.scalars(sa.select(Case).where(Case.id == here)).all()
        assert Board(desk.village.community).takers(rows)[here].unit_id == desk.unit


def assign(desk: Desk, who: str, ids: list[int], **to: int) -> Dispatch:
    return run(lambda: services.assign_many(desk.actor(who), ids, **to))


def test_many_are_given_out_and_the_load_is_shared(desk: Desk) -> None:
    ids = [desk.at(CaseState.ACCEPTED) for _ in range(4)]
    came = assign(desk, "member", ids)
    assert (came.done, came.refused) == (sorted(ids), {})
    handlers = sorted(str(desk.case(one).handler_id) for one in ids)
    assert sorted(map(handlers.count, set(handlers))) == [2, 2]


def test_what_is_refused_stays_as_it_is_and_the_rest_is_done(desk: Desk) -> None:
    with transaction():
        homeless = services.add_category(desk.actor("member"), CategoryDraft("没有单位", "none")).id
    good, new = desk.at(CaseState.ACCEPTED), desk.send()
    nobody = desk.at(CaseState.ACCEPTED, desk.send(category_id=homeless))
    elsewhere = 999_999
    came = assign(desk, "member", [elsewhere, new, nobody, good])
    assert came.done == [good]
    assert {number: type(why) for number, why in came.refused.items()} == {
        new: OutOfTurn, nobody: NoProposal, elsewhere: NotFound}
    assert (desk.state(new), desk.state(nobody)) == (CaseState.RECEIVED, CaseState.ACCEPTED)
    by_hand = assign(desk, "member", [nobody], unit_id=desk.unit, handler_id=desk.village.users["dora"])
    assert by_hand.done == [nobody]
    own = desk.at(CaseState.ACCEPTED, desk.send("dora"))
    refused = assign(desk, "member", [own], unit_id=desk.unit, handler_id=desk.village.users["dora"])
    assert isinstance(refused.refused[own], BadHandler)
    assert desk.case(own).handler_id is None


def test_nobody_gives_out_what_they_reported(desk: Desk) -> None:
    with transaction():
        entered = services.enter(desk.actor("second"), services.ReportDraft(
            "draft-0001", desk.lamp, "热线反映", "东巷 3 号"), Source.HOTLINE).case_id
    other = desk.send()
    came = run(lambda: services.accept_many(desk.actor("second"), [entered, other]))
    assert came.done == [other]
    assert isinstance(came.refused[entered], NotIndependent)


def test_only_dispatchers_and_at_most_a_hundred(desk: Desk) -> None:
    case_id = desk.send()
    for who in ("alice", "reviewer", "admin", "dora"):
        with pytest.raises(NotYourPart):
            assign(desk, who, [case_id])
    for ids in ([], list(range(1, 102))):
        with pytest.raises(NothingTicked):
            run(lambda ids=ids: services.accept_many(desk.actor("member"), ids))  # type: ignore[misc]
    foreign = run(lambda: services.accept_many(desk.actor("other_member"), [case_id]))
    assert isinstance(foreign.refused[case_id], NotFound)
    assert desk.state(case_id) is CaseState.RECEIVED


def test_a_refused_step_leaves_nothing_behind(desk: Desk) -> None:
    case_id = desk.at(CaseState.RECTIFYING)
    with transaction():
        with pytest.raises(PhotoMissing):
            services.attempt(desk.actor("dora"), case_id, "finish", Step(text="修好了"))
        row = db.session.get_one(Case, case_id)
        assert (row.state, row.outcome) == (CaseState.RECTIFYING, None)


def test_a_hundred_cost_no_more_to_propose_than_three(
        desk: Desk, queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    def cost() -> int:
        with transaction(), queries() as seen:
            found = db.session.scalars(sa.select(Case)).all()
            assert len(Board(desk.village.community).takers(found)) == len(found)
        return len(seen)

    for _ in range(3):
        desk.send()
    few = cost()
    for _ in range(12):
        desk.send()
    assert cost() == few <= 9


def _at_once(desk: Desk, work: Callable[[], Dispatch]) -> list[Dispatch]:
    """Two who start together."""
    start, came = threading.Barrier(2), []

    def one() -> None:
        with desk.app.app_context():
            start.wait()
            came.append(run(work))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def _assigned(case_ids: list[int]) -> int:
    with transaction():
        return db.session.scalar(sa.select(sa.func.count()).select_from(CaseEvent).where(
            CaseEvent.case_id.in_(case_ids), CaseEvent.verb == "assign")) or 0


@pytest.mark.slow
def test_two_who_give_out_the_same_at_once_give_each_out_once(desk: Desk) -> None:
    ids = [desk.at(CaseState.ACCEPTED) for _ in range(5)]
    came = _at_once(desk, lambda: services.assign_many(desk.actor("member"), ids))
    assert sorted(one for result in came for one in result.done) == sorted(ids)
    assert sorted(one for result in came for one in result.refused) == sorted(ids)
    assert all(isinstance(why, OutOfTurn) for result in came for why in result.refused.values())
    assert _assigned(ids) == len(ids)


@pytest.mark.slow
def test_without_the_lock_of_the_case_both_would(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: reading without a lock, both find the case free (SQLite queues writers at its own lock)."""
    from pointsbank.cases.services import moving

    case_id = desk.at(CaseState.ACCEPTED)
    queues, together = db.engine.dialect.name == "sqlite", threading.Barrier(2)

    def unlocked(actor: Actor, _case_id: int, _parent_id: int | None) -> Case:
        row = db.session.scalars(scoped(Case, actor.community_id).where(Case.id == case_id)).one()
        if not queues:
            together.wait(5)
        return row

    monkeypatch.setattr(moving, "_locked", unlocked)
    came = _at_once(desk, lambda: services.assign_many(desk.actor("member"), [case_id]))
    assert sum(len(result.done) for result in came) == _assigned([case_id]) == (1 if queues else 2)
