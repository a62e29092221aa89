"""What can be done to places and their tags; the only writer of both tables."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.communities.models import Area
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.places import errors, policy
from pointsbank.places.facts import Facts, cleaned, too_far
from pointsbank.places.models import Place, PlaceTag
from pointsbank.places.queries import place_of_tag, positions
from pointsbank.places.wording import search_text

__all__ = ["change", "close", "create", "create_many", "issue_tags", "place_of_tag", "print_tags", "reissue_tag",
           "revoke_tag"]


def _home(actor: Actor) -> int:
    if not policy.may_write(actor):
        raise errors.NotAllowed
    if actor.community_id is None:
        raise NotFound
    return actor.community_id


def take_turns(community_id: int | None) -> None:
    """Names of a community are looked at and given one after another. Taken after the lock of a place, never before."""
    db.session.execute(sa.select(Area.id).where(Area.id == community_id).with_for_update(key_share=True))


def _check(community_id: int, facts: Facts, *, but: int | None = None) -> Facts:
    """Facts that may be stored. ``but`` is the place that they are about, which is no neighbour of its own."""
    facts = cleaned(facts)
    if facts.area_id is not None:
        found = db.session.get(Area, facts.area_id)
        if found is None or found.community_id != community_id or found.closed_at is not None:
            raise errors.WrongArea(fields={"area_id": errors.WrongArea.message})
    take_turns(community_id)
    taken = sa.select(Place.id).where(Place.community_id == community_id, Place.name == facts.name,
                                      Place.closed_at.is_(None), Place.id != (but or 0))
    if db.session.scalar(taken) is not None:
        raise errors.NameTaken(fields={"name": errors.NameTaken.message})
    if facts.position is not None:
        km = too_far(facts.position, [p for i, p in positions(community_id).items() if i != but])
        if km is not None:
            raise errors.TooFarAway(km=km)
    return facts


def _write(place: Place, facts: Facts) -> None:
    place.name, place.kind, place.aliases, place.note = facts.name, facts.kind, list(facts.aliases), facts.note
    place.area_id, place.search_text = facts.area_id, search_text((facts.name, *facts.aliases))
    place.given_lat, place.given_lon = facts.lat, facts.lon
    place.crs = facts.crs if facts.lat is not None else None
    place.lat, place.lon = facts.position or (None, None)


def create(actor: Actor, facts: Facts) -> Place:
    """Enter a place.

    Raises NotAllowed, NameTaken, WrongName, WrongAliases, WrongNote, WrongArea, WrongPosition, TooFarAway.
    """
    community_id = _home(actor)
    place = Place(community_id=community_id, created_by=actor.key, created_at=clock.now())
    _write(place, _check(community_id, facts))
    db.session.add(place)
    db.session.flush()
    audit.write(actor, "places.create", f"place:{place.id}")
    return place


def create_many(actor: Actor, many: Sequence[Facts]) -> int:
    """Enter places that are known to fit (:func:`pointsbank.places.importing.plan`), in a few statements."""
    community_id, now = _home(actor), clock.now()
    rows = []
    for facts in many:
        place = Place(community_id=community_id, created_by=actor.key, created_at=now)
        _write(place, facts)
        rows.append(place)
    db.session.add_all(rows)
    db.session.flush()
    audit.write_many(actor, "places.create", [f"place:{p.id}" for p in rows], imported=True)
    return len(rows)


def _open(actor: Actor, place_id: int) -> Place:
    place = get_scoped(Place, place_id, _home(actor), lock=True)
    if place.closed_at is not None:
        raise errors.Closed
    return place


def change(actor: Actor, place_id: int, facts: Facts) -> Place:
    """Say everything about a place anew. Raises as :func:`create`, and Closed."""
    place = _open(actor, place_id)
    _write(place, _check(place.community_id, facts, but=place.id))
    db.session.flush()
    audit.write(actor, "places.change", f"place:{place.id}")
    return place


def close(actor: Actor, place_id: int) -> Place:
    """It is gone: no longer offered or drawn, and its tag stops working. Raises Closed."""
    place = _open(actor, place_id)
    place.closed_at = clock.now()
    for tag in _in_force(place.community_id, [place.id]):
        tag.revoked_at = clock.now()
    audit.write(actor, "places.close", f"place:{place.id}")
    return place


# ── Tags ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _in_force(community_id: int, place_ids: Sequence[int]) -> Sequence[PlaceTag]:
    return db.session.scalars(scoped(PlaceTag, community_id).where(
        PlaceTag.place_id.in_(place_ids), PlaceTag.revoked_at.is_(None))).all()


def _issue(actor: Actor, places: Sequence[Place]) -> list[PlaceTag]:
    """The next tag of each of these places, which are locked and have none in force."""
    counts = {row.place_id: row.most for row in db.session.execute(
        sa.select(PlaceTag.place_id, sa.func.max(PlaceTag.number).label("most")).group_by(PlaceTag.place_id)
        .where(PlaceTag.place_id.in_([p.id for p in places])))}
    tags = [PlaceTag(community_id=p.community_id, place_id=p.id, number=counts.get(p.id, 0) + 1,
                     salt=secrets.token_hex(16), issued_by=actor.key, issued_at=clock.now()) for p in places]
    db.session.add_all(tags)
    db.session.flush()
    audit.write_many(actor, "places.issue_tag", [f"place:{p.id}" for p in places])
    return tags


def issue_tags(actor: Actor, place_ids: Sequence[int]) -> list[PlaceTag]:
    """A tag for each of these open places that has none. Raises TagInForce if none of them needs one."""
    community_id = _home(actor)
    places = db.session.scalars(
        scoped(Place, community_id).where(Place.id.in_(place_ids), Place.closed_at.is_(None)).order_by(Place.id)
        .with_for_update(key_share=True)).all()
    if not places:
        raise NotFound
    have = {tag.place_id for tag in _in_force(community_id, [p.id for p in places])}
    lacking = [p for p in places if p.id not in have]
    if not lacking:
        raise errors.TagInForce
    return _issue(actor, lacking)


def revoke_tag(actor: Actor, place_id: int) -> PlaceTag:
    """The tag in force stops working at once. Raises NoTag, Closed."""
    place = _open(actor, place_id)
    tag = next(iter(_in_force(place.community_id, [place.id])), None)
    if tag is None:
        raise errors.NoTag
    tag.revoked_at = clock.now()
    db.session.flush()
    audit.write(actor, "places.revoke_tag", f"place:{place.id}", number=tag.number)
    return tag


def reissue_tag(actor: Actor, place_id: int) -> PlaceTag:
    """A new tag instead of one that is lost or damaged. Raises NoTag, Closed."""
    revoke_tag(actor, place_id)
    return _issue(actor, [_open(actor, place_id)])[0]


def print_tags(actor: Actor, place_ids: Sequence[int]) -> None:
    """Note that the codes of these places leave the house on paper."""
    _home(actor)
    audit.write_many(actor, "places.print_tag", [f"place:{i}" for i in place_ids])
