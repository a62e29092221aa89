"""A photo used again is seen although it was saved anew, and other photos are left alone: 200 copies among 1,000."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageEnhance

from pointsbank.cases.queries.alike import NEAR_BITS
from pointsbank.media import services


def scene(number: int) -> Image.Image:
    """A street as a camera would see it: light that falls off, walls, windows, things that lie about, noise."""
    chance = random.Random(number)
    sky, ground = (tuple(chance.randrange(60, 250) for _ in "rgb") for _ in range(2))
    picture = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize((320, 240))
    picture = Image.composite(Image.new("RGB", (320, 240), sky), Image.new("RGB", (320, 240), ground), picture)
    pen = ImageDraw.Draw(picture)
    for _ in range(chance.randrange(6, 24)):
        left, top = chance.randrange(-40, 300), chance.randrange(-40, 220)
        box = (left, top, left + chance.randrange(15, 160), top + chance.randrange(15, 120))
        fill = tuple(chance.randrange(256) for _ in "rgb")
        chance.choice((pen.rectangle, pen.ellipse))(box, fill=fill)
    grain = Image.frombytes("L", (320, 240), chance.randbytes(320 * 240)).point(lambda level: 116 + level * 24 // 255)
    return ImageChops.add(picture, grain.convert("RGB"), offset=-128)


def saved(picture: Image.Image, quality: int = 90, kind: str = "JPEG") -> bytes:
    """The picture's file."""
    raw = io.BytesIO()
    picture.save(raw, kind, quality=quality)
    return raw.getvalue()


def again(number: int) -> bytes:
    """The same photo as chats and albums hand it on: smaller or larger, brighter or darker, cut, encoded anew."""
    chance, picture = random.Random(-number), scene(number)
    if chance.random() < 0.5:
        rim = chance.randrange(1, 5)
        picture = picture.crop((rim, rim, 320 - rim, 240 - rim))
    share = chance.uniform(0.5, 1.6)
    picture = picture.resize((int(picture.width * share), int(picture.height * share)))
    picture = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.85, 1.15))
    return saved(picture, chance.randrange(35, 90), chance.choice(("JPEG", "WEBP")))


@pytest.mark.slow
def test_copies_are_seen_and_others_left_alone() -> None:
    prints = [fingerprint(saved(scene(n))) for n in range(1000)]
    copies = [fingerprint(again(n)) for n in range(200)]
    seen = sum(is_near(copies[n], prints[n]) for n in range(200))
    wrong = sum(any(is_near(prints[n], earlier) for earlier in prints[:n]) for n in range(1000))
    assert seen >= 190, "of 200 copies"
    assert wrong <= 10, "of 1,000 photos beside all that came before them"


def fingerprint(raw: bytes) -> int:
    """The 128 bits that are kept of a photo."""
    return int(services.prepare(raw).fingerprint, 16)


def is_near(one: int, other: int) -> bool:
    """As the signals measure it."""
    return (one ^ other).bit_count() <= NEAR_BITS
