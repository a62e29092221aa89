"""What can be done with photos: keep, hang somewhere, take away.

A view that takes photos is declared ``@reads_first``: it calls :func:`prepare_uploads`, then ``begin_write()``, then
:func:`store` for each and :func:`attach`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import IO, Any

import sqlalchemy as sa

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import NotFound
from pointsbank.media import files, policy
from pointsbank.media.errors import NotForThis, NotYours, PhotoTooLarge, TooManyLoose, TooManyPhotos
from pointsbank.media.models import MOST_PER_OWNER, SEEN_BY, Photo, Purpose, Visibility
from pointsbank.media.preparing import MOST_BYTES, Prepared, prepare

__all__ = ["MOST_BYTES", "MOST_LOOSE", "MOST_PER_OWNER", "Prepared", "attach", "detach", "prepare",
           "prepare_uploads", "put_first", "rehang", "remove", "say_whose", "show_to", "store"]

MOST_LOOSE = 30


def prepare_uploads(uploads: Iterable[Any], *, most: int = MOST_PER_OWNER) -> list[Prepared]:
    """Prepare what a form sent (objects with ``read``); a file field left empty is passed over.

    Raises :class:`TooManyPhotos` and what :func:`prepare` raises.
    """
    bodies = [body for upload in uploads if upload is not None and (body := _read(upload))]
    if len(bodies) > most:
        raise TooManyPhotos(most=most)
    return [prepare(body) for body in bodies]


def _read(source: bytes | IO[bytes]) -> bytes:
    if isinstance(source, bytes):
        return source
    body = source.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise PhotoTooLarge(most=MOST_BYTES // 1024 // 1024)
    return body


def store(actor: Actor, stream_or_bytes: bytes | IO[bytes] | None, filename: str, purpose: str,
          prepared: Prepared | None = None, *, resident_id: int | None = None) -> Photo:
    """Keep a photo, hanging nowhere yet. Give ``prepared`` where the write lock is already held.

    ``filename`` is not kept and never trusted. ``resident_id`` is the resident whom the photo is about: the one acted
    for unless told otherwise. Raises :class:`TooManyLoose` and what :func:`prepare` raises.
    """
    if actor.community_id is None or not (actor.is_system or actor.user_id is not None):
        raise NotFound
    ready = prepared or prepare(_read(stream_or_bytes or b""))
    loose = db.session.scalar(sa.select(sa.func.count()).select_from(Photo).where(
        Photo.community_id == actor.community_id, Photo.created_by == actor.user_id, Photo.owner_key.is_(None)))
    if not actor.is_system and (loose or 0) >= MOST_LOOSE:
        raise TooManyLoose
    key = secrets.token_hex(16)
    files.write(key, "full", ready.full)
    files.write(key, "thumb", ready.thumb)
    kind = Purpose(purpose)
    photo = Photo(
        community_id=actor.community_id, key=key, purpose=kind, visibility=SEEN_BY[kind], sha256=ready.sha256,
        fingerprint=ready.fingerprint, width=ready.width, height=ready.height, bytes=len(ready.full),
        created_by=actor.user_id, resident_id=resident_id if resident_id is not None else actor.resident_id,
        created_at=clock.now())
    db.session.add(photo)
    db.session.flush()
    audit.write(actor, "media.store", f"photo:{photo.id}", purpose=kind)
    return photo


def attach(actor: Actor, photo_ids: Sequence[int], owner_key: str, *, purpose: Purpose | None = None) -> list[Photo]:
    """Hang photos on a deed, an activity or an offer, behind those that hang there already.

    Whether the actor may change that owner is for the calling room to say; here only one's own photos are taken, and
    where ``purpose`` is given only those sent for it: their purpose says who will see them.
    Raises NotFound, :class:`NotYours`, :class:`NotForThis` and :class:`TooManyPhotos`.
    """
    wanted = list(dict.fromkeys(photo_ids))
    if not wanted:
        return []
    rows = db.session.scalars(
        scoped(Photo, actor.community_id).where(Photo.id.in_(wanted)).order_by(Photo.id)
        .with_for_update().execution_options(populate_existing=True)).all()
    by_id = {photo.id: photo for photo in rows}
    if len(by_id) != len(wanted):
        raise NotFound
    if any(not policy.is_own(actor, photo) or photo.owner_key not in (None, owner_key) for photo in rows):
        raise NotYours
    if purpose is not None and any(photo.purpose is not purpose for photo in rows):
        raise NotForThis
    taken = set(db.session.scalars(sa.select(Photo.position).where(
        Photo.community_id == actor.community_id, Photo.owner_key == owner_key)))
    new = [by_id[i] for i in wanted if by_id[i].owner_key is None]
    free = [n for n in range(1, MOST_PER_OWNER + 1) if n not in taken]
    if len(new) > len(free):
        raise TooManyPhotos(most=MOST_PER_OWNER)
    for photo, position in zip(new, free, strict=False):
        photo.owner_key, photo.position = owner_key, position
    try:
        db.session.flush()
    except sa.exc.IntegrityError:
        raise TooManyPhotos(most=MOST_PER_OWNER) from None
    if new:
        audit.write(actor, "media.attach", owner_key, photos=[photo.id for photo in new])
    return [by_id[i] for i in wanted]


def say_whose(actor: Actor, photo_ids: Sequence[int], resident_id: int) -> None:
    """Which resident the actor's own loose photos are about, where that is known only later."""
    db.session.execute(sa.update(Photo).where(
        Photo.community_id == actor.community_id, Photo.id.in_(list(photo_ids)), Photo.created_by == actor.user_id,
        Photo.owner_key.is_(None)).values(resident_id=resident_id))


