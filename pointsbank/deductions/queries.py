"""What can be asked: lists for the desk and for the people concerned, one with its steps, and what it comes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.core import clock, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.i18n import N_
from pointsbank.core.paging import Page, bounded, page
from pointsbank.deductions import policy
from pointsbank.deductions.models import OPEN, STANDING, Deduction, DeductionState, DeductionStep, StepKind
from pointsbank.media import queries as media
from pointsbank.media.models import Photo
from pointsbank.people import queries as people
from pointsbank.people.models import HouseholdMember, Resident, UserResident
from pointsbank.rules import queries as rules
from pointsbank.rules import wording as rule_words
from pointsbank.rules.evaluation import Deed, Rule, Version, assess
from pointsbank.rules.models import Quantity, ScoringStandard, StandardState

_FIELDS = {Quantity.MINUTES: "minutes", Quantity.UNITS: "units", Quantity.SCORE: "score", Quantity.AMOUNT: "amount"}


# ── What it comes to ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Assessment:
    """Hundredths and how they were worked out; ``doubled_by_id`` is the earlier one that this repeats."""

    amount: int
    entries: list[dict[str, Any]]
    doubled_by_id: int | None


def assessment(deduction: Deduction) -> Assessment:
    """What a deduction comes to now, by the version in force on the day on which it was seen."""
    version = rules.version(deduction.community_id, deduction.standard_id)
    return assessed(version, version.by_code[deduction.rule_code], deduction)


def assessed(version: Version, rule: Rule, deduction: Deduction) -> Assessment:
    """The same for an item at hand."""
    field = _FIELDS.get(rule.measures)
    measured: dict[str, Any] = {field: deduction.quantity} if field is not None else {}
    amount, reckoned = assess(rule, Deed(
        kind=str(rule.kind), on=deduction.seen_on, resident_id=deduction.resident_id or 0,
        household_id=deduction.household_id, item_code=rule.code, source_key="deduction", **measured), version)
    # The sentences of an award say "earns"; what was counted stands in the letter by itself.
    price = rule_words.entry("count", N_("by item %(code)s of the rules: %(amount)s"), code=rule.code,
                             amount=rule_words.points(amount))
    entries = [price] if amount else list(reckoned)
    earlier = _earlier(deduction, rule) if rule.repeat_days and amount else None
    if earlier is None:
        return Assessment(amount, entries, None)
    doubled = rule_words.entry("count", N_("doubled, because the same of %(day)s cost points already"),
                               day={"day": earlier.seen_on.isoformat()})
    return Assessment(amount * 2, [*entries, doubled], earlier.id)


def _earlier(deduction: Deduction, rule: Rule) -> Deduction | None:
    """The latest earlier one of the same item and the same people that still stands, within the days of the item."""
    mine = () if deduction.id is None else (Deduction.id != deduction.id,)
    found: Deduction | None = db.session.scalars(
        scoped(Deduction, deduction.community_id).where(
            Deduction.owner_key == deduction.owner_key, Deduction.rule_code == rule.code,
            Deduction.state.in_(STANDING), Deduction.seen_on <= deduction.seen_on,
            Deduction.seen_on >= deduction.seen_on - dt.timedelta(rule.repeat_days), *mine)
        .order_by(Deduction.seen_on.desc(), Deduction.id.desc()).limit(1)).first()
    return found


def are_on(community_id: int) -> bool:
    """A version that was adopted here takes, or took, points away. One statement."""
    return bool(db.session.scalar(sa.select(_are_on(community_id))))


def _are_on(community_id: int) -> sa.Exists:
    return sa.exists().where(ScoringStandard.community_id == community_id,
                             ScoringStandard.state != StandardState.DRAFT, ScoringStandard.deductions)


# ── Whom it concerns ────────────────────────────────────────────────────────────────────────────────────────────


def concerned(deduction: Deduction) -> list[Resident]:
    """The grown-ups who are told: of the household today, or the one person whose points they are."""
    today = clock.today()
    if deduction.owner_key.startswith("household:") and deduction.household_id is not None:
        return people.adults_of_household(deduction.community_id, deduction.household_id, today)
    found = people.residents_by_id(deduction.community_id, [deduction.resident_id or 0])
    return [r for r in found.values() if r.left_on is None]


def is_concerned(actor: Actor, deduction: Deduction) -> bool:
    """Acts for the person, or for somebody of the household: today, or on the day of the letter."""
    if actor.resident_id is None or actor.community_id != deduction.community_id:
        return False
    if not deduction.owner_key.startswith("household:"):
        return actor.resident_id == deduction.resident_id
    days = (clock.today(), deduction.announced_on)
    homes = [people.household_on(deduction.community_id, [actor.resident_id], day)[actor.resident_id] for day in days]
    return any(home is not None and home.id == deduction.household_id for home in homes)


def may_speak(actor: Actor, deduction: Deduction) -> bool:
    """Concerned and grown up."""
    if actor.resident_id is None or not is_concerned(actor, deduction):
        return False
    return not people.resident(deduction.community_id, actor.resident_id).is_minor(clock.today())


def had_a_part(deduction: Deduction) -> set[int]:
    """The users who may not decide about an appeal: who announced, who decided, and who wrote anything down for those
    concerned."""
    clerks = db.session.scalars(sa.select(DeductionStep.by_user_id).where(
        DeductionStep.community_id == deduction.community_id, DeductionStep.deduction_id == deduction.id,
        DeductionStep.on_paper))
    return {deduction.announced_by_id, deduction.decided_by_id or 0, *clerks}


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _seen_by(actor: Actor) -> sa.Select[Any]:
    """The desk sees all, whoever announces from a grid only their own."""
    query = scoped(Deduction, actor.community_id)
    return query if policy.is_desk(actor) else query.where(Deduction.announced_by_id == (actor.user_id or 0))


def waiting(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Deduction]:
    """What waits for a word of the desk: what is overdue first, then by the day by which it has to come."""
    size = bounded(limit)
    query = _seen_by(actor).where(Deduction.state.in_(OPEN), Deduction.due_on.is_not(None))
    if cursor:
        day, last_id = _position(cursor)
        query = query.where(sa.or_(Deduction.due_on > day, sa.and_(Deduction.due_on == day, Deduction.id > last_id)))
    rows = list(db.session.scalars(query.order_by(Deduction.due_on, Deduction.id).limit(size + 1)))
    last = rows[size - 1] if len(rows) > size else None
    following = tokens.sign("deductions", [last.due_on.isoformat(), last.id]) if last is not None else None
    return Page(rows[:size], following)


def _position(cursor: str) -> tuple[dt.date, int]:
    value = tokens.unsign("deductions", cursor)
    if not (isinstance(value, list) and len(value) == 2):
        raise tokens.BadToken
    return dt.date.fromisoformat(value[0]), int(value[1])


def listed(actor: Actor, *, state: DeductionState | None = None, cursor: str | None = None,
           limit: int | None = None) -> Page[Deduction]:
    """All of them, or those in one state, newest first."""
    query = _seen_by(actor)
    if state is not None:
        query = query.where(Deduction.state == state)
    return page(query, Deduction.id, cursor=cursor, limit=limit)


def own(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Deduction]:
    """Those of the resident acted for and of their household of today, newest first."""
    return page(_own(actor), Deduction.id, cursor=cursor, limit=limit)


def own_count(actor: Actor) -> int:
    """How many there are, so that nobody is led to an empty list. One statement."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(_own(actor).subquery())) or 0


