"""The pages of the rules: the standard for everybody, and the desk where the committee writes it."""

from pointsbank.rules.pages import adopting, caps, desk, flagging, items, public
from pointsbank.rules.pages.room import bp

__all__ = ["adopting", "bp", "caps", "desk", "flagging", "items", "public"]
