"""The voucher's code and number: a code that can be drawn again for its holder, and digits that can be read out."""

from __future__ import annotations

from flask import current_app

from pointsbank.core import tokens
from pointsbank.shop.errors import NoSuchVoucher, WrongNumber
from pointsbank.shop.models import Redemption

DIGITS = 12
CODE_LENGTH = 16  # 80 bits in base32


def code_of(redemption: Redemption) -> str:
    """The 80-bit code. Only its SHA-256 is in the database; it follows from the secret and the order."""
    message = f"{redemption.community_id}:{redemption.id}:{redemption.number}"
    return tokens.to_base32(tokens.mac(tokens.derive("voucher"), message))


def address_of(redemption: Redemption) -> str:
    """What the QR carries: an address that any phone's camera opens, in upper case to keep the code small."""
    return f"{current_app.config['BASE_URL']}/h/{code_of(redemption)}".upper()


def read(text: str) -> tuple[str | None, str | None]:
    """A scanned address or code as (hash, None), a typed number as (None, number).

    Raises :class:`WrongNumber` for a digit misread and :class:`NoSuchVoucher` for anything else.
    """
    clean = text.strip().rsplit("/", 1)[-1].replace(" ", "").replace("-", "")
    if clean.isascii() and clean.isdigit():
        if len(clean) != DIGITS or not tokens.damm_valid(clean):
            raise WrongNumber
        return None, clean
    try:
        return tokens.digest(tokens.to_base32(tokens.from_base32(clean))), None
    except tokens.BadToken:
        raise NoSuchVoucher from None
