"""What a leader does: show the code, take cards and numbers, agree, send everyone home, enter a sheet afterwards."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.activities import policy, queries
from pointsbank.activities.deriving import Plan
from pointsbank.activities.errors import (
    Cancelled,
    Closed,
    NobodyTicked,
    NotBegun,
    NotLeader,
    NotOpen,
    NotPublished,
    ReasonNeeded,
    TypedCap,
)
from pointsbank.activities.models import (
    COUNTING,
    TYPED,
    Activity,
    ActivityState,
    Attendance,
    AttendanceState,
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
from pointsbank.activities.services.checking_in import EARLY, LATE, CheckedIn
from pointsbank.activities.services.closing import settle_later
from pointsbank.activities.services.recording import Fact, plan_of, record
from pointsbank.communities import settings as community_settings
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.core.i18n import N_
from pointsbank.notifications import services as notifications
from pointsbank.people import queries as people
from pointsbank.people.models import User


def take_roster(actor: Actor, occurrence_id: int, *, on_paper: bool) -> list[queries.RosterRow]:
    """The whole names of one occurrence, as a sheet to sign or as a file. Each time is one row of the audit.

    Raises NotFound, and :class:`NotLeader` for who neither leads it nor sits at the desk.
    """
    occurrence = queries.occurrence(actor.community_id, occurrence_id)
    if not (policy.may_lead(actor, occurrence.activity) or actor.has_role(*policy.DESK)):
        raise NotLeader
    rows = queries.roster(occurrence)
    verb = "activities.print_sheet" if on_paper else "activities.download_roster"
    audit.write(actor, verb, f"occurrence:{occurrence_id}", rows=len(rows))
    return rows


def lead(actor: Actor, occurrence_id: int, *, lock: bool = True) -> tuple[Occurrence, Activity]:
    """An occurrence that the actor leads. Raises NotFound, :class:`NotLeader`, :class:`Cancelled`."""
    occurrence = get_scoped(Occurrence, occurrence_id, actor.community_id, lock=lock)
    activity = get_scoped(Activity, occurrence.activity_id, actor.community_id)
    if not policy.may_lead(actor, activity):
        raise NotLeader
    if activity.state is ActivityState.CANCELLED:
        raise Cancelled
    if activity.state is not ActivityState.PUBLISHED:
        raise NotPublished
    return occurrence, activity


def _begin(occurrence: Occurrence) -> None:
    if occurrence.state is OccurrenceState.PLANNED:
        occurrence.state = OccurrenceState.OPEN


def _running(occurrence: Occurrence) -> None:
    if occurrence.state is OccurrenceState.CLOSED:
        raise Closed
    if not occurrence.starts_at - EARLY <= clock.now() <= occurrence.ends_at + LATE:
        raise NotOpen


def open_screen(actor: Actor, occurrence_id: int) -> LeaderScreen:
    """The actor's code screen for an occurrence; opens check-in. From two hours before the start."""
    occurrence, _activity = lead(actor, occurrence_id)
    if actor.user_id is None:
        raise Forbidden
    _running(occurrence)
    _begin(occurrence)
    screen = db.session.scalars(scoped(LeaderScreen, actor.community_id).where(
        LeaderScreen.occurrence_id == occurrence.id, LeaderScreen.user_id == actor.user_id,
        LeaderScreen.revoked_at.is_(None))).one_or_none()
    if screen is None:
        screen = LeaderScreen(community_id=occurrence.community_id, occurrence_id=occurrence.id, user_id=actor.user_id,
                              opened_at=clock.now(), epoch=1)
        db.session.add(screen)
        db.session.flush()
        audit.write(actor, "activities.open_screen", f"occurrence:{occurrence.id}")
    return screen


def renew_screen(actor: Actor, occurrence_id: int) -> LeaderScreen:
    """A lost or copied phone: its key ends, what is scanned from it waits, and a new screen begins."""
    occurrence, _activity = lead(actor, occurrence_id)
    _running(occurrence)
    old = db.session.scalars(scoped(LeaderScreen, actor.community_id).where(
        LeaderScreen.occurrence_id == occurrence.id, LeaderScreen.user_id == actor.user_id)
        .order_by(LeaderScreen.epoch.desc())).first()
    if old is None:
        return open_screen(actor, occurrence_id)
    old.revoked_at = old.revoked_at or clock.now()
    screen = LeaderScreen(community_id=occurrence.community_id, occurrence_id=occurrence.id, user_id=old.user_id,
                          opened_at=clock.now(), epoch=old.epoch + 1)
    db.session.add(screen)
    db.session.flush()
    audit.write(actor, "activities.renew_screen", f"occurrence:{occurrence.id}")
    return screen


