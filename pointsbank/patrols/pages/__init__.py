"""Pages of rounds."""

from pointsbank.patrols.pages.room import bp

__all__ = ["bp"]
