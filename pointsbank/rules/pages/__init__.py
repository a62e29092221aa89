"""The pages of the rules: the standard for everybody, and the desk where the committee writes it."""

from pointsbank.rules.pages import adopting, desk, items, public
from pointsbank.rules.pages.room import bp

__all__ = ["adopting", "bp", "desk", "items", "public"]
