"""The pages of the funnel: a resident's deeds, the review desk, the panel, the month's list, corrections, balances."""

from __future__ import annotations

from pointsbank.contributions.pages import (
    chairing,
    correcting,
    deeds,
    listing,
    openings,
    relatives,
    reviewing,
    simulating,
    sittings,
)
from pointsbank.contributions.pages.room import bp

__all__ = ["bp", "chairing", "correcting", "deeds", "listing", "openings", "relatives", "reviewing", "simulating",
           "sittings"]
