"""The round itself: one checkpoint after the other, or the whole round as a phone or a sheet of paper kept it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import DomainError
from pointsbank.core.formats import format_day
from pointsbank.core.i18n import N_
from pointsbank.media import queries as pictures
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.patrols import policy, times
from pointsbank.patrols.errors import (
    BadClientId,
    BadStop,
    BadTime,
    ClientIdReused,
    FindingMissing,
    NotAllowed,
    NotYourRound,
    OutOfTurn,
    SheetTooLate,
    SkipReasonMissing,
    TooEarly,
    TooLate,
    TooManyFindings,
)
from pointsbank.patrols.models import (
    WALKABLE,
    Patrol,
    PatrolSource,
    PatrolState,
    Proof,
    Sending,
    Stop,
    StopResult,
)
from pointsbank.patrols.services import findings as found
from pointsbank.patrols.services.findings import CLIENT_ID, FindingDraft, own_photos
from pointsbank.patrols.services.steps import leaders_at_home, locked, move, observers_of, tell_about, words
from pointsbank.places import queries as places

MOST_FINDINGS = 5
DONE = (StopResult.OK, StopResult.FINDING, StopResult.SKIPPED)


@dataclass(frozen=True)
class StopDraft:
    """What came of one checkpoint. ``checks``: {key of a question: fine or not}; ``tag`` is the code scanned there,
    ``at`` what the phone said. Photos are one's own that hang nowhere yet; one that is gone is no hindrance."""

    id: int
    result: StopResult
    checks: dict[str, bool] = field(default_factory=dict)
    reason: str = ""
    at: dt.datetime | None = None
    tag: str = ""
    photo_ids: Sequence[int] = ()
    findings: Sequence[FindingDraft] = ()


