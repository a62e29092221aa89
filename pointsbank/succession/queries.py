"""What can be asked about cases: lists, one case, what a wish would come to, which households need one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import queries as areas
from pointsbank.contributions import queries as deeds
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden
from pointsbank.core.paging import Page, page
from pointsbank.ledger import queries as book
from pointsbank.ledger import services as ledger
from pointsbank.ledger.models import NEVER, AccountKind, Book, PointsAccount
from pointsbank.people import queries as people
from pointsbank.people.models import Household, HouseholdMember
from pointsbank.succession import policy
from pointsbank.succession.models import ChangeKind, ChangeState, HouseholdChange, HouseholdChangePerson
from pointsbank.succession.plans import NEW, Act, Plan, Step, Wish, household_key, step_from, wish_from
from pointsbank.succession.services import open_orders, plan, refuse_kin

MOST_SHOWN = 20


@dataclass(frozen=True)
class Part:
    """A part of a lot that goes: ``day`` is its last day (None: never lapses), ``was_day`` what that was before."""

    book: Book
    amount: int
    day: dt.date | None
    was_day: dt.date | None


@dataclass(frozen=True)
class Moved:
    """What goes from one owner to another: parts of lots, earliest first, and debts by book.

    ``left`` is what the giver keeps to use, beforehand; None where it is all, or not known any more.
    """

    giver: str
    receiver: str
    parts: tuple[Part, ...] = ()
    debts: tuple[tuple[Book, int], ...] = ()
    left: int | None = None

    @property
    def points(self) -> int:
        """Hundredths of points in all."""
        return sum(part.amount for part in self.parts if part.book is Book.POINTS)


@dataclass(frozen=True)
class Preview:
    """What a wish comes to today, or what a confirmed case did.

    ``orders`` stand in the way; ``coming`` is on its way to those who give, by owner, and ``closed`` are those whose
    passbooks end; ``late_deeds`` are dated after somebody was gone. ``names`` says who the owners and residents are.
    """

    steps: Sequence[Step]
    moves: Sequence[Moved]
    names: dict[str, str]
    orders: Sequence[str] = ()
    coming: dict[str, int] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    late_deeds: int = 0


def preview(actor: Actor, wish: Wish) -> Preview:
    """What a wish would come to now. Raises what would refuse it; open orders are listed, not refused."""
    if not policy.may_change(actor) or actor.community_id is None:
        raise Forbidden
    found = plan(actor.community_id, wish)
    refuse_kin(found, {actor.user_id or 0})
    return _foreseen(actor.community_id, found)


def foreseen(change: HouseholdChange) -> Preview:
    """What a proposed case would come to now. Raises what has become wrong with it."""
    return _foreseen(change.community_id, plan(change.community_id, wish_from(change.wish)))


def _foreseen(community_id: int, found: Plan) -> Preview:
    moves = _moves(community_id, found)
    gone = [s.resident_id for s in found.steps if s.act in {Act.LEAVE, Act.DIE} and s.resident_id is not None]
    first = found.wish.on + dt.timedelta(days=1 if found.wish.kind is ChangeKind.DEATH else 0)
    givers = [b.giver for b in found.bequests]
    return Preview(
        found.steps, moves, _names(community_id, found.steps, moves, givers),
        open_orders(community_id, givers), deeds.pending_sums(community_id, givers),
        frozenset(b.giver for b in found.bequests if b.closes),
        deeds.deeds_since(community_id, gone, first) if gone else 0)


def _moves(community_id: int, found: Plan) -> list[Moved]:
    portions = ledger.foreseen(community_id, found.bequests, clock.today()) if found.bequests else []
    have = book.availables(community_id, [b.giver for b in found.bequests], clock.today())
    moves = [Moved(b.giver, b.receiver, tuple(
        Part(p.book, p.amount, _day(p.to_day), _day(p.from_day)) for p in one.pieces), tuple(one.debts.items()),
        None if b.closes else have.get(b.giver, 0) - one.points)
        for b, one in zip(found.bequests, portions, strict=True)]
    wanted = found.inheritance
    for one in found.returns:
        giver, receiver = one.giver, one.receiver
        if wanted is not None:
            giver, receiver = (wanted.heir, wanted.waiting) if wanted.back else (wanted.waiting, wanted.heir)
        part = (Part(one.book, one.amount, _day(one.day), _day(one.day)),) if one.day is not None else ()
        moves.append(Moved(giver, receiver, part, () if part else ((one.book, one.amount),)))
    return [m for m in _together(moves) if m.parts or m.debts]


def _together(moves: Iterable[Moved]) -> list[Moved]:
    """One for each pair of owners."""
    pairs: dict[tuple[str, str], Moved] = {}
    for m in moves:
        known = pairs.get((m.giver, m.receiver), Moved(m.giver, m.receiver))
        parts = sorted((*known.parts, *m.parts), key=lambda p: (p.book, p.day or NEVER))
        pairs[m.giver, m.receiver] = Moved(m.giver, m.receiver, tuple(parts), (*known.debts, *m.debts), m.left)
    return list(pairs.values())


def _day(day: dt.date | None) -> dt.date | None:
    return None if day in (None, NEVER) else day


def stated(change: HouseholdChange) -> Preview:
    """What a confirmed case did, from its statement."""
    statement = change.statement or {"steps": [], "pieces": [], "debts": []}
    steps = [step_from(stored) for stored in statement["steps"]]
    moves = _together([
        *(Moved(p["giver"], p["receiver"], (Part(Book(p["book"]), p["amount"], _read(p["day"]), _read(p["was_day"])),))
          for p in statement["pieces"]),
        *(Moved(d["giver"], d["receiver"], (), ((Book(d["book"]), d["amount"]),)) for d in statement["debts"])])
    return Preview(steps, moves, _names(change.community_id, steps, moves))


def _read(day: str | None) -> dt.date | None:
    return dt.date.fromisoformat(day) if day else None


def _names(community_id: int, steps: Sequence[Step], moves: Sequence[Moved],
           more: Iterable[str] = ()) -> dict[str, str]:
    """Household numbers, names and buildings by key, for all that steps and moves speak of. Three statements."""
    keys = {k for m in moves for k in (m.giver, m.receiver)} | set(more)
    keys |= {f"resident:{s.resident_id}" for s in steps if s.resident_id is not None}
    keys |= {household_key(h) for s in steps for h in (s.household_id, s.was_household_id) if h is not None}
    found = owner_names(community_id, keys)
    places = areas.by_ids(s.area_id for s in steps if s.area_id is not None)
    founded = next((s.number for s in steps if s.act is Act.FOUND and s.household_id == NEW), "")
    return {**found, household_key(NEW): founded, **{f"area:{i}": area.name for i, area in places.items()}}


def owner_names(community_id: int, keys: Iterable[str], named: Callable[[str], str] = str) -> dict[str, str]:
    """Household numbers, names of teams, and names of residents as ``named`` shows them, by owner key."""
    ids: dict[str, set[int]] = {"household": set(), "resident": set(), "team": set()}
    wanted = [(key, *key.partition(":")[::2]) for key in keys]
    for _key, kind, number in wanted:
        ids[kind].add(int(number))
    found = {
        "household": {i: home.number for i, home in people.households_by_id(community_id, ids["household"]).items()},
        "resident": {i: named(who.name) for i, who in people.residents_by_id(community_id, ids["resident"]).items()},
        "team": {t.id: t.name for t in people.teams(community_id, closed=True)} if ids["team"] else {}}
    return {key: found[kind].get(int(number), "") for key, kind, number in wanted}


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────


def changes(community_id: int | None, *, open_only: bool = False, cursor: str | None = None,
            limit: int | None = None) -> Page[HouseholdChange]:
    """The community's cases, newest first."""
    query = scoped(HouseholdChange, community_id)
    if open_only:
        query = query.where(HouseholdChange.state == ChangeState.PROPOSED)
    return page(query, HouseholdChange.id, cursor=cursor, limit=limit)


