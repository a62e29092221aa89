"""From whatever a phone sends to two plain JPEGs: pure work of the processor, done before any lock is taken.

The header decides first: which format it really is and how many pixels it claims. A picture that is small as a file may
unpack to gigabytes, so nothing is decoded before its size is known, JPEGs are decoded at a fraction of their size, and
at most two pictures are open in this process at a time.
"""

from __future__ import annotations

import hashlib
import io
import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import dhash
import pillow_heif
from PIL import Image, ImageDraw, ImageOps

from pointsbank.core.errors import DomainError
from pointsbank.media.errors import BrokenPhoto, NotAPhoto, PhotoTooLarge, TooManyPixels

MOST_BYTES = 20 * 1024 * 1024
MEGAPIXEL = 1_000_000
MOST_PIXELS = 40 * MEGAPIXEL
# What has to be held in full beside the picture while it is decoded gets less room: a progressive JPEG's coefficients,
# the planes of HEIC, the three canvases of WebP. No phone sends WebP that large.
LESS_ROOM = {"PROGRESSIVE": 26 * MEGAPIXEL, "HEIF": 26 * MEGAPIXEL, "WEBP": 16 * MEGAPIXEL}
MOST_SIDE = 20_000
LEAST_SIDE = 8
# A camera's progressive JPEG has about ten scans; thousands of them cost a pass over the whole picture each.
MOST_SCANS = 40
START_OF_SCAN = b"\xff\xda"
FULL = 1600
THUMB = 400
THUMB_BYTES = 12 * 1024
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
# One is decoded while the next one's header is read; more would let many phones together fill the memory.
_room = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Prepared:
    """A photo ready to be kept: nothing in it but the picture."""

    full: bytes
    thumb: bytes
    width: int
    height: int
    sha256: str
    fingerprint: str


