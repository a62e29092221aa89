"""Many cases at once: accepted or given to whoever kind and area name, each whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import NoProposal, NothingTicked, NotYourPart
from pointsbank.cases.models import Case, CaseRoute, Category, Unit, UnitMember, stands_in
from pointsbank.cases.moves import OPEN
from pointsbank.cases.routing import Route, proposed_person, proposed_unit
from pointsbank.cases.services.moving import Step, move
from pointsbank.communities import queries as areas
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.places import queries as places

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Taker:
    """Who a case is proposed to."""

    unit_id: int
    user_id: int


@dataclass
class Dispatch:
    """What came of many: the cases that were moved, and why the others were not, by their number."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, DomainError] = field(default_factory=dict)


def attempt(actor: Actor, case_id: int, verb: str, step: Step) -> Case:
    """One step that leaves nothing behind where it is refused, so that the case can still be shown as it is.

    Raises what ``move`` raises.
    """
    with db.session.begin_nested():
        return move(actor, case_id, verb, step)


def accept_many(actor: Actor, case_ids: Sequence[int]) -> Dispatch:
    """Accept at most 100 reports, each by itself. Raises NotYourPart, NothingTicked."""
    return _each(actor, _ticked(actor, case_ids), "accept", lambda _case_id: Step())


def assign_many(actor: Actor, case_ids: Sequence[int], *, unit_id: int | None = None,
                handler_id: int | None = None) -> Dispatch:
    """Give at most 100 cases out, each by itself: to this unit and person, or to whom kind and area name.

    Raises NotYourPart, NothingTicked; what refuses a single case stands beside its number.
    """
    ids = _ticked(actor, case_ids)
    if unit_id is not None and handler_id is not None:
        chosen = Step(unit_id=unit_id, handler_id=handler_id)
        return _each(actor, ids, "assign", lambda _case_id: chosen)
    cases = {case.id: case for case in db.session.scalars(scoped(Case, actor.community_id).where(Case.id.in_(ids)))}
    takers = Board(actor.community_id or 0).takers([cases[one] for one in ids if one in cases])

    def by_rule(case_id: int) -> Step:
        taker = takers.get(case_id)
        if taker is None:
            raise NoProposal if case_id in cases else NotFound
        return Step(unit_id=taker.unit_id, handler_id=taker.user_id)

    return _each(actor, ids, "assign", by_rule)


def _ticked(actor: Actor, case_ids: Sequence[int]) -> list[int]:
    """In the order of their numbers: two who do this at once lock in the same order."""
    if actor.user_id is None or not actor.has_role(*policy.DISPATCHERS):
        raise NotYourPart
    ids = sorted(set(case_ids))
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise NothingTicked(most=MOST_AT_ONCE)
    return ids


def _each(actor: Actor, ids: Sequence[int], verb: str, step: Callable[[int], Step]) -> Dispatch:
    came = Dispatch()
    for case_id in ids:
        try:
            attempt(actor, case_id, verb, step(case_id))
        except DomainError as refusal:
            came.refused[case_id] = refusal
        else:
            came.done.append(case_id)
    return came


# ── Kind and area ───────────────────────────────────────────────────────────────────────────────────────────────


class Board:
    """What the rule has to know of a community, read once: five statements, however many cases are asked about."""

    def __init__(self, community_id: int) -> None:
        self.community_id = community_id
        self.paths = {area.id: area.path for area in areas.areas_of(community_id)}
        self.home = self.paths.get(community_id, "")
        units = db.session.scalars(scoped(Unit, community_id).where(Unit.closed_at.is_(None))).all()
        self.reach = {unit.id: self.paths.get(unit.area_id or 0, "") for unit in units}
        self.members: dict[int, list[int]] = {}
        for unit_id, user_id in db.session.execute(sa.select(UnitMember.unit_id, UnitMember.user_id).where(
                UnitMember.community_id == community_id)):
            self.members.setdefault(unit_id, []).append(user_id)
        self.routes: dict[int, list[Route]] = {}
        for route in db.session.scalars(scoped(CaseRoute, community_id)):
            if route.area_id in self.paths:
                self.routes.setdefault(route.category_id, []).append(
                    Route(self.paths[route.area_id], route.unit_id))
        self.load: Counter[int] = Counter({row[0] or 0: row[1] for row in db.session.execute(
            sa.select(Case.handler_id, sa.func.count()).where(
                Case.community_id == community_id, Case.handler_id.is_not(None), stands_in(*OPEN))
            .group_by(Case.handler_id))})

    def takers(self, cases: Collection[Case]) -> dict[int, Taker]:
        """By case: whom it is proposed to; each counts in the load of the next. Three statements."""
        kinds = {one.id: one.unit_id for one in db.session.scalars(scoped(Category, self.community_id).where(
            Category.id.in_({case.category_id for case in cases})))}
        lies = places.by_ids(self.community_id, {case.place_id for case in cases if case.place_id is not None})
        reporters = queries.reporting_users(cases)
        found = {}
        for case in cases:
            place = lies.get(case.place_id or 0)
            path = self.paths.get(place.area_id or 0, self.home) if place is not None else self.home
            unit_id = proposed_unit(path, kinds.get(case.category_id), self.routes.get(case.category_id, []),
                                    self.reach)
            user_id = proposed_person(self.members.get(unit_id or 0, []), self.load, reporters[case.id])
            if unit_id is not None and user_id is not None:
                found[case.id] = Taker(unit_id, user_id)
                self.load[user_id] += 1
        return found
