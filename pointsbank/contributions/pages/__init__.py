"""The pages of the funnel: a resident's deeds, the review desk, the panel, the month's list, objections, requests for a
review, corrections, balances, trials of a standard."""

from __future__ import annotations

from pointsbank.contributions.pages import (
    appealing,
    chairing,
    correcting,
    deeds,
    listing,
    objecting,
    openings,
    relatives,
    reviewing,
    sharing,
    sheets,
    simulating,
    sittings,
)
from pointsbank.contributions.pages.room import bp

__all__ = ["appealing", "bp", "chairing", "correcting", "deeds", "listing", "objecting", "openings", "relatives",
           "reviewing", "sharing", "sheets", "simulating", "sittings"]
