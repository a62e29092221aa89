"""Passwords: hashed with argon2id, and judged by one of two named profiles.

``asvs``: twelve characters or more, none of the commonest passwords, no rotation. ``dengbao`` (等级保护): eight or
more of three classes, and staff change theirs every 90 days.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from pointsbank.core.errors import lazy
from pointsbank.people.errors import TooBusy, WeakPassword

# 19 MiB, two passes, one lane: OWASP's first choice for argon2id. Two at once bound the memory to 38 MiB a process.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_places = threading.BoundedSemaphore(2)
WAIT_SECONDS = 20
STAFF_DAYS = 90
LONGEST = 128
_COMMON = Path(__file__).parent / "common_passwords.txt"


class _Place:
    """One of the two places at the hasher."""

    def __enter__(self) -> None:
        if not _places.acquire(timeout=WAIT_SECONDS):
            raise TooBusy

    def __exit__(self, *_: object) -> None:
        _places.release()


def _plain(password: str) -> str:
    # The same characters must give the same bytes whatever keyboard composed them.
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """The hash to store. Takes a moment: call it before the write lock. Raises TooBusy."""
    with _Place():
        return _hasher.hash(_plain(password))


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("somebody who does not exist")


def matches(stored: str | None, password: str) -> bool:
    """The password fits the stored hash. Without a stored one it takes as long and is False. Raises TooBusy."""
    nobodys = _nobodys_hash()
    with _Place():
        try:
            _hasher.verify(stored or nobodys, _plain(password)[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


@cache
def _common() -> frozenset[str]:
    return frozenset(line.strip() for line in _COMMON.read_text(encoding="utf-8").splitlines() if line.strip())


def _is_pattern(clean: str) -> bool:
    """One block repeated, or a run along the digits, the alphabet or a row of keys."""
    if re.fullmatch(r"(.{1,4})\1+.{0,3}", clean):
        return True
    rows = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb")
    return any(clean in row or clean in row[::-1] for row in rows)


def _classes(password: str) -> int:
    kinds = (str.islower, str.isupper, str.isdigit)
    count = sum(any(test(c) for c in password) for test in kinds)
    return count + any(not c.isascii() or not c.isalnum() for c in password)


def profile() -> str:
    """``asvs`` or ``dengbao``."""
    return str(current_app.config.get("PASSWORD_PROFILE", "asvs"))


def check_strength(password: str, *own: str | None) -> None:
    """Raises WeakPassword unless the password meets the profile in force. ``own`` are the person's phone and names."""
    refused: Any = None
    clean = _plain(password).lower()
    least = 8 if profile() == "dengbao" else 12
    if len(password) < least:
        refused = WeakPassword(lazy("A password needs %(least)s characters or more. A short sentence is easy to keep "
                                    "in mind."), least=least)
    elif len(password) > LONGEST:
        refused = WeakPassword(lazy("A password has %(most)s characters at most."), most=LONGEST)
    elif profile() == "dengbao" and _classes(password) < 3:
        refused = WeakPassword(lazy("A password needs three of these four: small letters, capital letters, digits, "
                                    "other characters."))
    elif clean in _common() or _is_pattern(clean) or len(set(clean)) < 4:
        refused = WeakPassword(lazy("Many people use this password, so it is guessed first. Choose another one."))
    elif any(part and len(part) >= 3 and part.lower() in clean for part in own):
        refused = WeakPassword(lazy("A password must not contain your own name or number."))
    if refused is not None:
        refused.fields = {"password": refused.sentence}
        raise refused


def is_too_old(set_at: dt.datetime | None, now: dt.datetime, *, is_staff: bool) -> bool:
    """Profile ``dengbao``: a staff member's password is older than 90 days."""
    if profile() != "dengbao" or not is_staff or set_at is None:
        return False
    return now - set_at > dt.timedelta(days=STAFF_DAYS)
