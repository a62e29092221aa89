"""The photos of one request: each prepared by itself and before any lock, those of a refused try here for the next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import request

from pointsbank.cases.report_errors import BadPhotos
from pointsbank.core.actor import Actor
from pointsbank.core.errors import DomainError
from pointsbank.core.web import begin_again, current_actor
from pointsbank.media import queries as pictures
from pointsbank.media import services as media
from pointsbank.media.errors import TooManyPhotos
from pointsbank.media.models import Purpose

MOST_PHOTOS = media.MOST_PER_OWNER
NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass
class Batch:
    """What came, prepared; ``refusal`` is that of the first photo that can't be kept."""

    ready: list[media.Prepared] = field(default_factory=list)
    refusal: DomainError | None = None


def prepared(sent_as: str, kept: int, name: str = "photos") -> Batch:
    """Each photo by itself, so that a bad one costs the others nothing. Too many: as many as there is room for beside
    the ``kept`` ones. ``name`` is the field of the form that the refusal belongs to."""
    batch, room = Batch(), max(MOST_PHOTOS - kept, 0)
    uploads = [one for one in request.files.getlist(sent_as) if one.filename]
    for n, upload in enumerate(uploads[:room], 1):
        try:
            batch.ready += media.prepare_uploads([upload], most=1)
        except DomainError as why:
            said = BadPhotos(n=n, why=why.sentence)
            batch.refusal = batch.refusal or BadPhotos(n=n, why=why.sentence, fields={name: said.sentence})
    if len(uploads) > room and batch.refusal is None:
        batch.refusal = TooManyPhotos(most=MOST_PHOTOS, fields={name: TooManyPhotos(most=MOST_PHOTOS).sentence})
    return batch


def numbers(text: str | None) -> list[int]:
    """The photos that a hidden field names, at most as many as may hang anywhere."""
    return [int(part) for part in (text or "").split(",") if NUMBER.fullmatch(part)][:MOST_PHOTOS]


def stored(actor: Actor, kept: Iterable[int], batch: Batch, purpose: Purpose) -> list[int]:
    """All photos by number: those that were here, are the actor's own and for this, then the new ones."""
    here = [photo.id for photo in pictures.own_loose(actor, kept) if photo.purpose is purpose]
    return [*here, *(media.store(actor, None, "", purpose, prepared=one).id for one in batch.ready)]


def keep(control: Any, batch: Batch, purpose: Purpose) -> None:
    """After a refusal its photos stay here, named by a hidden field, so that nobody has to take them twice."""
    begin_again()
    try:
        control.data = ",".join(str(one) for one in stored(current_actor(), numbers(control.data), batch, purpose))
    except DomainError:  # too many that hang nowhere: then they come again with the form
        begin_again()
