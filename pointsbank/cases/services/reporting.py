"""A report comes in, or a neighbour says "me too"."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import (
    BadClientId,
    BadPosition,
    ClientIdReused,
    NotOpen,
    OwnCase,
    PlaceMissing,
    TooManyReports,
    WordsMissing,
)
from pointsbank.cases.models import Case, CaseClass, CaseState, CaseVisibility, Joiner, Report
from pointsbank.cases.moves import OPEN
from pointsbank.cases.services import clocks
from pointsbank.cases.services.steps import note, tell_about
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.core.i18n import N_
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.people.models import User

MOST_A_DAY = 20
CLIENT_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


@dataclass(frozen=True)
class ReportDraft:
    """What somebody sends. ``client_id`` is made once for a draft and sent with it each time; WGS84 degrees."""

    client_id: str
    category_id: int
    text: str
    place: str
    lat: float | None = None
    lon: float | None = None
    anonymous: bool = False
    photo_ids: Sequence[int] = ()


def send(actor: Actor, draft: ReportDraft) -> Report:
    """Take a report in and open its case; the same draft sent again is answered with the same report.

    Raises Forbidden without a resident, BadClientId, ClientIdReused, WordsMissing, PlaceMissing, BadPosition,
    NotFound (category, photos), TooManyReports.
    """
    if actor.user_id is None or actor.resident_id is None or actor.community_id is None:
        raise Forbidden
    text, place = _checked(draft)
    category = queries.category(actor.community_id, draft.category_id)
    _one_at_a_time(actor.user_id)
    known = _known(actor, draft, text, place)
    if known is not None:
        return known
    _within_the_day(actor)
    now = clock.now()
    family = category.class_ is CaseClass.FAMILY
    case = Case(
        community_id=actor.community_id, source="snapshot", state=CaseState.RECEIVED, category_id=category.id,
        class_=category.class_, visibility=CaseVisibility.STAFF if family else CaseVisibility.RESIDENTS, level=0,
        reporter_resident_id=actor.resident_id, reporter_user_id=actor.user_id, anonymous=draft.anonymous, place=place,
        place_key=queries.place_key(place), lat=draft.lat, lon=draft.lon, opened_at=now, unit_id=category.unit_id,
        appeals=0, sent_back=0, round=1)
    db.session.add(case)
    db.session.flush()
    report = Report(
        community_id=actor.community_id, client_id=draft.client_id, case_id=case.id, user_id=actor.user_id,
        resident_id=actor.resident_id, anonymous=draft.anonymous, category_id=category.id, text=text, place=place,
        lat=draft.lat, lon=draft.lon, sent_at=now)
    db.session.add(report)
    db.session.flush()
    media.attach(actor, list(draft.photo_ids), report.key, purpose=Purpose.REPORT)
    clocks.follow(case, None)
    note(actor, case, "report", None)
    tell_about(case, [actor.resident_id], N_("Your report %(number)s (%(what)s) has come in. You hear of each step."))
    return report


def _checked(draft: ReportDraft) -> tuple[str, str]:
    if not CLIENT_ID.fullmatch(draft.client_id):
        raise BadClientId(fields={"client_id": BadClientId.message})
    text, place = draft.text.strip(), draft.place.strip()
    if not 2 <= len(text) <= 1000 or not any(c.isalnum() for c in text):
        raise WordsMissing(fields={"text": WordsMissing.message})
    if not 2 <= len(place) <= 120 or not queries.place_key(place):
        raise PlaceMissing(fields={"place": PlaceMissing.message})
    if (draft.lat is None) != (draft.lon is None):
        raise BadPosition(fields={"lat": BadPosition.message})
    if draft.lat is not None and draft.lon is not None and not (
            math.isfinite(draft.lat) and math.isfinite(draft.lon) and abs(draft.lat) <= 90 and abs(draft.lon) <= 180):
        raise BadPosition(fields={"lat": BadPosition.message})
    return text, place


def _one_at_a_time(user_id: int) -> None:
    """Reports of one sender queue here, so that neither a number nor the day's count is taken twice."""
    db.session.execute(sa.select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def _known(actor: Actor, draft: ReportDraft, text: str, place: str) -> Report | None:
    found = db.session.scalars(scoped(Report, actor.community_id).where(
        Report.user_id == actor.user_id, Report.client_id == draft.client_id)).one_or_none()
    if found is not None and (found.text, found.place, found.category_id, found.resident_id) != (
            text, place, draft.category_id, actor.resident_id):
        raise ClientIdReused
    return found


def _within_the_day(actor: Actor) -> None:
    since = clock.at_local(clock.today())
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Report).where(
        Report.community_id == actor.community_id, Report.user_id == actor.user_id, Report.sent_at >= since))
    if (count or 0) >= MOST_A_DAY:
        raise TooManyReports(most=MOST_A_DAY)


def join(actor: Actor, case_id: int) -> Case:
    """Say "me too": the joiner hears of each step and earns nothing. Twice is once.

    Raises Forbidden without a resident, NotFound (also for what residents don't see), OwnCase, NotOpen.
    """
    if actor.resident_id is None:
        raise Forbidden
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if policy.is_reporter(actor, case):
        raise OwnCase
    if not queries.may_join(actor, case):
        raise NotFound
    if case.state not in OPEN:
        raise NotOpen
    if db.session.get(Joiner, (case.id, actor.resident_id)) is None:
        db.session.add(Joiner(case_id=case.id, resident_id=actor.resident_id, community_id=case.community_id,
                              joined_at=clock.now()))
        db.session.flush()
        note(actor, case, "join", case.state)
    return case