def change(community_id: int | None, change_id: int) -> HouseholdChange:
    """One case of this community. Raises NotFound."""
    return get_scoped(HouseholdChange, change_id, community_id)


def of_household(community_id: int, household_id: int) -> Sequence[HouseholdChange]:
    """The newest cases of a household that were not withdrawn or refused."""
    return _newest(community_id, sa.or_(HouseholdChange.household_id == household_id,
                                        HouseholdChange.other_household_id == household_id))


def of_resident(community_id: int, resident_id: int) -> Sequence[HouseholdChange]:
    """The newest cases that concern somebody."""
    mine = sa.select(HouseholdChangePerson.change_id).where(
        HouseholdChangePerson.community_id == community_id, HouseholdChangePerson.resident_id == resident_id)
    return _newest(community_id, HouseholdChange.id.in_(mine))


def _newest(community_id: int, where: sa.ColumnElement[bool]) -> Sequence[HouseholdChange]:
    return db.session.scalars(
        scoped(HouseholdChange, community_id)
        .where(where, HouseholdChange.state.in_([ChangeState.PROPOSED, ChangeState.CONFIRMED]))
        .order_by(HouseholdChange.id.desc()).limit(MOST_SHOWN)).all()


def numbers_of(community_id: int, found: Iterable[HouseholdChange]) -> dict[int, str]:
    """The numbers of the households that cases are about, by household id. One statement."""
    ids = {h for c in found for h in (c.household_id, c.other_household_id) if h is not None}
    return {i: home.number for i, home in people.households_by_id(community_id, ids).items()}


