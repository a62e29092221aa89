"""Reading a card's code from a photo, on the server: for phones whose own scanner will not do it."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image

from pointsbank.activities.errors import NoCardInPhoto
from pointsbank.media import services as media


def card_in(raw: bytes) -> str:
    """The text of the QR code in a photo. Raises :class:`NoCardInPhoto` and what ``media`` refuses.

    ``media`` has checked and re-encoded the picture before it is decoded here. Pure work of the processor: called
    before any lock is taken.
    """
    prepared = media.prepare(raw)
    with Image.open(io.BytesIO(prepared.full)) as picture:
        found = zxingcpp.read_barcodes(picture.convert("L"))
    texts = {code.text for code in found if code.text}
    if len(texts) != 1:
        raise NoCardInPhoto
    return texts.pop()
