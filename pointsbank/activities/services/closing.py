"""Closing an occurrence: count heads, flag what looks odd, pay each minute once, hand the deeds on."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pointsbank.activities import policy
from pointsbank.activities.deriving import GRACE, overlap
from pointsbank.activities.errors import (
    AlreadyClosed,
    Cancelled,
    HeadcountDiffers,
    NotBegun,
    NotLeader,
    NotPublished,
)
from pointsbank.activities.models import (
    COUNTING,
    TYPED,
    Activity,
    ActivityState,
    Attendance,
    CheckInEvent,
    CheckInMode,
    EventKind,
    LeaderScreen,
    Method,
    Occurrence,
    OccurrenceState,
    SignUp,
    SignUpState,
)
from pointsbank.activities.services.recording import Fact, plan_of, record
from pointsbank.communities import settings as community_settings
from pointsbank.contributions import services as contributions
from pointsbank.contributions.models import DeedKind, RecordedVia
from pointsbank.core import audit, clock, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Invalid, lazy
from pointsbank.people import queries as people

# Flags that tell something without casting doubt: they do not send a row to a second person.
HARMLESS = {"several_outs"}
TYPED_SHARE = 20  # percent
BURST, BURST_AGE = 4, 2  # so many scans of one step, that the screen had left two steps before
MANY_ON_ONE_BROWSER = 5  # a family of four on one phone is nothing special
SAMPLE_ONE_IN = 50
BACK_DATED = dt.timedelta(days=7)
VIA = {Method.SELF: RecordedVia.SELF, Method.SELF_NUMBER: RecordedVia.SELF, Method.LEADER_SCAN: RecordedVia.LEADER_SCAN,
       Method.LEADER_NUMBER: RecordedVia.LEADER_SCAN, Method.PAPER: RecordedVia.PAPER}


def close(actor: Actor, occurrence_id: int, headcount: int, *, anyway: bool = False) -> Occurrence:
    """Close with the number of people that the leader counted. Once only.

    If the number differs from the list, :class:`HeadcountDiffers` brings the flagged rows up; with ``anyway`` it closes
    all the same and every row waits for a second person. Rows that still wait for the leader stay open and are handed
    on when the leader agrees.
    """
    occurrence = get_scoped(Occurrence, occurrence_id, actor.community_id, lock=True)
    activity = get_scoped(Activity, occurrence.activity_id, actor.community_id)
    _may_close(actor, occurrence, activity, headcount)
    if activity.mode is CheckInMode.AUTOMATIC:
        _everybody_who_signed_up(actor, occurrence, activity)
    _lock_rows(occurrence)
    rows = _rows(occurrence)
    counted = sum(row.state in COUNTING for row in rows)
    differs = counted != headcount
    if differs and not anyway:
        raise HeadcountDiffers(headcount=headcount, counted=counted)
    occurrence.state = OccurrenceState.CLOSED
    occurrence.headcount, occurrence.counted = headcount, counted
    occurrence.closed_at, occurrence.closed_by_id = clock.now(), actor.user_id
    db.session.flush()
    _hand_on(actor, occurrence, activity, [r for r in rows if r.state in COUNTING], {"headcount"} if differs else set())
    audit.write(actor, "activities.close", f"occurrence:{occurrence.id}", headcount=headcount, counted=counted)
    return occurrence


def _may_close(actor: Actor, occurrence: Occurrence, activity: Activity, headcount: int) -> None:
    if not policy.may_lead(actor, activity):
        raise NotLeader
    if occurrence.state is OccurrenceState.CLOSED:
        raise AlreadyClosed
    if activity.state is ActivityState.CANCELLED:
        raise Cancelled
    if activity.state is not ActivityState.PUBLISHED:
        raise NotPublished
    if clock.now() < occurrence.starts_at:
        raise NotBegun
    if not 0 <= headcount <= 100_000:
        raise Invalid(fields={"headcount": lazy("Write how many people were there.")})


def settle_later(actor: Actor, occurrence: Occurrence, activity: Activity, resident_ids: Sequence[int]) -> None:
    """Rows that came or were agreed to after closing: each is handed on, flagged, to a second person."""
    _lock_rows(occurrence)
    rows = [r for r in _rows(occurrence) if r.resident_id in set(resident_ids) and r.state in COUNTING]
    _hand_on(actor, occurrence, activity, rows, {"after_closing"})


def _lock_rows(occurrence: Occurrence) -> None:
    """Lock, in the order of their ids, the rows of everybody here, also those of activities at the same time.

    Two leaders who close at the same moment do so one after the other, and the second sees what the first has paid.
    """
    here = sa.select(Attendance.resident_id).where(
        Attendance.community_id == occurrence.community_id, Attendance.occurrence_id == occurrence.id)
    db.session.execute(
        sa.select(Attendance.id).join(Occurrence, Occurrence.id == Attendance.occurrence_id)
        .where(Attendance.community_id == occurrence.community_id, Attendance.resident_id.in_(here),
               Occurrence.starts_at < occurrence.ends_at + GRACE, Occurrence.ends_at > occurrence.starts_at - GRACE)
        .order_by(Attendance.id).with_for_update(of=Attendance, key_share=True)).all()


def _rows(occurrence: Occurrence) -> list[Attendance]:
    return list(db.session.scalars(
        scoped(Attendance, occurrence.community_id).where(Attendance.occurrence_id == occurrence.id)
        .order_by(Attendance.id).execution_options(populate_existing=True)))


def _everybody_who_signed_up(actor: Actor, occurrence: Occurrence, activity: Activity) -> None:
    """Mode automatic: who signed up was there, unless the leader declined the row or entered it otherwise."""
    signed_up = set(db.session.scalars(sa.select(SignUp.resident_id).where(
        SignUp.community_id == occurrence.community_id, SignUp.occurrence_id == occurrence.id,
        SignUp.state == SignUpState.SIGNED_UP)))
    missing = sorted(signed_up - {row.resident_id for row in _rows(occurrence)})
    if missing:
        plan = plan_of(occurrence, activity, community_settings.of(occurrence.community_id))
        record(actor, occurrence.community_id, occurrence.id, plan, [
            Fact(resident_id=i, client_id=f"a:{secrets.token_hex(14)}", kind=EventKind.IN, method=Method.AUTOMATIC,
                 at=occurrence.starts_at, recorded_by_id=actor.user_id) for i in missing])


def _hand_on(actor: Actor, occurrence: Occurrence, activity: Activity, rows: list[Attendance], extra: set[str]) -> None:
    """One contribution per attendance. Only an unflagged scan of one's own is reviewed by the closing itself."""
    rows = [r for r in rows if r.settled_at is None]
    if not rows:
        return
    events = _events(occurrence)
    flags = closing_flags(occurrence, rows, events)
    scanned_by = {e.resident_id: e.recorded_by_id for e in events if e.kind is EventKind.IN}
    kin = _own_people(actor, occurrence, activity, rows)
    already = _minutes_elsewhere(occurrence, rows)
    drafts = []
    for row in rows:
        elsewhere = already.get(row.id, 0)
        row.paid_minutes = max(row.minutes - elsewhere, 0)
        row.settled_at = clock.now()
        own = flags[row.id] | extra | ({"overlap"} if elsewhere else set())
        row.closing_flags = sorted(own | ({"own_household"} if row.resident_id in kin else set()))
        doubt = (set(row.flags) | set(row.closing_flags)) - HARMLESS
        by_self = row.method in (Method.SELF, Method.SELF_NUMBER)
        # Whoever held the phone recorded the deed; the leader who closes looks at it as a second person.
        recorder = scanned_by.get(row.resident_id) if by_self else actor.user_id
        drafts.append(_draft(occurrence, activity, row, recorder, flagged=bool(doubt), done=by_self and not doubt))
    db.session.flush()
    contributions.record(actor, drafts)


