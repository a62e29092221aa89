"""From a draft to a published activity, and the venues with a code on the wall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.activities import policy
from pointsbank.activities.errors import AlreadyClosed, BadTimes, LeaderApproves, NotDraft, NotLeader
from pointsbank.activities.models import (
    ALLOWED,
    Activity,
    ActivityKind,
    ActivityState,
    CheckInMode,
    Occurrence,
    OccurrenceState,
    SignUp,
    SignUpState,
    Venue,
)
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, Invalid, lazy
from pointsbank.core.i18n import N_
from pointsbank.media import services as media
from pointsbank.media.models import Visibility
from pointsbank.notifications import services as notifications
from pointsbank.people import queries as people
from pointsbank.people.roles import Role

LONGEST = dt.timedelta(hours=24)


@dataclass(frozen=True)
class ActivityDraft:
    """What a leader says about an activity. Times are UTC instants; ``capacity`` None is "as many as come"."""

    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    kind: ActivityKind = ActivityKind.VOLUNTEERING
    mode: CheckInMode = CheckInMode.IN
    team_id: int | None = None
    text: str = ""
    place: str = ""
    venue_id: int | None = None
    capacity: int | None = None
    needs_sign_up: bool = True
    item_code: str | None = None
    leader_id: int | None = None


def _check(actor: Actor, draft: ActivityDraft) -> None:
    if draft.ends_at <= draft.starts_at or draft.ends_at - draft.starts_at > LONGEST:
        raise BadTimes(fields={"ends": lazy("The end must be after the start and within 24 hours of it.")})
    if not draft.title.strip() or len(draft.title) > 80:
        raise Invalid(fields={"title": lazy("Please give it a title of at most 80 characters.")})
    if draft.capacity is not None and not 1 <= draft.capacity <= 100_000:
        raise Invalid(fields={"capacity": lazy("Write the number of places, or leave it empty.")})
    if draft.team_id is not None:
        people.team(actor.community_id, draft.team_id)
    if draft.venue_id is not None:
        get_scoped(Venue, draft.venue_id, actor.community_id)
    if not policy.may_plan(actor, draft.team_id):
        raise NotLeader


def _fill(activity: Activity, draft: ActivityDraft) -> None:
    activity.team_id = draft.team_id
    activity.kind, activity.mode = draft.kind, draft.mode
    activity.title, activity.text = draft.title.strip(), draft.text.strip()
    activity.place, activity.venue_id = draft.place.strip(), draft.venue_id
    activity.capacity, activity.needs_sign_up = draft.capacity, draft.needs_sign_up
    activity.item_code = draft.item_code or None


def plan(actor: Actor, draft: ActivityDraft) -> Activity:
    """A new draft with its one occurrence. Its leader is the actor unless the draft names somebody else."""
    _check(actor, draft)
    leader_id = draft.leader_id if draft.leader_id is not None else actor.user_id
    if leader_id is None or actor.community_id is None:
        raise Forbidden
    activity = Activity(community_id=actor.community_id, leader_id=leader_id, state=ActivityState.DRAFT,
                        created_at=clock.now())
    _fill(activity, draft)
    db.session.add(activity)
    db.session.flush()
    db.session.add(Occurrence(community_id=actor.community_id, activity_id=activity.id, starts_at=draft.starts_at,
                              ends_at=draft.ends_at, state=OccurrenceState.PLANNED))
    db.session.flush()
    audit.write(actor, "activities.plan", f"activity:{activity.id}")
    return activity


def _occurrences(activity: Activity) -> Sequence[Occurrence]:
    return db.session.scalars(scoped(Occurrence, activity.community_id).where(
        Occurrence.activity_id == activity.id).order_by(Occurrence.id).with_for_update()).all()


def led(actor: Actor, activity_id: int) -> Activity:
    """An activity that the actor leads, its row locked. Raises NotFound and :class:`NotLeader`."""
    activity = get_scoped(Activity, activity_id, actor.community_id, lock=True)
    if not policy.may_lead(actor, activity):
        raise NotLeader
    return activity


def edit(actor: Actor, activity_id: int, draft: ActivityDraft) -> Activity:
    """Change a draft. What is published was approved as it stands: it is cancelled and planned anew."""
    activity = led(actor, activity_id)
    if activity.state is not ActivityState.DRAFT:
        raise NotDraft
    _check(actor, draft)
    _fill(activity, draft)
    occurrence = _occurrences(activity)[0]
    occurrence.starts_at, occurrence.ends_at = draft.starts_at, draft.ends_at
    activity.submitted_at = None  # what the approver looked at is no longer what it says
    db.session.flush()
    audit.write(actor, "activities.edit", f"activity:{activity.id}")
    return activity


def submit(actor: Actor, activity_id: int) -> Activity:
    """Ask for approval."""
    activity = led(actor, activity_id)
    if activity.state is not ActivityState.DRAFT:
        raise NotDraft
    activity.submitted_at, activity.returned_note = clock.now(), None
    audit.write(actor, "activities.submit", f"activity:{activity.id}")
    return activity


def _decide(actor: Actor, activity_id: int) -> Activity:
    activity = get_scoped(Activity, activity_id, actor.community_id, lock=True)
    if policy.is_leader(actor, activity):
        raise LeaderApproves
    if not policy.may_approve(actor, activity):
        raise Forbidden
    if ActivityState.PUBLISHED not in ALLOWED[activity.state]:
        raise NotDraft
    return activity


def publish(actor: Actor, activity_id: int) -> Activity:
    """Approve a draft. Raises :class:`LeaderApproves` for its leader and every leader of its team."""
    activity = _decide(actor, activity_id)
    activity.state = ActivityState.PUBLISHED
    activity.published_by_id, activity.published_at = actor.user_id, clock.now()
    db.session.flush()
    media.show_to(actor, activity.photo_key, Visibility.RESIDENTS)
    audit.write(actor, "activities.publish", f"activity:{activity.id}")
    return activity


def return_(actor: Actor, activity_id: int, note: str) -> Activity:
    """Send a draft back to its leader with a reason."""
    activity = _decide(actor, activity_id)
    if not note.strip():
        raise Invalid(fields={"note": lazy("Please say what should change.")})
    activity.submitted_at, activity.returned_note = None, note.strip()[:300]
    audit.write(actor, "activities.return", f"activity:{activity.id}")
    return activity


def cancel(actor: Actor, activity_id: int, reason: str) -> Activity:
    """Call it off and tell everybody who signed up. What was attended already stays attended."""
    activity = get_scoped(Activity, activity_id, actor.community_id, lock=True)
    if not policy.may_take_down(actor, activity):
        raise NotLeader
    if ActivityState.CANCELLED not in ALLOWED[activity.state]:
        raise NotDraft
    occurrences = _occurrences(activity)
    if any(o.state is OccurrenceState.CLOSED for o in occurrences):
        raise AlreadyClosed
    activity.state = ActivityState.CANCELLED
    activity.cancelled_at, activity.cancel_reason = clock.now(), reason.strip()[:300]
    coming = db.session.scalars(sa.select(SignUp.resident_id).where(
        SignUp.community_id == activity.community_id, SignUp.occurrence_id.in_([o.id for o in occurrences]),
        SignUp.state == SignUpState.SIGNED_UP)).all()
    day = clock.local_date(occurrences[0].starts_at)
    text = (N_("%(title)s on %(day)s was cancelled: %(reason)s") if activity.cancel_reason
            else N_("%(title)s on %(day)s was cancelled."))
    notifications.tell(activity.community_id, coming, text=text, params={
        "title": activity.title, "day": {"day": day.isoformat()}, "reason": activity.cancel_reason},
        link=f"/activities/{activity.id}")
    audit.write(actor, "activities.cancel", f"activity:{activity.id}")
    return activity


def add_venue(actor: Actor, name: str) -> Venue:
    """A place that gets a printed code. Raises Forbidden unless the committee asks."""
    _committee(actor)
    clean = name.strip()
    if not clean or len(clean) > 60:
        raise Invalid(fields={"name": lazy("Please name the place in at most 60 characters.")})
    if db.session.scalar(sa.select(Venue.id).where(Venue.community_id == actor.community_id, Venue.name == clean)):
        raise Invalid(fields={"name": lazy("There is already a place with this name.")})
    venue = Venue(community_id=actor.community_id, name=clean, created_at=clock.now())
    db.session.add(venue)
    db.session.flush()
    audit.write(actor, "activities.add_venue", f"venue:{venue.id}")
    return venue


def renew_venue(actor: Actor, venue_id: int) -> Venue:
    """A new printed code; the old one stops working."""
    _committee(actor)
    venue = get_scoped(Venue, venue_id, actor.community_id, lock=True)
    venue.epoch += 1
    audit.write(actor, "activities.renew_venue", f"venue:{venue.id}")
    return venue


def _committee(actor: Actor) -> None:
    if actor.community_id is None or not (actor.is_system or actor.has_role(Role.COMMITTEE_MEMBER)):
        raise Forbidden
