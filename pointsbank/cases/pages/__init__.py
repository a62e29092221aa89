"""Pages of reports and cases: whoever reports, the office, the units, whoever inspects."""

from pointsbank.cases.pages import around, mine, reporting
from pointsbank.cases.pages.room import bp

__all__ = ["around", "bp", "mine", "reporting"]
