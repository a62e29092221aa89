"""What is kept about people here: who isn't shown, the leagues, no-shows and their excuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities import settings
from pointsbank.core import audit, clock, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Invalid, lazy
from pointsbank.honours import policy
from pointsbank.honours.errors import AlreadyExcused, NotAllowed, ReasonMissing
from pointsbank.honours.models import HiddenResident, HonourLeague, NoShow
from pointsbank.honours.services.independence import check_not_kin
from pointsbank.honours.services.numbering import insert
from pointsbank.people import queries as people

MOST_LEAGUES = 6


def show_me(actor: Actor, *, shown: bool) -> None:
    """The resident acted for stands on boards and lists of figures, or doesn't. What was granted stays granted."""
    if actor.resident_id is None or actor.user_id is None:
        raise NotAllowed
    if shown:
        db.session.execute(sa.delete(HiddenResident).where(
            HiddenResident.community_id == actor.community_id, HiddenResident.resident_id == actor.resident_id))
    else:
        db.session.execute(insert(HiddenResident).values(
            community_id=actor.community_id, resident_id=actor.resident_id, by_user_id=actor.user_id,
            since_at=clock.now()).on_conflict_do_nothing())
    audit.write(actor, "honours.show" if shown else "honours.hide", f"resident:{actor.resident_id}")


def set_leagues(actor: Actor, leagues: Sequence[tuple[str, Sequence[str]]]) -> None:
    """(name, tags) of each league in their order, all anew; whoever fits in none is an ordinary resident.

    Raises NotAllowed, Invalid.
    """
    if not policy.may_keep(actor) or actor.community_id is None:
        raise NotAllowed
    allowed = set(settings.of(actor.community_id).resident_tags)
    names = [name.strip() for name, _tags in leagues]
    if len(leagues) > MOST_LEAGUES or len(set(names)) < len(names) or not all(1 <= len(n) <= 30 for n in names):
        raise Invalid(fields={"leagues": lazy("At most 6 leagues, each with a name of its own of 1 to 30 characters.")})
    if not all(tags and set(tags) <= allowed for _name, tags in leagues):
        raise Invalid(fields={"leagues": lazy("Each league needs at least one of the tags in the settings.")})
    db.session.execute(sa.delete(HonourLeague).where(HonourLeague.community_id == actor.community_id))
    if leagues:
        db.session.execute(sa.insert(HonourLeague), [
            {"community_id": actor.community_id, "position": place, "name": name, "tags": sorted(set(tags))}
            for place, (name, (_given, tags)) in enumerate(zip(names, leagues, strict=True), 1)])
    audit.write(actor, "honours.set_leagues", f"community:{actor.community_id}", count=len(leagues))


# ── No-shows ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Absence:
    """Somebody signed up for something on a day and did not come; ``source_key`` names the sign-up."""

    resident_id: int
    on_day: dt.date
    what: str
    source_key: str


def note_no_shows(actor: Actor, found: Sequence[Absence]) -> int:
    """Keep what the room of activities counted; known ones are passed over. How many were new."""
    if not actor.is_system or actor.community_id is None:
        raise NotAllowed
    community_id, now, fresh = actor.community_id, clock.now(), 0
    for start in range(0, len(found), 500):
        statement = insert(NoShow).values([
            {"community_id": community_id, "resident_id": one.resident_id, "on_day": one.on_day, "what": one.what[:80],
             "source_key": one.source_key, "noted_at": now, "excused_because": ""}
            for one in found[start:start + 500]]).on_conflict_do_nothing()
        fresh += len(list(db.session.scalars(statement.returning(NoShow.id))))
    return fresh


def enter_no_show(actor: Actor, resident_id: int, on_day: dt.date, what: str) -> NoShow:
    """The office enters one by hand. Raises NotAllowed, OwnHousehold, Invalid, ReasonMissing."""
    if not policy.may_keep(actor) or actor.community_id is None:
        raise NotAllowed
    people.resident(actor.community_id, resident_id)
    check_not_kin(actor, actor.community_id, [resident_id])
    if not clock.today() - dt.timedelta(days=366) <= on_day <= clock.today():
        raise Invalid(fields={"on_day": lazy("A day of the last twelve months.")})
    if not 2 <= len(what.strip()) <= 80:
        raise ReasonMissing(fields={"what": lazy("Write for what this person had signed up.")})
    row = NoShow(community_id=actor.community_id, resident_id=resident_id, on_day=on_day, what=what.strip(),
                 source_key=f"desk:{tokens.random_token(12)}", noted_by_id=actor.user_id, noted_at=clock.now())
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "honours.enter_no_show", f"no_show:{row.id}")
    return row


def excuse(actor: Actor, no_show_id: int, because: str) -> NoShow:
    """There was a good reason: the row stays and counts no more. Raises NotAllowed, OwnHousehold, AlreadyExcused."""
    if not policy.may_keep(actor):
        raise NotAllowed
    row = get_scoped(NoShow, no_show_id, actor.community_id, lock=True)
    check_not_kin(actor, row.community_id, [row.resident_id])
    if row.excused_by_id is not None:
        raise AlreadyExcused
    if not 2 <= len(because.strip()) <= 200:
        raise ReasonMissing(fields={"because": lazy("Write the excuse.")})
    row.excused_by_id, row.excused_because = actor.user_id, because.strip()
    db.session.flush()
    audit.write(actor, "honours.excuse", f"no_show:{row.id}")
    return row

