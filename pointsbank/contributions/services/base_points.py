"""Base points (基础分): what each household or person gets at the beginning of a period, as a deed that waits for a
reviewer like any other. Nobody files it, and run again it is there already."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from pointsbank.contributions.models import Contribution, DeedKind
from pointsbank.contributions.services.recording import DeedDraft, record
from pointsbank.core import clock
from pointsbank.core.actor import system
from pointsbank.core.db import db
from pointsbank.people.models import Household, HouseholdMember, Resident
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Deed, Rule, window_key
from pointsbank.rules.models import Receiver

AT_ONCE = 1000


def give_base_points(community_id: int) -> int:
    """Record today what base items give for the period of today; returns how many deeds are new.

    A handful of statements for each item, however many households.
    """
    version = rules.version_in_force(community_id, clock.today())
    wanted = [rule for rule in version.rules if rule.kind == DeedKind.BASE] if version is not None else []
    return sum(_give(community_id, rule) for rule in wanted)


def _give(community_id: int, rule: Rule) -> int:
    today = clock.today()
    period = window_key(rule.period, Deed(kind=rule.kind, on=today, resident_id=0, source_key="base"), rule.cycle)
    prefix = f"base:{rule.code}:{period}:"
    known = set(db.session.scalars(sa.select(Contribution.source_key).where(
        Contribution.community_id == community_id, Contribution.source_key.startswith(prefix, autoescape=True))))
    owners = _households(community_id, today) if rule.receiver is Receiver.HOUSEHOLD else _residents(community_id)
    drafts = [DeedDraft(kind=DeedKind.BASE, resident_id=resident_id, title=rule.name, on=today,
                        source_key=prefix + owner, item_code=rule.code)
              for owner, resident_id in sorted(owners.items()) if prefix + owner not in known]
    for first in range(0, len(drafts), AT_ONCE):
        record(system(community_id), drafts[first:first + AT_ONCE])
    return len(drafts)


def _households(community_id: int, today: dt.date) -> dict[str, int]:
    """Every household with somebody in it, with its head, or whoever joined first."""
    rows = db.session.execute(
        sa.select(HouseholdMember.household_id, HouseholdMember.resident_id)
        .join(Household, Household.id == HouseholdMember.household_id)
        .where(HouseholdMember.community_id == community_id, HouseholdMember.until_on.is_(None),
               HouseholdMember.since_on <= today, Household.closed_on.is_(None))
        .order_by(HouseholdMember.household_id, HouseholdMember.is_head.desc(), HouseholdMember.id))
    found: dict[str, int] = {}
    for household_id, resident_id in rows:
        found.setdefault(f"h{household_id}", resident_id)
    return found


def _residents(community_id: int) -> dict[str, int]:
    rows = db.session.scalars(sa.select(Resident.id).where(
        Resident.community_id == community_id, Resident.left_on.is_(None), Resident.erased_at.is_(None)))
    return {f"r{resident_id}": resident_id for resident_id in rows}
