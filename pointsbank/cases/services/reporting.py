"""A report comes in, or a neighbour says "me too"."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import (
    BadClientId,
    BadPosition,
    BadSource,
    ClientIdReused,
    NotOpen,
    NotYourPart,
    OwnCase,
    PlaceMissing,
    TooManyReports,
    WordsMissing,
)
from pointsbank.cases.models import ENTERED, Case, CaseState, Joiner, Report, Source
from pointsbank.cases.moves import OPEN
from pointsbank.cases.report_errors import FarAway
from pointsbank.cases.services import clocks, following
from pointsbank.cases.services.steps import note, tell_about
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.core.i18n import N_
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.people import queries as people
from pointsbank.people.models import User
from pointsbank.places import queries as places
from pointsbank.places.facts import too_far

MOST_A_DAY = 20
MOST_ENTERED_A_DAY = 200
CLIENT_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


@dataclass(frozen=True)
class ReportDraft:
    """What somebody sends. ``client_id`` is made once for a draft and sent with it each time; WGS84 degrees.

    ``place_id`` is a place of the community; its name and position stand in for what ``place``, ``lat`` and ``lon``
    leave out. ``text`` may be empty where a photo comes with it.
    """

    client_id: str
    category_id: int
    text: str = ""
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    anonymous: bool = False
    photo_ids: Sequence[int] = ()
    place_id: int | None = None


@dataclass(frozen=True)
class Sender:
    """Who a report comes from: the resident who hears of it and may earn, the user who sent or entered it."""

    key: str
    user_id: int | None = None
    resident_id: int | None = None


def send(actor: Actor, draft: ReportDraft) -> Report:
    """Take a resident's report in and open its case; the same draft sent again is answered with the same report.

    Raises Forbidden without a resident, TooManyReports and what ``take_in`` raises.
    """
    if actor.user_id is None or actor.resident_id is None:
        raise Forbidden
    return take_in(actor, draft, Source.SNAPSHOT, Sender(f"user:{actor.user_id}", actor.user_id, actor.resident_id),
                   most_a_day=MOST_A_DAY)


def sent(actor: Actor, draft: ReportDraft) -> Report | None:
    """The report that this draft of a resident has become already: its photos need not be stored again. Raises
    ClientIdReused."""
    if actor.user_id is None or actor.community_id is None:
        return None
    return _known(actor.community_id, Sender(f"user:{actor.user_id}", actor.user_id, actor.resident_id), draft)


def raise_from_patrol(actor: Actor, draft: ReportDraft) -> Report:
    """What an observer found on a round, as a report of theirs, and as many as there are. Raises as ``take_in``."""
    if actor.user_id is None:
        raise Forbidden
    return take_in(actor, draft, Source.PATROL, Sender(f"user:{actor.user_id}", actor.user_id, actor.resident_id))


def enter(actor: Actor, draft: ReportDraft, source: Source, resident_id: int | None = None) -> Report:
    """Staff write down what they saw, were told at the door or on the phone: for a resident of the community, who hears
    of it and may earn, or for nobody. Whoever enters it counts as its reporter beside the resident: they neither
    distribute nor inspect it.

    Raises NotYourPart, BadSource, NotFound (also for a resident of elsewhere or one who is gone) and what ``take_in``
    raises.
    """
    if actor.user_id is None or not actor.has_role_within(*policy.ENTERERS):
        raise NotYourPart
    if source not in ENTERED:
        raise BadSource(fields={"source": BadSource.message})
    if resident_id is not None and people.resident(actor.community_id, resident_id).left_on is not None:
        raise NotFound
    if resident_id is not None and draft.photo_ids:
        media.say_whose(actor, draft.photo_ids, resident_id)
    report = take_in(actor, draft, source, Sender(f"user:{actor.user_id}", actor.user_id, resident_id),
                     most_a_day=MOST_ENTERED_A_DAY)
    audit.write(actor, "cases.enter", report.key, source=source.value, resident=resident_id)
    return report


def take_in(actor: Actor, draft: ReportDraft, source: Source, sender: Sender, *,
            most_a_day: int | None = None) -> Report:
    """Open the case of a report, whoever it comes from, in the actor's community; who may is asked before.

    Raises BadClientId, ClientIdReused, WordsMissing, PlaceMissing, BadPosition, FarAway, NotFound (category, place,
    photos), TooManyReports.
    """
    if actor.community_id is None:
        raise Forbidden
    if not CLIENT_ID.fullmatch(draft.client_id):
        raise BadClientId(fields={"client_id": BadClientId.message})
    if sender.user_id is not None:
        _one_at_a_time(sender.user_id)
    # Before anything is asked about it: what came in stays in, though its place was renamed or closed meanwhile.
    known = _known(actor.community_id, sender, draft)
    if known is not None:
        return known
    _check_near(actor.community_id, draft)
    draft = _placed(actor.community_id, draft)
    text, place = _checked(draft)
    category = queries.category(actor.community_id, draft.category_id)
    if category.closed_at is not None:
        raise NotFound
    if most_a_day is not None:
        _within_the_day(actor.community_id, sender, source, most_a_day)
    now, who = clock.now(), sender.resident_id
    home = people.household_on(actor.community_id, [who], clock.local_date(now)).get(who) if who is not None else None
    case = Case(
        community_id=actor.community_id, source=source, state=CaseState.RECEIVED, category_id=category.id,
        class_=category.class_, visibility=category.visibility, level=0, reporter_resident_id=who,
        household_id=home.id if home is not None else None,
        reporter_user_id=sender.user_id, anonymous=draft.anonymous, place_id=draft.place_id, place=place,
        place_key=queries.place_key(place), lat=draft.lat, lon=draft.lon, opened_at=now, unit_id=category.unit_id,
        appeals=0, sent_back=0, round=1)
    db.session.add(case)
    db.session.flush()
    report = Report(
        community_id=actor.community_id, sender_key=sender.key, client_id=draft.client_id, case_id=case.id,
        user_id=sender.user_id, resident_id=sender.resident_id, anonymous=draft.anonymous, category_id=category.id,
        text=text, place_id=draft.place_id, place=place, lat=draft.lat, lon=draft.lon, sent_at=now,
        code_hash=following.new_hash(actor.community_id, sender.key, draft.client_id) if draft.anonymous else None)
    db.session.add(report)
    db.session.flush()
    media.attach(actor, list(draft.photo_ids), report.key, purpose=Purpose.REPORT)
    clocks.follow(case, None)
    note(actor, case, "report", None)
    if sender.resident_id is not None:
        tell_about(case, [sender.resident_id],
                   N_("Your report %(number)s (%(what)s) has come in. You hear of each step."))
    return report


def _check_near(community_id: int, draft: ReportDraft) -> None:
    """A position of its own lies near the places of the community, as far as those are known. Raises FarAway."""
    if draft.lat is None or draft.lon is None or draft.place_id is not None or not _on_earth(draft.lat, draft.lon):
        return
    km = too_far((draft.lat, draft.lon), list(places.positions(community_id).values()))
    if km is not None:
        raise FarAway(km=km, fields={"place": FarAway(km=km).sentence})


def _on_earth(lat: float, lon: float) -> bool:
    return math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180


def _placed(community_id: int, draft: ReportDraft) -> ReportDraft:
    """The draft with what its place knows. Raises NotFound for a place of elsewhere or one that is gone."""
    if draft.place_id is None:
        return draft
    known = places.by_ids(community_id, [draft.place_id]).get(draft.place_id)
    if known is None:
        raise NotFound
    spot = (draft.lat, draft.lon) if draft.lat is not None or draft.lon is not None else (known.lat, known.lon)
    return replace(draft, place=draft.place.strip() or known.name, lat=spot[0], lon=spot[1])


def _checked(draft: ReportDraft) -> tuple[str, str]:
    text, place = draft.text.strip(), draft.place.strip()
    silent = not text and bool(draft.photo_ids)
    if not silent and (not 2 <= len(text) <= 1000 or not any(c.isalnum() for c in text)):
        raise WordsMissing(fields={"text": WordsMissing.message})
    if not 2 <= len(place) <= 120 or not queries.place_key(place):
        raise PlaceMissing(fields={"place": PlaceMissing.message})
    if (draft.lat is None) != (draft.lon is None):
        raise BadPosition(fields={"lat": BadPosition.message})
    if draft.lat is not None and draft.lon is not None and not _on_earth(draft.lat, draft.lon):
        raise BadPosition(fields={"lat": BadPosition.message})
    return text, place


def _one_at_a_time(user_id: int) -> None:
    """Reports of one sender queue here, so that neither a number nor the day's count is taken twice."""
    db.session.execute(sa.select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def _known(community_id: int, sender: Sender, draft: ReportDraft) -> Report | None:
    """The report that this draft has become already. Raises ClientIdReused where its number came with another one."""
    found = db.session.scalars(scoped(Report, community_id).where(
        Report.sender_key == sender.key, Report.client_id == draft.client_id)).one_or_none()
    if found is None:
        return None
    same = (found.text, found.category_id, found.resident_id) == (
        draft.text.strip(), draft.category_id, sender.resident_id)
    where = found.place_id == draft.place_id if draft.place_id is not None else found.place == draft.place.strip()
    if not (same and where):
        raise ClientIdReused
    return found


def _within_the_day(community_id: int, sender: Sender, source: Source, most: int) -> None:
    """What somebody reports and what they enter for others count apart, and findings of rounds not at all."""
    since = clock.at_local(clock.today())
    kin = ENTERED if source in ENTERED else (source,)
    count = db.session.scalar(
        sa.select(sa.func.count()).select_from(Report).join(Case, Case.id == Report.case_id).where(
            Report.community_id == community_id, Report.sender_key == sender.key, Report.sent_at >= since,
            Case.source.in_(kin)))
    if (count or 0) >= most:
        raise TooManyReports(most=most)


def join(actor: Actor, case_id: int, resident_id: int | None = None) -> Case:
    """Say "me too", for oneself or, as a room above that knows who found it, for a resident: they hear of each step.
    Twice is once.

    Raises Forbidden without a resident, NotFound (also for what residents don't see), OwnCase, NotOpen.
    """
    who = resident_id if resident_id is not None else actor.resident_id
    if who is None:
        raise Forbidden
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if who == case.reporter_resident_id or (resident_id is None and policy.is_reporter(actor, case)):
        raise OwnCase
    if not queries.may_join(actor, case):
        raise NotFound
    if case.state not in OPEN:
        raise NotOpen
    if db.session.get(Joiner, (case.id, who)) is None:
        db.session.add(Joiner(case_id=case.id, resident_id=who, community_id=case.community_id,
                              joined_at=clock.now()))
        db.session.flush()
        note(actor, case, "join", case.state)
    return case