def undone_by(change_id: int) -> HouseholdChange | None:
    """The case that took another one back."""
    return db.session.scalars(sa.select(HouseholdChange).where(
        HouseholdChange.undoes_id == change_id, HouseholdChange.state == ChangeState.CONFIRMED)).one_or_none()


# ── What needs a case ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Waiting:
    """Points of somebody who is gone, by lot: they wait for an heir, or to be used with the card."""

    sum: int
    lots: Sequence[book.LotView]


def remainder(community_id: int, resident_id: int) -> Waiting:
    """What remains of somebody who is not here any more."""
    lots = book.lots(community_id, f"remainder:{resident_id}", clock.today())
    return Waiting(sum(lot.remaining for lot in lots), lots)


def headless(community_id: int) -> Sequence[Household]:
    """Households that somebody belongs to, and nobody as the head."""
    return db.session.scalars(
        scoped(Household, community_id).where(Household.id.in_(people.headless(community_id)))
        .order_by(Household.number).limit(MOST_SHOWN)).all()


def deserted(community_id: int) -> list[tuple[Household, int]]:
    """Households that nobody belongs to, with the points that still lie in their passbooks."""
    somebody = sa.select(sa.literal(1)).where(
        HouseholdMember.household_id == Household.id, HouseholdMember.until_on.is_(None)).exists()
    key: Any = sa.literal("household:") + sa.cast(Household.id, sa.String)
    rows = db.session.execute(
        sa.select(Household, PointsAccount.balance)
        .join(PointsAccount, sa.and_(PointsAccount.community_id == Household.community_id,
                                     PointsAccount.owner_key == key, PointsAccount.kind == AccountKind.WALLET,
                                     PointsAccount.book == Book.POINTS, PointsAccount.balance > 0,
                                     PointsAccount.successor_id.is_(None)))
        .where(Household.community_id == community_id, Household.closed_on.is_(None), ~somebody)
        .order_by(Household.number).limit(MOST_SHOWN))
    return [(row[0], row[1] or 0) for row in rows]
