"""Pages of reports and cases: whoever reports, the office, the units, whoever inspects."""

from pointsbank.cases.pages import desk, entering, inspecting, setting_up, supervising, units, watching
from pointsbank.cases.pages.room import bp

__all__ = ["bp", "desk", "entering", "inspecting", "setting_up", "supervising", "units", "watching"]
