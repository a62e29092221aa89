"""The room's pages."""

from pointsbank.deductions import services
from pointsbank.deductions.pages.room import bp

__all__ = ["bp", "services"]
