"""The room's pages."""

from pointsbank.succession.pages import deciding, entering
from pointsbank.succession.pages.room import bp

__all__ = ["bp", "deciding", "entering"]
