"""Scoring standards with their rules and caps, what the caps have used up, and each community's first award."""

from pointsbank.rules.models.flags import FLAG_ALLOWED, FlagKind, FlagState, StandingFlag
from pointsbank.rules.models.items import RuleCap, ScoringRule, StandardCap
from pointsbank.rules.models.keeping import CapCounter, CommunityScoring
from pointsbank.rules.models.standards import ScoringStandard
from pointsbank.rules.models.words import (
    ALLOWED,
    ConditionKind,
    DayKind,
    DeedKind,
    Measure,
    Quantity,
    Receiver,
    Rounding,
    Shape,
    StandardState,
    Subject,
    Timing,
    WeightKind,
    Window,
)

__all__ = ["ALLOWED", "FLAG_ALLOWED", "CapCounter", "CommunityScoring", "ConditionKind", "DayKind", "DeedKind",
           "FlagKind", "FlagState", "Measure", "Quantity", "Receiver", "Rounding", "RuleCap", "ScoringRule",
           "ScoringStandard", "Shape", "StandardCap", "StandardState", "StandingFlag", "Subject", "Timing",
           "WeightKind", "Window"]