def check_in_card(actor: Actor, occurrence_id: int, text: str, kind: EventKind = EventKind.IN) -> CheckedIn:
    """Check in (or out) the holder of a member card by its scanned code or its 8-digit number."""
    occurrence, activity = lead(actor, occurrence_id)
    _running(occurrence)
    card = people.find_card(actor.community_id, text)
    clean = text.strip().rsplit("/", 1)[-1].replace(" ", "")
    method = Method.LEADER_NUMBER if clean.isdigit() and len(clean) == 8 else Method.LEADER_SCAN
    _begin(occurrence)
    before = db.session.scalar(sa.select(Attendance.out_at if kind is EventKind.OUT else Attendance.in_at).where(
        Attendance.community_id == actor.community_id, Attendance.occurrence_id == occurrence.id,
        Attendance.resident_id == card.resident_id))
    done = record(actor, occurrence.community_id, occurrence.id, _plan(occurrence, activity), [
        _fact(actor, card.resident_id, kind, method, clock.now())])[card.resident_id]
    audit.write(actor, f"activities.card_{kind}", f"attendance:{done.attendance.id}", method=method.value)
    derived = done.derived
    return CheckedIn(done.attendance.id, occurrence.id, activity.title, kind, derived.state, derived.in_at,
                     derived.out_at, derived.minutes, before is None)


def _plan(occurrence: Occurrence, activity: Activity) -> Plan:
    return plan_of(occurrence, activity, community_settings.of(occurrence.community_id))


def _fact(actor: Actor, resident_id: int, kind: EventKind, method: Method, at: dt.datetime, *,
          holds: tuple[str, ...] = (), reason: str | None = None) -> Fact:
    return Fact(resident_id=resident_id, client_id=f"l:{secrets.token_hex(14)}", kind=kind, method=method, at=at,
                holds=holds, reason=reason, recorded_by_id=actor.user_id)


def accept(actor: Actor, attendance_id: int) -> Attendance:
    """Agree to somebody who waits (a late code, not signed up). After closing, the row is handed on at once."""
    return _answer(actor, attendance_id, EventKind.ACCEPT)


def decline(actor: Actor, attendance_id: int) -> Attendance:
    """Somebody who waits, or who is on the list, was not there. The row stays, with no minutes."""
    return _answer(actor, attendance_id, EventKind.DECLINE)


def _answer(actor: Actor, attendance_id: int, kind: EventKind) -> Attendance:
    row = get_scoped(Attendance, attendance_id, actor.community_id)
    occurrence, activity = lead(actor, row.occurrence_id)
    if row.resident_id == actor.resident_id and actor.resident_id is not None:
        raise Forbidden
    if row.settled_at is not None:
        raise Closed
    record(actor, occurrence.community_id, occurrence.id, _plan(occurrence, activity), [
        _fact(actor, row.resident_id, kind, Method.LEADER_SCAN, clock.now())])
    audit.write(actor, f"activities.{kind}", f"attendance:{row.id}")
    if kind is EventKind.DECLINE:
        notifications.tell(occurrence.community_id, [row.resident_id], link=f"/attendances/{row.id}", text=N_(
            "The leader of %(title)s says that you were not there on %(day)s. If you were, please tell the community "
            "office."), params={"title": activity.title, "day": _day(occurrence)})
    if occurrence.state is OccurrenceState.CLOSED:
        settle_later(actor, occurrence, activity, [row.resident_id])
    return get_scoped(Attendance, attendance_id, actor.community_id, lock=True)


def _day(occurrence: Occurrence) -> dict[str, str]:
    return {"day": clock.local_date(occurrence.starts_at).isoformat()}


def mark_absent(actor: Actor, occurrence_id: int, resident_id: int) -> Attendance:
    """In an activity without scanning: somebody who signed up did not come."""
    occurrence, activity = lead(actor, occurrence_id)
    if occurrence.state is OccurrenceState.CLOSED:
        raise Closed
    signed_up = db.session.scalar(sa.select(SignUp.id).where(
        SignUp.community_id == actor.community_id, SignUp.occurrence_id == occurrence.id,
        SignUp.resident_id == resident_id, SignUp.state == SignUpState.SIGNED_UP))
    if activity.mode is not CheckInMode.AUTOMATIC or signed_up is None:
        raise NotFound
    if clock.now() < occurrence.starts_at:
        raise NotBegun
    done = record(actor, occurrence.community_id, occurrence.id, _plan(occurrence, activity), [
        _fact(actor, resident_id, EventKind.IN, Method.AUTOMATIC, occurrence.starts_at)])[resident_id]
    return decline(actor, done.attendance.id)


