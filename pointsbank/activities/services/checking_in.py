"""A resident's own check-in: by a scanned code or by the four digits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.activities import codes
from pointsbank.activities.codes import Receipt, Scan
from pointsbank.activities.errors import Cancelled, Closed, NotOpen, NumberBlocked
from pointsbank.activities.models import (
    Activity,
    ActivityState,
    Attendance,
    AttendanceState,
    EventKind,
    LeaderScreen,
    Method,
    NumberTry,
    Occurrence,
    OccurrenceState,
    SignUp,
    SignUpState,
)
from pointsbank.activities.services.recording import Fact, Recorded, plan_of, record
from pointsbank.communities.models import Area
from pointsbank.communities.settings import from_json
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import NotFound, SignInRequired
from pointsbank.core.web import ChooseFirst
from pointsbank.people.models import TeamMember

EARLY = dt.timedelta(hours=2)
LATE = dt.timedelta(hours=2)
TRIES, TRIES_SPAN = 5, dt.timedelta(minutes=10)


@dataclass(frozen=True)
class CheckedIn:
    """What somebody is told. ``is_new`` is False for everything after the first time ("already checked in at 9:02")."""

    attendance_id: int
    occurrence_id: int
    title: str
    kind: EventKind
    state: AttendanceState
    in_at: dt.datetime | None
    out_at: dt.datetime | None
    minutes: int
    is_new: bool


def scan(token: str, browser: str) -> tuple[str, Scan]:
    """Exchange a rotating code for a receipt of this browser. No statement is sent, whatever the token."""
    found = codes.read_rotating(token, clock.now())
    return codes.issue_receipt(found, browser)[0], found


def _expected(actor: Actor) -> sa.ColumnElement[bool]:
    """The resident acted for signed up, or belongs to the activity's team today."""
    today = clock.today()
    signed_up = sa.exists().where(SignUp.occurrence_id == Occurrence.id, SignUp.resident_id == actor.resident_id,
                                  SignUp.state == SignUpState.SIGNED_UP).correlate(Occurrence)
    in_team = sa.exists().where(
        TeamMember.team_id == Activity.team_id, TeamMember.resident_id == actor.resident_id,
        TeamMember.since_on <= today,
        sa.or_(TeamMember.until_on.is_(None), TeamMember.until_on > today)).correlate(Activity)
    return sa.or_(signed_up, in_team)


