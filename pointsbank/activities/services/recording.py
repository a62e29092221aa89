"""Writing events and deriving attendances from them: three statements for any number of people.

The attendance row is taken first, by an upsert: on PostgreSQL it makes simultaneous scans of one person queue, so that
each derives from all events before it. Without it, two scans would each see only their own.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pointsbank.activities.deriving import Derived, Plan, Seen, derive
from pointsbank.activities.errors import UsedReceipt
from pointsbank.activities.models import (
    Activity,
    Attendance,
    CheckInEvent,
    EventKind,
    Method,
    Occurrence,
)
from pointsbank.communities.settings import CommunitySettings
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, record_refusal


@dataclass(frozen=True)
class Fact:
    """One event to be written."""

    resident_id: int
    client_id: str
    kind: EventKind
    method: Method
    at: dt.datetime
    holds: tuple[str, ...] = ()
    reason: str | None = None
    screen_id: int | None = None
    step: int | None = None
    step_age: int | None = None
    browser: str | None = None
    recorded_by_id: int | None = field(default=None)

    def seen(self) -> Seen:
        """What of it decides."""
        return Seen(self.client_id, self.kind, self.method, self.at, tuple(sorted(self.holds)))


@dataclass(frozen=True)
class Recorded:
    """The attendance after a write; ``is_new`` when nothing was known of this person before."""

    attendance: sa.Row[Any]
    derived: Derived
    is_new: bool
    is_repeat: bool


def plan_of(occurrence: Occurrence, activity: Activity, settings: CommunitySettings) -> Plan:
    """The plan that minutes are derived against."""
    return Plan(occurrence.starts_at, occurrence.ends_at, activity.mode, settings.minimum_stay, settings.checkout_share)


def _insert(model: Any) -> Any:
    table = sa.inspect(model).local_table
    return postgresql.insert(table) if db.engine.dialect.name == "postgresql" else sqlite.insert(table)


def record(actor: Actor, community_id: int, occurrence_id: int, plan: Plan,
           facts: Sequence[Fact]) -> dict[int, Recorded]:
    """Write ``facts`` (at most one arrival and one departure a person) and bring their attendances up to date.

    An event whose client id is known changes nothing. Raises :class:`UsedReceipt` when the id is known with other
    content.
    """
    by_resident: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_resident[fact.resident_id].append(fact)
    wanted = sorted(by_resident)
    first = {i: derive([f.seen() for f in by_resident[i]], plan) for i in wanted}
    insert = _insert(Attendance)
    columns = insert.table.c
    rows = db.session.execute(
        insert.values([{"community_id": community_id, "occurrence_id": occurrence_id, "resident_id": i, "version": 1,
                        "closing_flags": [], **_columns(first[i])} for i in wanted])
        .on_conflict_do_update(index_elements=["occurrence_id", "resident_id"], set_={"version": columns.version + 1})
        .returning(columns.id, columns.resident_id, columns.version, columns.state, columns.in_at, columns.out_at,
                   columns.minutes, columns.settled_at, columns.paid_minutes)).all()
    held = {row.resident_id: row for row in rows}
    written = _write_events(community_id, occurrence_id, facts)
    known = [i for i in wanted if held[i].version > 1]
    seen = _events(community_id, occurrence_id, known if len(written) == len(facts) else wanted)
    if len(written) < len(facts):
        _refuse_other_content(actor, facts, written, seen)
    later = {i: derive([e for e, _id in seen[i]], plan) for i in known}
    if later:
        db.session.execute(sa.update(Attendance), [{"id": held[i].id, **_columns(later[i])} for i in known])
    return {i: Recorded(held[i], later.get(i, first[i]), held[i].version == 1,
                        not any(f.client_id in written for f in by_resident[i])) for i in wanted}


def _columns(derived: Derived) -> dict[str, Any]:
    return {"state": derived.state, "method": derived.method, "in_at": derived.in_at, "out_at": derived.out_at,
            "minutes": derived.minutes, "flags": list(derived.flags)}


def _write_events(community_id: int, occurrence_id: int, facts: Sequence[Fact]) -> set[str]:
    """Insert the events; returns the client ids that were new."""
    insert, now = _insert(CheckInEvent), clock.now()
    rows = db.session.execute(
        insert.values([{
            "community_id": community_id, "occurrence_id": occurrence_id, "resident_id": f.resident_id,
            "client_id": f.client_id, "kind": f.kind, "method": f.method, "at": f.at, "recorded_at": now,
            "recorded_by_id": f.recorded_by_id, "screen_id": f.screen_id, "step": f.step, "step_age": f.step_age,
            "browser": f.browser, "holds": sorted(f.holds), "reason": f.reason} for f in facts])
        .on_conflict_do_nothing(index_elements=["client_id"]).returning(insert.table.c.client_id))
    return set(rows.scalars())


def _events(community_id: int, occurrence_id: int, resident_ids: list[int]) -> dict[int, list[tuple[Seen, int]]]:
    found: dict[int, list[tuple[Seen, int]]] = defaultdict(list)
    if resident_ids:
        table = CheckInEvent
        rows = db.session.execute(
            sa.select(table.id, table.resident_id, table.client_id, table.kind, table.method, table.at, table.holds)
            .where(table.community_id == community_id, table.occurrence_id == occurrence_id,
                   table.resident_id.in_(resident_ids)))
        for row in rows:
            found[row.resident_id].append(
                (Seen(row.client_id, row.kind, row.method, row.at, tuple(sorted(row.holds or ()))), row.id))
    return found


def _refuse_other_content(actor: Actor, facts: Sequence[Fact], written: set[str],
                          seen: dict[int, list[tuple[Seen, int]]]) -> None:
    """The id is known: either the very same event was sent again, or somebody reuses it."""
    for fact in facts:
        if fact.client_id not in written:
            same = any(e.client_id == fact.client_id and e.kind is fact.kind for e, _id in seen[fact.resident_id])
            if not same:
                who = f"resident:{fact.resident_id}"
                record_refusal(partial(audit.write, actor, "activities.used_receipt", who, outcome="denied"))
                raise UsedReceipt
