"""Static files: addresses with a content hash, cached for a year, packed once in memory and not once a request.

Bootstrap's style sheet is served straight from the installed bootstrap-flask, so that no copy of it can grow old here.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

import flask_bootstrap
from flask import Flask, Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.utils import safe_join

from pointsbank.core.web import guard

HOUSE = Path(__file__).resolve().parent.parent / "static"
BORROWED = {"css/bootstrap.min.css": Path(flask_bootstrap.__file__).parent / "static/bootstrap5/css/bootstrap.min.css"}
PACKED = {"text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/manifest+json"}
YEAR = 365 * 24 * 3600
SOURCE_MAP = re.compile(rb"/\*# sourceMappingURL=\S+ \*/")


@dataclass(frozen=True)
class Asset:
    """A static file as it is sent."""

    body: bytes
    packed: bytes | None
    version: str
    mimetype: str


# By name, together with the time of the last change, so that an edited style sheet shows at the next reload.
_known: dict[str, tuple[int, Asset]] = {}


def _load(path: Path) -> Asset:
    body = SOURCE_MAP.sub(b"", path.read_bytes())
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(body, 9, mtime=0) if mimetype in PACKED else None
    return Asset(body, packed, hashlib.sha256(body).hexdigest()[:12], mimetype)


def find(name: str) -> Asset:
    """The static file of this name. Raises NotFound."""
    joined = safe_join(str(HOUSE), name)
    path = BORROWED.get(name) or (Path(joined) if joined else None)
    if path is None or not path.is_file():
        raise NotFound
    changed = path.stat().st_mtime_ns
    known = _known.get(name)
    if known is None or known[0] != changed:
        known = _known[name] = (changed, _load(path))
    return known[1]


@guard.static
def serve(filename: str) -> Response:
    """``/static/<filename>``: for a year where the address carries the version, else to be asked for again."""
    found = find(filename)
    packed = found.packed if "gzip" in request.accept_encodings else None
    answer = Response(packed or found.body, mimetype=found.mimetype)
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    if found.packed:
        answer.headers["Vary"] = "Accept-Encoding"
    fixed = request.args.get("v") == found.version
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if fixed else "no-cache"
    answer.set_etag(found.version + ("-gzip" if packed else ""))
    answer.make_conditional(request)
    return answer


def asset(name: str) -> str:
    """The versioned address of a static file, for templates. Raises NotFound for a file that isn't there."""
    return url_for("static", filename=name, v=find(name).version)


def init_app(app: Flask) -> None:
    """Take over the static view and install ``asset()`` for templates."""
    app.view_functions["static"] = serve
    app.jinja_env.globals["asset"] = asset
