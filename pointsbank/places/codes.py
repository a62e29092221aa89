"""The codes of place tags: the tag's number and a seal over it. Nothing of it is stored but a salt."""

from __future__ import annotations

from flask import current_app

from pointsbank.core import tokens
from pointsbank.places.errors import UnknownTag
from pointsbank.places.models import PlaceTag

ID_BYTES = 4


def _seal(tag_id: int, salt: str) -> bytes:
    return tokens.mac(tokens.derive("place-tag"), f"{tag_id}:{salt}")


def code_of(tag: PlaceTag) -> str:
    """The code that is printed on this tag."""
    return tokens.to_base32(tag.id.to_bytes(ID_BYTES, "big") + _seal(tag.id, tag.salt))


def number_in(code: str) -> int:
    """The id that a code claims. Raises UnknownTag for what is no code at all."""
    try:
        raw = tokens.from_base32(code.strip())
    except (tokens.BadToken, ValueError):
        raise UnknownTag from None
    number = int.from_bytes(raw[:ID_BYTES], "big")
    if len(raw) != ID_BYTES + tokens.MAC_BYTES or number >= 2**31:
        raise UnknownTag
    return number


def fits(tag: PlaceTag, code: str) -> bool:
    """Whether the seal in a code is this tag's own."""
    return tokens.same(code_of(tag).encode(), code.strip().upper().encode())


def address(tag: PlaceTag) -> str:
    """What the QR code says, in capitals: that keeps it small, and the route does not mind."""
    return f"{current_app.config['BASE_URL']}/t/{code_of(tag)}".upper()
