"""Routes and their checkpoints, in an order that people change one step at a time; checklists."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.cases.models import CaseVisibility, Category
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.patrols import checklists, policy
from pointsbank.patrols.errors import (
    BadChecklist,
    BadItem,
    BadPlace,
    BadRoute,
    NameTaken,
    NotAllowed,
    OutOfTurn,
    RouteClosed,
    TooManyCheckpoints,
)
from pointsbank.patrols.models import (
    Checkpoint,
    Patrol,
    PatrolRoute,
    PatrolSetting,
    RouteKind,
    Shift,
)
from pointsbank.patrols.services.steps import call_off
from pointsbank.people import queries as people
from pointsbank.places import queries as places
from pointsbank.rules import queries as rules

MOST_CHECKPOINTS = 40


@dataclass(frozen=True)
class RouteDraft:
    """What is said about a route."""

    name: str
    kind: RouteKind
    team_id: int
    note: str = ""


@dataclass(frozen=True)
class Line:
    """A question of a checklist and the kind of problem it becomes; ``key`` is kept where the question stays."""

    ask: str
    category_id: int | None = None
    key: str = ""


def open_route(actor: Actor, route_id: int, *, lock: bool = True) -> PatrolRoute:
    """An open route that the actor keeps. Raises NotFound, NotAllowed, RouteClosed."""
    route = get_scoped(PatrolRoute, route_id, actor.community_id, lock=lock)
    if not policy.may_keep(actor, route.team_id):
        raise NotAllowed
    if route.closed_at is not None:
        raise RouteClosed
    return route


def _check(actor: Actor, draft: RouteDraft, but: int = 0) -> str:
    if actor.community_id is None or not policy.may_keep(actor, draft.team_id):
        raise NotAllowed
    team = people.team(actor.community_id, draft.team_id)
    name = draft.name.strip()
    if not 1 <= len(name) <= 60 or len(draft.note) > 200 or team.closed_on is not None:
        raise BadRoute(fields={"name": BadRoute.message})
    taken = sa.select(PatrolRoute.id).where(
        PatrolRoute.community_id == actor.community_id, PatrolRoute.name == name, PatrolRoute.closed_at.is_(None),
        PatrolRoute.id != but)
    if db.session.scalar(taken) is not None:
        raise NameTaken(fields={"name": NameTaken.message})
    return name


def create_route(actor: Actor, draft: RouteDraft) -> PatrolRoute:
    """Enter a route. Raises NotAllowed, NotFound (team), BadRoute, NameTaken."""
    name = _check(actor, draft)
    route = PatrolRoute(community_id=actor.community_id, team_id=draft.team_id, name=name, kind=draft.kind,
                        note=draft.note.strip(), created_by_id=actor.user_id, created_at=clock.now())
    db.session.add(route)
    _flush_name()
    audit.write(actor, "patrols.create_route", f"route:{route.id}")
    return route


def _flush_name() -> None:
    """One after the other this is said kindly before; at the same moment the unique index says it."""
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if "uq_patrol_route_open_name" in str(error.orig) or "patrol_route.name" in str(error.orig):
            raise NameTaken from None
        raise


def change_route(actor: Actor, route_id: int, draft: RouteDraft) -> PatrolRoute:
    """Say name, kind and note anew; the team stays. Raises as creating does, and RouteClosed."""
    route = open_route(actor, route_id)
    name = _check(actor, RouteDraft(draft.name, draft.kind, route.team_id, draft.note), route.id)
    route.name, route.kind, route.note = name, draft.kind, draft.note.strip()
    _flush_name()
    audit.write(actor, "patrols.change_route", f"route:{route.id}")
    return route


def close_route(actor: Actor, route_id: int) -> PatrolRoute:
    """It is walked no more: its rota ends, and rounds that nobody began are called off. Raises as ``open_route``."""
    route = open_route(actor, route_id)
    route.closed_at = clock.now()
    db.session.execute(sa.update(Shift).where(
        Shift.community_id == route.community_id, Shift.route_id == route.id, Shift.until_on.is_(None))
        .values(until_on=clock.today()))
    call_off(actor, route.community_id, Patrol.route_id == route.id)
    audit.write(actor, "patrols.close_route", f"route:{route.id}")
    return route


# ── Checkpoints ─────────────────────────────────────────────────────────────────────────────────────────────────


def open_checkpoints(route: PatrolRoute) -> Sequence[Checkpoint]:
    """The checkpoints of a route in the order in which they are walked."""
    return db.session.scalars(scoped(Checkpoint, route.community_id).where(
        Checkpoint.route_id == route.id, Checkpoint.closed_at.is_(None))
        .order_by(Checkpoint.position, Checkpoint.id)).all()


def open_kinds(community_id: int | None) -> Sequence[Category]:
    """The kinds of problems that rounds take: open, and not kept from residents; in the order of their entry."""
    return db.session.scalars(scoped(Category, community_id).where(
        Category.closed_at.is_(None), Category.visibility != CaseVisibility.STAFF)
        .order_by(Category.id).limit(200)).all()


def kinds_of_problem(community_id: int) -> dict[int, tuple[str, str]]:
    """The name and group of each kind of problem that rounds take, by id, in the order of their entry."""
    return {c.id: (c.name, c.group_code) for c in open_kinds(community_id)}


def add_checkpoint(actor: Actor, route_id: int, place_id: int, *, template: RouteKind | None = None) -> Checkpoint:
    """Put a place at the end of the route, with the checklist of a kind (that of the route unless told otherwise).

    Raises what ``open_route`` raises, BadPlace, TooManyCheckpoints.
    """
    route = open_route(actor, route_id)
    have = open_checkpoints(route)
    if places.by_ids(route.community_id, [place_id]).get(place_id) is None or place_id in {c.place_id for c in have}:
        raise BadPlace(fields={"place_id": BadPlace.message})
    if len(have) >= MOST_CHECKPOINTS:
        raise TooManyCheckpoints(most=MOST_CHECKPOINTS)
    row = Checkpoint(
        community_id=route.community_id, route_id=route.id, place_id=place_id,
        position=have[-1].position + 1 if have else 1,
        checklist=checklists.copied(template or route.kind, kinds_of_problem(route.community_id)))
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "patrols.add_checkpoint", f"route:{route.id}", checkpoint=row.id)
    return row


def _checkpoint(actor: Actor, checkpoint_id: int) -> tuple[PatrolRoute, Checkpoint]:
    row = get_scoped(Checkpoint, checkpoint_id, actor.community_id)
    route = open_route(actor, row.route_id)
    db.session.refresh(row)
    if row.closed_at is not None:
        raise OutOfTurn
    return route, row


def move_checkpoint(actor: Actor, checkpoint_id: int, *, up: bool) -> Checkpoint:
    """Change places with the checkpoint before or behind it; at the end of the row nothing happens.

    Raises what ``open_route`` raises, OutOfTurn where it is no longer on the route.
    """
    route, row = _checkpoint(actor, checkpoint_id)
    have = list(open_checkpoints(route))
    at = have.index(row)
    to = at - 1 if up else at + 1
    if 0 <= to < len(have):
        have[at], have[to] = have[to], have[at]
    for position, one in enumerate(have, 1):
        one.position = position
    db.session.flush()
    audit.write(actor, "patrols.move_checkpoint", f"route:{route.id}", checkpoint=row.id)
    return row


def remove_checkpoint(actor: Actor, checkpoint_id: int) -> Checkpoint:
    """Take a checkpoint out of the route; rounds that are planned already keep it. Raises as moving does."""
    route, row = _checkpoint(actor, checkpoint_id)
    row.closed_at = clock.now()
    db.session.flush()
    audit.write(actor, "patrols.remove_checkpoint", f"route:{route.id}", checkpoint=row.id)
    return row


def set_checklist(actor: Actor, checkpoint_id: int, lines: Sequence[Line]) -> Checkpoint:
    """Say the questions of a checkpoint anew; rounds that are planned keep theirs.

    Raises as moving does, BadChecklist.
    """
    route, row = _checkpoint(actor, checkpoint_id)
    known = kinds_of_problem(route.community_id)
    keys = {line["key"] for line in row.checklist}
    made: list[dict[str, Any]] = []
    for line in lines:
        ask = line.ask.strip()
        wrong = not 2 <= len(ask) <= 80 or (line.category_id is not None and line.category_id not in known)
        if wrong or len(lines) > checklists.MOST_LINES:
            raise BadChecklist(most=checklists.MOST_LINES, fields={
                "lines": BadChecklist(most=checklists.MOST_LINES).sentence})
        key = line.key if line.key in keys else secrets.token_hex(3)
        made.append({"key": key, "ask": ask, "category_id": line.category_id})
    row.checklist = made
    db.session.flush()
    audit.write(actor, "patrols.set_checklist", f"route:{route.id}", checkpoint=row.id, lines=len(made))
    return row


def use_template(actor: Actor, checkpoint_id: int, kind: RouteKind) -> Checkpoint:
    """Begin the checklist of a checkpoint anew from a template. Raises as moving does."""
    route, row = _checkpoint(actor, checkpoint_id)
    row.checklist = checklists.copied(kind, kinds_of_problem(route.community_id))
    db.session.flush()
    audit.write(actor, "patrols.use_template", f"route:{route.id}", checkpoint=row.id, kind=kind.value)
    return row


# ── What is filed under which item ──────────────────────────────────────────────────────────────────────────────


def set_items(actor: Actor, *, round_item: str, look_item: str, proposal_item: str) -> PatrolSetting:
    """Say under which items of the standard rounds, second looks and adopted proposals are filed; empty as the table
    says. Raises NotAllowed, BadItem."""
    if actor.community_id is None or not policy.may_answer(actor):
        raise NotAllowed
    codes = {rule.code for rule in rules.items(actor.community_id)}
    given = {"round_item": round_item.strip(), "look_item": look_item.strip(), "proposal_item": proposal_item.strip()}
    wrong = {name: BadItem.message for name, code in given.items() if code and code not in codes}
    if wrong:
        raise BadItem(fields=wrong)
    row = db.session.get(PatrolSetting, actor.community_id)
    if row is None:
        row = PatrolSetting(community_id=actor.community_id)
        db.session.add(row)
    for name, code in given.items():
        setattr(row, name, code)
    db.session.flush()
    audit.write(actor, "patrols.set_items", f"area:{actor.community_id}", items=given)
    return row


def items_of(community_id: int | None) -> PatrolSetting:
    """What is filed under which item; empty where nothing was said."""
    if community_id is None:
        raise NotFound
    return db.session.get(PatrolSetting, community_id) or PatrolSetting(
        community_id=community_id, round_item="", look_item="", proposal_item="")
