"""The room's pages."""

from pointsbank.deductions.pages import desk, mine
from pointsbank.deductions.pages.room import bp

__all__ = ["bp", "desk", "mine"]
