"""What can be asked about activities: lists, rosters, what a leader's screen shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from pointsbank.activities import policy
from pointsbank.activities.models import (
    COUNTING,
    Activity,
    ActivityState,
    Attendance,
    AttendanceState,
    CheckInMode,
    Method,
    Occurrence,
    OccurrenceState,
    SignUp,
    SignUpState,
    Venue,
)
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.masking import mask_name
from pointsbank.core.paging import Page, page
from pointsbank.media import queries as media
from pointsbank.media.models import Photo
from pointsbank.media.policy import can_see
from pointsbank.people import queries as people
from pointsbank.people.models import Resident

LEAD_BACK = dt.timedelta(days=14)


@dataclass(frozen=True)
class Listed:
    """An occurrence in a list: how many signed up, and whether the reader did."""

    occurrence: Occurrence
    activity: Activity
    signed_up: int
    is_mine: bool

    @property
    def places_left(self) -> int | None:
        """Free places; None without a limit."""
        return None if self.activity.capacity is None else max(self.activity.capacity - self.signed_up, 0)


def _with_counts(community_id: int | None, resident_id: int | None) -> sa.Select[Any]:
    here = sa.and_(SignUp.occurrence_id == Occurrence.id, SignUp.state == SignUpState.SIGNED_UP)
    count = sa.select(sa.func.count()).select_from(SignUp).where(here).correlate(Occurrence).scalar_subquery()
    mine = sa.exists().where(here, SignUp.resident_id == resident_id).correlate(Occurrence)
    return (sa.select(Occurrence, count.label("signed_up"), mine.label("mine"))
            .join(Activity, Activity.id == Occurrence.activity_id).options(contains_eager(Occurrence.activity))
            .where(Occurrence.community_id == community_id))


def _listed(query: sa.Select[Any]) -> list[Listed]:
    return [Listed(row.Occurrence, row.Occurrence.activity, row.signed_up, bool(row.mine))
            for row in db.session.execute(query)]


def upcoming(community_id: int | None, resident_id: int | None = None, limit: int = 50) -> list[Listed]:
    """Published occurrences that have not ended, the soonest first."""
    return _listed(_with_counts(community_id, resident_id).where(
        Activity.state == ActivityState.PUBLISHED, Occurrence.state != OccurrenceState.CLOSED,
        Occurrence.ends_at > clock.now()).order_by(Occurrence.starts_at, Occurrence.id).limit(min(limit, 100)))


def next_for(resident_id: int, community_id: int | None = None) -> Listed | None:
    """The next occurrence that a resident signed up for."""
    community = community_id if community_id is not None else sa.select(Resident.community_id).where(
        Resident.id == resident_id).scalar_subquery()
    mine = sa.exists().where(SignUp.occurrence_id == Occurrence.id, SignUp.resident_id == resident_id,
                             SignUp.state == SignUpState.SIGNED_UP)
    rows = _listed(_with_counts(community, resident_id).where(  # type: ignore[arg-type]
        Activity.state == ActivityState.PUBLISHED, Occurrence.state != OccurrenceState.CLOSED,
        Occurrence.ends_at > clock.now(), mine).order_by(Occurrence.starts_at, Occurrence.id).limit(1))
    return rows[0] if rows else None


def of_activity(community_id: int | None, activity_id: int, resident_id: int | None = None) -> list[Listed]:
    """The occurrences of one activity; empty for an unknown one."""
    return _listed(_with_counts(community_id, resident_id).where(Activity.id == activity_id).order_by(Occurrence.id))


def on_today(community_id: int | None, venue_id: int, resident_id: int | None = None) -> list[Listed]:
    """What is on at a venue today."""
    start = clock.at_local(clock.today())
    return _listed(_with_counts(community_id, resident_id).where(
        Activity.venue_id == venue_id, Activity.state == ActivityState.PUBLISHED, Occurrence.starts_at >= start,
        Occurrence.starts_at < start + dt.timedelta(days=1)).order_by(Occurrence.starts_at, Occurrence.id))


def led_by(actor: Actor) -> list[Listed]:
    """What the actor leads: drafts, coming, running, and whatever of the last two weeks waits to be closed."""
    teams = {g.team_id for g in actor.grants if g.role == "team_leader" and g.team_id is not None}
    mine: sa.ColumnElement[bool] = sa.or_(Activity.team_id.in_(teams), Activity.leader_id == actor.user_id)
    rows = _listed(_with_counts(actor.community_id, actor.resident_id).where(
        mine, Activity.state != ActivityState.CANCELLED, Occurrence.ends_at > clock.now() - LEAD_BACK)
        .order_by(Occurrence.starts_at, Occurrence.id).limit(100))
    return [row for row in rows if policy.may_lead(actor, row.activity)]


def running_for(actor: Actor) -> list[Listed]:
    """What the actor leads and that takes check-ins now; the committee sees everything that is running."""
    now = clock.now()
    query = _with_counts(actor.community_id, actor.resident_id).where(
        Activity.state == ActivityState.PUBLISHED, Occurrence.state != OccurrenceState.CLOSED,
        Occurrence.starts_at <= now + dt.timedelta(hours=2), Occurrence.ends_at >= now - dt.timedelta(hours=2))
    rows = _listed(query.order_by(Occurrence.starts_at, Occurrence.id).limit(50))
    return [row for row in rows if policy.may_lead(actor, row.activity)]


def open_for(community_id: int | None, resident_id: int | None) -> list[Listed]:
    """Open occurrences of now that a resident signed up for: where the four digits work."""
    now = clock.now()
    rows = _listed(_with_counts(community_id, resident_id).where(
        Activity.state == ActivityState.PUBLISHED, Occurrence.state == OccurrenceState.OPEN,
        Occurrence.starts_at <= now + dt.timedelta(hours=2), Occurrence.ends_at >= now - dt.timedelta(hours=2))
        .order_by(Occurrence.starts_at, Occurrence.id).limit(50))
    return [row for row in rows if row.is_mine]


def desk(community_id: int | None, *, state: str = "", cursor: str | None = None,
         limit: int | None = None) -> Page[Activity]:
    """Activities for the desk, newest first; ``state`` is waiting, draft, published, cancelled or empty for all."""
    query = scoped(Activity, community_id)
    if state == "waiting":
        query = query.where(Activity.state == ActivityState.DRAFT, Activity.submitted_at.is_not(None))
    elif state in set(ActivityState):
        query = query.where(Activity.state == state)
    return page(query, Activity.id, cursor=cursor, limit=limit)


def waiting_count(community_id: int | None) -> int:
    """Activities that wait for an approver."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Activity).where(
        Activity.community_id == community_id, Activity.state == ActivityState.DRAFT,
        Activity.submitted_at.is_not(None))) or 0


