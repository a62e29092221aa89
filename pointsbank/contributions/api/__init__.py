"""JSON routes of the funnel: deeds, reviews, notices, objections, corrections, requests for a review, sheets."""

from __future__ import annotations

from pointsbank.contributions.api import appeals, funnel, sheets
from pointsbank.contributions.api.room import api

__all__ = ["api", "appeals", "funnel", "sheets"]
