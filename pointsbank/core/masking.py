"""The one mask for names on public lists, applied on the server."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """陈桂芳 -> 陈*芳, 张三 -> 张*, 欧阳小芳 -> 欧**芳; Latin words keep their first letter: J*** S****."""
    clean = name.strip()
    if clean.isascii():
        return " ".join(word[0] + "*" * max(len(word) - 1, 1) for word in clean.split())
    if len(clean) <= 2:
        return clean[:1] + "*"
    return clean[0] + "*" * (len(clean) - 2) + clean[-1]


def mask_phone(phone: str) -> str:
    """The last two digits only, for the person's own pages."""
    return "*" * max(len(phone) - 2, 0) + phone[-2:]
