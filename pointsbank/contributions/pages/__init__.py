"""The pages of the funnel: a resident's deeds, the review desk, the month's list, objections, corrections, balances."""

from __future__ import annotations

from pointsbank.contributions.pages import correcting, deeds, listing, objecting, openings, reviewing
from pointsbank.contributions.pages.room import bp

__all__ = ["bp", "correcting", "deeds", "listing", "objecting", "openings", "reviewing"]