def prepare(raw: bytes) -> Prepared:
    """Check, decode, turn upright, shrink and re-encode. Metadata, GPS first of all, do not survive this.

    Raises :class:`PhotoTooLarge`, :class:`NotAPhoto`, :class:`TooManyPixels` and :class:`BrokenPhoto`.
    """
    if len(raw) > MOST_BYTES:
        raise PhotoTooLarge(most=MOST_BYTES // 1024 // 1024)
    kind = sniff(raw)
    if kind == "JPEG" and raw.count(START_OF_SCAN) > MOST_SCANS:
        raise BrokenPhoto
    with _room:
        try:
            picture = _decoded(raw, kind)
            thumb = picture.copy()
            thumb.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
            full_bytes, thumb_bytes = _jpeg(picture, 84), _small_jpeg(thumb)
            rows, columns = dhash.dhash_row_col(list(_nine_by_nine(thumb)))
        except DomainError:
            raise
        except Exception as fault:  # a decoder raises whatever its format's author happened to choose
            raise BrokenPhoto from fault
    return Prepared(full_bytes, thumb_bytes, picture.width, picture.height, hashlib.sha256(full_bytes).hexdigest(),
                    f"{rows:016x}{columns:016x}")


@dataclass(frozen=True)
class Blackened:
    """A photo of ours with black boxes in its very pixels."""

    full: bytes
    thumb: bytes
    sha256: str


def blacken(raw: bytes, areas: Iterable[tuple[float, float, float, float]]) -> Blackened:
    """Draw black boxes into one of our own JPEGs; the thumbnail is made from what is left, so nothing shows there.

    ``areas`` are edges (left, top, right, bottom) as fractions; a pixel that is touched is covered whole.
    Raises :class:`BrokenPhoto`.
    """
    with _room:
        try:
            with _opened(raw, "JPEG") as source:
                picture = _plain(source)
        except OSError as fault:
            raise BrokenPhoto from fault
        pen = ImageDraw.Draw(picture)
        for left, top, right, bottom in areas:
            pen.rectangle((math.floor(left * picture.width), math.floor(top * picture.height),
                           math.ceil(right * picture.width) - 1, math.ceil(bottom * picture.height) - 1), fill="black")
        thumb = picture.copy()
        thumb.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
        full_bytes = _jpeg(picture, 84)
        return Blackened(full_bytes, _small_jpeg(thumb), hashlib.sha256(full_bytes).hexdigest())


def _nine_by_nine(picture: Image.Image) -> bytes:
    """The brightness of 81 fields: what the fingerprint compares."""
    return picture.convert("L").resize((9, 9), Image.Resampling.LANCZOS).tobytes()


def sniff(raw: bytes) -> str:
    """The format by its first bytes, never by its name. Raises :class:`NotAPhoto`."""
    if raw[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if raw[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "WEBP"
    if raw[4:8] == b"ftyp" and raw[8:12] in HEIC_BRANDS:
        return "HEIF"
    raise NotAPhoto


def _decoded(raw: bytes, kind: str) -> Image.Image:
    with _opened(raw, kind) as source:
        _check_size(source, kind)
        if kind == "JPEG":
            source.draft("RGB", (FULL, FULL))
        picture = _plain(_reduced(source))
        picture.thumbnail((FULL, FULL), Image.Resampling.LANCZOS)
        return _upright(picture, source)


def _reduced(source: Image.Image) -> Image.Image:
    """A large picture shrunk by a whole number, in bands, so that no second copy of its full size is ever made."""
    factor = max(source.size) // FULL
    if factor < 2:
        return source
    small = Image.new("RGB", (-(-source.width // factor), -(-source.height // factor)))
    band = factor * max(1, MEGAPIXEL // (source.width * factor))
    for top in range(0, source.height, band):
        part = source.crop((0, top, source.width, min(top + band, source.height)))
        small.paste(_plain(part).reduce(factor), (0, top // factor))
    return small


def _opened(raw: bytes, kind: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(raw), formats=[kind])
    except Image.DecompressionBombError:
        raise TooManyPixels(most=MOST_PIXELS // MEGAPIXEL) from None


def _check_size(source: Image.Image, kind: str) -> None:
    progressive = kind == "JPEG" and bool(source.info.get("progressive"))
    most = LESS_ROOM.get("PROGRESSIVE" if progressive else kind, MOST_PIXELS)
    if source.width * source.height > most or max(source.size) > MOST_SIDE:
        raise TooManyPixels(most=most // MEGAPIXEL)
    if min(source.size) < LEAST_SIDE:
        raise BrokenPhoto


def _upright(picture: Image.Image, source: Image.Image) -> Image.Image:
    """Turned as the camera was held. A broken block of metadata turns nothing: the picture may still be good."""
    try:
        turn = source.getexif().get(0x0112, 1)
    except Exception:  # Exif is read by hand-written parsers that raise what they like
        return picture
    if turn not in range(2, 9):
        return picture
    only_the_turn = Image.Exif()
    only_the_turn[0x0112] = turn
    picture.info["exif"] = only_the_turn.tobytes()
    upright = ImageOps.exif_transpose(picture)
    upright.info = {}
    return upright


def _plain(picture: Image.Image) -> Image.Image:
    """Colours only: what was transparent becomes paper, and nothing of the file's own information goes along."""
    if picture.mode in {"P", "PA"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode in {"RGBA", "LA"}:
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture.convert("RGB"), mask=picture.getchannel("A"))
        return paper
    plain = picture.convert("RGB")
    plain.info = {}
    return plain


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    options: dict[str, Any] = {"quality": quality, "optimize": True, "progressive": True}
    picture.save(out, "JPEG", exif=b"", icc_profile=None, **options)
    return out.getvalue()


def _small_jpeg(picture: Image.Image) -> bytes:
    """Light enough for a page of many: the quality goes down until it fits, but not below what can still be told."""
    for quality in (76, 66, 56, 46, 38):
        made = _jpeg(picture, quality)
        if len(made) <= THUMB_BYTES:
            break
    return made
