"""What is found: a case of its own, one that is known already, or put right on the spot; and the second look."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.cases import policy as case_policy
from pointsbank.cases import queries as cases
from pointsbank.cases import services as case_services
from pointsbank.cases.models import Case, CaseState, CaseVisibility, Category, Outcome, Source, stands_in
from pointsbank.cases.moves import OPEN
from pointsbank.cases.services import ReportDraft, Sender, Step, auditing
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.i18n import N_
from pointsbank.media import queries as pictures
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.patrols import policy
from pointsbank.patrols.errors import (
    BadClientId,
    FindingMissing,
    KindNotTaken,
    NotAllowed,
    NotAnInspector,
    NotAnObserver,
    NothingToLookAt,
    NotIndependent,
    OutOfTurn,
    WordsMissing,
)
from pointsbank.patrols.models import Finding, FindingState, LookOutcome, Patrol, SecondLook, Stop
from pointsbank.patrols.services import earning
from pointsbank.patrols.services.steps import locked, move, observers_of, refuse_near, tell_about, words
from pointsbank.people import queries as people
from pointsbank.places import queries as places

CLIENT_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
LOOK_DAYS = dt.timedelta(days=case_policy.REOPEN_DAYS)


@dataclass(frozen=True)
class FindingDraft:
    """Something not in order. ``client_id`` is made by the phone; ``category_id`` its kind of problem."""

    client_id: str
    category_id: int
    text: str
    photo_ids: Sequence[int] = ()
    fixed_on_spot: bool = False


def own_photos(actor: Actor, photo_ids: Sequence[int]) -> list[int]:
    """Those of these photos that the actor sent for this and that hang nowhere yet, at most nine. What is gone by the
    time a phone finds its network again doesn't hold the round up."""
    found = pictures.own_loose(actor, photo_ids) if photo_ids else []
    return [photo.id for photo in found if photo.purpose is Purpose.REPORT][:media.MOST_PER_OWNER]


def take(actor: Actor, patrol: Patrol, stop: Stop, draft: FindingDraft, resident_id: int) -> Finding:
    """Write a finding down, once for each number of its round, and raise it unless it was put right on the spot.

    Raises BadClientId, WordsMissing, FindingMissing (no such kind of problem), KindNotTaken and what the room of cases
    raises.
    """
    if not CLIENT_ID.fullmatch(draft.client_id):
        raise BadClientId
    text = words(draft.text, 2, 500, "text", WordsMissing)
    known = db.session.scalars(scoped(Finding, patrol.community_id).where(
        Finding.patrol_id == patrol.id, Finding.client_id == draft.client_id)).one_or_none()
    if known is not None:
        return known
    kind = db.session.get(Category, draft.category_id)
    if kind is None or kind.community_id != patrol.community_id:
        raise FindingMissing(fields={"category_id": FindingMissing.message})
    _check_kind(kind)
    finding = Finding(
        community_id=patrol.community_id, patrol_id=patrol.id, stop_id=stop.id, client_id=draft.client_id,
        category_id=kind.id, text=text, fixed_on_spot=draft.fixed_on_spot, by_user_id=actor.user_id,
        resident_id=resident_id, at=clock.now(), state=FindingState.TO_CONFIRM)
    photo_ids = own_photos(actor, draft.photo_ids)
    if draft.fixed_on_spot:
        db.session.add(finding)
        db.session.flush()
        media.attach(actor, photo_ids, finding.key, purpose=Purpose.REPORT)
        return finding
    _raise(actor, patrol, stop, finding, kind, photo_ids)
    return finding


def _check_kind(kind: Category) -> None:
    """Kinds that are closed, or kept from residents, are no business of a round. Raises KindNotTaken."""
    if kind.closed_at is not None or kind.visibility is CaseVisibility.STAFF:
        raise KindNotTaken(fields={"category_id": KindNotTaken.message})


