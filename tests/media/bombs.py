"""Files that want to do harm as photos: by name, made anew for each run."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pillow_heif
from PIL import Image, ImageDraw

pillow_heif.register_heif_opener()


def picture(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """Something with shapes in it, so that it is no single colour."""
    image = Image.new("RGB", (width, height), "#b9d3c6")
    draw = ImageDraw.Draw(image)
    for step in range(0, width, max(width // 12, 1)):
        draw.rectangle((step, step * height // width, step + width // 20, height - 1), fill=(step % 256, 90, 60))
    draw.ellipse((width // 8, height // 8, width // 3, height // 2), fill="#b3261e")
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a picture in a format."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_size(jpeg: bytes, width: int, height: int) -> bytes:
    """The same JPEG with another size claimed in its frame header."""
    at = min(i for i in (jpeg.find(b"\xff\xc0"), jpeg.find(b"\xff\xc2")) if i > 0)
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: Iterator[bytes] | None, *before: bytes,
        idat: bytes | None = None) -> bytes:
    """A PNG written chunk by chunk, so that a huge one never stands in memory."""
    packer = zlib.compressobj(9)
    data = idat if idat is not None else b"".join(packer.compress(row) for row in rows or ()) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"".join([b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *before, chunk(b"IDAT", data), chunk(b"IEND", b"")])


def blank_rows(count: int, size: int) -> Iterator[bytes]:
    """Rows of zeros, each with its filter byte."""
    row = b"\0" * (size + 1)
    for _ in range(count):
        yield row


def _text_bomb(kind: bytes) -> bytes:
    packed = zlib.compress(b"A" * 60_000_000, 9)
    body = b"Comment\0\0" + packed if kind == b"zTXt" else b"Comment\0\1\0\0\0" + packed
    return png(40, 40, 8, 2, blank_rows(40, 120), chunk(kind, body))


def _profile_bomb() -> bytes:
    return png(40, 40, 8, 2, blank_rows(40, 120), chunk(b"iCCP", b"x\0\0" + zlib.compress(b"B" * 80_000_000, 9)))


def _progressive(width: int, height: int) -> bytes:
    return encoded(picture(width, height), "JPEG", progressive=True, quality=40, subsampling=0)


def _many_scans() -> bytes:
    jpeg = encoded(picture(4000, 3000), "JPEG", progressive=True, quality=60)
    at = jpeg.rfind(b"\xff\xda")
    scan = jpeg[at:-2]
    return jpeg[:-2] + scan * 900 + b"\xff\xd9"


def _exif_bomb() -> bytes:
    exif = Image.Exif()
    for tag in range(40_000, 48_000):
        exif[tag] = 7
    return encoded(picture(), "PNG", exif=exif)


def _broken_exif() -> bytes:
    return encoded(picture(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 400)


def _polyglot_zip() -> bytes:
    out = io.BytesIO(encoded(picture(), "JPEG"))
    out.seek(0, 2)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return out.getvalue()


def _heic(width: int = 640, height: int = 480) -> bytes:
    return encoded(picture(width, height), "HEIF", quality=50)


def _heic_claiming(width: int, height: int) -> bytes:
    raw = _heic()
    at = raw.find(b"ispe")
    return raw[: at + 8] + struct.pack(">II", width, height) + raw[at + 16 :]


def _webp_header(width: int, height: int) -> bytes:
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _animated(kind: str) -> bytes:
    frames = [picture(400, 300).rotate(n) for n in range(40)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=20)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="file:///etc/passwd"/></svg>'
BOMBS: dict[str, Callable[[], bytes]] = {
    "169-megapixel-jpeg": lambda: encoded(Image.new("L", (13_000, 13_000), 90), "JPEG", quality=30),
    "169-megapixel-claimed": lambda: with_size(encoded(picture(), "JPEG"), 13_000, 13_000),
    "65535-claimed": lambda: with_size(encoded(picture(), "JPEG"), 65_535, 65_535),
    "39-megapixel-jpeg": lambda: encoded(picture(7200, 5400), "JPEG", quality=40),
    "39-megapixel-progressive": lambda: _progressive(7200, 5400),
    "25-megapixel-progressive": lambda: _progressive(5770, 4330),
    "many-scans-jpeg": _many_scans,
    "cmyk-jpeg": lambda: encoded(picture(mode="CMYK"), "JPEG"),
    "truncated-jpeg": lambda: encoded(picture(), "JPEG")[:4000],
    "jpeg-magic-and-html": lambda: b"\xff\xd8\xff\xe0<html><script>alert(1)</script>",
    "broken-exif": _broken_exif,
    "zip-behind-jpeg": _polyglot_zip,
    "900-megapixel-png": lambda: png(30_000, 30_000, 1, 0, blank_rows(30_000, 3750)),
    "40-megapixel-png": lambda: png(6324, 6324, 8, 6, blank_rows(6324, 6324 * 4)),
    "16-bit-png": lambda: png(6000, 6000, 16, 6, blank_rows(6000, 6000 * 8)),
    "palette-png": lambda: encoded(picture(6300, 6300, "P"), "PNG", compress_level=1),
    "4-gigapixel-claimed-png": lambda: png(65_000, 65_000, 8, 6, blank_rows(2, 65_000 * 4)),
    "png-with-too-much-inside": lambda: png(64, 64, 8, 2, blank_rows(400_000, 192)),
    "thin-png": lambda: png(30_000_000, 1, 1, 0, blank_rows(1, 3_750_000)),
    "ztxt-bomb": lambda: _text_bomb(b"zTXt"),
    "itxt-bomb": lambda: _text_bomb(b"iTXt"),
    "profile-bomb": _profile_bomb,
    "exif-bomb": _exif_bomb,
    "truncated-png": lambda: encoded(picture(), "PNG")[:1800],
    "single-pixel": lambda: encoded(Image.new("RGB", (1, 1)), "PNG"),
    "16-megapixel-webp": lambda: encoded(picture(4600, 3450), "WEBP", quality=30, method=0),
    "webp-claiming-268-megapixels": lambda: _webp_header(16_383, 16_383),
    "truncated-webp": lambda: encoded(picture(), "WEBP")[:2000],
    "animated-webp": lambda: _animated("WEBP"),
    "26-megapixel-heic": lambda: _heic(5880, 4400),
    "heic-claiming-gigapixels": lambda: _heic_claiming(40_000, 40_000),
    "truncated-heic": lambda: _heic()[:1500],
    "gif": lambda: encoded(picture(), "GIF"),
    "gif-and-script": lambda: b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
    "tiff": lambda: encoded(picture(), "TIFF"),
    "bmp": lambda: encoded(picture(), "BMP"),
    "pdf-renamed": lambda: b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>",
    "svg": lambda: SVG,
    "svg-gzipped": lambda: zlib.compress(SVG),
    "photoshop": lambda: b"8BPS\0\1" + b"\0" * 200,
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run",
    "empty": lambda: b"",
    "text": lambda: "一张照片".encode(),
}
# These are photos after all, only unpleasant ones: they are taken, as harmless as any other.
HARMLESS = {"39-megapixel-jpeg", "25-megapixel-progressive", "cmyk-jpeg", "broken-exif", "zip-behind-jpeg",
            "40-megapixel-png", "16-bit-png", "palette-png", "png-with-too-much-inside", "exif-bomb",
            "animated-webp", "16-megapixel-webp", "26-megapixel-heic"}
