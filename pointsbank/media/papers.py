"""Documents: a photo or a PDF of something on paper, told apart by what is in the file.

A view that takes one is declared ``@reads_first``: :func:`prepare_paper`, then ``begin_write()``, then :func:`hang`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import NotFound
from pointsbank.media import files, services
from pointsbank.media.errors import LivePaper, NotAPaper, NotAPhoto, PaperTooLarge, TooManyPhotos
from pointsbank.media.models import SEEN_BY, PaperFile, Purpose
from pointsbank.media.preparing import Prepared

MOST_BYTES = 10 * 1024 * 1024
MAGIC = b"%PDF-"
# Readers look for the end in the last kilobyte.
TAIL = 1024
# Whole names of the format: none of them comes about by chance in compressed pages.
_LIVE = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA)\b")


@dataclass(frozen=True)
class Pdf:
    """A PDF that was looked at and may be kept."""

    content: bytes
    sha256: str


Paper = Prepared | Pdf


def prepare_paper(raw: bytes) -> Paper:
    """A PDF as it is, or a photo re-encoded, by the first bytes and never by the name.

    Raises :class:`PaperTooLarge`, :class:`NotAPaper`, :class:`LivePaper`, and for photos what ``prepare`` raises.
    """
    if not raw.startswith(MAGIC):
        try:
            return services.prepare(raw)
        except NotAPhoto:
            raise NotAPaper from None
    if len(raw) > MOST_BYTES:
        raise PaperTooLarge(most=MOST_BYTES // 1024 // 1024)
    if b"%%EOF" not in raw[-TAIL:]:
        raise NotAPaper
    if _LIVE.search(raw):
        raise LivePaper
    return Pdf(raw, hashlib.sha256(raw).hexdigest())


def prepare_papers(uploads: Iterable[Any], *, most: int) -> list[Paper]:
    """Prepare what a form sent (objects with ``read``); an empty file field is passed over. Raises TooManyPhotos."""
    bodies = [body for upload in uploads if upload is not None
              and (body := upload.read(services.MOST_BYTES + 1))]
    if len(bodies) > most:
        raise TooManyPhotos(most=most)
    return [prepare_paper(body) for body in bodies]


def hang(actor: Actor, papers: Iterable[Paper], owner_key: str, purpose: Purpose, name: str) -> None:
    """Keep documents on an owner; ``name`` (letters, digits, hyphens) is what a PDF is called when it is saved.

    The caller says who may. Raises NotFound without a community, and what ``store`` and ``attach`` raise.
    """
    if actor.community_id is None:
        raise NotFound
    photos = []
    for paper in papers:
        if isinstance(paper, Pdf):
            _keep(actor, actor.community_id, paper, owner_key, purpose, name)
        else:
            photos.append(services.store(actor, None, "", purpose, prepared=paper).id)
    services.attach(actor, photos, owner_key, purpose=purpose)


def _keep(actor: Actor, community_id: int, paper: Pdf, owner_key: str, purpose: Purpose, name: str) -> None:
    key = secrets.token_hex(16)
    files.write(key, files.PAPER, paper.content)
    row = PaperFile(community_id=community_id, key=key, owner_key=owner_key, name=re.sub(r"[^\w-]+", "-", name)[:60],
                    purpose=purpose, visibility=SEEN_BY[purpose], sha256=paper.sha256, bytes=len(paper.content),
                    created_by=actor.user_id, created_at=clock.now())
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "media.keep_paper", owner_key, bytes=row.bytes)