def _context(actor: Actor, occurrence_id: int, screen_id: int) -> Any:
    """Everything that decides about a scan in one statement."""
    row = db.session.execute(
        sa.select(Occurrence, Activity, Area.settings, _expected(actor).label("expected"),
                  LeaderScreen.revoked_at, LeaderScreen.id.label("screen_id"),
                  Attendance.id.label("attendance_id"))
        .join(Activity, Activity.id == Occurrence.activity_id).join(Area, Area.id == Occurrence.community_id)
        .outerjoin(LeaderScreen, sa.and_(LeaderScreen.id == screen_id, LeaderScreen.occurrence_id == Occurrence.id))
        .outerjoin(Attendance, sa.and_(Attendance.occurrence_id == Occurrence.id,
                                       Attendance.resident_id == actor.resident_id))
        .where(Occurrence.community_id == actor.community_id, Occurrence.id == occurrence_id)
        # Shared among scans, but not with closing: nobody slips in between the count and the state "closed".
        .with_for_update(read=True, of=Occurrence).execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _refuse(occurrence: Occurrence, activity: Activity) -> None:
    now = clock.now()
    if activity.state is ActivityState.CANCELLED:
        raise Cancelled
    if occurrence.state is OccurrenceState.CLOSED:
        raise Closed
    if (activity.state is not ActivityState.PUBLISHED or occurrence.state is not OccurrenceState.OPEN
            or not occurrence.starts_at - EARLY <= now <= occurrence.ends_at + LATE):
        raise NotOpen


def _person(actor: Actor) -> None:
    if actor.user_id is None:
        raise SignInRequired
    if actor.resident_id is None:
        raise ChooseFirst


def check_in(actor: Actor, receipt: Receipt, occurrence_id: int | None = None) -> CheckedIn:
    """Check the resident acted for in (or out) with a receipt. Sending it again gives the same attendance.

    A code that was late, a screen that was revoked or somebody who did not sign up waits for the leader. Raises
    :class:`Closed`, :class:`NotOpen`, :class:`Cancelled`, and NotFound for another community's or another occurrence.
    """
    _person(actor)
    if occurrence_id is not None and occurrence_id != receipt.scan.occurrence_id:
        raise NotFound
    context = _context(actor, receipt.scan.occurrence_id, receipt.scan.screen_id)
    if context.screen_id is None:
        raise NotFound
    holds = []
    if receipt.scan.is_late:
        holds.append("late_code")
    if context.revoked_at is not None:
        holds.append("revoked_screen")
    return _record(actor, context, Method.SELF, holds, Fact(
        resident_id=actor.resident_id or 0, client_id=receipt.id, kind=receipt.scan.kind, method=Method.SELF,
        at=clock.now(), screen_id=receipt.scan.screen_id, step=receipt.scan.step, step_age=receipt.scan.age,
        browser=receipt.browser, recorded_by_id=actor.user_id))


def _record(actor: Actor, context: Any, method: Method, holds: list[str], fact: Fact) -> CheckedIn:
    occurrence, activity = context.Occurrence, context.Activity
    if context.attendance_id is None or occurrence.state is not OccurrenceState.CLOSED:
        _refuse(occurrence, activity)
    else:
        return _known(actor, activity, occurrence, fact.kind)
    if not context.expected and activity.needs_sign_up:
        holds.append("stranger")
    fact = Fact(**{**fact.__dict__, "holds": tuple(holds)})
    plan = plan_of(occurrence, activity, from_json(context.settings or {}))
    done = record(actor, occurrence.community_id, occurrence.id, plan, [fact])[fact.resident_id]
    audit.write(actor, f"activities.check_{fact.kind}", f"attendance:{done.attendance.id}",
                method=method.value, repeat=not done.is_new)
    return _told(activity, occurrence.id, fact.kind, done)


def _told(activity: Activity, occurrence_id: int, kind: EventKind, done: Recorded) -> CheckedIn:
    derived = done.derived
    # A first check-out is news as well: only what changed nothing is answered as "already".
    is_new = not done.is_repeat and (done.is_new if kind is EventKind.IN else done.attendance.out_at is None)
    return CheckedIn(done.attendance.id, occurrence_id, activity.title, kind, derived.state, derived.in_at,
                     derived.out_at, derived.minutes, is_new)


def _known(actor: Actor, activity: Activity, occurrence: Occurrence, kind: EventKind) -> CheckedIn:
    """After closing, whoever was there is told so; a success once shown never turns into a failure."""
    row = db.session.scalars(sa.select(Attendance).where(
        Attendance.community_id == actor.community_id, Attendance.occurrence_id == occurrence.id,
        Attendance.resident_id == actor.resident_id)).one()
    return CheckedIn(row.id, occurrence.id, activity.title, kind, row.state, row.in_at, row.out_at, row.minutes, False)


# ── The four digits ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class WrongTry:
    """The digits fit no screen; so many tries are left. Not an exception: the counted try has to be committed."""

    tries_left: int


def check_in_by_number(actor: Actor, typed: str, browser: str, once: str) -> CheckedIn | WrongTry:
    """Check in by the number on the screen of an activity that is open now and that the resident signed up for.

    Five wrong numbers in ten minutes block it for the person; they are counted in the database under a lock, so that
    guesses sent to several workers at once count as well. ``once`` is the id of the form. Raises
    :class:`NumberBlocked`.
    """
    _person(actor)
    now = clock.now()
    _take_turn(actor)
    wrong = db.session.scalar(sa.select(sa.func.count()).select_from(NumberTry).where(
        NumberTry.community_id == actor.community_id, NumberTry.user_id == actor.user_id,
        NumberTry.at > now - TRIES_SPAN)) or 0
    if wrong >= TRIES:
        raise NumberBlocked
    for screen in _screens_for(actor):
        kind = codes.number_kind(codes.screen_key(screen.occurrence_id, screen.id), typed, now)
        if kind is not None:
            mark = codes.browser_mark(browser)
            context = _context(actor, screen.occurrence_id, screen.id)
            return _record(actor, context, Method.SELF_NUMBER, [], Fact(
                resident_id=actor.resident_id or 0, client_id=f"n:{actor.user_id}:{once}"[:64], kind=kind,
                method=Method.SELF_NUMBER,
                at=now, screen_id=screen.id, browser=mark, recorded_by_id=actor.user_id))
    db.session.execute(sa.insert(NumberTry), {
        "community_id": actor.community_id, "user_id": actor.user_id, "at": now})
    return WrongTry(TRIES - wrong - 1)


def _take_turn(actor: Actor) -> None:
    """One guess of a person at a time on PostgreSQL; on SQLite writers queue anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("SELECT pg_advisory_xact_lock(:space, :person)"),
                           {"space": 0x6E75, "person": actor.user_id})


def _screens_for(actor: Actor) -> list[LeaderScreen]:
    """The screens of open occurrences of now that the resident signed up for, or whose team they belong to."""
    now = clock.now()
    return list(db.session.scalars(
        sa.select(LeaderScreen).join(Occurrence, Occurrence.id == LeaderScreen.occurrence_id)
        .join(Activity, Activity.id == Occurrence.activity_id)
        .where(LeaderScreen.community_id == actor.community_id, LeaderScreen.revoked_at.is_(None),
               Occurrence.state == OccurrenceState.OPEN, Activity.state == ActivityState.PUBLISHED,
               Occurrence.starts_at <= now + EARLY, Occurrence.ends_at >= now - LATE, _expected(actor))
        .order_by(LeaderScreen.id)))
