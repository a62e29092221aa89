"""Plain drawings of what is broken and of how it looks put right, each a little different from the next."""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw

from pointsbank.demo.scenes import EARTH, GREEN, INK, PAPER, SAND

WIDTH, HEIGHT = 640, 480
Draw = Callable[[ImageDraw.ImageDraw, int, bool], None]


def _lamp(draw: ImageDraw.ImageDraw, shift: int, mended: bool) -> None:
    """A street lamp at dusk, dark or lit."""
    draw.rectangle((0, 0, WIDTH, 360), fill="#33475a")
    for x in range(0, WIDTH, 130):
        draw.rectangle((x + shift % 40, 150 + (x * 7 + shift) % 60, x + 90, 360), fill="#4b6073")
    x = 120 + shift * 3 % 380
    draw.rectangle((x, 110, x + 12, 400), fill="#1d2a35")
    if mended:
        draw.polygon([(x - 20, 110), (x + 32, 110), (x + 150, 400), (x - 138, 400)], fill="#6f7a68")
    draw.ellipse((x - 28, 74, x + 40, 126), fill="#f3dc9a" if mended else "#26333f")


def _rubbish(draw: ImageDraw.ImageDraw, shift: int, mended: bool) -> None:
    """A corner of a wall, with bags or swept."""
    draw.rectangle((0, 60, WIDTH, 330), fill="#d8d2c4")
    draw.rectangle((60 + shift % 120, 110, 250 + shift % 120, 300), fill="#8fa39a", outline=INK, width=5)
    if mended:
        draw.polygon([(430, 390), (500, 330), (560, 395)], fill=GREEN)
        return
    for n in range(7):
        x, y = 250 + (n * 61 + shift * 13) % 330, 290 + (n * 37 + shift) % 90
        draw.ellipse((x, y, x + 96, y + 84), fill=("#3f4b45", "#7d6a4a", "#5b6b8a")[n % 3], outline=INK, width=3)


def _wires(draw: ImageDraw.ImageDraw, shift: int, mended: bool) -> None:
    """Cables from a window to a scooter, or none."""
    draw.rectangle((40, 20, 600, 370), fill="#cfc6b4", outline=INK, width=4)
    for x in (90, 250, 410):
        for y in (60, 190):
            draw.rectangle((x, y, x + 80, y + 70), fill="#8fb4cf", outline=INK, width=3)
    draw.ellipse((150 + shift % 90, 380, 210 + shift % 90, 440), outline=INK, width=9)
    draw.ellipse((280 + shift % 90, 380, 340 + shift % 90, 440), outline=INK, width=9)
    draw.line((180 + shift % 90, 380, 310 + shift % 90, 370), fill=GREEN, width=14)
    if not mended:
        for n in range(3):
            way = (130 + n * 160, 130, 220 + shift % 60 + n * 12, 250, 240 + shift % 90, 380)
            draw.line(way, fill="#9c3b08", width=6)
    else:
        draw.rectangle((520, 280, 570, 430), fill=GREEN)


def _stairwell(draw: ImageDraw.ImageDraw, shift: int, mended: bool) -> None:
    """A landing, piled up or clear."""
    for step in range(5):
        at = 390 - step * 62
        draw.rectangle((90 + step * 100, at, WIDTH, at + 62), fill=SAND, outline="#cdbf9b", width=3)
    if mended:
        return
    for n in range(5):
        x, y = 30 + (n * 71 + shift * 5) % 210, 250 + (n * 43 + shift) % 120
        draw.rectangle((x, y, x + 100, y + 80), fill=("#b98f57", "#9a7a4b", "#c9a873")[n % 3], outline=INK, width=4)


def _cover(draw: ImageDraw.ImageDraw, shift: int, mended: bool) -> None:
    """A manhole in the road, broken or whole."""
    draw.rectangle((0, 120, WIDTH, HEIGHT), fill="#9aa5a0")
    for x in range(shift % 90, WIDTH, 150):
        draw.rectangle((x, 150, x + 70, 164), fill=PAPER)
    x, y = 190 + shift % 150, 230 + shift % 40
    draw.ellipse((x, y, x + 240, y + 150), fill="#5d6a64" if mended else "#1c2420", outline=INK, width=8)
    if mended:
        for n in range(1, 5):
            draw.line((x + 30, y + n * 30, x + 210, y + n * 30), fill="#46544d", width=5)
    else:
        draw.pieslice((x, y, x + 240, y + 150), 200 + shift % 40, 330, fill="#5d6a64", outline=INK)


def _water(draw: ImageDraw.ImageDraw, shift: int, mended: bool) -> None:
    """A puddle over the path, or a dry one."""
    draw.rectangle((0, 170, WIDTH, HEIGHT), fill="#c9c2b1")
    draw.rectangle((60, 60 + shift % 30, 110, 230), fill=EARTH)
    for x in range(0, WIDTH, 64):
        draw.line((x + shift % 30, 170, x - 60, HEIGHT), fill="#b3ab98", width=3)
    if not mended:
        draw.ellipse((120 + shift % 80, 250, 520 + shift % 80, 430), fill="#7f8f6c", outline="#5d6b4c", width=6)
        draw.rectangle((70, 220, 100, 330), fill="#7f8f6c")


DAMAGES: dict[str, Draw] = {"lamp": _lamp, "rubbish": _rubbish, "wires": _wires, "stairwell": _stairwell,
                            "cover": _cover, "water": _water}


def _light(seed: int) -> Image.Image:
    """Light and shade of a day, so that no two photos look alike, as no two do."""
    shade = Image.frombytes("L", (9, 7), Random(seed).randbytes(63)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return Image.merge("RGB", (shade, shade, shade))


def picture(name: str, shift: int, *, mended: bool) -> bytes:
    """One of the drawings as a JPEG; ``shift`` tells one place from another."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 400, WIDTH, HEIGHT), fill="#ddd9cc")
    DAMAGES[name](draw, shift, mended)
    image = Image.blend(image, _light(shift * 2 + mended), 0.16)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()
