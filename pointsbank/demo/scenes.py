"""Plain drawings for the demo's activities, so that it needs nobody's photographs."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 800, 600
PAPER, INK, GREEN, EARTH, WATER, SAND = "#f3f1ea", "#46544d", "#0d6149", "#a98d4a", "#8fb4cf", "#e6dcc2"


def _stairs(draw: ImageDraw.ImageDraw) -> None:
    """A staircase and a broom."""
    for step in range(5):
        draw.rectangle((80 + step * 110, 480 - step * 80, 800, 560 - step * 80), fill=SAND, outline="#cdbf9b", width=4)
    draw.line((250, 120, 400, 420), fill=EARTH, width=18)
    draw.polygon([(380, 390), (430, 380), (500, 500), (390, 520)], fill="#d19a2a")


def _evening(draw: ImageDraw.ImageDraw) -> None:
    """A street lamp over a house at dusk."""
    draw.rectangle((0, 0, WIDTH, 440), fill="#33475a")
    draw.rectangle((430, 180, 730, 520), fill="#5d7183")
    for x, y in ((470, 220), (600, 220), (470, 360), (600, 360)):
        draw.rectangle((x, y, x + 80, y + 90), fill="#f3dc9a")
    draw.line((200, 520, 200, 160), fill="#1d2a35", width=16)
    draw.ellipse((140, 100, 260, 190), fill="#f3dc9a")


def _street(draw: ImageDraw.ImageDraw) -> None:
    """A road under a magnifying glass."""
    draw.polygon([(330, 120), (470, 120), (760, 560), (40, 560)], fill="#9aa5a0")
    for y in range(160, 540, 90):
        draw.rectangle((390, y, 410, y + 50), fill=PAPER)
    draw.ellipse((420, 190, 640, 410), outline=GREEN, width=26)
    draw.line((610, 380, 720, 500), fill=GREEN, width=30)


def _site(draw: ImageDraw.ImageDraw) -> None:
    """A crane beside a half-built house."""
    draw.rectangle((380, 260, 700, 540), fill="#c9b79a")
    for x in range(410, 680, 90):
        for y in range(290, 500, 90):
            draw.rectangle((x, y, x + 50, y + 50), fill=PAPER)
    draw.line((220, 540, 220, 110), fill="#c98a1b", width=22)
    draw.line((120, 130, 620, 130), fill="#c98a1b", width=18)
    draw.line((560, 130, 560, 220), fill=INK, width=6)


def _ditch(draw: ImageDraw.ImageDraw) -> None:
    """A ditch between fields, and a spade."""
    draw.rectangle((0, 330, WIDTH, HEIGHT), fill="#b7cfa0")
    draw.polygon([(300, 330), (420, 330), (620, 600), (180, 600)], fill=WATER)
    draw.line((600, 110, 600, 400), fill=EARTH, width=18)
    draw.polygon([(550, 390), (650, 390), (640, 480), (600, 530), (560, 480)], fill="#7c8f86")
    draw.ellipse((60, 60, 180, 180), fill="#e3a72f")


def _minutes(draw: ImageDraw.ImageDraw) -> None:
    """A written sheet with a seal."""
    draw.rectangle((230, 40, 570, 520), fill="#fff", outline=INK, width=4)
    for y in range(110, 440, 40):
        draw.line((270, y, 530 if y % 80 else 470, y), fill="#8a958f", width=6)
    draw.ellipse((430, 380, 530, 480), outline="#b3261e", width=8)


def _sheet(draw: ImageDraw.ImageDraw) -> None:
    """A ruled sheet of paper with lines of handwriting."""
    draw.rectangle((150, 40, 650, 570), fill="#ffffff", outline=INK, width=4)
    for row in range(9):
        y = 120 + row * 48
        draw.line((180, y, 620, y), fill="#b9c3bc", width=3)
        for x, width in ((190, 90), (310, 60), (410, 150)):
            draw.line((x, y - 16, x + width - row % 3 * 12, y - 20), fill="#2b3f63", width=6)


SHEET = "sheet"
SCENES: dict[str, Callable[[ImageDraw.ImageDraw], None]] = {
    "stairs": _stairs, "evening": _evening, "street": _street, "site": _site, "ditch": _ditch,
    "minutes": _minutes, SHEET: _sheet}


def scene(name: str) -> bytes:
    """One of the drawings as a JPEG."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 520, WIDTH, HEIGHT), fill="#ddd9cc")
    SCENES[name](draw)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()
