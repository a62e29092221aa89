"""Photos as they are shown, documents as they are handed out."""

from __future__ import annotations

from flask import Response, send_from_directory

from pointsbank.core.errors import NotFound
from pointsbank.core.web import Room, current_actor, guard
from pointsbank.media import files, queries

bp = Room("media", __name__)
DAY = 24 * 3600


@bp.get("/media/<key>/<size>")
@guard.public
def photo(key: str, size: str) -> Response:
    """One photo, ``full`` or ``thumb``, for whoever may see it."""
    return sent_photo(key, size)


def sent_photo(key: str, size: str) -> Response:
    """The file as an answer: always a JPEG of our own making. Raises NotFound for what the visitor may not see."""
    return file_of(queries.visible(current_actor(), key).key, size)


def file_of(key: str, size: str) -> Response:
    """The file of a photo that the caller has found to be the visitor's to see. Raises NotFound."""
    if size not in files.SIZES:
        raise NotFound
    file = files.path_of(key, size)
    if not file.is_file():
        raise NotFound
    answer = send_from_directory(file.parent, file.name, mimetype="image/jpeg", max_age=DAY, conditional=True)
    answer.headers["Cache-Control"] = f"private, max-age={DAY}"
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def original_of(text: str) -> Response:
    """What was opened by ``covering.open_original``; it stays in no cache. Raises NotFound."""
    _photo_id, key = queries.opened(current_actor(), text)
    answer = file_of(key, "full")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.get("/media/papers/<key>")
@guard.public
def paper(key: str) -> Response:
    """A document to keep, for whoever may read it. Never opened inside a page: it is as somebody brought it."""
    found = queries.readable(current_actor(), key)
    file = files.path_of(found.key, files.PAPER)
    if not file.is_file():
        raise NotFound
    answer = send_from_directory(file.parent, file.name, mimetype="application/pdf", max_age=0, conditional=True)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers.set("Content-Disposition", "attachment", filename=f"{found.name}.pdf")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


# Further routes of the same room; they need ``bp``.
from pointsbank.media import desk  # noqa: E402, F401
