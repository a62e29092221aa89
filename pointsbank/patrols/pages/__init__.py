"""Pages of rounds: observers on a phone, the desk, paper, everybody."""

from pointsbank.patrols.pages import desk, mine, papers, public, routing, walking
from pointsbank.patrols.pages.room import bp

__all__ = ["bp", "desk", "mine", "papers", "public", "routing", "walking"]
