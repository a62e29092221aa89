"""The room's pages."""

from pointsbank.succession.pages.room import bp

__all__ = ["bp"]
