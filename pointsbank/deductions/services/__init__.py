"""What can be done with deductions: announce, answer, close, impose, appeal, decide the appeal."""

# Importing the triggers is what makes ``create_all`` install them.
from pointsbank.deductions import triggers
from pointsbank.deductions.services.announcing import Announcement, announce
from pointsbank.deductions.services.answering import answer, appeal
from pointsbank.deductions.services.appealing import decide_appeal
from pointsbank.deductions.services.deciding import confirm_rectified, drop, impose

__all__ = ["Announcement", "announce", "answer", "appeal", "confirm_rectified", "decide_appeal", "drop", "impose",
           "triggers"]
