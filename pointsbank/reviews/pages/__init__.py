"""Pages of reviews: the desk, papers and files, everybody."""

from pointsbank.reviews.pages import desk, papers, public
from pointsbank.reviews.pages.room import bp

__all__ = ["bp", "desk", "papers", "public"]