def _raise(actor: Actor, patrol: Patrol, stop: Stop, finding: Finding, kind: Category,
           photo_ids: Sequence[int]) -> None:
    """Join what is known of the same place and group, as who found it, else open a case."""
    alike = _alike(patrol, stop, kind, finding)
    if alike is None:
        finding.case_id = _open_case(actor, patrol, stop, finding, photo_ids)
        finding.state = FindingState.RAISED
    else:
        finding.case_id, finding.state = alike.id, FindingState.JOINED
    db.session.add(finding)
    db.session.flush()
    if alike is not None:
        media.attach(actor, photo_ids, finding.key, purpose=Purpose.REPORT)
        own = actor.resident_id == finding.resident_id and case_policy.is_reporter(actor, alike)
        if not own and alike.reporter_resident_id != finding.resident_id:
            case_services.join(actor, alike.id, finding.resident_id)


def _alike(patrol: Patrol, stop: Stop, kind: Category, finding: Finding) -> Case | None:
    """An open case of the same group at this very place that others may join. Not what the finder has found on this
    round: whoever sees two things at one place has seen two. What somebody else who walked it sees there is the same
    thing, and whoever distributes them says so if it isn't."""
    place = places.place(patrol.community_id, stop.place_id)
    own = scoped(Finding, patrol.community_id).with_only_columns(Finding.case_id).where(
        Finding.patrol_id == patrol.id, Finding.resident_id == finding.resident_id, Finding.case_id.is_not(None))
    group = sa.select(Category.id).where(
        Category.community_id == patrol.community_id, Category.group_code == kind.group_code)
    return db.session.scalars(scoped(Case, patrol.community_id).where(
        stands_in(*OPEN), Case.category_id.in_(group), Case.id.not_in(own), Case.visibility != CaseVisibility.STAFF,
        sa.or_(Case.place_id == place.id, Case.place_key == cases.place_key(place.name)))
        .order_by(Case.id).limit(1)).one_or_none()


def _open_case(actor: Actor, patrol: Patrol, stop: Stop, finding: Finding, photo_ids: Sequence[int]) -> int:
    """The case of a finding that is new to others; photos that hang on the finding go along, so that the unit sees
    them. Raises KindNotTaken for a kind that was closed since."""
    _check_kind(db.session.get_one(Category, finding.category_id))
    place = places.place(patrol.community_id, stop.place_id)
    draft = ReportDraft(
        client_id=f"patrol-{patrol.id}-{finding.client_id}"[:64], category_id=finding.category_id, text=finding.text,
        place=place.name, photo_ids=list(photo_ids), place_id=None if place.closed_at is not None else place.id)
    if actor.resident_id == finding.resident_id:
        report = case_services.raise_from_patrol(actor, draft)
    else:
        sender = Sender(f"user:{actor.user_id}", actor.user_id, finding.resident_id)
        report = case_services.take_in(actor, draft, Source.PATROL, sender)
    if finding.id is not None:  # written down before
        media.rehang(actor, finding.key, report.key)
    return report.case_id


# ── Put right on the spot ───────────────────────────────────────────────────────────────────────────────────────


def _locked(actor: Actor, finding_id: int) -> tuple[Finding, Patrol]:
    finding = get_scoped(Finding, finding_id, actor.community_id)
    patrol = locked(actor, finding.patrol_id)
    return get_scoped(Finding, finding_id, actor.community_id, lock=True), patrol