def _draft(occurrence: Occurrence, activity: Activity, row: Attendance, recorder: int | None, *, flagged: bool,
           done: bool) -> contributions.DeedDraft:
    return contributions.DeedDraft(
        kind=DeedKind(activity.kind.value), resident_id=row.resident_id, title=activity.title,
        on=clock.local_date(occurrence.starts_at), minutes=row.paid_minutes, started_at=occurrence.starts_at,
        share=_share(occurrence, row), item_code=activity.item_code,
        source_key=f"attendance:{row.id}", activity_key=f"occurrence:{occurrence.id}", place=activity.place,
        recorded_via=VIA.get(row.method, RecordedVia.LEADER_TYPED), team_id=activity.team_id, flagged=flagged,
        first_review="done" if done else "needed", recorder_user_id=recorder)


def _share(occurrence: Occurrence, row: Attendance) -> int:
    """How much of the planned time somebody was there, in percent."""
    planned = (occurrence.ends_at - occurrence.starts_at).total_seconds() / 60
    return min(int(row.minutes * 100 / planned), 100) if planned > 0 else 100


def _events(occurrence: Occurrence) -> Sequence[Any]:
    table = CheckInEvent
    return db.session.execute(
        sa.select(table.resident_id, table.kind, table.browser, table.screen_id, table.step, table.step_age,
                  table.method, table.recorded_at, table.recorded_by_id)
        .where(table.community_id == occurrence.community_id, table.occurrence_id == occurrence.id)
        .order_by(table.id)).all()


