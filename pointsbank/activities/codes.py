"""The codes of a check-in, as plain functions of a key and an instant: nothing here reads a database or a session.

R, the rotating code: version and kind, occurrence, screen and time step (11 bytes) and 80 bits of HMAC-SHA256, together
34 letters of base32. V, the venue's printed code. The receipt: what a rotating code is exchanged for at the first GET.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app

from pointsbank.activities.errors import ForgedCode, OldReceipt
from pointsbank.activities.models import EventKind
from pointsbank.core import clock, tokens
from pointsbank.core.tokens import BadToken

STEP_SECONDS = 15
OLDER, NEWER = 3, 1
NUMBER_SECONDS = 60
RECEIPT_LIFE = dt.timedelta(minutes=10)
STEP_RANGE = 1 << 24  # eight years of steps; what wraps around belongs to an occurrence closed long ago
_KINDS = {0x11: EventKind.IN, 0x12: EventKind.OUT}
_BYTES = {kind: byte for byte, kind in _KINDS.items()}
_VENUE = 0x13


@dataclass(frozen=True)
class Scan:
    """A rotating code whose MAC is right. ``age`` is how many steps ago the screen showed it."""

    occurrence_id: int
    screen_id: int
    kind: EventKind
    step: int
    age: int

    @property
    def is_late(self) -> bool:
        """Outside the window: the leader decides."""
        return not -NEWER <= self.age <= OLDER


@dataclass(frozen=True)
class Receipt:
    """A scan that one browser may finish within ten minutes."""

    id: str
    scan: Scan
    browser: str


def step_of(instant: dt.datetime) -> int:
    """The 15-second step of an instant."""
    return int(instant.timestamp()) // STEP_SECONDS % STEP_RANGE


def seconds_left(instant: dt.datetime) -> int:
    """Seconds until the screen shows the next code."""
    return STEP_SECONDS - int(instant.timestamp()) % STEP_SECONDS


def screen_key(occurrence_id: int, screen_id: int) -> bytes:
    """The key of one leader's screen at one occurrence; only that page is given it."""
    return tokens.derive("check-in-screen", str(occurrence_id), str(screen_id))


def rotating(occurrence_id: int, screen_id: int, kind: EventKind, instant: dt.datetime) -> str:
    """The code that this screen shows at ``instant``. ``static/js/check-in-screen.js`` computes the same."""
    head = (bytes([_BYTES[kind]]) + occurrence_id.to_bytes(4, "big") + screen_id.to_bytes(3, "big")
            + step_of(instant).to_bytes(3, "big"))
    return tokens.to_base32(head + tokens.mac(screen_key(occurrence_id, screen_id), head.hex()))


def read_rotating(text: str, instant: dt.datetime) -> Scan:
    """The scan that ``text`` stands for. Raises :class:`ForgedCode`."""
    raw = _raw(text, 21)
    head, kind = raw[:11], _KINDS.get(raw[0])
    occurrence_id, screen_id = int.from_bytes(head[1:5], "big"), int.from_bytes(head[5:8], "big")
    if kind is None or not tokens.same(raw[11:], tokens.mac(screen_key(occurrence_id, screen_id), head.hex())):
        raise ForgedCode
    step = int.from_bytes(head[8:11], "big")
    age = (step_of(instant) - step + STEP_RANGE // 2) % STEP_RANGE - STEP_RANGE // 2
    return Scan(occurrence_id, screen_id, kind, step, age)


def address(letter: str, token: str) -> str:
    """The code as an address in capitals, so that its QR stays alphanumeric and small."""
    return f"{current_app.config['BASE_URL']}/{letter}/{token}".upper()


def number(key: bytes, kind: EventKind, instant: dt.datetime) -> str:
    """The four digits that the same screen shows for a minute."""
    text = f"number:{kind}:{int(instant.timestamp()) // NUMBER_SECONDS}"
    return f"{int.from_bytes(tokens.mac(key, text)[:6], 'big') % 10_000:04d}"


def number_kind(key: bytes, typed: str, instant: dt.datetime) -> EventKind | None:
    """Whether ``typed`` is, or a minute ago was, the number for in or out."""
    found = None
    for back in (0, 1):
        at = instant - dt.timedelta(seconds=NUMBER_SECONDS * back)
        for kind in (EventKind.IN, EventKind.OUT):
            if tokens.same(number(key, kind, at).encode(), typed.encode()) and found is None:
                found = kind
    return found


def issue_receipt(scan: Scan, browser: str) -> tuple[str, str]:
    """A signed receipt of ``scan`` for one browser, and its id. Raises :class:`ForgedCode` for a nameless browser."""
    if not browser:
        raise ForgedCode  # a receipt of nobody's browser would be anybody's
    receipt_id = secrets.token_hex(12)
    until = int((clock.now() + RECEIPT_LIFE).timestamp())
    text = tokens.sign("activities.receipt", [
        receipt_id, scan.occurrence_id, scan.screen_id, scan.kind.value, scan.step, scan.age, until,
        browser_mark(browser)])
    return text, receipt_id


def read_receipt(text: str, browser: str) -> Receipt:
    """The receipt of this browser. Raises :class:`ForgedCode` and :class:`OldReceipt`."""
    try:
        value = tokens.unsign("activities.receipt", text)
    except BadToken:
        raise ForgedCode from None
    receipt_id, occurrence_id, screen_id, kind, step, age, until, mark = cast(list[Any], value)
    if not browser or not tokens.same(str(mark).encode(), browser_mark(browser).encode()):
        raise ForgedCode
    if clock.now().timestamp() > until:
        raise OldReceipt
    return Receipt(receipt_id, Scan(occurrence_id, screen_id, EventKind(kind), step, age), mark)


def browser_mark(browser: str) -> str:
    """A short mark of a browser's random cookie (or of a bearer token): enough to see one phone serve many people."""
    return tokens.digest("browser:" + browser)[:16]


def venue_code(venue_id: int, epoch: int) -> str:
    """The code on a venue's wall."""
    head = bytes([_VENUE]) + venue_id.to_bytes(4, "big") + epoch.to_bytes(2, "big")
    return tokens.to_base32(head + tokens.mac(tokens.derive("check-in-venue"), head.hex()))


def read_venue(text: str) -> tuple[int, int]:
    """Venue and epoch of a venue code. Raises :class:`ForgedCode`."""
    raw = _raw(text, 17)
    if raw[0] != _VENUE or not tokens.same(raw[7:], tokens.mac(tokens.derive("check-in-venue"), raw[:7].hex())):
        raise ForgedCode
    return int.from_bytes(raw[1:5], "big"), int.from_bytes(raw[5:7], "big")


def _raw(text: str, size: int) -> bytes:
    try:
        raw = tokens.from_base32(text) if text.isascii() else b""
    except BadToken:
        raise ForgedCode from None
    if len(raw) != size:
        raise ForgedCode
    return raw
