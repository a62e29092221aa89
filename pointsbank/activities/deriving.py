"""Attendance as a pure function of the set of events: any order, any duplication, the same minutes.

Nothing here knows the present time, the database or the request.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from pointsbank.activities.models import AttendanceState, CheckInMode, EventKind, Method

# Time after the planned end that still counts; whoever stays longer is not paid more.
GRACE = dt.timedelta(minutes=15)
# Who comes or leaves this close to the plan is on time: queueing at the code must not cost an hour.
TOLERANCE = dt.timedelta(minutes=10)
_TRUST = list(Method)


@dataclass(frozen=True)
class Seen:
    """One event, as far as it decides about minutes."""

    client_id: str
    kind: EventKind
    method: Method
    at: dt.datetime
    holds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """When it was to be, how one checks in, and the community's percentages."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    mode: CheckInMode
    minimum_stay: int = 60
    checkout_share: int = 50


@dataclass(frozen=True)
class Derived:
    """What the events come to. ``duplicates`` are client ids that changed nothing."""

    state: AttendanceState
    method: Method
    in_at: dt.datetime | None
    out_at: dt.datetime | None
    minutes: int
    flags: tuple[str, ...]
    duplicates: tuple[str, ...]


def derive(events: Iterable[Seen], plan: Plan) -> Derived:
    """The attendance that these events of one person at one occurrence make; at least one event is needed."""
    once = {(e.at, e.client_id, e.kind, e.method, e.holds): e for e in events}
    ordered = [once[key] for key in sorted(once)]
    if not ordered:
        raise ValueError("no events")
    arrivals = [e for e in ordered if e.kind is EventKind.IN]
    verdict = next((e for e in reversed(ordered) if e.kind in (EventKind.ACCEPT, EventKind.DECLINE)), None)
    accepted = verdict is not None and verdict.kind is EventKind.ACCEPT
    clean = [e for e in arrivals if not e.holds]
    if verdict is not None and verdict.kind is EventKind.DECLINE:
        state = AttendanceState.DECLINED
    elif clean:
        state = AttendanceState.PRESENT
    elif accepted and arrivals:
        state = AttendanceState.CONFIRMED
    else:
        state = AttendanceState.PENDING
    # An arrival that waits counts only once the leader agreed; a clean one after it counts from its own time.
    arrival = next(iter(arrivals if accepted or not clean else clean), None)
    departure, flags = _departure(ordered, arrival, plan)
    flags |= set(arrival.holds) if arrival is not None else set()
    minutes, more = _minutes(arrival, departure, plan)
    used = {e.client_id for e in (arrival, departure, verdict) if e is not None}
    methods = [e.method for e in (arrival, departure) if e is not None] or [e.method for e in ordered]
    return Derived(
        state=state, method=max(methods, key=_TRUST.index), in_at=arrival.at if arrival else None,
        out_at=departure.at if departure else None, minutes=0 if state is AttendanceState.DECLINED else minutes,
        flags=tuple(sorted(flags | more)), duplicates=tuple(e.client_id for e in ordered if e.client_id not in used))


def _departure(ordered: list[Seen], arrival: Seen | None, plan: Plan) -> tuple[Seen | None, set[str]]:
    """The check-out that counts: the last inside the window, else the first after it."""
    outs = [e for e in ordered if e.kind is EventKind.OUT and not e.holds]
    if arrival is None:
        return None, {"out_without_in"} if outs else set()
    after = [e for e in outs if e.at >= arrival.at]
    inside = [e for e in after if e.at <= plan.ends_at + GRACE]
    flags = {"several_outs"} if len(inside) > 1 else set()
    if inside:
        return inside[-1], flags
    return (after[0], {"late_out"}) if after else (None, set())


def _minutes(arrival: Seen | None, departure: Seen | None, plan: Plan) -> tuple[int, set[str]]:
    if arrival is None:
        return 0, set()
    start = plan.starts_at if arrival.at <= plan.starts_at + TOLERANCE else arrival.at
    if plan.mode is not CheckInMode.IN_OUT and departure is None:
        end = plan.ends_at
    elif departure is None:
        share = _whole(plan.ends_at - start) * plan.checkout_share // 100
        return max(share, 0), {"no_out"}
    elif abs(departure.at - plan.ends_at) <= TOLERANCE:
        end = plan.ends_at
    else:
        end = min(departure.at, plan.ends_at + GRACE)
    minutes = max(_whole(end - start), 0)
    planned = _whole(plan.ends_at - plan.starts_at)
    if minutes * 100 < planned * plan.minimum_stay:
        return 0, {"short_stay"}
    return minutes, set()


def _whole(span: dt.timedelta) -> int:
    return int(span.total_seconds()) // 60


def overlap(spans: Iterable[tuple[dt.datetime, dt.datetime]], start: dt.datetime, end: dt.datetime) -> int:
    """Minutes of ``start``–``end`` that the spans cover, each minute once."""
    inside = sorted((max(a, start), min(b, end)) for a, b in spans if a < end and b > start)
    total, reached = dt.timedelta(), start
    for a, b in inside:
        if b > reached:
            total += b - max(a, reached)
            reached = b
    return _whole(total)