def closing_flags(occurrence: Occurrence, rows: Sequence[Attendance], events: Sequence[Any]) -> dict[int, set[str]]:
    """What only the whole list shows: many typed rows, one phone for many people, a code passed on, a sample."""
    flags: dict[int, set[str]] = {row.id: set() for row in rows}
    by_resident = {row.resident_id: row for row in rows}
    typed = [row for row in rows if row.method in TYPED]
    browsers: dict[str, set[int]] = defaultdict(set)
    late_steps: Counter[tuple[int, int]] = Counter()
    for event in events:
        if event.browser:
            browsers[event.browser].add(event.resident_id)
        if event.step is not None and event.step_age >= BURST_AGE:
            late_steps[event.screen_id, event.step] += 1
    for event in events:
        row = by_resident.get(event.resident_id)
        if row is None:
            continue
        if event.browser and len(browsers[event.browser]) >= MANY_ON_ONE_BROWSER:
            flags[row.id].add("shared_phone")
        if event.step is not None and late_steps[event.screen_id, event.step] >= BURST:
            flags[row.id].add("burst")
        if event.method in TYPED and event.recorded_at - occurrence.ends_at > BACK_DATED:
            flags[row.id].add("back_dated")
    for row in typed:
        if len(typed) * 100 > TYPED_SHARE * len(rows):
            flags[row.id].add("typed_share")
    for row in rows:
        # Which rows a second person looks at anyway must not be foreseeable, nor change when asked again.
        drawn = tokens.mac(tokens.derive("check-in-sample"), f"attendance:{row.id}")
        if int.from_bytes(drawn[:4], "big") % SAMPLE_ONE_IN == 0:
            flags[row.id].add("sample")
    return flags


def _own_people(actor: Actor, occurrence: Occurrence, activity: Activity, rows: Sequence[Attendance]) -> set[int]:
    """Residents who belong to whoever closes, leads or showed a code here, or to their households."""
    day = clock.local_date(occurrence.starts_at)
    users = {activity.leader_id, *db.session.scalars(sa.select(LeaderScreen.user_id).where(
        LeaderScreen.community_id == occurrence.community_id, LeaderScreen.occurrence_id == occurrence.id))}
    if actor.user_id is not None:
        users.add(actor.user_id)
    ids = [row.resident_id for row in rows]
    homes = people.household_on(occurrence.community_id, ids, day)
    theirs = {home for user_id in sorted(users) for home in people.households_of_user(user_id, day)}
    linked = {i for i, of in people.users_of_resident(ids).items() if of & users}
    return linked | {i for i, home in homes.items() if home is not None and home.id in theirs}


def _minutes_elsewhere(occurrence: Occurrence, rows: Sequence[Attendance]) -> dict[int, int]:
    """Minutes of each row that another activity of the same person has already been paid for."""
    ids = [row.resident_id for row in rows]
    others = db.session.execute(
        sa.select(Attendance.resident_id, Attendance.in_at, Attendance.out_at, Attendance.paid_minutes,
                  Occurrence.starts_at, Occurrence.ends_at)
        .join(Occurrence, Occurrence.id == Attendance.occurrence_id)
        .where(Attendance.community_id == occurrence.community_id, Attendance.resident_id.in_(ids),
               Attendance.occurrence_id != occurrence.id, Attendance.state.in_(COUNTING),
               Occurrence.starts_at < occurrence.ends_at + GRACE, Occurrence.ends_at > occurrence.starts_at - GRACE)
        .order_by(Attendance.id)).all()
    paid: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    for other in others:
        if other.paid_minutes:
            paid[other.resident_id].append(_span(other.in_at, other.out_at, other.starts_at, other.ends_at))
    found = {}
    for row in rows:
        start, end = _span(row.in_at, row.out_at, occurrence.starts_at, occurrence.ends_at)
        found[row.id] = overlap(paid[row.resident_id], start, end)
    return found


def _span(in_at: dt.datetime | None, out_at: dt.datetime | None, starts_at: dt.datetime,
          ends_at: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The time that a row's minutes stand for."""
    start = max(in_at or starts_at, starts_at)
    return start, max(min(out_at or ends_at, ends_at + GRACE), start)
