"""How one-time codes are kept: keyed, so that a stolen table can't be tried out offline."""

from __future__ import annotations

from pointsbank.core import tokens


def code_hash(subject: str, code: str) -> str:
    """The keyed hash of a code for one phone or one sign-in."""
    return tokens.mac(tokens.derive("one-time code"), f"{subject}\x1f{code}").hex()