def put_first(actor: Actor, owner_key: str, photo_id: int) -> Photo:
    """Make one of an owner's photos the first, which lists show; it changes places with the one that was.

    The caller says who may. Raises NotFound.
    """
    rows = db.session.scalars(
        scoped(Photo, actor.community_id).where(Photo.owner_key == owner_key).order_by(Photo.position)
        .with_for_update().execution_options(populate_existing=True)).all()
    chosen = next((photo for photo in rows if photo.id == photo_id), None)
    if chosen is None:
        raise NotFound
    if chosen is not rows[0]:
        place, front = chosen.position, rows[0].position
        # The database lets no two stand in one place, not even for a moment: the chosen one steps aside first.
        chosen.owner_key = chosen.position = None
        db.session.flush()
        rows[0].position = place
        db.session.flush()
        chosen.owner_key, chosen.position = owner_key, front
        db.session.flush()
        audit.write(actor, "media.put_first", owner_key, photo=photo_id)
    return chosen


def rehang(actor: Actor, owner_key: str, new_key: str) -> list[Photo]:
    """Take what hangs on one owner over to another one that has become of it, behind what hangs there, in its order.

    The caller says who may, and whose photos they are does not matter. Raises :class:`TooManyPhotos`.
    """
    rows = db.session.scalars(
        scoped(Photo, actor.community_id).where(Photo.owner_key.in_([owner_key, new_key]))
        .order_by(Photo.position, Photo.id).with_for_update().execution_options(populate_existing=True)).all()
    taken = {photo.position for photo in rows if photo.owner_key == new_key}
    moved = [photo for photo in rows if photo.owner_key == owner_key]
    free = [n for n in range(1, MOST_PER_OWNER + 1) if n not in taken]
    if len(moved) > len(free):
        raise TooManyPhotos(most=MOST_PER_OWNER)
    for photo, position in zip(moved, free, strict=False):
        photo.owner_key, photo.position = new_key, position
    if moved:
        db.session.flush()
        audit.write(actor, "media.rehang", new_key, photos=[photo.id for photo in moved], before=owner_key)
    return moved


def show_to(actor: Actor, owner_key: str, visibility: Visibility) -> None:
    """Change who sees an owner's photos, because more or fewer people may see the owner itself."""
    db.session.execute(sa.update(Photo).where(
        Photo.community_id == actor.community_id, Photo.owner_key == owner_key).values(visibility=visibility))


def detach(actor: Actor, owner_key: str, photo_ids: Sequence[int] | None = None) -> int:
    """Take photos (all, if none are named) off an owner for good; returns how many. The caller says who may.

    The files go with the next clearing, once the row's end is committed.
    """
    query = sa.select(Photo.id).where(Photo.community_id == actor.community_id, Photo.owner_key == owner_key)
    if photo_ids is not None:
        query = query.where(Photo.id.in_(list(photo_ids)))
    gone = db.session.scalars(query).all()
    if gone:
        db.session.execute(sa.delete(Photo).where(Photo.id.in_(gone)))
        audit.write(actor, "media.detach", owner_key, photos=list(gone))
    return len(gone)


def remove(actor: Actor, photo_id: int) -> None:
    """Take back one's own photo that hangs nowhere yet. Raises NotFound and :class:`NotYours`."""
    photo = db.session.scalars(scoped(Photo, actor.community_id).where(Photo.id == photo_id)).one_or_none()
    if photo is None:
        raise NotFound
    if not policy.is_own(actor, photo) or photo.owner_key is not None:
        raise NotYours
    db.session.delete(photo)
    db.session.flush()
    audit.write(actor, "media.remove", f"photo:{photo_id}")