def everyone_out(actor: Actor, occurrence_id: int) -> int:
    """Check out everybody who is still in, now; logged as entered by the leader. Returns how many."""
    occurrence, activity = lead(actor, occurrence_id)
    _running(occurrence)
    still_in = db.session.scalars(scoped(Attendance, actor.community_id).where(
        Attendance.occurrence_id == occurrence.id, Attendance.in_at.is_not(None), Attendance.out_at.is_(None),
        Attendance.state != AttendanceState.DECLINED).order_by(Attendance.id)).all()
    if still_in:
        record(actor, occurrence.community_id, occurrence.id, _plan(occurrence, activity), [
            _fact(actor, row.resident_id, EventKind.OUT, Method.EVERYONE_OUT, clock.now()) for row in still_in])
    audit.write(actor, "activities.everyone_out", f"occurrence:{occurrence.id}", people=len(still_in))
    return len(still_in)


def log_sheet(actor: Actor, occurrence_id: int, resident_ids: Sequence[int], *, reason: str,
              method: Method = Method.PAPER, in_at: dt.datetime | None = None,
              out_at: dt.datetime | None = None) -> list[Attendance]:
    """Enter people by hand, during an activity or afterwards: who scanned already stays as it is.

    Times default to the plan. Rows say that they were typed or copied from paper, and why; each needs an approver
    outside the team, and its resident is told. Raises :class:`TypedCap` above the community's monthly cap for a leader.
    """
    occurrence, activity = lead(actor, occurrence_id)
    if method not in TYPED:
        raise Forbidden
    if not reason.strip():
        raise ReasonNeeded
    if clock.now() < occurrence.starts_at - EARLY:
        raise NotOpen
    known = people.residents_by_id(occurrence.community_id, resident_ids)
    if not known:
        raise NobodyTicked
    if len(known) < len(set(resident_ids)):
        raise NotFound
    present = set(db.session.scalars(sa.select(Attendance.resident_id).where(
        Attendance.community_id == actor.community_id, Attendance.occurrence_id == occurrence.id,
        Attendance.resident_id.in_(known), Attendance.state.in_(COUNTING), Attendance.in_at.is_not(None))))
    new = sorted(set(known) - present)
    _take_from_cap(actor, occurrence.community_id, len(new))
    _begin(occurrence)
    # Nobody is entered as having left before that hour has come: whoever is still there checks out like the others.
    arrived, left = min(in_at or occurrence.starts_at, clock.now()), out_at or occurrence.ends_at
    facts = []
    for resident_id in new:
        facts.append(_fact(actor, resident_id, EventKind.IN, method, arrived, reason=reason[:200]))
        if left <= clock.now():
            facts.append(_fact(actor, resident_id, EventKind.OUT, method, left, reason=reason[:200]))
    if facts:
        record(actor, occurrence.community_id, occurrence.id, _plan(occurrence, activity), facts)
        notifications.tell(occurrence.community_id, new, link="/deeds", text=N_(
            "The leader entered you for %(title)s on %(day)s. You were not there? Please tell the community office."),
            params={"title": activity.title, "day": _day(occurrence)})
    audit.write(actor, "activities.log_sheet", f"occurrence:{occurrence.id}", people=len(new), method=method.value)
    if new and occurrence.state is OccurrenceState.CLOSED:
        settle_later(actor, occurrence, activity, new)
    return list(db.session.scalars(scoped(Attendance, actor.community_id).where(
        Attendance.occurrence_id == occurrence.id, Attendance.resident_id.in_(known)).order_by(Attendance.id)
        .execution_options(populate_existing=True)))


def typed_left(actor: Actor) -> int | None:
    """How many people the actor may still enter by hand this month; None without a cap."""
    if policy.may_type_without_cap(actor) or actor.community_id is None:
        return None
    cap = community_settings.of(actor.community_id).typed_rows_cap
    if cap == 0:
        return None
    month = clock.at_local(clock.today().replace(day=1))
    typed = db.session.scalar(
        sa.select(sa.func.count()).select_from(CheckInEvent).where(
            CheckInEvent.recorded_by_id == actor.user_id, CheckInEvent.recorded_at >= month,
            CheckInEvent.community_id == actor.community_id, CheckInEvent.method.in_(TYPED),
            CheckInEvent.kind == EventKind.IN))
    return max(cap - (typed or 0), 0)


def _take_from_cap(actor: Actor, community_id: int, wanted: int) -> None:
    """The leader's own row is locked: two sheets sent at once by one leader are counted one after the other."""
    if policy.may_type_without_cap(actor):
        return
    db.session.execute(sa.select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True))
    left = typed_left(actor)
    if left is not None and wanted > left:
        raise TypedCap(cap=community_settings.of(community_id).typed_rows_cap, left=left)