def occurrences_of(community_id: int | None, activity_ids: Sequence[int]) -> dict[int, Listed]:
    """The first occurrence of each activity, with its sign-ups."""
    if not activity_ids:
        return {}
    rows = _listed(_with_counts(community_id, None).where(Activity.id.in_(activity_ids)).order_by(Occurrence.id.desc()))
    return {row.activity.id: row for row in rows}


def hours_of(community_id: int | None, occurrence_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """People who count and their minutes, by occurrence."""
    if not occurrence_ids:
        return {}
    rows = db.session.execute(
        sa.select(Attendance.occurrence_id, sa.func.count(), sa.func.sum(Attendance.minutes))
        .where(Attendance.community_id == community_id, Attendance.occurrence_id.in_(occurrence_ids),
               Attendance.state.in_(COUNTING)).group_by(Attendance.occurrence_id))
    return {row[0]: (row[1], int(row[2] or 0)) for row in rows}


def venues(community_id: int | None) -> Sequence[Venue]:
    """The places with a printed code."""
    return db.session.scalars(scoped(Venue, community_id).order_by(Venue.name)).all()


def occurrence(community_id: int | None, occurrence_id: int) -> Occurrence:
    """One occurrence with its activity. Raises NotFound."""
    row = get_scoped(Occurrence, occurrence_id, community_id)
    sa.orm.attributes.set_committed_value(row, "activity", get_scoped(Activity, row.activity_id, community_id))
    return row


# ── The list of one occurrence ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class RosterRow:
    """One line of the roster; ``number`` is its line on the printed sheet as well."""

    number: int
    resident: Resident
    signed_up: bool
    in_team: bool
    attendance: Attendance | None

    @property
    def masked(self) -> str:
        """The name for a screen that others see."""
        return mask_name(self.resident.name)


def roster(row: Occurrence) -> list[RosterRow]:
    """Everybody who signed up, belongs to the team or was seen, in one order on screen and paper."""
    signed_up = set(db.session.scalars(sa.select(SignUp.resident_id).where(
        SignUp.community_id == row.community_id, SignUp.occurrence_id == row.id,
        SignUp.state == SignUpState.SIGNED_UP)))
    seen = {a.resident_id: a for a in db.session.scalars(
        scoped(Attendance, row.community_id).where(Attendance.occurrence_id == row.id))}
    team = set()
    if row.activity.team_id is not None:
        day = clock.local_date(row.starts_at)
        team = {m.resident_id for m in people.team_members(row.community_id, row.activity.team_id, day)}
    known = people.residents_by_id(row.community_id, signed_up | team | set(seen))
    # Sorted here and not by the database: the sheet printed from one must match the screen of the other.
    ordered = sorted(known.values(), key=lambda r: (r.name, r.id))
    return [RosterRow(n, r, r.id in signed_up, r.id in team, seen.get(r.id)) for n, r in enumerate(ordered, 1)]


@dataclass(frozen=True)
class OnScreen:
    """A row below the code: masked, because the screen is held up."""

    attendance_id: int
    name: str
    state: AttendanceState
    method: Method
    at: dt.datetime | None
    flags: tuple[str, ...]

    @property
    def waits(self) -> bool:
        """The leader has to agree."""
        return self.state is AttendanceState.PENDING


@dataclass(frozen=True)
class ScreenFacts:
    """Counts and latest names for the code screen."""

    here: int
    signed_up: int
    waiting: int
    rows: list[OnScreen]


def screen_facts(row: Occurrence, limit: int = 12) -> ScreenFacts:
    """Who is here, who signed up, who waits; those who wait come first, then the latest."""
    waits = sa.case((Attendance.state == AttendanceState.PENDING, 0), else_=1)
    found = db.session.execute(
        sa.select(Attendance, Resident.name).join(Resident, Resident.id == Attendance.resident_id)
        .where(Attendance.community_id == row.community_id, Attendance.occurrence_id == row.id)
        .order_by(waits, sa.func.coalesce(Attendance.out_at, Attendance.in_at).desc(), Attendance.id.desc())).all()
    signed_up = set(db.session.scalars(sa.select(SignUp.resident_id).where(
        SignUp.community_id == row.community_id, SignUp.occurrence_id == row.id,
        SignUp.state == SignUpState.SIGNED_UP)))
    rows = [OnScreen(a.id, mask_name(name), a.state, a.method, a.out_at or a.in_at, tuple(flags_of(row, a)))
            for a, name in found[:limit]]
    here = sum(a.state in COUNTING for a, _name in found)
    if row.activity.mode is CheckInMode.AUTOMATIC and row.state is not OccurrenceState.CLOSED:
        here += len(signed_up - {a.resident_id for a, _name in found})
    return ScreenFacts(here, len(signed_up), sum(a.state is AttendanceState.PENDING for a, _n in found), rows)


def flags_of(row: Occurrence, attendance: Attendance) -> list[str]:
    """A row's flags as they are worth showing: a missing check-out is none before the end."""
    flags = set(attendance.flags) | set(attendance.closing_flags)
    if clock.now() < row.ends_at:
        flags -= {"no_out"}
    return sorted(flags)


# ── Photos ──────────────────────────────────────────────────────────────────────────────────────────────────────


def photos_of(actor: Actor, activity: Activity) -> list[Photo]:
    """The photos of one activity that the actor may see, its cover first."""
    found = media.photos_of(activity.community_id, [activity.photo_key])[activity.photo_key]
    return [photo for photo in found if can_see(actor, photo)]


def covers(community_id: int | None, listed: Iterable[Listed]) -> dict[int, Photo]:
    """The cover of each activity of a list that has one, by activity id; one statement."""
    keys = {row.activity.photo_key: row.activity.id for row in listed}
    return {keys[key]: photo for key, photo in media.first_photos(community_id or 0, keys).items()}


def attendance(community_id: int | None, attendance_id: int) -> tuple[Attendance, Occurrence]:
    """One attendance and its occurrence. Raises NotFound."""
    found = get_scoped(Attendance, attendance_id, community_id)
    return found, occurrence(community_id, found.occurrence_id)


def attendances_of(community_id: int | None, resident_id: int | None, *, cursor: str | None = None,
                   limit: int | None = None) -> Page[Attendance]:
    """A resident's attendances, newest first."""
    return page(scoped(Attendance, community_id).where(Attendance.resident_id == resident_id), Attendance.id,
                cursor=cursor, limit=limit)


@dataclass(frozen=True)
class Absent:
    """Somebody had signed up for something that took place, and did not come."""

    sign_up_id: int
    resident_id: int
    on: dt.date
    title: str


def no_shows(community_id: int, closed_from: dt.datetime, closed_until: dt.datetime) -> list[Absent]:
    """Sign-ups without an attendance, or with one that the leader declined, of occurrences closed in a span.

    An occurrence with nobody there did not take place. One statement.
    """
    came = sa.and_(Attendance.occurrence_id == SignUp.occurrence_id, Attendance.resident_id == SignUp.resident_id,
                   Attendance.state != AttendanceState.DECLINED)
    rows = db.session.execute(
        sa.select(SignUp.id, SignUp.resident_id, Occurrence.starts_at, Activity.title)
        .join(Occurrence, Occurrence.id == SignUp.occurrence_id).join(Activity, Activity.id == Occurrence.activity_id)
        .where(SignUp.community_id == community_id, SignUp.state == SignUpState.SIGNED_UP,
               Occurrence.state == OccurrenceState.CLOSED, Occurrence.headcount > 0,
               Occurrence.closed_at.between(closed_from, closed_until), ~sa.exists().where(came))
        .order_by(SignUp.id))
    return [Absent(sign_up_id, resident_id, clock.local_date(starts_at), title)
            for sign_up_id, resident_id, starts_at, title in rows]


def titles_of(community_id: int | None, occurrence_ids: Sequence[int]) -> dict[int, Occurrence]:
    """Occurrences with their activities by id."""
    if not occurrence_ids:
        return {}
    rows = db.session.scalars(
        scoped(Occurrence, community_id).join(Activity, Activity.id == Occurrence.activity_id)
        .options(contains_eager(Occurrence.activity)).where(Occurrence.id.in_(occurrence_ids)))
    return {row.id: row for row in rows}
