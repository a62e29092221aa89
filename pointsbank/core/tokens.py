"""Signed texts, keys derived from the one secret, base32 for QR codes and numbers with a check digit."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from pointsbank.core.errors import Invalid, lazy

MAC_BYTES = 10  # 80 bits, DESIGN of the four codes: short enough for a 29x29 QR, too long to guess


class BadToken(Invalid):
    """Forged, cut or for another purpose."""

    code = "core.bad_token"
    message = lazy("This code is not one of ours, or it is damaged.")


def derive(*context: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256 of the secret; a known key of one purpose says nothing of another)."""
    master = str(current_app.config["SECRET_KEY"]).encode()
    extracted = hmac.digest(b"pointsbank", master, "sha256")
    return hmac.digest(extracted, "\x1f".join(context).encode() + b"\x01", "sha256")


def mac(key: bytes, message: str) -> bytes:
    """HMAC-SHA256 cut to 80 bits."""
    return hmac.digest(key, message.encode(), "sha256")[:MAC_BYTES]


def same(left: bytes, right: bytes) -> bool:
    """Comparison in constant time."""
    return hmac.compare_digest(left, right)


def to_base32(raw: bytes) -> str:
    """Upper-case base32 without padding: keeps a QR code in its compact alphanumeric mode."""
    return base64.b32encode(raw).decode().rstrip("=")


def from_base32(text: str) -> bytes:
    """The bytes of :func:`to_base32`; any case. Raises :class:`BadToken` unless the text is canonical."""
    upper = text.upper()
    try:
        raw = base64.b32decode(upper + "=" * (-len(upper) % 8))
    except ValueError:
        raise BadToken from None
    if to_base32(raw) != upper:
        raise BadToken
    return raw


def sign(purpose: str, value: object) -> str:
    """A signed text that carries ``value`` (JSON) for one purpose. It does not expire; put an instant inside."""
    return str(URLSafeSerializer(derive("signed", purpose)).dumps(value))


def unsign(purpose: str, text: str) -> object:
    """The value of :func:`sign`. Raises :class:`BadToken`."""
    try:
        return URLSafeSerializer(derive("signed", purpose)).loads(text)
    except (BadSignature, ValueError):
        raise BadToken from None


def digest(text: str) -> str:
    """SHA-256 in hex: how random tokens are kept, so that a stolen table opens nothing."""
    return hashlib.sha256(text.encode()).hexdigest()


def random_token(size: int = 24) -> str:
    """An unguessable URL-safe text of ``size`` random bytes."""
    return secrets.token_urlsafe(size)


_DAMM = ("0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
         "3674209581", "5869720134", "8945362017", "9438617205", "2581436790")


def damm_digit(number: str) -> str:
    """The check digit of H. Damm (2004): finds every single wrong digit and every swap of neighbours."""
    interim = 0
    for digit in number:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def damm_valid(number: str) -> bool:
    """True for an all-digit number whose last digit is its check digit."""
    return number.isascii() and number.isdigit() and len(number) > 1 and damm_digit(number) == "0"


def random_number(length: int) -> str:
    """A random decimal number of ``length`` digits, the last being its check digit, never with a leading zero."""
    body = str(secrets.randbelow(9) + 1) + "".join(str(secrets.randbelow(10)) for _ in range(length - 2))
    return body + damm_digit(body)


def monotonic() -> float:
    """Seconds of a clock that never goes back (measuring spans only)."""
    return time.monotonic()
