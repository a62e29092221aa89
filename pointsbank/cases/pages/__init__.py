"""Pages of reports and cases: whoever reports, the office, the units, whoever inspects."""

from pointsbank.cases.pages import (
    around,
    desk,
    entering,
    inspecting,
    mine,
    reporting,
    setting_up,
    supervising,
    units,
    watching,
)
from pointsbank.cases.pages.room import bp

__all__ = ["around", "bp", "desk", "entering", "inspecting", "mine", "reporting", "setting_up", "supervising", "units",
           "watching"]
