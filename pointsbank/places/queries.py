"""Questions about places. Everybody of the community may ask them; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities.models import Area
from pointsbank.core import tenancy
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page, page
from pointsbank.places import codes, errors
from pointsbank.places.models import Place, PlaceKind, PlaceTag
from pointsbank.places.wording import folded


def place(community_id: int | None, place_id: int) -> Place:
    """One place, open or closed. Raises NotFound."""
    return get_scoped(Place, place_id, community_id)


def by_ids(community_id: int | None, ids: Iterable[int]) -> dict[int, Place]:
    """Open places by id, in one statement; what is closed or elsewhere is not among them."""
    return {p.id: p for p in db.session.scalars(
        scoped(Place, community_id).where(Place.id.in_(list(ids)), Place.closed_at.is_(None)))}


def names(community_id: int | None, ids: Iterable[int]) -> dict[int, str]:
    """The names that the committee gave, by id, also of places that are closed, for what happened there; at most one
    statement."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {row.id: row.name for row in db.session.execute(sa.select(Place.id, Place.name).where(
        Place.community_id == community_id, Place.id.in_(wanted)))}


def listed(community_id: int | None, *, text: str = "", kind: PlaceKind | None = None, closed: bool = False,
           cursor: str | None = None, limit: int | None = None) -> Page[Place]:
    """Places page by page, as they were entered; those whose name or alias holds ``text``. One statement."""
    query = scoped(Place, community_id)
    query = query.where(Place.closed_at.is_not(None) if closed else Place.closed_at.is_(None))
    wanted = folded(text)
    if wanted:
        query = query.where(Place.search_text.contains(wanted, autoescape=True))
    if kind is not None:
        query = query.where(Place.kind == kind)
    return page(query, Place.id, descending=False, cursor=cursor, limit=limit)


@dataclass(frozen=True)
class Branch:
    """One knot of the tree: the area, those above it up to the community, what lies in it."""

    area: Area
    above: Sequence[Area]
    areas: Page[Area]
    places: Page[Place]


def branch(community_id: int | None, area_id: int | None = None, *, areas: str | None = None,
           places: str | None = None) -> Branch:
    """The tree from the community down: the areas right below one area and the open places right in it, both paged.

    ``areas`` and ``places`` are cursors. Places without an area stand right in the community. Raises NotFound.
    """
    if community_id is None:
        raise NotFound
    wanted = area_id or community_id
    knot = db.session.get(Area, wanted)
    if knot is None or knot.community_id != community_id:
        raise NotFound
    below = sa.select(Area).where(Area.parent_id == knot.id, Area.closed_at.is_(None))
    inside = scoped(Place, community_id).where(Place.closed_at.is_(None), Place.area_id == knot.id
                                               if knot.id != community_id else
                                               sa.or_(Place.area_id.is_(None), Place.area_id == community_id))
    ids = [int(part) for part in knot.path.split(".") if part][:-1]
    found = {a.id: a for a in db.session.scalars(
        sa.select(Area).where(Area.id.in_(ids), Area.community_id == community_id))} if ids else {}
    return Branch(knot, [found[i] for i in ids if i in found],
                  page(below, Area.id, descending=False, cursor=areas),
                  page(inside, Place.id, descending=False, cursor=places))


def positions(community_id: int | None) -> dict[int, tuple[float, float]]:
    """(lat, lon) in WGS84 by id of the open places that have a position."""
    found = db.session.execute(sa.select(Place.id, Place.lat, Place.lon).where(
        Place.community_id == community_id, Place.closed_at.is_(None), Place.lat.is_not(None)))
    return {i: (lat, lon) for i, lat, lon in found if lat is not None and lon is not None}


def on_the_plan(community_id: int | None, *, area_path: str = "", most: int = 2000) -> Sequence[Place]:
    """The open places with a position, of one area and all in it or of the whole community."""
    query = scoped(Place, community_id).where(Place.closed_at.is_(None), Place.lat.is_not(None))
    if area_path:
        query = query.join(Area, Area.id == Place.area_id).where(Area.path.startswith(area_path, autoescape=True))
    return db.session.scalars(query.order_by(Place.id).limit(most)).all()


def open_names(community_id: int | None) -> set[str]:
    """The names that are taken."""
    return set(db.session.scalars(
        sa.select(Place.name).where(Place.community_id == community_id, Place.closed_at.is_(None))))


def ids_named(community_id: int | None, names: Iterable[str]) -> list[int]:
    """The open places with these names, in the order in which they were entered."""
    return list(db.session.scalars(sa.select(Place.id).where(
        Place.community_id == community_id, Place.closed_at.is_(None), Place.name.in_(list(names)))
        .order_by(Place.id)))


# ── Tags ────────────────────────────────────────────────────────────────────────────────────────────────────────


def tags_in_force(community_id: int | None, place_ids: Iterable[int]) -> dict[int, PlaceTag]:
    """By place: the tag that works, in one statement."""
    return {tag.place_id: tag for tag in db.session.scalars(scoped(PlaceTag, community_id).where(
        PlaceTag.place_id.in_(list(place_ids)), PlaceTag.revoked_at.is_(None)))}


def tags_of(community_id: int | None, place_id: int) -> Sequence[PlaceTag]:
    """The tags that a place has and had, the newest first."""
    return db.session.scalars(scoped(PlaceTag, community_id).where(PlaceTag.place_id == place_id)
                              .order_by(PlaceTag.number.desc()).limit(20)).all()


def place_of_tag(code: str) -> Place:
    """The open place at which the tag with this code hangs, of whatever community. For everybody who scans it.

    Raises UnknownTag, RevokedTag.
    """
    tag_id = codes.number_in(code)
    with tenancy.unscoped():  # whoever walks past scans it, also from another community
        tag = db.session.get(PlaceTag, tag_id)
        if tag is None or not codes.fits(tag, code):
            raise errors.UnknownTag
        if tag.revoked_at is not None:
            raise errors.RevokedTag
        return db.session.get_one(Place, tag.place_id)
