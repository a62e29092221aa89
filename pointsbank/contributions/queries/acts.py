"""What can be asked about acts: which deeds are one and the same, and which might be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.contributions.models import Contribution, State
from pointsbank.core.db import db, scoped

COUNTED = (State.SUBMITTED, State.RETURNED, State.APPROVED)
DAYS_AROUND = 31
MOST_SHOWN = 20


def near(deed: Contribution) -> Sequence[Contribution]:
    """Deeds of the same resident within a month before or after, which may be the same act; the nearest days first."""
    around = dt.timedelta(days=DAYS_AROUND)
    rows = db.session.scalars(
        scoped(Contribution, deed.community_id).where(
            Contribution.resident_id == deed.resident_id, Contribution.id != deed.id, Contribution.state.in_(COUNTED),
            Contribution.done_on.between(deed.done_on - around, deed.done_on + around))
        .order_by(Contribution.id.desc()).limit(100)).all()
    return sorted(rows, key=lambda other: (abs((other.done_on - deed.done_on).days), -other.id))[:MOST_SHOWN]


def same(deed: Contribution) -> Sequence[Contribution]:
    """The other deeds of this resident that are the same act as this one, by day; its own earlier rounds are not."""
    key = deed.act
    rows = db.session.scalars(
        scoped(Contribution, deed.community_id).where(
            Contribution.resident_id == deed.resident_id, Contribution.id != deed.id, Contribution.state.in_(COUNTED),
            sa.or_(Contribution.act_key == key, sa.and_(
                Contribution.act_key.is_(None),
                sa.or_(Contribution.activity_key == key, sa.and_(Contribution.activity_key.is_(None),
                                                                 Contribution.source_key == key)))))
        .order_by(Contribution.done_on, Contribution.id).limit(MOST_SHOWN)).all()
    return [other for other in rows if other.id != deed.first_deed_id and other.first_deed_id != deed.id]
