"""The pages of honours: one's own, the public board and the check of certificates, votes, and the desk's."""

from __future__ import annotations

from pointsbank.honours.pages import (
    awards,
    certificates,
    desk,
    ladders,
    mine,
    papers,
    people,
    public,
    votes,
    years,
)
from pointsbank.honours.pages.room import bp

__all__ = ["awards", "bp", "certificates", "desk", "ladders", "mine", "papers", "people", "public", "votes", "years"]
