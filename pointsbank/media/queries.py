"""What can be asked about photos."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from pointsbank.core import clock, tenancy, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.core.paging import Page, page
from pointsbank.media import files, policy
from pointsbank.media.models import CoverStep, PaperFile, Photo, PhotoOriginal

OPENING = "media.original"


def photos_of(community_id: int, owner_keys: Iterable[str]) -> dict[str, list[Photo]]:
    """The photos of many owners in one statement, in their order; an owner without any has an empty list."""
    found: dict[str, list[Photo]] = {key: [] for key in owner_keys}
    if found:
        rows = db.session.scalars(
            scoped(Photo, community_id).where(Photo.owner_key.in_(list(found)))
            .order_by(Photo.owner_key, Photo.position))
        for photo in rows:
            found[str(photo.owner_key)].append(photo)
    return found


def first_photos(community_id: int, owner_keys: Iterable[str]) -> dict[str, Photo]:
    """The first photo of each owner that has one: for lists with a picture in each row."""
    return {key: photos[0] for key, photos in photos_of(community_id, owner_keys).items() if photos}


def visible(actor: Actor, key: str) -> Photo:
    """The photo behind an address, if the actor may see it. Raises NotFound: a photo that one may not see isn't
    there."""
    if not files.KEY.fullmatch(key):
        raise NotFound
    query = sa.select(Photo).where(Photo.key == key)
    photo = db.session.scalars(query).one_or_none()
    if photo is None:
        with tenancy.unscoped():  # what another community shows to everybody
            photo = db.session.scalars(query).one_or_none()
    if photo is None or not policy.can_see(actor, photo):
        raise NotFound
    return photo


def own_loose(actor: Actor, photo_ids: Iterable[int]) -> list[Photo]:
    """Those of these photos that the actor sent and that hang nowhere yet: to show them again in a form."""
    wanted = set(photo_ids)
    if not wanted or actor.user_id is None:
        return []
    return list(db.session.scalars(
        scoped(Photo, actor.community_id).where(
            Photo.id.in_(wanted), Photo.created_by == actor.user_id, Photo.owner_key.is_(None)).order_by(Photo.id)))


def papers_of(community_id: int, owner_key: str) -> list[PaperFile]:
    """The documents of an owner, the oldest first."""
    return list(db.session.scalars(scoped(PaperFile, community_id).where(PaperFile.owner_key == owner_key)
                                   .order_by(PaperFile.id)))


def readable(actor: Actor, key: str) -> PaperFile:
    """The document behind an address, if the actor may take it out. Raises NotFound, as for what isn't there."""
    paper = None
    if files.KEY.fullmatch(key):
        paper = db.session.scalars(sa.select(PaperFile).where(PaperFile.key == key)).one_or_none()
    if paper is None or not policy.can_read(actor, paper):
        raise NotFound
    return paper


def coverable(actor: Actor, photo_id: int) -> Photo:
    """A photo on which the actor may draw black boxes. Raises NotFound and Forbidden."""
    photo = get_scoped(Photo, photo_id, actor.community_id)
    if not policy.can_cover(actor, photo):
        raise Forbidden
    return photo


def kept_original(actor: Actor, photo_id: int) -> PhotoOriginal | None:
    """What is kept of a photo from before its first box, while its days last: that it is there, not the picture."""
    return db.session.scalars(scoped(PhotoOriginal, actor.community_id).where(
        PhotoOriginal.photo_id == photo_id, PhotoOriginal.keep_until > clock.now())).one_or_none()


def cover_steps(actor: Actor, photo_id: int, *, cursor: str | None = None, limit: int | None = None) -> Page[CoverStep]:
    """What was covered on a photo, looked at and taken back, newest first. Raises NotFound and Forbidden."""
    photo = coverable(actor, photo_id)
    return page(scoped(CoverStep, actor.community_id).where(CoverStep.photo_id == photo.id), CoverStep.id,
                cursor=cursor, limit=limit)


def opened(actor: Actor, text: str) -> tuple[int, str]:
    """The photo's number and the key of its uncovered picture, from the text that ``open_original`` gave to this actor.

    Raises NotFound for everybody else, after its minutes, and once the picture is gone or shown again.
    """
    try:
        value = tokens.unsign(OPENING, text)
    except tokens.BadToken:
        raise NotFound from None
    photo_id, key, user_id, until = value if isinstance(value, list) and len(value) == 4 else (0, "", 0, 0)
    if actor.user_id is None or user_id != actor.user_id or until < clock.now().timestamp():
        raise NotFound
    kept = kept_original(actor, photo_id)
    photo = get_scoped(Photo, photo_id, actor.community_id)
    if kept is None or kept.key != key or not policy.can_uncover(actor, photo):
        raise NotFound
    return photo.id, kept.key
