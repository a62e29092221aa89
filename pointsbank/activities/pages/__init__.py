"""The room's pages: for residents (and whoever scans a code), for leaders, for the desk."""

from pointsbank.activities import wording
from pointsbank.core.web import Room

bp = Room("activities", __name__)
bp.context_processor(wording.values)

from pointsbank.activities.pages import desk, leading, picturing, residents, scanning, screen  # noqa: E402

__all__ = ["bp", "desk", "leading", "picturing", "residents", "scanning", "screen"]
