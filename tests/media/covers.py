"""A plain white photo that hangs on a deed, and how to look into its pixels."""

from __future__ import annotations

import io

from flask import Flask
from PIL import Image

from pointsbank.core.db import run, transaction
from pointsbank.media import covering, files, services
from pointsbank.media.models import Photo
from tests.support.village import Village

BOX = (0.25, 0.25, 0.2, 0.3)
OTHER = (0.6, 0.6, 0.3, 0.3)


def white(width: int = 400, height: int = 300) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "JPEG")
    return out.getvalue()


def hung_photo(app: Flask, village: Village, purpose: str = "deed", owner: str = "contribution:5") -> int:
    """Sent by alice, hung on something; its id."""
    with app.app_context(), transaction():
        photo = services.store(village.actor("alice"), white(), "x.jpg", purpose)
        services.attach(village.actor("alice"), [photo.id], owner)
        return photo.id


def covered(app: Flask, village: Village, photo_id: int, *boxes: tuple[float, ...], who: str = "reviewer") -> str:
    """Cover as the view does; the new key."""
    with app.app_context():
        prepared = covering.prepare_cover(village.actor(who), photo_id, boxes or [BOX])
        return run(lambda: covering.cover(village.actor(who), prepared).key)


def is_dark(raw: bytes, box: tuple[float, ...]) -> bool:
    """Whether all of the box (but its very edge, which JPEG blurs) is black."""
    with Image.open(io.BytesIO(raw)) as image:
        grey = image.convert("L")
        left, top = box[0] * grey.width + 3, box[1] * grey.height + 3
        inner = grey.crop((int(left), int(top), int(left + box[2] * grey.width - 6),
                           int(top + box[3] * grey.height - 6)))
        return int(inner.getextrema()[1]) < 60  # type: ignore[arg-type]


def is_light(raw: bytes, x: float, y: float) -> bool:
    with Image.open(io.BytesIO(raw)) as image:
        grey = image.convert("L")
        return int(grey.getpixel((int(x * grey.width), int(y * grey.height)))) > 200  # type: ignore[arg-type]


def file_of(app: Flask, photo: Photo | str, size: str = "full") -> bytes:
    with app.app_context():
        return files.path_of(photo if isinstance(photo, str) else photo.key, size).read_bytes()
