"""Figures of a community: how many took part, what was done, what points came and went. Sums only, no ranking."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.contributions.models import AwardLine, Contribution, DeedKind, LineState, State
from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.ledger.models import Book
from pointsbank.people.models import Household, HouseholdMember


@dataclass(frozen=True)
class Participation:
    """How many of the community's households did something in a month."""

    month: dt.date
    took_part: int
    households: int

    @property
    def percent(self) -> int:
        """Whole percent, 0 without households; at least 1 when anybody took part."""
        if not self.households or not self.took_part:
            return 0
        return max(1, round(100 * self.took_part / self.households))


@dataclass(frozen=True)
class OfKind:
    """Approved deeds of one kind: how many, their minutes, the points posted for them (hundredths)."""

    kind: DeedKind
    deeds: int
    minutes: int
    points: int


def participation(community_id: int, month: dt.date) -> Participation:
    """Distinct households with an approved deed done in the month, against all that have a member. One statement."""
    after = (month + dt.timedelta(days=32)).replace(day=1)
    took_part = sa.select(sa.func.count(sa.distinct(Contribution.household_id))).where(
        Contribution.community_id == community_id, Contribution.state == State.APPROVED,
        Contribution.done_on >= month, Contribution.done_on < after).scalar_subquery()
    lived_in = sa.select(sa.literal(1)).where(
        HouseholdMember.household_id == Household.id, HouseholdMember.until_on.is_(None)).exists()
    whole = sa.select(sa.func.count()).select_from(Household).where(
        Household.community_id == community_id, lived_in).scalar_subquery()
    row = db.session.execute(sa.select(took_part, whole)).one()
    return Participation(month, row[0], row[1])


def by_kind(community_id: int, since: dt.date) -> list[OfKind]:
    """Approved deeds done since a day, by kind, the most frequent first. Two statements."""
    done = (Contribution.community_id == community_id, Contribution.state == State.APPROVED,
            Contribution.done_on >= since)
    deeds = db.session.execute(
        sa.select(Contribution.kind, sa.func.count(), sa.func.coalesce(sa.func.sum(Contribution.minutes), 0))
        .where(*done).group_by(Contribution.kind))
    given: dict[DeedKind, Any] = dict(db.session.execute(
        sa.select(Contribution.kind, sa.func.sum(AwardLine.amount))
        .join(AwardLine, AwardLine.contribution_id == Contribution.id)
        .where(*done, AwardLine.state == LineState.POSTED, AwardLine.book == Book.POINTS)
        .group_by(Contribution.kind)).all())
    found = [OfKind(kind, count, int(minutes or 0), int(given.get(kind, 0))) for kind, count, minutes in deeds]
    return sorted(found, key=lambda k: (-k.deeds, k.kind))


def done_this_month(community_id: int) -> tuple[int, int, int]:
    """(deeds, people, minutes) of approved deeds done in the current month. One statement."""
    row = db.session.execute(
        sa.select(sa.func.count(), sa.func.count(sa.distinct(Contribution.resident_id)),
                  sa.func.coalesce(sa.func.sum(Contribution.minutes), 0))
        .where(Contribution.community_id == community_id, Contribution.state == State.APPROVED,
               Contribution.done_on >= clock.today().replace(day=1))).one()
    return row[0], row[1], int(row[2] or 0)