def confirm_fixed(actor: Actor, finding_id: int, *, is_fixed: bool, text: str = "") -> Finding:
    """A second person says whether it is put right; where not, it becomes a case.

    Somebody of the team who did not walk the round, its leader, or the committee. Raises NotFound, NotAllowed,
    NotIndependent, OutOfTurn, KindNotTaken.
    """
    finding, patrol = _locked(actor, finding_id)
    walking = observers_of(patrol)
    member = actor.resident_id is not None and people.is_team_member(patrol.team_id, actor.resident_id, clock.today())
    if actor.user_id is None or not (member or policy.may_decide(actor, patrol.team_id)):
        raise NotAllowed
    if actor.user_id == finding.by_user_id:
        raise NotIndependent
    refuse_near(actor, patrol, walking)
    if finding.state is not FindingState.TO_CONFIRM:
        raise OutOfTurn
    if is_fixed:
        finding.state, finding.confirmed_by_id = FindingState.CONFIRMED, actor.user_id
        db.session.flush()
    else:
        stop = get_scoped(Stop, finding.stop_id, finding.community_id)
        _raise(actor, patrol, stop, finding, db.session.get_one(Category, finding.category_id), [])
    move(actor, patrol, "confirm" if is_fixed else "not_fixed", text=text.strip()[:300])
    return finding


def raise_apart(actor: Actor, finding_id: int) -> Finding:
    """What was joined to a known case is another problem after all: it becomes a case of its own.

    Raises NotFound, NotAllowed, OutOfTurn, KindNotTaken.
    """
    finding, patrol = _locked(actor, finding_id)
    if actor.user_id is None or not policy.may_decide(actor, patrol.team_id):
        raise NotAllowed
    if finding.state is not FindingState.JOINED:
        raise OutOfTurn
    stop = get_scoped(Stop, finding.stop_id, finding.community_id)
    finding.case_id = _open_case(actor, patrol, stop, finding, [])
    finding.state = FindingState.RAISED
    db.session.flush()
    move(actor, patrol, "raise_apart")
    return finding


# ── The second look ─────────────────────────────────────────────────────────────────────────────────────────────


def _is_old(case: Case) -> bool:
    return case.closed_at is None or case.closed_at < clock.now() - LOOK_DAYS


def look_again(actor: Actor, finding_id: int, outcome: LookOutcome, text: str = "") -> SecondLook:
    """Another observer of the team looks whether a closed case stayed put right; if not, it is opened again. Only who
    took no step in it and is near nobody who did, while it may still be opened again.

    Raises NotFound, NotAnObserver, NotIndependent (of the round, or of the case), NothingToLookAt, NotAnInspector,
    WordsMissing (opening again needs a reason) and what opening a case again raises.
    """
    finding, patrol = _locked(actor, finding_id)
    if actor.user_id is None or actor.resident_id is None or not people.is_team_member(
            patrol.team_id, actor.resident_id, clock.today()):
        raise NotAnObserver
    if actor.user_id == finding.by_user_id:
        raise NotIndependent
    refuse_near(actor, patrol, observers_of(patrol))
    if finding.case_id is None:
        raise NothingToLookAt
    case = get_scoped(Case, finding.case_id, actor.community_id, lock=True)
    auditing.check_apart(actor, case)
    seen = db.session.scalars(scoped(SecondLook, case.community_id).where(
        SecondLook.case_id == case.id, SecondLook.round == case.round)).first()
    if case.state is not CaseState.CLOSED or case.outcome is Outcome.FALSE or seen is not None or _is_old(case):
        raise NothingToLookAt
    said = text.strip()[:500]
    look = SecondLook(community_id=case.community_id, finding_id=finding.id, case_id=case.id, round=case.round,
                      resident_id=actor.resident_id, by_user_id=actor.user_id, outcome=outcome, text=said,
                      at=clock.now())
    if outcome is LookOutcome.REOPEN:
        words(text, 4, 500, "text", WordsMissing)
        if not actor.has_role(*policy.OPENERS):
            raise NotAnInspector
        case_services.move(actor, case.id, "reopen", Step(text=said))
    db.session.add(look)
    db.session.flush()
    audit.write(actor, "patrols.look_again", case.key, outcome=outcome.value)
    earning.earn_look(actor, patrol, look)
    tell_about(patrol, [finding.resident_id], N_("Somebody looked again at what you found on the round “%(what)s” of "
                                                 "%(day)s."))
    return look

