"""Black boxes on photos: drawn into the picture itself, the uncovered one under guard for some days.

A view is declared ``@reads_first``: :func:`prepare_cover`, then ``begin_write()``, then :func:`cover`. A covered photo
goes on under a new key, so that no old address and no cache shows what was covered.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities import settings
from pointsbank.core import audit, clock, tokens
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.core.i18n import N_
from pointsbank.media import boxes as shapes
from pointsbank.media import files, policy, queries, triggers
from pointsbank.media.boxes import Box
from pointsbank.media.errors import NoOriginal, WhyNeeded
from pointsbank.media.models import CoverKind, CoverStep, Photo, PhotoOriginal
from pointsbank.media.preparing import Blackened, blacken
from pointsbank.notifications.services import tell

TRIGGERS = triggers.TRIGGERS
OPEN_FOR = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class PreparedCover:
    """A covered picture, drawn from the photo as it was under ``key``."""

    photo_id: int
    key: str
    boxes: list[Box]
    made: Blackened


def prepare_cover(actor: Actor, photo_id: int, boxes: Sequence[Sequence[float]]) -> PreparedCover:
    """Draw the boxes, (left, top, width, height) in fractions of 0 to 1, before any lock is taken. Writes nothing.

    Raises NotFound, Forbidden, what ``boxes.read`` raises, and :class:`BrokenPhoto`.
    """
    photo = queries.coverable(actor, photo_id)
    wanted = shapes.read(boxes)
    return PreparedCover(photo.id, photo.key, wanted, _drawn(photo.key, wanted))


def check(boxes: Sequence[Sequence[float]]) -> None:
    """Only see whether the boxes could be drawn. Raises what ``boxes.read`` raises."""
    shapes.read(boxes)


def _drawn(key: str, boxes: Sequence[Box]) -> Blackened:
    file = files.path_of(key, "full")
    if not file.is_file():
        raise NotFound
    return blacken(file.read_bytes(), [box.edges for box in boxes])


def cover(actor: Actor, prepared: PreparedCover) -> Photo:
    """Put the covered picture in the photo's place. The first time, the uncovered one goes under guard.

    If somebody covered or uncovered it meanwhile, the boxes are drawn once more, onto what is there now.
    Raises NotFound and Forbidden.
    """
    photo = _locked(actor, prepared.photo_id)
    made = prepared.made if _is_current(photo, prepared) else _drawn(photo.key, prepared.boxes)
    key = secrets.token_hex(16)
    files.write(key, "full", made.full)
    files.write(key, "thumb", made.thumb)
    if db.session.get(PhotoOriginal, photo.id) is None:
        days = settings.of(photo.community_id).cover_days
        db.session.add(PhotoOriginal(
            photo_id=photo.id, community_id=photo.community_id, key=photo.key, sha256=photo.sha256, bytes=photo.bytes,
            keep_until=clock.now() + dt.timedelta(days=days)))
    # Its fingerprint stays that of the uncovered picture: the same photo sent again is still the same photo.
    photo.key, photo.sha256, photo.bytes = key, made.sha256, len(made.full)
    _note(actor, photo, CoverKind.COVERED, boxes=[box.as_list() for box in prepared.boxes])
    if photo.resident_id is not None:
        tell(photo.community_id, [photo.resident_id], COVERED)
    return photo


COVERED = N_("Parts of a photo of yours were covered in black: a face, a plate or a number. Ask the committee if you "
             "think this is wrong.")
RESTORED = N_("A photo of yours is shown uncovered again.")


def _is_current(photo: Photo, prepared: PreparedCover) -> bool:
    return photo.key == prepared.key


def open_original(actor: Actor, photo_id: int, reason: str) -> str:
    """Let a member of the committee look at the uncovered picture, with a reason on record; returns the text that opens
    it for five minutes, for this person alone. Raises NotFound, Forbidden, :class:`WhyNeeded`, :class:`NoOriginal`.
    """
    photo, kept = _guarded(actor, photo_id)
    _note(actor, photo, CoverKind.OPENED, reason=_why(reason))
    until = clock.now() + OPEN_FOR
    return tokens.sign(queries.OPENING, [kept.photo_id, kept.key, actor.user_id, int(until.timestamp())])


def restore(actor: Actor, photo_id: int, reason: str) -> Photo:
    """Take all boxes away again: the uncovered picture is the photo once more, under its first address.

    Raises NotFound, Forbidden, :class:`WhyNeeded` and :class:`NoOriginal`.
    """
    photo, kept = _guarded(actor, photo_id)
    why = _why(reason)
    photo.key, photo.sha256, photo.bytes = kept.key, kept.sha256, kept.bytes
    db.session.delete(kept)
    _note(actor, photo, CoverKind.RESTORED, reason=why)
    if photo.resident_id is not None:
        tell(photo.community_id, [photo.resident_id], RESTORED)
    return photo


def forget_originals() -> int:
    """Forget the uncovered pictures whose days are over; returns how many. Their files go with the next clearing."""
    due = PhotoOriginal.keep_until <= clock.now()
    # The photo first, as everybody locks them.
    db.session.scalars(sa.select(Photo).join(PhotoOriginal, PhotoOriginal.photo_id == Photo.id).where(due)
                       .order_by(Photo.id).with_for_update(of=Photo)).all()
    over = db.session.scalars(sa.select(PhotoOriginal).where(due).order_by(PhotoOriginal.photo_id)
                              .with_for_update()).all()
    for kept in over:
        db.session.add(CoverStep(community_id=kept.community_id, photo_id=kept.photo_id, kind=CoverKind.FORGOTTEN,
                                 boxes=[], reason="", by_user_id=None, at=clock.now()))
        audit.write(system(kept.community_id), "media.forget_original", f"photo:{kept.photo_id}")
        db.session.delete(kept)
    db.session.flush()
    return len(over)


def _locked(actor: Actor, photo_id: int) -> Photo:
    photo = get_scoped(Photo, photo_id, actor.community_id, lock=True)
    if not policy.can_cover(actor, photo):
        raise Forbidden
    return photo


def _guarded(actor: Actor, photo_id: int) -> tuple[Photo, PhotoOriginal]:
    photo = _locked(actor, photo_id)
    if not policy.can_uncover(actor, photo):
        raise Forbidden
    kept = db.session.scalars(scoped(PhotoOriginal, actor.community_id).where(
        PhotoOriginal.photo_id == photo_id).with_for_update().execution_options(populate_existing=True)).one_or_none()
    # The clearing may be late; the days are over all the same.
    if kept is None or kept.keep_until <= clock.now():
        raise NoOriginal
    return photo, kept


def _why(reason: str) -> str:
    text = " ".join(reason.split())
    if not 4 <= len(text) <= 200:
        raise WhyNeeded(fields={"reason": WhyNeeded.message})
    return text


def _note(actor: Actor, photo: Photo, kind: CoverKind, *, boxes: list[list[int]] | None = None,
          reason: str = "") -> None:
    db.session.add(CoverStep(community_id=photo.community_id, photo_id=photo.id, kind=kind, boxes=boxes or [],
                             reason=reason, by_user_id=actor.user_id, at=clock.now()))
    db.session.flush()
    audit.write(actor, f"media.cover_{kind}", f"photo:{photo.id}", boxes=len(boxes or []), reason=reason)
