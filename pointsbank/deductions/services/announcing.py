"""The letter: what was seen, how to put it right, until when, and what it would come to otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities import queries as areas
from pointsbank.communities import settings
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.formats import format_day
from pointsbank.core.i18n import N_
from pointsbank.deductions import policy, queries
from pointsbank.deductions.errors import (
    AlreadyAnnounced,
    BadDay,
    NobodyConcerned,
    NotAllowed,
    QuantityMissing,
    SwitchedOff,
    TooLittleTime,
    UnderAge,
)
from pointsbank.deductions.models import Deduction, DeductionState, StepKind
from pointsbank.deductions.services.steps import note, refuse_family, tell_concerned, words
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.people import queries as people
from pointsbank.people.models import Household, Resident
from pointsbank.publicity.services.deadlines import answer_due
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Rule, Version
from pointsbank.rules.models import Quantity, Receiver

DAYS_BACK = 90
DAYS_AHEAD = 365


@dataclass(frozen=True)
class Announcement:
    """What is announced. A household, or one grown-up person where the item concerns a person.

    ``quantity`` in the unit of the item: minutes, pieces, hundredths of a mark, fen; None for an item per time.
    ``rectify_by``: the last day to put it right; None gives the days of the community.
    """

    item_code: str
    seen_on: dt.date
    seen: str
    how: str
    household_id: int | None = None
    resident_id: int | None = None
    quantity: int | None = None
    rectify_by: dt.date | None = None
    photo_ids: Sequence[int] = ()


@dataclass(frozen=True)
class _Whose:
    owner_key: str
    household: Household | None
    resident: Resident | None


def announce(actor: Actor, wanted: Announcement) -> Deduction:
    """Announce what would cost points, and tell the people concerned; nothing is taken.

    Raises NotAllowed, SwitchedOff, BadDay, NobodyConcerned, UnderAge, OwnFamily, TooLittleTime, WordsMissing,
    QuantityMissing, AlreadyAnnounced.
    """
    community_id = actor.community_id
    if community_id is None or not (policy.is_judge(actor) or policy.may_announce(actor, None)):
        raise NotAllowed
    version, rule = _item(community_id, wanted)
    whose = _whose(community_id, rule, wanted)
    if not policy.may_announce(actor, _path_of(whose)):
        raise NotAllowed
    seen, how = words(wanted.seen, "seen"), words(wanted.how, "how")
    quantity = _quantity(rule, wanted.quantity)
    rectify_by = _last_day(community_id, wanted.rectify_by)
    now = clock.now()
    deduction = Deduction(
        community_id=community_id, state=DeductionState.ANNOUNCED, owner_key=whose.owner_key,
        household_id=whose.household.id if whose.household is not None else None,
        resident_id=whose.resident.id if whose.resident is not None else None, standard_id=version.id,
        rule_code=rule.code, rule_name=rule.name, seen_on=wanted.seen_on, seen=seen, how=how, quantity=quantity,
        foreseen=0, announced_by_id=actor.user_id or 0, announced_at=now, announced_on=clock.today(),
        rectify_by=rectify_by, due_on=answer_due(community_id, rectify_by))
    refuse_family(actor, deduction)
    _refuse_twice(community_id, deduction)
    deduction.foreseen = queries.assessed(version, rule, deduction).amount
    if not deduction.foreseen:
        raise QuantityMissing(fields={"quantity": QuantityMissing.message})
    db.session.add(deduction)
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if "uq_deduction_standing" in str(error.orig) or "deduction.seen_on" in str(error.orig):
            raise AlreadyAnnounced from None
        raise
    media.attach(actor, list(wanted.photo_ids), deduction.key, purpose=Purpose.DEDUCTION)
    note(actor, deduction, StepKind.ANNOUNCED, seen)
    tell_concerned(deduction, N_(
        "You got a letter about “%(what)s”. Put it right by %(day)s and nothing is taken. Only you can see this."),
        {"day": {"day": rectify_by.isoformat()}})
    return deduction


def _item(community_id: int, wanted: Announcement) -> tuple[Version, Rule]:
    """The item in the version in force on the day it was seen."""
    today = clock.today()
    if not today - dt.timedelta(DAYS_BACK) <= wanted.seen_on <= today:
        raise BadDay(days=DAYS_BACK, fields={"seen_on": BadDay(days=DAYS_BACK).sentence})
    version = rules.version_in_force(community_id, wanted.seen_on)
    rule = next((r for r in rules.taking(version) if r.code == wanted.item_code), None)
    if version is None or rule is None:
        raise SwitchedOff(fields={"item": SwitchedOff.message})
    return version, rule


def _whose(community_id: int, rule: Rule, wanted: Announcement) -> _Whose:
    """Whose wallet it would be taken from: as the item says, by the household of the day."""
    day = wanted.seen_on
    home, who = _named(community_id, wanted)
    if rule.receiver is Receiver.HOUSEHOLD and home is not None:
        return _Whose(f"household:{home.id}", home, who)
    if rule.receiver is Receiver.HEAD and home is not None:
        head_id = people.heads_then(community_id, [home.id])(home.id, day)
        who = people.residents_by_id(community_id, [head_id]).get(head_id) if head_id is not None else None
    if rule.receiver is Receiver.HOUSEHOLD or who is None:
        raise NobodyConcerned(fields={"whom": NobodyConcerned.message})
    _refuse_minor(who, day)
    return _Whose(f"resident:{who.id}", home, who)


def _named(community_id: int, wanted: Announcement) -> tuple[Household | None, Resident | None]:
    if wanted.resident_id is not None:
        who = people.resident(community_id, wanted.resident_id)
        _refuse_minor(who, wanted.seen_on)
        if who.left_on is not None:
            raise NobodyConcerned(fields={"whom": NobodyConcerned.message})
        return people.household_on(community_id, [who.id], wanted.seen_on)[who.id], who
    if wanted.household_id is None:
        raise NobodyConcerned(fields={"whom": NobodyConcerned.message})
    home = people.households_by_id(community_id, [wanted.household_id]).get(wanted.household_id)
    if home is None:
        raise NotFound
    if home.closed_on is not None:
        raise NobodyConcerned(fields={"whom": NobodyConcerned.message})
    return home, None


def _refuse_minor(who: Resident, day: dt.date) -> None:
    if who.is_minor(day):
        raise UnderAge(fields={"whom": UnderAge.message})


def _path_of(whose: _Whose) -> str | None:
    places = [one.area_id for one in (whose.household, whose.resident) if one is not None and one.area_id is not None]
    found = areas.by_ids(places[:1])
    return found[places[0]].path if places and places[0] in found else None


def _quantity(rule: Rule, given: int | None) -> int | None:
    if rule.measures is Quantity.TIMES:
        return None
    if given is None or not 0 < given <= 10**9:
        raise QuantityMissing(fields={"quantity": QuantityMissing.message})
    return given


def _last_day(community_id: int, wanted: dt.date | None) -> dt.date:
    days = settings.of(community_id).rectify_days
    first = clock.today() + dt.timedelta(days)
    last = wanted or first
    if not first <= last <= clock.today() + dt.timedelta(DAYS_AHEAD):
        refusal = TooLittleTime(days=days, day=format_day(first))
        raise TooLittleTime(days=days, day=format_day(first), fields={"rectify_by": refusal.sentence})
    return last


def _refuse_twice(community_id: int, wanted: Deduction) -> None:
    """One after the other this says so kindly; at the same moment the unique index does."""
    same = scoped(Deduction, community_id).where(
        Deduction.owner_key == wanted.owner_key, Deduction.rule_code == wanted.rule_code,
        Deduction.seen_on == wanted.seen_on, Deduction.state.not_in(
            [DeductionState.RECTIFIED, DeductionState.DROPPED, DeductionState.REVERSED]))
    if db.session.scalars(same.limit(1)).first() is not None:
        raise AlreadyAnnounced
