"""Pages of places: the desk, everybody of the community, whoever scans a tag."""

from pointsbank.places.pages import desk, residents, tags
from pointsbank.places.pages.room import bp

__all__ = ["bp", "desk", "residents", "tags"]
