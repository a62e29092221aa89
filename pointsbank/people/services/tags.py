"""Tags of residents: what somebody is besides a neighbour, dated, so that leagues and rules ask about a day."""

from __future__ import annotations

import datetime as dt

from pointsbank.communities import settings
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Forbidden, Invalid, lazy
from pointsbank.people import policy, queries
from pointsbank.people.errors import HasLeft, TagOverlaps
from pointsbank.people.models import Resident, ResidentTag

EARLIEST = dt.date(1900, 1, 1)


def _resident(actor: Actor, resident_id: int) -> Resident:
    """The resident under a lock: it keeps two rows of one tag from overlapping."""
    if not policy.can(actor, "residents.tags"):
        raise Forbidden
    return get_scoped(Resident, resident_id, actor.community_id, lock=True)


def _checked(day: dt.date | None, field: str) -> dt.date:
    day = day or clock.today()
    if not EARLIEST <= day <= clock.today():
        raise Invalid(fields={field: lazy("This day can't be right.")})
    return day


def add_tag(actor: Actor, resident_id: int, tag: str, since_on: dt.date | None = None) -> ResidentTag:
    """A resident carries one of the community's tags from a day on.

    Raises Forbidden, Invalid, HasLeft, TagOverlaps.
    """
    resident = _resident(actor, resident_id)
    if resident.left_on is not None or resident.erased_at is not None:
        raise HasLeft
    if tag not in settings.of(resident.community_id).resident_tags:
        raise Invalid(fields={"tag": lazy("Choose one of the tags in the settings.")})
    since_on = _checked(since_on, "since_on")
    for other in queries.tags_of(resident.community_id, resident.id):
        if other.tag == tag and (other.until_on is None or other.until_on > since_on):
            raise TagOverlaps
    row = ResidentTag(community_id=resident.community_id, resident_id=resident.id, tag=tag, since_on=since_on)
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "people.add_tag", f"resident:{resident.id}", tag=tag, since_on=since_on.isoformat())
    return row


def end_tag(actor: Actor, resident_id: int, tag_id: int, until_on: dt.date | None = None) -> None:
    """From ``until_on`` (today) on the tag isn't carried any more; one that never was for a day goes altogether."""
    resident = _resident(actor, resident_id)
    row = get_scoped(ResidentTag, tag_id, resident.community_id, lock=True)
    until_on = _checked(until_on, "until_on")
    if row.resident_id != resident.id or row.until_on is not None:
        raise TagOverlaps(lazy("This tag has ended already."))
    if until_on <= row.since_on:
        db.session.delete(row)
    else:
        row.until_on = until_on
    db.session.flush()
    audit.write(actor, "people.end_tag", f"resident:{resident.id}", tag=row.tag, until_on=until_on.isoformat())