def _own(actor: Actor) -> sa.Select[Any]:
    if actor.resident_id is None or actor.community_id is None:
        raise NotFound
    today = clock.today()
    home = sa.select(HouseholdMember.household_id).where(
        HouseholdMember.resident_id == actor.resident_id, HouseholdMember.since_on <= today,
        sa.or_(HouseholdMember.until_on.is_(None), HouseholdMember.until_on > today))
    return scoped(Deduction, actor.community_id).where(sa.or_(
        Deduction.owner_key == f"resident:{actor.resident_id}",
        sa.and_(Deduction.owner_key.like("household:%"), Deduction.household_id.in_(home))))


def waiting_columns(actor: Actor) -> tuple[Any, Any]:
    """For the desk's one statement: how many wait for this very person, and whether there is anything of the kind."""
    today, user = clock.today(), actor.user_id
    home = (sa.select(HouseholdMember.household_id)
            .join(UserResident, UserResident.resident_id == HouseholdMember.resident_id)
            .where(UserResident.user_id == user, HouseholdMember.until_on.is_(None)))
    to_look_at = sa.and_(Deduction.state == DeductionState.ANNOUNCED, sa.or_(
        Deduction.put_right_at.is_not(None),
        sa.and_(Deduction.rectify_by < today, Deduction.announced_by_id != user)))
    to_answer = sa.and_(Deduction.state == DeductionState.APPEALED, Deduction.announced_by_id != user,
                        Deduction.decided_by_id != user)
    count = sa.select(sa.func.count()).select_from(Deduction).where(
        Deduction.community_id == actor.community_id, sa.or_(to_look_at, to_answer),
        sa.or_(Deduction.household_id.is_(None), Deduction.household_id.not_in(home)))
    return count.scalar_subquery(), _are_on(actor.community_id or 0)


# ── One ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def seen(actor: Actor, deduction_id: int) -> Deduction:
    """A deduction for those concerned, whoever announced it, and the desk. Raises NotFound for everybody else."""
    row = get_scoped(Deduction, deduction_id, actor.community_id)
    if not policy.may_see(actor, row, is_concerned(actor, row)):
        raise NotFound
    return row


def on_desk(actor: Actor, deduction_id: int) -> Deduction:
    """The same for the desk and whoever announced it only."""
    row = get_scoped(Deduction, deduction_id, actor.community_id)
    if not policy.may_see(actor, row, is_concerned=False):
        raise NotFound
    return row


def steps(deduction: Deduction) -> Sequence[DeductionStep]:
    """What happened, in order."""
    return db.session.scalars(scoped(DeductionStep, deduction.community_id).where(
        DeductionStep.deduction_id == deduction.id).order_by(DeductionStep.id)).all()


def photos(deduction: Deduction) -> list[Photo]:
    """What it rests on, and what was sent as an answer."""
    return media.photos_of(deduction.community_id, [deduction.key])[deduction.key]


def photo(actor: Actor, deduction_id: int, key: str) -> Photo:
    """One photo of a deduction that the actor may see. Raises NotFound."""
    row = seen(actor, deduction_id)
    found = next((one for one in photos(row) if one.key == key), None)
    if found is None:
        raise NotFound
    return found


def whose(community_id: int, found: Iterable[Deduction]) -> dict[int, str]:
    """Household number and name of each, for the desk and the letter; two statements."""
    rows = list(found)
    homes = people.households_by_id(community_id, {d.household_id for d in rows if d.household_id is not None})
    who = people.residents_by_id(community_id, {d.resident_id for d in rows if d.resident_id is not None})
    named: dict[int, str] = {}
    for row in rows:
        parts = [homes[row.household_id].number if row.household_id in homes else "",
                 who[row.resident_id].name if row.resident_id in who else ""]
        named[row.id] = " ".join(part for part in parts if part)
    return named


def last_words(deduction: Deduction, found: Sequence[DeductionStep], *kinds: StepKind) -> str:
    """What the last step of these kinds says."""
    return next((step.text for step in reversed(found) if step.kind in kinds), "")
