"""Reading a code out of a photo, for counters without a scanner: the camera's picture is enough."""

from __future__ import annotations

import io
from typing import IO

import zxingcpp
from PIL import Image

from pointsbank.core.errors import Invalid, lazy
from pointsbank.media import services as media


class NoCode(Invalid):
    """A photo without a code that can be read."""

    code = "shop.no_code"
    message = lazy("There is no code to be read in this photo. Hold the phone closer and straight, or type the number.")


def text_of_photo(stream: IO[bytes]) -> str:
    """The text of the first QR code in a photo. The photo goes through the same door as every other one and is not
    kept.

    Raises :class:`NoCode` and what preparing a photo raises.
    """
    prepared = media.prepare_uploads([stream], most=1)
    if not prepared:
        raise NoCode
    with Image.open(io.BytesIO(prepared[0].full)) as image:
        for found in zxingcpp.read_barcodes(image):
            if found.text:
                return str(found.text)
    raise NoCode
