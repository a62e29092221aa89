"""A report of another platform becomes a case, like any other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import force_locale

from pointsbank.cases import services as cases
from pointsbank.cases.errors import ClientIdReused
from pointsbank.cases.models import Report, Source
from pointsbank.core import audit, tenancy, tokens
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, scoped
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.media.services import Prepared
from pointsbank.open311.asking import RequestDraft, number_in
from pointsbank.open311.errors import FarAway, PositionMissing, ServiceMissing, UnknownAddress, UnknownService
from pointsbank.open311.models import Open311Client
from pointsbank.open311.queries import requests
from pointsbank.open311.services.keys import queue
from pointsbank.open311.services.linking import linked_resident
from pointsbank.places import queries as places
from pointsbank.places.facts import too_far
from pointsbank.places.models import Place
from pointsbank.places.positions import FAR, Spot, describe, nearest

MOST_A_DAY = 1000
REPORT_TEXT = 1000
PLACE_TEXT = 120


@dataclass(frozen=True)
class Taken:
    """The request's number, and whether it counts for a resident who consented."""

    request_id: int
    is_linked: bool


def take(community_id: int, client_id: int, draft: RequestDraft, photos: Sequence[Prepared] = ()) -> Taken:
    """Open the case of a report; the same one sent again (by its number in the sending system) is the same case.

    Nothing is fetched from a ``media_url``: it is written down for the office. Raises KeyWrong, ServiceMissing,
    UnknownService, PositionMissing, UnknownAddress, FarAway, ClientIdReused, TooManyReports and what the room
    ``cases`` refuses about words and places.
    """
    actor = system(community_id)
    with tenancy.scope(community_id):
        client = queue(community_id, client_id)
        if not draft.service_code:
            raise ServiceMissing
        kind = requests.service(community_id, draft.service_code)
        own = own_number(draft.own_id)
        known = brought(client, own) if own else None
        if known is not None:
            return _again(known, kind.id, draft)
        if kind.closed_at is not None:
            raise UnknownService
        place_id, place = _where(community_id, draft)
        resident_id = linked_resident(client, draft.account) if draft.account else None
        text, rest = draft.words[:REPORT_TEXT], draft.words[REPORT_TEXT:]
        lat, lon = draft.spot if draft.spot is not None else (None, None)
        report = cases.take_in(
            actor, cases.ReportDraft(own or tokens.random_token(), kind.id, text, place, lat, lon,
                                     photo_ids=keep(actor, photos, resident_id), place_id=place_id),
            Source.OPEN311, cases.Sender(client.sender_key, None, resident_id), most_a_day=MOST_A_DAY)
        whole = draft.address if len(draft.address) > PLACE_TEXT else ""
        lines = [line for line in (rest, whole, *draft.media_urls) if line]
        if lines:
            cases.comment(actor, report.case_id, "\n".join(lines), sender_key=client.sender_key)
        audit.write(actor, "open311.take", report.key, client=client.id)
        return Taken(report.case_id, report.resident_id is not None)


def own_number(text: str) -> str:
    """A number of another system as one that a report can be known by."""
    if not text:
        return ""
    if re.fullmatch(r"[\w-]{1,50}", text, re.ASCII):
        return f"external-{text}"
    return f"hashed-{hashlib.sha256(text.encode()).hexdigest()[:48]}"


def brought(client: Open311Client, own: str) -> Report | None:
    """The report that this platform sent under a number of its own."""
    return db.session.scalars(scoped(Report, client.community_id).where(
        Report.sender_key == client.sender_key, Report.client_id == own)).one_or_none()


def _again(known: Report, category_id: int, draft: RequestDraft) -> Taken:
    if (known.category_id, known.text) != (category_id, draft.words[:REPORT_TEXT].strip()):
        raise ClientIdReused
    return Taken(known.case_id, known.resident_id is not None)


def keep(actor: Actor, photos: Sequence[Prepared], resident_id: int | None = None) -> list[int]:
    """Keep what came along as photos of reports."""
    return [media.store(actor, None, "", Purpose.REPORT, prepared=photo, resident_id=resident_id).id
            for photo in photos]


# ── Where ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _where(community_id: int, draft: RequestDraft) -> tuple[int | None, str]:
    """The place that was named, and its words: as given, of the place, or of what lies near the position."""
    if draft.spot is None and not draft.address and not draft.address_id:
        raise PositionMissing
    place_id = None
    # FixMyStreet says "#NOTPINPOINTED#" here: what is no number of ours says nothing where something else does.
    if draft.address_id and (number_in(draft.address_id) or not (draft.spot is not None or draft.address)):
        place_id = _place(community_id, draft.address_id).id
    around = places.on_the_plan(community_id) if draft.spot is not None else []
    if draft.spot is not None:
        km = too_far(draft.spot, list(places.positions(community_id).values()))
        if km is not None:
            raise FarAway(km=km)
    if draft.address or place_id is not None:
        return place_id, draft.address[:PLACE_TEXT]
    return None, _near(draft.spot or (0.0, 0.0), around)


def _place(community_id: int, address_id: str) -> Place:
    number = number_in(address_id)
    found = places.by_ids(community_id, [number]).get(number)
    if found is None:
        raise UnknownAddress
    return found


def _near(spot: tuple[float, float], around: Sequence[Place]) -> str:
    """Words for a bare position, in the language of the house: whoever looks for it reads them."""
    known = [Spot(one.id, one.name, one.lat, one.lon) for one in around if one.lat is not None and one.lon is not None]
    first = nearest(spot, known, most=1)
    if not first or first[0].metres >= FAR:
        return f"{spot[0]:.5f}, {spot[1]:.5f}"
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        return describe(spot, known)[:PLACE_TEXT]
