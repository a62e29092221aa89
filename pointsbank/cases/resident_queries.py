"""What the residents' pages ask: likely places, one's own cases by state, the neighbours', photos that may be shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.cases import policy, queries
from pointsbank.cases.models import (
    Case,
    CaseClock,
    CaseState,
    CaseVisibility,
    Category,
    ClockKind,
    Joiner,
    Report,
    Unit,
    stands_in,
)
from pointsbank.cases.moves import OPEN
from pointsbank.cases.report_errors import FarAway, NoPosition, PlaceGone, TagOfElsewhere
from pointsbank.communities.models import Area
from pointsbank.contributions import queries as deeds
from pointsbank.contributions.models import Contribution
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page, page
from pointsbank.media import policy as photo_policy
from pointsbank.media import queries as pictures
from pointsbank.media.models import Photo, Purpose
from pointsbank.people import queries as people
from pointsbank.places import queries as places
from pointsbank.places.facts import too_far
from pointsbank.places.models import Place
from pointsbank.places.positions import Near, Spot, nearest

MOST_PLACES = 8
RECENT_PLACES = 3
NEAR_PLACES = 3
S = CaseState

# The chips above the lists. What waits for the reader stands apart from what waits for others.
MINE: dict[str, tuple[CaseState, ...]] = {
    "mine": (S.MORE_INFORMATION, S.TO_EVALUATE), "open": tuple(OPEN),
    "over": (S.CLOSED, S.DECLINED, S.WITHDRAWN, S.MERGED),
}
AROUND: dict[str, tuple[CaseState, ...]] = {"open": tuple(OPEN), "over": (S.CLOSED,)}
CLOCK_OF: dict[CaseState, ClockKind] = {
    S.RECEIVED: ClockKind.RESPOND, S.TO_INSPECT: ClockKind.INSPECT, S.TO_EVALUATE: ClockKind.EVALUATE,
    **dict.fromkeys((S.ACCEPTED, S.ASSIGNED, S.SENT_BACK, S.ACKNOWLEDGED, S.ON_SITE, S.RECTIFYING, S.REWORK),
                    ClockKind.RECTIFY),
}


# ── Places to choose from ───────────────────────────────────────────────────────────────────────────────────────


def place_of_tag(actor: Actor, code: str) -> Place:
    """The place of a scanned tag. Raises UnknownTag, RevokedTag, TagOfElsewhere."""
    place = places.place_of_tag(code)
    if place.community_id != actor.community_id:
        raise TagOfElsewhere
    return place


def likely_places(actor: Actor, first: Iterable[int]) -> list[Place]:
    """At most eight places: those asked for (scanned, searched), those used lately, those in one's own building and
    grid, then others. A few statements, however many places there are."""
    community_id = actor.community_id
    wanted = [*dict.fromkeys(first)][:MOST_PLACES]
    wanted += [i for i in _used_lately(actor) if i not in wanted]
    known = places.by_ids(community_id, wanted)
    found = [known[i] for i in wanted if i in known]
    if len(found) < MOST_PLACES:
        others = scoped(Place, community_id).where(Place.closed_at.is_(None), Place.id.not_in([p.id for p in found]))
        own = _own_areas(actor)
        near = sa.case(*((Place.area_id == area, number) for number, area in enumerate(own)), else_=len(own)
                       ) if own else sa.literal(0)
        found += db.session.scalars(others.order_by(near, Place.id).limit(MOST_PLACES - len(found)))
    return found


def _used_lately(actor: Actor) -> list[int]:
    rows = db.session.scalars(sa.select(Report.place_id).where(
        Report.community_id == actor.community_id, Report.resident_id == actor.resident_id)
        .order_by(Report.id.desc()).limit(20))
    return [i for i in dict.fromkeys(rows) if i is not None][:RECENT_PLACES]


def _own_areas(actor: Actor) -> list[int]:
    """The building one lives in, then the grids around it, up to the community."""
    if actor.resident_id is None:
        return []
    homes = people.household_on(actor.community_id or 0, [actor.resident_id], clock.today())
    home = homes.get(actor.resident_id)
    area = db.session.get(Area, home.area_id) if home is not None and home.area_id is not None else None
    if area is None:
        return []
    above = [int(part) for part in area.path.split(".") if part]
    return [i for i in reversed(above) if i != actor.community_id][:4]


def found_places(actor: Actor, text: str) -> list[Place]:
    """The first few places whose name or other name holds the text."""
    return list(places.listed(actor.community_id, text=text, limit=MOST_PLACES).items) if text.strip() else []


def checked_position(actor: Actor, lat: float | None, lon: float | None) -> tuple[float, float]:
    """A position (WGS84) that can be meant. Raises NoPosition, and FarAway beyond 30 km from the places here."""
    if lat is None or lon is None or not (math.isfinite(lat) and math.isfinite(lon)) or abs(lat) > 85 or abs(lon) > 180:
        raise NoPosition
    km = too_far((lat, lon), list(places.positions(actor.community_id).values()))
    if km is not None:
        raise FarAway(km=km, fields={"place": FarAway(km=km).sentence})
    return lat, lon


def near_places(actor: Actor, lat: float | None, lon: float | None) -> list[Near]:
    """The three places nearest to the phone. The position is looked at and kept nowhere. Raises as above."""
    here = checked_position(actor, lat, lon)
    spots = [Spot(p.id, p.name, p.lat, p.lon) for p in places.on_the_plan(actor.community_id)
             if p.lat is not None and p.lon is not None]
    return nearest(here, spots, most=NEAR_PLACES)


def chosen_place(actor: Actor, place_id: int) -> Place:
    """A place that is still here. Raises PlaceGone."""
    found = places.by_ids(actor.community_id, [place_id]).get(place_id)
    if found is None:
        raise PlaceGone(fields={"place_id": PlaceGone.message})
    return found


# ── Kinds ───────────────────────────────────────────────────────────────────────────────────────────────────────


def kinds(actor: Actor) -> Sequence[Category]:
    """The kinds of problems that are offered, in the order in which they were set up."""
    return queries.categories(actor.community_id, limit=100).items


def last_kind(actor: Actor) -> int | None:
    """The kind of the last report of the resident acted for."""
    return db.session.scalars(sa.select(Report.category_id).where(
        Report.community_id == actor.community_id, Report.resident_id == actor.resident_id)
        .order_by(Report.id.desc()).limit(1)).first()


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Row:
    """A case in a list: its kind, who puts it right, the clock that runs, a photo if the reader may see one."""

    case: Case
    kind: str
    unit: str
    clock: CaseClock | None
    photo: Photo | None
    joiners: int


def rows_of(actor: Actor, cases: Sequence[Case]) -> list[Row]:
    """Many cases in the same few statements."""
    if not cases:
        return []
    community_id, ids = cases[0].community_id, [case.id for case in cases]
    names = {row.id: row.name for row in db.session.execute(sa.select(Category.id, Category.name).where(
        Category.community_id == community_id, Category.id.in_({c.category_id for c in cases})))}
    units = {row.id: row.name for row in db.session.execute(sa.select(Unit.id, Unit.name).where(
        Unit.community_id == community_id, Unit.id.in_({c.unit_id for c in cases if c.unit_id})))}
    clocks = {(row.case_id, row.kind): row for row in db.session.scalars(scoped(CaseClock, community_id).where(
        CaseClock.case_id.in_(ids), CaseClock.stopped_at.is_(None)).order_by(CaseClock.id))}
    joined = {row[0]: row[1] for row in db.session.execute(sa.select(Joiner.case_id, sa.func.count()).where(
        Joiner.community_id == community_id, Joiner.case_id.in_(ids)).group_by(Joiner.case_id))}
    shown = photos_of(actor, cases)
    return [Row(case, names[case.category_id], units.get(case.unit_id or 0, ""), _clock_of(case, clocks),
                next(iter(shown[case.id]), None), joined.get(case.id, 0)) for case in cases]


def _clock_of(case: Case, clocks: dict[tuple[int, ClockKind], CaseClock]) -> CaseClock | None:
    kind = CLOCK_OF.get(case.state)
    return clocks.get((case.id, kind)) if kind is not None else None


def photos_of(actor: Actor, cases: Sequence[Case], inside: bool = False) -> dict[int, list[Photo]]:
    """By case: the photos of its reports and repairs, all for its reporter, for staff and whoever else is ``inside``,
    for others those that staff have shown. Two statements."""
    owners = _owners(actor.community_id, [case.id for case in cases])
    whole = {case.id for case in cases if inside or policy.is_reporter(actor, case) or policy.is_staff(actor)}
    found: dict[int, list[Photo]] = {case.id: [] for case in cases}
    for key, photos in pictures.photos_of(actor.community_id or 0, owners).items():
        found[owners[key]] += [one for one in photos if owners[key] in whole or photo_policy.is_shown(actor, one)]
    return found


def _owners(community_id: int | None, case_ids: Sequence[int]) -> dict[str, int]:
    """What photos of these cases hang on: reports, the oldest first, then the cases themselves."""
    reports = db.session.execute(sa.select(Report.id, Report.case_id).where(
        Report.community_id == community_id, Report.case_id.in_(case_ids)).order_by(Report.id))
    return {**{f"report:{row.id}": row.case_id for row in reports}, **{f"case:{i}": i for i in case_ids}}


def photo_of(actor: Actor, case_id: int, key: str) -> Photo:
    """One photo of a case that this reader may see. Raises NotFound."""
    case = queries.seen(actor, case_id)
    photo = next((one for one in photos_of(actor, [case.case], case.inside)[case_id] if one.key == key), None)
    if photo is None:
        raise NotFound
    return photo


def before_and_after(photos: Sequence[Photo]) -> tuple[Photo | None, Photo | None]:
    """The first photo of the problem, the last one of what was done about it."""
    before = [p for p in photos if p.purpose is Purpose.REPORT]
    after = [p for p in photos if p.purpose is Purpose.REPAIR]
    return (before[0] if before else None), (after[-1] if after else None)


def mine(actor: Actor, wanted: str = "", *, cursor: str | None = None) -> Page[Row]:
    """The cases that the resident acted for reported, newest first; ``wanted`` is a key of ``MINE``."""
    query = scoped(Case, actor.community_id).where(Case.reporter_resident_id == actor.resident_id)
    if wanted in MINE:
        query = query.where(stands_in(*MINE[wanted]))
    found = page(query, Case.id, cursor=cursor)
    return Page(rows_of(actor, found.items), found.next)


def joined(actor: Actor, *, cursor: str | None = None) -> Page[Row]:
    """The cases to which the resident acted for said "me too", newest first."""
    query = scoped(Case, actor.community_id).join(Joiner, Joiner.case_id == Case.id).where(
        Joiner.resident_id == actor.resident_id)
    found = page(query, Case.id, cursor=cursor)
    return Page(rows_of(actor, found.items), found.next)


def around(actor: Actor, wanted: str = "", kind_id: int | None = None, *, cursor: str | None = None,
           limit: int | None = None) -> Page[Row]:
    """What neighbours reported and residents may see, newest first; ``wanted`` is a key of ``AROUND``."""
    query = scoped(Case, actor.community_id).where(
        Case.visibility != CaseVisibility.STAFF, Case.accepted_at.is_not(None), Case.state != S.MERGED)
    if wanted in AROUND:
        query = query.where(stands_in(*AROUND[wanted]))
    if kind_id is not None:
        query = query.where(Case.category_id == kind_id)
    found = page(query, Case.id, cursor=cursor, limit=limit)
    return Page(rows_of(actor, found.items), found.next)


# ── While writing, and one case ─────────────────────────────────────────────────────────────────────────────────


def offered(actor: Actor, category_id: int | None, place_id: int | None, place: str = "") -> list[Row]:
    """Others' cases that look like what is being written, to join instead; none for a kind or place that isn't here."""
    known = places.by_ids(actor.community_id, [place_id]).get(place_id) if place_id is not None else None
    name = place.strip() or (known.name if known is not None else "")
    if category_id is None or not name or db.session.scalars(scoped(Category, actor.community_id).where(
            Category.id == category_id)).one_or_none() is None:
        return []
    spot = (known.lat, known.lon) if known is not None else (None, None)
    found = [s.case for s in queries.offered(actor, category_id, name, *spot)
             if not policy.is_reporter(actor, s.case)]
    return rows_of(actor, found)


def deed_of(actor: Actor, case: Case) -> Contribution | None:
    """The deed that the first reporter has for it, for that reporter alone."""
    if actor.resident_id is None or actor.resident_id != case.reporter_resident_id:
        return None
    return next(iter(deeds.by_source_keys(case.community_id, [f"{case.key}/accepted"])), None)