@dataclass(frozen=True)
class RoundDraft:
    """A whole round. ``client_id`` is made once by the phone and sent with it each time."""

    client_id: str
    checkpoints: Sequence[StopDraft]
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None

    @property
    def hash(self) -> str:
        """Tells a repeat from another round under the same number. Photos have new numbers each time they are sent."""
        told = json.dumps(_without_photos(asdict(self)), sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()


def _without_photos(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_photos(inner) for name, inner in value.items() if name != "photo_ids"}
    return [_without_photos(inner) for inner in value] if isinstance(value, list | tuple) else value


# ── Who, and when ───────────────────────────────────────────────────────────────────────────────────────────────


def walkable(actor: Actor, patrol_id: int) -> Patrol:
    """The round under its lock, open to whoever walks it, within its days.

    Raises NotFound, NotYourRound, OutOfTurn, TooEarly, TooLate.
    """
    patrol = locked(actor, patrol_id)
    _check_part(actor, patrol, False)
    _check_time(patrol, False)
    return patrol


def _check_part(actor: Actor, patrol: Patrol, paper: bool) -> None:
    if paper:
        if actor.user_id is None or not policy.may_keep(actor, patrol.team_id):
            raise NotAllowed
    elif actor.user_id is None or actor.resident_id is None or actor.resident_id not in observers_of(patrol):
        raise NotYourRound


def _check_time(patrol: Patrol, paper: bool) -> None:
    days = times.PAPER_DAYS if paper else times.LATE_DAYS
    if patrol.state not in WALKABLE:
        raise OutOfTurn
    if clock.today() < patrol.on:
        raise TooEarly(day=format_day(patrol.on))
    if not times.is_walkable(patrol, clock.today(), days):
        raise SheetTooLate(days=days) if paper else TooLate(days=days)


def start(actor: Actor, patrol_id: int) -> Patrol:
    """Set out; again, it is begun already. Raises what ``walkable`` raises."""
    patrol = walkable(actor, patrol_id)
    _begin(actor, patrol)
    return patrol


def _begin(actor: Actor, patrol: Patrol) -> None:
    if patrol.started_at is None:
        patrol.started_at = clock.now()
    if patrol.state is PatrolState.ASSIGNED:
        move(actor, patrol, "start", PatrolState.STARTED)


# ── One checkpoint ──────────────────────────────────────────────────────────────────────────────────────────────


def note_stop(actor: Actor, patrol_id: int, draft: StopDraft) -> Stop:
    """Write down one checkpoint at once, page by page; said again it is said anew, findings stay.

    Raises what ``walkable`` raises, BadStop, SkipReasonMissing, FindingMissing, and what a finding raises.
    """
    patrol = walkable(actor, patrol_id)
    _begin(actor, patrol)
    stop = stops_of(patrol).get(draft.id)
    if stop is None:
        raise BadStop
    _note(actor, patrol, stop, draft, actor.resident_id or 0, paper=False)
    return stop


def stops_of(patrol: Patrol) -> dict[int, Stop]:
    """The rows of a round by id, in their order."""
    return {stop.id: stop for stop in db.session.scalars(scoped(Stop, patrol.community_id).where(
        Stop.patrol_id == patrol.id).order_by(Stop.position))}


def _checked(stop: Stop, draft: StopDraft) -> None:
    """What was found there before needs not be said again."""
    if draft.result not in DONE:
        raise BadStop
    if draft.result is StopResult.SKIPPED:
        words(draft.reason, 2, 200, "reason", SkipReasonMissing)
    if draft.result is StopResult.FINDING and not draft.findings and stop.result is not StopResult.FINDING:
        raise FindingMissing(fields={"text": FindingMissing.message})
    if len(draft.findings) > MOST_FINDINGS:
        raise TooManyFindings(most=MOST_FINDINGS)


@contextmanager
def _at_stop(stop_id: int, number: int = 0) -> Iterator[None]:
    """Says of a refusal's fields at which checkpoint, and which finding there, as the page calls them."""
    try:
        yield
    except DomainError as refusal:
        refusal.fields = {f"s{stop_id}-{'' if name == 'reason' else f'f{number}-'}{name}": text
                          for name, text in refusal.fields.items()}
        raise


def _note(actor: Actor, patrol: Patrol, stop: Stop, draft: StopDraft, resident_id: int, *, paper: bool) -> bool:
    """Write a checkpoint down; True where the phone's clock said what can't be. Said again without a time it keeps the
    time at which it was said first."""
    with _at_stop(stop.id):
        _checked(stop, draft)
    received = clock.now()
    said = times.bounded(draft.at or stop.said_at, patrol.starts_at, received)
    known = {line["key"] for line in stop.checklist}
    stop.result = StopResult.FINDING if draft.findings else draft.result
    stop.checks = {key: bool(fine) for key, fine in draft.checks.items() if key in known}
    stop.reason = draft.reason.strip()[:200] if draft.result is StopResult.SKIPPED else ""
    stop.said_at, stop.received_at = said.at, received
    hung = _hang(actor, stop, draft.photo_ids)
    for number, one in enumerate(draft.findings):
        with _at_stop(stop.id, number):
            found.take(actor, patrol, stop, one, resident_id)
    stop.proof = _proof(stop, draft, paper, hung or any(one.photo_ids for one in draft.findings))
    db.session.flush()
    return said.off


def _hang(actor: Actor, stop: Stop, photo_ids: Sequence[int]) -> bool:
    own = own_photos(actor, photo_ids)
    if not own:
        return False
    room = media.MOST_PER_OWNER - len(pictures.photos_of(stop.community_id, [stop.key])[stop.key])
    media.attach(actor, own[:max(room, 0)], stop.key, purpose=Purpose.REPORT)
    return True


def _proof(stop: Stop, draft: StopDraft, paper: bool, photo: bool) -> Proof:
    """The best there is. A tag of elsewhere, or one out of use, proves nothing and holds nothing up."""
    if stop.proof is Proof.TAG or (draft.tag and _hangs_there(draft.tag, stop.place_id)):
        return Proof.TAG
    if photo or stop.proof is Proof.PHOTO:
        return Proof.PHOTO
    led = paper or stop.proof is Proof.LEADER
    return Proof.LEADER if led and draft.result is not StopResult.SKIPPED else Proof.NONE


def _hangs_there(code: str, place_id: int) -> bool:
    try:
        return places.place_of_tag(code).id == place_id
    except DomainError:
        return False


# ── The whole round ─────────────────────────────────────────────────────────────────────────────────────────────


def submit(actor: Actor, patrol_id: int, draft: RoundDraft, *, paper: bool = False,
           observer_id: int | None = None) -> Patrol:
    """Hand in a round: all of it, or nothing. The same sending again is answered with the same round.

    Two who walk together may both send: what the second one saw is added while nobody has decided. What nobody noted
    is missed from then on. ``paper``: entered by who keeps the team's rounds; the findings are of ``observer_id``.
    Raises BadClientId, ClientIdReused, NotFound, NotYourRound, NotAllowed, OutOfTurn, TooEarly, TooLate, SheetTooLate,
    BadStop, BadTime, SkipReasonMissing, FindingMissing, TooManyFindings and what a finding raises.
    """
    if not CLIENT_ID.fullmatch(draft.client_id):
        raise BadClientId(fields={"client_id": BadClientId.message})
    patrol = locked(actor, patrol_id)
    _check_part(actor, patrol, paper)
    if _known(patrol, draft):
        return patrol
    second = patrol.state is PatrolState.SUBMITTED and not paper
    if not second:
        _check_time(patrol, paper)
    walking = observers_of(patrol)
    resident_id = (observer_id if observer_id in walking else walking[0] if walking else 0) if paper else (
        actor.resident_id or 0)
    if not resident_id:
        raise OutOfTurn
    off = _note_all(actor, patrol, draft, resident_id, paper=paper, second=second)
    _remember(actor, patrol, draft)
    if second:
        _close_blanks(patrol)
        move(actor, patrol, "add")
        return patrol
    if paper or patrol.said_from is None:
        _settle_times(patrol, draft, off)
    else:  # it came back and is handed in once more: it was walked when it was walked
        patrol.clock_off |= off
    _hand_in(actor, patrol, PatrolSource.PAPER if paper else PatrolSource.PHONE)
    return patrol


def _known(patrol: Patrol, draft: RoundDraft) -> bool:
    """Under the lock of the round: whoever comes second finds what the first one wrote."""
    row = db.session.scalars(scoped(Sending, patrol.community_id).where(
        Sending.client_id == draft.client_id)).one_or_none()
    if row is not None and (row.patrol_id, row.body_hash) != (patrol.id, draft.hash):
        raise ClientIdReused
    return row is not None


def is_known(actor: Actor, client_id: str) -> bool:
    """This sending has come in: its photos need not be stored again."""
    return db.session.scalar(scoped(Sending, actor.community_id).with_only_columns(Sending.id).where(
        Sending.client_id == client_id)) is not None


def _remember(actor: Actor, patrol: Patrol, draft: RoundDraft) -> None:
    db.session.add(Sending(
        community_id=patrol.community_id, patrol_id=patrol.id, client_id=draft.client_id, body_hash=draft.hash,
        by_user_id=actor.user_id or 0, received_at=clock.now()))
    try:
        db.session.flush()
    except sa.exc.IntegrityError:
        raise ClientIdReused from None  # at the same moment, for another round


def _note_all(actor: Actor, patrol: Patrol, draft: RoundDraft, resident_id: int, *, paper: bool,
              second: bool) -> bool:
    rows, seen, off = stops_of(patrol), set(), False
    for one in draft.checkpoints:
        stop = rows.get(one.id)
        if stop is None or one.id in seen:
            raise BadStop
        seen.add(one.id)
        if not second or stop.result in (StopResult.BLANK, StopResult.MISSED, StopResult.SKIPPED) or one.findings:
            off |= _note(actor, patrol, stop, one, resident_id, paper=paper)
        else:
            _add(actor, stop, one)
    return off


def _add(actor: Actor, stop: Stop, draft: StopDraft) -> None:
    """What a second phone brings of a checkpoint that is noted: its photos, and its tag where that proves more."""
    with _at_stop(stop.id):
        _checked(stop, draft)
    proof = _proof(stop, draft, False, _hang(actor, stop, draft.photo_ids))
    stop.proof = stop.proof if proof is Proof.NONE else proof
    db.session.flush()


def _settle_times(patrol: Patrol, draft: RoundDraft, off: bool) -> None:
    now = clock.now()
    said = [stop.said_at for stop in stops_of(patrol).values() if stop.said_at is not None]
    begun, ended = draft.started_at, draft.ended_at
    if begun is not None and ended is not None and ended < begun:
        raise BadTime
    set_out = [] if patrol.started_at is None else [patrol.started_at]
    first = times.bounded(begun or min([*said, *set_out], default=None), patrol.starts_at, now)
    last = times.bounded(ended or max(said, default=None), patrol.starts_at, now)
    patrol.said_from, patrol.said_until = min(first.at, last.at), last.at
    patrol.clock_off = off or first.off or last.off
    patrol.minutes = times.walked_minutes(patrol.said_from, patrol.said_until, patrol.starts_at, patrol.ends_at)


def _close_blanks(patrol: Patrol) -> None:
    db.session.execute(sa.update(Stop).where(
        Stop.community_id == patrol.community_id, Stop.patrol_id == patrol.id, Stop.result == StopResult.BLANK)
        .values(result=StopResult.MISSED))


def _hand_in(actor: Actor, patrol: Patrol, source: PatrolSource) -> None:
    _close_blanks(patrol)
    now = clock.now()
    patrol.started_at = patrol.started_at or now
    patrol.submitted_at, patrol.submitted_by_id, patrol.source = now, actor.user_id, source
    patrol.arrived_late = patrol.state is PatrolState.MISSED
    patrol.decided_at = patrol.decided_by_id = None
    patrol.reason = ""
    move(actor, patrol, "submit", PatrolState.SUBMITTED)
    told = set(leaders_at_home(patrol.community_id, patrol.team_id)) - {actor.resident_id or 0}
    tell_about(patrol, sorted(told), N_("The round “%(what)s” of %(day)s is in and waits to be accepted."))


def stop_of_values(raw: dict[str, Any]) -> StopDraft:
    """A checkpoint from what the schema loaded."""
    return StopDraft(**{**raw, "findings": tuple(FindingDraft(**f) for f in raw.get("findings", ()))})


def values_of(raw: dict[str, Any]) -> RoundDraft:
    """A round from what the schema loaded."""
    return RoundDraft(raw["client_id"], tuple(stop_of_values(one) for one in raw["checkpoints"]),
                      raw.get("started_at"), raw.get("ended_at"))
